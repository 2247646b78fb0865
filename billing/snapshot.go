package billing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/internal/packed"
	"github.com/payrules/payrules/money"
)

// Schema names the form of an account's snapshot.
const Schema = "billing.1"

// snapshot is the form of an account in MarshalBinary: see package packed.
type snapshot struct {
	ID           string         `json:"id"`
	Clock        int64          `json:"clock"`
	Contract     *contract.View `json:"contract,omitempty"`
	Missing      gaps           `json:"missing,omitempty"`
	Mandates     []mandateState `json:"mandates,omitempty"`
	Overdue      money.Amount   `json:"overdue,omitzero"`
	OverdueSince civil.Date     `json:"overdue_since,omitzero"`
	Closed       civil.Date     `json:"closed,omitzero"`
	ClosedUntil  int64          `json:"closed_until,omitzero"`
	Policy       *cap.Policy    `json:"policy,omitempty"`
	Meter        []byte         `json:"meter,omitempty"`      // made with the policy
	Operations   []*purchase    `json:"operations,omitempty"` // those to be billed, as they were accepted; and then the others
	Charges      []*Added       `json:"charges,omitempty"`    // those to be billed, as they were added; and then the others, by invoice
	Periods      []Period       `json:"periods,omitempty"`
	Invoices     []*invoice     `json:"invoices,omitempty"` // as they were issued
	Payments     []*payment     `json:"payments,omitempty"`
	Credit       int64          `json:"credit,omitzero"`
}

type mandateState struct {
	View    contract.MandateView `json:"view"`
	Missing gaps                 `json:"missing,omitempty"`
	Taken   uint64               `json:"taken"`
}

