package sepa_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/money"
)

// statusOf is a pain.002 of a message of another kind than pain.008, or of one.
func statusOf(name, group string) string {
	return pain + "<OrgnlGrpInfAndSts><OrgnlMsgId>HORIZON-B2B-1</OrgnlMsgId>" + name + "</OrgnlGrpInfAndSts>" +
		"<OrgnlPmtInfAndSts>" + group + "</OrgnlPmtInfAndSts>" + painEnd
}

func read(t *testing.T, text string) *sepa.Report {
	t.Helper()
	r, err := sepa.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A pain.002 tells of credit transfers and of reversals as well. Their ids may be those of collections: that a refund was rejected
// says nothing of the collection that it gives back.
func TestStatusOfOtherMessages(t *testing.T) {
	const refused = "<TxInfAndSts><OrgnlEndToEndId>B/17</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>"
	for name, returns := range map[string]int{
		"pain.008.001.08": 1, "pain.008.003.02": 1, "PAIN.008.001.02": 1, "pacs.003.001.08": 1, "": 1,
		"pain.001.001.09": 0, "pain.001": 0, "PAIN.001.001.03": 0, "pain.007.001.09": 0,
	} {
		element := "<OrgnlMsgNmId>" + name + "</OrgnlMsgNmId>"
		r := read(t, statusOf(element, refused))
		if len(r.Returns) != returns || len(r.Others) != 1-returns || r.OriginalName != name {
			t.Errorf("%s: %+v", name, r)
		}
		if returns == 0 && r.Others[0] != (sepa.Other{EndToEndID: "B/17", What: "RJCT of " + name}) {
			t.Errorf("%s: %+v", name, r.Others)
		}
		all, err := read(t, statusOf(element+"<GrpSts>RJCT</GrpSts>", "")).Expand(scenes()["b2b"])
		if len(all) != returns || (returns == 0) != errors.Is(err, sepa.ErrInvalid) {
			t.Errorf("%s: a message that was refused as a whole: %+v, %v", name, all, err)
		}
	}
}

// A group that the message does not have was rejected: nobody knows what became of which collections. Where each is told of by
// itself, or the message was rejected as a whole, it does not matter what the bank calls the group.
func TestExpandUnknownGroup(t *testing.T) {
	const group = "<OrgnlPmtInfId>NOTPROVIDED</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>"
	for text, want := range map[string]int{
		statusOf("", group): -1,
		statusOf("", group+"<TxInfAndSts><OrgnlEndToEndId>B/17</OrgnlEndToEndId></TxInfAndSts>"): 1,
		statusOf("<GrpSts>RJCT</GrpSts>", group):                                                 1,
		statusOf("", strings.Replace(group, "RJCT", "ACCP", 1)):                                  0,
	} {
		all, err := read(t, text).Expand(scenes()["b2b"])
		if (want < 0) != errors.Is(err, sepa.ErrInvalid) || want >= 0 && (len(all) != want || err != nil) {
			t.Errorf("%s: %+v, %v", text, all, err)
		}
	}
}

// A group that is rejected at one place and accepted at another is neither, unless each collection is told by itself.
func TestExpandContradiction(t *testing.T) {
	const id, next = "<OrgnlPmtInfId>HORIZON-B2B-1-1</OrgnlPmtInfId>", "</OrgnlPmtInfAndSts><OrgnlPmtInfAndSts>"
	const rejected, accepted = "<PmtInfSts>RJCT</PmtInfSts>", "<PmtInfSts>ACCP</PmtInfSts>"
	for text, want := range map[string]int{
		id + rejected + next + id + accepted: -1,
		id + accepted + next + id + rejected: -1,
		id + rejected + next + id + rejected: 1,
		id + rejected + next + id:            1,
		id + accepted + next + id + rejected + "<TxInfAndSts><OrgnlEndToEndId>B/17</OrgnlEndToEndId></TxInfAndSts>": 1,
	} {
		all, err := read(t, statusOf("", text)).Expand(scenes()["b2b"])
		if (want < 0) != errors.Is(err, sepa.ErrInvalid) || len(all) != max(want, 0) {
			t.Errorf("%s: %+v, %v", text, all, err)
		}
	}
}

// NOTPROVIDED is how SEPA says that there is no id: it is nobody's.
func TestNotProvided(t *testing.T) {
	r := read(t, transaction("<OrgnlEndToEndId>NOTPROVIDED</OrgnlEndToEndId>"))
	if len(r.Returns) != 1 || r.Returns[0].EndToEndID != "" {
		t.Errorf("%+v", r.Returns)
	}
	r = read(t, group("<TxInfAndSts><OrgnlEndToEndId>NOTPROVIDED</OrgnlEndToEndId><TxSts>ACCP</TxSts></TxInfAndSts>"))
	if len(r.Others) != 1 || r.Others[0].EndToEndID != "" {
		t.Errorf("%+v", r.Others)
	}
	m := scenes()["b2b"]
	m.Collections[0].EndToEndID = "NOTPROVIDED"
	if _, err := m.Groups(); !errors.Is(err, sepa.ErrInvalid) {
		t.Errorf("a collection has the id of those without one: %v", err)
	}
}

// booked is an entry of so much that takes collections back.
func booked(amount, details string) string {
	return entry(`<Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-12-08</Dt></BookgDt>` +
		`<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>` + details)
}

// An entry of several transactions of which the bank tells some is told itself, and its amount is none of theirs.
func TestBatchOfWhichSomeIsTold(t *testing.T) {
	const tx = "<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><RtrInf/></TxDtls>"
	batch := func(n string) string { return "<Btch><NbOfTxs>" + n + "</NbOfTxs></Btch>" }
	other := func(told string) []sepa.Other {
		return []sepa.Other{{What: "DBIT BOOK PMNT/IDDT/UPDD" + told, Amount: eur("40.00")}}
	}
	for name, tc := range map[string]struct {
		details string
		amount  string // of the first return; "" is none
		returns int
		others  []sepa.Other
	}{
		"one":               {"<NtryDtls>" + tx + "</NtryDtls>", "40.00", 1, nil},
		"one of one":        {"<NtryDtls>" + batch("1") + tx + "</NtryDtls>", "40.00", 1, nil},
		"two of two":        {"<NtryDtls>" + batch("2") + tx + tx + "</NtryDtls>", "", 2, nil},
		"one of two":        {"<NtryDtls>" + batch("2") + tx + "</NtryDtls>", "", 1, other(" 1 of 2")},
		"two of five":       {"<NtryDtls>" + batch("2") + tx + "</NtryDtls><NtryDtls>" + batch("3") + tx + "</NtryDtls>", "", 2, other(" 2 of 5")},
		"one, and no count": {"<NtryDtls><Btch><MsgId>m</MsgId></Btch>" + tx + "</NtryDtls>", "40.00", 1, nil},
		"none of two":       {"<NtryDtls>" + batch("2") + "</NtryDtls>", "", 0, other("")},
	} {
		r := read(t, booked("40.00", tc.details))
		if len(r.Returns) != tc.returns {
			t.Errorf("%s: %+v", name, r.Returns)
		}
		if diff := cmp.Diff(tc.others, r.Others, amounts); diff != "" {
			t.Errorf("%s: others (-want +got):\n%s", name, diff)
		}
		if tc.returns > 0 && (tc.amount == "") == r.Returns[0].Booked.Valid() {
			t.Errorf("%s: booked %v, want %q", name, r.Returns[0].Booked, tc.amount)
		}
	}
	for _, n := range []string{"", "x", "-1", "99999999999"} {
		if _, err := sepa.Read(strings.NewReader(booked("40.00", "<NtryDtls>"+batch(n)+tx+"</NtryDtls>"))); !errors.Is(err, sepa.ErrReport) {
			t.Errorf("%q transactions: %v", n, err)
		}
	}
}

// What was booked is what the entry of a transaction says, in the currency of the account; what the transaction says of itself is of
// the collection.
func TestBookedOfOneTransaction(t *testing.T) {
	const amt = `<%[1]s><Amt Ccy="%[2]s">%[3]s</Amt></%[1]s>`
	for name, tc := range map[string]struct{ details, amount, booked string }{
		"nothing of itself":   {"", "53.00 EUR", "53.00 EUR"},
		"its amount":          {"<AmtDtls>" + fmt.Sprintf(amt, "TxAmt", "EUR", "49.99") + "</AmtDtls>", "49.99 EUR", "53.00 EUR"},
		"in another currency": {"<AmtDtls>" + fmt.Sprintf(amt, "TxAmt", "CHF", "49.99") + "</AmtDtls>", "49.99 CHF", "53.00 EUR"},
		"as instructed": {"<AmtDtls>" + fmt.Sprintf(amt, "InstdAmt", "EUR", "49.99") + fmt.Sprintf(amt, "TxAmt", "EUR", "50.00") + "</AmtDtls>",
			"49.99 EUR", "53.00 EUR"},
	} {
		for _, text := range []string{
			"<NtryDtls><TxDtls>" + tc.details + "<RtrInf/></TxDtls></NtryDtls>",
			tc.details + "<NtryDtls><TxDtls><RtrInf/></TxDtls></NtryDtls>", // the entry says it
		} {
			r := read(t, booked("53.00", text)).Returns[0]
			if r.Amount.String() != tc.amount || r.Booked.String() != tc.booked {
				t.Errorf("%s: amount %s, booked %s", name, r.Amount, r.Booked)
			}
		}
	}
}

// A message that the bank has seen before is not handled a second time; what became of the collections is what the first report says. If
// they were taken for rejected, what they pay would be open again, and collected twice.
func TestExpandDuplicate(t *testing.T) {
	for _, code := range []string{"AM05", "DU01", "DU02", "DUPL"} {
		why := "<StsRsnInf><Rsn><Cd>" + code + "</Cd></Rsn></StsRsnInf>"
		for _, text := range []string{
			statusOf("<GrpSts>RJCT</GrpSts>"+why, ""),
			statusOf("", "<OrgnlPmtInfId>HORIZON-B2B-1-1</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>"+why),
		} {
			if all, err := read(t, text).Expand(scenes()["b2b"]); !errors.Is(err, sepa.ErrInvalid) {
				t.Errorf("%s: %+v, %v", code, all, err)
			}
		}
		told := statusOf("<GrpSts>RJCT</GrpSts>"+why, "<TxInfAndSts><OrgnlEndToEndId>B/17</OrgnlEndToEndId></TxInfAndSts>")
		if all, err := read(t, told).Expand(scenes()["b2b"]); len(all) != 1 || err != nil {
			t.Errorf("%s, told by itself: %+v, %v", code, all, err)
		}
	}
}

// Charges for a return, returned cheques and payments by card have reasons and ids as well, and take no collection back.
func TestNoReturnOfCollections(t *testing.T) {
	const code = "<Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd>"
	text := booked("53.00", "<NtryDtls><TxDtls><RtrInf/></TxDtls></NtryDtls>")
	for _, tc := range []struct {
		family, sub string
		returns     int
	}{
		{"IDDT", "UPDD", 1}, {"IDDT", "ESDD", 1}, {"IDDT", "NTAV", 1}, {"IDDT", "OTHR", 1}, {"NTAV", "NTAV", 1}, {"OTHR", "OTHR", 1},
		{"IDDT", "CHRG", 0}, {"IDDT", "FEES", 0}, {"IDDT", "COMM", 0}, {"IDDT", "TAXE", 0}, {"IDDT", "INTR", 0}, {"MDOP", "CHRG", 0},
		{"RCHQ", "UPCQ", 0}, {"ICHQ", "UPCQ", 0}, {"CCRD", "OTHR", 0}, {"MCRD", "UPCT", 0}, {"ICCN", "RRTN", 0}, {"RCCN", "RRTN", 0},
	} {
		r := read(t, strings.Replace(text, code, "<Cd>"+tc.family+"</Cd><SubFmlyCd>"+tc.sub+"</SubFmlyCd>", 1))
		if len(r.Returns) != tc.returns || len(r.Others) != 1-tc.returns {
			t.Errorf("%s/%s: %+v", tc.family, tc.sub, r)
		}
	}
}

// Of several reasons the code is the first that says more than to try again: one reason against it is enough.
func TestSeveralReasons(t *testing.T) {
	for codes, want := range map[string]string{
		"AC04": "AC04 ", "AC04 AM04": "AC04 AM04", "AM04 AC04": "AC04 AM04", "MS03 AM04": "MS03 AM04", "AM04 MS03 MD01": "MD01 MS03; AM04",
		"AM04 LOCAL": "LOCAL AM04", "AC04 MD07": "AC04 MD07", "AM04 AM04": "AM04 AM04",
	} {
		why := ""
		for _, code := range strings.Fields(codes) {
			why += "<StsRsnInf><Rsn><Cd>" + code + "</Cd></Rsn></StsRsnInf>"
		}
		why += "<StsRsnInf><Rsn><Prtry/></Rsn></StsRsnInf>" // says nothing
		if r := read(t, transaction(why)).Returns[0]; r.Code+" "+r.Text != want {
			t.Errorf("%s: got %q, %q, want %q", codes, r.Code, r.Text, want)
		}
	}
}

// Whatever is in a camt.054, nothing of it is lost without a word, and no money twice: each transaction is a return or another, an entry
// without any is one of the others, and one that has fewer than the bank counts is told beside them. Only what was booked, and went out,
// comes as a return.
func TestNothingIsLost(t *testing.T) {
	pick := func(t *rapid.T, label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	property(t, func(t *rapid.T) {
		var text strings.Builder
		var cents, short int64 // of all, and of the entries that are told beside their transactions
		count, outgoing := 0, int64(0)
		for range rapid.IntRange(0, 5).Draw(t, "entries") {
			side, status := pick(t, "side", "DBIT", "CRDT"), pick(t, "status", "BOOK", "PDNG")
			family := pick(t, "family", "IDDT", "ICDT", "NTAV")
			n, sum, details := rapid.IntRange(0, 3).Draw(t, "transactions"), int64(0), ""
			for range n {
				minor, own := rapid.Int64Range(1, 1e9).Draw(t, "minor"), pick(t, "own side", side, "DBIT", "CRDT")
				details += fmt.Sprintf(`<TxDtls><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd><RtrInf/></TxDtls>`, money.New(minor, money.EUR).Number(), own)
				if sum += minor; own == "DBIT" && status == "BOOK" && family != "ICDT" {
					outgoing += minor
				}
			}
			count, cents = count+n, cents+sum
			if n == 0 {
				sum = rapid.Int64Range(1, 1e9).Draw(t, "entry")
				count, cents = count+1, cents+sum
			}
			if more := rapid.IntRange(0, 2).Draw(t, "not told"); n > 0 && more > 0 {
				details = fmt.Sprintf("<Btch><NbOfTxs>%d</NbOfTxs></Btch>", n+more) + details
				count, short = count+1, short+sum
			}
			fmt.Fprintf(&text, `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>%s</Sts><BookgDt><Dt>2026-12-08</Dt></BookgDt>`+
				`<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>%s</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>%s</NtryDtls></Ntry>`,
				money.New(sum, money.EUR).Number(), side, status, family, details)
		}
		r, err := sepa.Read(strings.NewReader(camt + text.String() + camtEnd))
		if err != nil {
			t.Fatal(err)
		}
		returned, others := int64(0), int64(0)
		for i := range r.Returns {
			returned += r.Returns[i].Booked.Minor()
		}
		for i := range r.Others {
			others += r.Others[i].Amount.Minor()
		}
		if len(r.Returns)+len(r.Others) != count || returned != outgoing || returned+others != cents+short {
			t.Fatalf("%d returns of %d cents, %d others of %d; want %d, %d cents returned, and %d in all\n%s", len(r.Returns), returned, len(r.Others), others,
				count, outgoing, cents+short, text.String())
		}
	})
}
