package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/payrules/payrules/storage/pebble"
)

// Every bad input is refused with file, line and field; what stood before it is decided and journaled, and no report
// pretends otherwise.
func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		name, line, want string // what follows the file's name
	}{
		{"a column missing", `3;7;930103;"VYDAJ";"VYBER";6000.00;0.00;"";`, ":4: 9 columns, want 10: account is missing"},
		{"a column too many", over + ";", ":4: more than 10 columns"},
		{"a blank line", "", ":4: 1 columns, want 10: account_id is missing"},
		{"no id", strings.Replace(over, "3;", ";", 1), ":4: trans_id: want a number"},
		{"an overlong id", "1234567890" + "123456789" + over, ":4: trans_id: want a number"},
		{"an account that is none", strings.Replace(over, ";7;", ";7a;", 1), ":4: account_id: want a number"},
		{"30 February", strings.Replace(over, "930103", "930230", 1), ":4: date: no day of the calendar"},
		{"a month too many", strings.Replace(over, "930103", "931303", 1), ":4: date: no day of the calendar"},
		{"a date with a sign", strings.Replace(over, "930103", "-30103", 1), ":4: date: want six digits"},
		{"an eight-digit date", strings.Replace(over, "930103", "19930103", 1), ":4: date: want six digits"},
		{"an unknown type", strings.Replace(over, `"VYBER"`, `"VIBER"`, 1), ":4: type: unknown"},
		{"an unknown operation", strings.Replace(over, "KARTOU", "KARTO", 1), ":4: operation: unknown"},
		{"a withdrawal that is a credit", strings.Replace(over, `"VYBER"`, `"PRIJEM"`, 1), ":4: operation: a withdrawal of type PRIJEM"},
		{"a negative amount", strings.Replace(over, "6000.00", "-6000.00", 1), ":4: amount: negative"},
		{"an overlong amount", strings.Replace(over, "6000.00", strings.Repeat("9", 1000), 1), ":4: amount: "},
		{"an amount out of range", strings.Replace(over, "6000.00", "92233720368547758.08", 1), ":4: amount: "},
		{"a third decimal", strings.Replace(over, "6000.00", "6000.001", 1), ":4: amount: "},
		{"an exponent", strings.Replace(over, "6000.00", "6e3", 1), ":4: amount: "},
		{"no amount", strings.Replace(over, "6000.00", "", 1), ":4: amount: "},
		{"a balance that is no number", strings.Replace(over, "29000.00", "much", 1), ":4: balance: "},
		{"an overlong text", strings.Replace(over, `"";;`, `"`+strings.Repeat("x", 65)+`";;`, 1), ":4: k_symbol: longer than 64 bytes"},
		{"a control character", strings.Replace(over, `"";;`, "\"\x1b\";;", 1), ":4: k_symbol: want UTF-8"},
		{"no UTF-8", strings.Replace(over, `"";;`, "\"\xff\";;", 1), ":4: k_symbol: want UTF-8"},
		{"a quote never closed", strings.Replace(over, `"VYBER KARTOU"`, `"VYBER KARTOU`, 1), ":4: operation: the closing quote is missing"},
		{"a quote never closed at the end", over + `"`, ":4: account: the closing quote is missing"},
		{"a quote in a bare field", strings.Replace(over, `"VYBER"`, `VY"BER"`, 1), ":4: type: a quote inside"},
		{"text behind a quote", strings.Replace(over, `"VYBER"`, `"VYBER"x`, 1), ":4: type: text after the closing quote"},
		{"64 KiB in one line", strings.Repeat("1", maxLine), ":4: line of more than 65536 bytes"},
		{"an id used again", strings.Replace(over, "3;", "2;", 1), ":4: transaction 2 of account 7: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			checkBadLine(t, write(t, first, deposit, take, c.line, later, ""), dir, c.want)
			mended := decided(t, "-input", write(t, first, deposit, take, over, later, ""), "-data", dir)
			if mended.Replayed != 2 || mended.Transactions != 4 || mended.Accepted != 2 || mended.Refused != 1 {
				t.Errorf("once mended: %+v", mended)
			}
		})
	}
}

// checkBadLine runs on a file whose fourth line is bad.
func checkBadLine(t *testing.T, file, dir, want string) {
	t.Helper()
	e := quickstart(context.Background(), "-json", "-input", file, "-data", dir)
	if e.code != exitFailed || e.stdout != "" {
		t.Errorf("exit status %d, and on standard output %q", e.code, e.stdout)
	}
	for _, want := range []string{file + want, "This is no report: 2 rows were decided", dir} {
		if !strings.Contains(e.stderr, want) {
			t.Errorf("the error does not say %q:\n%s", want, e.stderr)
		}
	}
	if n := len(records(t, dir)); n != 3 { // the caps and two rows
		t.Errorf("%d records, want 3", n)
	}
}

// A line without an end may be half a line, whatever it looks like.
func TestTruncated(t *testing.T) {
	for n := 1; n <= len(over); n++ {
		_, err := readAll(strings.NewReader(first + "\n" + take + "\n" + over[:n]))
		var e *inputError
		if !errors.As(err, &e) || e.line != 3 || !strings.Contains(err.Error(), "truncated") {
			t.Fatalf("cut after %q: error %v", over[:n], err)
		}
	}
}

