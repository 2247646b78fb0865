package billing_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/contract"
	"pgregory.net/rapid"
)

// billedHistory is a history whose months are billed, and what was issued by that.
type billedHistory struct {
	history
	next     uint64
	issued   map[string]billing.Invoiced
	invoices map[string]sheet // by number
	notes    map[string]sheet // all credit notes of one, by its number
	charged  int              // documents with charges or allowances
	credited int              // credit notes with allowances
}

// Credit notes in whatever order, and with whatever comes late between, take what the lines of the invoices had cost less the allowances, of
// each category and rate, to the cent, and leave the charges; every line and charge is on exactly one document; every document holds to
// EN 16931; and the exposure is what is unbilled and open, after every step (B1, B8, B9, B11, B12).
func TestCreditNotesTakeWhatRemains(t *testing.T) {
	documents, notes, charged, credited := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := billedHistory{
			history: history{t: t, a: billing.NewAccount("CTR-1"), m: &model{mandates: map[string]contract.MandateView{}}, at: at(1, 12)},
			next:    1, issued: map[string]billing.Invoiced{}, invoices: map[string]sheet{}, notes: map[string]sheet{},
		}
		do(t, h.a, billing.TakeContract{View: addressed(active(1, 1<<50))})
		do(t, h.a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
		v, _ := h.a.Contract()
		h.m.contract = &v
		m, _ := h.a.Mandate(mandateID)
		h.m.mandates[mandateID] = m
		h.live()
		for _, p := range h.m.bought { // all of it comes back, and all of it is billed
			h.n++
			do(t, h.a, billing.Refund{At: h.at, ID: fmt.Sprint("all-", h.n), Of: p.op.ID})
		}
		for m := 9; m <= 18; m++ {
			h.run(m)
		}
		h.end()
		for _, v := range h.issued {
			if documents++; v.Kind == billing.CreditNote {
				notes++
			}
		}
		charged, credited = charged+h.charged, credited+h.credited
	})
	t.Logf("%d documents, %d of them credit notes; %d with charges, %d credit notes with allowances", documents, notes, charged, credited)
	if !t.Failed() && (notes < 100 || min(charged, credited) < 20) {
		t.Error("too few to tell")
	}
}

// live lets four months pass, with purchases, refunds, charges and runs.
func (h *billedHistory) live() {
	for m := 11; m <= 14; m++ {
		for range rapid.IntRange(1, 12).Draw(h.t, "commands") {
			h.at = h.at.Add(time.Duration(rapid.IntRange(0, 60).Draw(h.t, "hours")) * time.Hour)
			switch rapid.IntRange(0, 8).Draw(h.t, "command") {
			case 0, 1, 2:
				h.refund()
			case 3, 4, 5:
				h.addCharge()
			default:
				h.m.overdue = isOverdue(h.issued, h.m.now(h.at))
				h.accept()
			}
			h.addsUp()
		}
		for range rapid.IntRange(0, 2).Draw(h.t, "runs") {
			h.run(rapid.IntRange(10, m).Draw(h.t, "month"))
			if rapid.Bool().Draw(h.t, "restored") {
				h.a = restored(h.t, h.a)
			}
		}
		p, _ := h.a.MonthOf(month(m + 1))
		h.at = h.m.now(p.Start.Add(time.Hour))
	}
}

// run bills a month, and holds what is issued to the model.
func (h *billedHistory) run(m int) {
	c := bill(h.t, h.a, m, h.next)
	drafts, err := h.a.Draft(c.Period, &c.Rules)
	if err != nil {
		h.t.Fatal(err)
	}
	before := h.a.Clone()
	b := do(h.t, h.a, c)
	if h.next += uint64(len(b.Issued)); len(b.Causes) > 0 || len(b.Issued) != len(drafts) {
		h.t.Fatal(b.Causes, len(b.Issued), len(drafts))
	}
	h.m.clock = h.m.now(c.At)
	for i, e := range b.Issued {
		h.issued[e.Number] = e
		v, ok, err := h.a.Invoice(e.Number)
		if !ok || err != nil || v.Digest() != drafts[i].Digest() || e.Digest != v.Digest() { // B11
			h.t.Fatalf("%s: %v, %v, and its draft is another", e.Number, ok, err)
		}
		if err := einvoice.Check(&v); err != nil {
			h.t.Fatalf("%s: %v", e.Number, err)
		}
		waited := before.Exposure(time.Time{}).Total
		if err := before.Apply(e); err != nil {
			h.t.Fatal(err)
		}
		got := before.Exposure(time.Time{}).Total
		if got != e.Exposure {
			h.t.Fatalf("%s: the exposure is %v, and was told as %v", e.Number, got, e.Exposure)
		}
		rounding := int64(len(v.Lines) + len(v.Taxes))
		if off := got.Minor() - waited.Minor(); v.Kind == billing.CreditNote && max(off, -off) > rounding {
			h.t.Fatalf("%s: before it, %v were lent, and after it %v", e.Number, waited, got)
		}
		h.document(&v)
	}
	h.addsUp()
}

