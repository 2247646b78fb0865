package billing_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
	"pgregory.net/rapid"
)

// retailLimit is one under which most invoices of the file are accepted, and a good part is not: half of the customers buy for less
// than 770.00 in all, and one for 77,183.60 at once.
const retailLimit = 2000_00

// readSales is the file of the real shop, and its text.
func readSales(t *testing.T) (f *retailFile, text string) {
	t.Helper()
	data, err := os.ReadFile(campaign.Data(t, "online-retail/sales.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if f, err = readRetail(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return f, string(data)
}

// sumSales adds up the file in pence, by the text alone: what is sold, and what is cancelled. From both ends of a line, since
// commas stand in what a thing is called and nowhere else.
func sumSales(t tester, text string) (sold, cancelled int64) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		parts := strings.Split(strings.TrimSpace(line), ",")
		n := len(parts)
		pounds, pence, _ := strings.Cut(parts[n-3], ".")
		price, err := strconv.ParseInt(pounds+(pence + "00")[:2], 10, 64)
		if err != nil {
			t.Fatal(line, err)
		}
		units, err := strconv.ParseInt(parts[n-5], 10, 64)
		if err != nil {
			t.Fatal(line, err)
		}
		if line[0] == 'C' {
			cancelled -= units * price
		} else {
			sold += units * price
		}
	}
	return sold, cancelled
}

// Half a year of a wholesaler's invoices, bought on account by its customers: what is accepted and refused, given back and not, is
// all of the file, to the penny.
//
// The file holds no tax, and nearly all of it is exported: at zero, what is to be paid is what the file says. At 20 % the tax is on top, and
// the balance is the same without it. The figures were found by another program first, of a page, in another language, which
// adds up pence and knows nothing of this library.
func TestRetail(t *testing.T) {
	f, text := readSales(t)
	sold, cancelled := sumSales(t, text)
	if sold != 360986_85 || cancelled != 86485_34 || f.lines != 9401 || len(f.invoices) != 549 {
		t.Errorf("got %d lines, %d invoices, %v and %v", f.lines, len(f.invoices), gbp(sold), gbp(cancelled))
	}
	if want := (retailStrange{Free: 3, TwoTimes: 1, Charges: map[string]retailTally{
		"POST": {325, 20492_00}, "M": {15, -2265_15}, "C2": {2, 186_00},
	}}); !reflect.DeepEqual(f.strange, want) {
		t.Errorf("got %+v, want %+v", f.strange, want)
	}
	for _, row := range []struct {
		thousandths   int64
		report        retailReport
		tax, taxGiven int64 // of what is accepted, and given back of it
		owed          int64
	}{
		{
			thousandths: 0, owed: 142641_57,
			report: retailReport{
				Accepted: retailTally{345, 145000_51}, Refused: retailTally{86, 215986_34},
				Refunded: retailTally{185, 2358_94}, Never: retailTally{32, 3340_12}, Later: retailTally{22, 1304_49},
				NotTaken: retailTally{62, 79469_04}, Less: retailTally{1, 12_75}, CancelledLines: 299, Refunds: 84,
			},
		},
		{
			thousandths: 200, owed: 153083_53, tax: 25909_04, taxGiven: 395_07,
			report: retailReport{
				Accepted: retailTally{331, 129544_90}, Refused: retailTally{100, 231441_95},
				Refunded: retailTally{156, 1975_34}, Never: retailTally{32, 3340_12}, Later: retailTally{22, 1304_49},
				NotTaken: retailTally{90, 79852_64}, Less: retailTally{1, 12_75}, CancelledLines: 299, Refunds: 76,
			},
		},
	} {
		percent := strconv.FormatInt(row.thousandths/10, 10)
		t.Run("vat="+percent, func(t *testing.T) {
			shop := retailShop{limit: retailLimit, vat: billing.MustVATAt(percent)}
			shop.sell(t, f)
			r := &shop.report
			t.Logf("%d customers with a limit of %v, of %d lines:\n%vowed in the end: %v", len(shop.accounts), gbp(retailLimit), f.lines, r, shop.owed().Total)
			if *r != row.report {
				t.Errorf("got %+v, want %+v", *r, row.report)
			}
			want := billing.Exposure{
				Purchases: gbp(r.Accepted.Pence + row.tax), Refunds: gbp(r.Refunded.Pence + row.taxGiven), Total: gbp(row.owed),
			}
			if got := shop.owed(); got != want {
				t.Errorf("owed: got %v, want %v", got, want)
			}
			checkRetail(t, &shop, f, sold, cancelled)
			checkRetailTax(t, &shop, row.thousandths)
		})
	}
}

// Files of a few customers who buy few things at few prices, so that much is cancelled, of several purchases at once.
func TestRetailDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := retailColumns + "\n"
		for i := range rapid.IntRange(1, 25).Draw(t, "invoices") {
			cancels, sign := "", 1
			if rapid.Bool().Draw(t, "cancels") {
				cancels, sign = "C", -1
			}
			minute, customer := rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(1, 2).Draw(t, "customer")
			for range rapid.IntRange(1, 4).Draw(t, "lines") {
				text += fmt.Sprintf("%s%d,%s,\"THING, ROUND\",%d,3/27/2011 2:%02d,%s,%d,France\n", cancels, 1000+i,
					rapid.SampledFrom([]string{"22423", "85123A", "POST"}).Draw(t, "code"),
					sign*rapid.IntRange(1, 9).Draw(t, "units"), minute,
					rapid.SampledFrom([]string{"0", "0.33", "10"}).Draw(t, "price"), customer)
			}
		}
		f, err := readRetail(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		thousandths := rapid.SampledFrom([]int64{0, 55, 200}).Draw(t, "vat")
		shop := retailShop{limit: 120_00, vat: billing.MustVATAt(fmt.Sprintf("%d.%d", thousandths/10, thousandths%10))} // met exactly now and then
		shop.sell(t, f)
		sold, cancelled := sumSales(t, text)
		checkRetail(t, &shop, f, sold, cancelled)
		checkRetailTax(t, &shop, thousandths)
	})
}

