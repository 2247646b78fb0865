package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// figure counts rows and adds up their amounts, without a bound.
type figure struct {
	count int64
	sum   decimal.Decimal
}

func (f *figure) add(a money.Amount) {
	f.count++
	f.sum = f.sum.Add(a.Decimal())
}

// amount is the sum as a decimal string.
func (f figure) amount() string { return f.sum.StringFixed(int32(currency.MinorUnits())) }

// refusal is why a withdrawal was refused, and by which limit, if by one.
type refusal struct {
	reason cap.Reason
	limit  string
}

// month is a civil month in UTC, counted from the year 0.
type month int

func monthOf(t time.Time) month { return month(t.Year()*12 + int(t.Month()) - 1) }

func (m month) String() string { return fmt.Sprintf("%04d-%02d", int(m)/12, int(m)%12+1) }

// tally is the figures of a run. What it holds is bounded by the reasons, the caps and the months there are, not by
// the rows. It is safe for concurrent use.
type tally struct {
	mu sync.Mutex

	rows, replayed    int64
	accepted, refused figure
	refusals          map[refusal]*figure
	months            map[month]*[2]int64 // withdrawals accepted and refused
	latest            time.Time           // instant of the latest row
	fresh             histogram           // of the decisions of withdrawals that were not replayed
	end               int64               // how far the input is decided, in the unit of input.size
}

func newTally() *tally {
	return &tally{refusals: map[refusal]*figure{}, months: map[month]*[2]int64{}}
}

// add counts a row and its answer.
func (t *tally) add(row *transaction, a answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows++
	t.end = max(t.end, row.end)
	if row.At.After(t.latest) {
		t.latest = row.At
	}
	if a.replayed {
		t.replayed++
	}
	if !row.withdrawal() {
		return
	}
	if !a.replayed {
		t.fresh.add(a.took)
	}
	m := entry(t.months, monthOf(row.At))
	if a.decision.Approved() {
		t.accepted.add(row.Amount)
		m[0]++
		return
	}
	t.refused.add(row.Amount)
	m[1]++
	why := refusal{reason: a.decision.Reason()}
	if l, ok := a.decision.Binding(); ok {
		why.limit = l.Name
	}
	entry(t.refusals, why).add(row.Amount)
}

// entry returns what m holds for a key, and puts it there if need be.
func entry[K comparable, V any](m map[K]*V, key K) *V {
	v, ok := m[key]
	if !ok {
		v = new(V)
		m[key] = v
	}
	return v
}

// progress returns how far the run is: rows, and the place in the input.
func (t *tally) progress() (rows, end int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rows, t.end
}

// soFar says what is safe when a run ends early.
func (t *tally) soFar(dir string) string {
	return fmt.Sprintf("%s rows were decided and are in the journal in %s.\nRun again with -data %s to go on from there.",
		grouped(t.rows), dir, dir)
}

// reasons returns the refusals, in the order of the reasons, and of the limits within one.
func (t *tally) reasons() []refusal {
	all := cap.Reasons()
	return slices.SortedFunc(maps.Keys(t.refusals), func(a, b refusal) int {
		return cmp.Or(
			cmp.Compare(slices.Index(all, a.reason), slices.Index(all, b.reason)),
			cmp.Compare(a.limit, b.limit))
	})
}
