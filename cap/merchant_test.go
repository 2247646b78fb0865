package cap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// No more than 80 EUR a day in cash, and nothing at all for gambling; what is not known of a merchant is in no list.
func ExampleScope() {
	day := cap.Rolling(24 * time.Hour)
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "cash", Max: money.New(80_00, money.EUR), Window: day, Scope: cap.Scope{
			Include: cap.Filter{Channels: []cap.Channel{cap.ATM, cap.Cash}},
		}},
		{Name: "gambling", Max: money.New(0, money.EUR), Window: day, Scope: cap.Scope{
			Include: cap.Filter{Categories: []cap.MCCRange{{From: 7800, To: 7802}, {From: 7995, To: 7995}}},
			Exclude: cap.Filter{Merchants: []string{"STATE-LOTTERY"}},
		}},
	}, nil)
	meter := cap.NewMeter(policy)
	pay := func(id string, merchant *cap.Merchant) {
		d, err := meter.Authorize(cap.Spend{ID: id, At: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC), Amount: money.New(50_00, money.EUR), Merchant: merchant})
		if err != nil {
			fmt.Println("could not decide:", err)
			return
		}
		fmt.Println(id, d.Outcome())
	}
	pay("machine", &cap.Merchant{Channel: cap.ATM, Country: "FR"})
	pay("machine again", &cap.Merchant{Channel: cap.ATM, Country: "FR"})
	pay("casino", &cap.Merchant{Category: 7995})
	pay("lottery", &cap.Merchant{Category: 7995, ID: "STATE-LOTTERY"})
	pay("somewhere", nil)
	// Output:
	// machine approved
	// machine again refused
	// casino refused
	// lottery approved
	// somewhere approved
}

// A merchant category code is four digits as text, and never a number: 0742 would lose its zero.
func TestMCCJSON(t *testing.T) {
	for code := cap.MCC(1); code <= 9999; code++ {
		text, err := json.Marshal(code)
		var back cap.MCC
		if err != nil || len(text) != 6 || string(text) != `"`+code.String()+`"` || json.Unmarshal(text, &back) != nil || back != code {
			t.Fatalf("%d: got %s %v, and back %d", code, text, err, back)
		}
	}
	for _, code := range []cap.MCC{0, 10000, 65535} {
		if text, err := json.Marshal(code); !errors.Is(err, cap.ErrInvalid) {
			t.Errorf("%d: got %s %v, want ErrInvalid", code, text, err)
		}
	}
	for _, text := range []string{`5411`, `742`, `"742"`, `"0000"`, `"54110"`, `"+541"`, `"-541"`, `" 541"`, `"5_41"`, `"0x1f"`, `"٥٤١١"`, `""`, `null`, `true`, `["5411"]`, `{}`} {
		code := cap.MCC(7)
		if err := json.Unmarshal([]byte(text), &code); !errors.Is(err, cap.ErrInvalid) || code != 7 {
			t.Errorf("%s: got %d %v, want ErrInvalid and the code as it was", text, code, err)
		}
	}
	var code cap.MCC
	if err := code.UnmarshalJSON([]byte(`"` + strings.Repeat("9", 1<<16) + `"`)); !errors.Is(err, cap.ErrInvalid) || len(err.Error()) > 200 {
		t.Errorf("a long code: got %.300v", err)
	}
}

