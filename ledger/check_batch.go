package ledger

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// batch is what the records of one command say. What transfers say makes the events of their accounts, all but the balances; so
// those are counted up as the transfers are read, and down as the accounts are.
type batch struct {
	refused  []refused
	touched  map[string]bool // accounts that booked, held or released something; transfers that did, and what they were linked by
	lines    map[line]int
	sums     map[money.Currency]*[2]wide // debits and credits
	limits   map[string]*limited         // by account
	mirrors  map[mirror]int              // up by what a reversal says, down by what it takes back says
	interest map[string]interestDue      // by transfer
}

// line is an event of an account, as its transfer makes it.
type line struct {
	account string
	event   event.Data
}

// refused is a command that was refused: where that stands, and its id.
type refused struct {
	kind        Kind
	stream, key string
}

// mirror is a reversal, and what it takes back.
type mirror struct {
	by, of string
	at     int64
}

func (m mirror) compare(o mirror) int {
	return slices.Compare([]string{m.by, m.of}, []string{o.by, o.of})
}

func (b *batch) mirror(n int, m mirror) {
	if b.mirrors == nil {
		b.mirrors = make(map[mirror]int)
	}
	b.mirrors[m] += n
}

// interestDue is what a transfer of interest should be.
type interestDue struct {
	decided InterestDecided
	posted  []event.Data // nothing if nothing is due
}

// count counts an event of an account.
func (b *batch) count(n int, account string, d event.Data) {
	switch e := d.(type) {
	case EntryBooked:
		e.At, e.Balance = money.Instant(e.At), money.Amount{}
		d = e
	case AmountHeld:
		e.At, e.Expires = money.Instant(e.At), timeOfEnd(endOf(e.Expires))
		d = e
	case AmountReleased:
		e.At = money.Instant(e.At)
		d = e
	case PeriodEnded:
		e.At = money.Instant(e.At)
		d = e
	case InterestBooked:
		e.At = money.Instant(e.At)
		d = e
	}
	if b.lines == nil {
		b.lines = make(map[line]int)
	}
	b.lines[line{account, d}] += n
}

// transfer takes up what a transfer says of itself, before it is applied.
func (b *batch) transfer(id string, d event.Data, l *Ledger) fault {
	t := l.Transfer(id)
	at, _ := decidedAt(d)
	if at < t.clock {
		return fault{law: "L6", reason: "it was decided before what stands in front of it"}
	}
	named, group := id, ""
	f := fault{}
	switch e := d.(type) {
	case TransferPosted:
		named, group = e.Transfer, e.Group
		f = b.posted(&e, l)
	case TransferHeld:
		named, group = e.Transfer, e.Group
		for i := range e.Legs {
			leg := &e.Legs[i]
			b.count(1, leg.Account, AmountHeld{
				Transfer: id, At: e.At, Expires: e.Expires, Side: leg.Side, Amount: leg.Amount, Counter: counter(e.Legs, leg), Forced: e.Forced,
			})
		}
	case TransferCaptured:
		named, group = e.Transfer, e.Group
		f = b.captured(&e, t)
	case TransferVoided:
		named, group = e.Transfer, e.Group
		f = b.released(t, at, e.Legs, Voided)
	case TransferExpired:
		named = e.Transfer
		f = b.released(t, at, e.Legs, Expired)
	case TransferReversed:
		b.mirror(-1, mirror{e.By, id, at})
	case InterestDecided:
		named = e.Transfer
		f = b.interestOf(&e, l)
	}
	if group != "" {
		b.touch("group", group)
	}
	if named != id {
		f = fault{law: "L4", reason: fmt.Sprintf("it is about transfer %q", named)}
	}
	return f
}

func (b *batch) posted(e *TransferPosted, l *Ledger) fault {
	if due, ok := b.interest[e.Transfer]; ok || e.Interest != "" {
		if len(due.posted) != 1 || !reflect.DeepEqual(*e, due.posted[0]) {
			return fault{law: "L10", reason: "it is not the interest that is due"}
		}
		due.posted = nil
		b.interest[e.Transfer] = due
		return fault{}
	}
	for i := range e.Legs {
		leg := &e.Legs[i]
		b.count(1, leg.Account, EntryBooked{
			Transfer: e.Transfer, At: e.At, Value: e.Value, Side: leg.Side, Amount: leg.Amount, Counter: counter(e.Legs, leg),
			Details: e.Details, Reverses: e.Reverses, Forced: e.Forced,
		})
	}
	if e.Reverses == "" {
		return fault{}
	}
	if !mirrored(e.Legs, l.Transfer(e.Reverses).Booked()) {
		return fault{law: "L4", reason: "it is not the mirror of what it takes back"}
	}
	b.mirror(1, mirror{e.Transfer, e.Reverses, e.At.UnixMicro()})
	return fault{}
}

