package camt_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/camt"
	"github.com/payrules/payrules/money"
)

// A day of a customer's account, with the bank's codes as those of ISO 20022.
func Example() {
	day := civil.MustParseDate("2026-11-20")
	s := &ledger.Statement{
		Account: "customer-7", Name: "Current account", Type: ledger.Liability, Currency: money.EUR,
		From: day, To: day, By: ledger.ByBooking, Zone: time.UTC,
		Opening: money.MustParseAmount("100.00", money.EUR), Closing: money.MustParseAmount("64.50", money.EUR),
		Debits:  ledger.Total{Count: 1, Amount: money.MustParseAmount("35.50", money.EUR)},
		Credits: ledger.Total{Amount: money.New(0, money.EUR)},
		Entries: []ledger.Entry{{
			Number: 12, Transfer: "0198e2f4-7c11-7d3a-9b5e-5d0f4c1b2a39", At: time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC), Value: day,
			Side: ledger.Debit, Amount: money.MustParseAmount("35.50", money.EUR), Balance: money.MustParseAmount("64.50", money.EUR),
			Counter: "merchant-9", Details: ledger.Details{Reference: "INV-42", Text: "Shoes & laces", Code: "SCT"},
		}},
	}
	var message strings.Builder
	err := camt.Write(&message, s, &camt.Options{
		MessageID: "STMT-2026-324", Created: time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC), Sequence: 324,
		Account: camt.AccountID{IBAN: "PL61109010140000071219812874"}, Owner: "Zoë Kowalska", Servicer: "EXBKPLPW",
		Describe: func(e *ledger.Entry, t *camt.Transaction) {
			if e.Code == "SCT" {
				t.Code = camt.Code{Domain: "PMNT", Family: "ICDT", SubFamily: "ESCT"}
			}
			t.Counter = camt.Party{Name: "Shoe Shop", Account: camt.AccountID{IBAN: "DE89370400440532013000"}}
		},
	})
	if err != nil {
		fmt.Println("could not write:", err)
		return
	}
	_, entry, _ := strings.Cut(message.String(), "<Ntry>")
	for line := range strings.Lines(entry) { // only the values
		if line = strings.TrimSpace(line); strings.Contains(line, "</") && !strings.HasPrefix(line, "</") {
			fmt.Println(line)
		}
	}
	// Output:
	// <NtryRef>12</NtryRef>
	// <Amt Ccy="EUR">35.50</Amt>
	// <CdtDbtInd>DBIT</CdtDbtInd>
	// <Cd>BOOK</Cd>
	// <Dt>2026-11-20</Dt>
	// <Dt>2026-11-20</Dt>
	// <AcctSvcrRef>0198e2f47c117d3a9b5e5d0f4c1b2a39</AcctSvcrRef>
	// <Cd>PMNT</Cd>
	// <Cd>ICDT</Cd>
	// <SubFmlyCd>ESCT</SubFmlyCd>
	// <EndToEndId>INV-42</EndToEndId>
	// <Amt Ccy="EUR">35.50</Amt>
	// <CdtDbtInd>DBIT</CdtDbtInd>
	// <Nm>Shoe Shop</Nm>
	// <IBAN>DE89370400440532013000</IBAN>
	// <Ustrd>Shoes &amp; laces</Ustrd>
}
