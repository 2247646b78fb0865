package ledger_test

import (
	"math/big"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

// savingsBank is a ledger whose records are kept, so that they can be checked.
type savingsBank struct {
	t        rapid.TB
	currency money.Currency
	ledger   *ledger.Ledger
	records  []event.Record
}

func newBank(t rapid.TB, c money.Currency) *savingsBank {
	return &savingsBank{t: t, currency: c, ledger: ledger.NewLedger()}
}

// noonOf is an instant on a day.
func noonOf(d civil.Date) time.Time {
	year, month, day := d.Date()
	return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
}

var endOfTime = onDay("9999-12-31")

func onDay(s string) civil.Date { return civil.MustParseDate(s) }

// record keeps what a command decided, as a journal would.
func (b *savingsBank) record(facts ...ledger.Facts) {
	b.t.Helper()
	key := "command"
	for _, f := range facts {
		codec := ledger.AccountCodec()
		if f.Kind == ledger.KindTransfer {
			codec = ledger.TransferCodec()
		}
		stream := event.Stream(string(f.Kind), f.ID)
		for _, d := range f.Events {
			e, err := codec.Encode(d)
			if err != nil {
				b.t.Fatal(err)
			}
			version := event.Version(1)
			for _, r := range b.records {
				if r.Stream == stream {
					version = r.Version + 1
				}
			}
			b.records = append(b.records, event.Record{
				Event: e, Stream: stream, Version: version, Position: event.Position(len(b.records) + 1), Key: key,
			})
			key = ""
		}
	}
	if err := b.ledger.Apply(facts...); err != nil {
		b.t.Fatalf("decided what cannot be applied: %v", err)
	}
}

// try takes a command to the ledger.
func (b *savingsBank) try(c ledger.Command) (ledger.Decision, error) {
	b.t.Helper()
	facts, d, err := c.Decide(b.ledger)
	if err == nil {
		b.record(facts...)
	}
	return d, err
}

// do is try, of what must be done.
func (b *savingsBank) do(c ledger.Command) ledger.Decision {
	b.t.Helper()
	d, err := b.try(c)
	if err != nil || !d.Done() {
		b.t.Fatalf("%+v: got %+v, %v", c, d, err)
	}
	return d
}

// change takes a command to an account, and returns why it was refused.
func (b *savingsBank) change(id string, c ledger.AccountCommand) ledger.Reason {
	b.t.Helper()
	events, err := c.Decide(b.ledger.Account(id))
	if err != nil {
		b.t.Fatalf("%+v: %v", c, err)
	}
	b.record(ledger.Facts{Kind: ledger.KindAccount, ID: id, Events: events})
	d := c.Result(events)
	return d.Reason
}

func (b *savingsBank) mustChange(id string, c ledger.AccountCommand) {
	b.t.Helper()
	if reason := b.change(id, c); reason != "" {
		b.t.Fatalf("%+v: refused: %s", c, reason)
	}
}

// open opens accounts of the bank's own, and a customer's.
func (b *savingsBank) open(d civil.Date, id string, of ledger.Type, l *ledger.Limits) {
	b.t.Helper()
	b.mustChange(id, ledger.Open{At: noonOf(d), Terms: ledger.Terms{Type: of, Currency: b.currency, Limits: l, Unconstrained: l == nil}})
}

func (b *savingsBank) openOwn(d civil.Date) {
	b.t.Helper()
	b.open(d, "cash", ledger.Asset, nil)
	b.open(d, "expense", ledger.Expense, nil)
	b.open(d, "accrued", ledger.Liability, nil)
}

// move posts an amount to an account, on its normal side; below zero, from it.
func (b *savingsBank) move(id, account string, minor int64, at, value civil.Date) ledger.Post {
	b.t.Helper()
	to := b.ledger.Account(account).Terms().Type.Normal() == ledger.Credit
	legs := ledger.Move("cash", account, money.New(max(minor, -minor), b.currency))
	if to != (minor > 0) {
		legs = ledger.Move(account, "cash", money.New(max(minor, -minor), b.currency))
	}
	return ledger.Post{ID: id, At: noonOf(at), Value: value, Legs: legs, Force: true}
}

// capitalise is the next posting of an account's interest.
func (b *savingsBank) capitalise(account string, at civil.Date) ledger.Capitalise {
	s, _ := b.ledger.Account(account).Interest()
	return ledger.Capitalise{Account: account, At: noonOf(at), Through: s.Next, Source: s.Source, Accrued: s.AccruedAccount}
}

func (b *savingsBank) accrue(account string, at, through civil.Date) ledger.Accrue {
	s, _ := b.ledger.Account(account).Interest()
	return ledger.Accrue{Account: account, At: noonOf(at), Through: through, Source: s.Source, Accrued: s.AccruedAccount}
}

// booked is what an account has, on its normal side.
func (b *savingsBank) booked(account string) int64 {
	balance, _ := b.ledger.Account(account).BalanceOn(endOfTime)
	return balance.Minor()
}

// check verifies all records.
func (b *savingsBank) check() error {
	_, err := ledger.Check(func(yield func(event.Record, error) bool) {
		for _, r := range b.records {
			if !yield(r, nil) {
				return
			}
		}
	})
	return err
}

func (b *savingsBank) mustCheck() {
	b.t.Helper()
	if err := b.check(); err != nil {
		b.t.Fatal(err)
	}
}

// told is what an account's entries say, one by one, of a transfer.
func told(legs []ledger.Leg, account string, of ledger.Side) (sums []int64) {
	for _, l := range legs {
		if l.Account == account && l.Side == of {
			sums = append(sums, l.Amount.Minor())
		} else if l.Account == account {
			sums = append(sums, -l.Amount.Minor())
		}
	}
	return sums
}

// The oracle: one day at a time, in fractions, of all entries there ever were.

func ratOf(r money.Rate) *big.Rat { return big.NewRat(r.Numerator(), r.Denominator()) }

// partOfYear is what one day counts.
func partOfYear(c interest.DayCount, d civil.Date) *big.Rat {
	thirty := func(d civil.Date) int64 {
		year, month, day := d.Date()
		if c == interest.Thirty360EOM && month == time.February && d == d.EndOfMonth() {
			day = 30
		}
		return 360*int64(year) + 30*int64(month) + int64(min(day, 30))
	}
	year, _, _ := d.Date()
	switch c {
	case interest.Act365F:
		return big.NewRat(1, 365)
	case interest.Act360:
		return big.NewRat(1, 360)
	case interest.ActAct:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return big.NewRat(1, 366)
		}
		return big.NewRat(1, 365)
	}
	return big.NewRat(thirty(d+1)-thirty(d), 360)
}

