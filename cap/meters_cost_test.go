package cap_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// metersWorld is Meters in which every account holds so many spends of the longest of three windows, and has a clock of
// its own.
type metersWorld struct {
	meters *cap.Meters[string]
	keys   []string
	clocks []atomic.Int64
	step   int64
}

func newMetersWorld(tb testing.TB, accounts, entries int) *metersWorld {
	w := &metersWorld{meters: metersOf[string](tb, threeWindows, nil), clocks: make([]atomic.Int64, accounts), step: 30 * minute / int64(entries)}
	for i := range accounts {
		w.keys = append(w.keys, fmt.Sprintf("account-%08d", i))
		w.clocks[i].Store(epoch)
	}
	for range entries + entries/4 { // interleaved, as in life, so that what belongs together does not lie together
		for i := range accounts {
			if !w.allow(i) {
				tb.Fatal("refused")
			}
		}
	}
	return w
}

func (w *metersWorld) spend(i int) cap.Spend {
	return cap.Spend{ID: "0123456789abcdef", At: time.UnixMicro(w.clocks[i].Add(w.step)), Amount: money.New(100, money.EUR)}
}

func (w *metersWorld) allow(i int) bool {
	outcome, _, err := w.meters.Allow(w.keys[i], w.spend(i))
	return err == nil && outcome == cap.Approved
}

// Deciding allocates nothing, whatever the door and the answer; only AuthorizeAll does, once, for its answers, and DoAll, for
// its meters.
func TestMetersAllocations(t *testing.T) {
	w := newMetersWorld(t, 100, 50)
	x := w.meters
	if err := x.Advance(time.UnixMicro(epoch)); err != nil {
		t.Fatal(err)
	}
	requests, answers, full := make([]cap.Request[string], 400), make([]cap.Answer, 400), make([]cap.FullAnswer, 400)
	batch := func() {
		for i := range requests {
			requests[i] = cap.Request[string]{Key: w.keys[i%100], Spend: w.spend(i % 100)}
		}
	}
	for name, row := range map[string]struct {
		want float64
		f    func(i int) error
	}{
		"Allow": {0, func(i int) error {
			_, _, err := x.Allow(w.keys[i], w.spend(i))
			return err
		}},
		"Allow, refused": {0, func(i int) error {
			s := w.spend(i)
			s.Amount = money.New(cap.MaxAmount, money.EUR)
			_, _, err := x.Allow(w.keys[i], s)
			return err
		}},
		"Authorize": {0, func(i int) error {
			_, err := x.Authorize(w.keys[i], w.spend(i))
			return err
		}},
		"Do": {0, func(i int) error {
			s := w.spend(i)
			var d cap.Decision
			err := x.Do(w.keys[i], func(m *cap.Meter) (err error) {
				d, err = m.ForcePost(s)
				return err
			})
			if !d.Approved() {
				t.Error(d)
			}
			return err
		}},
		"DoAll": {1, func(i int) error {
			return x.DoAll(func(all []*cap.Meter) error {
				_, err := all[0].Usage(all[0].Latest())
				return err
			}, w.keys[i], w.keys[99-i])
		}},
		"AuthorizeAll": {1, func(i int) error {
			s, others := w.spend(i), [...]int{(i + 1) % 100, 99 - i}
			for _, k := range others { // after what either account has
				if clock := time.UnixMicro(w.clocks[k].Add(w.step)); clock.After(s.At) {
					s.At = clock
				}
			}
			w.clocks[i].Store(s.At.UnixMicro())
			for _, k := range others {
				w.clocks[k].Store(s.At.UnixMicro())
			}
			_, err := x.AuthorizeAll(s, w.keys[i], w.keys[others[0]], w.keys[others[1]])
			return err
		}},
		"AllowBatch": {0, func(int) error {
			batch()
			return x.AllowBatch(requests, answers)
		}},
		"AuthorizeBatch": {0, func(int) error {
			batch()
			return x.AuthorizeBatch(requests, full)
		}},
		"Evict": {0, func(int) error {
			x.Evict(10)
			return nil
		}},
		"Stats": {0, func(i int) error {
			x.Stats()
			x.StatsOf(w.keys[i])
			return nil
		}},
	} {
		i := 0
		one := func() {
			if err := row.f(i); err != nil {
				t.Fatal(name, err)
			}
			i = (i + 1) % 100
		}
		for range 2000 { // until no account has to grow
			one()
		}
		if got := testing.AllocsPerRun(500, one); got != row.want {
			t.Errorf("%s: got %v allocations, want %v", name, got, row.want)
		}
	}
}

