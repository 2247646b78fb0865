package cap

import (
	"hash/maphash"
	"time"
)

// How much of the accounts is looked at while a lock is held, and while a spend of a new account waits for room.
const (
	sweepAtOnce  = 64
	sweepForRoom = 4096
)

// Advance tells all accounts, also those that are not there, what time it is: from then on each of them takes no spend
// that is dated further before now than the lateness of its policy, as if one had been recorded at now. It never goes
// back: an earlier instant than before changes nothing. It costs next to nothing.
//
// An account whose spends are then all gone, because no window can reach them any more, is as one that was never
// there, unless it has a policy of its own, or has spent under a Lifetime limit. What it had spent counts for nothing
// any more, not even for a Lifetime limit that it gets later. That is so from Advance on, whether its memory was
// given back or not; so [Meters.Evict] changes no answer, ever.
//
// Nothing is ever evicted from Meters that are not told the time. Call Advance with the clock that dates the spends, and
// never with the instant of a spend: one that is dated far ahead by mistake would close all accounts up to there. Once an
// hour is often enough. Whoever loads stored accounts into new Meters tells them the time as well: MetersStats.Clock.
//
// Advance returns an error if the instant is out of range (ErrInvalid).
func (x *Meters[K]) Advance(now time.Time) error {
	t, err := instantOf(now)
	if err != nil {
		return err
	}
	for was := x.clock.Load(); was < t && !x.clock.CompareAndSwap(was, t); {
		was = x.clock.Load()
	}
	return nil
}

// Evict looks at so many accounts, where the last call left off, and gives back the memory of those that are as if they
// had never been there; see [Meters.Advance]. It returns how many that were. It changes no answer, and holds a lock only
// for 64 accounts at a time. So call it now and then; what is needed at once is also evicted for a new account that finds
// no room.
func (x *Meters[K]) Evict(accounts int) (evicted int) {
	for rounds := 0; accounts > 0 && rounds <= len(x.shards); {
		looked, out, done := x.sweepNext(min(accounts, sweepAtOnce))
		accounts -= looked
		evicted += out
		if done {
			rounds++
		}
	}
	return evicted
}

// evictSome evicts until there is some room, and reports whether there is. It gives up after a while.
func (x *Meters[K]) evictSome() bool {
	for looked, rounds := 0, 0; looked < sweepForRoom && rounds <= len(x.shards); {
		n, out, done := x.sweepNext(sweepAtOnce)
		looked += n
		if out > 0 {
			return true
		}
		if done {
			rounds++
		}
	}
	return false
}

// sweepNext sweeps some accounts of the shard whose turn it is, and passes the turn on when that one is done.
func (x *Meters[K]) sweepNext(places int) (looked, evicted int, done bool) {
	if len(x.shards) == 0 {
		return 0, 0, true
	}
	turn := x.turn.Load()
	s := &x.shards[turn%int64(len(x.shards))]
	s.mu.Lock()
	looked, evicted, done = s.sweep(places, x.clock.Load(), x.seed)
	x.accounts.Add(-int64(evicted)) // while the shard is locked, so that whoever finds nothing there knows of the room
	s.mu.Unlock()
	if done {
		x.turn.CompareAndSwap(turn, turn+1)
	}
	return looked, evicted, done
}

// sweep looks at the accounts in so many places, and evicts those that are as new at the clock. It reports how many it has
// looked at, and whether it has come to the end.
//
// No account of the shard can be as new before the clock is at idleFrom. A sweep from the first to the last finds out
// when that is; until it is through, idleNext is what it knows of it.
func (s *shard[K]) sweep(places int, clock int64, seed maphash.Seed) (looked, evicted int, done bool) {
	if s.hand == 0 && clock < s.idleFrom {
		return 0, 0, true
	}
	for ; places > 0; places-- {
		slab := int(s.hand >> slabBits)
		if slab >= len(s.slabs) {
			s.idleFrom, s.idleNext, s.hand = s.idleNext, never, 0
			return looked, evicted, true
		}
		if int(s.hand&(slabLen-1)) >= len(s.slabs[slab]) { // the end of a small slab
			s.hand = uint32(slab+1) << slabBits
			continue
		}
		a := s.account(s.hand)
		s.hand++
		if a.meter.policy == nil { // nobody's
			continue
		}
		looked++
		from := a.meter.idleFrom()
		if from <= clock {
			if s.advance(a, clock) {
				s.remove(maphash.Comparable(seed, a.key), a.key)
				s.evicted++
				evicted++
				continue
			}
			from = a.meter.idleFrom() // which may be later, now that holds have ended
		}
		s.idleNext = min(s.idleNext, from)
	}
	return looked, evicted, false
}