// earnedOn is what a balance earns on a day.
func earnedOn(spec *interest.Spec, d civil.Date, balance int64) *big.Rat {
	var rates interest.Rates
	for _, r := range spec.Rates {
		if r.From <= d {
			rates = r
		}
	}
	table, size := rates.Credit, balance
	if balance < 0 {
		table, size = rates.Debit, -balance
	}
	sum := new(big.Rat)
	for i, band := range table.Bands {
		above := band.Above.Minor()
		if size <= above {
			break
		}
		part := size - above
		if i+1 < len(table.Bands) {
			part = min(part, table.Bands[i+1].Above.Minor()-above)
		}
		if table.Tiers == interest.Whole {
			sum.SetInt64(0)
			part = size
		}
		sum.Add(sum, new(big.Rat).Mul(ratOf(band.Rate), new(big.Rat).SetInt64(part)))
	}
	if balance < 0 {
		sum.Neg(sum)
	}
	return sum.Mul(sum, partOfYear(spec.DayCount, d))
}

// roundedTo is a fraction as a whole number.
func roundedTo(r *big.Rat, mode money.Rounding) int64 {
	size := new(big.Rat).Abs(r)
	whole := new(big.Int).Quo(size.Num(), size.Denom())
	rest := new(big.Rat).Sub(size, new(big.Rat).SetInt(whole))
	n, half := whole.Int64(), rest.Cmp(big.NewRat(1, 2))
	up := false
	switch mode {
	case money.HalfAwayFromZero:
		up = half >= 0
	case money.HalfEven:
		up = half > 0 || half == 0 && n%2 == 1
	case money.Up:
		up = rest.Sign() > 0
	}
	if up {
		n++
	}
	return n * int64(r.Sign())
}

// dumb is an account that keeps every entry.
type dumb struct {
	spec    interest.Spec
	from    civil.Date
	entries map[civil.Date]int64
	through civil.Date              // closed
	frozen  map[civil.Date]*big.Rat // what closed days have earned, for ever
	terms   int                     // how often they were set

	known   map[[2]int64]*big.Rat // what a day earns with a balance, by these terms
	knownOf int

	posted, accrued               int64
	postedThrough, accruedThrough civil.Date
}

func (m *dumb) balance(d civil.Date) (sum int64) {
	for day, minor := range m.entries {
		if day <= d {
			sum += minor
		}
	}
	return sum
}

// total is what all days up to one have earned, as it is known now, in whole minor units.
func (m *dumb) total(through civil.Date) int64 {
	if m.known == nil || m.knownOf != m.terms {
		m.known, m.knownOf = map[[2]int64]*big.Rat{}, m.terms
	}
	days, balance := map[*big.Rat]int64{}, m.balance(m.from) // how many have earned what
	for d := m.from; d <= through; d++ {
		if d > m.from {
			balance += m.entries[d]
		}
		earned := m.frozen[d]
		if earned == nil {
			earned = m.known[[2]int64{int64(d), balance}]
		}
		if earned == nil {
			earned = earnedOn(&m.spec, d, balance)
			m.known[[2]int64{int64(d), balance}] = earned
		}
		days[earned]++
	}
	sum := new(big.Rat)
	for earned, n := range days {
		sum.Add(sum, new(big.Rat).Mul(earned, new(big.Rat).SetInt64(n)))
	}
	return roundedTo(sum, m.spec.Rounding)
}

// period is the next one to be posted: days that are closed are posted together.
func (m *dumb) period() (first, end civil.Date) {
	first = max(m.from, m.postedThrough+1)
	return first, m.spec.Capitalise.End(max(first, m.through))
}

func (m *dumb) close(through civil.Date) {
	for d := m.from; d <= through; d++ {
		if m.frozen[d] == nil {
			m.frozen[d] = earnedOn(&m.spec, d, m.balance(d))
		}
	}
	m.through = through
}

// nonZero leaves out what is nothing.
func nonZero(figures ...int64) []int64 {
	return slices.DeleteFunc(figures, func(n int64) bool { return n == 0 })
}
