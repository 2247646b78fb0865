package einvoice

import (
	"fmt"
	"math/big"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/money"
)

// Bounds of an invoice.
const (
	MaxLines   = 1_000_000 // of an invoice
	MaxCharges = 1_000     // charges and allowances of the whole document
)

// Check says whether an invoice adds up: its lines, charges, taxes and totals. It asks nothing of parties, dates and texts, so drafts can be
// checked, and invoices of others as far as their figures are known.
//
// The tax of a category must be that of its base to the cent, rounded half away from zero; the rule's published test lets a whole unit
// pass. That of a credit note may be one minor unit away: credit notes take what remains of their invoice, which was rounded once.
//
// Check returns an [*Error] with the first rule that is broken:
//   - BR-05: there is no currency, or an amount is in another one;
//   - BR-16: there is no line; and bounds: there are more than MaxLines, MaxCharges or billing.MaxTaxes;
//   - BT-131: a line's amount is not its quantity times its price less its allowance, rounded once, half away from zero; of a line without
//     a quantity that is not known;
//   - BR-CO-10 to BR-CO-17: a total or a tax is not what it is the sum of;
//   - BR-CO-18, BR-S-08 and its like of other categories: what is taxed alike is not once, or with another sum, among the taxes;
//   - BR-S-05 and its like: a rate is not one that its category can have.
//
// It costs O(n) for n lines.
func Check(v *billing.Invoice) error {
	if err := checkForm(v); err != nil {
		return err
	}
	s := sums{v: v, zero: money.New(0, v.Currency), bases: make(map[billing.VAT]money.Amount, len(v.Taxes))}
	s.lines, s.allowances, s.charges = s.zero, s.zero, s.zero
	for i := range v.Lines {
		l, field := &v.Lines[i], fmt.Sprintf("lines[%d]", i)
		if err := s.add(field, &s.lines, l.Net, l.VAT, false); err != nil {
			return err
		}
		if err := checkNet(field, l); err != nil {
			return err
		}
	}
	for i, c := range v.Charges {
		of := &s.charges
		if c.Allowance {
			of = &s.allowances
		}
		if err := s.add(fmt.Sprintf("charges[%d]", i), of, c.Net, c.VAT, c.Allowance); err != nil {
			return err
		}
	}
	tax, err := s.checkTaxes()
	if err != nil {
		return err
	}
	return s.checkTotals(tax)
}

// checkForm looks at what does not need sums.
func checkForm(v *billing.Invoice) error {
	switch {
	case !v.Currency.Valid():
		return broken("BR-05", "currency", "there is none")
	case len(v.Lines) == 0:
		return broken("BR-16", "lines", "there is none")
	case len(v.Lines) > MaxLines:
		return broken("BG-25", "lines", "%d of them, want %d at most", len(v.Lines), MaxLines)
	case len(v.Charges) > MaxCharges:
		return broken("BG-20", "charges", "%d of them, want %d at most", len(v.Charges), MaxCharges)
	case len(v.Taxes) > billing.MaxTaxes:
		return broken("BG-23", "taxes", "%d of them, want %d at most", len(v.Taxes), billing.MaxTaxes)
	}
	t := &v.Totals
	for _, f := range [...]struct {
		name     string
		a        money.Amount
		optional bool
	}{
		{"lines", t.Lines, false}, {"allowances", t.Allowances, true}, {"charges", t.Charges, true}, {"net", t.Net, false},
		{"tax", t.Tax, false}, {"gross", t.Gross, false}, {"prepaid", t.Prepaid, true}, {"rounding", t.Rounding, true},
		{"payable", t.Payable, false},
	} {
		if f.a.Currency() != v.Currency && (!f.optional || f.a != money.Amount{}) {
			return broken("BR-05", "totals."+f.name, "it is not in %s", v.Currency)
		}
	}
	return nil
}

// sums adds an invoice up anew.
type sums struct {
	v                          *billing.Invoice
	zero                       money.Amount
	lines, allowances, charges money.Amount
	bases                      map[billing.VAT]money.Amount
}

// add adds a net amount to its total, and to what is taxed alike.
func (s *sums) add(field string, to *money.Amount, net money.Amount, vat billing.VAT, allowance bool) error {
	if net.Currency() != s.v.Currency {
		return broken("BR-05", field+".net", "it is not in %s", s.v.Currency)
	}
	if err := checkRate(field, vat); err != nil {
		return err
	}
	sum, err := to.Add(net)
	if err != nil {
		return broken("BR-CO-10", field+".net", "the sum is out of range")
	}
	*to = sum
	base, had := s.bases[vat]
	if !had {
		base = s.zero
	}
	if allowance {
		base, err = base.Sub(net)
	} else {
		base, err = base.Add(net)
	}
	if err != nil {
		return broken(rule(vat.Category, "08"), field+".net", "the sum is out of range")
	}
	s.bases[vat] = base
	return nil
}

// checkNet looks at the figures of a line by itself.
func checkNet(field string, l *billing.InvoiceLine) error {
	switch want, ok := net(l); {
	case isForeign(l.Allowance, l.Net):
		return broken("BR-05", field+".allowance", "it is not in the currency of the invoice")
	case isForeign(l.EcoParticipation, l.Net):
		return broken("BR-05", field+".eco_participation", "it is not in the currency of the invoice")
	case l.Quantity != 0 && (!ok || want != l.Net):
		return broken("BT-131", field+".net", "it is not the quantity times the price less the allowance")
	}
	return nil
}

