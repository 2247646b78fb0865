package cap

import (
	"hash/maphash"
	"slices"
)

// Request is one spend of a batch.
type Request[K comparable] struct {
	_ struct{} // disallow positional literals

	Key   K
	Spend Spend
}

// Answer is what [Meters.AllowBatch] has to say of one request: what [Meters.Allow] returns.
type Answer struct {
	_ struct{} // disallow positional literals

	Outcome Outcome
	Reason  Reason
	Err     error
}

// FullAnswer is what [Meters.AuthorizeBatch] has to say of one request: what [Meters.Authorize] returns.
type FullAnswer struct {
	_ struct{} // disallow positional literals

	Decision Decision
	Err      error
}

// AllowBatch is [Meters.Allow] for many requests. It decides the spends of a key in their order, those of different keys in
// any order, and puts the answers into the slice of the caller, each in the place of its request. Other operations may come
// in between. It costs less than so many Allow when the accounts lie far away in memory, because it looks for several of
// them at a time, and holds their locks so long.
//
// AllowBatch returns an error, and decides nothing, if there are not as many answers as requests (ErrInvalid).
func (x *Meters[K]) AllowBatch(requests []Request[K], answers []Answer) error {
	if len(requests) != len(answers) {
		return invalid("answers", "%d of them, want as many as the %d requests", len(answers), len(requests))
	}
	x.batch(requests, func(i int, a *account[K]) {
		r, to := &requests[i], &answers[i]
		if a != nil {
			to.Outcome, to.Reason, to.Err = a.meter.allowSpend(&r.Spend, true)
		} else {
			to.Outcome, to.Reason, to.Err = x.allow(r.Key, &r.Spend)
		}
	})
	return nil
}

// AuthorizeBatch is [Meters.Authorize] for many requests, as AllowBatch is Allow.
//
// AuthorizeBatch returns an error, and decides nothing, if there are not as many answers as requests (ErrInvalid).
func (x *Meters[K]) AuthorizeBatch(requests []Request[K], answers []FullAnswer) error {
	if len(requests) != len(answers) {
		return invalid("answers", "%d of them, want as many as the %d requests", len(answers), len(requests))
	}
	x.batch(requests, func(i int, a *account[K]) {
		r, to := &requests[i], &answers[i]
		if a != nil {
			to.Decision = Decision{}
			to.Err = a.meter.authorize(&to.Decision, &r.Spend)
		} else {
			to.Decision, to.Err = x.Authorize(r.Key, r.Spend)
		}
	})
	return nil
}

// How many requests of a batch are sorted together, and how many of these are looked for at a time.
const (
	batchSorted = 256
	batchAtOnce = 16
)

// batch calls decide for each request: with its account, whose lock is held; or with none, and no lock held, when it was
// not found.
func (x *Meters[K]) batch(requests []Request[K], decide func(i int, a *account[K])) {
	if len(x.shards) == 0 {
		for i := range requests {
			decide(i, nil)
		}
		return
	}
	var b batch[K]
	for first := 0; first < len(requests); first += batchSorted {
		part := requests[first:min(first+batchSorted, len(requests))]
		order := b.order[:len(part)]
		for i := range part {
			b.hashes[i] = maphash.Comparable(x.seed, part[i].Key)
			order[i] = uint64(x.shardOf(b.hashes[i]))<<32 | uint64(i)
		}
		slices.Sort(order)
		for len(order) > 0 {
			n := min(len(order), batchAtOnce)
			b.decide(x, part, order[:n], func(i int, a *account[K]) { decide(first+i, a) })
			order = order[n:]
		}
	}
}

// batch is the memory of a batch under way.
type batch[K comparable] struct {
	hashes [batchSorted]uint64
	order  [batchSorted]uint64 // the shard, and the place of the request below it
	near   int64               // keeps the compiler from leaving touch out
}

// decide decides some requests, in the order of their shards.
func (b *batch[K]) decide(x *Meters[K], part []Request[K], order []uint64, decide func(int, *account[K])) {
	for j, o := range order {
		if j == 0 || order[j-1]>>32 != o>>32 {
			x.shards[o>>32].mu.Lock()
		}
	}
	clock := x.clock.Load()
	var accounts [batchAtOnce]*account[K]
	for j, o := range order {
		i := uint32(o)
		accounts[j] = x.shards[o>>32].find(b.hashes[i], part[i].Key)
	}
	for j := range order {
		if a := accounts[j]; a != nil {
			b.near += a.meter.touch()
		}
	}
	for j, o := range order {
		if a := accounts[j]; a != nil {
			s := &x.shards[o>>32]
			if clock >= a.meter.latest {
				s.catchUp(a, clock)
			}
			before := a.size()
			decide(int(uint32(o)), a)
			s.grow(before, a.size())
		}
	}
	for j, o := range order {
		if j == 0 || order[j-1]>>32 != o>>32 {
			x.shards[o>>32].mu.Unlock()
		}
	}
	for j, o := range order {
		if accounts[j] == nil {
			decide(int(uint32(o)), nil)
		}
	}
}
