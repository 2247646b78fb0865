package cashback_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/reasons"
	"github.com/payrules/payrules/money"
)

// fivePercent gives 5 %, from 1.00 on, confirmed after 30 days.
func fivePercent(change func(*cashback.Spec)) *cashback.Program {
	return cashback.MustProgram(program(func(s *cashback.Spec) {
		s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
		terms := cashback.Terms{Rate: rateOf("0.05"), MinPurchase: eur(1_00)}
		s.Rules = []cashback.Rule{{ID: "five", Group: "g", Terms: terms, Funding: bank()}}
		if change != nil {
			change(s)
		}
	}))
}

// telling is a story of one customer under a program, line by line.
type telling struct {
	t       *testing.T
	rewards *cashback.Rewards
	program *cashback.Program
	facts   []event.Data
}

func tell(t *testing.T, p *cashback.Program) *telling {
	return &telling{t: t, rewards: cashback.NewRewards("c"), program: p}
}

// takes asks for something, and holds what came of it, and the balance after it, against what the story says:
// "5.00, pending 5.00", or "refused too_late, pending 5.00". Parts of the balance that are nothing are left out.
func (s *telling) takes(when string, c command[cashback.Decision], want string) {
	s.t.Helper()
	d, decided := do(s.t, s.rewards, c)
	s.facts = append(s.facts, decided...)
	got := "nothing"
	switch {
	case d.Repeated:
		got = "again"
	case d.Kept:
		got = "kept"
	case d.Done:
		got = d.Amount.Number()
	case len(d.Causes) > 0:
		got = "refused"
		for _, r := range d.Reasons() {
			got += " " + string(r)
		}
	}
	for _, part := range balanceParts(s.rewards.Balance()) {
		got += ", " + part
	}
	if got != want {
		s.t.Errorf("%s: %T\n got %s\nwant %s", when, c, got, want)
	}
}

func balanceParts(b cashback.Balance) (parts []string) {
	for _, p := range []struct {
		name   string
		amount money.Amount
	}{
		{"pending", b.Pending}, {"confirmed", b.Confirmed}, {"payable", b.Payable}, {"debt", b.Debt}, {"clawed back", b.ClawedBack},
		{"waived", b.Waived}, {"rejected", b.Rejected}, {"expired", b.Expired}, {"paid", b.PaidOut}, {"offset", b.Offset},
	} {
		if p.amount.Sign() != 0 {
			parts = append(parts, p.name+" "+p.amount.Number())
		}
	}
	return parts
}

func (s *telling) buys(when, id string, minor int64, want string) {
	s.t.Helper()
	s.takes(when, cashback.Earn{At: at(when), Program: s.program, Purchase: cashback.Purchase{ID: id, At: at(when), Amount: eur(minor)}}, want)
}

func (s *telling) returns(when, id, of string, minor int64, want string) {
	s.t.Helper()
	c := cashback.Refund{At: at(when), ID: id, Purchase: of}
	if minor > 0 {
		c.Amount = eur(minor)
	}
	s.takes(when, c, want)
}

// payout has what is due by then put on record first: a payout that is refused would not.
func (s *telling) payout(when, id, want string) {
	s.t.Helper()
	_, decided := do[int](s.t, s.rewards, cashback.Mature{At: at(when)})
	s.facts = append(s.facts, decided...)
	s.takes(when, cashback.PayOut{At: at(when), ID: id}, want)
}

