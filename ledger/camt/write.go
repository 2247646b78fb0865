package camt

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/internal/sheet"
	"github.com/payrules/payrules/money"
)

// instant is how an ISODateTime is written: the time of a zone, and how far that is from UTC.
const instant = "2006-01-02T15:04:05.999999Z07:00"

// Write writes a statement as a message camt.053 in UTF-8. All is checked before the first byte is written, so after an error
// that is not one of w nothing was.
//
// Write returns an error if:
//   - the statement does not add up, or its entries belong to it by value date (it wraps [ledger.ErrInvalid]);
//   - a field of opts, or a text of the statement, does not fit the schema (the same; the message names the element);
//   - an amount or a sum has more than 18 digits (the same);
//   - w fails.
//
// It costs O(n) for n entries, two passes, and a few kilobytes of memory.
func Write(w io.Writer, s *ledger.Statement, opts *Options) error {
	if opts == nil {
		opts = &Options{}
	}
	if err := sheet.Check(s); err != nil {
		return err
	}
	if s.By != ledger.ByBooking {
		return fmt.Errorf("%w camt.053: it tells what was booked on the days, so the statement must be by booking", ledger.ErrInvalid)
	}
	m := message{Options: opts, s: s, version: opts.Version, zone: s.Zone}
	if m.version == 0 {
		m.version = V08
	}
	if m.zone == nil {
		m.zone = time.UTC
	}
	if m.version.namespace() == "" {
		return fmt.Errorf("%w camt.053: version %d, want 2 or 8", ledger.ErrInvalid, m.version)
	}
	if err := m.writeTo(io.Discard); err != nil {
		return err
	}
	return m.writeTo(w)
}

// message is a statement on its way out.
type message struct {
	*Options
	s       *ledger.Statement
	version Version
	zone    *time.Location
	*encoder
}

func (m message) writeTo(w io.Writer) error {
	m.encoder = newEncoder(w)
	m.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	m.open("Document", ` xmlns="`+m.version.namespace()+`"`)
	m.in("BkToCstmrStmt", func() {
		m.in("GrpHdr", func() {
			m.text("MsgId", m.MessageID, 35)
			m.created()
		})
		m.in("Stmt", m.statement)
	})
	m.close()
	return m.end()
}

func (m *message) created() {
	if m.Created.IsZero() {
		m.refuse("CreDtTm", "want an instant, there is none")
	}
	m.stamp("CreDtTm", m.Created)
}

// stamp writes an instant in the statement's zone. XML Schema knows years of four digits, and zones up to 14 hours from UTC.
func (m *message) stamp(name string, at time.Time) {
	const furthest = 14 * 60 * 60
	t := at.In(m.zone)
	_, offset := t.Zone()
	switch {
	case t.Year() < 1 || t.Year() > 9999:
		m.refuse(name, "want an instant of the years 1 to 9999")
	case offset > furthest || offset < -furthest:
		m.refuse(name, "the zone is more than 14 hours from UTC")
	}
	m.leaf(name, "", t.Format(instant))
}

func (m *message) statement() {
	id := m.StatementID
	if id == "" {
		id = m.MessageID
	}
	m.text("Id", id, 35)
	if m.Sequence > maxNumber {
		m.refuse("ElctrncSeqNb", "more than 18 digits")
	} else if m.Sequence > 0 {
		m.leaf("ElctrncSeqNb", "", strconv.FormatUint(m.Sequence, 10))
	}
	m.created()
	m.in("FrToDt", m.days)
	m.in("Acct", m.account)
	m.balance("OPBD", m.onCredit(m.s.Opening), m.s.From.String())
	m.balance("CLBD", m.onCredit(m.s.Closing), m.s.To.String())
	if m.Available != (money.Amount{}) {
		if m.Available.Currency() != m.s.Currency {
			m.refuse("Bal", "CLAV is not in the statement's currency")
		}
		m.balance("CLAV", m.Available, m.s.To.String())
	}
	m.in("TxsSummry", m.summary)
	for i := range m.s.Entries {
		if m.err != nil {
			return
		}
		m.n = i + 1
		m.in("Ntry", func() { m.entry(&m.s.Entries[i]) })
	}
	m.n = 0
}

