package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// call is one command under way: over one aggregate for Do, over several for Atomically.
type call struct {
	engine  *Engine
	key     string // "" for a call that only reads
	digest  [32]byte
	members []member     // in the order of the batch
	decide  func() error // fills in the members' data
	latest  bool         // it reads all that the journal holds

	locked []*aggregate // by lock, in its order
	one    [1]*aggregate
}

// member is an aggregate of a call.
type member struct {
	repo   *repository
	id     string
	stream string
	any    bool // nothing constrains it: neither locked nor loaded
	guest  bool // not what the call is told by: it has no part in its key and digest
	agg    *aggregate
	staged bool
	data   []event.Data // what was decided for it
	bytes  int          // of it
}

// outcome is what became of a call.
type outcome struct {
	decided  []decision
	replayed bool
	last     storage.Position // 0 if nothing was decided
}

// of is what was decided for a stream.
func (o outcome) of(stream string) []event.Data {
	for _, d := range o.decided {
		if d.stream == stream {
			return d.data
		}
	}
	return nil
}

// run takes the call to its end: it decides, has it made durable, and does so again when another engine was
// faster or an append left it open what the journal holds.
func (c *call) run(ctx context.Context) (outcome, error) {
	if err := c.engine.enter(ctx); err != nil {
		return outcome{}, err
	}
	slot := true // until it is handed over to the committer
	defer func() {
		if slot {
			c.engine.leave()
		}
	}()
	c.acquire()
	defer c.release()
	var unknown error // of an earlier attempt that may be stored, or become so
	for attempt := 1; ; attempt++ {
		out, err := c.try(ctx, &slot)
		if err == nil {
			return out, nil
		}
		rule := errors.As(err, new(ruleError))
		lost := !rule && errors.Is(err, storage.ErrUnknownOutcome)
		again := lost || !rule && errors.Is(err, storage.ErrConflict)
		switch {
		case again && slot && ctx.Err() == nil && attempt < c.engine.opts.MaxAttempts:
			if lost {
				unknown = err
			}
			continue
		case again && attempt == c.engine.opts.MaxAttempts:
			err = fmt.Errorf("engine: gave up after %d attempts: %w", attempt, err)
		case again && slot:
			err = fmt.Errorf("engine: %w: %w", context.Cause(ctx), err)
		}
		if unknown != nil && !lost {
			err = fmt.Errorf("%w, then: %w", unknown, err)
		}
		return outcome{}, err
	}
}

// ruleError is an error of a rule: whatever it wraps, it is not the engine's own.
type ruleError struct{ error }

func (e ruleError) Unwrap() error { return e.error }

// acquire keeps the members' aggregates in memory until release.
func (c *call) acquire() {
	for i := range c.members {
		if m := &c.members[i]; !m.any {
			m.agg = m.repo.acquire(m.id, m.stream)
		}
	}
}

func (c *call) release() {
	for i := range c.members {
		if m := &c.members[i]; m.agg != nil {
			m.repo.release(m.agg)
		}
	}
}

// try decides once and waits until it is known what became of it.
func (c *call) try(ctx context.Context, slot *bool) (outcome, error) {
	step, err := c.decideLocked(ctx)
	if err != nil {
		return outcome{}, err
	}
	for _, p := range step.waits {
		select {
		case <-p.done:
		case <-ctx.Done():
			switch {
			case p == step.twin:
				return outcome{}, fmt.Errorf("engine: %w: %w", storage.ErrUnknownOutcome, context.Cause(ctx))
			case p != step.own:
				return outcome{}, waitingError(ctx)
			case p.state.CompareAndSwap(waiting, abandoned):
				*slot = false // the committer gives it back
				return outcome{}, fmt.Errorf("engine: %w: %w", storage.ErrUnknownOutcome, context.Cause(ctx))
			}
			<-p.done
		}
		switch {
		case p.err == nil:
		case p == step.own, p == step.twin && errors.Is(p.err, storage.ErrUnknownOutcome):
			return outcome{}, p.err
		default:
			return outcome{}, errAgain // what it was waiting for failed, and may be decided anew
		}
	}
	if step.twin != nil {
		return c.replayTwin(step.twin)
	}
	if step.own != nil {
		step.out.last = step.own.receipt.Last
	}
	c.saveSnapshots(ctx, step.snapshots)
	return step.out, nil
}

func waitingError(ctx context.Context) error {
	return fmt.Errorf("engine: waiting for the journal: %w", context.Cause(ctx))
}

// step is where a call stands when it has given back its locks.
type step struct {
	out       outcome
	waits     []*pending // must be durable before out may be told
	own       *pending   // the call's own, one of waits
	twin      *pending   // another call with the same key that is on its way, one of waits
	snapshots []storage.Snapshot
}

// decideLocked locks the members, and decides or finds the answer that was given before.
func (c *call) decideLocked(ctx context.Context) (s step, err error) {
	defer c.unlock()
	if err := c.lock(ctx); err != nil {
		return s, err
	}
	if c.key != "" {
		if s, done, err := c.answered(ctx); done || err != nil {
			return s, err
		}
	}
	for i := range c.members {
		c.members[i].staged, c.members[i].data = false, nil
	}
	if err := c.decide(); err != nil {
		if again := c.confirm(ctx); again != nil {
			return s, again
		}
		return s, ruleError{err}
	}
	p, err := c.pending()
	if err != nil {
		return s, err
	}
	if p == nil {
		if err := c.confirm(ctx); err != nil {
			return s, err
		}
		for _, a := range c.locked { // of what was loaded and not written to, nobody else makes one
			if snapshot, ok := a.makeSnapshot(); ok {
				s.snapshots = append(s.snapshots, snapshot)
			}
		}
		return s, nil
	}
	s.out.decided = p.decided
	s.own, s.waits = p, []*pending{p}
	if s.snapshots, err = c.submit(p); err != nil { // perhaps since the members were not of one time
		if again := c.confirm(ctx); again != nil {
			return s, again
		}
	}
	return s, err
}

