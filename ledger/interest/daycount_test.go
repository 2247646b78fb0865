package interest_test

import (
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

var dayCounts = [...]interest.DayCount{
	interest.Act365F, interest.Act360, interest.ActAct, interest.Thirty360E, interest.Thirty360EOM,
}

func day(s string) civil.Date { return civil.MustParseDate(s) }

// The examples of ISDA, "30/360 Day Count Conventions", 22 December 2008, a worksheet for section 4.16 of the 2006 Definitions: (g)
// is 30E/360, (h) is 30E/360 (ISDA). Of (h) are left out the spans that end in February on the date of maturity, which accounts do
// not have.
func TestThirty360OfISDA(t *testing.T) {
	for _, row := range []struct {
		from, to string
		g, h     int // -1: not in the worksheet, or with a date of maturity
	}{
		// Example 1: no end of February.
		{"2006-08-20", "2007-02-20", 180, 180},
		{"2007-02-20", "2007-08-20", 180, 180},
		{"2007-08-20", "2008-02-20", 180, 180},
		{"2008-02-20", "2008-08-20", 180, 180},
		{"2008-08-20", "2009-02-20", 180, 180},
		{"2009-02-20", "2009-08-20", 180, 180},
		// Example 2: some ends of February.
		{"2006-02-28", "2006-08-31", 182, 180},
		{"2006-08-31", "2007-02-28", 178, 180},
		{"2007-02-28", "2007-08-31", 182, 180},
		{"2007-08-31", "2008-02-29", 179, 180},
		{"2008-02-29", "2008-08-31", 181, 180},
		{"2008-08-31", "2009-02-28", 178, 180},
		{"2009-02-28", "2009-08-31", 182, 180},
		{"2009-08-31", "2010-02-28", 178, 180},
		{"2010-02-28", "2010-08-31", 182, 180},
		{"2010-08-31", "2011-02-28", 178, 180},
		{"2011-02-28", "2011-08-31", 182, 180},
		{"2011-08-31", "2012-02-29", 179, -1},
		// Example 3: miscellaneous.
		{"2006-01-31", "2006-02-28", 28, 30},
		{"2006-01-30", "2006-02-28", 28, 30},
		{"2006-02-28", "2006-03-03", 5, 3},
		{"2006-02-14", "2006-02-28", 14, 16},
		{"2006-09-30", "2006-10-31", 30, 30},
		{"2006-10-31", "2006-11-28", 28, 28},
		{"2007-08-31", "2008-02-28", 178, 178},
		{"2008-02-28", "2008-08-28", 180, 180},
		{"2008-02-28", "2008-08-30", 182, 182},
		{"2008-02-28", "2008-08-31", 182, 182},
		{"2007-02-26", "2008-02-28", 362, -1},
		{"2007-02-26", "2008-02-29", 363, -1},
		{"2007-02-28", "2008-02-28", -1, 358},
		{"2008-02-29", "2009-02-28", 359, 360},
		{"2008-02-28", "2008-03-30", 32, -1},
		{"2008-02-28", "2008-03-31", 32, -1},
		{"2008-02-29", "2008-03-30", -1, 30},
		{"2008-02-29", "2008-03-31", -1, 30},
	} {
		from, to := day(row.from), day(row.to)
		if got := interest.Thirty360E.Days(from, to); row.g >= 0 && got != row.g {
			t.Errorf("30E/360 %v to %v: got %d, want %d", from, to, got, row.g)
		}
		if got := interest.Thirty360EOM.Days(from, to); row.h >= 0 && got != row.h {
			t.Errorf("30E/360 (ISDA) %v to %v: got %d, want %d", from, to, got, row.h)
		}
	}
}

// The examples of ISDA, "The Actual/Actual Day Count Fraction", 1999, the column of ISDA; and ACT/365F and ACT/360 of the same days.
func TestActActOfISDA(t *testing.T) {
	for _, row := range []struct {
		from, to     string
		normal, leap int64
	}{
		{"2003-11-01", "2004-05-01", 61, 121},
		{"1999-02-01", "1999-07-01", 150, 0},
		{"1999-07-01", "2000-07-01", 184, 182},
		{"2002-08-15", "2003-07-15", 334, 0},
		{"2003-07-15", "2004-01-15", 170, 14},
		{"1999-07-30", "2000-01-30", 155, 29},
		{"2000-01-30", "2000-06-30", 0, 152},
	} {
		from, to := day(row.from), day(row.to)
		want := new(big.Rat).Add(big.NewRat(row.normal, 365), big.NewRat(row.leap, 366))
		if got := rat(interest.ActAct.Fraction(from, to)); got.Cmp(want) != 0 {
			t.Errorf("ACT/ACT %v to %v: got %v, want %v", from, to, got, want)
		}
		days := row.normal + row.leap
		if got := rat(interest.Act365F.Fraction(from, to)); got.Cmp(big.NewRat(days, 365)) != 0 {
			t.Errorf("ACT/365F %v to %v: got %v, want %d/365", from, to, got, days)
		}
		if got := rat(interest.Act360.Fraction(from, to)); got.Cmp(big.NewRat(days, 360)) != 0 {
			t.Errorf("ACT/360 %v to %v: got %v, want %d/360", from, to, got, days)
		}
		for _, c := range dayCounts[:3] {
			if got := c.Days(from, to); int64(got) != days {
				t.Errorf("%v %v to %v: got %d days, want %d", c, from, to, got, days)
			}
		}
	}
}

func rat(r money.Rate) *big.Rat { return big.NewRat(r.Numerator(), r.Denominator()) }

// dayFraction is what one day is of a year, from the text of the definitions: the oracle.
func dayFraction(c interest.DayCount, d civil.Date) *big.Rat {
	next := d.AddDays(1)
	switch c {
	case interest.Act365F:
		return big.NewRat(1, 365)
	case interest.Act360:
		return big.NewRat(1, 360)
	case interest.ActAct:
		if civil.DaysIn(d.Year(), time.February) == 29 {
			return big.NewRat(1, 366)
		}
		return big.NewRat(1, 365)
	default:
		d1, d2 := d.Day(), next.Day()
		if d1 == 31 || c == interest.Thirty360EOM && d == d.EndOfMonth() {
			d1 = 30
		}
		if d2 == 31 || c == interest.Thirty360EOM && next == next.EndOfMonth() {
			d2 = 30
		}
		days := 360*(next.Year()-d.Year()) + 30*(int(next.Month())-int(d.Month())) + d2 - d1
		return big.NewRat(int64(days), 360)
	}
}

// Over eight years about 1900, 2000 and 2100: a span is its days, one by one, and no day is less than none.
func TestFractionIsItsDays(t *testing.T) {
	for _, c := range dayCounts {
		for _, start := range []string{"0001-01-01", "1896-12-31", "1996-12-31", "2096-12-31"} {
			from, sum := day(start), new(big.Rat)
			for d := from; d < from+8*366; d++ {
				if got := rat(c.Fraction(from, d)); got.Cmp(sum) != 0 {
					t.Fatalf("%v %v to %v: got %v, want %v", c, from, d, got, sum)
				}
				one := dayFraction(c, d)
				if one.Sign() < 0 || rat(c.Fraction(d, d+1)).Cmp(one) != 0 {
					t.Fatalf("%v %v: got %v, want %v", c, d, c.Fraction(d, d+1), one)
				}
				sum.Add(sum, one)
			}
		}
	}
}

// Spans join, wherever they are cut, also when they go back.
func TestDayCountsJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(dayCounts[:]).Draw(t, "count")
		dates := rapid.SliceOfN(rapid.Int32Range(1, 3652059), 3, 3).Draw(t, "dates")
		x, y, z := civil.Date(dates[0]), civil.Date(dates[1]), civil.Date(dates[2])
		if c.Days(x, y)+c.Days(y, z) != c.Days(x, z) || c.Days(x, y) != -c.Days(y, x) || c.Days(x, x) != 0 {
			t.Fatalf("%v days: %v, %v, %v do not join", c, x, y, z)
		}
		if sum := new(big.Rat).Add(rat(c.Fraction(x, y)), rat(c.Fraction(y, z))); sum.Cmp(rat(c.Fraction(x, z))) != 0 {
			t.Fatalf("%v fraction: %v, %v, %v do not join", c, x, y, z)
		}
		if x < y && c.Days(x, y) < 0 {
			t.Fatalf("%v: %v to %v is negative", c, x, y)
		}
	})
}

