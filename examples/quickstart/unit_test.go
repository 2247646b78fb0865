package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// format is the line of a transaction, and the reverse of parseRow.
func format(t *transaction) string {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	return strings.Join([]string{
		t.ID, t.Account, t.At.Format("060102"), quote(t.Type), quote(t.Operation), t.Amount.Number(), t.Balance.Number(),
		quote(t.Symbol), quote(t.Bank), quote(t.Partner),
	}, ";")
}

// What is accepted says one thing only: written down again, it is the same transaction. It keeps the bounds.
func FuzzParseRow(f *testing.F) {
	for _, line := range []string{deposit, take, over, later, first, "", ";;;;;;;;;",
		`1;7;700101;"VYDAJ";VYBER;0.5;-0.01;"a""b";"";"""";`, `1;7;690101;VYDAJ;"";7;7;";";č;"x"`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		row, err := parseRow(line)
		if err != nil {
			if row != nil || err.Error() == "" {
				t.Fatalf("%+v with error %q", row, err)
			}
			return
		}
		if row.Amount.Sign() < 0 || row.At.Year() < 1970 || row.At.Year() > 2069 || len(row.ID) > 18 || len(row.Partner) > maxText {
			t.Fatalf("%q is taken for %+v", line, row)
		}
		again, err := parseRow(format(row))
		if err != nil || *again != *row {
			t.Fatalf("%q\nis      %+v\nwritten %q\nis      %+v, %v", line, row, format(row), again, err)
		}
	})
}

func TestParseRow(t *testing.T) {
	row, err := parseRow(`3682987;11382;691231;"VYDAJ";"PREVOD NA UCET";0.5;-12.30;"SI""PO;";"č";00123`)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%s|%s|%s", row.ID, row.Account, row.At.Format(time.RFC3339), row.Type, row.Operation,
		row.Amount, row.Balance, row.Symbol, row.Bank, row.Partner)
	if want := `3682987|11382|2069-12-31T00:00:00Z|VYDAJ|PREVOD NA UCET|0.50 CZK|-12.30 CZK|SI"PO;|č|00123`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A quantile is at least the exact one, and at most a 32nd more.
func TestHistogram(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var h histogram
		var all []time.Duration
		for range 1 + random.IntN(300) {
			d := time.Duration(random.Uint64N(1<<40)) >> random.IntN(40)
			h.add(d)
			all = append(all, d)
		}
		slices.Sort(all)
		for _, percent := range []int64{1, 50, 99, 100} {
			exact := all[(int64(len(all))*percent+99)/100-1]
			if got := h.quantile(percent, 100); got < exact || got > exact+exact/32 {
				t.Fatalf("p%d of %d: %d, exactly %d", percent, len(all), got, exact)
			}
		}
	}
	var h histogram
	if got := h.quantile(50, 100); got != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
	h.add(-time.Second)
	h.add(time.Hour)
	if low, high := h.quantile(50, 100), h.quantile(100, 100); low != 0 || high != 1<<40-1 {
		t.Errorf("clamped to %v and %v", low, high)
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		part, whole int64
		want        string
	}{
		{0, 4, "    "}, {1, 4, "█   "}, {4, 4, "████"}, {1, 32, "▏   "}, {31, 32, "███▉"}, {9, 4, "████"}, {-1, 4, "    "},
		{1, 0, "    "}, {1<<63 - 1, 1<<63 - 1, "████"}, {1 << 61, 1 << 62, "██  "},
	} {
		if got := bar(c.part, c.whole, 4); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "999": "999", "1000": "1,000", "-1000": "-1,000", "-999.5": "-999.5", "36402106.60": "36,402,106.60",
	} {
		if got := groupedNumber(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// Every month is in one bar, whatever the span, and there are never too many.
func TestChart(t *testing.T) {
	at := func(year, m int) month { return monthOf(time.Date(year, time.Month(m), 1, 0, 0, 0, 0, time.UTC)) }
	for _, c := range []struct {
		from, to month
		heading  string
		bars     int
		first    string
	}{
		{at(1993, 1), at(1993, 1), "by month", 1, "1993-01"},
		{at(1993, 2), at(1994, 1), "by month", 12, "1993-02"},
		{at(1993, 2), at(1994, 2), "by quarter", 5, "1993-01"},
		{at(1993, 12), at(1998, 1), "by year", 6, "1993-01"},
		{at(1970, 1), at(2069, 12), "by decade", 10, "1970-01"},
	} {
		months := map[month]*[2]int64{c.from: {1000, 0}}
		entry(months, c.to)[1]++
		lines := strings.Split(strings.TrimSuffix(chart(months), "\n"), "\n")
		if !strings.Contains(lines[0], c.heading) || len(lines)-1 != c.bars || !strings.Contains(lines[1], c.first) {
			t.Errorf("%s to %s:\n%s", c.from, c.to, strings.Join(lines, "\n"))
		}
		if last := lines[len(lines)-1]; !strings.HasSuffix(last, " 1") {
			t.Errorf("%s to %s ends with %q", c.from, c.to, last)
		}
	}
	if got := chart(nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		rows, end, size int64
		took            time.Duration
		want            string
	}{
		{0, 0, 1000, 0, "[                    ]   0 %  0 rows, 0 a second"},
		{500, 250, 1000, time.Second, "[█████               ]  25 %  500 rows, 500 a second, 3s left"},
		{500, 250, 0, 2 * time.Second, "500 rows, 250 a second"},
		{500, 2000, 1000, 2 * time.Second, "500 rows, 250 a second"}, // it has grown since
		{1e9, 99e9, 100e9, 99 * time.Minute, ""},
	} {
		got := progressLine(c.rows, c.end, c.size, c.took)
		if c.want != "" && got != c.want || utf8.RuneCountInString(got) > 79 {
			t.Errorf("%q (%d columns), want %q", got, utf8.RuneCountInString(got), c.want)
		}
	}
}
