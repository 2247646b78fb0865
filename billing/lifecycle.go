package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// InvoiceStatus is what has become of an invoice.
type InvoiceStatus string

// The statuses of an invoice. None is final: a payment can be returned. A credit note is issued or sent.
const (
	StatusIssued        InvoiceStatus = "issued"         // and not sent yet
	StatusSent          InvoiceStatus = "sent"           // and nothing is paid
	StatusPartiallyPaid InvoiceStatus = "partially_paid" // or credited
	StatusCollecting    InvoiceStatus = "collecting"     // nothing is open, and a direct debit of it is not settled
	StatusPaid          InvoiceStatus = "paid"           // or credited, all of it
	StatusOverdue       InvoiceStatus = "overdue"        // something is open after the due date
)

// Standing is how an invoice stands at an instant.
type Standing struct {
	Status   InvoiceStatus
	Open     money.Amount // to be paid
	Sent     time.Time    // the zero time if it was not
	Reminded int          // the highest level that was reminded of
}

// Standing returns how an invoice or a credit note stands at an instant; ok is false if there is none of that number. It costs O(n) for n
// payments.
func (a *Account) Standing(number string, at time.Time) (s Standing, ok bool) {
	v := a.invoices[number]
	if v == nil {
		return s, false
	}
	s = Standing{Status: StatusIssued, Open: money.New(v.Open, v.Totals.Payable.Currency()), Sent: v.Sent, Reminded: v.Reminded}
	if !v.Sent.IsZero() {
		s.Status = StatusSent
	}
	switch {
	case v.Kind == CreditNote:
	case v.Open > 0 && !at.Before(v.OverdueFrom):
		s.Status = StatusOverdue
	case v.Open == 0 && a.isCollecting(number):
		s.Status = StatusCollecting
	case v.Open == 0:
		s.Status = StatusPaid
	case v.Open < v.Totals.Payable.Minor():
		s.Status = StatusPartiallyPaid
	}
	return s, true
}

func (a *Account) isCollecting(number string) bool {
	for _, p := range a.payments {
		if !p.Settled && p.Returned == nil && slices.ContainsFunc(p.Allocations, func(part Allocation) bool { return part.Number == number }) {
			return true
		}
	}
	return false
}

// unpaid are the invoices of which something is open, those due first in front.
func (a *Account) unpaid() []*invoice {
	if a.open == 0 {
		return nil
	}
	var open []*invoice
	for _, number := range a.issued {
		if v := a.invoices[number]; v.Open > 0 {
			open = append(open, v)
		}
	}
	slices.SortStableFunc(open, func(x, y *invoice) int { return int(x.DueOn) - int(y.DueOn) })
	return open
}

// overdueAt is what is overdue of invoices at an instant, and since when; 0 if nothing is.
func (a *Account) overdueAt(at time.Time) (minor int64, since civil.Date) {
	for _, v := range a.unpaid() {
		if !at.Before(v.OverdueFrom) {
			minor += v.Open
			if since == 0 || v.DueOn < since {
				since = v.DueOn
			}
		}
	}
	return minor, since
}

// MarkSent is the command that says that a document was sent to the customer: the answer of a mailer.
type MarkSent struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	Number string    `json:"number"`
}

// Remind is the command that finds out which invoices the customer is to be reminded of: of each that is overdue, once for each level. The
// reminders go out by the events of it.
type Remind struct {
	_ struct{} // disallow positional literals

	At    time.Time `json:"at"`
	After []int     `json:"after"` // the levels: after how many days, from the day after the due date on; rising, at most MaxLevels
}

// MaxLevels is how many levels of reminders there are at most.
const MaxLevels = 10

const maxReminder = 3650 // days

// InvoiceSent says that a document was sent to the customer.
type InvoiceSent struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	Number string    `json:"number"`
}

// EventType returns "billing.invoice_sent.v1".
func (InvoiceSent) EventType() string { return "billing.invoice_sent.v1" }

// ReminderDue says that the customer is to be reminded of an invoice.
type ReminderDue struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	Number string       `json:"number"`
	Level  int          `json:"level"` // from 1
	DueOn  civil.Date   `json:"due_on"`
	Open   money.Amount `json:"open"`
}

// EventType returns "billing.reminder_due.v1".
func (ReminderDue) EventType() string { return "billing.reminder_due.v1" }

// Decide returns an InvoiceSent or a Refusal, or nothing if it was sent before. It returns an error that wraps ErrInvalid if a field is
// malformed.
func (c MarkSent) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.begin(c.At); err != nil {
		return nil, err
	}
	if len(c.Number) > maxNumberBytes {
		return nil, fmt.Errorf("%w number: more than %d bytes", ErrInvalid, maxNumberBytes)
	}
	switch v := a.invoices[c.Number]; {
	case v == nil:
		j.refuse(Cause{Reason: InvoiceNotFound, Number: c.Number})
		return j.refusal("mark_sent", ""), nil
	case !v.Sent.IsZero():
		return nil, nil
	}
	return []event.Data{InvoiceSent{At: j.at, Number: c.Number}}, nil
}

// Decide returns a ReminderDue for each invoice that has reached another level. It returns an error that wraps ErrInvalid if the levels
// are malformed.
func (c Remind) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.begin(c.At); err != nil {
		return nil, err
	}
	if n := len(c.After); n == 0 || n > MaxLevels || c.After[0] < 0 || c.After[n-1] > maxReminder || !slices.IsSorted(c.After) {
		return nil, fmt.Errorf("%w after: want 1 to %d numbers of days, rising, up to %d", ErrInvalid, MaxLevels, maxReminder)
	}
	var due []event.Data
	for _, v := range a.unpaid() {
		zone, err := zoneOf(v.Zone)
		if err != nil {
			return nil, err
		}
		level := 0
		for _, days := range c.After {
			if !j.at.Before(v.DueOn.AddDays(1 + days).Start(zone)) {
				level++
			}
		}
		if level > v.Reminded {
			due = append(due, ReminderDue{At: j.at, Number: v.Number, Level: level, DueOn: v.DueOn, Open: money.New(v.Open, a.contract.Currency)})
		}
	}
	return due, nil
}

// Result reads the decision back. Of nothing, since it was sent before, it is not accepted, and has no causes.
func (MarkSent) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result returns the reminders that are due.
func (Remind) Result(decided []event.Data) []ReminderDue {
	var due []ReminderDue
	for _, d := range decided {
		if e, is := d.(ReminderDue); is {
			due = append(due, e)
		}
	}
	return due
}

func (a *Account) applySent(e InvoiceSent) error {
	v := a.invoices[e.Number]
	if v == nil || !v.Sent.IsZero() {
		return fmt.Errorf("invoice %q is not there, or was sent", e.Number)
	}
	v.Sent = e.At
	return a.tick(e.At)
}

func (a *Account) applyReminder(e ReminderDue) error {
	v := a.invoices[e.Number]
	if v == nil || e.Level <= v.Reminded || e.Level > MaxLevels {
		return fmt.Errorf("invoice %q is not there, or its reminder was", e.Number)
	}
	v.Reminded = e.Level
	return a.tick(e.At)
}
