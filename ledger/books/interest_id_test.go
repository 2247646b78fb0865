package books_test

import (
	"errors"
	"testing"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/storage/memory"
)

// Nobody can keep the interest of an account from being posted: not by a transfer with its id, nor by one that is refused.
func TestNobodyTakesTheIDOfInterest(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b)
	set := ledger.SetInterest{At: noon, From: today, Terms: savings(), Source: "paid"}
	if d, err := b.SetInterest(t.Context(), "anna", "savings", set); err != nil || !d.Done() {
		t.Fatal(d, err)
	}
	c := ledger.Capitalise{Account: "anna", At: noon.AddDate(0, 1, 0), Through: civil.MustParseDate("2026-11-30"), Source: "paid"}
	linked := post(c.Key(), 1, "anna", "carl", 1)
	for _, taken := range []ledger.Command{
		post(c.Key(), 1, "anna", "carl", 1), post(c.Key(), 1, "ben", "carl", 1), hold(c.Key(), 1, "anna", "carl", 1),
		ledger.Reverse{ID: c.Key(), Transfer: "fund", At: after(1)},
		ledger.Linked{ID: "group", Steps: []ledger.Step{{Post: &linked}}},
	} {
		if d, err := b.Do(t.Context(), taken); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: got %+v, %v, want it malformed", describe(taken), d, err)
		}
	}
	for _, never := range []ledger.Command{
		ledger.Capture{ID: c.Key(), Transfer: c.Key(), At: after(1)}, ledger.Void{ID: c.Key(), Transfer: c.Key(), At: after(1)},
		ledger.Expire{ID: c.Key(), Transfer: c.Key(), At: after(1)},
	} {
		refused(t, b, never, ledger.NotFound)
	}
	done(t, b, c)
	has(t, b, "anna", 100_00+8, 0) // ten days
	checked(t, j)
}
