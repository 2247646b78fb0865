// Package sheettest makes statements for the tests of the packages that write them.
package sheettest

import (
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Complete fills in what follows from the opening balance and the entries: the balances, the totals and, where they have none,
// the entries' numbers. It panics if a sum does not fit.
func Complete(s *ledger.Statement) *ledger.Statement {
	must := func(a money.Amount, err error) money.Amount {
		if err != nil {
			panic(err)
		}
		return a
	}
	balance, number := s.Opening, event.Version(0)
	s.Debits, s.Credits = ledger.Total{Amount: money.New(0, s.Currency)}, ledger.Total{Amount: money.New(0, s.Currency)}
	for i := range s.Entries {
		e := &s.Entries[i]
		if e.Number == 0 {
			e.Number = number + 1
		}
		number = e.Number
		if e.Side == s.Type.Normal() {
			balance = must(balance.Add(e.Amount))
		} else {
			balance = must(balance.Sub(e.Amount))
		}
		e.Balance = balance
		total := &s.Credits
		if e.Side == ledger.Debit {
			total = &s.Debits
		}
		total.Count++
		total.Amount = must(total.Amount.Add(e.Amount))
	}
	s.Closing = balance
	return s
}

// Scenes returns the statements of the golden files, by name.
func Scenes() map[string]*ledger.Statement {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		panic(err)
	}
	day := civil.MustParseDate("2026-11-20")
	noon := time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC)
	scene := func(typ ledger.Type, opening money.Amount, entries ...ledger.Entry) *ledger.Statement {
		for i := range entries {
			e := &entries[i]
			e.Position = event.Position(1000 + 3*i)
			e.At, e.Value = noon.Add(time.Duration(i)*time.Minute), day
			if e.Transfer == "" {
				e.Transfer = fmt.Sprintf("transfer-%d", i+1)
			}
		}
		return Complete(&ledger.Statement{
			Account: "customer-7", Name: "Current account", Type: typ, Currency: opening.Currency(), From: day, To: day,
			By: ledger.ByBooking, Zone: warsaw, Opening: opening, Entries: entries,
		})
	}
	entry := func(side ledger.Side, amount money.Amount, counter string, d ledger.Details) ledger.Entry {
		return ledger.Entry{Side: side, Amount: amount, Counter: counter, Details: d}
	}
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }

	overdrawn := scene(ledger.Liability, eur(20_00),
		entry(ledger.Debit, eur(35_50), "merchant-9", ledger.Details{Reference: "CARD-5511", Text: "Shoes", Code: "CARD"}),
		entry(ledger.Debit, eur(1), "income/fees", ledger.Details{Text: "Overdraft fee", Code: "FEE"}))
	overdrawn.Entries[1].Forced = true
	yen := scene(ledger.Liability, money.New(0, money.JPY),
		entry(ledger.Credit, money.New(1_250_000, money.JPY), "", ledger.Details{Text: "給与 株式会社例"}),
		entry(ledger.Debit, money.New(80, money.JPY), "merchant-2", ledger.Details{}))
	yen.Zone = nil
	var many []ledger.Entry
	for i := range 24 {
		side, text := ledger.Debit, "Parking"
		if i%5 == 0 {
			side, text = ledger.Credit, "Sale"
		}
		many = append(many, entry(side, eur(int64(1+i*i*731)), "customer-"+fmt.Sprint(i), ledger.Details{Reference: fmt.Sprintf("E2E-%03d", i), Text: text}))
	}
	reversal := scene(ledger.Liability, eur(100_00),
		entry(ledger.Debit, eur(60_00), "customer-8", ledger.Details{Reference: "RF18539007547034", Text: "Rent", Code: "SCT"}),
		entry(ledger.Credit, eur(60_00), "customer-8", ledger.Details{Reference: "RF18539007547034", Text: "Rent, taken back", Code: "SCT"}))
	reversal.Entries[0].Transfer = "0198e2f4-7c11-7d3a-9b5e-5d0f4c1b2a39"
	reversal.Entries[1].Reverses = reversal.Entries[0].Transfer
	unicode := scene(ledger.Liability, eur(0),
		entry(ledger.Credit, eur(1_00), "łódź/ąęć", ledger.Details{Text: `Zoë & Søren <"it's"> — 東京都 🏦👩‍🚀`}),
		entry(ledger.Credit, eur(2_00), "", ledger.Details{Text: "שכר דירה نوفمبر 12", Reference: "é combining"}),
		entry(ledger.Debit, eur(3_00), "", ledger.Details{Text: "two\r\nlines\tand a tab, " + strings.Repeat("𝒲", 100)}))
	loan := scene(ledger.Asset, money.New(500_000, money.BHD),
		entry(ledger.Credit, money.New(20_125, money.BHD), "customer-7", ledger.Details{Text: "Instalment 3"}),
		entry(ledger.Debit, money.New(1_050, money.BHD), "income/interest", ledger.Details{Text: "Interest"}))
	loan.Name = ""
	return map[string]*ledger.Statement{
		"empty": scene(ledger.Liability, eur(100_00)), "overdrawn": overdrawn, "yen": yen,
		"many": scene(ledger.Liability, eur(5_000_00), many...), "reversal": reversal, "unicode": unicode, "loan": loan,
	}
}

// Source draws what a random statement is made of: whole numbers between two bounds, and texts of some characters or none.
type Source struct {
	Int  func(label string, low, high int64) int64
	Text func(label string, most int) string
}

// Random returns a statement by booking, over some days, of a size and content that the source says. Its sums have at most 17
// digits.
func Random(from Source) *ledger.Statement {
	currencies := [...]money.Currency{money.EUR, money.JPY, money.BHD, money.CLF}
	c := currencies[from.Int("currency", 0, int64(len(currencies))-1)]
	zones := [...]*time.Location{nil, time.FixedZone("east", 14*60*60), time.FixedZone("west", -9*60*60-30*60)}
	first := civil.MustParseDate("2026-03-28").AddDays(int(from.Int("first", 0, 1000)))
	s := &ledger.Statement{
		Account: "a" + from.Text("account", 33), Name: from.Text("name", 70), Type: ledger.Type(from.Int("type", 1, int64(ledger.Expense))),
		Currency: c, From: first, To: first.AddDays(int(from.Int("days", 0, 40))), By: ledger.ByBooking,
		Zone: zones[from.Int("zone", 0, int64(len(zones))-1)], Opening: money.New(from.Int("opening", -1e16, 1e16), c),
	}
	start, n := s.From.Start(s.Zone), from.Int("entries", 0, 6)
	span := int64(s.To.AddDays(1).Start(s.Zone).Sub(start) / time.Microsecond)
	for i := range n {
		s.Entries = append(s.Entries, ledger.Entry{
			Number: event.Version(2*i + 1), Position: event.Position(from.Int("position", 1, 1e12)), Transfer: "t" + from.Text("transfer", 34),
			At:    start.Add(time.Duration(i*span/n+from.Int("at", 0, span/n-1)) * time.Microsecond).UTC(),
			Value: first.AddDays(int(from.Int("value", -3, 3))), Side: ledger.Side(from.Int("side", 1, 2)),
			Amount: money.New(from.Int("amount", 1, 1e15), c), Counter: from.Text("counter", 34),
			Details:  ledger.Details{Reference: from.Text("reference", 35), Text: from.Text("text", 140), Code: from.Text("code", 35)},
			Reverses: from.Text("reverses", 5), Forced: from.Int("forced", 0, 1) == 1,
		})
	}
	return Complete(s)
}
