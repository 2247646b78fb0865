package books_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
	"github.com/payrules/payrules/ledger/archive/archivetest"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// brittle is an archive that can crash after it has kept a segment.
type brittle struct {
	archivetest.Memory
	crash bool
	reads int // of segments' records
}

var errCrash = errors.New("crash")

func (a *brittle) Put(ctx context.Context, s ledger.Segment, records iter.Seq2[event.Record, error]) (ledger.Segment, error) {
	s, err := a.Memory.Put(ctx, s, records)
	if err == nil && a.crash {
		return ledger.Segment{}, errCrash
	}
	return s, err
}

func (a *brittle) Records(ctx context.Context, s ledger.Segment) iter.Seq2[event.Record, error] {
	a.reads++
	return a.Memory.Records(ctx, s)
}

// entriesOf collects the entries of an account after one.
func entriesOf(t testing.TB, b *books.Books, id string, after event.Version) (all []ledger.Entry) {
	t.Helper()
	for e, err := range b.Entries(t.Context(), id, after) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// What is read is the same to the last field, whether it was archived or not, and however often; and it is what a list of all
// entries says.
func TestArchiveChangesNothing(t *testing.T) {
	for seed := range uint64(campaign.Size(6, 80)) {
		archiveChangesNothing(t, seed)
		if t.Failed() {
			t.Logf("seed %d", seed)
			return
		}
	}
}

func archiveChangesNothing(t *testing.T, seed uint64) {
	j := memory.New(nil)
	kept := &brittle{}
	plain := open(t, j, nil)
	two := [2]*books.Books{open(t, j, &books.Options{Archive: kept, SnapshotEvery: 7}), open(t, j, &books.Options{Archive: kept})}
	bank(t, plain)
	rng := rand.New(rand.NewPCG(seed, 1))
	accounts := []string{"anna", "ben", "cash", "fees"}
	var positions []event.Position
	segments, n := 0, 0
	for day := today; n < 150; day += civil.Date(rng.IntN(3) / 2) {
		n++
		minutes := int(day-today)*24*60 + n
		id := accounts[rng.IntN(len(accounts))]
		switch rng.IntN(8) {
		case 0, 1:
			through := day - 1 - civil.Date(rng.IntN(6))
			d, err := two[rng.IntN(2)].EndPeriod(t.Context(), id, fmt.Sprint("end", n), ledger.EndPeriod{At: after(minutes), Through: through})
			if err != nil || !d.Done() && d.Reason != ledger.PeriodClosed {
				t.Fatal(d, err)
			}
		case 2, 3:
			kept.crash = rng.IntN(3) == 0
			_, ok, err := two[rng.IntN(2)].Archive(t.Context(), id)
			if err != nil && !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
			if ok || err != nil {
				segments++
			}
		default:
			from, to := accounts[rng.IntN(4)], accounts[rng.IntN(4)]
			c := post(fmt.Sprint("p", n), minutes, from, to, 1+rng.Int64N(1000))
			c.Value, c.Force = day-civil.Date(rng.IntN(12)), true
			if from == to {
				continue
			}
			if _, err := two[rng.IntN(2)].Do(t.Context(), c); err != nil { // a closed period refuses it, but of cash and fees
				t.Fatal(err)
			}
			positions = append(positions, head(t, j))
		}
	}
	if segments < 3 {
		t.Errorf("%d segments are too few to tell", segments)
	}
	for _, id := range accounts {
		all := entriesOf(t, plain, id, 0)
		cursors := []event.Version{0, 1, 1000}
		for _, e := range all {
			cursors = append(cursors, e.Number)
		}
		for _, b := range two {
			for _, after := range cursors {
				same(t, fmt.Sprintf("%s after %d", id, after), entriesOf(t, b, id, after), entriesOf(t, plain, id, after))
			}
			readsSame(t, rng, b, plain, id)
			for range 20 {
				day, at := today+civil.Date(rng.IntN(60)-15), positions[rng.IntN(len(positions))]
				if rng.IntN(4) == 0 {
					at = 0
				}
				got, err := b.BalanceAsOf(t.Context(), id, day, at)
				want, errPlain := plain.BalanceAsOf(t.Context(), id, day, at)
				if err != nil || errPlain != nil || got != want || got != listed(all, id, day, at) {
					t.Errorf("%s as of %s, %d: got %s, %v, want %s, %v, listed %s", id, day, at, got, err, want, errPlain, listed(all, id, day, at))
				}
			}
		}
	}
	checked(t, j)
}

// readsSame compares statements of random days.
func readsSame(t *testing.T, rng *rand.Rand, b, plain *books.Books, id string) {
	t.Helper()
	for range 20 {
		from := today + civil.Date(rng.IntN(60)-15)
		for _, by := range []ledger.DateKind{ledger.ByBooking, ledger.ByValue} {
			q := ledger.Query{From: from, To: from + civil.Date(rng.IntN(20)), By: by, Zone: time.FixedZone("", (rng.IntN(27)-12)*3600)}
			got, err := b.Statement(t.Context(), id, q)
			want, errPlain := plain.Statement(t.Context(), id, q)
			if err != nil || errPlain != nil {
				t.Fatal(err, errPlain)
			}
			same(t, fmt.Sprintf("%s: statement %+v", id, q), got, want)
		}
	}
}

// listed adds up entries one by one.
func listed(all []ledger.Entry, id string, day civil.Date, at event.Position) any {
	sum := int64(0)
	for _, e := range all {
		if e.Value > day || at != 0 && e.Position > at {
			continue
		}
		if (e.Side == ledger.Debit) == (id == "cash") { // the asset among them
			sum += e.Amount.Minor()
		} else {
			sum -= e.Amount.Minor()
		}
	}
	return eur(sum)
}

// ended closes the days of an account, a year later.
func ended(t testing.TB, b *books.Books, id string, through civil.Date) {
	t.Helper()
	d, err := b.EndPeriod(t.Context(), id, "end:"+through.String(), ledger.EndPeriod{At: after(365 * 24 * 60), Through: through})
	if err != nil || !d.Done() {
		t.Fatal(d, err)
	}
}

func archived(t testing.TB, b *books.Books, id string) (through event.Version) {
	t.Helper()
	if err := b.Account(t.Context(), id, func(a *ledger.Account) error { through, _ = a.ArchivedThrough(); return nil }); err != nil {
		t.Fatal(err)
	}
	return through
}

func TestArchiveCrashBeforeTheMark(t *testing.T) {
	for _, id := range []string{"anna", "cash"} {
		j := memory.New(nil)
		kept := &brittle{crash: true}
		b, shut := openUntil(t, j, &books.Options{Archive: kept})
		bank(t, b)
		ended(t, b, id, today)
		want := entriesOf(t, b, id, 0)
		if _, _, err := b.Archive(t.Context(), id); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		same(t, "after the crash", entriesOf(t, b, id, 0), want)
		shut()
		kept.crash = false
		b = open(t, j, &books.Options{Archive: kept})
		if got := archived(t, b, id); got != 0 {
			t.Errorf("%s: archived through %d, and there is no mark", id, got)
		}
		if s, ok, err := b.Archive(t.Context(), id); err != nil || ok {
			t.Errorf("%s: got %+v, %t, %v, want the mark alone", id, s, ok, err)
		}
		if got := archived(t, b, id); got != want[0].Number+1 { // and the end of the period
			t.Errorf("%s: archived through %d, want %d", id, got, want[0].Number+1)
		}
		done(t, b, ledger.Post{ID: "late", At: after(365 * 24 * 60), Value: today + 1, Legs: ledger.Move("cash", "anna", eur(1))})
		ended(t, b, id, today+2)
		s, ok, err := b.Archive(t.Context(), id)
		if err != nil || !ok || s.First != want[0].Number+2 || s.Entries != 1 {
			t.Errorf("%s: then: got %+v, %t, %v", id, s, ok, err)
		}
		if len(entriesOf(t, b, id, 0)) != 2 {
			t.Errorf("%s: an entry is lost", id)
		}
		if s, ok, err := b.Archive(t.Context(), id); err != nil || ok {
			t.Errorf("%s: nothing is left: got %+v, %t, %v", id, s, ok, err)
		}
		checked(t, j)
	}
}

// An entry of cash with a value date in a closed period, decided by somebody who did not know, counts from the first open day;
// before it is archived and after.
func TestArchiveLateEntry(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, &books.Options{Archive: &archivetest.Memory{}})
	bank(t, b)
	ended(t, b, "cash", today+5)
	if _, ok, err := b.Archive(t.Context(), "cash"); err != nil || !ok {
		t.Fatal(err)
	}
	done(t, b, post("late", 1, "cash", "anna", 7)) // of today
	balances := func() (all []string) {
		for _, day := range []civil.Date{today - 1, today, today + 5, today + 6} {
			balance, err := b.BalanceAsOf(t.Context(), "cash", day, 0)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, balance.String())
		}
		return all
	}
	want := []string{"0.00 EUR", "100.00 EUR", "100.00 EUR", "100.07 EUR"}
	same(t, "before", balances(), want)
	ended(t, b, "cash", today+10)
	if s, ok, err := b.Archive(t.Context(), "cash"); err != nil || !ok || s.FirstValue != today+6 {
		t.Fatalf("got %+v, %t, %v", s, ok, err)
	}
	same(t, "after", balances(), want)
	checked(t, j)
}

