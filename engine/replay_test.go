package engine_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// several makes N events of one command.
type several struct {
	N  int
	By int64
}

func (s several) Decide(p *purse.Purse) (d []event.Data, err error) {
	for i := range int64(s.N) {
		d = append(d, purse.Changed{By: s.By, Balance: p.Balance + (i+1)*s.By})
	}
	return d, nil
}

func (several) Result(d []event.Data) string { return fmt.Sprint(d) }

// TestReplayOfSeveralEvents asks commands of one to five events again, in the same engine and after a restart, with
// snapshots between and within them, alone and with others beside them. Each answer is that of the first time, whole
// (E3).
func TestReplayOfSeveralEvents(t *testing.T) {
	for _, every := range []int{-1, 1, 2, 4} {
		store := memory.New(nil)
		first := map[string]string{}
		for round := range 2 {
			repo := open(t, store, nil, memoryOptions(every))
			for again := range 2 {
				for n := 1; n <= 5; n++ {
					key := fmt.Sprint(n)
					a, err := engine.DoAnswer(t.Context(), repo, "anna", key, several{n, 2})
					known := first[key] != ""
					if err != nil || a.Replayed != known || known && a.Result != first[key] {
						t.Errorf("snapshots every %d, round %d.%d, %d events: got %+v, %v, want %s", every, round, again, n, a, err, first[key])
					}
					first[key] = a.Result
					if n%2 == 0 {
						do(t, repo, "bert", key, 1)
					}
				}
			}
		}
		if got := head(t, store); got != 1+2+3+4+5+2 {
			t.Errorf("snapshots every %d: got head %d, want 17", every, got)
		}
	}
}

// collisions finds pairs of keys whose hashes agree in the 32 bits that the engine keeps of them.
func collisions(n int) (pairs [][2]string) {
	keys := map[[4]byte]string{}
	for i := 0; len(pairs) < n; i++ {
		key := fmt.Sprint("pay-", i)
		sum := sha256.Sum256([]byte(key))
		hash := [4]byte(sum[:4])
		if other, ok := keys[hash]; ok {
			pairs = append(pairs, [2]string{other, key})
		}
		keys[hash] = key
	}
	return pairs
}

// TestKeysThatCollide uses keys that the engine cannot tell apart by what it keeps of them. The records tell (E3).
func TestKeysThatCollide(t *testing.T) {
	store := memory.New(nil)
	pairs := collisions(2)
	first := map[string]string{}
	for round := range 2 {
		repo := open(t, store, nil, nil)
		for again := range 2 {
			for i, pair := range pairs {
				for k, key := range pair {
					a, err := engine.DoAnswer(t.Context(), repo, "anna", key, several{2, int64(10*i + k + 1)})
					known := first[key] != ""
					if err != nil || a.Replayed != known || known && a.Result != first[key] {
						t.Errorf("round %d.%d, %s of %v: got %+v, %v, want %s", round, again, key, pair, a, err, first[key])
					}
					first[key] = a.Result
				}
			}
		}
	}
}

// TestKeysThatCollideOnTheirWay uses such a key while the other one is on its way: it is not its twin (E3).
func TestKeysThatCollideOnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, begun, release := held(memory.New(nil))
		repo := open(t, j, nil, nil)
		pair := collisions(1)[0]
		var answers [2]<-chan told
		for i, key := range pair {
			answers[i] = async(func() told { return ask(context.Background(), repo, "anna", key, 3) })
			<-begun
			synctest.Wait()
		}
		close(release)
		for i, a := range answers {
			if got := <-a; got.err != nil || got.Replayed || got.Result.Balance != int64(3*(i+1)) {
				t.Errorf("%s of %v: got %+v, want %d", pair[i], pair, got, 3*(i+1))
			}
		}
	})
}

// spoilt is a journal that gives records back other than they were stored.
type spoilt struct {
	storage.Journal
	stream, all func(*event.Record) (keep bool) // nil for none
}

func (s *spoilt) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return spoil(s.Journal.Stream(ctx, id, after), s.stream)
}

func (s *spoilt) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	return spoil(s.Journal.All(ctx, after), s.all)
}

func spoil(records iter.Seq2[event.Record, error], change func(*event.Record) bool) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range records {
			if (change == nil || change(&r)) && !yield(r, err) {
				return
			}
		}
	}
}

// TestCorruptJournal has the journal give back what cannot be, to a load and to the replay of a transaction. Nothing is
// decided on it (E6), and once the journal is whole again, all goes on.
func TestCorruptJournal(t *testing.T) {
	transfer := func(repo *purses) error { _, err := move(repo, "tx", "anna", "bert", 10); return err }
	at := func(v event.Version, change func(*event.Record)) func(*event.Record) bool {
		return func(r *event.Record) bool {
			if r.Version == v {
				change(r)
			}
			return true
		}
	}
	for _, row := range []struct {
		name   string
		spoilt spoilt
		want   error // nil for any
	}{
		{"a version twice", spoilt{stream: at(2, func(r *event.Record) { r.Version = 1 })}, storage.ErrCorrupt},
		{"a version too high", spoilt{stream: at(2, func(r *event.Record) { r.Version = 3 })}, storage.ErrCorrupt},
		{"a record is missing", spoilt{stream: func(r *event.Record) bool { return r.Version != 1 }}, storage.ErrCorrupt},
		{"of another stream", spoilt{stream: at(1, func(r *event.Record) { r.Stream = "purse/carl" })}, storage.ErrCorrupt},
		{"not JSON", spoilt{stream: at(1, func(r *event.Record) { r.Data = []byte("{") })}, nil},
		{"an unknown event", spoilt{stream: at(1, func(r *event.Record) { r.Type = "purse.melted.v1" })}, nil},
		{"an event that does not follow", spoilt{stream: at(2, func(r *event.Record) { r.Data = []byte(`{"id":"x","by":1,"balance":7}`) })}, nil},
		{"a position too high", spoilt{all: func(r *event.Record) bool { r.Position++; return true }}, storage.ErrCorrupt},
		{"a position is missing", spoilt{all: func(r *event.Record) bool { return r.Position != 3 }}, storage.ErrCorrupt},
		{"no positions", spoilt{all: func(*event.Record) bool { return false }}, storage.ErrCorrupt},
	} {
		store := memory.New(nil)
		before := open(t, store, nil, nil)
		do(t, before, "anna", "fill", 100)
		do(t, before, "anna", "more", 100)
		if err := transfer(before); err != nil {
			t.Fatal(err)
		}
		row.spoilt.Journal = store
		repo := open(t, &row.spoilt, nil, memoryOptions(-1))
		if err := transfer(repo); err == nil || row.want != nil && !errors.Is(err, row.want) {
			t.Errorf("%s: replay of a transaction: got %v, want %v", row.name, err, row.want)
		}
		if row.spoilt.stream != nil {
			if got := ask(t.Context(), repo, "anna", "new", 1); got.err == nil || row.want != nil && !errors.Is(got.err, row.want) {
				t.Errorf("%s: a new command: got %+v, want %v", row.name, got, row.want)
			}
		}
		if got := head(t, store); got != 4 {
			t.Errorf("%s: got head %d, want 4", row.name, got)
		}
		row.spoilt.stream, row.spoilt.all = nil, nil
		if err := transfer(repo); err != nil {
			t.Errorf("%s: whole again: got %v", row.name, err)
		}
		if got := do(t, repo, "anna", "new", 1); got.Balance != 191 {
			t.Errorf("%s: whole again: got %+v, want 191", row.name, got)
		}
	}
}
