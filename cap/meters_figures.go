package cap

import (
	"hash/maphash"
	"iter"
	"time"
	"unsafe"
)

// MetersStats are the figures of a [Meters].
type MetersStats struct {
	_ struct{} // disallow positional literals

	// Accounts is how many accounts are kept.
	Accounts int

	// Entries is how many spends their meters hold, also those that are gone but whose memory is not given back yet.
	Entries int64

	// Bytes is the memory of all that: the accounts, the places kept free for others, the entries with the room to grow,
	// and the index. What a key points to is not in it, such as the bytes of a string, nor are the policies, nor what the
	// allocator rounds small blocks up by: some percent.
	Bytes int64

	// Evicted is how many accounts were evicted since the beginning.
	Evicted int64

	// Clock is what Advance said last; the zero time when it was never called.
	Clock time.Time
}

// AccountStats are the figures of one account of a [Meters].
type AccountStats struct {
	_ struct{} // disallow positional literals

	// Entries is how many spends the meter holds, also those that are gone but whose memory is not given back yet.
	Entries int

	// Bytes is the memory of the account, without its share of the index. What the key points to is not in it.
	Bytes int64
}

const slotBytes = int64(unsafe.Sizeof(slot{}))

// Stats returns the figures of all accounts. It costs a lock for each shard. While others change them, the figures of one
// shard may be a little older than those of the next.
func (x *Meters[K]) Stats() MetersStats {
	stats := MetersStats{Bytes: int64(unsafe.Sizeof(*x)) + int64(len(x.shards))*int64(unsafe.Sizeof(shard[K]{}))}
	if clock := x.clock.Load(); len(x.shards) > 0 && clock >= 0 {
		stats.Clock = timeOf(clock)
	}
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		stats.Accounts += s.count
		stats.Entries += s.entries
		stats.Evicted += s.evicted
		stats.Bytes += s.memory()
		s.mu.Unlock()
	}
	return stats
}

// memory returns the bytes that the shard has allocated.
func (s *shard[K]) memory() int64 {
	n := s.bytes + 8*int64(cap(s.index)) + 4*int64(cap(s.free)) + int64(unsafe.Sizeof([]account[K]{}))*int64(cap(s.slabs))
	for _, slab := range s.slabs {
		n += int64(unsafe.Sizeof(account[K]{})) * int64(cap(slab))
	}
	return n
}

// rareSize is size for a meter that has what few have.
func (m *Meter) rareSize() size {
	z := m.book.size()
	if r := m.rare; r != nil {
		z.bytes += int64(unsafe.Sizeof(*r)) + int64(unsafe.Sizeof(book{}))*int64(cap(r.books)) + slotBytes*int64(cap(r.list)+cap(r.refunded))
		for i := range r.books {
			other := r.books[i].size()
			z.entries += other.entries
			z.bytes += other.bytes
		}
	}
	return z
}

func (b *book) size() size {
	z := size{int64(b.n), slotBytes * int64(len(b.slots))}
	if s := b.side; s != nil {
		z.bytes += int64(unsafe.Sizeof(*s)) + int64(unsafe.Sizeof(place{}))*int64(cap(s.where)) + int64(unsafe.Sizeof(block{}))*int64(cap(s.blocks))
	}
	return z
}

func (a *account[K]) stats() AccountStats {
	z := a.size()
	return AccountStats{Entries: int(z.entries), Bytes: int64(unsafe.Sizeof(*a)) + z.bytes}
}

// StatsOf returns the figures of the account of a key, and whether there is one.
func (x *Meters[K]) StatsOf(key K) (AccountStats, bool) {
	if len(x.shards) == 0 {
		return AccountStats{}, false
	}
	h := maphash.Comparable(x.seed, key)
	s := &x.shards[x.shardOf(h)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.find(h, key); a != nil {
		return a.stats(), true
	}
	return AccountStats{}, false
}

// All ranges over the keys that have an account, in no particular order, with their figures. No lock is held in between, so
// the loop may use the Meters. An account that comes or goes meanwhile may be in it or not; every other one is, once.
func (x *Meters[K]) All() iter.Seq2[K, AccountStats] {
	return func(yield func(K, AccountStats) bool) {
		var keys []K
		var stats []AccountStats
		for i := range x.shards {
			keys, stats = x.shards[i].list(keys[:0], stats[:0])
			for j, key := range keys {
				if !yield(key, stats[j]) {
					return
				}
			}
		}
	}
}

// list appends all accounts of the shard.
func (s *shard[K]) list(keys []K, stats []AccountStats) ([]K, []AccountStats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.index {
		if e != 0 {
			a := s.account(uint32(e) - 1)
			keys, stats = append(keys, a.key), append(stats, a.stats())
		}
	}
	return keys, stats
}
