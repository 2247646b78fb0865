package main

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/payrules/payrules/internal/campaign"
)

// berka is a year of the real data set.
const berka = "berka/trans-1993.csv"

// The figures are those of an independent computation over the data set.
func checkBerka(t *testing.T, r reportJSON) {
	t.Helper()
	if r.Transactions != 28205 || r.Accepted != 8436 || r.AcceptedAmount != "36402106.60" ||
		r.Refused != 1326 || r.RefusedAmount != "37304774.00" {
		t.Errorf("wrong figures:\n%s", lasting(r))
	}
}

func TestBerka(t *testing.T) {
	file, dir := campaign.Data(t, berka), t.TempDir()
	one := decided(t, "-input", file, "-cap", "7d=20000", "-data", dir)
	checkBerka(t, one)
	if one.Replayed != 0 {
		t.Errorf("%d rows replayed in a new journal", one.Replayed)
	}
	two := decided(t, "-input", file, "-cap", "7d=20000", "-data", dir)
	checkBerka(t, two)
	if two.Replayed != two.Transactions || lasting(two) != lasting(one) {
		t.Errorf("again: %d of %d rows replayed, and\n%s\nafter\n%s", two.Replayed, two.Transactions, lasting(two), lasting(one))
	}
}

// Every row becomes one record of the account it concerns, and one more holds the caps.
func TestBuiltInAgain(t *testing.T) {
	dir := t.TempDir()
	one := decided(t, "-data", dir)
	if one.Transactions != demoRows || one.Replayed != 0 || one.Head != demoRows+1 || one.Latency.Decisions != one.Accepted+one.Refused {
		t.Errorf("the first run:\n%+v", one)
	}
	before := records(t, dir)
	two := decided(t, "-data", dir)
	if two.Replayed != demoRows || two.Latency != nil || lasting(two) != lasting(one) {
		t.Errorf("the second run: %d replayed\n%s\nafter\n%s", two.Replayed, lasting(two), lasting(one))
	}
	after := records(t, dir)
	if len(after) != len(before) || uint64(len(after)) != one.Head {
		t.Errorf("%d records after the second run, %d before, the report says %d", len(after), len(before), one.Head)
	}
}

// However many callers there are, each account is decided in the order of its rows.
func TestCallersAgree(t *testing.T) {
	var want map[string]string
	var figures string
	for _, callers := range []string{"1", "7", "4096"} {
		dir := t.TempDir()
		r := decided(t, "-data", dir, "-callers", callers, "-cap", "7d=20000/6", "-cap", "month=40000")
		streams := byStream(records(t, dir))
		if want == nil {
			want, figures = streams, lasting(r)
		}
		if !maps.Equal(streams, want) {
			t.Errorf("%s callers decided otherwise than one", callers)
		}
		if lasting(r) != figures {
			t.Errorf("%s callers:\n%s\nwant\n%s", callers, lasting(r), figures)
		}
	}
}

// The model adds up every window anew.
func TestAgainstModel(t *testing.T) {
	type spend struct {
		at     time.Time
		amount decimal.Decimal
	}
	spent := map[string][]spend{}
	most := decimal.NewFromInt(20000)
	var accepted, refused figure
	for row := range demoStream {
		if !row.withdrawal() {
			continue
		}
		sum := row.Amount.Decimal()
		for _, s := range spent[row.Account] {
			if s.at.After(row.At.AddDate(0, 0, -7)) {
				sum = sum.Add(s.amount)
			}
		}
		if sum.GreaterThan(most) {
			refused.add(row.Amount)
			continue
		}
		accepted.add(row.Amount)
		spent[row.Account] = append(spent[row.Account], spend{row.At, row.Amount.Decimal()})
	}
	r := decided(t, "-cap", "7d=20000", "-data", t.TempDir())
	if r.Accepted != accepted.count || r.AcceptedAmount != accepted.amount() || r.Refused != refused.count || r.RefusedAmount != refused.amount() {
		t.Errorf("the model accepts %d for %s and refuses %d for %s; the program:\n%s",
			accepted.count, accepted.amount(), refused.count, refused.amount(), lasting(r))
	}
	if r.Refused < 100 || r.Accepted < 1000 {
		t.Errorf("the built-in stream is dull: %d accepted, %d refused", r.Accepted, r.Refused)
	}
}

