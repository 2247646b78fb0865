package sepa

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// notifications reads a BkToCstmrDbtCdtNtfctn: the camt.054 of what was booked.
func (p *parser) notifications() error {
	return p.each(func(name string) error {
		switch name {
		case "GrpHdr":
			return p.header()
		case "Ntfctn":
			duplicate := ""
			return p.each(func(name string) error {
				switch name {
				case "CpyDplctInd": // before the entries
					return p.text(&duplicate, 4)
				case "Ntry":
					return p.entry(duplicate != "")
				}
				return p.skip()
			})
		}
		return p.skip()
	})
}

// movement is what is read of an entry, or of a transaction in it.
type movement struct {
	side   string // CRDT or DBIT
	code   bankCode
	amount money.Amount // what was booked

	instructed, transacted money.Amount // AmtDtls
	r                      Return
	why                    Outcome
	returned               bool // it has a RtrInf
}

// bankCode is a bank transaction code of ISO 20022.
type bankCode struct{ domain, family, sub string }

// entry reads an Ntry with the transactions in it. What follows on them, by the schema, is only text; but nothing is decided before
// the end, so the order does not matter.
func (p *parser) entry(duplicate bool) error {
	var e movement
	var status string
	var on civil.Date
	var all []movement
	var told int64 // how many transactions the bank says there are; 0 if it does not
	if err := p.each(func(name string) error {
		switch name {
		case "Amt":
			return p.amount(&e.amount)
		case "CdtDbtInd":
			return p.text(&e.side, 4)
		case "Sts":
			return p.entryStatus(&status)
		case "BookgDt":
			return p.each(func(string) error { return p.date(&on) }) // Dt or DtTm
		case "AmtDtls":
			return p.amounts(&e)
		case "BkTxCd":
			return p.bankCode(&e.code)
		case "NtryDtls":
			return p.each(func(name string) error {
				switch name {
				case "Btch":
					return p.batch(&told)
				case "TxDtls":
					if len(all) == MaxTransactions {
						return p.fault("too many transactions")
					}
					all = append(all, movement{})
					return p.details(&all[len(all)-1])
				}
				return p.skip()
			})
		}
		return p.skip()
	}); err != nil {
		return err
	}
	if len(all) == 0 {
		return p.pass("", e.what(status), e.amount)
	}
	for i := range all {
		t := &all[i]
		t.side = cmp.Or(t.side, e.side)
		t.code = cmp.Or(t.code, e.code)
		if len(all) == 1 && told <= 1 {
			t.amount, t.instructed, t.transacted = firstOf(t.amount, e.amount), firstOf(t.instructed, e.instructed), firstOf(t.transacted, e.transacted)
		}
		if err := p.book(t, status, on, duplicate); err != nil {
			return err
		}
	}
	if told > int64(len(all)) {
		return p.pass("", fmt.Sprintf("%s %d of %d", e.what(status), len(all), told), e.amount)
	}
	return nil
}

// batch reads a Btch, and adds how many transactions it has.
func (p *parser) batch(to *int64) error {
	return p.within("NbOfTxs", func() error {
		var text string
		if err := p.text(&text, 15); err != nil {
			return err
		}
		n, err := strconv.ParseInt(text, 10, 32) // so that no sum of them overflows
		if err != nil || n < 0 {
			return p.fault("NbOfTxs is no number")
		}
		*to += n
		return nil
	})
}

// entryStatus reads an Sts, which is a text in older versions.
func (p *parser) entryStatus(to *string) error {
	if p.out.Format == "camt.054.001.08" {
		return p.each(func(string) error { return p.text(to, 35) }) // Cd or Prtry
	}
	return p.text(to, 4)
}

