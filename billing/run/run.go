package run

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Options of a [Runner]. Nil and zero fields stand for the defaults.
type Options struct {
	_ struct{} // disallow positional literals

	Workers  int            // accounts that are drafted at once; default 4
	Chunk    int            // accounts whose invoices share an append; default 50, at most 200
	Progress func(Progress) // told after each chunk, from the goroutine that runs
}

// Bounds of options.
const (
	maxWorkers = 256
	maxChunk   = 200
)

// Order says what to bill.
type Order struct {
	_ struct{} // disallow positional literals

	Month    civil.Date    // a day of it
	At       time.Time     // now
	IssuedOn civil.Date    // not before the month is over
	Series   string        // that gives the numbers
	Rules    billing.Rules // of all invoices
}

// Progress says how far a run is.
type Progress struct {
	Accounts int // of all
	Done     int // that were looked at
	Parked   int
	Issued   int // invoices and credit notes
}

// Report says what a run has issued, or would.
type Report struct {
	Accounts int                        // that were looked at
	Billed   int                        // that something was issued for
	Issued   int                        // invoices and credit notes
	Amounts  map[money.Currency]Amounts // by currency; if one does not fit, the run ends with an error, after all is issued
	Parked   []Parked                   // by contract
	Digest   string                     // of all that was issued, in order, without numbers and dates; "" if nothing was
}

// Amounts are sums with tax.
type Amounts struct {
	Invoices    money.Amount
	CreditNotes money.Amount
}

// Parked is an account that could not be billed, and why: by reasons, which are on record, or by an error.
type Parked struct {
	Contract string
	Causes   []billing.Cause
	Err      error
}

// Runner bills the accounts of an engine. It is safe for concurrent use; two runs at once get in each other's way, but issue nothing twice.
type Runner struct {
	engine   *engine.Engine
	accounts *engine.Repository[*billing.Account]
	series   *engine.Repository[*billing.Series]
	kind     string
	nonce    [8]byte // tells its commands from those of another runner
	opts     Options
}

// New returns a runner over the repositories of accounts, whose kind is named, and of series. It returns an error that wraps engine.ErrInvalid
// if one is nil, or an option is out of bounds.
func New(
	e *engine.Engine, kind string, accounts *engine.Repository[*billing.Account], series *engine.Repository[*billing.Series], o *Options,
) (*Runner, error) {
	if e == nil || accounts == nil || series == nil {
		return nil, fmt.Errorf("%w run: no engine, accounts or series", engine.ErrInvalid)
	}
	r := &Runner{engine: e, accounts: accounts, series: series, kind: kind}
	_, _ = rand.Read(r.nonce[:]) // never fails
	if o != nil {
		r.opts = *o
	}
	r.opts.Workers, r.opts.Chunk = cmp.Or(r.opts.Workers, 4), cmp.Or(r.opts.Chunk, 50)
	if r.opts.Workers < 0 || r.opts.Workers > maxWorkers || r.opts.Chunk < 0 || r.opts.Chunk > maxChunk {
		return nil, fmt.Errorf("%w run: Workers %d, Chunk %d", engine.ErrInvalid, r.opts.Workers, r.opts.Chunk)
	}
	return r, nil
}

// errSeries is wrapped when the series cannot give numbers to the run.
var errSeries = errors.New("run: series")

// validate returns an error that names the field if nobody could be billed by the order.
func (o *Order) validate() error {
	if err := o.Rules.Validate(); err != nil {
		return err
	}
	end := o.Month.EndOfMonth()
	switch {
	case !end.Valid() || !end.AddDays(1).Valid():
		return fmt.Errorf("%w month: no date", billing.ErrInvalid)
	case o.At.IsZero():
		return fmt.Errorf("%w at: no instant", billing.ErrInvalid)
	case o.IssuedOn < end || o.IssuedOn > civil.LatestDate(o.At):
		return fmt.Errorf("%w issued_on: before the end of the month, or in the future", billing.ErrInvalid)
	}
	return nil
}

// Bill issues what is to be billed of a month, and of the months before it.
func (r *Runner) Bill(ctx context.Context, o Order) (Report, error) {
	if err := o.validate(); err != nil {
		return Report{}, err
	}
	if err := r.checkSeries(ctx, &o); err != nil {
		return Report{}, err
	}
	return r.over(ctx, &o, func(w *tally, found []drafted) error { return r.issue(ctx, &o, w, found) })
}

// Dry says what [Runner.Bill] would issue, and issues nothing.
func (r *Runner) Dry(ctx context.Context, o Order) (Report, error) {
	if err := o.validate(); err != nil {
		return Report{}, err
	}
	return r.over(ctx, &o, func(w *tally, found []drafted) error {
		for i := range found {
			w.draft(&found[i])
		}
		return nil
	})
}

// checkSeries returns an error if the series cannot give numbers to the run.
func (r *Runner) checkSeries(ctx context.Context, o *Order) error {
	return engine.ViewLatest(ctx, r.series, o.Series, func(s *billing.Series) error {
		decided, err := billing.GiveNumbers{At: o.At, Count: 1, On: o.IssuedOn}.Decide(s)
		if err != nil {
			return err
		}
		if n := (billing.GiveNumbers{}).Result(decided); len(n.Causes) > 0 {
			return fmt.Errorf("%w %q: %s", errSeries, o.Series, n.Causes[0].Reason)
		}
		return nil
	})
}

