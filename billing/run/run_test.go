package run_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/run"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/party"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// However many work, however large chunks are, and wherever the run was stopped and begun again, the invoices are the same, byte by byte (R1,
// R4); numbers have no gaps (R2); and what is open, with what is unbilled, is the exposure.
func TestSameInvoices(t *testing.T) {
	const accounts, seed = 25, 7
	first := memory.New(nil)
	fill(t, open(t, first), accounts, seed)
	bill(t, first, nil)
	want, amounts := invoices(t, first)
	if len(want) < accounts {
		t.Fatalf("only %d invoices", len(want))
	}
	fees, notes := 0, 0
	for _, v := range want {
		if strings.Contains(v, `"charges":`) {
			fees++
		}
		if strings.Contains(v, `"allowances":`) && strings.Contains(v, `"kind":"credit_note"`) {
			notes++
		}
	}
	if t.Logf("%d documents, %d with fees, %d credit notes with allowances", len(want), fees, notes); min(fees, notes) < 3 {
		t.Error("too few to tell")
	}
	checkExposures(t, first, accounts, amounts)
	for _, o := range []run.Options{{Workers: 1, Chunk: 1}, {Workers: 8, Chunk: 3}, {Workers: 2, Chunk: 200}} {
		j := memory.New(nil)
		fill(t, open(t, j), accounts, seed)
		bill(t, j, &o)
		if got, _ := invoices(t, j); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: other invoices", o)
		}
	}
	for nth := range campaign.Size(12, 60) {
		for _, fault := range []faulty.Fault{faulty.Refused, faulty.LostStored, faulty.LostUnstored} {
			j := memory.New(nil)
			fill(t, open(t, j), accounts, seed)
			calls := 0
			broken := &faulty.Journal{Journal: j, Next: func() faulty.Fault {
				if calls++; calls == nth+1 {
					return fault
				}
				return faulty.None
			}}
			bill(t, broken, &run.Options{Chunk: 3})
			if got, _ := invoices(t, j); !reflect.DeepEqual(got, want) {
				t.Errorf("append %d with fault %d: other invoices", nth+1, fault)
			}
		}
	}
}

