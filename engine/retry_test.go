package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// TestStaleCacheDeniesNothing asks an engine that remembers an empty purse, which another engine has filled since. What
// it cannot decide, or would decide nothing about, it looks up first (E6): a retry gets the first answer (E3).
func TestStaleCacheDeniesNothing(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		for _, key := range []string{"retry", "new"} {
			store := memory.New(nil)
			one, two := open(t, store, nil, nil), open(t, store, nil, nil)
			balance(t, two, "anna")
			do(t, one, "anna", "fill", 100)
			w := withdraw{By: 50, Quiet: quiet}
			if n, err := engine.Do(t.Context(), one, "anna", "retry", w); n != 1 || err != nil {
				t.Fatalf("first call: got %d events, %v", n, err)
			}
			a, err := engine.DoAnswer(t.Context(), two, "anna", key, w)
			if err != nil || a.Result != 1 || a.Replayed != (key == "retry") {
				t.Errorf("quiet %v, key %q: got %+v, %v, want 1 event", quiet, key, a, err)
			}
		}
	}
}

// TestAbandonedIsNotForgotten leaves commands behind that are on their way, in a cache with room for less. A retry
// meets its twin, not a state without it (E2).
func TestAbandonedIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, begun, release := held(memory.New(nil))
		repo := open(t, j, nil, &engine.RepositoryOptions{CachedAggregates: 1})
		w := withdraw{By: 50}
		first := async(func() told { return ask(context.Background(), repo, "bert", "holds the journal", 1) })
		<-begun
		leave(t, repo, "anna", "fill", purse.Change{By: 100})
		for range 2 {
			leave(t, repo, "anna", "k", w)
		}
		close(release)
		<-first
		if a, err := engine.DoAnswer(t.Context(), repo, "anna", "k", w); err != nil || a.Result != 1 || !a.Replayed {
			t.Errorf("got %+v, %v, want the first answer, 1 event", a, err)
		}
		if got := balance(t, repo, "anna"); got != 50 {
			t.Errorf("got %d, want 50", got)
		}
	})
}

// TestTwinSharesTheFate asks a second time while the command is on its way. The twin is told where the command stands,
// decides for itself once nothing of it is stored (E2), and does not deny what may be (E5).
func TestTwinSharesTheFate(t *testing.T) {
	refused := []error{faulty.ErrRefused}
	unknown := []error{faulty.ErrRefused, storage.ErrUnknownOutcome}
	for _, row := range []struct {
		name        string
		faults      []faulty.Fault
		first, twin []error // what its error is; none: an answer
		replayed    bool    // the twin's answer
		head        storage.Position
	}{
		{"stored", nil, nil, nil, true, 2},
		{"refused", []faulty.Fault{faulty.Refused}, refused, nil, false, 2},
		{"refused twice", []faulty.Fault{faulty.Refused, faulty.Refused}, refused, refused, false, 1},
		{"astray and stored", []faulty.Fault{faulty.LostStored}, nil, nil, true, 2},
		{"astray, then both are refused", []faulty.Fault{faulty.LostUnstored, faulty.Refused, faulty.Refused}, unknown, unknown, false, 1},
	} {
		inBubble(t, row.name, func(t *testing.T) {
			store := memory.New(nil)
			do(t, open(t, store, nil, nil), "bert", "is at position 1", 1)
			j, begun, release := held(store)
			j.Next = faults(row.faults...)
			repo := open(t, j, nil, nil)
			first := async(func() told { return ask(context.Background(), repo, "anna", "k", 3) })
			<-begun
			twin := async(func() told { return ask(context.Background(), repo, "anna", "k", 3) })
			synctest.Wait()
			close(release)
			checkTold(t, "first", <-first, row.first)
			got := <-twin
			checkTold(t, "twin", got, row.twin)
			if row.twin == nil && got.Replayed != row.replayed {
				t.Errorf("twin: got %+v, want Replayed %v", got, row.replayed)
			}
			if got := head(t, store); got != row.head {
				t.Errorf("got head %d, want %d", got, row.head)
			}
		})
	}
}

// checkTold wants the answer 3, at position 2, or an error that is all of want and says nothing else of the outcome.
func checkTold(t *testing.T, who string, got told, want []error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(got.err, w) {
			t.Errorf("%s: got %v, want it to be %v", who, got.err, w)
		}
	}
	if len(want) == 1 && errors.Is(got.err, storage.ErrUnknownOutcome) {
		t.Errorf("%s: got %v, although nothing is stored", who, got.err)
	}
	if want == nil && (got.err != nil || got.Result.Balance != 3 || got.Last != 2) {
		t.Errorf("%s: got %+v, want 3 at position 2", who, got)
	}
}

