package billing_test

import (
	"bytes"
	"reflect"
	"time"

	"github.com/payrules/payrules/billing"
)

// reporter is a *testing.T or *rapid.T.
type reporter interface {
	tester
	Errorf(format string, args ...any)
}

// checkRetail holds what a shop has done against its file.
func checkRetail(t reporter, s *retailShop, f *retailFile, sold, cancelled int64) {
	t.Helper()
	r := &s.report
	if got := r.Accepted.Pence + r.Refused.Pence; got != sold {
		t.Errorf("accepted and refused are %v, all that is sold %v", gbp(got), gbp(sold))
	}
	if got := r.Refunded.Pence + r.unmatched(); got != cancelled {
		t.Errorf("given back and unmatched are %v, all that is cancelled %v", gbp(got), gbp(cancelled))
	}
	if got := givenBack(s, f); got != r.Refunded.Pence {
		t.Errorf("given back: got %v, want %v, all that had been accepted", gbp(r.Refunded.Pence), gbp(got))
	}
	checkRetailLimit(t, s)
	repeatRetail(t, s)
}

// givenBack is what of the cancellations can be given back, without a look at which purchase it is of: of every thing that a customer
// has bought at one price, as many as there are.
func givenBack(s *retailShop, f *retailFile) (pence int64) {
	accepted := map[string]bool{}
	for _, c := range s.calls {
		accepted[c.got.ID] = c.got.Accepted
	}
	has := map[retailKey]int{}
	for _, inv := range f.invoices {
		for _, l := range inv.lines {
			k := retailKey{inv.customer, l.code, l.price}
			switch {
			case inv.cancels:
				n := min(has[k], l.units)
				has[k] -= n
				pence += int64(n) * int64(l.price) / micros
			case accepted[inv.no]:
				has[k] += l.units
			}
		}
	}
	return pence
}

// checkRetailLimit does the decisions over again as one number for each customer: what fits is accepted, and nothing else, and what an
// account says it owes is that number.
func checkRetailLimit(t reporter, s *retailShop) {
	t.Helper()
	owes := map[string]int64{}
	for _, c := range s.calls {
		gross, before := c.got.Totals.Gross.Minor(), owes[c.customer]
		switch {
		case c.refund != nil:
			owes[c.customer] -= gross
		case before+gross <= s.limit:
			owes[c.customer] += gross
		}
		if fits := c.refund != nil || before+gross <= s.limit; c.got.Accepted != fits || c.got.Exposure != gbp(owes[c.customer]) {
			t.Errorf("%s owes %v: got %+v", c.customer, gbp(before), c.got)
		}
	}
	for customer, a := range s.accounts {
		if got := a.Exposure(time.Time{}).Total; got != gbp(owes[customer]) {
			t.Errorf("%s owes %v in the end, want %v", customer, got, gbp(owes[customer]))
		}
	}
}

// repeatRetail asks for all that was accepted once more: it is answered as the first time, and nothing changes. What was refused is
// decided anew where nobody keeps the answer, as the engine does, and may fit by now.
func repeatRetail(t reporter, s *retailShop) {
	t.Helper()
	for customer, a := range s.accounts {
		before, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.calls {
			if c.customer != customer || !c.got.Accepted {
				continue
			}
			var again billing.Decision
			if c.refund != nil {
				again = do(t, a, *c.refund)
			} else {
				again = do(t, a, *c.accept)
			}
			want := c.got
			want.Repeated = true
			if !reflect.DeepEqual(again, want) {
				t.Errorf("again: got %+v, want %+v", again, want)
			}
		}
		if after, err := a.MarshalBinary(); err != nil || !bytes.Equal(after, before) {
			t.Errorf("the account of %s has changed, or %v", customer, err)
		}
	}
}

// checkRetailTax reckons the tax of every purchase, and what of it is given back with each refund: as much of it as of the price, in
// all, rounded once; so all of it in the end, when all is given back.
func checkRetailTax(t reporter, s *retailShop, thousandths int64) {
	t.Helper()
	type sums struct{ net, tax int64 }
	bought, back := map[string]sums{}, map[string]sums{}
	half := func(n, d int64) int64 { return (2*n + d) / (2 * d) }
	for _, c := range s.calls {
		got := sums{c.got.Totals.Net.Minor(), c.got.Totals.Tax.Minor()}
		if c.refund == nil {
			bought[c.got.ID] = got
			if want := half(got.net*thousandths, 1000); got.tax != want {
				t.Errorf("%s: tax of %v, want %v", c.got.ID, gbp(got.tax), gbp(want))
			}
			continue
		}
		of, b := bought[c.refund.Of], back[c.refund.Of]
		b = sums{b.net + got.net, b.tax + got.tax}
		back[c.refund.Of] = b
		want := int64(0)
		if of.net > 0 {
			want = half(of.tax*b.net, of.net)
		}
		if b.tax != want {
			t.Errorf("%s: %v of the tax is given back by now, want %v", c.got.ID, gbp(b.tax), gbp(want))
		}
	}
}
