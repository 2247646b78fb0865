package billing

import (
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
		return []event.Data{ContractTaken{View: *v}}, nil
	}
	if v.Currency != a.contract.Currency {
		return nil, fmt.Errorf("%w contract: another currency than before", ErrInvalid)
	}
	switch {
	case v.Revision > a.contract.Revision:
		return []event.Data{ContractTaken{View: *v}}, nil
	case a.missing.has(v.Revision):
		return []event.Data{LateUpdateSeen{Revision: v.Revision}}, nil
	}
	return nil, nil
}

// Decide returns a MandateTaken, a LateUpdateSeen, or nothing for an update that has been there.
//
// Returns an error that wraps ErrInvalid if the update is malformed, of a mandate for another contract, or of one too many that the
// contract does not name.
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
	case m == nil && !a.names(v.Mandate) && a.unnamed() >= MaxMandates:
		return nil, fmt.Errorf("%w mandate: more than %d that the contract does not name", ErrInvalid, MaxMandates)
	case m == nil || v.Revision > m.view.Revision:
		return []event.Data{MandateTaken{View: *v}}, nil
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

// mandate is the copy of one.
type mandate struct {
	view    contract.MandateView
	missing gaps
}

// names reports whether the contract names a mandate, now or at another time.
func (a *Account) names(id string) bool {
	return a.contract != nil && slices.ContainsFunc(a.contract.Phases, func(p contract.Phase) bool { return p.Mandate == id })
}

func (a *Account) unnamed() (n int) {
	for id := range a.mandates {
		if !a.names(id) {
			n++
		}
	}
	return n
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
		*g = (*g)[max(0, len(*g)-maxGaps):]
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
}