// confirm is for what no append will confirm: an error of a rule or of a state, or nothing decided. It waits until what it was
// said of is durable, and, for a command, looks whether the journal has more by now, such as the command itself.
// The locks are held. It returns errAgain if the state was not the history, or is no longer all of it.
func (c *call) confirm(ctx context.Context) error {
	for _, a := range c.locked {
		if err := a.confirm(ctx, c.key != ""); err != nil {
			return err
		}
	}
	return nil
}

// lock locks and refreshes the members in the order of their streams' names, which is the same for every call,
// so that no two wait for each other. Unlock releases those that it has locked, also after an error or a panic.
func (c *call) lock(ctx context.Context) error {
	order := c.one[:0]
	for i := range c.members {
		if !c.members[i].any {
			order = append(order, c.members[i].agg)
		}
	}
	if len(order) > 1 {
		slices.SortFunc(order, func(a, b *aggregate) int { return strings.Compare(a.stream, b.stream) })
	}
	for i, a := range order {
		if err := a.acquireLock(ctx); err != nil {
			return err
		}
		c.locked = order[:i+1]
		if err := a.refresh(ctx); err != nil {
			return err
		}
		if c.latest {
			if err := a.catchUp(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *call) unlock() {
	for _, a := range c.locked {
		a.releaseLock()
	}
	c.locked = nil
}

// pending makes the batch of what was decided, and what goes with it; nil if nothing was.
func (c *call) pending() (*pending, error) {
	p := &pending{done: make(chan struct{}), batch: storage.Batch{Key: c.key, Digest: c.digest}}
	p.batch.Writes, p.decided, p.basis = p.writes[:0], p.decide[:0], p.base[:0]
	home := -1
	for i := range c.members {
		m := &c.members[i]
		w := storage.Write{Stream: m.stream, Expect: storage.Any}
		m.bytes = 0
		if len(c.members) == 1 {
			w.Events = p.events[:0]
		}
		if !m.any {
			w.Expect = m.agg.version
			p.basis = append(p.basis, basis{m.agg, m.agg.stateGen})
		}
		for _, d := range m.data {
			e, err := m.repo.codec.Encode(d)
			if err != nil {
				return nil, fmt.Errorf("%w command %q: %q: %w", ErrInvalid, c.key, m.stream, err)
			}
			w.Events = append(w.Events, e)
			m.bytes += len(e.Data)
		}
		p.bytes += m.bytes
		if len(m.data) > 0 {
			p.decided = append(p.decided, decision{m.stream, m.data})
			if home < 0 && !m.any && !m.guest {
				home = len(p.batch.Writes)
			}
		}
		if len(m.data) > 0 || !m.any {
			p.batch.Writes = append(p.batch.Writes, w)
		}
	}
	switch {
	case len(p.decided) == 0:
		return nil, nil
	case c.key == "":
		return nil, errors.New("engine: bug: a reader decided something")
	case home < 0:
		return nil, fmt.Errorf("%w command %q: it decided something for AnyRefs and guests only, so there is no place to keep its key", ErrInvalid, c.key)
	}
	p.batch.Writes[0], p.batch.Writes[home] = p.batch.Writes[home], p.batch.Writes[0]
	if err := p.batch.Validate(); err != nil {
		return nil, fmt.Errorf("%w command %q: %w", ErrInvalid, c.key, err)
	}
	return p, nil
}

// submit applies what was decided to the members and hands it to the committer.
func (c *call) submit(p *pending) (snapshots []storage.Snapshot, err error) {
	queued := false
	defer func() {
		if !queued { // a state could not apply what was decided on it, or panicked
			c.undo(p)
		}
	}()
	home := p.batch.Writes[0].Stream
	for i := range c.members {
		m := &c.members[i]
		if m.any {
			continue
		}
		key := ""
		if m.stream == home {
			key = c.key
		}
		if err := m.agg.advance(m.data, m.bytes, key); err != nil {
			return nil, err
		}
		if s, ok := m.agg.makeSnapshot(); ok {
			snapshots = append(snapshots, s)
		}
		m.agg.inFlight = append(m.agg.inFlight, p)
	}
	c.engine.enqueue(p)
	queued = true
	return snapshots, nil
}

// undo makes the members forget what was applied but not handed to the committer.
func (c *call) undo(p *pending) {
	for _, a := range c.locked {
		a.loaded = false
		for _, w := range p.batch.Writes {
			if w.Stream == a.stream {
				a.version = w.Expect // of the state that p was decided on
			}
		}
		if n := len(a.inFlight); n > 0 && a.inFlight[n-1] == p {
			a.inFlight = a.inFlight[:n-1]
		}
	}
}

// saveSnapshots keeps snapshots of states that are durable now. They are a cache: an error costs time later,
// and nothing else.
func (c *call) saveSnapshots(ctx context.Context, snapshots []storage.Snapshot) {
	for _, s := range snapshots {
		_ = c.engine.snapshots.SaveSnapshot(ctx, s)
	}
}
