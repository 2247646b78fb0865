package ledger

import (
	"errors"
	"fmt"
	"iter"

	"github.com/payrules/payrules/event"
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
// and versions have no gap; every transfer sums to zero in every currency, and is what its accounts booked, held and released, to
// the last field; balances are what entries sum to; no limit was broken by what was not forced; instants never go back; what is
// captured was held, and not over; a reversal is the mirror of what it takes back; nothing was booked into a closed period;
// interest is what its terms and the balances make it; a refusal changed nothing. Streams of other kinds are only counted.
//
// What somebody asked for, and nothing else depends on, cannot be checked: limits and terms, texts, the reasons of refusals, the
// value date of a hold. A hash chain covers them. Give Check what Journal.All yields: where a journal has a hash chain, or seals,
// what reads it verifies them on the way, and a broken one is an error that records yields, and Check returns.
//
// Returns a *BrokenError that names the first broken record, or the last one of what was stored together with it; or the error
// that records yields. It takes a few microseconds a record, and the memory of all accounts and transfers.
func Check(records iter.Seq2[event.Record, error]) (*Report, error) {
	c := &checker{
		report: Report{Ledger: NewLedger()}, versions: make(map[string]event.Version), closings: make(map[string]*Closing),
		codecs: map[Kind]*event.Codec{KindAccount: AccountCodec(), KindTransfer: TransferCodec(), KindClosing: ClosingCodec()},
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
	report   Report
	codecs   map[Kind]*event.Codec
	versions map[string]event.Version
	closings map[string]*Closing
	last     event.Record // the latest one
	batch    batch
}

// fault is which law something breaks, and how. The zero value is none.
type fault struct {
	law, reason string
	err         error
}

func (f *fault) is() bool { return f.law != "" }

// record takes up one record.
func (c *checker) record(r *event.Record) error {
	if r.Key != "" {
		if err := c.endBatch(); err != nil {
			return err
		}
	}
	f := c.judgePlace(r)
	if !f.is() {
		c.versions[r.Stream], c.report.Head, c.last = r.Version, r.Position, *r
		c.report.Records++
		f = c.take(r)
	}
	if f.is() {
		return &BrokenError{Position: r.Position, Record: r.ID(), Law: f.law, Reason: f.reason, Err: f.err}
	}
	return nil
}

// judgePlace says whether a record stands where it should.
func (c *checker) judgePlace(r *event.Record) fault {
	if r.Position != c.report.Head+1 {
		return fault{law: "J2", reason: fmt.Sprintf("it stands where position %d should be", c.report.Head+1)}
	}
	if want := c.versions[r.Stream] + 1; r.Version != want {
		return fault{law: "J2", reason: fmt.Sprintf("version %d of its stream should be here", want)}
	}
	if r.At.Before(c.last.At) {
		return fault{law: "J6", reason: "it was stored before the one in front of it"}
	}
	return fault{}
}

// take decodes and applies one record, if it is of the ledger.
func (c *checker) take(r *event.Record) fault {
	kind, id := event.SplitStream(r.Stream)
	codec := c.codecs[Kind(kind)]
	if codec == nil {
		return fault{}
	}
	d, err := codec.Decode(r.Event)
	if err != nil {
		return fault{law: "L9", reason: "it cannot be read", err: err}
	}
	if e, ok := d.(Refusal); ok {
		c.report.Refusals++
		c.batch.refused = append(c.batch.refused, refused{Kind(kind), id, e.ID})
		if e.Reason == "" || !e.Reason.Valid() {
			return fault{law: "L3", reason: fmt.Sprintf("it is a refusal for %q, which is no reason", e.Reason)}
		}
	}
	switch Kind(kind) {
	case KindTransfer:
		return c.takeTransfer(id, d)
	case KindClosing:
		return c.takeClosing(id, d)
	case KindAccount:
	}
	return c.takeAccount(id, d)
}

func (c *checker) takeTransfer(id string, d event.Data) fault {
	if f := c.batch.transfer(id, d, c.report.Ledger); f.is() {
		return f
	}
	switch d.(type) {
	case TransferPosted, TransferHeld:
		c.report.Transfers++
	}
	err := c.report.Ledger.Apply(Facts{KindTransfer, id, []event.Data{d}})
	switch {
	case errors.Is(err, ErrUnbalanced):
		return fault{"L1", "its legs do not balance", err}
	case err != nil:
		return fault{"L4", "its transfer contradicts it", err}
	}
	return fault{}
}

func (c *checker) takeAccount(id string, d event.Data) fault {
	a := c.report.Ledger.Account(id)
	f := judgeEvent(a, d, c.batch.interest)
	if !f.is() {
		f = c.batch.account(a, d)
	}
	if f.is() {
		return f
	}
	if _, ok := d.(EntryBooked); ok {
		c.report.Entries++
	}
	if err := c.report.Ledger.Apply(Facts{KindAccount, id, []event.Data{d}}); err != nil {
		return fault{"L9", "its account contradicts it", err}
	}
	return fault{}
}

// takeClosing takes up what was decided for an account that nothing constrains: the account has a copy of it.
func (c *checker) takeClosing(id string, d event.Data) fault {
	s := c.closings[id]
	if s == nil {
		s = NewClosing(id)
		c.closings[id] = s
	}
	if at, ok := decidedAt(d); ok && at < s.clock {
		return fault{law: "L6", reason: "it was decided before what stands in front of it"}
	}
	if err := s.Apply(d); err != nil {
		return fault{"L7", "its closing contradicts it", err}
	}
	if _, refused := d.(Refusal); !refused {
		c.batch.count(1, id, d)
	}
	return fault{}
}

// endBatch verifies what the records of one command come to, together.
func (c *checker) endBatch() error {
	f := c.batch.end(c.report.Ledger)
	c.batch = batch{}
	if f.is() {
		return &BrokenError{
			Position: c.report.Head, Record: c.last.ID(), Law: f.law, Reason: "with what was stored with it: " + f.reason, Err: f.err,
		}
	}
	return nil
}