// A customer of a program that takes back what it paid as debt.
func TestStory(t *testing.T) {
	s := tell(t, fivePercent(func(s *cashback.Spec) {
		s.PayoutThreshold, s.ExpiryMonths, s.Clawback.Balance, s.RefundDays = eur(10_00), 6, cashback.Unlimited, 200
	}))
	s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 5.00")
	s.buys("2026-01-05 10:00", "shoes", 100_00, "again, pending 5.00")                                 // redelivered
	s.buys("2026-01-05 10:00", "shoes", 101_00, "refused exists_with_different_content, pending 5.00") // another one
	s.buys("2026-01-06 10:00", "gum", 99, "0.00, pending 5.00")                                        // below the minimum
	s.returns("2026-01-20 10:00", "r1", "shoes", 40_00, "2.00, pending 3.00, clawed back 2.00")
	s.returns("2026-01-20 10:00", "r1", "shoes", 40_00, "again, pending 3.00, clawed back 2.00")
	s.returns("2026-01-20 10:00", "r2", "shoes", 60_01, "refused refund_exceeds_purchase, pending 3.00, clawed back 2.00")
	s.buys("2026-02-03 23:59", "coat", 200_00, "10.00, pending 13.00, clawed back 2.00")
	s.buys("2026-02-04 00:00", "hat", 20_00, "1.00, pending 11.00, confirmed 3.00, clawed back 2.00") // 30 days are over in Paris
	s.payout("2026-02-10 10:00", "o1", "refused nothing_payable, pending 11.00, confirmed 3.00, clawed back 2.00")
	s.payout("2026-03-05 00:00", "o1", "13.00, pending 1.00, clawed back 2.00, paid 13.00") // the coat takes it to the threshold
	s.payout("2026-03-05 00:00", "o1", "again, pending 1.00, clawed back 2.00, paid 13.00")
	s.returns("2026-03-10 10:00", "r3", "coat", 150_00, "7.50, confirmed 1.00, debt 7.50, clawed back 9.50, paid 13.00")
	s.buys("2026-03-11 10:00", "boat", 400_00, "20.00, pending 20.00, confirmed 1.00, debt 7.50, clawed back 9.50, paid 13.00")
	s.payout("2026-04-10 00:00", "o2", "13.50, clawed back 9.50, paid 26.50, offset 7.50")
	s.buys("2026-04-11 10:00", "tea", 30_00, "1.50, pending 1.50, clawed back 9.50, paid 26.50, offset 7.50")
	s.payout("2026-11-10 23:59", "o3", "refused nothing_payable, confirmed 1.50, clawed back 9.50, paid 26.50, offset 7.50")
	s.payout("2026-11-11 00:00", "o3", "refused nothing_payable, clawed back 9.50, expired 1.50, paid 26.50, offset 7.50")
	s.returns("2026-11-12 10:00", "r4", "tea", 0, "kept, clawed back 9.50, expired 1.50, paid 26.50, offset 7.50") // tea is forgotten, 200 days later
}

// What is taken back of a reward that was paid is the program's to say. Another reward, of 1.00, is confirmed and not paid.
func TestOverBalance(t *testing.T) {
	for _, row := range []struct {
		balance cashback.OverBalance
		pending string // a return before it is confirmed
		paid    string // and one of something else, after the payout
	}{
		{cashback.OnlyPending, "1.00, pending 4.00, clawed back 1.00", "0.00, confirmed 1.00, clawed back 1.00, waived 2.50, paid 4.00"},
		{cashback.WithinBalance, "1.00, pending 4.00, clawed back 1.00", "1.00, confirmed 1.00, debt 1.00, clawed back 2.00, waived 1.50, paid 4.00"},
		{cashback.Unlimited, "1.00, pending 4.00, clawed back 1.00", "2.50, confirmed 1.00, debt 2.50, clawed back 3.50, paid 4.00"},
	} {
		t.Run(string(row.balance), func(t *testing.T) {
			s := tell(t, fivePercent(func(s *cashback.Spec) { s.Clawback.Balance, s.PayoutThreshold = row.balance, eur(4_00) }))
			s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 5.00")
			s.returns("2026-01-06 10:00", "r1", "shoes", 20_00, row.pending)
			s.payout("2026-02-05 10:00", "o1", "4.00, clawed back 1.00, paid 4.00")
			s.buys("2026-02-05 11:00", "hat", 20_00, "1.00, pending 1.00, clawed back 1.00, paid 4.00")
			s.returns("2026-03-10 10:00", "r2", "shoes", 50_00, row.paid)
		})
	}
}

// A refund that arrives before its purchase counts when that comes; one of too much is refused then.
func TestRefundBeforePurchase(t *testing.T) {
	s := tell(t, fivePercent(nil))
	s.returns("2026-01-05 09:00", "r1", "shoes", 40_00, "kept")
	s.returns("2026-01-05 09:00", "r1", "shoes", 40_00, "again")
	s.returns("2026-01-05 09:00", "r1", "shoes", 41_00, "refused exists_with_different_content")
	s.returns("2026-01-05 09:30", "r2", "shoes", 70_00, "kept")
	s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 3.00, clawed back 2.00")
	last := s.facts[len(s.facts)-1].(cashback.Refusal)
	if last.ID != "r2" || last.Causes[0].Reason != cashback.RefundExceedsPurchase || last.Causes[0].Left != eur(60_00) {
		t.Errorf("got %+v", last)
	}
	s.returns("2026-01-05 11:00", "r2", "shoes", 60_00, "3.00, clawed back 5.00") // it may be asked again
	s.buys("2026-01-06 10:00", "shoes", 100_00, "refused exists_with_different_content, clawed back 5.00")
}

