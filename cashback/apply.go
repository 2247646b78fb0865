package cashback

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Apply records an event. After an error the rewards are of no use any more: make them anew from their events.
//
// Returns an error that wraps ErrCorrupt if the event contradicts what stands before it, or is of no type that rewards have.
func (r *Rewards) Apply(d event.Data) error {
	if err := r.apply(d); err != nil {
		return fmt.Errorf("%w: rewards %q: %T: %w", ErrCorrupt, r.id, d, err)
	}
	return nil
}

func (r *Rewards) apply(d event.Data) error {
	if _, is := d.(TermsTaken); !is && r.terms == nil {
		switch d.(type) {
		case Refusal, RefundKept, Repeated:
		default:
			return fmt.Errorf("no program was taken")
		}
	}
	var at time.Time
	var err error
	switch e := d.(type) {
	case TermsTaken:
		at, err = e.At, r.applyTerms(e)
	case Earned:
		at, err = e.At, r.applyEarned(e)
	case ClawedBack:
		at, err = e.At, r.applyClawedBack(e)
	case RefundKept:
		at = e.At
		r.keep(e)
	case Confirmed:
		at, err = e.At, r.move(e.Purchase, StatusPending, StatusConfirmed, e.Amount, e.ExpireAt)
	case Rejected:
		at, err = e.At, r.applyRejected(e)
	case Expired:
		at, err = e.At, r.move(e.Purchase, StatusConfirmed, StatusExpired, e.Amount, time.Time{})
	case BecamePayable:
		at, err = e.At, r.moveAll(StatusConfirmed, StatusPayable, e.Amount.Minor())
	case PaidOut:
		at, err = e.At, r.applyPaidOut(e)
	case Refusal:
		if e.Command == commandKeptRefund {
			r.drop(e.ID)
		}
		return nil // it moves no clock: a wrong year in one command would stay
	case Repeated:
		return nil
	default:
		return fmt.Errorf("no event of rewards")
	}
	if err != nil {
		return err
	}
	_, change := movement(d)
	r.sums.add(change)
	return r.tick(at)
}

// tick moves the clock, which never goes back.
func (r *Rewards) tick(at time.Time) error {
	micros, err := money.UnixMicro(at)
	if err == nil && micros < r.clock {
		err = fmt.Errorf("it is before %s", money.FromUnixMicro(r.clock))
	}
	r.clock = max(micros, r.clock)
	r.tidy()
	return err
}

func (r *Rewards) applyTerms(e TermsTaken) error {
	if t := r.terms; t != nil && (t.Program != e.Program || t.Currency != e.Currency || t.Version >= e.Version) {
		return fmt.Errorf("it is of another program, or not newer than the one before")
	}
	meters := make(map[string]meter, len(e.Caps))
	for _, c := range e.Caps {
		if c.Policy == nil || c.Policy.Currency() != e.Currency {
			return fmt.Errorf("cap %q is in another currency", c.ID)
		}
		m, known := r.meters[c.ID]
		if !known {
			m = meter{cap.NewMeter(c.Policy), c.Policy}
		} else if !m.Policy().Equal(c.Policy) {
			facts, err := cap.SetPolicy{Policy: c.Policy}.Decide(m.Meter)
			if err != nil {
				return err
			}
			if err := m.Apply(facts[0]); err != nil {
				return err
			}
		}
		meters[c.ID] = m
	}
	r.terms, r.meters = &e, meters
	return nil
}

func (r *Rewards) applyEarned(e Earned) error {
	switch {
	case e.Reward.Currency() != r.terms.Currency || e.Program != r.terms.Program:
		return fmt.Errorf("it is of another program")
	case r.entries[e.Purchase.ID] != nil:
		return fmt.Errorf("purchase %q has earned before", e.Purchase.ID)
	case !e.addsUp():
		return fmt.Errorf("the lines of purchase %q do not add up", e.Purchase.ID)
	}
	for id, amount := range byCap(e.Lines) {
		if err := r.draw(id, &e.Purchase, amount); err != nil {
			return err
		}
	}
	r.earned++
	n := &entry{
		Earned: e, Place: r.earned, Status: StatusPending, Left: e.Reward.Minor(),
		Due: make([]int64, len(e.Lines)), Clawed: make([]int64, len(e.Lines)),
	}
	if n.Left == 0 {
		n.Status = StatusUnrewarded
	}
	r.entries[e.Purchase.ID] = n
	if !e.ConfirmAt.IsZero() && n.Left > 0 {
		r.dues.schedule(dueConfirm, e.Purchase.ID, e.ConfirmAt)
	}
	r.forgets.schedule(dueForget, e.Purchase.ID, e.RefundUntil)
	return nil
}

