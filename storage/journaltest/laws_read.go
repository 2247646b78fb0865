package journaltest

import (
	"context"
	"errors"
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// names: streams whose names are near each other are different streams, and belong to the kind before the
// first slash and to no other.
func names(e *env) error {
	m := &model{}
	for _, kind := range []string{"cap", "cap2", "ca", "c_p", "cap-x", "cap.x", "cap_", "0", "-"} {
		for i, id := range oddNames() {
			stream := event.Stream(kind, id)
			if err := e.append(m, batch(fmt.Sprint(kind, i), write(stream, 0, 1+i%3))); err != nil {
				return fmt.Errorf("stream %q: %w", stream, err)
			}
		}
	}
	for i, id := range oddNames() {
		if err := e.append(m, batch("again", write(event.Stream("cap", id), storage.Version(1+i%3), 1))); err != nil {
			return fmt.Errorf("stream %q: %w", id, err)
		}
	}
	for _, kind := range []string{"", "c", "cap3", "cap/a", "cap/", "CAP", "c%", "*", "\xff", "\x00"} {
		if err := verifyKind(e.ctx, e.j, kind, nil); err != nil {
			return err
		}
	}
	for _, id := range []string{"", "cap", "cap/", "cap/none", "cap/aaa", "cap/é/", "Cap/a", "\xff", "cap/\x00"} {
		if got, err := collect(e.j.Stream(e.ctx, id, 0), 0); err != nil || len(got) != 0 {
			return fmt.Errorf("stream %q, which does not exist: got %d records, %v", id, len(got), err)
		}
	}
	return m.verify(e.ctx, e.j)
}

// manyStreams: there may be a great many of them.
func manyStreams(e *env) error {
	m := &model{}
	for i := range scale(4) {
		var many call
		for k := range 500 {
			many = append(many, batch(fmt.Sprint("k", i, "-", k), write(fmt.Sprintf("many/%d-%d", i, k), 0, 1), write(fmt.Sprintf("other/%d", k), storage.Any, 1)))
		}
		if err := e.append(m, many...); err != nil {
			return err
		}
	}
	return m.verify(e.ctx, e.j)
}

// empty: a journal without records is none the less one, and so is a call without batches.
func empty(e *env) error {
	m := &model{}
	return e.run(m, call{}, call{batch("loses", write("t/a", 1, 1))}, call{}, call{batch("wins", write("t/a", 0, 1))}, call{})
}

// readFrom: a reader may begin anywhere, also behind the end.
func readFrom(e *env) error {
	m := &model{}
	if err := e.run(m, call{batch("1", write("t/a", 0, 3), write("t/b", 0, 2))}, call{batch("2", write("t/a", 3, 4))}); err != nil {
		return err
	}
	var a []event.Record
	for _, r := range m.records {
		if r.Stream == "t/a" {
			a = append(a, r)
		}
	}
	for _, after := range []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1 << 31, 1<<32 + 1, 1 << 63, 1<<64 - 2, 1<<64 - 1} {
		got, err := collect(e.j.All(e.ctx, storage.Position(after)), len(m.records))
		if err = errors.Join(err, compare(got, m.records[min(after, uint64(len(m.records))):])); err != nil {
			return fmt.Errorf("all after %d: %w", after, err)
		}
		got, err = collect(e.j.Stream(e.ctx, "t/a", storage.Version(after)), len(a))
		if err = errors.Join(err, compare(got, a[min(after, uint64(len(a))):])); err != nil {
			return fmt.Errorf("stream after %d: %w", after, err)
		}
	}
	return nil
}

