package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
)

// shown is how many accounts the report names.
const shown = 5

// near is an account and the limit that it has used most of.
type near struct {
	Account string         `json:"account"`
	Limit   cap.LimitUsage `json:"limit"`
	share   int64          // that is used, in millionths: of its amount or its count, whichever is fuller
	byCount bool           // it is of its count
}

// nearest returns the accounts that have used most of one of their limits at an instant, in order. It asks the meter
// of every account in the journal, one after the other, and keeps the first few.
func (b *bank) nearest(ctx context.Context, at time.Time) ([]near, error) {
	var best []near
	for stream, err := range b.journal.Streams(ctx, meterKind) {
		if err != nil {
			return nil, err
		}
		_, account := event.SplitStream(stream)
		var use cap.Usage
		err = engine.View(ctx, b.meters, account, func(m *cap.Meter) (err error) {
			use, err = m.Usage(at)
			return err
		})
		if errors.Is(err, cap.ErrForgotten) {
			continue // it has gone on since, with rows of another input
		}
		if err != nil {
			return nil, err
		}
		n := fullest(account, use)
		if n.share == 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, n, compareNear)
		best = slices.Insert(best, i, n)
		best = best[:min(len(best), shown)]
	}
	return best, nil
}

// fullest returns the limit of which most is used.
func fullest(account string, use cap.Usage) near {
	n := near{Account: account}
	for l := range use.Limits() {
		if l.Max.Valid() {
			if share := scale(l.Used.Minor(), l.Max.Minor(), 1_000_000); share > n.share {
				n.Limit, n.share, n.byCount = l, share, false
			}
		}
		if share := scale(l.Count, l.MaxCount, 1_000_000); share > n.share {
			n.Limit, n.share, n.byCount = l, share, true
		}
	}
	return n
}

// compareNear puts the larger share first, and equal ones in the order of the account numbers.
func compareNear(a, b near) int {
	return cmp.Or(
		cmp.Compare(b.share, a.share),
		cmp.Compare(len(a.Account), len(b.Account)),
		cmp.Compare(a.Account, b.Account))
}
