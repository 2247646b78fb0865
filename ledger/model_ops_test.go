package ledger_test

import (
	"fmt"
	"math"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// The commands of the property test. Everything is small, so that limits, ends and closed days are met all the time; and now
// and then an amount is at the edge of what an int64, or an account, can have.

const microsOfDay = 24 * 3600 * 1_000_000

var start = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC).UnixMicro()

// world is a ledger beside its model, and what drives both.
type world struct {
	t      rapid.TB
	pick   func(what string, n int) int // draws a number from 0 on, below n
	l      *ledger.Ledger
	twin   *ledger.Ledger // is given every fact as JSON
	m      *model
	now    int64
	ids    int
	asked  []any                   // commands, to be asked again
	closed map[string]money.Amount // what accounts had when their last period was closed

	journal  []event.Record // every fact so far, as a journal keeps it
	versions map[string]event.Version
}

// rarely is once in n times.
func (w *world) rarely(what string, n int) bool { return w.pick(what, n) == n-1 }

func (w *world) newID(prefix string) string {
	w.ids++
	return fmt.Sprint(prefix, w.ids)
}

// instant goes forth, sometimes back, and often to where a hold ends.
func (w *world) instant() time.Time {
	at := w.now
	switch w.pick("when", 9) {
	case 3:
		at++
	case 4:
		at += int64(1+w.pick("hours", 60)) * 3600 * 1_000_000
	case 5:
		at -= int64(1 + w.pick("back", 2*microsOfDay))
	case 6, 7, 8:
		var ends []int64
		for _, t := range w.m.transfers {
			if t.status(w.now) == ledger.Held && t.ends != forever {
				ends = append(ends, t.ends)
			}
		}
		if len(ends) > 0 {
			at = ends[w.pick("end", len(ends))] + int64(w.pick("about", 3)) - 1
		}
	}
	w.now = max(w.now, at)
	return instantOf(at).Add(time.Duration(w.pick("nanoseconds", 1000)))
}

// value is a value date about now, or about the end of a closed period.
func (w *world) value() civil.Date {
	day := civil.DateOf(instantOf(w.now), nil)
	if a := w.m.account(w.account("of", nil)); a != nil && a.through != 0 && w.pick("value", 3) == 0 {
		return a.through.AddDays(w.pick("after closed", 3))
	}
	return day.AddDays(w.pick("days", 8) - 4)
}

// account draws an account, of a currency if one is named; once in a while one of another, or that never was.
func (w *world) account(what string, c *money.Currency) string {
	var of []string
	for _, a := range w.m.accounts {
		if c == nil || a.terms.Currency == *c {
			of = append(of, a.id)
		}
	}
	if w.rarely("stray", 40) || len(of) == 0 {
		of = []string{"ghost", "anna", "yen"}
	}
	return of[w.pick(what, len(of))]
}

func (w *world) minor() int64 {
	if w.rarely("edge", 60) {
		edges := []int64{ledger.MaxBalance, ledger.MaxBalance - 1, ledger.MaxBalance + 1, ledger.MaxBalance / 2, math.MaxInt64, math.MaxInt64 - 1}
		return edges[w.pick("edge of", len(edges))]
	}
	return int64(1 + w.pick("minor", 40))
}

// legs are those of one to four moves, each within one currency.
func (w *world) legs() (legs []ledger.Leg) {
	moves := 1
	if w.pick("moves", 4) == 0 {
		moves = 2 + w.pick("more", 3)
	}
	for range moves {
		c := money.EUR
		if w.pick("currency", 6) == 0 {
			c = money.JPY
		}
		from, to := w.account("from", &c), w.account("to", &c)
		if from == to {
			from, to = "cash", "anna"
			if c == money.JPY {
				from, to = "yencash", "yen"
			}
		}
		legs = append(legs, ledger.Move(from, to, money.New(w.minor(), c))...)
	}
	return legs
}

func (w *world) order() ledger.Order {
	o := ledger.Order{ID: w.newID("t"), At: w.instant(), Legs: w.legs(), Value: w.value(), Force: w.pick("force", 8) == 0}
	if w.pick("details", 4) == 0 {
		o.Details = ledger.Details{Reference: "INV-1", Text: "for <the> \"rent\"", Code: "PMNT"}
	}
	if len(o.Legs) == 2 && !o.Force && w.pick("at most", 4) == 0 {
		o.AtMost = true
	}
	for w.pick("condition", 6) == 5 {
		currency := o.Legs[0].Amount.Currency()
		c := ledger.Condition{Account: w.account("condition on", &currency)}
		kinds := w.pick("bounds", 3)
		if kinds != 0 {
			c.AtLeast = money.New(int64(w.pick("at least", 60)), currency)
		}
		if kinds != 1 {
			c.AtMost = money.New(int64(w.pick("at most", 100)), currency)
		}
		if w.rarely("foreign bound", 20) {
			c.AtMost = money.New(1, money.USD)
		}
		o.If = append(o.If, c)
	}
	if w.rarely("wrong id", 20) {
		o.ID = w.known()
	}
	return o
}

