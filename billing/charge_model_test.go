package billing_test

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// modelCharge is a charge or an allowance as the clerk keeps it: on a list, with the number of its invoice once it has one.
type modelCharge struct {
	ask    billing.AddCharge
	at     time.Time // when it was added
	number string
}

func (c *modelCharge) due() time.Time {
	if c.ask.On.IsZero() {
		return c.at
	}
	return c.ask.On
}

// taxed is an amount with the tax on it alone.
func taxed(net int64, v billing.VAT) int64 {
	return net + cents(new(big.Rat).Mul(inUnits(net), ratOf(v.Rate)))
}

// owed are the charges that no invoice has; allowances are nothing before.
func (m *model) owed() (sum int64) {
	for i := range m.charges {
		if c := &m.charges[i]; c.number == "" && !c.ask.Charge.Allowance {
			sum += taxed(c.ask.Charge.Net.Minor(), c.ask.Charge.VAT)
		}
	}
	return sum
}

// chargeReasons are why a charge is refused.
func (m *model) chargeReasons(c *modelCharge, exists bool) []billing.Reason {
	paris, _ := time.LoadLocation("Europe/Paris")
	return inOrder(map[billing.Reason]bool{
		billing.ContractNotFound:           m.contract == nil,
		billing.CurrencyMismatch:           m.contract != nil && c.ask.Charge.Net.Currency() != m.contract.Currency,
		billing.PeriodClosed:               m.closed != 0 && civil.DateOf(c.due(), paris) <= m.closed,
		billing.ExistsWithDifferentContent: exists,
	})
}

// addCharge adds a charge or an allowance, for now or for another day; now and then one that is there already.
func (h *history) addCharge() bool {
	h.n++
	c := modelCharge{at: h.m.now(h.at), ask: billing.AddCharge{At: h.at, ID: fmt.Sprint("fee-", h.n), Charge: billing.Charge{
		Why: "fee", Allowance: rapid.Bool().Draw(h.t, "allowance"), Net: eur(int64(1 + h.draw("net", 40_00))),
		VAT: billing.MustVATAt(rapid.SampledFrom([]string{"0", "5.5", "20", "20", "2.1"}).Draw(h.t, "vat")),
	}}}
	if h.draw("dated", 1) == 0 {
		c.ask.On = c.at.Add(time.Duration(h.draw("hours", 2000)-1000) * time.Hour)
	}
	if h.draw("dollars", 19) == 19 {
		c.ask.Charge.Net = money.New(1_00, money.USD)
	}
	exists := false
	if len(h.m.charges) > 0 && h.draw("again", 5) == 0 {
		old := h.m.charges[h.draw("which", len(h.m.charges)-1)]
		if h.draw("same", 1) == 0 { // B3
			before := h.a.Exposure(time.Time{})
			if d := do(h.t, h.a, old.ask); !d.Accepted || !d.Repeated || d.At != old.at || h.a.Exposure(time.Time{}) != before {
				h.t.Fatalf("%s again: got %+v", old.ask.ID, d)
			}
			return true
		}
		c.ask.ID, exists = old.ask.ID, true
		c.ask.Charge.Why = "another"
	}
	d := do(h.t, h.a, c.ask)
	if want := h.m.chargeReasons(&c, exists); !slices.Equal(d.Reasons(), want) || d.Accepted != (len(want) == 0) || d.At != c.at {
		h.t.Fatalf("%s at %s: got %v %v at %s, want %v", c.ask.ID, c.at, d.Accepted, d.Reasons(), d.At, want)
	}
	if d.Accepted {
		h.m.clock = c.at
		h.m.charges = append(h.m.charges, c)
		if e := h.a.Exposure(time.Time{}); d.Exposure != e.Total || e.Charges.Minor() != h.m.owed() {
			h.t.Fatalf("%s: exposure told as %v, and %+v, want charges of %d", c.ask.ID, d.Exposure, e, h.m.owed())
		}
	}
	return d.Accepted
}

// sheet is what a document is about, added up by what it is taxed.
type sheet struct{ lines, charges, allowances, base, tax map[billing.VAT]int64 }

func sheetOf(v *billing.Invoice) sheet {
	s := sheet{map[billing.VAT]int64{}, map[billing.VAT]int64{}, map[billing.VAT]int64{}, map[billing.VAT]int64{}, map[billing.VAT]int64{}}
	for i := range v.Lines {
		s.lines[v.Lines[i].VAT] += v.Lines[i].Net.Minor()
	}
	for _, c := range v.Charges {
		if c.Allowance {
			s.allowances[c.VAT] += c.Net.Minor()
		} else {
			s.charges[c.VAT] += c.Net.Minor()
		}
	}
	for _, t := range v.Taxes {
		s.base[t.VAT], s.tax[t.VAT] = t.Base.Minor(), t.Tax.Minor()
	}
	return s
}

// claim finds what an invoice has to have of the charges, and gives it its number: first all charges that are due before its month ends, then
// the allowances, in the order in which they were added, each if what it is taken off stays at nothing or above.
func (m *model) claim(v *billing.Invoice) (want []billing.Charge) {
	left := sheetOf(v).lines
	for _, allowances := range []bool{false, true} {
		for i := range m.charges {
			c := &m.charges[i]
			net := c.ask.Charge.Net.Minor()
			if c.number != "" || !c.due().Before(v.Period.End) || c.ask.Charge.Allowance != allowances || allowances && left[c.ask.Charge.VAT] < net {
				continue
			}
			c.number = v.Number
			if allowances {
				net = -net
			}
			left[c.ask.Charge.VAT] += net
		}
	}
	for i := range m.charges {
		if m.charges[i].number == v.Number {
			want = append(want, m.charges[i].ask.Charge)
		}
	}
	return want
}

// allowancesOf are those that a credit note has to have: what its lines and those of the notes before are of all of the invoice's, less what
// the notes before had.
func allowancesOf(invoice, before, note sheet) map[billing.VAT]int64 {
	want := map[billing.VAT]int64{}
	for v, lines := range invoice.lines {
		if off := min(invoice.allowances[v], lines); off > 0 && lines > 0 {
			part := big.NewRat(before.lines[v]+note.lines[v], lines)
			want[v] = cents(part.Mul(part, inUnits(off))) - before.allowances[v]
		}
		if want[v] == 0 {
			delete(want, v)
		}
	}
	return want
}

// add adds another sheet to one.
func (s sheet) add(other sheet) {
	for _, of := range [][2]map[billing.VAT]int64{
		{s.lines, other.lines}, {s.charges, other.charges}, {s.allowances, other.allowances}, {s.base, other.base}, {s.tax, other.tax},
	} {
		for v, n := range of[1] {
			of[0][v] += n
		}
	}
}
