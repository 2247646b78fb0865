package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/payrules/payrules/storage"
)

// clocks: At never goes back along positions, also while the clock stands still or goes back, and stays
// what it was (model.verify sees to both).
func clocks(e *env) error {
	m := &model{}
	version := storage.Version(0)
	steps := []struct{ turn, step time.Duration }{
		{0, time.Second}, {0, 0}, {-time.Hour, 0}, {0, -time.Minute}, {24 * time.Hour, time.Nanosecond}, {-48 * time.Hour, time.Microsecond},
		{400 * 24 * time.Hour, 0},
	}
	for _, s := range steps {
		e.clock.turn(s.turn, s.step)
		for range 10 {
			if err := e.append(m, batch(fmt.Sprint(version), write("t/a", version, 1)), batch("b", write("t/b", version, 1))); err != nil {
				return err
			}
			version++
		}
		if err := m.verify(e.ctx, e.j); err != nil {
			return fmt.Errorf("clock turned by %v, then by %v a look: %w", s.turn, s.step, err)
		}
	}
	return nil
}

// appendContext: a call whose context is done before it began stores nothing.
func appendContext(e *env) error {
	m := &model{}
	if err := e.append(m, batch("0", write("t/a", 0, 1))); err != nil {
		return err
	}
	canceled, cancel := context.WithCancel(e.ctx)
	cancel()
	if _, err := e.j.Append(canceled, batch("1", write("t/a", 1, 1))); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("append with a context that is done: got error %v, want context.Canceled", err)
	}
	late, stop := context.WithTimeout(e.ctx, -time.Second)
	defer stop()
	if _, err := e.j.Append(late, batch("2", write("t/a", 1, 1))); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("append with a deadline that is past: got error %v, want context.DeadlineExceeded", err)
	}
	if err := m.verify(e.ctx, e.j); err != nil {
		return err
	}
	return e.run(m, call{batch("3", write("t/a", 1, 1))})
}

// contextRaces: a call whose context ends under way either has receipts, and they are true; or an error, and
// then nothing of it is stored, now or later, unless the error is ErrUnknownOutcome.
func contextRaces(e *env) error {
	const writers = 8
	outcomes := make([]outcomes, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range scale(60) {
				ctx, cancel := context.WithTimeout(e.ctx, time.Duration(i%12)*50*time.Microsecond)
				b := batch(fmt.Sprint(w, "-", i), write(fmt.Sprintf("own/%d-%d", w, i), 0, 1), write("hot/1", storage.Any, 2))
				receipts, err := e.j.Append(ctx, b)
				outcomes[w].note(b.Key, receipts, err)
				if err != nil && !errors.Is(err, storage.ErrUnknownOutcome) && !errors.Is(err, context.DeadlineExceeded) {
					outcomes[w].wrong = fmt.Errorf("append whose context ends: got error %v, want context.DeadlineExceeded", err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if err := e.settle(outcomes, 3); err != nil || e.store.Volatile {
		return err
	}
	if err := e.reopen(); err != nil {
		return err
	}
	return e.settle(outcomes, 3)
}

// outcomes is what one writer was told of its batches.
type outcomes struct {
	stored  map[string]storage.Receipt // by key
	refused map[string]bool            // no receipt, and not ErrUnknownOutcome
	wrong   error
}

// note takes the answer to a call of one batch.
func (o *outcomes) note(key string, receipts []storage.Receipt, err error) {
	if o.stored == nil {
		o.stored, o.refused = make(map[string]storage.Receipt), make(map[string]bool)
	}
	switch {
	case err == nil && len(receipts) == 1 && receipts[0].Err == nil:
		o.stored[key] = receipts[0]
	case err == nil && len(receipts) != 1:
		o.wrong = fmt.Errorf("append of one batch: got %d receipts", len(receipts))
	case err == nil || !errors.Is(err, storage.ErrUnknownOutcome):
		o.refused[key] = true
	}
}

// settle reads the journal, where every batch has so many records, and compares it with what the writers
// were told: what is stored is whole, and where its receipt said; what was refused is not there.
func (e *env) settle(all []outcomes, size int) error {
	at := make(map[string]storage.Position)
	last := storage.Position(0)
	versions := make(map[string]storage.Version)
	for r, err := range e.j.All(e.ctx, 0) {
		if err != nil {
			return fmt.Errorf("all: %w", err)
		}
		if err := follows(&last, versions, r.Position, r.Stream, r.Version); err != nil {
			return err
		}
		if first := int(r.Position-1)%size == 0; first != (r.Key != "") {
			return fmt.Errorf("position %d has key %q: a batch of %d is torn, or its key is not with its first record only", r.Position, r.Key, size)
		}
		if r.Key != "" {
			at[r.Key] = r.Position
		}
	}
	if int(last)%size != 0 {
		return fmt.Errorf("the last batch is torn: %d records, in batches of %d", last, size)
	}
	for _, o := range all {
		if o.wrong != nil {
			return o.wrong
		}
		for key, receipt := range o.stored {
			if at[key] != receipt.First || receipt.Last != receipt.First+storage.Position(size-1) {
				return fmt.Errorf("batch %s: receipt says %d to %d, found at %d", key, receipt.First, receipt.Last, at[key])
			}
		}
		for key := range o.refused {
			if at[key] != 0 {
				return fmt.Errorf("batch %s: was refused, but is stored at %d", key, at[key])
			}
		}
	}
	return nil
}

// follows says whether a record is the next one, of its journal and of its stream.
func follows(last *storage.Position, versions map[string]storage.Version, p storage.Position, stream string, v storage.Version) error {
	if p != *last+1 {
		return fmt.Errorf("all: got position %d after %d", p, *last)
	}
	if v != versions[stream]+1 {
		return fmt.Errorf("all: position %d is version %d of %s, which was at %d", p, v, stream, versions[stream])
	}
	*last, versions[stream] = p, v
	return nil
}
