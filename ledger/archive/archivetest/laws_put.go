package archivetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// wholeOrNot: a Put that fails keeps nothing, wherever its records end, and takes nothing away from the next.
func wholeOrNot(e *env) error {
	all := pieces("a", 5, 40)
	for i, p := range all {
		for n := range len(p.records) + 1 {
			if _, err := e.a.Put(e.ctx, p.Segment, p.failing(n)); !errors.Is(err, errSource) {
				return fmt.Errorf("records that fail after %d: got error %v, want one that wraps theirs", n, err)
			}
			if n == len(p.records) {
				break
			}
			short := p.with(func(p *piece) { p.records = p.records[:n] })
			if err := refused(e.ctx, e.a, short, fmt.Sprintf("%d of %d records", n, len(p.records))); err != nil {
				return err
			}
		}
		more := p.with(func(p *piece) { p.records = append(p.records, record("a", p.Last+1)) })
		if err := refused(e.ctx, e.a, more, "a record too many"); err != nil {
			return err
		}
		if err := holds(e.ctx, e.a, "a", all[:i]); err != nil {
			return fmt.Errorf("after failures: %w", err)
		}
		if err := putAll(e.ctx, e.a, all[i:i+1]); err != nil {
			return fmt.Errorf("after failures: %w", err)
		}
	}
	return holds(e.ctx, e.a, "a", all)
}

// again: the same segment once more gets the same answer, also when it is not the last, and changes nothing. So it does with the
// Sum filled in, which nobody looks at.
func again(e *env) error {
	all := pieces("a", 3, 1, 20)
	if err := putAll(e.ctx, e.a, all); err != nil {
		return err
	}
	for range 2 {
		for i, p := range all {
			for _, sum := range [][32]byte{{}, p.Sum, {1}} {
				p.Segment.Sum = sum
				got, err := e.a.Put(e.ctx, p.Segment, p.seq())
				if err != nil || got != all[i].Segment {
					return fmt.Errorf("the same again: got %+v, %v, want %+v", got, err, all[i].Segment)
				}
			}
		}
	}
	return holds(e.ctx, e.a, "a", all)
}

// changes are what makes another segment of one: in each field of its records, and of its description.
var changes = [...]struct {
	what   string
	change func(p *piece)
}{
	{"other data", func(p *piece) { p.records[1].Data = []byte(`{"n":0}`) }},
	{"white space in the data", func(p *piece) { p.records[1].Data = append([]byte(" "), p.records[1].Data...) }},
	{"another type", func(p *piece) { p.records[1].Type = "account.entry_booked.v2" }},
	{"another trace", func(p *piece) {
		p.records[0].TraceParent = "00-" + strings.Repeat("a", 32) + "-" + strings.Repeat("b", 16) + "-00"
	}},
	{"another key", func(p *piece) { p.records[0].Key = "other" }},
	{"no key", func(p *piece) {
		for i := range p.records { // some have one
			p.records[i].Key = ""
		}
	}},
	{"another digest", func(p *piece) { p.records[0].Digest[31]++ }},
	{"another position", func(p *piece) { p.records[1].Position++ }},
	{"another instant", func(p *piece) { p.records[1].At = p.records[1].At.Add(time.Microsecond) }},
	{"another kind of stream", func(p *piece) {
		for i := range p.records {
			p.records[i].Stream = event.Stream("other", p.Account)
		}
	}},
	{"fewer entries", func(p *piece) { p.Entries-- }},
	{"another first value date", func(p *piece) { p.FirstValue-- }},
	{"another last value date", func(p *piece) { p.LastValue++ }},
	{"another first booking date", func(p *piece) { p.FirstBooked-- }},
	{"another last booking date", func(p *piece) { p.LastBooked++ }},
	{"another closing balance", func(p *piece) { p.Closing = money.New(p.Closing.Minor()+1, euro) }},
	{"it ends earlier", func(p *piece) {
		p.records = p.records[:len(p.records)-1]
		p.Last--
		p.Entries--
		p.LastAt = p.records[len(p.records)-1].Position
	}},
	{"it ends later", func(p *piece) {
		p.Last++
		p.records = append(p.records, record(p.Account, p.Last))
		p.LastAt = p.records[len(p.records)-1].Position
	}},
	{"another last position", func(p *piece) { p.LastAt++; p.records[len(p.records)-1].Position++ }},
	{"a later closed day", func(p *piece) { p.Through++ }},
}

