package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
	"pgregory.net/rapid"
)

type purses = engine.Repository[*purse.Purse]

// open starts an engine over a journal, and closes it with the test.
func open(t testing.TB, j storage.Journal, o *engine.Options, ro *engine.RepositoryOptions) *purses {
	t.Helper()
	_, repo := openEngine(t, j, o, ro)
	return repo
}

func openEngine(t testing.TB, j storage.Journal, o *engine.Options, ro *engine.RepositoryOptions) (*engine.Engine, *purses) {
	t.Helper()
	e, repo := start(t, j, o, ro)
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e, repo
}

// start starts an engine over a journal, which the caller closes.
func start(t rapid.TB, j storage.Journal, o *engine.Options, ro *engine.RepositoryOptions) (*engine.Engine, *purses) {
	t.Helper()
	e, err := engine.New(j, o)
	if err != nil {
		t.Fatal(err)
	}
	repo, err := engine.NewRepository(e, engine.Kind[*purse.Purse]{Name: "purse", Codec: purse.Codec(), New: purse.New}, ro)
	if err != nil {
		t.Fatal(err)
	}
	return e, repo
}

func memoryOptions(every int) *engine.RepositoryOptions {
	return &engine.RepositoryOptions{SnapshotEvery: every}
}

func do(t testing.TB, repo *purses, id, key string, by int64) purse.Answer {
	t.Helper()
	a, err := engine.Do(t.Context(), repo, id, key, purse.Change{ID: key, By: by})
	if err != nil {
		t.Fatalf("Do(%s, %s, %d): %v", id, key, by, err)
	}
	return a
}

func balance(t testing.TB, repo *purses, id string) (balance int64) {
	t.Helper()
	err := engine.View(t.Context(), repo, id, func(p *purse.Purse) error { balance = p.Balance; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return balance
}

func head(t testing.TB, j storage.Journal) storage.Position {
	t.Helper()
	h, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestStory is the life of one purse, over two engines one after the other (E3).
func TestStory(t *testing.T) {
	j := memory.New(nil)
	rows := []struct {
		key  string
		by   int64
		want purse.Answer
	}{
		{"first", 100, purse.Answer{Balance: 100}},
		{"second", -30, purse.Answer{Balance: 70}},
		{"too-much", -71, purse.Answer{Refused: true, Balance: 70}},
		{"all", -70, purse.Answer{Balance: 0}},
		{"refill", 500, purse.Answer{Balance: 500}},
		{"too-much", -71, purse.Answer{Refused: true, Balance: 70}}, // refused for ever, though it would fit now
		{"first", 100, purse.Answer{Balance: 100}},
	}
	for round := range 3 {
		repo := open(t, j, nil, &engine.RepositoryOptions{SnapshotEvery: round - 1})
		for _, row := range rows {
			if got := do(t, repo, "anna", row.key, row.by); got != row.want {
				t.Errorf("round %d: %s by %d: got %+v, want %+v", round, row.key, row.by, got, row.want)
			}
		}
		if got := balance(t, repo, "anna"); got != 500 {
			t.Errorf("round %d: got balance %d, want 500", round, got)
		}
		if got := head(t, j); got != 5 {
			t.Errorf("round %d: got head %d, want 5: a replay writes nothing", round, got)
		}
	}
}

func TestReplayedIsSaid(t *testing.T) {
	repo := open(t, memory.New(nil), nil, nil)
	for i, want := range []bool{false, true, true} {
		a, err := engine.DoAnswer(t.Context(), repo, "anna", "k", purse.Change{ID: "k", By: 7})
		if err != nil || a.Replayed != want || a.Last != 1 || a.Result.Balance != 7 {
			t.Errorf("call %d: got %+v, %v, want Replayed %v at position 1", i, a, err, want)
		}
	}
}

func TestKeyReused(t *testing.T) {
	j := memory.New(nil)
	repo := open(t, j, nil, nil)
	do(t, repo, "anna", "k", 100)
	for _, c := range []purse.Change{{ID: "k", By: 101}, {ID: "other", By: 100}} {
		if _, err := engine.Do(t.Context(), repo, "anna", "k", c); !errors.Is(err, engine.ErrKeyReused) {
			t.Errorf("%+v: got %v, want ErrKeyReused", c, err)
		}
	}
	do(t, repo, "berta", "k", 55) // another aggregate has keys of its own
	if got := head(t, j); got != 2 {
		t.Errorf("got head %d, want 2", got)
	}
}

// renamed has the content of a Change under another name.
type renamed struct{ purse.Change }

func (renamed) CommandType() string { return "purse.Renamed" }

func TestNameIsPartOfTheDigest(t *testing.T) {
	repo := open(t, memory.New(nil), nil, nil)
	c := purse.Change{ID: "k", By: 1}
	do(t, repo, "anna", "k", 1)
	if _, err := engine.Do(t.Context(), repo, "anna", "k", renamed{c}); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("got %v, want ErrKeyReused", err)
	}
	if a, err := engine.Do(t.Context(), repo, "anna", "k", &c); err != nil || a.Balance != 1 {
		t.Errorf("a pointer to the command: got %+v, %v, want the first answer", a, err)
	}
}

func TestBadInput(t *testing.T) {
	j := memory.New(nil)
	repo := open(t, j, nil, nil)
	long := string(make([]byte, 300))
	for _, row := range []struct {
		id, key string
		by      int64
	}{
		{"", "k", 1}, {"a\x00b", "k", 1}, {long, "k", 1},
		{"anna", "", 1}, {"anna", "a\nb", 1}, {"anna", long, 1},
	} {
		_, err := engine.Do(t.Context(), repo, row.id, row.key, purse.Change{By: row.by})
		if !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("id %.10q key %.10q: got %v, want ErrInvalid", row.id, row.key, err)
		}
	}
	if _, err := engine.Do(t.Context(), repo, "anna", "k", purse.Change{}); err == nil {
		t.Error("a command that cannot be decided: got no error")
	}
	if _, err := engine.Do(t.Context(), repo, "anna", "k", strange{}); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("an event that the codec does not know: got %v, want ErrInvalid", err)
	}
	if _, err := engine.Do[*purse.Purse, purse.Answer](t.Context(), repo, "anna", "k", nil); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("no command: got %v, want ErrInvalid", err)
	}
	if got := head(t, j); got != 0 {
		t.Errorf("got head %d, want 0", got)
	}
	do(t, repo, "anna", "k", 1) // the key is still free
}

