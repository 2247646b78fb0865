package text_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/internal/sheettest"
	"github.com/payrules/payrules/ledger/text"
	"github.com/payrules/payrules/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What a customer reads is what somebody has looked at: go test ./ledger/text -update writes the files anew, and then look again.
func TestGolden(t *testing.T) {
	for name, s := range sheettest.Scenes() {
		for suffix, write := range map[string]func(io.Writer, *ledger.Statement) error{".txt": text.Write, ".csv": text.WriteCSV} {
			var got bytes.Buffer
			if err := write(&got, s); err != nil {
				t.Fatal(err)
			}
			golden.File(t, filepath.Join("testdata", name+suffix), got.Bytes(), *update)
		}
	}
}

// source draws a random statement by rapid, with texts of anything.
func source(t *rapid.T) sheettest.Source {
	odd := rapid.SampledFrom([]rune("a0 =+-@＝＋,;\"'|\t\r\n\x00\x1b\u0085\u00a0\u2028\u202e\u200d\u0301\ufeff\ufffd漢🏦א"))
	return sheettest.Source{
		Int:  func(label string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(t, label) },
		Text: func(label string, most int) string { return rapid.StringOfN(odd, 0, most, -1).Draw(t, label) },
	}
}

// Whatever texts say, a page has a line for each entry, its figures stand in their columns, and nothing in it is for a terminal
// to obey.
func TestPageHoldsItsColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { pageHolds(t, sheettest.Random(source(t))) })
}

func pageHolds(t rapid.TB, s *ledger.Statement) {
	t.Helper()
	var b bytes.Buffer
	if err := text.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			t.Fatalf("%U is on the page:\n%s", r, b.String())
		}
	}
	_, body, _ := strings.Cut(b.String(), "\n\n")
	lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	if len(lines) != len(s.Entries)+5 {
		t.Fatalf("%d lines for %d entries:\n%s", len(lines), len(s.Entries), b.String())
	}
	var ends []int // where columns end
	for i := range lines[1] {
		if lines[1][i] == '-' && (i+1 == len(lines[1]) || lines[1][i+1] == ' ') {
			ends = append(ends, i+1)
		}
	}
	cells := func(line string) []string {
		var out []string
		from := 0
		for _, end := range ends[:5] {
			end = min(end, len(line))
			out = append(out, strings.TrimSpace(line[from:end]))
			from = end
		}
		return out
	}
	want := [][]string{{"", "", "", "", s.Opening.Number()}}
	for i := range s.Entries {
		e := &s.Entries[i]
		row := []string{s.Booked(e).String(), e.Value.String(), "", "", e.Balance.Number()}
		row[1+e.Side] = e.Amount.Number()
		want = append(want, row)
	}
	want = append(want, nil, []string{"", "", s.Debits.Amount.Number(), s.Credits.Amount.Number(), s.Closing.Number()})
	for i, row := range want {
		if row != nil {
			if diff := cmp.Diff(row, cells(lines[2+i])); diff != "" {
				t.Fatalf("line %d (-want +got):\n%s\n%s", 2+i, diff, b.String())
			}
		}
	}
}

// A large balance between small ones makes its column wide, and so does a total.
func TestColumnsGrow(t *testing.T) {
	s := sheettest.Scenes()["overdrawn"]
	for i := range s.Entries {
		s.Entries[i].Side = []ledger.Side{ledger.Debit, ledger.Credit}[i]
		s.Entries[i].Amount = money.New(9e17, money.EUR)
	}
	pageHolds(t, sheettest.Complete(s))
}

// The details of an entry, as a customer reads them.
func TestDetails(t *testing.T) {
	for _, tc := range []struct {
		side    ledger.Side
		details ledger.Details
		counter string
		want    string
	}{
		{ledger.Debit, ledger.Details{}, "", ""},
		{ledger.Debit, ledger.Details{Text: "Shoes"}, "", "Shoes"},
		{ledger.Debit, ledger.Details{Text: "Shoes", Reference: "INV-1"}, "shop", "Shoes | INV-1 | to shop"},
		{ledger.Credit, ledger.Details{Reference: "INV-1"}, "shop", "INV-1 | from shop"},
		{ledger.Credit, ledger.Details{Text: "\x1b[2Jgone"}, "", "\ufffd[2Jgone"},
		{ledger.Credit, ledger.Details{Text: " two\r\n lines\u00a0and\u2028more\t"}, "", "two lines and more"},
		{ledger.Credit, ledger.Details{Text: "a\xffb\u202ec\u009bd"}, "", "a\ufffdb\ufffdc\ufffdd"},
		{ledger.Credit, ledger.Details{Text: "👩‍🚀 نمی\u200cخواهم é 東京"}, "", "👩‍🚀 نمی\u200cخواهم é 東京"},
	} {
		s := sheettest.Scenes()["overdrawn"]
		s.Entries = s.Entries[:1]
		s.Entries[0].Side, s.Entries[0].Details, s.Entries[0].Counter = tc.side, tc.details, tc.counter
		var b strings.Builder
		if err := text.Write(&b, sheettest.Complete(s)); err != nil {
			t.Fatal(err)
		}
		line := strings.Split(b.String(), "\n")[9]
		if got := strings.TrimSpace(line[64:]); got != tc.want {
			t.Errorf("%+v %q: got %q, want %q", tc.details, tc.counter, got, tc.want)
		}
	}
}

