package engine

import (
	"context"
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// Command is a question to an aggregate whose state is S, with an answer R. Domain packages define them; they
// need nothing of this package.
//
// A command is a value that encoding/json writes in full: its name and JSON tell a retry from another command
// with the same key. It may write its own JSON ([event.Appender]).
type Command[S, R any] interface {
	// Decide returns the events that the command makes of a state, without changing it. A refusal is an event
	// as well. An error means "could not decide": nothing is journaled. It asks nothing but the command and
	// the state.
	Decide(state S) ([]event.Data, error)

	// Result reads the answer from what was decided. It is the same for the first call, a retry and a replay.
	Result(decided []event.Data) R
}

// Answer is a command's result, and how it came about.
type Answer[R any] struct {
	Result   R
	Replayed bool             // it was decided earlier, by another call with the same key
	Last     storage.Position // of its last event, or 0 if it decided nothing
}

// Do takes a command to the aggregate id, and returns its result once what it decided is durable.
//
// Key is the command's id, unique within the aggregate: the same key again, with the same command, gets the
// first answer, whatever has happened since.
//
// Returns an error if:
//   - the id or the key breaks its form, the command has no JSON, or decides what cannot be stored (ErrInvalid);
//   - the key was used for another command (ErrKeyReused);
//   - Decide returns one, which is given back wrapped;
//   - the journal fails, other engines were faster every time (storage.ErrConflict), or the engine is closed;
//   - ctx is done first; if the command was on its way, that is a storage.ErrUnknownOutcome.
//
// Only after a storage.ErrUnknownOutcome may something be stored.
func Do[S State, R any](ctx context.Context, repo *Repository[S], id, key string, c Command[S, R]) (R, error) {
	a, err := DoAnswer(ctx, repo, id, key, c)
	return a.Result, err
}

// DoAnswer is [Do], and tells as well whether the answer was given before, and where its events stand.
func DoAnswer[S State, R any](ctx context.Context, repo *Repository[S], id, key string, c Command[S, R]) (Answer[R], error) {
	r := repo.r
	call, err := newCall(r.engine, key, c, member{repo: r, id: id})
	if err != nil {
		return Answer[R]{}, err
	}
	m := &call.members[0]
	call.decide = func() error { return decideMember(m, c) }
	out, err := call.run(ctx)
	if err != nil {
		return Answer[R]{}, err
	}
	return Answer[R]{Result: c.Result(out.of(m.stream)), Replayed: out.replayed, Last: out.last}, nil
}

// View shows the state of the aggregate id to fn, and returns once all that fn saw is durable. Fn must not
// change the state, nor keep it; it is called again when what it saw turns out not to be. Another engine on
// the same journal may be ahead of what it shows: see [ViewLatest].
//
// Returns an error if the id breaks its form, fn returns one, the aggregate cannot be loaded, ctx is done or
// the engine closed.
func View[S State](ctx context.Context, repo *Repository[S], id string, fn func(state S) error) error {
	return view(ctx, repo, id, false, fn)
}

// ViewLatest is [View] of all that the journal holds when it is called: what other engines have written to the
// aggregate, and what transactions have by an AnyRef, which do not look at it. It costs a look into the journal.
func ViewLatest[S State](ctx context.Context, repo *Repository[S], id string, fn func(state S) error) error {
	return view(ctx, repo, id, true, fn)
}

func view[S State](ctx context.Context, repo *Repository[S], id string, latest bool, fn func(state S) error) error {
	stream := event.Stream(repo.r.name, id)
	if err := event.ValidateStream(stream); err != nil {
		return fmt.Errorf("%w id: %w", ErrInvalid, err)
	}
	call := &call{engine: repo.r.engine, latest: latest, members: []member{{repo: repo.r, id: id, stream: stream}}}
	call.decide = func() error { return fn(call.members[0].agg.state.(S)) }
	_, err := call.run(ctx)
	return err
}

// newCall makes the call of a command with its key over members, whose streams it fills in.
func newCall(e *Engine, key string, command any, members ...member) (*call, error) {
	if err := event.ValidateKey(key); err != nil {
		return nil, fmt.Errorf("%w command: %w", ErrInvalid, err)
	}
	for i := range members {
		m := &members[i]
		m.stream = event.Stream(m.repo.name, m.id)
		if err := event.ValidateStream(m.stream); err != nil {
			return nil, fmt.Errorf("%w id: %w", ErrInvalid, err)
		}
		for j := range i {
			if members[j].stream == m.stream {
				return nil, fmt.Errorf("%w refs: %q is named twice", ErrInvalid, m.stream)
			}
		}
	}
	if command == nil {
		return nil, fmt.Errorf("%w command: nil", ErrInvalid)
	}
	sum, err := e.digest(command)
	if err != nil {
		return nil, err
	}
	return &call{engine: e, key: key, digest: sum, members: members}, nil
}

// decideMember has a command decide on a member's state.
func decideMember[S State, R any](m *member, c Command[S, R]) error {
	var state S
	if m.any {
		state = m.repo.newState(m.id).(S)
	} else {
		state = m.agg.state.(S)
	}
	data, err := c.Decide(state)
	if err != nil {
		return fmt.Errorf("engine: %q: %w", m.stream, err)
	}
	m.staged, m.data = true, data
	return nil
}
