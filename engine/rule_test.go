package engine_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// ruleFunc is a command made of a function, for rules that go wrong.
type ruleFunc func() ([]event.Data, error)

func (f ruleFunc) Decide(*purse.Purse) ([]event.Data, error) { return f() }
func (ruleFunc) Result(d []event.Data) int                   { return len(d) }
func (ruleFunc) MarshalJSON() ([]byte, error)                { return []byte("{}"), nil }

// TestErrorsOfRulesAreNotTheEngines has rules fail with what looks like a journal's error. It is given back after one
// call: a rule is asked again when the journal says so, not when the rule does.
func TestErrorsOfRulesAreNotTheEngines(t *testing.T) {
	repo := open(t, memory.New(nil), nil, nil)
	for _, want := range []error{storage.ErrConflict, storage.ErrUnknownOutcome} {
		for name, call := range map[string]func(rule func() error) error{
			"a command": func(rule func() error) error {
				_, err := engine.Do(t.Context(), repo, "anna", "k", ruleFunc(func() ([]event.Data, error) { return nil, rule() }))
				return err
			},
			"a transaction": func(rule func() error) error {
				f := txFunc{func(*engine.Tx) error { return rule() }}
				_, err := engine.Atomically(t.Context(), "k", []engine.Member{repo.Ref("anna")}, f)
				return err
			},
			"a view": func(rule func() error) error {
				return engine.View(t.Context(), repo, "anna", func(*purse.Purse) error { return rule() })
			},
		} {
			n := 0
			err := call(func() error { n++; return want })
			if !errors.Is(err, want) || n != 1 {
				t.Errorf("%s: got %v after %d calls, want %v after one", name, err, n, want)
			}
		}
	}
}

// fuse says which method of which bomb goes off.
type fuse struct{ method, id string }

const errMisfire = failure("misfire")

// bomb is a purse whose methods go off when the fuse says so.
type bomb struct {
	purse.Purse
	id   string
	fuse *fuse
}

func (b *bomb) burn(method string) {
	if *b.fuse == (fuse{method, b.id}) {
		panic("bug in " + method)
	}
}

func (b *bomb) Apply(d event.Data) error {
	b.burn("Apply")
	if *b.fuse == (fuse{"error of Apply", b.id}) {
		return errMisfire
	}
	return b.Purse.Apply(d)
}

func (b *bomb) MarshalBinary() ([]byte, error) {
	b.burn("MarshalBinary")
	return b.Purse.MarshalBinary()
}

func (b *bomb) UnmarshalBinary(data []byte) error {
	b.burn("UnmarshalBinary")
	return b.Purse.UnmarshalBinary(data)
}

// load is a change of a bomb.
type load struct{ By int64 }

func (l load) Decide(b *bomb) ([]event.Data, error) { return purse.Change{By: l.By}.Decide(&b.Purse) }
func (load) Result(d []event.Data) purse.Answer     { return purse.Change{}.Result(d) }

// loadBoth is a change of two bombs.
type loadBoth struct{ A, B engine.Ref[*bomb] }

func (l loadBoth) Decide(tx *engine.Tx) error {
	_, err := engine.Stage(tx, l.A, load{5})
	_, err2 := engine.Stage(tx, l.B, load{5})
	return errors.Join(err, err2)
}

func (loadBoth) Result(engine.Decided) bool   { return true }
func (loadBoth) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

func openBombs(t *testing.T, j storage.Journal, every int, f *fuse) *engine.Repository[*bomb] {
	t.Helper()
	e, _ := openEngine(t, j, nil, nil)
	repo, err := engine.NewRepository(e, engine.Kind[*bomb]{
		Name: "bomb", Codec: purse.Codec(), New: func(id string) *bomb { return &bomb{id: id, fuse: f} },
	}, memoryOptions(every))
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// caught is the panic of f as an error, or else its error.
func caught(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// TestFailingStatesLeaveNothing has a state fail at every moment at which the engine calls it. Afterwards nothing is
// locked, no aggregate holds what the journal does not (E1), and the same call goes through.
func TestFailingStatesLeaveNothing(t *testing.T) {
	for _, row := range []struct {
		name  string
		fuse  fuse
		every int
		fresh bool // loaded by the call that fails; otherwise in the cache
	}{
		{"while it takes up what was decided", fuse{"Apply", "a"}, -1, false},
		{"while it is loaded from events", fuse{"Apply", "a"}, -1, true},
		{"while it is written to a snapshot", fuse{"MarshalBinary", "a"}, 1, false},
		{"while it is read from a snapshot", fuse{"UnmarshalBinary", "a"}, 1, true},
		{"the second one, when the first has taken it up", fuse{"Apply", "b"}, -1, false},
		{"the second one, while it is loaded", fuse{"Apply", "b"}, -1, true},
		{"the second one, while it is written to a snapshot", fuse{"MarshalBinary", "b"}, 1, false},
		{"it does not take up what was decided", fuse{"error of Apply", "a"}, -1, false},
		{"the second one does not take it up", fuse{"error of Apply", "b"}, -1, false},
	} {
		inBubble(t, row.name+", in a transaction", func(t *testing.T) {
			failOnce(t, row.fuse, row.every, row.fresh, func(repo *engine.Repository[*bomb]) error {
				l := loadBoth{repo.Ref("a"), repo.Ref("b")}
				_, err := engine.Atomically(patient(t), "k", []engine.Member{l.A, l.B}, l)
				return err
			})
		})
		if row.fuse.id != "a" {
			continue
		}
		inBubble(t, row.name, func(t *testing.T) {
			failOnce(t, row.fuse, row.every, row.fresh, func(repo *engine.Repository[*bomb]) error {
				_, err := engine.Do(patient(t), repo, "a", "k", load{5})
				return err
			})
		})
	}
}

// failOnce makes a call twice over two bombs that hold 1 each: with the fuse lit, and without.
func failOnce(t *testing.T, lit fuse, every int, fresh bool, call func(repo *engine.Repository[*bomb]) error) {
	store, f := memory.New(nil), &fuse{}
	repo := openBombs(t, store, every, f)
	for _, id := range []string{"a", "b"} {
		if _, err := engine.Do(t.Context(), repo, id, "fill", load{1}); err != nil {
			t.Fatal(err)
		}
	}
	if fresh {
		repo = openBombs(t, store, every, f)
	}
	*f = lit
	if err := caught(func() error { return call(repo) }); err == nil {
		t.Error("the failure was swallowed")
	}
	*f = fuse{}
	checkBombs(t, repo, store, 2)
	if err := caught(func() error { return call(repo) }); err != nil {
		t.Errorf("again: %v", err)
	}
	if got := head(t, store); got == 2 {
		t.Error("again: nothing is stored")
	}
}

// checkBombs wants nothing stored after a position, and what is stored to be all that two bombs hold.
func checkBombs(t *testing.T, repo *engine.Repository[*bomb], store storage.Journal, last storage.Position) {
	t.Helper()
	if got := head(t, store); got != last {
		t.Errorf("got head %d, want %d", got, last)
	}
	for _, id := range []string{"a", "b"} {
		changes := int64(0)
		for _, err := range store.Stream(t.Context(), "bomb/"+id, 0) {
			if err != nil {
				t.Fatal(err)
			}
			changes++
		}
		err := engine.View(patient(t), repo, id, func(b *bomb) error {
			if b.Changes != changes {
				return fmt.Errorf("it shows %d changes, the journal has %d", b.Changes, changes)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}
