package pebble

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// request is one call that writes: an append, or a snapshot to save.
type request struct {
	batches  []storage.Batch
	snapshot *storage.Snapshot

	state    atomic.Int32
	done     chan struct{} // gets a value when receipts and err are there
	receipts []storage.Receipt
	err      error
}

func newRequest() any { return &request{done: make(chan struct{}, 1)} }

// A request is pending until either the committer takes it or its caller withdraws it.
const (
	pending = iota
	taken
	withdrawn
)

func (r *request) take() bool     { return r.state.CompareAndSwap(pending, taken) }
func (r *request) withdraw() bool { return r.state.CompareAndSwap(pending, withdrawn) }

// committer is the one goroutine that writes. It takes what is queued, decides it, stores it with one sync,
// and answers; meanwhile the queue fills again. So the slower the disk, the more calls share a sync, and
// nothing has to be tuned. Being alone it needs no lock for what it knows of the tip, and as it waits for
// each sync, it decides on nothing that is not durable, but for what is in the same commit.
type committer struct {
	j       *Journal
	mark    *mark
	planner storage.Planner
	tip     event.Position
	at      time.Time                // of the record at the tip
	hash    storage.Hash             // and its hash, in a chain
	heads   *heads                   // of streams that are stored
	fresh   map[string]event.Version // of those that this commit writes to
	lookup  lookup                   // of all others, while a commit is decided

	taken   []*request
	parts   []*cockroach.Batch // what this commit writes
	block   []byte             // the one being filled, for the last part
	first   event.Position     // of its records
	entries [][]byte           // of the index, for the last part: key and value
	arena   []byte             // that entries are cut from
	key     []byte
}

// groupBytes ends a group, or a part of a large call: a batch of the database that is larger than half a
// memory table takes a slower way.
const groupBytes = 4 << 20

func newCommitter(j *Journal, m *mark, end tip) *committer {
	return &committer{
		j: j, mark: m, tip: end.last.Position, at: end.last.At, hash: end.hash,
		heads: newHeads(j.options.CachedStreams), fresh: make(map[string]event.Version),
	}
}

// run commits until the journal is closed or stopped.
func (c *committer) run() {
	defer close(c.j.stopped)
	for {
		select {
		case <-c.j.fence.failed:
			_ = c.mark.file.Close()
			return
		case <-c.j.closing:
			if err := c.mark.close(); err != nil {
				c.j.fence.fail(err)
			}
			return
		case r := <-c.j.queue:
			c.commit(r)
		}
	}
}

// commit takes r and what else is queued, stores it, and answers.
func (c *committer) commit(r *request) {
	before := c.tip
	err := recovered(func() error { return c.gather(r) })
	if err == nil {
		if c.j.fence.err() != nil { // it stopped meanwhile, and nothing is stored
			c.answer(c.j.failure())
			return
		}
		err = recovered(func() error { return c.write(c.tip > before) })
	}
	if err != nil {
		// It cannot be known what is stored. The callers see that the journal stopped, and say so.
		c.j.fence.fail(err)
		return
	}
	for stream, version := range c.fresh {
		c.heads.put(stream, version)
		c.j.absent.strike(stream)
	}
	c.answer(nil)
	c.reset()
}

// gather takes requests until there are none, or enough, and encodes them.
func (c *committer) gather(r *request) (err error) {
	c.j.writing.Lock()
	defer c.j.writing.Unlock()
	defer func() { err = errors.Join(err, c.lookup.close()) }()
	for size := 0; r != nil; r = c.next() {
		if r.take() {
			c.taken = append(c.taken, r)
			size += c.encode(r)
		}
		if size >= groupBytes {
			break // before another is taken off the queue, which nobody would answer
		}
	}
	c.finish()
	return nil
}

// next is the next request in the queue, or nil. Callers who were just answered often come back at once. They
// get the time to, so that they share this commit, where otherwise the first of them would have one for
// itself, and the others wait for two.
func (c *committer) next() *request {
	for waited := false; ; waited = true {
		select {
		case r := <-c.j.queue:
			return r
		default:
		}
		if waited {
			return nil
		}
		runtime.Gosched()
	}
}

// answer tells the callers of this commit that it is durable, or why nothing of it is stored.
func (c *committer) answer(err error) {
	for _, r := range c.taken {
		if r.err == nil {
			r.err = err
		}
		r.done <- struct{}{}
	}
	clear(c.taken)
	c.taken = c.taken[:0]
}

// reset makes ready for the next commit. One part is kept, with its memory.
func (c *committer) reset() {
	clear(c.fresh)
	for i, part := range c.parts {
		if i > 0 {
			_ = part.Close()
			continue
		}
		part.Reset()
	}
	c.parts = c.parts[:min(len(c.parts), 1)]
}

