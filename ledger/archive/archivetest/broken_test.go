package archivetest_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive/archivetest"
)

// broken is an archive with a defect. A hook that is nil leaves its method as it is.
type broken struct {
	*archivetest.Memory
	place    *place
	put      func(ctx context.Context, s ledger.Segment, records iter.Seq2[event.Record, error]) (ledger.Segment, error)
	segments func(ctx context.Context, account string) iter.Seq2[ledger.Segment, error]
	records  func(ctx context.Context, s ledger.Segment) iter.Seq2[event.Record, error]
}

// place is a place in memory.
type place struct {
	memory *archivetest.Memory
	opens  int
	early  sync.Map // account to the version of a segment that is listed and cannot be read yet
}

func (b *broken) Put(ctx context.Context, s ledger.Segment, records iter.Seq2[event.Record, error]) (ledger.Segment, error) {
	if b.put != nil {
		return b.put(ctx, s, records)
	}
	return b.Memory.Put(ctx, s, records)
}

func (b *broken) Segments(ctx context.Context, account string) iter.Seq2[ledger.Segment, error] {
	if b.segments != nil {
		return b.segments(ctx, account)
	}
	return b.Memory.Segments(ctx, account)
}

func (b *broken) Records(ctx context.Context, s ledger.Segment) iter.Seq2[event.Record, error] {
	if b.records != nil {
		return b.records(ctx, s)
	}
	return b.Memory.Records(ctx, s)
}

// placeOf makes places in memory, whose archives breaks has broken.
func placeOf(breaks func(b *broken)) func(testing.TB) archivetest.Place {
	return func(testing.TB) archivetest.Place {
		p := &place{memory: new(archivetest.Memory)}
		return archivetest.Place{
			Open: func() (ledger.Archiver, error) {
				p.opens++
				b := &broken{Memory: p.memory, place: p}
				breaks(b)
				return b, nil
			},
			Damage: func(s ledger.Segment) error {
				p.memory.Alter(s, func(r *event.Record) { r.Data = []byte(`{"n":-1}`) })
				return nil
			},
			Lose: func(s ledger.Segment) error { p.memory.Lose(s); return nil },
		}
	}
}

// TestHonest: what the broken archives are made from passes, so that each fails for its own defect. No law is left out.
func TestHonest(t *testing.T) { archivetest.Run(t, placeOf(func(*broken) {})) }

