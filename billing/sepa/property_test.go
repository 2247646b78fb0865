package sepa_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// parsed is what a bank reads of a message: by encoding/xml, with nothing of this package.
type parsed struct {
	XMLName xml.Name `xml:"Document"`
	Header  totals   `xml:"CstmrDrctDbtInitn>GrpHdr"`
	Groups  []struct {
		totals
		ID       string `xml:"PmtInfId"`
		Scheme   string `xml:"PmtTpInf>LclInstrm>Cd"`
		Sequence string `xml:"PmtTpInf>SeqTp"`
		Due      string `xml:"ReqdColltnDt"`
		Name     string `xml:"Cdtr>Nm"`
		Creditor string `xml:"CdtrSchmeId>Id>PrvtId>Othr>Id"`
		Tx       []struct {
			ID     string `xml:"PmtId>EndToEndId"`
			Amount struct {
				Currency string `xml:"Ccy,attr"`
				Value    string `xml:",chardata"`
			} `xml:"InstdAmt"`
			Mandate struct {
				ID        string `xml:"MndtId"`
				Signed    string `xml:"DtOfSgntr"`
				Amended   string `xml:"AmdmntInd"`
				Amendment struct {
					ID       string `xml:"OrgnlMndtId"`
					Creditor string `xml:"OrgnlCdtrSchmeId>Id>PrvtId>Othr>Id"`
					Account  string `xml:"OrgnlDbtrAcct>Id>Othr>Id"`
				} `xml:"AmdmntInfDtls"`
			} `xml:"DrctDbtTx>MndtRltdInf"`
			BIC    string `xml:"DbtrAgt>FinInstnId>BIC"`
			BICFI  string `xml:"DbtrAgt>FinInstnId>BICFI"`
			NoBIC  string `xml:"DbtrAgt>FinInstnId>Othr>Id"`
			Debtor string `xml:"Dbtr>Nm"`
			IBAN   string `xml:"DbtrAcct>Id>IBAN"`
			Text   string `xml:"RmtInf>Ustrd"`
		} `xml:"DrctDbtTxInf"`
	} `xml:"CstmrDrctDbtInitn>PmtInf"`
}

type totals struct {
	Count string `xml:"NbOfTxs"`
	Sum   string `xml:"CtrlSum"`
}

// line is what a bank would do for a collection.
func line(version sepa.Version, c *sepa.Collection) string {
	v := &c.Mandate
	sequence, bic, nobic, amended, a := c.Sequence, string(v.BIC), "", "", contract.Amendment{}
	if sequence == "" {
		sequence = sepa.Sequence(v.Kind.String())
	}
	if bic == "" {
		nobic = "NOTPROVIDED"
	}
	if v.Amendment != nil {
		amended, a = "true", *v.Amendment
		if a.IBAN != "" {
			a.IBAN = "SMNDA"
		}
	}
	name := func(s string) string { out, _ := sepa.Transliterate(s); return out }
	return fmt.Sprintln(version, c.Due, v.Scheme, sequence, name(v.CreditorName), v.Creditor, c.EndToEndID, "EUR", c.Amount.Number(), v.Reference,
		v.SignedOn, amended, a.Reference, a.Creditor, a.IBAN, bic, nobic, name(v.Debtor), v.IBAN, name(c.Remittance), "")
}

// lines are those of a message that was parsed.
func (p *parsed) lines(version sepa.Version) (out []string) {
	for _, g := range p.Groups {
		for _, t := range g.Tx {
			bic, other := t.BIC, t.BICFI
			if version == sepa.V08 {
				bic, other = other, bic
			}
			out = append(out, fmt.Sprintln(version, g.Due, g.Scheme, g.Sequence, g.Name, g.Creditor, t.ID, t.Amount.Currency, t.Amount.Value,
				t.Mandate.ID, t.Mandate.Signed, t.Mandate.Amended, t.Mandate.Amendment.ID, t.Mandate.Amendment.Creditor, t.Mandate.Amendment.Account,
				bic, t.NoBIC, t.Debtor, t.IBAN, t.Text, other))
		}
	}
	slices.Sort(out)
	return out
}

var names = rapid.StringOfN(rapid.SampledFrom([]rune("aZ09 &'\"<>-/äéłßŐ€")), 1, 34, -1).Filter(func(s string) bool { return strings.TrimSpace(s) != "" })