func (w *world) post() ledger.Post {
	if w.pick("exchange", 8) == 0 {
		return w.exchange()
	}
	return ledger.Post(w.order())
}

// exchange is one of euros for yen, with every rounding, and sometimes a fee.
func (w *world) exchange() ledger.Post {
	c := money.EUR
	x := ledger.Exchange{
		ID: w.newID("x"), At: w.instant(), Value: w.value(), From: w.account("sells", &c), To: "yen",
		Sell: money.New(int64(1+w.pick("sold", 60)), c), Buy: money.JPY,
		Rate:          money.MustParseRate([]string{"160.35", "1/3", "99.995"}[w.pick("rate", 3)]),
		FromLiquidity: "fees", ToLiquidity: "yencash", Remainder: "yenfees",
		Rounding: money.Rounding(1 + w.pick("rounding", 6)), Pay: money.Rounding(1 + w.pick("pay", 6)),
	}
	if w.pick("fee", 2) == 0 {
		x.Fee, x.FeeAccount = money.New(int64(1+w.pick("fee of", 5)), c), "cash"
	}
	p, err := x.Post()
	if err != nil && (x.From == "fees" || x.From == "cash" || x.From == "yen" || x.Sell.Minor() < 150) { // it buys nothing, or an account twice
		return ledger.Post(w.order())
	} else if err != nil {
		w.t.Fatalf("%s: %v", show(x), err)
	}
	return p
}

func (w *world) hold() ledger.Hold {
	o := w.order()
	if w.pick("expires", 3) > 0 {
		spans := []int64{1, 2, 1_000_000, 3600 * 1_000_000, microsOfDay, 7 * microsOfDay}
		o.Expires = instantOf(o.At.UnixMicro() + spans[w.pick("lives", len(spans))])
	}
	return ledger.Hold(o)
}

// known is the id of some transfer, and rarely one that never was.
func (w *world) known() string {
	if n := len(w.m.transfers); n > 0 && !w.rarely("unknown", 20) {
		return w.m.transfers[w.pick("known", n)].order.ID
	}
	return "never"
}

// heldID is the id of a hold that lives, mostly.
func (w *world) heldID() string {
	var live []string
	for _, t := range w.m.transfers {
		if t.status(w.now) == ledger.Held {
			live = append(live, t.order.ID)
		}
	}
	if len(live) == 0 || w.pick("any", 4) == 0 {
		return w.known()
	}
	return live[w.pick("live", len(live))]
}

// endedID is the id of a hold that has ended, mostly.
func (w *world) endedID() string {
	for _, t := range w.m.transfers {
		if t.status(w.now) == ledger.Expired && !t.recorded && w.pick("this", 2) == 0 {
			return t.order.ID
		}
	}
	return w.heldID()
}

// capture is of a hold; placed is one of the same group, which the model does not know yet.
func (w *world) capture(placed *ledger.Hold) ledger.Capture {
	c := ledger.Capture{ID: w.newID("c"), Transfer: w.heldID(), At: w.instant()}
	if w.pick("capture id", 3) == 0 {
		c.ID = "c"
	}
	var legs []ledger.Leg
	if placed != nil {
		c.Transfer, legs = placed.ID, placed.Legs
	} else if t := w.m.transfer(c.Transfer); t != nil {
		legs = t.order.Legs
	}
	if w.pick("capture value", 4) == 0 {
		c.Value = w.value()
	}
	switch w.pick("part", 4) {
	case 0, 1:
		if len(legs) > 0 {
			minor := legs[0].Amount.Minor()
			c.Amount = money.New(int64(1+w.pick("captured", int(min(minor, 41)))), legs[0].Amount.Currency())
			c.Keep = w.pick("keep", 2) == 0
		}
	case 2:
		for i := 0; i+1 < len(legs); i += 2 {
			minor := int64(w.pick("of move", int(min(legs[i].Amount.Minor(), 41))+1))
			if minor > 0 {
				c.Legs = append(c.Legs, ledger.Move(legs[i].Account, legs[i+1].Account, money.New(minor, legs[i].Amount.Currency()))...)
			}
		}
		c.Keep = len(c.Legs) > 0 && w.pick("keep", 2) == 0
	}
	return c
}

