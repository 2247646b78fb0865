package interest

import (
	"fmt"
	"iter"
	"time"

	"github.com/payrules/payrules/civil"
)

// Period says how often interest is capitalised: posted to the account, where it earns interest itself from then on. Periods
// end with the day, month, quarter, half-year or year of the calendar. There is no default: the zero value is refused.
type Period uint8

// The periods.
const (
	_          Period = iota
	Daily             // ends every day
	Monthly           // on the last day of each month
	Quarterly         // on 31 March, 30 June, 30 September and 31 December
	HalfYearly        // on 30 June and 31 December
	Yearly            // on 31 December
)

// ParsePeriod returns the period with this name: daily, monthly, quarterly, half_yearly or yearly. It returns an error that
// wraps ErrInvalid for any other.
func ParsePeriod(name string) (Period, error) {
	for p := Daily; p <= Yearly; p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("%w: period: want daily, monthly, quarterly, half_yearly or yearly", ErrInvalid)
}

// Valid reports whether p is one of the constants.
func (p Period) Valid() bool { return p >= Daily && p <= Yearly }

// String returns the name, such as "half_yearly"; "invalid" when p is none of the constants.
func (p Period) String() string {
	switch p {
	case Daily:
		return "daily"
	case Monthly:
		return "monthly"
	case Quarterly:
		return "quarterly"
	case HalfYearly:
		return "half_yearly"
	case Yearly:
		return "yearly"
	}
	return "invalid"
}

// MarshalText returns the name. It returns an error that wraps ErrInvalid if p is none of the constants.
func (p Period) MarshalText() ([]byte, error) {
	if !p.Valid() {
		return nil, fmt.Errorf("%w: period: none is set", ErrInvalid)
	}
	return []byte(p.String()), nil
}

// UnmarshalText is [ParsePeriod]. After an error p is unchanged.
func (p *Period) UnmarshalText(text []byte) error {
	parsed, err := ParsePeriod(string(text))
	if err == nil {
		*p = parsed
	}
	return err
}

// End returns the last day of the period that d is in. The next period begins on the day after. It returns no date if d or p is
// not valid.
func (p Period) End(d civil.Date) civil.Date {
	months := p.months()
	if !d.Valid() || months < 0 {
		return 0
	}
	if months == 0 {
		return d
	}
	year, month, _ := d.Date()
	last := (int(month)-1)/months*months + months
	end, err := civil.NewDate(year, time.Month(last), civil.DaysIn(year, time.Month(last)))
	if err != nil {
		panic("bug: interest: " + err.Error())
	}
	return end
}

// months is the length of a period; 0 for a day, -1 for no period.
func (p Period) months() int {
	switch p {
	case Daily:
		return 0
	case Monthly:
		return 1
	case Quarterly:
		return 3
	case HalfYearly:
		return 6
	case Yearly:
		return 12
	}
	return -1
}

// Periods cuts the days from one date up to another, which is not among them, where periods end. Each part is given as its
// first day, and the first day after it; so the parts join, and only the first and the last may be less than a period. There
// are none if to is not after from, or a date or p is not valid.
func (p Period) Periods(from, to civil.Date) iter.Seq2[civil.Date, civil.Date] {
	return func(yield func(from, to civil.Date) bool) {
		if !from.Valid() || !to.Valid() || !p.Valid() {
			return
		}
		for from < to {
			next := min(p.End(from)+1, to)
			if !yield(from, next) {
				return
			}
			from = next
		}
	}
}
