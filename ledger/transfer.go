package ledger

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Status says where a transfer is in its life.
type Status uint8

// The life of a transfer. A hold whose end has come is expired, whether that was recorded or not: see Transfer.Status.
const (
	Unknown  Status = iota // it was never posted or held; it may have been refused
	Posted                 // all of it was booked at once
	Held                   // it is reserved, in part perhaps booked
	Captured               // it was reserved, and booked in full or for less
	Voided                 // it was reserved, and what was left was given back
	Expired                // it was reserved, and what was left has ended by itself
	Reversed               // it was booked, and another transfer took it back
)

var statusNames = [...]string{"unknown", "posted", "held", "captured", "voided", "expired", "reversed"}

// Valid reports whether s is one of the constants.
func (s Status) Valid() bool { return s <= Reversed }

// String returns the name, as "posted"; "invalid" for any other value.
func (s Status) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return statusNames[s]
}

// MarshalText returns what String returns. It returns an error that wraps ErrInvalid for Unknown, and if s is not valid.
func (s Status) MarshalText() ([]byte, error) { return marshalName(statusNames[:], s, "status") }

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (s *Status) UnmarshalText(text []byte) error {
	return unmarshalName(statusNames[:], s, text, "status")
}

// Transfer is the state of one transfer: what it is about, and what became of it. It lives in a stream of its own, so that its
// id is unique in the whole ledger and nothing of it happens twice, however long ago it was. Make it with [NewTransfer] and let
// it [Transfer.Apply] its events.
//
// It is for one goroutine at a time. Only Apply changes it.
type Transfer struct {
	id         string
	status     Status
	clock      int64 // of the latest event, in microseconds
	at         int64 // when it was posted or held
	value      civil.Date
	ends       int64 // of a hold
	legs       []Leg // as posted or held
	left       []int64
	booked     []int64 // of each leg, in minor units
	details    Details
	rate       money.Rate
	forced     bool
	held       bool
	interest   string // the account whose interest it is
	reverses   string
	reversedBy string
	captures   []capture
}

// capture is what was captured of a hold at once.
type capture struct {
	id    string
	taken []int64 // of each leg
	keep  bool
	value civil.Date
}

// NewTransfer returns a transfer of which nothing is known.
func NewTransfer(id string) *Transfer { return &Transfer{id: id, ends: never} }

// ID returns the transfer's id.
func (t *Transfer) ID() string { return t.id }

// Status returns where the transfer is at an instant, or at its latest event if that is later.
func (t *Transfer) Status(at time.Time) Status {
	m, err := money.UnixMicro(at)
	if err != nil {
		m = t.clock
	}
	return t.statusAt(max(m, t.clock))
}

func (t *Transfer) statusAt(at int64) Status {
	if t.status == Held && t.ends <= at {
		return Expired
	}
	return t.status
}

// At returns when the transfer was posted or held; the zero time if it never was.
func (t *Transfer) At() time.Time {
	if t.status == Unknown {
		return time.Time{}
	}
	return money.FromUnixMicro(t.at)
}

// Value returns the transfer's value date.
func (t *Transfer) Value() civil.Date { return t.value }

// Expires returns when a hold ends by itself; the zero time if never.
func (t *Transfer) Expires() time.Time { return timeOfEnd(t.ends) }

// Legs returns the legs as they were posted or held.
func (t *Transfer) Legs() []Leg { return slices.Clone(t.legs) }

// Booked returns what the legs have moved so far. Of a hold that is what was captured.
func (t *Transfer) Booked() []Leg { return t.legsOf(t.booked) }

// Left returns what a hold may still capture, if it has not ended.
func (t *Transfer) Left() []Leg { return t.legsOf(t.left) }

// Details returns what the transfer says to people and to other systems.
func (t *Transfer) Details() Details { return t.details }

// Reverses returns the id of the transfer that this one takes back; "" if it takes none.
func (t *Transfer) Reverses() string { return t.reverses }

// ReversedBy returns the id of the transfer that took this one back; "" if none did.
func (t *Transfer) ReversedBy() string { return t.reversedBy }

// Clone returns a copy that changes apart from t.
func (t *Transfer) Clone() *Transfer {
	c := *t
	c.left, c.booked, c.captures = slices.Clone(t.left), slices.Clone(t.booked), slices.Clone(t.captures)
	return &c
}

// bookedValue returns the value date of what is booked: the latest one, where a hold was captured with several.
func (t *Transfer) bookedValue() (latest civil.Date) {
	if !t.held {
		return t.value
	}
	for i := range t.captures {
		latest = max(latest, t.captures[i].value)
	}
	return latest
}

