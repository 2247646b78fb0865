package cap_test

import "github.com/payrules/payrules/cap"

// modelDecision is what a decision must say.
type modelDecision struct {
	Approved, Existed bool
	Reason            cap.Reason
	Binding           string
	Limits            []cap.LimitUsage
}

func (m *model) refuse(why cap.Reason, t int64) modelDecision {
	return modelDecision{Reason: why, Limits: m.tell(t)}
}

func (m *model) repeat(why cap.Reason, t int64) modelDecision {
	return modelDecision{Approved: true, Existed: true, Reason: why, Limits: m.tell(t)}
}

// ended reports whether a hold has ended by itself.
func (s *modelSpend) ended(now int64) bool { return !s.final && !s.undone && s.expires <= now }

func (m *model) spend(id string, at, amount, expires int64, merchant int, force bool) modelDecision {
	t := max(at, m.latest)
	if amount <= 0 {
		return m.refuse(cap.AmountNotPositive, t)
	}
	if s := m.find(id, at, false); s != nil {
		switch {
		case !s.final && !s.adjusted && s.asked != amount:
			return m.refuse(cap.ExistsWithDifferentAmount, t)
		case s.ended(t):
			return m.refuse(cap.AlreadyExpired, t)
		case s.undone:
			return m.refuse(cap.AlreadyReversed, t)
		}
		return m.repeat(cap.Exists, t)
	}
	if expires <= m.latest {
		return m.refuse(cap.AlreadyExpired, t)
	}
	if at < m.oldest && (!force || at <= m.final()) {
		return m.refuse(cap.TooLate, t)
	}
	event := "force"
	if !force {
		event = "authorize"
		if why, by := m.fits(m.asked(at, amount, merchant, event), t); why != "" {
			before := m.tellAt(at, t)
			m.countAttempt(&modelSpend{at: at, amount: amount, expires: forever, merchant: merchant})
			d := modelDecision{Reason: why, Binding: by, Limits: m.tellAt(at, t)}
			m.alert(&d, before)
			return d
		}
	}
	before := m.tell(t)
	s := &modelSpend{id: id, at: at, amount: amount, asked: amount, expires: expires, merchant: merchant}
	m.spends = append(m.spends, s)
	for _, b := range m.books {
		if b.limit.looksAt(merchant) && b.limit.mode(event) != cap.Ignored {
			b.put(&modelPart{of: s, at: at, amount: amount, one: true, main: true})
		}
	}
	m.advance(at)
	d := modelDecision{Approved: true, Limits: m.tell(t)}
	m.alert(&d, before)
	for i := range m.policy.limits {
		l := &m.policy.limits[i]
		if l.window.kind == "each" && l.looksAt(merchant) && l.mode(event) != cap.Ignored {
			d.overEach(l, i, at, amount)
			used := d.Limits[i]
			most, _ := l.maxima(at)
			used.Max, used.Used = eur(most), eur(amount)
			d.Limits[i].Crossed = l.crossed(cap.LimitUsage{Max: used.Max, Used: eur(0)}, used)
		}
	}
	return d
}

// tellAt is what the limits say of the spend's own instant, as of now.
func (m *model) tellAt(at, now int64) []cap.LimitUsage {
	var limits []cap.LimitUsage
	for i := range m.policy.limits {
		limits = append(limits, m.tellLimit(i, at, now))
	}
	return limits
}

// countAttempt counts a spend that was refused where attempts count.
func (m *model) countAttempt(s *modelSpend) {
	for _, b := range m.books {
		if b.limit.looksAt(s.merchant) && b.limit.mode("refusal") == cap.Now {
			b.put(&modelPart{of: s, at: s.at, amount: s.amount, one: true})
			m.advance(s.at)
		}
	}
}

// alert says which alerts a decision has crossed.
func (m *model) alert(d *modelDecision, before []cap.LimitUsage) {
	for i := range m.policy.limits {
		d.Limits[i].Crossed = m.policy.limits[i].crossed(before[i], d.Limits[i])
	}
}

// overEach says whether a limit for each transaction is over.
func (d *modelDecision) overEach(l *modelLimit, i int, at, amount int64) {
	most, _ := l.maxima(at)
	d.Limits[i].Over = amount > most
}

