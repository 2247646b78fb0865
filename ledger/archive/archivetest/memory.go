package archivetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// Memory is a ledger.Archiver for tests, which keeps segments in memory. The zero value is empty. It is safe for concurrent use.
type Memory struct {
	mu       sync.Mutex
	accounts map[string][]piece
}

var _ ledger.Archiver = (*Memory)(nil)

// Put keeps the records of a segment, as [ledger.Archiver] says. It shares their data.
func (m *Memory) Put(ctx context.Context, s ledger.Segment, records iter.Seq2[event.Record, error]) (ledger.Segment, error) {
	s.Sum = ledger.Sum{}
	if err := s.Validate(); err != nil {
		return ledger.Segment{}, err
	}
	p := piece{Segment: s}
	for r, err := range s.Check(records) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return ledger.Segment{}, err
		}
		p.records = append(p.records, r)
	}
	if err := ctx.Err(); err != nil {
		return ledger.Segment{}, err
	}
	p.Sum = p.sum()
	return m.keep(p)
}

// sum is over all that a piece is, but for its Sum.
func (p piece) sum() ledger.Sum {
	p.Sum = ledger.Sum{}
	sum := sha256.New()
	fmt.Fprintf(sum, "%+v\n", p.Segment)
	for _, r := range p.records {
		fmt.Fprintf(sum, "%q %d %q %q %d %q %x %q\n", r.ID(), r.Position, r.Type, r.TraceParent, r.At.UnixMicro(), r.Key, r.Digest, r.Data)
	}
	return ledger.Sum(sum.Sum(nil))
}

func (m *Memory) keep(p piece) (ledger.Segment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.accounts[p.Account]
	for _, other := range all {
		if other.Segment == p.Segment {
			return p.Segment, other.verify()
		}
		if other.First == p.First {
			return ledger.Segment{}, fmt.Errorf("%w segment: another one stands in its place", ledger.ErrInvalid)
		}
	}
	var before piece
	if len(all) > 0 {
		before = all[len(all)-1]
	}
	if err := p.Follows(&before.Segment); err != nil {
		return ledger.Segment{}, err
	}
	if m.accounts == nil {
		m.accounts = make(map[string][]piece)
	}
	m.accounts[p.Account] = append(all, p)
	return p.Segment, nil
}

// verify returns an error if p is not what it was when it was put.
func (p piece) verify() error {
	if p.sum() != p.Sum {
		return fmt.Errorf("%w: versions %d to %d were altered", ledger.ErrCorrupt, p.First, p.Last)
	}
	return nil
}

// of returns what is kept of an account.
func (m *Memory) of(account string) []piece {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clip(m.accounts[account])
}

// Segments yields the segments of an account, as [ledger.Archiver] says.
func (m *Memory) Segments(ctx context.Context, account string) iter.Seq2[ledger.Segment, error] {
	return func(yield func(ledger.Segment, error) bool) {
		before := new(ledger.Segment)
		for _, p := range m.of(account) {
			err := ctx.Err()
			if err == nil && p.Follows(before) != nil {
				err = fmt.Errorf("%w: the segment behind version %d is missing", ledger.ErrCorrupt, before.Last)
			}
			if err != nil {
				yield(ledger.Segment{}, err)
				return
			}
			if !yield(p.Segment, nil) {
				return
			}
			before = &p.Segment
		}
	}
}

// Records yields the records of a segment, as [ledger.Archiver] says.
func (m *Memory) Records(ctx context.Context, s ledger.Segment) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		p, err := m.find(s)
		for _, r := range p.records {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				break
			}
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(event.Record{}, err)
		}
	}
}

// find returns what is kept of a segment.
func (m *Memory) find(s ledger.Segment) (piece, error) {
	for _, p := range m.of(s.Account) {
		if p.First == s.First && p.Last == s.Last && p.Sum == s.Sum {
			return p, p.verify()
		}
	}
	return piece{}, fmt.Errorf("%w: versions %d to %d are not kept with that sum", ledger.ErrCorrupt, s.First, s.Last)
}
