package billing

import (
	"fmt"

	"github.com/payrules/payrules/money"
)

// What a credit note gives back of an invoice that had allowances is what was paid, and not what the lines cost: of each category and
// rate, the allowances are taken off in the part that its lines are of all of the invoice's, and the tax is the part that the rest is of
// the whole base. Both by the rule of back.go, so that credit notes in any order take the lines less the allowances, to the cent, and
// leave the charges.

// credited is what credit notes have taken of one of the taxes of an invoice.
type credited struct {
	Base      int64 `json:"base"` // of lines, less the allowance
	Tax       int64 `json:"tax"`
	Allowance int64 `json:"allowance,omitempty"`

	lines   int64 // of the invoice
	off     int64 // what its allowances take off them: what is beyond is taken off its charges
	waiting int64 // what was given back of them, and has no credit note yet
}

// newCredited begins with nothing taken of an invoice, by its taxes.
func newCredited(taxes breakdown, charges []*Added) []credited {
	back := make([]credited, len(taxes))
	weigh(back, taxes, charges)
	return back
}

// weigh tells lines, charges and allowances of an invoice apart.
func weigh(back []credited, taxes breakdown, charges []*Added) {
	for k := range back {
		back[k].lines, back[k].off = taxes[k].Base.Minor(), 0
	}
	for _, c := range charges {
		k, found := taxes.find(c.Charge.VAT)
		switch net := c.Charge.Net.Minor(); {
		case !found: // of no invoice that was decided
		case c.Charge.Allowance:
			back[k].lines, back[k].off = back[k].lines+net, back[k].off+net
		default:
			back[k].lines -= net
		}
	}
	for k := range back {
		back[k].off = min(back[k].off, back[k].lines)
	}
}

// part is the part of the allowances that lines have, after so many others.
func (b *credited) part(before, lines int64) int64 {
	return share(b.off, before+lines, b.lines) - share(b.off, before, b.lines)
}

// taken are the lines that credit notes have.
func (b *credited) taken() int64 { return b.Base + b.Allowance }

// note counts what a credit note takes.
func (b *credited) note(s *Subtotal, lines int64) {
	b.Base, b.Tax = b.Base+s.Base.Minor(), b.Tax+s.Tax.Minor()
	b.Allowance += lines - s.Base.Minor()
	b.waiting -= lines
}

// keep notes that lines of an invoice are given back that have no credit note yet. It returns what the invoice's allowances will keep of
// them, with the tax of that: as long as it waits, no more is lent for a refund than the credit note will give back.
func keep(back []credited, taxes breakdown, r *RefundAccepted) (minor int64) {
	lines := make([]int64, len(back))
	for _, part := range r.Parts {
		if k, found := taxes.find(part.VAT); found {
			lines[k] += part.Net.Minor()
		}
	}
	for k, net := range lines {
		b := &back[k]
		off := b.part(b.taken()+b.waiting, net)
		b.waiting += net
		if tax, err := taxOn(money.New(off, r.Totals.Net.Currency()), taxes[k].VAT); err == nil {
			minor += off + tax.Minor()
		}
	}
	return min(minor, r.Totals.Gross.Minor())
}

// nextAllowances are those that the next credit note of an invoice has, when its lines come to so much.
func (v *invoice) nextAllowances(lines map[VAT]int64) (all []Charge) {
	for k := range v.Taxes {
		b := &v.Back[k]
		if off := b.part(b.taken(), lines[v.Taxes[k].VAT]); off > 0 {
			all = append(all, allowance(v.Number, off, &v.Taxes[k]))
		}
	}
	return all
}

// ownAllowances are those that a credit note has: what its lines come to more than what is taxed.
func (v *invoice) ownAllowances(lines map[VAT]int64) (all []Charge) {
	for i := range v.Taxes {
		if off := lines[v.Taxes[i].VAT] - v.Taxes[i].Base.Minor(); off > 0 {
			all = append(all, allowance(v.Corrects, off, &v.Taxes[i]))
		}
	}
	return all
}

// allowance is that of a credit note: the number of the invoice says why.
func allowance(invoice string, off int64, of *Subtotal) Charge {
	return Charge{Why: invoice, Allowance: true, Net: money.New(off, of.Base.Currency()), VAT: of.VAT}
}

// taxNext gives the next credit note of an invoice the tax that it takes: of each category and rate the part that its base is of the whole,
// so that credit notes in any order take what there is, to the cent.
func (v *invoice) taxNext(note *Invoice) error {
	t := &note.Totals
	t.Tax = money.New(0, note.Currency)
	for i := range note.Taxes {
		own := &note.Taxes[i]
		k, found := breakdown(v.Taxes).find(own.VAT)
		if !found {
			return fmt.Errorf("billing: credit note: invoice %q has no tax of %s at %s", v.Number, own.VAT.Category, own.VAT.Rate)
		}
		whole, back := &v.Taxes[k], &v.Back[k]
		own.Tax = money.New(share(whole.Tax.Minor(), back.Base+own.Base.Minor(), whole.Base.Minor())-back.Tax, note.Currency)
		var err error
		if t.Tax, err = t.Tax.Add(own.Tax); err != nil {
			return err
		}
	}
	gross, err := t.Net.Add(t.Tax)
	t.Gross, t.Payable = gross, gross
	return err
}
