package billing_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/run"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/memory"
)

// All that the wholesaler has sold, billed month by month for its 176 customers: the invoices sum to what a plain sum over the file says, and
// with the credit notes to what is owed, to the penny; every number is given once.
func TestRetailBilled(t *testing.T) {
	f, text := readSales(t)
	sold, _ := sumSales(t, text)
	shop := retailShop{limit: 1 << 50, vat: billing.MustVATAt("0")}
	shop.sell(t, f)
	journal := memory.New(nil)
	e, accounts := openRetail(t, journal)
	defer e.Close(t.Context())
	sendRetail(t, accounts, &shop)
	series, err := engine.NewRepository(e, engine.Kind[*billing.Series]{Name: "series", Codec: billing.SeriesCodec(), New: billing.NewSeries}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := run.New(e, "billing", accounts, series, nil)
	if err != nil {
		t.Fatal(err)
	}
	invoices, notes, documents := int64(0), int64(0), 0
	for month := civil.MustParseDate("2010-12-01"); month <= civil.MustParseDate("2011-12-01"); month = month.AddMonths(1) {
		issued := month.AddMonths(1)
		year, _, _ := issued.Date()
		o := run.Order{
			Month: month, At: issued.Start(nil).Add(6 * time.Hour), IssuedOn: issued, Series: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006"),
			Rules: billing.Rules{Seller: seller(), DueDays: 30},
		}
		open := billing.OpenSeries{At: o.At, Prefix: o.Series + "-", Year: year, Width: 5}
		if _, err := engine.Do(t.Context(), series, o.Series, "open", openOnce(open)); err != nil {
			t.Fatal(err)
		}
		dry, err := r.Dry(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		report, err := r.Bill(t.Context(), o)
		if err != nil || report.Digest != dry.Digest || len(report.Parked) > 0 {
			t.Fatalf("%s: got %+v, %v; dry %+v", month, report, err, dry)
		}
		sums := report.Amounts[money.GBP]
		t.Logf("%s: %d customers, %d documents, invoices %v, credit notes %v", month, report.Billed, report.Issued, sums.Invoices, sums.CreditNotes)
		invoices, notes, documents = invoices+sums.Invoices.Minor(), notes+sums.CreditNotes.Minor(), documents+report.Issued
	}
	if want := shop.report.Accepted.Pence; want != sold || invoices-notes != sold-shop.report.Refunded.Pence {
		t.Errorf("sold for %v, accepted %v, given back %v; invoices of %v and credit notes of %v", gbp(sold), gbp(want), gbp(shop.report.Refunded.Pence), gbp(invoices), gbp(notes))
	}
	found := uint64(0)
	for _, s := range []string{"2011", "2012"} {
		report, err := run.VerifySeries(t.Context(), journal, "series", s)
		if err != nil || !report.OK() {
			t.Errorf("series %s: %+v, %v", s, report, err)
		}
		found += report.Found
	}
	if int(found) != documents || documents < 300 {
		t.Errorf("got %d numbers for %d documents", found, documents)
	}
	t.Logf("%d documents: invoices %v, credit notes %v, of %v sold", documents, gbp(invoices), gbp(notes), gbp(sold))
}

// openOnce is a command that opens a series, with the same content whenever it is asked.
func openOnce(c billing.OpenSeries) billing.OpenSeries {
	c.At = time.Date(c.Year, 1, 1, 0, 0, 0, 0, time.UTC)
	return c
}
