package text_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/text"
	"github.com/payrules/payrules/money"
)

// aDay is a day of a customer's account, as a ledger returns it.
func aDay() *ledger.Statement {
	day := civil.MustParseDate("2026-11-20")
	return &ledger.Statement{
		Account: "customer-7", Name: "Current account", Type: ledger.Liability, Currency: money.EUR,
		From: day, To: day, By: ledger.ByBooking, Zone: time.UTC,
		Opening: money.MustParseAmount("100.00", money.EUR), Closing: money.MustParseAmount("64.50", money.EUR),
		Debits:  ledger.Total{Count: 1, Amount: money.MustParseAmount("35.50", money.EUR)},
		Credits: ledger.Total{Amount: money.New(0, money.EUR)},
		Entries: []ledger.Entry{{
			Number: 12, Position: 4711, Transfer: "t-9", At: time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC), Value: day,
			Side: ledger.Debit, Amount: money.MustParseAmount("35.50", money.EUR), Balance: money.MustParseAmount("64.50", money.EUR),
			Counter: "merchant-9", Details: ledger.Details{Reference: "INV-42", Text: "Shoes, \"brown\""},
		}},
	}
}

// The page of a day.
func ExampleWrite() {
	if err := text.Write(os.Stdout, aDay()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Account   customer-7
	// Name      Current account
	// Currency  EUR
	// Days      2026-11-20 to 2026-11-20, by booking, UTC
	// Balance   credits less debits
	//
	// Booked      Value              Debit        Credit       Balance  Details
	// ----------  ----------  ------------  ------------  ------------  -------
	//                                                           100.00  opening balance
	// 2026-11-20  2026-11-20         35.50                       64.50  Shoes, "brown" | INV-42 | to merchant-9
	// ----------  ----------  ------------  ------------  ------------  -------
	//                                35.50          0.00         64.50  closing balance, debits: 1, credits: 0
}

// The same for a spreadsheet.
func ExampleWriteCSV() {
	var file strings.Builder
	if err := text.WriteCSV(&file, aDay()); err != nil {
		fmt.Println(err)
	}
	fmt.Print(strings.ReplaceAll(file.String(), "\r\n", "\n")) // as a terminal shows it
	// Output:
	// number,position,transfer,at,booked,value,debit,credit,currency,balance,reference,text,code,counter,reverses,forced
	// 12,4711,t-9,2026-11-20T09:30:00Z,2026-11-20,2026-11-20,35.50,,EUR,64.50,INV-42,"Shoes, ""brown""",,merchant-9,,false
}
