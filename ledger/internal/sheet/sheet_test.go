package sheet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/internal/sheet"
	"github.com/payrules/payrules/ledger/internal/sheettest"
	"github.com/payrules/payrules/money"
)

// A statement that adds up passes; whatever is changed in one of its figures, dates or sides, it does not any more.
func TestCheck(t *testing.T) {
	for name, s := range sheettest.Scenes() {
		if err := sheet.Check(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }
	for _, tc := range []struct {
		want string
		edit func(s *ledger.Statement)
	}{
		{"currency", func(s *ledger.Statement) { s.Currency = 0 }},
		{"type", func(s *ledger.Statement) { s.Type = 0 }},
		{"from, to", func(s *ledger.Statement) { s.From = 0 }},
		{"from, to", func(s *ledger.Statement) { s.To = 4_000_000 }},
		{"from, to", func(s *ledger.Statement) { s.From = s.To + 1 }},
		{"by", func(s *ledger.Statement) { s.By = 0 }},
		{"opening", func(s *ledger.Statement) { s.Opening = money.Amount{} }},
		{"opening", func(s *ledger.Statement) { s.Currency = money.USD }},
		{"entry 1: its balance", func(s *ledger.Statement) { s.Opening = eur(20_01) }},
		{"entry 2: its balance", func(s *ledger.Statement) { s.Entries[1].Balance = eur(-15_50) }},
		{"entry 2: its balance", func(s *ledger.Statement) { s.Entries[1].Side = ledger.Credit }},
		{"entry 2: it has no side", func(s *ledger.Statement) { s.Entries[1].Side = 3 }},
		{"entry 1: want an amount", func(s *ledger.Statement) { s.Entries[0].Amount = eur(0) }},
		{"entry 1: want an amount", func(s *ledger.Statement) { s.Entries[0].Amount = money.New(35_50, money.USD) }},
		{"entry 2: want a day", func(s *ledger.Statement) { s.Entries[1].At = time.Time{} }},
		{"entry 2: want a day", func(s *ledger.Statement) { s.Entries[1].Value = 0 }},
		{"entry 1: it is not of", func(s *ledger.Statement) { s.Entries[0].At = s.Entries[0].At.Add(-24 * time.Hour) }},
		{"entry 2: it is not of", func(s *ledger.Statement) { s.By, s.Entries[1].Value = ledger.ByValue, s.To+1 }},
		{"entry 2: its number", func(s *ledger.Statement) { s.Entries[1].Number = 1 }},
		{"entry 2: money: subtract: out of range", func(s *ledger.Statement) {
			s.Opening, s.Entries[0].Balance = eur(-1<<63+35_50), eur(-1<<63)
		}},
		{"closing", func(s *ledger.Statement) { s.Closing = eur(-15_52) }},
		{"debits", func(s *ledger.Statement) { s.Debits.Count++ }},
		{"debits", func(s *ledger.Statement) { s.Debits.Amount = eur(35_50) }},
		{"credits", func(s *ledger.Statement) { s.Credits.Amount = money.Amount{} }},
	} {
		s := sheettest.Scenes()["overdrawn"]
		tc.edit(s)
		if err := sheet.Check(s); !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "statement: "+tc.want) {
			t.Errorf("want %q, got %v", tc.want, err)
		}
	}
	if err := sheet.Check(nil); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("nil: got %v", err)
	}
	// By value date, those of one day keep the order of booking, but the numbers of the days do not follow each other.
	s := sheettest.Scenes()["overdrawn"]
	s.By, s.Entries[0].Number, s.Entries[1].Number = ledger.ByValue, 8, 5
	if err := sheet.Check(s); err != nil {
		t.Error(err)
	}
}

// What is drawn at random adds up.
func TestRandomAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sheettest.Random(sheettest.Source{
			Int:  func(label string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(t, label) },
			Text: func(label string, most int) string { return rapid.StringN(0, most, -1).Draw(t, label) },
		})
		if err := sheet.Check(s); err != nil {
			t.Fatal(err)
		}
	})
}
