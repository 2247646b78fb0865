package journaltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/payrules/payrules/storage"
)

// History makes one random history of a store, which must be empty: appends of every sort, turns of the
// clock, reads, and openings after Close or a crash, each compared with a list of records that does the
// same. Draw(n) returns a number from 0 to n-1, and decides everything; smaller numbers mean simpler
// histories. So a property-based tester can draw, and shrink what fails:
//
//	rapid.Check(t, func(t *rapid.T) {
//		err := journaltest.History(newStore(), func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "draw") })
//		if err != nil {
//			t.Fatal(err)
//		}
//	})
//
// It returns an error, which tells the last steps, if the two differ.
func History(s Store, draw func(n int) int) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit())
	defer cancel()
	h := &history{env: env{ctx: ctx, store: s, clock: newClock()}, model: &model{}, draw: draw}
	if err := h.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.j.Close()) }()
	for range draw(40) {
		if err := h.step(); err != nil {
			return fmt.Errorf("%w\nafter, last first: %s", err, h.told())
		}
	}
	if err := h.model.verify(ctx, h.j); err != nil {
		return fmt.Errorf("%w\nafter, last first: %s", err, h.told())
	}
	return nil
}

// history is the state of one.
type history struct {
	env
	model *model
	draw  func(n int) int
	steps []string
	keys  int
}

func (h *history) tell(format string, args ...any) {
	h.steps = append(h.steps, fmt.Sprintf(format, args...))
}

// told is the last few steps.
func (h *history) told() []string {
	last := slices.Clone(h.steps[max(0, len(h.steps)-8):])
	slices.Reverse(last)
	return last
}

func (h *history) step() error {
	switch h.draw(12) {
	default:
		return h.appendSome()
	case 8:
		step := []time.Duration{time.Millisecond, 0, -time.Second, time.Nanosecond}[h.draw(4)]
		turn := []time.Duration{0, -time.Hour, time.Hour}[h.draw(3)]
		h.tell("clock: %v, then %v a look", turn, step)
		h.clock.turn(turn, step)
		return nil
	case 9:
		h.tell("read all")
		return h.model.verify(h.ctx, h.j)
	case 10, 11:
		return h.openAgain(h.draw(2) == 1)
	}
}

// openAgain closes the journal, or crashes it, and opens it again.
func (h *history) openAgain(crash bool) error {
	if h.store.Volatile {
		return nil
	}
	if crash && h.store.Crash != nil {
		h.tell("crash and open")
		if err := h.store.Crash(); err != nil {
			return fmt.Errorf("crash: %w", err)
		}
		_ = h.j.Close() // whatever it says: its machine is gone
		return h.open()
	}
	h.tell("close and open")
	return h.reopen()
}

// appendSome makes one call of up to five batches. Believed is what its caller, who knows the journal as it
// was before, takes the versions for as its batches go on, whether they hold or not.
func (h *history) appendSome() error {
	believed := make(map[string]storage.Version)
	current := &model{versions: make(map[string]storage.Version)}
	for stream, v := range h.model.versions {
		believed[stream], current.versions[stream] = v, v
	}
	var batches call
	for range 1 + h.draw(5) {
		b := h.batch(believed, current.versions)
		for _, w := range b.Writes {
			believed[w.Stream] += storage.Version(len(w.Events))
		}
		batches = append(batches, b)
		again := &model{versions: make(map[string]storage.Version)} // what is there if the call ended here
		for stream, v := range h.model.versions {
			again.versions[stream] = v
		}
		again.append(batches)
		current = again
	}
	h.tell("append %s", summary(batches))
	return h.append(h.model, batches...)
}

func (h *history) batch(believed, current map[string]storage.Version) storage.Batch {
	h.keys++
	b := batch(fmt.Sprint("key ", h.keys))
	first := h.draw(5)
	for i := range 1 + h.draw(3) {
		stream := []string{"t/a", "t/b", "t/a1", "u/a", "t/é/1"}[(first+i)%5]
		w := write(stream, h.expectation(stream, believed, current), h.draw(4))
		b.Writes = append(b.Writes, w)
	}
	if home := &b.Writes[0]; len(home.Events) == 0 && h.draw(8) > 0 { // mostly a home as it should be
		home.Events = write(home.Stream, 0, 1).Events
	}
	if b.Writes[0].Expect == storage.Any && h.draw(8) > 0 {
		b.Writes[0].Expect = current[b.Writes[0].Stream]
	}
	return b
}

// expectation is one that holds, or one that the caller believes in, or one that is near it.
func (h *history) expectation(stream string, believed, current map[string]storage.Version) storage.Version {
	switch h.draw(8) {
	default:
		return believed[stream]
	case 4:
		return current[stream]
	case 5:
		return storage.Any
	case 6:
		return current[stream] + 1
	case 7:
		return max(current[stream], 1) - 1
	}
}

func summary(batches call) string {
	text := ""
	for _, b := range batches {
		text += "["
		for _, w := range b.Writes {
			if w.Expect == storage.Any {
				text += fmt.Sprintf(" %s@any+%d", w.Stream, len(w.Events))
				continue
			}
			text += fmt.Sprintf(" %s@%d+%d", w.Stream, w.Expect, len(w.Events))
		}
		text += " ]"
	}
	return text
}

// randomHistories is some histories, each on a store of its own, always the same ones.
func randomHistories(e *env) error {
	for seed := range uint64(scale(30)) {
		random := rand.New(rand.NewPCG(seed, 0))
		if err := History(e.fresh(), random.IntN); err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
	}
	return nil
}
