package cashback

import (
	"cmp"
	"container/heap"
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/zones"
	"github.com/payrules/payrules/money"
)

// due is what happens to an entry, or a waiting refund, at an instant by itself.
type due struct {
	at   int64 // in microseconds
	what dueKind
	id   string
}

type dueKind uint8

const (
	dueConfirm dueKind = iota
	dueExpire
	dueForget     // an entry
	dueForgetKept // a refund whose purchase never came
)

// dues is a heap of them, by instant. Some are no more what is so: see live.
type dues []due

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].compare(d[j]) < 0 }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(due)) }
func (d *dues) Pop() any {
	old := *d
	last := old[len(old)-1]
	*d = old[:len(old)-1]
	return last
}

func (d due) compare(e due) int {
	return cmp.Or(cmp.Compare(d.at, e.at), cmp.Compare(d.what, e.what), cmp.Compare(d.id, e.id))
}

// schedule notes what will happen by itself.
func (d *dues) schedule(what dueKind, id string, at time.Time) {
	heap.Push(d, due{at.UnixMicro(), what, id})
}

// live reports whether a due is still what will happen. The id may stand for another purchase or refund by now, which has its own time.
func (r *Rewards) live(d due) bool {
	e := r.entries[d.id]
	switch d.what {
	case dueConfirm:
		return e != nil && e.Status == StatusPending && e.Left > 0 && d.at == e.ConfirmAt.UnixMicro()
	case dueExpire:
		return e != nil && e.Status == StatusConfirmed && e.Left > 0 && d.at == e.ExpireAt.UnixMicro()
	case dueForget:
		return e != nil && d.at == e.RefundUntil.UnixMicro()
	case dueForgetKept:
		w, waits := r.waiting[d.id]
		return waits && d.at == w.until().UnixMicro()
	}
	return false
}

// tidy forgets what is due to be forgotten at the clock, and takes off what will not happen, so that the first due is the next that will.
func (r *Rewards) tidy() {
	for len(r.forgets) > 0 && r.forgets[0].at <= r.clock {
		if d := heap.Pop(&r.forgets).(due); r.live(d) {
			r.forget(d)
		}
	}
	for len(r.dues) > 0 && !r.live(r.dues[0]) {
		heap.Pop(&r.dues)
	}
}

// forget lets go what no refund will be taken of. What is not settled stays until it is.
func (r *Rewards) forget(d due) {
	if d.what == dueForgetKept {
		r.drop(d.id)
		return
	}
	e := r.entries[d.id]
	if !e.Status.settled() && e.Left > 0 {
		return // settle forgets it
	}
	for i := range e.Refunds {
		delete(r.refundOf, e.Refunds[i].ID)
	}
	delete(r.entries, d.id)
	delete(r.of(e.Status), d.id)
	r.oldest = max(r.oldest, e.Purchase.At.UnixMicro()+1)
}

// next returns what happens next by itself until an instant; nil if nothing does.
//
// Returns an error if this machine does not know the program's time zone.
func (t *trial) next(until int64) (event.Data, error) {
	if t.terms == nil {
		return nil, nil
	}
	now := money.FromUnixMicro(t.clock)
	if net := t.sums.confirmed + t.sums.payable - t.sums.debt; t.sums.confirmed > 0 && net >= max(t.terms.PayoutThreshold.Minor(), 1) {
		return BecamePayable{At: now, Amount: money.New(t.sums.confirmed, t.terms.Currency)}, nil
	}
	if len(t.dues) == 0 || t.dues[0].at > until { // the first one is live: see tidy
		return nil, nil
	}
	d := t.dues[0]
	at, e := money.FromUnixMicro(max(d.at, t.clock)), t.entries[d.id]
	if d.what == dueConfirm {
		return t.confirmation(e, at, ByDelay)
	}
	return Expired{At: at, Purchase: d.id, Amount: money.New(e.Left, t.terms.Currency)}, nil
}

// confirmation is the event that confirms an entry.
func (t *trial) confirmation(e *entry, at time.Time, by ConfirmedBy) (event.Data, error) {
	c := Confirmed{At: at, Purchase: e.Purchase.ID, Amount: money.New(e.Left, t.terms.Currency), By: by}
	if e.ExpiryMonths > 0 {
		if t.zone == nil {
			zone, err := zones.Load(t.terms.Zone)
			if err != nil {
				return nil, fmt.Errorf("cashback: time zone of the program: %w", err)
			}
			t.zone = zone
		}
		c.ExpireAt = dayOf(at, t.zone).AddMonths(e.ExpiryMonths).Start(t.zone).UTC()
	}
	return c, nil
}

// trial decides one thing after the other: what is decided first counts for what comes next, on a copy of the rewards.
type trial struct {
	*Rewards // as they are after what was decided; nothing may change them but emit
	at       time.Time
	decided  []event.Data
	copied   bool
	zone     *time.Location // of the terms, once it was asked for: to find one takes longer than to decide
}

// try begins a decision at an instant, with what is due by then. A decision is never made before what was done (the clocks of two hosts
// differ), so that what comes later in the journal is later.
func (r *Rewards) try(at time.Time) (*trial, error) {
	micros, err := checkAt("at", at)
	if err != nil {
		return nil, err
	}
	t := &trial{Rewards: r, at: money.FromUnixMicro(max(micros, r.clock))}
	for {
		e, err := t.next(t.at.UnixMicro())
		if e == nil || err != nil {
			return t, err
		}
		if err := t.emit(e); err != nil {
			return nil, err
		}
	}
}

// emit decides an event, and applies it to the copy.
func (t *trial) emit(e event.Data) error {
	t.copy()
	t.decided = append(t.decided, e)
	return t.apply(e)
}

func (t *trial) copy() {
	if !t.copied {
		t.Rewards, t.copied = t.clone(), true
	}
}

// forgetBy forgets what is due to be forgotten by the instant of the decision: rewards do that when something is done, and where there are as
// many as can be, nothing more would be.
func (t *trial) forgetBy() {
	if at := t.at.UnixMicro(); len(t.forgets) > 0 && t.forgets[0].at <= at {
		t.copy()
		t.clock = at
		t.tidy()
	}
}

// last decides the last event, which needs not be applied.
func (t *trial) last(e event.Data) ([]event.Data, error) { return append(t.decided, e), nil }

// refuse decides that a command is refused.
func (t *trial) refuse(command, id string, causes ...Cause) ([]event.Data, error) {
	return t.last(Refusal{Command: command, ID: id, At: t.at, Causes: causes})
}

// At returns the rewards as they stand at an instant, with all that is due by then; of one before the last that was done, as they stand.
// The rewards themselves do not change.
//
// Returns an error that wraps ErrInvalid if the instant is out of bounds, and another if this machine does not know the program's zone.
func (r *Rewards) At(at time.Time) (*Rewards, error) {
	t, err := r.try(at)
	if err != nil {
		return nil, err
	}
	if !t.copied {
		return r.clone(), nil
	}
	return t.Rewards, nil
}

// Due returns when the next thing happens by itself that is to be put on record: ask [Mature] then. Ok is false if nothing will.
func (r *Rewards) Due() (at time.Time, ok bool) {
	if e, err := (&trial{Rewards: r}).next(r.clock); e != nil || err != nil {
		return money.FromUnixMicro(r.clock), true
	}
	if len(r.dues) == 0 {
		return time.Time{}, false
	}
	return money.FromUnixMicro(r.dues[0].at), true
}
