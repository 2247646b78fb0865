package contract

import (
	"fmt"

	"github.com/payrules/payrules/party"
)

// details are what an amendment may change of a mandate, and the debtor's bank knows it by. The debtor's name goes with the
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
	if err := d.Reference.Validate(); err != nil {
		return fmt.Errorf("%w reference: %w", ErrInvalid, err)
	}
	if err := d.Creditor.Validate(); err != nil {
		return fmt.Errorf("%w creditor: %w", ErrInvalid, err)
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
	if err := d.IBAN.Validate(); err != nil {
		return fmt.Errorf("%w iban: %w", ErrInvalid, err)
	}
	if d.BIC != "" {
		if err := d.BIC.Validate(); err != nil {
			return fmt.Errorf("%w bic: %w", ErrInvalid, err)
		}
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
