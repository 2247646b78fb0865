package archivetest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

type (
	records  = iter.Seq2[event.Record, error]
	segments = iter.Seq2[ledger.Segment, error]
)

var lagos = time.FixedZone("", 3600)

// drain is all of a source, and its error.
func drain[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

func each[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// reading changes each record that is read.
func reading(change func(r *event.Record)) func(b *broken) {
	return func(b *broken) {
		b.records = func(ctx context.Context, s ledger.Segment) records {
			return func(yield func(event.Record, error) bool) {
				for r, err := range b.Memory.Records(ctx, s) {
					change(&r)
					if !yield(r, err) {
						return
					}
				}
			}
		}
	}
}

// cut is a segment that describes the records that are there.
func cut(s ledger.Segment, all []event.Record) ledger.Segment {
	s.Last = s.First + event.Version(len(all)) - 1
	s.Entries = min(s.Entries, len(all))
	s.LastAt = all[len(all)-1].Position
	return s
}

// keepsTorn keeps the records that came before one that failed.
func keepsTorn(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		all, err := drain(in)
		if err != nil && len(all) > 0 {
			if _, err := b.Memory.Put(ctx, cut(s, all), each(all)); err != nil {
				return ledger.Segment{}, err
			}
		}
		if err != nil {
			return ledger.Segment{}, err
		}
		return b.Memory.Put(ctx, s, each(all))
	}
}

// takesTheShort is content with fewer records than described.
func takesTheShort(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		all, err := drain(in)
		if err == nil && len(all) > 0 && event.Version(len(all)) <= s.Last-s.First {
			_, err := b.Memory.Put(ctx, cut(s, all), each(all))
			return s, err
		}
		return b.Memory.Put(ctx, s, func(yield func(event.Record, error) bool) {
			for _, r := range all {
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(event.Record{}, err)
			}
		})
	}
}

// kept is the segment that starts at a version, if there is one.
func (b *broken) kept(account string, first event.Version) (ledger.Segment, bool) {
	for s := range b.Memory.Segments(context.Background(), account) {
		if s.First == first {
			return s, true
		}
	}
	return ledger.Segment{}, false
}

func refusesAgain(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		if _, ok := b.kept(s.Account, s.First); ok {
			return ledger.Segment{}, ledger.ErrInvalid
		}
		return b.Memory.Put(ctx, s, in)
	}
}

func anotherSum(b *broken) {
	calls := byte(0)
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		s, err := b.Memory.Put(ctx, s, in)
		if calls++; err == nil && calls > 3 {
			s.Sum[0]++
		}
		return s, err
	}
}

func trustsTheCaller(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		kept, err := b.Memory.Put(ctx, s, in)
		if err == nil && !s.Sum.IsZero() {
			kept.Sum = s.Sum
		}
		return kept, err
	}
}

// lastWins puts what is new in the place of what is there.
func lastWins(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		all, err := drain(in)
		if err != nil {
			return ledger.Segment{}, err
		}
		kept, err := b.Memory.Put(ctx, s, each(all))
		if _, ok := b.kept(s.Account, s.First); err != nil && ok {
			b.Memory.Lose(s)
			return b.Memory.Put(ctx, s, each(all))
		}
		return kept, err
	}
}

func firstWins(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		if kept, ok := b.kept(s.Account, s.First); ok {
			s.Sum = kept.Sum
			return s, nil
		}
		return b.Memory.Put(ctx, s, in)
	}
}

// dataSum tells segments apart by the data of their records alone.
func dataSum(b *broken) {
	sum := func(all []event.Record) (sum [32]byte) {
		for _, r := range all {
			sum = sha256.Sum256(append(sum[:], r.Data...))
		}
		return sum
	}
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		all, err := drain(in)
		if err != nil {
			return ledger.Segment{}, err
		}
		if kept, ok := b.kept(s.Account, s.First); ok {
			if there, err := drain(b.Memory.Records(ctx, kept)); err == nil && sum(there) == sum(all) {
				s.Sum = kept.Sum
				return s, nil
			}
		}
		return b.Memory.Put(ctx, s, each(all))
	}
}

func sortsAsText(b *broken) {
	b.segments = func(ctx context.Context, account string) segments {
		all, err := drain(b.Memory.Segments(ctx, account))
		slices.SortFunc(all, func(x, y ledger.Segment) int {
			if fmt.Sprint(x.First) < fmt.Sprint(y.First) {
				return -1
			}
			return 1
		})
		if err != nil {
			return func(yield func(ledger.Segment, error) bool) { yield(ledger.Segment{}, err) }
		}
		return each(all)
	}
}

func unknownAccount(b *broken) {
	b.segments = func(ctx context.Context, account string) segments {
		return func(yield func(ledger.Segment, error) bool) {
			if _, ok := b.kept(account, 1); !ok {
				yield(ledger.Segment{}, os.ErrNotExist)
				return
			}
			b.Memory.Segments(ctx, account)(yield)
		}
	}
}

// takesGaps keeps what does not follow as well, somewhere.
func takesGaps(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		if _, ok := b.kept(s.Account, s.First-1); !ok && s.First > 1 {
			s.Sum = ledger.Sum{1}
			return s, nil
		}
		return b.Memory.Put(ctx, s, in)
	}
}

func takesAnyBalance(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		all, err := drain(b.Memory.Segments(ctx, s.Account))
		if n := len(all); err == nil && n > 0 && all[n-1].Last+1 == s.First && all[n-1].Closing != s.Opening {
			s.Sum = ledger.Sum{1}
			return s, nil
		}
		return b.Memory.Put(ctx, s, in)
	}
}

