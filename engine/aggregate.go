package engine

import (
	"container/list"
	"context"
	"encoding"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// aggregate is one aggregate in memory.
type aggregate struct {
	repo   *repository
	id     string
	stream string

	// Of the repository, under its mutex.
	users int
	place *list.Element // in recent

	// gen is counted up by the committer when something that was decided here failed. From then on the state
	// below is void, and so is whatever else was decided on it.
	gen atomic.Uint64

	lock chan struct{} // full while held; the fields below are of the holder

	loaded   bool
	stateGen uint64 // gen when the state was loaded
	state    State
	version  event.Version // of the state
	keys     keyTable
	inFlight []*pending    // decided here and perhaps not yet durable, in order; settled ones leave lazily
	snapshot event.Version // version of the latest snapshot
	weight   int           // its bytes
	fresh    int           // bytes of the events since
}

// acquireLock waits for the lock, or until ctx is done.
func (a *aggregate) acquireLock(ctx context.Context) error {
	select {
	case a.lock <- struct{}{}:
		return nil
	default:
	}
	select {
	case a.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("engine: waiting for %q: %w", a.stream, context.Cause(ctx))
	}
}

func (a *aggregate) releaseLock() { <-a.lock }

// refresh makes sure that the state is what the journal holds and, on top of it, what is on its way there.
// The lock is held.
func (a *aggregate) refresh(ctx context.Context) error {
	settled := 0
	for settled < len(a.inFlight) && a.inFlight[settled].isSettled() {
		settled++
	}
	if settled > 0 {
		n := copy(a.inFlight, a.inFlight[settled:])
		clear(a.inFlight[n:])
		a.inFlight = a.inFlight[:n]
	}
	gen := a.gen.Load()
	if a.loaded && a.stateGen == gen {
		return nil
	}
	a.loaded = false
	for _, p := range a.inFlight { // what may still be stored must be seen by the load
		select {
		case <-p.done:
		case <-ctx.Done():
			return waitingError(ctx)
		}
	}
	a.inFlight = nil
	if err := a.load(ctx); err != nil {
		return fmt.Errorf("engine: load %q: %w", a.stream, err)
	}
	a.loaded, a.stateGen = true, gen
	return nil
}

// confirm waits until the state is durable, and with more looks whether the journal has more. It returns errAgain if
// the state is not what the journal holds. The lock is held.
func (a *aggregate) confirm(ctx context.Context, more bool) error {
	if n := len(a.inFlight); n > 0 {
		last := a.inFlight[n-1] // if it is stored, so are those before it
		select {
		case <-last.done:
		case <-ctx.Done():
			return waitingError(ctx)
		}
		if last.err != nil {
			return errAgain
		}
	}
	if !more {
		return nil
	}
	for _, err := range a.repo.engine.journal.Stream(ctx, a.stream, a.version) {
		a.loaded = false
		if err != nil {
			return fmt.Errorf("engine: read %q: %w", a.stream, err)
		}
		return errAgain
	}
	return nil
}

// catchUp takes up what the journal has beyond the state. What is on its way there from here has to arrive first. The lock is
// held.
func (a *aggregate) catchUp(ctx context.Context) error {
	if err := a.confirm(ctx, false); err != nil {
		return err
	}
	a.loaded = false // until it is known that the journal goes on where the state ends
	found, err := a.replay(ctx, a.version)
	switch {
	case err != nil:
		return fmt.Errorf("engine: read %q: %w", a.stream, err)
	case !found:
		return errAgain
	}
	a.loaded = true
	return nil
}

// busy says whether something that was decided here is on its way. What was turned away is settled before what it was
// decided on, so each of them is asked.
func (a *aggregate) busy() bool {
	return slices.ContainsFunc(a.inFlight, func(p *pending) bool { return !p.isSettled() })
}

// load makes the state from the latest snapshot and the events since, or from all events.
func (a *aggregate) load(ctx context.Context) error {
	a.reset()
	if s, tried := a.loadSnapshot(ctx); tried {
		if s.Version > 0 {
			found, err := a.replay(ctx, s.Version)
			if err != nil || found {
				return err
			}
		}
		a.reset()
	}
	_, err := a.replay(ctx, 0)
	return err
}

func (a *aggregate) reset() {
	a.state, a.version, a.keys = a.repo.newState(a.id), 0, keyTable{}
	a.snapshot, a.weight, a.fresh = 0, 0, 0
}

// replay applies the events after version from, which the state has. Where from is not 0 it reads its record
// again, and returns false when the journal does not have it: a snapshot of what is not there is void.
func (a *aggregate) replay(ctx context.Context, from event.Version) (found bool, err error) {
	after := from
	if from > 0 {
		after--
	}
	for r, err := range a.repo.engine.journal.Stream(ctx, a.stream, after) {
		if err != nil {
			return false, err
		}
		after++
		if r.Version != after || r.Stream != a.stream {
			return false, &storage.CorruptError{Name: r.ID(), Reason: fmt.Sprintf("stands where version %d of %q should be", after, a.stream)}
		}
		if r.Version == from {
			continue
		}
		if err := a.take(r); err != nil {
			return false, err
		}
	}
	return after >= from, nil
}

// take applies one record.
func (a *aggregate) take(r event.Record) error {
	d, err := a.repo.codec.Decode(r.Event)
	if err != nil {
		return fmt.Errorf("record %s: %w", r.ID(), err)
	}
	if err := a.state.Apply(d); err != nil {
		return fmt.Errorf("record %s: apply: %w", r.ID(), err)
	}
	a.version = r.Version
	a.fresh += len(r.Data)
	if r.Key != "" {
		return a.keys.add(keyHash(r.Key), r.Version)
	}
	return nil
}

// advance applies what was just decided on the state, of so many bytes, under a key if it is the command's home.
func (a *aggregate) advance(data []event.Data, bytes int, key string) error {
	a.loaded = false // until all of it is applied
	for _, d := range data {
		if err := a.state.Apply(d); err != nil {
			return fmt.Errorf("engine: %q cannot apply %s that was decided on it: %w", a.stream, d.EventType(), err)
		}
	}
	if key != "" {
		if err := a.keys.add(keyHash(key), a.version+1); err != nil {
			return err
		}
	}
	a.version += event.Version(len(data))
	a.fresh += bytes
	a.loaded = true
	return nil
}

// snapshotSchema names the form of the snapshots: of the engine's part and of the state's.
func (a *aggregate) snapshotSchema() string { return "engine.1/" + a.repo.schema }

// makeSnapshot writes the state down if it is time to; ok is false if not. It may be saved once the state's
// last event is durable. It is time when there are as many new events as the options say, and as many bytes of them as the last
// snapshot had: so of a state that grows with its events, all snapshots together cost no more than the events do.
func (a *aggregate) makeSnapshot() (s storage.Snapshot, ok bool) {
	every := a.repo.opts.SnapshotEvery
	m, can := a.state.(encoding.BinaryMarshaler)
	if every < 0 || !can || a.repo.engine.snapshots == nil || a.version < a.snapshot+event.Version(every) || a.fresh < a.weight ||
		8*a.keys.n > storage.MaxBatchBytes {
		return storage.Snapshot{}, false
	}
	a.snapshot, a.fresh = a.version, 0 // also when it fails: the next try is as far away
	state, err := m.MarshalBinary()
	if err != nil {
		return storage.Snapshot{}, false
	}
	data := append(a.keys.appendTo(nil), state...)
	a.weight = len(data)
	if len(data) > storage.MaxBatchBytes {
		return storage.Snapshot{}, false
	}
	return storage.Snapshot{Stream: a.stream, Version: a.version, Schema: a.snapshotSchema(), Data: data}, true
}

// loadSnapshot makes the state, which is new, from the latest snapshot. It has tried if there is one, and succeeded if it gives
// its version. Whatever is wrong with it, the events have it all.
func (a *aggregate) loadSnapshot(ctx context.Context) (s storage.Snapshot, tried bool) {
	if a.repo.engine.snapshots == nil || a.repo.opts.SnapshotEvery < 0 {
		return s, false
	}
	u, can := a.state.(encoding.BinaryUnmarshaler)
	if !can {
		return s, false
	}
	found, ok, err := a.repo.engine.snapshots.LoadSnapshot(ctx, a.stream)
	if err != nil || !ok || found.Version == 0 || found.Schema != a.snapshotSchema() {
		return s, false
	}
	keys, state, ok := readKeyTable(found.Data, found.Version)
	if !ok || u.UnmarshalBinary(state) != nil {
		return s, true
	}
	a.keys, a.version, a.snapshot, a.weight = keys, found.Version, found.Version, len(found.Data)
	return found, true
}
