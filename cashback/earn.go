package cashback

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Earn is the command that rewards a purchase under a program, from what budgets leave. A purchase that earns nothing is recorded too: asked
// again, it earns nothing again.
type Earn struct {
	_ struct{} // disallow positional literals

	At       time.Time
	Program  *Program
	Purchase Purchase

	// Budgets is what is left of those that the purchase may draw on ([Program.DrawsOn]); one that is not there has nothing left. What was drawn is
	// to be taken off them in the same transaction: [Drawn] says how much. Package cashback/desk does that.
	Budgets map[string]money.Amount
}

// AppendJSON writes what makes one question the same as another: the purchase. A redelivery after the program has changed is a retry.
func (c Earn) AppendJSON(dst []byte) ([]byte, error) {
	c.Purchase.At = money.Instant(c.Purchase.At)
	text, err := json.Marshal(c.Purchase)
	return append(dst, text...), err
}

// MarshalJSON is AppendJSON.
func (c Earn) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// maxAhead is how far after the instant of its decision a purchase may be dated: the clocks of networks differ.
const maxAhead = 24 * time.Hour

// Decide returns an Earned, and what goes before it and with it; or a Repeated or a Refusal.
//
// Returns an error that wraps ErrInvalid if the command is malformed, or there is no rate for the purchase's currency; and another if this
// machine does not know the program's time zone.
func (c Earn) Decide(r *Rewards) ([]event.Data, error) {
	if c.Program == nil {
		return nil, invalid("program", "none")
	}
	if err := c.Purchase.Validate(); err != nil {
		return nil, err
	}
	p := c.Purchase
	p.At, p.Merchant.Groups = money.Instant(p.At), slices.Clone(p.Merchant.Groups)
	t, err := r.try(c.At)
	if err != nil {
		return nil, err
	}
	if known := t.entries[p.ID]; known != nil {
		if !samePurchase(&p, &known.Purchase) {
			return t.refuse(commandEarn, p.ID, Cause{Reason: ExistsWithDifferentContent})
		}
		return t.apart(Repeated{Command: commandEarn, ID: p.ID, At: t.at, Amount: known.Reward})
	}
	if len(t.entries) >= MaxKept {
		t.forgetBy()
	}
	if causes := c.causes(t); len(causes) > 0 {
		return t.refuse(commandEarn, p.ID, causes...)
	}
	if r.terms == nil || r.terms.Version < c.Program.Version() {
		if err := t.emit(c.Program.terms(t.at)); err != nil {
			return nil, err
		}
	}
	earned, err := c.earned(t, &p)
	if err != nil {
		return nil, err
	}
	if sum := t.sums.earned + earned.Reward.Minor(); sum > maxSum {
		return nil, invalid("purchase.amount", "the rewards would not fit")
	}
	waiting := t.waitingFor(p.ID)
	if len(waiting) == 0 {
		return t.last(earned)
	}
	if err := t.emit(earned); err != nil {
		return nil, err
	}
	for _, w := range waiting {
		e, err := t.refund(commandKeptRefund, w.ID, p.ID, w.Asked)
		if err == nil {
			err = t.emit(e)
		}
		if err != nil {
			return nil, err
		}
	}
	return t.decided, nil
}

// Result reads the decision back.
func (Earn) Result(decided []event.Data) Decision { return resultOf(commandEarn, decided) }

// causes says why a purchase is refused.
func (c Earn) causes(t *trial) (causes []Cause) {
	s, p := &c.Program.spec, &c.Purchase
	if t.terms != nil && t.terms.Program != s.ID {
		causes = append(causes, Cause{Reason: ProgramMismatch, Given: s.ID, Want: t.terms.Program})
	}
	if digest := c.Program.digestText(); t.terms != nil && t.terms.Version == s.Version && t.terms.Digest != digest && len(causes) == 0 {
		causes = append(causes, Cause{Reason: ProgramMismatch, Given: digest, Want: t.terms.Digest})
	}
	if t.terms != nil && t.terms.Currency != s.Currency {
		causes = append(causes, Cause{Reason: CurrencyMismatch, Given: s.Currency.Code(), Want: t.terms.Currency.Code()})
	}
	if latest := t.at.Add(maxAhead); p.At.After(latest) {
		causes = append(causes, Cause{Reason: PurchaseInFuture, Limit: latest})
	}
	oldest := t.at.AddDate(0, 0, -s.LateDays)
	if since := t.since(); since.After(oldest) {
		oldest = since
	}
	if p.At.Before(oldest) {
		causes = append(causes, Cause{Reason: TooLate, Limit: oldest})
	}
	if len(t.entries) >= MaxKept {
		causes = append(causes, Cause{Reason: TooManyEntries, Most: MaxKept})
	}
	return causes
}

// earned evaluates a purchase.
func (c Earn) earned(t *trial, p *Purchase) (Earned, error) {
	s := &c.Program.spec
	room := Room{Budgets: c.Budgets}
	var err error
	if room.Caps, err = t.room(p); err != nil {
		return Earned{}, err
	}
	if room.Budgets == nil {
		room.Budgets = map[string]money.Amount{}
	}
	found, err := c.Program.Evaluate(p, &room)
	if err != nil {
		return Earned{}, err
	}
	day := dayOf(p.At, c.Program.zone)
	e := Earned{
		At: t.at, Purchase: *p, Program: s.ID, Version: s.Version, Base: found.Base, Reward: found.Reward, Lines: found.Lines,
		Rounding: s.Rounding, Method: s.Clawback.Method, By: s.Confirmation.By, ExpiryMonths: s.ExpiryMonths,
		RefundUntil: day.AddDays(s.RefundDays + 1).Start(c.Program.zone).UTC(),
	}
	if least := p.At.AddDate(0, 0, s.RefundDays).Add(time.Microsecond); e.RefundUntil.Before(least) { // a day of 23 hours was among them
		e.RefundUntil = least
	}
	if s.Confirmation.By == ByDelay {
		e.ConfirmAt = day.AddDays(s.Confirmation.Days).Start(c.Program.zone).UTC()
		if s.Confirmation.Days == 0 {
			e.ConfirmAt = p.At
		}
	}
	return e, nil
}

// terms is what rewards take over of a program.
func (p *Program) terms(at time.Time) TermsTaken {
	s := &p.spec
	return TermsTaken{
		At: at, Program: s.ID, Version: s.Version, Digest: p.digestText(), Currency: s.Currency, Zone: s.Zone,
		PayoutThreshold: s.PayoutThreshold, Balance: s.Clawback.Balance, Caps: s.Caps,
	}
}

func (p *Program) digestText() string {
	d := p.Digest()
	return hex.EncodeToString(d[:])
}

// waitingFor returns the refunds that wait for a purchase, as they have arrived.
func (r *Rewards) waitingFor(purchase string) (found []RefundKept) {
	if r.waits[purchase] == 0 {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(r.waiting)) {
		if w := r.waiting[id]; w.Purchase == purchase {
			found = append(found, w)
		}
	}
	slices.SortStableFunc(found, func(x, y RefundKept) int { return x.At.Compare(y.At) })
	return found
}

// samePurchase reports whether a purchase is given again in the same words.
func samePurchase(p, q *Purchase) bool {
	x, err := json.Marshal(p)
	if err != nil {
		return false
	}
	y, err := json.Marshal(q)
	return err == nil && string(x) == string(y)
}
