package cap_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

type modelLimit struct {
	name       string
	max, count int64 // -1: none
	window     modelWindow

	scope     string // of scopes
	counting  cap.Counting
	overrides []modelOverride
	alerts    []int
}

type modelOverride struct{ from, until, max, count int64 } // -1: as the limit has it

// merchants are where spends are made.
var merchants = []*cap.Merchant{
	nil,
	{ID: "grocer", Category: 5411, Country: "FR", Channel: cap.POS},
	{ID: "bank", Category: 6011, Country: "FR", Channel: cap.ATM},
	{ID: "casino", Category: 7995, Country: "DE", Channel: cap.ECommerce},
}

// scopes are what limits look at, each with the merchants that are in it, by their places in merchants.
var scopes = map[string]struct {
	real cap.Scope
	in   string
}{
	"":       {cap.Scope{}, "0123"},
	"atm":    {cap.Scope{Include: cap.Filter{Channels: []cap.Channel{cap.ATM}}}, "2"},
	"abroad": {cap.Scope{Exclude: cap.Filter{Countries: []cap.Country{"FR"}}}, "03"},
	"risky": {cap.Scope{
		Include: cap.Filter{Categories: []cap.MCCRange{{From: 5000, To: 5999}, {From: 7995, To: 7995}}},
		Exclude: cap.Filter{Merchants: []string{"grocer"}},
	}, "3"},
}

type modelPolicy struct {
	limits   []modelLimit
	lateness int64
	final    int64 // after how long spends are; forever: never
	real     *cap.Policy
}

func newModelPolicy(lateness int64, limits ...modelLimit) *modelPolicy {
	return newFinalPolicy(lateness, forever, limits...)
}

func newFinalPolicy(lateness, final int64, limits ...modelLimit) *modelPolicy {
	p := &modelPolicy{limits: limits, lateness: lateness, final: final}
	options := &cap.PolicyOptions{Lateness: time.Duration(lateness) * time.Microsecond}
	if final < forever {
		options.FinalAfter = time.Duration(final) * time.Microsecond
	}
	var real []cap.Limit
	for _, l := range limits {
		r := cap.Limit{Name: l.name, Window: l.window.real(), Scope: scopes[l.scope].real, Counting: l.counting, Alerts: l.alerts, MaxCount: max(0, l.count)}
		if l.max >= 0 {
			r.Max = money.New(l.max, money.EUR)
		}
		for _, o := range l.overrides {
			other := cap.Override{From: time.UnixMicro(o.from), Until: time.UnixMicro(o.until), MaxCount: max(0, o.count)}
			if o.max >= 0 {
				other.Max = money.New(o.max, money.EUR)
			}
			r.Overrides = append(r.Overrides, other)
		}
		real = append(real, r)
	}
	p.real = cap.MustPolicy(money.EUR, real, options)
	return p
}

// maxima are what holds for a spend dated t; forever stands for none.
func (l *modelLimit) maxima(t int64) (amount, count int64) {
	amount, count = l.max, l.count
	for _, o := range l.overrides {
		if t >= o.from && t < o.until {
			amount, count = max(amount, -1), max(count, -1)
			if o.max >= 0 {
				amount = o.max
			}
			if o.count >= 0 {
				count = o.count
			}
		}
	}
	if amount < 0 {
		amount = forever
	}
	if count < 0 {
		count = forever
	}
	return amount, count
}

// mode is what the limit's table says of an event.
func (l *modelLimit) mode(event string) cap.Mode {
	c := l.counting
	row := map[string][2]cap.Mode{
		"authorize": {c.Authorize, cap.Now}, "force": {c.ForcePost, cap.Now}, "more": {c.Increment, cap.Now},
		"less": {c.PartialReversal, cap.Original}, "reverse": {c.Reversal, cap.Original}, "expire": {c.Expiry, cap.Original},
		"capture": {c.Capture, cap.Original}, "refund": {c.Refund, cap.Ignored},
		"refusal": {c.Refusal, cap.Ignored},
	}[event]
	if row[0] != cap.Default {
		return row[0]
	}
	return row[1]
}

func (l *modelLimit) looksAt(merchant int) bool {
	return strings.Contains(scopes[l.scope].in, fmt.Sprint(merchant))
}

// usualBook is the name of the book that counts every spend in the usual way. There always is one: what is new starts
// from it.
var usualBook = bookName(&modelLimit{})

func bookName(l *modelLimit) string { return fmt.Sprint(l.scope, l.counting) }

func (p *modelPolicy) book(l *modelLimit) string { return bookName(l) }

