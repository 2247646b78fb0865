package cashback

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/zones"
	"github.com/payrules/payrules/money"
)

// trial decides one thing after the other: what is decided first counts for what comes next, on a copy of the rewards.
type trial struct {
	*Rewards // as they are after what was decided; only emit and forgetBy change them
	at       time.Time
	decided  []event.Data
	copied   bool
	zone     *time.Location // of the terms, once it was asked for: to find one takes longer than to decide
}

// try begins a decision at an instant, with what is due by then. A decision is never made before what was done (the clocks of two hosts
// differ), so that what comes later in the journal is later.
func (r *Rewards) try(at time.Time) (*trial, error) {
	micros, err := checkAt("at", at)
	if err != nil {
		return nil, err
	}
	t := &trial{Rewards: r, at: money.FromUnixMicro(max(micros, r.clock))}
	for {
		e, err := t.next(t.at.UnixMicro())
		if e == nil || err != nil {
			return t, err
		}
		if err := t.emit(e); err != nil {
			return nil, err
		}
	}
}

// next returns what happens next by itself until an instant; nil if nothing does.
//
// Returns an error if this machine does not know the program's time zone.
func (t *trial) next(until int64) (event.Data, error) {
	if t.terms == nil {
		return nil, nil
	}
	now := money.FromUnixMicro(t.clock)
	if net := t.sums.confirmed + t.sums.payable - t.sums.debt; t.sums.confirmed > 0 && net >= max(t.terms.PayoutThreshold.Minor(), 1) {
		return BecamePayable{At: now, Amount: money.New(t.sums.confirmed, t.terms.Currency)}, nil
	}
	if len(t.dues) == 0 || t.dues[0].at > until { // the first one is live: see tidy
		return nil, nil
	}
	d := t.dues[0]
	at, e := money.FromUnixMicro(max(d.at, t.clock)), t.entries[d.id]
	if d.what == dueConfirm {
		return t.confirmation(e, at, ByDelay)
	}
	return Expired{At: at, Purchase: d.id, Amount: money.New(e.Left, t.terms.Currency)}, nil
}

// confirmation is the event that confirms an entry.
func (t *trial) confirmation(e *entry, at time.Time, by ConfirmedBy) (event.Data, error) {
	c := Confirmed{At: at, Purchase: e.Purchase.ID, Amount: money.New(e.Left, t.terms.Currency), By: by}
	if e.ExpiryMonths > 0 {
		if t.zone == nil {
			zone, err := zones.Load(t.terms.Zone)
			if err != nil {
				return nil, fmt.Errorf("cashback: time zone of the program: %w", err)
			}
			t.zone = zone
		}
		c.ExpireAt = dayOf(at, t.zone).AddMonths(e.ExpiryMonths).Start(t.zone).UTC()
	}
	return c, nil
}

// emit decides an event, and applies it to the copy.
func (t *trial) emit(e event.Data) error {
	t.copy()
	t.decided = append(t.decided, e)
	return t.apply(e)
}

func (t *trial) copy() {
	if !t.copied {
		t.Rewards, t.copied = t.clone(), true
	}
}

// forgetBy forgets what is due to be forgotten by the instant of the decision: rewards do that when something is done, and where there are as
// many as can be, nothing more would be.
func (t *trial) forgetBy() {
	if at := t.at.UnixMicro(); len(t.forgets) > 0 && t.forgets[0].at <= at {
		t.copy()
		t.clock = at
		t.tidy()
	}
}

// last decides the last event, which need not be applied.
func (t *trial) last(e event.Data) ([]event.Data, error) { return append(t.decided, e), nil }

// apart decides an event that changes nothing. What is due before it is left to others: a wrong year in one command would stay.
func (t *trial) apart(e event.Data) ([]event.Data, error) { return []event.Data{e}, nil }

// refuse decides that a command is refused.
func (t *trial) refuse(command, id string, causes ...Cause) ([]event.Data, error) {
	return t.apart(Refusal{Command: command, ID: id, At: t.at, Causes: causes})
}
