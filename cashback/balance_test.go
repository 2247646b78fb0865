package cashback_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// In whatever order things come, each thing that was earned is at one place, the parts add up, no cap is exceeded by what customers keep, and
// the rewards are the same by replay, by snapshot, and by the sum of all movements.
func TestEverythingAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		programs := drawPrograms(t)
		r := cashback.NewRewards("c")
		var facts []event.Data
		now, latest := epoch, epoch
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(-2, 60*24).Draw(t, "hours")) * time.Hour)
			facts = append(facts, drawStep(t, r, programs, now, i)...)
			checkSums(t, r)
			if now.After(latest) {
				latest = now
			}
		}
		checkReplay(t, r, facts)
		checkRolling(t, r, programs[1], facts, latest)
	})
}

// drawPrograms draws versions of a program with a rolling cap in 30 days: of 20.00, then of 15.00.
func drawPrograms(t *rapid.T) (programs []*cashback.Program) {
	policy := func(version int) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{{
			Name: "month", Max: eur([]int64{20_00, 15_00}[version-1]), Window: cap.Rolling(month), Counting: cap.Counting{Refund: cap.Original},
		}}, &cap.PolicyOptions{Lateness: time.Duration(40*version) * 24 * time.Hour})
	}
	clawback := cashback.Clawback{
		Method:  rapid.SampledFrom([]cashback.Method{cashback.Recompute, cashback.Proportional}).Draw(t, "method"),
		Balance: rapid.SampledFrom([]cashback.OverBalance{cashback.OnlyPending, cashback.WithinBalance, cashback.Unlimited}).Draw(t, "over balance"),
	}
	by := rapid.SampledFrom([]cashback.ConfirmedBy{cashback.ByDelay, cashback.ByAction}).Draw(t, "confirmed by")
	for version := 1; version <= 2; version++ {
		spec := program(func(s *cashback.Spec) {
			s.Version, s.Clawback, s.Confirmation = version, clawback, cashback.Confirmation{By: by}
			if by == cashback.ByDelay {
				s.Confirmation.Days = 10 * version
			}
			s.ExpiryMonths, s.PayoutThreshold = version, eur(5_00)
			s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
			s.Caps = []cashback.Cap{{ID: "month", Policy: policy(version)}}
			s.Rules = []cashback.Rule{
				{ID: "five", Group: "g", Terms: cashback.Terms{Rate: rateOf("0.05"), MaxReward: eur(8_00)}, Funding: bank()},
				{ID: "two", Group: "g", Terms: cashback.Terms{Fixed: eur(2_00), MinPurchase: eur(50_00)}, Funding: bank()},
			}
		})
		p, err := cashback.NewProgram(spec)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, p)
	}
	return programs
}

// drawStep asks for one thing.
func drawStep(t *rapid.T, r *cashback.Rewards, programs []*cashback.Program, now time.Time, i int) (decided []event.Data) {
	purchase := fmt.Sprint("p", rapid.IntRange(0, i).Draw(t, "purchase"))
	switch rapid.SampledFrom([]string{"earn", "earn", "earn", "refund", "refund", "confirm", "reject", "mature", "pay"}).Draw(t, "step") {
	case "earn":
		late := time.Duration(rapid.Int64Range(-23, 24*29).Draw(t, "late")) * time.Hour
		_, decided = do[cashback.Decision](t, r, cashback.Earn{
			At: now, Program: rapid.SampledFrom(programs).Draw(t, "version"),
			Purchase: cashback.Purchase{ID: purchase, At: now.Add(-late), Amount: eur(rapid.Int64Range(1, 300_00).Draw(t, "amount"))},
		})
	case "refund":
		var amount money.Amount
		if rapid.Bool().Draw(t, "a part") {
			amount = eur(rapid.Int64Range(1, 200_00).Draw(t, "refund"))
		}
		_, decided = do[cashback.Decision](t, r, cashback.Refund{
			At: now, ID: fmt.Sprint("r", rapid.IntRange(0, i).Draw(t, "refund id")), Purchase: purchase, Amount: amount,
		})
	case "confirm":
		_, decided = do[cashback.Decision](t, r, cashback.Confirm{At: now, Purchase: purchase, By: cashback.ByAction})
	case "reject":
		_, decided = do[cashback.Decision](t, r, cashback.Reject{At: now, Purchase: purchase, Why: "it was not a sale"})
	case "mature":
		_, decided = do[int](t, r, cashback.Mature{At: now})
	case "pay":
		_, decided = do[cashback.Decision](t, r, cashback.PayOut{At: now, ID: fmt.Sprint("pay", rapid.IntRange(0, i).Draw(t, "payout"))})
	}
	return decided
}

