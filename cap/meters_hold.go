package cap

import (
	"hash/maphash"
	"slices"
)

// hold is some accounts of a Meters, with the shards that they are in locked.
type hold[K comparable] struct {
	n        int
	hashes   [MaxKeys]uint64
	accounts [MaxKeys]*account[K]
	sizes    [MaxKeys]size
	locked   int
	shards   [MaxKeys]uint32 // in ascending order, each once
}

// take locks the shards of the keys and finds their accounts, and makes those that are missing. On an error nothing is
// held. Whoever takes several locks takes them in ascending order, so that nobody waits in a circle.
func (h *hold[K]) take(x *Meters[K], keys []K) error {
	if len(keys) < 1 || len(keys) > MaxKeys {
		return invalid("keys", "%d of them, want 1 to %d", len(keys), MaxKeys)
	}
	if len(x.shards) == 0 {
		return invalid("meters", "the zero value: make it with NewMeters")
	}
	h.n = len(keys)
	for i, key := range keys {
		if slices.Index(keys, key) < 0 {
			return badKey(i, "it does not equal itself, so it would never be found again")
		}
		h.hashes[i] = maphash.Comparable(x.seed, key)
		h.shards[i] = x.shardOf(h.hashes[i])
	}
	slices.Sort(h.shards[:h.n])
	h.locked = len(slices.Compact(h.shards[:h.n]))

	var made [MaxKeys]*Meter
	for {
		h.lock(x)
		missing, unmade := h.find(x, keys, &made)
		switch {
		case missing == 0:
			h.catchUp(x)
			return nil
		case unmade:
			h.unlock(x)
			if err := h.make(x, keys, &made); err != nil {
				return err
			}
		case x.reserve(missing):
			h.insert(x, keys, &made)
			h.catchUp(x)
			return nil
		default:
			h.unlock(x)
			if !x.evictSome() {
				return ErrFull
			}
		}
	}
}

func (x *Meters[K]) shardOf(h uint64) uint32 { return uint32(h & uint64(len(x.shards)-1)) }

func (h *hold[K]) shard(x *Meters[K], i int) *shard[K] { return &x.shards[x.shardOf(h.hashes[i])] }

func (h *hold[K]) lock(x *Meters[K]) {
	for _, i := range h.shards[:h.locked] {
		x.shards[i].mu.Lock()
	}
}

func (h *hold[K]) unlock(x *Meters[K]) {
	for _, i := range h.shards[:h.locked] {
		x.shards[i].mu.Unlock()
	}
}

// find finds the accounts. It returns how many are missing, a key that is given twice counted once, and whether a meter
// has yet to be made for one of them.
func (h *hold[K]) find(x *Meters[K], keys []K, made *[MaxKeys]*Meter) (missing int, unmade bool) {
	for i, key := range keys {
		h.accounts[i] = h.shard(x, i).find(h.hashes[i], key)
		if h.accounts[i] == nil && slices.Index(keys, key) == i {
			missing++
			unmade = unmade || made[i] == nil
		}
	}
	return missing, unmade
}

// make makes a meter for each account that is missing. No lock is held, for it asks for the policy of the key.
func (h *hold[K]) make(x *Meters[K], keys []K, made *[MaxKeys]*Meter) error {
	for i, key := range keys {
		if h.accounts[i] != nil || made[i] != nil || slices.Index(keys[:i], key) >= 0 {
			continue
		}
		p := x.policyOf(key)
		if p == nil || p.json == nil {
			return badKey(i, "it has no policy")
		}
		made[i] = NewMeter(p)
	}
	return nil
}

// insert puts the missing accounts in.
func (h *hold[K]) insert(x *Meters[K], keys []K, made *[MaxKeys]*Meter) {
	for i, key := range keys {
		if h.accounts[i] != nil {
			continue
		}
		if first := slices.Index(keys, key); first < i {
			h.accounts[i] = h.accounts[first]
		} else {
			h.accounts[i] = h.shard(x, i).insert(h.hashes[i], key, made[i])
		}
	}
}

func (h *hold[K]) catchUp(x *Meters[K]) {
	clock := x.clock.Load()
	for i, a := range h.accounts[:h.n] {
		h.sizes[i] = a.size()
		if a.catchUp(clock) {
			a.renew(clock)
		}
	}
}

// release counts what has changed, takes the accounts out again that are as new, and unlocks.
func (h *hold[K]) release(x *Meters[K]) {
	clock := x.clock.Load()
	for i, a := range h.accounts[:h.n] {
		if slices.Index(h.accounts[:i], a) >= 0 {
			continue
		}
		s := h.shard(x, i)
		asNew := a.catchUp(clock)
		s.grow(h.sizes[i], a.size())
		if asNew {
			s.remove(h.hashes[i], a.key)
			x.accounts.Add(-1)
			continue
		}
		from := a.meter.idleFrom()
		s.idleFrom, s.idleNext = min(s.idleFrom, from), min(s.idleNext, from)
	}
	h.unlock(x)
}

// reserve takes the places of some new accounts, if there is room for them all.
func (x *Meters[K]) reserve(n int) bool {
	for {
		have := x.accounts.Load()
		if have+int64(n) > x.most {
			return false
		}
		if x.accounts.CompareAndSwap(have, have+int64(n)) {
			return true
		}
	}
}
