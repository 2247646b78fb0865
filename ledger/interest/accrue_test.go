package interest_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

var start = civil.MustParseDate("2026-12-01") // of what is drawn: it is before a year's end, and a leap year follows

func drawTable(t *rapid.T) interest.Table {
	var table interest.Table
	table.Tiers = rapid.SampledFrom([]interest.Tiers{interest.Slices, interest.Whole}).Draw(t, "tiers")
	above := int64(0)
	for range rapid.IntRange(0, 4).Draw(t, "bands") {
		rate, err := money.NewRate(rapid.OneOf(rapid.Int64Range(-30, 200), rapid.Int64Range(-1e14, 1e14)).Draw(t, "rate"),
			rapid.SampledFrom([]int64{1000, 1e12}).Draw(t, "places"))
		if err != nil || rate.Compare(money.MustParseRate("100")) > 0 || rate.Compare(money.MustParseRate("-100")) < 0 {
			rate = money.MustParseRate("0.03")
		}
		table.Bands = append(table.Bands, interest.Band{Above: money.New(above, money.EUR), Rate: rate})
		above += rapid.OneOf(rapid.Int64Range(1, 1000), rapid.Int64Range(1, 1e15)).Draw(t, "width")
	}
	if len(table.Bands) == 0 {
		table.Tiers = 0
	}
	return table
}

// drawGap draws days until the next change. Many are few, so that changes of balance and of rates fall on one day, or one after the other.
func drawGap(t *rapid.T, most int32) civil.Date {
	return civil.Date(rapid.OneOf(rapid.Int32Range(1, 3), rapid.Int32Range(1, most)).Draw(t, "gap"))
}

func drawSpec(t *rapid.T) interest.Spec {
	spec := interest.Spec{
		Currency:   money.EUR,
		DayCount:   rapid.SampledFrom(dayCounts[:]).Draw(t, "count"),
		Rounding:   rapid.SampledFrom(roundings[:]).Draw(t, "rounding"),
		Capitalise: rapid.SampledFrom(periods[:]).Draw(t, "period"),
	}
	from := start
	for range rapid.IntRange(1, 5).Draw(t, "rates") {
		spec.Rates = append(spec.Rates, interest.Rates{From: from, Credit: drawTable(t), Debit: drawTable(t)})
		from += drawGap(t, 200)
	}
	return spec
}

func drawBalance(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Int64Range(-2000, 2000), rapid.Int64Range(-1e16, 1e16)).Draw(t, "balance")
}

func drawHistory(t *rapid.T) []interest.Balance {
	var history []interest.Balance
	at := start - rapid.SampledFrom([]civil.Date{20, 1}).Draw(t, "known before")
	for range rapid.IntRange(0, 12).Draw(t, "changes") {
		at += drawGap(t, 120)
		history = append(history, interest.Balance{Day: at, Minor: drawBalance(t)})
	}
	return history
}

// balanceOn and earned are the oracle: one day at a time, in fractions, from the data alone.
func balanceOn(d civil.Date, opening int64, history []interest.Balance) int64 {
	for _, b := range history {
		if b.Day <= d {
			opening = b.Minor
		}
	}
	return opening
}

func earned(spec interest.Spec, d civil.Date, balance int64) *big.Rat {
	var rates interest.Rates
	for _, r := range spec.Rates {
		if r.From <= d {
			rates = r
		}
	}
	size, table := new(big.Rat).SetInt64(balance), rates.Credit
	if balance < 0 {
		size.Neg(size)
		table = rates.Debit
	}
	sum := new(big.Rat)
	for i, band := range table.Bands {
		if above := new(big.Rat).SetInt64(band.Above.Minor()); size.Cmp(above) > 0 {
			part := new(big.Rat).Sub(size, above)
			if i+1 < len(table.Bands) {
				if width := table.Bands[i+1].Above.Minor() - band.Above.Minor(); part.Cmp(new(big.Rat).SetInt64(width)) > 0 {
					part.SetInt64(width)
				}
			}
			if table.Tiers == interest.Whole {
				sum.Set(part.Mul(size, rat(band.Rate)))
			} else {
				sum.Add(sum, part.Mul(part, rat(band.Rate)))
			}
		}
	}
	if balance < 0 {
		sum.Neg(sum)
	}
	return sum.Mul(sum, dayFraction(spec.DayCount, d))
}

