package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// waiter: Wait returns when there is more, and not before; when its context is done; when the journal closes.
func waiter(e *env) error {
	w, ok := e.j.(storage.Waiter)
	if !ok {
		return leftOut("the journal is no storage.Waiter")
	}
	const waiting = 20
	m := &model{}
	if err := e.append(m, batch("0", write("t/a", 0, 2))); err != nil {
		return err
	}
	for _, after := range []storage.Position{0, 1} {
		if err := w.Wait(e.ctx, after); err != nil {
			return fmt.Errorf("wait after %d of 2: %w", after, err)
		}
	}
	for _, after := range []storage.Position{2, 3, 1<<64 - 1} {
		short, cancel := context.WithTimeout(e.ctx, 5*time.Millisecond)
		err := w.Wait(short, after)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("wait after %d of 2: got error %v, want context.DeadlineExceeded", after, err)
		}
	}
	soon, cancel := context.WithTimeout(e.ctx, 30*time.Second)
	defer cancel()
	for round, want := range []error{nil, storage.ErrClosed} {
		errs := make([]error, waiting)
		var wg sync.WaitGroup
		for i := range waiting {
			wg.Go(func() { errs[i] = w.Wait(soon, storage.Position(len(m.records))+storage.Position(round)) })
		}
		time.Sleep(2 * time.Millisecond) // most of them wait by now; it is right whether they do or not
		var err error
		if want == nil {
			_, err = e.j.Append(e.ctx, batch("1", write("t/a", 2, 1)))
		} else {
			err = e.j.Close()
		}
		wg.Wait()
		if err != nil {
			return fmt.Errorf("append or close, while others wait: %w", err)
		}
		for _, err := range errs {
			if !errors.Is(err, want) {
				return fmt.Errorf("wait: got error %v, want %v", err, want)
			}
		}
	}
	return nil
}

// snapshots: the one saved last is the one loaded, byte by byte, or none: they may be lost. They are of no
// account to the records.
func snapshots(e *env) error {
	s, ok := e.j.(storage.Snapshots)
	if !ok {
		return leftOut("the journal keeps no storage.Snapshots")
	}
	m := &model{}
	if err := e.append(m, batch("0", write("t/a", 0, 2), write("t/b", 0, 1))); err != nil {
		return err
	}
	if got, found, err := s.LoadSnapshot(e.ctx, "t/a"); err != nil || found {
		return fmt.Errorf("load before any was saved: got %+v, %v, %v, want none", got, found, err)
	}
	want := storage.Snapshot{Stream: "t/a", Version: 1, Schema: "meter/1", Data: []byte(`{"sum":1}`)}
	steps := []func(){
		func() {},
		func() { want.Version, want.Data = 2, []byte(`{"sum":12}`) },
		func() { want.Version, want.Schema = 1, "meter/2" }, // later, though of an older version
		func() { want.Data = bytes.Repeat([]byte{0, 1, 0xff}, 1<<18) },
		func() { want.Schema, want.Data = "", nil },
	}
	for i, change := range steps {
		change()
		if err := saveAndLoad(e.ctx, s, want); err != nil {
			return fmt.Errorf("snapshot %d: %w", i+1, err)
		}
	}
	for i, bad := range []storage.Snapshot{
		{Stream: "", Version: 1}, {Stream: "no-kind", Version: 1}, {Stream: "t/a", Schema: strings.Repeat("s", event.MaxName+1)},
		{Stream: "t/a", Version: 1, Data: make([]byte, storage.MaxBatchBytes+1)},
	} {
		if err := s.SaveSnapshot(e.ctx, bad); !errors.Is(err, storage.ErrInvalid) {
			return fmt.Errorf("invalid snapshot %d: got error %v, want one that wraps storage.ErrInvalid", i+1, err)
		}
	}
	for _, stream := range []string{"t/b", "t/none", "t/", "t/a/", ""} {
		if got, found, err := s.LoadSnapshot(e.ctx, stream); err != nil || found {
			return fmt.Errorf("load of %q, which has none: got %+v, %v, %v", stream, got, found, err)
		}
	}
	if err := m.verify(e.ctx, e.j); err != nil {
		return err
	}
	return e.snapshotsAfter(s, m, want)
}

// saveAndLoad saves a snapshot, changes the slice it was saved from, and loads it.
func saveAndLoad(ctx context.Context, s storage.Snapshots, want storage.Snapshot) error {
	mine := want
	mine.Data = bytes.Clone(want.Data)
	if err := s.SaveSnapshot(ctx, mine); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	clear(mine.Data)
	return loads(ctx, s, want)
}

func loads(ctx context.Context, s storage.Snapshots, want storage.Snapshot) error {
	got, found, err := s.LoadSnapshot(ctx, want.Stream)
	if err != nil || !found {
		return err // a cache may lose what it likes
	}
	if got.Stream != want.Stream || got.Version != want.Version || got.Schema != want.Schema || !bytes.Equal(got.Data, want.Data) {
		return fmt.Errorf("load: got %s@%d, schema %q, %d bytes, want %s@%d, schema %q, %d bytes", got.Stream, got.Version, got.Schema,
			len(got.Data), want.Stream, want.Version, want.Schema, len(want.Data))
	}
	return nil
}

// snapshotsAfter: with a context that is done, and after Close, where what is loaded is still the last.
func (e *env) snapshotsAfter(s storage.Snapshots, m *model, want storage.Snapshot) error {
	canceled, cancel := context.WithCancel(e.ctx)
	cancel()
	_, _, err := s.LoadSnapshot(canceled, "t/a")
	if saveErr := s.SaveSnapshot(canceled, want); !errors.Is(err, context.Canceled) || !errors.Is(saveErr, context.Canceled) {
		return fmt.Errorf("save and load with a context that is done: got errors %v and %v, want context.Canceled", saveErr, err)
	}
	if e.store.Volatile {
		return nil
	}
	if err := e.reopen(); err != nil {
		return err
	}
	if err := loads(e.ctx, e.j.(storage.Snapshots), want); err != nil {
		return fmt.Errorf("opened again: %w", err)
	}
	return m.verify(e.ctx, e.j)
}
