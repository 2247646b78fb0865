package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
)

// inBubble runs one story in a bubble of package synctest: there synctest.Wait returns when everybody waits for
// something, and a deadline passes only then. So who is on its way is where it can get to, and nothing depends on how
// fast the machine is.
func inBubble(t *testing.T, name string, story func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, story) })
}

// async runs f beside the test; what it returns comes out of the channel.
func async[T any](f func() T) <-chan T {
	c := make(chan T, 1)
	go func() { c <- f() }()
	return c
}

// patient is the context of a caller in a bubble who leaves when nothing moves any more.
func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}

// gated is a journal each of whose appends takes a token from the gate first; a closed gate lets all of them pass.
func gated(j storage.Journal) (g *faulty.Journal, gate chan struct{}) {
	gate = make(chan struct{})
	return &faulty.Journal{Journal: j, Before: func([]storage.Batch) { <-gate }}, gate
}

// told is what a caller was told.
type told struct {
	engine.Answer[purse.Answer]
	err error
}

func ask(ctx context.Context, repo *purses, id, key string, by int64) told {
	a, err := engine.DoAnswer(ctx, repo, id, key, purse.Change{ID: key, By: by})
	return told{a, err}
}

// leave asks while the journal is held, and leaves: it is told that the outcome is unknown (E5).
func leave[R any](t *testing.T, repo *purses, id, key string, c engine.Command[*purse.Purse, R]) {
	t.Helper()
	_, err := engine.Do(patient(t), repo, id, key, c)
	if !errors.Is(err, storage.ErrUnknownOutcome) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("left with %s on its way: got %v, want ErrUnknownOutcome and DeadlineExceeded", key, err)
	}
}

// failure is an error of a rule.
type failure string

func (f failure) Error() string { return string(f) }

const errTooLittle = failure("too little")

// withdraw cannot be decided where there is too little; if it is quiet, it decides nothing then. Its result is the
// number of its events.
type withdraw struct {
	By    int64
	Quiet bool
}

func (w withdraw) Decide(p *purse.Purse) ([]event.Data, error) {
	switch {
	case p.Balance >= w.By:
		return []event.Data{purse.Changed{By: -w.By, Balance: p.Balance - w.By}}, nil
	case w.Quiet:
		return nil, nil
	}
	return nil, fmt.Errorf("%w: %d", errTooLittle, p.Balance)
}

func (withdraw) Result(d []event.Data) int { return len(d) }