// I4, and I1: any span is what its days earn, one by one, and what its parts earn. I2: steps join, and a change to what was there
// already changes nothing.
func accrueLaw(t *rapid.T) {
	spec, opening, history := drawSpec(t), drawBalance(t), drawHistory(t)
	terms, err := interest.NewTerms(spec)
	if err != nil {
		t.Fatalf("%v", err)
	}
	from := start + civil.Date(rapid.Int32Range(0, 500).Draw(t, "from"))
	to := from + civil.Date(rapid.Int32Range(0, 900).Draw(t, "to"))
	whole, err := terms.Accrue(opening, history, from, to)
	if err != nil {
		t.Fatalf("%v", err)
	}
	want := new(big.Rat)
	for d := from; d < to; d++ {
		want.Add(want, earned(spec, d, balanceOn(d, opening, history)))
	}
	if value(t, whole).Cmp(want) != 0 || whole.Currency() != money.EUR {
		t.Fatalf("%v to %v: got %v, want %v", from, to, whole, want)
	}

	var parts interest.Accrued
	for at := from; at < to; {
		next := min(to, at+civil.Date(rapid.SampledFrom([]int32{1, 2, 30, 100}).Draw(t, "part")))
		part, err := terms.Accrue(opening, history, at, next)
		if err == nil {
			parts, err = parts.Add(part)
		}
		if err != nil {
			t.Fatalf("%v to %v: %v", at, next, err)
		}
		at = next
	}
	if from < to && parts != whole {
		t.Fatalf("%v to %v: in parts %v, at once %v", from, to, parts, whole)
	}

	steps, err := terms.Explain(opening, history, from, to)
	var sum interest.Accrued
	at, days := from, 0
	for _, s := range steps {
		if s.From != at || s.To <= s.From || s.Balance != balanceOn(s.From, opening, history) {
			t.Fatalf("step %+v after %v", s, at)
		}
		if sum, err = sum.Add(s.Interest); err != nil {
			t.Fatalf("%v", err)
		}
		at, days = s.To, days+s.Days
	}
	if from < to && (at != to || sum != whole || days != spec.DayCount.Days(from, to)) || err != nil {
		t.Fatalf("steps until %v of %d days: %v, want %v; %v", at, days, sum, whole, err)
	}

	cut := start + civil.Date(rapid.Int32Range(1, 1400).Draw(t, "cut"))
	again, err := interest.MustTerms(sameRatesFrom(spec, cut)).Accrue(opening, sameBalanceFrom(opening, history, cut), from, to)
	if err != nil || again != whole {
		t.Fatalf("a change of nothing on %v: got %v, %v; want %v", cut, again, err, whole)
	}
}

func sameRatesFrom(spec interest.Spec, cut civil.Date) interest.Spec {
	var rates []interest.Rates
	for i, r := range spec.Rates {
		rates = append(rates, r)
		if r.From < cut && (i+1 == len(spec.Rates) || spec.Rates[i+1].From > cut) {
			r.From = cut
			rates = append(rates, r)
		}
	}
	spec.Rates = rates
	return spec
}

func sameBalanceFrom(opening int64, history []interest.Balance, cut civil.Date) []interest.Balance {
	var out []interest.Balance
	same := interest.Balance{Day: cut, Minor: balanceOn(cut, opening, history)}
	for _, b := range history {
		if b.Day >= cut && same.Day != 0 {
			out, same.Day = append(out, same), 0
		}
		if b.Day != cut {
			out = append(out, b)
		}
	}
	if same.Day != 0 {
		out = append(out, same)
	}
	return out
}

