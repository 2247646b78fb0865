package cashback_test

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/money"
)

var update = flag.Bool("update", false, "write golden files")

// oneOfEach is a stream in which each type of event is, with as many fields as it can have.
func oneOfEach(t *testing.T) map[string]event.Data {
	month := cap.MustPolicy(money.EUR, []cap.Limit{{
		Name: "month", Max: eur(20_00), Window: cap.RollingMonths(1, time.UTC), Counting: cap.Counting{Refund: cap.Original},
	}}, &cap.PolicyOptions{Lateness: 40 * 24 * time.Hour})
	p := cashback.MustProgram(program(func(s *cashback.Spec) {
		s.PayoutThreshold, s.ExpiryMonths, s.Clawback.Balance = eur(2_00), 1, cashback.WithinBalance
		s.Groups = []cashback.Group{{ID: "shops", Mode: cashback.Stack}}
		s.Caps = []cashback.Cap{{ID: "month", Rules: []string{"ladder"}, Policy: month}}
		s.Budgets = []cashback.Budget{{ID: "spring", Total: eur(100_00)}}
		s.Rules = []cashback.Rule{
			{
				ID: "ladder", Group: "shops", Budget: "spring",
				Terms: cashback.Terms{Ladder: []cashback.Step{
					{From: eur(0), Until: eur(50_00), Rate: rateOf("0.02")}, {From: eur(50_00), Fixed: eur(3_00)},
				}},
				Funding: []cashback.Funder{{ID: "shop", Share: rateOf("2/3")}, {ID: cashback.Bank, Share: rateOf("1/3")}},
			},
			{
				ID: "rate", Group: "shops", Funding: bank(),
				Terms: cashback.Terms{Rate: rateOf("0.01"), MinPurchase: eur(5_00), MaxReward: eur(9_00)},
			},
		}
	}))
	facts := map[string]event.Data{}
	r := cashback.NewRewards("c")
	take := func(c command[cashback.Decision]) {
		_, decided := do(t, r, c)
		for _, d := range decided {
			if _, has := facts[d.EventType()]; !has {
				facts[d.EventType()] = d
			}
		}
	}
	earn := func(id string, when time.Time, a money.Amount, rate string) cashback.Earn {
		e := cashback.Earn{
			At: when, Program: p, Budgets: map[string]money.Amount{"spring": eur(2_50)},
			Purchase: cashback.Purchase{ID: id, At: when, Amount: a, Tier: "gold"},
		}
		e.Purchase.Merchant = cashback.Merchant{ID: "shop-1", Groups: []string{"shoes"}, MCC: 5661, Category: "clothes", Country: "FR"}
		if rate != "" {
			e.Purchase.Rate = rateOf(rate)
		}
		return e
	}
	day := func(n int) time.Time { return at("2026-01-05 10:00").AddDate(0, 0, n) }
	take(cashback.Refund{At: day(0), ID: "early", Purchase: "later", Amount: eur(1)})
	take(earn("abroad", day(0), money.New(80_00, money.USD), "0.92"))
	take(earn("abroad", day(0), money.New(80_00, money.USD), "0.92"))
	take(earn("abroad", day(0), money.New(81_00, money.USD), "0.92"))
	take(cashback.Refund{At: day(1), ID: "r1", Purchase: "abroad", Amount: money.New(20_00, money.USD)})
	take(earn("gift", day(1), eur(20_00), ""))
	take(cashback.Reject{At: day(2), Purchase: "gift", Why: "it was a gift card"})
	take(cashback.PayOut{At: day(40), ID: "o1"})
	take(earn("tea", day(41), eur(12_00), ""))
	if _, decided := do[int](t, r, cashback.Mature{At: day(200)}); len(decided) > 0 {
		facts["cashback.expired.v1"] = decided[len(decided)-1]
	}
	b := cashback.NewBudgetAccount("spring")
	for _, c := range []interface {
		Decide(*cashback.BudgetAccount) ([]event.Data, error)
	}{cashback.SetBudget{At: day(0), Total: eur(100_00)}, cashback.Draw{At: day(1), For: "c", Amount: eur(2_50)}} {
		decided, err := c.Decide(b)
		if err != nil || b.Apply(decided[0]) != nil {
			t.Fatal(err)
		}
		facts[decided[0].EventType()] = decided[0]
	}
	return facts
}