// mirrored reports whether legs are those of others with their sides exchanged.
func mirrored(legs, others []Leg) bool {
	return slices.EqualFunc(legs, others, func(a, b Leg) bool {
		return a.Account == b.Account && a.Amount == b.Amount && a.Side == b.Side.Other()
	})
}

// captured is what a capture books, and what of the hold it gives back.
func (b *batch) captured(e *TransferCaptured, t *Transfer) fault {
	taken, ok := t.match(e.Legs)
	switch {
	case t.statusAt(e.At.UnixMicro()) != Held:
		return fault{law: "L5", reason: "the hold that it books was over"}
	case !ok:
		return fault{law: "L4", reason: "it books what is not held"}
	case slices.ContainsFunc(t.captures, func(k capture) bool { return k.id == e.ID }):
		return fault{law: "L4", reason: "there is a capture with its id"}
	}
	for i := range t.legs {
		leg := &t.legs[i]
		given := t.left[i]
		if e.Keep {
			given = taken[i]
		}
		released := money.New(given, leg.Amount.Currency())
		if given == 0 {
			released = money.Amount{}
		}
		switch {
		case taken[i] != 0:
			b.count(1, leg.Account, EntryBooked{
				Transfer: e.Transfer, At: e.At, Value: e.Value, Side: leg.Side, Amount: money.New(taken[i], leg.Amount.Currency()),
				Released: released, Counter: counter(t.legs, leg), Details: t.details, Forced: t.forced,
			})
		case given != 0:
			b.count(1, leg.Account, AmountReleased{
				Transfer: e.Transfer, At: e.At, Side: leg.Side, Amount: released, Why: Captured,
			})
		}
	}
	return fault{}
}

// released is what a hold gives back in the end.
func (b *batch) released(t *Transfer, at int64, legs []Leg, why Status) fault {
	switch status := t.statusAt(at); {
	case why == Voided && status != Held:
		return fault{law: "L5", reason: "the hold was over"}
	case why == Expired && status != Expired:
		return fault{law: "L5", reason: "the hold has not ended"}
	case !slices.Equal(legs, t.Left()):
		return fault{law: "L4", reason: "it gives back what is not held"}
	}
	for _, leg := range legs {
		b.count(1, leg.Account, AmountReleased{
			Transfer: t.id, At: money.FromUnixMicro(at), Side: leg.Side, Amount: leg.Amount, Why: why,
		})
	}
	return fault{}
}

// interestOf works out anew what interest is due. Nothing of the batch is booked yet.
func (b *batch) interestOf(e *InterestDecided, l *Ledger) fault {
	a := l.Account(e.Account)
	if a.interest == nil {
		return fault{law: "L10", reason: "its account has no interest"}
	}
	var command step = Accrue{Account: e.Account, At: e.At, Through: e.Through, Source: a.interest.Source, Accrued: a.interest.AccruedAccount}
	if command.Key() != e.Transfer {
		_, end := a.interest.next()
		command = Capitalise{
			Account: e.Account, At: e.At, Through: e.Through, Source: a.interest.Source, Accrued: a.interest.AccruedAccount, Early: e.Through < end,
		}
	}
	facts, _, err := command.Decide(l)
	if err != nil || command.Key() != e.Transfer || len(facts) == 0 || facts[0].Events[0] != event.Data(*e) {
		return fault{"L10", "it is not the interest that is due", err}
	}
	if b.interest == nil {
		b.interest = make(map[string]interestDue)
	}
	b.interest[e.Transfer] = interestDue{*e, facts[0].Events[1:]}
	for _, f := range facts[1:] {
		for _, d := range f.Events {
			b.count(1, f.ID, d)
		}
	}
	return fault{}
}

