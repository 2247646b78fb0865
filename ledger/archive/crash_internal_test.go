package archive

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// segmentOf is a segment without entries, and its records.
func segmentOf(account string, first, last event.Version) (ledger.Segment, iter.Seq2[event.Record, error]) {
	s := ledger.Segment{Account: account, First: first, Last: last, LastAt: event.Position(10 * last), Opening: money.New(0, money.EUR), Closing: money.New(0, money.EUR)}
	return s, func(yield func(event.Record, error) bool) {
		for v := first; v <= last; v++ {
			r := event.Record{
				Event:  event.Event{Type: "account.opened.v1", Data: fmt.Appendf(nil, `{"version":%d}`, v)},
				Stream: event.Stream("account", account), Version: v, Position: event.Position(10 * v), At: money.FromUnixMicro(1_700_000_000_000_000 + int64(v)),
			}
			if v%2 == 1 {
				r.Key, r.Digest = fmt.Sprint("key ", v), [32]byte{1, 2, 3}
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// story opens an archive and puts three segments. It says how many were acknowledged.
func story(m *memFS) (acknowledged int, err error) {
	f, err := open("/bank/archive", Options{}, m)
	if err != nil {
		return 0, err
	}
	for n := range 3 {
		s, records := segmentOf("a", event.Version(10*n+1), event.Version(10*n+10))
		if _, err := f.Put(context.Background(), s, records); err != nil {
			return n, err
		}
	}
	return 3, nil
}

func newBank(t *testing.T) *memFS {
	m := newMemFS()
	if err := errors.Join(m.Mkdir("/bank"), m.SyncDir("/")); err != nil {
		t.Fatal(err)
	}
	m.calls = 0
	return m
}

// check looks at what is left: what was acknowledged is there, at most one more, whole, and nothing is in the way of going on.
func check(m *memFS, acknowledged int) error {
	ctx := context.Background()
	m.fail = 0
	if m.open != 0 {
		return fmt.Errorf("%d files are open", m.open)
	}
	if acknowledged > 0 { // and nothing needs to be made first
		if _, err := open("/bank/archive", Options{ReadOnly: true}, m); err != nil {
			return err
		}
	}
	f, err := open("/bank/archive", Options{}, m)
	if err != nil {
		return err
	}
	n := 0
	for s, err := range f.Segments(ctx, "a") {
		if err != nil {
			return err
		}
		for _, err := range f.Records(ctx, s) {
			if err != nil {
				return err
			}
		}
		n++
	}
	if n < acknowledged || n > acknowledged+1 {
		return fmt.Errorf("%d segments, %d were acknowledged", n, acknowledged)
	}
	if n, err := story(m); n != 3 || err != nil {
		return fmt.Errorf("going on: %d, %w", n, err)
	}
	// Later, what the crash has left behind is removed.
	m.now = m.now.Add(2 * time.Hour)
	s, records := segmentOf("b", 1, 1)
	if _, err := f.Put(ctx, s, records); err != nil {
		return err
	}
	if left, err := m.Names("/bank/archive/tmp"); len(left) > 0 || err != nil {
		return fmt.Errorf("left behind: %q, %w", left, err)
	}
	return nil
}

// calls is how many calls of the file system the story makes.
func calls(t *testing.T) int {
	m := newBank(t)
	if n, err := story(m); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	return m.calls
}

// TestCrash: the process is killed, or the power goes, at each call of the file system.
func TestCrash(t *testing.T) {
	for at := range calls(t) {
		for seed := range uint64(campaign.Size(8, 200)) {
			m := newBank(t)
			m.fail, m.stop = at+1, true
			acknowledged, err := story(m)
			if err == nil && acknowledged != 3 {
				t.Fatalf("call %d: no error", at+1)
			}
			var random *rand.Rand // the process alone is killed
			if seed > 0 {
				random = rand.New(rand.NewPCG(seed, uint64(at)))
			}
			if err := check(m.afterCut(random), acknowledged); err != nil {
				t.Fatalf("crash at call %d (%v), seed %d, %d acknowledged: %v", at+1, m.last, seed, acknowledged, err)
			}
		}
	}
}

// TestDurable: what was acknowledged outlives a power cut right after.
func TestDurable(t *testing.T) {
	m := newBank(t)
	if _, err := story(m); err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(200) {
		if err := check(m.afterCut(rand.New(rand.NewPCG(seed, 1))), 3); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestDoneAlreadyIsDurable: whoever hears that a segment is done already may rely on it, though the one who put it stopped before
// the names were synced.
func TestDoneAlreadyIsDurable(t *testing.T) {
	for at := range calls(t) {
		m := newBank(t)
		m.fail, m.stop = at+1, true
		_, _ = story(m)
		again := m.afterCut(nil) // the process alone was killed: nothing is lost yet, and nothing more is synced
		again.root = m.root
		if n, err := story(again); n != 3 || err != nil {
			t.Fatalf("call %d: again: %d, %v", at+1, n, err)
		}
		for seed := range uint64(campaign.Size(3, 40)) {
			if err := check(again.afterCut(rand.New(rand.NewPCG(seed, uint64(at)))), 3); err != nil {
				t.Fatalf("killed at call %d, put again, power cut with seed %d: %v", at+1, seed, err)
			}
		}
	}
}

// TestDiskFails: one call of the file system fails, the process lives on.
func TestDiskFails(t *testing.T) {
	for at := range calls(t) {
		m := newBank(t)
		m.fail = at + 1
		acknowledged, err := story(m)
		if err != nil && !errors.Is(err, errDisk) {
			t.Errorf("call %d (%v): got %v, want the disk's own error", at+1, m.last, err)
		}
		if errors.Is(err, ledger.ErrCorrupt) || errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("call %d (%v): got %v: a disk that fails is neither damage nor a mistake", at+1, m.last, err)
		}
		harmless := acknowledged == 3 && strings.Contains("remove mod time names open", m.last.Error())
		if err == nil && !harmless {
			t.Errorf("call %d (%v): no error", at+1, m.last)
		}
		if err := check(m, acknowledged); err != nil {
			t.Errorf("failure of call %d (%v), %d acknowledged: %v", at+1, m.last, acknowledged, err)
		}
	}
}

// TestDiskFailsReading: so it does to readers, who hold nothing open afterwards.
func TestDiskFailsReading(t *testing.T) {
	m := newBank(t)
	if _, err := story(m); err != nil {
		t.Fatal(err)
	}
	read := func() error {
		f, err := open("/bank/archive", Options{}, m)
		if err != nil {
			return err
		}
		for _, err := range f.Accounts(context.Background()) {
			if err != nil {
				return err
			}
		}
		for s, err := range f.Segments(context.Background(), "a") {
			if err != nil {
				return err
			}
			for _, err := range f.Records(context.Background(), s) {
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
	m.calls = 0
	if err := read(); err != nil {
		t.Fatal(err)
	}
	for at := range m.calls {
		m.calls, m.fail = 0, at+1
		if err := read(); !errors.Is(err, errDisk) || errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("call %d (%v): got %v, want the disk's own error", at+1, m.last, err)
		}
		if m.open != 0 {
			t.Fatalf("call %d (%v): %d files are open", at+1, m.last, m.open)
		}
	}
}

// TestSweep: what is being written is left alone, what a crash has left behind is removed when it is old.
func TestSweep(t *testing.T) {
	m := newBank(t)
	f, err := open("/bank/archive", Options{}, m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Create("/bank/archive/tmp/old"); err != nil {
		t.Fatal(err)
	}
	m.now = m.now.Add(leftover)
	if _, err := m.Create("/bank/archive/tmp/new"); err != nil {
		t.Fatal(err)
	}
	m.now = m.now.Add(time.Second)
	s, records := segmentOf("a", 1, 2)
	if _, err := f.Put(context.Background(), s, records); err != nil {
		t.Fatal(err)
	}
	names, err := m.Names("/bank/archive/tmp")
	if err != nil || len(names) != 1 || names[0] != "new" {
		t.Errorf("got %q, %v, want the new one alone", names, err)
	}
	// One that is at work for so long that its file is taken away keeps nothing, and says so.
	s, records = segmentOf("b", 1, 2)
	_, err = f.Put(context.Background(), s, func(yield func(event.Record, error) bool) {
		for r, err := range records {
			m.now = m.now.Add(2 * leftover)
			other, more := segmentOf(fmt.Sprint("c", r.Version), 1, 1)
			if _, err := f.Put(context.Background(), other, more); err != nil {
				t.Error(err)
			}
			if !yield(r, err) {
				return
			}
		}
	})
	if err == nil || errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("put of what was taken away: got %v", err)
	}
	for s := range f.Segments(context.Background(), "b") {
		t.Errorf("it is there: %+v", s)
	}
}