func TestSmallFiles(t *testing.T) {
	const huge = `;7;930102;"VYDAJ";"VYBER";92233720368547758.07;0.00;"";;`
	for _, c := range []struct {
		name              string
		lines             []string
		caps              string
		accepted, refused string // count and amount
		refusals          string // reason and limit of each
	}{
		{"only a header", nil, "7d=20000", "0 0.00", "0 0.00", ""},
		{"one over the cap, one after the window", []string{deposit, take, over, later}, "7d=20000", "2 21000.00", "1 6000.00", "amount_limit_exceeded 7d"},
		{"the same within eight days", []string{deposit, take, over, later}, "8d=20000", "1 15000.00", "2 12000.00", "amount_limit_exceeded 8d"},
		{"a count", []string{deposit, take, over, later}, "month=/2", "2 21000.00", "1 6000.00", "count_limit_exceeded month"},
		{"each one", []string{take, over, later}, "tx=14999.99", "2 12000.00", "1 15000.00", "amount_limit_exceeded tx"},
		{"exactly the cap", []string{take, over}, "lifetime=21000", "2 21000.00", "0 0.00", ""},
		{"a haler below", []string{take, over}, "lifetime=20999.99", "1 15000.00", "1 6000.00", "amount_limit_exceeded lifetime"},
		{"nothing is no withdrawal", []string{`5;7;930102;"VYDAJ";"VYBER";0.00;0.00;"";;`}, "7d=20000", "0 0.00", "1 0.00", "amount_not_positive "},
		{"a late row", []string{later, take}, "7d=20000", "1 6000.00", "1 15000.00", "too_late "},
		{"sums beyond an int64", []string{"5" + huge, "6" + huge, "7" + huge}, "7d=1", "0 0.00", "3 276701161105643274.21", "overflow "},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := write(t, append(append([]string{first}, c.lines...), "")...)
			r := decided(t, "-input", file, "-cap", c.caps, "-data", t.TempDir())
			var refusals []string
			for _, f := range r.Refusals {
				refusals = append(refusals, string(f.Reason)+" "+f.Limit)
			}
			accepted := grouped(r.Accepted) + " " + r.AcceptedAmount
			refused := grouped(r.Refused) + " " + r.RefusedAmount
			if accepted != c.accepted || refused != c.refused || strings.Join(refusals, ", ") != c.refusals {
				t.Errorf("accepted %s, refused %s %q\nwant     %s, refused %s %q", accepted, refused, refusals, c.accepted, c.refused, c.refusals)
			}
			if r.Transactions != int64(len(c.lines)) {
				t.Errorf("%d transactions, want %d", r.Transactions, len(c.lines))
			}
		})
	}
}

// What a person gets: everything in 80 columns, and no escape sequences where there is no terminal.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	e := quickstart(context.Background(), "-data", dir, "-cap", "7d=20000", "-cap", "month=50000/30")
	if e.code != exitDone {
		t.Fatalf("exit status %d\n%s", e.code, e.stderr)
	}
	for line := range strings.Lines(e.stdout) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 && !strings.Contains(line, dir) {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(e.stdout+e.stderr, "\x1b") {
		t.Error("an escape sequence, and no terminal")
	}
	for _, want := range []string{
		"3,000 transactions of the built-in stream", "-cap 7d=20000.00 -cap month=50000.00/30", "withdrawals accepted",
		"amount_limit_exceeded by 7d", "Withdrawals by month", "2026-01", "Nearest their cap on 2026-", "(p50)", "(p99)",
		dir + " and holds 3,001 records",
	} {
		if !strings.Contains(e.stdout, want) {
			t.Errorf("the report does not say %q:\n%s", want, e.stdout)
		}
	}
	if !strings.Contains(e.stderr, dir) {
		t.Errorf("the journal is not named at the start: %q", e.stderr)
	}
}

// Without -data the journal is in a new folder, which the output names.
func TestTemporaryJournal(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	one, two := decided(t, "-input", write(t, first, take, "")), decided(t, "-input", write(t, first, take, ""))
	if one.Data == two.Data || one.Replayed+two.Replayed != 0 {
		t.Errorf("two runs met in %s and %s", one.Data, two.Data)
	}
	if n := len(records(t, one.Data)); n != 2 {
		t.Errorf("%d records in %s, want 2", n, one.Data)
	}
}
