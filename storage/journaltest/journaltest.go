package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage"
)

// Store is a place that keeps one journal: a directory, a schema. It is empty when the suite gets it.
type Store struct {
	// Open opens the journal that is kept there. The suite calls it again after Close, or after Crash, and
	// once while another journal of the store is open: it then returns an error that wraps storage.ErrInUse,
	// or a second journal onto the same records. Now is the clock that At comes from; it stands still and
	// goes back at times. A store with a clock of its own ignores it.
	Open func(now func() time.Time) (storage.Journal, error)

	// Volatile is true if what a journal holds is gone when it is closed. Open then gives an empty one each
	// time, and the laws about opening again are left out.
	Volatile bool

	// Crash leaves in the place what a power cut at this instant would, and lets go of it, so that Open may
	// be called. It is called while appends are under way. Of the journals that were open before, the suite
	// calls nothing more but Close, and does not mind what calls under way answer. Nil leaves these laws out.
	Crash func() error
}

// Law is one thing that every journal does.
type Law struct {
	Name  string // of its subtest in Run
	check func(*env) error
}

// Check returns an error, which begins with the law's name, if a store that fresh makes breaks it. It may
// ask for several. T is for fresh alone: that of the test around it. A law about something that the store
// does not have holds. It takes no longer than two minutes (twenty with PAYRULES_LONG=1).
func (l Law) Check(t testing.TB, fresh func(testing.TB) Store) error {
	err := l.run(t, fresh)
	if _, ok := errors.AsType[leftOut](err); err == nil || ok {
		return nil
	}
	return fmt.Errorf("%s: %w", l.Name, err)
}

// leftOut says why a law does not apply to a store.
type leftOut string

func (l leftOut) Error() string { return string(l) }

const errVolatile = leftOut("what the store holds ends with Close")

func (l Law) run(t testing.TB, fresh func(testing.TB) Store) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit())
	defer cancel()
	e := &env{ctx: ctx, store: fresh(t), clock: newClock(), fresh: func() Store { return fresh(t) }}
	if err := e.open(); err != nil {
		return err
	}
	err := l.check(e)
	if closeErr := e.j.Close(); closeErr != nil {
		return fmt.Errorf("close: %w (the law itself: %v)", closeErr, err)
	}
	return err
}

// Laws lists the laws in the order in which Run checks them.
func Laws() []Law {
	return []Law{
		{"J1_whole_or_not_at_all", wholeOrNot},
		{"J1_J2_order_in_a_batch", orderInBatch},
		{"J2_dense", dense},
		{"J2_concurrent_writers_and_readers", concurrent},
		{"J2_J3_one_hot_stream", hotStream},
		{"J3_conflicts", conflicts},
		{"J3_guards", guards},
		{"J3_any", anyExpectation},
		{"J4_losers_between_winners", losersBetweenWinners},
		{"J4_built_on_lost", builtOnLost},
		{"J4_built_on_lost_by_coincidence", builtOnLostByCoincidence},
		{"J4_built_on_stored", builtOnStored},
		{"J5_context", appendContext},
		{"J5_context_races_append", contextRaces},
		{"J5_readable_at_once", readableAtOnce},
		{"J6_at", clocks},
		{"J7_key_and_digest", keys},
		{"bytes_as_given", bytesAsGiven},
		{"keeps_no_slices", keepsNoSlices},
		{"invalid_batches", invalidBatches},
		{"bounds", bounds},
		{"names", names},
		{"many_streams", manyStreams},
		{"empty", empty},
		{"read_from", readFrom},
		{"read_while_appending", readWhileAppending},
		{"read_part", readPart},
		{"read_context", readContext},
		{"history", randomHistories},
		{"close", closed},
		{"close_races_append", closeRaces},
		{"reopen", reopened},
		{"second_opener", secondOpener},
		{"crash", crashes},
		{"waiter", waiter},
		{"snapshots", snapshots},
	}
}

// Run checks every law in a subtest of its own, on a store of its own. Fresh makes the stores; it may use
// the subtest's TempDir and Cleanup.
func Run(t *testing.T, fresh func(testing.TB) Store) {
	for _, law := range Laws() {
		t.Run(law.Name, func(t *testing.T) {
			err := law.run(t, fresh)
			if reason, ok := errors.AsType[leftOut](err); ok {
				t.Skip(reason)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// env is what a law works on: an open journal of a store, and a clock that it may turn.
type env struct {
	ctx   context.Context
	store Store
	clock *clock
	j     storage.Journal
	fresh func() Store // another one
}

func (e *env) open() error {
	j, err := e.store.Open(e.clock.now)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	e.j = j
	return nil
}

func (e *env) reopen() error {
	if err := e.j.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return e.open()
}

// append appends to both the journal and the model, and says whether they agree.
func (e *env) append(m *model, batches ...storage.Batch) error {
	return appendBoth(e.ctx, e.j, m, batches)
}

// clock gives a new instant, a millisecond on, each time it is asked, unless it was set.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	step time.Duration
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC), step: time.Millisecond}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.step)
	return c.at
}

// turn moves the clock by d, and lets it go on by step from there.
func (c *clock) turn(d, step time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.step = c.at.Add(d), step
}

// scale is n, or ten times as much in a long campaign.
func scale(n int) int { return n * campaign.Size(1, 10) }

// limit is how long a law may take.
func limit() time.Duration { return campaign.Size(2*time.Minute, 20*time.Minute) }