// checkSums holds a balance against its entries, and its parts against each other.
func checkSums(t *rapid.T, r *cashback.Rewards) {
	if id, _ := r.Program(); id == "" {
		return
	}
	b, by := r.Balance(), map[cashback.Status]int64{}
	for e := range r.Entries() {
		by[e.Status] += e.Left.Minor()
		if e.Left.Sign() < 0 {
			t.Fatalf("%s left of %s", e.Left, e.Earned.Purchase.ID)
		}
	}
	if by[cashback.StatusPending] != b.Pending.Minor() || by[cashback.StatusConfirmed] != b.Confirmed.Minor() ||
		by[cashback.StatusPayable] != b.Payable.Minor() {
		t.Fatalf("got %v of entries, and %+v", by, b)
	}
	places := b.Pending.Minor() + b.Confirmed.Minor() + b.Payable.Minor() + b.Rejected.Minor() + b.Expired.Minor() +
		b.PaidOut.Minor() + b.ClawedBack.Minor() - b.Debt.Minor()
	if places != b.Earned.Minor() || b.Debt.Sign() < 0 {
		t.Fatalf("%d is somewhere of %s: %+v", places, b.Earned, b)
	}
}

func checkReplay(t *rapid.T, r *cashback.Rewards, facts []event.Data) {
	replayed, restored, codec := cashback.NewRewards("c"), cashback.NewRewards("c"), cashback.Codec()
	sum := map[string]int64{}
	for _, d := range facts {
		written, err := codec.Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		read, err := codec.Decode(written)
		if err == nil {
			err = replayed.Apply(read)
		}
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := cashback.MovementOf(read); ok {
			sum["pending"] += m.Change.Pending.Minor()
			sum["debt"] += m.Change.Debt.Minor()
			sum["paid"] += m.Change.PaidOut.Minor()
			sum["payable"] += m.Change.Payable.Minor()
		}
	}
	b := r.Balance()
	if sum["pending"] != b.Pending.Minor() || sum["debt"] != b.Debt.Minor() || sum["paid"] != b.PaidOut.Minor() || sum["payable"] != b.Payable.Minor() {
		t.Fatalf("the movements are %v, the balance %+v", sum, b)
	}
	want, err := r.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := restored.UnmarshalBinary(want); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*cashback.Rewards{"replayed": replayed, "restored": restored} {
		got, err := other.MarshalBinary()
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s: another state, %v", name, err)
		}
		later := epoch.AddDate(1, 0, 0)
		x, errX := r.At(later)
		y, errY := other.At(later)
		if errX != nil || errY != nil || x.Balance() != y.Balance() {
			t.Fatalf("%s: other things are due: %v, %v", name, errX, errY)
		}
	}
}

// gain is what a purchase got, less what was taken back of it by then.
type gain struct {
	at   time.Time
	left int64
}

const month = 30 * 24 * time.Hour

// within adds up by brute force what was got in the 30 days until an instant.
func within(gains map[string]*gain, until time.Time) (sum int64) {
	for _, g := range gains {
		if !g.at.After(until) && g.at.After(until.Add(-month)) {
			sum += g.left
		}
	}
	return sum
}

// checkRolling holds every window of 30 days, at every time, against 20.00; and what the next purchase gets against what is left of 15.00: so
// caps get back exactly what was taken back.
func checkRolling(t *rapid.T, r *cashback.Rewards, p *cashback.Program, facts []event.Data, now time.Time) {
	gains := map[string]*gain{}
	for _, d := range facts {
		switch e := d.(type) {
		case cashback.Earned:
			gains[e.Purchase.ID] = &gain{e.Purchase.At, e.Reward.Minor()}
		case cashback.ClawedBack:
			gains[e.Purchase].left -= e.Taken.Minor() + e.Owed.Minor()
		case cashback.Rejected:
			gains[e.Purchase].left -= e.Amount.Minor()
		default:
			continue
		}
		for id, last := range gains { // every window ends with some purchase
			if sum := within(gains, last.at); sum > 20_00 {
				t.Fatalf("%d in the 30 days until %s", sum, id)
			}
		}
	}
	most := within(gains, now)
	for _, g := range gains {
		if g.at.After(now) && g.at.Before(now.Add(month)) {
			most = max(most, within(gains, g.at))
		}
	}
	next, _ := do[cashback.Decision](t, r, cashback.Earn{
		At: now, Program: p, Purchase: cashback.Purchase{ID: "next", At: now, Amount: eur(1000_00)},
	})
	if want := min(10_00, max(0, 15_00-most)); next.Amount != eur(want) {
		t.Fatalf("%d was got in 30 days: the next gets %s, want %d", most, next.Amount, want)
	}
}
