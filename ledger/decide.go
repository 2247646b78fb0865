package ledger

import (
	"slices"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// step is a command that decides over one transfer; alone, or as one of several that are linked.
type step interface {
	Command
	home() string                                // the transfer that it decides over
	decide(d *draft, more bool) (refusal, error) // more steps follow
}

// name is a command's name in events.
func name(c Command) string { return c.CommandType()[len("ledger."):] }

// decideAlone is Decide of every step.
func decideAlone(c step, s States) ([]Facts, Decision, error) {
	if err := c.Validate(); err != nil {
		return nil, Decision{}, err
	}
	at, err := checkAt("at", c.Instant())
	if err != nil {
		return nil, Decision{}, err
	}
	transfers, accounts := c.Touches(s)
	d := newDraft(s, at, transfers, accounts)
	r, err := c.decide(d, false)
	if err != nil {
		return nil, Decision{}, err
	}
	if r.reason == "" {
		facts := d.facts()
		return facts, c.Result(FactsOf(facts)), nil
	}
	e := r.event(name(c), c.Key(), c.home(), d.at)
	if !onRecord(c, r.reason) {
		return nil, decisionOf(e), nil
	}
	return []Facts{{KindTransfer, c.home(), []event.Data{e}}}, decisionOf(e), nil
}

// onRecord says whether a refusal is written down: not where the same command may be asked again, and done.
func onRecord(c step, reason Reason) bool {
	switch c.(type) {
	case Capitalise, Accrue:
		return false
	}
	return reason != NotFound
}

// resultAlone is Result of every step: its decision is the first event of its home.
func resultAlone(c step, of func(transfer string) []event.Data) Decision {
	if events := of(c.home()); len(events) > 0 {
		return decisionOf(events[0])
	}
	return Decision{Transfer: c.home(), Reason: NotFound}
}

// decideOrder posts or holds.
func (d *draft) decideOrder(o *Order, hold, more bool) (refusal, error) {
	t := d.transfer(o.ID)
	if t.Transfer.status != Unknown || t.interest != "" {
		if t.is(o, hold) {
			return refuse(Exists), nil
		}
		return refuse(ExistsWithDifferentContent), nil
	}
	if hold && endOf(o.Expires) <= d.at {
		return refuse(AlreadyExpired), nil
	}
	legs, r := d.judge(o, hold)
	if r.reason != "" {
		return r, nil
	}
	if hold {
		e := AmountHeld{Transfer: o.ID, Expires: timeOfEnd(endOf(o.Expires)), Forced: o.Force}
		for i := range legs {
			d.hold(e, &legs[i], counter(legs, &legs[i]))
		}
		return r, d.record(t, TransferHeld{
			Transfer: o.ID, At: d.time(), Value: o.Value, Expires: e.Expires, Legs: legs, Details: o.Details, Rate: o.Rate,
			Group: d.group, Forced: o.Force,
		}, more)
	}
	return r, d.post(t, o, legs, "", more)
}

// post books the legs of an order.
func (d *draft) post(t *transferDraft, o *Order, legs []Leg, reverses string, more bool) error {
	e := EntryBooked{Transfer: o.ID, Value: o.Value, Details: o.Details, Reverses: reverses, Forced: o.Force}
	for i := range legs {
		d.book(e, &legs[i], 0, counter(legs, &legs[i]))
	}
	return d.record(t, TransferPosted{
		Transfer: o.ID, At: d.time(), Value: o.Value, Legs: legs, Details: o.Details, Rate: o.Rate, Reverses: reverses,
		Group: d.group, Forced: o.Force,
	}, more)
}

// is reports whether the transfer is what an order asks for.
func (t *transferDraft) is(o *Order, hold bool) bool {
	sameLeg := func(a, b Leg) bool {
		return a == b || o.AtMost && a.Account == b.Account && a.Side == b.Side && a.Amount.Currency() == b.Amount.Currency() &&
			a.Amount.Minor() < b.Amount.Minor()
	}
	return t.held == hold && t.value == o.Value && t.ends == endOf(o.Expires) && slices.EqualFunc(t.legs, o.Legs, sameLeg) &&
		t.details == o.Details && t.rate == o.Rate && t.forced == o.Force && t.reverses == ""
}

// Decide posts the transfer, or refuses it.
func (c Post) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

// Decide holds the transfer, or refuses it.
func (c Hold) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

// Decide books the hold, or refuses to. It returns an error that wraps ErrInvalid if Legs move nothing but from an account to itself.
func (c Capture) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

// Decide gives back what is left of the hold, or refuses to.
func (c Void) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

// Decide records that the hold has ended, or refuses to.
func (c Expire) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

// Decide takes the transfer back, or refuses to.
func (c Reverse) Decide(s States) ([]Facts, Decision, error) { return decideAlone(c, s) }

func (c Post) decide(d *draft, more bool) (refusal, error) {
	return d.decideOrder((*Order)(&c), false, more)
}

func (c Hold) decide(d *draft, more bool) (refusal, error) {
	return d.decideOrder((*Order)(&c), true, more)
}

func (c Capture) decide(d *draft, more bool) (refusal, error) {
	t := d.transfer(c.Transfer)
	if known, same := c.known(t.Transfer); same {
		return refuse(Exists), nil
	} else if known {
		return refuse(ExistsWithDifferentContent), nil
	}
	if r := d.judgeHeld(t); r.reason != "" {
		return r, nil
	}
	taken, ok := c.taken(t.Transfer)
	if !ok {
		return refuse(ExceedsHold), nil
	}
	if c.Keep && len(t.captures) >= MaxCaptures {
		return refuse(TooManyCaptures), nil
	}
	value := c.Value
	if !value.Valid() {
		value = d.openValue(t.value, t.legs)
	}
	legs := t.legsOf(taken)
	if len(c.Legs) > 0 { // what three legs ask may be two of the hold, of one account, which no transfer can take back
		if err := checkLegs(legs); err != nil {
			return refusal{}, err
		}
	}
	var r refusal
	for i := range legs {
		r.first(d.judgeLeg(&legs[i], value))
		if a := d.account(legs[i].Account); !a.fits(legs, value) { // limits do not refuse: the room was kept
			r.first(refusal{reason: Overflow, account: a.id})
		}
	}
	if r.reason != "" {
		return r, nil
	}
	e := EntryBooked{Transfer: c.Transfer, Value: value, Details: t.details, Forced: t.forced}
	for i := range t.legs {
		l, released := t.legs[i], t.left[i]
		if c.Keep {
			released = taken[i]
		}
		switch {
		case taken[i] > 0:
			l.Amount = money.New(taken[i], l.Amount.Currency())
			d.book(e, &l, released, counter(t.legs, &t.legs[i]))
		case released > 0:
			d.release(c.Transfer, &l, released, Captured)
		}
	}
	return r, d.record(t, TransferCaptured{
		ID: c.ID, Transfer: c.Transfer, At: d.time(), Value: value, Legs: legs, Keep: c.Keep, Group: d.group,
	}, more)
}

// taken returns what a capture takes of each leg of a hold; ok is false if that is more than is left.
func (c *Capture) taken(t *Transfer) (taken []int64, ok bool) {
	switch {
	case len(c.Legs) > 0:
		return t.match(c.Legs)
	case c.Amount == (money.Amount{}):
		return slices.Clone(t.left), true
	case len(t.legs) != 2:
		return nil, false
	}
	taken = []int64{c.Amount.Minor(), c.Amount.Minor()}
	for i := range t.legs {
		if t.legs[i].Amount.Currency() != c.Amount.Currency() || taken[i] > t.left[i] {
			return nil, false
		}
	}
	return taken, true
}

// known reports whether the transfer has a capture with the same id, and whether that one is the same: it says the same as c
// would have, then.
func (c *Capture) known(t *Transfer) (known, same bool) {
	i := slices.IndexFunc(t.captures, func(k capture) bool { return k.id == c.ID })
	if i < 0 {
		return false, false
	}
	k, then := &t.captures[i], Transfer{legs: t.legs, left: minors(t.legs)}
	for _, earlier := range t.captures[:i] {
		for leg, minor := range earlier.taken {
			then.left[leg] -= minor
		}
	}
	taken, ok := c.taken(&then)
	return true, ok && slices.Equal(taken, k.taken) && c.Keep == k.keep && (c.Value.IsZero() || c.Value == k.value)
}

// judgeHeld refuses what wants a hold that lives.
func (d *draft) judgeHeld(t *transferDraft) refusal {
	status := t.statusAt(d.at)
	switch {
	case status == Unknown:
		return refuse(NotFound)
	case !t.held:
		return refuse(NotHeld)
	}
	switch status {
	case Captured:
		return refuse(AlreadyCaptured)
	case Voided:
		return refuse(AlreadyVoided)
	case Expired:
		return refuse(AlreadyExpired)
	case Reversed:
		return refuse(AlreadyReversed)
	default:
		return refusal{}
	}
}

func (c Void) decide(d *draft, more bool) (refusal, error) {
	t := d.transfer(c.Transfer)
	if r := d.judgeHeld(t); r.reason != "" {
		return r, nil
	}
	left := t.Left()
	for i := range left {
		d.release(c.Transfer, &left[i], left[i].Amount.Minor(), Voided)
	}
	return refusal{}, d.record(t, TransferVoided{ID: c.ID, Transfer: c.Transfer, At: d.time(), Legs: left, Group: d.group}, more)
}

func (c Expire) decide(d *draft, more bool) (refusal, error) {
	t := d.transfer(c.Transfer)
	switch r := d.judgeHeld(t); {
	case r.reason == "":
		return refuse(NotExpired), nil
	case r.reason != AlreadyExpired || t.Transfer.status == Expired:
		return r, nil
	}
	left := t.Left()
	for i := range left {
		d.release(c.Transfer, &left[i], left[i].Amount.Minor(), Expired)
	}
	return refusal{}, d.record(t, TransferExpired{Transfer: c.Transfer, At: d.time(), Legs: left}, more)
}

func (c Reverse) decide(d *draft, more bool) (refusal, error) {
	t, old := d.transfer(c.ID), d.transfer(c.Transfer)
	switch {
	case t.Transfer.status != Unknown && t.reverses == c.Transfer && t.details == c.Details && t.forced == c.Force &&
		(c.Value.IsZero() || c.Value == t.value):
		return refuse(Exists), nil
	case t.Transfer.status != Unknown || t.interest != "":
		return refuse(ExistsWithDifferentContent), nil
	}
	if r := d.judgeBooked(old); r.reason != "" {
		return r, nil
	}
	o := Order{ID: c.ID, Value: c.Value, Legs: old.Booked(), Details: c.Details, Rate: old.rate, Force: c.Force}
	for i := range o.Legs {
		o.Legs[i].Side = o.Legs[i].Side.Other()
	}
	if !o.Value.Valid() {
		o.Value = d.openValue(old.bookedValue(), o.Legs)
	}
	legs, r := d.judge(&o, false)
	if r.reason != "" {
		return r, nil
	}
	if err := d.post(t, &o, legs, c.Transfer, more); err != nil {
		return r, err
	}
	return r, d.record(old, TransferReversed{By: c.ID, At: d.time()}, more)
}

// judgeBooked refuses to reverse what has booked nothing, or is not over.
func (d *draft) judgeBooked(t *transferDraft) refusal {
	booked := len(t.Booked()) > 0
	switch status := t.statusAt(d.at); {
	case status == Unknown:
		return refuse(NotFound)
	case status == Reversed:
		return refuse(AlreadyReversed)
	case t.interest != "":
		return refuse(InterestPosted)
	case status == Held && booked:
		return refuse(StillHeld)
	case !booked:
		return refuse(NotPosted)
	}
	return refusal{}
}

// openValue returns a value date, or where that is closed in some account, the first day that is open in all of them.
func (d *draft) openValue(value civil.Date, legs []Leg) civil.Date {
	for i := range legs {
		if a := d.account(legs[i].Account); !a.terms.Unconstrained {
			value = max(value, a.through.AddDays(1))
		}
	}
	return value
}

// Result reads the decision back.
func (c Post) Result(of func(string) []event.Data) Decision { return resultAlone(c, of) }

// Result reads the decision back.
func (c Hold) Result(of func(string) []event.Data) Decision { return resultAlone(c, of) }

// Result reads the decision back.
func (c Capture) Result(of func(string) []event.Data) Decision { return resultAlone(c, of) }

// Result reads the decision back.
func (c Void) Result(of func(string) []event.Data) Decision { return resultAlone(c, of) }

// Result reads the decision back.
func (c Expire) Result(of func(string) []event.Data) Decision { return resultAlone(c, of) }

// Result reads the decision back.
func (c Reverse) Result(of func(string) []event.Data) Decision { return resultAlone(c, of) }
