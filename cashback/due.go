package cashback

import (
	"cmp"
	"container/heap"
	"time"

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
		return // move forgets it then
	}
	for i := range e.Refunds {
		delete(r.refundOf, e.Refunds[i].ID)
	}
	delete(r.entries, d.id)
	delete(r.of(e.Status), d.id)
	r.oldest = max(r.oldest, e.Purchase.At.UnixMicro()+1)
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
