package contract

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/payrules/payrules/money"
)

// timeline is the changes of a contract or a mandate, in the order in which they take effect, and an end that is computed. Instants
// are microseconds.
//
//	──draft──┬──active──┬──suspended──┬──active──────────┬─ expired
//	    activate     suspend        resume              end: no change, it follows from dates
//
// A change counts from its instant on, until the next one's. Of several at one instant the one recorded later counts later. One
// that was withdrawn counts as if it had never been. One that leads to a final status supersedes all that come after it.
type timeline struct {
	rules   rules
	start   int64   // no change is before it
	end     int64   // what the timeline ends at unless a change says otherwise
	moved   int64   // what it ends at no earlier than, once a change has said when
	entries []entry // all of them, in order of (from, seq)
}

// noEnd is the end of what has none.
const noEnd = math.MaxInt64

// initial is the status that every timeline begins with.
const initial = uint8(Draft)

// entry is a change on a timeline.
type entry struct {
	fact      fact // the event that made it
	kind      kind
	seq       uint64 // the revision that it made: its name for ever
	at, from  int64  // when it was recorded, and since when it counts
	end       int64  // what the timeline ends at from there on; 0: as before
	withdrawn uint64 // the revision that took it back; 0: none did
}

func compareEntries(a, b entry) int {
	switch {
	case a.from < b.from || a.from == b.from && a.seq < b.seq:
		return -1
	case a.from == b.from && a.seq == b.seq:
		return 0
	}
	return 1
}

// place is what a timeline is at some point of it.
type place struct {
	status uint8
	end    int64
	by     uint64 // the change that led to a final status; 0: none has
}

// next returns the place after an entry, and why it is refused there.
func (l *timeline) next(p place, e *entry) (place, Reason) {
	status := p.status
	if e.from >= p.end && !l.rules.final(status) {
		status = l.rules.expired()
	}
	s := l.rules.step(status, e.kind)
	if s.reason != "" {
		return place{status: status, end: p.end, by: p.by}, s.reason
	}
	p.status = s.to
	if e.end != 0 {
		p.end = max(e.end, l.moved)
	}
	if l.rules.final(s.to) {
		p.by = e.seq
	}
	return p, ""
}

func (l *timeline) first() place { return place{status: initial, end: l.end} }

// live ranges over the changes that count, in order, with the place after each. The timeline must be legal.
func (l *timeline) live() iter.Seq2[*entry, place] {
	return func(yield func(*entry, place) bool) {
		p := l.first()
		for i := range l.entries {
			e := &l.entries[i]
			if e.withdrawn != 0 {
				continue
			}
			if p.by != 0 {
				return
			}
			p, _ = l.next(p, e)
			if !yield(e, p) {
				return
			}
		}
	}
}

// at returns the place of the timeline at an instant, the expiry counted, and gives every change until then to each.
func (l *timeline) at(t int64, each func(fact)) place {
	p := l.first()
	for e, after := range l.live() {
		if e.from > t {
			break
		}
		p = after
		each(e.fact)
	}
	if t >= p.end && !l.rules.final(p.status) {
		p.status = l.rules.expired()
	}
	return p
}

// ends returns when a place expires, or did; the zero time if it will not.
func (l *timeline) ends(p place) time.Time {
	if p.end == noEnd || p.by != 0 {
		return time.Time{}
	}
	return money.FromUnixMicro(p.end)
}

// last returns the place after all changes.
func (l *timeline) last() place {
	p := l.first()
	for _, after := range l.live() {
		p = after
	}
	return p
}

// find returns the change of a revision; nil if it is none of the timeline.
func (l *timeline) find(seq uint64) *entry {
	i := slices.IndexFunc(l.entries, func(e entry) bool { return e.seq == seq })
	if i < 0 {
		return nil
	}
	return &l.entries[i]
}

// with returns the timeline with one more change.
func (l *timeline) with(e entry) timeline {
	out := *l
	i, _ := slices.BinarySearchFunc(l.entries, e, compareEntries)
	out.entries = make([]entry, 0, len(l.entries)+1)
	out.entries = append(append(append(out.entries, l.entries[:i]...), e), l.entries[i:]...)
	return out
}

// without returns the timeline with a change taken back by a revision.
func (l *timeline) without(seq, by uint64) timeline {
	out := *l
	out.entries = slices.Clone(l.entries)
	out.find(seq).withdrawn = by
	return out
}

// judge says why the timeline is not legal; mine is the change that is new on it, 0 if one was taken back. It costs O(n).
func (l *timeline) judge(mine uint64) refusal {
	p := l.first()
	for i := range l.entries {
		e := &l.entries[i]
		if e.withdrawn != 0 || p.by != 0 && e.seq != mine {
			continue
		}
		after, why := l.next(p, e)
		if why == "" {
			p = after
			continue
		}
		r := refusal{reason: why, status: l.rules.name(after.status)}
		if why == HasExpired {
			r.bound = p.end
		}
		if e.seq != mine {
			r.reason, r.change = ConflictsWithLaterChange, e.seq
		} else {
			r.change = p.by
		}
		return r
	}
	return refusal{}
}

// full reports whether there is no room for one more change. What ends a contract or a mandate at once has some room left when
// nothing else does, so that whatever was changed very often can be ended still; and a collection is what a bank has done.
func (l *timeline) full(e *entry, at int64) bool {
	most := MaxChanges
	if (e.kind == cancel || e.kind == revoke || e.kind == fail || e.kind == collect) && e.from <= at {
		most += endings
	}
	return len(l.entries) >= most
}

// endings is how many changes to a final status fit beyond MaxChanges.
const endings = 10
