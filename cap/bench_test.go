package cap_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

const epoch = 1_767_225_600_000_000 // 2026-01-01T00:00:00Z

// threeWindows is the policy of the benchmarks: a day, a week and a month, made shorter together with the lateness so that
// a long run stays within the range of instants. It lets everything through, which is the costly way.
var threeWindows = cap.MustPolicy(money.EUR, []cap.Limit{
	{Name: "day", Max: money.New(1<<53, money.EUR), Window: cap.Rolling(time.Minute)},
	{Name: "week", Max: money.New(1<<53, money.EUR), Window: cap.Rolling(7 * time.Minute)},
	{Name: "month", Max: money.New(1<<53, money.EUR), Window: cap.Rolling(30 * time.Minute)},
}, &cap.PolicyOptions{Lateness: time.Minute})

var paris = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return loc
}()

var calendarWindows = cap.MustPolicy(money.EUR, []cap.Limit{
	{Name: "day", Max: money.New(1<<53, money.EUR), Window: cap.Calendar(cap.Day, paris)},
	{Name: "days", Max: money.New(1<<53, money.EUR), Window: cap.RollingDays(7, paris)},
	{Name: "month", Max: money.New(1<<53, money.EUR), Window: cap.Calendar(cap.Month, paris)},
}, nil)

// filled returns a meter whose longest window holds n entries, and the step between them.
func filled(tb testing.TB, p *cap.Policy, n int) (*cap.Meter, time.Time, time.Duration) {
	m := cap.NewMeter(p)
	at, step := time.UnixMicro(epoch), 30*time.Minute/time.Duration(n)
	for range n + n/8 {
		at = at.Add(step)
		if d, err := m.Authorize(cap.Spend{ID: "0123456789abcdef", At: at, Amount: money.New(100, money.EUR)}); err != nil || !d.Approved() {
			tb.Fatal(d, err)
		}
	}
	return m, at, step
}

// The approve path, with the instant and the hash of the id, and in Authorize with the whole Decision.
func BenchmarkApprove(b *testing.B) {
	for _, n := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("op=allow/windows=3/entries=%d", n), func(b *testing.B) {
			m, at, step := filled(b, threeWindows, n)
			amount := money.New(100, money.EUR)
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(step)
				outcome, _, err := m.Allow(cap.Spend{ID: "0123456789abcdef", At: at, Amount: amount})
				if err != nil || outcome != cap.Approved {
					b.Fatal(outcome, err)
				}
			}
		})
		b.Run(fmt.Sprintf("op=authorize/windows=3/entries=%d", n), func(b *testing.B) {
			m, at, step := filled(b, threeWindows, n)
			amount := money.New(100, money.EUR)
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(step)
				d, err := m.Authorize(cap.Spend{ID: "0123456789abcdef", At: at, Amount: amount})
				if err != nil || !d.Approved() {
					b.Fatal(err)
				}
			}
		})
	}
}
