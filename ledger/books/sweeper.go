package books

import (
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/ledger"
)

// Sweeper puts on record which holds have ended by themselves. Nothing depends on it: a hold is over at its end, whoever asks. It
// is for statements, and for whoever follows the journal. It reads the journal for the holds that were placed, so give it the
// same one again and again; [Sweeper.MarshalJSON] says where it stands, to go on from there after a restart. One that is lost
// begins anew and records nothing twice. It is for one goroutine at a time.
type Sweeper struct {
	books    *Books
	codec    *event.Codec
	position event.Position
	ends     map[string]time.Time // of the holds that were placed, and of which no more is known
	queue    queue                // of the same, and of some that are gone
}

// pendingHold is a hold that ends by itself.
type pendingHold struct {
	Transfer string    `json:"transfer"`
	Expires  time.Time `json:"expires"`
}

// sweeperState is the JSON of a Sweeper.
type sweeperState struct {
	Position event.Position `json:"position"`
	Holds    []pendingHold  `json:"holds"`
}

// NewSweeper returns a sweeper that begins with the first record of the journal.
func (b *Books) NewSweeper() *Sweeper {
	return &Sweeper{books: b, codec: ledger.TransferCodec(), ends: make(map[string]time.Time)}
}

// MarshalJSON returns where the sweeper stands.
func (s *Sweeper) MarshalJSON() ([]byte, error) {
	state := sweeperState{Position: s.position, Holds: []pendingHold{}}
	for id, ends := range s.ends {
		state.Holds = append(state.Holds, pendingHold{id, ends})
	}
	slices.SortFunc(state.Holds, pendingHold.compare)
	return json.Marshal(state)
}

// UnmarshalJSON lets the sweeper go on from where MarshalJSON said. It returns an error if data is not of that form.
func (s *Sweeper) UnmarshalJSON(data []byte) error {
	var state sweeperState
	if err := strictjson.Unmarshal(data, &state); err != nil {
		return fmt.Errorf("books: sweeper: %w", err)
	}
	ends := make(map[string]time.Time, len(state.Holds))
	for i, h := range state.Holds {
		if _, twice := ends[h.Transfer]; twice || h.Transfer == "" || h.Expires.IsZero() {
			return fmt.Errorf("books: sweeper: holds[%d]: want a hold that ends, once", i)
		}
		ends[h.Transfer] = h.Expires
	}
	s.position, s.ends, s.queue = state.Position, ends, state.Holds
	heap.Init(&s.queue)
	return nil
}

// Sweep reads on in the journal, and puts on record the ends of all holds that have ended at an instant. It returns how many it
// did. A hold that was captured or voided meanwhile is passed over.
//
// Returns the errors of [Books.Do] and of the journal. What was done is done; call it again.
func (s *Sweeper) Sweep(ctx context.Context, at time.Time) (swept int, err error) {
	if err := s.follow(ctx); err != nil {
		return 0, err
	}
	for len(s.queue) > 0 && !s.queue[0].Expires.After(at) {
		h := s.queue[0]
		if s.ends[h.Transfer].Equal(h.Expires) {
			d, err := s.expire(ctx, h)
			if err != nil {
				return swept, fmt.Errorf("books: sweep: %w", err)
			}
			if d.Done() {
				swept++
			}
			delete(s.ends, h.Transfer)
		}
		heap.Pop(&s.queue)
	}
	return swept, nil
}

// expire puts the end of a hold on record. Where somebody has asked something else of it under the sweeper's id, as whoever gives
// out the ids of captures can, it takes another: one hold does not keep the others from being swept.
func (s *Sweeper) expire(ctx context.Context, h pendingHold) (d ledger.Decision, err error) {
	id := sweepKey
	for n := 1; ; n++ {
		d, err = s.books.Do(ctx, ledger.Expire{ID: id, Transfer: h.Transfer, At: h.Expires})
		if !errors.Is(err, engine.ErrKeyReused) {
			return d, err
		}
		id = fmt.Sprintf("%s:%d", sweepKey, n)
	}
}

// sweepKey is the id of what a sweeper asks of a hold. A host that records an end by itself uses another.
const sweepKey = "sweeper:expire"

// follow reads what the journal holds beyond the position.
func (s *Sweeper) follow(ctx context.Context) error {
	for r, err := range s.books.journal.All(ctx, s.position) {
		if err != nil {
			return fmt.Errorf("books: sweep: %w", err)
		}
		if kind, _ := event.SplitStream(r.Stream); kind == kindTransfer {
			d, err := s.codec.Decode(r.Event)
			if err != nil {
				return fmt.Errorf("books: sweep: record %s: %w", r.ID(), err)
			}
			switch e := d.(type) {
			case ledger.TransferHeld:
				if !e.Expires.IsZero() {
					s.insert(pendingHold{e.Transfer, e.Expires})
				}
			case ledger.TransferExpired:
				s.forget(e.Transfer)
			case ledger.TransferVoided:
				s.forget(e.Transfer)
			case ledger.TransferCaptured:
				left := e.Keep
				if left {
					err = s.books.Transfer(ctx, e.Transfer, func(t *ledger.Transfer) error { left = len(t.Left()) > 0; return nil })
				}
				if err != nil {
					return fmt.Errorf("books: sweep: %w", err)
				}
				if !left {
					s.forget(e.Transfer)
				}
			}
		}
		s.position = r.Position
	}
	return nil
}

func (s *Sweeper) insert(h pendingHold) {
	s.ends[h.Transfer] = h.Expires
	heap.Push(&s.queue, h)
}

// forget lets go of a hold. Once most of the queue is gone, what is not makes a new one, so that it is as long as holds live, and
// not as their ends are away.
func (s *Sweeper) forget(transfer string) {
	delete(s.ends, transfer)
	if len(s.queue) <= 2*len(s.ends)+minQueue {
		return
	}
	s.queue = make(queue, 0, len(s.ends))
	for id, ends := range s.ends {
		s.queue = append(s.queue, pendingHold{id, ends})
	}
	heap.Init(&s.queue)
}

// minQueue is how long a queue may always be.
const minQueue = 1024

// queue is a heap of holds, the one that ends first in front.
type queue []pendingHold

func (h pendingHold) compare(o pendingHold) int {
	if c := h.Expires.Compare(o.Expires); c != 0 {
		return c
	}
	return cmp.Compare(h.Transfer, o.Transfer)
}

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].compare(q[j]) < 0 }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(h any)        { *q = append(*q, h.(pendingHold)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	h := (*q)[last]
	*q = (*q)[:last]
	return h
}
