package archivetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// together calls do in so many goroutines at once, each with an archive of its own.
func (e *env) together(n int, do func(i int, a ledger.Archiver) error) error {
	archives := make([]ledger.Archiver, n)
	for i := range archives {
		var err error
		if archives[i], err = e.open(); err != nil {
			return err
		}
	}
	errs := make([]error, n)
	ready := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-ready
			errs[i] = do(i, archives[i])
		})
	}
	close(ready)
	all.Wait()
	return errors.Join(errs...)
}

// manyPutTheSame: of many that put the same, each gets the same answer.
func manyPutTheSame(e *env) error {
	const callers = 8
	all := pieces("a", 20, 1, 30, 2, 2, 2, 2, 2)
	answers := make([][]ledger.Segment, callers)
	err := e.together(callers, func(i int, a ledger.Archiver) error {
		for _, p := range all {
			got, err := put(e.ctx, a, p)
			if err != nil {
				return err
			}
			answers[i] = append(answers[i], got)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k := range all {
		all[k].Sum = answers[0][k].Sum
		for i := range callers {
			if answers[i][k] != answers[0][k] {
				return fmt.Errorf("the same put at once: caller %d got %+v, the first %+v", i+1, answers[i][k], answers[0][k])
			}
		}
	}
	return holds(e.ctx, e.a, "a", all)
}

// manyPutAnother: of many that put different segments in one place, one is kept, whole, and it alone is told so.
func manyPutAnother(e *env) error {
	const callers = 8
	var kept []piece
	for round := range scale(5) {
		offers := make([]piece, callers)
		for i := range offers {
			sizes := make([]int, 0, round+1)
			for _, p := range kept {
				sizes = append(sizes, len(p.records))
			}
			offers[i] = pieces("a", append(sizes, 10+i%4)...)[round] // some of another length
			if round > 0 {
				offers[i].Opening = kept[round-1].Closing
			}
			offers[i].Closing = money.New(int64(1000*round+i), euro)
		}
		var mu sync.Mutex
		var winners []piece
		err := e.together(callers, func(i int, a ledger.Archiver) error {
			got, err := put(e.ctx, a, offers[i])
			if errors.Is(err, ledger.ErrInvalid) {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			offers[i].Sum = got.Sum
			winners = append(winners, offers[i])
			return err
		})
		if err != nil {
			return err
		}
		if len(winners) != 1 {
			return fmt.Errorf("%d different segments put in one place at once: %d were acknowledged, want 1", callers, len(winners))
		}
		kept = append(kept, winners[0])
		if err := holds(e.ctx, e.a, "a", kept); err != nil {
			return err
		}
	}
	return nil
}

// readWhilePutting: a reader sees the segments that are whole, in order, and nothing of the next.
func readWhilePutting(e *env) error {
	const writers, readers = 3, 3
	segments := scale(25)
	sizes := make([]int, segments)
	for i := range sizes {
		sizes[i] = 1 + i%7
	}
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var writing sync.WaitGroup
	writing.Add(writers)
	go func() { writing.Wait(); cancel() }()
	return e.together(writers+readers, func(i int, a ledger.Archiver) error {
		account := fmt.Sprint("account-", i%writers)
		all := pieces(account, sizes...)
		if i < writers {
			defer writing.Done()
			return putAll(e.ctx, a, all)
		}
		seen := 0
		for last := false; !last; {
			last = ctx.Err() != nil // once more when all is written
			n := 0
			for s, err := range a.Segments(e.ctx, account) {
				if err != nil {
					return fmt.Errorf("segments while others put: %w", err)
				}
				want := all[n].Segment
				want.Sum = s.Sum
				if s != want {
					return fmt.Errorf("segments while others put: got %+v, want %+v", s, want)
				}
				all[n].Sum = s.Sum
				n++
			}
			if n < seen {
				return fmt.Errorf("segments while others put: got %d, where %d had been", n, seen)
			}
			for seen = max(seen-1, 0); seen < n; seen++ {
				if err := reads(e.ctx, a, all[seen]); err != nil {
					return fmt.Errorf("while others put: %w", err)
				}
			}
		}
		if seen != segments {
			return fmt.Errorf("segments when all are put: got %d, want %d", seen, segments)
		}
		return nil
	})
}

// history: random calls, good and bad, beside a list of what should be kept.
func history(e *env) error {
	rng := draw(20)
	names := []string{"a", "A", "b/c"}
	kept := make(map[string][]piece)
	for step := range scale(250) {
		name := names[rng.IntN(len(names))]
		have := kept[name]
		sizes := make([]int, 0, len(have)+2)
		for _, p := range have {
			sizes = append(sizes, len(p.records))
		}
		plan := pieces(name, append(sizes, 1+rng.IntN(12), 1+rng.IntN(5))...)
		next := plan[len(have)]
		var err error
		switch rng.IntN(8) {
		case 0: // the same again
			if len(have) > 0 {
				p := have[rng.IntN(len(have))]
				var got ledger.Segment
				if got, err = put(e.ctx, e.a, p); err == nil && got.Sum != p.Sum {
					err = fmt.Errorf("the same again got sum %v, want %v", got.Sum, p.Sum)
				}
			}
		case 1: // another in its place
			if len(have) > 0 {
				p := have[rng.IntN(len(have))]
				err = refused(e.ctx, e.a, p.with(func(p *piece) { p.records[0].Data = []byte("{}") }), "another in its place")
			}
		case 2:
			err = refused(e.ctx, e.a, plan[len(have)+1], "a gap")
		case 3:
			if _, failed := e.a.Put(e.ctx, next.Segment, next.failing(rng.IntN(len(next.records)+1))); !errors.Is(failed, errSource) {
				err = fmt.Errorf("records that fail: got error %v, want one that wraps theirs", failed)
			}
		case 4:
			e.a, err = e.open()
		default:
			if len(have) < 12 {
				next.Sum = ledger.Sum{}
				got, putErr := put(e.ctx, e.a, next)
				next.Sum = got.Sum
				kept[name], err = append(have, next), putErr
			}
		}
		if err == nil {
			err = holds(e.ctx, e.a, name, kept[name])
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", step+1, err)
		}
	}
	return nil
}
