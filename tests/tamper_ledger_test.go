package tests

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/pebble"
)

// Whatever byte of a ledger's journal is changed behind the library's back, the check of the ledger says so, and names the record, or
// the file where the database's own sums have found it first. Only a byte that carries nothing changes nothing. Who recomputes
// those sums is found by the chain: TestForged and TestForgedBlocks of package pebble.
func TestTamperedLedger(t *testing.T) {
	dir := t.TempDir()
	records := smallLedger(t, filepath.Join(dir, "whole"))
	files, err := filepath.Glob(filepath.Join(dir, "whole", "*.sst")) // where opening it once more has put all records
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	changed, noticed := 0, 0
	for _, file := range files {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += campaign.Size(23, 1) {
			altered := append([]byte(nil), whole...)
			altered[at] ^= 1 << (at % 8)
			copied := filepath.Join(dir, fmt.Sprint("altered-", at))
			if err := os.CopyFS(copied, os.DirFS(filepath.Join(dir, "whole"))); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(copied, filepath.Base(file)), altered, 0o600); err != nil {
				t.Fatal(err)
			}
			changed++
			got, err := checkedLedger(copied)
			switch {
			case err == nil:
				if diff := cmp.Diff(records, got); diff != "" {
					t.Errorf("byte %d of %s: nobody noticed:\n%s", at, filepath.Base(file), diff)
				}
			case !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "record") && !strings.Contains(err.Error(), "file 0"):
				t.Errorf("byte %d of %s: got %v, want an error that names the record or the file", at, filepath.Base(file), err)
			default:
				noticed++
			}
			if err := os.RemoveAll(copied); err != nil {
				t.Fatal(err)
			}
		}
	}
	if changed < 100 || noticed < changed*9/10 {
		t.Errorf("%d of %d changed bytes were noticed", noticed, changed)
	}
}

// smallLedger writes a small ledger to a chained journal, and returns its records.
func smallLedger(t *testing.T, dir string) []event.Record {
	t.Helper()
	ctx := context.Background()
	j, err := pebble.Open(dir, &pebble.Options{Chain: true})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := books.New(e, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	day := civil.DateOf(at, nil)
	err = b.OpenChart(ctx, ledger.Chart{Accounts: []ledger.ChartAccount{
		{ID: "cash", Terms: ledger.Terms{Type: ledger.Asset, Currency: money.EUR, Unconstrained: true}},
		{ID: "anna", Terms: ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}},
	}}, at)
	for _, c := range []ledger.Command{
		ledger.Post{ID: "1", At: at, Value: day, Legs: ledger.Move("cash", "anna", money.New(100_00, money.EUR))},
		ledger.Hold{ID: "2", At: at, Value: day, Legs: ledger.Move("anna", "cash", money.New(30_00, money.EUR))},
		ledger.Capture{ID: "c", Transfer: "2", At: at, Amount: money.New(20_00, money.EUR)},
		ledger.Post{ID: "3", At: at, Value: day, Legs: ledger.Move("anna", "cash", money.New(90_00, money.EUR))}, // refused
	} {
		if err == nil {
			_, err = b.Do(ctx, c)
		}
	}
	err = errors.Join(err, e.Close(ctx), j.Close())
	if err != nil {
		t.Fatal(err)
	}
	records, err := checkedLedger(dir)
	if err != nil || len(records) != 2+3+3+3+1 {
		t.Fatalf("got %d records, %v", len(records), err)
	}
	return records
}

// checkedLedger opens a journal, checks the ledger in it, and reads its records.
func checkedLedger(dir string) (records []event.Record, err error) {
	ctx := context.Background()
	j, err := pebble.Open(dir, &pebble.Options{Chain: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if _, err := ledger.Check(j.All(ctx, 0)); err != nil {
		return nil, err
	}
	if err := j.Verify(ctx); err != nil {
		return nil, err
	}
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}
