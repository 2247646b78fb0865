package ledger_test

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

func someExchange() ledger.Exchange {
	day := onDay("2027-03-01")
	return ledger.Exchange{
		ID: "fx-1", At: noonOf(day), Value: day, From: "anna-eur", To: "anna-usd", Sell: money.New(100_00, money.EUR), Buy: money.USD,
		Rate: rateOf("1.083451"), FromLiquidity: "liquidity-eur", ToLiquidity: "liquidity-usd",
		Rounding: money.HalfEven, Pay: money.Down, Remainder: "rounding",
	}
}

// carried is a price in minor units, rounded by hand: scale is what the decimals of the two currencies differ by.
func carried(minor int64, rate money.Rate, scale *big.Rat, mode money.Rounding) int64 {
	r := new(big.Rat).Mul(new(big.Rat).SetInt64(minor), ratOf(rate))
	return roundedTo(r.Mul(r, scale), mode)
}

// Law L1 of an exchange: every currency sums to zero; who buys gets the price as Pay rounds it, the liquidity account gives it as
// Rounding does, and the account for remainders has the difference.
func TestExchangeLaws(t *testing.T) {
	digits := map[money.Currency]int64{money.JPY: 1, money.EUR: 100, money.BHD: 1000}
	currencies := []money.Currency{money.JPY, money.EUR, money.BHD}
	rapid.Check(t, func(t *rapid.T) {
		x := someExchange()
		sell := rapid.SampledFrom(currencies).Draw(t, "sell")
		x.Buy = rapid.SampledFrom(slices.DeleteFunc(slices.Clone(currencies), func(c money.Currency) bool { return c == sell })).Draw(t, "buy")
		x.Sell = money.New(rapid.Int64Range(1, 1_000_000).Draw(t, "minor"), sell)
		rate, err := money.NewRate(rapid.Int64Range(1, 300_000_000).Draw(t, "rate"), 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		x.Rate = rate
		x.Rounding = money.Rounding(rapid.IntRange(1, 4).Draw(t, "rounding"))
		x.Pay = money.Rounding(rapid.IntRange(1, 4).Draw(t, "pay"))
		if rapid.Bool().Draw(t, "fee") {
			x.Fee, x.FeeAccount = money.New(rapid.Int64Range(1, 1000).Draw(t, "fee minor"), sell), "fees"
		}
		scale := big.NewRat(digits[x.Buy], digits[sell])
		gives, gets := carried(x.Sell.Minor(), rate, scale, x.Rounding), carried(x.Sell.Minor(), rate, scale, x.Pay)
		p, err := x.Post()
		if gets == 0 {
			if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), " sell: ") {
				t.Fatalf("it buys nothing: got %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		sums, has := map[money.Currency]int64{}, map[string]int64{} // by account, debits above zero
		for _, l := range p.Legs {
			minor := l.Amount.Minor()
			if l.Side == ledger.Credit {
				minor = -minor
			}
			sums[l.Amount.Currency()] += minor
			has[l.Account] += minor
		}
		want := map[string]int64{
			"anna-eur": x.Sell.Minor() + x.Fee.Minor(), "liquidity-eur": -x.Sell.Minor(), "fees": -x.Fee.Minor(),
			"liquidity-usd": gives, "anna-usd": -gets, "rounding": gets - gives,
		}
		for account, minor := range want {
			if has[account] != minor {
				t.Errorf("%s: got %d, want %d", account, has[account], minor)
			}
		}
		if sums[sell] != 0 || sums[x.Buy] != 0 || len(sums) != 2 {
			t.Errorf("currencies do not balance: %v", sums)
		}
		if most := 7; len(p.Legs) > most {
			t.Errorf("%d legs", len(p.Legs))
		}
	})
}

// The exchange is booked, or refused, as a whole.
func TestExchangeIsBooked(t *testing.T) {
	l := ledger.NewLedger()
	day := onDay("2027-03-01")
	for id, c := range map[string]money.Currency{
		"anna-eur": money.EUR, "anna-usd": money.USD, "liquidity-eur": money.EUR, "liquidity-usd": money.USD, "rounding": money.USD,
		"fees": money.EUR, "cash": money.EUR,
	} {
		terms := ledger.Terms{Type: ledger.Liability, Currency: c, Unconstrained: true}
		if strings.HasPrefix(id, "anna") {
			terms.Unconstrained, terms.Limits = false, &ledger.Limits{Overdraft: ledger.NoOverdraft}
		}
		if d, err := l.DoAccount(id, ledger.Open{At: noonOf(day), Terms: terms}); err != nil || !d.Done() {
			t.Fatal(d, err)
		}
	}
	do := func(c ledger.Command) ledger.Decision {
		t.Helper()
		d, err := l.Do(c)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	do(ledger.Post{ID: "in", At: noonOf(day), Value: day, Legs: ledger.Move("cash", "anna-eur", money.New(100_99, money.EUR))})
	x := someExchange()
	x.Fee, x.FeeAccount = money.New(1_00, money.EUR), "fees"
	post := func() ledger.Post {
		t.Helper()
		p, err := x.Post()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if d := do(post()); d.Reason != ledger.OverdraftExceeded {
		t.Errorf("a cent too much: got %+v", d)
	}
	x.ID, x.Fee = "fx-2", money.New(99, money.EUR)
	if d := do(post()); !d.Done() {
		t.Errorf("got %+v", d)
	}
	if d := do(post()); d.Reason != ledger.Exists {
		t.Errorf("again: got %+v", d)
	}
	for id, want := range map[string]int64{
		"anna-eur": 0, "anna-usd": 108_34, "liquidity-eur": 100_00, "liquidity-usd": -108_35, "rounding": 1, "fees": 99,
	} {
		if got, _ := l.Account(id).BalanceOn(day); got.Minor() != want {
			t.Errorf("%s: got %s, want %d", id, got, want)
		}
	}
}

func TestExchangeErrorsNameTheField(t *testing.T) {
	for _, row := range []struct {
		field  string
		change func(x *ledger.Exchange)
	}{
		{"id", func(x *ledger.Exchange) { x.ID = "" }},
		{"value", func(x *ledger.Exchange) { x.Value = 0 }},
		{"from", func(x *ledger.Exchange) { x.From = "" }},
		{"to", func(x *ledger.Exchange) { x.To = "" }},
		{"to", func(x *ledger.Exchange) { x.To = x.From }},
		{"from_liquidity", func(x *ledger.Exchange) { x.FromLiquidity = "" }},
		{"from_liquidity", func(x *ledger.Exchange) { x.FromLiquidity = x.From }},
		{"to_liquidity", func(x *ledger.Exchange) { x.ToLiquidity = "" }},
		{"to_liquidity", func(x *ledger.Exchange) { x.ToLiquidity = x.To }},
		{"to_liquidity", func(x *ledger.Exchange) { x.ToLiquidity = x.FromLiquidity }},
		{"remainder", func(x *ledger.Exchange) { x.Remainder = "" }},
		{"remainder", func(x *ledger.Exchange) { x.Remainder = x.To }},
		{"remainder", func(x *ledger.Exchange) { x.Remainder = x.ToLiquidity }},
		{"sell", func(x *ledger.Exchange) { x.Sell = money.Amount{} }},
		{"sell", func(x *ledger.Exchange) { x.Sell = money.New(-1, money.EUR) }},
		{"sell", func(x *ledger.Exchange) { x.Sell, x.Rate = money.New(1, money.EUR), rateOf("0.1") }},
		{"buy", func(x *ledger.Exchange) { x.Buy = money.EUR }},
		{"buy", func(x *ledger.Exchange) { x.Buy = 0 }},
		{"rate", func(x *ledger.Exchange) { x.Rate = money.Rate{} }},
		{"rate", func(x *ledger.Exchange) { x.Rate = rateOf("-1") }},
		{"rounding", func(x *ledger.Exchange) { x.Rounding = 0 }},
		{"pay", func(x *ledger.Exchange) { x.Pay = 0 }},
		{"rounding", func(x *ledger.Exchange) { x.Sell, x.Rate = money.New(1<<62, money.EUR), rateOf("1000") }},
		{"fee", func(x *ledger.Exchange) { x.Fee, x.FeeAccount = money.New(0, money.EUR), "fees" }},
		{"fee", func(x *ledger.Exchange) { x.Fee, x.FeeAccount = money.New(-1, money.EUR), "fees" }},
		{"fee", func(x *ledger.Exchange) { x.Fee, x.FeeAccount = money.New(1, money.USD), "fees" }},
		{"fee_account", func(x *ledger.Exchange) { x.Fee = money.New(1, money.EUR) }},
		{"fee_account", func(x *ledger.Exchange) { x.FeeAccount = "fees" }},
		{"fee_account", func(x *ledger.Exchange) { x.Fee, x.FeeAccount = money.New(1, money.EUR), x.From }},
		{"text", func(x *ledger.Exchange) { x.Text = "\n" }},
	} {
		x := someExchange()
		row.change(&x)
		p, err := x.Post()
		if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "invalid "+row.field+":") {
			t.Errorf("%s: got %v", row.field, err)
		}
		if len(p.Legs) > 0 {
			t.Errorf("%s: an error, and a transfer", row.field)
		}
	}
}

// The recipe of TigerBeetle for a change of currency: four legs over two liquidity accounts, linked, with the fee as a leg of its
// own. There the host works out both amounts; here the exchange does, and says what became of the rounding.
func ExampleExchange() {
	p, err := ledger.Exchange{
		ID: "fx-981", At: noonOf(onDay("2027-03-01")), Value: onDay("2027-03-01"),
		From: "anna-eur", To: "anna-usd", Sell: money.New(100_00, money.EUR), Buy: money.USD, Rate: money.MustParseRate("1.08345"),
		FromLiquidity: "liquidity-eur", ToLiquidity: "liquidity-usd",
		Rounding: money.HalfAwayFromZero, Pay: money.Down, Remainder: "rounding",
		Fee: money.New(1_00, money.EUR), FeeAccount: "fees",
	}.Post()
	if err != nil {
		panic(err)
	}
	for _, l := range p.Legs {
		fmt.Println(l.Side, l.Account, l.Amount)
	}
	// Output:
	// debit anna-eur 100.00 EUR
	// credit liquidity-eur 100.00 EUR
	// debit liquidity-usd 108.35 USD
	// credit anna-usd 108.34 USD
	// credit rounding 0.01 USD
	// debit anna-eur 1.00 EUR
	// credit fees 1.00 EUR
}
