package camt_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/payrules/payrules/ledger/camt"
)

// schema is the part of camt.053.001.08 that is written: a line for each type, with its elements in order. A name may be
// followed by ? for none or one, * for any number, + for one or more; then comes its type. "-" is the type of what is never
// written, and "|" makes the type a choice of one. xsd_test.go holds these lines against the real schemas.
const schema = `
Document   BkToCstmrStmt:Message
Message    GrpHdr:Header Stmt+:Statement SplmtryData*:-
Header     MsgId:text35 CreDtTm:dateTime MsgRcpt?:- MsgPgntn?:- OrgnlBizQry?:- AddtlInf?:-
Statement  Id:text35 StmtPgntn?:- ElctrncSeqNb?:number RptgSeq?:- LglSeqNb?:- CreDtTm?:dateTime FrToDt?:Period CpyDplctInd?:- RptgSrc?:- Acct:Owned RltdAcct?:- Intrst*:- Bal+:Balance TxsSummry?:Summary Ntry*:Entry AddtlStmtInf?:-
Period     FrDtTm:dateTime ToDtTm:dateTime
Owned      Id:AccountID Tp?:- Ccy?:currency Nm?:text70 Prxy?:- Ownr?:Party Svcr?:Bank
Account    Id:AccountID Tp?:- Ccy?:- Nm?:- Prxy?:-
AccountID  | IBAN:iban Othr:Generic
Generic    Id:text34 SchmeNm?:- Issr?:-
Party      Nm?:text140 PstlAdr?:- Id?:- CtryOfRes?:- CtctDtls?:-
Bank       FinInstnId:BankID BrnchId?:-
BankID     BICFI?:bic ClrSysMmbId?:- LEI?:- Nm?:- PstlAdr?:- Othr?:-
Balance    Tp:BalType CdtLine*:- Amt:amount CdtDbtInd:side Dt:Day Avlbty*:-
BalType    CdOrPrtry:BalCode SubTp?:-
BalCode    | Cd:text4 Prtry:-
Day        | Dt:date DtTm:-
Summary    TtlNtries?:Net TtlCdtNtries?:Total TtlDbtNtries?:Total TtlNtriesPerBkTxCd*:-
Net        NbOfNtries?:digits15 Sum?:decimal TtlNetNtry?:Signed
Signed     Amt:positive CdtDbtInd:side
Total      NbOfNtries?:digits15 Sum?:decimal
Entry      NtryRef?:text35 Amt:amount CdtDbtInd:side RvslInd?:bool Sts:Status BookgDt?:Day ValDt?:Day AcctSvcrRef?:text35 Avlbty*:- BkTxCd:Code ComssnWvrInd?:- AddtlInfInd?:- AmtDtls?:- Chrgs?:- TechInptChanl?:- Intrst?:- CardTx?:- NtryDtls*:Details AddtlNtryInf?:text500
Status     | Cd:text4 Prtry:-
Code       Domn?:Domain Prtry?:Own
Domain     Cd:text4 Fmly:Family
Family     Cd:text4 SubFmlyCd:text4
Own        Cd:text35 Issr?:text35
Details    Btch?:- TxDtls*:Tx
Tx         Refs?:Refs Amt?:amount CdtDbtInd?:side AmtDtls?:- Avlbty*:- BkTxCd?:- Chrgs?:- Intrst?:- RltdPties?:Parties RltdAgts?:- LclInstrm?:- Purp?:- RltdRmtInf10:- RmtInf?:Remit RltdDts?:- RltdPric?:- RltdQties*:- FinInstrmId?:- Tax?:- RtrInf?:- CorpActn?:- SfkpgAcct?:- CshDpst*:- CardTx?:- AddtlTxInf?:- SplmtryData*:-
Refs       MsgId?:- AcctSvcrRef?:- PmtInfId?:- InstrId?:- EndToEndId?:text35 UETR?:- TxId?:- MndtId?:- ChqNb?:- ClrSysRef?:- AcctOwnrTxId?:- AcctSvcrTxId?:- MktInfrstrctrTxId?:- PrcgId?:- Prtry*:-
Parties    InitgPty?:- Dbtr?:Named DbtrAcct?:Account UltmtDbtr?:- Cdtr?:Named CdtrAcct?:Account UltmtCdtr?:- TradgPty?:- Prtry*:-
Named      | Pty:Party Agt:-
Remit      Ustrd*:text140 Strd*:-
`

