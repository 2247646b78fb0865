package bench_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payrules/payrules/cap/bench"
)

// maximum is the cap of the exactness tests: 3000.00 in 30 days.
const maximum = 3000_00

// leastOver and mostOver hold what every table of this repository says of a peer that is not exact: it lets about twice the maximum
// through. The bounds are loose, so that only a change of the peer, or of the customer, breaks them.
const leastOver, mostOver = maximum * 19 / 10, maximum * 21 / 10

// Those who are exact let 3000.00 through any 30 days, and not a cent more or less. The others let about twice that
// through, as the tables say.
func TestWorst(t *testing.T) {
	for _, impl := range impls {
		t.Run("impl="+impl.name, func(t *testing.T) {
			t.Parallel()
			got := findWorst(t, &impl)
			t.Attr("worst", fmt.Sprint(got)) // for cmd/table
			switch {
			case impl.exact && got != maximum:
				t.Errorf("got %d let through one window, want %d exactly", got, maximum)
			case !impl.exact && (got < leastOver || got > mostOver):
				t.Errorf("got %d let through one window of %d, want about twice that: what the tables say is not so", got, maximum)
			}
		})
	}
}

// findWorst lets the greedy customer loose on an implementation, under the clock that it goes by.
func findWorst(t *testing.T, impl *impl) int64 {
	month := window{"month", 30 * day, maximum}
	switch impl.clock {
	case processed:
		// Within a bubble, time.Now shows what the customer wants it to. The limiter is made outside, since what it may
		// have running in the background does not end.
		limiter := impl.open(t, []window{month})
		var got int64
		synctest.Test(t, func(t *testing.T) { got = worst(t, limiter, month.span, time.Now(), waitUntil) })
		return got
	case machine:
		// 30 days in 0.6 seconds of real time. A busy machine may hold the customer up, so he tries several times.
		month.span = 600 * time.Millisecond
		got := int64(0)
		for range 5 {
			limiter := impl.open(t, []window{month})
			if got = max(got, worst(t, limiter, month.span, time.Now(), waitUntil)); got >= leastOver {
				break
			}
		}
		return got
	default:
		// At an instant at which windows begin that are cut by the calendar of Go's zero time.
		return worst(t, impl.open(t, []window{month}), month.span, epoch.Truncate(month.span), nil)
	}
}

// waitUntil waits for an instant, and returns what time it is.
func waitUntil(at time.Time) time.Time {
	time.Sleep(time.Until(at))
	return time.Now()
}

func worst(t *testing.T, l bench.Limiter, span time.Duration, start time.Time, wait func(time.Time) time.Time) int64 {
	t.Helper()
	got, err := bench.Worst(l, bench.Options{Window: span, Max: maximum, Purchase: purchase, Start: start, Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// generous lets everything through, and miserly nothing; broken cannot decide.
type (
	generous struct{}
	miserly  struct{}
	broken   struct{}
)

var errBroken = errors.New("broken")

func (generous) Allow(string, string, time.Time, int64) (bool, error) { return true, nil }
func (miserly) Allow(string, string, time.Time, int64) (bool, error)  { return false, nil }
func (broken) Allow(string, string, time.Time, int64) (bool, error)   { return true, errBroken }

// The customer comes to an end with whoever does not hold him back, finds nothing where nothing is, and says so when
// nothing could be decided.
func TestWorstOfSimpleLimiters(t *testing.T) {
	if got := worst(t, miserly{}, 30*day, epoch, nil); got != 0 {
		t.Errorf("one who refuses everything: got %d let through, want 0", got)
	}
	if got := worst(t, generous{}, 30*day, epoch, nil); got < 64*maximum || got > 70*maximum {
		t.Errorf("one who allows everything: got %d let through, want 64 times %d and a little more", got, maximum)
	}
	_, err := bench.Worst(broken{}, bench.Options{Window: day, Max: 1, Purchase: 1})
	if !errors.Is(err, errBroken) {
		t.Errorf("one who cannot decide: got error %v, want %v", err, errBroken)
	}
}

func TestWorstRefusesBadOptions(t *testing.T) {
	for _, row := range []struct {
		field   string
		options bench.Options
	}{
		{"window", bench.Options{Window: bench.Ticks - 1, Max: 1, Purchase: 1}},
		{"max", bench.Options{Window: day, Max: 0, Purchase: 1}},
		{"max", bench.Options{Window: day, Max: 1<<50 + 1, Purchase: 1}},
		{"purchase", bench.Options{Window: day, Max: 1, Purchase: 0}},
		{"purchase", bench.Options{Window: day, Max: 1, Purchase: 2}},
	} {
		if _, err := bench.Worst(miserly{}, row.options); !errors.Is(err, bench.ErrInvalid) || !strings.Contains(err.Error(), row.field) {
			t.Errorf("%+v: got error %v, want ErrInvalid that names %s", row.options, err, row.field)
		}
	}
}

// monthly is a cap by the calendar of its own making: what an account spent in this period of 30 days, and nothing before.
type monthly struct {
	period map[string]int64
	spent  map[string]int64
}

func (m monthly) Allow(account, _ string, at time.Time, amount int64) (bool, error) {
	if period := at.Unix() / int64(30*day/time.Second); period != m.period[account] {
		m.period[account], m.spent[account] = period, 0
	}
	if m.spent[account]+amount > 3000_00 {
		return false, nil
	}
	m.spent[account] += amount
	return true, nil
}

// A cap that starts again from nothing every 30 days lets nearly all of two periods through within a few hours.
func ExampleWorst() {
	// type monthly struct { period, spent map[string]int64 }
	limiter := monthly{map[string]int64{}, map[string]int64{}}
	most, err := bench.Worst(limiter, bench.Options{
		Window:   30 * 24 * time.Hour,
		Max:      3000_00,
		Purchase: 10_00,
		Start:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d.%02d within 30 days\n", most/100, most%100)
	// Output: 6000.00 within 30 days
}
