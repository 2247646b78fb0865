package webhook

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/payrules/payrules/event"
)

// UndeliveredError says which message an endpoint did not take, and what it answered.
type UndeliveredError struct {
	Attempt Attempt // the one that failed, or the one because of which none was made
}

// Error names the reason.
func (e *UndeliveredError) Error() string {
	return fmt.Sprintf("webhook: %s: %s", e.Attempt.Outcome, e.Attempt.Reason)
}

// Publisher is an [event.Publisher] for one endpoint. Each call makes one attempt a record, in order, and stops at the
// first that is not delivered: whoever calls (a relay) comes again when its backoff, or a [Schedule], says so. The endpoint
// gets no request while it has asked to be left alone (Retry-After), and none at all once it is Disabled. Make one with
// NewPublisher; it is safe for concurrent use.
type Publisher struct {
	sender   *Sender
	endpoint Endpoint
	source   string
	log      func(Attempt)

	mu    sync.Mutex
	last  Attempt   // because of which none is made
	until time.Time // when there may be one again
}

var _ event.Publisher = (*Publisher)(nil)

// NewPublisher makes a Publisher that sends records as from a source (see [event.NewCloudEvent]) to an endpoint. Log, if it
// is not nil, is told of every attempt, by several goroutines at once if Publish is.
//
// Returns an error as [Sender.Send] does for an endpoint.
func NewPublisher(s *Sender, e Endpoint, source string, log func(Attempt)) (*Publisher, error) {
	if _, err := s.target(e.URL); err != nil {
		return nil, err
	}
	if _, err := Sign("probe", time.Unix(0, 0), nil, e.Signers...); err != nil {
		return nil, err
	}
	e.Signers = slices.Clone(e.Signers)
	return &Publisher{sender: s, endpoint: e, source: source, log: log}, nil
}

// Publish sends the records, and returns nil if the endpoint has answered 2xx to each.
//
// Returns an error if:
//   - the endpoint did not take one, or wants none now or ever again (*UndeliveredError);
//   - a record is not as [NewMessage] says (ErrMalformed);
//   - ctx is done.
func (p *Publisher) Publish(ctx context.Context, records ...event.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, r := range records {
		m, err := NewMessage(p.source, r)
		if err != nil {
			return err
		}
		if err := p.refuse(); err != nil {
			return err
		}
		a, err := p.sender.Send(ctx, p.endpoint, m)
		if p.log != nil && a.Outcome != "" {
			p.log(a)
		}
		if err != nil {
			return err
		}
		p.note(a)
		if a.Outcome != Delivered {
			return &UndeliveredError{Attempt: a}
		}
	}
	return nil
}

// refuse returns an error if the endpoint wants nothing now.
func (p *Publisher) refuse() error {
	now := p.sender.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.Outcome == Disabled || now.Before(p.until) {
		return &UndeliveredError{Attempt: p.last}
	}
	return nil
}

// note remembers what the endpoint asked for.
func (p *Publisher) note(a Attempt) {
	now := p.sender.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.Outcome != Disabled && (a.Outcome == Disabled || a.RetryAfter > 0) {
		p.last, p.until = a, now.Add(a.RetryAfter)
	}
}
