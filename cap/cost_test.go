package cap_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// The approve path allocates nothing, nor do refusals, captures and reversals.
func TestAllocations(t *testing.T) {
	for name, p := range map[string]*cap.Policy{"rolling": threeWindows, "calendar": calendarWindows} {
		for _, n := range []int{100, 10_000} {
			m, at, step := filled(t, p, n)
			amount := money.New(100, money.EUR)
			const id = "0123456789abcdef"
			if got := testing.AllocsPerRun(2*n, func() {
				at = at.Add(step)
				if d, err := m.Authorize(cap.Spend{ID: id, At: at, Amount: amount}); err != nil || !d.Approved() {
					t.Fatal(d, err)
				}
			}); got != 0 {
				t.Errorf("%s, %d entries: Authorize: got %v allocations, want 0", name, n, got)
			}
			back := at
			if got := testing.AllocsPerRun(50, func() {
				back = back.Add(-step)
				a, _ := m.Capture(cap.Change{ID: id, At: back, Amount: money.New(70, money.EUR)})
				b, _ := m.Reverse(id, back)
				c, _ := m.Authorize(cap.Spend{ID: id, At: at.Add(step), Amount: money.New(1<<54-1, money.EUR)})
				if !a.Approved() || !b.Approved() || c.Approved() {
					t.Fatal(a, b, c)
				}
			}); got != 0 {
				t.Errorf("%s, %d entries: Capture, Reverse, refusal: got %v allocations, want 0", name, n, got)
			}
		}
	}
}

// A meter with 100 live entries and three rolling windows takes at most 3,000 bytes, all told; one of 30 entries and a
// window of civil days at most 1,200.
func TestMemory(t *testing.T) {
	for _, row := range []struct {
		policy  *cap.Policy
		entries int
		most    float64
	}{
		{threeWindows, 100, 3000},
		{cap.MustPolicy(money.EUR, []cap.Limit{{Name: "days", Max: eur(1 << 53), Window: cap.RollingDays(30, paris)}}, nil), 30, 1200},
	} {
		const meters = 2000
		keep := make([]*cap.Meter, meters)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range keep {
			keep[i] = cap.NewMeter(row.policy)
			for j := range row.entries {
				s := cap.Spend{ID: "x", At: time.UnixMicro(epoch + int64(j)*1000), Amount: eur(1)}
				if d, err := keep[i].Authorize(s); err != nil || !d.Approved() {
					t.Fatal(d, err)
				}
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		each := float64(after.HeapAlloc-before.HeapAlloc) / meters
		t.Logf("%d entries: %.0f bytes", row.entries, each)
		if each > row.most {
			t.Errorf("%d entries: got %.0f bytes, want at most %.0f", row.entries, each, row.most)
		}
		runtime.KeepAlive(keep)
	}
}

// Where spends are final after a while, an account whose windows are of civil days takes an entry for each day, however
// much is spent: 30 days of 20 spends in at most 1,200 bytes.
func TestMemoryOfDays(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "days", Max: eur(1 << 53), MaxCount: 1 << 40, Window: cap.RollingDays(30, paris)}},
		&cap.PolicyOptions{Lateness: time.Hour, FinalAfter: time.Hour})
	const meters, days, each = 400, 40, 20
	keep := make([]*cap.Meter, meters)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range keep {
		keep[i] = cap.NewMeter(p)
		for j := range days * each {
			s := cap.Spend{ID: "x", At: time.UnixMicro(epoch).Add(time.Duration(j) * 24 * time.Hour / each), Amount: eur(1)}
			if d, err := keep[i].Authorize(s); err != nil || !d.Approved() {
				t.Fatal(d, err)
			}
		}
		if l, err := keep[i].Usage(keep[i].Latest()); err != nil || l.Limit(0).Count < 29*each || l.Limit(0).Count > 30*each {
			t.Fatalf("got %v %v, want 30 days", l, err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	bytes := float64(after.HeapAlloc-before.HeapAlloc) / meters
	t.Logf("%.0f bytes", bytes)
	if bytes > 1200 {
		t.Errorf("got %.0f bytes, want at most 1200", bytes)
	}
	runtime.KeepAlive(keep)
}

func BenchmarkRefuse(b *testing.B) {
	m, at, _ := filled(b, threeWindows, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		if d, err := m.Authorize(cap.Spend{ID: "0123456789abcdef", At: at.Add(1000), Amount: money.New(1<<54-1, money.EUR)}); err != nil || d.Approved() {
			b.Fatal(d, err)
		}
	}
}

func BenchmarkCalendar(b *testing.B) {
	m, at, _ := filled(b, calendarWindows, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(10 * time.Second)
		if d, err := m.Authorize(cap.Spend{ID: "0123456789abcdef", At: at, Amount: eur(1)}); err != nil || !d.Approved() {
			b.Fatal(d, err)
		}
	}
}

// Captures of less, and reversals, of spends of the last tenth of the history, which is then put back.
func BenchmarkGiveBack(b *testing.B) {
	const id = "0123456789abcdef"
	for _, op := range []string{"capture", "reverse"} {
		for _, n := range []int{100, 10_000} {
			b.Run(fmt.Sprintf("op=%s/entries=%d", op, n), func(b *testing.B) {
				m, last, step := filled(b, threeWindows, n)
				data, _ := m.MarshalBinary()
				less := eur(1)
				b.ReportAllocs()
				for at, left := last, n/10; b.Loop(); at, left = at.Add(-step), left-1 {
					if left == 0 {
						b.StopTimer()
						if err := m.UnmarshalBinary(data); err != nil {
							b.Fatal(err)
						}
						at, left = last, n/10
						b.StartTimer()
					}
					if op == "reverse" {
						if d, err := m.Reverse(id, at); err != nil || !d.Approved() {
							b.Fatal(d, err)
						}
					} else if d, err := m.Capture(cap.Change{ID: id, At: at, Amount: less}); err != nil || !d.Approved() {
						b.Fatal(d, err)
					}
				}
			})
		}
	}
}

// A spend in order, and one that is late by so many entries of 10,000: both together.
func BenchmarkLate(b *testing.B) {
	for _, late := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("windows=3/late=%d", late), func(b *testing.B) {
			p := cap.MustPolicy(money.EUR, threeWindows.Limits(), &cap.PolicyOptions{Lateness: 10 * time.Minute})
			m, at, step := filled(b, p, 10_000)
			amount := money.New(100, money.EUR)
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(step)
				if outcome, _, err := m.Allow(cap.Spend{ID: "0123456789abcdef", At: at, Amount: amount}); err != nil || outcome != cap.Approved {
					b.Fatal(outcome, err)
				}
				back := at.Add(time.Microsecond - step*time.Duration(late/2)) // every second entry was late
				if d, err := m.Authorize(cap.Spend{ID: "0123456789abcdef", At: back, Amount: amount}); err != nil || !d.Approved() {
					b.Fatal(d, err)
				}
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	m, at, step := filled(b, threeWindows, 100)
	amount := money.New(100, money.EUR)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(step)
		c := cap.Authorize{ID: "0123456789abcdef", At: at, Amount: amount}
		decided, err := c.Decide(m)
		if err != nil {
			b.Fatal(err)
		}
		if dst, err = decided[0].(cap.Authorized).AppendJSON(dst[:0]); err != nil {
			b.Fatal(err)
		}
		if err := m.Apply(decided[0]); err != nil {
			b.Fatal(err)
		}
		if d := c.Result(decided); !d.Approved() {
			b.Fatal(d)
		}
	}
}
