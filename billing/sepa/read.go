package sepa

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/payrules/payrules/money"
)

// Read reads what a bank has sent: a pain.002 of the versions 001.03, 001.10 or 001.11, or a camt.054 of 001.02, 001.04 or 001.08.
// Of a camt.054 all notifications are read. What is not about collections is passed over, and told in Others.
//
// Read returns an error if:
//   - it is no XML in UTF-8, or has a DOCTYPE (it wraps [ErrReport]);
//   - it is of another kind or version, as its namespace tells (the same);
//   - an element that is read breaks its form, stands there twice, or is missing: a transaction without any status, an entry
//     without a day (the same; the message names the element);
//   - it has more than MaxReport bytes, of which little more is read, a tag, text or comment of more than a megabyte, or more than
//     MaxTransactions (the same);
//   - r fails (the same, and the error of r).
//
// It costs O(n) for n bytes; the memory is that of what it returns and of the longest text.
func Read(r io.Reader) (*Report, error) { return read(r, MaxReport) }

// read is Read with another bound.
func read(r io.Reader, most int) (*Report, error) {
	p := parser{reader: newReader(r, most), nth: map[string]int{}}
	if err := p.document(p.read); err != nil {
		return nil, err
	}
	if p.out.MessageID == "" || !p.out.CreatedOn.Valid() {
		return nil, fmt.Errorf("%w: it has no MsgId or CreDtTm", ErrReport)
	}
	for i := range p.out.Returns {
		r := &p.out.Returns[i]
		r.MessageID = p.out.MessageID
		r.On = cmp.Or(r.On, p.out.CreatedOn)
	}
	return &p.out, nil
}

// parser makes a report of elements.
type parser struct {
	*reader
	out Report
	nth map[string]int // how many returns of an EndToEndId there were
}

func (p *parser) read(format string) error {
	p.out.Format = format
	switch format {
	case "pain.002.001.03", "pain.002.001.10", "pain.002.001.11":
		return p.within("CstmrPmtStsRpt", p.status)
	case "camt.054.001.02", "camt.054.001.04", "camt.054.001.08":
		return p.within("BkToCstmrDbtCdtNtfctn", p.notifications)
	}
	return p.fault("want pain.002 of 001.03, 001.10 or 001.11, or camt.054 of 001.02, 001.04 or 001.08")
}

// header reads a GrpHdr.
func (p *parser) header() error {
	return p.each(func(name string) error {
		switch name {
		case "MsgId":
			return p.text(&p.out.MessageID, 35)
		case "CreDtTm":
			return p.date(&p.out.CreatedOn)
		}
		return p.skip()
	})
}

// why reads a StsRsnInf or RtrInf into an outcome. Its code is the first that is more than a reason to try again, or else the first;
// the others are added to the text.
func (p *parser) why(to *Outcome) error {
	return p.each(func(name string) error {
		switch name {
		case "Rsn":
			return p.each(func(string) error { // Cd or Prtry
				var code string
				if err := p.text(&code, 35); err != nil {
					return err
				}
				retry := ReasonOf(to.Code).Action == Retry
				if to.Code == "" || retry && code != "" && ReasonOf(code).Action != Retry {
					to.Code, code = code, to.Code
				}
				to.add(code)
				return nil
			})
		case "AddtlInf":
			var info string
			if err := p.text(&info, 500); err != nil {
				return err
			}
			to.add(info)
			return nil
		}
		return p.skip()
	})
}

// add adds a text, as long as there is room for all of it.
func (o *Outcome) add(text string) {
	switch sum := len(o.Text) + 2 + len(text); {
	case text == "" || sum > MaxText:
	case o.Text == "":
		o.Text = text
	default:
		o.Text = strings.Join([]string{o.Text, text}, "; ")
	}
}

// add takes a return into the report.
func (p *parser) add(r *Return) error {
	if err := p.room(); err != nil {
		return err
	}
	r.EndToEndID = provided(r.EndToEndID)
	r.Nth = p.nth[r.EndToEndID]
	p.nth[r.EndToEndID]++
	p.out.Returns = append(p.out.Returns, *r)
	return nil
}

// pass takes another transaction into the report.
func (p *parser) pass(endToEnd, what string, a money.Amount) error {
	if err := p.room(); err != nil {
		return err
	}
	p.out.Others = append(p.out.Others, Other{EndToEndID: provided(endToEnd), What: what, Amount: a})
	return nil
}

// provided returns an id, or "" for the one by which SEPA says that there is none.
func provided(id string) string {
	if id == notProvided {
		return ""
	}
	return id
}

func (p *parser) room() error {
	if len(p.out.Returns)+len(p.out.Others) >= MaxTransactions {
		return p.fault(fmt.Sprintf("more than %d transactions", MaxTransactions))
	}
	return nil
}