// Whatever byte of the archive is changed, reading what it holds is an error.
func TestArchiveTampered(t *testing.T) {
	dir := t.TempDir()
	folder, err := archive.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, memory.New(nil), &books.Options{Archive: folder})
	bank(t, b)
	done(t, b, post("p", 1, "anna", "ben", 1_00))
	ended(t, b, "anna", today)
	if _, ok, err := b.Archive(t.Context(), "anna"); err != nil || !ok {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "*", "*.segment"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	want, found := entriesOf(t, b, "anna", 0), 0
	for i := range whole {
		altered := slices.Clone(whole)
		altered[i] ^= 1 << (i % 8)
		write(t, files[0], altered)
		var failed error
		var got []ledger.Entry
		for e, err := range b.Entries(t.Context(), "anna", 0) {
			got, failed = append(got, e), err
		}
		if !errors.Is(failed, ledger.ErrCorrupt) && !(failed == nil && reflect.DeepEqual(got, want)) { // some bits of gzip say nothing
			t.Errorf("byte %d of %d: got %v", i, len(whole), failed)
		}
		if failed != nil {
			found++
		}
	}
	if found < len(whole)*9/10 {
		t.Errorf("%d of %d bytes were found", found, len(whole))
	}
	write(t, files[0], whole)
	if got := len(entriesOf(t, b, "anna", 0)); got != 2 {
		t.Errorf("%d entries", got)
	}
}

