package contract

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// MandateView is what others have to know of a mandate, above all who collects by it: all of it, as [View] is of a contract.
type MandateView struct {
	_ struct{} // disallow positional literals

	Mandate      string                 `json:"mandate"` // its id
	Revision     uint64                 `json:"revision"`
	Contract     string                 `json:"contract,omitempty"` // that it was given for (AT-08 of the rulebook); "": any of the debtor's
	Scheme       Scheme                 `json:"scheme"`
	Kind         MandateKind            `json:"kind"`
	Reference    party.MandateReference `json:"reference"`
	Creditor     party.CreditorID       `json:"creditor"`
	CreditorName string                 `json:"creditor_name"`
	Debtor       string                 `json:"debtor"` // the name of whoever holds the account
	IBAN         party.IBAN             `json:"iban"`   // of the debtor's account
	BIC          party.BIC              `json:"bic,omitempty"`
	SignedOn     civil.Date             `json:"signed_on,omitzero"`

	LastCollection civil.Date `json:"last_collection,omitzero"` // that was presented

	// Amendment is what the next collection has to tell the debtor's bank: nil if the bank has seen the mandate as it is.
	Amendment *Amendment `json:"amendment,omitempty"`

	// Phases are what the mandate is, one after the other, as those of a View. The first has no From, and is MandateDraft.
	Phases     []MandatePhase `json:"phases"`
	RecordedAt time.Time      `json:"recorded_at,omitzero"`
}

// MandatePhase is what a mandate is from an instant on. Phases compare with ==.
type MandatePhase struct {
	From   time.Time     `json:"from,omitzero"`
	Status MandateStatus `json:"status"`
}

// Amendment is how the debtor's bank has seen a mandate, where that is not how it is now: the original values of pain.008. What
// has not changed is left out.
type Amendment struct {
	_ struct{} // disallow positional literals

	Reference    party.MandateReference `json:"reference,omitempty"`     // OrgnlMndtId
	Creditor     party.CreditorID       `json:"creditor,omitempty"`      // OrgnlCdtrSchmeId
	CreditorName string                 `json:"creditor_name,omitempty"` // OrgnlCdtrSchmeId, its name
	IBAN         party.IBAN             `json:"iban,omitempty"`          // OrgnlDbtrAcct: the same mandate, a new account (SMNDA)
	BIC          party.BIC              `json:"bic,omitempty"`           // of that account, where it was known
}

// EventType returns "contract.mandate_updated.v1".
func (MandateView) EventType() string { return "contract.mandate_updated.v1" }

// At returns the phase that the mandate is in at an instant; the zero MandatePhase if there are none. It costs O(log n) for n
// phases.
func (v *MandateView) At(t time.Time) MandatePhase { return phaseAt(v.Phases, t) }

func (p MandatePhase) begins() time.Time     { return p.From }
func (p MandatePhase) status() MandateStatus { return p.Status }

// View returns what others have to know of the mandate; a MandateView that is not valid if it was never created. It costs
// O(n) for n changes.
func (m *Mandate) View() MandateView {
	if m.revision == 0 {
		return MandateView{}
	}
	d := m.details(m.revision)
	v := MandateView{
		Mandate: m.id, Revision: m.revision, Contract: m.base.Contract, Scheme: m.base.Scheme, Kind: m.base.Kind,
		Reference: d.Reference, Creditor: d.Creditor, CreditorName: d.CreditorName, Debtor: d.Debtor, IBAN: d.IBAN, BIC: d.BIC,
		SignedOn: m.signedOn, LastCollection: m.lastOn, Amendment: d.amendment(m.seen), RecordedAt: m.Clock(),
	}
	v.Phases = []MandatePhase{{Status: MandateDraft}}
	end := m.line.end
	for e, p := range m.line.live() {
		end = p.end
		v.Phases = putPhase(v.Phases, MandatePhase{e.fact.stamp().From, MandateStatus(p.status)})
	}
	if last := v.Phases[len(v.Phases)-1]; end != noEnd && !last.Status.Final() {
		v.Phases = append(v.Phases, MandatePhase{money.FromUnixMicro(end), MandateExpired})
	}
	v.Phases = slices.CompactFunc(v.Phases, func(p, q MandatePhase) bool { return p.Status == q.Status })
	return v
}

// Validate returns an error that wraps ErrInvalid if the view is none that a mandate has: it comes from outside.
func (v *MandateView) Validate() error {
	if err := checkHead("mandate", v.Mandate, v.Revision, v.RecordedAt); err != nil {
		return err
	}
	if err := checkOptional("contract", v.Contract, MaxID); err != nil {
		return err
	}
	switch {
	case !v.Scheme.Valid():
		return fmt.Errorf("%w scheme: none of the constants", ErrInvalid)
	case !v.Kind.Valid():
		return fmt.Errorf("%w kind: none of the constants", ErrInvalid)
	}
	d := details{v.Reference, v.Creditor, v.CreditorName, v.Debtor, v.IBAN, v.BIC}
	if err := d.validate(); err != nil {
		return err
	}
	if err := checkPhases(v.Phases, MandateDraft); err != nil {
		return err
	}
	if err := v.validateDates(); err != nil {
		return err
	}
	return v.Amendment.validate()
}

// validateDates returns an error if what was signed has no date, or what was not has one.
func (v *MandateView) validateDates() error {
	signed := false
	for _, p := range v.Phases {
		signed = signed || p.Status != MandateDraft && p.Status != MandateRevoked
	}
	switch {
	case v.SignedOn == 0 && signed:
		return fmt.Errorf("%w signed_on: there is none, and the mandate was signed", ErrInvalid)
	case v.SignedOn != 0 && !v.SignedOn.Valid():
		return fmt.Errorf("%w signed_on: no date", ErrInvalid)
	case v.LastCollection != 0 && (!v.LastCollection.Valid() || v.LastCollection < v.SignedOn || v.SignedOn == 0):
		return fmt.Errorf("%w last_collection: want a date not before that of the signature", ErrInvalid)
	}
	return nil
}

// amendment returns what has changed since the debtor's bank saw the mandate as before; nil if nothing has, or it never did.
func (d *details) amendment(before details) *Amendment {
	var a Amendment // of a mandate that the bank never saw all is left out
	if before.Reference != d.Reference {
		a.Reference = before.Reference
	}
	if before.Creditor != d.Creditor {
		a.Creditor = before.Creditor
	}
	if before.CreditorName != d.CreditorName {
		a.CreditorName = before.CreditorName
	}
	if before.IBAN != d.IBAN {
		a.IBAN, a.BIC = before.IBAN, before.BIC
	}
	if a == (Amendment{}) {
		return nil
	}
	return &a
}

// validate returns an error that names the original value that is malformed.
func (a *Amendment) validate() error {
	if a == nil {
		return nil
	}
	if *a == (Amendment{}) {
		return fmt.Errorf("%w amendment: nothing has changed", ErrInvalid)
	}
	for _, f := range [...]struct {
		name  string
		there bool
		of    interface{ Validate() error }
	}{
		{"reference", a.Reference != "", a.Reference}, {"creditor", a.Creditor != "", a.Creditor},
		{"iban", a.IBAN != "", a.IBAN}, {"bic", a.BIC != "", a.BIC},
	} {
		if !f.there {
			continue
		}
		if err := invalid("amendment: "+f.name, f.of.Validate()); err != nil {
			return err
		}
	}
	return checkText("amendment: creditor_name", a.CreditorName, MaxName)
}
