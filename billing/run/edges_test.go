package run_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/run"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

func unbilled(t *testing.T, h *house, id string) (n int) {
	t.Helper()
	if err := engine.View(t.Context(), h.accounts, id, func(a *billing.Account) error {
		n = 0
		for range a.Unbilled() {
			n++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// What came late for a month is billed by the run of the next one, on an invoice of its own month.
func TestLatePurchases(t *testing.T) {
	h := open(t, memory.New(nil))
	openSeries(t, h)
	begin(t, h, "A", paris)
	must(t, h, "A", "in time", billing.Accept{At: at(11, 5, 9), Operation: trip("1", "100")})
	if _, err := h.runner(t, nil).Bill(t.Context(), november()); err != nil {
		t.Fatal(err)
	}
	late := trip("2", "50")
	late.At = at(11, 30, 12)
	must(t, h, "A", "late", billing.Accept{At: at(12, 2, 9), Operation: late})
	report, err := h.runner(t, nil).Bill(t.Context(), december())
	if n := unbilled(t, h, "A"); err != nil || n != 0 || report.Issued != 1 {
		t.Errorf("%d purchases of before are not billed: %+v, %v", n, report, err)
	}
}

// A contract that moves to another zone between two runs loses no purchase between them.
func TestZoneMovesBetweenRuns(t *testing.T) {
	h := open(t, memory.New(nil))
	openSeries(t, h)
	begin(t, h, "A", paris)
	move := func(revision uint64, zone string) {
		var v contract.View
		if err := engine.View(t.Context(), h.accounts, "A", func(a *billing.Account) error { v, _ = a.Contract(); return nil }); err != nil {
			t.Fatal(err)
		}
		v.Revision, v.Zone = revision, zone
		must(t, h, "A", zone, billing.TakeContract{View: v})
	}
	move(2, "Pacific/Auckland")
	must(t, h, "A", "buy", billing.Accept{At: at(11, 30, 20), Operation: trip("1", "100")}) // 1 December in Auckland
	if report, err := h.runner(t, nil).Bill(t.Context(), november()); err != nil || report.Issued != 0 || len(report.Parked) != 0 {
		t.Fatal(report, err)
	}
	move(3, "Europe/Paris") // where it was 30 November
	if report, err := h.runner(t, nil).Bill(t.Context(), december()); err != nil || report.Issued == 0 {
		t.Errorf("November and December were run, and %d purchases wait: %+v, %v", unbilled(t, h, "A"), report, err)
	}
}

// A run that is asked for again at the same instant with other rules parks who has to be, and bills everybody else.
func TestParkedAgain(t *testing.T) {
	h := open(t, memory.New(nil))
	openSeries(t, h)
	begin(t, h, "A", party.Address{})
	must(t, h, "A", "buy", billing.Accept{At: at(11, 5, 9), Operation: trip("1", "100")})
	if _, err := h.runner(t, nil).Bill(t.Context(), november()); err != nil {
		t.Fatal(err)
	}
	begin(t, h, "B", paris)
	must(t, h, "B", "buy", billing.Accept{At: at(11, 5, 9), Operation: trip("1", "100")})
	o := november()
	o.Rules.DueDays = 20
	if report, err := h.runner(t, nil).Bill(t.Context(), o); err != nil || report.Issued != 1 {
		t.Errorf("B was not billed: %+v, %v", report, err)
	}
}

// unreadable is a journal that fails to read some streams, for a while.
type unreadable struct {
	storage.Journal
	broken bool
}

var errDisk = errors.New("disk")

func (j *unreadable) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	if j.broken && strings.HasPrefix(id, "billing/") {
		return func(yield func(event.Record, error) bool) { yield(event.Record{}, errDisk) }
	}
	return j.Journal.Stream(ctx, id, after)
}

// A journal that fails to be read ends the run with an error, and parks nobody.
func TestUnreadableJournal(t *testing.T) {
	j := memory.New(nil)
	fill(t, open(t, j), 5, 5)
	report, err := open(t, &unreadable{j, true}).runner(t, nil).Bill(t.Context(), november())
	if !errors.Is(err, errDisk) {
		t.Errorf("got %v, and %d of %d accounts are parked", err, len(report.Parked), report.Accounts)
	}
}

// What is too much for one append is issued in several.
func TestLargeChunk(t *testing.T) {
	const accounts, months = 200, 21
	j := memory.New(nil)
	h := open(t, j)
	openSeries(t, h)
	codec := billing.Codec()
	for n := range accounts {
		id := fmt.Sprintf("CTR-%03d", n)
		a, batch := billing.NewAccount(id), storage.Batch{Key: "all", Writes: []storage.Write{{Stream: "billing/" + id}}}
		take := func(decided []event.Data, err error) {
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range decided {
				e, err := codec.Encode(d)
				if err != nil {
					t.Fatal(err)
				}
				batch.Writes[0].Events = append(batch.Writes[0].Events, e)
				if err := a.Apply(d); err != nil {
					t.Fatal(err)
				}
			}
		}
		mandate := contract.MandateID("FR83ZZZ459654", party.MandateReference("RUM-"+id))
		amount := money.New(limit, money.EUR)
		take(billing.TakeContract{View: contract.View{
			Contract: id, Revision: 1, Customer: party.Party{Reference: id, Name: "Customer", Address: paris}, Currency: money.EUR, Zone: "Europe/Paris",
			Phases: []contract.Phase{
				{Status: contract.Draft, Limit: amount, BillingDay: contract.LastDay},
				{From: at(1, 1, 0), Status: contract.Active, Limit: amount, Mandate: mandate, BillingDay: contract.LastDay},
			},
		}}.Decide(a))
		m := mandateOf(id, mandate)
		m.SignedOn, m.Phases[1].From = civil.MustParseDate("2025-12-01"), at(1, 1, 0)
		take(billing.TakeMandate{View: m}.Decide(a))
		for k := range months { // an invoice of each of 21 weeks, and all is given back in November
			o := trip(fmt.Sprint("op-", k), "100")
			o.At = at(2, 1, k)
			take(billing.Accept{At: at(6, 1, 0), Operation: o}.Decide(a))
			p, err := a.MonthOf(civil.MustParseDate("2026-02-01"))
			if err != nil {
				t.Fatal(err)
			}
			take(billing.Bill{
				At: at(6, 1, 0), Period: p, Rules: november().Rules, IssuedOn: civil.MustParseDate("2026-06-01"),
				From: billing.Numbering{Series: "old", Prefix: "OLD-", Width: 6, Next: uint64(n*months + k + 1)},
			}.Decide(a))
		}
		for k := range months {
			take(billing.Refund{At: at(11, 5, 0), ID: fmt.Sprint("back-", k), Of: fmt.Sprint("op-", k)}.Decide(a))
		}
		if receipts, err := j.Append(t.Context(), batch); err != nil || receipts[0].Err != nil {
			t.Fatal(receipts, err)
		}
	}
	report, err := h.runner(t, &run.Options{Chunk: 200}).Bill(t.Context(), november())
	if err != nil || report.Issued != accounts*months {
		t.Errorf("issued %d of %d: %.300v", report.Issued, accounts*months, err)
	}
}

// busy is a journal in which somebody issues an invoice while it is verified.
type busy struct {
	storage.Journal
	once func()
}

func (j *busy) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	if once := j.once; once != nil {
		j.once = nil
		once()
	}
	return j.Journal.All(ctx, after)
}

// A series can be verified while a run goes on.
func TestVerifyBesideARun(t *testing.T) {
	j := memory.New(nil)
	h := open(t, j)
	fill(t, h, 5, 5)
	report, err := run.VerifySeries(t.Context(), &busy{j, func() {
		if _, err := h.runner(t, nil).Bill(t.Context(), november()); err != nil {
			t.Fatal(err)
		}
	}}, "series", "2026")
	if err != nil || !report.OK() {
		t.Errorf("got %+v, %v", report.Findings, err)
	}
}

// Two series of one prefix give one number twice: each is told so when it is verified.
func TestTwoSeriesOfOnePrefix(t *testing.T) {
	j := memory.New(nil)
	h := open(t, j)
	openSeries(t, h) // F2026-, six digits
	n, err := engine.Do(t.Context(), h.series, "2026-b", "open", billing.OpenSeries{At: at(1, 1, 0), Prefix: "F2026-", Year: 2026, Width: 6})
	if err != nil || len(n.Causes) > 0 {
		t.Fatal(n, err)
	}
	for i, series := range []string{"2026", "2026-b"} {
		id := string(rune('A' + i))
		begin(t, h, id, paris)
		must(t, h, id, "buy", billing.Accept{At: at(11, 5, 9), Operation: trip("1", "100")})
		o := november()
		o.Series = series
		if _, err := h.runner(t, nil).Bill(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for _, series := range []string{"2026", "2026-b"} {
		report, err := run.VerifySeries(t.Context(), j, "series", series)
		if err != nil || len(report.Findings) != 1 || !strings.HasSuffix(report.Findings[0].What, "too: F2026-000001") {
			t.Errorf("%s: got %+v, %v", series, report.Findings, err)
		}
	}
}

// Two runs of one month at once issue every invoice once, and each reports its own.
func TestTwoRunsAtOnce(t *testing.T) {
	j := memory.New(nil)
	fill(t, open(t, j), 10, 5)
	first := open(t, j).runner(t, nil)
	var one run.Report
	slow := &faulty.Journal{Journal: j}
	slow.Before = func(batches []storage.Batch) {
		if slow.Before = nil; strings.HasPrefix(batches[0].Key, "bill@") {
			var err error
			if one, err = first.Bill(t.Context(), november()); err != nil {
				t.Error(err)
			}
		}
	}
	two, err := open(t, slow).runner(t, nil).Bill(t.Context(), november())
	if found, _ := invoices(t, j); err != nil || one.Issued+two.Issued != len(found) {
		t.Errorf("%d invoices were issued, and the reports say %d and %d, %v", len(found), one.Issued, two.Issued, err)
	}
}
