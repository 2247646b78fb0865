package bench_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/ledger/bench"
)

// model is the dumbest ledger: what everybody has, and what was answered.
type model struct {
	accounts map[string]*bench.Account
	has      map[string]int64
	answers  map[string]bool
	asked    map[string]bench.Transfer
}

func newModel(accounts []bench.Account) *model {
	m := &model{map[string]*bench.Account{}, map[string]int64{}, map[string]bool{}, map[string]bench.Transfer{}}
	for i := range accounts {
		m.accounts[accounts[i].ID] = &accounts[i]
	}
	return m
}

func (m *model) post(t bench.Transfer) bool {
	if before, ok := m.asked[t.ID]; ok {
		return before == t && m.answers[t.ID]
	}
	from, to := m.accounts[t.From], m.accounts[t.To]
	made := from != nil && to != nil && (from.Unconstrained || m.has[t.From]-t.Amount >= -from.Overdraft)
	if m.asked[t.ID], m.answers[t.ID] = t, made; made {
		m.has[t.From] -= t.Amount
		m.has[t.To] += t.Amount
	}
	return made
}

func (m *model) made() (n int) {
	for _, made := range m.answers {
		if made {
			n++
		}
	}
	return n
}

// some are accounts where transfers are often refused.
func some() []bench.Account {
	accounts := []bench.Account{{ID: "bank", Unconstrained: true}}
	for i := range 31 {
		accounts = append(accounts, bench.Account{ID: fmt.Sprint("customer-", i), Overdraft: int64(i * 10)})
	}
	return accounts
}

// transfer is one between two of the accounts.
func transfer(i int, from, to string, amount int64) bench.Transfer {
	return bench.Transfer{ID: fmt.Sprint("pay-", i), From: from, To: to, Amount: amount, At: time.Date(2026, 1, 5, 9, 0, 0, i*1000, time.UTC)}
}

// draw returns a transfer between the first few accounts, so that they meet often; now and then from or to one that nobody
// opened.
func draw(random *rand.Rand, accounts []bench.Account, i int) bench.Transfer {
	ids := []string{"nobody", "bank", "bank", "bank"}
	for _, a := range accounts[1:6] {
		ids = append(ids, a.ID, a.ID)
	}
	from, to := ids[random.IntN(len(ids))], ids[random.IntN(len(ids))]
	for from == to {
		to = ids[random.IntN(len(ids))]
	}
	return transfer(i, from, to, 1+random.Int64N(120))
}

// Everybody decides alike on every transfer, on one that is asked for again, and on an id that comes with other content; one
// by one, and in batches. So a table that compares what they cost compares the same work.
func TestRivalsAgree(t *testing.T) {
	const transfers, batches, seed = 500, 20, 4
	for _, r := range rivals {
		t.Run("store="+r.name, func(t *testing.T) {
			t.Parallel()
			random, accounts := rand.New(rand.NewPCG(seed, seed)), some()
			s, m := r.open(t, accounts), newModel(accounts)
			var asked []bench.Transfer
			for i := range transfers {
				tr := draw(random, accounts, i)
				if i > 0 && random.IntN(4) == 0 {
					tr = asked[random.IntN(i)] // again
					tr.Amount += int64(random.IntN(2))
				}
				asked = append(asked, tr)
				want := m.post(tr)
				if got, err := s.post(t.Context(), &tr); err != nil || got != want {
					t.Fatalf("seed %d, transfer %d, %+v: got made %t, %v, want %t", seed, i, tr, got, err, want)
				}
			}
			for n := range batches {
				// No account is in it twice: a batch is decided in any order.
				order := random.Perm(len(accounts))
				var batch []bench.Transfer
				var want []bool
				for k := 0; k < len(order); k += 2 {
					from, to := accounts[order[k]].ID, accounts[order[k+1]].ID
					batch = append(batch, transfer(transfers+n*100+k, from, to, 1+random.Int64N(120)))
					want = append(want, m.post(batch[k/2]))
				}
				if got, err := s.postAll(t.Context(), batch); err != nil || !slices.Equal(got, want) {
					t.Fatalf("seed %d, batch %d, %+v: got made %t, %v, want %t", seed, n, batch, got, err, want)
				}
			}
			m.check(t, s)
		})
	}
}

// check fails the test unless a store has the balances of the model and nothing but its transfers.
func (m *model) check(t *testing.T, s store) {
	t.Helper()
	for id := range m.accounts {
		if got, err := s.balance(t.Context(), id); err != nil || got != m.has[id] {
			t.Errorf("%s has %d, %v, want %d", id, got, err, m.has[id])
		}
	}
	if made, err := s.audit(t.Context()); err != nil || made != m.made() {
		t.Errorf("audit: %d transfers were made, %v, want %d", made, err, m.made())
	}
}

// 32 callers at once over a handful of accounts, half of them with the same transfers, move exactly what they are told was
// moved, never more than there is, and nothing twice.
func TestRivalsAreAtomic(t *testing.T) {
	const callers, each, seed = 32, 25, 5
	for _, r := range rivals {
		t.Run("store="+r.name, func(t *testing.T) {
			t.Parallel()
			accounts := some()
			s := r.open(t, accounts)
			var mu sync.Mutex
			answers, moved := map[string]bool{}, map[string]int64{}
			var wg sync.WaitGroup
			for c := range callers {
				random := rand.New(rand.NewPCG(seed, uint64(c/2))) // the same for two of them
				wg.Go(func() {
					for i := range each {
						tr := draw(random, accounts, c/2*1000+i)
						made, err := s.post(t.Context(), &tr)
						if err != nil {
							t.Errorf("%+v: %v", tr, err)
							return
						}
						mu.Lock()
						if before, ok := answers[tr.ID]; ok && before != made {
							t.Errorf("%+v: made %t and %t", tr, before, made)
						} else if !ok && made {
							moved[tr.From] -= tr.Amount
							moved[tr.To] += tr.Amount
						}
						answers[tr.ID] = made
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			made := 0
			for _, yes := range answers {
				if yes {
					made++
				}
			}
			if got, err := s.audit(t.Context()); err != nil || got != made {
				t.Errorf("audit: %d transfers were made, %v, want %d", got, err, made)
			}
			for _, a := range accounts {
				got, err := s.balance(t.Context(), a.ID)
				if err != nil || got != moved[a.ID] {
					t.Errorf("%s has %d, %v, want %d", a.ID, got, err, moved[a.ID])
				}
				if !a.Unconstrained && got < -a.Overdraft {
					t.Errorf("%s has %d, with an overdraft of %d", a.ID, got, a.Overdraft)
				}
			}
		})
	}
}
