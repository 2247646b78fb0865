package cap

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/payrules/payrules/money"
)

// LimitUsage is what one limit has to say at an instant. It stands in every decision and every event.
//
// At or after the latest recorded spend, Used and Count are of the window at that instant. Before it, they are the most
// that any window containing the instant holds, amount and count each for itself: what decides there (law L4). Where a
// refund that counts now will leave the window before the spends do, they are the most that any window from then on
// holds. Where the maximum changes meanwhile, Used is such that Max less Used is what the tightest window leaves.
//
// A PerTransaction limit keeps no usage: its Used, Count and Free are always zero, and it is told as Over by the decision
// that left it so, not by a repetition of that.
type LimitUsage struct {
	_ struct{} // disallow positional literals

	Name     string       `json:"name"`
	Max      money.Amount `json:"max,omitzero"` // at that instant; the zero Amount: the limit has no amount
	Used     money.Amount `json:"used"`
	MaxCount int64        `json:"max_count,omitempty"` // 0: the limit has no count
	Count    int64        `json:"count"`

	// Over says that a force-post, a lowered limit, the end of an override, or attempts that it counts have left the limit
	// exceeded.
	Over bool `json:"over,omitempty"`

	// FreeAt is when the next room comes back, as long as nothing else happens: the oldest spend in the window at the
	// instant leaves it then, or a hold ends. Free and FreeCount are how much comes back. The zero time: nothing will.
	FreeAt    time.Time    `json:"free_at,omitzero"`
	Free      money.Amount `json:"free,omitzero"`
	FreeCount int64        `json:"free_count,omitempty"`

	// Crossed are the alerts of the limit, in percent, that the decision has taken what is used up to. Each crossing is
	// told by the one decision that made it; after what is used has fallen below, the next one is a new one.
	Crossed []int `json:"crossed,omitempty"`
}

// Remaining returns how much more the limit would take: Max less Used, but never below zero. It is the zero Amount when
// the limit has no amount.
func (u LimitUsage) Remaining() money.Amount {
	if !u.Max.Valid() {
		return money.Amount{}
	}
	return money.New(max(0, u.Max.Minor()-u.Used.Minor()), u.Max.Currency())
}

// RemainingCount returns how many more spends the limit would take, never below zero; and false when it has no count.
func (u LimitUsage) RemainingCount() (int64, bool) {
	return max(0, u.MaxCount-u.Count), u.MaxCount > 0
}

// equal reports whether u and v say the same. Times are compared as instants.
func (u LimitUsage) equal(v LimitUsage) bool {
	at, bt := u.FreeAt, v.FreeAt
	return u.Name == v.Name && u.Max == v.Max && u.Used == v.Used && u.MaxCount == v.MaxCount && u.Count == v.Count && u.Over == v.Over &&
		at.Equal(bt) && u.Free == v.Free && u.FreeCount == v.FreeCount && slices.Equal(u.Crossed, v.Crossed)
}

// figures are the figures of one limit, before they get names. Decisions carry several, so they are kept small.
type figures struct {
	used             int64 // below zero where refunds that count now are more than the spends
	freeAt, free     int64 // freeAt 0: nothing will be free
	count, freeCount uint32
	over             bool
	crossed          uint8 // a bit for each alert
	override         uint8 // which one holds, from 1; 0: none does
}

// Usage is what every limit of a policy has to say at an instant: a value, safe for concurrent use. The zero Usage has
// no limits.
type Usage struct {
	policy *Policy       // whose limits rows are of
	rows   [4]figures    // in the order of the policy's limits
	more   []figures     // those that rows has no place for; never changed once it is told
	list   *[]LimitUsage // instead of policy and rows, when read back from an event; never changed
}

// row returns the figures of limit i.
func (u *Usage) row(i int) *figures {
	if i < len(u.rows) {
		return &u.rows[i]
	}
	return &u.more[i-len(u.rows)]
}

// Len returns the number of limits.
func (u *Usage) Len() int {
	switch {
	case u.policy != nil:
		return len(u.policy.limits)
	case u.list != nil:
		return len(*u.list)
	}
	return 0
}

// Limit returns what limit i has to say, for i from 0 to Len-1. It panics for another i, as indexing does.
func (u *Usage) Limit(i int) LimitUsage {
	if u.policy == nil {
		return (*u.list)[i]
	}
	l, c, row := &u.policy.limits[i], u.policy.currency, u.row(i)
	out := LimitUsage{
		Name: l.Name, Max: l.Max, Used: money.New(max(0, row.used), c), MaxCount: l.MaxCount, Count: int64(row.count), Over: row.over,
	}
	if row.override > 0 {
		o := &l.Overrides[row.override-1]
		if o.Max.Valid() {
			out.Max = o.Max
		}
		if o.MaxCount > 0 {
			out.MaxCount = o.MaxCount
		}
	}
	if row.freeAt != 0 {
		out.FreeAt, out.Free, out.FreeCount = timeOf(row.freeAt), money.New(row.free, c), int64(row.freeCount)
	}
	for j, percent := range l.Alerts {
		if row.crossed&(1<<j) != 0 {
			out.Crossed = append(out.Crossed, percent)
		}
	}
	return out
}

// Limits ranges over the limits, in the order of the policy.
func (u Usage) Limits() iter.Seq[LimitUsage] {
	return func(yield func(LimitUsage) bool) {
		for i := range u.Len() {
			if !yield(u.Limit(i)) {
				return
			}
		}
	}
}

// Named returns what the limit of that name has to say, and whether there is one.
func (u Usage) Named(name string) (LimitUsage, bool) {
	for l := range u.Limits() {
		if l.Name == name {
			return l, true
		}
	}
	return LimitUsage{}, false
}

// snapshot returns the limits as events carry them. The slice must not be changed.
func (u *Usage) snapshot() []LimitUsage {
	if u.policy == nil {
		return *u.list
	}
	out := make([]LimitUsage, len(u.policy.limits))
	for i := range out {
		out[i] = u.Limit(i)
	}
	return out
}

// equal reports whether u and v say the same of every limit.
func (u *Usage) equal(v *Usage) bool {
	if u.Len() != v.Len() {
		return false
	}
	for i := range u.Len() {
		if !u.Limit(i).equal(v.Limit(i)) {
			return false
		}
	}
	return true
}

// String shows the limits on one line, for logs and tests.
func (u Usage) String() string {
	out := ""
	for l := range u.Limits() {
		if out += fmt.Sprintf(" %s %s/%s", l.Name, l.Used.Number(), l.Max.Number()); l.MaxCount > 0 {
			out += fmt.Sprintf(" %d/%d", l.Count, l.MaxCount)
		}
		if l.Over {
			out += " over"
		}
		if !l.FreeAt.IsZero() {
			out += fmt.Sprintf(" (%s at %s)", l.Free.Number(), l.FreeAt.Format(time.RFC3339Nano))
		}
	}
	return out
}