// days writes the first instant of the first day, and the last second of the last one.
func (m *message) days() {
	m.stamp("FrDtTm", m.s.From.Start(m.zone))
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, m.zone)
	if next := m.s.To.AddDays(1); next.Valid() {
		last = next.Start(m.zone).Add(-time.Second)
	}
	m.stamp("ToDtTm", last)
}

func (m *message) account() {
	id := m.Account
	if id == (AccountID{}) {
		id.Other = m.s.Account
	}
	m.id(id)
	m.leaf("Ccy", "", m.s.Currency.Code())
	name := m.Name
	if name == "" {
		name = m.s.Name
	}
	m.optional("Nm", name, 70)
	if m.Owner != "" {
		m.in("Ownr", func() { m.text("Nm", m.Owner, 140) })
	}
	if m.Servicer != "" {
		name := "BICFI"
		if m.version == V02 {
			name = "BIC"
		}
		m.in("Svcr", func() {
			m.in("FinInstnId", func() {
				m.refuse(name, checkBIC(m.Servicer, m.version))
				m.leaf(name, "", m.Servicer)
			})
		})
	}
}

// id writes an account's identification.
func (m *message) id(id AccountID) {
	m.in("Id", func() {
		switch {
		case id.IBAN != "" && id.Other != "":
			m.refuse("IBAN", "there is another identification beside it")
		case id.IBAN != "":
			m.refuse("IBAN", checkIBAN(id.IBAN))
			m.leaf("IBAN", "", id.IBAN)
		default:
			m.in("Othr", func() { m.text("Id", id.Other, 34) })
		}
	})
}

// onCredit returns a balance of the account as what stands on its credit side, which is what its owner has with the bank.
func (m *message) onCredit(a money.Amount) money.Amount {
	if m.s.Type.Normal() == ledger.Credit {
		return a
	}
	if neg, err := a.Neg(); err == nil {
		return neg
	}
	m.refuse("Bal", "more than 18 digits")
	return a
}

// balance writes a balance that is positive on the credit side. Zero stands on that side, too.
func (m *message) balance(code string, a money.Amount, day string) {
	m.in("Bal", func() {
		m.in("Tp", func() { m.in("CdOrPrtry", func() { m.leaf("Cd", "", code) }) })
		m.amount(a)
		m.side(sideOf(a))
		m.in("Dt", func() { m.leaf("Dt", "", day) })
	})
}

// sideOf returns the side of an amount that is positive on the credit side.
func sideOf(a money.Amount) ledger.Side {
	if a.Sign() < 0 {
		return ledger.Debit
	}
	return ledger.Credit
}

// summary writes how many entries there are and what they sum to.
func (m *message) summary() {
	credits, debits := m.s.Credits, m.s.Debits
	sum, err := credits.Amount.Add(debits.Amount)
	if err != nil {
		m.refuse("TtlNtries", "more than 18 digits")
		return
	}
	net, err := credits.Amount.Sub(debits.Amount)
	if err != nil { // never: both are positive
		m.refuse("TtlNtries", "more than 18 digits")
		return
	}
	m.in("TtlNtries", func() {
		m.count(credits.Count + debits.Count)
		m.number("Sum", "", sum)
		if m.version == V02 {
			m.number("TtlNetNtryAmt", "", net)
			m.side(sideOf(net))
			return
		}
		m.in("TtlNetNtry", func() {
			m.number("Amt", "", net)
			m.side(sideOf(net))
		})
	})
	m.in("TtlCdtNtries", func() { m.total(credits) })
	m.in("TtlDbtNtries", func() { m.total(debits) })
}

func (m *message) total(t ledger.Total) {
	m.count(t.Count)
	m.number("Sum", "", t.Amount)
}
