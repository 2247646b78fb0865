package billing_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/billing/invoicetext"
	"github.com/payrules/payrules/civil"
)

// rebated is an account with an invoice of a trip, a fee and a rebate, of which half was given back; more of each waits.
func rebated(t tester) *billing.Account {
	t.Helper()
	a := billable(t, 1000_00)
	for _, c := range []command[billing.Decision]{trip("trip", "100", day(11, 2)), charging("fee", 10_00, day(11, 3)), charging("rebate", -30_00, day(11, 4))} {
		do(t, a, c)
	}
	do(t, a, bill(t, a, 11, 1))
	do(t, a, halfBack("half", "trip", day(12, 2)))
	do(t, a, charging("next", 10_00, day(12, 3)))
	return a
}

// The id of a charge stands for it, with its day: asked for again it is answered as the first time, also once it is billed.
func TestChargeAgain(t *testing.T) {
	a := rebated(t)
	for _, row := range []struct {
		what     string
		ask      billing.AddCharge
		repeated bool
	}{
		{"the same, a month later", charging("fee", 10_00, day(12, 4)), true},
		{"with a day of its own", due(charging("fee", 10_00, day(12, 4)), day(11, 3)), false},
		{"of another amount", charging("fee", 10_01, day(12, 4)), false},
		{"as an allowance", charging("fee", -10_00, day(12, 4)), false},
		{"the allowance", charging("rebate", -30_00, day(12, 4)), true},
	} {
		d := do(t, a, row.ask)
		if d.Repeated != row.repeated || !row.repeated && !slices.Equal(d.Reasons(), []billing.Reason{billing.ExistsWithDifferentContent}) {
			t.Errorf("%s: got %+v", row.what, d)
		}
	}
	if c, ok := a.Charge("fee"); !ok || c.Invoice != "F-0001" || c.Totals.Gross != eur(12_00) {
		t.Errorf("got %+v", c)
	}
	if _, ok := a.Charge("trip"); ok {
		t.Error("the id of a purchase is that of a charge")
	}
}

// A document of other sums than it bills contradicts the account.
func TestForgedDocuments(t *testing.T) {
	for what, row := range map[string]struct {
		month  int
		change func(e *billing.Invoiced)
	}{
		"a credit note with more":     {12, func(e *billing.Invoiced) { e.Taxes[0].Base = eur(36_00) }},
		"a credit note without taxes": {12, func(e *billing.Invoiced) { e.Taxes = nil }},
		"an invoice with more":        {13, func(e *billing.Invoiced) { e.Taxes[0].Base = eur(1) }},
		"an invoice of another tax":   {13, func(e *billing.Invoiced) { e.Taxes[0].VAT = billing.MustVATAt("10") }},
	} {
		a := rebated(t)
		if row.month == 13 {
			do(t, a, bill(t, a, 12, 2))
			do(t, a, billing.Receive{At: day(13, 1), ID: "w", Amount: eur(100_00)})
			do(t, a, trip("more", "20", day(13, 2)))
		}
		decided, err := bill(t, a, row.month, 3).Decide(a)
		if err != nil || len(decided) != 1 {
			t.Fatal(decided, err)
		}
		e := decided[0].(billing.Invoiced)
		if row.change(&e); !errors.Is(a.Apply(e), billing.ErrCorrupt) {
			t.Errorf("%s was taken", what)
		}
	}
}

// A snapshot whose charges contradict what stands beside them is refused.
func TestForgedCharges(t *testing.T) {
	data, err := rebated(t).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		t.Fatal(err)
	}
	for what, row := range map[string][2]string{
		"as it is":                     {"", ""},
		"of no invoice":                {`"invoice":"F-0001"`, `"invoice":"F-0009"`},
		"of another sum":               {`"why":"next","net":{"amount":"10.00"`, `"why":"next","net":{"amount":"20.00"`},
		"twice":                        {`"id":"next"`, `"id":"fee"`},
		"more kept than is given back": {`"kept":1800`, `"kept":6001`},
		"less than nothing kept":       {`"kept":1800`, `"kept":-1`},
	} {
		last := strings.LastIndex(string(text), row[0])
		forged := string(text[:last]) + row[1] + string(text[last+len(row[0]):])
		var out bytes.Buffer
		w, _ := flate.NewWriter(&out, flate.BestSpeed)
		_, _ = w.Write([]byte(forged))
		_ = w.Close()
		err := billing.NewAccount("CTR-1").UnmarshalBinary(out.Bytes())
		if what == "as it is" != (err == nil) || err != nil && !errors.Is(err, billing.ErrCorrupt) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// Invoices and credit notes with charges can be written, as XML and for people, and say why.
func TestWrittenWithCharges(t *testing.T) {
	a := rebated(t)
	do(t, a, bill(t, a, 12, 2))
	for number, want := range map[string][]string{"F-0001": {"fee", "rebate", "30.00", "96.00"}, "F-0002": {"F-0001", "15.00", "42.00"}} {
		v, _, err := a.Invoice(number)
		if err != nil {
			t.Fatal(err)
		}
		var opts einvoice.Options
		if v.Kind == billing.CreditNote {
			opts.CorrectsFrom = civil.MustParseDate("2026-12-01")
		}
		var xml, page strings.Builder
		err = einvoice.Write(&xml, &v, &opts)
		err2 := invoicetext.Write(&page, &v, nil)
		if err != nil || err2 != nil {
			t.Errorf("%s: %v, %v", number, err, err2)
		}
		for _, s := range want {
			if !strings.Contains(xml.String(), s) || !strings.Contains(strings.ReplaceAll(page.String(), ",", "."), s) {
				t.Errorf("%s: %q is not said:\n%s\n%s", number, s, xml.String(), page.String())
			}
		}
		if !strings.Contains(xml.String(), "<cac:AllowanceCharge>") {
			t.Errorf("%s: no allowance of the document", number)
		}
	}
}