func TestAccrue(t *testing.T) { rapid.Check(t, accrueLaw) }
func FuzzAccrue(f *testing.F) { f.Fuzz(rapid.MakeFuzz(accrueLaw)) }

// I3: posted every period, or at once, or at any days between, the sum of the postings is the total, rounded once. The history changes behind
// what has been posted, too.
func TestPostingsSumUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, opening, history := drawSpec(t), drawBalance(t), drawHistory(t)
		terms := interest.MustTerms(spec)
		to := start + civil.Date(rapid.Int32Range(1, 900).Draw(t, "days"))
		posted := money.New(0, money.EUR)
		post := func(history []interest.Balance, until civil.Date) {
			total, err := terms.Accrue(opening, history, start, until)
			if err != nil {
				t.Fatalf("%v", err)
			}
			due, err := total.Due(posted, terms.Rounding())
			if err != nil {
				t.Fatalf("%v", err)
			}
			if posted, err = posted.Add(due); err != nil {
				t.Fatalf("%v", err)
			}
		}
		before := history[:rapid.IntRange(0, len(history)).Draw(t, "known")] // the rest comes in later, back-dated
		for _, end := range terms.Capitalise().Periods(start, to) {
			post(before, end)
		}
		post(history, to)
		total, err := terms.Accrue(opening, history, start, to)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if want, err := total.Amount(terms.Rounding()); err != nil || posted != want {
			t.Fatalf("posted %v, want %v, %v", posted, want, err)
		}
	})
}

// Interest on interest: what is posted at the end of each period joins the balance on the day after. The model goes day by day, in fractions.
func TestCapitalised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, opening := drawSpec(t), rapid.Int64Range(-1e9, 1e9).Draw(t, "opening")
		for i := range spec.Rates {
			for _, table := range []*interest.Table{&spec.Rates[i].Credit, &spec.Rates[i].Debit} {
				for j := range table.Bands { // of a size that does not run away in three years
					table.Bands[j].Rate, _ = money.NewRate(rapid.Int64Range(-500, 2000).Draw(t, "rate"), 10_000)
				}
			}
		}
		terms := interest.MustTerms(spec)
		to := start + civil.Date(rapid.Int32Range(1, 400).Draw(t, "days"))

		var history []interest.Balance
		var total interest.Accrued
		posted := money.New(0, money.EUR)
		for from, end := range terms.Capitalise().Periods(start, to) {
			part, err := terms.Accrue(opening, history, from, end)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if total, err = total.Add(part); err != nil {
				t.Fatalf("%v", err)
			}
			due, err := total.Due(posted, spec.Rounding)
			if err != nil {
				t.Fatalf("%v", err)
			}
			posted, _ = posted.Add(due)
			history = append(history, interest.Balance{Day: end, Minor: opening + posted.Minor()})
		}

		balance, sum, paid := opening, new(big.Rat), int64(0)
		for d := start; d < to; d++ {
			sum.Add(sum, earned(spec, d, balance))
			if d == to-1 || spec.Capitalise.End(d) == d {
				want := round(sum, spec.Rounding).Int64()
				balance, paid = balance+want-paid, want
			}
		}
		if posted.Minor() != paid || value(t, total).Cmp(sum) != 0 {
			t.Fatalf("posted %v of %v, want %d of %v", posted, total, paid, sum)
		}
		if whole, err := terms.Accrue(opening, history, start, to); err != nil || whole != total {
			t.Fatalf("over the history as it became: %v, %v; want %v", whole, err, total)
		}
	})
}