// addsUp reports whether the funders of each line pay what it was granted, and the lines are the reward.
func (e *Earned) addsUp() bool {
	sum := int64(0)
	for i := range e.Lines {
		line := &e.Lines[i]
		left := line.Granted.Minor()
		if left < 0 || left > MaxAmount-sum {
			return false
		}
		sum += left
		for _, s := range line.Funding {
			if s.Amount.Sign() < 0 || s.Amount.Minor() > left {
				return false
			}
			left -= s.Amount.Minor()
		}
		if left != 0 {
			return false
		}
	}
	return sum == e.Reward.Minor()
}

// byCap adds up what lines count against each cap, in minor units.
func byCap(lines []Line) map[string]int64 {
	sums := map[string]int64{}
	for i := range lines {
		for _, id := range lines[i].Caps {
			if granted := lines[i].Granted.Minor(); granted > 0 {
				sums[id] += granted
			}
		}
	}
	return sums
}

// draw counts a reward against a cap, if the cap is still there.
func (r *Rewards) draw(id string, p *Purchase, minor int64) error {
	m, is := r.meters[id]
	if !is {
		return nil
	}
	c := cap.Authorize{ID: p.ID, At: p.At, Amount: money.New(minor, r.terms.Currency), Merchant: p.Merchant.spender()}
	facts, err := c.Decide(m.Meter)
	if err != nil {
		return err
	}
	if d := c.Result(facts); !d.Approved() {
		return fmt.Errorf("cap %q: %s", id, d.Reason())
	}
	return m.Apply(facts[0])
}

// keepDays is how long a refund waits for its purchase.
const keepDays = MaxLateDays + 1

// keep lets a refund wait for its purchase.
func (r *Rewards) keep(e RefundKept) {
	r.waiting[e.ID] = e
	r.waits[e.Purchase]++
	r.forgets.schedule(dueForgetKept, e.ID, e.until())
}

func (e *RefundKept) until() time.Time { return e.At.AddDate(0, 0, keepDays) }

// drop lets a refund wait no more.
func (r *Rewards) drop(id string) {
	purchase := r.waiting[id].Purchase
	delete(r.waiting, id)
	if r.waits[purchase]--; r.waits[purchase] <= 0 {
		delete(r.waits, purchase)
	}
}

