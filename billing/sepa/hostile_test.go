package sepa_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/payrules/payrules/billing/sepa"
)

const (
	pain = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>` +
		`<GrpHdr><MsgId>m</MsgId><CreDtTm>2026-12-08T20:49:00</CreDtTm></GrpHdr>`
	painEnd = `</CstmrPmtStsRpt></Document>`
	camt    = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><BkToCstmrDbtCdtNtfctn>` +
		`<GrpHdr><MsgId>m</MsgId><CreDtTm>2026-12-08</CreDtTm></GrpHdr><Ntfctn>`
	camtEnd = `</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
)

func group(s string) string {
	return pain + "<OrgnlPmtInfAndSts>" + s + "</OrgnlPmtInfAndSts>" + painEnd
}

func transaction(s string) string {
	return group("<TxInfAndSts><TxSts>RJCT</TxSts>" + s + "</TxInfAndSts>")
}

func entry(s string) string { return camt + "<Ntry>" + s + "</Ntry>" + camtEnd }

// What is no report, or one that nobody should believe, is refused with the reason and the place.
func TestRefusedReports(t *testing.T) {
	const lol = `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>`
	const amount = `<OrgnlTxRef><Amt><InstdAmt Ccy="%s">%s</InstdAmt></Amt></OrgnlTxRef>`
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", "it is empty"},
		{"spaces", " \n", "it is empty"},
		{"no XML", "EndToEndId;AC01", "text before the first element"},
		{"JSON", `{"a":1}`, "text before the first element"},
		{"an entity bomb", lol + group("&lol2;"), "it has a DOCTYPE"},
		{"an external entity", `<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + group("&x;"), "it has a DOCTYPE"},
		{"a DOCTYPE inside", group("<!DOCTYPE x>"), "it has a DOCTYPE"},
		{"an entity of nobody", transaction("<StsRsnInf><AddtlInf>&x;</AddtlInf></StsRsnInf>"), "invalid character entity"},
		{"Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + group(""), "its encoding is not UTF-8"},
		{"UTF-16, as declared", `<?xml version="1.0" encoding="UTF-16"?>` + group(""), "its encoding is not UTF-8"},
		{"UTF-16", "\xff\xfe<\x00D\x00", "invalid UTF-8"},
		{"Latin-1 that says nothing", transaction("<StsRsnInf><AddtlInf>\xe9</AddtlInf></StsRsnInf>"), "invalid UTF-8"},
		{"a control character", transaction("<StsRsnInf><AddtlInf>\x01</AddtlInf></StsRsnInf>"), "illegal character code"},
		{"no namespace", strings.Replace(group(""), "xmlns=", "x=", 1), "want a Document in a namespace of ISO 20022"},
		{"another root", strings.ReplaceAll(group(""), "Document", "Dokument"), "want a Document"},
		{"a Swiss version", strings.Replace(group(""), "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10",
			"http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd", 1), "want a Document in a namespace"},
		{"another version", strings.Replace(group(""), "001.10", "001.02", 1), "Document: want pain.002 of 001.03"},
		{"another message", strings.Replace(group(""), "pain.002.001.10", "pain.008.001.08", 1), "want pain.002 of 001.03"},
		{"an element of another namespace", group(`<TxInfAndSts xmlns="urn:x"/>`), "an element of another namespace"},
		{"half of it", group("")[:200], "unexpected EOF"},
		{"the wrong end", strings.Replace(group(""), "</OrgnlPmtInfAndSts>", "</TxInfAndSts>", 1), "closed by"},
		{"two documents", group("") + group(""), "something after the Document"},
		{"text behind it", group("") + "x", "something after the Document"},
		{"no header", strings.Replace(group(""), "GrpHdr", "Header", 2), "it has no MsgId or CreDtTm"},
		{"the message's id twice", strings.Replace(group(""), "</MsgId>", "</MsgId><MsgId>n</MsgId>", 1),
			"Document/CstmrPmtStsRpt/GrpHdr/MsgId: it is there twice"},
		{"its day twice", strings.Replace(group(""), "</CreDtTm>", "</CreDtTm><CreDtTm>2026-12-08</CreDtTm>", 1), "GrpHdr/CreDtTm: it is there twice"},
		{"no day", strings.Replace(group(""), "2026-12-08", "2026-02-29", 1), "GrpHdr/CreDtTm: no date"},
		{"a day and something", strings.Replace(group(""), "2026-12-08T", "2026-12-08x", 1), "GrpHdr/CreDtTm: no date"},
		{"deep", group(strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40)), "more than 32 elements deep"},
		{"deeper", group(strings.Repeat("<a>", 1e6)), "more than 32 elements deep"},
		{"a long id", transaction("<OrgnlEndToEndId>" + strings.Repeat("x", 36) + "</OrgnlEndToEndId>"), "TxInfAndSts/OrgnlEndToEndId: more than 35 characters"},
		{"a very long id", transaction("<OrgnlEndToEndId>" + strings.Repeat("x", 1e6) + "</OrgnlEndToEndId>"), "more than 35 characters"},
		{"a long id in pieces", transaction("<OrgnlEndToEndId>" + strings.Repeat("x<!---->", 5000) + "</OrgnlEndToEndId>"), "more than 35 characters"},
		{"an id of elements", transaction("<OrgnlEndToEndId><b/></OrgnlEndToEndId>"), "OrgnlEndToEndId: an element where text belongs"},
		{"text between elements", transaction("RJCT"), "TxInfAndSts: text where elements belong"},
		{"two statuses", transaction("<TxSts>ACCP</TxSts>"), "TxSts: it is there twice"},
		{"two ids", transaction("<OrgnlEndToEndId>a</OrgnlEndToEndId><OrgnlEndToEndId>b</OrgnlEndToEndId>"), "OrgnlEndToEndId: it is there twice"},
		{"no status at all", group("<TxInfAndSts><OrgnlEndToEndId>a</OrgnlEndToEndId></TxInfAndSts>"), "a transaction has no status"},
		{"a status of others", group("<PmtInfSts>PART</PmtInfSts><TxInfAndSts/>"), "a transaction has no status"},
		{"no currency", transaction(fmt.Sprintf(amount, "", "1")), "InstdAmt: no currency"},
		{"an unknown currency", transaction(fmt.Sprintf(amount, "XXQ", "1")), "InstdAmt: no currency"},
		{"half a cent", transaction(fmt.Sprintf(amount, "EUR", "1.005")), "InstdAmt: no amount above zero"},
		{"a comma", transaction(fmt.Sprintf(amount, "EUR", "1,00")), "InstdAmt: no amount"},
		{"less than nothing", transaction(fmt.Sprintf(amount, "EUR", "-1")), "InstdAmt: no amount"},
		{"nothing", transaction(fmt.Sprintf(amount, "EUR", "0.00")), "InstdAmt: no amount"},
		{"an exponent", transaction(fmt.Sprintf(amount, "EUR", "1e5")), "InstdAmt: no amount"},
		{"more than there is", transaction(fmt.Sprintf(amount, "EUR", strings.Repeat("9", 30))), "InstdAmt: no amount"},
		{"a point", transaction(fmt.Sprintf(amount, "EUR", ".")), "InstdAmt: no amount"},
		{"two amounts", transaction(fmt.Sprintf(amount, "EUR", "1") + fmt.Sprintf(amount, "EUR", "2")), "InstdAmt: it is there twice"},
		{"a booking without a day", entry(`<Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>` +
			`<NtryDtls><TxDtls><RtrInf/></TxDtls></NtryDtls>`), "Ntfctn: a return that is booked has no BookgDt"},
		{"a long status", entry("<Sts>BOOKED</Sts>"), "Ntry/Sts: more than 4"},
	} {
		r, err := sepa.Read(strings.NewReader(tc.text))
		if !errors.Is(err, sepa.ErrReport) || !strings.Contains(err.Error(), tc.want) || r != nil {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
}

// What is unusual, and right, is read.
func TestUnusualReports(t *testing.T) {
	for name, text := range map[string]string{
		"a byte order mark":     "\ufeff" + group(""),
		"both":                  "\ufeff" + `<?xml version="1.0" encoding="UTF-8"?>` + group(""),
		"a declaration":         `<?xml version="1.0" encoding="utf-8" standalone="no"?>` + "\n<!-- x --><?pi y?>" + group("") + "\n<!-- z -->",
		"a prefix":              strings.NewReplacer("</", "</a:", "<", "<a:", "xmlns=", "xmlns:a=").Replace(group("")),
		"character data":        transaction("<OrgnlEndToEndId><![CDATA[a]]></OrgnlEndToEndId>"),
		"characters by number":  transaction("<OrgnlEndToEndId>&#65;&amp;</OrgnlEndToEndId>"),
		"spaces around":         transaction("<OrgnlEndToEndId>\n\t" + strings.Repeat(" ", 500) + "a\n</OrgnlEndToEndId>"),
		"an id that is not one": transaction("<OrgnlEndToEndId/>"),
		"as deep as allowed":    group(strings.Repeat("<a>", 29) + strings.Repeat("</a>", 29)),
		"no notification":       camt + camtEnd,
		"an empty entry":        entry(""),
	} {
		if _, err := sepa.Read(strings.NewReader(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A transaction without a status has that of its message; one on the other side than its entry, or that brings money in, is no return.
func TestInherited(t *testing.T) {
	const back = `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>`
	const booked = `<Sts>BOOK</Sts><BookgDt><Dt>2026-12-08</Dt></BookgDt>` + back
	const one, other = `<TxDtls><RtrInf/></TxDtls>`, `<TxDtls><CdtDbtInd>CRDT</CdtDbtInd><RtrInf/></TxDtls>`
	details := func(side, transactions string) string {
		return entry(side + booked + `<NtryDtls>` + transactions + `</NtryDtls>`)
	}
	refused := strings.Replace(group("<TxInfAndSts/>"), "<OrgnlPmtInfAndSts>",
		"<OrgnlGrpInfAndSts><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>", 1)
	for name, tc := range map[string]struct {
		text            string
		returns, others int
	}{
		"a refused message": {refused, 1, 0},
		"a return":          {details(`<CdtDbtInd>DBIT</CdtDbtInd>`, one), 1, 0},
		"a return undone":   {details(`<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd>`, one), 0, 1},
		"both in one entry": {details(`<CdtDbtInd>DBIT</CdtDbtInd>`, one+other), 1, 1},
	} {
		r, err := sepa.Read(strings.NewReader(tc.text))
		if err != nil || len(r.Returns) != tc.returns || len(r.Others) != tc.others {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// The error of a reader is told.
func TestReaderFails(t *testing.T) {
	_, err := sepa.Read(io.MultiReader(strings.NewReader(pain), brokenReader{}))
	if !errors.Is(err, sepa.ErrReport) || !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