// A merchant says what is known of it, and nothing of what is not.
func TestMerchantJSON(t *testing.T) {
	for _, row := range []struct {
		merchant cap.Merchant
		text     string
	}{
		{cap.Merchant{}, `{}`},
		{cap.Merchant{Category: 742}, `{"mcc":"0742"}`},
		{cap.Merchant{ID: "HOTEL-77", Category: 7011, Country: "FR", Channel: cap.ECommerce}, `{"id":"HOTEL-77","mcc":"7011","country":"FR","channel":"ecommerce"}`},
	} {
		text, err := json.Marshal(row.merchant)
		var back cap.Merchant
		if err != nil || string(text) != row.text || json.Unmarshal(text, &back) != nil || back != row.merchant {
			t.Errorf("got %s %v and back %+v, want %s", text, err, back, row.text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m := cap.Merchant{
			ID: rapid.String().Draw(t, "id"), Category: cap.MCC(rapid.IntRange(0, 9999).Draw(t, "mcc")),
			Country: cap.Country(rapid.SampledFrom([]string{"", "FR", "US"}).Draw(t, "country")),
			Channel: rapid.SampledFrom(append(cap.Channels(), "")).Draw(t, "channel"),
		}
		text, err := json.Marshal(m)
		var back cap.Merchant
		if err != nil || json.Unmarshal(text, &back) != nil || back != m {
			t.Fatalf("%+v: got %s %v, and back %+v", m, text, err, back)
		}
	})
}

// What a spend says of its merchant is checked, and the error names the field.
func TestMerchantErrors(t *testing.T) {
	meter := cap.NewMeter(cap.MustPolicy(money.EUR, []cap.Limit{{Name: "x", MaxCount: 9, Window: cap.Lifetime(), Scope: cap.Scope{
		Exclude: cap.Filter{Countries: []cap.Country{"FR"}},
	}}}, nil))
	for _, row := range []struct {
		merchant cap.Merchant
		want     string // "": it is taken
	}{
		{cap.Merchant{}, ""},
		{cap.Merchant{ID: strings.Repeat("x", cap.MaxID), Category: 9999, Country: "ZZ", Channel: cap.Transfer}, ""},
		{cap.Merchant{ID: strings.Repeat("x", cap.MaxID+1)}, "merchant.id"},
		{cap.Merchant{ID: "a\x00"}, "merchant.id"},
		{cap.Merchant{ID: "\xff"}, "merchant.id"},
		{cap.Merchant{Category: 10000}, "merchant.mcc"},
		{cap.Merchant{Country: "fr"}, "merchant.country"},
		{cap.Merchant{Country: "FRA"}, "merchant.country"},
		{cap.Merchant{Country: "É"}, "merchant.country"}, // two bytes too
		{cap.Merchant{Channel: "ATM"}, "merchant.channel"},
		{cap.Merchant{Channel: "atm "}, "merchant.channel"},
	} {
		_, err := meter.Authorize(cap.Spend{ID: "x", At: at(0), Amount: eur(1), Merchant: &row.merchant})
		if (err == nil) != (row.want == "") || err != nil && (!errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%+v: got %v, want %s", row.merchant, err, row.want)
		}
	}
}

// Channels lists each channel once, and gives a list of one's own.
func TestChannels(t *testing.T) {
	seen := map[cap.Channel]bool{}
	for _, c := range cap.Channels() {
		if !c.Valid() || seen[c] {
			t.Errorf("%s is not valid, or there twice", c)
		}
		seen[c] = true
	}
	cap.Channels()[0] = "x"
	if len(seen) != 8 || cap.Channels()[0] != cap.ATM || cap.Channel("").Valid() || cap.Country("").Valid() {
		t.Errorf("got %v", cap.Channels())
	}
}

// A range of categories has one text, and no other text is a range.
func TestMCCRangeText(t *testing.T) {
	for _, row := range []struct {
		text string
		want cap.MCCRange
	}{
		{"0001", cap.MCCRange{From: 1, To: 1}},
		{"5411", cap.MCCRange{From: 5411, To: 5411}},
		{"7800-7999", cap.MCCRange{From: 7800, To: 7999}},
		{"0001-9999", cap.MCCRange{From: 1, To: 9999}},
	} {
		var got cap.MCCRange
		err := got.UnmarshalText([]byte(row.text))
		back, wrong := got.MarshalText()
		if err != nil || wrong != nil || got != row.want || string(back) != row.text {
			t.Errorf("%s: got %v %v, and back %s %v", row.text, got, err, back, wrong)
		}
	}
	for _, text := range []string{"", "-", "0000", "541", "5411-", "-5411", "5411-5411", "5412-5411", "5411 - 5412", "5411-5412-5413", "0000-0001", "+541"} {
		got := cap.MCCRange{From: 1, To: 2}
		if err := got.UnmarshalText([]byte(text)); !errors.Is(err, cap.ErrInvalid) || got != (cap.MCCRange{From: 1, To: 2}) {
			t.Errorf("%q: got %v %v, want ErrInvalid", text, got, err)
		}
	}
	for _, r := range []cap.MCCRange{{}, {From: 1}, {To: 1}, {From: 2, To: 1}, {From: 9999, To: 10000}} {
		if text, err := r.MarshalText(); !errors.Is(err, cap.ErrInvalid) || r.Valid() {
			t.Errorf("%v: got %s %v, want ErrInvalid", r, text, err)
		}
	}
}