// readWhileAppending: the body of a loop over records may append. All goes on to what was appended before
// it came to the end.
func readWhileAppending(e *env) error {
	m := &model{}
	if err := e.append(m, batch("0", write("t/a", 0, 10))); err != nil {
		return err
	}
	seen, added := storage.Position(0), 0
	for r, err := range e.j.All(e.ctx, 0) {
		if err != nil || r.Position != seen+1 {
			return fmt.Errorf("all, while appending: got position %d after %d, %v", r.Position, seen, err)
		}
		seen = r.Position
		if added < 5 && (seen == 1 || int(seen) == len(m.records)) {
			added++
			if err := e.append(m, batch(fmt.Sprint(added), write("t/a", m.versions["t/a"], 3), write("t/b", storage.Any, 1))); err != nil {
				return err
			}
		}
	}
	if int(seen) != len(m.records) || added != 5 {
		return fmt.Errorf("all, while appending: ended at position %d, when %d were durable", seen, len(m.records))
	}
	for r, err := range e.j.Stream(e.ctx, "t/a", 0) {
		if err != nil {
			return fmt.Errorf("stream, while appending: %w", err)
		}
		if r.Version <= 3 {
			if err := e.append(m, batch(fmt.Sprint("s", r.Version), write("t/a", m.versions["t/a"], 1))); err != nil {
				return err
			}
		}
	}
	for name, err := range e.j.Streams(e.ctx, "t") {
		if err != nil {
			return fmt.Errorf("streams, while appending: %w", err)
		}
		if err := e.append(m, batch("n"+name, write("new/"+name, 0, 1))); err != nil {
			return err
		}
	}
	return m.verify(e.ctx, e.j)
}

// readPart: a reader may stop, be started again, and be one of several.
func readPart(e *env) error {
	m := &model{}
	if err := e.run(m, call{batch("0", write("t/a", 0, 300), write("t/b", 0, 300))}); err != nil {
		return err
	}
	all, stream, names := e.j.All(e.ctx, 0), e.j.Stream(e.ctx, "t/b", 0), e.j.Streams(e.ctx, "t")
	for _, stop := range []int{1, 2, 255, 256, 257, 299} {
		n := 0
		for r, err := range all {
			if err != nil {
				return fmt.Errorf("all: %w", err)
			}
			for inner, err := range stream { // one inside the other
				if err != nil || inner.Version != 1 {
					return fmt.Errorf("stream inside all: got version %d, %v", inner.Version, err)
				}
				break
			}
			if err := compareOne(r, m.records[n]); err != nil {
				return err
			}
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			return fmt.Errorf("all: got %d records, want to stop at %d", n, stop)
		}
		for _, err := range names {
			if err != nil {
				return fmt.Errorf("streams: %w", err)
			}
			break
		}
	}
	return m.verify(e.ctx, e.j)
}

// afterCancel is how many records a reader may still yield when its context is done.
const afterCancel = 1024

// readContext: a reader whose context is done says so, before it began or soon after.
func readContext(e *env) error {
	m := &model{}
	for i := range 4 {
		if err := e.append(m, batch(fmt.Sprint(i), write("t/a", storage.Version(1000*i), 1000))); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	n := 0
	for _, err := range e.j.All(ctx, 0) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				return fmt.Errorf("all, canceled on its way: got error %v, want context.Canceled", err)
			}
			break
		}
		if n++; n == 10 {
			cancel()
		}
		if n > 10+afterCancel {
			return fmt.Errorf("all, canceled on its way: goes on for more than %d records", afterCancel)
		}
	}
	_, headErr := e.j.Head(ctx)
	_, allErr := collect(e.j.All(ctx, 0), 0)
	_, streamErr := collect(e.j.Stream(ctx, "t/a", 0), 0)
	_, streamsErr := collect(e.j.Streams(ctx, "t"), 0)
	for name, err := range map[string]error{"Head": headErr, "All": allErr, "Stream": streamErr, "Streams": streamsErr} {
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("%s with a context that is done: got error %v, want context.Canceled", name, err)
		}
	}
	return m.verify(e.ctx, e.j)
}

// readableAtOnce: what a receipt says is there for whoever reads next.
func readableAtOnce(e *env) error {
	m := &model{}
	for i := range 100 {
		if err := e.append(m, batch(fmt.Sprint(i), write("t/a", storage.Version(i), 1), write("t/b", storage.Any, 1))); err != nil {
			return err
		}
		last := m.records[2*i:]
		got, err := collect(e.j.All(e.ctx, storage.Position(2*i)), 2)
		if err = errors.Join(err, compare(got, last)); err != nil {
			return fmt.Errorf("all after %d: %w", 2*i, err)
		}
		got, err = collect(e.j.Stream(e.ctx, "t/b", storage.Version(i)), 1)
		if err = errors.Join(err, compare(got, last[1:])); err != nil {
			return fmt.Errorf("stream after %d: %w", i, err)
		}
		if head, err := e.j.Head(e.ctx); err != nil || int(head) != 2*i+2 {
			return fmt.Errorf("head: got %d, %v, want %d", head, err, 2*i+2)
		}
	}
	return m.verify(e.ctx, e.j)
}
