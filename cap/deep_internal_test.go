package cap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/payrules/payrules/money"
)

// deepSpend is a spend of the dumb list that the deep histories must equal.
type deepSpend struct {
	at, amount int64
	id         string
	live       bool
}

// deepFits reports whether one more spend fits every window of a length that contains at: the one that ends there, and
// those that end with a later spend.
func deepFits(all []deepSpend, at, amount, d, most, mostCount int64) bool {
	sums, counts := make([]int64, len(all)+1), make([]int64, len(all)+1)
	ends := []int64{at}
	for i, s := range all {
		sums[i+1], counts[i+1] = sums[i], counts[i]
		if s.live {
			sums[i+1], counts[i+1] = sums[i]+s.amount, counts[i]+1
		}
		if s.at > at && s.at < at+d {
			ends = append(ends, s.at)
		}
	}
	for _, u := range ends {
		lo, hi := deepUpper(all, u-d), deepUpper(all, u)
		if amount > most-(sums[hi]-sums[lo]) || counts[hi]-counts[lo] >= mostCount {
			return false
		}
	}
	return true
}

// deepUpper returns how many spends are dated at or before an instant.
func deepUpper(all []deepSpend, at int64) int {
	return sort.Search(len(all), func(i int) bool { return all[i].at > at })
}

// Laws L2 and L4 over accounts so deep that late spends are judged by blocks: hundreds of entries late, with the windows
// nearly full, among reversals, captures of less, and memory that is given back. The blocks stay the sums of their entries.
func TestDeep(t *testing.T) {
	const minute, hour, lateness = 60 * second, 3600 * second, 6 * 3600 * second
	const most, mostCount, mostLong = 230, 38, 1200
	limits := []Limit{
		{Name: "hour", Max: money.New(most, money.EUR), MaxCount: mostCount, Window: Rolling(time.Hour)},
		{Name: "long", Max: money.New(mostLong, money.EUR), Window: Rolling(6 * time.Hour)},
	}
	for i := range 7 { // which never refuse: their cursors take half of the first block
		limits = append(limits, Limit{Name: fmt.Sprint("wide", i), Max: money.New(MaxAmount, money.EUR), Window: RollingHours(6, time.UTC)})
	}
	p := MustPolicy(money.EUR, limits, &PolicyOptions{Lateness: 6 * time.Hour})
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 5))
		m, now := NewMeter(p), 30*day
		var all []deepSpend
		made, refused := 0, 0
		for i := range 2500 {
			at := now
			if r.IntN(3) > 0 {
				now += r.Int64N(3 * minute)
				at = now
			} else {
				at -= r.Int64N(lateness-hour) / minute * minute
			}
			if k := len(all) - 1 - r.IntN(300); k >= 0 && r.IntN(5) == 0 && all[k].live && all[k].at > m.floor() {
				s := &all[k]
				if r.IntN(2) == 0 {
					s.live = false
					if d, err := m.Reverse(s.id, timeOf(s.at)); err != nil || !d.Approved() {
						t.Fatal(d, err)
					}
				} else {
					d, err := m.Capture(Change{ID: s.id, At: timeOf(s.at), Amount: money.New(1, money.EUR)})
					if err != nil || d.reason != CapturedWithDifferentAmount.code() && !d.Approved() {
						t.Fatal(d, err)
					}
					s.amount = 1
				}
			}
			s := deepSpend{at, 1 + r.Int64N(11), fmt.Sprint(i), true}
			want := deepFits(all, at, s.amount, hour, most, mostCount) && deepFits(all, at, s.amount, 6*hour, mostLong, 1<<40)
			change := Spend{ID: s.id, At: timeOf(at), Amount: money.New(s.amount, money.EUR)}
			if r.IntN(4) == 0 {
				decided, err := Authorize(change).Decide(m)
				if err != nil || m.Apply(decided[0]) != nil {
					t.Fatal(err)
				}
				if _, ok := decided[0].(Authorized); ok != want {
					t.Fatalf("seed %d, step %d: got %T, want approved %v", seed, i, decided[0], want)
				}
			} else if d, err := m.Authorize(change); err != nil || d.Approved() != want {
				t.Fatalf("seed %d, step %d: got %v %v, want approved %v", seed, i, d, err, want)
			}
			if want {
				all = slices.Insert(all, deepUpper(all, at), s)
			} else {
				refused++
			}
			if m.blocks() != nil {
				made++
				checkBlocks(t, m, m.oldest+r.Int64N(m.latest-m.oldest+1))
			}
		}
		if made < 1000 || refused < 200 || refused > 1600 {
			t.Errorf("seed %d: %d steps with blocks and %d refusals: the history does not reach what it is for", seed, made, refused)
		}
	}
}

// checkBlocks compares the blocks with what the entries in them amount to, and sees that nothing is said to fit surely that is
// one too much beside all there is from the earliest window on which contains an instant.
func checkBlocks(t *testing.T, m *Meter, at int64) {
	t.Helper()
	kept := slices.Clone(m.blocks())
	fresh := make(blocks, len(kept))
	for i := range m.n {
		fresh.add(m.physical(i), m.at(i), 1)
	}
	if !slices.Equal(kept, fresh) {
		t.Fatalf("got blocks %v, want %v", kept, fresh)
	}
	for i := range m.group.rules {
		r := &m.group.rules[i]
		sum, count := m.sumUp(m.upper(m.after(r, at)), m.newest())
		if m.surelyFits(r, at, r.max-sum+1, 0) || m.surelyFits(r, at, 0, r.maxCount-int64(count)+1) {
			t.Fatalf("what is one too much for limit %d at %v is said to fit", i, timeOf(at))
		}
	}
}

// Law L5 where blocks count most of the entries twice: in a window over full by force-posts, of a book that lies around the
// end of its ring with both ends in one block, nothing is said to fit because a sum has wrapped.
func TestBlocksDoNotWrap(t *testing.T) {
	const hour, minute = 3600 * second, 60 * second
	limit := Limit{Name: "hour", Max: money.New(MaxAmount, money.EUR), Window: Rolling(time.Hour), Counting: Counting{Refund: Now}}
	m := NewMeter(MustPolicy(money.EUR, []Limit{limit}, &PolicyOptions{Lateness: 36 * time.Hour}))
	now := 100 * day
	most := money.New(MaxAmount, money.EUR)
	for i := range 127 { // the sum is so much less than the entries
		if d, err := m.Refund(Refund{ID: fmt.Sprint(i), At: timeOf(now), Amount: most}); err != nil || !d.Approved() {
			t.Fatal(d, err)
		}
	}
	now += 10 * day
	m.advance(now)
	b := &m.rare.books[0]
	b.forget(m.floor())
	b.resize(b.base, 391)
	b.start = 2*blockSize - 9
	for i := range 383 {
		if i < 283 {
			now += 7 * minute
		} else {
			now += minute / 2
		}
		if d, err := m.ForcePost(Spend{ID: "f", At: timeOf(now), Amount: most}); err != nil || !d.Approved() {
			t.Fatal(i, d, err)
		}
	}
	for late := int64(0); late < 34*hour; late += minute {
		s := Spend{ID: "late", At: timeOf(now - late), Amount: money.New(1, money.EUR)}
		if d, err := m.Authorize(s); err != nil || d.reason != AmountLimitExceeded.code() {
			t.Fatal(late, d, err)
		}
	}
	if b.start != 2*blockSize-9 || b.credited == 0 || b.credits > 0 {
		t.Error("the ring is not laid out as it should be")
	}
}
