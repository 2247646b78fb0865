package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// TestGroupIsBounded queues ten commands behind one that the journal holds. They share commits, Options.MaxGroup of them
// at the most.
func TestGroupIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var sizes []int
		j := &faulty.Journal{Journal: memory.New(nil), Before: func(b []storage.Batch) { sizes = append(sizes, len(b)); <-gate }}
		e, repo := openEngine(t, j, &engine.Options{MaxGroup: 4}, nil)
		for i := range 11 {
			async(func() told { return ask(context.Background(), repo, fmt.Sprint(i%3), fmt.Sprint(i), 1) })
			synctest.Wait()
		}
		close(gate)
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if want := []int{1, 4, 4, 2}; !slices.Equal(sizes, want) {
			t.Errorf("got appends of %v batches, want %v", sizes, want)
		}
	})
}

// miscounting stores what it is given, and answers with receipts that are not as many.
type miscounting struct {
	storage.Journal
	by int
}

func (m miscounting) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	receipts, err := m.Journal.Append(ctx, batches...)
	return append(receipts, storage.Receipt{First: 7, Last: 7})[:len(receipts)+m.by], err
}

// TestReceiptsAreCounted has a journal answer with a receipt too few or too many: nobody can say what became of the
// command, until its key is asked again (E5).
func TestReceiptsAreCounted(t *testing.T) {
	for _, by := range []int{-1, 1} {
		store := memory.New(nil)
		repo := open(t, miscounting{store, by}, &engine.Options{MaxAttempts: 1}, nil)
		if got := ask(t.Context(), repo, "anna", "k", 3); !errors.Is(got.err, storage.ErrUnknownOutcome) {
			t.Errorf("%+d receipts: got %+v, want ErrUnknownOutcome", by, got)
		}
		if got := ask(t.Context(), repo, "anna", "k", 3); got.err != nil || !got.Replayed || got.Last != 1 {
			t.Errorf("%+d receipts, asked again: got %+v, want the first answer", by, got)
		}
	}
}

// TestEvictionTakesTheLeastRecentlyUsed has room for two purses. What is read tells which of them had to be loaded.
func TestEvictionTakesTheLeastRecentlyUsed(t *testing.T) {
	j := &counting{Journal: memory.New(nil)}
	fill := open(t, j, nil, memoryOptions(-1))
	for _, id := range []string{"a", "b", "c"} {
		do(t, fill, id, "fill", 1)
	}
	ro := memoryOptions(-1)
	ro.CachedAggregates = 2
	repo := open(t, j, nil, ro)
	for i, row := range []struct {
		id   string
		read int
	}{
		{"a", 1}, {"b", 1}, {"a", 0},
		{"c", 1}, // in place of b
		{"a", 0}, {"c", 0},
		{"b", 1}, // in place of a
		{"c", 0}, {"b", 0}, {"a", 1},
	} {
		j.read = 0
		if got := balance(t, repo, row.id); got != 1 || j.read != row.read {
			t.Errorf("look %d, at %s: got %d and %d records read, want 1 and %d", i, row.id, got, j.read, row.read)
		}
	}
}

// TestNoneInUseIsEvicted fills a cache of one while a view is at a purse. A command to it waits for that view: there
// are never two of one aggregate (E2).
func TestNoneInUseIsEvicted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := open(t, memory.New(nil), nil, &engine.RepositoryOptions{CachedAggregates: 1})
		looking := make(chan struct{})
		view := async(func() error {
			return engine.View(context.Background(), repo, "anna", func(*purse.Purse) error { <-looking; return nil })
		})
		synctest.Wait()
		for _, id := range []string{"bert", "carl", "bert"} {
			balance(t, repo, id)
		}
		changed := async(func() told { return ask(context.Background(), repo, "anna", "k", 3) })
		synctest.Wait()
		if len(changed) > 0 {
			t.Error("a purse was changed while it was shown")
		}
		close(looking)
		if err := <-view; err != nil {
			t.Error(err)
		}
		if got := <-changed; got.err != nil {
			t.Error(got.err)
		}
	})
}

// TestCloseWaitsForRules closes an engine while a rule is still deciding: Close returns when its caller has the answer,
// which is durable.
func TestCloseWaitsForRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(nil)
		e, repo := openEngine(t, store, nil, nil)
		thinking := make(chan struct{})
		decided := async(func() error {
			n, err := engine.Do(context.Background(), repo, "anna", "k", ruleFunc(func() ([]event.Data, error) {
				<-thinking
				return []event.Data{purse.Changed{By: 3, Balance: 3}}, nil
			}))
			if n != 1 {
				t.Errorf("got %d events, want 1", n)
			}
			return err
		})
		synctest.Wait()
		if err := e.Close(patient(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close with a rule at work: got %v, want DeadlineExceeded", err)
		}
		if got := ask(t.Context(), repo, "anna", "late", 1); !errors.Is(got.err, engine.ErrClosed) {
			t.Errorf("Do after Close: got %+v, want ErrClosed", got)
		}
		close(thinking)
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := head(t, store); got != 1 {
			t.Errorf("closed with head %d, want 1", got)
		}
		if err := <-decided; err != nil {
			t.Error(err)
		}
	})
}
