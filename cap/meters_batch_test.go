package cap_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// What stood in an answer before, of another batch, is not seen in the one that is put there.
func TestAnswersAreUsedAgain(t *testing.T) {
	limits := []cap.Limit{{Name: "each", Max: euros(5), Window: cap.PerTransaction()}}
	for _, name := range []string{"a", "b", "c", "d"} {
		limits = append(limits, cap.Limit{Name: name, Max: euros(7), Window: cap.Rolling(time.Hour), Alerts: []int{50}})
	}
	p := cap.MustPolicy(money.EUR, limits, nil)
	x, err := cap.NewMeters[int](p, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := cap.NewMeter(p)
	at := time.Date(2026, 10, 5, 10, 0, 0, 0, time.UTC)
	answers := make([]cap.FullAnswer, 1)
	for i, s := range []cap.Spend{
		{ID: "a", At: at, Amount: eur(400)},
		{ID: "too much", At: at.Add(1), Amount: eur(600)},
		{ID: "b", At: at.Add(time.Minute), Amount: eur(100)},
		{ID: "a", At: at, Amount: eur(400)}, // once more
		{ID: "c", At: at.Add(time.Hour), Amount: eur(1)},
		{ID: "", At: at, Amount: eur(1)}, // an error
		{ID: "d", At: at.Add(3 * time.Hour), Amount: eur(1)},
	} {
		want, wantErr := m.Authorize(s)
		if err := x.AuthorizeBatch([]cap.Request[int]{{Key: 1, Spend: s}}, answers); err != nil {
			t.Fatal(err)
		}
		if got := answers[0]; !got.Decision.Equal(want) || (got.Err == nil) != (wantErr == nil) {
			t.Errorf("spend %d: got %v %v, want %v %v", i, got.Decision, got.Err, want, wantErr)
		}
	}
}