func takesAnything(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		kept, err := b.Memory.Put(ctx, s, in)
		if errors.Is(err, ledger.ErrInvalid) && s.Account == "a" && s.First == 1 && s.Last == 4 && s.Entries == 4 {
			s.Sum = ledger.Sum{1}
			return s, nil
		}
		return kept, err
	}
}

// renames keeps accounts under what change makes of their names, as a folder may, and gives back the names asked for.
func renames(change func(string) string) func(b *broken) {
	return func(b *broken) {
		b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
			account := s.Account
			all, err := drain(s.Check(in))
			if err != nil {
				return ledger.Segment{}, err
			}
			s.Account = change(account)
			for i := range all {
				kind, _ := event.SplitStream(all[i].Stream)
				all[i].Stream = event.Stream(kind, s.Account)
			}
			s, err = b.Memory.Put(ctx, s, each(all))
			s.Account = account
			return s, err
		}
		b.segments = func(ctx context.Context, account string) segments {
			return func(yield func(ledger.Segment, error) bool) {
				for s, err := range b.Memory.Segments(ctx, change(account)) {
					if s.Account = account; !yield(s, err) {
						return
					}
				}
			}
		}
		b.records = func(ctx context.Context, s ledger.Segment) records {
			return func(yield func(event.Record, error) bool) {
				account := s.Account
				s.Account = change(account)
				for r, err := range b.Memory.Records(ctx, s) {
					kind, _ := event.SplitStream(r.Stream)
					if r.Stream = event.Stream(kind, account); !yield(r, err) {
						return
					}
				}
			}
		}
	}
}

// looksFirst refuses what came in between its look and its put, be it the same.
func looksFirst(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		_, before := b.kept(s.Account, s.First)
		time.Sleep(time.Millisecond)
		if _, now := b.kept(s.Account, s.First); now && !before {
			return ledger.Segment{}, fmt.Errorf("%w: it is there", ledger.ErrInvalid)
		}
		return b.Memory.Put(ctx, s, in)
	}
}

// looksAndCallsItDone takes what came in between its look and its put for its own.
func looksAndCallsItDone(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		_, before := b.kept(s.Account, s.First)
		time.Sleep(time.Millisecond)
		if now, ok := b.kept(s.Account, s.First); ok && !before {
			s.Sum = now.Sum
			return s, nil
		}
		return b.Memory.Put(ctx, s, in)
	}
}

// seenEarly lists a segment a little before its records can be read.
func seenEarly(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		b.place.early.Store(s.Account, s.First)
		defer b.place.early.Delete(s.Account)
		kept, err := b.Memory.Put(ctx, s, in)
		time.Sleep(time.Millisecond)
		return kept, err
	}
	b.records = func(ctx context.Context, s ledger.Segment) records {
		if first, ok := b.place.early.Load(s.Account); ok && first == s.First {
			return each[event.Record](nil)
		}
		return b.Memory.Records(ctx, s)
	}
}

// leavesGoroutines reads ahead, and does not notice that nobody takes what it has read.
func leavesGoroutines(b *broken) {
	b.records = func(ctx context.Context, s ledger.Segment) records {
		return func(yield func(event.Record, error) bool) {
			type answer struct {
				r   event.Record
				err error
			}
			ahead := make(chan answer)
			go func() {
				defer close(ahead)
				for r, err := range b.Memory.Records(ctx, s) {
					select {
					case ahead <- answer{r, err}:
					case <-time.After(20 * time.Second): // for the sake of this test
						return
					}
				}
			}()
			for a := range ahead {
				if !yield(a.r, a.err) {
					return
				}
			}
		}
	}
}

// leavesFiles closes its file at the end alone.
func leavesFiles(b *broken) {
	b.records = func(ctx context.Context, s ledger.Segment) records {
		return func(yield func(event.Record, error) bool) {
			f, err := os.Open(os.DevNull)
			if err != nil {
				yield(event.Record{}, err)
				return
			}
			opened.mu.Lock()
			opened.files = append(opened.files, f) // the garbage collector would close it
			opened.mu.Unlock()
			for r, err := range b.Memory.Records(ctx, s) {
				if !yield(r, err) {
					return
				}
			}
			f.Close()
		}
	}
}

var opened struct {
	mu    sync.Mutex
	files []*os.File
}

func anySum(b *broken) {
	b.records = func(ctx context.Context, s ledger.Segment) records {
		if kept, ok := b.kept(s.Account, s.First); ok {
			s.Sum = kept.Sum
		}
		return b.Memory.Records(ctx, s)
	}
}

// neverCompared gives out whatever it has.
func neverCompared(b *broken) {
	b.records = func(ctx context.Context, s ledger.Segment) records {
		return func(yield func(event.Record, error) bool) {
			for r, err := range b.Memory.Records(ctx, s) {
				if errors.Is(err, ledger.ErrCorrupt) {
					err = nil
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

func calledDone(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		kept, err := b.Memory.Put(ctx, s, in)
		if errors.Is(err, ledger.ErrCorrupt) {
			kept, _ := b.kept(s.Account, s.First)
			return kept, nil
		}
		return kept, err
	}
}

func skipsLost(b *broken) {
	b.segments = func(ctx context.Context, account string) segments {
		return func(yield func(ledger.Segment, error) bool) {
			for s, err := range b.Memory.Segments(ctx, account) {
				if errors.Is(err, ledger.ErrCorrupt) || !yield(s, err) {
					return
				}
			}
		}
	}
}

var calls atomic.Int64

func losesSome(b *broken) {
	b.put = func(ctx context.Context, s ledger.Segment, in records) (ledger.Segment, error) {
		kept, err := b.Memory.Put(ctx, s, in)
		if err == nil && calls.Add(1)%10 == 0 {
			b.Memory.Lose(s)
		}
		return kept, err
	}
}
