package cap_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// The facts of a policy that keeps for long, replayed under one that forgets nearly at once (law L11): a refund that is gone
// at once leaves a meter whose snapshot loads, and the reversal of a spend that was refunded is no contradiction.
func TestReplayOfRefundsThatAreGone(t *testing.T) {
	net := cap.Counting{Refund: cap.Now}
	of := func(lateness time.Duration) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{
			{Name: "ever", Max: eur(1000), Window: cap.Lifetime(), Counting: net},
			{Name: "hour", Max: eur(1000), Window: cap.Rolling(time.Hour), Counting: net},
		}, &cap.PolicyOptions{Lateness: lateness})
	}
	wide, narrow := cap.NewMeter(of(240*time.Hour)), cap.NewMeter(of(time.Microsecond))
	for i, c := range []interface {
		Decide(*cap.Meter) ([]event.Data, error)
	}{
		cap.Authorize(pay("now", 100, 1)),
		cap.Refund{ID: "of nothing known", At: at(20), Amount: eur(50)},
		cap.Authorize(pay("old", 30, 70)),
		cap.Refund{ID: "back", At: at(40), Amount: eur(70), Of: &cap.Ref{ID: "old", At: at(30)}},
		cap.Reverse{ID: "old", At: at(30)},
	} {
		decided, err := c.Decide(wide)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []*cap.Meter{wide, narrow} {
			if err := m.Apply(decided[0]); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
			if err := cap.NewMeter(m.Policy()).UnmarshalBinary(snapshot(t, m)); err != nil {
				t.Errorf("step %d: a snapshot does not load: %v", i, err)
			}
		}
		a, err := wide.Remaining("ever", wide.Latest())
		b, err2 := narrow.Remaining("ever", narrow.Latest())
		if err != nil || err2 != nil || a != b {
			t.Errorf("step %d: got %v %v, want %v %v", i, b, err2, a, err)
		}
	}
}
