package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// errAgain is how a caller is told to load its aggregates anew and decide again: what it was decided on is not,
// or may not be, what the journal holds.
var errAgain = fmt.Errorf("engine: decide again: %w", storage.ErrConflict)

// pending is a command that has been decided and is on its way to the journal.
type pending struct {
	batch   storage.Batch
	bytes   int
	decided []decision // what it decided, for those who ask with the same key meanwhile
	basis   []basis    // what it was decided on

	state   atomic.Uint32 // waiting, abandoned or settled
	done    chan struct{} // closed when settled; err and receipt stand from then on
	err     error
	receipt storage.Receipt

	// What the slices above begin with, so that a command over one aggregate is one piece of memory.
	writes [1]storage.Write
	events [1]event.Event
	decide [1]decision
	base   [1]basis
}

// A pending is waited for until the committer settles it, or abandons its slot to the committer when its
// caller's context is done first.
const (
	waiting uint32 = iota
	abandoned
	settled
)

// decision is what a command decided for one stream.
type decision struct {
	stream string
	data   []event.Data
}

// basis is an aggregate, and the generation of its state that a command was decided on.
type basis struct {
	agg *aggregate
	gen uint64
}

// enqueue hands p to the committer. The locks of its aggregates are held, so that the queue has the order of
// the decisions.
func (e *Engine) enqueue(p *pending) {
	e.mu.Lock()
	e.queue = append(e.queue, p)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// commit is the engine's goroutine: it appends what is queued, one call of Append at a time. One at a time is
// what makes law J4 of storage enough: what was decided on top of a batch stands in the same call, or comes
// after its fate is known.
func (e *Engine) commit() {
	defer close(e.stopped)
	var queue, spare []*pending
	var batches []storage.Batch
	for open := true; open; {
		_, open = <-e.wake
		for {
			e.mu.Lock()
			queue, e.queue = e.queue, spare[:0]
			e.mu.Unlock()
			if len(queue) == 0 {
				spare = queue
				break
			}
			for rest := queue; len(rest) > 0; {
				rest = e.commitGroup(rest, &batches)
			}
			clear(queue)
			spare = queue
		}
	}
}

// commitGroup appends as many of the queued commands as may share a commit, settles them, and returns the
// rest.
func (e *Engine) commitGroup(queue []*pending, scratch *[]storage.Batch) (rest []*pending) {
	n, bytes := 0, 0
	for n < len(queue) && n < e.opts.MaxGroup && (n == 0 || bytes+queue[n].bytes <= groupBytes) {
		bytes += queue[n].bytes
		n++
	}
	group := queue[:0]
	batches := (*scratch)[:0]
	for _, p := range queue[:n] {
		if p.stale() {
			p.spoil() // its other aggregates, too: what comes after may rest on them
			e.settle(p, errAgain)
			continue
		}
		group = append(group, p)
		batches = append(batches, p.batch)
	}
	if len(group) > 0 {
		receipts, err := e.journal.Append(context.Background(), batches...)
		if err == nil && len(receipts) != len(group) {
			err = fmt.Errorf("%w: journal gave %d receipts for %d batches", storage.ErrUnknownOutcome, len(receipts), len(group))
		}
		e.settleGroup(group, receipts, err)
	}
	clear(batches)
	*scratch = batches
	return queue[n:]
}

// settleGroup answers the commands of one append. Those that failed spoil what they were decided on first, so
// that nobody who hears of it can decide on it again.
func (e *Engine) settleGroup(group []*pending, receipts []storage.Receipt, err error) {
	for i, p := range group {
		if err != nil || receipts[i].Err != nil {
			p.spoil()
		}
	}
	for i, p := range group {
		switch {
		case errors.Is(err, storage.ErrUnknownOutcome):
			e.settle(p, fmt.Errorf("engine: append: %w", err))
		case err != nil:
			e.settle(p, fmt.Errorf("engine: append: nothing is stored: %w", err))
		case receipts[i].Err != nil:
			e.settle(p, fmt.Errorf("engine: append: %w", receipts[i].Err))
		default:
			p.receipt = receipts[i]
			e.settle(p, nil)
		}
	}
}

// settle answers p. It gives back the slot of a caller who has left.
func (e *Engine) settle(p *pending, err error) {
	p.err = err
	left := !p.state.CompareAndSwap(waiting, settled)
	close(p.done)
	if left {
		e.leave()
	}
}

// stale says whether something that p was decided on has failed since.
func (p *pending) stale() bool {
	for _, b := range p.basis {
		if b.agg.gen.Load() != b.gen {
			return true
		}
	}
	return false
}

// spoil starts a new generation of the aggregates that p was decided on, unless that has happened already.
func (p *pending) spoil() {
	for _, b := range p.basis {
		b.agg.gen.CompareAndSwap(b.gen, b.gen+1)
	}
}

// isSettled says whether the fate of p is known; it does not wait.
func (p *pending) isSettled() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