// schema02 are the lines that camt.053.001.02 has instead.
const schema02 = `
Message    GrpHdr:Header Stmt+:Statement
Header     MsgId:text35 CreDtTm:dateTime MsgRcpt?:- MsgPgntn?:- AddtlInf?:-
Statement  Id:text35 ElctrncSeqNb?:number LglSeqNb?:- CreDtTm:dateTime FrToDt?:Period CpyDplctInd?:- RptgSrc?:- Acct:Owned RltdAcct?:- Intrst*:- Bal+:Balance TxsSummry?:Summary Ntry*:Entry AddtlStmtInf?:-
Owned      Id:AccountID Tp?:- Ccy?:currency Nm?:text70 Ownr?:Party Svcr?:Bank
Account    Id:AccountID Tp?:- Ccy?:- Nm?:-
BankID     BIC?:bic02 ClrSysMmbId?:- Nm?:- PstlAdr?:- Othr?:-
Balance    Tp:BalType CdtLine?:- Amt:amount CdtDbtInd:side Dt:Day Avlbty*:-
BalCode    | Cd:balance02 Prtry:-
Net        NbOfNtries?:digits15 Sum?:decimal TtlNetNtryAmt?:decimal CdtDbtInd?:side
Entry      NtryRef?:text35 Amt:amount CdtDbtInd:side RvslInd?:bool Sts:status02 BookgDt?:Day ValDt?:Day AcctSvcrRef?:text35 Avlbty*:- BkTxCd:Code ComssnWvrInd?:- AddtlInfInd?:- AmtDtls?:- Chrgs*:- TechInptChanl?:- Intrst*:- NtryDtls*:Details AddtlNtryInf?:text500
Tx         Refs?:Refs AmtDtls?:- Avlbty*:- BkTxCd?:- Chrgs*:- Intrst*:- RltdPties?:Parties RltdAgts?:- Purp?:- RltdRmtInf10:- RmtInf?:Remit RltdDts?:- RltdPric?:- RltdQties*:- FinInstrmId?:- Tax?:- RtrInf?:- CorpActn?:- SfkpgAcct?:- AddtlTxInf?:-
Refs       MsgId?:- AcctSvcrRef?:- PmtInfId?:- InstrId?:- EndToEndId?:text35 TxId?:- MndtId?:- ChqNb?:- ClrSysRef?:- Prtry?:-
Parties    InitgPty?:- Dbtr?:Party DbtrAcct?:Account UltmtDbtr?:- Cdtr?:Party CdtrAcct?:Account UltmtCdtr?:- TradgPty?:- Prtry*:-
`

// facets are what a schema demands of a value.
type facets struct {
	Base            string // string, decimal, dateTime, date or boolean
	Min, Max        int    // characters
	Pattern         string
	Enum            string // the values, joined by |
	Total, Fraction int    // digits
	NotNegative     bool
	Currency        bool // an attribute Ccy of three capital letters
}

var values = map[string]facets{
	"text4": {Base: "string", Min: 1, Max: 4}, "text34": {Base: "string", Min: 1, Max: 34}, "text35": {Base: "string", Min: 1, Max: 35},
	"text70": {Base: "string", Min: 1, Max: 70}, "text140": {Base: "string", Min: 1, Max: 140}, "text500": {Base: "string", Min: 1, Max: 500},
	"digits15":  {Base: "string", Pattern: "[0-9]{1,15}"},
	"currency":  {Base: "string", Pattern: "[A-Z]{3,3}"},
	"iban":      {Base: "string", Pattern: "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}"},
	"bic":       {Base: "string", Pattern: "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}"},
	"bic02":     {Base: "string", Pattern: "[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}"},
	"side":      {Base: "string", Enum: "CRDT|DBIT"},
	"status02":  {Base: "string", Enum: "BOOK|PDNG|INFO"},
	"balance02": {Base: "string", Enum: "XPCD|OPAV|ITAV|CLAV|FWAV|CLBD|ITBD|OPBD|PRCD|INFO"},
	"number":    {Base: "decimal", Total: 18},
	"decimal":   {Base: "decimal", Total: 18, Fraction: 17},
	"positive":  {Base: "decimal", Total: 18, Fraction: 17, NotNegative: true},
	"amount":    {Base: "decimal", Total: 18, Fraction: 5, NotNegative: true, Currency: true},
	"dateTime":  {Base: "dateTime"}, "date": {Base: "date"}, "bool": {Base: "boolean"},
}

// part is an element of a type.
type part struct {
	Name, Type string
	Min, Max   int // Max is -1 for any number
}

type row struct {
	choice bool
	parts  []part
}