// bankCode reads a BkTxCd.
func (p *parser) bankCode(to *bankCode) error {
	return p.within("Domn", func() error {
		return p.each(func(name string) error {
			switch name {
			case "Cd":
				return p.text(&to.domain, 4)
			case "Fmly":
				return p.each(func(name string) error {
					switch name {
					case "Cd":
						return p.text(&to.family, 4)
					case "SubFmlyCd":
						return p.text(&to.sub, 4)
					}
					return p.skip()
				})
			}
			return p.skip()
		})
	})
}

// details reads a TxDtls.
func (p *parser) details(t *movement) error {
	return p.each(func(name string) error {
		switch name {
		case "Refs":
			return p.references(&t.r)
		case "Amt":
			return p.amount(&t.amount)
		case "CdtDbtInd":
			return p.text(&t.side, 4)
		case "AmtDtls":
			return p.amounts(t)
		case "BkTxCd":
			return p.bankCode(&t.code)
		case "RtrInf":
			t.returned = true
			return p.why(&t.why)
		}
		return p.skip()
	})
}

// amounts reads an AmtDtls.
func (p *parser) amounts(t *movement) error {
	return p.each(func(name string) error {
		switch name {
		case "InstdAmt":
			return p.within("Amt", func() error { return p.amount(&t.instructed) })
		case "TxAmt":
			return p.within("Amt", func() error { return p.amount(&t.transacted) })
		}
		return p.skip()
	})
}

// references reads a Refs.
func (p *parser) references(r *Return) error {
	return p.each(func(name string) error {
		switch name {
		case "PmtInfId":
			return p.text(&r.Group, 35)
		case "EndToEndId":
			return p.text(&r.EndToEndID, 35)
		case "MndtId":
			return p.text(&r.Mandate, 35)
		}
		return p.skip()
	})
}

// book takes a transaction into the report, with what it has from its entry.
func (p *parser) book(t *movement, status string, on civil.Date, duplicate bool) error {
	underlying := firstOf(t.instructed, t.transacted)
	t.amount = firstOf(t.amount, t.transacted)
	if !t.isReturn() || status != "BOOK" {
		return p.pass(t.r.EndToEndID, t.what(status), t.amount)
	}
	if !on.Valid() {
		return p.fault("a return that is booked has no BookgDt")
	}
	r := t.r
	r.Amount, r.Booked = firstOf(underlying, t.amount), t.amount
	r.Code, r.Text, r.On, r.Duplicate = t.why.Code, t.why.Text, on, duplicate
	switch {
	case r.Code == "MD06":
		r.Kind = Refund
	case t.code.sub == "PRDD" || t.code.sub == "RCDD": // reversed, or cancelled, by the creditor
		r.Kind = Reversal
	default:
		r.Kind = Returned
	}
	return p.add(&r)
}

// isReturn reports whether a movement takes a collection back: money goes out of the creditor's account, because of a return, and
// it is not that of a credit transfer, a cheque or a card, nor of a direct debit on that account, nor the charges for one.
func (t *movement) isReturn() bool {
	if t.side != "DBIT" {
		return false
	}
	switch t.code.sub {
	case "CHRG", "FEES", "COMM", "COME", "COMI", "COMT", "TAXE", "INTR":
		return false
	}
	switch t.code.family {
	case "ICDT", "RCDT", "IRCT", "RRCT", "ICCN", "RCCN", "RDDT", "ICHQ", "RCHQ", "CCRD", "MCRD":
		return false
	case "IDDT":
		return t.returned || t.code.sub == "UPDD" || t.code.sub == "PRDD" || t.code.sub == "RCDD"
	}
	return t.returned
}

// what says what a movement is.
func (t *movement) what(status string) string {
	out := strings.TrimSpace(t.side + " " + status)
	if t.code != (bankCode{}) {
		out += " " + t.code.domain + "/" + t.code.family + "/" + t.code.sub
	}
	if t.returned {
		out += " " + cmp.Or(t.why.Code, "returned")
	}
	return out
}

// firstOf returns the first of two amounts that is there.
func firstOf(a, b money.Amount) money.Amount {
	if a.Valid() {
		return a
	}
	return b
}
