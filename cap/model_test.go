package cap_test

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// The model is the dumb meter that the real one must equal: a plain list of every spend, searched and summed from the
// start for every question. It shares no code with the package. Civil days it reads off the face of the clock, minute
// by minute.

const (
	minute  = int64(60_000_000)
	hour    = 60 * minute
	civil   = 24 * hour
	forever = int64(1) << 62
)

// modelWindow is a window of the model.
type modelWindow struct {
	kind string // rolling, hours, days, months, day, week, sunday, month, 15th, quarter, april, each, ever
	d    int64  // rolling: microseconds; hours, days, months: how many
	zone string
	face *clockFace
}

// label tells the periods of a calendar window apart.
func (w modelWindow) label(t int64) string {
	d := w.face.day(t)
	date := time.Unix(d*86400, 0).UTC()
	switch w.kind {
	case "week":
		y, week := date.ISOWeek()
		return fmt.Sprint(y, week)
	case "sunday": // weeks from Sunday: the ISO week of the day after
		y, week := date.AddDate(0, 0, 1).ISOWeek()
		return fmt.Sprint(y, week)
	case "month":
		return date.Format("2006-01")
	case "15th":
		return date.AddDate(0, 0, -14).Format("2006-01")
	case "quarter":
		return fmt.Sprint(date.Year(), (date.Month()-1)/3)
	case "april":
		if date.Month() < time.April {
			return fmt.Sprint(date.Year() - 1)
		}
		return fmt.Sprint(date.Year())
	}
	return fmt.Sprint(d)
}

// holds reports whether the window at t holds a spend dated e, which is not after t.
func (w modelWindow) holds(e, t int64) bool {
	switch w.kind {
	case "rolling":
		return e > t-w.d
	case "hours":
		return w.face.hour(e) > w.face.hour(t)-w.d
	case "days":
		return w.face.day(e) > w.face.day(t)-w.d
	case "months":
		return w.face.day(e) > monthsBefore(w.face.day(t), w.d)
	case "each":
		return false
	case "ever":
		return true
	}
	return w.label(e) == w.label(t)
}

// monthsBefore returns the day of the same date n months before a civil day, or the last one of that month.
func monthsBefore(day, n int64) int64 {
	date := time.Unix(day*86400, 0).UTC()
	for back := date.Day(); ; back-- {
		if then := time.Date(date.Year(), date.Month()-time.Month(n), back, 0, 0, 0, 0, time.UTC); then.Day() == back {
			return then.Unix() / 86400
		}
	}
}

// until is the first instant at which e is out.
func (w modelWindow) until(e int64) int64 {
	if w.kind == "rolling" {
		return e + w.d
	}
	first := (e/minute + 1) * minute // civil days begin on whole minutes
	n := sort.Search(int((w.face.start+int64(len(w.face.units))*minute-first)/minute), func(i int) bool {
		return !w.holds(e, first+int64(i)*minute)
	})
	return first + int64(n)*minute
}

// before is the latest instant that the window at t does not reach.
func (w modelWindow) before(t int64) int64 {
	if w.kind == "rolling" {
		return t - w.d
	}
	n := sort.Search(int((t-w.face.start)/minute), func(i int) bool { return w.holds(w.face.start+int64(i)*minute, t) })
	return w.face.start + int64(n)*minute - 1
}

func (w modelWindow) real() cap.Window {
	loc, err := time.LoadLocation(w.zone)
	if err != nil {
		panic(err)
	}
	switch w.kind {
	case "rolling":
		return cap.Rolling(time.Duration(w.d) * time.Microsecond)
	case "hours":
		return cap.RollingHours(int(w.d), loc)
	case "days":
		return cap.RollingDays(int(w.d), loc)
	case "months":
		return cap.RollingMonths(int(w.d), loc)
	case "day":
		return cap.Calendar(cap.Day, loc)
	case "week":
		return cap.Calendar(cap.Week, loc)
	case "sunday":
		return cap.Calendar(cap.Week, loc).StartingAt(7)
	case "month":
		return cap.Calendar(cap.Month, loc)
	case "15th":
		return cap.Calendar(cap.Month, loc).StartingAt(15)
	case "quarter":
		return cap.Calendar(cap.Quarter, loc)
	case "april":
		return cap.Calendar(cap.Year, loc).StartingAt(4)
	case "each":
		return cap.PerTransaction()
	}
	return cap.Lifetime()
}

