package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"pgregory.net/rapid"
)

// property checks a law: thirty times as often when the campaigns are to be long ones.
func property(t *testing.T, law func(*rapid.T)) {
	t.Helper()
	for range campaign.Size(1, 15) {
		rapid.Check(t, law)
	}
}

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

// at is an instant as clocks in Paris show it.
func at(text string) time.Time {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(form, text, loc); err == nil {
			return t
		}
	}
	panic(text)
}

func day(text string) civil.Date { return civil.MustParseDate(text) }

func anna() party.Party { return party.Party{Reference: "c-17", Name: "Anna Larsson"} }

// subscription is a contract as most tests have it: from 1 January 2026 on, 3,000.00 EUR.
func subscription() contract.Subscribe {
	return contract.Subscribe{At: at("2025-12-20"), Currency: money.EUR, Zone: "Europe/Paris", ValidFrom: day("2026-01-01"), Terms: contract.Terms{
		Customer: anna(), Limit: eur(3_000_00), BillingDay: contract.LastDay,
	}}
}

// aggregate is a contract or a mandate.
type aggregate interface {
	Apply(d event.Data) error
	Revision() uint64
	Changes() []contract.Change
}

// decide asks whatever it is given, and applies what was decided.
func decide(t testing.TB, a aggregate, command any) contract.Decision {
	t.Helper()
	d, err := try(a, command)
	if err != nil {
		t.Fatalf("%+v: %v", command, err)
	}
	return d
}

func try(a aggregate, command any) (contract.Decision, error) {
	var events []event.Data
	var err error
	var result func([]event.Data) contract.Decision
	switch c := command.(type) {
	case contract.Command:
		events, err = c.Decide(a.(*contract.Contract))
		result = c.Result
	case contract.MandateCommand:
		events, err = c.Decide(a.(*contract.Mandate))
		result = c.Result
	}
	if err != nil {
		return contract.Decision{}, err
	}
	for _, e := range events {
		if err := a.Apply(e); err != nil {
			return contract.Decision{}, fmt.Errorf("apply: %w", err)
		}
	}
	return result(events), nil
}

// row is one line of a story.
type row struct {
	command any
	want    string // "" if it is done; otherwise the reason, and what else the decision says
}

// said is what a decision says, as rows have it.
func said(d contract.Decision) string {
	out := string(d.Reason)
	if !d.Done() && d.Status != "" {
		out += ", is " + d.Status
	}
	if d.Change != 0 {
		out += fmt.Sprintf(", change %d", d.Change)
	}
	if !d.Bound.IsZero() {
		out += ", " + paris(d.Bound)
	}
	return out
}

func paris(t time.Time) string {
	text := t.In(at("2026-01-01").Location()).Format("2006-01-02 15:04")
	return strings.TrimSuffix(text, " 00:00")
}

func story(t *testing.T, a aggregate, rows []row) {
	t.Helper()
	for i, r := range rows {
		before := a.Revision()
		d := decide(t, a, r.command)
		if got := said(d); got != r.want {
			t.Errorf("row %d: %T: got %q, want %q", i+1, r.command, got, r.want)
		}
		done := uint64(0)
		if d.Done() {
			done = 1
		}
		if got := a.Revision() - before; got != done || d.Revision != done*a.Revision() {
			t.Errorf("row %d: %T: revision %d after %d, the decision says %d", i+1, r.command, a.Revision(), before, d.Revision)
		}
	}
}

// phases writes the phases of a contract's view, one a line.
func phases(c *contract.Contract) string {
	var out strings.Builder
	v := c.View()
	for _, p := range v.Phases {
		from := "always"
		if !p.From.IsZero() {
			from = paris(p.From)
		}
		fmt.Fprintf(&out, "%s %s %s %s\n", from, p.Status, p.Limit.Number(), p.Mandate)
	}
	return lines(out.String())
}

func mandatePhases(m *contract.Mandate) string {
	var out strings.Builder
	v := m.View()
	for _, p := range v.Phases {
		from := "always"
		if !p.From.IsZero() {
			from = paris(p.From)
		}
		fmt.Fprintf(&out, "%s %s\n", from, p.Status)
	}
	return lines(out.String())
}

// lines brings text to one form: no white space around a line, none empty.
func lines(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if want = lines(want); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
