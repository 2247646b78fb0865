package sepa_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// What a bank gets is what somebody has looked at: go test ./billing/sepa -update writes the files anew, and then look again.
func TestGolden(t *testing.T) {
	for name, m := range scenes() {
		for _, v := range []sepa.Version{sepa.V02, sepa.V08} {
			m.Version = v
			golden.File(t, fmt.Sprintf("testdata/%s-%02d.xml", name, v), written(t, m), *update)
		}
		m.Version = 0
		if !bytes.Contains(written(t, m), []byte("pain.008.001.08")) {
			t.Errorf("%s: the default is not V08", name)
		}
	}
}

// Collections of one due date, sequence type and creditor are one group, in an order of their own.
func TestGroups(t *testing.T) {
	groups, err := scenes()["core"].Groups()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range groups {
		ids := ""
		for _, c := range g.Collections {
			ids += " " + c.EndToEndID
		}
		got = append(got, fmt.Sprintf("%s %s %s %s %s %s:%s", g.ID, g.Due, g.Scheme, g.Sequence, g.Creditor, g.Sum.Number(), ids))
	}
	want := []string{
		"HORIZON-2026-11-23/1-1 2026-12-07 CORE FNAL FR83ZZZ459654 999999999.99: F2026-0005",
		"HORIZON-2026-11-23/1-2 2026-12-07 CORE OOFF FR83ZZZ459654 750.00: F2026-0006",
		"HORIZON-2026-11-23/1-3 2026-12-07 CORE RCUR FR83ZZZ459654 1144.86: F2026-0001 F2026-0003 F2026-0004",
		"HORIZON-2026-11-23/1-4 2026-12-08 CORE RCUR FR83ZZZ459654 20.00: F2026-0002",
		"HORIZON-2026-11-23/1-5 2026-12-09 CORE RCUR DE98ZZZ09999999999 12.34: F2026-0007",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

// Every field that is wrong is named, nothing is written, and Check says the same of a collection as Write.
func TestRefused(t *testing.T) {
	type set = func(m *sepa.Message, c *sepa.Collection)
	for _, tc := range []struct {
		field string
		set   set
	}{
		{"version", func(m *sepa.Message, _ *sepa.Collection) { m.Version = 3 }},
		{"id: want 1 to 30", func(m *sepa.Message, _ *sepa.Collection) { m.ID = "" }},
		{"id: more than 30", func(m *sepa.Message, _ *sepa.Collection) { m.ID = strings.Repeat("x", 31) }},
		{"id", func(m *sepa.Message, _ *sepa.Collection) { m.ID = "a//b" }},
		{"created_at", func(m *sepa.Message, _ *sepa.Collection) { m.CreatedAt = time.Time{} }},
		{"initiator: there is none", func(m *sepa.Message, _ *sepa.Collection) { m.Initiator = " " }},
		{"initiator: 71", func(m *sepa.Message, _ *sepa.Collection) { m.Initiator = strings.Repeat("ß", 35) + "x" }},
		{"initiator: more than", func(m *sepa.Message, _ *sepa.Collection) { m.Initiator = strings.Repeat("x", 1e6) }},
		{"creditors[0].id", func(m *sepa.Message, _ *sepa.Collection) { m.Creditors[0].ID = "FR84ZZZ459654" }},
		{"creditors[0].iban", func(m *sepa.Message, _ *sepa.Collection) { m.Creditors[0].IBAN = "" }},
		{"creditors[0].bic", func(m *sepa.Message, _ *sepa.Collection) { m.Creditors[0].BIC = "PSST" }},
		{"creditors[0].address: party: invalid town_name", func(m *sepa.Message, _ *sepa.Collection) { m.Creditors[0].Address.TownName = "" }},
		{"creditors[1].id: it is there twice", func(m *sepa.Message, _ *sepa.Collection) { m.Creditors[1] = m.Creditors[0] }},
		{"collections: there is none", func(m *sepa.Message, _ *sepa.Collection) { m.Collections = nil }},
		{"end_to_end_id: more than 35", func(_ *sepa.Message, c *sepa.Collection) { c.EndToEndID = strings.Repeat("x", 36) }},
		{"end_to_end_id", func(_ *sepa.Message, c *sepa.Collection) { c.EndToEndID = "Ä" }},
		{"collections[1].end_to_end_id: it is there twice", func(m *sepa.Message, c *sepa.Collection) { m.Collections = append(m.Collections, *c) }},
		{"mandate: contract: invalid reference", func(_ *sepa.Message, c *sepa.Collection) { c.Mandate.Reference = "/x" }},
		{"mandate: contract: invalid iban", func(_ *sepa.Message, c *sepa.Collection) { c.Mandate.IBAN = "NL50BANK1234567890" }},
		{"mandate: it is suspended", func(_ *sepa.Message, c *sepa.Collection) {
			c.Mandate.Phases = append(c.Mandate.Phases, contract.MandatePhase{From: created, Status: contract.MandateSuspended})
		}},
		{"mandate: it will be revoked", func(_ *sepa.Message, c *sepa.Collection) {
			c.Mandate.Phases = append(c.Mandate.Phases, contract.MandatePhase{From: created.Add(time.Hour), Status: contract.MandateRevoked})
		}},
		{"mandate.last_collection", func(_ *sepa.Message, c *sepa.Collection) {
			c.Mandate.Kind, c.Mandate.LastCollection = contract.OneOff, day("2026-11-20")
		}},
		{"mandate.creditor_name", func(_ *sepa.Message, c *sepa.Collection) { c.Mandate.CreditorName = strings.Repeat("ß", 36) }},
		{"mandate.debtor: sepa: invalid text: byte 5", func(_ *sepa.Message, c *sepa.Collection) { c.Mandate.Debtor = "Ana Ж" }},
		{"mandate.bic", func(m *sepa.Message, c *sepa.Collection) { m.Version, c.Mandate.BIC = sepa.V02, "1BNANL2A" }},
		{"mandate.bic", func(m *sepa.Message, c *sepa.Collection) { m.Version, c.Mandate.BIC = sepa.V02, "ABNANL1A" }},
		{"mandate.amendment.creditor_name", func(_ *sepa.Message, c *sepa.Collection) {
			c.Mandate.Amendment = &contract.Amendment{CreditorName: strings.Repeat("ß", 36)}
		}},
		{"collections[0].mandate.creditor: it is none of the creditors", func(m *sepa.Message, _ *sepa.Collection) { m.Creditors = m.Creditors[1:] }},
		{"collections[1].mandate.scheme", func(m *sepa.Message, c *sepa.Collection) {
			other := *c
			other.EndToEndID, other.Mandate.Scheme = "other", contract.B2B
			m.Collections = append(m.Collections, other)
		}},
		{"collections[1].mandate: a one-off", func(m *sepa.Message, c *sepa.Collection) {
			c.Mandate.Kind = contract.OneOff
			other := *c
			other.EndToEndID = "other"
			m.Collections = append(m.Collections, other)
		}},
		{"collections[1].mandate: a final", func(m *sepa.Message, c *sepa.Collection) {
			c.Sequence = sepa.Final
			other := *c
			other.EndToEndID = "other"
			m.Collections = append(m.Collections, other)
		}},
		{"mandate.bic: the account is outside", func(_ *sepa.Message, c *sepa.Collection) {
			c.Mandate.IBAN, c.Mandate.BIC = "CH9300762011623852957", ""
			c.Address = party.Address{TownName: "Bern", Country: "CH"}
		}},
		{"amount: SEPA", func(_ *sepa.Message, c *sepa.Collection) { c.Amount = money.New(1, money.CHF) }},
		{"amount: SEPA", func(_ *sepa.Message, c *sepa.Collection) { c.Amount = money.Amount{} }},
		{"amount: want", func(_ *sepa.Message, c *sepa.Collection) { c.Amount = eur("0.00") }},
		{"amount: want", func(_ *sepa.Message, c *sepa.Collection) { c.Amount = eur("-1.00") }},
		{"amount: want", func(_ *sepa.Message, c *sepa.Collection) { c.Amount = eur("1000000000.00") }},
		{"due: no date", func(_ *sepa.Message, c *sepa.Collection) { c.Due = 0 }},
		{"due: it is not a TARGET day", func(_ *sepa.Message, c *sepa.Collection) { c.Due = day("2026-12-25") }},
		{"due: the bank needs", func(_ *sepa.Message, c *sepa.Collection) { c.Due = day("2026-11-20") }},
		{"due: the bank needs", func(_ *sepa.Message, c *sepa.Collection) { c.Due = day("2026-11-23") }}, // today
		{"due: the bank needs", func(m *sepa.Message, c *sepa.Collection) {
			m.CreatedAt, c.Due = created.AddDate(0, 0, 5), day("2026-11-30")
		}}, // created on a Saturday
		{"mandate.signed_on", func(_ *sepa.Message, c *sepa.Collection) { c.Mandate.SignedOn = day("2026-12-08") }},
		{"sequence: want", func(_ *sepa.Message, c *sepa.Collection) { c.Sequence = "ALL" }},
		{"sequence: OOFF", func(_ *sepa.Message, c *sepa.Collection) { c.Sequence = sepa.OneOff }},
		{"sequence: OOFF", func(_ *sepa.Message, c *sepa.Collection) {
			c.Mandate.Kind, c.Sequence = contract.OneOff, sepa.Recurring
		}},
		{"remittance", func(_ *sepa.Message, c *sepa.Collection) { c.Remittance = strings.Repeat("x", 141) }},
		{"remittance", func(_ *sepa.Message, c *sepa.Collection) { c.Remittance = "a\nb" }},
		{"remittance", func(_ *sepa.Message, c *sepa.Collection) { c.Remittance = "a\xff" }},
		{"address: the account is outside", func(_ *sepa.Message, c *sepa.Collection) { c.Mandate.IBAN = "CH9300762011623852957" }},
		{"address.floor", func(m *sepa.Message, c *sepa.Collection) {
			m.Version, c.Address = sepa.V02, party.Address{Floor: "2", TownName: "Brest", Country: "FR"}
		}},
		{"address.town_name", func(_ *sepa.Message, c *sepa.Collection) {
			c.Address = party.Address{TownName: "東京", Country: "JP"}
		}},
	} {
		m := &sepa.Message{ID: "m", CreatedAt: created, Initiator: "i", Creditors: creditors(), Collections: []sepa.Collection{collection("1", "1.00", "2026-12-07")}}
		tc.set(m, &m.Collections[0])
		var b bytes.Buffer
		err := sepa.Write(&b, m)
		if !errors.Is(err, sepa.ErrInvalid) || !strings.Contains(err.Error(), tc.field) || b.Len() > 0 {
			t.Errorf("%s: got %v, and %d bytes", tc.field, err, b.Len())
		}
		if len(m.Collections) == 1 && strings.Contains(err.Error(), "collections[0].") && !strings.Contains(tc.field, "none of the creditors") {
			one := m.Check(&m.Collections[0])
			if one == nil || one.Error() != strings.Replace(err.Error(), "collections[0].", "", 1) {
				t.Errorf("%s: Check says %v, Write %v", tc.field, one, err)
			}
		}
	}
}

// The last day on which a collection can be handed in is the TARGET day before it is due.
func TestHandedInOnTheLastDay(t *testing.T) {
	m := scenes()["b2b"]
	m.CreatedAt, m.Collections[0].Due = created, day("2026-11-24")
	written(t, m)
	m.CreatedAt, m.Collections[0].Due = created.AddDate(0, 0, 5), day("2026-12-01") // a Saturday counts as Monday
	written(t, m)
}

// The bounds of a message are reached, and not exceeded.
func TestBounds(t *testing.T) {
	m := scenes()["b2b"]
	m.Collections = make([]sepa.Collection, sepa.MaxCollections+1)
	if err := sepa.Write(io.Discard, m); !errors.Is(err, sepa.ErrInvalid) || !strings.Contains(err.Error(), "collections: more than") {
		t.Error(err)
	}
	m = scenes()["core"]
	m.Creditors = make([]sepa.Creditor, sepa.MaxCreditors+1)
	if err := sepa.Write(io.Discard, m); !errors.Is(err, sepa.ErrInvalid) || !strings.Contains(err.Error(), "creditors: more than") {
		t.Error(err)
	}
	m = scenes()["b2b"]
	c, due := m.Collections[0], m.Collections[0].Due
	for i := range sepa.MaxGroups {
		c.EndToEndID, c.Due = fmt.Sprint(i), due
		due = sepa.NextTargetDay(due)
		m.Collections = append(m.Collections, c)
	}
	if _, err := m.Groups(); err != nil { // the first is of the same group as the one before
		t.Error(err)
	}
	c.EndToEndID, c.Due = "one more", due
	m.Collections = append(m.Collections, c)
	if _, err := m.Groups(); !errors.Is(err, sepa.ErrInvalid) || !strings.Contains(err.Error(), "groups") {
		t.Error(err)
	}
}

// failing fails after some bytes.
type failing int

func (f *failing) Write(p []byte) (int, error) {
	if *f -= failing(len(p)); *f < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// The error of a writer is told, wherever it fails.
func TestWriterFails(t *testing.T) {
	m := scenes()["core"]
	for _, n := range []failing{0, 100, 5000} {
		if err := sepa.Write(&n, m); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// What people write comes out in the characters of SEPA, or not at all.
func TestTransliterate(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", ""},
		{"Anna Larsson", "Anna Larsson"},
		{"Société Générale", "Societe Generale"},
		{"e\u0301te\u0301", "ete"}, // combining accents
		{"Weiß & Söhne", "Weiss + Sohne"},
		{"Łódź, Ångström, Œuvre, Ærø, Þór", "Lodz, Angstrom, OEuvre, AEro, THor"},
		{"İstanbul ğüşıöç", "Istanbul gusioc"},
		{"Ștefan Țepeș", "Stefan Tepes"},
		{`"quoted" <tag> [x] {y}; a_b~c|d\e`, `'quoted' (tag) (x) (y), a-b-c/d/e`},
		{"50 % @ #1!", "50 . . .1."},
		{"l’été – 3\u00a0€", "l'ete - 3 E"},
	} {
		got, err := sepa.Transliterate(tc.text)
		if got != tc.want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", tc.text, got, err, tc.want)
		}
		if again, err := sepa.Transliterate(got); again != got || err != nil {
			t.Errorf("%q: twice is %q, %v", got, again, err)
		}
	}
	for _, text := range []string{"Ελλάδα", "България", "漢字", "🏦", "a\tb", "a\x00", "\xff", "\u2028", "�"} {
		if got, err := sepa.Transliterate(text); !errors.Is(err, sepa.ErrInvalid) || got != "" {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	// All of Latin-1 and Latin Extended-A that are letters have another, as has all of ASCII that prints.
	for r := ' '; r < 0x180; r++ {
		if r >= 0x7f && r < 0xc0 || r == '×' || r == '÷' {
			continue
		}
		if _, err := sepa.Transliterate(string(r)); err != nil {
			t.Errorf("%q: %v", r, err)
		}
	}
}
