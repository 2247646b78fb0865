package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"pgregory.net/rapid"
)

// Updates that come late, twice or not at all: the newest counts, and what is missing is seen (B6).
func TestUpdates(t *testing.T) {
	a := billing.NewAccount("CTR-1")
	type revisions = []billing.Revisions
	for _, row := range []struct {
		what    string
		comes   uint64
		want    billing.Taken
		current uint64
		missing revisions
	}{
		{"the third comes first", 3, billing.Taken{Current: true, Of: 3}, 3, revisions{{1, 2}}},
		{"again", 3, billing.Taken{}, 3, revisions{{1, 2}}},
		{"the first comes late", 1, billing.Taken{Late: true, Of: 1}, 3, revisions{{2, 2}}},
		{"and again", 1, billing.Taken{}, 3, revisions{{2, 2}}},
		{"the ninth", 9, billing.Taken{Current: true, Of: 9}, 9, revisions{{2, 2}, {4, 8}}},
		{"the sixth, in the middle of what is missing", 6, billing.Taken{Late: true, Of: 6}, 9, revisions{{2, 2}, {4, 5}, {7, 8}}},
		{"the second", 2, billing.Taken{Late: true, Of: 2}, 9, revisions{{4, 5}, {7, 8}}},
		{"the tenth", 10, billing.Taken{Current: true, Of: 10}, 10, revisions{{4, 5}, {7, 8}}},
	} {
		limit := int64(row.comes) * 100_00
		if got := do(t, a, billing.TakeContract{View: active(row.comes, limit)}); got != row.want {
			t.Errorf("%s: got %+v, want %+v", row.what, got, row.want)
		}
		mandate := mandateView(row.comes, contract.MandateActive)
		if got := do(t, a, billing.TakeMandate{View: mandate}); got != row.want {
			t.Errorf("%s, of the mandate: got %+v, want %+v", row.what, got, row.want)
		}
		view, ok := a.Contract()
		if !ok || view.Revision != row.current || view.Phases[0].Limit != eur(int64(row.current)*100_00) {
			t.Errorf("%s: the account goes by %+v", row.what, view)
		}
		if m, ok := a.Mandate(mandateID); !ok || m.Revision != row.current {
			t.Errorf("%s: the account goes by %+v", row.what, m)
		}
		for _, got := range []revisions{a.Missing(), a.MissingOf(mandateID)} {
			if !slices.Equal(got, row.missing) {
				t.Errorf("%s: missing: got %v, want %v", row.what, got, row.missing)
			}
		}
		a = restored(t, a)
	}
}

// Whatever the order in which updates come, and how often, the account ends as if the newest alone had come, and knows what never came.
func TestUpdatesInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		come := rapid.SliceOfN(rapid.Uint64Range(1, 12), 1, 30).Draw(t, "come")
		a, newest := billing.NewAccount("CTR-1"), slices.Max(come)
		for _, r := range come {
			do(t, a, billing.TakeContract{View: active(r, int64(r))})
		}
		view, _ := a.Contract()
		if view.Revision != newest || view.Phases[0].Limit != eur(int64(newest)) {
			t.Fatalf("%v: got revision %d", come, view.Revision)
		}
		missing := map[uint64]bool{}
		for _, stretch := range a.Missing() {
			for r := stretch.First; r <= stretch.Last; r++ {
				missing[r] = true
			}
		}
		for r := uint64(1); r <= newest; r++ {
			if missing[r] == slices.Contains(come, r) {
				t.Fatalf("%v: missing %v", come, a.Missing())
			}
		}
	})
}

