package contract

import (
	"cmp"
	"fmt"

	"github.com/payrules/payrules/party"
)

// MandateTerms are what a mandate is created with. The first reference and creditor are its id, for ever: see [MandateID].
type MandateTerms struct {
	_ struct{} // disallow positional literals

	Scheme       Scheme                 `json:"scheme"`
	Kind         MandateKind            `json:"kind"`
	Reference    party.MandateReference `json:"reference"`          // UMR, RUM
	Creditor     party.CreditorID       `json:"creditor"`           // ICS
	CreditorName string                 `json:"creditor_name"`      // at most MaxName characters
	Debtor       string                 `json:"debtor"`             // the name of whoever holds the account
	IBAN         party.IBAN             `json:"iban"`               // of the account to debit
	BIC          party.BIC              `json:"bic,omitempty"`      // of its bank
	Contract     string                 `json:"contract,omitempty"` // that it is given for (AT-08 of the rulebook)
	Zone         string                 `json:"zone"`               // whose days count: Europe/Paris
}

// MandatePatch is what an amendment sets. What is left out stays as it is.
type MandatePatch struct {
	_ struct{} // disallow positional literals

	Reference    party.MandateReference `json:"reference,omitempty"`
	Creditor     party.CreditorID       `json:"creditor,omitempty"`
	CreditorName string                 `json:"creditor_name,omitempty"`
	Debtor       string                 `json:"debtor,omitempty"`
	IBAN         party.IBAN             `json:"iban,omitempty"`
	BIC          party.BIC              `json:"bic,omitempty"` // with a new IBAN and without a BIC, there is none
}

// on returns details as the patch makes them.
func (p *MandatePatch) on(d details) details {
	if p.IBAN != "" {
		d.BIC = "" // it was that of the bank of the account before
	}
	return details{
		Reference: cmp.Or(p.Reference, d.Reference), Creditor: cmp.Or(p.Creditor, d.Creditor),
		CreditorName: cmp.Or(p.CreditorName, d.CreditorName), Debtor: cmp.Or(p.Debtor, d.Debtor),
		IBAN: cmp.Or(p.IBAN, d.IBAN), BIC: cmp.Or(p.BIC, d.BIC),
	}
}

// validate returns an error if the patch sets nothing, or what a mandate cannot say.
func (p *MandatePatch) validate(before details) error {
	if *p == (MandatePatch{}) {
		return fmt.Errorf("%w set: nothing is to be amended", ErrInvalid)
	}
	d := p.on(before)
	return d.validate()
}

// details are what an amendment may change of a mandate, and what the debtor's bank knows it by. The debtor's name goes with the
// account.
type details struct {
	Reference    party.MandateReference `json:"reference"`
	Creditor     party.CreditorID       `json:"creditor"`
	CreditorName string                 `json:"creditor_name"`
	Debtor       string                 `json:"debtor"`
	IBAN         party.IBAN             `json:"iban"`
	BIC          party.BIC              `json:"bic,omitempty"`
}

// validate returns an error that names what is malformed.
func (d *details) validate() error {
	if err := invalid("reference", d.Reference.Validate()); err != nil {
		return err
	}
	if err := invalid("creditor", d.Creditor.Validate()); err != nil {
		return err
	}
	if d.CreditorName == "" || d.Debtor == "" {
		return fmt.Errorf("%w creditor_name, debtor: want the names of both", ErrInvalid)
	}
	if err := checkText("creditor_name", d.CreditorName, MaxName); err != nil {
		return err
	}
	if err := checkText("debtor", d.Debtor, MaxName); err != nil {
		return err
	}
	if err := invalid("iban", d.IBAN.Validate()); err != nil || d.BIC == "" {
		return err
	}
	return invalid("bic", d.BIC.Validate())
}
