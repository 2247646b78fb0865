package money_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/money"
)

// Constants can be used as constants, which is what keeps anyone from changing them.
const _ = money.EUR

// The exponents that are not 2, all of them, by hand: whoever changes the list must change this too.
func TestMinorUnits(t *testing.T) {
	want := map[int][]money.Currency{
		0: {money.BIF, money.CLP, money.DJF, money.GNF, money.ISK, money.JPY, money.KMF, money.KRW, money.PYG, money.RWF,
			money.UGX, money.UYI, money.VND, money.VUV, money.XAF, money.XOF, money.XPF},
		3: {money.BHD, money.IQD, money.JOD, money.KWD, money.LYD, money.OMR, money.TND},
		4: {money.CLF, money.UYW},
	}
	twos := 0
	for _, c := range currencies {
		if c.MinorUnits() == 2 {
			twos++
		} else if !slices.Contains(want[c.MinorUnits()], c) {
			t.Errorf("%v has %d digits", c, c.MinorUnits())
		}
	}
	for digits, all := range want {
		for _, c := range all {
			if c.MinorUnits() != digits {
				t.Errorf("%v has %d digits, want %d", c, c.MinorUnits(), digits)
			}
		}
	}
	if twos != 139 || len(currencies) != 165 {
		t.Errorf("%d currencies, %d with 2 digits", len(currencies), twos)
	}
}

// The everyday ones, by hand.
func TestCurrencies(t *testing.T) {
	for _, tc := range []struct {
		c       money.Currency
		code    string
		numeric uint16
		name    string
	}{
		{money.EUR, "EUR", 978, "Euro"},
		{money.USD, "USD", 840, "US Dollar"},
		{money.GBP, "GBP", 826, "Pound Sterling"},
		{money.JPY, "JPY", 392, "Yen"},
		{money.CHF, "CHF", 756, "Swiss Franc"},
		{money.CZK, "CZK", 203, "Czech Koruna"},
		{money.PLN, "PLN", 985, "Zloty"},
		{money.SEK, "SEK", 752, "Swedish Krona"},
		{money.ALL, "ALL", 8, "Lek"},
		{money.USN, "USN", 997, "US Dollar (Next day)"},
	} {
		if tc.c.Code() != tc.code || tc.c.Numeric() != tc.numeric || tc.c.Name() != tc.name || tc.c.String() != tc.code ||
			fmt.Sprintf("%#v", tc.c) != "money."+tc.code || !tc.c.Valid() {
			t.Errorf("%s: got %q, %d, %q, %#v", tc.code, tc.c.Code(), tc.c.Numeric(), tc.c.Name(), tc.c)
		}
	}
}

// The package knows exactly what is in the list, row for row. (The list is read here by other code than the generator's.)
func TestTableAgreesWithList(t *testing.T) {
	file, err := os.Open("iso4217.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	valid := 0
	for _, row := range rows {
		c, err := money.ParseCurrency(row[0])
		if row[2] == "N.A." {
			wantError(t, err, money.ErrNoMinorUnit)
			continue
		}
		valid++
		got := []string{c.Code(), fmt.Sprintf("%03d", c.Numeric()), fmt.Sprint(c.MinorUnits()), c.Name()}
		if err != nil || !slices.Equal(got, row) {
			t.Errorf("got %v, %v; want %v", got, err, row)
		}
		if same, err := money.CurrencyFromNumeric(c.Numeric()); err != nil || same != c {
			t.Errorf("%s: by number %v, %v", row[0], same, err)
		}
	}
	if len(currencies) != valid || len(rows) != 178 {
		t.Errorf("%d currencies for %d of %d rows", len(currencies), valid, len(rows))
	}
	// Ranging can be stopped.
	for c := range money.Currencies() {
		if c != money.ALL {
			t.Errorf("the first by number is %v", c)
		}
		break
	}
}

// Every number that is no code is not valid, and says nothing that could pass for a currency.
func TestInvalidCurrencies(t *testing.T) {
	valid := map[money.Currency]bool{}
	for _, c := range currencies {
		valid[c] = true
	}
	for n := range 1 << 16 {
		c := money.Currency(n)
		if valid[c] != c.Valid() {
			t.Fatalf("%d: Valid is %v", n, c.Valid())
		}
		if c.Valid() {
			continue
		}
		if c.Code() != "" || c.String() != "XXX" || c.Numeric() != 0 || c.MinorUnits() != 0 || c.Name() != "" {
			t.Fatalf("%d: got %q, %q, %d, %d, %q", n, c.Code(), c.String(), c.Numeric(), c.MinorUnits(), c.Name())
		}
		if want := fmt.Sprintf("money.Currency(%d)", n); fmt.Sprintf("%#v", c) != want {
			t.Fatalf("got %#v, want %s", c, want)
		}
		if _, err := c.MarshalText(); err == nil {
			t.Fatalf("%d: written as text", n)
		}
		_, err := money.CurrencyFromNumeric(uint16(n))
		wantError(t, err, money.ErrUnknownCurrency)
	}
}

// FuzzParseCurrency: exactly the codes of the table are taken, and read back to themselves.
func FuzzParseCurrency(f *testing.F) {
	for _, s := range []string{"EUR", "eur", "Eur", "EU", "EURO", "", "ZZZ", "XAU", "XXX", "978", "€", "E\x00R", "ÉUR", strings.Repeat("E", 99)} {
		f.Add(s)
	}
	codes := map[string]money.Currency{}
	for _, c := range currencies {
		codes[c.Code()] = c
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := money.ParseCurrency(s)
		want, ok := codes[s]
		if c != want || ok != (err == nil) {
			t.Fatalf("%q: got %v, %v", s, c, err)
		}
		changed := money.USD
		if err := changed.UnmarshalText([]byte(s)); (err == nil) != ok || !ok && changed != money.USD || ok && changed != want {
			t.Fatalf("%q: UnmarshalText gave %v, %v", s, changed, err)
		}
		if !ok {
			wantParseError(t, err)
			return
		}
		if text, err := c.MarshalText(); err != nil || string(text) != s {
			t.Fatalf("%q: written as %q, %v", s, text, err)
		}
	})
}
