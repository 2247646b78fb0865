package ledger

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Capitalise posts an account's interest to it, at the end of a period: from then on it earns interest itself. Its transfer's id
// is made of the account and the day, so that no period is ever posted twice, whoever asks, and however often.
//
// What has changed about the days before, since their interest was posted, is corrected with it: payments that came with an
// earlier value date, other rates. The correction has legs of its own.
type Capitalise struct {
	_ struct{} // disallow positional literals

	Account string     `json:"account"`
	At      time.Time  `json:"-"`       // not part of what tells a retry: asked again later it is the same posting
	Through civil.Date `json:"through"` // the last day of the period

	// Source and Accrued are the accounts of the bank that the account's interest was set with. Account.Interest has them.
	Source  string `json:"source"`
	Accrued string `json:"accrued,omitempty"`

	// Early posts what has accrued before the period is over, as when an account is to be closed. The rest of the period
	// follows at its end.
	Early bool `json:"early,omitempty"`
}

// Accrue books the interest of an account up to a day as accrued: the result has it from then on, though the customer does not
// yet. It is for accounts whose terms of interest name an account for that.
type Accrue struct {
	_ struct{} // disallow positional literals

	Account string     `json:"account"`
	At      time.Time  `json:"-"`       // as for Capitalise
	Through civil.Date `json:"through"` // the last day of it
	Source  string     `json:"source"`
	Accrued string     `json:"accrued"`
}

// What the ids of transfers of interest begin with, and no others.
const (
	interestID = "interest:"
	accrualID  = "accrual:"
)

// Key returns the id of the transfer: "interest:", the day, and the account.
func (c Capitalise) Key() string { return interestID + c.Through.String() + ":" + c.Account }

// Key returns the id of the transfer: "accrual:", the day, and the account.
func (c Accrue) Key() string { return accrualID + c.Through.String() + ":" + c.Account }

// Instant returns At.
func (c Capitalise) Instant() time.Time { return c.At }

// Instant returns At.
func (c Accrue) Instant() time.Time { return c.At }

// CommandType returns "ledger.capitalise".
func (Capitalise) CommandType() string { return "ledger.capitalise" }

// CommandType returns "ledger.accrue".
func (Accrue) CommandType() string { return "ledger.accrue" }

func (c Capitalise) home() string { return c.Key() }
func (c Accrue) home() string     { return c.Key() }

// Touches names the transfer, the account, and those of the bank that its interest comes from.
func (c Capitalise) Touches(States) (transfers, accounts []string) {
	accounts = []string{c.Account, c.Source}
	if c.Accrued != "" {
		accounts = append(accounts, c.Accrued)
	}
	return []string{c.Key()}, accounts
}

// Touches names the transfer, the account, and those of the bank that its interest comes from.
func (c Accrue) Touches(States) (transfers, accounts []string) {
	return []string{c.Key()}, []string{c.Account, c.Source, c.Accrued}
}

func checkInterest(account, source, accrued string, at time.Time, through civil.Date) error {
	for _, f := range [...]struct{ field, id string }{{"account", account}, {"source", source}, {"accrued", accrued}} {
		if f.id == "" && f.field == "accrued" {
			continue
		}
		if err := checkID(f.field, f.id); err != nil {
			return err
		}
	}
	if account == source || account == accrued || source == accrued {
		return fmt.Errorf("%w account, source, accrued: want accounts that differ", ErrInvalid)
	}
	if !through.Valid() {
		return fmt.Errorf("%w through: no date", ErrInvalid)
	}
	_, err := checkAt("at", at)
	return err
}

// Validate returns an error if no interest can be posted so, whatever the account.
func (c Capitalise) Validate() error {
	return checkInterest(c.Account, c.Source, c.Accrued, c.At, c.Through)
}

// Validate returns an error if no interest can be accrued so, whatever the account.
func (c Accrue) Validate() error {
	if c.Accrued == "" {
		return fmt.Errorf("%w accrued: none", ErrInvalid)
	}
	return checkInterest(c.Account, c.Source, c.Accrued, c.At, c.Through)
}