func isForeign(a, net money.Amount) bool {
	return a != (money.Amount{}) && a.Currency() != net.Currency()
}

// net is what a line comes to: quantity times price, rounded once, half away from zero, less the allowance.
func net(l *billing.InvoiceLine) (money.Amount, bool) {
	const millionths = 6
	c := l.Net.Currency()
	n := new(big.Int).Mul(big.NewInt(int64(l.Quantity)), big.NewInt(int64(l.UnitPrice)))
	by := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(2*millionths-c.MinorUnits())), nil)
	half := new(big.Int).Rsh(by, 1)
	if n.Sign() < 0 {
		half.Neg(half)
	}
	if n.Add(n, half).Quo(n, by); !n.IsInt64() {
		return money.Amount{}, false
	}
	a := money.New(n.Int64(), c)
	if l.Allowance == (money.Amount{}) {
		return a, true
	}
	a, err := a.Sub(l.Allowance)
	return a, err == nil
}

// checkRate says whether a category can have a rate.
func checkRate(field string, vat billing.VAT) error {
	c, known := categoryOf(vat.Category)
	sign := vat.Rate.Sign()
	switch {
	case !known:
		return broken("BR-CO-04", field+".vat.category", "none of the codes of EN 16931")
	case c.rate == aboveZero && sign <= 0:
		return broken(rule(vat.Category, "05"), field+".vat.rate", "want one above zero")
	case c.rate == zeroOnly && sign != 0:
		return broken(rule(vat.Category, "05"), field+".vat.rate", "want zero")
	case sign < 0 || vat.Rate.Numerator() > vat.Rate.Denominator():
		return broken(rule(vat.Category, "05"), field+".vat.rate", "want 0 to 100 percent")
	}
	return nil
}

// checkTaxes compares the taxes with what is taxed, and returns their sum.
func (s *sums) checkTaxes() (money.Amount, error) {
	total, seen := s.zero, make(map[billing.VAT]bool, len(s.v.Taxes))
	for i, of := range s.v.Taxes {
		field := fmt.Sprintf("taxes[%d]", i)
		base, taxed := s.bases[of.VAT]
		switch {
		case !taxed:
			return total, broken("BR-CO-18", field, "nothing is taxed so")
		case seen[of.VAT]:
			return total, broken("BR-CO-18", field, "another is of the same category and rate")
		case of.Base != base:
			return total, broken(rule(of.VAT.Category, "08"), field+".base", "%s, want %s", of.Base, base)
		}
		seen[of.VAT] = true
		if err := s.checkTax(field+".tax", of); err != nil {
			return total, err
		}
		var err error
		if total, err = total.Add(of.Tax); err != nil {
			return total, broken("BR-CO-14", "totals.tax", "the sum is out of range")
		}
	}
	if len(seen) != len(s.bases) {
		return total, broken("BR-CO-18", "taxes", "%d of them, want %d: one for each category and rate", len(seen), len(s.bases))
	}
	return total, nil
}

// checkTax compares a tax with what its base is taxed.
func (s *sums) checkTax(field string, of billing.Subtotal) error {
	want, err := of.Base.MulRate(of.VAT.Rate, money.HalfAwayFromZero)
	if err != nil {
		return broken("BR-CO-17", field, "out of range")
	}
	if of.Tax == want {
		return nil
	}
	off, err := of.Tax.Sub(want)
	if s.v.Kind == billing.CreditNote && of.VAT.Rate.Sign() != 0 && err == nil && (off.Minor() == 1 || off.Minor() == -1) {
		return nil
	}
	return broken("BR-CO-17", field, "%s, want %s", of.Tax, want)
}

// checkTotals compares the totals with the sums.
func (s *sums) checkTotals(tax money.Amount) error {
	t, or := &s.v.Totals, func(a money.Amount) money.Amount {
		if a == (money.Amount{}) {
			return s.zero
		}
		return a
	}
	prepaid, rounding := or(t.Prepaid), or(t.Rounding)
	for _, c := range [...]struct {
		rule, field string
		got         money.Amount
		plus        [2]money.Amount
		minus       money.Amount
	}{
		{"BR-CO-10", "lines", t.Lines, [...]money.Amount{s.lines, s.zero}, s.zero},
		{"BR-CO-11", "allowances", or(t.Allowances), [...]money.Amount{s.allowances, s.zero}, s.zero},
		{"BR-CO-12", "charges", or(t.Charges), [...]money.Amount{s.charges, s.zero}, s.zero},
		{"BR-CO-13", "net", t.Net, [...]money.Amount{s.lines, s.charges}, s.allowances},
		{"BR-CO-14", "tax", t.Tax, [...]money.Amount{tax, s.zero}, s.zero},
		{"BR-CO-15", "gross", t.Gross, [...]money.Amount{t.Net, t.Tax}, s.zero},
		{"BR-CO-16", "payable", t.Payable, [...]money.Amount{t.Gross, rounding}, prepaid},
	} {
		want, err := c.plus[0].Add(c.plus[1])
		if err == nil {
			want, err = want.Sub(c.minus)
		}
		if err != nil {
			return broken(c.rule, "totals."+c.field, "the sum is out of range")
		}
		if c.got != want {
			return broken(c.rule, "totals."+c.field, "%s, want %s", c.got, want)
		}
	}
	return nil
}
