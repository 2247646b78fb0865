package sepa

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// Write writes a message as pain.008, in UTF-8. All is checked before the first byte is written, so after an error that is not one of w
// nothing was. The same collections, in whatever order, give the same bytes.
//
// Write returns an error if:
//   - a field is missing, malformed, too long, or cannot be said in the version and in the characters of SEPA (it wraps
//     [ErrInvalid], and names the field);
//   - a collection is not in EUR, not due on a TARGET day after the first on which the message can be handed in, or by a mandate that
//     is not active when the message is created, or will not be on the due date (the same);
//   - the collections are of two schemes, two have one EndToEndID, or there are more than MaxCollections or MaxGroups (the same);
//   - w fails. What was written is then half a message: write to a file of another name and rename it.
//
// It costs O(n log n) for n collections, and keeps nothing of the XML in memory.
func Write(w io.Writer, m *Message) error {
	groups, err := m.Groups()
	if err != nil {
		return err
	}
	x := &encoder{w: bufio.NewWriter(w), Message: m, version: m.version(), creditors: make(map[party.CreditorID]*Creditor, len(m.Creditors))}
	for i := range m.Creditors {
		x.creditors[m.Creditors[i].ID] = &m.Creditors[i]
	}
	if err := x.document(groups); err != nil {
		return err
	}
	if err := x.w.Flush(); err != nil {
		return fmt.Errorf("sepa: write: %w", err)
	}
	return nil
}

// encoder writes elements one after the other. Nothing needs to be escaped: the characters of SEPA are none of those that XML
// gives a meaning. What bufio could not write, its Flush tells.
type encoder struct {
	*Message
	w         *bufio.Writer
	version   Version
	creditors map[party.CreditorID]*Creditor
	depth     int
}

const tabs = "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t" // nothing stands deeper

func (x *encoder) raw(parts ...string) {
	for _, s := range parts {
		_, _ = x.w.WriteString(s)
	}
}

// in writes an element around what f writes.
func (x *encoder) in(name string, f func()) {
	x.raw(tabs[:x.depth], "<", name, ">\n")
	x.depth++
	f()
	x.depth--
	x.raw(tabs[:x.depth], "</", name, ">\n")
}

// leaf writes an element with a value that is in the characters of SEPA already.
func (x *encoder) leaf(name, value string) {
	x.raw(tabs[:x.depth], "<", name, ">", value, "</", name, ">\n")
}

// text writes a text of people, transliterated.
func (x *encoder) text(name, value string) {
	out, err := Transliterate(value)
	if err != nil { // never: it was checked
		out = ""
	}
	x.leaf(name, out)
}

