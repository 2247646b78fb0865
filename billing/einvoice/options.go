package einvoice

import (
	"fmt"
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/party"
)

// Options are what an invoice does not say of itself. Nil and the zero value are the documented defaults.
type Options struct {
	_ struct{} // disallow positional literals

	// Process is the business process (BT-23). By default, of a French seller, it is the "cadre de facturation" of the reform of 2026: B1
	// of goods, S1 of services, M1 of both; B2, S2 and M2 of an invoice that was paid before, whose DueOn is the day. Of another seller
	// there is none.
	Process string

	// Exemptions say why there is no VAT, by category (BT-120, BT-121). AE, K, G and O have a default; an invoice with something exempt
	// (E) needs the reason here, because law has many.
	Exemptions map[billing.VATCategory]Exemption

	Notes          []Note   // of the whole document (BG-1), after our own: penalties, discounts
	BuyerReference string   // that the buyer has asked for (BT-10), as a code of its service
	SellerEndpoint Endpoint // BT-34
	BuyerEndpoint  Endpoint // BT-49

	DebitedAccount party.IBAN // of the buyer (BT-91), if the invoice is collected by a mandate
	CorrectsFrom   civil.Date // when the invoice was issued that a credit note is of (BT-26)
}

// Exemption says why there is no VAT: a code of the list VATEX, a text, or both.
type Exemption struct {
	Code   string // "VATEX-EU-132"
	Reason string
}

// Note is a text for the whole document, with a code of UNTDID 4451 that says what it is of, or none: PMD for penalties, PMT for what
// collecting costs, AAB for discounts.
type Note struct {
	Subject string // BT-21
	Text    string // BT-22
}

// Endpoint is an electronic address, in a scheme of the list EAS: "0225" of the French directory.
type Endpoint struct {
	Scheme string
	ID     string
}

// Bounds of what is optional, in characters where it is a text.
const (
	maxNotes = 20
	maxText  = 1_000
	maxID    = 200
)

// validate returns an error that names the first field that no invoice can have.
func (o *Options) validate() error {
	for _, f := range [...]struct{ rule, name, text string }{
		{"BT-23", "Process", o.Process}, {"BT-10", "BuyerReference", o.BuyerReference},
	} {
		if why := texts.Fault(f.text, maxID); why != "" {
			return broken(f.rule, "options."+f.name, "%s", why)
		}
	}
	if err := o.SellerEndpoint.validate("BR-62", "options.SellerEndpoint"); err != nil {
		return err
	}
	if err := o.BuyerEndpoint.validate("BR-63", "options.BuyerEndpoint"); err != nil {
		return err
	}
	if len(o.Notes) > maxNotes {
		return broken("BG-1", "options.Notes", "%d of them, want %d at most", len(o.Notes), maxNotes)
	}
	for i, n := range o.Notes {
		field := fmt.Sprintf("options.Notes[%d]", i)
		if why := texts.Fault(n.Text, maxText); strings.TrimSpace(n.Text) == "" || why != "" {
			return broken("BT-22", field, "want a text of 1 to %d characters, none a control character", maxText)
		}
		if n.Subject != "" && !isCode(n.Subject, 3, 3) {
			return broken("BT-21", field, "want a code of three capital letters")
		}
	}
	for code, e := range o.Exemptions {
		if err := e.validate(code); err != nil {
			return err
		}
	}
	if o.DebitedAccount != "" {
		if err := o.DebitedAccount.Validate(); err != nil {
			return broken("BT-91", "options.DebitedAccount", "%v", err)
		}
	}
	if o.CorrectsFrom != 0 && !o.CorrectsFrom.Valid() {
		return broken("BT-26", "options.CorrectsFrom", "no date")
	}
	return nil
}

func (e *Endpoint) validate(rule, field string) error {
	if *e == (Endpoint{}) {
		return nil
	}
	if why := texts.Fault(e.ID, maxID); e.ID == "" || why != "" || !isCode(e.Scheme, 2, 4) {
		return broken(rule, field, "want an address, and a scheme of the list EAS")
	}
	return nil
}

func (e *Exemption) validate(code billing.VATCategory) error {
	field := "options.Exemptions." + string(code)
	c, known := categoryOf(code)
	switch {
	case !known:
		return broken("BR-CO-04", "options.Exemptions", "a category is none of the codes of EN 16931")
	case !c.why:
		return broken(rule(code, "10"), field, "the category has no exemption reason")
	case e.Code == "" && e.Reason == "":
		return broken(rule(code, "10"), field, "want a code or a text")
	case e.Code != "" && (!strings.HasPrefix(e.Code, "VATEX-") || !isCode(e.Code, 8, 40)):
		return broken("BT-121", field, "want a code of the list VATEX")
	}
	if why := texts.Fault(e.Reason, maxText); why != "" {
		return broken("BT-120", field, "%s", why)
	}
	return nil
}

// exemption is why a category is not taxed; false if nobody has said so.
func (o *Options) exemption(code billing.VATCategory) (Exemption, bool) {
	if e, said := o.Exemptions[code]; said {
		return e, true
	}
	c, _ := categoryOf(code)
	return c.exemption, c.exemption != Exemption{}
}

// isCode reports whether s is of capital letters, digits and hyphens.
func isCode(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
