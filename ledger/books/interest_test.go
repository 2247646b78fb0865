package books_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/storage/memory"
)

// saver has 36,500.00 in an account that earns 3.00 a day, from the first day of December on.
func saver(t testing.TB, b *books.Books, accrued string) {
	t.Helper()
	bank(t, b)
	opened(t, b, own(ledger.Liability), "due")
	d, err := b.SetInterest(t.Context(), "carl", "i", ledger.SetInterest{
		At: noon, From: civil.MustParseDate("2026-12-01"), Terms: savings(), Source: "paid", Accrued: accrued,
	})
	if err != nil || !d.Done() {
		t.Fatal(d, err)
	}
	done(t, b, post("deposit", 1, "cash", "carl", 36_500_00))
}

// on is noon of a day.
func on(day string) time.Time {
	return noon.AddDate(0, 0, civil.MustParseDate(day).Sub(today))
}

// Law L10: however many ask for a month's interest, at whatever instants and in whatever process, it is posted once, and all
// that are not too early get the same answer.
func TestInterestIsPostedOnce(t *testing.T) {
	for _, accrued := range []string{"", "due"} {
		j := memory.New(nil)
		two := [2]*books.Books{open(t, j, nil), open(t, j, nil)}
		saver(t, two[0], accrued)
		december := civil.MustParseDate("2026-12-31")
		early := refused(t, two[1], ledger.Capitalise{Account: "carl", At: on("2026-12-15"), Through: december, Source: "paid", Accrued: accrued}, ledger.PeriodNotOver)
		if early.Account != "carl" {
			t.Errorf("got %+v", early)
		}
		answers := make([]ledger.Decision, 64)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				c := ledger.Capitalise{Account: "carl", At: on("2027-01-01").Add(time.Duration(i/4) * time.Hour), Through: december, Source: "paid", Accrued: accrued}
				var err error
				if answers[i], err = two[i%2].Do(context.Background(), c); err != nil {
					t.Error(err)
				}
			})
			if accrued != "" {
				wg.Go(func() {
					c := ledger.Accrue{Account: "carl", At: on("2027-01-02"), Through: december.AddDays(-i % 8), Source: "paid", Accrued: accrued}
					if _, err := two[i%2].Do(context.Background(), c); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		for _, d := range answers {
			same(t, "answer", d, answers[0])
		}
		if d := answers[0]; !d.Done() || d.Transfer != "interest:2026-12-31:carl" || d.Value != december+1 {
			t.Errorf("got %+v", d)
		}
		b := open(t, j, nil)
		has(t, b, "carl", 36_593_00, 0)
		has(t, b, "paid", 93_00, 0)
		has(t, b, "due", 0, 0)
		checked(t, j)
	}
}

// A month is closed and archived once its interest is posted; a snapshot of the account knows all of it.
func TestInterestOverPeriods(t *testing.T) {
	j := memory.New(nil)
	for month := range 6 {
		b, shut := openUntil(t, j, &books.Options{SnapshotEvery: 1})
		if month == 0 {
			saver(t, b, "due")
		}
		first := civil.MustParseDate("2026-12-01").AddMonths(month)
		last := first.EndOfMonth()
		at := on(last.AddDays(1).String())
		end := ledger.EndPeriod{At: at, Through: last}
		if d, err := b.EndPeriod(t.Context(), "carl", "early "+last.String(), end); err != nil || d.Reason != ledger.InterestPending {
			t.Fatal(d, err)
		}
		if month%2 == 0 {
			done(t, b, ledger.Accrue{Account: "carl", At: at, Through: last.AddDays(-3), Source: "paid", Accrued: "due"})
		}
		done(t, b, ledger.Capitalise{Account: "carl", At: at, Through: last, Source: "paid", Accrued: "due"})
		if d, err := b.EndPeriod(t.Context(), "carl", "end "+last.String(), end); err != nil || !d.Done() {
			t.Fatal(d, err)
		}
		shut()
	}
	b := open(t, j, nil)
	// 31, 31, 28, 31, 30 and 31 days of 3 %, each month on the balance with the interest before: 93.00, 93.24, 84.43, 93.69, 90.89, 94.16
	has(t, b, "carl", 36_500_00+93_00+93_24+84_43+93_69+90_89+94_16, 0)
	has(t, b, "due", 0, 0)
	checked(t, j)
}