// random draws a message that can be written.
func random(t *rapid.T) *sepa.Message {
	m := &sepa.Message{
		ID: "M" + rapid.StringMatching(`[A-Za-z0-9+?.:()',-]{0,29}`).Draw(t, "id"), CreatedAt: created, Initiator: names.Draw(t, "initiator"),
		Creditors: creditors(), Version: rapid.SampledFrom([]sepa.Version{sepa.V02, sepa.V08}).Draw(t, "version"),
	}
	scheme := rapid.SampledFrom([]contract.Scheme{contract.Core, contract.B2B}).Draw(t, "scheme")
	for i := range rapid.IntRange(1, 30).Draw(t, "collections") {
		c := collection(fmt.Sprintf("E%d", i), "1.00", "2026-12-07")
		c.Due = sepa.AddTargetDays(c.Due, rapid.IntRange(0, 2).Draw(t, "due"))
		c.Amount = money.New(rapid.OneOf(rapid.Int64Range(1, 20000), rapid.Int64Range(1, 999_999_999_99)).Draw(t, "amount"), money.EUR)
		c.Remittance = rapid.OneOf(rapid.Just(""), names).Draw(t, "text")
		v := &c.Mandate
		v.Scheme, v.Debtor = scheme, names.Draw(t, "debtor")
		v.Creditor = rapid.SampledFrom([]party.CreditorID{horizon, nordsee}).Draw(t, "creditor")
		v.CreditorName = rapid.SampledFrom([]string{"Horizón", "Horizont", "Nordsee"}).Draw(t, "creditor name")
		v.BIC = rapid.SampledFrom([]party.BIC{"", "ABNANL2A", "PSSTFRPPPAR"}).Draw(t, "bic")
		if rapid.Bool().Draw(t, "one-off") {
			v.Kind = contract.OneOff
		} else {
			c.Sequence = rapid.SampledFrom([]sepa.Sequence{"", sepa.First, sepa.Recurring, sepa.Final}).Draw(t, "sequence")
		}
		if rapid.Bool().Draw(t, "address") {
			c.Address = party.Address{StreetName: "Straße", PostCode: "1", TownName: "Łódź", CountrySubDivision: "x", Country: "PL"}
		}
		a := contract.Amendment{
			Reference: rapid.SampledFrom([]party.MandateReference{"", "OLD"}).Draw(t, "old reference"),
			Creditor:  rapid.SampledFrom([]party.CreditorID{"", nordsee}).Draw(t, "old creditor"),
			IBAN:      rapid.SampledFrom([]party.IBAN{"", "BE68539007547034"}).Draw(t, "old account"),
		}
		if a != (contract.Amendment{}) {
			v.Amendment = &a
		}
		m.Collections = append(m.Collections, c)
	}
	return m
}

// Whatever the collections: a bank reads each of them once and as it was, counts and sums are exact for each group and for the
// message, groups are as few as can be, and no order of the collections makes other bytes.
func TestWhatIsWrittenIsRead(t *testing.T) {
	property(t, func(t *rapid.T) {
		m := random(t)
		text := written2(t, m)
		var p parsed
		if err := xml.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := range m.Collections {
			want = append(want, line(m.Version, &m.Collections[i]))
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, p.lines(m.Version)); diff != "" {
			t.Fatalf("collections (-want +got):\n%s", diff)
		}
		all, count := int64(0), 0
		seen := map[string]bool{}
		for i, g := range p.Groups {
			sum := int64(0)
			for _, tx := range g.Tx {
				sum += money.MustParseAmount(tx.Amount.Value, money.EUR).Minor()
			}
			if (totals{fmt.Sprint(len(g.Tx)), money.New(sum, money.EUR).Number()}) != g.totals {
				t.Fatalf("%s: %d of %d cents, and %+v", g.ID, len(g.Tx), sum, g.totals)
			}
			what := fmt.Sprintln(g.Due, g.Sequence, g.Creditor, g.Name)
			if seen[what] || g.ID != fmt.Sprintf("%s-%d", m.ID, i+1) || len(g.ID) > 35 {
				t.Fatalf("group %q of %s", g.ID, what)
			}
			seen[what] = true
			all, count = all+sum, count+len(g.Tx)
		}
		if (totals{fmt.Sprint(count), money.New(all, money.EUR).Number()}) != p.Header || count != len(m.Collections) {
			t.Fatalf("%d of %d cents, and %+v", count, all, p.Header)
		}
		if err := check(text, m.Version); err != nil {
			t.Fatal(err)
		}
		rand.New(rand.NewSource(int64(all))).Shuffle(len(m.Collections), func(i, j int) {
			m.Collections[i], m.Collections[j] = m.Collections[j], m.Collections[i]
		})
		if again := written2(t, m); !bytes.Equal(again, text) {
			t.Fatal("another order made other bytes")
		}
	})
}

// written2 is written, for a property.
func written2(t *rapid.T, m *sepa.Message) []byte {
	var b bytes.Buffer
	if err := sepa.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
