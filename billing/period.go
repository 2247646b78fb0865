package billing

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
)

// Period is a civil month that is billed, and the instants that it has: those from Start on, and not End.
type Period struct {
	From    civil.Date `json:"from"`    // the first day
	Through civil.Date `json:"through"` // the last day
	Start   time.Time  `json:"start"`
	End     time.Time  `json:"end"`
}

// has reports whether an instant is in the period.
func (p Period) has(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// periodOf returns the period that an instant is in: that of its month, or where contracts moved between zones, of the one before or after.
func (a *Account) periodOf(t time.Time, zone *time.Location) (Period, error) {
	day := civil.DateOf(t, zone)
	for range 3 {
		p, err := a.MonthOf(day)
		switch {
		case err != nil || p.has(t):
			return p, err
		case t.Before(p.Start):
			day = p.From.AddDays(-1)
		default:
			day = p.Through.AddDays(1)
		}
	}
	return Period{}, fmt.Errorf("billing: bug: %s is in no period", t)
}

// zoneOf loads the time zone of a contract, or of an invoice, which has that of its contract.
func zoneOf(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("billing: time zone of the contract: %w", err)
	}
	return zone, nil
}

// MonthOf returns the period of the month that a day is in, in the zone of the account's contract. It begins where the month before ends, if
// that was billed: so an operation is in exactly one period, also of a contract that moves to another zone.
//
// Returns an error if the day is no date (ErrInvalid), the account knows no contract (ErrInvalid), or this machine does not know the zone.
func (a *Account) MonthOf(day civil.Date) (Period, error) {
	if !day.Valid() || !day.EndOfMonth().AddDays(1).Valid() {
		return Period{}, fmt.Errorf("%w period: no date", ErrInvalid)
	}
	if a.contract == nil {
		return Period{}, fmt.Errorf("%w period: the contract is not known", ErrInvalid)
	}
	from := day.AddDays(1 - day.Day())
	for _, p := range a.periods {
		if p.From == from {
			return p, nil
		}
	}
	zone, err := zoneOf(a.contract.Zone)
	if err != nil {
		return Period{}, err
	}
	p := Period{From: from, Through: day.EndOfMonth()}
	p.Start, p.End = p.From.Start(zone).UTC(), p.Through.AddDays(1).Start(zone).UTC()
	for _, other := range a.periods {
		switch {
		case other.Through.AddDays(1) == p.From:
			p.Start = other.End
		case p.Through.AddDays(1) == other.From:
			p.End = other.Start
		}
	}
	return p, nil
}
