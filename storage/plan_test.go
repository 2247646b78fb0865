package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// oracle decides a call by the words of the laws alone, and looks everything up by counting.
type oracle struct {
	records []event.Record
}

func (o *oracle) version(stream string) (v storage.Version) {
	for _, r := range o.records {
		if r.Stream == stream {
			v++
		}
	}
	return v
}

// decide returns the records that the call adds, and for each batch "" or why it loses.
func (o *oracle) decide(batches []storage.Batch, at time.Time) (added []event.Record, answers []string) {
	before := len(o.records)
	var lost []storage.Batch
	for _, b := range batches {
		answer := o.answer(b, lost)
		answers = append(answers, answer)
		if answer != "" {
			lost = append(lost, b)
			continue
		}
		key, digest := b.Key, b.Digest
		for _, w := range b.Writes {
			for _, e := range w.Events {
				o.records = append(o.records, event.Record{
					Event: e, Stream: w.Stream, Version: o.version(w.Stream) + 1,
					Position: storage.Position(len(o.records) + 1), At: at, Key: key, Digest: digest,
				})
				key, digest = "", [32]byte{}
			}
		}
	}
	return o.records[before:], answers
}

func (o *oracle) answer(b storage.Batch, lost []storage.Batch) string {
	if b.Validate() != nil {
		return "invalid"
	}
	for _, w := range b.Writes {
		switch {
		case w.Expect == storage.Any:
		case wantedBy(lost, w.Stream):
			return fmt.Sprintf("built on lost: %s is at %d", w.Stream, o.version(w.Stream))
		case o.version(w.Stream) != w.Expect:
			return fmt.Sprintf("conflict: %s is at %d", w.Stream, o.version(w.Stream))
		}
	}
	return ""
}

func wantedBy(lost []storage.Batch, stream string) bool {
	for _, b := range lost {
		for _, w := range b.Writes {
			if w.Stream == stream && len(w.Events) > 0 {
				return true
			}
		}
	}
	return false
}

func drawBatch(t *rapid.T, o *oracle) storage.Batch {
	streams := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"t/a", "t/b", "t/c", "t/d"}), 1, 3, rapid.ID[string]).Draw(t, "streams")
	b := storage.Batch{Key: rapid.SampledFrom([]string{"k1", "k2", ""}).Draw(t, "key"), Digest: [32]byte{7}}
	for i, stream := range streams {
		w := storage.Write{Stream: stream, Expect: o.version(stream)}
		switch rapid.IntRange(0, 5).Draw(t, "expect") {
		case 4:
			w.Expect += storage.Version(rapid.IntRange(1, 3).Draw(t, "more"))
		case 5:
			w.Expect = storage.Any
		}
		for n := range rapid.IntRange(0, 3).Draw(t, "events") {
			w.Events = append(w.Events, event.Event{Type: "test.happened.v1", Data: fmt.Appendf(nil, "%d", n)})
		}
		if i == 0 && len(w.Events) == 0 && rapid.Bool().Draw(t, "home") {
			w.Events = []event.Event{{Type: "test.happened.v1", Data: []byte("0")}}
		}
		b.Writes = append(b.Writes, w)
	}
	return b
}

// TestPlannerAgreesWithItsLaws: one planner, used for many calls, decides as the oracle does.
func TestPlannerAgreesWithItsLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o oracle
		var p storage.Planner
		for call := range rapid.IntRange(1, 8).Draw(t, "calls") {
			var batches []storage.Batch
			for range rapid.IntRange(0, 5).Draw(t, "batches") {
				batches = append(batches, drawBatch(t, &o))
			}
			at := time.Unix(int64(call), 0).UTC()
			last := storage.Position(len(o.records))
			asked := make(map[string]int)
			before := oracle{records: o.records} // the heads are those of before the call
			plan, err := p.Plan(batches, last, at, func(stream string) (storage.Version, error) {
				asked[stream]++
				return before.version(stream), nil
			})
			if err != nil {
				t.Fatalf("plan: %v", err)
			}
			added, answers := o.decide(batches, at)
			if diff := cmp.Diff(added, plan.Records); len(added)+len(plan.Records) > 0 && diff != "" {
				t.Fatalf("records (-want +got):\n%s", diff)
			}
			comparePlan(t, plan, answers, last, batches)
			for stream, n := range asked {
				if n > 1 {
					t.Fatalf("head of %s was asked %d times", stream, n)
				}
			}
		}
	})
}