// What was stored once is read for ever.
func TestGoldenEvents(t *testing.T) {
	golden.Events(t, oneOfEach(t), ".json", *update, cashback.Codec(), cashback.BudgetCodec())
}

// A budget gives what it has and no more, gets back what it gave and no more, and says after each how much.
func TestBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := cashback.NewBudgetAccount("b")
		if _, open := b.Left(); open {
			t.Fatal("it is open")
		}
		total, used := int64(-1), int64(0)
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			at := epoch.Add(time.Duration(i) * time.Second)
			if rapid.IntRange(0, 4).Draw(t, "step") == 0 {
				total = rapid.Int64Range(0, 100).Draw(t, "total")
				decided, err := cashback.SetBudget{At: at, Total: eur(total)}.Decide(b)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range decided {
					if err := b.Apply(d); err != nil {
						t.Fatal(err)
					}
				}
			} else {
				amount := rapid.Int64Range(-60, 60).Draw(t, "amount")
				decided, err := cashback.Draw{At: at, For: "c", Amount: eur(amount)}.Decide(b)
				if fits := total >= 0 && amount != 0 && amount <= max(0, total-used) && used+amount >= 0; fits != (err == nil) {
					t.Fatalf("%d of %d, of which %d are used: got %v", amount, total, used, err)
				}
				if err != nil {
					if !errors.Is(err, cashback.ErrInvalid) {
						t.Fatal(err)
					}
					continue
				}
				used += amount
				if err := b.Apply(decided[0]); err != nil {
					t.Fatal(err)
				}
			}
			if total < 0 {
				continue
			}
			left, _ := b.Left()
			if _, got := b.Total(); left != eur(max(0, total-used)) || got != eur(used) {
				t.Fatalf("got %s left and %s used, of %d and %d", left, got, total, used)
			}
			restored := cashback.NewBudgetAccount("b")
			data, err := b.MarshalBinary()
			if err == nil {
				err = restored.UnmarshalBinary(data)
			}
			if err != nil || *restored != *b {
				t.Fatalf("got %+v, want %+v, %v", restored, b, err)
			}
		}
	})
}

// Nothing that is stored, whatever it is, makes rewards panic, and what they take they can write and read again.
func FuzzApply(f *testing.F) {
	codec := cashback.Codec()
	t := &testing.T{}
	for _, d := range oneOfEach(t) {
		if e, err := codec.Encode(d); err == nil {
			f.Add(e.Type, e.Data)
		}
	}
	p := fivePercent(nil)
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		d, err := codec.Decode(event.Event{Type: name, Data: data})
		if err != nil {
			return
		}
		for _, bought := range []bool{false, true} {
			r := cashback.NewRewards("c")
			if bought {
				do[cashback.Decision](t, r, cashback.Earn{
					At: epoch, Program: p, Purchase: cashback.Purchase{ID: "abroad", At: epoch, Amount: money.New(80_00, money.EUR)},
				})
			}
			if err := r.Apply(d); err != nil {
				continue
			}
			written, err := r.MarshalBinary()
			if err != nil {
				continue // an amount without a currency, as only a broken journal has
			}
			if err := cashback.NewRewards("c").UnmarshalBinary(written); err != nil {
				t.Fatalf("%s: a snapshot that cannot be read: %v", name, err)
			}
			_, _ = cashback.Mature{At: epoch.AddDate(3, 0, 0)}.Decide(r)
		}
	})
}

