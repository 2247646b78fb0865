package cap_test

import (
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// What the model says of its limits. All of it is asked as of an instant, now: a hold that has ended by then counts for
// nothing, at any instant.

// worth is what a part counts for in a limit.
func (p *modelPart) worth(l *modelLimit, now int64) (amount, count int64) {
	ended := p.of != nil && p.of.ended(now) && l.mode("expire") != cap.Ignored
	if p.dead || ended && p.amount >= 0 {
		return 0, 0
	}
	if p.one {
		count = 1
	}
	return p.amount, count
}

// holds reports whether the window of l at t holds what is dated e.
func (m *model) holds(l *modelLimit, e, t int64) bool {
	switch {
	case l.window.kind == "each":
		return false
	case l.window.kind == "ever":
		return true
	case e > t:
		return false
	case l.window.kind != "opened":
		return l.window.holds(e, t)
	}
	from, _, ok := windowOf(m.books[m.policy.book(l)].openings[l.window.d], l.window.d, t)
	return ok && e >= from || !ok && e == t
}

func (m *model) until(l *modelLimit, e int64) int64 {
	if l.window.kind != "opened" {
		return l.window.until(e)
	}
	if _, to, ok := windowOf(m.books[m.policy.book(l)].openings[l.window.d], l.window.d, e); ok {
		return to
	}
	return e + l.window.d
}

// parts are those of a limit that are kept.
func (m *model) parts(l *modelLimit) []*modelPart {
	var out []*modelPart
	for _, p := range m.books[m.policy.book(l)].parts {
		if p.at > m.gone || l.window.kind == "ever" {
			out = append(out, p)
		}
	}
	return out
}

// sum is what the window of l at u holds.
func (m *model) sum(l *modelLimit, u, now int64) (sum, count int64) {
	for _, p := range m.parts(l) {
		if m.holds(l, p.at, u) {
			amount, n := p.worth(l, now)
			sum, count = sum+amount, count+n
		}
	}
	return sum, count
}

// peak is the most that any window holds which contains t, each measured by the maximum that held when the latest spend
// in it came.
func (m *model) peak(l *modelLimit, t, now int64) (sum, count int64) {
	if k := l.window.kind; k == "each" || k == "ever" {
		return m.sum(l, t, now)
	}
	until := m.until(l, t)
	instants := []int64{t}
	for _, p := range m.parts(l) {
		instants = append(instants, p.at, m.until(l, p.at))
	}
	slices.Sort(instants)
	most, mostCount := l.maxima(t)
	more, moreCount := int64(0), int64(0)
	sum, count = m.sum(l, t, now)
	for _, u := range slices.Compact(instants) {
		if u <= t || u >= until {
			continue
		}
		if slices.ContainsFunc(m.parts(l), func(p *modelPart) bool {
			amount, n := p.worth(l, now)
			return p.at == u && (amount > 0 || n > 0)
		}) {
			a, n := l.maxima(u)
			more, moreCount = most-a, mostCount-n
		}
		a, n := m.sum(l, u, now)
		sum, count = max(sum, a+more), max(count, n+moreCount)
	}
	return sum, count
}

// tell says how the limits stand at t.
func (m *model) tell(t int64) []cap.LimitUsage {
	var out []cap.LimitUsage
	t = max(t, m.oldest)
	for i := range m.policy.limits {
		out = append(out, m.tellLimit(i, t, max(t, m.latest)))
	}
	return out
}

func (m *model) tellLimit(i int, t, now int64) cap.LimitUsage {
	l := &m.policy.limits[i]
	u := cap.LimitUsage{Name: l.name, Used: money.New(0, money.EUR)}
	most, mostCount := l.maxima(max(t, 0))
	if most < forever {
		u.Max = money.New(most, money.EUR)
	}
	if mostCount < forever {
		u.MaxCount = mostCount
	}
	if m.latest < 0 {
		return u
	}
	sum, count := m.peak(l, t, now)
	u.Used, u.Count = money.New(max(0, sum), money.EUR), count
	u.Over = sum > most || count > mostCount
	m.tellFree(&u, l, t, now)
	return u
}

func (m *model) tellFree(u *cap.LimitUsage, l *modelLimit, t, now int64) {
	type release struct{ amount, count int64 }
	leaving, ending := map[int64]release{}, map[int64]release{}
	for _, p := range m.parts(l) {
		amount, n := p.worth(l, now)
		if p.at > t || p.dead || !m.holds(l, p.at, t) || amount == 0 && n == 0 && p.of != nil && p.of.expires <= now {
			continue
		}
		out := forever
		if l.window.kind != "ever" {
			out = m.until(l, p.at)
			r := leaving[out]
			leaving[out] = release{r.amount + amount, r.count + n}
		}
		if p.of != nil && p.amount >= 0 && !p.of.final && !p.of.undone && p.of.expires < out && l.mode("expire") != cap.Ignored {
			r := ending[p.of.expires]
			ending[p.of.expires] = release{r.amount + amount, r.count + n}
		}
	}
	free := forever
	for at, r := range leaving {
		if (r.amount > 0 || r.count > 0) && at < free {
			free = at
		}
	}
	for at, r := range ending {
		if r.amount > 0 || r.count > 0 {
			free = min(free, at)
		}
	}
	if free == forever {
		return
	}
	var got release
	if r := leaving[free]; r.amount > 0 || r.count > 0 {
		got = release{max(0, r.amount), r.count}
	}
	got.amount += ending[free].amount
	got.count += ending[free].count
	u.FreeAt, u.Free, u.FreeCount = time.UnixMicro(free).UTC(), money.New(got.amount, money.EUR), got.count
}

// crossed says which alerts lie between what was used before and what is used after.
func (l *modelLimit) crossed(before, after cap.LimitUsage) (out []int) {
	full := func(u cap.LimitUsage, percent int) bool {
		return u.Max.Valid() && u.Used.Minor()*100 >= u.Max.Minor()*int64(percent) || u.MaxCount > 0 && u.Count*100 >= u.MaxCount*int64(percent)
	}
	for _, percent := range l.alerts {
		if !full(before, percent) && full(after, percent) {
			out = append(out, percent)
		}
	}
	return out
}

// modelAsk is what a limit is asked: whether it takes so much more, and so many more, from a spend dated at that is then
// worth so much.
type modelAsk struct{ at, amount, count, worth int64 }

// fits returns why some limits do not take what they are asked, and which one.
func (m *model) fits(asks map[int]modelAsk, now int64) (cap.Reason, string) {
	least, by := forever, ""
	for i := range m.policy.limits {
		a, ok := asks[i]
		if !ok {
			continue
		}
		l := &m.policy.limits[i]
		most, _ := l.maxima(a.at)
		sum, amount := int64(0), a.worth
		if l.window.kind != "each" {
			sum, _ = m.peak(l, a.at, now)
			amount = a.amount
		}
		if left := most - max(0, sum); amount > left && left < least {
			least, by = left, l.name
		}
	}
	if by != "" {
		return cap.AmountLimitExceeded, by
	}
	for i := range m.policy.limits {
		if a, ok := asks[i]; ok {
			l := &m.policy.limits[i]
			_, most := l.maxima(a.at)
			if _, count := m.peak(l, a.at, now); l.window.kind != "each" && count+a.count > most {
				return cap.CountLimitExceeded, l.name
			}
		}
	}
	return "", ""
}

// asked is what a spend asks of the limits that count it.
func (m *model) asked(at, amount int64, merchant int, event string) map[int]modelAsk {
	asks := map[int]modelAsk{}
	for i := range m.policy.limits {
		if l := &m.policy.limits[i]; l.looksAt(merchant) && l.mode(event) != cap.Ignored {
			asks[i] = modelAsk{at, amount, 1, amount}
		}
	}
	return asks
}

// roomFor tries every instant at which anything changes.
func (m *model) roomFor(amount, t int64, merchant int) (int64, cap.Reason) {
	t = max(t, m.oldest)
	if amount <= 0 {
		return 0, cap.AmountNotPositive
	}
	tries := []int64{t}
	for i := range m.policy.limits {
		l := &m.policy.limits[i]
		for _, o := range l.overrides {
			tries = append(tries, o.from, o.until)
		}
		if k := l.window.kind; k == "each" || k == "ever" {
			continue
		}
		for _, p := range m.parts(l) {
			tries = append(tries, m.until(l, p.at), p.at)
		}
	}
	for _, s := range m.spends {
		if s.expires < forever {
			tries = append(tries, s.expires)
		}
	}
	slices.Sort(tries)
	var why cap.Reason
	for _, u := range slices.Compact(tries) {
		if u >= t {
			if why, _ = m.fits(m.asked(u, amount, merchant, "authorize"), max(u, m.latest)); why == "" {
				return u, ""
			}
		}
	}
	return 0, why
}
