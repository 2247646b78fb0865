package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/payrules/payrules/storage"
)

// report is what a run ends with.
type report struct {
	options *options
	input   string
	tally   *tally
	near    []near
	head    storage.Position // of the journal
	took    time.Duration
}

// newReport gathers the report of a run that came to the end of its input.
func newReport(ctx context.Context, o *options, input string, b *bank, t *tally, took time.Duration) (*report, error) {
	r := &report{options: o, input: input, tally: t, took: took}
	var err error
	if r.near, err = b.nearest(ctx, t.latest); err != nil {
		return nil, err
	}
	r.head, err = b.journal.Head(ctx)
	return r, err
}

// perSecond is the rows a second.
func (r *report) perSecond() int64 {
	return r.tally.rows * int64(time.Second) / max(int64(r.took), 1)
}

// write shows the report in 80 columns.
func (r *report) write(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s transactions of %s\nunder -cap %s\n\n", grouped(r.tally.rows), r.input,
		strings.Join(r.options.caps.texts(), " -cap "))
	r.writeFigures(&b)
	if c := chart(r.tally.months); c != "" {
		fmt.Fprintf(&b, "\n%s", c)
	}
	r.writeNearest(&b)
	r.writeSpeed(&b)
	fmt.Fprintf(&b, "\nThe journal is in %s and holds %s records\n", r.options.data, grouped(int64(r.head)))
	_, err := w.Write(b.Bytes())
	return err
}

// writeFigures shows what was decided, by reason.
func (r *report) writeFigures(b *bytes.Buffer) {
	t := r.tally
	decided := t.accepted.count + t.refused.count
	line := func(name string, f figure) {
		fmt.Fprintf(b, "  %-42s %9s %20s\n", name, grouped(f.count), groupedNumber(f.amount()))
	}
	fmt.Fprintf(b, "  %-42s %9s %20s\n", "", "rows", "amount "+currency.Code())
	line("withdrawals accepted", t.accepted)
	line("withdrawals refused", t.refused)
	for _, why := range t.reasons() {
		name := "    " + string(why.reason)
		if why.limit != "" {
			name += " by " + why.limit
		}
		line(name, *t.refusals[why])
	}
	fmt.Fprintf(b, "  %-42s %9s\n", "others, journaled as they are", grouped(t.rows-decided))
}

// writeNearest shows the accounts nearest their cap.
func (r *report) writeNearest(b *bytes.Buffer) {
	if len(r.near) == 0 {
		return
	}
	fmt.Fprintf(b, "\nNearest their cap on %s\n", r.tally.latest.Format(time.DateOnly))
	for _, n := range r.near {
		used, most := groupedNumber(n.Limit.Used.Number()), groupedNumber(n.Limit.Max.Number())
		if n.byCount {
			used, most = grouped(n.Limit.Count), grouped(n.Limit.MaxCount)+" rows"
		}
		fmt.Fprintf(b, "  account %-10s %s %3d %%  %s of %s in %s\n", n.Account, bar(n.share, 1_000_000, 16),
			n.share/10_000, used, most, n.Limit.Name)
	}
}

// writeSpeed shows how long it took.
func (r *report) writeSpeed(b *bytes.Buffer) {
	t := r.tally
	fmt.Fprintf(b, "\n%.2f s, %s rows a second with %d callers\n", r.took.Seconds(), grouped(r.perSecond()), r.options.callers)
	if t.fresh.total > 0 {
		fmt.Fprintf(b, "A durable decision took %s (p50) and %s (p99)\n",
			brief(t.fresh.quantile(50, 100)), brief(t.fresh.quantile(99, 100)))
	}
	if t.replayed > 0 {
		fmt.Fprintf(b, "%s rows were answered from the journal\n", grouped(t.replayed))
	}
}

// brief rounds a duration to three digits.
func brief(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
