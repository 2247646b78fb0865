package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/strictjson"
)

// Schema names the form of an account's snapshot.
const Schema = "ledger.1"

// snapshot is the form of an account in MarshalBinary: JSON, so that an operator can read it.
type snapshot struct {
	ID       string        `json:"id"`
	Version  event.Version `json:"version"`
	Opened   bool          `json:"opened"`
	Closed   bool          `json:"closed,omitempty"`
	Terms    *Terms        `json:"terms,omitempty"`
	Block    Block         `json:"block,omitzero"`
	Clock    int64         `json:"clock"`
	Balance  int64         `json:"balance"`
	Holds    []holdJSON    `json:"holds,omitempty"`
	Through  civil.Date    `json:"through,omitzero"`
	Opening  int64         `json:"opening"`
	Days     []dayJSON     `json:"days,omitempty"`
	Archived event.Version `json:"archived,omitempty"`
	Sum      Sum           `json:"sum,omitzero"`
	Interest *savings      `json:"interest,omitempty"`
}

type holdJSON struct {
	Transfer string `json:"transfer"`
	Expires  int64  `json:"expires"`
	Out      int64  `json:"out,omitempty"`
	In       int64  `json:"in,omitempty"`
}

type dayJSON struct {
	Date  civil.Date    `json:"date"`
	Net   int64         `json:"net"`
	First event.Version `json:"first"`
}

// MarshalBinary returns the account as UnmarshalBinary reads it: a cache of its events, whose form may change with any version
// of the library.
func (a *Account) MarshalBinary() ([]byte, error) {
	s := snapshot{
		ID: a.id, Version: a.version, Opened: a.opened, Closed: a.closed, Block: a.block, Clock: a.clock, Balance: a.balance,
		Through: a.through, Opening: a.opening, Archived: a.archived, Sum: a.sum, Interest: a.interest,
	}
	if a.opened {
		s.Terms = &a.terms
	}
	for _, h := range a.holds {
		s.Holds = append(s.Holds, holdJSON{h.transfer, h.ends, h.out, h.in})
	}
	for _, d := range a.days {
		s.Days = append(s.Days, dayJSON{d.date, d.net, d.first})
	}
	return json.Marshal(s)
}

// UnmarshalBinary makes the account what MarshalBinary wrote. After an error it is as it was.
//
// Returns an error that wraps ErrCorrupt if data is not of that form, is of another account, or contradicts itself.
func (a *Account) UnmarshalBinary(data []byte) error {
	var s snapshot
	if err := strictjson.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("%w: snapshot: %w", ErrCorrupt, err)
	}
	b := Account{
		id: s.ID, version: s.Version, opened: s.Opened, closed: s.Closed, block: s.Block, clock: s.Clock, balance: s.Balance,
		through: s.Through, opening: s.Opening, archived: s.Archived, sum: s.Sum, interest: s.Interest,
	}
	if s.Terms != nil {
		b.terms = *s.Terms
	}
	for _, h := range s.Holds {
		b.holds = append(b.holds, hold{h.Transfer, h.Expires, h.Out, h.In})
	}
	for _, d := range s.Days {
		b.days = append(b.days, day{d.Date, d.Net, d.First})
	}
	if err := b.check(); err != nil {
		return fmt.Errorf("%w: snapshot of account %q: %w", ErrCorrupt, s.ID, err)
	}
	if s.ID != a.id {
		return fmt.Errorf("%w: snapshot of account %q, not %q", ErrCorrupt, s.ID, a.id)
	}
	*a = b
	return nil
}

// check returns an error if the state contradicts itself. It also adds up what is held.
func (a *Account) check() error {
	if a.opened {
		if err := a.terms.validate(); err != nil {
			return err
		}
	}
	inRange := a.terms.Unconstrained || a.balance <= MaxBalance && a.balance >= -MaxBalance
	if a.clock < 0 || !inRange || a.archived > a.version || !a.block.Valid() {
		return fmt.Errorf("a figure is out of range")
	}
	if s := a.interest; s != nil && (s.Terms == nil || s.Terms.Currency() != a.terms.Currency || !s.From.Valid() || s.Start <= a.through) {
		return fmt.Errorf("its interest is not of the account")
	}
	sum := a.opening
	for i, d := range a.days {
		if d.date <= a.through || i > 0 && d.date <= a.days[i-1].date || d.first == 0 || d.first > a.version {
			return fmt.Errorf("its days are not in order")
		}
		sum += d.net
	}
	if sum != a.balance {
		return fmt.Errorf("its days do not sum to its balance")
	}
	a.out, a.in = 0, 0
	for i, h := range a.holds {
		out, outFits := addChecked(a.out, h.out)
		in, inFits := addChecked(a.in, h.in)
		switch {
		case h.ends <= a.clock || h.out < 0 || h.in < 0 || h.out == 0 && h.in == 0:
			return fmt.Errorf("a hold is out of range")
		case a.terms.Unconstrained:
			out, in = a.out+h.out, a.in+h.in
		case !outFits || !inFits:
			return fmt.Errorf("its holds are out of range")
		case i > 0 && a.holds[i-1].compare(h.ends, h.transfer) >= 0:
			return fmt.Errorf("its holds are not in order")
		}
		a.out, a.in = out, in
	}
	return nil
}
