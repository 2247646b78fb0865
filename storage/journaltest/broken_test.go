package journaltest_test

import (
	"context"
	"iter"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/journaltest"
)

// broken is a journal with a defect. A hook that is nil leaves its method as it is.
type broken struct {
	*handle
	append func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error)
	record func(r *event.Record) (shown bool) // changes what is read
	all    func(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error]
	kind   func(ctx context.Context, kind string) iter.Seq2[string, error]
	head   func(ctx context.Context) (storage.Position, error)
	save   func(s storage.Snapshot) error
	load   func(stream string) (storage.Snapshot, bool, error)
	wait   func() error
}

func (b *broken) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	if b.append == nil {
		return b.handle.Append(ctx, batches...)
	}
	return b.append(ctx, batches)
}

func (b *broken) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	if b.all != nil {
		return b.all(ctx, after)
	}
	return b.change(b.handle.All(ctx, after))
}

func (b *broken) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return b.change(b.handle.Stream(ctx, id, after))
}

func (b *broken) change(seq iter.Seq2[event.Record, error]) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range seq {
			if err == nil && b.record != nil && !b.record(&r) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (b *broken) Streams(ctx context.Context, kind string) iter.Seq2[string, error] {
	if b.kind != nil {
		return b.kind(ctx, kind)
	}
	return b.handle.Streams(ctx, kind)
}

func (b *broken) Head(ctx context.Context) (storage.Position, error) {
	if b.head != nil {
		return b.head(ctx)
	}
	return b.handle.Head(ctx)
}

func (b *broken) Wait(ctx context.Context, after storage.Position) error {
	if b.wait != nil {
		return b.wait()
	}
	return b.handle.Wait(ctx, after)
}

func (b *broken) SaveSnapshot(ctx context.Context, s storage.Snapshot) error {
	if b.save != nil {
		return b.save(s)
	}
	return b.handle.SaveSnapshot(ctx, s)
}

func (b *broken) LoadSnapshot(ctx context.Context, stream string) (storage.Snapshot, bool, error) {
	if b.load != nil {
		return b.load(stream)
	}
	return b.handle.LoadSnapshot(ctx, stream)
}

// defects are journals that keep every law but one sort, and the law that must notice.
var defects = []struct {
	name, law string
	breaks    func(b *broken)
}{
	{"a lost write", "J2_dense", lostWrite},
	{"a lost update", "J2_J3_one_hot_stream", lostUpdate},
	{"a skipped position", "J2_dense", skippedPosition},
	{"a gap in a stream", "J2_dense", versionGap},
	{"a position before a lower one", "J2_concurrent_writers_and_readers", outOfOrder},
	{"a conflict that fails its neighbours", "J4_losers_between_winners", failsNeighbours},
	{"an invalid batch that fails its neighbours", "invalid_batches", invalidFailsCall},
	{"built on lost, but accepted", "J4_built_on_lost", oneByOne},
	{"built on lost, but accepted by coincidence", "J4_built_on_lost_by_coincidence", oneByOne},
	{"lost in another call, but held against this one", "J4_built_on_lost", grudge},
	{"a torn batch", "J1_whole_or_not_at_all", tornBatch},
	{"a torn batch after a crash", "crash", func(b *broken) { b.hideLast(1, b.crashes > 0) }},
	{"not durable, but acknowledged", "crash", func(b *broken) { b.hideLast(3, b.crashes > 0) }},
	{"lost by Close", "reopen", func(b *broken) { b.hideLast(1, b.opens > 1) }},
	{"lost by Close under load", "close_races_append", func(b *broken) { b.hideLast(3, b.opens > 1) }},
	{"stored, but refused", "J5_context_races_append", storedButRefused},
	{"a guard that does not guard", "J3_guards", noGuards},
	{"a forgotten key", "J7_key_and_digest", func(b *broken) { b.record = func(r *event.Record) bool { r.Key = ""; return true } }},
	{"a forgotten digest", "J7_key_and_digest", func(b *broken) { b.record = func(r *event.Record) bool { r.Digest = [32]byte{}; return true } }},
	{"a key forgotten when opened again", "reopen", keyForgottenLater},
	{"At going back", "J6_at", func(b *broken) {
		b.ownClock(func(now, _ time.Time) time.Time { return now.Truncate(time.Microsecond) })
	}},
	{"At going back when opened again", "reopen", func(b *broken) { b.ownClock(storage.NextAt) }},
	{"At in local time", "J6_at", func(b *broken) {
		b.record = func(r *event.Record) bool { r.At = r.At.In(time.FixedZone("", 3600)); return true }
	}},
	{"the caller's own slice", "keeps_no_slices", sharedData},
	{"receipts used again", "keeps_no_slices", sharedReceipts},
	{"JSON written anew", "bytes_as_given", compactJSON},
	{"names in lower case", "names", lowerCase},
	{"a kind by its prefix", "names", kindByPrefix},
	{"no bound on batches", "bounds", noBound},
	{"a head that lags", "J5_readable_at_once", laggingHead},
	{"All that ends where it began", "read_while_appending", fixedEnd},
	{"All deaf to its context", "read_context", func(b *broken) {
		b.all = func(_ context.Context, after storage.Position) iter.Seq2[event.Record, error] {
			return b.handle.All(context.Background(), after)
		}
	}},
	{"open after Close", "close", func(b *broken) { b.head = b.disk.memory.Head }},
	{"a wait that does not", "waiter", func(b *broken) { b.wait = func() error { return nil } }},
	{"a snapshot in the caller's own slice", "snapshots", sharedSnapshot},
}

func TestDefectsAreNoticed(t *testing.T) {
	laws := make(map[string]journaltest.Law)
	for _, law := range journaltest.Laws() {
		laws[law.Name] = law
	}
	for _, d := range defects {
		t.Run(strings.ReplaceAll(d.name, " ", "_"), func(t *testing.T) {
			err := laws[d.law].Check(t, storeOf(func(h *handle) storage.Journal {
				b := &broken{handle: h}
				d.breaks(b)
				return b
			}))
			if err == nil {
				t.Fatalf("law %s does not notice", d.law)
			}
			t.Log(err)
		})
	}
}

// TestHistoryNoticesDefects: the random histories find by themselves, within the few that Run makes, what the
// laws about single calls find on purpose.
func TestHistoryNoticesDefects(t *testing.T) {
	var history journaltest.Law
	for _, law := range journaltest.Laws() {
		if law.Name == "history" {
			history = law
		}
	}
	for name, breaks := range map[string]func(*broken){
		"lostWrite": lostWrite, "skippedPosition": skippedPosition, "versionGap": versionGap, "failsNeighbours": failsNeighbours,
		"oneByOne": oneByOne, "grudge": grudge, "tornBatch": tornBatch, "noGuards": noGuards, "keyForgottenLater": keyForgottenLater,
		"sharedData":     sharedData,
		"lostAtCrash":    func(b *broken) { b.hideLast(3, b.crashes > 0) },
		"clockForgotten": func(b *broken) { b.ownClock(storage.NextAt) },
	} {
		err := history.Check(t, storeOf(func(h *handle) storage.Journal {
			b := &broken{handle: h}
			breaks(b)
			return b
		}))
		if err == nil {
			t.Errorf("%s: no history notices", name)
		}
	}
}

// TestRunFails: Run itself fails when a law does. It is run in a process of its own, since a failed subtest
// cannot be taken back.
func TestRunFails(t *testing.T) {
	if os.Getenv("JOURNALTEST_BROKEN") != "" {
		journaltest.Run(t, storeOf(func(h *handle) storage.Journal {
			b := &broken{handle: h}
			tornBatch(b)
			return b
		}))
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestRunFails$/^J1_", "-test.v")
	child.Env = append(os.Environ(), "JOURNALTEST_BROKEN=1")
	out, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: TestRunFails/J1_whole_or_not_at_all") {
		t.Errorf("Run on a journal that tears batches: got %v and output\n%s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: TestRunFails/J1_J2_order_in_a_batch") {
		t.Errorf("Run on a journal that tears batches: no other law passed:\n%s", out)
	}
}