// Updates that cannot be the account's are refused, and change nothing.
func TestForeignUpdates(t *testing.T) {
	a := account(t, 100_00)
	for what, c := range map[string]command[billing.Taken]{
		"another contract":    billing.TakeContract{View: func() contract.View { v := active(2, 1); v.Contract = "CTR-2"; return v }()},
		"another currency":    billing.TakeContract{View: inCurrency(active(2, 1), money.USD)},
		"a limit of zero":     billing.TakeContract{View: active(2, 0)},
		"no phase":            billing.TakeContract{View: view(2)},
		"phases out of order": billing.TakeContract{View: active(2, 1, phase(at(1, 0), contract.Suspended, 1, ""))},
		"another's mandate": billing.TakeMandate{View: func() contract.MandateView {
			m := mandateView(2, contract.MandateActive)
			m.Contract = "CTR-2"
			return m
		}()},
		"a mandate of no IBAN": billing.TakeMandate{View: func() contract.MandateView {
			m := mandateView(2, contract.MandateActive)
			m.IBAN = "FR7612548029989876543210917"
			return m
		}()},
	} {
		if _, err := try(a, c); !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if v, _ := a.Contract(); v.Revision != 1 {
		t.Errorf("got revision %d", v.Revision)
	}
}

func inCurrency(v contract.View, c money.Currency) contract.View {
	v.Currency = c
	for i := range v.Phases {
		v.Phases[i].Limit = money.New(v.Phases[i].Limit.Minor(), c)
	}
	return v
}

// Mandates that the contract does not name are kept, since it may come to name them, but not without end: the oldest are let go.
func TestManyMandates(t *testing.T) {
	a := billing.NewAccount("CTR-1")
	id := func(i int) string { return fmt.Sprint("FR83ZZZ459654/RUM-X", i) }
	const n = billing.MaxMandates + 3
	for i := range n {
		m := mandateView(1, contract.MandateActive)
		m.Mandate, m.Reference = id(i), party.MandateReference(fmt.Sprint("RUM-X", i))
		do(t, a, billing.TakeMandate{View: m})
		a = restored(t, a)
		if i == n-2 { // the contract comes to name the oldest there is
			v := active(1, 1)
			v.Phases[0].Mandate = id(2)
			do(t, a, billing.TakeContract{View: v})
		}
	}
	for i := range n {
		_, got := a.Mandate(id(i))
		if want := i >= 2; got != want {
			t.Errorf("number %d: kept %v, want %v", i+1, got, want)
		}
	}
}

// A contract that changes its mandate over and over leaves room for the update of the next one, which may come first.
func TestMandatesNoLongerNamed(t *testing.T) {
	a := billing.NewAccount("CTR-1")
	const n = 40
	id := func(i int) string { return fmt.Sprint(mandateID, "-", i) }
	named := func(i int) billing.TakeContract {
		v := active(uint64(1+i), 1000_00)
		v.Phases[0].Mandate, v.Phases[1].Mandate = id(i), id(i)
		return billing.TakeContract{View: v}
	}
	mandate := func(i int) billing.TakeMandate {
		v := mandateView(1, contract.MandateActive)
		v.Mandate = id(i)
		return billing.TakeMandate{View: v}
	}
	for i := range n {
		do(t, a, named(i))
		do(t, a, mandate(i))
	}
	copies := 0
	for i := range n {
		if _, ok := a.Mandate(id(i)); ok {
			copies++
		}
	}
	if copies != 1+billing.MaxMandates {
		t.Errorf("%d copies of mandates, of which the contract names one; want %d", copies, 1+billing.MaxMandates)
	}
	do(t, a, mandate(n))
	do(t, a, named(n))
	if d := do(t, a, buying("1", "50", at(2, 0))); !d.Accepted {
		t.Errorf("contract and mandate are active: %v", d.Reasons())
	}
}

// However the gaps between updates are filled, the account remembers so many stretches of them.
func TestManyGaps(t *testing.T) {
	a := account(t, 1000_00)
	do(t, a, billing.TakeContract{View: active(1_000_000, 1000_00)})
	for r := uint64(3); r < 1003; r += 2 {
		do(t, a, billing.TakeContract{View: active(r, 1000_00)})
	}
	if n := len(a.Missing()); n != 100 {
		t.Errorf("%d stretches, want 100", n)
	}
}
