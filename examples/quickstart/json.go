package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/payrules/payrules/cap"
)

// reportJSON is the report of -json. Amounts are decimal strings in the currency.
type reportJSON struct {
	Input        string   `json:"input"` // the file, or "built-in"
	Data         string   `json:"data"`  // the folder of the journal
	Caps         []string `json:"caps"`
	Currency     string   `json:"currency"`
	Transactions int64    `json:"transactions"` // rows of the input

	Accepted       int64         `json:"accepted"` // withdrawals
	Refused        int64         `json:"refused"`
	AcceptedAmount string        `json:"accepted_amount"`
	RefusedAmount  string        `json:"refused_amount"`
	Refusals       []refusalJSON `json:"refusals"` // by reason and limit
	Others         int64         `json:"others"`   // rows that are no withdrawals

	Replayed int64  `json:"replayed"` // rows that were in the journal already
	Head     uint64 `json:"head"`     // position of the journal's last record

	NearestAt *time.Time `json:"nearest_at,omitempty"` // the latest instant of the input
	Nearest   []near     `json:"nearest"`              // the accounts nearest their cap then

	Callers   int          `json:"callers"`
	Seconds   float64      `json:"seconds"`
	PerSecond int64        `json:"per_second"` // rows
	Latency   *latencyJSON `json:"latency,omitempty"`
}

type refusalJSON struct {
	Reason cap.Reason `json:"reason"`
	Limit  string     `json:"limit,omitempty"`
	Count  int64      `json:"count"`
	Amount string     `json:"amount"`
}

// latencyJSON is how long the decisions of withdrawals took that were not replayed, each until it was durable.
type latencyJSON struct {
	Decisions int64 `json:"decisions"`
	P50Micros int64 `json:"p50_us"`
	P99Micros int64 `json:"p99_us"`
}

// writeJSON writes the report as one JSON object on one line.
func (r *report) writeJSON(w io.Writer) error {
	t := r.tally
	out := reportJSON{
		Input:          r.input,
		Data:           r.options.data,
		Caps:           r.options.caps.texts(),
		Currency:       currency.Code(),
		Transactions:   t.rows,
		Accepted:       t.accepted.count,
		Refused:        t.refused.count,
		AcceptedAmount: t.accepted.amount(),
		RefusedAmount:  t.refused.amount(),
		Refusals:       []refusalJSON{},
		Others:         t.rows - t.accepted.count - t.refused.count,
		Replayed:       t.replayed,
		Head:           uint64(r.head),
		Nearest:        append([]near{}, r.near...),
		Callers:        r.options.callers,
		Seconds:        r.took.Seconds(),
		PerSecond:      r.perSecond(),
	}
	for _, why := range t.reasons() {
		f := t.refusals[why]
		out.Refusals = append(out.Refusals, refusalJSON{why.reason, why.limit, f.count, f.amount()})
	}
	if t.rows > 0 {
		out.NearestAt = &t.latest
	}
	if n := t.fresh.total; n > 0 {
		out.Latency = &latencyJSON{n, t.fresh.quantile(50, 100).Microseconds(), t.fresh.quantile(99, 100).Microseconds()}
	}
	return json.NewEncoder(w).Encode(out)
}