// A file that is wrong from the start leaves no journal behind.
func TestBadFile(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct {
		name, file, want string
	}{
		{"not there", filepath.Join(folder, "nothing.csv"), "no such file"},
		{"a folder", folder, "is a directory"},
		{"empty", write(t, ""), ":1: empty file"},
		{"a header cut off", write(t, first), ":1: truncated"},
		{"another header", write(t, strings.Replace(first, "amount", "sum", 1), take, ""), `:1: header: column 6 is "sum", want "amount"`},
		{"another separator", write(t, strings.ReplaceAll(first, ";", ","), take, ""), ":1: "},
		{"no header", write(t, take, over, ""), `:1: header: column 1 is "2", want "trans_id"`},
		{"a bad quote in the header", write(t, `"`+first, ""), ":1: trans_id: "},
		{"a binary", write(t, strings.Repeat("\x00\x01", maxLine)), ":1: line of more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "journal")
			e := quickstart(context.Background(), "-json", "-input", c.file, "-data", dir)
			if e.code != exitFailed || e.stdout != "" || !strings.Contains(e.stderr, c.file) || !strings.Contains(e.stderr, c.want) {
				t.Errorf("%+v\nwant %s", e, c.want)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a journal was made: %v", err)
			}
		})
	}
}

// endless is a line without an end, and counts how much of it was asked for.
type endless struct{ left, read int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	for i := range p[:n] {
		p[i] = '7'
	}
	e.left -= n
	e.read += n
	return int(n), nil
}

// One gigabyte in one line costs no more than a line may be long.
func TestGigabyteLine(t *testing.T) {
	for _, before := range []string{"", first + "\n" + take + "\n"} {
		line := &endless{left: 1 << 30}
		var from, to runtime.MemStats
		runtime.ReadMemStats(&from)
		_, err := readAll(io.MultiReader(strings.NewReader(before), line))
		runtime.ReadMemStats(&to)
		var e *inputError
		if !errors.As(err, &e) || e.line != strings.Count(before, "\n")+1 || !strings.Contains(err.Error(), "line of more than") {
			t.Errorf("error %v", err)
		}
		if line.read > 2*maxLine || to.TotalAlloc-from.TotalAlloc > 1<<20 {
			t.Errorf("%d bytes read and %d allocated before it was refused", line.read, to.TotalAlloc-from.TotalAlloc)
		}
	}
}

// The end of a line may be that of another system.
func TestLineEnds(t *testing.T) {
	rows, err := readAll(strings.NewReader(first + "\r\n" + take + "\r\n" + over + "\n"))
	if err != nil || len(rows) != 2 || rows[1].line != 3 || rows[0].Amount.String() != "15000.00 CZK" {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestBadJournal(t *testing.T) {
	file := write(t, first, deposit, take, over, "")
	fails := func(t *testing.T, dir string, want ...string) {
		t.Helper()
		e := quickstart(context.Background(), "-input", file, "-data", dir)
		if e.code != exitFailed || e.stdout != "" {
			t.Errorf("exit status %d, and on standard output %q", e.code, e.stdout)
		}
		for _, w := range append(want, dir) {
			if !strings.Contains(e.stderr, w) {
				t.Errorf("the error does not say %q:\n%s", w, e.stderr)
			}
		}
	}
	t.Run("on a file", func(t *testing.T) { fails(t, file, "not a directory") })
	t.Run("below a file", func(t *testing.T) { fails(t, filepath.Join(file, "journal"), "not a directory") })
	t.Run("not writable", func(t *testing.T) { fails(t, "/proc/journal") })
	t.Run("a folder of something else", func(t *testing.T) { fails(t, filepath.Dir(file), "trans.csv") })
	t.Run("open", func(t *testing.T) {
		dir := t.TempDir()
		j, err := pebble.Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		fails(t, dir, "in use")
		if e := program(t, "-input", file, "-data", dir); e.code != exitFailed || !strings.Contains(e.stderr, "in use") {
			t.Errorf("another process: %+v", e)
		}
		j.Close()
		decided(t, "-input", file, "-data", dir)
	})
	t.Run("made with other caps", func(t *testing.T) {
		dir := t.TempDir()
		decided(t, "-input", file, "-data", dir, "-cap", "7d=20000", "-cap", "36h=/9")
		fails(t, dir, "was made with -cap 7d=20000.00 -cap 36h=/9")
		decided(t, "-input", file, "-data", dir, "-cap", "7d=20000.00", "-cap", "36h=/9")
	})
	t.Run("damaged", func(t *testing.T) {
		// Whatever byte of whatever file is wrong, the answer is an error or the right figures.
		dir := t.TempDir()
		want := lasting(decided(t, "-input", file, "-data", dir))
		names, refused := files(t, dir), 0
		for i, name := range names {
			good, err := os.ReadFile(name)
			if err != nil || len(good) == 0 {
				continue
			}
			bad := append([]byte(nil), good...)
			bad[len(bad)/2] ^= 0x40
			copied := filepath.Join(t.TempDir(), fmt.Sprint(i))
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(copied, filepath.Base(name)), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			e := quickstart(context.Background(), "-json", "-input", file, "-data", copied)
			switch {
			case e.code == exitDone:
				if got := lasting(parseReport(t, e.stdout)); got != want {
					t.Errorf("%s damaged, and the figures are\n%s\nwant\n%s", name, got, want)
				}
			case e.code != exitFailed || e.stdout != "" || !strings.Contains(e.stderr, copied):
				t.Errorf("%s damaged: %+v", name, e)
			default:
				refused++
				t.Logf("%s: %s", filepath.Base(name), e.stderr)
			}
		}
		if refused == 0 {
			t.Errorf("none of %q is worth an error", names)
		}
	})
}

// files is the files of a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	return names
}

// readAll reads a whole file.
func readAll(r io.Reader) (rows []*transaction, err error) {
	all, err := readCSV("trans.csv", r)
	if err != nil {
		return nil, err
	}
	for row, err := range all {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
