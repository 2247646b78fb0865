package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage/pebble"
)

// asProgram makes a process of the test binary be the program itself, so that it can be killed.
const asProgram = "QUICKSTART_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// ended is what a run of the program left behind.
type ended struct {
	code           int
	stdout, stderr string
}

// quickstart runs the program in this process.
func quickstart(ctx context.Context, args ...string) ended {
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, &stdout, &stderr)
	return ended{code, stdout.String(), stderr.String()}
}

// decided runs the program with -json, which must succeed, and returns its report.
func decided(t testing.TB, args ...string) reportJSON {
	t.Helper()
	e := quickstart(context.Background(), append([]string{"-json"}, args...)...)
	if e.code != exitDone {
		t.Fatalf("exit status %d\n%s", e.code, e.stderr)
	}
	return parseReport(t, e.stdout)
}

// parseReport reads a report that stands alone on standard output.
func parseReport(t testing.TB, stdout string) reportJSON {
	t.Helper()
	var r reportJSON
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil || d.More() {
		t.Fatalf("standard output is not one report (%v):\n%s", err, stdout)
	}
	return r
}

// lasting is the part of a report that every run over the same rows and the same journal must agree on.
func lasting(r reportJSON) string {
	r.Data, r.Input, r.Replayed, r.Callers, r.Seconds, r.PerSecond, r.Latency = "", "", 0, 0, 0, 0, nil
	out, _ := json.MarshalIndent(r, "", "  ")
	return string(out)
}

// write makes a file of lines.
func write(t testing.TB, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "trans.csv")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Lines of a file. All withdrawals are of one account.
const (
	first   = `"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"`
	deposit = `1;7;930101;"PRIJEM";"VKLAD";50000.00;50000.00;"";;`
	take    = `2;7;930102;"VYDAJ";"VYBER";15000.00;35000.00;"";;`
	over    = `3;7;930103;"VYBER";"VYBER KARTOU";6000.00;29000.00;"";;` // does not fit 7d=20000
	later   = `4;7;930109;"VYDAJ";"VYBER";6000.00;23000.00;"";;`        // the first is out of the window
)

// records reads all of a journal that nobody holds.
func records(t testing.TB, dir string) []event.Record {
	t.Helper()
	j, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var out []event.Record
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// byStream is the events of each stream, in order, as text.
func byStream(records []event.Record) map[string]string {
	out := map[string]string{}
	for _, r := range records {
		out[r.Stream] += r.Type + " " + string(r.Data) + "\n"
	}
	return out
}