// catchUp tells an account what time it is. One that is as new then is made what it would be if it had been evicted.
func (s *shard[K]) catchUp(a *account[K], clock int64) {
	if s.advance(a, clock) && !a.meter.blank() {
		before := a.size()
		a.meter = *NewMeter(a.meter.shared)
		a.meter.advance(clock)
		s.grow(before, a.size())
	}
}

// advance tells an account what time it is, and reports whether it is as new then.
func (s *shard[K]) advance(a *account[K], clock int64) (asNew bool) {
	m := &a.meter
	if m.policy == nil {
		return false
	}
	if m.rare == nil {
		m.advance(clock)
	} else { // holds that have ended for good take no more room
		before := a.size()
		m.advance(clock)
		s.grow(before, a.size())
	}
	return m.idleFrom() <= clock && m.asNew(clock)
}

// blank reports whether nothing was ever recorded.
func (m *Meter) blank() bool {
	for k := range m.policy.groups {
		if b := m.bookOf(k); b.n != 0 || b.count != 0 || b.sum != 0 || b.credited != 0 {
			return false
		}
	}
	return m.gone < 0 && m.closed < 0
}

// asNew reports whether the meter, which knows the time, answers everything as a new one does that knows it: all that it
// has recorded is gone, and so is what a policy that it had in between may have forgotten too early. Whoever adds to what a
// meter remembers must look at it here.
func (m *Meter) asNew(clock int64) bool {
	if m.policy != m.shared || m.oldest != max(0, clock-m.policy.lateness) || m.remembers() {
		return false
	}
	if m.rare != nil && m.rare.firstOpen(m.latest) != never {
		return false
	}
	floor := max(m.group.horizon(m.oldest), -1)
	final := floor
	if m.policy.finalAfter > 0 {
		final = max(final, min(m.latest-m.policy.finalAfter, m.oldest-1))
	}
	return m.last() <= floor && m.gone <= floor && m.closed <= final
}

// idleFrom returns an instant before which the clock must be for the meter to be certainly not as new: never, when that is
// not for the clock to say. It costs less than asNew.
func (m *Meter) idleFrom() int64 {
	if m.policy == nil || m.policy != m.shared {
		return never
	}
	ends := int64(-1) // when the last hold does
	if m.rare != nil && len(m.rare.list) > 0 {
		ends = m.rare.list[len(m.rare.list)-1].a
	}
	if ends <= m.latest && m.remembers() {
		return never
	}
	from := m.oldest
	if last := max(m.gone, m.last()); last >= 0 {
		from = max(from, last+m.group.reach)
	}
	if from == 0 {
		return ends
	}
	return max(ends, from+m.policy.lateness)
}

// last returns the instant of the last entry of any book, or -1.
func (m *Meter) last() int64 {
	last := m.newest()
	if m.rare != nil {
		for i := range m.rare.books {
			last = max(last, m.rare.books[i].newest())
		}
	}
	return last
}

// remembers reports whether some limit counts what is gone.
func (m *Meter) remembers() bool {
	for k, g := range m.policy.groups {
		if b := m.bookOf(k); b.count == 0 && b.sum == 0 && b.credited == 0 {
			continue
		}
		for i := range g.rules {
			if g.rules[i].kind == lifetime {
				return true
			}
		}
	}
	return false
}