// Decide posts the interest, or refuses to. A refusal is not on record: asked again, the interest is posted as soon as it can be.
//
// Returns an error that wraps ErrInvalid if Through is not the end of the next period to be posted (with Early: an earlier day of
// it), or Source and Accrued are not those that the account's interest was set with.
func (c Capitalise) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

// Decide accrues the interest, or refuses to. A refusal is not on record.
//
// Returns an error that wraps ErrInvalid if Source and Accrued are not those that the account's interest was set with.
func (c Accrue) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

// Result reads the decision back. Without legs, nothing was due.
func (c Capitalise) Result(of func(string) []event.Data) Decision { return interestResult(c, of) }

// Result reads the decision back. Without legs, nothing was due.
func (c Accrue) Result(of func(string) []event.Data) Decision { return interestResult(c, of) }

func interestResult(c step, of func(string) []event.Data) Decision {
	events := of(c.home())
	if len(events) == 0 {
		return Decision{Transfer: c.home(), Reason: NotFound}
	}
	d, ok := events[0].(InterestDecided)
	switch {
	case !ok:
		return decisionOf(events[0])
	case len(events) > 1:
		return decisionOf(events[1])
	}
	return Decision{Transfer: c.home(), Status: Posted, At: d.At, Value: d.Through.AddDays(1)}
}

// judgeInterest refuses interest of an account that is not there to get it, or of days that are not over, or are done.
func (d *draft) judgeInterest(a *accountDraft, t *transferDraft, through, done civil.Date) refusal {
	r := refusal{account: a.id}
	switch posted := t.interest != "" || through <= done; {
	case t.Transfer.status != Unknown && t.interest == "":
		return refuse(ExistsWithDifferentContent) // somebody else's transfer has the id
	case !a.opened:
		r.reason = UnknownAccount
	case a.closed:
		r.reason = Closed
	case a.interest != nil && !posted && through < a.through:
		r.reason, r.through = PeriodClosed, a.through // what the closed days earned is known of all of them together
	case through >= civil.LatestDate(d.time()):
		r.reason = PeriodNotOver
	case a.interest == nil:
		r.reason = NoInterest
	case posted:
		r.reason = InterestPosted
	default:
		return refusal{}
	}
	return r
}

func (c Capitalise) decide(d *draft, more bool) (refusal, error) {
	a, t := d.account(c.Account), d.transfer(c.Key())
	var s savings
	if a.interest != nil {
		s = *a.interest
	}
	if r := d.judgeInterest(a, t, c.Through, s.PostedThrough); r.reason != "" {
		return r, nil
	}
	if err := s.checkCounter(c.Source, c.Accrued); err != nil {
		return refusal{}, err
	}
	first, end := s.next()
	if c.Early != (c.Through < end) || c.Through > end || c.Through < first {
		return refusal{}, fmt.Errorf("%w through: the next period is from %s to %s", ErrInvalid, first, end)
	}
	before, err := s.before(a.Account)
	if err != nil {
		return refusal{}, err
	}
	now, err := s.rounded(a.Account, c.Through)
	if err != nil {
		return refusal{}, err
	}
	p := posting{d: d, t: t, a: a, from: first, through: c.Through}
	booked := InterestBooked{
		Transfer: c.Key(), At: d.time(), PostedThrough: c.Through, Posted: money.New(now, a.terms.Currency),
	}
	from := s.Source
	if s.AccruedAccount != "" {
		through := max(c.Through, s.AccruedThrough) // what is accrued of the next period stays so
		accrued, err := s.rounded(a.Account, through)
		if err != nil {
			return refusal{}, err
		}
		booked.AccruedThrough, booked.Accrued = through, money.New(accrued, a.terms.Currency)
		p.move(s.Source, s.AccruedAccount, p.difference(accrued, s.Accrued), "accrued interest")
		from = s.AccruedAccount
	}
	p.pay(from, p.difference(now, before), p.difference(before, s.Posted))
	return p.book(booked, more)
}

