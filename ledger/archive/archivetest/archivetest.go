package archivetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
)

// Place is one place to keep an archive in: a folder, a bucket. It is empty when the suite gets it.
type Place struct {
	_ struct{} // disallow positional literals

	// Open opens the archive that is kept there. It is called several times, and all that it returned are used beside each
	// other, as by several processes; a place that has only one may return the same each time. What is an io.Closer is closed in
	// the end.
	Open func() (ledger.Archiver, error)

	// Damage changes something in the middle of what is kept of a segment's records. Nil leaves that law out.
	Damage func(ledger.Segment) error

	// Lose removes all that is kept of a segment. Nil leaves that law out.
	Lose func(ledger.Segment) error

	// Size is how many bytes are kept, for Bench. Nil leaves the figure out.
	Size func() (int64, error)
}

// Law is one thing that every archive does.
type Law struct {
	Name  string // of its subtest in Run
	check func(*env) error
}

// Check returns an error, which begins with the law's name, if an archive in a place that fresh makes breaks it. T is for
// fresh alone: that of the test around it. A law that the place leaves out holds. It takes no longer than two minutes.
func (l Law) Check(t testing.TB, fresh func(testing.TB) Place) error {
	err := l.run(t, fresh)
	if _, ok := errors.AsType[leftOut](err); err == nil || ok {
		return nil
	}
	return fmt.Errorf("%s: %w", l.Name, err)
}

// leftOut says why a law does not apply to a place.
type leftOut string

func (l leftOut) Error() string { return string(l) }

const limit = 2 * time.Minute

func (l Law) run(t testing.TB, fresh func(testing.TB) Place) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	e := &env{ctx: ctx, place: fresh(t)}
	defer e.close()
	var err error
	if e.a, err = e.open(); err != nil {
		return err
	}
	done := make(chan error, 1) // an archive that hangs must not hang the suite
	go func() { done <- l.check(e) }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit + 10*time.Second):
		return errors.New("hangs")
	}
}

// Laws lists the laws in the order in which Run checks them.
func Laws() []Law {
	return []Law{
		{"A1_whole_or_not_at_all", wholeOrNot},
		{"A2_again_is_done", again},
		{"A3_another_in_its_place", another},
		{"A4_order", order},
		{"A5_gaps", gaps},
		{"A6_only_what_is_described", described},
		{"A7_byte_for_byte", byteForByte},
		{"A8_opened_again", openedAgain},
		{"A9_accounts_apart", accountsApart},
		{"A10_many_put_the_same", manyPutTheSame},
		{"A10_many_put_another", manyPutAnother},
		{"A10_read_while_putting", readWhilePutting},
		{"A11_context", contexts},
		{"A12_stopped_early", stoppedEarly},
		{"A13_not_what_was_put", notWhatWasPut},
		{"A13_damaged", damaged},
		{"A13_lost", lost},
		{"A14_history", history},
	}
}

// Run checks every law in a subtest of its own, in a place of its own. Fresh makes the places; it may use the subtest's TempDir
// and Cleanup.
func Run(t *testing.T, fresh func(testing.TB) Place) {
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

// env is what a law works on: a place, and an archive that is open there.
type env struct {
	ctx    context.Context
	place  Place
	a      ledger.Archiver
	opened []ledger.Archiver
}

func (e *env) open() (ledger.Archiver, error) {
	a, err := e.place.Open()
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	e.opened = append(e.opened, a)
	return a, nil
}

func (e *env) close() {
	for i, a := range e.opened {
		c, ok := a.(interface{ Close() error })
		if ok && (i == 0 || a != e.opened[i-1]) {
			c.Close()
		}
	}
}

// scale is n, or 20 times as much in a long campaign.
func scale(n int) int { return n * campaign.Size(1, 6) }
