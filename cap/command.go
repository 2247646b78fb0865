package cap

import (
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Authorize is the command of [Meter.Authorize].
type Authorize Spend

// ForcePost is the command of [Meter.ForcePost].
type ForcePost Spend

// Adjust is the command of [Meter.Adjust].
type Adjust Change

// Capture is the command of [Meter.Capture].
type Capture Change

// Reverse is the command of [Meter.Reverse].
type Reverse Ref

// Refund is the command of [Meter.Refund].
type Refund struct {
	_ struct{} // disallow positional literals

	// ID, At and Amount are those of the refund. Its identity is the pair of ID and At, apart from those of spends.
	ID     string       `json:"id"`
	At     time.Time    `json:"at"`
	Amount money.Amount `json:"amount"`

	// Of is the spend that is refunded; nil when it is not known. Then limits that count refunds at the original instant
	// count nothing.
	Of *Ref `json:"of,omitempty"`

	// Merchant says which limits look at a refund of an unknown spend; nil when it is not known either.
	Merchant *Merchant `json:"merchant,omitempty"`
}

// SetPolicy is the command of [Meter.SetPolicy].
type SetPolicy struct {
	_ struct{} // disallow positional literals

	Policy *Policy `json:"policy"`
}

// Decide returns an Authorized, a Repeated or a Refusal. See [Meter.Authorize].
func (c Authorize) Decide(m *Meter) ([]event.Data, error) {
	a, err := m.check(c.ID, c.At, c.Amount)
	if err != nil {
		return nil, err
	}
	s := Spend(c)
	x, err := s.particulars(a.at)
	if err != nil {
		return nil, err
	}
	var d Decision
	if change := m.judgeSpend(&d, a, &x, false); change.kind != recording {
		if change.kind == attempting {
			m.tellAsIf(&d, change, &a, &x, nil)
		}
		return d.factOf(nameAuthorize, s, &x), nil
	}
	e := Authorized{ID: c.ID, At: timeOf(a.at), Amount: c.Amount, Merchant: c.Merchant, Limits: d.snapshot()}
	if x.expires != 0 {
		e.Expires = timeOf(x.expires)
	}
	return facts(e), nil
}

// Decide returns a ForcePosted, a Repeated or a Refusal. See [Meter.ForcePost].
func (c ForcePost) Decide(m *Meter) ([]event.Data, error) {
	a, x, err := m.checkForced((*Spend)(&c))
	if err != nil {
		return nil, err
	}
	var d Decision
	if m.judgeSpend(&d, a, &x, true).kind == unchanged {
		return d.factOf(nameForcePost, Spend(c), &x), nil
	}
	return facts(ForcePosted{ID: c.ID, At: timeOf(a.at), Amount: c.Amount, Merchant: c.Merchant, Limits: d.snapshot()}), nil
}

// Decide returns an Adjusted, a Repeated or a Refusal. See [Meter.Adjust].
func (c Adjust) Decide(m *Meter) ([]event.Data, error) {
	a, on, err := m.checkChange((*Change)(&c))
	if err != nil {
		return nil, err
	}
	var d Decision
	change := m.judgeAdjust(&d, &a, on)
	if change.kind == unchanged {
		return d.fact(nameAdjust, c.ID), nil
	}
	m.tellAsIf(&d, change, &a, nil, nil)
	held := money.New(change.was, d.currency)
	return facts(Adjusted{ID: c.ID, At: timeOf(a.at), Amount: c.Amount, Authorized: held, On: onOf(c.On, on), Limits: d.snapshot()}), nil
}

// Decide returns a Captured, a Repeated or a Refusal. See [Meter.Capture].
func (c Capture) Decide(m *Meter) ([]event.Data, error) {
	a, on, err := m.checkChange((*Change)(&c))
	if err != nil {
		return nil, err
	}
	var d Decision
	change := m.judgeCapture(&d, &a, on)
	if change.kind == unchanged {
		return d.fact(nameCapture, c.ID), nil
	}
	m.tellAsIf(&d, change, &a, nil, nil)
	held := money.New(change.was, d.currency)
	return facts(Captured{ID: c.ID, At: timeOf(a.at), Amount: c.Amount, Authorized: held, On: onOf(c.On, on), Limits: d.snapshot()}), nil
}

// onOf returns the instant of a change as events have it: none when none was given.
func onOf(given time.Time, on int64) time.Time {
	if given.IsZero() {
		return time.Time{}
	}
	return timeOf(on)
}

// Decide returns a Reversed, a Repeated or a Refusal. See [Meter.Reverse].
func (c Reverse) Decide(m *Meter) ([]event.Data, error) {
	a, err := m.checkRef(c.ID, c.At)
	if err != nil {
		return nil, err
	}
	var d Decision
	change := m.judgeReverse(&d, &a)
	if change.kind == unchanged {
		return d.fact(nameReverse, c.ID), nil
	}
	m.tellAsIf(&d, change, &a, nil, nil)
	return facts(Reversed{ID: c.ID, At: timeOf(a.at), Amount: d.Amount(), Limits: d.snapshot()}), nil
}

// Decide returns a Refunded, a Repeated or a Refusal. See [Meter.Refund].
func (c Refund) Decide(m *Meter) ([]event.Data, error) {
	a, of, where, err := m.checkRefund(&c)
	if err != nil {
		return nil, err
	}
	var d Decision
	change := m.judgeRefund(&d, a, of, where)
	if change.kind == unchanged {
		return d.fact(nameRefund, c.ID), nil
	}
	m.tellAsIf(&d, change, &a, nil, of)
	e := Refunded{ID: c.ID, At: timeOf(a.at), Amount: c.Amount, Merchant: c.Merchant, Limits: d.snapshot()}
	if of != nil {
		e.Of = &Ref{ID: c.Of.ID, At: timeOf(of.at)}
	}
	return facts(e), nil
}

// Decide returns a PolicySet or a Repeated. See [Meter.SetPolicy].
func (c SetPolicy) Decide(m *Meter) ([]event.Data, error) {
	if err := m.checkPolicy(c.Policy); err != nil {
		return nil, err
	}
	var d Decision
	m.judgeSetPolicy(&d, c.Policy)
	if d.existed {
		return d.fact(nameSetPolicy, ""), nil
	}
	return facts(PolicySet{Policy: c.Policy, Limits: d.snapshot()}), nil
}

func facts(d event.Data) []event.Data { return []event.Data{d} }

// fact returns the event of a decision that changes nothing.
func (d *Decision) fact(command, id string) []event.Data {
	if d.existed {
		e := Repeated{Command: command, ID: id, Reason: d.Reason(), Limits: d.snapshot()}
		if d.at >= 0 {
			e.At, e.Amount = timeOf(d.at), d.Amount()
		}
		return facts(e)
	}
	e := Refusal{Command: command, ID: id, At: timeOf(d.at), Amount: d.Amount(), Reason: d.Reason(), Limits: d.snapshot()}
	if l, ok := d.Binding(); ok {
		e.Limit = l.Name
	}
	return facts(e)
}

// factOf is fact for a spend.
func (d *Decision) factOf(command string, s Spend, x *particulars) []event.Data {
	facts := d.fact(command, s.ID)
	if e, ok := facts[0].(Refusal); ok {
		e.Merchant = s.Merchant
		if x.expires != 0 {
			e.Expires = timeOf(x.expires)
		}
		facts[0] = e
	}
	return facts
}

// Result returns the decision that was made.
func (Authorize) Result(decided []event.Data) Decision { return resultOf(decided) }

// Result returns the decision that was made.
func (ForcePost) Result(decided []event.Data) Decision { return resultOf(decided) }

// Result returns the decision that was made.
func (Adjust) Result(decided []event.Data) Decision { return resultOf(decided) }

// Result returns the decision that was made.
func (Refund) Result(decided []event.Data) Decision { return resultOf(decided) }

// Result returns the decision that was made.
func (Capture) Result(decided []event.Data) Decision { return resultOf(decided) }

// Result returns the decision that was made.
func (Reverse) Result(decided []event.Data) Decision { return resultOf(decided) }

// Result returns the decision that was made.
func (SetPolicy) Result(decided []event.Data) Decision { return resultOf(decided) }

// resultOf reads a decision back from the event it was written into.
func resultOf(decided []event.Data) Decision {
	if len(decided) != 1 {
		return Decision{}
	}
	switch e := decided[0].(type) {
	case Authorized:
		return approvedOf(e.At, e.Amount, e.Limits)
	case ForcePosted:
		return approvedOf(e.At, e.Amount, e.Limits)
	case Captured:
		return approvedOf(e.At, e.Amount, e.Limits)
	case Adjusted:
		return approvedOf(e.At, e.Amount, e.Limits)
	case Refunded:
		return approvedOf(e.At, e.Amount, e.Limits)
	case Reversed:
		return approvedOf(e.At, e.Amount, e.Limits)
	case PolicySet:
		return approvedOf(time.Time{}, money.Amount{}, e.Limits)
	case Repeated:
		d := approvedOf(e.At, e.Amount, e.Limits)
		d.reason, d.existed = e.Reason.code(), true
		return d
	case Refusal:
		d := approvedOf(e.At, e.Amount, e.Limits)
		d.outcome, d.reason = Refused, e.Reason.code()
		for i := range e.Limits {
			if e.Limit != "" && e.Limits[i].Name == e.Limit {
				d.binding = int8(i + 1)
			}
		}
		return d
	}
	return Decision{}
}

// approvedOf returns an approval with what an event says of it.
func approvedOf(at time.Time, amount money.Amount, limits []LimitUsage) Decision {
	d := Decision{Usage: Usage{list: &limits}, at: -1, amount: amount.Minor(), currency: amount.Currency(), outcome: Approved}
	if d.currency == 0 && len(limits) > 0 {
		d.currency = limits[0].Used.Currency()
	}
	if !at.IsZero() {
		d.at = at.UnixMicro()
	}
	return d
}