func (w *world) reverse() ledger.Reverse {
	r := ledger.Reverse{ID: w.newID("r"), Transfer: w.known(), At: w.instant(), Force: w.pick("force", 6) == 0}
	if w.pick("reverse value", 3) == 0 {
		r.Value = w.value()
	}
	if w.rarely("wrong id", 20) {
		if r.ID = w.known(); r.ID == r.Transfer {
			r.ID = "another"
		}
	}
	return r
}

// linked are two to five steps; a hold among them is mostly captured or voided in the same group.
func (w *world) linked() ledger.Linked {
	g := ledger.Linked{ID: w.newID("g")}
	for range 1 + w.pick("steps", 4) {
		switch w.pick("step", 6) {
		case 0, 1:
			c := w.post()
			g.Steps = append(g.Steps, ledger.Step{Post: &c})
			if w.pick("and back", 4) == 0 {
				g.Steps = append(g.Steps, ledger.Step{Reverse: &ledger.Reverse{ID: w.newID("r"), Transfer: c.ID, At: w.instant()}})
			}
		case 2, 3:
			h := w.hold()
			g.Steps = append(g.Steps, ledger.Step{Hold: &h})
			for w.pick("resolve", 3) > 0 && len(g.Steps) < 8 {
				if w.pick("how", 3) == 0 {
					g.Steps = append(g.Steps, ledger.Step{Void: &ledger.Void{ID: w.newID("v"), Transfer: h.ID, At: w.instant()}})
				} else {
					c := w.capture(&h)
					g.Steps = append(g.Steps, ledger.Step{Capture: &c})
				}
			}
		case 4:
			c := w.capture(nil)
			g.Steps = append(g.Steps, ledger.Step{Capture: &c})
		case 5:
			c := w.reverse()
			g.Steps = append(g.Steps, ledger.Step{Reverse: &c})
		}
	}
	return g
}

// commands are the steps of a group, each alone.
func commands(g ledger.Linked) (all []ledger.Command) {
	for _, s := range g.Steps {
		switch {
		case s.Post != nil:
			all = append(all, *s.Post)
		case s.Hold != nil:
			all = append(all, *s.Hold)
		case s.Capture != nil:
			all = append(all, *s.Capture)
		case s.Void != nil:
			all = append(all, *s.Void)
		case s.Reverse != nil:
			all = append(all, *s.Reverse)
		}
	}
	return all
}

func (w *world) command() ledger.Command {
	switch w.pick("command", 16) {
	case 0, 1, 2, 3, 4:
		return w.post()
	case 5, 6, 7:
		return w.hold()
	case 8, 9:
		return w.capture(nil)
	case 10:
		return ledger.Void{ID: w.newID("v"), Transfer: w.heldID(), At: w.instant()}
	case 11:
		return ledger.Expire{ID: w.newID("e"), Transfer: w.endedID(), At: w.instant()}
	case 12:
		return w.reverse()
	}
	return w.linked()
}

func (w *world) limits(c money.Currency) *ledger.Limits {
	l := &ledger.Limits{Overdraft: ledger.Overdraft(1 + w.pick("overdraft", 3))}
	if l.Overdraft == ledger.LimitedOverdraft {
		l.OverdraftLimit = money.New(int64(1+w.pick("limit", 50)), c)
	}
	if w.pick("minimum", 5) == 0 {
		l.Minimum = money.New(int64(w.pick("at least", 20)), c)
	}
	if w.pick("maximum", 3) == 0 {
		l.Maximum = money.New(max(0, l.Minimum.Minor())+int64(w.pick("at most", 100)), c)
	}
	return l
}

func (w *world) accountCommand() (string, ledger.AccountCommand) {
	id := w.account("account", nil)
	at := w.instant()
	currency := money.EUR
	if a := w.m.account(id); a != nil {
		currency = a.terms.Currency
	}
	switch w.pick("account command", 9) {
	case 0, 1:
		return id, ledger.SetLimits{At: at, Limits: *w.limits(currency)}
	case 2:
		return id, ledger.SetBlock{At: at, Block: ledger.Block(w.pick("block", 4)), Why: "a court's order"}
	case 3:
		return id, ledger.SetBlock{At: at}
	case 4:
		return id, ledger.Close{At: at}
	case 5, 6:
		for _, a := range w.m.accounts {
			if a.closed {
				id = a.id
			}
		}
		return id, ledger.Reopen{At: at}
	case 7:
		return id, ledger.EndPeriod{At: at, Through: civil.DateOf(instantOf(w.now), nil).AddDays(w.pick("through", 6) - 5)}
	}
	return w.newID("late"), ledger.Open{At: at, Terms: ledger.Terms{Type: ledger.Equity, Currency: money.EUR, Limits: w.limits(money.EUR)}}
}
