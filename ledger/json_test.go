package ledger_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// The types without the methods that write JSON by hand.
type (
	plainEntry    ledger.EntryBooked
	plainHeld     ledger.AmountHeld
	plainPosted   ledger.TransferPosted
	plainTransfer ledger.TransferHeld
	plainCaptured ledger.TransferCaptured
	plainOrder    ledger.Order
)

// What is written by hand is what encoding/json writes, and is read back as it was.
func TestWrittenByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.Just(""), rapid.StringOf(rapid.RuneFrom([]rune("aZ09 <>&\"\\\u2028é世\t"))))
		instant := rapid.Custom(func(t *rapid.T) time.Time {
			return money.FromUnixMicro(rapid.Int64Range(0, 253402300799999999).Draw(t, "at"))
		})
		amount := rapid.Custom(func(t *rapid.T) money.Amount {
			return money.New(rapid.Int64Range(1, ledger.MaxBalance).Draw(t, "minor"), rapid.SampledFrom([]money.Currency{money.EUR, money.JPY, money.BHD}).Draw(t, "currency"))
		})
		maybe := func(name string) money.Amount {
			if rapid.Bool().Draw(t, name) {
				return amount.Draw(t, name)
			}
			return money.Amount{}
		}
		details := ledger.Details{Reference: text.Draw(t, "reference"), Text: text.Draw(t, "text"), Code: text.Draw(t, "code")}
		var ends time.Time
		if rapid.Bool().Draw(t, "expires") {
			ends = instant.Draw(t, "expires")
		}
		legs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ledger.Leg {
			return ledger.Leg{Account: text.Draw(t, "account"), Side: ledger.Side(rapid.IntRange(1, 2).Draw(t, "side")), Amount: amount.Draw(t, "amount")}
		}), 0, 3).Draw(t, "legs")
		side := ledger.Side(rapid.IntRange(1, 2).Draw(t, "side"))
		value := civil.Date(rapid.Int32Range(1, 3652059).Draw(t, "value"))
		rate := rapid.SampledFrom([]money.Rate{{}, money.MustParseRate("1.0835"), money.MustParseRate("1/3")}).Draw(t, "rate")
		forced := rapid.Bool().Draw(t, "forced")
		at := instant.Draw(t, "at")

		entry := ledger.EntryBooked{
			Transfer: text.Draw(t, "transfer"), At: at, Value: value, Side: side, Amount: amount.Draw(t, "amount"),
			Released: maybe("released"), Balance: maybe("balance"), Counter: text.Draw(t, "counter"), Details: details,
			Reverses: text.Draw(t, "reverses"), Forced: forced,
		}
		held := ledger.AmountHeld{Transfer: "t", At: at, Expires: ends, Side: side, Amount: entry.Amount, Counter: entry.Counter, Forced: forced}
		posted := ledger.TransferPosted{
			Transfer: "t", At: at, Value: value, Legs: legs, Details: details, Rate: rate, Reverses: entry.Reverses, Interest: entry.Counter,
			Group: entry.Transfer, Forced: forced,
		}
		hold := ledger.TransferHeld{
			Transfer: "t", At: at, Value: value, Expires: ends, Legs: legs, Details: details, Rate: rate, Group: entry.Counter, Forced: forced,
		}
		captured := ledger.TransferCaptured{ID: "c", Transfer: "t", At: at, Value: value, Legs: legs, Keep: forced, Group: entry.Counter}
		order := ledger.Order{
			ID: entry.Transfer, At: at, Value: value, Legs: legs, Expires: ends, Details: details, AtMost: forced, Force: !forced, Rate: rate,
		}
		if forced {
			order.If = []ledger.Condition{{Account: entry.Counter, AtLeast: entry.Amount}}
		}
		for _, row := range []struct {
			byHand event.Appender
			plain  any
		}{
			{entry, plainEntry(entry)}, {held, plainHeld(held)}, {posted, plainPosted(posted)}, {hold, plainTransfer(hold)},
			{captured, plainCaptured(captured)}, {ledger.Post(order), plainOrder(order)}, {ledger.Hold(order), plainOrder(order)},
		} {
			got, err := row.byHand.AppendJSON(nil)
			want, wantErr := json.Marshal(row.plain)
			if err != nil || wantErr != nil || string(got) != string(want) {
				t.Fatalf("got %s, %v\nwant %s, %v", got, err, want, wantErr)
			}
		}
	})
}

// A command asked again with the same instant, in another zone and with what PostgreSQL does not keep of it, is the same.
func TestInstantsAreCanonical(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 123456000, time.UTC)
	other := at.Add(789).In(time.FixedZone("", 3600))
	value := civil.MustParseDate("2026-11-21")
	for _, commands := range [][2]any{
		{ledger.Post{At: at, Value: value}, ledger.Post{At: other, Value: value}},
		{ledger.Hold{At: at, Value: value, Expires: at}, ledger.Hold{At: other, Value: value, Expires: other}},
		{ledger.Capture{At: at}, ledger.Capture{At: other}},
		{ledger.Void{At: at}, ledger.Void{At: other}},
		{ledger.Expire{At: at}, ledger.Expire{At: other}},
		{ledger.Reverse{At: at}, ledger.Reverse{At: other}},
		{ledger.Capitalise{At: at, Through: value}, ledger.Capitalise{At: other.Add(time.Hour), Through: value}},
		{ledger.Accrue{At: at, Through: value}, ledger.Accrue{At: other.Add(time.Hour), Through: value}},
		{ledger.Linked{Steps: []ledger.Step{{Void: &ledger.Void{At: at}}}}, ledger.Linked{Steps: []ledger.Step{{Void: &ledger.Void{At: other}}}}},
		{ledger.Close{At: at}, ledger.Close{At: other}},
		{ledger.Reopen{At: at}, ledger.Reopen{At: other}},
		{ledger.SetBlock{At: at}, ledger.SetBlock{At: other}},
		{ledger.SetLimits{At: at, Limits: ledger.Limits{Overdraft: ledger.NoOverdraft}}, ledger.SetLimits{At: other, Limits: ledger.Limits{Overdraft: ledger.NoOverdraft}}},
		{ledger.EndPeriod{At: at, Through: value}, ledger.EndPeriod{At: other, Through: value}},
		{ledger.EndSharedPeriod{At: at, Through: value}, ledger.EndSharedPeriod{At: other, Through: value}},
		{ledger.Open{At: at, Terms: ledger.Terms{Type: ledger.Asset, Currency: money.EUR}}, ledger.Open{At: other, Terms: ledger.Terms{Type: ledger.Asset, Currency: money.EUR}}},
	} {
		a, err := json.Marshal(commands[0])
		b, err2 := json.Marshal(commands[1])
		if err != nil || err2 != nil || string(a) != string(b) {
			t.Errorf("%T: got %s, %v and %s, %v, want the same", commands[0], a, err, b, err2)
		}
	}
}
