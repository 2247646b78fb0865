package ledger_test

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// doAccount decides a command over one account, and takes it up.
func (m *model) doAccount(id string, c ledger.AccountCommand) ledger.AccountDecision {
	a := m.account(id)
	known := a
	if a == nil {
		known = &modelAccount{id: id}
	}
	var why []fault
	add := func(reason ledger.Reason, applies bool) {
		if applies {
			why = append(why, fault{reason: reason})
		}
	}
	d := ledger.AccountDecision{}
	var at int64
	var done func()
	common := func(t time.Time, but ledger.Reason) {
		at = max(micros(t), clock(known.moments))
		add(ledger.UnknownAccount, a == nil)
		add(ledger.Closed, known.closed && but != ledger.Closed)
		add(ledger.Unconstrained, known.terms.Unconstrained && but != ledger.Unconstrained)
	}
	switch c := c.(type) {
	case ledger.Open:
		at = max(micros(c.At), clock(known.moments))
		add(ledger.AlreadyOpen, a != nil)
		done = func() {
			known.terms, a = c.Terms, known
			m.accounts = append(m.accounts, known)
		}
	case ledger.SetLimits:
		common(c.At, "")
		done = func() { a.terms.Limits = &c.Limits }
	case ledger.SetBlock:
		common(c.At, "")
		done = func() { a.block = c.Block }
	case ledger.Close:
		common(c.At, "")
		if a != nil {
			out, in, _ := m.held(a, at)
			add(ledger.BalanceNotZero, m.balance(a) != 0)
			add(ledger.HoldsPending, out != 0 || in != 0)
		}
		done = func() { a.closed = true }
	case ledger.Reopen:
		common(c.At, ledger.Closed)
		add(ledger.NotClosed, a != nil && !a.closed)
		done = func() { a.closed = false }
	case ledger.EndPeriod:
		at = max(micros(c.At), clock(known.moments))
		add(ledger.UnknownAccount, a == nil)
		add(ledger.PeriodClosed, c.Through <= known.through)
		add(ledger.PeriodNotOver, c.Through >= civil.DateOf(instantOf(at).Add(14*time.Hour), nil))
		add(ledger.Overflow, a != nil && !a.terms.Unconstrained && !inRange(m.exactOn(a, c.Through)))
		d.Through = known.through
		done = func() {
			a.through, d.Through = c.Through, c.Through
			if !a.terms.Unconstrained {
				d.Balance = money.New(m.balanceOn(a, c.Through), a.terms.Currency)
			}
		}
	}
	d.At = instantOf(at)
	if d.Reason = first(why).reason; d.Reason == "" {
		done()
		a.moments = append(a.moments, at)
	}
	return d
}
