package billing

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
)

// TakeContract gives an account an update of its contract. Updates may come twice, late, or not at all: the newest is what counts, and
// it says all that is in force. Use Key as the command's key.
type TakeContract struct {
	_ struct{} // disallow positional literals

	View contract.View `json:"view"`
}

// TakeMandate gives an account an update of a mandate, as [TakeContract] one of its contract. It may come before the contract
// names the mandate.
type TakeMandate struct {
	_ struct{} // disallow positional literals

	View contract.MandateView `json:"view"`
}

// Taken says what became of an update.
type Taken struct {
	Current bool   // the account goes by it from now on; otherwise it has that one, or a newer one, already
	Late    bool   // a newer one had arrived before it; it was missing, and is no more
	Of      uint64 // its revision, where it was one or the other
}

// Key is a command's key that tells updates apart: the same update has the same key.
func (c TakeContract) Key() string { return fmt.Sprintf("contract@%d", c.View.Revision) }

// Key is as for [TakeContract].
func (c TakeMandate) Key() string {
	return fmt.Sprintf("mandate@%d/%s", c.View.Revision, c.View.Mandate)
}

// Decide returns a ContractTaken, a LateUpdateSeen, or nothing for an update that has been there.
//
// Returns an error that wraps ErrInvalid if the update is malformed, or of another contract, or changes the currency.
func (c TakeContract) Decide(a *Account) ([]event.Data, error) {
	v := &c.View
	if err := v.Validate(); err != nil {
		return nil, fmt.Errorf("%w contract: %w", ErrInvalid, err)
	}
	if v.Contract != a.id {
		return nil, fmt.Errorf("%w contract: it is of another account", ErrInvalid)
	}
	if a.contract == nil {
		return []event.Data{ContractTaken{View: cloneView(*v)}}, nil
	}
	if v.Currency != a.contract.Currency {
		return nil, fmt.Errorf("%w contract: another currency than before", ErrInvalid)
	}
	switch {
	case v.Revision > a.contract.Revision:
		return []event.Data{ContractTaken{View: cloneView(*v)}}, nil
	case a.missing.has(v.Revision):
		return []event.Data{LateUpdateSeen{Revision: v.Revision}}, nil
	}
	return nil, nil
}

// Decide returns a MandateTaken, a LateUpdateSeen, or nothing for an update that has been there.
//
// Returns an error that wraps ErrInvalid if the update is malformed, or of a mandate for another contract.
func (c TakeMandate) Decide(a *Account) ([]event.Data, error) {
	v := &c.View
	if err := v.Validate(); err != nil {
		return nil, fmt.Errorf("%w mandate: %w", ErrInvalid, err)
	}
	if v.Contract != "" && v.Contract != a.id {
		return nil, fmt.Errorf("%w mandate: it is for another contract", ErrInvalid)
	}
	m := a.mandates[v.Mandate]
	switch {
	case m == nil || v.Revision > m.view.Revision:
		return []event.Data{MandateTaken{View: cloneMandate(*v)}}, nil
	case m.missing.has(v.Revision):
		return []event.Data{LateUpdateSeen{Mandate: v.Mandate, Revision: v.Revision}}, nil
	}
	return nil, nil
}

// Result says what became of the update.
func (TakeContract) Result(decided []event.Data) Taken { return takenOf(decided) }

// Result says what became of the update.
func (TakeMandate) Result(decided []event.Data) Taken { return takenOf(decided) }

func takenOf(decided []event.Data) Taken {
	if len(decided) != 1 {
		return Taken{}
	}
	switch e := decided[0].(type) {
	case ContractTaken:
		return Taken{Current: true, Of: e.View.Revision}
	case MandateTaken:
		return Taken{Current: true, Of: e.View.Revision}
	case LateUpdateSeen:
		return Taken{Late: true, Of: e.Revision}
	}
	return Taken{}
}

// What an account keeps, it does not share with whoever gave it the update.

func cloneView(v contract.View) contract.View {
	v.Phases, v.Moves = slices.Clone(v.Phases), slices.Clone(v.Moves)
	return v
}

func cloneMandate(v contract.MandateView) contract.MandateView {
	v.Phases = slices.Clone(v.Phases)
	if v.Amendment != nil {
		amendment := *v.Amendment
		v.Amendment = &amendment
	}
	return v
}

// mandate is the copy of one.
type mandate struct {
	view    contract.MandateView
	missing gaps
	taken   uint64 // of the account's updates of mandates, which one it was
}

// letMandatesGo forgets the mandates that were taken longest ago, of those that the contract names nowhere, beyond MaxMandates. One that
// it comes to name after all is missing until its next update.
func (a *Account) letMandatesGo() {
	if len(a.mandates) <= MaxMandates {
		return
	}
	named := map[string]bool{}
	if a.contract != nil {
		for _, p := range a.contract.Phases {
			named[p.Mandate] = true
		}
	}
	var others []*mandate
	for id, m := range a.mandates {
		if !named[id] {
			others = append(others, m)
		}
	}
	slices.SortFunc(others, func(x, y *mandate) int { return cmp.Compare(y.taken, x.taken) })
	for _, m := range others[min(MaxMandates, len(others)):] {
		delete(a.mandates, m.view.Mandate)
	}
}

// Revisions are those from First to Last.
type Revisions struct {
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
}

// gaps are revisions that have not arrived, in order, at most maxGaps stretches of them. Of more, the oldest are forgotten.
type gaps []Revisions

const maxGaps = 100

func (g gaps) list() []Revisions { return slices.Clone(g) }

func (g gaps) find(revision uint64) (int, bool) {
	return slices.BinarySearchFunc(g, revision, func(r Revisions, revision uint64) int {
		switch {
		case r.Last < revision:
			return -1
		case r.First > revision:
			return 1
		}
		return 0
	})
}

func (g gaps) has(revision uint64) bool {
	_, found := g.find(revision)
	return found
}

// jump notes that a revision came after another.
func (g *gaps) jump(from, to uint64) {
	if to > from+1 {
		*g = append(*g, Revisions{from + 1, to - 1})
		g.trim()
	}
}

// fill strikes a revision out.
func (g *gaps) fill(revision uint64) {
	i, found := g.find(revision)
	if !found {
		return
	}
	r := (*g)[i]
	var parts []Revisions
	if r.First < revision {
		parts = append(parts, Revisions{r.First, revision - 1})
	}
	if revision < r.Last {
		parts = append(parts, Revisions{revision + 1, r.Last})
	}
	*g = slices.Replace(*g, i, i+1, parts...)
	g.trim()
}

func (g *gaps) trim() { *g = (*g)[max(0, len(*g)-maxGaps):] }