// Nothing that is given as a snapshot makes rewards panic; what they take is what they write.
func FuzzSnapshot(f *testing.F) {
	r := cashback.NewRewards("c")
	t := &testing.T{}
	do[cashback.Decision](t, r, cashback.Earn{
		At: epoch, Program: fivePercent(nil), Purchase: cashback.Purchase{ID: "p", At: epoch, Amount: eur(80_00)},
	})
	do[cashback.Decision](t, r, cashback.Refund{At: epoch, ID: "r", Purchase: "p", Amount: eur(3)})
	data, err := r.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var data bytes.Buffer
		w, err := flate.NewWriter(&data, flate.HuffmanOnly)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		r := cashback.NewRewards("c")
		if err := r.UnmarshalBinary(data.Bytes()); err != nil {
			if !errors.Is(err, cashback.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		_, _ = cashback.Mature{At: epoch.AddDate(3, 0, 0)}.Decide(r)
		_, _ = cashback.Refund{At: epoch, ID: "r2", Purchase: "p"}.Decide(r)
		_, _ = cashback.PayOut{At: epoch, ID: "o"}.Decide(r)
	})
}

// An event that does not add up in itself is none that rewards take.
func TestApplyCorrupt(t *testing.T) {
	p := fivePercent(nil)
	decided, err := buyNow(p, epoch, "p", 100_00).Decide(cashback.NewRewards("c"))
	if err != nil {
		t.Fatal(err)
	}
	take := func(e event.Data) error {
		r := cashback.NewRewards("c")
		if err := r.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
		return r.Apply(e)
	}
	whole := decided[1].(cashback.Earned)
	if err := take(whole); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*cashback.Earned){
		func(e *cashback.Earned) { e.Reward = eur(5_01) },
		func(e *cashback.Earned) { e.Reward = eur(1 << 50) },
		func(e *cashback.Earned) { e.Lines[0].Granted = eur(-5_00); e.Reward = eur(-5_00) },
		func(e *cashback.Earned) { e.Lines[0].Funding = []cashback.Share{{Funder: "bank", Amount: eur(4_99)}} },
	} {
		e := whole
		e.Lines = append([]cashback.Line(nil), whole.Lines...)
		change(&e)
		if err := take(e); err == nil {
			t.Errorf("%+v was taken", e)
		}
	}
	r := cashback.NewRewards("c")
	for _, d := range decided {
		if err := r.Apply(d); err != nil {
			t.Fatal(err)
		}
	}
	back, err := cashback.Refund{At: epoch, ID: "r", Purchase: "p"}.Decide(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*cashback.ClawedBack){
		func(e *cashback.ClawedBack) { e.Taken = eur(4_99) },
		func(e *cashback.ClawedBack) { e.Taken, e.Owed = eur(5_01), eur(-1) },
		func(e *cashback.ClawedBack) { e.Taken, e.Waived = eur(4_99), eur(1) },
		func(e *cashback.ClawedBack) { e.Back = nil },
		func(e *cashback.ClawedBack) { e.Amount, e.Refunded = eur(0), eur(0) },
	} {
		e := back[0].(cashback.ClawedBack)
		change(&e)
		read := cashback.NewRewards("c")
		for _, d := range append(decided[:2:2], e) {
			err = read.Apply(d)
		}
		if err == nil {
			t.Errorf("%+v was taken", e)
		}
	}
}

// The same instant in other words is the same question.
func TestEarnJSON(t *testing.T) {
	p := cashback.Purchase{ID: "p", At: epoch, Amount: eur(1)}
	first, err := json.Marshal(cashback.Earn{Purchase: p})
	p.At = at("2026-03-02 13:00").Add(time.Nanosecond)
	again, errAgain := json.Marshal(cashback.Earn{At: epoch, Purchase: p})
	if err != nil || errAgain != nil || string(first) != string(again) {
		t.Errorf("got %s and %s, %v %v", first, again, err, errAgain)
	}
}
