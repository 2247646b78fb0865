package bench_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/cap/bench"
)

// epoch is where every account's own clock starts.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// amount is what every spend of the benchmarks takes.
const amount = 12_34

// population is a limiter, its accounts, and a clock for each: an account moves its clock on by a part of the longest
// window with each decision, so that it keeps as many entries however popular it is.
type population struct {
	limiter bench.Limiter
	keys    []string
	clocks  []atomic.Int64 // microseconds
	step    time.Duration
	bytes   float64 // an account
}

// keys are the names of accounts. They belong to the caller, so no account's bytes count them.
var keys = sync.OnceValue(func() []string {
	keys := make([]string, most)
	for i := range keys {
		keys[i] = fmt.Sprintf("account-%08d", i)
	}
	return keys
})

// populate opens a limiter for so many accounts, each with so many entries in its longest window and some more that have
// left it: an eighth to three eighths, so that not all accounts do at the same decision what they do only now and then.
// Who keeps no entries is asked once an account.
func populate(b *testing.B, impl *impl, w []window, accounts, entries int) *population {
	p := &population{keys: keys()[:accounts], clocks: make([]atomic.Int64, accounts), step: stepOf(w, entries)}
	history := make([]entry, entries+entries/8+entries/4)
	for i := range history {
		history[i] = entry{epoch.Add(time.Duration(i) * p.step), amount}
	}
	before := heap()
	p.limiter = impl.open(b, w)
	for i, key := range p.keys {
		past := history[:len(history)-i%(entries/4)]
		if err := load(p.limiter, key, past, impl, entries); err != nil {
			b.Fatal(err)
		}
		p.clocks[i].Store(past[len(past)-1].at.UnixMicro())
	}
	bytes := heap() - before
	if l, ok := p.limiter.(weighed); ok {
		var err error
		if bytes, err = l.bytes(); err != nil {
			b.Fatal(err)
		}
	}
	p.bytes = float64(bytes) / float64(accounts)
	for i := range p.clocks { // one decision each: the first finds nothing in the processor's caches
		if ok, err := p.limiter.Allow(p.keys[i], id, p.tick(i), amount); err != nil || !ok {
			b.Fatalf("account %d: %t, %v", i, ok, err)
		}
	}
	return p
}

// stepOf returns by how much a decision moves the clock of an account on that has so many entries in its longest window.
func stepOf(w []window, entries int) time.Duration { return w[0].span / time.Duration(entries) }

// tick moves the clock of an account on, and returns what it shows.
func (p *population) tick(account int) time.Time {
	return time.UnixMicro(p.clocks[account].Add(p.step.Microseconds()))
}

// load gives an account its past. Who loads it all at once gets what is still in the window, and who keeps no entries
// only the last.
func load(l bench.Limiter, account string, past []entry, impl *impl, entries int) error {
	if l, ok := l.(loader); ok {
		return l.load(account, past[len(past)-entries:])
	}
	if !impl.keeps {
		past = past[len(past)-1:]
	}
	for _, e := range past {
		if ok, err := l.Allow(account, id, e.at, e.amount); err != nil || !ok {
			return fmt.Errorf("account %s at %v: %t, %w", account, e.at, ok, err)
		}
	}
	return nil
}

// heap returns the bytes that are alive.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// id is that of every spend: with its instant, which no two spends of an account share, it is one of its own.
const id = "0123456789abcdef"

// decide measures one decision: pick an account, move its clock on, ask the limiter. All goroutines that GOMAXPROCS lets
// run do it at once.
//
// Where two of them pick the same account, one may be held up between the clock and the limiter while the other makes
// thousands of decisions. On the scale of these clocks that is years, and package cap refuses what is more than a day
// late. Then it asks again with a new instant, as a service would, at its own expense; the metric again/op says how often.
//
// The metric cpu-ns/op is the processor time of all cores. Where it is not ns/op times the cores, something else ran.
func (p *population) decide(b *testing.B, picks []uint32) {
	var seats, again atomic.Int64
	b.ReportAllocs()
	cpu := cpuTime()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		i, asked, decided := int(seats.Add(1))*7919%len(picks), 0, 0
		for pb.Next() {
			if i++; i >= len(picks) {
				i = 0
			}
			n, ok := picks[i], false
			for tries := 0; !ok; tries++ {
				at := p.tick(int(n))
				var err error
				if ok, err = p.limiter.Allow(p.keys[n], id, at, amount); err != nil || tries == 100 {
					b.Errorf("account %d at %v: %t, %v", n, at, ok, err)
					return
				}
				asked++
			}
			decided++
		}
		again.Add(int64(asked - decided))
	})
	b.StopTimer()
	if cpu = cpuTime() - cpu; cpu > 0 {
		b.ReportMetric(float64(cpu.Nanoseconds())/float64(b.N), "cpu-ns/op")
	}
	if again.Load() > 0 {
		b.ReportMetric(float64(again.Load())/float64(b.N), "again/op")
	}
	if len(p.keys) > 1 {
		b.ReportMetric(p.bytes, "B/account")
	}
}

// draws is how many accounts are drawn before a benchmark begins, so that none of its time goes into drawing.
const draws = 1 << 18

// draw returns which accounts spend, one after another: always the first, each as often as the others, or by Zipf's law with
// an exponent of 1.1, where account k spends about k^-1.1 times as often as the first. The popular ones do not lie side
// by side in memory.
func draw(pick string, accounts int) []uint32 {
	picks := make([]uint32, draws)
	random := rand.New(rand.NewPCG(1, 2))
	switch pick {
	case "uniform":
		for i := range picks {
			picks[i] = uint32(random.IntN(accounts))
		}
	case "zipf":
		places := random.Perm(accounts)
		zipf := rand.NewZipf(random, 1.1, 1, uint64(accounts-1))
		for i := range picks {
			picks[i] = uint32(places[zipf.Uint64()])
		}
	}
	return picks
}

// nothing decides nothing: what it costs is the harness.
type nothing struct{}

func (nothing) Allow(string, string, time.Time, int64) (bool, error) { return true, nil }

// readsClock reads the clock, as some do in each decision, and decides nothing.
type readsClock struct{}

func (readsClock) Allow(string, string, time.Time, int64) (bool, error) {
	return !time.Now().IsZero(), nil
}
