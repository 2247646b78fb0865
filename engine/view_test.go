package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage/memory"
)

// seen is an error that says which balance a rule saw.
type seen int64

func (s seen) Error() string { return fmt.Sprintf("there is %d", int64(s)) }

// complain is a command that cannot be decided, and says what it saw.
type complain struct{}

func (complain) Decide(p *purse.Purse) ([]event.Data, error) { return nil, seen(p.Balance) }
func (complain) Result([]event.Data) bool                    { return true }

// looks are the ways to look at Anna's purse of which nothing is journaled. Each gives the balance it was told of.
func looks() map[string]func(repo *purses) (int64, error) {
	ctx := context.Background()
	told := func(err error) (int64, error) {
		if s := seen(0); errors.As(err, &s) {
			return int64(s), nil
		}
		return 0, fmt.Errorf("got %w, want what was seen", err)
	}
	return map[string]func(repo *purses) (int64, error){
		"a view": func(repo *purses) (got int64, err error) {
			err = engine.View(ctx, repo, "anna", func(p *purse.Purse) error { got = p.Balance; return nil })
			return got, err
		},
		"an error of a view": func(repo *purses) (int64, error) {
			return told(engine.View(ctx, repo, "anna", func(p *purse.Purse) error { return seen(p.Balance) }))
		},
		"an error of a rule": func(repo *purses) (int64, error) {
			_, err := engine.Do(ctx, repo, "anna", "look", complain{})
			return told(err)
		},
		"a transaction that decides nothing": func(repo *purses) (got int64, err error) {
			f := txFunc{func(tx *engine.Tx) error {
				return engine.Peek(tx, repo.Ref("anna"), func(p *purse.Purse) error { got = p.Balance; return nil })
			}}
			_, err = engine.Atomically(ctx, "look", []engine.Member{repo.Ref("bert"), repo.Ref("anna")}, f)
			return got, err
		},
	}
}

// TestLooksWait looks at a purse while two commands are on their way, in two appends. What was decided is seen, but
// told only when the last of it is durable, and not at all if it never becomes so (E1, E6).
func TestLooksWait(t *testing.T) {
	for name, look := range looks() {
		for _, row := range []struct {
			faults []faulty.Fault
			want   int64
		}{
			{nil, 7},
			{[]faulty.Fault{faulty.None, faulty.Refused}, 3},
			{[]faulty.Fault{faulty.Refused}, 0}, // the second was decided on the first, so it fails as well
		} {
			inBubble(t, fmt.Sprintf("%s, want %d", name, row.want), func(t *testing.T) {
				j, gate := gated(memory.New(nil))
				j.Next = faults(row.faults...)
				repo := open(t, j, &engine.Options{MaxGroup: 1}, nil)
				leave(t, repo, "anna", "first", purse.Change{By: 3})
				leave(t, repo, "anna", "second", purse.Change{By: 4})
				got := async(func() int64 {
					saw, err := look(repo)
					if err != nil {
						t.Error(err)
					}
					return saw
				})
				synctest.Wait()
				checkSilent(t, got, "before either was durable")
				gate <- struct{}{}
				synctest.Wait()
				if row.faults == nil || row.faults[0] == faulty.None {
					checkSilent(t, got, "before the second was durable")
				}
				close(gate)
				if got := <-got; got != row.want {
					t.Errorf("got %d, want %d", got, row.want)
				}
			})
		}
	}
}

func checkSilent(t *testing.T, told <-chan int64, when string) {
	t.Helper()
	if len(told) > 0 {
		t.Errorf("told %s", when)
	}
}

// A view of the latest sees what another engine has written, and what came by an AnyRef, where a plain view need not.
func TestViewLatest(t *testing.T) {
	ctx := t.Context()
	j := memory.New(nil)
	mine, others := open(t, j, nil, nil), open(t, j, nil, nil)
	latest := func() (got int64) {
		t.Helper()
		if err := engine.ViewLatest(ctx, mine, "anna", func(p *purse.Purse) error { got = p.Balance; return nil }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	for i, want := range []int64{0, 3, 6, 9} {
		if got := latest(); got != want {
			t.Errorf("after %d changes by another engine: got %d, want %d", i, got, want)
		}
		if _, err := engine.Do(ctx, others, "anna", fmt.Sprint("key-", i), purse.Change{By: 3}); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(ctx, mine, "anna", "mine", 1); got.err != nil || latest() != 13 {
		t.Errorf("got %+v, and %d afterwards, want 13", got, latest())
	}
}
