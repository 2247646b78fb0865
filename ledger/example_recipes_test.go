package ledger_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// The recipes that TigerBeetle documents (docs.tigerbeetle.com/coding/recipes), as this ledger does them. Where that is more
// than a matter of form, recipes_test.go has a test that says so.

// Balance bounds: an account stays between two balances. The limits of the account rule every transfer, and there is no control
// account to move money through.
func Example_balanceBounds() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }
	l := ledger.NewLedger()
	shared(l, "cash", at, ledger.Asset, money.EUR)
	open(l, "wallet", at, ledger.Limits{Overdraft: ledger.NoOverdraft, Minimum: eur(10_00), Maximum: eur(250_00)})

	post := func(id, from, to string, minor int64) {
		do(l, ledger.Post{ID: id, At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move(from, to, eur(minor))})
	}
	post("top-up", "cash", "wallet", 200_00)
	post("too-much", "cash", "wallet", 50_01)
	post("to-the-brim", "cash", "wallet", 50_00)
	post("too-little-left", "wallet", "cash", 240_01)
	post("to-the-bottom", "wallet", "cash", 240_00)
	// Output:
	// top-up posted
	// too-much refused: above_maximum
	// to-the-brim posted
	// too-little-left refused: below_minimum
	// to-the-bottom posted
}

// Balance-conditional transfers: move money only if an account has at least so much, in one transfer and nothing else.
func Example_balanceConditional() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }
	l := ledger.NewLedger()
	shared(l, "cash", at, ledger.Asset, money.EUR)
	open(l, "anna", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	open(l, "ben", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	do(l, ledger.Post{ID: "pay-in", At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move("cash", "anna", eur(100_00))})

	gift := func(id string, atLeast int64) {
		do(l, ledger.Post{
			ID: id, At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move("anna", "ben", eur(5_00)),
			If: []ledger.Condition{{Account: "anna", AtLeast: eur(atLeast)}},
		})
	}
	gift("rich", 100_00)
	gift("poor", 100_00)
	gift("rich-enough", 95_00)
	// Output:
	// pay-in posted
	// rich posted
	// poor refused: condition_not_met
	// rich-enough posted
}

// Currency exchange: a customer sells 100.00 USD for Indian rupees, and pays a fee. The rate, and what rounding leaves, are on
// record.
func Example_currencyExchange() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	l := ledger.NewLedger()
	shared(l, "cash-usd", at, ledger.Asset, money.USD)
	shared(l, "liquidity-usd", at, ledger.Liability, money.USD)
	shared(l, "liquidity-inr", at, ledger.Liability, money.INR)
	shared(l, "fees-usd", at, ledger.Income, money.USD)
	shared(l, "rounding-inr", at, ledger.Income, money.INR)
	for id, c := range map[string]money.Currency{"anna-usd": money.USD, "anna-inr": money.INR} {
		terms := ledger.Terms{Type: ledger.Liability, Currency: c, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}
		if _, err := l.DoAccount(id, ledger.Open{At: at, Terms: terms}); err != nil {
			fmt.Println(err)
		}
	}
	do(l, ledger.Post{ID: "pay-in", At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move("cash-usd", "anna-usd", money.New(150_00, money.USD))})

	exchange, err := ledger.Exchange{
		ID: "to-inr", At: at, Value: civil.DateOf(at, nil), From: "anna-usd", To: "anna-inr",
		Sell: money.New(100_00, money.USD), Buy: money.INR, Rate: money.MustParseRate("82.42135"),
		FromLiquidity: "liquidity-usd", ToLiquidity: "liquidity-inr",
		Rounding: money.Up, Pay: money.Down, Remainder: "rounding-inr",
		Fee: money.New(10, money.USD), FeeAccount: "fees-usd",
	}.Post()
	if err != nil {
		fmt.Println(err)
		return
	}
	do(l, exchange)
	for _, id := range []string{"anna-usd", "anna-inr", "liquidity-usd", "liquidity-inr", "fees-usd", "rounding-inr"} {
		fmt.Println(id, l.Account(id).Balance(at).Booked)
	}
	// Output:
	// pay-in posted
	// to-inr posted
	// anna-usd 49.90 USD
	// anna-inr 8242.13 INR
	// liquidity-usd 100.00 USD
	// liquidity-inr -8242.14 INR
	// fees-usd 0.10 USD
	// rounding-inr 0.01 INR
}

// Rate limiting: three requests in any minute. Every request holds a unit for a minute, and nothing is ever captured: the holds
// end by themselves. A unit is a cent here.
func Example_rateLimiting() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	units := func(n int64) money.Amount { return money.New(n, money.EUR) }
	l := ledger.NewLedger()
	shared(l, "operator", at, ledger.Equity, money.EUR)
	open(l, "user", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	do(l, ledger.Post{ID: "limit", At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move("operator", "user", units(3))})

	request := func(id string, after time.Duration) {
		now := at.Add(after)
		do(l, ledger.Hold{ID: id, At: now, Expires: now.Add(time.Minute), Value: civil.DateOf(now, nil), Legs: ledger.Move("user", "operator", units(1))})
	}
	request("1", 0)
	request("2", 20*time.Second)
	request("3", 40*time.Second)
	request("4", time.Minute-time.Microsecond)
	request("5", time.Minute)
	request("6", time.Minute)
	// Output:
	// limit posted
	// 1 held
	// 2 held
	// 3 held
	// 4 refused: overdraft_exceeded
	// 5 held
	// 6 refused: overdraft_exceeded
}