func TestDayCountNames(t *testing.T) {
	for _, row := range []struct {
		count     interest.DayCount
		name, iso string
	}{
		{interest.Act365F, "act_365f", "A005"},
		{interest.Act360, "act_360", "A004"},
		{interest.ActAct, "act_act", "A008"},
		{interest.Thirty360E, "30e_360", "A011"},
		{interest.Thirty360EOM, "30e_360_eom", "A013"},
	} {
		text, err := row.count.MarshalText()
		back, parseErr := interest.ParseDayCount(row.name)
		if string(text) != row.name || err != nil || back != row.count || parseErr != nil || row.count.ISO() != row.iso || !row.count.Valid() {
			t.Errorf("%v: got %s, %v; %v, %v; %s", row.count, text, err, back, parseErr, row.count.ISO())
		}
	}
	for _, none := range []interest.DayCount{0, 6, 255} {
		if _, err := none.MarshalText(); !errors.Is(err, interest.ErrInvalid) || none.Valid() || none.String() != "invalid" || none.ISO() != "" ||
			none.Days(1, 2) != 0 || none.Fraction(1, 2).Sign() != 0 {
			t.Errorf("%d passes for a day count: %v", none, err)
		}
	}
	was := interest.Act360
	for _, name := range []string{"", "act/360", "ACT_360", "invalid"} {
		if err := was.UnmarshalText([]byte(name)); !errors.Is(err, interest.ErrInvalid) || was != interest.Act360 {
			t.Errorf("%q: got %v, %v", name, was, err)
		}
	}
	for _, c := range dayCounts {
		if c.Days(0, 5) != 0 || c.Days(5, 0) != 0 || c.Fraction(0, 5).Sign() != 0 || c.Fraction(5, 3652060).Sign() != 0 {
			t.Errorf("%v counts days of no date", c)
		}
	}
}

// The table of the package documentation.
func ExampleDayCount() {
	for c := interest.Act365F; c.Valid(); c++ {
		fmt.Printf("%-12v %s %3d %3d days, %v\n", c, c.ISO(), c.Days(day("2027-02-01"), day("2027-03-01")),
			c.Days(day("2028-01-01"), day("2028-12-31")), c.Fraction(day("2028-01-01"), day("2028-12-31")))
	}
	// Output:
	// act_365f     A005  28 365 days, 1
	// act_360      A004  28 365 days, 73/72
	// act_act      A008  28 365 days, 365/366
	// 30e_360      A011  30 359 days, 359/360
	// 30e_360_eom  A013  30 359 days, 359/360
}
