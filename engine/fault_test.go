package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// faults gives one fault after the other, then none.
func faults(next ...faulty.Fault) func() faulty.Fault {
	return func() faulty.Fault {
		if len(next) == 0 {
			return faulty.None
		}
		f := next[0]
		next = next[1:]
		return f
	}
}

// TestUnknownStaysUnknown has an append go astray, and the next one fail for good. The command may be stored, so the
// error must not say that it is not (E5). Asked again, the key tells.
func TestUnknownStaysUnknown(t *testing.T) {
	for _, row := range []struct {
		name   string
		faults []faulty.Fault
		want   []error // the error is all of these; none: an answer
		head   storage.Position
	}{
		{"refused", []faulty.Fault{faulty.Refused}, []error{faulty.ErrRefused}, 0},
		{"astray and not stored, then well", []faulty.Fault{faulty.LostUnstored}, nil, 1},
		{"astray and stored", []faulty.Fault{faulty.LostStored}, nil, 1},
		{"astray twice, then well", []faulty.Fault{faulty.LostUnstored, faulty.LostUnstored}, nil, 1},
		{"astray, then refused", []faulty.Fault{faulty.LostUnstored, faulty.Refused},
			[]error{faulty.ErrRefused, storage.ErrUnknownOutcome}, 0},
	} {
		j := memory.New(nil)
		repo := open(t, &faulty.Journal{Journal: j, Next: faults(row.faults...)}, nil, nil)
		a, err := engine.Do(t.Context(), repo, "anna", "k", purse.Change{ID: "k", By: 3})
		for _, want := range row.want {
			if !errors.Is(err, want) {
				t.Errorf("%s: got %v, want it to be %v", row.name, err, want)
			}
		}
		if len(row.want) == 1 && errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("%s: got %v, although nothing is stored", row.name, err)
		}
		if row.want == nil && (err != nil || a.Balance != 3) {
			t.Errorf("%s: got %+v, %v, want 3", row.name, a, err)
		}
		if got := head(t, j); got != row.head {
			t.Errorf("%s: got head %d, want %d", row.name, got, row.head)
		}
		if got := do(t, repo, "anna", "k", 3); got.Balance != 3 || head(t, j) != 1 {
			t.Errorf("%s: again: got %+v and head %d, want 3 and 1", row.name, got, head(t, j))
		}
	}
}

// TestAttemptsAreBounded has every append go astray.
func TestAttemptsAreBounded(t *testing.T) {
	n := 0
	j := &faulty.Journal{Journal: memory.New(nil), Next: func() faulty.Fault { n++; return faulty.LostUnstored }}
	repo := open(t, j, &engine.Options{MaxAttempts: 5}, nil)
	_, err := engine.Do(t.Context(), repo, "anna", "k", purse.Change{ID: "k", By: 3})
	if !errors.Is(err, storage.ErrUnknownOutcome) || n != 5 {
		t.Errorf("got %v after %d appends, want ErrUnknownOutcome after 5", err, n)
	}
}

// held is a journal whose first append waits until release is closed; begun is closed when it does.
func held(j storage.Journal) (h *faulty.Journal, begun, release chan struct{}) {
	begun, release = make(chan struct{}), make(chan struct{})
	var once sync.Once
	return &faulty.Journal{Journal: j, Before: func([]storage.Batch) {
		once.Do(func() { close(begun); <-release })
	}}, begun, release
}

// TestTwinWithOtherContent asks with a key that is on its way for another command (E3).
func TestTwinWithOtherContent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(nil)
		j, begun, release := held(store)
		repo := open(t, j, nil, nil)
		first := async(func() told { return ask(context.Background(), repo, "anna", "k", 3) })
		<-begun
		other := async(func() error {
			_, err := engine.Do(context.Background(), repo, "anna", "k", purse.Change{ID: "k", By: 4})
			return err
		})
		synctest.Wait()
		close(release)
		if got := <-first; got.err != nil || got.Result.Balance != 3 {
			t.Errorf("first: got %+v, want 3", got)
		}
		if err := <-other; !errors.Is(err, engine.ErrKeyReused) {
			t.Errorf("got %v, want ErrKeyReused", err)
		}
		if got := head(t, store); got != 1 {
			t.Errorf("got head %d, want 1", got)
		}
	})
}
