package cashback_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/money"
)

// What is remembered, for how long, and what is answered once it is forgotten.

// What was paid and forgotten is not earned again, though a later version takes purchases that are older (C4).
func TestForgottenEarnsOnce(t *testing.T) {
	first := fivePercent(func(s *cashback.Spec) { atOnce(s); s.LateDays, s.RefundDays = 1, 1 })
	second := fivePercent(func(s *cashback.Spec) { atOnce(s); s.Version, s.LateDays, s.RefundDays = 2, 365, 365 })
	s := tell(t, first)
	s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 5.00")
	s.payout("2026-01-05 11:00", "o1", "5.00, paid 5.00")
	s.buys("2026-01-08 10:00", "tea", 20_00, "1.00, pending 1.00, paid 5.00")
	if _, known := s.rewards.Entry("shoes"); known {
		t.Fatal("it is not forgotten")
	}
	s.takes("again", buy(second, "shoes", "2026-01-05 10:00", "2026-01-08 11:00", 100_00), "refused too_late, pending 1.00, paid 5.00")
	s.takes("since", buy(second, "hat", "2026-01-05 10:01", "2026-01-08 11:00", 20_00), "1.00, pending 1.00, payable 1.00, paid 5.00")
	restored := cashback.NewRewards("c")
	data, err := s.rewards.MarshalBinary()
	if err == nil {
		err = restored.UnmarshalBinary(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	d, _ := do[cashback.Decision](t, restored, buy(second, "shoes", "2026-01-05 10:00", "2026-01-08 11:00", 100_00))
	if d.Done {
		t.Errorf("restored: got %+v, want it refused", d)
	}
}

// Where clocks go forward, as many civil days as a purchase may be late are an hour less: what is forgotten by then is not earned again, and
// a refund that waits for a purchase counts as long as that is taken.
func TestShortDay(t *testing.T) {
	p := fivePercent(func(s *cashback.Spec) { atOnce(s); s.LateDays, s.RefundDays = 1, 1 })
	s := tell(t, p)
	s.buys("2026-03-28 23:50", "shoes", 100_00, "5.00, pending 5.00")
	s.payout("2026-03-28 23:55", "o1", "5.00, paid 5.00")
	s.takes("an hour less", buy(p, "tea", "2026-03-30 00:10", "2026-03-30 00:10", 20_00), "1.00, pending 1.00, paid 5.00")
	d, _ := do[cashback.Decision](t, s.rewards, buy(p, "shoes", "2026-03-28 23:50", "2026-03-30 00:20", 100_00))
	if d.Done && !d.Repeated {
		t.Errorf("got %+v, want it not earned again", d)
	}

	s = tell(t, p)
	s.returns("2026-03-29 12:00", "r1", "shoes", 0, "kept")
	s.takes("late", buy(p, "shoes", "2026-03-28 23:50", "2026-03-30 00:20", 100_00), "5.00, clawed back 5.00")
}

func lifetimeCap(minor int64, lateness int) *cap.Policy {
	return cap.MustPolicy(money.EUR, []cap.Limit{{
		Name: "ever", Max: eur(minor), Window: cap.Lifetime(), Counting: cap.Counting{Refund: cap.Original},
	}}, &cap.PolicyOptions{Lateness: time.Duration(lateness) * 24 * time.Hour})
}

func rollingCap(minor int64, days, lateness int) *cap.Policy {
	return cap.MustPolicy(money.EUR, []cap.Limit{{
		Name: "window", Max: eur(minor), Window: cap.Rolling(time.Duration(days) * 24 * time.Hour), Counting: cap.Counting{Refund: cap.Original},
	}}, &cap.PolicyOptions{Lateness: time.Duration(lateness) * 24 * time.Hour})
}

// A limit that counts for ever gets back what is taken back as long as refunds are taken (C6), so its policy has to remember for so long.
func TestLifetimeCapGetsBack(t *testing.T) {
	spec := func(lateness int) cashback.Spec {
		return program(func(s *cashback.Spec) {
			s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
			s.Rules = []cashback.Rule{giving("r", "0.05", nil)}
			s.Caps = []cashback.Cap{{ID: "ever", Policy: lifetimeCap(10_00, lateness)}}
		})
	}
	if _, err := cashback.NewProgram(spec(33)); err == nil {
		t.Error("want an error of a policy that forgets before refunds end")
	}
	s := tell(t, made(t, spec(93)))
	s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 5.00")
	s.buys("2026-04-04 10:00", "hat", 100_00, "5.00, pending 5.00, payable 5.00")
	s.buys("2026-04-05 10:00", "cup", 100_00, "0.00, pending 5.00, payable 5.00")
	s.returns("2026-04-05 23:59", "r1", "shoes", 0, "5.00, pending 5.00, clawed back 5.00")
	s.buys("2026-04-06 10:00", "pan", 100_00, "5.00, pending 10.00, clawed back 5.00")
}

// Versions set other caps: what was counted stays, snapshots hold, and a purchase that is older than a cap remembers is refused.
func TestCapsOfVersions(t *testing.T) {
	version := func(n, late int, p *cap.Policy) *cashback.Program {
		return fivePercent(func(s *cashback.Spec) {
			s.Version, s.LateDays, s.RefundDays = n, late, max(late, 90)
			s.Caps = []cashback.Cap{{ID: "c", Policy: p}}
		})
	}
	first, second := version(1, 100, rollingCap(20_00, 30, 110)), version(2, 5, rollingCap(6_00, 30, 8))
	s := tell(t, first)
	s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 5.00")
	s.program = second
	s.buys("2026-01-06 10:00", "hat", 100_00, "1.00, pending 6.00")
	data, err := s.rewards.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	restored := cashback.NewRewards("c")
	if err := restored.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if again, err := restored.MarshalBinary(); err != nil || !bytes.Equal(data, again) {
		t.Errorf("another state, %v", err)
	}
	s.rewards = restored
	s.returns("2026-01-07 10:00", "r1", "shoes", 0, "5.00, pending 1.00, clawed back 5.00")
	s.buys("2026-01-08 10:00", "cup", 100_00, "5.00, pending 6.00, clawed back 5.00")
	s.program = version(3, 100, rollingCap(20_00, 30, 110))
	s.takes("old", buy(s.program, "old", "2025-12-20 10:00", "2026-01-08 10:00", 100_00), "refused too_late, pending 6.00, clawed back 5.00")
	s.program = first
	s.takes("old", buy(s.program, "old", "2025-12-20 10:00", "2026-01-08 10:00", 100_00), "refused too_late, pending 6.00, clawed back 5.00")
}

// What was done before is answered with what it came to then, whatever became of it since.
func TestRepeatedAmounts(t *testing.T) {
	s := tell(t, fivePercent(func(s *cashback.Spec) {
		s.Confirmation, s.PayoutThreshold = cashback.Confirmation{By: cashback.ByMerchant}, eur(100_00)
	}))
	buy := func(id string, minor int64) {
		do[cashback.Decision](t, s.rewards, buyNow(s.program, epoch, id, minor))
	}
	buy("shoes", 100_00)
	buy("coat", 200_00)
	buy("gum", 99)
	back := func(id, of string) {
		do[cashback.Decision](t, s.rewards, cashback.Refund{At: epoch, ID: id, Purchase: of, Amount: eur(20_00)})
	}
	back("r1", "shoes")
	back("r2", "coat")
	confirm := cashback.Confirm{At: epoch, Purchase: "shoes", By: cashback.ByMerchant}
	reject := cashback.Reject{At: epoch, Purchase: "coat", Why: "it was cancelled"}
	for range 2 {
		for _, c := range []struct {
			command command[cashback.Decision]
			want    int64
		}{{confirm, 4_00}, {reject, 9_00}} {
			if d, _ := do(t, s.rewards, c.command); !d.Done || d.Amount != eur(c.want) {
				t.Errorf("%T: got %+v, want %d", c.command, d, c.want)
			}
		}
		back("r3", "shoes")
		back("r4", "coat")
	}
	d, _ := do[cashback.Decision](t, s.rewards, cashback.Confirm{At: epoch, Purchase: "gum", By: cashback.ByMerchant})
	if d.Done || d.Causes[0].Reason != cashback.NotPending {
		t.Errorf("a reward of nothing: got %+v, want not_pending", d)
	}
}

// Who has as many purchases or waiting refunds as are remembered can go on once some of them are due to be forgotten.
func TestFullIsNotForEver(t *testing.T) {
	p := fivePercent(nil)
	r := cashback.NewRewards("c")
	for i := range cashback.MaxWaiting {
		do[cashback.Decision](t, r, cashback.Refund{At: epoch, ID: fmt.Sprint(i), Purchase: "none"})
	}
	for i := range cashback.MaxKept {
		do[cashback.Decision](t, r, buyNow(p, epoch, fmt.Sprint(i), 1))
	}
	later := epoch.AddDate(5, 0, 0)
	if d, _ := do[cashback.Decision](t, r, buyNow(p, later, "new", 1)); !d.Done {
		t.Errorf("got %+v", d)
	}
	r = cashback.NewRewards("c")
	for i := range cashback.MaxWaiting {
		do[cashback.Decision](t, r, cashback.Refund{At: epoch, ID: fmt.Sprint(i), Purchase: "none"})
	}
	if d, _ := do[cashback.Decision](t, r, cashback.Refund{At: later, ID: "new", Purchase: "none"}); !d.Kept {
		t.Errorf("got %+v", d)
	}
}

// What is decided is the caller's no more: he may use his purchase again.
func TestPurchaseIsCopied(t *testing.T) {
	groups := []string{"shoes"}
	buy := cashback.Purchase{ID: "p", At: epoch, Amount: eur(100_00), Merchant: cashback.Merchant{Groups: groups}}
	r := cashback.NewRewards("c")
	d, _ := do[cashback.Decision](t, r, cashback.Earn{At: epoch, Program: fivePercent(nil), Purchase: buy})
	groups[0] = "boots"
	if e, _ := r.Entry("p"); e.Earned.Purchase.Merchant.Groups[0] != "shoes" || d.Earned.Purchase.Merchant.Groups[0] != "shoes" {
		t.Error("it changes with what was given")
	}
}

// Ten thousand rewards that are due at once cost a step each: with one for each other it would take minutes.
func TestManyAreDue(t *testing.T) {
	p := fivePercent(nil)
	r := cashback.NewRewards("c")
	for i := range 20_000 {
		do[cashback.Decision](t, r, buyNow(p, epoch, fmt.Sprint(i), 20_00))
	}
	got, decided := do[cashback.Decision](t, r, cashback.PayOut{At: epoch.AddDate(0, 2, 0), ID: "o"})
	if got.Amount != eur(20_000_00) || len(decided) != 2*20_000+1 {
		t.Errorf("got %s after %d", got.Amount, len(decided))
	}
}

// A budget that gets back at once all that it gave is not drawn on: there is nothing to ask it.
func TestNothingDrawn(t *testing.T) {
	p := fivePercent(func(s *cashback.Spec) {
		s.Budgets, s.Rules[0].Budget = []cashback.Budget{{ID: "b", Total: eur(10_00)}}, "b"
	})
	r := cashback.NewRewards("c")
	do[cashback.Decision](t, r, cashback.Refund{At: epoch, ID: "r", Purchase: "p"})
	d, decided := do[cashback.Decision](t, r, cashback.Earn{
		At: epoch, Program: p, Budgets: map[string]money.Amount{"b": eur(10_00)}, Purchase: cashback.Purchase{ID: "p", At: epoch, Amount: eur(100_00)},
	})
	if drawn, err := cashback.Drawn(decided); err != nil || len(drawn) != 0 || d.Amount != eur(5_00) {
		t.Errorf("got %v of %s, %v", drawn, d.Amount, err)
	}
}

// An id that stands for another purchase, once the first is forgotten, is not confirmed, expired or forgotten when the first would have been.
func TestIDAgain(t *testing.T) {
	s := tell(t, fivePercent(func(s *cashback.Spec) {
		s.Confirmation.Days, s.LateDays, s.RefundDays, s.ExpiryMonths, s.PayoutThreshold = 20, 5, 5, 3, eur(5_00)
	}))
	s.buys("2026-01-04 10:00", "tea", 20_00, "1.00, pending 1.00") // confirmed on 24 January, and expires on 24 April
	s.buys("2026-01-05 10:00", "7", 20_00, "1.00, pending 2.00")
	s.returns("2026-01-06 10:00", "r", "7", 0, "1.00, pending 1.00, clawed back 1.00")
	s.buys("2026-01-20 09:00", "gum", 99, "0.00, pending 1.00, clawed back 1.00") // time goes on
	s.buys("2026-01-20 10:00", "7", 20_00, "1.00, pending 2.00, clawed back 1.00")
	s.payout("2026-02-08 23:59", "o", "refused nothing_payable, pending 1.00, confirmed 1.00, clawed back 1.00")
	s.payout("2026-02-09 00:00", "o", "refused nothing_payable, confirmed 2.00, clawed back 1.00")

	s.buys("2026-02-10 10:00", "coat", 100_00, "5.00, pending 5.00, confirmed 2.00, clawed back 1.00")
	s.buys("2026-03-01 10:00", "cup", 20_00, "1.00, pending 6.00, confirmed 2.00, clawed back 1.00")
	s.payout("2026-03-02 00:00", "o", "7.00, pending 1.00, clawed back 1.00, paid 7.00") // before 7 expires on 9 May
	s.buys("2026-03-10 10:00", "7", 20_00, "1.00, pending 2.00, clawed back 1.00, paid 7.00")
	s.payout("2026-06-20 23:59", "p", "refused nothing_payable, confirmed 2.00, clawed back 1.00, paid 7.00")
	s.payout("2026-06-21 00:00", "p", "refused nothing_payable, confirmed 1.00, clawed back 1.00, expired 1.00, paid 7.00")
	s.payout("2026-06-29 23:59", "p", "refused nothing_payable, confirmed 1.00, clawed back 1.00, expired 1.00, paid 7.00")
	s.payout("2026-06-30 00:00", "p", "refused nothing_payable, clawed back 1.00, expired 2.00, paid 7.00")
}

// A refund that waits again waits as long as the first time.
func TestWaitsAgain(t *testing.T) {
	s := tell(t, fivePercent(nil))
	s.returns("2026-01-05 10:00", "r", "a", 200_00, "kept")
	s.buys("2026-01-06 10:00", "a", 100_00, "5.00, pending 5.00") // the refund is of too much
	s.returns("2026-12-01 10:00", "r", "b", 40_00, "kept, payable 5.00")
	s.buys("2027-01-20 10:00", "c", 20_00, "1.00, pending 1.00, payable 5.00") // 366 days after the first time
	s.buys("2027-01-20 10:00", "b", 100_00, "5.00, pending 4.00, payable 5.00, clawed back 2.00")
}

// A refund that is asked for again while it waits is told to wait still.
func TestKeptAgain(t *testing.T) {
	p, r := fivePercent(nil), cashback.NewRewards("c")
	back := cashback.Refund{At: epoch, ID: "r", Purchase: "p", Amount: eur(40_00)}
	for i := range 2 {
		if d, _ := do[cashback.Decision](t, r, back); !d.Done || !d.Kept || d.Repeated != (i == 1) {
			t.Errorf("got %+v, want it kept", d)
		}
	}
	do[cashback.Decision](t, r, buyNow(p, epoch, "p", 100_00))
	if d, _ := do[cashback.Decision](t, r, back); d.Kept || !d.Repeated || d.Amount != eur(2_00) {
		t.Errorf("got %+v, want what it took back", d)
	}
}

// The largest purchases give the largest rewards, and all of it back.
func TestLargest(t *testing.T) {
	for _, method := range []cashback.Method{cashback.Recompute, cashback.Proportional} {
		p := fivePercent(func(s *cashback.Spec) {
			s.Clawback.Method = method
			s.Rules[0].Rate, s.Rules[0].Funding = rateOf("1"), fundedBy("1/3", "2/3")
			s.Rules[0].MinPurchase = money.Amount{}
		})
		r := cashback.NewRewards("c")
		for i := range 64 {
			id := fmt.Sprint(i)
			d, _ := do[cashback.Decision](t, r, buyNow(p, epoch, id, cashback.MaxAmount))
			if d.Amount != eur(cashback.MaxAmount) {
				t.Fatalf("got %+v", d)
			}
			for k, minor := range []int64{1, cashback.MaxAmount / 3, cashback.MaxAmount - cashback.MaxAmount/3 - 2, 1} {
				back, _ := do[cashback.Decision](t, r, cashback.Refund{At: epoch, ID: fmt.Sprint(i, k), Purchase: id, Amount: eur(minor)})
				if back.Amount != eur(minor) {
					t.Fatalf("got %+v, want %d", back, minor)
				}
			}
		}
		_, err := buyNow(p, epoch, "more", cashback.MaxAmount).Decide(r)
		if !errors.Is(err, cashback.ErrInvalid) { // it would be more than 2^60 in all
			t.Errorf("got %v", err)
		}
	}
}

// A wrong year in what is refused, or was asked before, leaves no trace: nothing expires by it, and no clock moves.
func TestWrongYear(t *testing.T) {
	s := tell(t, fivePercent(func(s *cashback.Spec) { s.ExpiryMonths, s.PayoutThreshold = 1, eur(100_00) }))
	s.buys("2026-01-05 10:00", "shoes", 100_00, "5.00, pending 5.00")
	s.returns("2026-01-05 11:00", "r1", "shoes", 20_00, "1.00, pending 4.00, clawed back 1.00")
	s.returns("2126-01-06 10:00", "r2", "shoes", 20_00, "refused too_late, pending 4.00, clawed back 1.00")
	s.returns("2126-01-06 10:00", "r1", "shoes", 20_00, "again, pending 4.00, clawed back 1.00")
	s.takes("2126-01-06 10:00", cashback.PayOut{At: at("2126-01-06 10:00"), ID: "o1"}, "refused nothing_payable, pending 4.00, clawed back 1.00")
	s.buys("2026-01-06 10:00", "hat", 20_00, "1.00, pending 5.00, clawed back 1.00")
}
