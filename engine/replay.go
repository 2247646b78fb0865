package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// answered looks whether the call's command was decided before, in any of the members. It may be on its way still;
// then the step names the pending to wait for. A key that stands for another command in one member is an error only
// if no member knows this one.
func (c *call) answered(ctx context.Context) (s step, done bool, err error) {
	hash := keyHash(c.key)
	var reused error
	for i := range c.members {
		m := &c.members[i]
		if m.any || m.guest {
			continue
		}
		for v := range m.agg.keys.versions(hash) {
			if p := m.agg.twin(c.key); p != nil {
				if s = (step{twin: p, waits: []*pending{p}}); p.batch.Digest == c.digest {
					return s, true, nil
				}
				continue
			}
			out, found, err := c.replay(ctx, m.agg, v)
			switch {
			case errors.Is(err, ErrKeyReused):
				reused = err
			case err != nil:
				return s, false, err
			case found: // if not, it is another key with the same hash
				return step{out: out}, true, nil
			}
		}
	}
	if reused != nil {
		return step{}, false, reused
	}
	return s, s.twin != nil, nil
}

// twin is the command with a key that is on its way and has its home here, or nil.
func (a *aggregate) twin(key string) *pending {
	for _, p := range a.inFlight {
		if p.batch.Key == key && p.batch.Writes[0].Stream == a.stream {
			return p
		}
	}
	return nil
}

// replayTwin answers from another call with the same key, which is durable by now.
func (c *call) replayTwin(p *pending) (outcome, error) {
	if p.batch.Digest != c.digest {
		return outcome{}, c.reused(p.batch.Writes[0].Stream)
	}
	return outcome{decided: p.decided, replayed: true, last: p.receipt.Last}, nil
}

func (c *call) reused(stream string) error {
	return fmt.Errorf("%w: key %q in %q", ErrKeyReused, c.key, stream)
}

// replay reads back what the command decided whose first record has a version of an aggregate; found is false if
// that is not the call's command. The records of a batch stand together, and the first of the next one has a key
// again. So those of a command over one aggregate are found in its stream, by their positions; those of a
// transaction, in the journal.
func (c *call) replay(ctx context.Context, a *aggregate, v event.Version) (out outcome, found bool, err error) {
	journal := c.engine.journal
	for r, err := range journal.Stream(ctx, a.stream, v-1) {
		switch {
		case err != nil:
			return out, false, fmt.Errorf("engine: read the answer to %q: %w", c.key, err)
		case found && (r.Key != "" || r.Position != out.last+1):
			return out, true, nil
		case !found && r.Key != c.key:
			return out, false, nil
		case r.Digest != c.digest && !found:
			return out, false, c.reused(a.stream)
		case len(c.members) > 1:
			out, err = c.replayAll(ctx, r.Position)
			return out, true, err
		}
		found = true
		if err := c.addDecided(&out, r); err != nil {
			return out, false, err
		}
	}
	return out, found, nil
}

// replayAll reads back the batch whose first record has a position.
func (c *call) replayAll(ctx context.Context, first event.Position) (out outcome, err error) {
	next := first
	for r, err := range c.engine.journal.All(ctx, first-1) {
		if err != nil {
			return out, fmt.Errorf("engine: read the answer to %q: %w", c.key, err)
		}
		if r.Position != next {
			return out, &storage.CorruptError{Name: r.ID(), Reason: fmt.Sprintf("stands where position %d should be", next)}
		}
		if r.Key != "" && next > first {
			break
		}
		if err := c.addDecided(&out, r); err != nil {
			return out, err
		}
		next++
	}
	if next == first {
		return out, &storage.CorruptError{Name: fmt.Sprintf("position %d", first), Reason: "is in its stream, but not in the journal"}
	}
	return out, nil
}

// addDecided decodes a record with the codec of its member. One of no member is that of a guest which is not among them now.
func (c *call) addDecided(out *outcome, r event.Record) error {
	out.replayed, out.last = true, r.Position
	for i := range c.members {
		m := &c.members[i]
		if m.stream != r.Stream {
			continue
		}
		d, err := m.repo.codec.Decode(r.Event)
		if err != nil {
			return fmt.Errorf("engine: record %s: %w", r.ID(), err)
		}
		if n := len(out.decided); n > 0 && out.decided[n-1].stream == r.Stream {
			out.decided[n-1].data = append(out.decided[n-1].data, d)
		} else {
			out.decided = append(out.decided, decision{r.Stream, []event.Data{d}})
		}
		return nil
	}
	return nil
}
