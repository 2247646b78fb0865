package cashback

import (
	"fmt"
	"maps"
	"slices"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/internal/packed"
)

// Schema names the form of a snapshot of Rewards. It changes whenever the form does.
const Schema = "cashback.2"

// snapshot is the form of rewards in MarshalBinary: see package packed.
type snapshot struct {
	ID      string          `json:"id"`
	Clock   int64           `json:"clock"`
	Terms   *TermsTaken     `json:"terms,omitempty"`
	Meters  map[string]kept `json:"meters,omitempty"`
	Earned  uint64          `json:"earned"`
	Oldest  int64           `json:"oldest,omitempty"`
	Entries []*entry        `json:"entries,omitempty"` // in the order in which they were earned
	Waiting []RefundKept    `json:"waiting,omitempty"`
	Paid    []PaidOut       `json:"paid,omitempty"` // in order
	Sums    []int64         `json:"sums"`
}

// kept is the form of a meter.
type kept struct {
	First *cap.Policy `json:"first,omitempty"` // if others were set since
	State []byte      `json:"state"`
}

// MarshalBinary returns the rewards as UnmarshalBinary reads them: a cache of their events, whose form may change with any version of
// the library. It costs O(n) for n purchases that are remembered.
func (r *Rewards) MarshalBinary() ([]byte, error) {
	s := snapshot{ID: r.id, Clock: r.clock, Terms: r.terms, Earned: r.earned, Oldest: r.oldest, Entries: r.inOrder()}
	for id, m := range r.meters {
		data, err := m.MarshalBinary()
		if err != nil {
			return nil, err
		}
		if s.Meters == nil {
			s.Meters = map[string]kept{}
		}
		k := kept{State: data}
		if !m.first.Equal(m.Policy()) {
			k.First = m.first
		}
		s.Meters[id] = k
	}
	for _, id := range slices.Sorted(maps.Keys(r.waiting)) {
		s.Waiting = append(s.Waiting, r.waiting[id])
	}
	for _, id := range r.payouts {
		s.Paid = append(s.Paid, r.paid[id])
	}
	for _, sum := range r.sums.fields() {
		s.Sums = append(s.Sums, *sum)
	}
	return packed.Marshal(s)
}

// UnmarshalBinary makes the rewards what MarshalBinary wrote. After an error they are as they were.
//
// Returns an error that wraps ErrCorrupt if data is not of that form, is of other rewards, or contradicts itself.
func (r *Rewards) UnmarshalBinary(data []byte) error {
	restored, err := readSnapshot(r.id, data)
	if err != nil {
		return fmt.Errorf("%w: snapshot of rewards %q: %w", ErrCorrupt, r.id, err)
	}
	*r = *restored
	return nil
}

func readSnapshot(id string, data []byte) (*Rewards, error) {
	var s snapshot
	if err := packed.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	r := NewRewards(id)
	if s.ID != id || s.Clock < 0 || s.Oldest < 0 || len(s.Sums) != len(r.sums.fields()) || len(s.Entries) > 0 && s.Terms == nil {
		return nil, fmt.Errorf("it is of %q, or of another form", s.ID)
	}
	r.clock, r.earned, r.oldest = s.Clock, s.Earned, s.Oldest
	for i, sum := range r.sums.fields() {
		*sum = s.Sums[i]
	}
	if err := r.restoreTerms(&s); err != nil {
		return nil, err
	}
	for _, e := range s.Entries {
		if err := r.restore(e); err != nil {
			return nil, err
		}
	}
	for _, w := range s.Waiting {
		r.keep(w)
	}
	for _, p := range s.Paid {
		r.paid[p.ID] = p
		r.payouts = append(r.payouts, p.ID)
	}
	if len(r.paid) != len(r.payouts) || len(r.paid) > MaxPayouts || len(r.waiting) > MaxWaiting {
		return nil, fmt.Errorf("payouts or refunds are there twice, or too many")
	}
	r.tidy()
	return r, nil
}

func (r *Rewards) restoreTerms(s *snapshot) error {
	if s.Terms == nil {
		return nil
	}
	if err := r.applyTerms(*s.Terms); err != nil {
		return err
	}
	if len(s.Meters) != len(r.meters) {
		return fmt.Errorf("it has %d meters for %d caps", len(s.Meters), len(r.meters))
	}
	for _, c := range s.Terms.Caps {
		k := s.Meters[c.ID]
		if k.First == nil {
			k.First = c.Policy
		}
		m := meter{cap.NewMeter(k.First), k.First}
		if err := m.UnmarshalBinary(k.State); err != nil {
			return err
		}
		if !m.Policy().Equal(c.Policy) {
			return fmt.Errorf("cap %q is under another policy than the program's", c.ID)
		}
		r.meters[c.ID] = m
	}
	return nil
}

// restore takes an entry of a snapshot.
func (r *Rewards) restore(e *entry) error {
	if e == nil || e.Purchase.ID == "" || r.entries[e.Purchase.ID] != nil || len(e.Due) != len(e.Lines) || len(e.Clawed) != len(e.Lines) || !e.addsUp() {
		return fmt.Errorf("an entry is there twice, or not whole")
	}
	for i := range e.Lines {
		if granted := e.Lines[i].Granted.Minor(); min(e.Due[i], e.Clawed[i]) < 0 || max(e.Due[i], e.Clawed[i]) > granted {
			return fmt.Errorf("more is taken back of rule %q than it has given", e.Lines[i].Rule)
		}
	}
	id := e.Purchase.ID
	r.entries[id] = e
	if standing := r.of(e.Status); standing != nil {
		standing[id] = true
	}
	for i := range e.Refunds {
		r.refundOf[e.Refunds[i].ID] = id
	}
	if !e.ConfirmAt.IsZero() && e.Status == StatusPending {
		r.dues.schedule(dueConfirm, id, e.ConfirmAt)
	}
	if !e.ExpireAt.IsZero() && e.Status == StatusConfirmed {
		r.dues.schedule(dueExpire, id, e.ExpireAt)
	}
	r.forgets.schedule(dueForget, id, e.RefundUntil)
	return nil
}