// A place that can neither damage nor lose leaves those laws out, and keeps them.
func TestLeftOut(t *testing.T) {
	for _, law := range archivetest.Laws() {
		err := law.Check(t, func(testing.TB) archivetest.Place {
			m := new(archivetest.Memory)
			return archivetest.Place{Open: func() (ledger.Archiver, error) { return m, nil }}
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// defects are archives that keep every law but one sort, and the law that must notice.
var defects = []struct {
	name, law string
	breaks    func(b *broken)
}{
	{"keeps what it has when the records fail", "A1_whole_or_not_at_all", keepsTorn},
	{"does not count the records", "A1_whole_or_not_at_all", takesTheShort},
	{"the same again is refused", "A2_again_is_done", refusesAgain},
	{"the same again has another sum", "A2_again_is_done", anotherSum},
	{"the sum that the caller says", "A2_again_is_done", trustsTheCaller},
	{"the last one wins", "A3_another_in_its_place", lastWins},
	{"the first one wins without a word", "A3_another_in_its_place", firstWins},
	{"a sum over the data alone", "A3_another_in_its_place", dataSum},
	{"segments as a directory sorts them", "A4_order", sortsAsText},
	{"an account that is not there is an error", "A4_order", unknownAccount},
	{"gaps are taken", "A5_gaps", takesGaps},
	{"balances that do not meet", "A5_gaps", takesAnyBalance},
	{"records that are not looked at", "A6_only_what_is_described", takesAnything},
	{"a forgotten key", "A7_byte_for_byte", reading(func(r *event.Record) { r.Key = "" })},
	{"a forgotten digest", "A7_byte_for_byte", reading(func(r *event.Record) { r.Digest = [32]byte{} })},
	{"a digest that goes with its key", "A7_byte_for_byte", reading(func(r *event.Record) {
		if r.Key == "" {
			r.Digest = [32]byte{}
		}
	})},
	{"a forgotten trace", "A7_byte_for_byte", reading(func(r *event.Record) { r.TraceParent = "" })},
	{"milliseconds", "A7_byte_for_byte", reading(func(r *event.Record) { r.At = r.At.Truncate(1_000_000) })},
	{"local time", "A7_byte_for_byte", reading(func(r *event.Record) { r.At = r.At.In(lagos) })},
	{"data trimmed", "A7_byte_for_byte", reading(func(r *event.Record) { r.Data = []byte(strings.TrimSpace(string(r.Data))) })},
	{"data as valid text", "A7_byte_for_byte", reading(func(r *event.Record) { r.Data = []byte(strings.ToValidUTF8(string(r.Data), "?")) })},
	{"positions of 63 bits", "A7_byte_for_byte", reading(func(r *event.Record) { r.Position &= 1<<63 - 1 })},
	{"a kind that is taken for granted", "A7_byte_for_byte", reading(func(r *event.Record) {
		_, id := event.SplitStream(r.Stream)
		r.Stream = event.Stream("account", id)
	})},
	{"gone when opened again", "A8_opened_again", func(b *broken) {
		if b.place.opens > 1 {
			b.Memory = new(archivetest.Memory)
		}
	}},
	{"accounts in lower case", "A9_accounts_apart", renames(strings.ToLower)},
	{"accounts without slashes", "A9_accounts_apart", renames(func(s string) string { return strings.ReplaceAll(s, "/", "_") })},
	{"accounts cut off", "A9_accounts_apart", renames(func(s string) string { return s[:min(len(s), 200)] })},
	{"looked first, then put", "A10_many_put_the_same", looksFirst},
	{"looked first, then put another", "A10_many_put_another", looksAndCallsItDone},
	{"records seen before they are whole", "A10_read_while_putting", seenEarly},
	{"a put deaf to its context", "A11_context", func(b *broken) {
		b.put = func(_ context.Context, s ledger.Segment, records iter.Seq2[event.Record, error]) (ledger.Segment, error) {
			return b.Memory.Put(context.Background(), s, records)
		}
	}},
	{"segments deaf to their context", "A11_context", func(b *broken) {
		b.segments = func(_ context.Context, account string) iter.Seq2[ledger.Segment, error] {
			return b.Memory.Segments(context.Background(), account)
		}
	}},
	{"records deaf to their context", "A11_context", func(b *broken) {
		b.records = func(_ context.Context, s ledger.Segment) iter.Seq2[event.Record, error] {
			return b.Memory.Records(context.Background(), s)
		}
	}},
	{"a goroutine that waits for ever", "A12_stopped_early", leavesGoroutines},
	{"a file that stays open", "A12_stopped_early", leavesFiles},
	{"any sum will do", "A13_not_what_was_put", anySum},
	{"records that are not compared", "A13_damaged", neverCompared},
	{"damaged, but called done", "A13_damaged", calledDone},
	{"a lost segment that nobody misses", "A13_lost", skipsLost},
	{"every tenth put is lost", "A14_history", losesSome},
}

func TestDefectsAreNoticed(t *testing.T) {
	laws := make(map[string]archivetest.Law)
	for _, law := range archivetest.Laws() {
		laws[law.Name] = law
	}
	noticed := make(map[string]bool)
	for _, d := range defects {
		noticed[d.law] = true
		t.Run(strings.ReplaceAll(d.name, " ", "_"), func(t *testing.T) {
			err := laws[d.law].Check(t, placeOf(d.breaks))
			if err == nil {
				t.Fatalf("law %s does not notice", d.law)
			}
			t.Log(err)
		})
	}
	for name := range laws {
		if !noticed[name] {
			t.Errorf("no defect shows that law %s notices anything", name)
		}
	}
}

// TestRunFails: Run itself fails when a law does. It is run in a process of its own, since a failed subtest cannot be taken back.
func TestRunFails(t *testing.T) {
	if os.Getenv("ARCHIVETEST_BROKEN") != "" {
		archivetest.Run(t, placeOf(keepsTorn))
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestRunFails$/^A[14]_", "-test.v")
	child.Env = append(os.Environ(), "ARCHIVETEST_BROKEN=1")
	out, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: TestRunFails/A1_whole_or_not_at_all") {
		t.Errorf("Run on an archive that keeps torn segments: got %v and output\n%s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: TestRunFails/A4_order") {
		t.Errorf("Run on an archive that keeps torn segments: no other law passed:\n%s", out)
	}
}

// Open that fails is told, and not taken for an archive.
func TestOpenFails(t *testing.T) {
	full := errors.New("the disk is full")
	err := archivetest.Laws()[0].Check(t, func(testing.TB) archivetest.Place {
		return archivetest.Place{Open: func() (ledger.Archiver, error) { return nil, full }}
	})
	if !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}