// What cannot be decided, and the edges of the range.
func TestAccrueRefused(t *testing.T) {
	terms := interest.MustTerms(interest.Spec{
		Currency: money.EUR, DayCount: interest.Act365F, Rounding: money.HalfEven, Capitalise: interest.Monthly,
		Rates: []interest.Rates{{From: 1000, Credit: interest.Flat(money.EUR, money.MustParseRate("100")),
			Debit: interest.Flat(money.EUR, money.MustParseRate("100"))}},
	})
	history := []interest.Balance{{Day: 1000, Minor: 5}, {Day: 1001, Minor: 6}}
	for _, row := range []struct {
		name     string
		terms    *interest.Terms
		history  []interest.Balance
		from, to civil.Date
		want     error
	}{
		{"no terms", nil, nil, 1000, 1001, interest.ErrInvalid},
		{"zero terms", new(interest.Terms), nil, 1000, 1001, interest.ErrInvalid},
		{"no date", terms, nil, 0, 1001, interest.ErrInvalid},
		{"beyond the calendar", terms, nil, 1000, 3652060, interest.ErrInvalid},
		{"backwards", terms, nil, 1001, 1000, interest.ErrInvalid},
		{"before the rates", terms, nil, 999, 1001, interest.ErrNoRates},
		{"a day twice", terms, []interest.Balance{history[0], history[0]}, 1000, 1001, interest.ErrInvalid},
		{"out of order, and later than asked", terms, []interest.Balance{{Day: 5000}, {Day: 4000}}, 1000, 1001, interest.ErrInvalid},
		{"a balance of no day", terms, []interest.Balance{{}}, 1000, 1001, interest.ErrInvalid},
		{"too much", terms, []interest.Balance{{Day: 1000, Minor: math.MaxInt64}}, 1000, 1_000_000, money.ErrOverflow},
		{"too little", terms, []interest.Balance{{Day: 1000, Minor: math.MinInt64}}, 1000, 1_000_000, money.ErrOverflow},
		{"too much for a sign", terms, []interest.Balance{{Day: 1000, Minor: math.MaxInt64}}, 1000, 1060, money.ErrOverflow},
		{"too little for a sign", terms, []interest.Balance{{Day: 1000, Minor: -math.MaxInt64}}, 1000, 1060, money.ErrOverflow},
		{"too much in sum", terms, []interest.Balance{{Day: 1000, Minor: math.MaxInt64}, {Day: 1030, Minor: math.MaxInt64}}, 1000, 1060, money.ErrOverflow},
	} {
		got, err := row.terms.Accrue(0, row.history, row.from, row.to)
		if !errors.Is(err, row.want) || got != (interest.Accrued{}) {
			t.Errorf("%s: got %v, %v; want %v", row.name, got, err, row.want)
		}
	}
	for to := civil.Date(1000 + 43); to < 3652059; to += 1009 { // 42 days fit 128 bits
		for _, balance := range []int64{math.MaxInt64, math.MinInt64} {
			if got, err := terms.Accrue(balance, nil, 1000, to); !errors.Is(err, money.ErrOverflow) {
				t.Errorf("%d until %v: got %v, %v", balance, to, got, err)
			}
		}
	}
	for _, from := range []civil.Date{1, 1000, 3652059} {
		if got, err := terms.Accrue(7, history, from, from); err != nil || got.Sign() != 0 || got.Currency() != money.EUR {
			t.Errorf("no days: got %v, %v", got, err)
		}
	}
	if got, err := terms.Accrue(math.MinInt64, nil, 1000, 1001); err != nil || value(t, got).Cmp(new(big.Rat).Mul(big.NewRat(math.MinInt64, 365), big.NewRat(100, 1))) != 0 {
		t.Errorf("the smallest balance: got %v, %v", got, err)
	}
}

