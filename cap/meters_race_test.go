package cap_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
)

// together runs f in n goroutines that begin at the same moment.
func together(n int, f func(i int)) {
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wait.Wait()
}

// The first defect of CréditRama, which checked and then acted: 100 payments of 100 at the same moment, under a cap of 300.
// Whatever the door, three of them go through.
func TestManyAtOnceNeverExceed(t *testing.T) {
	approved := func(outcome cap.Outcome, err error) bool {
		if err != nil {
			t.Error(err)
		}
		return outcome == cap.Approved
	}
	for name, door := range map[string]func(x *cap.Meters[string], s cap.Spend) bool{
		"Allow": func(x *cap.Meters[string], s cap.Spend) bool {
			outcome, _, err := x.Allow("card", s)
			return approved(outcome, err)
		},
		"Authorize": func(x *cap.Meters[string], s cap.Spend) bool {
			d, err := x.Authorize("card", s)
			return approved(d.Outcome(), err)
		},
		"Do": func(x *cap.Meters[string], s cap.Spend) (ok bool) {
			err := x.Do("card", func(m *cap.Meter) error {
				d, err := m.Authorize(s)
				ok = d.Approved()
				return err
			})
			return approved(cap.Refused, err) || ok
		},
		"AuthorizeAll": func(x *cap.Meters[string], s cap.Spend) bool {
			keys := []string{"card", "account", "holder"}
			rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			all, err := x.AuthorizeAll(s, keys...)
			return approved(all.Outcome(), err)
		},
		"AllowBatch": func(x *cap.Meters[string], s cap.Spend) bool {
			answers := make([]cap.Answer, 2)
			err := x.AllowBatch([]cap.Request[string]{{Key: "another", Spend: s}, {Key: "card", Spend: s}}, answers)
			return approved(answers[1].Outcome, errors.Join(err, answers[1].Err))
		},
		"AuthorizeBatch": func(x *cap.Meters[string], s cap.Spend) bool {
			answers := make([]cap.FullAnswer, 1)
			err := x.AuthorizeBatch([]cap.Request[string]{{Key: "card", Spend: s}}, answers)
			return approved(answers[0].Decision.Outcome(), errors.Join(err, answers[0].Err))
		},
	} {
		for range 20 {
			x := metersOf[string](t, weekly, &cap.MetersOptions{Shards: 4})
			var passed atomic.Int64
			together(100, func(i int) {
				if door(x, pay(fmt.Sprint(i), float64(i%5), 100_00)) {
					passed.Add(1)
				}
			})
			if got := passed.Load(); got != 3 {
				t.Errorf("%s: got %d approved, want 3", name, got)
			}
		}
	}
}

// The same payment from 20 goroutines at once is counted once, also while accounts come and go.
func TestSameSpendAtOnceIsCountedOnce(t *testing.T) {
	x := metersOf[int](t, weekly, &cap.MetersOptions{Shards: 2})
	for round := range 200 {
		var first atomic.Int64
		together(20, func(i int) {
			if i == 0 {
				x.Evict(100)
				return
			}
			all, err := x.AuthorizeAll(pay("same", float64(round), 200_00), round, round+1)
			if err != nil {
				t.Error(err)
			}
			if all.Approved() && !all.Existed() {
				first.Add(1)
			}
		})
		if want := int64(1 - round%2); first.Load() != want { // what the round before has left takes 100 only
			t.Fatalf("round %d: paid %d times, want %d", round, first.Load(), want)
		}
	}
}