// change is a capture, or an adjustment.
func (m *model) change(id string, at, amount, on int64, capture bool) modelDecision {
	if on < 0 {
		on = m.latest
	}
	t := max(on, m.latest)
	s := m.find(id, at, false)
	switch {
	case amount <= 0:
		return m.refuse(cap.AmountNotPositive, t)
	case s == nil:
		return m.refuse(cap.NotFound, t)
	case s.undone:
		return m.refuse(cap.AlreadyReversed, t)
	case capture && s.final && s.amount == amount:
		return m.repeat(cap.AlreadyCaptured, t)
	case capture && s.final:
		return m.refuse(cap.CapturedWithDifferentAmount, t)
	case capture && amount < s.refunded:
		return m.refuse(cap.RefundExceedsSpend, t)
	case s.final:
		return m.refuse(cap.AlreadyCaptured, t)
	case !capture && s.ended(t):
		return m.refuse(cap.AlreadyExpired, t)
	case !capture && s.amount == amount:
		return m.repeat(cap.AmountUnchanged, t)
	case !capture && s.refunded > 0:
		return m.refuse(cap.AlreadyRefunded, t)
	case on < m.oldest:
		return m.refuse(cap.TooLate, t)
	}
	event := "less"
	switch {
	case capture:
		event = "capture"
	case amount > s.amount:
		event = "more"
		for i := range m.policy.limits {
			l := &m.policy.limits[i]
			if l.looksAt(s.merchant) && l.mode("more") == cap.Original && s.at < m.oldest {
				return m.refuse(cap.TooLate, t)
			}
		}
		if why, by, at := m.fitsMore(s, amount, on, t); why != "" {
			d := m.refuse(why, t)
			for i, u := range at {
				d.Limits[i] = m.tellLimit(i, u, t)
			}
			d.Binding = by
			return d
		}
	}
	before := m.tell(t)
	if s.ended(t) { // what has ended counts again only where the capture says so
		for _, b := range m.books {
			for _, p := range b.parts {
				p.dead = p.dead || p.of == s && p.amount >= 0 && b.limit.mode("expire") != cap.Ignored
			}
		}
	}
	for _, b := range m.books {
		if mode := b.limit.mode(event); b.limit.looksAt(s.merchant) && mode != cap.Ignored {
			from := s.at
			if mode == cap.Now {
				from = on
			}
			worth := amount
			if b.limit.mode("refund") == cap.Original {
				worth -= s.refunded
			}
			if event == "less" {
				have, _ := b.counts(s)
				worth = min(worth, have) // it gives back, and never takes
			}
			m.bring(b, s, worth, from)
		}
	}
	s.amount, s.final, s.adjusted = amount, capture, true
	m.advance(on)
	d := modelDecision{Approved: true, Limits: m.tell(t)}
	m.alert(&d, before)
	for i := range m.policy.limits {
		l := &m.policy.limits[i]
		if l.window.kind == "each" && l.looksAt(s.merchant) && l.mode(event) != cap.Ignored {
			d.overEach(l, i, s.at, amount)
		}
	}
	return d
}

// fitsMore returns why an increment does not fit, by which limit, and the instants for which the limits of the books that
// do not take it are told.
func (m *model) fitsMore(s *modelSpend, amount, on, now int64) (cap.Reason, string, map[int]int64) {
	asks, at := map[int]modelAsk{}, map[int]int64{}
	full := map[string]bool{}
	for i := range m.policy.limits {
		l := &m.policy.limits[i]
		name := m.policy.book(l)
		if mode := l.mode("more"); l.looksAt(s.merchant) && mode != cap.Ignored {
			have, is := m.books[name].counts(s)
			ask := modelAsk{s.at, amount - have, 1, amount}
			if is {
				ask.count = 0
			}
			if mode == cap.Now {
				ask.at = on
			}
			if ask.amount > 0 {
				if why, _ := m.fits(map[int]modelAsk{i: ask}, now); why != "" {
					full[name] = true
				}
				asks[i] = ask
			}
		}
	}
	why, by := m.fits(asks, now)
	for i, ask := range asks {
		if full[m.policy.book(&m.policy.limits[i])] {
			at[i] = ask.at
		}
	}
	return why, by, at
}

func (m *model) reverse(id string, at int64) modelDecision {
	s := m.find(id, at, false)
	switch {
	case s == nil:
		return m.refuse(cap.NotFound, m.latest)
	case s.ended(m.latest):
		return m.repeat(cap.AlreadyExpired, m.latest)
	case s.undone:
		return m.repeat(cap.AlreadyReversed, m.latest)
	case s.refunded > 0:
		return m.refuse(cap.AlreadyRefunded, m.latest)
	}
	s.undone = true
	for _, b := range m.books {
		for _, p := range b.parts {
			if p.of == s && p.amount >= 0 && b.limit.looksAt(s.merchant) && b.limit.mode("reverse") != cap.Ignored {
				p.dead = true
			}
		}
	}
	return modelDecision{Approved: true, Limits: m.tell(m.latest)}
}

// refund refunds a spend; of may be nil.
func (m *model) refund(id string, at, amount int64, of *op, merchant int) modelDecision {
	t := max(at, m.latest)
	if amount <= 0 {
		return m.refuse(cap.AmountNotPositive, t)
	}
	if r := m.find(id, at, true); r != nil {
		if r.amount != amount {
			return m.refuse(cap.ExistsWithDifferentAmount, t)
		}
		return m.repeat(cap.Exists, t)
	}
	var s *modelSpend
	if of != nil {
		s = m.find(of.id, of.at, false)
		switch {
		case s == nil:
			return m.refuse(cap.NotFound, t)
		case s.ended(t):
			return m.refuse(cap.AlreadyExpired, t)
		case s.undone:
			return m.refuse(cap.AlreadyReversed, t)
		case s.open(t):
			return m.refuse(cap.NotCaptured, t)
		case s.refunded+amount > s.amount:
			return m.refuse(cap.RefundExceedsSpend, t)
		}
		merchant = s.merchant
	}
	if at < m.oldest {
		return m.refuse(cap.TooLate, t)
	}
	if s != nil {
		s.refunded += amount
	}
	r := &modelSpend{id: id, at: at, amount: amount, expires: forever, merchant: merchant, refund: true}
	m.spends = append(m.spends, r)
	for _, b := range m.books {
		mode := b.limit.mode("refund")
		switch {
		case !b.limit.looksAt(merchant):
		case mode == cap.Now:
			b.put(&modelPart{of: r, at: at, amount: -amount})
		case mode == cap.Original && s != nil:
			b.take(s, amount)
		}
	}
	m.advance(at)
	return modelDecision{Approved: true, Limits: m.tell(t)}
}

func (m *model) setPolicy(p *modelPolicy) modelDecision {
	if p.real.Equal(m.policy.real) {
		return m.repeat(cap.PolicyUnchanged, m.latest)
	}
	m.mergeFinal()
	m.gone, m.closed = m.floor(), m.final()
	m.policy = p
	m.oldest = max(m.oldest, m.latest-p.lateness)
	m.makeBooks(m.books)
	return modelDecision{Approved: true, Limits: m.tell(m.latest)}
}
