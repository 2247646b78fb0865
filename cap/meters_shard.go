package cap

import "sync"

// account is what a Meters keeps for a key. Meter and key lie together, so that one look at far memory brings both.
type account[K comparable] struct {
	meter Meter
	key   K
}

// shard is a part of the accounts, under one lock. It is the hash table of open addressing that Go's map would be, but
// with the accounts in slabs: they never move, and nothing of a shard's is allocated one by one.
//
// A place of the index holds 32 bits of the key's hash, which say where to look for it, and the number of the account
// plus one; zero is a free place. Eight of them are one line of cache, and of the accounts only the one looked for is
// touched.
type shard[K comparable] struct {
	mu      sync.Mutex
	index   []uint64       // linear probing; a power of two long, at most three quarters full
	slabs   [][]account[K] // slabLen numbers each, of which the first slabs have less
	entries int64          // of all meters

	// What is above is one line of cache, and all that an operation on an account that is there looks at.

	bytes   int64    // of all meters, without the accounts
	free    []uint32 // numbers of accounts that nobody uses
	count   int
	evicted int64

	hand               uint32 // the number at which the next sweep goes on
	idleFrom, idleNext int64  // see sweep

	_ [120]byte // makes it four lines, so that no two locks are on neighbouring ones
}

// slabLen is how many accounts a slab holds. At 160 bytes and the key each it is a large object to the allocator: it begins with
// a page, so that no account lies across one line more than it must.
const (
	slabBits = 9
	slabLen  = 1 << slabBits
	slabMin  = 4 // the first slab of a shard; the next ones have twice as much each, up to slabLen
)

func (s *shard[K]) account(number uint32) *account[K] {
	return &s.slabs[number>>slabBits][number&(slabLen-1)]
}

// find returns the account of a key, nil when there is none.
func (s *shard[K]) find(h uint64, key K) *account[K] {
	if place, ok := s.look(h, key); ok {
		return s.account(uint32(s.index[place]) - 1)
	}
	return nil
}

// look returns the place in the index of a key that is there.
func (s *shard[K]) look(h uint64, key K) (place uint32, ok bool) {
	tag, mask := uint32(h>>32), uint32(len(s.index)-1)
	for i := tag & mask; i < uint32(len(s.index)); i = (i + 1) & mask {
		e := s.index[i]
		if e == 0 {
			break
		}
		if uint32(e>>32) == tag && s.account(uint32(e)-1).key == key {
			return i, true
		}
	}
	return 0, false
}

// insert adds an account for a key that is not there.
func (s *shard[K]) insert(h uint64, key K, m *Meter) *account[K] {
	if 4*(s.count+1) > 3*len(s.index) {
		s.rehash(max(8, 2*len(s.index)))
	}
	if len(s.free) == 0 {
		s.addSlab()
	}
	number := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	s.count++
	s.put(h>>32<<32 | uint64(number+1))
	a := s.account(number)
	a.meter, a.key = *m, key
	s.grow(size{}, a.size())
	return a
}

// addSlab makes room for more accounts.
func (s *shard[K]) addSlab() {
	n := slabLen
	if k := len(s.slabs); k < slabBits {
		n = min(n, slabMin<<k)
	}
	first := uint32(len(s.slabs) << slabBits)
	s.slabs = append(s.slabs, make([]account[K], n))
	for i := uint32(n); i > 0; i-- {
		s.free = append(s.free, first+i-1)
	}
}

func (s *shard[K]) put(e uint64) {
	mask := uint32(len(s.index) - 1)
	i := uint32(e>>32) & mask
	for s.index[i] != 0 {
		i = (i + 1) & mask
	}
	s.index[i] = e
}

func (s *shard[K]) rehash(n int) {
	old := s.index
	s.index = make([]uint64, n)
	for _, e := range old {
		if e != 0 {
			s.put(e)
		}
	}
}

// remove takes an account out, and gives the memory of its meter back.
func (s *shard[K]) remove(h uint64, key K) {
	i, ok := s.look(h, key)
	if !ok {
		return
	}
	number := uint32(s.index[i]) - 1
	a := s.account(number)
	s.grow(a.size(), size{})
	*a = account[K]{}
	s.free = append(s.free, number)
	s.count--
	// Close the gap: whatever was put behind it because its own place was taken moves up.
	mask := uint32(len(s.index) - 1)
	for j := (i + 1) & mask; s.index[j] != 0; j = (j + 1) & mask {
		if home := uint32(s.index[j]>>32) & mask; (j-home)&mask >= (j-i)&mask {
			s.index[i] = s.index[j]
			i = j
		}
	}
	s.index[i] = 0
}

// size is what a meter takes: entries, and bytes besides its own.
type size struct{ entries, bytes int64 }

func (a *account[K]) size() size {
	m := &a.meter
	if m.rare != nil || m.side != nil {
		return m.rareSize()
	}
	return size{int64(m.n), slotBytes * int64(len(m.slots))}
}

// grow counts a change of a meter into the figures of the shard.
func (s *shard[K]) grow(from, to size) {
	s.entries += to.entries - from.entries
	if from.bytes != to.bytes {
		s.bytes += to.bytes - from.bytes
	}
}
