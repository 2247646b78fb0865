package ledger

import (
	"fmt"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Closing is how far the periods of an account that nothing constrains are closed and archived. Its entries come from everybody
// at once, so whoever closes a period there cannot be the only one who writes. What is decided goes to the closing, where one
// is alone, and a copy to the account. Make it with [NewClosing] and let it [Closing.Apply] its events.
type Closing struct {
	account  string
	clock    int64
	through  civil.Date
	archived event.Version
}

// NewClosing returns the closing of an account of which no period was ever closed.
func NewClosing(account string) *Closing { return &Closing{account: account} }

// Apply takes up the next event. Returns an error that wraps ErrCorrupt if it contradicts what stands before it.
func (c *Closing) Apply(d event.Data) error {
	switch e := d.(type) {
	case PeriodEnded:
		at, err := money.UnixMicro(e.At)
		if err != nil || e.Through <= c.through {
			return fmt.Errorf("%w: closing %q: days through %s are closed", ErrCorrupt, c.account, c.through)
		}
		c.through, c.clock = e.Through, max(c.clock, at)
	case Archived:
		if e.Through <= c.archived {
			return fmt.Errorf("%w: closing %q: version %d is archived", ErrCorrupt, c.account, c.archived)
		}
		c.archived = e.Through
	case Refusal:
	default:
		return fmt.Errorf("%w: closing %q: %s is not an event of it", ErrCorrupt, c.account, d.EventType())
	}
	return nil
}

// EndSharedPeriod is [EndPeriod] for an account that nothing constrains.
type EndSharedPeriod EndPeriod

// Decide returns a PeriodEnded, to be copied to the account, or a Refusal.
func (c EndSharedPeriod) Decide(s *Closing) ([]event.Data, error) {
	return EndPeriod(c).Decide(&Account{
		id: s.account, opened: true, terms: Terms{Unconstrained: true}, clock: s.clock, through: s.through,
	})
}

// Result reads the decision back.
func (c EndSharedPeriod) Result(decided []event.Data) AccountDecision {
	return accountDecisionOf(decided)
}

// MarkSharedArchived is [MarkArchived] for an account that nothing constrains.
type MarkSharedArchived MarkArchived

// Decide returns an Archived, to be copied to the account. It returns an error that wraps ErrInvalid if that much is archived.
func (c MarkSharedArchived) Decide(s *Closing) ([]event.Data, error) {
	if c.Through <= s.archived {
		return nil, fmt.Errorf("%w through: version %d is archived", ErrInvalid, s.archived)
	}
	return []event.Data{Archived{Through: c.Through, Sum: c.Sum}}, nil
}

// Result reads the decision back.
func (c MarkSharedArchived) Result(decided []event.Data) AccountDecision {
	return accountDecisionOf(decided)
}

// ClosingCodec returns a codec of the events of closings' streams.
func ClosingCodec() *event.Codec {
	return event.MustCodec([]event.Type{event.TypeOf[PeriodEnded](), event.TypeOf[Archived](), event.TypeOf[Refusal]()})
}
