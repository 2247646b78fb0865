package camt_test

import (
	"bytes"
	"flag"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/camt"
	"github.com/payrules/payrules/ledger/internal/sheettest"
	"github.com/payrules/payrules/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

var created = time.Date(2026, 11, 21, 5, 30, 0, 250_000_000, time.UTC)

// options are those of the golden file of that name.
func options(name string) *camt.Options {
	o := &camt.Options{MessageID: "STMT-2026-11-20-" + strings.ToUpper(name), Created: created}
	switch name {
	case "yen", "empty":
		return o
	case "reversal":
		o.Describe = func(e *ledger.Entry, t *camt.Transaction) {
			t.Code = camt.Code{Domain: "PMNT", Family: "ICDT", SubFamily: "ESCT", Proprietary: e.Code, Issuer: "Example Bank"}
			t.Counter = camt.Party{Name: "Housing Co-op", Account: camt.AccountID{IBAN: "DE89370400440532013000"}}
			t.Info = "Credit transfer"
		}
	}
	o.StatementID, o.Sequence, o.Owner, o.Servicer = "2026/324", 324, "Zoë Kowalska", "EXBKPLPWXXX"
	o.Account.IBAN = "PL61109010140000071219812874"
	if name == "overdrawn" {
		o.Available = money.New(184_49, money.EUR)
	}
	return o
}

// written returns the message of a statement.
func written(t testing.TB, s *ledger.Statement, o *camt.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := camt.Write(&b, s, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// characters are what texts are drawn from: all kinds that XML can hold.
var characters = []rune("aZ09 &<>\"'/-\t\n\r]äéłß—€漢字ﷺא𝒲🏦\u0301\u200d\ufffd\u0085\u2028")

// source draws a random statement by rapid.
func source(t *rapid.T) sheettest.Source {
	return sheettest.Source{
		Int: func(label string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(t, label) },
		Text: func(label string, most int) string {
			return rapid.StringOfN(rapid.SampledFrom(characters), 0, most, -1).Draw(t, label)
		},
	}
}

// random draws a statement, and options with which it can be written.
func random(t *rapid.T) (*ledger.Statement, *camt.Options) {
	from := source(t)
	s := sheettest.Random(from)
	text := func(label string, most int) string { return from.Text(label, most) }
	yes := func(label string) bool { return from.Int(label, 0, 1) == 1 }
	o := &camt.Options{
		Version: rapid.SampledFrom([]camt.Version{0, camt.V02, camt.V08}).Draw(t, "version"), MessageID: "m" + text("message", 34),
		Created: created.Add(time.Duration(from.Int("created", -1e15, 1e15)) * time.Microsecond), StatementID: text("statement", 35),
		Sequence: uint64(from.Int("sequence", 0, 1e18-1)), Owner: text("owner", 140), Name: text("other name", 70),
	}
	if yes("servicer") {
		o.Servicer = "EXBKPLPW"
	}
	if yes("iban") {
		o.Account.IBAN = "NL91ABNA0417164300"
	}
	if yes("available") {
		o.Available = money.New(from.Int("available", -1e18+1, 1e18-1), s.Currency)
	}
	if yes("describe") {
		// Describe must do the same twice: what it says is drawn once.
		said := camt.Transaction{
			ServicerRef: text("servicer ref", 35), EndToEndID: text("end to end", 35), Reversal: yes("reversal"), Info: text("info", 500),
			Counter: camt.Party{Name: text("party", 140), Account: camt.AccountID{Other: text("party account", 34)}}, Remittance: text("remittance", 140),
		}
		if yes("domain") {
			said.Code.Domain, said.Code.Family, said.Code.SubFamily = "d"+text("domain", 3), "f"+text("family", 3), "s"+text("sub", 3)
		}
		if yes("proprietary") {
			said.Code.Proprietary, said.Code.Issuer = "p"+text("own", 34), text("issuer", 35)
		}
		o.Describe = func(_ *ledger.Entry, t *camt.Transaction) { *t = said }
	}
	return s, o
}
