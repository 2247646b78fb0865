package sepa

import (
	"errors"
	"strings"
	"testing"
)

const (
	most = 4 << 20 // bytes, in these tests
	pain = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>` +
		`<GrpHdr><MsgId>m</MsgId><CreDtTm>2026-12-08T20:49:00</CreDtTm></GrpHdr>`
	end  = pain + `</CstmrPmtStsRpt></Document>`
	camt = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><BkToCstmrDbtCdtNtfctn><Ntfctn>`
)

// endless gives the beginning of a report and then the same piece for ever, and counts what is read of it.
type endless struct {
	begin, piece string
	n            int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		if e.n < len(e.begin) {
			p[i] = e.begin[e.n]
		} else {
			p[i] = e.piece[(e.n-len(e.begin))%len(e.piece)]
		}
		e.n++
	}
	return len(p), nil
}

// A report without an end is refused before it fills the memory, whatever it is made of.
func TestEndlessReports(t *testing.T) {
	long := "<!--" + strings.Repeat("x", 1<<10) + "-->" // so that the test is quick
	for name, e := range map[string]*endless{
		"spaces":         {begin: pain, piece: " "},
		"comments":       {begin: pain, piece: long},
		"one comment":    {begin: pain + "<!--", piece: "x"},
		"one tag":        {begin: pain + "<", piece: "x"},
		"attributes":     {begin: pain + "<a ", piece: ` x="1"`},
		"elements":       {begin: pain, piece: "<a/>" + long},
		"a skipped text": {begin: pain + "<a>", piece: "x"},
		"a text":         {begin: pain + "<OrgnlPmtInfAndSts><OrgnlPmtInfId>", piece: "x"},
		"a DOCTYPE":      {begin: "<!DOCTYPE a [", piece: `<!ENTITY x "y">`},
		"transactions":   {begin: pain + "<OrgnlPmtInfAndSts><PmtInfSts>RJCT</PmtInfSts>", piece: "<TxInfAndSts/>"},
		"groups":         {begin: pain, piece: "<OrgnlPmtInfAndSts/>"},
		"entries":        {begin: camt, piece: "<Ntry/>"},
		"details":        {begin: camt + "<Ntry><NtryDtls>", piece: "<TxDtls/>"},
		"reasons":        {begin: pain + "<OrgnlPmtInfAndSts><StsRsnInf>", piece: "<AddtlInf>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</AddtlInf>" + long},
	} {
		_, err := read(e, most)
		if !errors.Is(err, ErrReport) || !strings.Contains(err.Error(), "more than") && !strings.Contains(err.Error(), "too many") {
			t.Errorf("%s: %v", name, err)
		}
		bound := most + 4096 // bufio's
		if !strings.HasPrefix(e.piece, "<") {
			bound = most/32 + len(e.begin) + 2*4096 // one piece
		}
		if e.n > bound {
			t.Errorf("%s: %d bytes were read", name, e.n)
		}
	}
}

// A report as large as allowed is read; a byte more, and it is not.
func TestLargestReport(t *testing.T) {
	text := end
	rest := most - len(text)
	line := strings.Repeat(" ", 1<<10-8) + "<!---->\n"
	large := text + strings.Repeat(line, rest/len(line)) + strings.Repeat(" ", rest%len(line))
	if _, err := read(strings.NewReader(large), most); err != nil {
		t.Error(err)
	}
	if _, err := read(strings.NewReader(large+"\n"), most); !errors.Is(err, ErrReport) {
		t.Error(err)
	}
}
