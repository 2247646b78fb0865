package sepa_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/payrules/payrules/billing/sepa"
)

// order says which elements an element has, in which order; ? is for one that may be missing, + for one or more. It is the part
// of pain.008 that SEPA has and is written here; xsd_test.go holds messages against the real schemas.
var order = map[string]string{
	"Document":          "CstmrDrctDbtInitn",
	"CstmrDrctDbtInitn": "GrpHdr PmtInf+",
	"GrpHdr":            "MsgId CreDtTm NbOfTxs CtrlSum InitgPty",
	"InitgPty":          "Nm",
	"PmtInf":            "PmtInfId PmtMtd NbOfTxs CtrlSum PmtTpInf ReqdColltnDt Cdtr CdtrAcct CdtrAgt ChrgBr CdtrSchmeId DrctDbtTxInf+",
	"PmtTpInf":          "SvcLvl LclInstrm SeqTp",
	"SvcLvl":            "Cd",
	"LclInstrm":         "Cd",
	"Cdtr":              "Nm PstlAdr?",
	"PstlAdr":           "Dept? SubDept? StrtNm? BldgNb? BldgNm? Flr? PstBx? Room? PstCd? TwnNm TwnLctnNm? DstrctNm? CtrySubDvsn? Ctry",
	"CdtrAcct":          "Id",
	"CdtrAgt":           "FinInstnId",
	"FinInstnId":        "BIC? BICFI? Othr?",
	"CdtrSchmeId":       "Id",
	"Id":                "PrvtId? IBAN? Othr?",
	"PrvtId":            "Othr",
	"Othr":              "Id SchmeNm?",
	"SchmeNm":           "Prtry",
	"DrctDbtTxInf":      "PmtId InstdAmt DrctDbtTx DbtrAgt Dbtr DbtrAcct RmtInf?",
	"PmtId":             "EndToEndId",
	"DrctDbtTx":         "MndtRltdInf",
	"MndtRltdInf":       "MndtId DtOfSgntr AmdmntInd? AmdmntInfDtls?",
	"AmdmntInfDtls":     "OrgnlMndtId? OrgnlCdtrSchmeId? OrgnlDbtrAcct?",
	"OrgnlCdtrSchmeId":  "Nm? Id?",
	"OrgnlDbtrAcct":     "Id",
	"DbtrAgt":           "FinInstnId",
	"Dbtr":              "Nm PstlAdr?",
	"DbtrAcct":          "Id",
	"RmtInf":            "Ustrd",
}

// values are the forms of what stands in an element; "" is that of any other: a text of SEPA.
var values = map[string]string{
	"": `[A-Za-z0-9/?:().,'+ -]{1,70}`, "Ustrd": `[A-Za-z0-9/?:().,'+ -]{1,140}`,
	"MsgId": `.{1,30}`, "PmtInfId": `.{1,35}`, "EndToEndId": `.{1,35}`, "MndtId": `.{1,35}`, "OrgnlMndtId": `.{1,35}`, "Id": `.{1,35}`,
	"CreDtTm": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`, "ReqdColltnDt": `\d{4}-\d\d-\d\d`, "DtOfSgntr": `\d{4}-\d\d-\d\d`,
	"NbOfTxs": `[1-9]\d{0,14}`, "CtrlSum": `\d{1,15}\.\d\d`, "InstdAmt": `\d{1,9}\.\d\d`,
	"PmtMtd": "DD", "Cd": "SEPA|CORE|B2B", "SeqTp": "FRST|RCUR|FNAL|OOFF", "ChrgBr": "SLEV", "AmdmntInd": "true", "Prtry": "SEPA", "Ctry": "[A-Z]{2}",
	"BIC": `[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?`, "BICFI": `[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?`,
}

// check says where a message breaks these rules.
func check(text []byte, version sepa.Version) error {
	type open struct {
		name, text string
		kids       []string
	}
	d, stack := xml.NewDecoder(bytes.NewReader(text)), []open{{}}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		top := &stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Space != version.Namespace() || (t.Name.Local == "BIC") == (version == sepa.V08) && strings.HasPrefix(t.Name.Local, "BIC") {
				return fmt.Errorf("%s of %s in version %d", t.Name.Local, t.Name.Space, version)
			}
			if ccy := len(t.Attr) == 1 && t.Attr[0] == (xml.Attr{Name: xml.Name{Local: "Ccy"}, Value: "EUR"}); ccy != (t.Name.Local == "InstdAmt") {
				return fmt.Errorf("%s: attributes %v", t.Name.Local, t.Attr)
			}
			top.kids = append(top.kids, t.Name.Local)
			stack = append(stack, open{name: t.Name.Local})
		case xml.CharData:
			top.text += string(t)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
			if err := checkElement(top.name, top.text, top.kids); err != nil {
				return err
			}
		}
	}
}

func checkElement(name, text string, kids []string) error {
	want, complex := order[name]
	if name == "Id" && len(kids) == 0 {
		complex = false // of an Othr
	}
	if !complex {
		form, ok := values[name]
		if !ok {
			form = values[""]
		}
		if len(kids) > 0 || !regexp.MustCompile("^(?:"+form+")$").MatchString(text) {
			return fmt.Errorf("%s: %q, with %v", name, text, kids)
		}
		return nil
	}
	if strings.TrimSpace(text) != "" {
		return fmt.Errorf("%s: text %q", name, text)
	}
	for part := range strings.FieldsSeq(want) {
		word := strings.TrimRight(part, "?+")
		n := 0
		for len(kids) > 0 && kids[0] == word {
			n, kids = n+1, slices.Delete(kids, 0, 1)
		}
		if n == 0 && !strings.HasSuffix(part, "?") || n > 1 && !strings.HasSuffix(part, "+") {
			return fmt.Errorf("%s: %d of %s", name, n, word)
		}
	}
	if len(kids) > 0 {
		return fmt.Errorf("%s: %s is not there", name, kids[0])
	}
	return nil
}