// account takes up what an account did, before it is applied.
func (b *batch) account(a *Account, d event.Data) fault {
	var transfer string
	var forced bool
	switch e := d.(type) {
	case EntryBooked:
		transfer, forced = e.Transfer, e.Forced
		b.add(e.Side, e.Amount)
	case AmountHeld:
		transfer, forced = e.Transfer, e.Forced
	case AmountReleased:
		transfer = e.Transfer
	case InterestBooked:
		b.count(-1, a.id, d)
		return fault{}
	case PeriodEnded, Archived:
		if a.terms.Unconstrained {
			b.count(-1, a.id, d)
		}
		return fault{}
	default:
		return fault{}
	}
	b.touch(KindAccount, a.id)
	b.touch(KindTransfer, transfer)
	b.count(-1, a.id, d)
	if a.terms.Unconstrained {
		return fault{}
	}
	at, _ := decidedAt(d)
	return b.limit(a, transfer, at, forced)
}

// touch notes that something was done.
func (b *batch) touch(kind Kind, id string) {
	if b.touched == nil {
		b.touched = make(map[string]bool)
	}
	b.touched[string(kind)+"/"+id] = true
}

// add adds an entry to the sums of its currency.
func (b *batch) add(side Side, amount money.Amount) {
	if b.sums == nil {
		b.sums = make(map[money.Currency]*[2]wide)
	}
	sum := b.sums[amount.Currency()]
	if sum == nil {
		sum = new([2]wide)
		b.sums[amount.Currency()] = sum
	}
	if side.Valid() {
		sum[side-1].add(amount.Minor())
	}
}

// limit notes that a transfer is to move an account, and looks at what the transfer before it left.
func (b *batch) limit(a *Account, transfer string, at int64, forced bool) fault {
	now := standingAt(a, at)
	known := b.limits[a.id]
	if known != nil && known.transfer == transfer {
		known.forced = known.forced || forced
		return fault{}
	}
	if known != nil {
		if f := known.judge(now, a); f.is() {
			return f
		}
	}
	if b.limits == nil {
		b.limits = make(map[string]*limited)
	}
	b.limits[a.id] = &limited{transfer, now, forced}
	return fault{}
}

// end verifies the batch as a whole.
func (b *batch) end(l *Ledger) fault {
	for _, r := range b.refused {
		if b.touched[string(r.kind)+"/"+r.stream] || b.touched["group/"+r.key] {
			return fault{law: "L3", reason: fmt.Sprintf("%q was refused, and something was done", r.key)}
		}
	}
	if f := b.endLines(); f.is() {
		return f
	}
	for c, sum := range b.sums {
		if sum[0] != sum[1] {
			return fault{law: "L1", reason: fmt.Sprintf("debits and credits differ in %s", c)}
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(b.mirrors), mirror.compare) {
		if b.mirrors[m] != 0 {
			return fault{law: "L4", reason: fmt.Sprintf("transfers %q and %q do not both say that the first takes the other back", m.by, m.of)}
		}
	}
	for id, due := range b.interest {
		if len(due.posted) > 0 {
			return fault{law: "L10", reason: fmt.Sprintf("the interest of transfer %q was not posted", id)}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.limits)) {
		a := l.Account(id)
		if f := b.limits[id].judge(standingAt(a, a.clock), a); f.is() {
			return f
		}
	}
	return fault{}
}

// endLines verifies that accounts did what transfers say. A copy of a closing is missed if it is not there; the account of a
// ledger without package books has its own.
func (b *batch) endLines() fault {
	var found []string
	for line, n := range b.lines {
		law := "L1"
		switch line.event.(type) {
		case AmountHeld, AmountReleased:
			law = "L4"
		case InterestBooked:
			law = "L10"
		case PeriodEnded, Archived:
			law = "L7"
			n = max(n, 0)
		}
		if n > 0 {
			found = append(found, fmt.Sprintf("%s account %q lacks %+v", law, line.account, line.event))
		} else if n < 0 {
			found = append(found, fmt.Sprintf("%s account %q has %+v, which no transfer has", law, line.account, line.event))
		}
	}
	if len(found) == 0 {
		return fault{}
	}
	first := slices.Min(found)
	law, reason, _ := strings.Cut(first, " ")
	return fault{law: law, reason: reason}
}
