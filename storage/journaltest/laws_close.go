package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payrules/payrules/storage"
)

// closed: after Close every method says ErrClosed, Close itself nothing.
func closed(e *env) error {
	m := &model{}
	if err := e.run(m, call{batch("0", write("t/a", 0, 3))}); err != nil {
		return err
	}
	all := e.j.All(e.ctx, 0) // made before, begun after
	for range 2 {
		if err := e.j.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
	}
	_, appendErr := e.j.Append(e.ctx, batch("1", write("t/a", 3, 1)))
	_, headErr := e.j.Head(e.ctx)
	_, allErr := collect(all, 0)
	_, streamErr := collect(e.j.Stream(e.ctx, "t/a", 0), 0)
	_, streamsErr := collect(e.j.Streams(e.ctx, "t"), 0)
	errs := map[string]error{"Append": appendErr, "Head": headErr, "All": allErr, "Stream": streamErr, "Streams": streamsErr}
	if w, ok := e.j.(storage.Waiter); ok {
		errs["Wait"] = w.Wait(e.ctx, 0)
	}
	if s, ok := e.j.(storage.Snapshots); ok {
		errs["SaveSnapshot"] = s.SaveSnapshot(e.ctx, storage.Snapshot{Stream: "t/a", Version: 3, Data: []byte("{}")})
		_, _, errs["LoadSnapshot"] = s.LoadSnapshot(e.ctx, "t/a")
	}
	for name, err := range errs {
		if !errors.Is(err, storage.ErrClosed) {
			return fmt.Errorf("%s after Close: got error %v, want storage.ErrClosed", name, err)
		}
	}
	if e.store.Volatile {
		return nil
	}
	if err := e.open(); err != nil {
		return err
	}
	return m.verify(e.ctx, e.j)
}

// closeRaces: Close while others append and read. Everything ends, by itself or with ErrClosed, and what
// the receipts said is there afterwards.
func closeRaces(e *env) error {
	for round := range scale(3) {
		outcomes := make([]outcomes, 8)
		var readErr error
		var acknowledged atomic.Int64
		var wg sync.WaitGroup
		for w := range outcomes {
			wg.Go(func() { outcomes[w].untilClosed(e.ctx, e.j, fmt.Sprint(round, "-", w), &acknowledged) })
		}
		wg.Go(func() {
			for readErr == nil {
				_, readErr = collect(e.j.All(e.ctx, 0), 1<<30)
			}
		})
		for acknowledged.Load() < 50 && e.ctx.Err() == nil {
			time.Sleep(100 * time.Microsecond)
		}
		if err := e.j.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
		wg.Wait()
		if !errors.Is(readErr, storage.ErrClosed) {
			return fmt.Errorf("all, while others close: got error %v, want storage.ErrClosed", readErr)
		}
		if err := e.open(); err != nil {
			return err
		}
		if e.store.Volatile {
			outcomes = onlyWrong(outcomes)
		}
		if err := e.settle(outcomes, 3); err != nil {
			return err
		}
	}
	return nil
}

// untilClosed appends batches of three records until the journal is closed.
func (o *outcomes) untilClosed(ctx context.Context, j storage.Journal, name string, acknowledged *atomic.Int64) {
	for i := storage.Version(0); ; i++ {
		b := batch(fmt.Sprint(name, "-", i), write("t/"+name, 2*i, 2), write("hot/1", storage.Any, 1))
		receipts, err := j.Append(ctx, b)
		o.note(b.Key, receipts, err)
		switch {
		case err == nil && o.wrong == nil && receipts[0].Err == nil:
			acknowledged.Add(1)
		case err == nil && o.wrong == nil:
			o.wrong = fmt.Errorf("receipt: got error %w, want none", receipts[0].Err)
			acknowledged.Add(1 << 20)
			return
		case !errors.Is(err, storage.ErrClosed) && !errors.Is(err, storage.ErrUnknownOutcome):
			o.wrong = errors.Join(o.wrong, fmt.Errorf("append, while others close: got error %v, want storage.ErrClosed", err))
			acknowledged.Add(1 << 20)
			return
		case errors.Is(err, storage.ErrClosed):
			return
		}
	}
}

// onlyWrong is what remains to be said of writers whose journal has forgotten everything.
func onlyWrong(all []outcomes) []outcomes {
	var errs error
	for _, o := range all {
		errs = errors.Join(errs, o.wrong)
	}
	return []outcomes{{wrong: errs}}
}

