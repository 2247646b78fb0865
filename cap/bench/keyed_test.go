package bench_test

import (
	"hash/maphash"
	"sync"
)

// keyed finds the account of a key, for all those who bring no map of their own: the same one for package cap, the
// limiters of x/time/rate and of slidingwindow, and the slices. 64 parts with a lock each, so that two cores seldom meet.
type keyed[T any] struct {
	seed  maphash.Seed
	make  func() *T
	parts [64]struct {
		sync.RWMutex
		m map[string]*T
	}
}

func newKeyed[T any](make func() *T) *keyed[T] {
	k := &keyed[T]{seed: maphash.MakeSeed(), make: make}
	for i := range k.parts {
		k.parts[i].m = map[string]*T{}
	}
	return k
}

// get returns the account of a key, and makes it if there is none.
func (k *keyed[T]) get(key string) *T {
	part := &k.parts[maphash.String(k.seed, key)%uint64(len(k.parts))]
	part.RLock()
	account := part.m[key]
	part.RUnlock()
	if account != nil {
		return account
	}
	part.Lock()
	defer part.Unlock()
	if part.m[key] == nil {
		part.m[key] = k.make()
	}
	return part.m[key]
}