// tellsPlaces reports whether a book knows where spends were made, and so keeps those of two merchants apart.
func (p *modelPolicy) tellsPlaces(name string) bool {
	return name == usualBook
}

// modelSpend is a spend, or a refund.
type modelSpend struct {
	id                              string
	at, amount, asked               int64
	expires                         int64 // forever: never
	merchant                        int
	final, undone, adjusted, refund bool
	refunded                        int64
}

// modelPart is what a book counts of a spend at one instant.
type modelPart struct {
	of              *modelSpend
	at, amount      int64 // amount below zero: a refund
	one, main, dead bool  // counts as a spend; stands at the spend's own instant; counts no more
}

// modelBook is the parts that some limits count, in the order of arrival, and where their windows opened.
type modelBook struct {
	limit    *modelLimit // one of them
	parts    []*modelPart
	openings map[int64][]int64 // by the length of the window, in order
}

type model struct {
	policy               *modelPolicy
	spends               []*modelSpend
	books                map[string]*modelBook
	latest, oldest, gone int64
	closed               int64 // what was final when the policy changed
}

func newModel(p *modelPolicy) *model {
	m := &model{policy: p, latest: -1, gone: -1, closed: -1}
	m.makeBooks(nil)
	return m
}

// makeBooks makes the books of the policy: those of the same name as before go on.
func (m *model) makeBooks(before map[string]*modelBook) {
	m.books = map[string]*modelBook{usualBook: {limit: &modelLimit{}}}
	for i := range m.policy.limits {
		l := &m.policy.limits[i]
		m.books[m.policy.book(l)] = &modelBook{limit: l}
	}
	for name, b := range m.books {
		old := before[name]
		switch {
		case old != nil:
			b.parts = old.parts
		case before != nil: // what the usual one counts
			for _, p := range before[usualBook].parts {
				if s := p.of; p.at > m.gone && !s.refund && b.limit.looksAt(s.merchant) {
					part := *p
					part.dead = p.dead || s.ended(m.latest)
					b.parts = append(b.parts, &part)
				}
			}
		}
		b.openings = map[int64][]int64{}
		for i := range m.policy.limits {
			l := &m.policy.limits[i]
			if l.window.kind != "opened" || m.policy.book(l) != name {
				continue
			}
			if old != nil && old.openings[l.window.d] != nil {
				b.openings[l.window.d] = old.openings[l.window.d]
				continue
			}
			sorted := slices.Clone(b.parts)
			slices.SortStableFunc(sorted, func(a, b *modelPart) int { return int(max(-1, min(1, a.at-b.at))) })
			opened := []int64{}
			for _, p := range sorted {
				if p.at > m.gone && p.amount >= 0 && (len(opened) == 0 || p.at >= opened[len(opened)-1]+l.window.d) {
					opened = append(opened, p.at)
				}
			}
			b.openings[l.window.d] = opened
		}
	}
}

// final is when the latest spends lie that do not change any more.
func (m *model) final() int64 {
	f := max(m.floor(), m.closed, min(m.latest-m.policy.final, m.oldest-1))
	for _, s := range m.spends {
		if s.open(m.latest) {
			f = min(f, s.at-1)
		}
	}
	return f
}

// open reports whether a spend is a hold that may still end by itself.
func (s *modelSpend) open(now int64) bool {
	return s.expires < forever && s.expires > now && !s.final && !s.undone
}

// goneAt is where oldest must be for a spend to be gone.
func (m *model) goneAt(at int64) int64 {
	gone := at + 1
	for _, l := range m.policy.limits {
		switch l.window.kind {
		case "each", "ever":
		case "opened":
			gone = max(gone, at+3*l.window.d)
		default:
			gone = max(gone, l.window.until(at))
		}
	}
	return gone
}

