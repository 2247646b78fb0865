package cap

import (
	"math"
	"time"

	"github.com/payrules/payrules/money"
)

// Spend is a use of money that asks for room. Its identity is the pair of its instant and its id: whoever sends it again
// must send both again.
type Spend struct {
	_ struct{} // disallow positional literals

	// ID tells the spend from others of the same instant: 1 to MaxID bytes of UTF-8 without control characters.
	ID string `json:"id"`

	// At is when it happened, by the clock of the one who decides; from 1970 to 2199, cut off to whole microseconds.
	At time.Time `json:"at"`

	// Amount is how much: more than zero, at most MaxAmount, in the policy's currency.
	Amount money.Amount `json:"amount"`
}

// Meter keeps what one account has spent, and decides what more fits its policy. The zero value decides nothing: make it
// with [NewMeter].
//
// The methods that decide or apply are not for concurrent use. The readers (Usage, Used, Remaining, RoomFor, MaxNow,
// MarshalBinary) write nothing, so they may run at the same time as one another. Decide of a command is not one of them:
// it changes no answer, but it moves cursors.
type Meter struct {
	ring           // the entries, and the cursors of the policy's windows
	policy *Policy // what rules now
	shared *Policy // what it was made with; snapshots tell whose they are by it

	latest int64 // instant of the latest recorded spend, or -1
	oldest int64 // the earliest that a new spend may be dated at; never goes back
	gone   int64 // entries dated at or before it were gone when the policy last changed; never goes back
	sought int64 // instant that the cursors were last moved to; never: unknown

	sum, count int64 // of everything recorded and not reversed, also of what is gone
}

// NewMeter returns the meter of a new account. The policy may be shared with any number of others. A nil or zero policy gives a
// meter on which everything is an error.
func NewMeter(p *Policy) *Meter {
	if p != nil && p.json == nil {
		p = nil
	}
	m := &Meter{policy: p, shared: p, latest: -1, gone: -1}
	if p != nil {
		m.resize(p.slots, 1)
	}
	return m
}

// Policy returns the policy that rules now: the one the meter was made with, or what SetPolicy set.
func (m *Meter) Policy() *Policy { return m.policy }

// Latest returns the instant of the latest recorded spend; the zero time when there is none. Reversals do not move it.
func (m *Meter) Latest() time.Time {
	if m.latest < 0 {
		return time.Time{}
	}
	return timeOf(m.latest)
}

// Oldest returns the earliest instant that a new spend may be dated at: the policy's lateness before Latest. It never
// goes back, also when a policy with more lateness is set.
func (m *Meter) Oldest() time.Time { return timeOf(m.oldest) }

// floor returns the instant at and before which entries are gone: no window reaches them from Oldest on. It depends on
// what was recorded alone, and not on when memory was given back.
func (m *Meter) floor() int64 {
	return max(m.gone, m.policy.horizon(m.oldest))
}

// ask is a checked question to the meter.
type ask struct {
	hash       uint64
	at, amount int64
}

// check makes the ask of a spend. An error means that it cannot be decided.
func (m *Meter) check(id string, at time.Time, amount money.Amount) (ask, error) {
	if m.policy == nil || amount.Currency() != m.policy.currency {
		return ask{}, m.cannotAsk(amount)
	}
	hash, err := hashID(id)
	if err != nil {
		return ask{}, err
	}
	instant, err := instantOf(at)
	if err != nil {
		return ask{}, err
	}
	return ask{hash, instant, amount.Minor()}, nil
}

// cannotAsk returns why a meter cannot be asked about an amount.
func (m *Meter) cannotAsk(amount money.Amount) error {
	if m.policy == nil {
		return invalid("policy", "the meter has none")
	}
	return badCurrency(amount.Currency(), m.policy.currency)
}

// checkRef makes the ask about a spend that was recorded before.
func (m *Meter) checkRef(id string, at time.Time) (ask, error) {
	if m.policy == nil {
		return ask{}, m.cannotAsk(money.Amount{})
	}
	return m.check(id, at, money.New(0, m.policy.currency))
}

func badCurrency(got, want money.Currency) error {
	return invalidWith(&money.CurrencyMismatchError{Op: "decide", A: got, B: want}, "amount")
}

// move moves every cursor to the windows at t.
func (m *Meter) move(t int64) {
	back := t < m.sought
	for i := range m.policy.rules {
		r := &m.policy.rules[i]
		if !r.finite() {
			continue
		}
		s := &m.slots[r.slot]
		c := s.cursor()
		m.seek(&c, m.after(r, t), back)
		s.setCursor(c)
	}
	m.sought = t
}

