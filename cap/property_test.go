package cap_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// long reports whether the campaigns are to be long ones.
func long() bool { return os.Getenv("PAYRULES_LONG") == "1" }

// Laws L1 to L9 and L11: over any history, the meter says what the model says, through both doors, after a restart and
// after a replay; and in a history without force-posts, no window ever holds more than its limit.
func TestMeterEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run(t, rapid.SliceOfN(rapid.Byte(), 1, 1+4*60).Draw(t, "history"))
	})
}

// The same laws over longer histories, evenly spread. A failure names its seed.
func TestMeterEqualsModelLong(t *testing.T) {
	want := campaign.Alone(2_000)
	if long() {
		want = 100_000
	}
	operations := 0
	for seed := uint64(1); operations < want; seed++ {
		r := rand.New(rand.NewPCG(seed, 0))
		data := make([]byte, 1+4*(1+r.IntN(200)))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		if !t.Run("", func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			}()
			operations += run(t, data)
		}) {
			break
		}
	}
	t.Logf("%d operations", operations)
}

// Law L11: the facts of one policy, replayed under another, give that one's usage: here one that forgets nearly at once.
func TestReplayUnderAnotherPolicy(t *testing.T) {
	wide := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "month", MaxCount: 1 << 40, Window: cap.Rolling(30 * 24 * time.Hour)}},
		&cap.PolicyOptions{Lateness: 10 * 24 * time.Hour})
	narrow := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "hour", Max: eur(1), Window: cap.Rolling(time.Hour)},
		{Name: "ever", Max: eur(1), Window: cap.Lifetime()},
	}, &cap.PolicyOptions{Lateness: time.Microsecond})
	rapid.Check(t, func(t *rapid.T) {
		from, to := cap.NewMeter(wide), cap.NewMeter(narrow)
		type spend struct{ hours, minor int }
		held := map[string]spend{}
		latest := 0
		for i := range rapid.IntRange(1, 60).Draw(t, "spends") {
			id, s := fmt.Sprint(i), spend{latest + rapid.IntRange(-200, 3).Draw(t, "hours"), rapid.IntRange(1, 99).Draw(t, "minor")}
			if i == 0 || s.hours > latest {
				latest = s.hours
			}
			commands := []interface {
				Decide(*cap.Meter) ([]event.Data, error)
			}{cap.Authorize(pay(id, float64(s.hours), int64(s.minor)))}
			held[id] = s
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0:
				commands = append(commands, cap.Reverse{ID: id, At: at(float64(s.hours))})
				delete(held, id)
			case 1:
				commands = append(commands, cap.Capture(change(id, float64(s.hours), 7)))
				held[id] = spend{s.hours, 7}
			}
			for _, c := range commands {
				decided, err := c.Decide(from)
				if err != nil || len(decided) != 1 {
					t.Fatal(decided, err)
				}
				if err := errors.Join(from.Apply(decided[0]), to.Apply(decided[0])); err != nil {
					t.Fatal(err)
				}
			}
		}
		hour, ever := int64(0), int64(0)
		for _, s := range held {
			ever += int64(s.minor)
			if s.hours == latest {
				hour += int64(s.minor)
			}
		}
		gotHour, err := to.Used("hour", to.Latest())
		gotEver, err2 := to.Used("ever", to.Latest())
		if err := errors.Join(err, err2); err != nil || gotHour != eur(hour) || gotEver != eur(ever) {
			t.Fatalf("got %v and %v %v, want %v and %v", gotHour, gotEver, err, eur(hour), eur(ever))
		}
	})
}

// Law L9: readers write nothing, so they may run together. The race detector watches.
func TestReadersTogether(t *testing.T) {
	m := lived(t, ownPolicies[1])
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for j := range 50 {
				when := at(float64(3 + i*j))
				_, err := m.Usage(when)
				_, err2 := m.Used("day", when)
				_, err3 := m.Remaining("day", when)
				_, err4 := m.MaxNow(when, nil)
				_, err5 := m.RoomFor(eur(1), when, nil)
				_, err6 := m.MarshalBinary()
				if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

// FuzzMeter drives the same laws from bytes of the fuzzer's choice.
func FuzzMeter(f *testing.F) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 1+4*20)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { run(t, data[:min(len(data), 1+4*60)]) })
}