type modelLimit struct {
	name       string
	max, count int64 // -1: none
	window     modelWindow
}

type modelPolicy struct {
	limits   []modelLimit
	lateness int64
	real     *cap.Policy
}

func newModelPolicy(lateness int64, limits ...modelLimit) *modelPolicy {
	p := &modelPolicy{limits: limits, lateness: lateness}
	var real []cap.Limit
	for _, l := range limits {
		r := cap.Limit{Name: l.name, Window: l.window.real()}
		if l.max >= 0 {
			r.Max = money.New(l.max, money.EUR)
		}
		if l.count >= 0 {
			r.MaxCount = l.count
		}
		real = append(real, r)
	}
	p.real = cap.MustPolicy(money.EUR, real, &cap.PolicyOptions{Lateness: time.Duration(lateness) * time.Microsecond})
	return p
}

type modelSpend struct {
	id                string
	at, amount, asked int64
	final, undone     bool
}

func (s *modelSpend) worth() (int64, int64) {
	if s.undone {
		return 0, 0
	}
	return s.amount, 1
}

type model struct {
	policy               *modelPolicy
	spends               []*modelSpend
	latest, oldest, gone int64
}

func newModel(p *modelPolicy) *model { return &model{policy: p, latest: -1, gone: -1} }

func (m *model) floor() int64 {
	h := m.oldest - 1
	for _, l := range m.policy.limits {
		if k := l.window.kind; k != "each" && k != "ever" && m.latest >= 0 {
			h = min(h, l.window.before(m.oldest))
		}
	}
	return max(m.gone, h)
}

func (m *model) find(id string, at int64) *modelSpend {
	for _, s := range m.spends {
		if s.id == id && s.at == at && s.at > m.floor() {
			return s
		}
	}
	return nil
}

// sum is what the window of l at u holds.
func (m *model) sum(l modelLimit, u int64) (sum, count int64) {
	if l.window.kind == "each" {
		return 0, 0
	}
	for _, s := range m.spends {
		if l.window.kind == "ever" || s.at <= u && s.at > m.gone && l.window.holds(s.at, u) {
			amount, n := s.worth()
			sum, count = sum+amount, count+n
		}
	}
	return sum, count
}

// peak is the most that any window holds which contains t.
func (m *model) peak(l modelLimit, t int64) (sum, count int64) {
	sum, count = m.sum(l, t)
	for _, s := range m.spends {
		if s.at > t && l.window.kind != "ever" && l.window.holds(t, s.at) {
			a, n := m.sum(l, s.at)
			sum, count = max(sum, a), max(count, n)
		}
	}
	return sum, count
}

// tell says how the limits stand at t.
func (m *model) tell(t int64) []cap.LimitUsage {
	var out []cap.LimitUsage
	t = max(t, m.oldest)
	for i, l := range m.policy.limits {
		u := cap.LimitUsage{Name: l.name, Max: m.policy.real.Limits()[i].Max, MaxCount: max(0, l.count), Used: money.New(0, money.EUR)}
		if m.latest < 0 {
			out = append(out, u)
			continue
		}
		sum, count := m.peak(l, t)
		u.Used, u.Count = money.New(sum, money.EUR), count
		u.Over = l.max >= 0 && sum > l.max || l.count >= 0 && count > l.count
		if k := l.window.kind; k != "each" && k != "ever" {
			m.tellFree(&u, l, t)
		}
		out = append(out, u)
	}
	return out
}

func (m *model) tellFree(u *cap.LimitUsage, l modelLimit, t int64) {
	first, free := forever, int64(0)
	for _, s := range m.spends {
		if s.undone || s.at > t || s.at <= m.gone || !l.window.holds(s.at, t) {
			continue
		}
		until := l.window.until(s.at)
		if until < first {
			first, free, u.FreeCount = until, 0, 0
		}
		if until == first {
			free += s.amount
			u.FreeCount++
		}
	}
	if first < forever {
		u.FreeAt, u.Free = time.UnixMicro(first).UTC(), money.New(free, money.EUR)
	}
}

// modelDecision is what a decision must say.
type modelDecision struct {
	Approved, Existed bool
	Reason            cap.Reason
	Binding           string
	Limits            []cap.LimitUsage
}