// legsOf returns the legs with other amounts, without those of nothing.
func (t *Transfer) legsOf(minor []int64) []Leg {
	var out []Leg
	for i, l := range t.legs {
		if minor[i] != 0 {
			out = append(out, Leg{l.Account, l.Side, money.New(minor[i], l.Amount.Currency())})
		}
	}
	return out
}

// Apply takes up the next event of the transfer's stream. After an error the transfer is as it was.
//
// Returns an error that wraps ErrCorrupt if the event is not one of a transfer's, or contradicts what the transfer knows.
func (t *Transfer) Apply(d event.Data) error {
	if err := t.apply(d); err != nil {
		return fmt.Errorf("%w: transfer %q: %s: %w", ErrCorrupt, t.id, d.EventType(), err)
	}
	return nil
}

func (t *Transfer) apply(d event.Data) error {
	switch e := d.(type) {
	case TransferPosted:
		return t.begin(Posted, e.At, e.Value, e.Legs, func() {
			t.booked, t.left = minors(e.Legs), make([]int64, len(e.Legs))
			t.details, t.rate, t.reverses, t.forced = e.Details, e.Rate, e.Reverses, e.Forced
		})
	case InterestDecided:
		if t.status != Unknown || t.interest != "" || e.Account == "" {
			return fmt.Errorf("it is %s", t.status)
		}
		t.interest = e.Account
		return nil
	case TransferHeld:
		return t.begin(Held, e.At, e.Value, e.Legs, func() {
			t.left, t.booked = minors(e.Legs), make([]int64, len(e.Legs))
			t.details, t.rate, t.ends, t.forced, t.held = e.Details, e.Rate, endOf(e.Expires), e.Forced, true
		})
	case TransferCaptured:
		return t.applyCaptured(&e)
	case TransferVoided:
		return t.move(e.At, Held, Voided)
	case TransferExpired:
		return t.move(e.At, Held, Expired)
	case TransferReversed:
		if len(t.Booked()) == 0 || t.status == Reversed || t.status == Held && t.ends > endOf(e.At) {
			return fmt.Errorf("it is %s", t.status)
		}
		if err := t.move(e.At, t.status, Reversed); err != nil {
			return err
		}
		t.reversedBy = e.By
		return nil
	case Refusal:
		return nil
	}
	return fmt.Errorf("not an event of a transfer")
}

// begin is the first event of a transfer's life.
func (t *Transfer) begin(to Status, at time.Time, value civil.Date, legs []Leg, rest func()) error {
	if err := checkLegs(legs); err != nil {
		return err
	}
	if !value.Valid() {
		return fmt.Errorf("value: no date")
	}
	if err := t.move(at, Unknown, to); err != nil {
		return err
	}
	t.at, t.value, t.legs = t.clock, value, slices.Clone(legs) // a command's legs are its caller's
	rest()
	return nil
}

// move goes on to another status.
func (t *Transfer) move(at time.Time, from, to Status) error {
	micros, err := money.UnixMicro(at)
	if err != nil {
		return fmt.Errorf("at: %w", err)
	}
	if t.status != from {
		return fmt.Errorf("it is %s", t.status)
	}
	t.status, t.clock = to, max(t.clock, micros)
	return nil
}

func (t *Transfer) applyCaptured(e *TransferCaptured) error {
	taken, ok := t.match(e.Legs)
	if !ok {
		return fmt.Errorf("legs: more than is held, or of other accounts")
	}
	if err := t.move(e.At, Held, Held); err != nil {
		return err
	}
	rest := false
	for i := range taken {
		t.booked[i], t.left[i] = t.booked[i]+taken[i], t.left[i]-taken[i]
		if !e.Keep {
			t.left[i] = 0
		}
		rest = rest || t.left[i] > 0
	}
	t.captures = append(t.captures, capture{e.ID, taken, e.Keep, e.Value})
	if !rest {
		t.status = Captured
	}
	return nil
}

// match finds for each leg of a capture the leg of the hold that it takes from; ok is false where there is none with enough
// left. Legs of one account and side are taken in their order.
func (t *Transfer) match(legs []Leg) (taken []int64, ok bool) {
	taken = make([]int64, len(t.legs))
	for _, l := range legs {
		rest := l.Amount.Minor()
		for i := range t.legs {
			h := &t.legs[i]
			if h.Account != l.Account || h.Side != l.Side || h.Amount.Currency() != l.Amount.Currency() {
				continue
			}
			n := min(rest, t.left[i]-taken[i])
			taken[i], rest = taken[i]+n, rest-n
		}
		if rest > 0 {
			return nil, false
		}
	}
	return taken, true
}

func minors(legs []Leg) []int64 {
	out := make([]int64, len(legs))
	for i := range legs {
		out[i] = legs[i].Amount.Minor()
	}
	return out
}
