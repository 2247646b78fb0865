package engine

import (
	"context"
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// answered looks whether a command with the call's key was decided before, in any of the members. It may be
// on its way still; then the step names the call to wait for.
func (c *call) answered(ctx context.Context) (s step, done bool, err error) {
	hash := keyHash(c.key)
	for i := range c.members {
		m := &c.members[i]
		if m.any {
			continue
		}
		for v := range m.agg.keys.versions(hash) {
			for _, p := range m.agg.inFlight {
				if p.batch.Key == c.key && p.batch.Writes[0].Stream == m.stream {
					return step{twin: p, waits: []*pending{p}}, true, nil
				}
			}
			r, err := m.agg.record(ctx, v)
			if err != nil {
				return s, false, err
			}
			if r.Key != c.key {
				continue // another key with the same hash, on its way or stored
			}
			s.out, err = c.replay(ctx, r)
			return s, true, err
		}
	}
	return s, false, nil
}

// record reads the record of a version. Without one it returns a zero record: it may be on its way.
func (a *aggregate) record(ctx context.Context, v event.Version) (event.Record, error) {
	for r, err := range a.repo.engine.journal.Stream(ctx, a.stream, v-1) {
		if err != nil {
			return event.Record{}, fmt.Errorf("engine: read %q: %w", a.stream, err)
		}
		return r, nil
	}
	return event.Record{}, nil
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

// replay reads back what the command whose first record is given decided. The records of a batch stand
// together, and the first of the next one has a key again.
func (c *call) replay(ctx context.Context, first event.Record) (outcome, error) {
	if first.Digest != c.digest {
		return outcome{}, c.reused(first.Stream)
	}
	out := outcome{replayed: true}
	last := first.Position - 1
	for r, err := range c.engine.journal.All(ctx, last) {
		if err != nil {
			return outcome{}, fmt.Errorf("engine: read the answer to %q: %w", c.key, err)
		}
		if r.Key != "" && r.Position != first.Position {
			break
		}
		last++
		if r.Position != last {
			return outcome{}, &storage.CorruptError{Name: r.ID(), Reason: fmt.Sprintf("stands where position %d should be", last)}
		}
		if err := c.addDecided(&out, r); err != nil {
			return outcome{}, err
		}
	}
	out.last = last
	return out, nil
}

// addDecided decodes a record with the codec of its member.
func (c *call) addDecided(out *outcome, r event.Record) error {
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
	return fmt.Errorf("%w: key %q was used for a command over %q as well", ErrKeyReused, c.key, r.Stream)
}