// A whole other archive, sound in itself, is not taken for the one that was filled: the journal says what was put there.
func TestArchiveReplaced(t *testing.T) {
	j, theirs := memory.New(nil), &archivetest.Memory{}
	filled := func(j storage.Journal, kept ledger.Archiver, amount int64) *books.Books {
		b := open(t, j, &books.Options{Archive: kept})
		bank(t, b)
		done(t, b, post("p", 1, "anna", "ben", amount))
		ended(t, b, "anna", today)
		if _, ok, err := b.Archive(t.Context(), "anna"); err != nil || !ok {
			t.Fatal(err)
		}
		return b
	}
	filled(j, &archivetest.Memory{}, 1_00)
	filled(memory.New(nil), theirs, 1_01)
	b := open(t, j, &books.Options{Archive: theirs})
	for _, err := range b.Entries(t.Context(), "anna", 0) {
		if !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("got %v, want ErrCorrupt", err)
		}
	}
	if _, err := b.BalanceAsOf(t.Context(), "anna", today, 0); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

// write puts other bytes in the place of a file's.
func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What lies before a statement is not read.
func TestArchiveIsSkipped(t *testing.T) {
	kept := &brittle{}
	b := open(t, memory.New(nil), &books.Options{Archive: kept})
	bank(t, b)
	ended(t, b, "anna", today)
	if _, ok, err := b.Archive(t.Context(), "anna"); err != nil || !ok {
		t.Fatal(err)
	}
	for _, q := range []ledger.Query{{From: today + 1, To: today + 9, By: ledger.ByValue}, {From: today + 2, To: today + 9, By: ledger.ByBooking}} {
		s, err := b.Statement(t.Context(), "anna", q)
		if err != nil || s.Opening != eur(100_00) || kept.reads != 0 {
			t.Errorf("got %+v, %v, and the archive was read %d times", s, err, kept.reads)
		}
	}
}

func TestArchiveErrors(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	if _, _, err := b.Archive(t.Context(), "anna"); !errors.Is(err, books.ErrNoArchive) {
		t.Errorf("without one: got %v", err)
	}
	b = open(t, memory.New(nil), &books.Options{Archive: &archivetest.Memory{}})
	if _, _, err := b.Archive(t.Context(), "nobody"); !errors.Is(err, books.ErrNoAccount) {
		t.Errorf("of nobody: got %v", err)
	}
	bank(t, b)
	if s, ok, err := b.Archive(t.Context(), "anna"); err != nil || ok {
		t.Errorf("before any period is closed: got %+v, %t, %v", s, ok, err)
	}
}

// Several processes archive at once, while others post and close periods. One that was too late may fail, and then is to be
// called again; nothing is lost.
func TestArchiveTogether(t *testing.T) {
	j := memory.New(nil)
	kept := &archivetest.Memory{}
	bank(t, open(t, j, nil))
	var wg sync.WaitGroup
	failed := 0
	var mu sync.Mutex
	for n := range 4 {
		b := open(t, j, &books.Options{Archive: kept})
		wg.Go(func() {
			for i := range civil.Date(30) {
				for _, id := range []string{"anna", "cash"} {
					c := post(fmt.Sprint(n, "-", i, "-", id), int(i)*24*60, "cash", "anna", 1)
					c.Value = today + i
					if _, err := b.Do(context.Background(), c); err != nil {
						t.Error(err)
					}
					_, err := b.EndPeriod(context.Background(), id, fmt.Sprint(n, "-", i), ledger.EndPeriod{At: after(int(i) * 24 * 60), Through: today + i - 3})
					if err != nil && !errors.Is(err, storage.ErrConflict) {
						t.Error(err)
					}
					if _, _, err := b.Archive(context.Background(), id); err != nil {
						mu.Lock()
						if failed++; failed < 4 {
							t.Logf("one failed: %v", err)
						}
						mu.Unlock()
					}
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d of %d calls failed", failed, 4*30*2)
	plain, b := open(t, j, nil), open(t, j, &books.Options{Archive: kept})
	for _, id := range []string{"anna", "cash"} {
		for range 3 { // one may only have to be marked
			if _, _, err := b.Archive(t.Context(), id); err != nil {
				t.Errorf("%s: alone: %v", id, err)
			}
		}
		same(t, id, entriesOf(t, b, id, 0), entriesOf(t, plain, id, 0))
	}
	checked(t, j)
}
