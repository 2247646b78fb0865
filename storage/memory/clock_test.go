package memory_test

import (
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// TestBankClock plugs the clock that many banks have already into the one place that asks for one. No signature of ours
// mentions it (docs/adr/0004).
func TestBankClock(t *testing.T) {
	mock := clock.NewMock()
	opened := time.Date(2026, 11, 16, 9, 0, 0, 123_456_789, time.UTC)
	mock.Set(opened)
	j := memory.New(&memory.Options{Now: mock.Now})
	for v := range storage.Version(3) {
		_, err := j.Append(t.Context(), storage.Batch{Key: "k", Writes: []storage.Write{
			{Stream: "cap/card-42", Expect: v, Events: []event.Event{{Type: "test.happened.v1", Data: []byte("{}")}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if v == 1 {
			mock.Add(time.Hour)
		}
	}
	first := opened.Truncate(time.Microsecond)
	want := []time.Time{first, first.Add(time.Microsecond), first.Add(time.Hour)}
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if !r.At.Equal(want[r.Position-1]) {
			t.Errorf("position %d: got %v, want %v", r.Position, r.At, want[r.Position-1])
		}
	}
}