// TestTwinLeaves has two callers with one key leave: the command of both is stored all the same (E5).
func TestTwinLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(nil)
		j, _, release := held(store)
		repo := open(t, j, nil, nil)
		for range 2 {
			leave(t, repo, "anna", "k", purse.Change{ID: "k", By: 3})
		}
		close(release)
		if got := ask(t.Context(), repo, "anna", "k", 3); got.err != nil || !got.Replayed || got.Last != 1 {
			t.Errorf("asked again: got %+v, want the first answer", got)
		}
	})
}

// TestLoadWaitsForWhatIsOnItsWay spoils a purse while earlier commands of it are being appended: a transaction fails,
// since what it was decided on in another purse was refused. A retry of what is on its way must not be decided on a
// state without it (E2), whether the first caller still waits or has left.
func TestLoadWaitsForWhatIsOnItsWay(t *testing.T) {
	for _, left := range []bool{false, true} {
		inBubble(t, fmt.Sprintf("left %v", left), func(t *testing.T) {
			store := memory.New(nil)
			j, gate := gated(store)
			j.Next = faults(faulty.Refused)
			repo := open(t, j, nil, nil)
			lost := async(func() told { return ask(context.Background(), repo, "anna", "lost", 100) })
			synctest.Wait()
			leave(t, repo, "bert", "fill", purse.Change{By: 100})
			w := withdraw{By: 50}
			ctx := context.Background()
			if left {
				ctx = patient(t)
			}
			first := async(func() error { _, err := engine.Do(ctx, repo, "bert", "k", w); return err })
			synctest.Wait()
			m := transfer{ID: "built on what is lost", By: 10, From: repo.Ref("anna"), To: repo.Ref("bert")}
			if _, err := engine.Atomically(patient(t), m.ID, []engine.Member{m.From, m.To}, m); !errors.Is(err, storage.ErrUnknownOutcome) {
				t.Errorf("transfer: got %v, want ErrUnknownOutcome", err)
			}
			gate <- struct{}{} // for the append of "lost"; the one of "fill" and "k" is next
			if got := <-lost; !errors.Is(got.err, faulty.ErrRefused) {
				t.Errorf("got %+v, want ErrRefused", got)
			}
			synctest.Wait()
			if _, err := engine.Do(patient(t), repo, "bert", "k", w); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("retry: got %v, want it to wait", err)
			}
			close(gate)
			if err := <-first; (err != nil) != left {
				t.Errorf("first call: got %v", err)
			}
			if n, err := engine.Do(t.Context(), repo, "bert", "k", w); n != 1 || err != nil {
				t.Errorf("asked again: got %d events, %v, want 1", n, err)
			}
			if got := balance(t, repo, "bert"); got != 50 {
				t.Errorf("got %d, want 50", got)
			}
		})
	}
}

// cutting reads what the engine asks for to its end, and calls cut with each record.
type cutting struct {
	storage.Journal
	cut func()
}

func (c *cutting) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range c.Journal.Stream(context.WithoutCancel(ctx), id, after) {
			c.cut()
			if !yield(r, err) {
				return
			}
		}
	}
}

// TestCancelledInALostRace cuts a caller off just when its engine finds that another one was faster. The error says
// both, and that the outcome is known: nothing is stored (E5).
func TestCancelledInALostRace(t *testing.T) {
	store := memory.New(nil)
	ctx, cancel := context.WithCancel(t.Context())
	one, two := open(t, &cutting{store, cancel}, nil, nil), open(t, store, nil, nil)
	balance(t, one, "anna")
	do(t, two, "anna", "fill", 100)
	_, err := engine.Do(ctx, one, "anna", "k", withdraw{By: 50})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got %v, want Canceled and ErrConflict", err)
	}
}

// TestLeaversGiveTheirPlacesBack cancels callers at any moment: before, while and after their command is settled. Each
// place is given back once (a place too few, and Close waits for ever), and each key is stored once at the most.
func TestLeaversGiveTheirPlacesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(nil)
		e, repo := openEngine(t, store, &engine.Options{MaxInFlight: 4}, nil)
		var callers []<-chan int
		for n := range 8 {
			callers = append(callers, async(func() (stored int) {
				for i := range 200 {
					ctx, cancel := context.WithCancel(context.Background())
					go cancel()
					if got := ask(ctx, repo, fmt.Sprint(n%2), fmt.Sprint(n, " ", i), 1); got.err == nil {
						stored++
					} else if !errors.Is(got.err, context.Canceled) {
						t.Errorf("got %v, want Canceled", got.err)
					}
				}
				return stored
			}))
		}
		stored := 0
		for _, c := range callers {
			stored += <-c
		}
		if err := e.Close(patient(t)); err != nil {
			t.Error(err)
		}
		if got := int(head(t, store)); got < stored || got > 8*200 {
			t.Errorf("got head %d, want %d to %d", got, stored, 8*200)
		}
	})
}