// Ten years of an account that moves once a month, and of one that does not: the steps are its changes, and nothing is allocated.
func TestAccrueCostsItsChanges(t *testing.T) {
	spec := flatSpec("0.02", interest.Act365F)
	for _, row := range []struct{ changes, rates int }{{0, 1}, {120, 1}, {120, 12}, {0, 12}} {
		spec.Rates = spec.Rates[:1]
		for i := 1; i < row.rates; i++ {
			spec.Rates = append(spec.Rates, interest.Rates{From: start + civil.Date(300*i+1), Credit: spec.Rates[0].Credit})
		}
		var history []interest.Balance
		for i := range row.changes {
			history = append(history, interest.Balance{Day: start + civil.Date(30*i+2), Minor: int64(i)})
		}
		terms := interest.MustTerms(spec)
		steps, err := terms.Explain(1, history, start, start+3653)
		if err != nil || len(steps) > row.changes+row.rates {
			t.Errorf("%d changes, %d rates: %d steps, %v", row.changes, row.rates, len(steps), err)
		}
		if n := testing.AllocsPerRun(10, func() { _, _ = terms.Accrue(1, history, start, start+3653) }); n > 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func flatSpec(rate string, count interest.DayCount) interest.Spec {
	return interest.Spec{
		Currency: money.EUR, DayCount: count, Rounding: money.HalfAwayFromZero, Capitalise: interest.Yearly,
		Rates: []interest.Rates{{From: civil.MustParseDate("2000-01-01"), Credit: interest.Flat(money.EUR, money.MustParseRate(rate))}},
	}
}

// Rates and balance that change on one day, or on one after the other, each from its own day on.
func TestChangesSideBySide(t *testing.T) {
	spec := flatSpec("0.365", interest.Act365F)
	spec.Rates = append(spec.Rates, interest.Rates{From: start + 10, Credit: interest.Flat(money.EUR, money.MustParseRate("0.73"))})
	terms := interest.MustTerms(spec)
	for _, row := range []struct {
		balance civil.Date // the day on which 1000 become 2000
		want    int64      // of 20 days: 1 and then 2 a day per thousand, times the balance in thousands
	}{{9, 9*1 + 1*2 + 10*4}, {10, 10*1 + 10*4}, {11, 10*1 + 1*2 + 9*4}, {0, 10*2 + 10*4}, {-1, 10*2 + 10*4}, {20, 10*1 + 10*2}} {
		got, err := terms.Accrue(1000, []interest.Balance{{Day: start + row.balance, Minor: 2000}}, start, start+20)
		if err != nil || value(t, got).Cmp(big.NewRat(row.want, 1)) != 0 {
			t.Errorf("balance on day %d: got %v, %v; want %d", row.balance, got, err, row.want)
		}
	}
}

// Explain is the account's interest statement, line by line.
func TestExplain(t *testing.T) {
	spec := flatSpec("0.0365", interest.Act365F)
	spec.Rates = append(spec.Rates, interest.Rates{From: day("2026-03-10"), Credit: interest.Flat(money.EUR, money.MustParseRate("0.073")),
		Debit: interest.Flat(money.EUR, money.MustParseRate("0.1095"))})
	history := []interest.Balance{{day("2026-03-01"), 100_00}, {day("2026-03-10"), 100_00}, {day("2026-03-20"), -10_00}, {day("2026-05-01"), 1}}
	steps, err := interest.MustTerms(spec).Explain(50_00, history, day("2026-02-25"), day("2026-03-31"))
	line := func(from, to string, balance int64, days int, minor int64) interest.Step {
		return interest.Step{From: day(from), To: day(to), Balance: balance, Days: days, Interest: accrued(t, big.NewRat(minor, 10))}
	}
	want := []interest.Step{
		line("2026-02-25", "2026-03-01", 50_00, 4, 20),
		line("2026-03-01", "2026-03-10", 100_00, 9, 90),
		line("2026-03-10", "2026-03-20", 100_00, 10, 200),
		line("2026-03-20", "2026-03-31", -10_00, 11, -33),
	}
	if err != nil || !cmp.Equal(steps, want, cmp.Comparer(func(a, b interest.Accrued) bool { return a == b })) {
		t.Errorf("got %+v, %v; want %+v", steps, err, want)
	}
}
