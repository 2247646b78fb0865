package sepa

import (
	"cmp"
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// check returns an error that names the first field that is wrong.
func (m *Message) check() error {
	if err := m.checkHead(); err != nil {
		return err
	}
	creditors := make(map[party.CreditorID]bool, len(m.Creditors))
	for i := range m.Creditors {
		c := &m.Creditors[i]
		field := fmt.Sprintf("creditors[%d].", i)
		if creditors[c.ID] {
			return invalid(field+"id", "it is there twice")
		}
		if err := c.check(field, m.version()); err != nil {
			return err
		}
		creditors[c.ID] = true
	}
	seen := make(map[string]bool, len(m.Collections))
	ended := make(map[string]bool) // the mandates that are collected by for the last time
	for i := range m.Collections {
		c := &m.Collections[i]
		field := fmt.Sprintf("collections[%d].", i)
		if err := c.check(field, m); err != nil {
			return err
		}
		switch {
		case seen[c.EndToEndID]:
			return invalid(field+"end_to_end_id", "it is there twice")
		case !creditors[c.Mandate.Creditor]:
			return invalid(field+"mandate.creditor", "it is none of the creditors")
		case c.Mandate.Scheme != m.Collections[0].Mandate.Scheme:
			return invalid(field+"mandate.scheme", "a message has collections of one scheme: banks refuse others (CH22)")
		case c.sequence() == OneOff && ended[c.Mandate.Mandate]:
			return invalid(field+"mandate", "a one-off mandate is collected by once")
		case c.sequence() == Final && ended[c.Mandate.Mandate]:
			return invalid(field+"mandate", "a final collection is the last of its mandate, and there is another")
		}
		seen[c.EndToEndID] = true
		if s := c.sequence(); s == OneOff || s == Final {
			ended[c.Mandate.Mandate] = true
		}
	}
	return nil
}

func (m *Message) checkHead() error {
	if m.version().Namespace() == "" {
		return invalid("version", "want 2 or 8")
	}
	if err := checkID("id", m.ID, MaxMessageID); err != nil {
		return err
	}
	if y := m.CreatedAt.UTC().Year(); m.CreatedAt.IsZero() || y < 1970 || y > 9999 {
		return invalid("created_at", "want an instant of the years 1970 to 9999")
	}
	if err := checkText("initiator", m.Initiator, MaxName); err != nil {
		return err
	}
	switch {
	case len(m.Creditors) > MaxCreditors:
		return invalid("creditors", fmt.Sprintf("more than %d", MaxCreditors))
	case len(m.Collections) == 0:
		return invalid("collections", "there is none")
	case len(m.Collections) > MaxCollections:
		return invalid("collections", fmt.Sprintf("more than %d", MaxCollections))
	}
	return nil
}

// Check returns an error that wraps [ErrInvalid], and names the field, if a collection could not be in the message: so that a run
// leaves out the one that is wrong, with the reason, and not all. What concerns several collections, such as an id that is there
// twice, is not looked at, nor whether its creditor is one of the message's. It needs the version and CreatedAt of the message.
func (m *Message) Check(c *Collection) error {
	if m.version().Namespace() == "" {
		return invalid("version", "want 2 or 8")
	}
	return c.check("", m)
}

func (m *Message) version() Version { return cmp.Or(m.Version, V08) }

func (c *Creditor) check(field string, v Version) error {
	if err := c.ID.Validate(); err != nil {
		return below(field+"id", err)
	}
	if err := c.IBAN.Validate(); err != nil {
		return below(field+"iban", err)
	}
	if err := checkBIC(field+"bic", c.BIC, v); err != nil {
		return err
	}
	return checkAddress(field+"address", &c.Address, v)
}

func (c *Collection) check(field string, m *Message) error {
	if err := checkID(field+"end_to_end_id", c.EndToEndID, 35); err != nil {
		return err
	}
	if c.EndToEndID == notProvided {
		return invalid(field+"end_to_end_id", "it says that there is none, so returns of others would be its own")
	}
	if err := c.checkMandate(field+"mandate", m); err != nil {
		return err
	}
	if err := c.checkTerms(field, m.CreatedAt); err != nil {
		return err
	}
	if c.Remittance != "" {
		if err := checkText(field+"remittance", c.Remittance, 140); err != nil {
			return err
		}
	}
	if !inEEA(c.Mandate.IBAN.Country()) {
		switch {
		case c.Address.IsZero():
			return invalid(field+"address", "the account is outside of the EEA, so the debtor's is needed")
		case c.Mandate.BIC == "":
			return invalid(field+"mandate.bic", "the account is outside of the EEA, so its bank's is needed")
		}
	}
	return checkAddress(field+"address", &c.Address, m.version())
}

// checkTerms looks at the amount, the date and the sequence type.
func (c *Collection) checkTerms(field string, created time.Time) error {
	switch a := c.Amount; {
	case a.Currency() != money.EUR:
		return invalid(field+"amount", "SEPA collects EUR only")
	case a.Minor() <= 0 || a.Minor() > MaxAmount().Minor():
		return invalid(field+"amount", "want 0.01 to 999999999.99")
	}
	switch {
	case !c.Due.Valid():
		return invalid(field+"due", "no date")
	case !IsTargetDay(c.Due):
		return invalid(field+"due", "it is not a TARGET day")
	case c.Due < NextTargetDay(TargetDayFrom(civil.DateOf(created, time.UTC))):
		return invalid(field+"due", "the bank needs the message on a TARGET day before, and it is created too late")
	case c.Mandate.SignedOn > c.Due:
		return invalid(field+"mandate.signed_on", "the mandate was signed after the due date")
	case !c.Sequence.Valid():
		return invalid(field+"sequence", "want FRST, RCUR, FNAL or OOFF")
	case (c.sequence() == OneOff) != (c.Mandate.Kind == contract.OneOff):
		return invalid(field+"sequence", "OOFF is for one-off mandates, and they have no other")
	}
	return nil
}

func (c *Collection) checkMandate(field string, m *Message) error {
	v := &c.Mandate
	if err := v.Validate(); err != nil {
		return below(field, err)
	}
	if status := v.At(m.CreatedAt).Status; status != contract.MandateActive {
		return invalid(field, "it is "+status.String()+" when the message is created, want active")
	}
	if status := v.At(c.Due.Start(time.UTC)).Status; c.Due.Valid() && status != contract.MandateActive {
		return invalid(field, "it will be "+status.String()+" on the due date, want active")
	}
	if v.Kind == contract.OneOff && v.LastCollection != 0 {
		return invalid(field+".last_collection", "a one-off mandate is collected by once, and it was")
	}
	if err := checkText(field+".creditor_name", v.CreditorName, MaxName); err != nil {
		return err
	}
	if err := checkText(field+".debtor", v.Debtor, MaxName); err != nil {
		return err
	}
	if v.Amendment != nil && v.Amendment.CreditorName != "" {
		if err := checkText(field+".amendment.creditor_name", v.Amendment.CreditorName, MaxName); err != nil {
			return err
		}
	}
	return checkBIC(field+".bic", v.BIC, m.version())
}

// checkBIC says what is wrong with a BIC that need not be there. The older schema has an older form of it, with letters where digits
// are free today.
func checkBIC(field string, b party.BIC, v Version) error {
	if b == "" {
		return nil
	}
	if err := b.Validate(); err != nil {
		return below(field, err)
	}
	if v != V02 {
		return nil
	}
	for i := range 4 {
		if b[i] < 'A' {
			return invalid(field, "pain.008.001.02 has no digits in the first four characters of a BIC")
		}
	}
	if b[6] == '0' || b[6] == '1' || b[7] == 'O' {
		return invalid(field, "pain.008.001.02 has no 0 or 1 at place 7 of a BIC, and no O at place 8")
	}
	return nil
}

// part is an element of an address.
type part struct {
	element, field, text string
	most                 int
	since                Version
}

// addressParts are the elements of an address, in the order of the schema, with how many characters the narrower version has.
func addressParts(a *party.Address) [14]part {
	return [...]part{
		{"Dept", "department", a.Department, 70, V02},
		{"SubDept", "sub_department", a.SubDepartment, 70, V02},
		{"StrtNm", "street_name", a.StreetName, 70, V02},
		{"BldgNb", "building_number", a.BuildingNumber, 16, V02},
		{"BldgNm", "building_name", a.BuildingName, 35, V08},
		{"Flr", "floor", a.Floor, 70, V08},
		{"PstBx", "post_box", a.PostBox, 16, V08},
		{"Room", "room", a.Room, 70, V08},
		{"PstCd", "post_code", a.PostCode, 16, V02},
		{"TwnNm", "town_name", a.TownName, 35, V02},
		{"TwnLctnNm", "town_location_name", a.TownLocationName, 35, V08},
		{"DstrctNm", "district_name", a.DistrictName, 35, V08},
		{"CtrySubDvsn", "country_sub_division", a.CountrySubDivision, 35, V02},
		{"Ctry", "country", string(a.Country), 2, V02},
	}
}

// checkAddress says what is wrong with an address that need not be there. What a version has no element for is refused, because an
// address without its floor is another one.
func checkAddress(field string, a *party.Address, v Version) error {
	if a.IsZero() {
		return nil
	}
	if err := a.Validate(); err != nil {
		return below(field, err)
	}
	for _, p := range addressParts(a) {
		switch {
		case p.text == "":
			continue
		case p.since > v:
			return invalid(field+"."+p.field, "pain.008.001.02 has no such element")
		}
		if err := checkText(field+"."+p.field, p.text, p.most); err != nil {
			return err
		}
	}
	return nil
}

// eea are the countries of the European Economic Area that have an IBAN, two letters each.
const eea = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"

func inEEA(c party.Country) bool {
	for i := 0; i < len(eea); i += 3 {
		if eea[i:i+2] == string(c) {
			return true
		}
	}
	return false
}
