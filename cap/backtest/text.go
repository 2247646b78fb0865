package backtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// String tells the report in words, one finding a line. The same attempts under the same policies give the same text.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s", count(r.Attempts, "attempt"), count(r.Accounts, "account"))
	if !r.First.IsZero() {
		fmt.Fprintf(&b, ", from %s to %s", instant(r.First), instant(r.Last))
	}
	b.WriteString(".\n")
	if r.LetGo > 0 {
		fmt.Fprintf(&b, "%s let go when nothing was held any more.\n", count(r.LetGo, "account"))
	}
	if r.PolicyChanges > 0 {
		fmt.Fprintf(&b, "%s of policy passed over.\n", count(r.PolicyChanges, "change"))
	}
	if r.Partial > 0 {
		fmt.Fprintf(&b, "%s of which the merchant, the expiry and the like are not known.\n", count(r.Partial, "attempt"))
	}
	for i := range r.Candidates {
		b.WriteString("\n" + r.Candidates[i].Name + r.against(i) + "\n")
		r.Candidates[i].write(&b)
	}
	return b.String()
}

// against says what the decisions of candidate i are compared with.
func (r *Report) against(i int) string {
	all := r.Live == r.Attempts-r.PolicyChanges
	switch first := r.Candidates[0].Name; {
	case r.Attempts == 0 || i == 0 && r.Live == 0:
		return ""
	case all || i == 0:
		return ", compared with what was decided live"
	case r.Live == 0:
		return ", compared with " + first
	default:
		return ", compared with what was decided live, or else with " + first
	}
}

// write tells what one policy would have decided.
func (c *CandidateReport) write(b *strings.Builder) {
	for i := range c.Limits {
		c.Limits[i].write(b)
	}
	for i := range c.Commands {
		c.Commands[i].write(b)
	}
	c.Hindsight.write(b)
}

// write tells about one limit, for instance:
//
//	limit 7d: 20,000.00 CZK in rolling P7D; refused 1,326 for 37,304,774.00 CZK; at most 20,000.00 CZK used, by 2378
func (l *LimitReport) write(b *strings.Builder) {
	fmt.Fprintf(b, "  limit %s; refused %s", describe(&l.Limit), l.Refused)
	if p := &l.Most; p.Account != "" {
		fmt.Fprintf(b, "; at most %s used, by %s at attempt %d", amount(p.Used), p.Account, p.Position)
	}
	if p := &l.MostCount; p.Account != "" {
		fmt.Fprintf(b, "; at most %s, by %s at attempt %d", count(p.Count, "spend"), p.Account, p.Position)
	}
	b.WriteString("\n")
}

// describe returns the limit in words: "7d: 20,000.00 CZK or 5 spends in rolling P7D".
func describe(l *cap.Limit) string {
	var most []string
	if l.Max.Valid() {
		most = append(most, amount(l.Max))
	}
	if l.MaxCount > 0 {
		most = append(most, count(l.MaxCount, "spend"))
	}
	return fmt.Sprintf("%s: %s in %s", l.Name, strings.Join(most, " or "), l.Window)
}

// write tells what was decided on one command.
func (c *CommandReport) write(b *strings.Builder) {
	fmt.Fprintf(b, "  %s: accepted %s; refused %s", c.Command, c.Accepted, c.Refused)
	if c.Repeated.Count > 0 {
		fmt.Fprintf(b, "; repeated %s", c.Repeated)
	}
	b.WriteString("\n")
	for _, r := range c.Refusals {
		fmt.Fprintf(b, "    refused %s: %s\n", reason(r.Reason, r.Limit), r.Total)
	}
	a := &c.Compared
	compared := a.Agreed.plus(a.WouldAccept.Total).plus(a.WouldRefuse.Total)
	if compared.Count == 0 {
		return
	}
	fmt.Fprintf(b, "    agrees on %s of %s\n", a.Agreed, compared)
	a.WouldAccept.write(b, "accept what was refused")
	a.WouldRefuse.write(b, "refuse what was accepted")
}

// write tells where two policies do not agree.
func (d *Difference) write(b *strings.Builder, what string) {
	if d.Count == 0 {
		return
	}
	fmt.Fprintf(b, "    would %s: %s\n", what, d.Total)
	for _, e := range d.Examples {
		fmt.Fprintf(b, "      attempt %d of %s: %s", e.Position, e.Account, e.Command)
		if e.ID != "" {
			fmt.Fprintf(b, " %s", e.ID)
		}
		if !e.At.IsZero() {
			fmt.Fprintf(b, " dated %s", instant(e.At))
		}
		if e.Amount.Valid() {
			fmt.Fprintf(b, ", %s", amount(e.Amount))
		}
		fmt.Fprintf(b, ": %s, was %s\n", e.Here, e.There)
	}
	if more := d.Count - int64(len(d.Examples)); more > 0 && len(d.Examples) > 0 {
		fmt.Fprintf(b, "      and %s more\n", count(more, "attempt"))
	}
}

// write tells what late spends would have changed.
func (h *HindsightReport) write(b *strings.Builder) {
	if h.Late+h.TooFarBack == 0 {
		return
	}
	fmt.Fprintf(b, "  %s came late", count(h.Late, "spend"))
	if h.TooFarBack > 0 {
		fmt.Fprintf(b, ", and %s too far back to tell", grouped(strconv.FormatInt(h.TooFarBack, 10)))
	}
	if h.Changing == 0 {
		b.WriteString("; in time, none would have changed an earlier decision\n")
		return
	}
	fmt.Fprintf(b, "; in time, %s would have changed earlier decisions: refused %s, accepted %s",
		grouped(strconv.FormatInt(h.Changing, 10)), h.Refuse, h.Accept)
	if h.Otherwise > 0 {
		fmt.Fprintf(b, ", for another reason %s", count(h.Otherwise, "attempt"))
	}
	b.WriteString("\n")
	for i := range h.Examples {
		h.Examples[i].write(b)
	}
}

// write tells what one late spend would have changed.
func (r *Revision) write(b *strings.Builder) {
	fmt.Fprintf(b, "    %s came late: %s; in time: %s\n", r.Late.what(), r.Late.Before, r.Late.After)
	for i := range r.Changed {
		c := &r.Changed[i]
		fmt.Fprintf(b, "      %s: %s, was %s\n", c.what(), c.After, c.Before)
	}
}

// what names the attempt.
func (c *Change) what() string {
	q := c.Attempt.question()
	out := fmt.Sprintf("attempt %d", c.Position)
	if c.Attempt.Account != "" {
		out += " of " + c.Attempt.Account
	}
	out += ": " + c.Attempt.name(&q)
	if q.command == other {
		return out
	}
	out += fmt.Sprintf(" %s dated %s", q.id, instant(micros(q.at)))
	if q.amount.Valid() {
		out += ", " + amount(q.amount)
	}
	return out
}

// String tells the revision in words, one finding a line.
func (r *Revision) String() string {
	var b strings.Builder
	r.write(&b)
	return b.String()
}

// instant writes an instant in UTC, as short as it can be: "2026-11-16", "2026-11-16T09:00:00Z".
func instant(t time.Time) string {
	t = money.Instant(t)
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339Nano)
}
