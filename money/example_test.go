package money_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/payrules/payrules/money"
)

// A purchase, its VAT, a cashback, and the clawback of a part of it.
func Example() {
	net := money.MustParseAmount("49.90", money.EUR)
	vat, _ := net.MulRate(money.MustParseRate("0.2"), money.HalfAwayFromZero)
	gross, _ := net.Add(vat)
	fmt.Println("gross:", gross)

	cashback, _ := gross.MulRate(money.MustParseRate("0.015"), money.Down)
	fmt.Println("cashback:", cashback)

	refund := money.MustParseAmount("19.96", money.EUR)
	share, _ := money.Ratio(refund, gross)
	clawback, _ := cashback.MulRate(share, money.HalfAwayFromZero)
	fmt.Println("refunded", share, "of it, clawback:", clawback)

	_, err := gross.Add(money.New(100, money.JPY))
	fmt.Println(errors.Is(err, money.ErrCurrencyMismatch), err)
	// Output:
	// gross: 59.88 EUR
	// cashback: 0.89 EUR
	// refunded 1/3 of it, clawback: 0.30 EUR
	// true money: add: currency mismatch: EUR and JPY
}

// Nothing is lost or made when an amount is divided.
func ExampleAmount_Allocate() {
	parts, _ := money.MustParseAmount("-100.00", money.EUR).Allocate([]int64{1, 1, 1, 0})
	fmt.Println(parts)
	// Output: [-33.34 EUR -33.33 EUR -33.33 EUR 0.00 EUR]
}

// A price of one currency in another is for whole units, whatever digits each has.
func ExampleAmount_Convert() {
	yen := money.New(1000, money.JPY)
	euro, _ := yen.Convert(money.MustParseRate("0.0061"), money.EUR, money.HalfEven)
	fmt.Println(euro)
	// Output: 6.10 EUR
}

// In JSON both number and currency are strings, and anything odd is refused.
func ExampleAmount_UnmarshalJSON() {
	var a money.Amount
	fmt.Println(json.Unmarshal([]byte(`{"amount":"12.34","currency":"EUR"}`), &a), a)
	fmt.Println(json.Unmarshal([]byte(`{"amount":12.34,"currency":"EUR"}`), &a))
	fmt.Println(json.Unmarshal([]byte(`{"amount":"12.345","currency":"EUR"}`), &a))
	// Output:
	// <nil> 12.34 EUR
	// money: amount as JSON: invalid syntax: byte 11: want a string
	// money: amount: not exact: 3 digits after the point, EUR has 2
}