// Stats says what the accounts take, within a few percent of what the allocator says.
func TestMetersMemory(t *testing.T) {
	wide := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "days", Max: eur(1 << 50), Window: cap.RollingDays(30, paris)},
		{Name: "atm", Max: eur(1 << 50), Window: cap.Rolling(24 * time.Hour), Scope: cap.Scope{Include: cap.Filter{Channels: []cap.Channel{cap.ATM}}}},
	}, nil)
	for _, row := range []struct {
		name     string
		policy   *cap.Policy
		accounts int
		entries  int
		hold     bool
	}{
		{"few accounts", threeWindows, 100, 10, false},
		{"one spend each", threeWindows, 20_000, 1, false},
		{"ten each", threeWindows, 20_000, 10, false},
		{"a hundred each", threeWindows, 5_000, 100, false},
		{"one large one", threeWindows, 1, 200_000, false},
		{"scopes and holds", wide, 5_000, 20, true},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&before)
		x := metersOf[int](t, row.policy, nil)
		for j := range row.entries {
			for key := range row.accounts {
				s := cap.Spend{ID: "x", At: time.UnixMicro(epoch + int64(j)), Amount: eur(1)}
				if row.hold {
					s.Expires = s.At.Add(time.Hour)
					s.Merchant = atm
				}
				if got := allowed(x, key, s); got != "approved" {
					t.Fatal(got)
				}
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		real, stats := int64(after.HeapAlloc-before.HeapAlloc), x.Stats()
		each, sum := int64(0), int64(0)
		for key, one := range x.All() {
			if again, ok := x.StatsOf(key); !ok || again != one || one.Entries < row.entries {
				t.Errorf("%s: key %d: got %+v and %+v", row.name, key, one, again)
			}
			each, sum = each+1, sum+one.Bytes
		}
		off := 100 * float64(stats.Bytes-real) / float64(real)
		t.Logf("%s: %d bytes an account, %.1f%% from the truth; %d without index and free places", row.name, stats.Bytes/each, off, sum/each)
		if off < -8 || off > 8 {
			t.Errorf("%s: Stats says %d bytes, the allocator %d", row.name, stats.Bytes, real)
		}
		if stats.Accounts != row.accounts || each != int64(row.accounts) || stats.Entries < int64(row.entries*row.accounts) || sum > stats.Bytes {
			t.Errorf("%s: got %+v, and by key %d accounts of %d bytes", row.name, stats, each, sum)
		}
		runtime.KeepAlive(x)
	}
}

var atm = &cap.Merchant{Channel: cap.ATM}

