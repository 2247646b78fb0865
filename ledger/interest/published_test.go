package interest_test

import (
	"testing"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

// Worked examples that were published, to the cent.
func TestPublishedExamples(t *testing.T) {
	for _, row := range []struct {
		source   string
		count    interest.DayCount
		balance  int64 // minor units
		rate     string
		from, to string
		want     int64
	}{
		{"geldmarie.at, Zinsberechnung Sparbuch: 1000 euro from 8 October to 31 December at 2 %, 82 days of 360",
			interest.Thirty360E, 1000_00, "0.02", "2025-10-08", "2025-12-31", 4_56},
		{"geldmarie.at, the same in a count that has 28 and 29 February for a 30th",
			interest.Thirty360EOM, 1000_00, "0.02", "2025-10-08", "2025-12-31", 4_56},
		{"thenewsglory.com, interest of savings accounts by the rules of the RBI: 3 lakh for 30 days at 4 %: 986",
			interest.Act365F, 300_000_00, "0.04", "2025-04-01", "2025-05-01", 986_30},
		{"ISDA, The Actual/Actual Day Count Fraction (1999), 1 November 2003 to 1 May 2004 at 10 % of 10,000: 497.72",
			interest.ActAct, 10_000_00, "0.10", "2003-11-01", "2004-05-01", 497_72},
	} {
		terms := interest.MustTerms(flatSpec(row.rate, row.count))
		total, err := terms.Accrue(row.balance, nil, day(row.from), day(row.to))
		if err != nil {
			t.Fatalf("%s: %v", row.source, err)
		}
		if got, err := total.Amount(terms.Rounding()); err != nil || got.Minor() != row.want {
			t.Errorf("%s: got %v, %v; want %d", row.source, got, err, row.want)
		}
	}
}

// 12 CFR 1030 (Regulation DD), appendix A, part I.D: 5.25 % up to 2,500, 5.50 % above that up to 15,000, 5.75 % above that, compounded
// daily over 365 days. Method A pays the rate of the tier on the whole balance, B on its part in the tier; the regulation's figures
// are those of A. It compounds fractions of a cent, which an account does not have; but as what is cut off is not lost, the year comes to
// the same cents.
func TestRegulationDD(t *testing.T) {
	usd := func(dollars int64) money.Amount { return money.New(dollars*100, money.USD) }
	bands := []interest.Band{
		{Above: usd(0), Rate: money.MustParseRate("0.0525")},
		{Above: usd(2500), Rate: money.MustParseRate("0.055")},
		{Above: usd(15000), Rate: money.MustParseRate("0.0575")},
	}
	for _, row := range []struct {
		tiers   interest.Tiers
		dollars int64
		want    int64 // cents
	}{
		{interest.Whole, 1_000, 53_90},
		{interest.Whole, 8_000, 452_29},
		{interest.Whole, 20_000, 1183_61},
		{interest.Slices, 1_000, 53_90},
	} {
		terms := interest.MustTerms(interest.Spec{
			Currency: money.USD, DayCount: interest.Act365F, Rounding: money.HalfEven, Capitalise: interest.Daily,
			Rates: []interest.Rates{{From: day("2026-01-01"), Credit: interest.Table{Tiers: row.tiers, Bands: bands}}},
		})
		got := compound(t, terms, usd(row.dollars), day("2026-01-01"), day("2027-01-01"))
		if got.Minor() != row.want {
			t.Errorf("%v, %d dollars: got %v, want %d cents", row.tiers, row.dollars, got, row.want)
		}
	}
	// Simple interest of a year and a balance in all three tiers of method B: 131.25 + 687.50 + 287.50.
	terms := interest.MustTerms(interest.Spec{
		Currency: money.USD, DayCount: interest.Act365F, Rounding: money.HalfEven, Capitalise: interest.Yearly,
		Rates: []interest.Rates{{From: day("2026-01-01"), Credit: interest.Table{Tiers: interest.Slices, Bands: bands}}},
	})
	if got := compound(t, terms, usd(20_000), day("2026-01-01"), day("2027-01-01")); got != money.New(1106_25, money.USD) {
		t.Errorf("method B, simple: got %v", got)
	}
	// A balance of exactly a limit is "up to but not exceeding".
	for cents, want := range map[int64]int64{2500_00: 131_25, 2500_01: 137_50} {
		spec := terms.Spec()
		spec.Rates[0].Credit.Tiers = interest.Whole
		if got := compound(t, interest.MustTerms(spec), money.New(cents, money.USD), day("2026-01-01"), day("2027-01-01")); got.Minor() != want {
			t.Errorf("%d cents: got %v, want %d", cents, got, want)
		}
	}
}

// compound posts what is due at each end of a period, and returns the sum.
func compound(t *testing.T, terms *interest.Terms, opening money.Amount, start, end civil.Date) money.Amount {
	t.Helper()
	posted := money.New(0, opening.Currency())
	var total interest.Accrued
	for from, to := range terms.Capitalise().Periods(start, end) {
		part, err := terms.Accrue(opening.Minor()+posted.Minor(), nil, from, to)
		if err != nil {
			t.Fatal(err)
		}
		if total, err = total.Add(part); err != nil {
			t.Fatal(err)
		}
		due, err := total.Due(posted, terms.Rounding())
		if err != nil {
			t.Fatal(err)
		}
		if posted, err = posted.Add(due); err != nil {
			t.Fatal(err)
		}
	}
	return posted
}