// A reward that another has to confirm waits for that, and is gone when it is rejected.
func TestConfirmed(t *testing.T) {
	s := tell(t, fivePercent(func(s *cashback.Spec) {
		s.Confirmation, s.PayoutThreshold = cashback.Confirmation{By: cashback.ByMerchant}, eur(100_00)
	}))
	confirm := func(when, id string, by cashback.ConfirmedBy, want string) {
		t.Helper()
		s.takes(when, cashback.Confirm{At: at(when), Purchase: id, By: by}, want)
	}
	s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 5.00")
	s.buys("2026-01-05 10:00", "journey", 40_00, "2.00, pending 7.00")
	confirm("2026-01-05 11:00", "shoes", cashback.ByAction, "refused confirmed_otherwise, pending 7.00")
	confirm("2026-03-05 11:00", "shoes", cashback.ByMerchant, "5.00, pending 2.00, confirmed 5.00")
	confirm("2026-03-05 11:00", "shoes", cashback.ByMerchant, "again, pending 2.00, confirmed 5.00")
	confirm("2026-03-05 11:00", "boots", cashback.ByMerchant, "refused purchase_not_found, pending 2.00, confirmed 5.00")
	reject := func(id, want string) {
		t.Helper()
		s.takes("2026-03-06 10:00", cashback.Reject{At: at("2026-03-06 10:00"), Purchase: id, Why: "it was cancelled"}, want)
	}
	reject("journey", "2.00, confirmed 5.00, rejected 2.00")
	reject("shoes", "refused not_pending, confirmed 5.00, rejected 2.00")
	confirm("2026-03-07 10:00", "journey", cashback.ByMerchant, "refused not_pending, confirmed 5.00, rejected 2.00")
}

// Every reason, in order, by something that produces it.
func TestReasons(t *testing.T) {
	program, other := fivePercent(nil), fivePercent(func(s *cashback.Spec) { s.ID = "autumn" })
	dollars := fivePercent(func(s *cashback.Spec) {
		s.Currency, s.PayoutThreshold, s.Version = money.USD, money.New(0, money.USD), 2
		s.Rules[0].MinPurchase = money.New(1_00, money.USD)
	})
	now := at("2026-01-05 10:00")
	buy := func(p *cashback.Program, id string, when time.Time, a money.Amount) cashback.Earn {
		return cashback.Earn{At: now, Program: p, Purchase: cashback.Purchase{ID: id, At: when, Amount: a}}
	}
	back := func(id, of string, a money.Amount) cashback.Refund {
		return cashback.Refund{At: now, ID: id, Purchase: of, Amount: a}
	}
	rows := []struct {
		command command[cashback.Decision]
		want    string
	}{
		{buy(other, "new", now, eur(10_00)), "program_mismatch"},
		{buy(fivePercent(func(s *cashback.Spec) { s.LateDays = 31 }), "new", now, eur(10_00)), "program_mismatch"}, // of the same version
		{buy(dollars, "new", now, money.New(1, money.USD)), "currency_mismatch"},
		{back("r", "bought", money.New(1, money.USD)), "currency_mismatch"},
		{buy(program, "new", now.Add(24*time.Hour+time.Microsecond), eur(10_00)), "purchase_in_future"},
		{buy(program, "new", now.AddDate(0, 0, -30).Add(-time.Microsecond), eur(10_00)), "too_late"},
		{cashback.Refund{At: at("2026-04-06 00:00"), ID: "r", Purchase: "bought"}, "too_late"},
		{cashback.Confirm{At: now, Purchase: "new", By: cashback.ByAction}, "purchase_not_found"},
		{cashback.Reject{At: now, Purchase: "new", Why: "so"}, "purchase_not_found"},
		{cashback.Reject{At: now, Purchase: "nothing", Why: "so"}, "not_pending"},
		{cashback.Confirm{At: now, Purchase: "bought", By: cashback.ByAction}, "confirmed_otherwise"},
		{back("r", "bought", eur(100_01)), "refund_exceeds_purchase"},
		{cashback.PayOut{At: now, ID: "o"}, "nothing_payable"},
		{buy(program, "bought", now, eur(10_00)), "exists_with_different_content"},
		{back("known", "nothing", eur(1)), "exists_with_different_content"},
	}
	produced := []reasons.Row[cashback.Reason]{}
	for _, row := range rows {
		s := tell(t, program)
		s.buys("2026-01-05 10:00", "bought", 100_00, "5.00, pending 5.00")
		s.buys("2026-01-05 10:00", "nothing", 99, "0.00, pending 5.00")
		s.returns("2026-01-05 10:00", "known", "bought", 1, "0.00, pending 5.00")
		d, _ := do(t, s.rewards, row.command)
		if len(d.Causes) != 1 || d.Done || string(d.Causes[0].Reason) != row.want {
			t.Errorf("%T: got %+v, want %s", row.command, d, row.want)
		}
		produced = append(produced, reasons.Row[cashback.Reason]{Reason: cashback.Reason(row.want)})
	}
	produced = append(produced, manyOfThem(t)...)
	slices.SortStableFunc(produced, func(x, y reasons.Row[cashback.Reason]) int {
		return slices.Index(cashback.Reasons(), x.Reason) - slices.Index(cashback.Reasons(), y.Reason)
	})
	reasons.Check(t, cashback.Reasons, produced)
}

