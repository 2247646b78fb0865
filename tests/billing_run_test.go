package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	billingrun "github.com/payrules/payrules/billing/run"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"github.com/payrules/payrules/storage/pebble"
)

// billChild names the folder of the journal that a child bills, instead of running tests.
const billChild = "PAYRULES_TEST_BILL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(billChild); dir != "" {
		if _, err := billAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// shop is what accounts are billed on, over an embedded journal.
type shop struct {
	journal  *pebble.Journal
	engine   *engine.Engine
	accounts *engine.Repository[*billing.Account]
	runner   *billingrun.Runner
	series   *engine.Repository[*billing.Series]
}

func openShop(dir string, o *billingrun.Options) (s *shop, err error) {
	s = &shop{}
	if s.journal, err = pebble.Open(dir, &pebble.Options{MemTableBytes: benchMemory}); err != nil {
		return nil, err
	}
	if s.engine, err = engine.New(s.journal, nil); err != nil {
		return nil, err
	}
	s.accounts, err = engine.NewRepository(s.engine, engine.Kind[*billing.Account]{
		Name: "billing", Codec: billing.Codec(), New: billing.NewAccount, Schema: billing.Schema,
	}, &engine.RepositoryOptions{CachedAggregates: 1000})
	if err != nil {
		return nil, err
	}
	s.series, err = engine.NewRepository(s.engine, engine.Kind[*billing.Series]{Name: "series", Codec: billing.SeriesCodec(), New: billing.NewSeries}, nil)
	if err != nil {
		return nil, err
	}
	s.runner, err = billingrun.New(s.engine, "billing", s.accounts, s.series, o)
	return s, err
}

func (s *shop) close() error {
	if err := s.engine.Close(context.Background()); err != nil {
		return err
	}
	return s.journal.Close()
}

// january bills January 2026.
func january() billingrun.Order {
	at := party.Address{TownName: "Paris", Country: "FR"}
	return billingrun.Order{
		Month: civil.MustParseDate("2026-01-01"), At: time.Date(2026, 2, 1, 6, 0, 0, 0, time.UTC), IssuedOn: civil.MustParseDate("2026-02-01"), Series: "2026",
		Rules: billing.Rules{Seller: party.Party{Reference: "SELLER", Name: "Seller", Address: at}, DueDays: 30},
	}
}

// fillShop lets so many clients buy so often in January.
func fillShop(t testing.TB, s *shop, clients, each int) {
	t.Helper()
	open := billing.OpenSeries{At: benchEpoch, Prefix: "F", Year: 2026, Width: 8}
	if _, err := engine.Do(t.Context(), s.series, "2026", "open", open); err != nil {
		t.Fatal(err)
	}
	items := []billing.Item{{
		Label: "thing", Supply: billing.Goods, Quantity: billing.Whole(2), UnitPrice: billing.MustParsePrice("12.34"), VAT: billing.MustVATAt("20"),
	}}
	buy := func(id string, n int) {
		a := billing.Accept{At: benchEpoch.Add(time.Hour + time.Duration(n)*time.Second), Operation: billing.Operation{
			ID: fmt.Sprint("op-", n), Currency: money.EUR, Orders: []billing.Order{{Reference: "A", Items: items}},
		}}
		if d, err := engine.Do(context.Background(), s.accounts, id, a.Operation.ID, a); err != nil || !d.Accepted {
			t.Error(d.Reasons(), err)
		}
	}
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := w; i < clients; i += 64 { // each client by one, so that what it buys is in the same order always
				id := fmt.Sprintf("CTR-%06d", i)
				c, m := benchContract(id)
				c.View.Customer.Address = party.Address{TownName: "Paris", Country: "FR"}
				if _, err := engine.Do(context.Background(), s.accounts, id, c.Key(), c); err != nil {
					t.Error(err)
				}
				if _, err := engine.Do(context.Background(), s.accounts, id, m.Key(), m); err != nil {
					t.Error(err)
				}
				for n := range each {
					if clients > 1 || n == 0 {
						buy(id, n)
					}
				}
			}
		})
	}
	wg.Wait()
	for w := range 64 { // one client alone buys from all sides
		wg.Go(func() {
			for n := 1 + w; clients == 1 && n < each; n += 64 {
				buy("CTR-000000", n)
			}
		})
	}
	wg.Wait()
}

func billAll(dir string) (billingrun.Report, error) {
	s, err := openShop(dir, &billingrun.Options{Chunk: 5})
	if err != nil {
		return billingrun.Report{}, err
	}
	report, err := s.runner.Bill(context.Background(), january())
	if err != nil {
		return report, err
	}
	return report, s.close()
}

