package main

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
)

// queued is how many rows may wait for one caller, so that a busy account does not hold up the others at once.
const queued = 16

// interrupted says that ctx was done before the end of the input.
type interrupted struct{ cause error }

func (e *interrupted) Error() string { return "interrupted: " + e.cause.Error() }
func (e *interrupted) Unwrap() error { return e.cause }

// decideAll decides the rows of the input with so many callers, and counts the answers in t. All rows of an account
// go to the same caller, so that they are decided in the order of the input, each when the one before it is durable.
//
// It returns when every row that was taken from the input is decided. Returns an error, and takes no more rows, if:
//   - the input has one;
//   - a row cannot be decided; the rows that wait for the same caller then are not;
//   - ctx is done (*interrupted).
func decideAll(ctx context.Context, b *bank, in *input, callers int, t *tally) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(reading, func() { _ = in.close() })() // a read that waits for a pipe ends

	deciding := context.WithoutCancel(ctx) // what is under way is finished
	queues := make([]chan *transaction, callers)
	var done sync.WaitGroup
	var once sync.Once
	var failure error // the first of a caller
	for i := range queues {
		queue := make(chan *transaction, queued)
		queues[i] = queue
		done.Go(func() {
			if err := serve(deciding, b, in, queue, t); err != nil {
				once.Do(func() { failure = err })
				stop()
				for range queue { // the one who fills it must not wait
				}
			}
		})
	}
	err := deal(reading, in, queues)
	for _, queue := range queues {
		close(queue)
	}
	done.Wait()
	switch {
	case failure != nil:
		return failure
	case err != nil && ctx.Err() != nil:
		return &interrupted{context.Cause(ctx)}
	}
	return err
}

// deal hands the rows of the input to the queues, by account, up to the first error.
func deal(ctx context.Context, in *input, queues []chan *transaction) error {
	seed := maphash.MakeSeed()
	for row, err := range in.rows {
		if err != nil {
			return err
		}
		queue := queues[maphash.String(seed, row.Account)%uint64(len(queues))]
		select {
		case queue <- row:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// serve decides the rows of a queue, one after the other, up to the first error.
func serve(ctx context.Context, b *bank, in *input, queue <-chan *transaction, t *tally) error {
	for row := range queue {
		a, err := b.decide(ctx, row)
		if err != nil {
			return &inputError{in.name, row.line, "", fmt.Errorf("transaction %s of account %s: %w", row.ID, row.Account, err)}
		}
		t.add(row, a)
	}
	return nil
}
