package billing_test

import (
	"encoding"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// history is an account and its model under the same commands.
type history struct {
	t     *rapid.T
	a     *billing.Account
	m     *model
	at    time.Time
	views []contract.View
	n     int
}

// An account decides as the model does, whatever came before: laws B1 to B7.
func TestAccountIsTheModel(t *testing.T) {
	accepted, refused, refunded, charged := 0, 0, 0, 0
	for range campaign.Size(1, 10) {
		rapid.Check(t, func(t *rapid.T) {
			h := history{t: t, a: billing.NewAccount("CTR-1"), m: &model{mandates: map[string]contract.MandateView{}}, at: at(1, 0)}
			if rapid.IntRange(0, 9).Draw(t, "start") > 0 {
				h.takeContract()
				h.takeMandate()
			}
			for range rapid.IntRange(30, 80).Draw(t, "commands") {
				h.at = h.at.Add(rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour, 7 * time.Hour, -time.Minute, 50 * time.Hour}).Draw(t, "step"))
				switch rapid.IntRange(0, 19).Draw(t, "command") {
				case 0:
					h.takeContract()
				case 1:
					h.takeMandate()
				case 2:
					h.setOverdue()
				case 3:
					h.closeDays()
				case 4:
					h.setCap()
				case 5:
					if h.addCharge() {
						charged++
					}
				case 6, 7, 8:
					if h.refund() {
						refunded++
					}
				default:
					if h.accept() {
						accepted++
					} else {
						refused++
					}
				}
				h.compare()
			}
		})
	}
	if t.Logf("%d accepted, %d refused, %d refunded, %d charges", accepted, refused, refunded, charged); !t.Failed() && min(accepted, refused, refunded, charged) < 60 {
		t.Error("too few of one kind to tell")
	}
}

func (h *history) draw(name string, most int) int { return rapid.IntRange(0, most).Draw(h.t, name) }

// takeContract gives both an update: newer, the same, or older than what they have.
func (h *history) takeContract() {
	v := active(uint64(len(h.views)+1), h.drawLimit())
	from := h.at
	for range h.draw("phases", 3) {
		from = from.Add(time.Duration(1+h.draw("hours", 100)) * time.Hour)
		s := rapid.SampledFrom([]contract.Status{contract.Active, contract.Suspended, contract.Active, contract.Cancelled, contract.Expired}).Draw(h.t, "status")
		mandate := rapid.SampledFrom([]string{mandateID, mandateID, mandateID, "FR83ZZZ459654/RUM-2", ""}).Draw(h.t, "mandate")
		v.Phases = append(v.Phases, phase(from, s, h.drawLimit(), mandate))
		v.Phases[len(v.Phases)-1].BillingDay = contract.LastDay
		if s.Final() && h.draw("end", 2) > 0 {
			v.Phases = v.Phases[:len(v.Phases)-1]
		} else if s.Final() {
			break
		}
	}
	h.views = append(h.views, v)
	v = h.views[len(h.views)-1-min(len(h.views)-1, max(0, h.draw("older", 5)-3))]
	taken := do(h.t, h.a, billing.TakeContract{View: v})
	newer := h.m.contract == nil || v.Revision > h.m.contract.Revision
	if newer {
		h.m.contract = &v
	}
	if taken.Current != newer {
		h.t.Fatalf("revision %d: got %+v, want newer %v", v.Revision, taken, newer)
	}
}

func (h *history) drawLimit() int64 {
	return rapid.SampledFrom([]int64{1, 50_00, 200_00, 400_00, 800_00, 2000_00}).Draw(h.t, "limit")
}

func (h *history) takeMandate() {
	h.n++
	s := contract.MandateActive
	if h.draw("other", 4) == 4 {
		s = contract.MandateStatus(1 + h.draw("status", int(contract.MandateFailed)-1))
	}
	v := mandateView(uint64(1+h.draw("revision", h.n)), s)
	if h.draw("mandate", 4) == 4 {
		v.Mandate, v.Reference = "FR83ZZZ459654/RUM-2", "RUM-2"
	}
	do(h.t, h.a, billing.TakeMandate{View: v})
	if v.Revision > h.m.mandates[v.Mandate].Revision {
		h.m.mandates[v.Mandate] = v
	}
}

func (h *history) setOverdue() {
	c := billing.SetOverdue{At: h.at}
	if h.draw("overdue", 4) == 4 {
		c.Since, c.Amount = civil.MustParseDate("2026-10-31"), eur(5)
	}
	if do(h.t, h.a, c).Accepted {
		h.m.clock, h.m.overdue = h.m.now(h.at), c.Amount.Valid()
	}
}

