package pebble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage"
)

// faulty is a disk with a hook before every operation.
type faulty struct {
	vfs.FS
	hook atomic.Pointer[func(errorfs.Op) error]
}

func newFaulty(disk vfs.FS) *faulty {
	f := &faulty{}
	f.FS = errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if hook := f.hook.Load(); hook != nil {
			return (*hook)(op)
		}
		return nil
	}))
	return f
}

func (f *faulty) before(hook func(errorfs.Op) error) { f.hook.Store(&hook) }

var errDisk = fmt.Errorf("injected: %w", syscall.ENOSPC)

// TestDiskFailsWhileRunning: whatever write fails, nobody hangs, the process lives, every answer is true, and
// the next open finds it all.
func TestDiskFailsWhileRunning(t *testing.T) {
	is := func(path string, kinds ...errorfs.OpKind) func(errorfs.Op) bool {
		return func(op errorfs.Op) bool { return strings.Contains(op.Path, path) && slices.Contains(kinds, op.Kind) }
	}
	for name, fails := range map[string]func(errorfs.Op) bool{
		"log write":      is(".log", errorfs.OpFileWrite),
		"log sync":       is(".log", errorfs.OpFileSync, errorfs.OpFileSyncData),
		"log create":     is(".log", errorfs.OpCreate, errorfs.OpReuseForWrite),
		"table create":   is(".sst", errorfs.OpCreate),
		"table write":    is(".sst", errorfs.OpFileWrite),
		"table sync":     is(".sst", errorfs.OpFileSync, errorfs.OpFileSyncData),
		"manifest write": is("MANIFEST", errorfs.OpFileWrite),
		"manifest sync":  is("MANIFEST", errorfs.OpFileSync, errorfs.OpFileSyncData),
		"mark write":     is(markName, errorfs.OpFileWriteAt),
		"directory sync": func(op errorfs.Op) bool { return op.Path == "journal" && op.Kind == errorfs.OpFileSync },
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			memory := vfs.NewMem()
			disk := newFaulty(memory)
			j := mustOpen(t, disk)
			first := fill(t, j, 20, 5000)
			disk.before(func(op errorfs.Op) error {
				if fails(op) {
					return errDisk
				}
				return nil
			})
			a := appendUntilStopped(t, j)
			after(t, j, len(first)*2)
			j = mustOpen(t, memory)
			defer func() {
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}()
			a.check(t, j, first)
		})
	}
}

// answers are what callers heard: of each key, nil for stored, or the error.
type answers struct {
	sync.Mutex
	of map[string]error
}

func appendUntilStopped(t *testing.T, j *Journal) *answers {
	t.Helper()
	a := &answers{of: map[string]error{}}
	within(t, "append", func() {
		var wg sync.WaitGroup
		for caller := range 8 {
			wg.Go(func() {
				var err error
				for i := 0; err == nil && i < 20_000; i++ {
					key := fmt.Sprintf("late-%d-%d", caller, i)
					_, err = j.Append(ctx, pair(key, 0, 5000))
					a.Lock()
					a.of[key] = err
					a.Unlock()
				}
			})
		}
		wg.Wait()
	})
	return a
}

// after looks at a journal that stopped.
func after(t *testing.T, j *Journal, least int) {
	t.Helper()
	within(t, "a journal that stopped", func() {
		_, err := j.Append(ctx, pair("too-late", 0, 10))
		if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, storage.ErrUnknownOutcome) || !strings.Contains(err.Error(), "journal") {
			t.Errorf("append: got %v, want the cause, and that nothing is stored", err)
		}
		head, err := j.Head(ctx)
		if err != nil || int(head) < least {
			t.Errorf("head: got %d, %v, want at least %d", head, err, least)
		}
		if err := j.Wait(ctx, head); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("wait: got %v, want the cause", err)
		}
		if err := j.SaveSnapshot(ctx, storage.Snapshot{Stream: "t/key-0001", Version: 1}); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("save a snapshot: got %v, want the cause", err)
		}
		if err := j.Close(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("close: got %v, want the cause", err)
		}
		if _, err := j.Append(ctx, pair("too-late", 0, 10)); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("append after close: got %v", err)
		}
	})
}

// check compares the answers with what is there.
func (a *answers) check(t *testing.T, j *Journal, first []string) {
	t.Helper()
	keys, err := keysOf(j)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, key := range keys {
		there[key] = true
	}
	for _, key := range first {
		if !there[key] {
			t.Errorf("%s is lost", key)
		}
	}
	failed := 0
	for key, err := range a.of {
		switch {
		case err == nil && !there[key]:
			t.Errorf("%s was acknowledged and is lost", key)
		case err != nil && !errors.Is(err, storage.ErrUnknownOutcome) && there[key]:
			t.Errorf("%s was refused with %v and is there", key, err)
		}
		if err != nil {
			failed++
		}
	}
	if failed == 0 {
		t.Error("the disk never failed")
	}
	if there["too-late"] {
		t.Error("stored by a journal that had stopped")
	}
}

