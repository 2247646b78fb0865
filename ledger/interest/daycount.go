package interest

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// DayCount says how long a span of days is as a part of a year. There is no default: the zero value is refused.
//
// Each is a difference of two readings of one day number, so that the parts of a span always sum up to the whole:
// Days(a, b) + Days(b, c) = Days(a, c). That rules out 30/360 US ("Bond Basis"), where what the end of a span counts as depends
// on its beginning.
type DayCount uint8

// The day counts, with their paragraph of the 2006 ISDA Definitions, section 4.16, and their code in ISO 20022
// (InterestComputationMethod2Code). Practice calls [Thirty360E] A007 as well, but what ISO says of A007 is ISDA's 30E/360
// (ISDA), which stretches February and depends on a date of maturity; A011 is what has this formula.
const (
	_ DayCount = iota

	// Act365F is days over 365, in leap years too: Actual/365 (Fixed), 4.16(d), A005.
	Act365F

	// Act360 is days over 360, as on the money market of the euro: Actual/360, 4.16(e), A004.
	Act360

	// ActAct is days of leap years over 366, and other days over 365: Actual/Actual (ISDA), 4.16(b), A008.
	ActAct

	// Thirty360E takes every month for 30 days, and a year for 360. A 31st is a 30th; the end of February is what it is: 30E/360,
	// Eurobond Basis, 4.16(g), A011. So the balance of 28 February earns for three days, or two in front of a 29th, and that of a
	// 30th before a 31st for none.
	Thirty360E

	// Thirty360EOM is Thirty360E where the last day of February is a 30th as well: 30E/360 (ISDA) without a date of maturity,
	// 4.16(h), A013. Every month earns 30 days.
	Thirty360EOM
)

// Time is counted in ticks: the largest part of a year of which one day of every day count is a whole number.
const (
	ticksYear    = 8 * 9 * 5 * 61 * 73 // 1,603,080: the least common multiple of 360, 365 and 366
	ticksOf360th = ticksYear / 360
	ticksOf365th = ticksYear / 365
	ticksOf366th = ticksYear / 366
)

// ParseDayCount returns the day count with this name: act_365f, act_360, act_act, 30e_360 or 30e_360_eom. It returns an error
// that wraps ErrInvalid for any other.
func ParseDayCount(name string) (DayCount, error) {
	for c := Act365F; c <= Thirty360EOM; c++ {
		if c.String() == name {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%w: day count: want act_365f, act_360, act_act, 30e_360 or 30e_360_eom", ErrInvalid)
}

// Valid reports whether c is one of the constants.
func (c DayCount) Valid() bool { return c >= Act365F && c <= Thirty360EOM }

// String returns the name, such as "act_365f"; "invalid" when c is none of the constants.
func (c DayCount) String() string {
	switch c {
	case Act365F:
		return "act_365f"
	case Act360:
		return "act_360"
	case ActAct:
		return "act_act"
	case Thirty360E:
		return "30e_360"
	case Thirty360EOM:
		return "30e_360_eom"
	}
	return "invalid"
}

// ISO returns the code in ISO 20022, such as "A005"; "" when c is none of the constants.
func (c DayCount) ISO() string {
	switch c {
	case Act365F:
		return "A005"
	case Act360:
		return "A004"
	case ActAct:
		return "A008"
	case Thirty360E:
		return "A011"
	case Thirty360EOM:
		return "A013"
	}
	return ""
}

// MarshalText returns the name. It returns an error that wraps ErrInvalid if c is none of the constants.
func (c DayCount) MarshalText() ([]byte, error) {
	if !c.Valid() {
		return nil, fmt.Errorf("%w: day count: none is set", ErrInvalid)
	}
	return []byte(c.String()), nil
}

// UnmarshalText is [ParseDayCount]. After an error c is unchanged.
func (c *DayCount) UnmarshalText(text []byte) error {
	parsed, err := ParseDayCount(string(text))
	if err == nil {
		*c = parsed
	}
	return err
}

// Days returns how many days count from one date to another: to itself is not counted. It is negative when to is before from,
// and 0 when a date or c is not valid.
func (c DayCount) Days(from, to civil.Date) int {
	if !from.Valid() || !to.Valid() {
		return 0
	}
	switch c {
	case Act365F, Act360, ActAct:
		return to.Sub(from)
	case Thirty360E, Thirty360EOM:
		return int((c.ticks(to) - c.ticks(from)) / ticksOf360th)
	}
	return 0
}

// Fraction returns the part of a year from one date to another, exactly: the day count fraction. It is 0 when a date or c is
// not valid.
func (c DayCount) Fraction(from, to civil.Date) money.Rate {
	if !from.Valid() || !to.Valid() {
		return money.Rate{}
	}
	fraction, err := money.NewRate(c.ticks(to)-c.ticks(from), ticksYear)
	if err != nil {
		panic("bug: interest: " + err.Error())
	}
	return fraction
}

// ticks returns the number of a valid day, in ticks. Only differences mean something. It never decreases from day to day.
func (c DayCount) ticks(d civil.Date) int64 {
	switch c {
	case Act365F:
		return int64(d) * ticksOf365th
	case Act360:
		return int64(d) * ticksOf360th
	case ActAct:
		leap := leapDays(d)
		return leap*ticksOf366th + (int64(d)-1-leap)*ticksOf365th
	case Thirty360E, Thirty360EOM:
		year, month, day := d.Date()
		if c == Thirty360EOM && month == time.February && d == d.EndOfMonth() {
			day = 30
		}
		return (360*int64(year) + 30*int64(month) + int64(min(day, 30))) * ticksOf360th
	}
	return 0
}

// leapDays counts the days of leap years before d.
func leapDays(d civil.Date) int64 {
	year := int64(d.Year())
	before := year - 1 // the years that are over
	days := 366 * (before/4 - before/100 + before/400)
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		start := before*365 + before/4 - before/100 + before/400 + 1
		days += int64(d) - start
	}
	return days
}