// The same through the engine, every customer at once: the same answers and the same debts. All of it again is answered the same,
// what was refused as well, and the journal does not grow; nor by another engine that replays it.
func TestRetailEngine(t *testing.T) {
	f, _ := readSales(t)
	shop := retailShop{limit: retailLimit, vat: billing.MustVATAt("0")}
	shop.sell(t, f)
	journal := memory.New(nil)
	defer journal.Close()
	e, accounts := openRetail(t, journal)
	sendRetail(t, accounts, &shop)
	head := retailHead(t, journal)
	if want := 2*len(shop.accounts) + len(shop.calls); head != storage.Position(want) {
		t.Errorf("got %d records, want %d: one for each command", head, want)
	}
	sendRetail(t, accounts, &shop)
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	e, accounts = openRetail(t, journal)
	defer e.Close(context.Background())
	sendRetail(t, accounts, &shop)
	if got := retailHead(t, journal); got != head {
		t.Errorf("done again, the journal grew from %d to %d", head, got)
	}
	owed := int64(0)
	for customer, a := range shop.accounts {
		if err := engine.View(t.Context(), accounts, a.ID(), func(got *billing.Account) error {
			if got.Exposure(time.Time{}) != a.Exposure(time.Time{}) {
				t.Errorf("%s owes %v, want %v", customer, got.Exposure(time.Time{}), a.Exposure(time.Time{}))
			}
			owed += got.Exposure(time.Time{}).Total.Minor()
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	if want := shop.report.Accepted.Pence - shop.report.Refunded.Pence; owed != want {
		t.Errorf("owed: got %v, want %v", gbp(owed), gbp(want))
	}
	t.Logf("%d customers, %d records, %v owed", len(shop.accounts), head, gbp(owed))
}

func openRetail(t *testing.T, j storage.Journal) (*engine.Engine, *engine.Repository[*billing.Account]) {
	t.Helper()
	e, err := engine.New(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := engine.NewRepository(e, engine.Kind[*billing.Account]{
		Name: "billing", Codec: billing.Codec(), New: billing.NewAccount, Schema: billing.Schema,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e, accounts
}

// sendRetail sends all that a shop has asked of its accounts, the customers side by side, and compares the answers.
func sendRetail(t *testing.T, accounts *engine.Repository[*billing.Account], s *retailShop) {
	t.Helper()
	var wg sync.WaitGroup
	for _, o := range s.opened {
		wg.Go(func() {
			ctx, id := t.Context(), o.contract.View.Contract
			if got, err := engine.Do(ctx, accounts, id, o.contract.Key(), o.contract); err != nil || !got.Current {
				t.Error(got, err)
			}
			if got, err := engine.Do(ctx, accounts, id, o.mandate.Key(), o.mandate); err != nil || !got.Current {
				t.Error(got, err)
			}
			for _, c := range s.calls {
				if c.customer != o.customer {
					continue
				}
				var got billing.Decision
				var err error
				if c.refund != nil {
					got, err = engine.Do(ctx, accounts, id, c.refund.ID, *c.refund)
				} else {
					got, err = engine.Do(ctx, accounts, id, c.accept.Operation.ID, *c.accept)
				}
				if err != nil || !reflect.DeepEqual(got, c.got) {
					t.Errorf("got %+v, %v; want %+v", got, err, c.got)
				}
			}
		})
	}
	wg.Wait()
}

// retailHead is where a journal ends.
func retailHead(t *testing.T, j storage.Journal) (head storage.Position) {
	t.Helper()
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		head = r.Position
	}
	return head
}

// A file that is not as it should be is refused, by its line, and none of it is sold.
func TestRetailReader(t *testing.T) {
	const good = "1,22423,STAND,4,1/3/2011 9:15,10.00,501,France\n"
	for _, row := range []struct{ story, text, want string }{
		{"nothing", "", "EOF"},
		{"other columns", "InvoiceNo,StockCode\n", "begins with"},
		{"a line that is cut", retailColumns + "\n" + good + "2,22423\n", "record on line 3"},
		{"a day that is none", retailColumns + "\n" + strings.Replace(good, "1/3", "13/3", 1), "line 2"},
		{"half a unit", retailColumns + "\n" + strings.Replace(good, ",4,", ",4.5,", 1), "line 2"},
		{"half a penny", retailColumns + "\n" + strings.Replace(good, "10.00", "10.005", 1), "whole pennies"},
		{"no price", retailColumns + "\n" + strings.Replace(good, "10.00", "", 1), "line 2"},
		{"two customers of one invoice", retailColumns + "\n" + good + strings.Replace(good, "501", "502", 1), "line 3"},
	} {
		if _, err := readRetail(strings.NewReader(row.text)); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", row.story, err, row.want)
		}
	}
}
