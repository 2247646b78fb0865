package billing_test

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the shop's clock is London's wherever the test runs

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/money"
)

// A wholesaler's file of sales: one line for each line of an invoice. An invoice whose number begins with C cancels, with quantities
// below zero, and does not say what.

// retailColumns is what the file begins with.
const retailColumns = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

// retailLine is a line of an invoice.
type retailLine struct {
	code, label string
	units       int // above zero, of cancellations as well
	price       billing.Price
}

// pence is what a line comes to.
func (l retailLine) pence() int64 { return int64(l.units) * int64(l.price) / micros }

// micros is how many millionths of a pound a penny has.
const micros = 10_000

// retailInvoice is all lines with one number.
type retailInvoice struct {
	no, customer string
	at           time.Time // of its earliest line
	cancels      bool
	lines        []retailLine
}

// retailFile is what was read, in the order of time, and what is strange about it.
type retailFile struct {
	lines    int
	invoices []*retailInvoice
	strange  retailStrange
}

// retailStrange counts what a reader could stumble over.
type retailStrange struct {
	Free     int                    // lines whose price is zero: they are bought as any other
	Charges  map[string]retailTally // by code, lines that are no goods but services: POST is postage, C2 carriage, M by hand …
	TwoTimes int                    // invoices that were written over more than one minute: the first counts
	Wrong    retailTally            // lines of no use: a sale of nothing or less, a cancellation of nothing or more, a price below zero
}

// retailTally is how many there are of something, and what they come to.
type retailTally struct {
	Count int
	Pence int64
}

func (t *retailTally) add(pence int64) { t.Count, t.Pence = t.Count+1, t.Pence+pence }

func (t retailTally) String() string { return fmt.Sprintf("%d for %s", t.Count, gbp(t.Pence)) }

func gbp(pence int64) money.Amount { return money.New(pence, money.GBP) }

// readRetail reads a file. It returns an error that names the line if that is none.
func readRetail(r io.Reader) (*retailFile, error) {
	rows := csv.NewReader(r)
	head, err := rows.Read()
	if err != nil || strings.Join(head, ",") != retailColumns {
		return nil, fmt.Errorf("the file begins with %q: %w", head, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, err
	}
	f, byNo, twice := &retailFile{strange: retailStrange{Charges: map[string]retailTally{}}}, map[string]*retailInvoice{}, map[string]bool{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		f.lines++
		no, customer := row[0], row[6]
		at, err := time.ParseInLocation("1/2/2006 15:04", row[4], london)
		inv := byNo[no]
		if err != nil || inv != nil && inv.customer != customer {
			return nil, fmt.Errorf("line %d: another customer's invoice, or %w", f.lines+1, err)
		}
		if inv == nil {
			inv = &retailInvoice{no: no, customer: customer, at: at.UTC(), cancels: strings.HasPrefix(no, "C")}
			byNo[no], f.invoices = inv, append(f.invoices, inv)
		}
		if !inv.at.Equal(at) {
			twice[no] = true
			inv.at = time.UnixMicro(min(inv.at.UnixMicro(), at.UnixMicro())).UTC()
		}
		if err := f.line(inv, row); err != nil {
			return nil, fmt.Errorf("line %d: %w", f.lines+1, err)
		}
	}
	f.strange.TwoTimes = len(twice)
	slices.SortStableFunc(f.invoices, func(a, b *retailInvoice) int { return a.at.Compare(b.at) })
	return f, nil
}

// line reads the rest of a line, and adds it to its invoice if it is of use.
func (f *retailFile) line(inv *retailInvoice, row []string) error {
	units, err := strconv.Atoi(row[3])
	if err != nil {
		return err
	}
	price, err := billing.ParsePrice(row[5])
	if err != nil {
		return err
	}
	if price%micros != 0 {
		return fmt.Errorf("a price of %v, which is not in whole pennies", price)
	}
	l := retailLine{code: row[1], label: cmp.Or(strings.TrimSpace(row[2]), row[1]), units: units, price: price}
	if inv.cancels {
		l.units = -units
	}
	if l.units <= 0 || price < 0 {
		f.strange.Wrong.add(int64(units) * int64(price) / micros)
		return nil
	}
	if price == 0 {
		f.strange.Free++
	}
	if l.supply() == billing.Services {
		of := f.strange.Charges[l.code]
		of.add(int64(units) * int64(price) / micros)
		f.strange.Charges[l.code] = of
	}
	inv.lines = append(inv.lines, l)
	return nil
}

// supply is goods for the codes of things on the shelf, which begin with a number of five digits.
func (l retailLine) supply() billing.Supply {
	if len(l.code) >= 5 && strings.Trim(l.code[:5], "0123456789") == "" {
		return billing.Goods
	}
	return billing.Services
}

// operation is an invoice as a purchase: one order, which has its number too.
func (inv *retailInvoice) operation(vat billing.VAT) billing.Operation {
	items := make([]billing.Item, len(inv.lines))
	for i, l := range inv.lines {
		items[i] = billing.Item{
			Product: l.code, Label: l.label, Supply: l.supply(), Quantity: billing.Whole(l.units), UnitPrice: l.price, VAT: vat,
		}
	}
	return billing.Operation{ID: inv.no, At: inv.at, Currency: money.GBP, Orders: []billing.Order{{Reference: inv.no, Items: items}}}
}

// pence is what an invoice comes to without tax.
func (inv *retailInvoice) pence() (sum int64) {
	for _, l := range inv.lines {
		sum += l.pence()
	}
	return sum
}
