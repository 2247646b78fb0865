package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// pay moves 60, like move, and names the aggregates in the order of refs.
func pay(repo *purses, key, from, to string, refs ...string) (bool, error) {
	m := transfer{ID: key, By: 60, From: repo.Ref(from), To: repo.Ref(to)}
	var members []engine.Member
	for _, id := range refs {
		members = append(members, repo.Ref(id))
	}
	return engine.Atomically(context.Background(), key, members, m)
}

// TestKeyOfATransaction asks again with a transaction's key. Over the same purses, in whatever order, it is the same
// transaction (E3); over others it is another one, which gets the key only where no purse of it keeps that already.
func TestKeyOfATransaction(t *testing.T) {
	for _, row := range []struct {
		name     string
		fill     int64    // what Anna has
		first    []string // the refs of Anna's payment to Bert
		from, to string   // who pays whom when the key is used again
		again    []string
		paid     bool
		want     error
		head     storage.Position
	}{
		{"the same", 100, []string{"anna", "bert"}, "anna", "bert", []string{"anna", "bert"}, true, nil, 3},
		{"in another order", 100, []string{"anna", "bert"}, "anna", "bert", []string{"bert", "anna"}, true, nil, 3},
		{"refused, in another order", 50, []string{"bert", "anna"}, "anna", "bert", []string{"anna", "bert"}, false, nil, 2},
		{"another payee", 100, []string{"anna", "bert"}, "anna", "carl", []string{"anna", "carl"}, false, engine.ErrKeyReused, 3},
		{"another payee after a refusal", 50, []string{"bert", "anna"}, "anna", "carl", []string{"carl", "anna"}, false, engine.ErrKeyReused, 2},
		{"another payer, the key is the payee's", 100, []string{"bert", "anna"}, "carl", "bert", []string{"carl", "bert"}, false, engine.ErrKeyReused, 3},
		{"one more purse", 100, []string{"anna", "bert"}, "anna", "bert", []string{"anna", "bert", "carl"}, false, engine.ErrKeyReused, 3},
		{"the key is with none of them", 150, []string{"bert", "anna"}, "anna", "carl", []string{"carl", "anna"}, true, nil, 5},
	} {
		for _, meanwhile := range []bool{true, false} {
			inBubble(t, fmt.Sprintf("%s, meanwhile %v", row.name, meanwhile), func(t *testing.T) {
				store := memory.New(nil)
				do(t, open(t, store, nil, nil), "anna", "fill", row.fill)
				j, begun, release := held(store)
				repo := open(t, j, nil, nil)
				first := async(func() error { _, err := pay(repo, "k", "anna", "bert", row.first...); return err })
				<-begun
				if !meanwhile {
					close(release)
					synctest.Wait()
				}
				again := async(func() error {
					paid, err := pay(repo, "k", row.from, row.to, row.again...)
					if paid != row.paid {
						t.Errorf("got paid %v, %v, want %v", paid, err, row.paid)
					}
					return err
				})
				synctest.Wait()
				if meanwhile {
					close(release)
				}
				if err := <-first; err != nil {
					t.Errorf("first: %v", err)
				}
				if err := <-again; !errors.Is(err, row.want) {
					t.Errorf("got %v, want %v", err, row.want)
				}
				if got := head(t, store); got != row.head {
					t.Errorf("got head %d, want %d", got, row.head)
				}
			})
		}
	}
}

// TestKeyOfATransactionInAnotherMember uses a transaction's key for a command to the member that does not keep it. The
// transaction is found all the same (E3).
func TestKeyOfATransactionInAnotherMember(t *testing.T) {
	store := memory.New(nil)
	repo := open(t, store, nil, nil)
	if paid, err := move(repo, "k", "anna", "bert", 60); paid || err != nil {
		t.Fatalf("got %v, %v, want a refusal, which Anna keeps", paid, err)
	}
	do(t, repo, "bert", "k", 5)
	do(t, repo, "anna", "fill", 100)
	for range 2 {
		if paid, err := move(repo, "k", "anna", "bert", 60); paid || err != nil {
			t.Errorf("retry: got %v, %v, want the refusal of then", paid, err)
		}
		repo = open(t, store, nil, nil)
	}
}

// guarded fills To if From, which it only looks at, holds 100.
type guarded struct {
	From, To engine.Ref[*purse.Purse] `json:"-"`
}