// release gives what is taken of an entry back to the caps of its lines, where the reward took it. Caps know of it by an id.
func (r *Rewards) release(e *entry, id string, at time.Time, back []LineBack, taken int64) error {
	sums := map[string]int64{}
	for i := range back {
		k := slices.IndexFunc(e.Lines, func(l Line) bool { return l.Rule == back[i].Rule })
		if k < 0 {
			return fmt.Errorf("purchase %q has no line of rule %q", e.Purchase.ID, back[i].Rule)
		}
		e.Clawed[k] += back[i].Amount.Minor()
		if e.Clawed[k] > e.Lines[k].Granted.Minor() || back[i].Amount.Sign() < 0 {
			return fmt.Errorf("more than rule %q has given", back[i].Rule)
		}
		taken -= back[i].Amount.Minor()
		for _, c := range e.Lines[k].Caps {
			sums[c] += back[i].Amount.Minor()
		}
	}
	if taken != 0 {
		return fmt.Errorf("its lines do not add up")
	}
	if e.Purchase.At.After(at) { // by a clock that is ahead
		at = e.Purchase.At
	}
	for c, minor := range sums {
		m, is := r.meters[c]
		if !is || minor == 0 {
			continue
		}
		facts, err := cap.Refund{
			ID: id, At: at, Amount: money.New(minor, r.terms.Currency), Of: &cap.Ref{ID: e.Purchase.ID, At: e.Purchase.At},
		}.Decide(m.Meter)
		if err != nil {
			continue // the cap was taken away and set again since, and knows nothing of it
		}
		if err := m.Apply(facts[0]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rewards) applyClawedBack(e ClawedBack) error {
	old := r.entries[e.Purchase]
	if old == nil || r.refundOf[e.ID] != "" || old.Status != e.From {
		return fmt.Errorf("refund %q has no purchase, or was recorded before", e.ID)
	}
	n := old.copied()
	n.Refunded += e.Amount.Minor()
	if n.Refunded != e.Refunded.Minor() || n.Refunded > n.Purchase.Amount.Minor() || e.Taken.Minor() > n.Left || !e.addsUp() {
		return fmt.Errorf("refund %q does not add up", e.ID)
	}
	due, err := n.figure(n.Refunded)
	if err != nil {
		return err
	}
	n.Due = due
	n.Left -= e.Taken.Minor()
	n.Refunds = append(n.Refunds, e)
	if err := r.release(n, "refund/"+e.ID, e.At, e.Back, e.Taken.Minor()+e.Owed.Minor()); err != nil {
		return err
	}
	r.entries[e.Purchase] = n
	r.refundOf[e.ID] = e.Purchase
	r.drop(e.ID)
	return nil
}

// addsUp reports whether what is due is somewhere, and nothing of it below zero.
func (e *ClawedBack) addsUp() bool {
	left := e.Due.Minor()
	for _, part := range [...]money.Amount{e.Taken, e.Owed, e.Waived, e.Gone} {
		if part.Sign() < 0 || part.Minor() > left {
			return false
		}
		left -= part.Minor()
	}
	return left == 0 && e.Amount.Sign() > 0
}

// copied returns an entry that may be changed.
func (e *entry) copied() *entry {
	c := *e
	c.Due, c.Clawed, c.Refunds = slices.Clone(e.Due), slices.Clone(e.Clawed), slices.Clip(e.Refunds)
	return &c
}

func (r *Rewards) applyRejected(e Rejected) error {
	old := r.entries[e.Purchase]
	if old == nil {
		return fmt.Errorf("there is no purchase %q", e.Purchase)
	}
	n := old.copied()
	if err := r.release(n, "rejected/"+e.Purchase, e.At, e.Back, e.Amount.Minor()); err != nil {
		return err
	}
	r.entries[e.Purchase] = n
	return r.move(e.Purchase, StatusPending, StatusRejected, e.Amount, time.Time{})
}

// move gives an entry another status.
func (r *Rewards) move(purchase string, from, to Status, amount money.Amount, expireAt time.Time) error {
	old := r.entries[purchase]
	if old == nil || old.Status != from || old.Left != amount.Minor() {
		return fmt.Errorf("purchase %q is not %s with %s", purchase, from, amount)
	}
	n := *old
	n.Status, n.ExpireAt = to, expireAt
	if to.settled() && to != StatusPaid {
		n.Left = 0
	}
	r.entries[purchase] = &n
	delete(r.of(from), purchase)
	if standing := r.of(to); standing != nil {
		standing[purchase] = true
	}
	if !expireAt.IsZero() {
		r.dues.schedule(dueExpire, purchase, expireAt)
	}
	if to.settled() && r.forgotten(&n) {
		r.forget(due{what: dueForget, id: purchase})
	}
	return nil
}

// forgotten reports whether no refund of an entry is taken any more.
func (r *Rewards) forgotten(e *entry) bool { return e.RefundUntil.UnixMicro() <= r.clock }

// moveAll gives all entries of a status another one.
func (r *Rewards) moveAll(from, to Status, sum int64) error {
	for purchase := range r.of(from) { // in any order: they do not touch each other
		e := r.entries[purchase]
		sum -= e.Left
		if err := r.move(purchase, from, to, money.New(e.Left, r.terms.Currency), time.Time{}); err != nil {
			return err
		}
	}
	if sum != 0 {
		return fmt.Errorf("what is %s is not of that sum", from)
	}
	return nil
}

func (r *Rewards) applyPaidOut(e PaidOut) error {
	if _, twice := r.paid[e.ID]; twice || e.Debt.Minor() != r.sums.debt {
		return fmt.Errorf("payout %q was recorded before, or leaves a debt", e.ID)
	}
	if err := r.moveAll(StatusPayable, StatusPaid, e.Amount.Minor()+e.Debt.Minor()); err != nil {
		return err
	}
	r.paid[e.ID] = e
	r.payouts = append(r.payouts, e.ID)
	if len(r.payouts) > MaxPayouts {
		delete(r.paid, r.payouts[0])
		r.payouts = r.payouts[1:]
	}
	return nil
}