// TestDiskFailsAtAnyStep lets each operation of a whole life fail in turn, reads as well as writes.
func TestDiskFailsAtAnyStep(t *testing.T) {
	fresh := func() *vfs.MemFS { return vfs.NewMem() }
	kept, first := place(t, 60, 5000, 30, true, false)
	for name, start := range map[string]struct {
		disk  func() *vfs.MemFS
		first []string
	}{
		"new":   {fresh, nil},
		"crash": {func() *vfs.MemFS { return kept.disk(t) }, first},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := 1
			if !campaign.Long() && start.first != nil {
				step = 3
			}
			if coarse {
				step *= 10
			}
			for n := 0; ; n += step {
				memory := start.disk()
				if !lifeWithFault(t, memory, n, start.first) {
					if n < 50 {
						t.Errorf("only %d operations", n)
					}
					return
				}
			}
		})
	}
}

// lifeWithFault opens a journal, appends and closes it, with operation n failing, once. It says whether there
// were as many.
func lifeWithFault(t *testing.T, memory *vfs.MemFS, n int, first []string) (struck bool) {
	t.Helper()
	disk := newFaulty(memory)
	var ops atomic.Int64
	var what atomic.Pointer[errorfs.Op]
	disk.before(func(op errorfs.Op) error {
		if ops.Add(1) != int64(n)+1 {
			return nil
		}
		what.Store(&op)
		return errDisk
	})
	a := &answers{of: map[string]error{}}
	within(t, fmt.Sprintf("operation %d", n), func() {
		j, err := Open("journal", small(disk))
		if err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("operation %d, %+v: open: got %v", n, what.Load(), err)
			}
			return
		}
		for i := range 3 {
			key := fmt.Sprintf("late-%d", i)
			_, a.of[key] = j.Append(ctx, pair(key, 0, 1000))
		}
		_ = j.Close() // may say what failed, or not: nothing durable hangs on it
	})
	disk.hook.Store(nil)
	j, err := Open("journal", small(memory))
	if err != nil {
		t.Errorf("operation %d, %+v: open again: %v", n, what.Load(), err)
		return what.Load() != nil
	}
	a.of["never"] = errors.New("never sent") // check wants one that failed
	a.check(t, j, first)
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	return what.Load() != nil
}

// stuckDisk is one whose syncs of the log wait, from arm to release.
type stuckDisk struct {
	*faulty
	waiting chan struct{} // gets a value when a sync begins to wait
	gate    chan struct{}
}

func newStuckDisk() *stuckDisk {
	return &stuckDisk{newFaulty(vfs.NewMem()), make(chan struct{}, 64), make(chan struct{})}
}

func (d *stuckDisk) arm() {
	d.before(func(op errorfs.Op) error {
		if strings.HasSuffix(op.Path, ".log") && (op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData) {
			d.waiting <- struct{}{}
			<-d.gate
		}
		return nil
	})
}

func (d *stuckDisk) release() {
	d.hook.Store(nil)
	close(d.gate)
}

// TestNotSeenBeforeDurable: laws J2 and J5. What is written but not synced is invisible to every method.
func TestNotSeenBeforeDurable(t *testing.T) {
	disk := newStuckDisk()
	j := mustOpen(t, disk)
	disk.arm()
	answer := make(chan error, 1)
	go func() { _, err := j.Append(ctx, pair("a", 0, 10)); answer <- err }()
	<-disk.waiting
	waited := make(chan error, 1)
	go func() { waited <- j.Wait(ctx, 0) }()
	if head, err := j.Head(ctx); head != 0 || err != nil {
		t.Errorf("head: got %d, %v", head, err)
	}
	if keys, err := keysOf(j); len(keys) != 0 || err != nil {
		t.Errorf("got %v, %v", keys, err)
	}
	for r, err := range j.Stream(ctx, "t/a", 0) {
		t.Errorf("stream: got %+v, %v", r, err)
	}
	if held, err := j.holds("t/a", 1); held || err != nil {
		t.Errorf("holds: got %v, %v", held, err)
	}
	select {
	case err := <-answer:
		t.Errorf("the append answered %v", err)
	case err := <-waited:
		t.Errorf("wait answered %v", err)
	default:
	}
	disk.release()
	if err := errors.Join(<-answer, <-waited); err != nil {
		t.Error(err)
	}
	if keys, err := keysOf(j); len(keys) != 1 || err != nil {
		t.Errorf("after: got %v, %v", keys, err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestContextDoneMeanwhile: a call that is being stored does not know; one that waits behind it is not stored.
func TestContextDoneMeanwhile(t *testing.T) {
	disk := newStuckDisk()
	j := mustOpen(t, disk)
	disk.arm()
	canceled, cancel := context.WithCancel(ctx)
	under, behind := make(chan error, 1), make(chan error, 1)
	go func() { _, err := j.Append(canceled, pair("under", 0, 10)); under <- err }()
	<-disk.waiting
	go func() { _, err := j.Append(canceled, pair("behind", 0, 10)); behind <- err }()
	for len(j.queue) == 0 {
	}
	cancel()
	if err := <-under; !errors.Is(err, storage.ErrUnknownOutcome) || !errors.Is(err, context.Canceled) {
		t.Errorf("under way: got %v", err)
	}
	if err := <-behind; errors.Is(err, storage.ErrUnknownOutcome) || !errors.Is(err, context.Canceled) {
		t.Errorf("behind it: got %v", err)
	}
	disk.release()
	if _, err := j.Append(ctx, pair("later", 0, 10)); err != nil {
		t.Error(err)
	}
	if keys, err := keysOf(j); !slices.Equal(keys, []string{"under", "later"}) || err != nil {
		t.Errorf("got %v, %v", keys, err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}
