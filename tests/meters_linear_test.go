package tests

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
)

// askedAll is an authorisation by several keys, or a reversal with one.
type askedAll struct {
	keys    string // a letter for each
	id      string
	at      int // seconds after the epoch
	amount  int64
	reverse bool
}

// toldAll is what came of it: approved, and whether anything was there before.
type toldAll struct{ approved, existed bool }

// metersModel is accounts under a rolling cap, in the dumbest way: the state lists the spends of all of them as text,
// sorted, and each spend is tried against every position of the window that contains it.
func metersModel() porcupine.Model {
	type entry struct {
		key, id string
		at      int
		amount  int64
		state   string // live or reversed
	}
	parse := func(state any) (all []entry) {
		for line := range strings.FieldsSeq(state.(string)) {
			var e entry
			f := strings.Split(line, ":")
			e.key, e.id, e.state = f[0], f[1], f[4]
			if _, err := fmt.Sscan(f[2]+" "+f[3], &e.at, &e.amount); err != nil {
				panic(err)
			}
			all = append(all, e)
		}
		return all
	}
	format := func(all []entry) string {
		var lines []string
		for _, e := range all {
			lines = append(lines, fmt.Sprintf("%s:%s:%d:%d:%s", e.key, e.id, e.at, e.amount, e.state))
		}
		slices.Sort(lines)
		return strings.Join(lines, " ")
	}
	fits := func(all []entry, key string, a askedAll) bool {
		for u := a.at; u < a.at+int(linearWindow/time.Second); u++ {
			sum := a.amount
			for _, e := range all {
				if e.key == key && e.state == "live" && e.at <= u && e.at > u-int(linearWindow/time.Second) {
					sum += e.amount
				}
			}
			if sum > linearMax {
				return false
			}
		}
		return true
	}
	step := func(state, input, output any) (bool, any) {
		all, a := parse(state), input.(askedAll)
		want := toldAll{approved: true}
		next := slices.Clone(all)
		for _, key := range strings.Split(a.keys, "") {
			i := slices.IndexFunc(next, func(e entry) bool { return e.key == key && e.id == a.id && e.at == a.at })
			switch {
			case a.reverse && i < 0:
				want.approved = false
			case a.reverse:
				want.existed = want.existed || next[i].state == "reversed"
				next[i].state = "reversed"
			case i >= 0 && next[i].state == "reversed":
				want.approved = false
			case i >= 0:
				want.existed = want.existed || slices.ContainsFunc(all, func(e entry) bool { return e == next[i] }) // else it is a key given twice
			case fits(next, key, a):
				next = append(next, entry{key, a.id, a.at, a.amount, "live"})
			default:
				want.approved = false
			}
		}
		if !want.approved {
			want.existed, next = false, all
		}
		return output.(toldAll) == want, format(next)
	}
	return porcupine.Model{Init: func() any { return "" }, Step: step}
}

// TestMetersLinearisable runs few callers against three accounts, by one key and by several, and checks that the answers
// could have been given one after the other.
func TestMetersLinearisable(t *testing.T) {
	histories := campaign.Size(150, 3000)
	policy := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "cap", Max: money.New(linearMax, money.EUR), Window: cap.Rolling(linearWindow)}},
		&cap.PolicyOptions{Lateness: time.Hour})
	for range histories {
		seed := rand.Uint64()
		meters, err := cap.NewMeters[string](policy, &cap.MetersOptions{Shards: 2})
		if err != nil {
			t.Fatal(err)
		}
		history := metersHistory(t, meters, seed)
		if result := porcupine.CheckOperationsTimeout(metersModel(), history, 30*time.Second); result != porcupine.Ok {
			t.Fatalf("seed %d: %s: %+v", seed, result, history)
		}
	}
}

func metersHistory(t *testing.T, meters *cap.Meters[string], seed uint64) []porcupine.Operation {
	var lock sync.Mutex
	var history []porcupine.Operation
	var wait sync.WaitGroup
	var clock atomic.Int64
	begin := make(chan struct{})
	for client := range 4 {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(client)))
			<-begin
			for range 6 {
				a := askedAll{id: string(rune('p' + r.IntN(3))), at: r.IntN(8)}
				a.amount = []int64{30_00, 50_00, 100_00}[(int(a.id[0])+a.at)%3] // the same again is the same amount
				for range 1 + r.IntN(4) {
					a.keys += string(rune('a' + r.IntN(3)))
				}
				if a.reverse = r.IntN(4) == 0; a.reverse {
					a.keys = a.keys[:1]
				}
				call := clock.Add(1)
				runtime.Gosched()
				told := askMeters(t, meters, a)
				runtime.Gosched()
				back := clock.Add(1)
				lock.Lock()
				history = append(history, porcupine.Operation{ClientId: client, Input: a, Call: call, Output: told, Return: back})
				lock.Unlock()
			}
		})
	}
	close(begin)
	wait.Wait()
	return history
}

// askMeters asks through one door or another.
func askMeters(t *testing.T, meters *cap.Meters[string], a askedAll) toldAll {
	spend := cap.Spend{ID: a.id, At: linearEpoch.Add(time.Duration(a.at) * time.Second), Amount: money.New(a.amount, money.EUR)}
	var told toldAll
	var err error
	switch keys := strings.Split(a.keys, ""); {
	case a.reverse:
		err = meters.Do(a.keys, func(m *cap.Meter) error {
			d, err := m.Reverse(spend.ID, spend.At)
			told = toldAll{d.Approved(), d.Existed()}
			return err
		})
	case len(keys) == 1:
		var d cap.Decision
		d, err = meters.Authorize(keys[0], spend)
		told = toldAll{d.Approved(), d.Existed()}
	default:
		var all cap.Decisions
		all, err = meters.AuthorizeAll(spend, keys...)
		told = toldAll{all.Approved(), all.Existed()}
	}
	if err != nil {
		t.Error(err)
	}
	return told
}

// TestMetersLinearCheckCanFail gives the checker a spend that one of two keys took alone.
func TestMetersLinearCheckCanFail(t *testing.T) {
	history := []porcupine.Operation{
		{ClientId: 0, Input: askedAll{keys: "a", id: "p", amount: 100_00}, Call: 0, Output: toldAll{approved: true}, Return: 10},
		{ClientId: 0, Input: askedAll{keys: "ab", id: "q", amount: 100_00}, Call: 20, Output: toldAll{}, Return: 30},
		{ClientId: 0, Input: askedAll{keys: "b", id: "r", amount: 100_00}, Call: 40, Output: toldAll{}, Return: 50},
	}
	if porcupine.CheckOperations(metersModel(), history) {
		t.Error("a refusal that has left something behind: the checker found an order")
	}
}