// A run that is killed at random, over and over, ends with the invoices that it would have had, byte by byte, and their numbers dense.
func TestKilledRun(t *testing.T) {
	clients, kills := campaign.Size(150, 1500), campaign.Size(3, 12)
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	for _, dir := range []string{first, second} {
		s, err := openShop(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		fillShop(t, s, clients, 3)
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
	if report, err := billAll(first); err != nil || report.Issued != clients {
		t.Fatalf("got %+v, %v", report, err)
	}
	killed := 0
	for range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stderr = append(os.Environ(), billChild+"="+second), os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(20*time.Millisecond+rand.N(150*time.Millisecond), func() { _ = cmd.Process.Kill() })
		if err := cmd.Wait(); err != nil {
			killed++
		}
		timer.Stop()
	}
	if _, err := billAll(second); err != nil {
		t.Fatal(err)
	}
	want, got := billedIn(t, first), billedIn(t, second)
	if len(want) != clients || !reflect.DeepEqual(got, want) {
		t.Errorf("got %d invoices, want %d, or others", len(got), len(want))
	}
	t.Logf("%d invoices, killed %d times of %d", len(want), killed, kills)
}

// billedIn are the invoices of a journal by number, and what VerifySeries says of them is good.
func billedIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	s, err := openShop(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	report, err := billingrun.VerifySeries(t.Context(), s.journal, "series", "2026")
	if err != nil || !report.OK() {
		t.Errorf("got %+v, %v", report, err)
	}
	found := map[string]string{}
	for r, err := range s.journal.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Type != (billing.Invoiced{}).EventType() {
			continue
		}
		d, err := billing.Codec().Decode(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		number := d.(billing.Invoiced).Number
		if found[number] != "" {
			t.Errorf("%s was issued twice", number)
		}
		found[number] = r.Stream + string(r.Data)
	}
	return found
}

// BenchmarkBillingRun bills clients of so many purchases each, over pebble, with a thousand accounts in memory; and a second time, when nothing is
// left to bill (again-s). Beside it stands how fast the same records are read from the journal, one after the other: as bytes (of-bytes), and
// as what they say (of-reading), which is what a run cannot do without. Peak-MB is the most that was in use of the heap meanwhile.
func BenchmarkBillingRun(b *testing.B) {
	rows := [][2]int{{campaign.Size(200, 10_000), 100}, {1, campaign.Size(5_000, 100_000)}}
	for _, row := range rows {
		b.Run(fmt.Sprintf("clients=%d/each=%d", row[0], row[1]), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				benchRun(b, row[0], row[1])
				b.StartTimer()
			}
		})
	}
}

func benchRun(b *testing.B, clients, each int) {
	dir := filepath.Join(b.TempDir(), "journal")
	s, err := openShop(dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	fillShop(b, s, clients, each)
	if err := s.close(); err != nil { // nothing is in memory
		b.Fatal(err)
	}
	if s, err = openShop(dir, nil); err != nil {
		b.Fatal(err)
	}
	defer s.close()
	n := float64(clients * each)
	records, asBytes := readShop(b, s, func(event.Record) error { return nil })
	codec := billing.Codec()
	_, asFacts := readShop(b, s, func(r event.Record) error {
		_, err := codec.Decode(r.Event)
		if errors.Is(err, event.ErrUnknownType) {
			return nil // of the series
		}
		return err
	})
	for _, again := range []bool{false, true} {
		peak := heapPeak()
		b.StartTimer()
		start := time.Now()
		report, err := s.runner.Bill(b.Context(), january())
		took := time.Since(start)
		b.StopTimer()
		most := peak()
		if want := map[bool]int{false: clients, true: 0}[again]; err != nil || report.Issued != want {
			b.Fatalf("got %+v, %v", report, err)
		}
		if again {
			b.ReportMetric(took.Seconds(), "again-s")
			continue
		}
		b.ReportMetric(n/took.Seconds(), "operations/s")
		b.ReportMetric(float64(records)/asFacts.Seconds(), "records-read/s")
		b.ReportMetric(asFacts.Seconds()/took.Seconds()*n/float64(records), "of-reading")
		b.ReportMetric(asBytes.Seconds()/took.Seconds()*n/float64(records), "of-bytes")
		b.ReportMetric(float64(most)/1e6, "peak-MB")
	}
}

// readShop reads all records of a journal, and says how long that takes.
func readShop(b *testing.B, s *shop, each func(event.Record) error) (records int, took time.Duration) {
	b.Helper()
	start := time.Now()
	for r, err := range s.journal.All(b.Context(), 0) {
		if err == nil {
			err = each(r)
		}
		if err != nil {
			b.Fatal(err)
		}
		records++
	}
	return records, time.Since(start)
}

// heapPeak begins to watch the heap. What it returns ends that, and returns the most bytes that were in use.
func heapPeak() (end func() uint64) {
	runtime.GC()
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-stop:
				done <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-done
	}
}