// mergeFinal moves what is final to the end of the civil unit that it leaves with and is gone with, as far as one
// merchant's spends follow on one another: so much is told of it from now on.
func (m *model) mergeFinal() {
	for name, b := range m.books {
		var cells []*modelLimit
		instant := false
		for i := range m.policy.limits {
			l := &m.policy.limits[i]
			if !m.policy.tellsPlaces(name) && m.policy.book(l) != name || l.window.kind == "each" || l.window.kind == "ever" {
				continue
			}
			cells = append(cells, l)
			instant = instant || l.window.kind == "rolling" || l.window.kind == "opened"
		}
		if instant || cells == nil {
			continue
		}
		together := func(p, q *modelPart) bool {
			for _, l := range cells {
				if l.window.until(p.at) != l.window.until(q.at) {
					return false
				}
			}
			return m.goneAt(p.at) == m.goneAt(q.at) && p.amount >= 0 && q.amount >= 0 && (!m.policy.tellsPlaces(name) || p.of.merchant == q.of.merchant)
		}
		sorted := slices.Clone(b.parts)
		slices.SortStableFunc(sorted, func(p, q *modelPart) int { return int(max(-1, min(1, p.at-q.at))) })
		sorted = slices.DeleteFunc(sorted, func(p *modelPart) bool { // what is final and counts for nothing is not kept
			ended := p.amount >= 0 && p.of.ended(m.latest) && b.limit.mode("expire") != cap.Ignored
			return p.at > m.gone && p.at <= m.final() && (p.dead || ended)
		})
		var run []*modelPart
		for _, p := range sorted {
			if p.at <= m.gone || p.at > m.final() {
				continue
			}
			if len(run) > 0 && !together(run[0], p) {
				run = nil
			}
			run = append(run, p)
			for _, q := range run {
				q.at = p.at
			}
		}
		b.parts = sorted
	}
}

func (m *model) floor() int64 {
	h := m.oldest - 1
	for _, l := range m.policy.limits {
		switch k := l.window.kind; {
		case k == "opened":
			h = min(h, m.oldest-3*l.window.d)
		case k != "each" && k != "ever" && m.latest >= 0:
			h = min(h, l.window.before(m.oldest))
		}
	}
	h = max(m.gone, h)
	for _, s := range m.spends { // a hold is kept until it ends
		if s.open(m.latest) {
			h = min(h, s.at-1)
		}
	}
	return h
}

func (m *model) find(id string, at int64, refund bool) *modelSpend {
	for _, s := range m.spends {
		if s.id == id && s.at == at && s.refund == refund && s.at > m.final() {
			return s
		}
	}
	return nil
}

func (m *model) advance(t int64) {
	if t > m.latest {
		m.latest = t
		m.oldest = max(m.oldest, t-m.policy.lateness)
	}
}

// put adds a part to a book, and opens the windows that it opens.
func (b *modelBook) put(p *modelPart) {
	if p.amount >= 0 {
		for d, opened := range b.openings {
			if _, _, ok := windowOf(opened, d, p.at); !ok {
				opened = append(opened, p.at)
				slices.Sort(opened)
				b.openings[d] = opened
			}
		}
	}
	b.parts = append(b.parts, p)
}

// windowOf is the window opened by first use that t is in.
func windowOf(opened []int64, d, t int64) (from, to int64, ok bool) {
	before := -forever // end of the window before
	for _, o := range opened {
		if t < o+d { // this one or none
			from = max(before, o-d+1)
			return from, o + d, t >= from
		}
		before = o + d
	}
	return 0, 0, false
}

// partsOf are the parts of a spend that count at now, the latest ones first, the main one last.
func (b *modelBook) partsOf(s *modelSpend) []*modelPart {
	var out []*modelPart
	for _, p := range b.parts {
		if p.of == s && !p.dead && p.amount >= 0 {
			out = append(out, p)
		}
	}
	slices.Reverse(out)
	slices.SortStableFunc(out, func(p, q *modelPart) int {
		switch {
		case p.main != q.main:
			if p.main {
				return 1
			}
			return -1
		default:
			return int(max(-1, min(1, q.at-p.at)))
		}
	})
	return out
}

func (b *modelBook) counts(s *modelSpend) (sum int64, is bool) {
	for _, p := range b.partsOf(s) {
		sum, is = sum+p.amount, true
	}
	return sum, is
}

// take takes an amount off a spend.
func (b *modelBook) take(s *modelSpend, amount int64) {
	for _, p := range b.partsOf(s) {
		n := min(amount, p.amount)
		p.amount -= n
		amount -= n
		p.dead = n > 0 && p.amount == 0 && !p.one
	}
}

// bring makes a book count so much of a spend.
func (m *model) bring(b *modelBook, s *modelSpend, worth, from int64) {
	have, is := b.counts(s)
	if worth <= have {
		b.take(s, have-worth)
		return
	}
	if from == s.at {
		for _, p := range b.parts {
			if p.of == s && p.main {
				if p.dead {
					p.dead, p.amount = false, 0
				}
				p.amount += worth - have
				return
			}
		}
	}
	if from > m.final() {
		b.put(&modelPart{of: s, at: from, amount: worth - have, one: !is, main: !is && from == s.at})
	}
}
