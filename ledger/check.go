package ledger

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// BrokenError names the first record that breaks a law of the ledger.
type BrokenError struct {
	Position event.Position // of the record
	Record   string         // its stream and version, as "account/anna@7"
	Law      string         // as in the package's doc, "L1"; or "J2" of package storage, for a gap
	Reason   string
	Err      error // what the state said, or nil
}

// Error says which record breaks which law, and why.
func (e *BrokenError) Error() string {
	s := fmt.Sprintf("ledger: record %d (%s) breaks %s: %s", e.Position, e.Record, e.Law, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns what the state said.
func (e *BrokenError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrCorrupt) true.
func (e *BrokenError) Is(target error) bool { return target == ErrCorrupt }

// Report is what a check went through.
type Report struct {
	Records   int // of all streams
	Head      event.Position
	Transfers int // that were posted or held
	Entries   int
	Refusals  int
	Ledger    *Ledger // as it stands at Head
}

// Check replays the records of a journal, from the first one on, and verifies that they keep the laws of the ledger: positions
// and versions have no gap; every transfer sums to zero in every currency, and is what its accounts booked, held and released;
// balances are what entries sum to; no limit was broken by what was not forced; what is captured was held; a reversal is the
// mirror of what it takes back; nothing was booked into a closed period; a refusal changed nothing. Streams of other kinds are
// only counted.
//
// Give it what Journal.All yields. Where a journal has a hash chain, or seals, what reads it verifies them on the way: a broken
// one is an error that records yields, and Check returns.
//
// Returns a *BrokenError that names the first broken record, or the error that records yields. It takes about a microsecond or
// two a record, and the memory of all accounts and transfers.
func Check(records iter.Seq2[event.Record, error]) (*Report, error) {
	c := &checker{
		report: Report{Ledger: NewLedger()}, accounts: AccountCodec(), transfers: TransferCodec(),
		versions: make(map[string]event.Version),
	}
	for r, err := range records {
		if err == nil {
			err = c.record(&r)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := c.endBatch(); err != nil {
		return nil, err
	}
	return &c.report, nil
}

type checker struct {
	report    Report
	accounts  *event.Codec
	transfers *event.Codec
	versions  map[string]event.Version
	last      event.Record // the latest one
	batch     batch
}

// record takes up one record.
func (c *checker) record(r *event.Record) error {
	broken := func(law, reason string, err error) error {
		return &BrokenError{Position: r.Position, Record: r.ID(), Law: law, Reason: reason, Err: err}
	}
	if r.Position != c.report.Head+1 {
		return broken("J2", fmt.Sprintf("it stands where position %d should be", c.report.Head+1), nil)
	}
	if want := c.versions[r.Stream] + 1; r.Version != want {
		return broken("J2", fmt.Sprintf("version %d of its stream should be here", want), nil)
	}
	if r.At.Before(c.last.At) {
		return broken("J6", "it was stored before the one in front of it", nil)
	}
	if r.Key != "" {
		if err := c.endBatch(); err != nil {
			return err
		}
	}
	c.versions[r.Stream], c.report.Head, c.last = r.Version, r.Position, *r
	c.report.Records++
	kind, id := event.SplitStream(r.Stream)
	var codec *event.Codec
	switch Kind(kind) {
	case KindAccount:
		codec = c.accounts
	case KindTransfer:
		codec = c.transfers
	default:
		return nil
	}
	d, err := codec.Decode(r.Event)
	if err != nil {
		return broken("L9", "it cannot be read", err)
	}
	if law, reason, err := c.take(Kind(kind), id, d); reason != "" || err != nil {
		return broken(law, reason, err)
	}
	return nil
}

// take applies one event, and says which law it breaks.
func (c *checker) take(kind Kind, id string, d event.Data) (law, reason string, err error) {
	if _, refused := d.(Refusal); refused {
		c.report.Refusals++
		c.batch.refused = true
	}
	if kind == KindTransfer {
		if law, reason := c.batch.transfer(id, d, c.report.Ledger); reason != "" {
			return law, reason, nil
		}
		switch d.(type) {
		case TransferPosted, TransferHeld:
			c.report.Transfers++
		}
		return "L4", "", c.report.Ledger.Apply(Facts{kind, id, []event.Data{d}})
	}
	a := c.report.Ledger.Account(id)
	before := standingOf(a, d)
	if e, ok := d.(EntryBooked); ok {
		c.report.Entries++
		if !a.terms.Unconstrained && e.Value <= a.through {
			return "L7", "its value date is in a closed period", nil
		}
	}
	if err := c.report.Ledger.Apply(Facts{kind, id, []event.Data{d}}); err != nil {
		return "L9", "its account contradicts it", err
	}
	law, reason = c.batch.account(id, d, before, c.report.Ledger.Account(id))
	return law, reason, nil
}

// endBatch verifies what the records of one command come to, together.
func (c *checker) endBatch() error {
	law, reason := c.batch.end(c.report.Ledger)
	c.batch = batch{}
	if reason != "" {
		return &BrokenError{Position: c.report.Head, Record: c.last.ID(), Law: law, Reason: "with what was stored with it: " + reason}
	}
	return nil
}

// standing is what an account has for its limits to look at.
type standing struct{ out, in int64 } // balance - what is held to leave; balance + what is held to come

// standingOf returns how an account stands right before an event: holds that end until then are over.
func standingOf(a *Account, d event.Data) standing {
	draft := a.draft()
	switch e := d.(type) {
	case EntryBooked:
		draft.advance(e.At.UnixMicro())
	case AmountHeld:
		draft.advance(e.At.UnixMicro())
	}
	return standing{draft.balance - draft.out, draft.balance + draft.in}
}

// batch is what the records of one command say. What transfers say they did, and what accounts did, must be the same: lines are
// counted up by the one and down by the other.
type batch struct {
	refused bool
	touched bool // some account booked, held or released something
	lines   map[line]int
	sums    map[money.Currency]*[2]wide // debits and credits
	limits  map[string]*limited         // by account
	mirrors map[mirror]int              // up by what the reversal says, down by what it takes back says
}

// mirror is a reversal, and what it takes back.
type mirror struct{ by, of string }

func (m mirror) compare(o mirror) int {
	return slices.Compare([]string{m.by, m.of}, []string{o.by, o.of})
}

func (b *batch) mirror(n int, by, of string) {
	if b.mirrors == nil {
		b.mirrors = make(map[mirror]int)
	}
	b.mirrors[mirror{by, of}] += n
}

// line is a leg of a transfer, and what becomes of it.
type line struct {
	what     Status // Posted (booked), Held, or Voided (released)
	transfer string
	account  string
	side     Side
	amount   money.Amount
}

// limited is an account of the batch whose limits are to be looked at when a transfer is through with it.
type limited struct {
	transfer string
	before   standing
	forced   bool
}

func (b *batch) count(n int, what Status, transfer string, legs []Leg) {
	if b.lines == nil {
		b.lines = make(map[line]int)
	}
	for _, l := range legs {
		b.lines[line{what, transfer, l.Account, l.Side, l.Amount}] += n
	}
}

// transfer takes up what a transfer says of itself, before it is applied.
func (b *batch) transfer(id string, d event.Data, l *Ledger) (law, reason string) {
	t := l.Transfer(id)
	switch e := d.(type) {
	case TransferPosted:
		b.count(1, Posted, id, e.Legs)
		if e.Reverses != "" {
			b.mirror(1, id, e.Reverses)
			if !mirrored(e.Legs, l.Transfer(e.Reverses).Booked()) {
				return "L4", "it is not the mirror of what it takes back"
			}
		}
	case TransferHeld:
		b.count(1, Held, id, e.Legs)
	case TransferCaptured:
		if t.statusAt(max(t.clock, e.At.UnixMicro())) != Held {
			return "L5", "the hold that it books was over"
		}
		b.count(1, Posted, id, e.Legs)
	case TransferVoided:
		if !slices.Equal(e.Legs, t.Left()) {
			return "L4", "it gives back what is not held"
		}
		b.count(1, Voided, id, e.Legs)
	case TransferExpired:
		if t.statusAt(e.At.UnixMicro()) != Expired {
			return "L5", "the hold lives"
		}
		b.count(1, Voided, id, e.Legs)
	case TransferReversed:
		b.mirror(-1, e.By, id)
	}
	return "", ""
}

// mirrored reports whether legs are those of others with their sides exchanged.
func mirrored(legs, others []Leg) bool {
	return slices.EqualFunc(legs, others, func(a, b Leg) bool {
		return a.Account == b.Account && a.Amount == b.Amount && a.Side == b.Side.Other()
	})
}

// account takes up what an account did, once it is applied.
func (b *batch) account(id string, d event.Data, before standing, a *Account) (law, reason string) {
	switch e := d.(type) {
	case EntryBooked:
		b.touched = true
		b.count(-1, Posted, e.Transfer, []Leg{{id, e.Side, e.Amount}})
		if b.sums == nil {
			b.sums = make(map[money.Currency]*[2]wide)
		}
		sum := b.sums[e.Amount.Currency()]
		if sum == nil {
			sum = new([2]wide)
			b.sums[e.Amount.Currency()] = sum
		}
		sum[e.Side-1].add(e.Amount.Minor())
		return b.limit(id, e.Transfer, before, e.Forced, a)
	case AmountHeld:
		b.touched = true
		b.count(-1, Held, e.Transfer, []Leg{{id, e.Side, e.Amount}})
		return b.limit(id, e.Transfer, before, e.Forced, a)
	case AmountReleased:
		b.touched = true
		if e.Why != Captured {
			b.count(-1, Voided, e.Transfer, []Leg{{id, e.Side, e.Amount}})
		}
	}
	return "", ""
}

// limit notes that a transfer moved an account, and looks at what the transfer before it left.
func (b *batch) limit(id, transfer string, before standing, forced bool, a *Account) (law, reason string) {
	if a.terms.Unconstrained {
		return "", ""
	}
	if b.limits == nil {
		b.limits = make(map[string]*limited)
	}
	if known := b.limits[id]; known != nil && known.transfer == transfer {
		known.forced = known.forced || forced
		return "", ""
	} else if known != nil {
		if reason := known.judge(before, a); reason != "" {
			return "L2", fmt.Sprintf("account %q is %s by transfer %q", id, reason, known.transfer)
		}
	}
	b.limits[id] = &limited{transfer, before, forced}
	return "", ""
}

// judge says which limit of an account was broken between two standings.
func (l *limited) judge(after standing, a *Account) string {
	floor, _ := a.terms.Limits.floor()
	ceiling, _ := a.terms.Limits.ceiling()
	switch {
	case l.forced:
	case after.out < floor && after.out < l.before.out:
		return fmt.Sprintf("taken to %d, below its floor of %d", after.out, floor)
	case after.in > ceiling && after.in > l.before.in:
		return fmt.Sprintf("taken to %d, above its maximum of %d", after.in, ceiling)
	}
	return ""
}

// end verifies the batch as a whole.
func (b *batch) end(l *Ledger) (law, reason string) {
	if b.refused && b.touched {
		return "L3", "it was refused, and changed an account"
	}
	for _, line := range slices.SortedFunc(maps.Keys(b.lines), line.compare) {
		if n := b.lines[line]; n != 0 {
			return "L1", fmt.Sprintf("transfer %q has %d more lines in its own stream than in account %q: %s %s",
				line.transfer, n, line.account, line.side, line.amount)
		}
	}
	for c, sum := range b.sums {
		if sum[0] != sum[1] {
			return "L1", fmt.Sprintf("debits and credits differ in %s", c)
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(b.mirrors), mirror.compare) {
		switch n := b.mirrors[m]; {
		case n > 0:
			return "L4", fmt.Sprintf("transfer %q does not say that %q takes it back", m.of, m.by)
		case n < 0:
			return "L4", fmt.Sprintf("transfer %q says that %q takes it back, which does not", m.of, m.by)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.limits)) {
		a, known := l.Account(id), b.limits[id]
		if reason := known.judge(standing{a.balance - a.out, a.balance + a.in}, a); reason != "" {
			return "L2", fmt.Sprintf("account %q is %s by transfer %q", id, reason, known.transfer)
		}
	}
	return "", ""
}

func (l line) compare(o line) int {
	return slices.Compare([]string{l.account, l.transfer, l.side.String(), l.amount.String()},
		[]string{o.account, o.transfer, o.side.String(), o.amount.String()})
}