// manyOfThem produces the reasons of bounds.
func manyOfThem(t *testing.T) []reasons.Row[cashback.Reason] {
	s := tell(t, fivePercent(nil))
	now := at("2026-01-05 10:00")
	for i := range cashback.MaxWaiting {
		do[cashback.Decision](t, s.rewards, cashback.Refund{At: now, ID: fmt.Sprint(i), Purchase: "none"})
	}
	d, _ := do[cashback.Decision](t, s.rewards, cashback.Refund{At: now, ID: "more", Purchase: "none"})
	if got := fmt.Sprint(d.Reasons()); got != "[too_many_refunds]" || d.Causes[0].Most != cashback.MaxWaiting {
		t.Errorf("got %+v", d)
	}
	s.buys("2026-01-05 10:00", "bought", 100_00, "5.00, pending 5.00")
	for i := range cashback.MaxRefunds {
		do[cashback.Decision](t, s.rewards, cashback.Refund{At: now, ID: fmt.Sprint("of", i), Purchase: "bought", Amount: eur(1)})
	}
	s.returns("2026-01-05 10:00", "more", "bought", 1, "refused too_many_refunds, pending 4.50, clawed back 0.50")
	for i := len(slices.Collect(s.rewards.Entries())); i < cashback.MaxKept; i++ {
		do[cashback.Decision](t, s.rewards, cashback.Earn{
			At: now, Program: s.program, Purchase: cashback.Purchase{ID: fmt.Sprint(i), At: now, Amount: eur(1)},
		})
	}
	s.buys("2026-01-05 10:00", "another", 1_00, "refused too_many_entries, pending 4.50, clawed back 0.50")
	return []reasons.Row[cashback.Reason]{{Reason: cashback.TooManyEntries}, {Reason: cashback.TooManyRefunds}}
}

// What is malformed is an error that names the field, and decides nothing.
func TestMalformed(t *testing.T) {
	program, now := fivePercent(nil), at("2026-01-05 10:00")
	long := strings.Repeat("x", cashback.MaxKey+1)
	buy := cashback.Purchase{ID: "p", At: now, Amount: eur(1)}
	dollars := cashback.Purchase{ID: "p", At: now, Amount: money.New(1, money.USD)}
	for _, row := range []struct {
		command command[cashback.Decision]
		field   string
	}{
		{cashback.Earn{At: now, Purchase: buy}, "program"},
		{cashback.Earn{Program: program, Purchase: buy}, "at"},
		{cashback.Earn{At: now, Program: program, Purchase: dollars}, "rate"},
		{cashback.Earn{At: now, Program: program}, "id"},
		{cashback.Refund{At: now, Purchase: "p"}, "id"},
		{cashback.Refund{At: now, ID: long, Purchase: "p"}, "id"},
		{cashback.Refund{At: now, ID: "r"}, "purchase"},
		{cashback.Refund{At: now, ID: "r", Purchase: "p", Amount: eur(-1)}, "amount"},
		{cashback.Refund{At: now, ID: "r", Purchase: "p", Amount: eur(0)}, "amount"},
		{cashback.Refund{ID: "r", Purchase: "p"}, "at"},
		{cashback.Confirm{At: now, Purchase: "p"}, "by"},
		{cashback.Confirm{At: now, Purchase: "p", By: cashback.ByDelay}, "by"},
		{cashback.Reject{At: now, Purchase: "p"}, "why"},
		{cashback.Reject{At: now, Purchase: "p", Why: strings.Repeat("x", 201)}, "why"},
		{cashback.Reject{At: now, Purchase: "\x00", Why: "so"}, "purchase"},
		{cashback.PayOut{At: now}, "id"},
		{cashback.PayOut{At: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), ID: "o"}, "at"},
	} {
		decided, err := row.command.Decide(cashback.NewRewards("c"))
		if err == nil || decided != nil || !strings.HasPrefix(err.Error(), "cashback: invalid "+row.field+":") {
			t.Errorf("%+v: got %v, %v, want an error of %s", row.command, decided, err, row.field)
		}
	}
}
