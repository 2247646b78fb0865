package pebble

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// Many look for streams that come into being meanwhile, and write to them as they found them, while the committer remembers
// only two streams: no version is given out twice, and nobody who knew the right one is turned away for good.
func TestAbsentRaces(t *testing.T) {
	for round := range 20 {
		options := small(vfs.NewMem())
		options.CachedStreams = 2
		j, err := Open("journal", options)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(round), uint64(worker)))
				for i := range 40 {
					stream := fmt.Sprintf("t/%d", rng.IntN(12))
					for attempt := 0; ; attempt++ {
						version := event.Version(0)
						for r, err := range j.Stream(ctx, stream, 0) {
							if err != nil {
								t.Error(err)
								return
							}
							version = r.Version
						}
						receipts, err := j.Append(ctx, storage.Batch{Key: fmt.Sprint(worker, i), Writes: []storage.Write{{
							Stream: stream, Expect: version, Events: []event.Event{{Type: "t.happened.v1", Data: []byte(`{}`)}},
						}}})
						if err == nil {
							err = receipts[0].Err
						}
						if err == nil {
							break
						}
						if !errors.Is(err, storage.ErrConflict) || attempt > 1000 {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		versions, records := map[string]event.Version{}, 0
		for r, err := range j.All(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if records++; r.Version != versions[r.Stream]+1 {
				t.Fatalf("%s comes after version %d", r.ID(), versions[r.Stream])
			}
			versions[r.Stream] = r.Version
		}
		if records != 8*40 {
			t.Errorf("got %d records, want %d", records, 8*40)
		}
		if err := errors.Join(j.Verify(ctx), j.Close()); err != nil {
			t.Error(err)
		}
	}
}

// What is remembered is bounded.
func TestAbsentIsBounded(t *testing.T) {
	var a absent
	for i := range 3 * maxAbsent {
		stream := fmt.Sprint("t/", i)
		a.found(stream, a.look(stream), true)
		if !a.is(stream) || len(a.notes) > maxAbsent {
			t.Fatalf("stream %d: sure %t, %d notes", i, a.is(stream), len(a.notes))
		}
	}
	first, second := a.look("t/x"), a.look("t/x")
	if a.found("t/x", first, true); a.is("t/x") {
		t.Error("somebody else looks, and nobody has found anything")
	}
	a.strike("t/x")
	if a.found("t/x", second, true); a.is("t/x") {
		t.Error("it was written while somebody looked")
	}
}

// A reader looks, finds nothing, and says so only after the stream was written and the committer has forgotten it.
func TestAbsentTooLate(t *testing.T) {
	options := small(vfs.NewMem())
	options.CachedStreams = 2
	j, err := Open("journal", options)
	if err != nil {
		t.Fatal(err)
	}
	write := func(stream string) error {
		receipts, err := j.Append(ctx, storage.Batch{Key: "k", Writes: []storage.Write{{
			Stream: stream, Events: []event.Event{{Type: "t.happened.v1", Data: []byte(`{}`)}},
		}}})
		return errors.Join(err, receipts[0].Err)
	}
	reader := j.absent.look("t/late")
	nothing, err := j.isAbsent("t/late")
	if err != nil || !nothing {
		t.Fatal(nothing, err)
	}
	for _, stream := range []string{"t/late", "t/1", "t/2", "t/3", "t/4"} {
		if err := write(stream); err != nil {
			t.Fatal(err)
		}
	}
	j.absent.found("t/late", reader, nothing)
	if err := write("t/late"); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("written again as if it were new: got %v, want a conflict", err)
	}
	if err := errors.Join(j.Verify(ctx), j.Close()); err != nil {
		t.Error(err)
	}
}
