package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Spending caps stand beside the contract's, and go by their own table of what counts: here a refund makes room where the purchase
// was, and refused attempts count.
func TestSpendingCap(t *testing.T) {
	a := account(t, 1000_00)
	policy := func(max int64) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{
			{Name: "week", Max: eur(max), Window: cap.Rolling(7 * 24 * time.Hour), Counting: cap.Counting{Refund: cap.Original}},
			{Name: "tries", MaxCount: 7, Window: cap.Rolling(24 * time.Hour), Counting: cap.Counting{Refusal: cap.Now}},
		}, nil)
	}
	set := func(day int, p *cap.Policy) billing.SetSpendingCap {
		return billing.SetSpendingCap{At: at(day, 0), Policy: p}
	}
	for _, row := range []struct {
		what string
		ask  command[billing.Decision]
		cap  string // that refuses
	}{
		{"bought before there were any", buying("a", "500", at(2, 0)), ""},
		{"a hundred a week", set(3, policy(100_00)), ""},
		{"which does not count", buying("b", "100", at(4, 0)), ""},
		{"a cent too much", buying("c", "0.01", at(4, 1)), "week"},
		{"sixty come back", billing.Refund{At: at(4, 2), ID: "r", Of: "b", Lines: []billing.RefundLine{{Order: "O-b", Line: 1, Net: eur(60_00)}}}, ""},
		{"and can be spent", buying("d", "60", at(4, 3)), ""},
		{"not more", buying("e", "0.01", at(4, 4)), "week"},
		{"two hundred a week", set(4, policy(200_00)), ""},
		{"what was spent counts on", buying("f", "100.01", at(4, 5)), "week"},
		{"to the limit exactly", buying("g", "100", at(4, 6)), ""},
		{"a seventh try", buying("h", "0.01", at(4, 7)), "week"},
		{"nine hundred a week", set(4, policy(900_00)), ""},
		{"but not an eighth try", buying("i", "0.01", at(4, 8)), "tries"},
		{"no limits any more", set(5, nil), ""},
		{"so it fits", buying("j", "200", at(5, 1)), ""},
		{"limits anew, which know nothing of before", set(6, policy(100_00)), ""},
		{"a refund of what they do not know", billing.Refund{At: at(6, 1), ID: "r2", Of: "j"}, ""},
		{"and a purchase", buying("k", "100", at(6, 2)), ""},
	} {
		d := do(t, a, row.ask)
		c, refused := d.Cause(billing.SpendingCapExceeded)
		if d.Accepted == refused || c.Cap != row.cap {
			t.Errorf("%s: got %v %+v, want cap %q", row.what, d.Accepted, d.Causes, row.cap)
		}
		a = restored(t, a)
	}
}

// A clone goes its own way.
func TestClone(t *testing.T) {
	a := lived(t)
	before, _ := a.MarshalBinary()
	b := a.Clone()
	if got, _ := b.MarshalBinary(); string(got) != string(before) {
		t.Fatalf("got %s, want %s", got, before)
	}
	do(t, b, billing.Refund{At: noon, ID: "r2", Of: "b"})
	do(t, b, buying("z", "1", noon))
	do(t, b, billing.TakeContract{View: active(9, 50_00)})
	if got, _ := a.MarshalBinary(); string(got) != string(before) {
		t.Errorf("got %s, want %s", got, before)
	}
	if d := do(t, a, billing.Refund{At: noon, ID: "r2", Of: "b"}); !d.Accepted { // the clone has taken nothing of it
		t.Errorf("got %v", d.Reasons())
	}
}

// A purchase that was accepted, asked for again with totals that are wrong, is not the same one.
func TestRepeatedWithWrongTotals(t *testing.T) {
	a := account(t, 100_00)
	o := claiming(operation("a", item("1", "20")), 1_20)
	do(t, a, billing.Accept{At: noon, Operation: o})
	for _, row := range []struct {
		claimed int64
		want    []billing.Reason
	}{{1_20, []billing.Reason{}}, {1_19, []billing.Reason{billing.AmountsInconsistent, billing.ExistsWithDifferentContent}}} {
		if d := do(t, a, billing.Accept{At: noon, Operation: claiming(o, row.claimed)}); !slices.Equal(d.Reasons(), row.want) || d.Repeated != d.Accepted {
			t.Errorf("%d: got %+v", row.claimed, d)
		}
	}
}
