package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/payrules/payrules/storage"
)

var (
	// ErrKeyReused is returned when a key was used before, in the same aggregate, for a command with another
	// content.
	ErrKeyReused = errors.New("engine: key was used for another command")

	// ErrClosed is returned to commands that come after Close.
	ErrClosed = errors.New("engine: closed")

	// ErrInvalid is wrapped when options, ids, keys or commands break a stated form. Nothing is stored.
	ErrInvalid = errors.New("engine: invalid")
)

// Options of an Engine. Nil and zero fields stand for the defaults.
type Options struct {
	// MaxInFlight is how many commands may be under way at once; further callers wait. Default 4,096.
	MaxInFlight int

	// MaxGroup is how many commands share a commit at the most. Default 1,024, at most storage.MaxBatches.
	MaxGroup int

	// MaxAttempts is how often a command is decided at the most, when other engines keep winning. Default 32.
	MaxAttempts int
}

const (
	defaultMaxInFlight = 4096
	defaultMaxGroup    = 1024
	defaultMaxAttempts = 32

	groupBytes = 4 << 20 // of events in one append, beyond its first batch
)

// Engine takes what commands decided to a journal. It is safe for concurrent use.
type Engine struct {
	journal   storage.Journal
	snapshots storage.Snapshots // nil if the journal keeps none
	opts      Options
	scratch   sync.Pool // of *[]byte, for the JSON of commands

	slots   chan struct{} // holds one token for each command under way
	closing chan struct{} // closed by Close

	mu     sync.Mutex
	queue  []*pending    // decided, not yet given to the journal; in the order of their decisions
	wake   chan struct{} // has a token when the queue may have grown
	closed bool
	names  map[string]bool // of the kinds that have a repository

	stopped chan struct{} // closed when the committer has ended
}

// Journal returns the journal that the engine is over, for whoever reads records beside it.
func (e *Engine) Journal() storage.Journal { return e.journal }

// New starts an engine over a journal. It owns one goroutine until [Engine.Close]. The journal stays the
// caller's: close it after the engine.
//
// Returns an error that wraps ErrInvalid if the journal is nil or an option is negative or out of bounds.
func New(journal storage.Journal, o *Options) (*Engine, error) {
	if journal == nil {
		return nil, fmt.Errorf("%w journal: nil", ErrInvalid)
	}
	opts := Options{}
	if o != nil {
		opts = *o
	}
	for _, f := range []struct {
		name        string
		field       *int
		value, most int
	}{
		{"MaxInFlight", &opts.MaxInFlight, defaultMaxInFlight, 1 << 20},
		{"MaxGroup", &opts.MaxGroup, defaultMaxGroup, storage.MaxBatches},
		{"MaxAttempts", &opts.MaxAttempts, defaultMaxAttempts, 1 << 20},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
		if *f.field < 0 || *f.field > f.most {
			return nil, fmt.Errorf("%w option %s: %d, want 1 to %d", ErrInvalid, f.name, *f.field, f.most)
		}
	}
	e := &Engine{
		journal: journal,
		opts:    opts,
		slots:   make(chan struct{}, opts.MaxInFlight),
		closing: make(chan struct{}),
		wake:    make(chan struct{}, 1),
		names:   make(map[string]bool),
		stopped: make(chan struct{}),
	}
	e.snapshots, _ = journal.(storage.Snapshots)
	go e.commit()
	return e, nil
}

// Close refuses new commands (ErrClosed), waits until those under way are answered, and ends the engine's
// goroutine. It returns early with an error when ctx is done; what is under way then still ends by itself,
// and Close may be called again to wait for it.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.closing)
		go e.drain()
	}
	e.mu.Unlock()
	select {
	case <-e.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("engine: close: %w", context.Cause(ctx))
	}
}

// drain takes every slot, which it has only when no command is under way, and then ends the committer.
func (e *Engine) drain() {
	for range cap(e.slots) {
		e.slots <- struct{}{}
	}
	close(e.wake)
}

// enter takes a slot for a command, and waits for one if all are taken.
func (e *Engine) enter(ctx context.Context) error {
	select {
	case <-e.closing:
		return ErrClosed
	default:
	}
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-e.closing:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("engine: waiting for a place: %w", context.Cause(ctx))
	}
}

// leave gives the slot back.
func (e *Engine) leave() { <-e.slots }