func (m *model) spend(id string, at, amount int64, force bool) modelDecision {
	refuse := func(why cap.Reason) modelDecision {
		return modelDecision{Reason: why, Limits: m.tell(max(at, m.latest))}
	}
	if amount <= 0 {
		return refuse(cap.AmountNotPositive)
	}
	if s := m.find(id, at); s != nil {
		switch {
		case !s.final && s.asked != amount:
			return refuse(cap.ExistsWithDifferentAmount)
		case s.undone:
			return refuse(cap.AlreadyReversed)
		}
		return modelDecision{Approved: true, Existed: true, Reason: cap.Exists, Limits: m.tell(max(at, m.latest))}
	}
	if at < m.oldest && (!force || at <= m.floor()) {
		return refuse(cap.TooLate)
	}
	if d := (modelDecision{Limits: m.tell(at)}); !force {
		if d.Reason, d.Binding = m.fits(at, amount); d.Reason != "" {
			return d
		}
	}
	m.spends = append(m.spends, &modelSpend{id: id, at: at, amount: amount, asked: amount})
	if at > m.latest {
		m.latest = at
		m.oldest = max(m.oldest, at-m.policy.lateness)
	}
	return modelDecision{Approved: true, Limits: m.overEach(m.tell(m.latest), amount)}
}

// overEach marks the limits for each transaction that an amount is above.
func (m *model) overEach(limits []cap.LimitUsage, amount int64) []cap.LimitUsage {
	for i, l := range m.policy.limits {
		if l.window.kind == "each" && amount > l.max {
			limits[i].Over = true
		}
	}
	return limits
}

// fits returns why an amount does not fit at t, and by which limit.
func (m *model) fits(t, amount int64) (cap.Reason, string) {
	least, by := forever, ""
	for _, l := range m.policy.limits {
		if sum, _ := m.peak(l, t); l.max >= 0 && sum+amount > l.max && l.max-sum < least {
			least, by = l.max-sum, l.name
		}
	}
	if by != "" {
		return cap.AmountLimitExceeded, by
	}
	for _, l := range m.policy.limits {
		if _, count := m.peak(l, t); l.count >= 0 && count+1 > l.count {
			return cap.CountLimitExceeded, l.name
		}
	}
	return "", ""
}

func (m *model) capture(id string, at, amount int64) modelDecision {
	refuse := func(why cap.Reason) modelDecision { return modelDecision{Reason: why, Limits: m.tell(m.latest)} }
	s := m.find(id, at)
	switch {
	case amount <= 0:
		return refuse(cap.AmountNotPositive)
	case s == nil:
		return refuse(cap.NotFound)
	case s.undone:
		return refuse(cap.AlreadyReversed)
	case s.final && s.amount == amount:
		return modelDecision{Approved: true, Existed: true, Reason: cap.AlreadyCaptured, Limits: m.tell(m.latest)}
	case s.final:
		return refuse(cap.CapturedWithDifferentAmount)
	}
	s.amount, s.final = amount, true
	return modelDecision{Approved: true, Limits: m.overEach(m.tell(m.latest), amount)}
}

func (m *model) reverse(id string, at int64) modelDecision {
	s := m.find(id, at)
	switch {
	case s == nil:
		return modelDecision{Reason: cap.NotFound, Limits: m.tell(m.latest)}
	case s.undone:
		return modelDecision{Approved: true, Existed: true, Reason: cap.AlreadyReversed, Limits: m.tell(m.latest)}
	}
	s.undone = true
	return modelDecision{Approved: true, Limits: m.tell(m.latest)}
}

func (m *model) setPolicy(p *modelPolicy) modelDecision {
	if p.real.Equal(m.policy.real) {
		return modelDecision{Approved: true, Existed: true, Reason: cap.PolicyUnchanged, Limits: m.tell(m.latest)}
	}
	m.gone = m.floor()
	m.policy = p
	m.oldest = max(m.oldest, m.latest-p.lateness)
	return modelDecision{Approved: true, Limits: m.tell(m.latest)}
}

// roomFor tries every instant at which anything changes.
func (m *model) roomFor(amount, t int64) (int64, cap.Reason) {
	t = max(t, m.oldest)
	if amount <= 0 {
		return 0, cap.AmountNotPositive
	}
	tries := []int64{t}
	for _, s := range m.spends {
		for _, l := range m.policy.limits {
			if k := l.window.kind; k != "each" && k != "ever" {
				tries = append(tries, l.window.until(s.at))
			}
		}
	}
	slices.Sort(tries)
	var why cap.Reason
	for _, u := range tries {
		if u >= t {
			if why, _ = m.fits(u, amount); why == "" {
				return u, ""
			}
		}
	}
	return 0, why
}
