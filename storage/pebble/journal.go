package pebble

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payrules/payrules/storage"
)

// Journal is a storage.Journal in one directory, a storage.Waiter, and keeps storage.Snapshots. Make it with
// [Open]. It is safe for concurrent use.
type Journal struct {
	store

	// durable is the position of the last durable record. Everything that reads stops there: the database
	// shows what it was given before it is on disk.
	durable atomic.Uint64

	requests sync.Pool // of *request
	queue    chan *request
	closing  chan struct{} // closed by Close
	stopped  chan struct{} // closed when the committer is through
	writing  sync.Mutex    // held by the committer while it looks at what callers gave it

	reading sync.RWMutex // held for reading while the database is read
	closed  bool         // under reading

	waiting sync.Mutex
	grown   chan struct{} // closed at the next commit; nil while nobody waits; under waiting
	seal    storage.Seal  // of the last durable record, in a chain; under waiting

	closeOnce sync.Once
	closeErr  error
}

var (
	_ storage.Journal   = (*Journal)(nil)
	_ storage.Waiter    = (*Journal)(nil)
	_ storage.Snapshots = (*Journal)(nil)
)

// queued is how many calls may wait for the commit under way before Append itself blocks.
const queued = 1024

func start(s store, m *mark, end tip) *Journal {
	j := &Journal{
		store:    s,
		requests: sync.Pool{New: newRequest},
		queue:    make(chan *request, queued),
		closing:  make(chan struct{}),
		stopped:  make(chan struct{}),
	}
	j.durable.Store(uint64(end.last.Position))
	j.seal = storage.Seal{Position: end.last.Position, Hash: end.hash}
	c := newCommitter(j, m, end)
	go c.run()
	return j
}

// Append is storage.Journal's. Calls that come while a commit is under way share the next one.
//
// Returns an error if:
//   - ctx was done, or the journal closed, before the call's turn came: nothing is stored;
//   - there are more than storage.MaxBatches batches (storage.ErrInvalid): nothing is stored;
//   - the journal stopped before, because of the disk: nothing is stored. It has to be opened again;
//   - the disk failed, or ctx was done, during the commit (storage.ErrUnknownOutcome).
func (j *Journal) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	return j.submit(ctx, batches, nil)
}

// submit hands a request to the committer and waits for its answer.
func (j *Journal) submit(ctx context.Context, batches []storage.Batch, snapshot *storage.Snapshot) ([]storage.Receipt, error) {
	if err := j.ready(ctx); err != nil {
		return nil, err
	}
	r := j.requests.Get().(*request)
	r.batches, r.snapshot = batches, snapshot
	if err := j.await(ctx, r); err != nil {
		return nil, err // the committer may hold on to r
	}
	receipts := r.receipts
	r.batches, r.snapshot, r.receipts = nil, nil, nil
	r.state.Store(pending)
	j.requests.Put(r)
	return receipts, nil
}

// await is submit's wait. Only without an error has the committer let go of r, so that it may be used again.
func (j *Journal) await(ctx context.Context, r *request) error {
	select {
	case j.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-j.closing:
		return storage.ErrClosed
	case <-j.fence.failed:
		return j.refusal()
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return j.leave(r, ctx.Err())
	case <-j.stopped:
	case <-j.fence.failed:
	}
	return j.leave(r, j.refusal())
}

// ready returns the error of a call that cannot begin.
func (j *Journal) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return j.refusal()
}

// refusal is the error of a journal that takes no more: it is closed, or stopped.
func (j *Journal) refusal() error {
	select {
	case <-j.closing:
		return storage.ErrClosed
	default:
	}
	if j.fence.err() != nil {
		return j.failure()
	}
	return nil
}

// failure is the error of a journal that stopped.
func (j *Journal) failure() error {
	return fmt.Errorf("pebble: journal %s stopped, open it again: %w", j.dir, j.fence.err())
}

// leave gives up waiting for r. The cause is definite if the committer has not begun with it.
func (j *Journal) leave(r *request, cause error) error {
	if r.withdraw() {
		return cause
	}
	// The committer does not look at the caller's slices any more once it lets go of this.
	j.writing.Lock()
	defer j.writing.Unlock()
	select {
	case <-r.done:
		return r.err
	default:
		return fmt.Errorf("%w: %w", storage.ErrUnknownOutcome, cause)
	}
}

// Head is storage.Journal's.
func (j *Journal) Head(ctx context.Context) (storage.Position, error) {
	if err := j.enter(ctx); err != nil {
		return 0, err
	}
	defer j.exit()
	return j.head(), nil
}

func (j *Journal) head() storage.Position { return storage.Position(j.durable.Load()) }

// enter begins to read, unless ctx is done or the journal closed. After it comes exit, soon: no lock is held
// and no iterator open while a caller's code runs, so Close never waits for one.
func (j *Journal) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.reading.RLock()
	if j.closed {
		j.reading.RUnlock()
		return storage.ErrClosed
	}
	return nil
}

func (j *Journal) exit() { j.reading.RUnlock() }

// Wait is storage.Waiter's. It also returns an error when the journal stopped.
func (j *Journal) Wait(ctx context.Context, after storage.Position) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		grown := j.growth()
		if err := j.refusal(); errors.Is(err, storage.ErrClosed) {
			return err
		}
		if j.head() > after {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		case <-j.closing:
			return storage.ErrClosed
		case <-j.fence.failed:
			return j.refusal()
		}
	}
}

// growth is closed at the next commit after this call.
func (j *Journal) growth() <-chan struct{} {
	j.waiting.Lock()
	defer j.waiting.Unlock()
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	return j.grown
}

// publish makes records up to a seal's visible, and wakes whoever waits for them.
func (j *Journal) publish(seal storage.Seal) {
	j.waiting.Lock()
	defer j.waiting.Unlock()
	j.seal = seal
	j.durable.Store(uint64(seal.Position))
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
}

// Close is storage.Journal's. The commit under way ends first; calls behind it fail with storage.ErrClosed.
//
// Returns an error if the database could not be closed as it should, or had stopped before. The directory is
// given back all the same, and nothing durable is lost. A journal that stopped keeps some of its memory
// until the process ends.
func (j *Journal) Close() error {
	j.closeOnce.Do(func() { j.closeErr = j.close() })
	return j.closeErr
}

func (j *Journal) close() error {
	close(j.closing)
	select {
	case <-j.stopped:
	case <-j.fence.failed:
	}
	j.reading.Lock()
	j.closed = true
	j.reading.Unlock()
	if j.fence.err() != nil {
		return errors.Join(j.failure(), j.lock.Close())
	}
	j.fence.strict.Store(false)
	err := j.fence.run(j.db.Close)
	if err != nil {
		err = fmt.Errorf("pebble: close %s: %w", j.dir, err)
	}
	return errors.Join(err, j.lock.Close())
}