// another: what differs in anything does not take the place of a segment that is there, nor is it taken for it.
func another(e *env) error {
	all := pieces("a", 4, 4, 4)
	if err := putAll(e.ctx, e.a, all); err != nil {
		return err
	}
	for i, p := range all {
		for _, c := range changes {
			if err := refused(e.ctx, e.a, p.with(c.change), fmt.Sprintf("segment %d: %s", i+1, c.what)); err != nil {
				return err
			}
		}
		opening := p.with(func(p *piece) { p.Opening = money.New(p.Opening.Minor()+1, euro) })
		if err := refused(e.ctx, e.a, opening, "another opening balance"); err != nil {
			return err
		}
	}
	overlap := pieces("a", 6)[0]
	if err := refused(e.ctx, e.a, overlap, "one across two"); err != nil {
		return err
	}
	within := pieces("a", 5, 2)[1]
	if err := refused(e.ctx, e.a, within, "one within another"); err != nil {
		return err
	}
	return holds(e.ctx, e.a, "a", all)
}

// order: segments come in the order of their versions, up to where names would sort otherwise, and each is there as soon as
// it is put.
func order(e *env) error {
	all := pieces("a", 1, 1, 7, 1, 90, 899, 2)
	if err := holds(e.ctx, e.a, "a", nil); err != nil {
		return fmt.Errorf("an account that was never put: %w", err)
	}
	for i := range all {
		if err := putAll(e.ctx, e.a, all[i:i+1]); err != nil {
			return err
		}
		if err := holds(e.ctx, e.a, "a", all[:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// gaps: a segment that does not follow the last one is refused.
func gaps(e *env) error {
	all := pieces("a", 4, 4, 4, 4)
	for i := range all {
		for k := i + 1; k < len(all); k++ {
			if err := refused(e.ctx, e.a, all[k], fmt.Sprintf("segment %d, where %d are there", k+1, i)); err != nil {
				return err
			}
		}
		if i > 0 {
			wrong := all[i].with(func(p *piece) { p.Opening = all[i-1].Opening })
			if err := refused(e.ctx, e.a, wrong, "it does not open with what the one before closes with"); err != nil {
				return err
			}
			wrong = all[i].with(func(p *piece) {
				p.Opening, p.Closing = money.New(p.Opening.Minor(), money.USD), money.New(0, money.USD)
			})
			if err := refused(e.ctx, e.a, wrong, "another currency than the one before"); err != nil {
				return err
			}
			wrong = all[i].with(func(p *piece) { p.Through = all[i-1].Through - 1 })
			if err := refused(e.ctx, e.a, wrong, "its closed days end before those of the one before"); err != nil {
				return err
			}
			wrong = all[i].with(func(p *piece) {
				for k := range p.records {
					p.records[k].Position = event.Position(k + 1)
				}
				p.LastAt = event.Position(len(p.records))
			})
			if err := refused(e.ctx, e.a, wrong, "positions before those of the one before"); err != nil {
				return err
			}
		}
		if err := putAll(e.ctx, e.a, all[i:i+1]); err != nil {
			return err
		}
	}
	return holds(e.ctx, e.a, "a", all)
}

// misfits are segments that contradict themselves, or their records.
var misfits = [...]struct {
	what   string
	change func(p *piece)
}{
	{"no account", func(p *piece) { p.Account = "" }},
	{"a control character in the account", func(p *piece) { p.Account = "a\n" }},
	{"version 0", func(p *piece) { p.First = 0 }},
	{"it ends before it starts", func(p *piece) { p.Last = p.First - 1 }},
	{"fewer than no entries", func(p *piece) { p.Entries = -1 }},
	{"more entries than records", func(p *piece) { p.Entries = len(p.records) + 1 }},
	{"no dates", func(p *piece) { p.FirstValue, p.LastValue, p.FirstBooked, p.LastBooked = 0, 0, 0, 0 }},
	{"value dates the wrong way round", func(p *piece) { p.FirstValue, p.LastValue = p.LastValue, p.FirstValue }},
	{"a date that is none", func(p *piece) { p.LastBooked = civil.Date(1 << 30) }},
	{"dates without entries", func(p *piece) { p.Entries = 0; p.Closing = p.Opening }},
	{"a last position that is not that of the last record", func(p *piece) { p.LastAt++ }},
	{"no last position", func(p *piece) { p.LastAt = 0 }},
	{"no balances", func(p *piece) { p.Opening, p.Closing = money.Amount{}, money.Amount{} }},
	{"balances of two currencies", func(p *piece) { p.Closing = money.New(1, money.USD) }},
	{"records of another account", func(p *piece) { p.Account = "b" }},
	{"a record of another account", func(p *piece) { p.records[2].Stream = "account/b" }},
	{"a record of another kind", func(p *piece) { p.records[2].Stream = "other/a" }},
	{"a stream that is none", func(p *piece) { p.records[0].Stream = "a" }},
	{"a version twice", func(p *piece) { p.records[2] = p.records[1] }},
	{"a version left out", func(p *piece) { p.records = append(p.records[:1], p.records[2:]...) }},
	{"two records the wrong way round", func(p *piece) { p.records[1], p.records[2] = p.records[2], p.records[1] }},
	{"a position twice", func(p *piece) { p.records[2].Position = p.records[1].Position }},
	{"position 0", func(p *piece) { p.records[0].Position = 0 }},
	{"an instant that goes back", func(p *piece) { p.records[2].At = p.records[1].At.Add(-time.Microsecond) }},
	{"no instant", func(p *piece) { p.records[0].At = time.Time{} }},
	{"nanoseconds", func(p *piece) { p.records[3].At = p.records[3].At.Add(time.Nanosecond) }},
	{"another zone", func(p *piece) { p.records[3].At = p.records[3].At.In(time.FixedZone("", 3600)) }},
	{"no data", func(p *piece) { p.records[1].Data = nil }},
	{"too much data", func(p *piece) { p.records[1].Data = make([]byte, event.MaxData+1) }},
	{"a type that is none", func(p *piece) { p.records[1].Type = "booked" }},
	{"a trace that is none", func(p *piece) { p.records[1].TraceParent = "-" }},
	{"a newline in a key", func(p *piece) { p.records[0].Key = "a\nb" }},
	{"a key too long", func(p *piece) { p.records[0].Key = strings.Repeat("k", event.MaxName+1) }},
}

// described: only records that are what the segment says are taken.
func described(e *env) error {
	good := pieces("a", 4)
	for _, m := range misfits {
		if err := refused(e.ctx, e.a, good[0].with(m.change), m.what); err != nil {
			return err
		}
	}
	if err := holds(e.ctx, e.a, "a", nil); err != nil {
		return err
	}
	if err := putAll(e.ctx, e.a, good); err != nil {
		return err
	}
	return holds(e.ctx, e.a, "a", good)
}

// contexts: what is done with a context that is over keeps nothing, and yields nothing but its error.
func contexts(e *env) error {
	all := pieces("a", 10, 10)
	canceled, cancel := context.WithCancel(e.ctx)
	cancel()
	if _, err := e.a.Put(canceled, all[0].Segment, all[0].seq()); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("put: got error %v, want context.Canceled", err)
	}
	for n := range len(all[0].records) { // cancelled when the nth record was asked for
		ctx, cancel := context.WithCancel(e.ctx)
		seen := 0
		_, err := e.a.Put(ctx, all[0].Segment, func(yield func(event.Record, error) bool) {
			for _, r := range all[0].records {
				if seen == n {
					cancel()
				}
				seen++
				if !yield(r, nil) {
					return
				}
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("put, cancelled at record %d: got error %v, want context.Canceled", n+1, err)
		}
	}
	if err := holds(e.ctx, e.a, "a", nil); err != nil {
		return fmt.Errorf("after cancelled puts: %w", err)
	}
	if err := putAll(e.ctx, e.a, all); err != nil {
		return err
	}
	if got, err := collect(e.a.Segments(canceled, "a"), 0); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("segments: got %d, error %v, want context.Canceled", len(got), err)
	}
	if got, err := collect(e.a.Records(canceled, all[0].Segment), 0); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("records: got %d, error %v, want context.Canceled", len(got), err)
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	seen := 0
	var last error
	for _, err := range e.a.Records(ctx, all[0].Segment) {
		if last = err; err == nil {
			seen++
		}
		stop()
	}
	if seen != 1 || !errors.Is(last, context.Canceled) {
		return fmt.Errorf("records, cancelled at the first: got %d and error %v, want 1 and context.Canceled", seen, last)
	}
	return holds(e.ctx, e.a, "a", all)
}
