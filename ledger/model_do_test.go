package ledger_test

import (
	"cmp"
	"slices"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// do decides a command, as the package's doc says it, and takes it up.
func (m *model) do(c ledger.Command) ledger.Decision {
	group, linked := c.(ledger.Linked)
	if !linked {
		return m.step(c, m.instant(c))
	}
	before := m.clone()
	var steps []ledger.Decision
	at := m.instant(commands(group)...)
	for i, c := range commands(group) {
		d := m.step(c, at)
		if d.Reason == "" {
			steps = append(steps, d)
			continue
		}
		*m = *before
		d.Step = i + 1
		return d
	}
	d := steps[0]
	d.Steps = steps
	return d
}

// instant is the one at which commands are decided together: theirs, or the latest of what was decided on what they touch.
func (m *model) instant(commands ...ledger.Command) int64 {
	var moments []int64
	placed := map[string][]ledger.Leg{}
	touchTransfer := func(id string) []ledger.Leg {
		t := m.transfer(id)
		if t == nil {
			return placed[id]
		}
		moments = append(moments, t.moments...)
		return t.order.Legs
	}
	touch := func(legs []ledger.Leg) {
		for _, l := range legs {
			if a := m.account(l.Account); a != nil && !a.terms.Unconstrained {
				moments = append(moments, a.moments...)
			}
		}
	}
	order := func(o ledger.Order) {
		moments = append(moments, micros(o.At))
		touchTransfer(o.ID)
		touch(o.Legs)
		for _, c := range o.If {
			touch([]ledger.Leg{{Account: c.Account}})
		}
		placed[o.ID] = o.Legs
	}
	for _, c := range commands {
		switch c := c.(type) {
		case ledger.Post:
			order(ledger.Order(c))
		case ledger.Hold:
			order(ledger.Order(c))
		case ledger.Capture:
			moments = append(moments, micros(c.At))
			touch(touchTransfer(c.Transfer))
		case ledger.Void:
			moments = append(moments, micros(c.At))
			touch(touchTransfer(c.Transfer))
		case ledger.Expire:
			moments = append(moments, micros(c.At))
			touch(touchTransfer(c.Transfer))
		case ledger.Reverse:
			moments = append(moments, micros(c.At))
			touchTransfer(c.ID)
			touch(touchTransfer(c.Transfer))
		}
	}
	return clock(moments)
}

func home(c ledger.Command) string {
	switch c := c.(type) {
	case ledger.Post:
		return c.ID
	case ledger.Hold:
		return c.ID
	case ledger.Capture:
		return c.Transfer
	case ledger.Void:
		return c.Transfer
	case ledger.Expire:
		return c.Transfer
	case ledger.Reverse:
		return c.ID
	}
	panic("bug: not a step")
}

func (m *model) step(c ledger.Command, at int64) ledger.Decision {
	var d ledger.Decision
	var why fault
	switch c := c.(type) {
	case ledger.Post:
		d, why = m.place(ledger.Order(c), false, at)
	case ledger.Hold:
		d, why = m.place(ledger.Order(c), true, at)
	case ledger.Capture:
		d, why = m.capture(c, at)
	case ledger.Void:
		d, why = m.end(m.transfer(c.Transfer), at, false)
	case ledger.Expire:
		d, why = m.end(m.transfer(c.Transfer), at, true)
	case ledger.Reverse:
		d, why = m.reverse(c, at)
	}
	if why.reason == "" {
		d.Transfer, d.At = home(c), instantOf(at)
		return d
	}
	return ledger.Decision{
		Transfer: home(c), At: instantOf(at), Reason: why.reason, Account: why.account,
		Available: why.available, Needed: why.needed, Through: why.through,
	}
}

// place posts or holds.
func (m *model) place(o ledger.Order, hold bool, at int64) (d ledger.Decision, why fault) {
	switch t := m.transfer(o.ID); {
	case t != nil && t.same(o, hold):
		return d, fault{reason: ledger.Exists}
	case t != nil:
		return d, fault{reason: ledger.ExistsWithDifferentContent}
	case hold && micros(o.Expires) <= at:
		return d, fault{reason: ledger.AlreadyExpired}
	}
	legs, why := m.judge(&o, hold, at)
	if why.reason != "" {
		return d, why
	}
	o.Legs = legs
	t := &modelTransfer{order: o, hold: hold, at: at, ends: forever, moments: []int64{at}}
	if hold {
		t.ends = micros(o.Expires)
	}
	m.transfers = append(m.transfers, t)
	d = ledger.Decision{Status: ledger.Held, Value: o.Value, Legs: legs}
	if !hold {
		d.Status = ledger.Posted
		m.book(legs, o.Value)
	}
	m.moment(legs, at)
	return d, why
}

// same reports whether the transfer is what an order asks for.
func (t *modelTransfer) same(o ledger.Order, hold bool) bool {
	mine := t.order
	if t.hold != hold || t.reverses != "" || mine.Value != o.Value || t.ends != micros(o.Expires) || mine.Details != o.Details ||
		mine.Rate != o.Rate || mine.Force != o.Force || len(mine.Legs) != len(o.Legs) {
		return false
	}
	for i, l := range o.Legs {
		k := mine.Legs[i]
		if o.AtMost && k.Amount.Minor() < l.Amount.Minor() {
			k.Amount = money.New(l.Amount.Minor(), k.Amount.Currency())
		}
		if k != l {
			return false
		}
	}
	return true
}

func (m *model) book(legs []ledger.Leg, value civil.Date) {
	for _, l := range legs {
		m.entries = append(m.entries, modelEntry{l.Account, l.Side, l.Amount.Minor(), m.counts(m.account(l.Account), value)})
	}
}

// counts is the day from which on an entry counts that is decided now.
func (m *model) counts(a *modelAccount, value civil.Date) civil.Date {
	if a.terms.Unconstrained {
		return max(value, a.through.AddDays(1))
	}
	return value
}

func (m *model) moment(legs []ledger.Leg, at int64) {
	for _, l := range legs {
		a := m.account(l.Account)
		a.moments = append(a.moments, at)
	}
}

// faultsOfHold are those of whatever wants a hold that lives.
func faultOfHold(t *modelTransfer, at int64) fault {
	switch {
	case t == nil:
		return fault{reason: ledger.NotFound}
	case !t.hold:
		return fault{reason: ledger.NotHeld}
	case t.reversed != "":
		return fault{reason: ledger.AlreadyReversed}
	}
	return fault{reason: map[ledger.Status]ledger.Reason{
		ledger.Captured: ledger.AlreadyCaptured, ledger.Voided: ledger.AlreadyVoided, ledger.Expired: ledger.AlreadyExpired,
	}[t.status(at)]}
}

func (m *model) capture(c ledger.Capture, at int64) (d ledger.Decision, why fault) {
	t := m.transfer(c.Transfer)
	if t != nil {
		for i, k := range t.captures {
			if k.id != c.ID {
				continue
			}
			then := *t
			then.captures = t.captures[:i]
			taken, ok := then.take(c)
			if ok && slices.Equal(taken, k.taken) && c.Keep == k.keep && (c.Value.IsZero() || c.Value == k.value) {
				return d, fault{reason: ledger.Exists}
			}
			return d, fault{reason: ledger.ExistsWithDifferentContent}
		}
	}
	if why := faultOfHold(t, at); why.reason != "" {
		return d, why
	}
	taken, ok := t.take(c)
	if !ok {
		return d, fault{reason: ledger.ExceedsHold}
	}
	if c.Keep && len(t.captures) >= ledger.MaxCaptures {
		return d, fault{reason: ledger.TooManyCaptures}
	}
	value := c.Value
	if value.IsZero() {
		value = m.openValue(t.order.Value, t.order.Legs)
	}
	legs := t.legs(func(i int) int64 { return taken[i] })
	var faults []fault
	for _, l := range legs {
		faults = append(faults, m.faultsOfLeg(l, value)...)
		if a := m.account(l.Account); a != nil && !m.entriesFit(a, legs, value) {
			faults = append(faults, fault{reason: ledger.Overflow, account: l.Account})
		}
	}
	if len(faults) > 0 {
		return d, first(faults)
	}
	touched := t.legs(func(i int) int64 {
		if c.Keep {
			return taken[i]
		}
		return t.left(i)
	})
	t.captures = append(t.captures, modelCapture{c.ID, taken, c.Keep, value})
	t.moments = append(t.moments, at)
	m.book(legs, value)
	m.moment(touched, at)
	return ledger.Decision{Status: ledger.Captured, Value: value, Legs: legs}, why
}

// take is what a capture takes of each leg; ok is false where that is more than is left.
func (t *modelTransfer) take(c ledger.Capture) (taken []int64, ok bool) {
	taken = make([]int64, len(t.order.Legs))
	asked := slices.Clone(c.Legs)
	switch {
	case c.Amount.Valid() && len(taken) != 2:
		return nil, false
	case c.Amount.Valid():
		for _, l := range t.order.Legs {
			asked = append(asked, ledger.Leg{Account: l.Account, Side: l.Side, Amount: c.Amount})
		}
	case len(c.Legs) == 0:
		asked = t.legs(t.left)
	}
	for _, want := range asked {
		for minor := want.Amount.Minor(); minor > 0; {
			i := slices.IndexFunc(t.order.Legs, func(l ledger.Leg) bool {
				return l.Account == want.Account && l.Side == want.Side && l.Amount.Currency() == want.Amount.Currency()
			})
			for i >= 0 && i < len(taken) && (t.left(i) == taken[i] || t.order.Legs[i].Account != want.Account ||
				t.order.Legs[i].Side != want.Side || t.order.Legs[i].Amount.Currency() != want.Amount.Currency()) {
				i++
			}
			if i < 0 || i == len(taken) {
				return nil, false
			}
			n := min(minor, t.left(i)-taken[i])
			taken[i], minor = taken[i]+n, minor-n
		}
	}
	return taken, true
}

// openValue is a value date, or the first one that is open for all legs.
func (m *model) openValue(value civil.Date, legs []ledger.Leg) civil.Date {
	for _, l := range legs {
		if a := m.account(l.Account); a != nil && !a.terms.Unconstrained && a.through >= value {
			value = a.through.AddDays(1)
		}
	}
	return value
}

// end voids, or records that a hold has ended.
func (m *model) end(t *modelTransfer, at int64, expire bool) (d ledger.Decision, why fault) {
	why = faultOfHold(t, at)
	d.Status = ledger.Voided
	if expire {
		d.Status = ledger.Expired
		switch {
		case why.reason == "":
			why.reason = ledger.NotExpired
		case why.reason == ledger.AlreadyExpired && !t.recorded:
			why.reason = ""
		}
	}
	if why.reason != "" {
		return d, why
	}
	d.Legs = t.legs(t.left)
	t.voided, t.recorded = !expire, expire
	t.moments = append(t.moments, at)
	m.moment(d.Legs, at)
	return d, why
}

func (m *model) reverse(c ledger.Reverse, at int64) (d ledger.Decision, why fault) {
	if t := m.transfer(c.ID); t != nil {
		if t.reverses == c.Transfer && t.order.Details == c.Details && t.order.Force == c.Force &&
			(c.Value.IsZero() || c.Value == t.order.Value) {
			return d, fault{reason: ledger.Exists}
		}
		return d, fault{reason: ledger.ExistsWithDifferentContent}
	}
	old := m.transfer(c.Transfer)
	switch {
	case old == nil:
		return d, fault{reason: ledger.NotFound}
	case len(old.legs(old.booked)) == 0:
		return d, fault{reason: ledger.NotPosted}
	case old.status(at) == ledger.Held:
		return d, fault{reason: ledger.StillHeld}
	case old.reversed != "":
		return d, fault{reason: ledger.AlreadyReversed}
	}
	o := ledger.Order{ID: c.ID, Value: c.Value, Legs: old.legs(old.booked), Details: c.Details, Rate: old.order.Rate, Force: c.Force}
	for i := range o.Legs {
		o.Legs[i].Side = map[ledger.Side]ledger.Side{ledger.Debit: ledger.Credit, ledger.Credit: ledger.Debit}[o.Legs[i].Side]
	}
	if o.Value.IsZero() {
		o.Value = old.order.Value
		if len(old.captures) > 0 {
			o.Value = slices.MaxFunc(old.captures, func(a, b modelCapture) int { return cmp.Compare(a.value, b.value) }).value
		}
		o.Value = m.openValue(o.Value, o.Legs)
	}
	if d, why = m.place(o, false, at); why.reason == "" {
		m.transfer(c.ID).reverses, old.reversed = c.Transfer, c.ID
		old.moments = append(old.moments, at)
	}
	return d, why
}
