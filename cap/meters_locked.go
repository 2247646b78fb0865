package cap

import (
	"fmt"
	"hash/maphash"
	"slices"
)

// locked is some accounts of a Meters, with the shards that they are in locked.
type locked[K comparable] struct {
	n        int
	hashes   [MaxKeys]uint64
	accounts [MaxKeys]*account[K]
	sizes    [MaxKeys]size
	shards   [MaxKeys]uint32 // of the accounts, in ascending order, each once
	locks    int             // how many shards that are
}

// take locks the shards of the keys and finds their accounts, and makes those that are missing. On an error nothing is
// held. Whoever takes several locks takes them in ascending order, so that nobody waits in a circle.
func (l *locked[K]) take(x *Meters[K], keys []K) error {
	if len(x.shards) == 0 {
		return invalid("meters", "the zero value: make it with NewMeters")
	}
	if len(keys) < 1 || len(keys) > MaxKeys {
		return invalid("keys", "%d of them, want 1 to %d", len(keys), MaxKeys)
	}
	l.n = len(keys)
	for i, key := range keys {
		if slices.Index(keys, key) < 0 {
			return badKey(keys, i, "it does not equal itself, so it would never be found again")
		}
		l.hashes[i] = maphash.Comparable(x.seed, key)
		l.shards[i] = x.shardOf(l.hashes[i])
	}
	slices.Sort(l.shards[:l.n])
	l.locks = len(slices.Compact(l.shards[:l.n]))

	var made [MaxKeys]*Meter
	for {
		l.lock(x)
		missing, unmade := l.find(x, keys, &made)
		switch {
		case missing == 0:
			l.catchUp(x)
			return nil
		case unmade:
			l.unlock(x)
			if err := l.make(x, keys, &made); err != nil {
				return err
			}
		case x.reserve(missing):
			l.insert(x, keys, &made)
			l.catchUp(x)
			return nil
		default:
			l.unlock(x)
			if !x.evictSome() && !x.hasRoom(missing) { // others may have made room meanwhile
				return ErrFull
			}
		}
	}
}

func (x *Meters[K]) shardOf(h uint64) uint32 { return uint32(h & uint64(len(x.shards)-1)) }

func (l *locked[K]) shard(x *Meters[K], i int) *shard[K] { return &x.shards[x.shardOf(l.hashes[i])] }

func (l *locked[K]) lock(x *Meters[K]) {
	for _, i := range l.shards[:l.locks] {
		x.shards[i].mu.Lock()
	}
}

func (l *locked[K]) unlock(x *Meters[K]) {
	for _, i := range l.shards[:l.locks] {
		x.shards[i].mu.Unlock()
	}
}

// find finds the accounts. It returns how many are missing, a key that is given twice counted once, and whether a meter
// has yet to be made for one of them.
func (l *locked[K]) find(x *Meters[K], keys []K, made *[MaxKeys]*Meter) (missing int, unmade bool) {
	for i, key := range keys {
		l.accounts[i] = l.shard(x, i).find(l.hashes[i], key)
		if l.accounts[i] == nil && slices.Index(keys, key) == i {
			missing++
			unmade = unmade || made[i] == nil
		}
	}
	return missing, unmade
}

// make makes a meter for each account that is missing. No lock is held, for it asks for the policy of the key.
func (l *locked[K]) make(x *Meters[K], keys []K, made *[MaxKeys]*Meter) error {
	for i, key := range keys {
		if l.accounts[i] != nil || made[i] != nil || slices.Index(keys[:i], key) >= 0 {
			continue
		}
		p := x.policyOf(key)
		if p == nil || p.json == nil {
			return badKey(keys, i, "it has no policy")
		}
		made[i] = NewMeter(p)
	}
	return nil
}

// insert puts the missing accounts in.
func (l *locked[K]) insert(x *Meters[K], keys []K, made *[MaxKeys]*Meter) {
	for i, key := range keys {
		if l.accounts[i] != nil {
			continue
		}
		if first := slices.Index(keys, key); first < i {
			l.accounts[i] = l.accounts[first]
		} else {
			l.accounts[i] = l.shard(x, i).insert(l.hashes[i], key, made[i])
		}
	}
}

func (l *locked[K]) catchUp(x *Meters[K]) {
	clock := x.clock.Load()
	for i, a := range l.accounts[:l.n] {
		l.shard(x, i).catchUp(a, clock)
		l.sizes[i] = a.size()
	}
}

// release counts what has changed, takes the accounts out again that are as new, and unlocks.
func (l *locked[K]) release(x *Meters[K]) {
	clock := x.clock.Load()
	for i, a := range l.accounts[:l.n] {
		if l.first(i) < i {
			continue
		}
		s := l.shard(x, i)
		s.grow(l.sizes[i], a.size())
		if s.advance(a, clock) { // looks at the policy, too, which may be another one than before
			s.remove(l.hashes[i], a.key)
			x.accounts.Add(-1)
			continue
		}
		from := a.meter.idleFrom()
		s.idleFrom, s.idleNext = min(s.idleFrom, from), min(s.idleNext, from)
	}
	l.unlock(x)
}

// first returns the place of the first key with the account of key i.
func (l *locked[K]) first(i int) int { return slices.Index(l.accounts[:l.n], l.accounts[i]) }

// hasRoom reports whether there is room for some new accounts.
func (x *Meters[K]) hasRoom(n int) bool { return x.accounts.Load()+int64(n) <= x.most }

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

// badKey returns why key i can have no account, wrapping ErrInvalid.
func badKey[K comparable](keys []K, i int, why string) error {
	if len(keys) == 1 {
		return invalid("key", "%s", why)
	}
	return invalid(fmt.Sprintf("keys[%d]", i), "%s", why)
}