func comparePlan(t *rapid.T, plan storage.Plan, answers []string, last storage.Position, batches []storage.Batch) {
	if len(plan.Receipts) != len(answers) {
		t.Fatalf("got %d receipts for %d batches", len(plan.Receipts), len(answers))
	}
	for i, r := range plan.Receipts {
		got := ""
		var conflict *storage.ConflictError
		switch {
		case errors.Is(r.Err, storage.ErrInvalid):
			got = "invalid"
		case errors.As(r.Err, &conflict) && conflict.BuiltOnLost:
			got = fmt.Sprintf("built on lost: %s is at %d", conflict.Stream, conflict.Have)
		case conflict != nil:
			got = fmt.Sprintf("conflict: %s is at %d", conflict.Stream, conflict.Have)
		}
		if got != answers[i] || (got == "") != (r.Err == nil) {
			t.Fatalf("batch %d: got %q (%v), want %q", i, got, r.Err, answers[i])
		}
		want := storage.Receipt{Err: r.Err}
		if r.Err == nil {
			want.First = last + 1
			for _, w := range batches[i].Writes {
				last += storage.Position(len(w.Events))
			}
			want.Last = last
		}
		if r != want {
			t.Fatalf("batch %d: got receipt %+v, want %+v", i, r, want)
		}
	}
}

func TestPlannerErrors(t *testing.T) {
	var p storage.Planner
	none := func(string) (storage.Version, error) { return 0, nil }
	if _, err := p.Plan(make([]storage.Batch, storage.MaxBatches+1), 0, time.Time{}, none); !errors.Is(err, storage.ErrInvalid) {
		t.Errorf("too many batches: got error %v, want ErrInvalid", err)
	}
	broken := errors.New("disk on fire")
	if _, err := p.Plan([]storage.Batch{one("t/a", 0)}, 0, time.Time{}, func(string) (storage.Version, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("a head that fails: got error %v, want that error", err)
	}
	plan, err := p.Plan([]storage.Batch{one("t/a", 0)}, 41, time.Time{}, none) // it is as good as new
	if err != nil || len(plan.Records) != 1 || plan.Records[0].Position != 42 {
		t.Errorf("after errors: got %+v, %v", plan, err)
	}
}

// TestPlannerAllocatesNothing: its buffers are kept, so that a store's hot path costs what the records cost.
func TestPlannerAllocatesNothing(t *testing.T) {
	var p storage.Planner
	batches := []storage.Batch{one("t/a", 0), one("t/b", 0), one("t/a", 1)}
	none := func(string) (storage.Version, error) { return 0, nil }
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := p.Plan(batches, 0, time.Time{}, none); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("got %v allocations a call, want none", allocs)
	}
}

func TestNextAt(t *testing.T) {
	base := time.Date(2026, 3, 1, 12, 0, 0, 500_000, time.UTC)
	for _, row := range []struct {
		story           string
		now, last, want time.Time
	}{
		{"the first", base.Add(999), time.Time{}, base},
		{"later", base.Add(time.Second), base, base.Add(time.Second)},
		{"nanoseconds are dropped", base.Add(1999), base, base.Add(time.Microsecond)},
		{"still the same microsecond", base.Add(999), base, base.Add(time.Microsecond)},
		{"the clock went back", base.Add(-time.Hour), base, base.Add(time.Microsecond)},
		{"another time zone", base.In(time.FixedZone("X", 3600)).Add(time.Second), base, base.Add(time.Second)},
	} {
		got := storage.NextAt(row.now, row.last)
		if !got.Equal(row.want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v, want %v", row.story, got, row.want)
		}
	}
}

func BenchmarkPlanner(b *testing.B) {
	for _, n := range []int{1, 500} {
		b.Run(fmt.Sprintf("batches=%d", n), func(b *testing.B) {
			var p storage.Planner
			var batches []storage.Batch
			for i := range n {
				batches = append(batches, one(fmt.Sprintf("t/%d", i), 0))
			}
			none := func(string) (storage.Version, error) { return 0, nil }
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Plan(batches, 0, time.Time{}, none); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
