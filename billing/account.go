package billing

import (
	"iter"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
)

// Bounds of an account.
const (
	MaxUnbilled = 100_000 // purchases that wait to be billed
	MaxRefunds  = 1_000   // of one purchase
	MaxMandates = 32      // of which the account keeps a copy though the contract does not name them, or not yet
)

// Account is what is bought under one contract and is still to be paid. Make it with [NewAccount]; it changes by [Account.Apply]
// alone. It is not safe for concurrent use.
type Account struct {
	id    string
	clock int64 // the latest instant at which anything was done, in microseconds

	contract *contract.View      // as far as it is known; nil if not at all
	missing  gaps                // of its revisions
	mandates map[string]*mandate // by their id
	taken    uint64              // updates of mandates

	overdue      money.Amount // the zero Amount: nothing is
	overdueSince civil.Date
	closed       civil.Date  // the last day that is closed for billing
	closedUntil  int64       // where the day after it begins, in microseconds
	meter        *cap.Meter  // of the spending caps beside the contract's; nil if there are none
	policy       *cap.Policy // that it was made with

	operations map[string]*purchase
	taxed      map[VAT]int       // how many unbilled orders and charges are taxed so
	accepted   uint64            // how many were, ever
	unbilled   []string          // the ids of those that wait to be billed, as they were accepted
	refundOf   map[string]string // a refund's id to that of its purchase
	uncredited []claimedRefund   // refunds of purchases that are billed, which no credit note has yet, as they were accepted
	added      map[string]*Added // charges and allowances
	waiting    []string          // the ids of those that wait to be billed, as they were added
	periods    []Period          // that were billed
	invoices   map[string]*invoice
	issued     []string // their numbers, in the order of issue
	payments   map[string]*payment
	returns    map[string]string // a return's id to that of its payment
	collected  []*payment        // the direct debits among them that were not final when the account last changed

	books
}

// purchase is an operation that was accepted, and what was given back of it.
type purchase struct {
	Operation Operation        `json:"operation"`
	At        time.Time        `json:"at"` // when it was accepted
	Figures   Figures          `json:"figures"`
	Refunds   []acceptedRefund `json:"refunds,omitempty"`
	Invoice   string           `json:"invoice,omitempty"` // that bills it
	Place     uint64           `json:"place"`             // among all that were accepted

	back []orderBack // by order; adds up Refunds
}

// acceptedRefund is a refund, and the invoice or credit note that has it; "" as long as none has.
type acceptedRefund struct {
	RefundAccepted
	Document string `json:"document,omitempty"`
	Kept     int64  `json:"kept,omitempty"` // that the allowances of the purchase's invoice take off it, with tax
}

// counts is what it takes off the exposure as long as no document has it.
func (r *acceptedRefund) counts() int64 { return r.Totals.Gross.Minor() - r.Kept }

// on is when it was bought.
func (p *purchase) on() time.Time {
	if p.Operation.At.IsZero() {
		return p.At
	}
	return p.Operation.At
}

// NewAccount returns the account of a contract of which nothing is known yet.
func NewAccount(contractID string) *Account {
	return &Account{
		id: contractID, mandates: map[string]*mandate{}, operations: map[string]*purchase{}, refundOf: map[string]string{},
		invoices: map[string]*invoice{}, payments: map[string]*payment{}, returns: map[string]string{}, taxed: map[VAT]int{},
		added: map[string]*Added{},
	}
}

// ID returns the id of the contract, which is the account's.
func (a *Account) ID() string { return a.id }

// Contract returns the copy of the contract that the account goes by; ok is false if there is none yet. It must not be changed.
func (a *Account) Contract() (view contract.View, ok bool) {
	if a.contract == nil {
		return contract.View{}, false
	}
	return *a.contract, true
}

// Mandate returns the copy of a mandate that the account goes by; ok is false if there is none. It must not be changed.
func (a *Account) Mandate(id string) (view contract.MandateView, ok bool) {
	m := a.mandates[id]
	if m == nil {
		return contract.MandateView{}, false
	}
	return m.view, true
}

// Missing returns the revisions of the contract that have not arrived though later ones have. Nothing is lost by that, since each
// update says all that is in force; but somebody should know.
func (a *Account) Missing() []Revisions { return a.missing.list() }

// MissingOf is [Account.Missing] of a mandate.
func (a *Account) MissingOf(mandate string) []Revisions {
	if m := a.mandates[mandate]; m != nil {
		return m.missing.list()
	}
	return nil
}

// Exposure is what an account owes, or will, with tax. The zero value is that of an account without a contract.
type Exposure struct {
	Purchases money.Amount // accepted, and not billed
	Refunds   money.Amount // accepted, and not billed; of whatever purchases, less what allowances of their invoices take off
	Charges   money.Amount // added, and not billed; allowances only count once they are billed
	Open      money.Amount // what is to be paid of invoices
	Collected money.Amount // by direct debits that are not final
	Credit    money.Amount // what the customer has paid too much, or gets back; below zero if he has used it, and the payment was returned
	Total     money.Amount // what counts against the limit
}

// Exposure returns what counts against the contract's limit at an instant; of one before the account's last, at that. It costs O(n) for n
// direct debits that are not final.
func (a *Account) Exposure(at time.Time) Exposure {
	if a.contract == nil {
		return Exposure{}
	}
	if last := money.FromUnixMicro(a.clock); at.Before(last) {
		at = last
	}
	c := a.contract.Currency
	return Exposure{
		Purchases: money.New(a.purchases, c), Refunds: money.New(a.refunds, c), Charges: money.New(a.charges, c), Open: money.New(a.open, c),
		Collected: money.New(a.collecting(at), c), Credit: money.New(a.credit, c), Total: a.exposureAt(at),
	}
}

// Purchase is an [Operation] that the account has accepted, and what was given back of it.
type Purchase struct {
	Operation Operation // with our totals; shared, and must not be changed
	At        time.Time // when it was accepted
	On        time.Time // when it was bought
	Refunds   []RefundAccepted
	Left      money.Amount // with tax, after the refunds
	Invoice   string       // the number of the invoice that bills it; "" as long as none does
}

// Purchase returns a purchase that was accepted; ok is false if there is none of that id.
func (a *Account) Purchase(id string) (found Purchase, ok bool) {
	p := a.operations[id]
	if p == nil {
		return Purchase{}, false
	}
	return p.read(), true
}

// Unbilled yields the purchases that are not billed, in the order in which they were accepted. The account must not change
// meanwhile.
func (a *Account) Unbilled() iter.Seq[Purchase] {
	return func(yield func(Purchase) bool) {
		for _, id := range a.unbilled {
			if !yield(a.operations[id].read()) {
				return
			}
		}
	}
}

func (p *purchase) read() Purchase {
	left := p.Operation.Totals.Gross.Minor() - p.refunded()
	refunds := make([]RefundAccepted, len(p.Refunds))
	for i := range p.Refunds {
		refunds[i] = p.Refunds[i].RefundAccepted
	}
	return Purchase{
		Operation: p.Operation, At: p.At, On: p.on(), Refunds: refunds, Left: money.New(left, p.Operation.Currency), Invoice: p.Invoice,
	}
}

// refunded is what was given back of a purchase, with tax.
func (p *purchase) refunded() (minor int64) {
	for i := range p.back {
		for _, l := range p.back[i].items {
			minor += l.net
		}
		for _, t := range p.back[i].taxes {
			minor += t.tax
		}
	}
	return minor
}