// MarshalBinary returns the account as UnmarshalBinary reads it: a cache of its events, whose form may change with any version of the
// library. It costs O(n) for n purchases.
func (a *Account) MarshalBinary() ([]byte, error) {
	s := snapshot{
		ID: a.id, Clock: a.clock, Contract: a.contract, Missing: a.missing,
		Overdue: a.overdue, OverdueSince: a.overdueSince, Closed: a.closed, ClosedUntil: a.closedUntil,
		Periods: a.periods, Credit: a.credit,
	}
	for _, id := range slices.Sorted(maps.Keys(a.mandates)) {
		m := a.mandates[id]
		s.Mandates = append(s.Mandates, mandateState{m.view, m.missing, m.taken})
	}
	for _, id := range a.unbilled {
		s.Operations = append(s.Operations, a.operations[id])
	}
	for _, id := range slices.Sorted(maps.Keys(a.operations)) {
		if p := a.operations[id]; p.Invoice != "" {
			s.Operations = append(s.Operations, p)
		}
	}
	for _, id := range a.waiting {
		s.Charges = append(s.Charges, a.added[id])
	}
	for _, number := range a.issued {
		v := a.invoices[number]
		s.Invoices = append(s.Invoices, v)
		for _, id := range v.charges {
			s.Charges = append(s.Charges, a.added[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.payments)) {
		s.Payments = append(s.Payments, a.payments[id])
	}
	if a.meter != nil {
		meter, err := a.meter.MarshalBinary()
		if err != nil {
			return nil, err
		}
		s.Policy, s.Meter = a.policy, meter
	}
	return packed.Marshal(s)
}

// UnmarshalBinary makes the account what MarshalBinary wrote. After an error it is as it was.
//
// Returns an error that wraps ErrCorrupt if data is not of that form, is of another account, or contradicts itself.
func (a *Account) UnmarshalBinary(data []byte) error {
	b, err := readSnapshot(a.id, data)
	if err != nil {
		return fmt.Errorf("%w: snapshot of account %q: %w", ErrCorrupt, a.id, err)
	}
	*a = *b
	return nil
}

func readSnapshot(id string, data []byte) (*Account, error) {
	var s snapshot
	if err := packed.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if s.ID != id || s.Clock < 0 {
		return nil, fmt.Errorf("it is of %q", s.ID)
	}
	a := NewAccount(id)
	a.missing, a.overdue, a.overdueSince, a.closed, a.closedUntil = s.Missing, s.Overdue, s.OverdueSince, s.Closed, s.ClosedUntil
	if s.Contract != nil {
		if err := s.Contract.Validate(); err != nil {
			return nil, err
		}
		a.contract = s.Contract
	}
	for _, m := range s.Mandates {
		if err := m.View.Validate(); err != nil {
			return nil, err
		}
		a.mandates[m.View.Mandate] = &mandate{m.View, m.Missing, m.Taken}
		a.taken = max(a.taken, m.Taken)
	}
	for _, v := range s.Invoices {
		if err := a.restoreInvoice(v); err != nil {
			return nil, err
		}
	}
	if err := a.restoreCharges(s.Charges); err != nil {
		return nil, err
	}
	for _, p := range s.Payments {
		if err := a.restorePayment(p, money.FromUnixMicro(s.Clock)); err != nil {
			return nil, err
		}
	}
	for _, p := range s.Operations {
		if err := a.restorePurchase(p); err != nil {
			return nil, err
		}
	}
	a.periods, a.credit, a.clock = s.Periods, s.Credit, s.Clock
	if s.Policy != nil {
		a.meter, a.policy = cap.NewMeter(s.Policy), s.Policy
		return a, a.meter.UnmarshalBinary(s.Meter)
	}
	return a, nil
}

func (a *Account) restoreInvoice(v *invoice) error {
	if v == nil || len(v.Back) != len(v.Taxes) || v.Open < 0 || a.invoices[v.Number] != nil {
		return fmt.Errorf("an invoice contradicts itself")
	}
	v.place = len(a.issued)
	a.invoices[v.Number] = v
	a.issued = append(a.issued, v.Number)
	a.open += v.Open
	return nil
}

// restoreCharges takes up charges, and what invoices have of them.
func (a *Account) restoreCharges(all []*Added) error {
	for _, c := range all {
		if c == nil || a.added[c.ID] != nil {
			return fmt.Errorf("a charge contradicts itself")
		}
		if err := a.addCharge(c); err != nil {
			return err
		}
	}
	for _, v := range a.invoices {
		weigh(v.Back, v.Taxes, a.chargesOf(v))
	}
	return nil
}

// restorePayment takes up a payment, as it is at the instant of the snapshot.
func (a *Account) restorePayment(p *payment, at time.Time) error {
	if p == nil || a.payments[p.ID] != nil {
		return fmt.Errorf("a payment contradicts itself")
	}
	a.payments[p.ID] = p
	if slices.ContainsFunc(p.Allocations, func(part Allocation) bool { return a.invoices[part.Number] == nil }) {
		return fmt.Errorf("payment %q is of no invoice", p.ID)
	}
	if p.Returned != nil {
		a.returns[p.Returned.ID] = p.ID
	}
	if p.pending(at) {
		a.collected = append(a.collected, p)
	}
	return nil
}

// restorePurchase takes up a purchase and its refunds. Spending caps have them already.
func (a *Account) restorePurchase(p *purchase) error {
	if p == nil || a.contract == nil || p.Operation.Currency != a.contract.Currency || !isReckoned(&p.Operation) ||
		a.operations[p.Operation.ID] != nil || p.Invoice != "" && a.invoices[p.Invoice] == nil {
		return fmt.Errorf("a purchase contradicts itself")
	}
	p.back = newBack(&p.Operation)
	a.accepted = max(a.accepted, p.Place)
	a.operations[p.Operation.ID] = p
	if p.Invoice == "" {
		a.unbilled = append(a.unbilled, p.Operation.ID)
		a.countTaxes(&p.Operation, 1)
		a.purchases += p.Operation.Totals.Gross.Minor()
	}
	for i := range p.Refunds {
		r := &p.Refunds[i]
		t := newTaker(p, p.back)
		if r.Of != p.Operation.ID || a.refundOf[r.ID] != "" || !t.putAll(&r.RefundAccepted) {
			return fmt.Errorf("refund %q contradicts its purchase", r.ID)
		}
		a.refundOf[r.ID] = r.Of
		if r.Document != "" {
			continue
		}
		if v := a.invoices[p.Invoice]; v != nil {
			a.uncredited = append(a.uncredited, claimedRefund{p, i})
			keep(v.Back, v.Taxes, &r.RefundAccepted)
		}
		if r.Kept < 0 || r.counts() < 0 || r.Kept > 0 && p.Invoice == "" {
			return fmt.Errorf("refund %q keeps more than it gives back", r.ID)
		}
		a.refunds += r.counts()
	}
	return nil
}

// Clone returns a copy that shares nothing that changes.
func (a *Account) Clone() *Account {
	b := *a
	b.missing = a.missing.list()
	b.mandates = make(map[string]*mandate, len(a.mandates))
	for id, m := range a.mandates {
		b.mandates[id] = &mandate{m.view, m.missing.list(), m.taken}
	}
	b.operations = make(map[string]*purchase, len(a.operations))
	for id, p := range a.operations {
		q := *p
		q.back, q.Refunds = cloneBack(p.back), slices.Clone(p.Refunds)
		b.operations[id] = &q
	}
	b.invoices = make(map[string]*invoice, len(a.invoices))
	for number, v := range a.invoices {
		w := *v
		w.Back = slices.Clone(v.Back)
		b.invoices[number] = &w
	}
	b.added, b.waiting = make(map[string]*Added, len(a.added)), slices.Clone(a.waiting)
	for id, c := range a.added {
		d := *c
		b.added[id] = &d
	}
	b.uncredited = slices.Clone(a.uncredited)
	for i := range b.uncredited {
		b.uncredited[i].of = b.operations[b.uncredited[i].of.Operation.ID]
	}
	b.payments = make(map[string]*payment, len(a.payments))
	for id, p := range a.payments {
		q := *p
		b.payments[id] = &q
	}
	b.collected = slices.Clone(a.collected)
	for i := range b.collected {
		b.collected[i] = b.payments[b.collected[i].ID]
	}
	b.returns, b.taxed = maps.Clone(a.returns), maps.Clone(a.taxed)
	b.periods, b.issued = slices.Clone(a.periods), slices.Clone(a.issued)
	b.unbilled = slices.Clone(a.unbilled)
	b.refundOf = maps.Clone(a.refundOf)
	if a.meter != nil {
		b.meter = a.meter.Clone()
	}
	return &b
}
