package party

import "log/slog"

// Kind says whether a party acts for itself or for a business: what law protects it, and how it is invoiced, depend on it. ""
// is not known.
type Kind string

// The kinds of parties.
const (
	Consumer Kind = "consumer" // for itself
	Business Kind = "business" // for a business
)

// Valid reports whether k is one of the kinds, or "".
func (k Kind) Valid() bool { return k == "" || k == Consumer || k == Business }

// MaxReference and MaxName are how many characters the reference and the name of a party have at most. The name is that of
// ISO 20022 (Max140Text); SEPA carries 70 of it.
const (
	MaxReference = 64  // the bank's own bound
	MaxName      = 140 // of ISO 20022
)

// Party is what a contract says of a customer, and an invoice of the buyer and the seller. Only the reference and the name are
// needed: whoever needs more says so.
type Party struct {
	_ struct{} // disallow positional literals

	Reference string    `json:"reference"` // the bank's id for it, at most 64 characters
	Name      string    `json:"name"`      // legal or full name, at most 140 characters
	Kind      Kind      `json:"kind,omitempty"`
	SIREN     SIREN     `json:"siren,omitempty"`
	SIRET     SIRET     `json:"siret,omitempty"`
	VATNumber VATNumber `json:"vat_number,omitempty"`
	Address   Address   `json:"address,omitzero"`
}

// Validate returns an error if:
//   - the reference or the name is not there, is too long, or holds what no message can;
//   - the kind is none ([WrongStructure]);
//   - an identifier or the address is there and is not valid: the error is theirs, and the field of the address begins
//     with "address.";
//   - the SIRET or the French VAT number is of another legal unit than the SIREN, or than one another ([Conflicting]).
//
// The error names the first such field.
func (p *Party) Validate() error {
	if err := fault("reference", judgeText(p.Reference, MaxReference)); err != nil {
		return err
	}
	if err := fault("name", judgeText(p.Name, MaxName)); err != nil {
		return err
	}
	if !p.Kind.Valid() {
		return fault("kind", WrongStructure)
	}
	if err := p.validateNumbers(); err != nil {
		return err
	}
	if p.Address.IsZero() {
		return nil
	}
	if err := p.Address.Validate(); err != nil {
		return below("address", err)
	}
	return nil
}

// validateNumbers checks the numbers that are there, by themselves and against one another.
func (p *Party) validateNumbers() error {
	if p.SIREN != "" {
		if err := p.SIREN.Validate(); err != nil {
			return err
		}
	}
	unit := p.SIREN
	if p.SIRET != "" {
		if err := p.SIRET.Validate(); err != nil {
			return err
		}
		if unit != "" && p.SIRET.SIREN() != unit {
			return fault("siret", Conflicting)
		}
		unit = p.SIRET.SIREN()
	}
	if p.VATNumber == "" {
		return nil
	}
	if err := p.VATNumber.Validate(); err != nil {
		return err
	}
	if named := p.VATNumber.SIREN(); unit != "" && named != "" && named != unit {
		return fault("vat_number", Conflicting)
	}
	return nil
}

// LogValue logs the reference alone: the rest is a person's data.
func (p *Party) LogValue() slog.Value { return slog.StringValue(p.Reference) }