// grammar reads the lines of a version.
func grammar(v camt.Version) map[string]row {
	text := schema
	if v == camt.V02 {
		text += schema02
	}
	rows := map[string]row{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		r := row{choice: words[1] == "|"}
		for _, w := range words[1:] {
			name, typ, _ := strings.Cut(w, ":")
			p := part{Name: name, Type: typ, Min: 1, Max: 1}
			switch {
			case w == "|":
				continue
			case strings.HasSuffix(name, "?"):
				p.Min = 0
			case strings.HasSuffix(name, "*"):
				p.Min, p.Max = 0, -1
			case strings.HasSuffix(name, "+"):
				p.Max = -1
			case strings.HasSuffix(name, "10"):
				p.Min, p.Max = 0, 10
			}
			p.Name = strings.TrimRight(name, "?*+10")
			r.parts = append(r.parts, p)
		}
		rows[words[0]] = r
	}
	return rows
}

// node is an element of a message.
type node struct {
	name, space, text string
	attributes        []xml.Attr
	kids              []*node
}

// parse reads a message; an error says that it is not well-formed.
func parse(r io.Reader) (*node, error) {
	d, root := xml.NewDecoder(r), &node{}
	open := []*node{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root.kids[0], nil
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			kid := &node{name: t.Name.Local, space: t.Name.Space, attributes: t.Copy().Attr}
			top.kids = append(top.kids, kid)
			open = append(open, kid)
		case xml.EndElement:
			if len(top.kids) > 0 {
				top.text = strings.TrimSpace(top.text)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
}

// check says where a message breaks the schema of its version.
func check(n *node, v camt.Version) error {
	rows := grammar(v)
	var walk func(n *node, typ, path string) error
	walk = func(n *node, typ, path string) error {
		path += "/" + n.name
		if n.space != fmt.Sprintf("urn:iso:std:iso:20022:tech:xsd:camt.053.001.%02d", v) {
			return fmt.Errorf("%s: namespace %q", path, n.space)
		}
		r, complex := rows[typ]
		if !complex {
			if why := checkValue(n, typ); why != "" {
				return fmt.Errorf("%s: %q: %s", path, n.text, why)
			}
			return nil
		}
		if n.text != "" || r.choice && len(n.kids) != 1 {
			return fmt.Errorf("%s: text %q, %d elements", path, n.text, len(n.kids))
		}
		next := 0 // of the kids
		for _, p := range r.parts {
			count := 0
			for ; next < len(n.kids) && n.kids[next].name == p.Name; next++ {
				count++
				if err := walk(n.kids[next], p.Type, path); err != nil {
					return err
				}
			}
			if p.Max >= 0 && count > p.Max || !r.choice && count < p.Min {
				return fmt.Errorf("%s/%s: %d of them", path, p.Name, count)
			}
		}
		if next < len(n.kids) {
			return fmt.Errorf("%s/%s: not here", path, n.kids[next].name)
		}
		return nil
	}
	return walk(n, "Document", "")
}

// checkValue says what is wrong with the value of an element.
func checkValue(n *node, typ string) string {
	f, known := values[typ]
	digits := strings.TrimLeft(strings.Replace(n.text, ".", "", 1), "0")
	_, fraction, _ := strings.Cut(n.text, ".")
	size := utf8.RuneCountInString(n.text)
	switch {
	case !known || len(n.kids) > 0:
		return "never written"
	case f.Max > 0 && (size < f.Min || size > f.Max):
		return fmt.Sprintf("%d characters", size)
	case f.Pattern != "" && !regexp.MustCompile("^(?:"+f.Pattern+")$").MatchString(n.text):
		return "not of the form " + f.Pattern
	case f.Enum != "" && !regexp.MustCompile("^(?:"+f.Enum+")$").MatchString(n.text):
		return "want " + f.Enum
	case f.Base == "decimal" && (!regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`).MatchString(n.text) || len(digits) > f.Total || len(fraction) > f.Fraction):
		return "too many digits, or none"
	case f.Currency != (len(n.attributes) == 1 && n.attributes[0].Name.Local == "Ccy" && len(n.attributes[0].Value) == 3):
		return "want Ccy on an amount and nowhere else"
	case f.Base == "boolean" && n.text != "true":
		return "want true"
	}
	var err error
	switch f.Base {
	case "date":
		_, err = time.Parse(time.DateOnly, n.text)
	case "dateTime":
		_, err = time.Parse(time.RFC3339Nano, n.text)
	case "decimal":
		_, err = strconv.ParseFloat(n.text, 64)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