func (c Accrue) decide(d *draft, more bool) (refusal, error) {
	a, t := d.account(c.Account), d.transfer(c.Key())
	var s savings
	if a.interest != nil {
		s = *a.interest
	}
	if r := d.judgeInterest(a, t, c.Through, s.AccruedThrough); r.reason != "" {
		return r, nil
	}
	if err := s.checkCounter(c.Source, c.Accrued); err != nil {
		return refusal{}, err
	}
	now, err := s.rounded(a.Account, c.Through)
	if err != nil {
		return refusal{}, err
	}
	p := posting{d: d, t: t, a: a, from: max(s.From, s.AccruedThrough.AddDays(1)), through: c.Through}
	p.move(s.Source, s.AccruedAccount, p.difference(now, s.Accrued), "accrued interest")
	return p.book(InterestBooked{
		Transfer: c.Key(), At: d.time(), AccruedThrough: c.Through, Accrued: money.New(now, a.terms.Currency),
	}, more)
}

func (s *savings) checkCounter(source, accrued string) error {
	if source != s.Source || accrued != s.AccruedAccount {
		return fmt.Errorf("%w source, accrued: the account's terms of interest say %q and %q", ErrInvalid, s.Source, s.AccruedAccount)
	}
	return nil
}

// posting is a transfer of interest in the making.
type posting struct {
	d             *draft
	t             *transferDraft
	a             *accountDraft
	from, through civil.Date
	legs          []Leg
	texts         []string
	overflow      bool
}

// difference returns how much more one sum is than another.
func (p *posting) difference(a, b int64) int64 {
	d := a - b
	if d > MaxBalance || d < -MaxBalance || (b < 0) != (d > a) && b != 0 {
		p.overflow = true
		return 0
	}
	return d
}

// move adds the legs that take an amount, on the account's normal side, from one account to another; or the other way round if
// it is below zero.
func (p *posting) move(from, to string, minor int64, text string) {
	if minor == 0 {
		return
	}
	if minor < 0 {
		from, to, minor = to, from, -minor
	}
	if p.a.terms.Type.Normal() == Debit {
		from, to = to, from
	}
	p.legs = append(p.legs, Move(from, to, money.New(minor, p.a.terms.Currency))...)
	p.texts = append(p.texts, text, text)
}

// pay adds the legs that post interest of the period to the account, and the correction of that of earlier ones.
func (p *posting) pay(from string, interest, correction int64) {
	p.move(from, p.a.id, interest, fmt.Sprintf("interest %s to %s", p.from, p.through))
	p.move(from, p.a.id, correction, fmt.Sprintf("correction of interest before %s", p.from))
}

// book books the transfer, and what the account knows of it. Limits and blocks do not refuse it: interest is due. Its value date
// is the day after, or where that is closed in some account the first open day.
func (p *posting) book(booked InterestBooked, more bool) (refusal, error) {
	d, id := p.d, p.t.id
	if p.overflow {
		return refusal{reason: Overflow, account: p.a.id}, nil
	}
	value := d.openValue(p.through.AddDays(1), p.legs)
	var r refusal
	for i := range p.legs {
		leg := d.judgeLeg(&p.legs[i], value)
		if leg.reason != DebitsBlocked && leg.reason != CreditsBlocked {
			r.first(leg)
		}
		if !named(p.legs[:i], p.legs[i].Account) && r.reason == "" {
			r.first(d.judgeSums(p.legs, d.account(p.legs[i].Account), &Order{Value: value, Force: true}, false))
		}
	}
	if r.reason != "" {
		return r, nil
	}
	err := d.record(p.t, InterestDecided{Transfer: id, Account: p.a.id, At: d.time(), From: p.from, Through: p.through}, more)
	if err != nil {
		return r, err
	}
	e := EntryBooked{Transfer: id, Value: value, Forced: true}
	for i := range p.legs {
		e.Text = p.texts[i]
		other := p.legs[i^1].Account // legs stand in pairs
		d.book(e, &p.legs[i], 0, other)
	}
	p.a.events = append(p.a.events, booked)
	if len(p.legs) == 0 {
		return r, nil
	}
	return r, d.record(p.t, TransferPosted{
		Transfer: id, At: d.time(), Value: value, Legs: p.legs, Interest: p.a.id, Forced: true,
		Details: Details{Text: p.texts[len(p.texts)-1]},
	}, more)
}
