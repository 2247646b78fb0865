package sepa

import (
	"cmp"
	"fmt"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
)

// DefaultNotice is how many calendar days before the due date a debtor is told of a collection unless another term was agreed.
const DefaultNotice = 14

// MaxNotice and MaxLead are how many days a Notice has at most.
const (
	MaxNotice = 366 // calendar days
	MaxLead   = 14  // TARGET days
)

// Notice is what the due date of a collection follows from.
type Notice struct {
	_ struct{} // disallow positional literals

	On    civil.Date // the day on which the debtor was told the amount and the date
	Today civil.Date // the first day on which the message can be handed to the bank: now, in its zone, after its cut-off
	Days  int        // from On to the due date, in calendar days: DefaultNotice if it is 0, or as agreed with the debtor
	Lead  int        // from handing in to the due date, in TARGET days: 1 if it is 0, as the schemes have it
}

// DueDate returns the first TARGET day on which a collection can be due: not before the notice is over, and not so soon that the
// message would be late. A day on which the bank is closed counts as the next one on which it is open.
//
// DueDate returns an error that wraps [ErrInvalid] if:
//   - On or Today is not a date;
//   - Days is not from 0 to MaxNotice, or Lead not from 0 to MaxLead;
//   - the date would be after the year 9999.
func DueDate(n *Notice) (civil.Date, error) {
	days, lead := cmp.Or(n.Days, DefaultNotice), cmp.Or(n.Lead, 1)
	switch {
	case !n.On.Valid():
		return 0, invalid("on", "no date")
	case !n.Today.Valid():
		return 0, invalid("today", "no date")
	case days < 0 || days > MaxNotice:
		return 0, invalid("days", fmt.Sprintf("want 0 to %d", MaxNotice))
	case lead < 0 || lead > MaxLead:
		return 0, invalid("lead", fmt.Sprintf("want 0 to %d", MaxLead))
	}
	told, handed := TargetDayFrom(n.On.AddDays(days)), AddTargetDays(TargetDayFrom(n.Today), lead)
	if !told.Valid() || !handed.Valid() {
		return 0, invalid("due", "after the year 9999")
	}
	return max(told, handed), nil
}

// Deadlines are the last days of what can happen to a collection. The days of Return are TARGET days after the due date; banks may
// agree on others.
type Deadlines struct {
	Submit civil.Date // of handing the message to the bank: D-1
	Return civil.Date // of a return by the debtor's bank: D+5 under CORE, D+3 under B2B
	Refund civil.Date // of a refund that the debtor need not justify: 8 weeks after D under CORE; none under B2B
	Claim  civil.Date // of a refund of what was not authorised: 13 months after D under CORE; none under B2B
}

// DeadlinesOf returns the deadlines of a collection; none if the date is not valid or the scheme none. So under CORE nothing is
// final before Claim, and not likely to come back after Refund; under B2B a collection is final after Return.
func DeadlinesOf(due civil.Date, scheme contract.Scheme) Deadlines {
	if !due.Valid() || !scheme.Valid() {
		return Deadlines{}
	}
	d := Deadlines{Submit: PreviousTargetDay(due), Return: AddTargetDays(due, 3)}
	if scheme == contract.Core {
		d.Return, d.Refund, d.Claim = AddTargetDays(due, 5), due.AddDays(8*7), due.AddMonths(13)
	}
	return d
}
