package run

import (
	"context"
	"fmt"
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
	What   string // missing, twice, never given, another text, or before an earlier one
}

// OK reports whether nothing is wrong.
func (r *SeriesReport) OK() bool { return len(r.Findings) == 0 }

// VerifySeries reads a whole journal and says whether every number that a series has given is on exactly one invoice or credit note, none is
// left out, and none was issued at an earlier date than one before it. It costs one pass, and a bit and a date for each number.
//
// Returns an error if the journal cannot be read, the series is not open, or ctx is done.
func VerifySeries(ctx context.Context, j storage.Journal, kind, series string) (SeriesReport, error) {
	v := verifier{series: billing.NewSeries(series)}
	codec := billing.SeriesCodec()
	for r, err := range j.Stream(ctx, event.Stream(kind, series), 0) {
		if err != nil {
			return v.report, fmt.Errorf("run: series %q: %w", series, err)
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
	if v.report.Given > maxVerified {
		return v.report, fmt.Errorf("%w %q: more than %d numbers", errSeries, series, maxVerified)
	}
	v.on = make([]civil.Date, v.report.Given+1)
	if err := v.invoices(ctx, j, series); err != nil {
		return v.report, err
	}
	v.end()
	return v.report, nil
}

// maxVerified bounds the memory: four bytes a number.
const maxVerified = 500_000_000

type verifier struct {
	series *billing.Series
	from   billing.Numbering
	on     []civil.Date // of each number, the date of issue
	report SeriesReport
}

func (v *verifier) find(number uint64, record, what string) {
	if len(v.report.Findings) < MaxFindings {
		v.report.Findings = append(v.report.Findings, Finding{number, record, what})
	}
}

// invoices looks at all that was issued.
func (v *verifier) invoices(ctx context.Context, j storage.Journal, series string) error {
	codec, issued := billing.Codec(), (billing.Invoiced{}).EventType()
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			return fmt.Errorf("run: %w", err)
		}
		if r.Type != issued {
			continue
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			return fmt.Errorf("run: record %s: %w", r.ID(), err)
		}
		if e := d.(billing.Invoiced); e.Series == series {
			v.invoice(&e, r.ID())
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
	case v.on[n] != 0:
		v.find(n, record, "twice")
	default:
		v.on[n] = e.IssuedOn
	}
}

// end looks for gaps, and for dates that go back.
func (v *verifier) end() {
	last := civil.Date(0)
	for n := uint64(1); n <= v.report.Given; n++ {
		switch on := v.on[n]; {
		case on == 0:
			v.find(n, "", "missing")
		case on < last:
			v.find(n, "", "before an earlier one")
		default:
			last = on
		}
	}
}
