package engine_test

import (
	"errors"
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage/memory"
)

// TestGuests asks a transaction whose other purses follow from what was held then: they have no part in its key (E3), and are
// written to all the same.
func TestGuests(t *testing.T) {
	store := memory.New(nil)
	repo := open(t, store, nil, nil)
	do(t, repo, "anna", "fill", 100)
	do(t, repo, "bert", "k", 5) // a key of the guest's own
	pay := func(repo *purses, guests ...string) (bool, error) {
		m := transfer{ID: "k", By: 60, From: repo.Ref("anna"), To: repo.Ref("bert").Guest()}
		refs := []engine.Member{m.From}
		for _, id := range guests {
			refs = append(refs, repo.Ref(id).Guest())
		}
		return engine.Atomically(t.Context(), "k", refs, m)
	}
	for _, guests := range [][]string{{"bert"}, {"bert"}, {"carl", "bert"}, {"carl"}, nil} {
		if paid, err := pay(repo, guests...); !paid || err != nil {
			t.Errorf("guests %v: got %v, %v, want the first answer", guests, paid, err)
		}
		repo = open(t, store, nil, nil)
	}
	if got := head(t, store); got != 4 {
		t.Errorf("got head %d, want 4: two fillings, and two purses changed once", got)
	}
	want := map[string]int64{"anna": 40, "bert": 65}
	for id, balance := range want {
		err := engine.View(t.Context(), repo, id, func(p *purse.Purse) error {
			if p.Balance != balance {
				t.Errorf("%s: got %d, want %d", id, p.Balance, balance)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	m := fee{Only: true, By: 1, Payer: repo.Ref("anna").Guest(), Bank: repo.AnyRef("bank")}
	if _, err := engine.Atomically(t.Context(), "only", []engine.Member{m.Bank, m.Payer}, m); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("nobody to keep the key: got %v, want ErrInvalid", err)
	}
}
