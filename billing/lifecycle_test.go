package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
)

// The life of an invoice: sent, paid in part, reminded of, collected, paid, and open again.
func TestLifeOfAnInvoice(t *testing.T) {
	a := billed(t, 1000_00, "100") // due on 31 December
	levels := []int{0, 10, 20}
	january := func(day int) time.Time { return time.Date(2027, 1, day, 9, 0, 0, 0, time.UTC) }
	for _, row := range []struct {
		what   string
		at     time.Time
		ask    command[billing.Decision]
		remind string // the levels that come with it
		want   billing.InvoiceStatus
	}{
		{"issued", inDecember(2, 0), nil, "[]", billing.StatusIssued},
		{"sent", inDecember(3, 0), billing.MarkSent{At: inDecember(3, 0), Number: "F-0001"}, "[]", billing.StatusSent},
		{"a part is paid", inDecember(4, 0), billing.Receive{At: inDecember(4, 0), ID: "w", Amount: eur(40_00)}, "[]", billing.StatusPartiallyPaid},
		{"overdue", january(1), nil, "[1]", billing.StatusOverdue},
		{"one reminder is enough", january(5), nil, "[]", billing.StatusOverdue},
		{"two levels at once are one reminder", january(25), nil, "[3]", billing.StatusOverdue},
		{
			"collected", january(26), billing.Collect{At: january(26), ID: "d", For: all("F-0001", 60_00), FinalFrom: january(26 + 56)}, "[]",
			billing.StatusCollecting,
		},
		{"paid", january(29), billing.Settle{At: january(29), Of: "d"}, "[]", billing.StatusPaid},
		{"and open again", january(30), billing.Return{At: january(30), ID: "r", Of: "d", Code: "AM04"}, "[]", billing.StatusOverdue},
		{"paid by a transfer", january(31), billing.Receive{At: january(31), ID: "w2", Amount: eur(60_00)}, "[]", billing.StatusPaid},
	} {
		if row.ask != nil {
			if d := do(t, a, row.ask); !d.Accepted {
				t.Fatalf("%s: %v", row.what, d.Reasons())
			}
		}
		got := []int{}
		for _, e := range do(t, a, billing.Remind{At: row.at, After: levels}) {
			got = append(got, e.Level)
		}
		a = restored(t, a)
		if s, ok := a.Standing("F-0001", row.at); !ok || s.Status != row.want || fmt.Sprint(got) != row.remind {
			t.Errorf("%s: got %+v, reminded %v; want %s, %s", row.what, s, got, row.want, row.remind)
		}
	}
	if decided, err := (billing.MarkSent{At: january(31), Number: "F-0001"}).Decide(a); err != nil || len(decided) > 0 {
		t.Errorf("sent again: got %v, %v", decided, err)
	}
	if d := do(t, a, billing.MarkSent{At: january(31), Number: "F-0002"}); !slices.Equal(d.Reasons(), []billing.Reason{billing.InvoiceNotFound}) {
		t.Errorf("another: got %v", d.Reasons())
	}
	if _, ok := a.Standing("F-0002", january(31)); ok {
		t.Error("another has a standing")
	}
	for _, after := range [][]int{nil, {-1}, {5, 4}, {0, 200_000}, make([]int, billing.MaxLevels+1)} {
		if _, err := (billing.Remind{At: january(31), After: after}).Decide(a); !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%v: got %v", after, err)
		}
	}
}
