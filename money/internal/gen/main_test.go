package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The generated file is in step with the list.
func TestTableIsInStepWithList(t *testing.T) {
	list, err := os.ReadFile("../../iso4217.csv")
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(list)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../currency_table.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("currency_table.go is not what iso4217.csv gives: run go generate ./money")
	}
}

// A list that breaks what the table relies on is refused, and the message names the row.
func TestBadListIsRefused(t *testing.T) {
	const head = "# Published: 2026-01-01\n"
	for _, tc := range []struct{ name, list, want string }{
		{"no date", "EUR,978,2,Euro\n", "Published"},
		{"no rows", head, "no rows"},
		{"a column short", head + "EUR,978,2\n", "wrong number of fields"},
		{"small letters", head + "eur,978,2,Euro\n", `"eur"`},
		{"code twice", head + "EUR,978,2,Euro\nEUR,979,2,Euro\n", `"EUR"`},
		{"numeric twice", head + "EUR,978,2,Euro\nUSD,978,2,US Dollar\n", "USD: numeric"},
		{"numeric of two digits", head + "ALL,08,2,Lek\n", "ALL: numeric"},
		{"numeric zero", head + "ALL,000,2,Lek\n", "ALL: numeric"},
		{"numeric in words", head + "ALL,abc,2,Lek\n", "ALL: numeric"},
		{"five minor digits", head + "EUR,978,5,Euro\n", "EUR: minor units"},
		{"negative minor digits", head + "EUR,978,-1,Euro\n", "EUR: minor units"},
		{"no name", head + "EUR,978,2,\n", "EUR: no name"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := generate([]byte(tc.list))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want one with %q", err, tc.want)
			}
		})
	}
}
