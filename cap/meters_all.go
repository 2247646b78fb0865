package cap

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Decisions is the answer of [Meters.AuthorizeAll]: what was decided of them together, and the Decision of each key, in the
// order of the keys. It is a value, safe for concurrent use. Its zero value refuses.
type Decisions struct {
	list    []Decision
	refused int // the first key that refused, from 1; 0: none did
	existed bool
}

// Approved reports whether every key holds the spend now.
func (d Decisions) Approved() bool { return len(d.list) > 0 && d.refused == 0 }

// Outcome returns how they came out together.
func (d Decisions) Outcome() Outcome {
	if d.Approved() {
		return Approved
	}
	return Refused
}

// Existed reports whether it was approved and some key held the spend before: then it may have been paid out before. The
// Decision of each key says whether that one did.
func (d Decisions) Existed() bool { return d.existed && d.Approved() }

// RefusedBy returns the place of the first key that refused, and whether one did. Its Decision has the reason. Other keys
// may have refused as well.
func (d Decisions) RefusedBy() (key int, refused bool) { return d.refused - 1, d.refused > 0 }

// Len returns the number of keys.
func (d Decisions) Len() int { return len(d.list) }

// Of returns the decision of key i, for i from 0 to Len-1. It panics for another i, as indexing does.
func (d Decisions) Of(i int) Decision { return d.list[i] }

// All ranges over the decisions, in the order of the keys.
func (d Decisions) All() iter.Seq2[int, Decision] { return slices.All(d.list) }

// Equal reports whether d and e say the same in every point.
func (d Decisions) Equal(e Decisions) bool {
	return d.refused == e.refused && d.existed == e.existed && slices.EqualFunc(d.list, e.list, Decision.Equal)
}

// String shows them on one line, for logs and tests.
func (d Decisions) String() string {
	var out strings.Builder
	out.WriteString(d.Outcome().String())
	for i, one := range d.list {
		fmt.Fprintf(&out, " [%d] %s", i, one)
	}
	return out.String()
}

// AuthorizeAll decides whether the spend fits the accounts of all the keys, 1 to MaxKeys of them, such as the card's, the
// account's and the holder's, and records it with all of them if so, or with none: no other operation comes in between.
//
// When one refuses, nothing changes, but that limits which count attempts count it, on all the accounts. The Decision of the
// key that refused has the reason. The Decision of a key that would have taken the spend is Refused too, without a reason, and
// tells its limits as they stand.
//
// A spend that all keys hold already is approved as having Existed, and changes nothing. If only some of them hold it, from
// an operation on these alone, it is judged by the others and recorded with them if they all take it: so whenever a
// spend was approved, every key holds it, and counts it once, however often it is asked for. That counts as having Existed
// as well, since it may have been paid out on the strength of the keys that held it. If one of the others refuses, those that
// held it hold it still, and their Decision is Refused with the reason Exists: reverse it there, if it was never paid.
//
// A key that is given twice counts once, and has its Decision twice.
//
// It costs what Authorize costs for each key, and one allocation. AuthorizeAll returns an error, and nothing is decided, if
// [Meters.Authorize] would for one of the keys, or there are none or more than MaxKeys (ErrInvalid).
func (x *Meters[K]) AuthorizeAll(s Spend, keys ...K) (Decisions, error) {
	var l locked[K]
	if err := l.take(x, keys); err != nil {
		return Decisions{}, err
	}
	defer l.release(x)
	var asks [MaxKeys]ask
	var more particulars
	for i := range keys {
		a, err := l.accounts[i].meter.check(s.ID, s.At, s.Amount)
		if err != nil {
			return Decisions{}, fmt.Errorf("keys[%d]: %w", i, err)
		}
		if asks[i] = a; i > 0 {
			continue
		}
		if more, err = s.particulars(a.at); err != nil {
			return Decisions{}, err
		}
	}
	all := Decisions{list: make([]Decision, len(keys))}
	var changes [MaxKeys]change
	for i := range keys {
		d := &all.list[i]
		if first := l.first(i); first < i {
			*d = all.list[first]
			continue
		}
		changes[i] = l.accounts[i].meter.judgeSpend(d, asks[i], &more, false)
		all.existed = all.existed || d.existed
		if d.outcome == Refused && all.refused == 0 {
			all.refused = i + 1
		}
	}
	limited := slices.ContainsFunc(all.list, func(d Decision) bool { return d.reason >= amountExceeded })
	for i := range keys {
		d, m := &all.list[i], &l.accounts[i].meter
		switch first := l.first(i); {
		case first < i:
			*d = all.list[first]
		case all.refused == 0:
			m.commit(changes[i], &asks[i], &more, nil)
		case d.outcome == Refused:
			m.settle(d, changes[i], &asks[i], &more)
		default:
			m.turnAway(d, &asks[i], &more, limited && changes[i].kind == recording)
		}
	}
	return all, nil
}

// turnAway makes d the refusal of a spend that the meter would have taken, or holds already, but that another one refuses.
// A limit that counts attempts may count it.
func (m *Meter) turnAway(d *Decision, a *ask, x *particulars, counts bool) {
	why := d.Reason()
	*d = Decision{}
	d.start(m, a.at, a.amount)
	m.tell(d, max(a.at, m.latest))
	d.refuse(why)
	if counts {
		m.settle(d, m.attempt(a.at, x.place), a, x)
	}
}