func (h *history) closeDays() {
	paris, _ := time.LoadLocation("Europe/Paris")
	now := h.m.now(h.at)
	through := civil.DateOf(now, paris).AddDays(-h.draw("days", 4) + 1)
	d := do(h.t, h.a, billing.CloseDays{At: h.at, Through: through})
	want := h.m.contract != nil && through > h.m.closed && through < civil.DateOf(now, paris)
	if d.Accepted != want {
		h.t.Fatalf("closing %s at %s: got %v %v, want %v", through, now, d.Accepted, d.Reasons(), want)
	}
	if want {
		h.m.clock, h.m.closed = now, through
	}
}

func (h *history) setCap() {
	if h.m.contract == nil || h.draw("cap", 2) > 0 {
		return
	}
	weekly := h.drawLimit()
	policy := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "week", Max: eur(weekly), Window: cap.Rolling(7 * 24 * time.Hour)}}, nil)
	if h.m.weekly > 0 && h.draw("off", 2) == 0 {
		policy, weekly = nil, 0
	}
	if do(h.t, h.a, billing.SetSpendingCap{At: h.at, Policy: policy}); h.m.weekly == 0 {
		h.m.capFrom = len(h.m.bought)
	}
	h.m.clock, h.m.weekly = h.m.now(h.at), weekly
}

// drawOperation draws a purchase, and whether its totals are wrong.
func (h *history) drawOperation(id string) (o billing.Operation, wrong bool) {
	o = operation(id)
	o.Orders = nil
	for i := range 1 + h.draw("orders", 1) {
		order := billing.Order{Reference: fmt.Sprint("O", i)}
		for range 1 + h.draw("items", 2) {
			it := item("0", rapid.SampledFrom([]string{"0", "5.5", "20", "20", "2.1"}).Draw(h.t, "vat"))
			it.Quantity = billing.Quantity(1 + h.draw("quantity", 3_000_000))
			it.UnitPrice = billing.Price(h.draw("price", 30_000_000))
			if h.draw("whole", 1) == 0 {
				it.Quantity, it.UnitPrice = billing.Whole(1+h.draw("count", 4)), billing.Price(10_000*h.draw("cents", 20_00))
			}
			order.Items = append(order.Items, it)
		}
		o.Orders = append(o.Orders, order)
	}
	if h.draw("dated", 3) == 0 {
		o.At = h.m.now(h.at).Add(-time.Duration(h.draw("ago", 200)) * time.Hour)
	}
	if h.draw("claimed", 2) == 0 {
		wrong = h.draw("wrong", 5) == 5
		sum := gross(&o)
		if wrong {
			sum++
		}
		o.Totals = &billing.Totals{Gross: eur(sum)}
	}
	return o, wrong
}

func (h *history) accept() bool {
	now := h.m.now(h.at)
	h.n++
	o, wrong := h.drawOperation(fmt.Sprint("op-", h.n))
	if gross(&o) == 0 {
		return false
	}
	exists := false
	if len(h.m.bought) > 0 && h.draw("again", 5) == 0 {
		old := h.m.bought[h.draw("which", len(h.m.bought)-1)]
		if h.draw("same", 1) == 0 { // B3
			if d := do(h.t, h.a, billing.Accept{At: h.at, Operation: old.op}); !d.Accepted || !d.Repeated || d.At != old.at || d.Totals.Gross.Minor() != gross(&old.op) {
				h.t.Fatalf("%s again: got %+v", old.op.ID, d)
			}
			return true
		}
		o.ID, exists = old.op.ID, true
		o.Orders[0].Items[0].Label = "another"
	}
	d := do(h.t, h.a, billing.Accept{At: h.at, Operation: o})
	want := h.m.reasons(now, &o, wrong, exists)
	if !slices.Equal(d.Reasons(), want) || d.Accepted != (len(want) == 0) || d.At != now {
		h.t.Fatalf("%s of %d at %s: got %v %v at %s, want %v", o.ID, gross(&o), now, d.Accepted, d.Reasons(), d.At, want)
	}
	if d.Accepted {
		h.m.clock = now
		if d.Exposure.Minor() > h.m.inForce(now).Limit.Minor() { // B1
			h.t.Fatalf("exposure %v is above the limit %v", d.Exposure, h.m.inForce(now).Limit)
		}
		h.m.bought = append(h.m.bought, modelPurchase{op: o, at: now, cost: gross(&o)})
	}
	return d.Accepted
}

