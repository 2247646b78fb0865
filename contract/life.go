package contract

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// life is what contracts and mandates have in common: a timeline, and how far it has come.
type life struct {
	id       string
	version  event.Version // how many events it has applied
	revision uint64        // how many changes were done
	clock    int64         // when the latest was recorded, in microseconds
	line     timeline
}

// Order is what most commands say.
type Order struct {
	_ struct{} // disallow positional literals

	At            time.Time `json:"at"`                      // when it is recorded
	EffectiveFrom time.Time `json:"effective_from,omitzero"` // left out: at once, or where it all begins if that is later
	Why           string    `json:"why,omitempty"`           // for the record; at most MaxWhy characters
}

// stamp returns the stamp of what the order would do.
func (l *life) stamp(o Order) (Stamp, error) {
	at, err := checkAt("at", o.At)
	if err != nil {
		return Stamp{}, err
	}
	if err := checkText("why", o.Why, MaxWhy); err != nil {
		return Stamp{}, err
	}
	at = max(at, l.clock)
	from := max(at, l.line.start)
	if !o.EffectiveFrom.IsZero() {
		if from, err = checkAt("effective_from", o.EffectiveFrom); err != nil {
			return Stamp{}, err
		}
	}
	return Stamp{Revision: l.revision + 1, At: money.FromUnixMicro(at), From: money.FromUnixMicro(from), Why: o.Why}, nil
}

// decide decides a change: ask makes the event of it, or says why not.
func (l *life) decide(command string, o Order, ask func(Stamp) (fact, refusal, error)) ([]event.Data, error) {
	s, err := l.stamp(o)
	if err != nil {
		return nil, err
	}
	if l.revision == 0 {
		return refused(command, s, refuse(NotFound)), nil
	}
	f, r, err := ask(s)
	if err != nil {
		return nil, err
	}
	if r = first(r, l.judge(f)); r.reason != "" {
		return refused(command, s, r), nil
	}
	return []event.Data{f}, nil
}

func refused(command string, s Stamp, r refusal) []event.Data {
	return []event.Data{r.event(command, s)}
}

// plain decides a change that says no more than when.
func (l *life) plain(command string, o Order, event func(Stamp) fact) ([]event.Data, error) {
	return l.decide(command, o, func(s Stamp) (fact, refusal, error) { return event(s), refusal{}, nil })
}

// withdraw decides to take back a change that is not in force yet.
func (l *life) withdraw(o Order, change uint64) ([]event.Data, error) {
	s, err := l.stamp(o)
	if err != nil {
		return nil, err
	}
	s.From = s.At
	r := refusal{change: change}
	switch e := l.line.find(change); {
	case l.revision == 0:
		r = refuse(NotFound)
	case e == nil:
		r.reason = UnknownChange
	case e.withdrawn != 0:
		r.reason, r.change = AlreadyWithdrawn, e.withdrawn
	case e.from <= s.At.UnixMicro():
		r.reason = AlreadyInForce
	default:
		shorter := l.line.without(change, s.Revision)
		if r = shorter.judge(0); r.reason == "" {
			return []event.Data{ChangeWithdrawal{Stamp: s, Change: change}}, nil
		}
	}
	return refused("withdraw", s, r), nil
}

// entryOf returns a fact as it stands on the timeline.
func entryOf(f fact) entry {
	s := f.stamp()
	e := entry{fact: f, kind: f.change(), seq: s.Revision, at: s.At.UnixMicro(), from: s.From.UnixMicro()}
	switch f := f.(type) {
	case ContractAmendment:
		e.end = f.end()
	case MandateSignature:
		e.end = f.Expires.UnixMicro()
	}
	return e
}

// judge says why a fact cannot stand where it would.
func (l *life) judge(f fact) refusal {
	e := entryOf(f)
	var early, many refusal
	if e.from < l.line.start {
		early = refusal{reason: BeforeStart, bound: l.line.start}
	}
	if l.line.full(&e, e.at) {
		many.reason = TooManyChanges
	}
	longer := l.line.with(e)
	return first(early, many, longer.judge(e.seq))
}

// check returns an error if the stamp of an event is not that of the next change.
func (l *life) check(s Stamp) error {
	switch {
	case s.Revision != l.revision+1:
		return fmt.Errorf("revision: %d, after %d", s.Revision, l.revision)
	case !isCanonical(s.At) || !isCanonical(s.From):
		return fmt.Errorf("at, from: want instants from 1970 on, in UTC and whole microseconds")
	case s.At.UnixMicro() < l.clock:
		return fmt.Errorf("at: the clock goes back")
	}
	return checkText("why", s.Why, MaxWhy)
}

// done counts one more change.
func (l *life) done(s Stamp) {
	l.revision, l.clock = s.Revision, s.At.UnixMicro()
}

// applyFact puts a change on the timeline.
func (l *life) applyFact(f fact) error {
	if err := l.check(f.stamp()); err != nil {
		return err
	}
	if r := l.judge(f); r.reason != "" {
		return fmt.Errorf("it cannot stand there: %s", r.reason)
	}
	l.line = l.line.with(entryOf(f))
	l.done(f.stamp())
	return nil
}

// applyWithdrawal takes a change off the timeline.
func (l *life) applyWithdrawal(w ChangeWithdrawal) error {
	if err := l.check(w.Stamp); err != nil {
		return err
	}
	e := l.line.find(w.Change)
	if e == nil || e.withdrawn != 0 || e.from <= w.At.UnixMicro() {
		return fmt.Errorf("change: %d is none that can be withdrawn", w.Change)
	}
	shorter := l.line.without(w.Change, w.Revision)
	if r := shorter.judge(0); r.reason != "" {
		return fmt.Errorf("change: without %d, %d cannot stand", w.Change, r.change)
	}
	l.line = shorter
	l.done(w.Stamp)
	return nil
}

// Change is a change of a contract or a mandate, as it stands on record for ever.
type Change struct {
	Stamp
	Event      event.Data // that recorded it
	Withdrawn  uint64     // the revision that took it back before it was in force; 0: none did
	Superseded uint64     // the revision of what ended the contract, or the mandate, before it was in force; 0: none did
}

// Counts reports whether the change is, or will be, in force.
func (c *Change) Counts() bool { return c.Withdrawn == 0 && c.Superseded == 0 }

// changes returns the changes in the order in which they take effect.
func (l *life) changes() []Change {
	ended := l.line.last().by
	out := make([]Change, 0, len(l.line.entries))
	after := false
	for i := range l.line.entries {
		e := &l.line.entries[i]
		c := Change{Stamp: e.fact.stamp(), Event: e.fact, Withdrawn: e.withdrawn}
		if after && e.withdrawn == 0 {
			c.Superseded = ended
		}
		after = after || e.seq == ended
		out = append(out, c)
	}
	return out
}
