package contract

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
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

// validate returns an error that names the original value that is malformed.
func (a *Amendment) validate() error {
	if a == nil {
		return nil
	}
	if *a == (Amendment{}) {
		return fmt.Errorf("%w amendment: nothing has changed", ErrInvalid)
	}
	if a.Reference != "" {
		if err := a.Reference.Validate(); err != nil {
			return fmt.Errorf("%w amendment: reference: %w", ErrInvalid, err)
		}
	}
	if a.Creditor != "" {
		if err := a.Creditor.Validate(); err != nil {
			return fmt.Errorf("%w amendment: creditor: %w", ErrInvalid, err)
		}
	}
	if a.IBAN != "" {
		if err := a.IBAN.Validate(); err != nil {
			return fmt.Errorf("%w amendment: iban: %w", ErrInvalid, err)
		}
	}
	if a.BIC != "" {
		if err := a.BIC.Validate(); err != nil {
			return fmt.Errorf("%w amendment: bic: %w", ErrInvalid, err)
		}
	}
	return checkText("amendment: creditor_name", a.CreditorName, MaxName)
}