// reopened: everything is there after Close, and goes on from there, At too.
func reopened(e *env) error {
	if e.store.Volatile {
		return errVolatile
	}
	m := &model{}
	if err := e.reopen(); err != nil { // while it is empty
		return err
	}
	for i := range 5 {
		v := storage.Version(i)
		if err := e.run(m,
			call{batch(fmt.Sprint("a", i), write("t/a", 3*v, 3), write("t/é", storage.Any, 1))},
			call{batch(fmt.Sprint("lost", i), write("t/a", 0, 1)), batch(fmt.Sprint("b", i), write("t/b", v, 1), write("t/a", 3*v+3, 0))},
		); err != nil {
			return fmt.Errorf("opened %d times: %w", i, err)
		}
		e.clock.turn(-time.Hour, time.Millisecond)
		if err := e.reopen(); err != nil {
			return err
		}
		if err := m.verify(e.ctx, e.j); err != nil {
			return fmt.Errorf("opened %d times: %w", i+1, err)
		}
	}
	return nil
}

// secondOpener: while a journal of the store is open, another opener is refused; or the two are handles
// of one journal, which decides for both.
func secondOpener(e *env) error {
	if e.store.Volatile {
		return errVolatile
	}
	m := &model{}
	if err := e.append(m, batch("first", write("t/a", 0, 3))); err != nil {
		return err
	}
	second, err := e.store.Open(e.clock.now)
	if errors.Is(err, storage.ErrInUse) {
		// Whoever was refused has changed nothing, and left nothing that is in the way.
		if err := errors.Join(m.verify(e.ctx, e.j), e.reopen()); err != nil {
			return fmt.Errorf("after another opener was refused: %w", err)
		}
		return m.verify(e.ctx, e.j)
	}
	if err != nil {
		return fmt.Errorf("second opener: got error %w, want none, or one that wraps storage.ErrInUse", err)
	}
	return errors.Join(e.contend(e.j, second), second.Close())
}

// crashes: after a power cut everything that a receipt had said is there, and of the rest each batch whole
// or not at all. Every other cut comes when all have been answered: then nothing may be missing, whereas
// under load the records at the very end are mostly of those who had not heard yet.
func crashes(e *env) error {
	if e.store.Crash == nil {
		return leftOut("the store has no Crash")
	}
	var before []outcomes // everything that was acknowledged before any of the crashes
	for round := range scale(4) {
		current := make([]outcomes, 8)
		var acknowledged, stop, crashed atomic.Int64
		var wg sync.WaitGroup
		for w := range current {
			wg.Go(func() { current[w].untilCrashed(e.ctx, e.j, fmt.Sprint(round, "-", w), &acknowledged, &stop, &crashed) })
		}
		for acknowledged.Load() < int64(20*(round+1)) && e.ctx.Err() == nil {
			time.Sleep(100 * time.Microsecond)
		}
		if round%2 == 1 {
			stop.Store(1)
			wg.Wait()
		}
		crashed.Store(1)
		if err := e.store.Crash(); err != nil {
			return fmt.Errorf("crash: %w", err)
		}
		_ = e.j.Close() // whatever it says: its machine is gone
		wg.Wait()
		if err := e.open(); err != nil {
			return fmt.Errorf("after a crash: %w", err)
		}
		before = append(before, current...)
		if err := e.settle(before, 3); err != nil {
			return fmt.Errorf("after a crash: %w", err)
		}
	}
	return nil
}

// untilCrashed appends batches of three records, and notes what it hears before the crash.
func (o *outcomes) untilCrashed(ctx context.Context, j storage.Journal, name string, acknowledged, stop, crashed *atomic.Int64) {
	for i := storage.Version(0); ctx.Err() == nil && stop.Load() == 0; i++ {
		b := batch(fmt.Sprint(name, "-", i), write("t/"+name, 2*i, 2), write("hot/1", storage.Any, 1))
		receipts, err := j.Append(ctx, b)
		if crashed.Load() != 0 {
			return // the answer came from a dead machine
		}
		if o.note(b.Key, receipts, err); err != nil || o.wrong != nil || receipts[0].Err != nil {
			o.wrong = fmt.Errorf("append before a crash: got %v, error %v", receipts, err)
			acknowledged.Add(1 << 20)
			return
		}
		acknowledged.Add(1)
	}
}