// What was evicted gives its memory back, and the figures know it.
func TestMetersMemoryComesBack(t *testing.T) {
	x := metersOf[int](t, weekly, nil)
	const accounts = 20_000
	for key := range accounts {
		for j := range 5 {
			if got := allowed(x, key, pay(fmt.Sprint(j), float64(j), 1)); got != "approved" {
				t.Fatal(got)
			}
		}
	}
	full := x.Stats()
	if err := x.Advance(at(1000)); err != nil {
		t.Fatal(err)
	}
	if got := x.Evict(accounts); got != accounts {
		t.Errorf("got %d evicted, want all", got)
	}
	empty := x.Stats()
	if empty.Accounts != 0 || empty.Entries != 0 || full.Bytes-empty.Bytes < accounts*5*24 {
		t.Errorf("got %+v, want none of %+v but places for accounts", empty, full)
	}
	for i := range 5 { // the places are used again
		hours := 1000 + 200*float64(i)
		if err := x.Advance(at(hours)); err != nil {
			t.Fatal(err)
		}
		x.Evict(accounts)
		for key := range accounts {
			if got := allowed(x, key+i, pay("y", hours, 1)); got != "approved" {
				t.Fatal(got)
			}
		}
	}
	if again := x.Stats(); again.Accounts != accounts || again.Bytes > full.Bytes {
		t.Errorf("got %+v, want no more than %+v", again, full)
	}
}

// metersPicks says whose turn it is.
func metersPicks(pick string, accounts int) []uint32 {
	r := rand.New(rand.NewPCG(1, 2))
	order, zipf := r.Perm(accounts), rand.NewZipf(r, 1.1, 1, uint64(accounts-1))
	picks := make([]uint32, 1<<18)
	for i := range picks {
		switch pick {
		case "uniform":
			picks[i] = uint32(r.IntN(accounts))
		case "zipf":
			picks[i] = uint32(order[zipf.Uint64()])
		}
	}
	return picks
}

// Decisions through Meters: run with -cpu 1,2. Package cap/bench sets them against those of others.
func BenchmarkMeters(b *testing.B) {
	for _, row := range []struct {
		accounts int
		pick     string
	}{{1, "hot"}, {100_000, "uniform"}, {100_000, "zipf"}} {
		var w *metersWorld
		picks := metersPicks(row.pick, row.accounts)
		for _, op := range []string{"allow", "authorize", "allow-batch"} {
			b.Run(fmt.Sprintf("op=%s/accounts=%d/pick=%s", op, row.accounts, row.pick), func(b *testing.B) {
				if w == nil {
					w = newMetersWorld(b, row.accounts, 100)
				}
				var turn atomic.Uint64
				b.ReportAllocs()
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					at := turn.Add(1) * 77_777
					next := func() int {
						at++
						return int(picks[at%uint64(len(picks))])
					}
					switch op {
					case "allow":
						for pb.Next() {
							w.allow(next())
						}
					case "authorize":
						for pb.Next() {
							i := next()
							if _, err := w.meters.Authorize(w.keys[i], w.spend(i)); err != nil {
								b.Error(err)
							}
						}
					default:
						w.batches(b, pb, next)
					}
				})
			})
		}
	}
}

// batches decides in batches of 256.
func (w *metersWorld) batches(b *testing.B, pb *testing.PB, next func() int) {
	requests, answers := make([]cap.Request[string], 0, 256), make([]cap.Answer, 256)
	for pb.Next() {
		i := next()
		requests = append(requests, cap.Request[string]{Key: w.keys[i], Spend: w.spend(i)})
		if len(requests) == len(answers) {
			if err := w.meters.AllowBatch(requests, answers); err != nil || slices.ContainsFunc(answers, func(a cap.Answer) bool { return a.Err != nil }) {
				b.Error(err)
			}
			requests = requests[:0]
		}
	}
}

func BenchmarkMetersAuthorizeAll(b *testing.B) {
	for _, keys := range []int{2, 3, 8} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			w := newMetersWorld(b, keys, 100)
			b.ReportAllocs()
			for b.Loop() {
				if all, err := w.meters.AuthorizeAll(w.spend(0), w.keys...); err != nil || !all.Approved() {
					b.Fatal(all, err)
				}
			}
		})
	}
}

// Evict over accounts none of which can go, and all of which must be looked at.
func BenchmarkMetersEvict(b *testing.B) {
	w := newMetersWorld(b, 50_000, 2)
	if err := w.meters.Advance(time.UnixMicro(epoch + 31*minute + 2*15*minute + minute/2)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w.meters.Evict(64)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/account")
}
