package cap

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// The ways to decide a spend are one: the short one of Allow and Authorize and the long one that judges and commits, the
// one for accounts far away, and the commands. After any history they have said the same, and have the same snapshot.
func TestAllowIsJudge(t *testing.T) {
	const minute = 60 * second
	late, refused := 0, 0
	for seed := range uint64(16) {
		r := rand.New(rand.NewPCG(seed, 77))
		most := []int64{60, 230, 4000, MaxAmount}[r.IntN(4)]
		limits := []Limit{
			{Name: "hour", Max: money.New(most, money.EUR), MaxCount: []int64{0, 5, 38, 1000}[r.IntN(4)], Window: Rolling(time.Hour)},
			{Name: "long", Max: money.New(min(5*most, MaxAmount), money.EUR), Window: Rolling(6 * time.Hour)},
		}
		for i := range r.IntN(7) {
			limits = append(limits, Limit{Name: fmt.Sprint("wide", i), MaxCount: 1 << 30, Window: Rolling(time.Duration(1+r.IntN(900)) * time.Minute)})
		}
		o := &PolicyOptions{Lateness: time.Duration(1+r.IntN(10)) * time.Hour}
		p, long := MustPolicy(money.EUR, limits, o), MustPolicy(money.EUR, limits, o)
		long.plain = false
		ways := []*Meter{NewMeter(long), NewMeter(p), NewMeter(p), NewMeter(p), NewMeter(p)}
		step, now := []int64{3, minute, 3 * minute}[r.IntN(3)], 30*day
		var sent []Spend
		for i := range 900 {
			at := now
			switch r.IntN(6) {
			case 0:
				at -= r.Int64N(p.lateness + 10)
			case 1:
				at -= r.Int64N(5 * step)
			case 2: // at the same instant
			default:
				now += r.Int64N(step)
				at = now
			}
			s := Spend{ID: fmt.Sprint(i), At: timeOf(at), Amount: money.New(r.Int64N(12), money.EUR)}
			if r.IntN(300) == 0 {
				s.Amount = money.New([]int64{MaxAmount, MaxAmount + 1, -1}[r.IntN(3)], money.EUR)
			}
			if len(sent) > 0 {
				old := sent[max(0, len(sent)-1-r.IntN(200))]
				switch kind := r.IntN(30); {
				case kind < 3:
					s = old // once more
				case kind == 3:
					s.ID, s.At = old.ID, old.At
				case kind < 12:
					changeAll(t, r, ways, old, now)
				}
			}
			sent = append(sent, s)
			want, answers := authorizeAll(t, ways, s)
			for way, got := range answers {
				if got.Outcome() != want.Outcome() || got.Reason() != want.Reason() || got.policy == p && !got.Equal(want) {
					t.Fatalf("seed %d, step %d, way %d: got %v, want %v", seed, i, way, got, want)
				}
			}
			if !want.Approved() {
				refused++
			} else if at < now {
				late++
			}
			for _, m := range ways {
				if m.blocks() != nil {
					checkBlocks(t, m, m.oldest+r.Int64N(m.latest-m.oldest+1))
				}
			}
			if i%20 == 0 {
				sameSnapshots(t, ways)
			}
		}
	}
	if late < 500 || refused < 500 {
		t.Errorf("%d late and %d refused: the histories do not reach what they are for", late, refused)
	}
}

// authorizeAll has each meter decide a spend in its own way. It returns what the long way says, and what the others do.
func authorizeAll(t *testing.T, ways []*Meter, s Spend) (want Decision, got [4]Decision) {
	t.Helper()
	var errs [6]error
	var why, whyFar Reason
	want, errs[0] = ways[0].Authorize(s)
	got[0], errs[1] = ways[1].Authorize(s)
	got[1].outcome, why, errs[2] = ways[2].Allow(s)
	got[2].outcome, whyFar, errs[3] = ways[3].allowSpend(&s, true)
	got[1].reason, got[2].reason = why.code(), whyFar.code()
	facts, err := Authorize(s).Decide(ways[4])
	if err == nil {
		got[3], err = Authorize{}.Result(facts), ways[4].Apply(facts[0])
	}
	errs[4] = err
	if err == nil && !got[3].Equal(want) {
		t.Fatalf("the command says %v, want %v", got[3], want)
	}
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return want, got
}