// encode decides a request and adds what it stores to the parts. It returns the number of bytes.
func (c *committer) encode(r *request) int {
	if r.snapshot != nil {
		value := encodeSnapshot(*r.snapshot)
		c.check(c.part().Set(snapshotKey(r.snapshot.Stream), value, nil))
		return len(value)
	}
	at := storage.NextAt(c.j.options.Now(), c.at)
	plan, err := c.planner.Plan(r.batches, c.tip, at, c.head)
	if err != nil {
		r.err = err
		return 0
	}
	r.receipts = slices.Clone(plan.Receipts)
	if len(plan.Records) == 0 {
		return 0
	}
	size, records := 0, plan.Records
	for _, receipt := range plan.Receipts {
		if receipt.First == 0 {
			continue
		}
		n := int(receipt.Last-receipt.First) + 1
		c.split()
		for i := range records[:n] {
			size += c.add(&records[i])
		}
		records = records[n:]
	}
	c.tip, c.at = c.tip+event.Position(len(plan.Records)), at
	return size
}

// split begins a new part if the last one is full. It is called between batches, since a part is what the
// database stores whole or not at all.
func (c *committer) split() {
	if c.part().Len()+len(c.block)+len(c.arena) >= groupBytes {
		c.finish()
		c.parts = append(c.parts, c.j.db.NewBatch())
	}
}

// part is what is being written to.
func (c *committer) part() *cockroach.Batch {
	if len(c.parts) == 0 {
		c.parts = append(c.parts, c.j.db.NewBatchWithSize(256<<10, cockroach.WithMaxRetainedSizeBytes(2*groupBytes)))
	}
	return c.parts[len(c.parts)-1]
}

// add writes a record to the block being filled, and its entry to the index.
func (c *committer) add(r *event.Record) int {
	size := recordSize(r)
	if c.j.since > 0 {
		size += chainHeader - recordHeader
	}
	if len(c.block) > 0 && len(c.block)+size > blockBytes {
		c.flush()
	}
	if len(c.block) == 0 {
		c.block = appendFront(c.block, c.j.since, c.hash)
		c.first = r.Position
	}
	if c.j.since > 0 {
		c.block, c.hash = appendChained(c.block, r, c.hash)
	} else {
		c.block = appendRecord(c.block, r)
	}
	start := len(c.arena)
	c.arena = appendIndexKey(c.arena, r.Stream, r.Version)
	c.arena = binary.BigEndian.AppendUint64(c.arena, uint64(r.Position))
	c.entries = append(c.entries, c.arena[start:])
	c.fresh[r.Stream] = r.Version
	return size
}

// finish moves what is left of a part into it. The entries of the index are sorted first, as the memory table
// takes neighbours faster: that saves a fifth of a commit of a thousand streams.
func (c *committer) finish() {
	c.flush()
	slices.SortFunc(c.entries, bytes.Compare)
	for _, entry := range c.entries {
		key, value := entry[:len(entry)-positionSize], entry[len(entry)-positionSize:]
		c.check(c.part().Set(key, value, nil))
	}
	c.arena, c.entries = c.arena[:0], c.entries[:0]
}

// flush moves the block to the part.
func (c *committer) flush() {
	if len(c.block) == 0 {
		return
	}
	c.key = appendLogKey(c.key[:0], c.first)
	c.check(c.part().Set(c.key, c.block, nil))
	c.block = c.block[:0]
	if cap(c.block) > 2*blockBytes { // after a single large record
		c.block = nil
	}
}

// check panics on what an unindexed batch in memory never returns. The commit then stops the journal.
func (c *committer) check(err error) {
	if err != nil {
		panic(err)
	}
}

// write stores the parts in their order, the last one with a sync if there is a record in them, which makes
// all durable. Then it sets the mark, and shows what is new.
func (c *committer) write(records bool) error {
	for i, part := range c.parts {
		if part.Empty() {
			continue
		}
		options := cockroach.NoSync
		if records && i == len(c.parts)-1 {
			options = cockroach.Sync
		}
		if err := c.j.db.Apply(part, options); err != nil {
			return err
		}
	}
	if !records {
		return nil
	}
	if err := c.mark.write(c.tip); err != nil {
		return err
	}
	c.j.publish(storage.Seal{Position: c.tip, Hash: c.hash})
	return nil
}

// head is the version of a stream: as this commit leaves it, as remembered, or as stored.
func (c *committer) head(stream string) (event.Version, error) {
	if v, ok := c.fresh[stream]; ok {
		return v, nil
	}
	if v, ok := c.heads.get(stream); ok {
		return v, nil
	}
	if c.j.absent.is(stream) {
		return 0, nil
	}
	v, err := c.lookup.version(c.j, stream)
	if err == nil {
		c.heads.put(stream, v)
	}
	return v, err
}
