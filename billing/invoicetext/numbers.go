package invoicetext

import (
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/internal/terms"
	"github.com/payrules/payrules/money"
)

// amount is an amount with the decimals of its currency, as the language writes numbers.
func (m *maker) amount(a money.Amount) string {
	if a == (money.Amount{}) {
		a = money.New(0, m.v.Currency)
	}
	return m.number(a.Number())
}

// negative is an amount with the other sign.
func (m *maker) negative(a money.Amount) string {
	if s, positive := strings.CutPrefix(a.Number(), "-"); positive || a.Sign() == 0 {
		return m.number(s)
	}
	return m.number("-" + a.Number())
}

// price is a price with the decimals of the currency at least.
func (m *maker) price(p billing.Price) string {
	s := p.String()
	_, part, broken := strings.Cut(s, ".")
	least := m.v.Currency.MinorUnits()
	if !broken && least > 0 {
		s += "."
	}
	return m.number(s + strings.Repeat("0", max(0, least-len(part))))
}

// number writes a decimal number as the language does: 1234567.5 is 1 234 567,5 in French, with spaces that do not break, and 1,234,567.5
// in English.
func (m *maker) number(s string) string {
	group, point := "\u00a0", ","
	if m.w.language == English {
		group, point = ",", "."
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, broken := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteByte(whole[i])
	}
	if broken {
		b.WriteString(point)
		b.WriteString(part)
	}
	return b.String()
}

// rate is a rate in percent; of what is out of scope there is none. One without an end as a decimal number is a fraction.
func (m *maker) rate(v billing.VAT) string {
	if v.Category == billing.OutOfScope {
		return "-"
	}
	if s, ok := terms.Percent(v.Rate); ok {
		return m.number(s) + m.w.percent
	}
	return v.Rate.String()
}