// rows reads CSV as RFC 4180 says, more strictly than encoding/csv, which turns CR LF within quotes into LF.
func rows(t rapid.TB, s string) [][]string {
	t.Helper()
	var all [][]string
	var row []string
	for s != "" {
		var field string
		if strings.HasPrefix(s, `"`) {
			s = s[1:]
			for {
				i := strings.IndexByte(s, '"')
				if i < 0 {
					t.Fatal("a quote is open")
				}
				field, s = field+s[:i], s[i+1:]
				if !strings.HasPrefix(s, `"`) {
					break
				}
				field, s = field+`"`, s[1:]
			}
		} else {
			i := strings.IndexAny(s, ",\r\n\"")
			if i < 0 {
				t.Fatal("the last line has no end")
			}
			field, s = s[:i], s[i:]
		}
		row = append(row, field)
		switch {
		case strings.HasPrefix(s, ","):
			s = s[1:]
		case strings.HasPrefix(s, "\r\n"):
			s = s[2:]
			all, row = append(all, row), nil
		default:
			t.Fatalf("after %q comes %.10q", field, s)
		}
	}
	return all
}

// readBack makes entries of CSV again.
func readBack(t rapid.TB, s string) []ledger.Entry {
	t.Helper()
	lines := rows(t, s)
	column := map[string]int{}
	for i, name := range lines[0] {
		column[name] = i
	}
	var entries []ledger.Entry
	for _, row := range lines[1:] {
		if len(row) != len(lines[0]) {
			t.Fatalf("%d fields under a header of %d", len(row), len(lines[0]))
		}
		words := func(name string) string {
			value := row[column[name]]
			if first, _ := utf8.DecodeRuneInString(value); value != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
				t.Fatalf("%s %q is a formula to a spreadsheet", name, value)
			}
			return strings.TrimPrefix(value, "'")
		}
		number := func(name string) uint64 {
			n, err := strconv.ParseUint(row[column[name]], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		amount := func(name string) money.Amount {
			a, err := money.Parse(row[column[name]] + " " + row[column["currency"]])
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		e := ledger.Entry{
			Number: event.Version(number("number")), Position: event.Position(number("position")), Transfer: words("transfer"),
			Value: civil.MustParseDate(row[column["value"]]), Balance: amount("balance"), Counter: words("counter"),
			Details: ledger.Details{Reference: words("reference"), Text: words("text"), Code: words("code")}, Reverses: words("reverses"), Forced: row[column["forced"]] == "true",
		}
		at, err := time.Parse(time.RFC3339, row[column["at"]])
		if err != nil {
			t.Fatal(err)
		}
		e.At = at
		if e.Side = ledger.Debit; row[column["debit"]] == "" {
			e.Side = ledger.Credit
		}
		e.Amount = amount(e.Side.String())
		if row[column[e.Side.Other().String()]] != "" {
			t.Fatalf("both sides in %q", row)
		}
		entries = append(entries, e)
	}
	return entries
}

// The entries of a statement can be read from its CSV again, and no text in it is a formula.
func TestCSVReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { csvHolds(t, sheettest.Random(source(t))) })
}

func csvHolds(t rapid.TB, s *ledger.Statement) {
	t.Helper()
	var b strings.Builder
	if err := text.WriteCSV(&b, s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Entries, readBack(t, b.String())); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	for i, row := range rows(t, b.String())[1:] {
		if e := &s.Entries[i]; row[4] != s.Booked(e).String() {
			t.Fatalf("booked %s, want %s", row[4], s.Booked(e))
		}
	}
	if _, err := csv.NewReader(strings.NewReader(b.String())).ReadAll(); err != nil {
		t.Fatalf("encoding/csv: %v", err)
	}
}

// Any bytes as texts: the page holds, and CSV reads back or names the field.
func FuzzTexts(f *testing.F) {
	f.Add("=1+1", "\x1b]0;title\x07", "a,\"b\"", "\r\n", "'quoted", "\xff")
	f.Add("＝SUM(A1)", "@x", "-5", "+5", "\t", "|")
	f.Fuzz(func(t *testing.T, account, transfer, reference, words, code, counter string) {
		s := sheettest.Scenes()["overdrawn"]
		s.Account = account
		e := &s.Entries[1]
		e.Transfer, e.Counter, e.Details = transfer, counter, ledger.Details{Reference: reference, Text: words, Code: code}
		pageHolds(t, s)
		if err := text.WriteCSV(io.Discard, s); err == nil {
			csvHolds(t, s)
		} else if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "entry 2: ") || utf8.ValidString(strings.Join([]string{transfer, counter, reference, words, code}, "|")) {
			t.Error(err)
		}
	})
}

// What does not add up is not shown, and nothing of it is written.
func TestRefusals(t *testing.T) {
	broken := sheettest.Scenes()["overdrawn"]
	broken.Closing = money.New(1, money.EUR)
	latin := sheettest.Scenes()["overdrawn"]
	latin.Entries[1].Code = "caf\xe9"
	for _, tc := range []struct {
		s     *ledger.Statement
		write func(io.Writer, *ledger.Statement) error
		want  string
	}{
		{broken, text.Write, "closing"}, {broken, text.WriteCSV, "closing"}, {nil, text.Write, "none"}, {nil, text.WriteCSV, "none"},
		{latin, text.WriteCSV, "CSV: entry 2: code: it is not UTF-8"},
	} {
		var b bytes.Buffer
		if err := tc.write(&b, tc.s); !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), tc.want) || b.Len() > 0 {
			t.Errorf("want %q and nothing written; got %v and %q", tc.want, err, b.String())
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("the disk is full")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

// What the writer says comes back.
func TestWriterFails(t *testing.T) {
	s := sheettest.Scenes()["many"]
	if err := text.Write(brokenWriter{}, s); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if err := text.WriteCSV(brokenWriter{}, s); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}