func TestBadOptions(t *testing.T) {
	j := memory.New(nil)
	for _, o := range []engine.Options{{MaxInFlight: -1}, {MaxGroup: -1}, {MaxGroup: storage.MaxBatches + 1}, {MaxAttempts: -1}} {
		if _, err := engine.New(j, &o); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", o, err)
		}
	}
	if _, err := engine.New(nil, nil); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("no journal: got %v, want ErrInvalid", err)
	}
	e, _ := openEngine(t, j, nil, nil)
	good := engine.Kind[*purse.Purse]{Name: "other", Codec: purse.Codec(), New: purse.New}
	for name, spoil := range map[string]func(k *engine.Kind[*purse.Purse], o *engine.RepositoryOptions){
		"no name":   func(k *engine.Kind[*purse.Purse], _ *engine.RepositoryOptions) { k.Name = "" },
		"bad name":  func(k *engine.Kind[*purse.Purse], _ *engine.RepositoryOptions) { k.Name = "Purse" },
		"twice":     func(k *engine.Kind[*purse.Purse], _ *engine.RepositoryOptions) { k.Name = "purse" },
		"no codec":  func(k *engine.Kind[*purse.Purse], _ *engine.RepositoryOptions) { k.Codec = nil },
		"no new":    func(k *engine.Kind[*purse.Purse], _ *engine.RepositoryOptions) { k.New = nil },
		"cache":     func(_ *engine.Kind[*purse.Purse], o *engine.RepositoryOptions) { o.CachedAggregates = -1 },
		"snapshots": func(_ *engine.Kind[*purse.Purse], o *engine.RepositoryOptions) { o.SnapshotEvery = -2 },
	} {
		k, o := good, engine.RepositoryOptions{}
		spoil(&k, &o)
		if _, err := engine.NewRepository(e, k, &o); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}