// refund gives something back, within what is left of it or not.
func (h *history) refund() bool {
	if len(h.m.bought) == 0 {
		return false
	}
	h.n++
	of := h.draw("of", len(h.m.bought)-1)
	p := &h.m.bought[of].op
	c := billing.Refund{ID: fmt.Sprint("back-", h.n), Of: p.ID, At: h.at}
	trial := *h.m
	trial.refunds = slices.Clone(h.m.refunds)
	fits := true
	if h.draw("all", 3) == 0 {
		for i := range p.Orders {
			for k := range p.Orders[i].Items {
				if units, net := trial.left(of, i, k); units.Sign() > 0 || net > 0 {
					trial.refunds = append(trial.refunds, modelRefund{of, c.ID, i, k, units, net})
				}
			}
		}
		fits = h.m.back(of) < gross(p)
	}
	for range h.draw("lines", 2) + 1 {
		if len(trial.refunds) > len(h.m.refunds) && len(c.Lines) == 0 || !fits && len(c.Lines) == 0 {
			break // all of it
		}
		fits = h.refundLine(&c, &trial, of) && fits
	}
	before := h.m.back(of)
	d := do(h.t, h.a, c)
	if d.Accepted != fits || !fits && !slices.Equal(d.Reasons(), []billing.Reason{billing.RefundExceedsOriginal}) {
		h.t.Fatalf("%+v: got %v %v, want %v", c, d.Accepted, d.Reasons(), fits)
	}
	if !fits {
		return false
	}
	h.m.clock, h.m.refunds = h.m.now(h.at), trial.refunds
	if got, want := d.Totals.Gross.Minor(), h.m.back(of)-before; got != want || got < 0 {
		h.t.Fatalf("%+v: got %d back, want %d", c, got, want)
	}
	if again := do(h.t, h.a, c); !again.Repeated || again.Figures != d.Figures {
		h.t.Fatalf("%+v again: got %+v", c, again)
	}
	return true
}

// refundLine draws a line, and notes it in the trial if it fits.
func (h *history) refundLine(c *billing.Refund, trial *model, of int) (fits bool) {
	p := &h.m.bought[of].op
	i := h.draw("order", len(p.Orders)-1)
	k := h.draw("line", len(p.Orders[i].Items)-1)
	l := billing.RefundLine{Order: p.Orders[i].Reference, Line: k + 1}
	units, net := trial.left(of, i, k)
	if h.draw("by", 1) == 0 {
		l.Net = eur(int64(1 + h.draw("net", int(net)+1)))
		fits = l.Net.Minor() <= net
		trial.refunds = append(trial.refunds, modelRefund{of, c.ID, i, k, new(big.Rat), l.Net.Minor()})
	} else {
		it := &p.Orders[i].Items[k]
		l.Quantity = billing.Quantity(1 + h.draw("units", int(it.Quantity)))
		asked := rat(l.Quantity.String())
		fits = asked.Cmp(units) <= 0
		whole := rat(it.Quantity.String())
		before := new(big.Rat).Sub(whole, units)
		part := func(x *big.Rat) int64 {
			return cents(new(big.Rat).Mul(inUnits(lineNet(it)), new(big.Rat).Quo(x, whole)))
		}
		price := min(net, part(new(big.Rat).Add(before, asked))-part(before))
		if asked.Cmp(units) >= 0 {
			price = net
		}
		trial.refunds = append(trial.refunds, modelRefund{of, c.ID, i, k, asked, price})
	}
	c.Lines = append(c.Lines, l)
	if !fits {
		trial.refunds = trial.refunds[:len(trial.refunds)-1]
	}
	return fits
}

// compare holds the account to the model, and to what its snapshot makes of it.
func (h *history) compare() {
	if h.m.contract == nil {
		return
	}
	if got, want := h.a.Exposure(time.Time{}).Total.Minor(), h.m.exposure(); got != want {
		h.t.Fatalf("exposure: got %d, want %d", got, want)
	}
	i := 0
	for p := range h.a.Unbilled() {
		if want := h.m.bought[i].cost - h.m.back(i); p.Left.Minor() != want || want < 0 {
			h.t.Fatalf("left of %s: got %v, want %d", p.Operation.ID, p.Left, want)
		}
		i++
	}
	if i != len(h.m.bought) {
		h.t.Fatalf("unbilled: got %d, want %d", i, len(h.m.bought))
	}
	if h.draw("snapshot", 9) == 0 {
		h.a = restored(h.t, h.a)
	}
}

// restored is an account as its snapshot makes it; it has to be the same.
func restored(t tester, a *billing.Account) *billing.Account {
	data, err := a.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	b := billing.NewAccount(a.ID())
	if err := encoding.BinaryUnmarshaler(b).UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	again, err := b.MarshalBinary()
	if err != nil || string(again) != string(data) || !reflect.DeepEqual(b.Exposure(time.Time{}), a.Exposure(time.Time{})) {
		t.Fatal("the snapshot is of another account", err, strings.Compare(string(again), string(data)))
	}
	return b
}
