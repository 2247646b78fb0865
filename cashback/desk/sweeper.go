package desk

import (
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/strictjson"
)

// Sweeper puts on record what happens to rewards by itself: that time confirms them, that they expire, that they become payable. No
// decision depends on it, since each begins with what is due by then; it is for statements, and for whoever follows the journal. It reads
// the journal for the customers of whom something may be due, and keeps one instant for each of them, so give it the same one again and
// again; [Sweeper.MarshalJSON] says where it stands, to go on from there after a restart. One that is lost begins anew and records
// nothing twice. It is for one goroutine at a time.
type Sweeper struct {
	desk     *Desk
	position event.Position
	next     map[string]time.Time // when to look at a customer
	queue    queue                // of the same, and of some that are not so any more
}

// look is when to look at a customer.
type look struct {
	Customer string    `json:"customer"`
	At       time.Time `json:"at"`
}

// sweeperState is the JSON of a Sweeper.
type sweeperState struct {
	Position event.Position `json:"position"`
	Looks    []look         `json:"looks"`
}

// NewSweeper returns a sweeper that begins with the first record of the journal.
func (d *Desk) NewSweeper() *Sweeper {
	return &Sweeper{desk: d, next: make(map[string]time.Time)}
}

// MarshalJSON returns where the sweeper stands.
func (s *Sweeper) MarshalJSON() ([]byte, error) {
	state := sweeperState{Position: s.position, Looks: []look{}}
	for id, at := range s.next {
		state.Looks = append(state.Looks, look{id, at})
	}
	slices.SortFunc(state.Looks, look.compare)
	return json.Marshal(state)
}

// UnmarshalJSON lets the sweeper go on from where MarshalJSON said. It returns an error if data is not of that form.
func (s *Sweeper) UnmarshalJSON(data []byte) error {
	var state sweeperState
	if err := strictjson.Unmarshal(data, &state); err != nil {
		return fmt.Errorf("desk: sweeper: %w", err)
	}
	next := make(map[string]time.Time, len(state.Looks))
	for i, l := range state.Looks {
		if _, twice := next[l.Customer]; twice || checkID("customer", l.Customer) != nil || l.At.IsZero() {
			return fmt.Errorf("desk: sweeper: looks[%d]: want a customer and an instant, once", i)
		}
		next[l.Customer] = l.At
	}
	s.position, s.next, s.queue = state.Position, next, state.Looks
	heap.Init(&s.queue)
	return nil
}

// Sweep reads on in the journal, and puts on record all that has happened by itself until an instant. It returns how many things that
// were.
//
// Returns the errors of [Desk.Mature] and of the journal. What was done is done; call it again.
func (s *Sweeper) Sweep(ctx context.Context, at time.Time) (swept int, err error) {
	if err := s.follow(ctx); err != nil {
		return 0, err
	}
	for len(s.queue) > 0 && !s.queue[0].At.After(at) {
		l := s.queue[0]
		if next, waits := s.next[l.Customer]; !waits || !next.Equal(l.At) {
			heap.Pop(&s.queue)
			continue
		}
		n, err := s.desk.Mature(ctx, l.Customer, at)
		if err != nil {
			return swept, fmt.Errorf("desk: sweep: %w", err)
		}
		swept += n
		if err := s.lookAgain(ctx, l.Customer); err != nil {
			return swept, fmt.Errorf("desk: sweep: %w", err)
		}
	}
	return swept, nil
}

// lookAgain finds out when a customer has to be looked at next.
func (s *Sweeper) lookAgain(ctx context.Context, customer string) error {
	var next time.Time
	var more bool
	if err := engine.View(ctx, s.desk.rewards, customer, func(r *cashback.Rewards) error { next, more = r.Due(); return nil }); err != nil {
		return err
	}
	heap.Pop(&s.queue)
	delete(s.next, customer)
	if more {
		s.look(customer, next)
	}
	return nil
}

// follow reads what the journal holds beyond the position.
func (s *Sweeper) follow(ctx context.Context) error {
	for r, err := range s.desk.engine.Journal().All(ctx, s.position) {
		if err != nil {
			return fmt.Errorf("desk: sweep: %w", err)
		}
		if kind, customer := event.SplitStream(r.Stream); kind == kindRewards {
			d, err := s.desk.codec.Decode(r.Event)
			if err != nil {
				return fmt.Errorf("desk: sweep: record %s: %w", r.ID(), err)
			}
			s.note(customer, d)
		}
		s.position = r.Position
	}
	return nil
}

// note notes when an event makes something due: not later than it is.
func (s *Sweeper) note(customer string, d event.Data) {
	switch e := d.(type) {
	case cashback.TermsTaken:
		s.look(customer, e.At) // its threshold may be lower
	case cashback.Earned:
		if !e.ConfirmAt.IsZero() && e.Reward.Sign() > 0 {
			s.look(customer, e.ConfirmAt)
		}
	case cashback.Confirmed:
		s.look(customer, e.At) // what is confirmed may be payable with it, and expires otherwise
	}
}

// look notes that a customer is to be looked at not later than at an instant.
func (s *Sweeper) look(customer string, at time.Time) {
	if next, waits := s.next[customer]; waits && !at.Before(next) {
		return
	}
	s.next[customer] = at
	heap.Push(&s.queue, look{customer, at})
	if len(s.queue) <= 2*len(s.next)+minQueue {
		return
	}
	s.queue = make(queue, 0, len(s.next)) // most of it is not so any more
	for id, at := range s.next {
		s.queue = append(s.queue, look{id, at})
	}
	heap.Init(&s.queue)
}

// minQueue is how long a queue may always be.
const minQueue = 1024

// queue is a heap of looks, the earliest in front.
type queue []look

func (l look) compare(o look) int {
	return cmp.Or(l.At.Compare(o.At), cmp.Compare(l.Customer, o.Customer))
}

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].compare(q[j]) < 0 }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(l any)        { *q = append(*q, l.(look)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	l := (*q)[last]
	*q = (*q)[:last]
	return l
}