// TestTwinsInFlight asks with one key from many callers at once: one decides, all get its answer.
func TestTwinsInFlight(t *testing.T) {
	j := memory.New(nil)
	repo := open(t, j, nil, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	first := 0
	for range 32 {
		wg.Go(func() {
			a, err := engine.DoAnswer(context.Background(), repo, "anna", "k", purse.Change{ID: "k", By: 9})
			if err != nil || a.Result != (purse.Answer{Balance: 9}) || a.Last != 1 {
				t.Errorf("got %+v, %v", a, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if !a.Replayed {
				first++
			}
		})
	}
	wg.Wait()
	if first != 1 || head(t, j) != 1 {
		t.Errorf("got %d first answers and head %d, want 1 and 1", first, head(t, j))
	}
}

// TestClose waits for what is under way, and refuses what comes after.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, gate := gated(memory.New(nil))
		e, repo := openEngine(t, j, nil, nil)
		var answers []<-chan told
		for i := range 10 {
			answers = append(answers, async(func() told { return ask(context.Background(), repo, "anna", fmt.Sprint(i), 1) }))
		}
		synctest.Wait()
		if err := e.Close(patient(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close with commands under way: got %v, want DeadlineExceeded", err)
		}
		if got := ask(t.Context(), repo, "anna", "late", 1); !errors.Is(got.err, engine.ErrClosed) {
			t.Errorf("Do after Close: got %+v, want ErrClosed", got)
		}
		close(gate)
		if err := e.Close(t.Context()); err != nil {
			t.Errorf("second Close: got %v", err)
		}
		for i, a := range answers {
			if got := <-a; got.err != nil {
				t.Errorf("command %d: got %v, want an answer", i, got.err)
			}
		}
	})
}

// TestCallerLeaves cancels callers whose commands are held: their outcome is unknown, their places come back,
// and the key tells later what became of it (E5).
func TestCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, gate := gated(memory.New(nil))
		repo := open(t, j, &engine.Options{MaxInFlight: 4}, nil)
		for i := range 4 {
			leave(t, repo, "anna", fmt.Sprint(i), purse.Change{ID: fmt.Sprint(i), By: 1})
		}
		got := ask(patient(t), repo, "anna", "fifth", 1)
		if !errors.Is(got.err, context.DeadlineExceeded) || errors.Is(got.err, storage.ErrUnknownOutcome) {
			t.Errorf("no place is free: got %+v, want DeadlineExceeded and a known outcome", got)
		}
		close(gate)
		for i := range 4 {
			if got := do(t, repo, "anna", fmt.Sprint(i), 1); got.Balance != int64(i+1) {
				t.Errorf("key %d: got balance %d, want %d", i, got.Balance, i+1)
			}
		}
		for i := range 20 { // more than there are places
			do(t, repo, "anna", fmt.Sprint("more", i), 1)
		}
	})
}

// TestBuiltOnLost is law J4 seen from the engine: what was decided on top of a command that lost its race is
// decided again, even though the version number happens to fit (E2, E4).
func TestBuiltOnLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(nil)
		j, begun, release := held(store)
		one, two := open(t, j, nil, nil), open(t, store, nil, nil)
		do(t, two, "anna", "fill", 100)
		balance(t, one, "anna") // both have it in memory

		first := async(func() told { return ask(context.Background(), one, "other", "holds the journal", 1) })
		<-begun
		a := async(func() told { return ask(context.Background(), one, "anna", "a", -60) })
		synctest.Wait()
		b := async(func() told { return ask(context.Background(), one, "anna", "b", -30) }) // decided on 40, version 2
		synctest.Wait()
		if got := do(t, two, "anna", "d", -80); got.Balance != 20 { // takes version 2 for itself
			t.Errorf("got %+v, want 20 left", got)
		}
		close(release)
		want := purse.Answer{Refused: true, Balance: 20}
		if got := <-first; got.err != nil {
			t.Error(got.err)
		}
		for _, got := range []told{<-a, <-b} {
			if got.err != nil || got.Result != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
		if got := balance(t, open(t, store, nil, nil), "anna"); got != 20 {
			t.Errorf("got balance %d, want 20", got)
		}
	})
}

// TestPanicsLeaveNothingLocked has a command panic: the next one goes on.
func TestPanicsLeaveNothingLocked(t *testing.T) {
	repo := open(t, memory.New(nil), &engine.Options{MaxInFlight: 1}, nil)
	for range 3 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_, _ = engine.Do(t.Context(), repo, "anna", "k", panicking{})
		}()
	}
	do(t, repo, "anna", "k", 1)
}

type panicking struct{ purse.Change }

func (panicking) Decide(*purse.Purse) ([]event.Data, error) { panic("bug in a rule") }

// strange decides what the codec does not know.
type strange struct{ purse.Change }

type unknownEvent struct{}

func (unknownEvent) EventType() string { return "purse.unknown.v1" }

func (strange) Decide(*purse.Purse) ([]event.Data, error) { return []event.Data{unknownEvent{}}, nil }
