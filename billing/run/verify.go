package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// SeriesReport says what [VerifySeries] has found.
type SeriesReport struct {
	Given    uint64    // the last number that the series has given
	Found    uint64    // invoices and credit notes that have one of its numbers
	Findings []Finding // what is wrong, at most MaxFindings of it
	Through  time.Time // when the last of them was issued
}

// MaxFindings is how many findings are told.
const MaxFindings = 1_000

// Finding is a number that is wrong.
type Finding struct {
	Number uint64
	Record string // the record that it is about; "" if there is none
	What   string // missing, twice, never given, another text, before an earlier one, or of another series too
}

// OK reports whether nothing is wrong.
func (r *SeriesReport) OK() bool { return len(r.Findings) == 0 }

// VerifySeries reads a whole journal and says whether every number that a series has given is on exactly one invoice or credit note, none is
// left out, and none was issued at an earlier date than one before it. It looks at what the journal holds when it is called. It costs one
// pass, and 16 bytes for each number.
//
// Returns an error if the journal cannot be read, the series is not open, or ctx is done.
func VerifySeries(ctx context.Context, j storage.Journal, kind, series string) (SeriesReport, error) {
	v := verifier{series: billing.NewSeries(series)}
	head, err := j.Head(ctx)
	if err != nil {
		return v.report, fmt.Errorf("run: %w", err)
	}
	codec := billing.SeriesCodec()
	for r, err := range j.Stream(ctx, event.Stream(kind, series), 0) {
		if err != nil {
			return v.report, fmt.Errorf("run: series %q: %w", series, err)
		}
		if r.Position > head {
			break
		}
		d, err := codec.Decode(r.Event)
		if err == nil {
			err = v.series.Apply(d)
		}
		if err != nil {
			return v.report, fmt.Errorf("run: series %q: record %s: %w", series, r.ID(), err)
		}
	}
	n, open := v.series.Numbering()
	if !open {
		return v.report, fmt.Errorf("%w %q: it is not open", errSeries, series)
	}
	v.from, v.report.Given = n, n.Next-1
	if err := v.invoices(ctx, j, series, head); err != nil {
		return v.report, err
	}
	v.end()
	return v.report, nil
}

type verifier struct {
	series *billing.Series
	from   billing.Numbering
	found  []found
	report SeriesReport
}

// found is an invoice with a number that was given.
type found struct {
	number uint64
	on     civil.Date // of issue
}

func (v *verifier) find(number uint64, record, what string) {
	if len(v.report.Findings) < MaxFindings {
		v.report.Findings = append(v.report.Findings, Finding{number, record, what})
	}
}

// invoices looks at all that was issued.
func (v *verifier) invoices(ctx context.Context, j storage.Journal, series string, head storage.Position) error {
	codec, issued := billing.Codec(), (billing.Invoiced{}).EventType()
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			return fmt.Errorf("run: %w", err)
		}
		if r.Position > head {
			break
		}
		if r.Type != issued {
			continue
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			return fmt.Errorf("run: record %s: %w", r.ID(), err)
		}
		switch e := d.(billing.Invoiced); {
		case e.Series == series:
			v.invoice(&e, r.ID())
		case v.from.Has(e.Number):
			v.find(0, r.ID(), "of series "+e.Series+" too: "+e.Number)
		}
	}
	return nil
}

func (v *verifier) invoice(e *billing.Invoiced, record string) {
	v.report.Found++
	v.report.Through = e.At
	n, ok := v.from.Parse(e.Number)
	switch {
	case !ok:
		v.find(0, record, "another text: "+e.Number)
	case n > v.report.Given:
		v.find(n, record, "never given")
	default:
		v.found = append(v.found, found{n, e.IssuedOn})
	}
}

// end looks for gaps, for numbers that are there twice, and for dates that go back.
func (v *verifier) end() {
	slices.SortStableFunc(v.found, func(x, y found) int { return cmp.Compare(x.number, y.number) })
	next, last := uint64(1), civil.Date(0)
	missing := func(until uint64) {
		for ; next < until && len(v.report.Findings) < MaxFindings; next++ {
			v.find(next, "", "missing")
		}
		next = max(next, until)
	}
	for _, f := range v.found {
		if f.number < next {
			v.find(f.number, "", "twice")
			continue
		}
		missing(f.number)
		next++
		if f.on < last {
			v.find(f.number, "", "before an earlier one")
		}
		last = max(last, f.on)
	}
	missing(v.report.Given + 1)
}