// Closing an account: what it has, however much that is, moves elsewhere; then it is closed. It can be opened again.
func Example_closeAccount() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	l := ledger.NewLedger()
	shared(l, "cash", at, ledger.Asset, money.EUR)
	open(l, "anna", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	pay := func(id, from, to string, minor int64, atMost bool) {
		do(l, ledger.Post{ID: id, At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move(from, to, money.New(minor, money.EUR)), AtMost: atMost})
	}
	say := func(c ledger.AccountCommand) {
		d, err := l.DoAccount("anna", c)
		fmt.Printf("%T %s %v\n", c, d.Reason, err)
	}
	pay("pay-in", "cash", "anna", 12_34, false)
	say(ledger.Close{At: at})
	pay("closing-entry", "anna", "cash", ledger.MaxBalance, true)
	fmt.Println(l.Transfer("closing-entry").Booked()[0].Amount)
	say(ledger.Close{At: at})
	pay("late", "cash", "anna", 1, false)
	say(ledger.Reopen{At: at})
	pay("late-again", "cash", "anna", 1, false)
	// Output:
	// pay-in posted
	// ledger.Close balance_not_zero <nil>
	// closing-entry posted
	// 12.34 EUR
	// ledger.Close  <nil>
	// late refused: account_closed
	// ledger.Reopen  <nil>
	// late-again posted
}

// Correcting transfers: nothing is changed or deleted. A transfer is taken back as a whole by another one that knows it, once;
// or a part of it by any transfer.
func Example_correctingTransfers() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	day := civil.DateOf(at, nil)
	usd := func(minor int64) money.Amount { return money.New(minor, money.USD) }
	l := ledger.NewLedger()
	for _, id := range []string{"a", "x", "y"} {
		shared(l, id, at, ledger.Asset, money.USD)
	}
	do(l, ledger.Post{ID: "123456", At: at, Value: day, Legs: []ledger.Leg{
		ledger.CreditLeg("a", usd(100_50)), ledger.DebitLeg("x", usd(100_00)), ledger.DebitLeg("y", usd(50)),
	}})
	do(l, ledger.Post{ID: "123456-discount", At: at, Value: day, Details: ledger.Details{Reference: "123456", Code: "CORRECTION"}, Legs: []ledger.Leg{
		ledger.DebitLeg("a", usd(10_05)), ledger.CreditLeg("x", usd(10_00)), ledger.CreditLeg("y", usd(5)),
	}})
	fmt.Println(l.Account("a").Balance(at).Booked, l.Account("x").Balance(at).Booked, l.Account("y").Balance(at).Booked)

	do(l, ledger.Reverse{ID: "123456-back", Transfer: "123456", At: at, Details: ledger.Details{Text: "wrong customer"}})
	do(l, ledger.Reverse{ID: "123456-back-again", Transfer: "123456", At: at})
	fmt.Println("123456 is", l.Transfer("123456").Status(at), "by", l.Transfer("123456").ReversedBy())
	// Output:
	// 123456 posted
	// 123456-discount posted
	// -90.45 USD 90.00 USD 0.45 USD
	// 123456-back posted
	// 123456-back-again refused: already_reversed
	// 123456 is reversed by 123456-back
}

// Two-phase transfers: reserve, then book in full or in part, give back, or let the reservation end.
func Example_twoPhase() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }
	l := ledger.NewLedger()
	shared(l, "cash", at, ledger.Asset, money.EUR)
	open(l, "a", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	open(l, "b", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	do(l, ledger.Post{ID: "pay-in", At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move("cash", "a", eur(500))})
	for _, id := range []string{"full", "part", "void", "end"} {
		do(l, ledger.Hold{ID: id, At: at, Expires: at.Add(time.Hour), Value: civil.DateOf(at, nil), Legs: ledger.Move("a", "b", eur(123))})
	}
	do(l, ledger.Capture{ID: "post-full", Transfer: "full", At: at})
	do(l, ledger.Capture{ID: "post-part", Transfer: "part", At: at, Amount: eur(100)})
	do(l, ledger.Void{ID: "void-it", Transfer: "void", At: at})
	b := l.Account("a").Balance(at)
	fmt.Println("a has", b.Booked, "and", b.Outgoing, "is held")
	b = l.Account("a").Balance(at.Add(time.Hour))
	fmt.Println("a has", b.Booked, "and", b.Outgoing, "is held")
	// Output:
	// pay-in posted
	// full held
	// part held
	// void held
	// end held
	// post-full captured
	// post-part captured
	// void-it voided
	// a has 2.77 EUR and 1.23 EUR is held
	// a has 2.77 EUR and 0.00 EUR is held
}

// Transfers of many debits and many credits are one transfer, without an account between them.
func Example_manyDebitsManyCredits() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }
	l := ledger.NewLedger()
	for _, id := range []string{"a", "b", "c", "x", "y", "z"} {
		shared(l, id, at, ledger.Asset, money.EUR)
	}
	do(l, ledger.Post{ID: "split", At: at, Value: civil.DateOf(at, nil), Legs: []ledger.Leg{
		ledger.DebitLeg("a", eur(100_00)), ledger.DebitLeg("b", eur(50_00)), ledger.DebitLeg("c", eur(10_00)),
		ledger.CreditLeg("x", eur(140_00)), ledger.CreditLeg("y", eur(15_00)), ledger.CreditLeg("z", eur(5_00)),
	}})
	fmt.Println(l.Account("x").Balance(at).Booked)
	// Output:
	// split posted
	// -140.00 EUR
}