// after returns r.window.after(t).
func (m *Meter) after(r *rule, t int64) int64 {
	if r.kind == rolling {
		return t - r.span
	}
	memo := &m.slots[r.slot+1]
	if t < memo.a || t >= memo.b {
		from, to, after := r.window.afterStep(t)
		*memo = slot{from, to, uint64(after)}
	}
	return int64(memo.c)
}

// until returns r.window.until(e).
func (m *Meter) until(r *rule, e int64) int64 {
	if r.kind == rolling {
		return e + r.span
	}
	memo := &m.slots[r.slot+2]
	if e < memo.a || e >= memo.b {
		from, to, until := r.window.untilStep(e)
		*memo = slot{from, to, uint64(until)}
	}
	return int64(memo.c)
}

// record puts a spend in, whatever the limits say. p is its place: the number of entries dated at or before it. The sum
// of everything must have room for it.
func (m *Meter) record(a ask, p int) {
	m.sum += a.amount
	m.count++
	if a.at > m.latest {
		m.latest = a.at
		m.oldest = max(m.oldest, a.at-m.policy.lateness)
	}
	if m.full() {
		p -= m.makeRoom()
	}
	for i := range m.policy.rules {
		r := &m.policy.rules[i]
		if !r.finite() {
			continue
		}
		if r.kind.grouped() {
			m.regroup(r, a.at, a.amount, 1)
		}
		if s := &m.slots[r.slot]; p >= int(s.a) {
			s.b += a.amount
			s.c++
		} else {
			// Behind the head there may be reversed entries that a seek has passed over, although the window holds
			// them. So look in both directions the next time.
			s.a++
			m.sought = never
		}
	}
	if m.n++; p < m.n-1 {
		m.shift(p)
	}
	*m.at(p) = slot{a.at, a.amount, a.hash}
}

// makeRoom forgets the entries that are gone, and sees that some slots are free afterwards. It returns how many entries
// it forgot.
func (m *Meter) makeRoom() int {
	k := m.upper(m.floor())
	for i := range m.policy.rules {
		r := &m.policy.rules[i]
		if !r.finite() {
			continue
		}
		s := &m.slots[r.slot]
		c := s.cursor()
		for c.head < k {
			amount, count := m.at(c.head).counted()
			c.sum -= amount
			c.count -= count
			c.head++
		}
		c.head -= k
		s.setCursor(c)
	}
	m.drop(k)
	// Not at every record: a sixteenth is the least that must come free, and three quarters the most that may lie idle.
	want, have := roomFor(m.n+1), len(m.slots)-m.base
	if have-m.n <= m.n/16 || have/4 > want {
		m.resize(m.base, want)
	}
	return k
}

// alter changes what entry p counts for. The sum of everything must have room for it.
func (m *Meter) alter(p int, b int64) {
	e := m.at(p)
	oldAmount, oldCount := e.counted()
	e.b = b
	amount, count := e.counted()
	amount, count = amount-oldAmount, count-oldCount
	m.sum += amount
	m.count += count
	for i := range m.policy.rules {
		r := &m.policy.rules[i]
		if !r.finite() {
			continue
		}
		if r.kind.grouped() {
			m.regroup(r, e.a, amount, count)
		}
		if s := &m.slots[r.slot]; p >= int(s.a) {
			s.b += amount
			s.c += uint64(count)
		}
	}
}

// setPolicy makes p rule from now on. What was spent stays spent, and what is gone stays gone.
func (m *Meter) setPolicy(p *Policy) {
	m.gone = m.floor()
	m.policy = p
	if p.Equal(m.shared) {
		m.policy = m.shared
	}
	m.oldest = max(m.oldest, m.latest-p.lateness)
	m.drop(m.upper(m.gone)) // now, since the new windows might reach further back
	m.resize(p.slots, roomFor(m.n+1))
	m.restart()
}

// restart gives the policy's windows new cursors, each over all the entries, for the next seek to move.
func (m *Meter) restart() {
	clear(m.slots[:m.base])
	all := cursor{}
	for i := range m.n {
		amount, count := m.at(i).counted()
		all.sum += amount
		all.count += count
	}
	for i := range m.policy.rules {
		if r := &m.policy.rules[i]; r.finite() {
			m.slots[r.slot].setCursor(all)
		}
	}
	m.sought = never
}

// overflows reports whether one more spend of an amount would take the sum of everything beyond an int64, or the number of
// spends beyond a uint32.
func (m *Meter) overflows(amount int64) bool {
	return amount > math.MaxInt64-m.sum || m.count >= math.MaxUint32
}
