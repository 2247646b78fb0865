package billing_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// lived is an account in the midst of its life.
func lived(t testing.TB) *billing.Account {
	a := account(t, 100_00)
	do(t, a, billing.SetSpendingCap{At: at(2, 0), Policy: weekly(90_00)})
	do(t, a, buying("a", "20", at(2, 0)))
	do(t, a, billing.Accept{At: at(3, 0), Operation: operation("b", item("9.99", "20"), item("3.33", "5.5"))})
	do(t, a, charging("fee", 1_00, at(3, 1)))
	do(t, a, billing.Refund{At: at(4, 0), ID: "r", Of: "b", Lines: []billing.RefundLine{{Order: "O-b", Line: 1, Net: eur(1)}}})
	return a
}

// FuzzApply reads anything as any event, and applies it to an account in the midst of its life. Nothing panics, and an account that has
// taken it can be written down and read again.
func FuzzApply(f *testing.F) {
	facts := map[string]event.Data{}
	for _, c := range []interface {
		Decide(*billing.Account) ([]event.Data, error)
	}{
		buying("c", "1", noon), buying("a", "20", noon), buying("c", "1000", noon), back("r2", "b"), billing.CloseDays{At: noon, Through: 739_000},
		charging("fee2", 1_00, noon), charging("off", -1_00, noon),
		billing.TakeContract{View: active(4, 5)}, billing.TakeMandate{View: mandateView(4, contract.MandateRevoked)},
		billing.SetOverdue{At: noon, Since: 739_000, Amount: eur(1)}, billing.SetSpendingCap{At: noon, Policy: weekly(1)}, billing.SetSpendingCap{At: noon},
	} {
		decided, err := c.Decide(lived(f))
		if err != nil {
			f.Fatal(err)
		}
		for _, d := range decided {
			facts[d.EventType()] = d
			stored, err := codec.Encode(d)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(stored.Type, stored.Data)
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		fact, err := codec.Decode(event.Event{Type: name, Data: data})
		if err != nil {
			return
		}
		a := lived(t)
		if err := a.Apply(fact); err != nil {
			if !errors.Is(err, billing.ErrCorrupt) {
				t.Errorf("got %v, want one that wraps ErrCorrupt", err)
			}
			return
		}
		for range a.Unbilled() {
			_ = a.Exposure(time.Time{})
		}
		if _, err := a.Eligibility(noon); err != nil {
			t.Error(err)
		}
		if _, err := a.MarshalBinary(); err != nil {
			t.Error(err)
		}
	})
}

// FuzzAccept asks for anything that reads as a purchase. Nothing panics; what is accepted fits the limit, and given back whole, leaves
// nothing.
func FuzzAccept(f *testing.F) {
	for _, o := range []billing.Operation{
		operation("c", item("1", "20")), operation("d", item("9.99", "20"), item("0.067", "5.5")), claiming(operation("e", item("1", "0")), 1_00), inDollars(),
	} {
		text, err := json.Marshal(o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var o billing.Operation
		if json.Unmarshal(text, &o) != nil {
			return
		}
		a := lived(t)
		before := a.Exposure(time.Time{}).Total
		d, err := try(a, billing.Accept{At: noon, Operation: o})
		if err != nil {
			if !errors.Is(err, billing.ErrInvalid) && !errors.Is(err, event.ErrInvalid) {
				t.Errorf("got %v", err)
			}
			return
		}
		if d.Accepted && (d.Exposure.Minor() > 100_00 || d.Exposure != a.Exposure(time.Time{}).Total) {
			t.Errorf("%s: exposure %v", text, d.Exposure)
		}
		if !d.Accepted || d.Repeated {
			return
		}
		if back := do(t, a, billing.Refund{At: noon, ID: "all", Of: o.ID}); !back.Accepted || a.Exposure(time.Time{}).Total != before {
			t.Errorf("%s given back: %v, exposure %v, before %v", text, back.Reasons(), a.Exposure(time.Time{}).Total, before)
		}
	})
}

// FuzzSnapshot reads anything as a snapshot. Nothing panics; what is refused changes nothing, and what is read is written the same.
func FuzzSnapshot(f *testing.F) {
	whole, err := lived(f).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"id":"CTR-1","clock":0}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a := billing.NewAccount("CTR-1")
		if err := a.UnmarshalBinary(data); err != nil {
			if !errors.Is(err, billing.ErrCorrupt) || a.Exposure(time.Time{}) != (billing.Exposure{}) {
				t.Errorf("got %v, exposure %v", err, a.Exposure(time.Time{}))
			}
			return
		}
		once, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := restored(t, a).MarshalBinary(); err != nil || string(once) != string(twice) {
			t.Errorf("%v:\n%s\n%s", err, once, twice)
		}
	})
}

// FuzzParseQuantity reads anything as a quantity: what passes is written as it was read, and as money reads it.
func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"1", "1.5", "-0.000001", "1000000000", "1e5", "0x1", "١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := billing.ParseQuantity(s)
		if err != nil {
			return
		}
		if again, err := billing.ParseQuantity(q.String()); err != nil || again != q {
			t.Errorf("%q: got %v, then %v, %v", s, q, again, err)
		}
		if r, err := money.ParseRate(q.String()); err != nil || rat(q.String()).Cmp(ratOf(r)) != 0 {
			t.Errorf("%q: %v, %v", s, r, err)
		}
	})
}