func (x *encoder) document(groups []Group) error {
	sum, err := sumOf(allOf(groups))
	if err != nil {
		return below("collections", err)
	}
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>`+"\n", `<Document xmlns="`, x.version.Namespace(), `">`, "\n")
	x.depth = 1
	x.in("CstmrDrctDbtInitn", func() {
		x.in("GrpHdr", func() {
			x.leaf("MsgId", x.ID)
			x.leaf("CreDtTm", x.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"))
			x.totals(len(x.Collections), sum)
			x.in("InitgPty", func() { x.text("Nm", x.Initiator) })
		})
		for i := range groups {
			x.in("PmtInf", func() { x.group(&groups[i]) })
		}
	})
	x.raw("</Document>\n")
	return nil
}

// allOf returns the collections of all groups.
func allOf(groups []Group) (all []*Collection) {
	for i := range groups {
		all = append(all, groups[i].Collections...)
	}
	return all
}

// totals writes how many collections there are, and their sum.
func (x *encoder) totals(n int, sum money.Amount) {
	x.leaf("NbOfTxs", strconv.Itoa(n))
	x.leaf("CtrlSum", sum.Number())
}

func (x *encoder) group(g *Group) {
	creditor := x.creditors[g.Creditor]
	x.leaf("PmtInfId", g.ID)
	x.leaf("PmtMtd", "DD")
	x.totals(len(g.Collections), g.Sum)
	x.in("PmtTpInf", func() {
		x.in("SvcLvl", func() { x.leaf("Cd", "SEPA") })
		x.in("LclInstrm", func() { x.leaf("Cd", g.Scheme.String()) })
		x.leaf("SeqTp", string(g.Sequence))
	})
	x.leaf("ReqdColltnDt", g.Due.String())
	x.in("Cdtr", func() { x.party(g.CreditorName, &creditor.Address) })
	x.account("CdtrAcct", creditor.IBAN)
	x.agent("CdtrAgt", creditor.BIC)
	x.leaf("ChrgBr", "SLEV")
	x.in("CdtrSchmeId", func() { x.scheme(g.Creditor) })
	for _, c := range g.Collections {
		x.in("DrctDbtTxInf", func() { x.collection(c) })
	}
}

func (x *encoder) collection(c *Collection) {
	x.in("PmtId", func() { x.leaf("EndToEndId", c.EndToEndID) })
	x.raw(tabs[:x.depth], `<InstdAmt Ccy="EUR">`, c.Amount.Number(), "</InstdAmt>\n")
	x.in("DrctDbtTx", func() {
		x.in("MndtRltdInf", func() {
			x.leaf("MndtId", string(c.Mandate.Reference))
			x.leaf("DtOfSgntr", c.Mandate.SignedOn.String())
			if a := c.Mandate.Amendment; a != nil && (a.Reference != "" || a.Creditor != "" || a.CreditorName != "" || a.IBAN != "") {
				x.leaf("AmdmntInd", "true")
				x.in("AmdmntInfDtls", func() { x.amendment(a) })
			}
		})
	})
	x.agent("DbtrAgt", c.Mandate.BIC)
	x.in("Dbtr", func() { x.party(c.Mandate.Debtor, &c.Address) })
	x.account("DbtrAcct", c.Mandate.IBAN)
	if c.Remittance != "" {
		x.in("RmtInf", func() { x.text("Ustrd", c.Remittance) })
	}
}

// amendment writes what the debtor's bank knew a mandate by. A new account is told as SMNDA, same mandate with a new debtor account,
// whichever bank it was with: the old number is nobody's business there, and the schemes take it for both since November 2016.
func (x *encoder) amendment(a *contract.Amendment) {
	if a.Reference != "" {
		x.leaf("OrgnlMndtId", string(a.Reference))
	}
	if a.Creditor != "" || a.CreditorName != "" {
		x.in("OrgnlCdtrSchmeId", func() {
			if a.CreditorName != "" {
				x.text("Nm", a.CreditorName)
			}
			if a.Creditor != "" {
				x.scheme(a.Creditor)
			}
		})
	}
	if a.IBAN != "" {
		x.in("OrgnlDbtrAcct", func() {
			x.in("Id", func() { x.in("Othr", func() { x.leaf("Id", "SMNDA") }) })
		})
	}
}

// scheme writes a creditor identifier.
func (x *encoder) scheme(id party.CreditorID) {
	x.in("Id", func() {
		x.in("PrvtId", func() {
			x.in("Othr", func() {
				x.leaf("Id", string(id))
				x.in("SchmeNm", func() { x.leaf("Prtry", "SEPA") })
			})
		})
	})
}

// party writes a name and, if there is one, an address in its structured form: SEPA takes no other since November 2026.
func (x *encoder) party(name string, a *party.Address) {
	x.text("Nm", name)
	if a.IsZero() {
		return
	}
	x.in("PstlAdr", func() {
		for _, p := range addressParts(a) {
			if p.text != "" {
				x.text(p.element, p.text)
			}
		}
	})
}

func (x *encoder) account(name string, iban party.IBAN) {
	x.in(name, func() { x.in("Id", func() { x.leaf("IBAN", string(iban)) }) })
}

// notProvided is what SEPA writes where an identifier is missing.
const notProvided = "NOTPROVIDED"

// agent writes a bank, by its BIC or as not provided.
func (x *encoder) agent(name string, bic party.BIC) {
	x.in(name, func() {
		x.in("FinInstnId", func() {
			switch {
			case bic == "":
				x.in("Othr", func() { x.leaf("Id", notProvided) })
			case x.version == V02:
				x.leaf("BIC", string(bic))
			default:
				x.leaf("BICFI", string(bic))
			}
		})
	})
}