// Keys in opposing orders, and everything else besides, never wait for one another in a circle; and what was approved for
// several accounts is with all of them, to the cent.
func TestOpposingOrders(t *testing.T) {
	const keys = 6
	for _, shards := range []int{1, 2, 8} {
		x := metersOf[int](t, threeWindows, &cap.MetersOptions{Shards: shards})
		var want [keys]atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			together(8, func(g int) {
				r := rand.New(rand.NewPCG(uint64(g), 0))
				for i := range 400 {
					some := r.Perm(keys)[:1+r.IntN(4)]
					some = append(some, some[0])
					s := cap.Spend{ID: fmt.Sprint(g, "-", i), At: time.UnixMicro(epoch), Amount: eur(int64(1 + r.IntN(9)))}
					count := func(key int) { want[key].Add(s.Amount.Minor()) }
					switch r.IntN(5) {
					case 0:
						if err := x.DoAll(func(all []*cap.Meter) error {
							if all[0] != all[len(all)-1] {
								t.Error("a key given twice gives two meters")
							}
							for j, m := range all[:len(all)-1] {
								if d, err := m.ForcePost(s); err != nil || !d.Approved() {
									t.Error(d, err)
								}
								count(some[j])
							}
							return nil
						}, some...); err != nil {
							t.Error(err)
						}
					case 1:
						requests := make([]cap.Request[int], len(some)-1)
						answers := make([]cap.Answer, len(requests))
						for j := range requests {
							requests[j] = cap.Request[int]{Key: some[j], Spend: s}
							count(some[j])
						}
						if err := x.AllowBatch(requests, answers); err != nil || slices.ContainsFunc(answers, func(a cap.Answer) bool { return a.Outcome != cap.Approved }) {
							t.Error(answers, err)
						}
					default:
						if all, err := x.AuthorizeAll(s, some...); err != nil || !all.Approved() {
							t.Error(all, err)
						}
						for _, key := range some[:len(some)-1] {
							count(key)
						}
					}
					x.Evict(10)
					x.Stats()
				}
			})
		}()
		select {
		case <-done:
		case <-time.After(2 * time.Minute):
			t.Fatalf("%d shards: nothing moves any more", shards)
		}
		for key := range keys {
			if err := x.Do(key, func(m *cap.Meter) error {
				got, err := m.Used("month", time.UnixMicro(epoch))
				if got != eur(want[key].Load()) {
					t.Errorf("%d shards: key %d: got %v, want %v", shards, key, got, eur(want[key].Load()))
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		}
	}
}

// While time goes by and accounts are evicted under its hands, no spend is paid twice and no window is ever over.
func TestEvictionUnderWay(t *testing.T) {
	const accounts, hours = 50, 60 * 24
	x := metersOf[int](t, weekly, &cap.MetersOptions{Shards: 4, MaxAccounts: accounts})
	type paid struct {
		key  int
		id   string
		hour int
	}
	var lock sync.Mutex
	all := map[paid]int{}
	var hour, asked atomic.Int64
	together(6, func(g int) {
		r := rand.New(rand.NewPCG(uint64(g), 1))
		if g == 0 {
			for hour.Add(1) < hours {
				for asked.Load() < 30*hour.Load() {
					runtime.Gosched()
				}
				if err := x.Advance(at(float64(hour.Load()))); err != nil {
					t.Error(err)
				}
				x.Evict(20)
			}
			return
		}
		for {
			now := int(hour.Load())
			if now >= hours {
				return
			}
			// Now and then an account has ten days of rest; and everything is asked for again and again.
			p := paid{r.IntN(accounts), fmt.Sprint(r.IntN(3)), max(0, now-r.IntN(36))}
			if (now/240+p.key)%2 == 0 {
				continue
			}
			if asked.Add(1) > 30*int64(now) { // wait for the hour to pass
				asked.Add(-1)
				runtime.Gosched()
				continue
			}
			d, err := x.Authorize(p.key, pay(p.id, float64(p.hour), int64(60_00+p.hour%40)))
			if err != nil {
				t.Error(err)
			}
			if d.Approved() && !d.Existed() {
				lock.Lock()
				all[p]++
				lock.Unlock()
			}
		}
	})
	var byKey [accounts][hours]int
	for p, times := range all {
		if times > 1 {
			t.Errorf("%v: paid %d times", p, times)
		}
		byKey[p.key][p.hour] += 60_00 + p.hour%40
	}
	for key := range byKey {
		sum := 0
		for h, minor := range byKey[key] {
			if sum += minor; h >= week {
				sum -= byKey[key][h-week]
			}
			if sum > 300_00 {
				t.Errorf("key %d, hour %d: %d in a week", key, h, sum)
			}
		}
	}
	t.Logf("%d paid, %+v", len(all), x.Stats())
}

// A panic in Do leaves no lock behind, and what was done is there.
func TestMetersPanic(t *testing.T) {
	x := metersOf[string](t, weekly, &cap.MetersOptions{Shards: 1})
	func() {
		defer func() {
			if got := recover(); got != "now" {
				t.Errorf("got %v", got)
			}
		}()
		_ = x.Do("card", func(m *cap.Meter) error {
			if d, err := m.Authorize(pay("a", 0, 200_00)); err != nil || !d.Approved() {
				t.Error(d, err)
			}
			panic("now")
		})
	}()
	if got := allowed(x, "card", pay("b", 0, 101_00)); got != "refused amount_limit_exceeded" {
		t.Errorf("got %s", got)
	}
}

// Whoever evicts the idle accounts, all who need a place find one.
func TestRoomThatOthersMake(t *testing.T) {
	const accounts = 60
	for round := range 300 {
		x := metersOf[int](t, weekly, &cap.MetersOptions{Shards: 1 << (round % 3), MaxAccounts: accounts})
		for key := range accounts {
			if got := allowed(x, key, pay("a", 0, 1)); got != "approved" {
				t.Fatal(got)
			}
		}
		if err := x.Advance(at(1000)); err != nil {
			t.Fatal(err)
		}
		together(6, func(i int) {
			if i < 2 {
				x.Evict(accounts)
				return
			}
			if _, err := x.AuthorizeAll(pay("b", 1000, 1), accounts+i, 2*accounts+i, 3*accounts+i); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		})
		if s := x.Stats(); s.Accounts != 12 || s.Evicted != accounts {
			t.Fatalf("round %d: got %+v, want 12 accounts, and %d evicted", round, s, accounts)
		}
	}
}
