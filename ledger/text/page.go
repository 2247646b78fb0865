package text

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/internal/sheet"
	"github.com/payrules/payrules/money"
)

// Write writes a statement as a page, as the package documentation draws it.
//
// Write returns an error if the statement does not add up (it wraps [ledger.ErrInvalid], and nothing was written), or if w
// fails.
func Write(w io.Writer, s *ledger.Statement) error {
	if err := sheet.Check(s); err != nil {
		return err
	}
	p := page{bufio.NewWriter(w), widths(s)}
	p.head(s)
	for i := range s.Entries {
		e := &s.Entries[i]
		debit, credit := columns(e)
		p.line(s.Booked(e).String(), e.Value.String(), debit, credit, e.Balance.Number(), details(e))
	}
	p.rule()
	p.line("", "", s.Debits.Amount.Number(), s.Credits.Amount.Number(), s.Closing.Number(),
		fmt.Sprintf("closing balance, debits: %d, credits: %d", s.Debits.Count, s.Credits.Count))
	if err := p.Flush(); err != nil {
		return fmt.Errorf("text: write: %w", err)
	}
	return nil
}

// page writes lines of six columns. The writer keeps its first error for Flush.
type page struct {
	*bufio.Writer
	width [3]int // of debit, credit and balance
}

// widths returns how wide the columns of figures are: the totals are the largest of their columns.
func widths(s *ledger.Statement) [3]int {
	const least = 12
	width := func(a money.Amount) int { return max(least, len(a.Number())) }
	balance := max(width(s.Opening), width(s.Closing))
	for i := range s.Entries {
		balance = max(balance, width(s.Entries[i].Balance))
	}
	return [3]int{width(s.Debits.Amount), width(s.Credits.Amount), balance}
}

func (p *page) head(s *ledger.Statement) {
	by, zone, sum := "booking", s.Zone, "credits less debits"
	if s.By == ledger.ByValue {
		by = "value date"
	}
	if zone == nil {
		zone = time.UTC
	}
	if s.Type.Normal() == ledger.Debit {
		sum = "debits less credits"
	}
	p.field("Account", texts.Line(s.Account))
	p.field("Name", texts.Line(s.Name))
	p.field("Currency", s.Currency.Code())
	p.field("Days", fmt.Sprintf("%s to %s, by %s, %s", s.From, s.To, by, texts.Line(zone.String())))
	p.field("Balance", sum)
	p.put("\n")
	p.line("Booked", "Value", "Debit", "Credit", "Balance", "Details")
	p.rule()
	p.line("", "", "", "", s.Opening.Number(), "opening balance")
}

// field writes a line of the head, unless there is nothing to say.
func (p *page) field(name, value string) {
	if value != "" {
		p.put(fmt.Sprintf("%-8s  %s\n", name, value))
	}
}

func (p *page) line(booked, value, debit, credit, balance, details string) {
	line := fmt.Sprintf("%-10s  %-10s  %*s  %*s  %*s  %s", booked, value, p.width[0], debit, p.width[1], credit, p.width[2], balance, details)
	p.put(strings.TrimRight(line, " ") + "\n")
}

func (p *page) rule() {
	dashes := func(i int) string { return strings.Repeat("-", p.width[i]) }
	p.line("----------", "----------", dashes(0), dashes(1), dashes(2), "-------")
}

func (p *page) put(s string) { _, _ = p.WriteString(s) } // Flush says what went wrong

// columns returns an entry's amount in the column of its side.
func columns(e *ledger.Entry) (debit, credit string) {
	if e.Side == ledger.Debit {
		return e.Amount.Number(), ""
	}
	return "", e.Amount.Number()
}

// details describes an entry in one line.
func details(e *ledger.Entry) string {
	parts := make([]string, 0, 4)
	for _, s := range [...]string{e.Text, e.Reference} {
		if s = texts.Line(s); s != "" {
			parts = append(parts, s)
		}
	}
	if counter := texts.Line(e.Counter); counter != "" {
		word := "from "
		if e.Side == ledger.Debit {
			word = "to "
		}
		parts = append(parts, word+counter)
	}
	if reverses := texts.Line(e.Reverses); reverses != "" {
		parts = append(parts, "reverses "+reverses)
	}
	return strings.Join(parts, " | ")
}