func (g guarded) Decide(tx *engine.Tx) error {
	err := engine.Peek(tx, g.From, func(p *purse.Purse) error {
		if p.Balance < 100 {
			return errTooLittle
		}
		return nil
	})
	if err == nil {
		_, err = engine.Stage(tx, g.To, purse.Change{By: 7})
	}
	return err
}

func (guarded) Result(engine.Decided) bool { return true }

// TestGuardsAreRestedOn decides a transaction on a look at a purse whose filling then loses a race, against an event
// that makes the version number fit again. What was only looked at counts (E2).
func TestGuardsAreRestedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(nil)
		j, begun, release := held(store)
		one, two := open(t, j, &engine.Options{MaxGroup: 1}, nil), open(t, store, nil, nil)
		first := async(func() told { return ask(context.Background(), one, "carl", "holds the journal", 1) })
		<-begun
		leave(t, one, "anna", "fill", purse.Change{By: 100})
		decided := async(func() error {
			g := guarded{one.Ref("anna"), one.Ref("bert")}
			_, err := engine.Atomically(context.Background(), "k", []engine.Member{g.From, g.To}, g)
			return err
		})
		synctest.Wait()
		do(t, two, "anna", "faster", 1)
		close(release)
		if got := <-first; got.err != nil {
			t.Error(got.err)
		}
		if err := <-decided; !errors.Is(err, errTooLittle) {
			t.Errorf("got %v, want errTooLittle: there is 1", err)
		}
		if got := balance(t, open(t, store, nil, nil), "bert"); got != 0 {
			t.Errorf("Bert got %d, decided on what is not the history", got)
		}
	})
}

// tally is an aggregate of another kind: it counts, and knows only its own event.
type tally struct{ n int }

type counted struct {
	N int `json:"n"`
}

func (counted) EventType() string { return "tally.counted.v1" }

func (t *tally) Apply(d event.Data) error {
	c, ok := d.(counted)
	if !ok || c.N != t.n+1 {
		return fmt.Errorf("tally: at %d comes %v", t.n, d)
	}
	t.n = c.N
	return nil
}

type count struct{}

func (count) Decide(t *tally) ([]event.Data, error) { return []event.Data{counted{t.n + 1}}, nil }

func (count) Result(d []event.Data) (n int) {
	if len(d) > 0 {
		n = d[0].(counted).N
	}
	return n
}

// countedMove is a transfer that is counted in an aggregate of another kind.
type countedMove struct {
	transfer
	Count engine.Ref[*tally] `json:"-"`
}

func (c countedMove) Decide(tx *engine.Tx) error {
	_, err := engine.Stage(tx, c.Count, count{})
	return errors.Join(err, c.transfer.Decide(tx))
}

func (c countedMove) Result(d engine.Decided) string {
	return fmt.Sprint(c.transfer.Result(d), d.Of(c.From), d.Of(c.To), engine.ResultOf(d, c.Count, count{}))
}

// TestKindsInOneTransaction journals events of two kinds in one batch, and replays each with the codec of its own kind
// (E3): at once, and after a restart.
func TestKindsInOneTransaction(t *testing.T) {
	store := memory.New(nil)
	do(t, open(t, store, nil, nil), "anna", "fill", 100)
	want := map[string]string{}
	for round := range 2 {
		e, repo := openEngine(t, store, nil, nil)
		tallies, err := engine.NewRepository(e, engine.Kind[*tally]{
			Name: "tally", Codec: event.MustCodec([]event.Type{event.TypeOf[counted]()}), New: func(string) *tally { return &tally{} },
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"paid", "refused", "paid", "refused"} {
			m := countedMove{transfer{ID: key, By: 60, From: repo.Ref("anna"), To: repo.Ref("bert")}, tallies.Ref("moves")}
			got, err := engine.Atomically(t.Context(), key, []engine.Member{m.From, m.Count, m.To}, m)
			if err != nil || want[key] != "" && got != want[key] {
				t.Errorf("round %d, %s: got %s, %v, want %s", round, key, got, err, want[key])
			}
			want[key] = got
		}
	}
	if a := "true [{paid -60 40}] [{paid 60 60}] 1"; want["paid"] != a {
		t.Errorf("got %s, want %s", want["paid"], a)
	}
	if b := "false [{refused -60 40}] [] 2"; want["refused"] != b {
		t.Errorf("got %s, want %s", want["refused"], b)
	}
	if got := head(t, store); got != 1+3+2 {
		t.Errorf("got head %d, want 6", got)
	}
}