// changeAll does one and the same thing to a spend in all meters, by a command in the last one.
func changeAll(t *testing.T, r *rand.Rand, ways []*Meter, old Spend, now int64) {
	t.Helper()
	c := Change{ID: old.ID, At: old.At, Amount: money.New(1+r.Int64N(13), money.EUR)}
	if r.IntN(3) == 0 {
		c.On = timeOf(max(old.At.UnixMicro(), now+r.Int64N(1000)))
	}
	kind := r.IntN(3)
	var want Decision
	for way, m := range ways {
		var d Decision
		var err error
		if way == len(ways)-1 {
			facts, failed := [...]command{Capture(c), Adjust(c), Reverse{ID: c.ID, At: c.At}}[kind].Decide(m)
			if err = failed; err == nil {
				d, err = resultOf(facts), m.Apply(facts[0])
			}
		} else if kind == 0 {
			d, err = m.Capture(c)
		} else if kind == 1 {
			d, err = m.Adjust(c)
		} else {
			d, err = m.Reverse(c.ID, c.At)
		}
		if way == 0 {
			want = d
		}
		if err != nil || !d.Equal(want) {
			t.Fatalf("way %d: got %v %v, want %v", way, d, err, want)
		}
	}
}

// command is what changeAll needs of one.
type command interface {
	Decide(*Meter) ([]event.Data, error)
}

func sameSnapshots(t *testing.T, meters []*Meter) {
	t.Helper()
	var first []byte
	for i, m := range meters {
		data, err := m.MarshalBinary()
		if i == 0 {
			first = data
		}
		if err != nil || !bytes.Equal(data, first) {
			t.Fatalf("the snapshot of meter %d is another one: %v", i, err)
		}
	}
}

// Law L1 for late spends, to the microsecond, walked and by blocks, wherever these begin: a spend that is a microsecond
// less old than the window is in it, and one exactly as old is out.
func TestLateToTheMicrosecond(t *testing.T) {
	const hour = 3600 * second
	p := MustPolicy(money.EUR, []Limit{{Name: "hour", Max: money.New(100, money.EUR), Window: Rolling(time.Hour)}}, nil)
	for _, before := range []int64{0, blockSize - 3, blockSize - 2, blockSize - 1} {
		for _, behind := range []int64{0, few - 1, few, 2 * blockSize} { // which a late spend's window holds, and the latest does not
			m, first := NewMeter(p), 30*day
			allow := func(at, minor int64, want Outcome) {
				t.Helper()
				got, _, err := m.Allow(Spend{ID: fmt.Sprint(at), At: timeOf(at), Amount: money.New(minor, money.EUR)})
				if err != nil || got != want {
					t.Errorf("%d before and %d behind, %v: got %v %v, want %v", before, behind, timeOf(at), got, err, want)
				}
			}
			for at := first - before; at <= first+behind; at++ { // all but one count for nothing
				minor := int64(1)
				if at == first {
					minor = 60
				}
				if allow(at, minor, Approved); at != first {
					if d, err := m.Reverse(fmt.Sprint(at), timeOf(at)); err != nil || !d.Approved() {
						t.Fatal(d, err)
					}
				}
			}
			allow(first+2*hour, 1, Approved)
			allow(first+hour-1, 41, Refused)
			allow(first+hour, 41, Approved)
		}
	}
}

// Blocks that are first wanted when the ring lies around its end are the sums of all entries, too.
func TestBlocksOfAWrappedRing(t *testing.T) {
	p := MustPolicy(money.EUR, []Limit{
		{Name: "hour", MaxCount: 1000, Window: Rolling(time.Hour)},
		{Name: "day", MaxCount: 1000, Window: Rolling(24 * time.Hour)},
		{Name: "minute", MaxCount: 1000, Window: Rolling(time.Minute)},
	}, nil)
	m := NewMeter(p)
	wrapped := 0
	for i := range int64(2000) {
		authorize(t, m, 30*day+i*day/100, 1)
		if n := m.start + m.n - len(m.slots); n > 0 {
			wrapped++
			c := m.Clone()
			c.makeBlocks()
			checkBlocks(t, c, c.latest)
		}
	}
	if wrapped < 100 {
		t.Errorf("only %d rings lay around their end", wrapped)
	}
}
