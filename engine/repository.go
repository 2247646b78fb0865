package engine

import (
	"container/list"
	"fmt"
	"sync"

	"github.com/payrules/payrules/event"
)

// State is what the events of an aggregate amount to.
//
// Apply takes up one more event. It changes the state in place, or leaves it as it was and returns an error
// when the event makes no sense to it. It asks nothing but the event and the state.
//
// A State that also has MarshalBinary and UnmarshalBinary (package encoding) is kept in snapshots. A snapshot
// that UnmarshalBinary refuses is passed over, and the state made from the events.
type State interface {
	Apply(event.Data) error
}

// Kind describes the aggregates of one kind.
type Kind[S State] struct {
	Name   string            // the kind of the streams, as "cap"
	Codec  *event.Codec      // of the events
	New    func(id string) S // the state before the first event
	Schema string            // of the snapshots; another one makes the old snapshots void; "" stands for "1"
}

// RepositoryOptions of a Repository. Nil and zero fields stand for the defaults.
type RepositoryOptions struct {
	// CachedAggregates is how many aggregates stay in memory, beside those that a command is at. Default 10,000.
	CachedAggregates int

	// SnapshotEvery is after how many events an aggregate is snapshot anew at the earliest, in journals that keep snapshots
	// and for states that can be. Default 1,000; -1 never. A state that grows with its events is snapshot anew when its new
	// events are as large as the last snapshot.
	SnapshotEvery int
}

const (
	defaultCachedAggregates = 10_000
	defaultSnapshotEvery    = 1_000
)

// Repository is the aggregates of one kind. It is safe for concurrent use.
type Repository[S State] struct{ r *repository }

// repository is a Repository whose states have lost their type: all of the machinery is written once.
type repository struct {
	engine   *Engine
	name     string
	schema   string
	codec    *event.Codec
	newState func(id string) State
	opts     RepositoryOptions

	mu     sync.Mutex
	aggs   map[string]*aggregate // by stream
	recent *list.List            // of the same aggregates; the latest used in front
}

// NewRepository opens the aggregates of a kind on an engine.
//
// Returns an error that wraps ErrInvalid if:
//   - the engine is nil, or has a repository of that name already;
//   - a field of the kind is missing, or its name is not lower-case letters, digits and _ - .;
//   - an option is out of bounds.
func NewRepository[S State](e *Engine, kind Kind[S], o *RepositoryOptions) (*Repository[S], error) {
	if e == nil || kind.Codec == nil || kind.New == nil {
		return nil, fmt.Errorf("%w kind %q: want an engine, a Codec and New", ErrInvalid, kind.Name)
	}
	if err := event.ValidateStream(event.Stream(kind.Name, "id")); err != nil {
		return nil, fmt.Errorf("%w kind: %w", ErrInvalid, err)
	}
	opts := RepositoryOptions{}
	if o != nil {
		opts = *o
	}
	if opts.CachedAggregates == 0 {
		opts.CachedAggregates = defaultCachedAggregates
	}
	if opts.SnapshotEvery == 0 {
		opts.SnapshotEvery = defaultSnapshotEvery
	}
	if opts.CachedAggregates < 0 || opts.SnapshotEvery < -1 {
		return nil, fmt.Errorf("%w option of kind %q: CachedAggregates %d, SnapshotEvery %d", ErrInvalid, kind.Name, opts.CachedAggregates, opts.SnapshotEvery)
	}
	if kind.Schema == "" {
		kind.Schema = "1"
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.names[kind.Name] {
		return nil, fmt.Errorf("%w kind %q: the engine has a repository of it", ErrInvalid, kind.Name)
	}
	e.names[kind.Name] = true
	return &Repository[S]{&repository{
		engine:   e,
		name:     kind.Name,
		schema:   kind.Schema,
		codec:    kind.Codec,
		newState: func(id string) State { return kind.New(id) },
		opts:     opts,
		aggs:     make(map[string]*aggregate),
		recent:   list.New(),
	}}, nil
}

// Ref names the aggregate id, for [Atomically].
func (r *Repository[S]) Ref(id string) Ref[S] { return Ref[S]{repo: r.r, id: id} }

// AnyRef names an aggregate that nothing constrains, for [Atomically]: what is decided for it is added to its
// stream wherever that ends, so that many commands meet there without conflict. Its commands are decided on
// the state before the first event, and it does not keep the command's key.
func (r *Repository[S]) AnyRef(id string) Ref[S] { return Ref[S]{repo: r.r, id: id, any: true} }

// acquire finds or makes the aggregate of an id, and keeps it in memory until release.
func (r *repository) acquire(id, stream string) *aggregate {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.aggs[stream]
	if a == nil {
		a = &aggregate{repo: r, id: id, stream: stream, lock: make(chan struct{}, 1)}
		a.place = r.recent.PushFront(a)
		r.aggs[stream] = a
	} else {
		r.recent.MoveToFront(a.place)
	}
	a.users++
	return a
}

// release lets go of an aggregate, and drops the one unused for longest when there are too many; but none for which
// a command is on its way that nobody waits for any more, since it would be loaded without that next time.
func (r *repository) release(a *aggregate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.users--; a.users == 0 && !a.busy() {
		a.inFlight = nil // settled, all of them: give their memory back
	}
	if len(r.aggs) <= r.opts.CachedAggregates {
		return
	}
	for e := r.recent.Back(); e != nil; e = e.Prev() { // those in use are near the front
		if oldest := e.Value.(*aggregate); oldest.users == 0 && !oldest.busy() {
			r.recent.Remove(e)
			delete(r.aggs, oldest.stream)
			return
		}
	}
}