// checkExposures holds every account to what it has: what is unbilled, and what is open of documents.
func checkExposures(t *testing.T, j storage.Journal, accounts int, documents int64) {
	t.Helper()
	h, open := open(t, j), int64(0)
	for n := range accounts {
		err := engine.View(t.Context(), h.accounts, fmt.Sprintf("CTR-%03d", n), func(a *billing.Account) error {
			e := a.Exposure(time.Time{})
			open += e.Open.Minor() - e.Credit.Minor()
			unbilled := int64(0)
			for p := range a.Unbilled() {
				unbilled += p.Left.Minor()
				if p.On.After(at(10, 31, 22)) && p.On.Before(at(12, 31, 23)) {
					t.Errorf("%s: %s of %s is not billed", a.ID(), p.Operation.ID, p.On)
				}
			}
			total := e.Purchases.Minor() - e.Refunds.Minor() + e.Charges.Minor() + e.Open.Minor() - e.Credit.Minor()
			if e.Purchases.Minor() < unbilled || e.Total.Minor() != total {
				t.Errorf("%s: %+v, unbilled %d", a.ID(), e, unbilled)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if open != documents {
		t.Errorf("open are %d, and the documents sum to %d", open, documents)
	}
}

// A dry run says what the real one issues, and issues nothing.
func TestDryRun(t *testing.T) {
	j := memory.New(nil)
	h := open(t, j)
	fill(t, h, 30, 11)
	before, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := h.runner(t, &run.Options{Chunk: 4})
	dry, err := r.Dry(t.Context(), november())
	if err != nil {
		t.Fatal(err)
	}
	if head, _ := j.Head(t.Context()); head != before {
		t.Errorf("the journal grew from %d to %d", before, head)
	}
	told := 0
	real, err := h.runner(t, &run.Options{Chunk: 7, Progress: func(p run.Progress) { told = p.Done }}).Bill(t.Context(), november())
	if err != nil || !reflect.DeepEqual(dry, real) || real.Digest == "" {
		t.Errorf("got %+v, %v, and dry %+v", real, err, dry)
	}
	if told != 30 {
		t.Errorf("progress: got %d accounts, want 30", told)
	}
	again, err := r.Bill(t.Context(), november())
	if err != nil || again.Issued != 0 || again.Digest != "" {
		t.Errorf("again: got %+v, %v", again, err)
	}
}

// An account that cannot be billed is parked alone, and billed once that is mended (R3); with the numbers that come then.
func TestParked(t *testing.T) {
	j := memory.New(nil)
	h := open(t, j)
	openSeries(t, h)
	for _, id := range []string{"A", "B", "C"} {
		address := paris
		if id == "B" {
			address = party.Address{}
		}
		begin(t, h, id, address)
		must(t, h, id, "buy", billing.Accept{At: at(11, 5, 9), Operation: trip("trip", "100")})
	}
	report, err := h.runner(t, nil).Bill(t.Context(), november())
	if err != nil || report.Issued != 2 || len(report.Parked) != 1 {
		t.Fatalf("got %+v, %v", report, err)
	}
	if p := report.Parked[0]; p.Contract != "B" || len(p.Causes) != 1 || p.Causes[0].Reason != billing.BuyerIncomplete {
		t.Fatalf("got %+v", p)
	}
	var mended contract.View
	if err := engine.View(t.Context(), h.accounts, "B", func(a *billing.Account) error { mended, _ = a.Contract(); return nil }); err != nil {
		t.Fatal(err)
	}
	mended.Revision, mended.Customer.Address = 2, paris
	must(t, h, "B", "mended", billing.TakeContract{View: mended})
	if report, err = h.runner(t, nil).Bill(t.Context(), november()); err != nil || report.Issued != 1 || len(report.Parked) != 0 {
		t.Errorf("mended: got %+v, %v", report, err)
	}
	if found, _ := invoices(t, j); len(found) != 3 {
		t.Errorf("got %d invoices", len(found))
	}
	refusals := 0
	for r, err := range j.Stream(t.Context(), event.Stream("billing", "B"), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Type == (billing.Refusal{}).EventType() {
			refusals++
		}
	}
	if refusals != 1 {
		t.Errorf("%d refusals are on record, want 1", refusals)
	}
}

// Orders that nobody could be billed by are errors; nothing is issued, and nobody parked.
func TestBadOrders(t *testing.T) {
	j := memory.New(nil)
	h := open(t, j)
	fill(t, h, 3, 5)
	before, _ := j.Head(t.Context())
	for what, change := range map[string]func(o *run.Order){
		"a series that is not open":    func(o *run.Order) { o.Series = "2027" },
		"a series of another year":     func(o *run.Order) { o.IssuedOn = civil.MustParseDate("2027-01-02") },
		"no date":                      func(o *run.Order) { o.IssuedOn = 0 },
		"due after 46 days":            func(o *run.Order) { o.Rules.DueDays = 46 },
		"no seller":                    func(o *run.Order) { o.Rules.Seller = party.Party{} },
		"issued in its middle":         func(o *run.Order) { o.IssuedOn = civil.MustParseDate("2026-11-15") },
		"no month":                     func(o *run.Order) { o.Month = 0 },
		"an instant that there is not": func(o *run.Order) { o.At = time.Time{} },
	} {
		o := november()
		change(&o)
		if report, err := h.runner(t, nil).Bill(t.Context(), o); err == nil || report.Issued != 0 || len(report.Parked) != 0 {
			t.Errorf("%s: got %+v, %v", what, report, err)
		}
	}
	early := november()
	early.At = at(11, 30, 22)
	if report, err := h.runner(t, nil).Dry(t.Context(), early); err != nil || report.Issued != 0 || len(report.Parked) == 0 {
		t.Errorf("a month that is not over: got %+v, %v", report, err)
	}
	if head, _ := j.Head(t.Context()); head != before {
		t.Errorf("the journal grew from %d to %d", before, head)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.runner(t, nil).Bill(ctx, november()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// What is wrong with the numbers of a series is found: a journal that somebody has mended by hand.
func TestVerifySeries(t *testing.T) {
	j := memory.New(nil)
	fill(t, open(t, j), 12, 3)
	bill(t, j, nil)
	report, err := run.VerifySeries(t.Context(), j, "series", "2026")
	if err != nil || !report.OK() || report.Given == 0 || report.Found != report.Given {
		t.Fatalf("got %+v, %v", report, err)
	}
	if _, err := run.VerifySeries(t.Context(), j, "series", "2027"); err == nil {
		t.Error("a series that is not open: no error")
	}
	codec := billing.Codec()
	renumber := func(from, to string) func(e *billing.Invoiced) bool {
		return func(e *billing.Invoiced) bool {
			if e.Number == from {
				e.Number = to
			}
			return false
		}
	}
	for what, row := range map[string]struct {
		change func(e *billing.Invoiced) (leaveOut bool)
		want   []run.Finding
	}{
		"one is gone": {func(e *billing.Invoiced) bool { return e.Number == "F2026-000003" }, []run.Finding{{Number: 3, What: "missing"}}},
		"one has another's number": {
			renumber("F2026-000003", "F2026-000002"), []run.Finding{{Number: 2, What: "twice"}, {Number: 3, What: "missing"}},
		},
		"one that was never given": {
			renumber("F2026-000002", "F2026-999999"), []run.Finding{{Number: 999999, What: "never given"}, {Number: 2, What: "missing"}},
		},
		"one that is no number": {
			renumber("F2026-000002", "F2026-02"), []run.Finding{{What: "another text: F2026-02"}, {Number: 2, What: "missing"}},
		},
		"one that is dated earlier": {func(e *billing.Invoiced) bool {
			if e.Number == "F2026-000002" {
				e.IssuedOn--
			}
			return false
		}, []run.Finding{{Number: 2, What: "before an earlier one"}}},
	} {
		copied := memory.New(nil)
		for r, err := range j.All(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if d, err := codec.Decode(r.Event); err == nil {
				if e, is := d.(billing.Invoiced); is {
					if row.change(&e) {
						continue
					}
					if r.Event, err = codec.Encode(e); err != nil {
						t.Fatal(err)
					}
				}
			}
			batch := storage.Batch{Key: fmt.Sprint(r.Position), Writes: []storage.Write{
				{Stream: r.Stream, Expect: version(t, copied, r.Stream), Events: []event.Event{r.Event}},
			}}
			if receipts, err := copied.Append(t.Context(), batch); err != nil || receipts[0].Err != nil {
				t.Fatal(receipts, err)
			}
		}
		got, err := run.VerifySeries(t.Context(), copied, "series", "2026")
		for i := range got.Findings {
			got.Findings[i].Record = ""
		}
		if err != nil || !reflect.DeepEqual(got.Findings, row.want) {
			t.Errorf("%s: got %+v, %v, want %+v", what, got.Findings, err, row.want)
		}
	}
}

func version(t *testing.T, j storage.Journal, stream string) (v storage.Version) {
	t.Helper()
	for r, err := range j.Stream(t.Context(), stream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		v = r.Version
	}
	return v
}