// document holds the charges of a document to the model.
func (h *billedHistory) document(v *billing.Invoice) {
	s := sheetOf(v)
	if len(v.Charges) > 0 {
		h.charged++
	}
	if v.Kind != billing.CreditNote {
		want := h.m.claim(v)
		if !reflect.DeepEqual(v.Charges, want) {
			h.t.Fatalf("%s: got %+v, want %+v", v.Number, v.Charges, want)
		}
		h.invoices[v.Number] = s
		h.notes[v.Number] = sheetOf(&billing.Invoice{})
		return
	}
	if want := allowancesOf(h.invoices[v.Corrects], h.notes[v.Corrects], s); !reflect.DeepEqual(s.allowances, want) || len(s.charges) > 0 {
		h.t.Fatalf("%s: allowances %v, want %v; charges %v", v.Number, s.allowances, want, s.charges)
	}
	if len(v.Charges) > 0 {
		h.credited++
	}
	notes := h.notes[v.Corrects]
	notes.add(s)
	for vat, base := range notes.base { // B9: never more than was to be paid
		whole := h.invoices[v.Corrects]
		if base < 0 || base > whole.base[vat] || notes.tax[vat] > whole.tax[vat] || s.base[vat] < 0 || s.tax[vat] < 0 {
			h.t.Fatalf("%s: takes %d, in all %d of %d", v.Number, s.base[vat], base, whole.base[vat])
		}
	}
}

// addsUp holds the exposure to its parts, and to the documents.
func (h *billedHistory) addsUp() {
	e, open := h.a.Exposure(time.Time{}), int64(0)
	for _, v := range h.issued {
		if v.Kind == billing.CreditNote {
			open -= v.Totals.Payable.Minor()
		} else {
			open += v.Totals.Payable.Minor()
		}
	}
	if e.Total.Minor() != e.Purchases.Minor()-e.Refunds.Minor()+e.Charges.Minor()+e.Open.Minor()+e.Collected.Minor()-e.Credit.Minor() ||
		e.Open.Minor()-e.Credit.Minor() != open || e.Charges.Minor() != h.m.owed() {
		h.t.Fatalf("%+v, documents %d, charges %d", e, open, h.m.owed())
	}
}

// end is when all has come back, and is billed: what is left are the charges.
func (h *billedHistory) end() {
	e, left := h.a.Exposure(time.Time{}), int64(0)
	for number, whole := range h.invoices {
		notes := h.notes[number]
		for vat, base := range whole.base {
			rest := whole.charges[vat] - max(0, whole.allowances[vat]-whole.lines[vat])
			if got := base - notes.base[vat]; got != rest || rest == 0 && notes.tax[vat] != whole.tax[vat] {
				h.t.Fatalf("%s: %d of %v is left, with %d of the tax %d, want %d", number, got, vat, whole.tax[vat]-notes.tax[vat], whole.tax[vat], rest)
			}
			left += rest + whole.tax[vat] - notes.tax[vat]
		}
	}
	if e.Purchases.Sign() != 0 || e.Refunds.Sign() != 0 || e.Total.Minor() != left+h.m.owed() {
		h.t.Fatalf("all came back, what is left is %d, and the exposure %+v", left, e)
	}
	for i := range h.m.charges {
		c := &h.m.charges[i]
		if got, ok := h.a.Charge(c.ask.ID); !ok || got.Invoice != c.number {
			h.t.Fatalf("%s is on %q, want %q", c.ask.ID, got.Invoice, c.number)
		}
	}
	accounts := []*billing.Account{h.a, restored(h.t, h.a)}
	for number, v := range h.issued { // whatever has come since, and from a snapshot too
		for _, a := range accounts {
			doc, ok, err := a.Invoice(number)
			if !ok || err != nil || doc.Digest() != v.Digest || len(doc.Lines) != v.Lines {
				h.t.Fatalf("%s: %v %v", number, ok, err)
			}
		}
	}
}
