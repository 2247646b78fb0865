package journaltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// concurrent: many writers, over streams of their own and shared ones, and readers who follow them.
func concurrent(e *env) error { return e.contend(e.j, e.j) }

const (
	contenders = 16
	readers    = 3
)

// contend lets writers and readers loose on handles of one journal, from which they take turns.
func (e *env) contend(handles ...storage.Journal) error {
	start, err := handles[0].Head(e.ctx)
	if err != nil {
		return fmt.Errorf("head: %w", err)
	}
	outcomes := make([]outcomes, contenders)
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range contenders {
		writing.Go(func() { outcomes[w].contend(e.ctx, handles[w%len(handles)], w) })
	}
	errs := make([]error, readers)
	for r := range readers {
		reading.Go(func() { errs[r] = follow(e.ctx, handles[r%len(handles)], start, done) })
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	stored := 0
	for _, o := range outcomes {
		stored += len(o.stored)
	}
	if stored < contenders {
		return fmt.Errorf("%d writers: only %d batches were stored", contenders, stored)
	}
	return e.settle(outcomes, 3)
}

// contend writes batches of three records: one to a stream of its own, two to streams that others write to.
func (o *outcomes) contend(ctx context.Context, j storage.Journal, writer int) {
	random := rand.New(rand.NewPCG(uint64(writer), 1))
	own, shared := fmt.Sprintf("own/%d", writer), storage.Version(0)
	version := storage.Version(0)
	for r, err := range j.Stream(ctx, own, 0) { // another law may have been here before
		if err != nil {
			o.wrong = err
			return
		}
		version = r.Version
	}
	for i := range scale(40) {
		home := write(own, version, 1)
		legs := []storage.Write{home, write(fmt.Sprintf("hot/%d", random.IntN(3)), storage.Any, 1), write("shared/1", shared, 1)}
		if random.IntN(2) == 0 {
			legs[2] = write(fmt.Sprintf("hot/%d", 3+random.IntN(3)), storage.Any, 1)
		}
		b := batch(fmt.Sprint(writer, "-", version, "-", i), legs...)
		receipts, err := j.Append(ctx, b)
		if err != nil {
			o.wrong = fmt.Errorf("append: %w", err)
			return
		}
		o.note(b.Key, receipts, nil)
		if o.wrong != nil {
			return
		}
		var conflict *storage.ConflictError
		switch {
		case receipts[0].Err == nil:
			version++
			if shared++; legs[2].Expect == storage.Any {
				shared--
			}
			o.wrong = visible(ctx, j, receipts[0], own, version)
		case errors.As(receipts[0].Err, &conflict) && conflict.Stream == "shared/1" && conflict.Have != shared && !conflict.BuiltOnLost:
			shared = conflict.Have
		default:
			o.wrong = fmt.Errorf("receipt: got error %v, want none, or a conflict on shared/1", receipts[0].Err)
		}
		if o.wrong != nil {
			return
		}
	}
}

// visible says whether a batch that was just stored can be read.
func visible(ctx context.Context, j storage.Journal, receipt storage.Receipt, stream string, version storage.Version) error {
	head, err := j.Head(ctx)
	if err != nil || head < receipt.Last {
		return fmt.Errorf("head: got %d, %v, after a receipt of %d", head, err, receipt.Last)
	}
	for r, err := range j.All(ctx, receipt.First-1) {
		if err != nil || r.Stream != stream || r.Version != version || r.Position != receipt.First {
			return fmt.Errorf("at %d: got %s, %v, want %s@%d", receipt.First, r.ID(), err, stream, version)
		}
		break
	}
	got, err := collect(j.Stream(ctx, stream, version-1), 1)
	if err != nil || len(got) != 1 || got[0].Position != receipt.First {
		return fmt.Errorf("stream %s after %d: got %d records, %v, want that at %d", stream, version-1, len(got), err, receipt.First)
	}
	return nil
}

// follow reads the journal again and again from where it was, until done, and then to its end.
func follow(ctx context.Context, j storage.Journal, start storage.Position, done <-chan struct{}) error {
	last := start
	versions := make(map[string]storage.Version)
	for ended := false; ; {
		head, err := j.Head(ctx)
		if err != nil || head < last {
			return fmt.Errorf("head: got %d, %v, after position %d was read", head, err, last)
		}
		for r, err := range j.All(ctx, last) {
			if err != nil {
				return fmt.Errorf("all: %w", err)
			}
			if _, known := versions[r.Stream]; !known {
				versions[r.Stream] = r.Version - 1
			}
			if err := follows(&last, versions, r.Position, r.Stream, r.Version); err != nil {
				return fmt.Errorf("while others append: %w", err)
			}
		}
		if last < head {
			return fmt.Errorf("all: ended at %d, when the head was %d before it began", last, head)
		}
		if ended {
			return nil
		}
		select {
		case <-done:
			ended = true
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
	}
}

// hotStream: of those who expect the same version of a stream, exactly one wins.
func hotStream(e *env) error {
	const writers = 8
	rounds := scale(20)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { errs[w] = count(e.ctx, e.j, fmt.Sprint("writer", w), rounds) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	got, err := collect(e.j.Stream(e.ctx, "counter/1", 0), writers*rounds)
	if err != nil || len(got) != writers*rounds {
		return fmt.Errorf("%d writers stored %d each: got %d records, %v", writers, rounds, len(got), err)
	}
	// Each event says the version on which it was decided. That of a lost update would be there twice.
	for i, r := range got {
		if want := fmt.Sprintf(`{"on":%d}`, i); string(r.Data) != want {
			return fmt.Errorf("version %d: got %s, want %s", r.Version, r.Data, want)
		}
	}
	return nil
}

// count stores so many events in the counter, each decided on the version that it read.
func count(ctx context.Context, j storage.Journal, writer string, rounds int) error {
	version := storage.Version(0)
	for n := 0; n < rounds; {
		e := event.Event{Type: "test.counted.v1", Data: fmt.Appendf(nil, `{"on":%d}`, version)}
		b := batch(fmt.Sprint(writer, "-", n), storage.Write{Stream: "counter/1", Expect: version, Events: []event.Event{e}})
		receipts, err := j.Append(ctx, b)
		if err != nil || len(receipts) != 1 {
			return fmt.Errorf("append: got %d receipts, %v", len(receipts), err)
		}
		var conflict *storage.ConflictError
		switch {
		case receipts[0].Err == nil:
			version++
			n++
		case errors.As(receipts[0].Err, &conflict) && conflict.Have != version:
			version = conflict.Have
		default:
			return fmt.Errorf("receipt on version %d: got error %v", version, receipts[0].Err)
		}
	}
	return nil
}
