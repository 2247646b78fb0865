package desk

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Feed is how far the returns of a shop were read, and which of them wait for their purchase; or from where on the journal is read for the
// purchases that shops are asked about. Make it with [NewFeed]; it changes by [Feed.Apply] alone. It is not safe for concurrent use.
type Feed struct {
	id      string
	cursor  string
	from    event.Position
	waiting map[string]WaitingReturn // by the return's id
}

// Return is a purchase, or a part of it, that a shop took back.
type Return struct {
	_ struct{} // disallow positional literals

	ID       string       `json:"id"` // of the shop's: it tells one return from another; at most MaxReturnID bytes
	Purchase string       `json:"purchase"`
	Amount   money.Amount `json:"amount,omitzero"` // in the purchase's currency; the zero Amount: all that is left of it
}

// Bounds of returns.
const (
	MaxMerchantID = cashback.MaxID // bytes
	MaxReturnID   = 120            // bytes
	MaxReturns    = 500            // in one answer of a shop, and purchases in one question
	MaxWaiting    = 1_000          // returns of a shop that wait for their purchase
	WaitDays      = 366            // in which they do: longer than a purchase may be late
)

// WaitingReturn is a return whose purchase has not come yet.
type WaitingReturn struct {
	Return
	Since time.Time `json:"since"`
}

// ReturnsRead says that the returns of a shop were read, and all applied that could be.
type ReturnsRead struct {
	_ struct{} // disallow positional literals

	At      time.Time `json:"at"`
	Before  string    `json:"before,omitempty"` // the shop's cursor
	Cursor  string    `json:"cursor,omitempty"` // and the next one
	Waiting []Return  `json:"waiting,omitempty"`
	Settled []string  `json:"settled,omitempty"` // that wait no more
	Dropped []string  `json:"dropped,omitempty"` // that have waited WaitDays
}

// EventType returns "cashback.returns_read.v1".
func (ReturnsRead) EventType() string { return "cashback.returns_read.v1" }

// ReturnsAsked says that no refund is taken any more of the purchases up to a position in the journal.
type ReturnsAsked struct {
	_ struct{} // disallow positional literals

	At   time.Time      `json:"at"`
	From event.Position `json:"from"`
}

// EventType returns "cashback.returns_asked.v1".
func (ReturnsAsked) EventType() string { return "cashback.returns_asked.v1" }

// FeedCodec returns a codec of the events of feeds' streams.
func FeedCodec() *event.Codec {
	return event.MustCodec([]event.Type{event.TypeOf[ReturnsRead](), event.TypeOf[ReturnsAsked]()})
}

// NewFeed returns a feed of which nothing was read.
func NewFeed(id string) *Feed { return &Feed{id: id, waiting: map[string]WaitingReturn{}} }

// Cursor returns the shop's cursor; "" before the first one.
func (f *Feed) Cursor() string { return f.cursor }

// Waiting returns the returns that wait for their purchase, in the order of their ids.
func (f *Feed) Waiting() []WaitingReturn {
	waiting := make([]WaitingReturn, 0, len(f.waiting))
	for _, id := range slices.Sorted(maps.Keys(f.waiting)) {
		waiting = append(waiting, f.waiting[id])
	}
	return waiting
}

// Apply records an event. After an error the feed is of no use any more: make it anew from its events.
//
// Returns an error that wraps cashback.ErrCorrupt if the event contradicts what stands before it, or is of no type that a feed has.
func (f *Feed) Apply(d event.Data) error {
	fault := ""
	switch e := d.(type) {
	case ReturnsRead:
		if e.Before != f.cursor {
			fault = "it goes on from elsewhere"
		}
		f.cursor = e.Cursor
		for _, id := range slices.Concat(e.Settled, e.Dropped) {
			delete(f.waiting, id)
		}
		for _, r := range e.Waiting {
			f.waiting[r.ID] = WaitingReturn{r, e.At}
		}
	case ReturnsAsked:
		if e.From < f.from {
			fault = "it goes back"
		}
		f.from = e.From
	default:
		fault = "no event of a feed"
	}
	if fault != "" {
		return fmt.Errorf("%w: returns %q: %T: %s", cashback.ErrCorrupt, f.id, d, fault)
	}
	return nil
}

// read is the command that notes what was read; if others were faster, it notes nothing.
type read struct{ ReturnsRead }

// Decide returns a ReturnsRead, or nothing.
func (c read) Decide(f *Feed) ([]event.Data, error) {
	e := c.ReturnsRead
	if e.Before != f.cursor {
		return nil, nil
	}
	gone := slices.Concat(e.Settled, e.Dropped)
	left := len(f.waiting)
	for _, id := range gone {
		if _, waits := f.waiting[id]; waits {
			left--
		}
	}
	e.Waiting = slices.DeleteFunc(slices.Clone(e.Waiting), func(r Return) bool {
		_, waits := f.waiting[r.ID]
		return waits && !slices.Contains(gone, r.ID)
	})
	switch {
	case len(e.Waiting)+len(gone) == 0 && e.Cursor == f.cursor:
		return nil, nil
	case left+len(e.Waiting) > MaxWaiting:
		return nil, fmt.Errorf("desk: returns of %q: more than %d wait for their purchases", f.id, MaxWaiting)
	}
	return []event.Data{e}, nil
}

// Result reports whether anything was noted.
func (read) Result(decided []event.Data) bool { return len(decided) > 0 }

// asked is the command that notes from where on the journal is read next time.
type asked struct{ ReturnsAsked }

// Decide returns a ReturnsAsked, or nothing if that is known.
func (c asked) Decide(f *Feed) ([]event.Data, error) {
	if c.From <= f.from {
		return nil, nil
	}
	return []event.Data{c.ReturnsAsked}, nil
}

// Result reports whether anything was noted.
func (asked) Result(decided []event.Data) bool { return len(decided) > 0 }
