package camt

import (
	"strconv"

	"github.com/payrules/payrules/ledger"
)

// entry writes what stands in an element Ntry.
func (m *message) entry(e *ledger.Entry) {
	t := m.describe(e)
	m.leaf("NtryRef", "", strconv.FormatUint(uint64(e.Number), 10))
	m.amount(e.Amount)
	m.side(e.Side)
	if t.Reversal {
		m.leaf("RvslInd", "", "true")
	}
	if m.version == V02 {
		m.leaf("Sts", "", "BOOK")
	} else {
		m.in("Sts", func() { m.leaf("Cd", "", "BOOK") })
	}
	m.in("BookgDt", func() { m.leaf("Dt", "", m.s.Booked(e).String()) })
	m.in("ValDt", func() { m.leaf("Dt", "", e.Value.String()) })
	m.optional("AcctSvcrRef", t.ServicerRef, 35)
	m.in("BkTxCd", func() { m.code(t.Code) })
	if t.EndToEndID != "" || t.Counter != (Party{}) || t.Remittance != "" {
		m.in("NtryDtls", func() { m.in("TxDtls", func() { m.details(e, &t) }) })
	}
	m.optional("AddtlNtryInf", t.Info, 500)
}

func (m *message) code(c Code) {
	if c.Domain != "" || c.Family != "" || c.SubFamily != "" {
		m.in("Domn", func() {
			m.text("Cd", c.Domain, 4)
			m.in("Fmly", func() {
				m.text("Cd", c.Family, 4)
				m.text("SubFmlyCd", c.SubFamily, 4)
			})
		})
	}
	if c.Proprietary != "" || c.Issuer != "" {
		m.in("Prtry", func() {
			m.text("Cd", c.Proprietary, 35)
			m.optional("Issr", c.Issuer, 35)
		})
	}
}

// details writes the one transaction of an entry. The older version has no amount there that would mean the same.
func (m *message) details(e *ledger.Entry, t *Transaction) {
	if t.EndToEndID != "" {
		m.in("Refs", func() { m.text("EndToEndId", t.EndToEndID, 35) })
	}
	if m.version == V08 {
		m.amount(e.Amount)
		m.side(e.Side)
	}
	if t.Counter != (Party{}) {
		m.in("RltdPties", func() { m.party(e, t) })
	}
	if t.Remittance != "" {
		m.in("RmtInf", func() { m.text("Ustrd", t.Remittance, 140) })
	}
}

// party writes the other party: who paid what was credited, who got what was debited. In a reversal everybody keeps the role
// that they had in what is taken back.
func (m *message) party(e *ledger.Entry, t *Transaction) {
	role, p := "Dbtr", &t.Counter
	if (e.Side == ledger.Debit) != t.Reversal {
		role = "Cdtr"
	}
	if p.Name != "" {
		m.in(role, func() {
			if m.version == V02 {
				m.text("Nm", p.Name, 140)
			} else {
				m.in("Pty", func() { m.text("Nm", p.Name, 140) })
			}
		})
	}
	if p.Account != (AccountID{}) {
		m.in(role+"Acct", func() { m.id(p.Account) })
	}
}