// over drafts all accounts, and hands them over in the order of their ids, a chunk at a time.
func (r *Runner) over(ctx context.Context, o *Order, each func(*tally, []drafted) error) (Report, error) {
	ids, err := r.ids(ctx)
	if err != nil {
		return Report{}, err
	}
	w := &tally{report: Report{Accounts: len(ids), Amounts: map[money.Currency]Amounts{}}, digest: sha256.New()}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for chunk := range r.draftAll(ctx, o, ids) {
		found := <-chunk
		if err := ctx.Err(); err != nil {
			return w.end(), fmt.Errorf("run: %w", context.Cause(ctx))
		}
		for i := range found {
			if err := found[i].err; err != nil {
				return w.end(), err
			}
		}
		if err := each(w, found); err != nil {
			return w.end(), err
		}
		w.done += len(found)
		if r.opts.Progress != nil {
			r.opts.Progress(Progress{Accounts: len(ids), Done: w.done, Parked: len(w.report.Parked), Issued: w.report.Issued})
		}
	}
	return w.end(), errors.Join(ctx.Err(), w.err)
}

// ids are those of all accounts, in order.
func (r *Runner) ids(ctx context.Context) (ids []string, err error) {
	for stream, err := range r.engine.Journal().Streams(ctx, r.kind) {
		if err != nil {
			return nil, fmt.Errorf("run: accounts: %w", err)
		}
		_, id := event.SplitStream(stream)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// drafted is an account, and what was drafted for it.
type drafted struct {
	id     string
	drafts []billing.Invoice
	parked *Parked
	err    error // of the journal: it ends the run
}

// draftAll drafts accounts side by side. The channel gives chunks in order, each of which is there when its own channel gives it. It ends
// early when ctx is done.
func (r *Runner) draftAll(ctx context.Context, o *Order, ids []string) <-chan chan []drafted {
	chunks := make(chan chan []drafted, r.opts.Workers) // so many wait to be written
	free := make(chan struct{}, r.opts.Workers)
	go func() {
		defer close(chunks)
		for part := range slices.Chunk(ids, r.opts.Chunk) {
			done := make(chan []drafted, 1)
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return
			}
			go func() {
				found := make([]drafted, len(part))
				for i, id := range part {
					found[i] = r.draft(ctx, o, id)
				}
				<-free
				done <- found
			}()
			select {
			case chunks <- done:
			case <-ctx.Done():
				return
			}
		}
	}()
	return chunks
}

// draft drafts one account.
func (r *Runner) draft(ctx context.Context, o *Order, id string) (d drafted) {
	err := engine.ViewLatest(ctx, r.accounts, id, func(a *billing.Account) error {
		d = drafted{id: id}
		if _, known := a.Contract(); !known {
			return nil
		}
		p, err := a.MonthOf(o.Month)
		var causes []billing.Cause
		if err == nil {
			b := o.bill(p, billing.Numbering{})
			d.drafts, causes, err = b.Try(a)
		}
		if err != nil || len(causes) > 0 { // of this account alone
			d.parked = &Parked{Contract: id, Causes: causes, Err: err}
		}
		return nil
	})
	if err != nil {
		d.err = fmt.Errorf("run: %w", err)
	}
	return d
}

// bill is the command for an account.
func (o *Order) bill(p billing.Period, n billing.Numbering) billing.Bill {
	return billing.Bill{At: o.At, Period: p, Rules: o.Rules, IssuedOn: o.IssuedOn, From: n}
}

// tally adds up what was issued.
type tally struct {
	report Report
	digest hash.Hash
	done   int
	last   string // that something was issued for
	err    error  // of a sum that does not fit
}

func (w *tally) draft(d *drafted) {
	if d.parked != nil {
		w.report.Parked = append(w.report.Parked, *d.parked)
		return
	}
	for i := range d.drafts {
		v := &d.drafts[i]
		w.add(d.id, v.Kind, v.Totals.Payable, v.Digest())
	}
	if len(d.drafts) > 0 {
		w.report.Billed++
	}
}

// add counts a document.
func (w *tally) add(id string, kind billing.InvoiceKind, payable money.Amount, digest string) {
	w.report.Issued++
	fmt.Fprintf(w.digest, "%q %s %s\n", id, kind, digest)
	c := payable.Currency()
	sums, known := w.report.Amounts[c]
	if !known {
		sums = Amounts{money.New(0, c), money.New(0, c)}
	}
	of := &sums.Invoices
	if kind == billing.CreditNote {
		of = &sums.CreditNotes
	}
	sum, err := of.Add(payable)
	if err != nil { // what is issued is issued, but nobody is told a sum that is not one
		w.err = fmt.Errorf("run: sums of the report: %w", err)
	}
	*of = sum
	w.report.Amounts[c] = sums
}

func (w *tally) end() Report {
	if w.report.Issued > 0 {
		w.report.Digest = hex.EncodeToString(w.digest.Sum(nil))
	}
	return w.report
}
