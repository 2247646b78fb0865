package contract_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// refusesInput wants an error that wraps ErrInvalid, names a field and repeats nothing of a person.
func refusesInput(t *testing.T, about, field string, err error) {
	t.Helper()
	switch {
	case !errors.Is(err, contract.ErrInvalid):
		t.Errorf("%s: got %v, want one that wraps ErrInvalid", about, err)
	case !strings.Contains(err.Error(), field):
		t.Errorf("%s: %q does not name %s", about, err, field)
	case strings.Contains(err.Error(), "Larsson") || strings.Contains(err.Error(), "FR14"):
		t.Errorf("%s: %q says who it is about", about, err)
	}
}

func TestBadSubscription(t *testing.T) {
	for _, r := range []struct {
		about, field string
		change       func(*contract.Subscribe)
	}{
		{"no instant", "at", func(s *contract.Subscribe) { s.At = time.Time{} }},
		{"before 1970", "at", func(s *contract.Subscribe) { s.At = at("1969-12-31") }},
		{"no currency", "currency", func(s *contract.Subscribe) { s.Currency = money.Currency(0) }},
		{"an unknown currency", "currency", func(s *contract.Subscribe) { s.Currency = money.Currency(999) }},
		{"a limit of another", "limit", func(s *contract.Subscribe) { s.Limit = money.New(1, money.USD) }},
		{"no limit", "limit", func(s *contract.Subscribe) { s.Limit = money.Amount{} }},
		{"a limit of zero", "limit", func(s *contract.Subscribe) { s.Limit = eur(0) }},
		{"a limit below zero", "limit", func(s *contract.Subscribe) { s.Limit = eur(-1) }},
		{"no zone", "zone", func(s *contract.Subscribe) { s.Zone = "" }},
		{"the zone of the machine", "zone", func(s *contract.Subscribe) { s.Zone = "Local" }},
		{"an unknown zone", "zone", func(s *contract.Subscribe) { s.Zone = "Europe/Atlantis" }},
		{"a path", "zone", func(s *contract.Subscribe) { s.Zone = "../../etc/passwd" }},
		{"no first day", "valid_from", func(s *contract.Subscribe) { s.ValidFrom = 0 }},
		{"a first day that is too late", "valid_from", func(s *contract.Subscribe) { s.ValidFrom = day("9001-01-01") }},
		{"over before it begins", "valid_through", func(s *contract.Subscribe) { s.ValidThrough = s.ValidFrom - 1 }},
		{"a last day too late", "valid_through", func(s *contract.Subscribe) { s.ValidThrough = day("9999-12-31") }},
		{"no billing day", "billing_day", func(s *contract.Subscribe) { s.BillingDay = 0 }},
		{"the 29th", "billing_day", func(s *contract.Subscribe) { s.BillingDay = 29 }},
		{"the 30th", "billing_day", func(s *contract.Subscribe) { s.BillingDay = 30 }},
		{"no customer", "customer", func(s *contract.Subscribe) { s.Customer = party.Party{} }},
		{"a control character", "customer", func(s *contract.Subscribe) { s.Customer.Name = "Anna\x00Larsson" }},
		{"the seed's VAT number", "customer", func(s *contract.Subscribe) { s.Customer.VATNumber = "FR53157896342" }},
		{"a mandate's id too long", "mandate", func(s *contract.Subscribe) { s.Mandate = strings.Repeat("m", contract.MaxMandate+1) }},
		{"a novel", "why", func(s *contract.Subscribe) { s.Why = strings.Repeat("é", contract.MaxWhy+1) }},
	} {
		s := subscription()
		r.change(&s)
		_, err := try(contract.NewContract("k-1"), s)
		refusesInput(t, r.about, r.field, err)
	}
	for _, id := range []string{"", strings.Repeat("k", contract.MaxID+1), "a\nb", "\xff"} {
		_, err := try(contract.NewContract(id), subscription())
		refusesInput(t, "id", "contract", err)
	}
	s := subscription()
	s.Zone, s.ValidFrom, s.ValidThrough = "Pacific/Apia", day("2011-12-30"), day("2011-12-30")
	if d := decide(t, contract.NewContract("k-1"), s); d.Reason != contract.EndsBeforeItBegins {
		t.Errorf("the only day is one that the zone skipped: got %q", d.Reason)
	}
}

func TestBadAmendment(t *testing.T) {
	for about, set := range map[string]contract.Patch{
		"set":         {},
		"limit":       {Limit: eur(0)},
		"open_ended":  {OpenEnded: true, ValidThrough: day("2026-12-31")},
		"no_mandate":  {NoMandate: true, Mandate: "m-1"},
		"billing_day": {BillingDay: 30},
		"customer":    {Customer: party.Party{Name: "Anna Larsson"}},
	} {
		_, err := try(active(t), contract.Amend{At: at("2026-02-01"), Set: set})
		refusesInput(t, about, about, err)
	}
	_, err := try(active(t), contract.Suspend{At: at("2026-02-01"), EffectiveFrom: at("1900-01-01")})
	refusesInput(t, "effective in 1900", "effective_from", err)
}

func TestBadMandate(t *testing.T) {
	for _, r := range []struct {
		about, field string
		change       func(*contract.CreateMandate)
	}{
		{"a reference of 36 characters", "reference", func(c *contract.CreateMandate) { c.Reference = party.MandateReference(strings.Repeat("R", 36)) }},
		{"no reference", "reference", func(c *contract.CreateMandate) { c.Reference = "" }},
		{"a creditor id that is none", "creditor", func(c *contract.CreateMandate) { c.Creditor = "DE26ZZZ00000000000" }},
		{"the seed's IBAN", "iban", func(c *contract.CreateMandate) { c.IBAN = "FR7612548029989876543210917" }},
		{"a BIC that is none", "bic", func(c *contract.CreateMandate) { c.BIC = "BANK" }},
		{"no debtor", "debtor", func(c *contract.CreateMandate) { c.Debtor = "" }},
		{"a long creditor", "creditor_name", func(c *contract.CreateMandate) { c.CreditorName = strings.Repeat("x", contract.MaxName+1) }},
		{"no scheme", "scheme", func(c *contract.CreateMandate) { c.Scheme = 0 }},
		{"no kind", "kind", func(c *contract.CreateMandate) { c.Kind = 3 }},
		{"an unknown zone", "zone", func(c *contract.CreateMandate) { c.Zone = "Europe/Atlantis" }},
		{"another mandate's reference", "mandate", func(c *contract.CreateMandate) { c.Reference = "RUM-18" }},
	} {
		c := creation(contract.Core, contract.Recurrent)
		r.change(&c)
		m := contract.NewMandate(contract.MandateID(c.Creditor, c.Reference))
		if r.field == "mandate" {
			m = newMandate()
		}
		_, err := try(m, c)
		refusesInput(t, r.about, r.field, err)
	}
	m := activeMandate(t, contract.Recurrent)
	one := newMandate()
	decide(t, one, creation(contract.Core, contract.OneOff))
	for _, r := range []struct {
		about, field string
		to           *contract.Mandate
		command      contract.MandateCommand
	}{
		{"no date", "signed_on", m, contract.SignMandate{At: at("2026-02-01")}},
		{"collected before it was signed", "last_collection", m, contract.SignMandate{At: at("2026-02-01"), SignedOn: day("2026-01-31"), LastCollection: day("2026-01-30")}},
		{"a one-off that was collected", "last_collection", one, contract.SignMandate{At: at("2026-02-01"), SignedOn: day("2026-01-30"), LastCollection: day("2026-01-30")}},
		{"no date", "on", m, contract.RecordCollection{At: at("2026-02-01")}},
		{"a view that is not yet", "revision", m, contract.RecordCollection{At: at("2026-02-01"), On: day("2026-01-31"), Revision: 4}},
		{"nothing", "set", m, contract.AmendMandate{At: at("2026-02-01")}},
		{"the seed's IBAN", "iban", m, contract.AmendMandate{At: at("2026-02-01"), Set: contract.MandatePatch{IBAN: "FR7612548029989876543210917"}}},
	} {
		_, err := try(r.to, r.command)
		refusesInput(t, r.about, r.field, err)
	}
}

// What contradicts what is known is corrupt, and changes nothing.
func TestCorruptEvents(t *testing.T) {
	c := active(t)
	stamp := func(revision uint64, at, from time.Time) contract.Stamp {
		return contract.Stamp{Revision: revision, At: money.Instant(at), From: money.Instant(from)}
	}
	now := at("2026-02-01")
	other := contract.NewContract("k-2")
	subscribed, _ := subscription().Decide(other)
	mandate, _ := creation(contract.Core, contract.Recurrent).Decide(newMandate())
	before := c.Clone()
	for about, e := range map[string]event.Data{
		"a gap":                   contract.ContractSuspension{Stamp: stamp(4, now, now)},
		"twice":                   contract.ContractSuspension{Stamp: stamp(2, now, now)},
		"before the clock":        contract.ContractSuspension{Stamp: stamp(3, at("2025-12-01"), now)},
		"before it begins":        contract.ContractSuspension{Stamp: stamp(3, now, at("2025-12-31"))},
		"illegal":                 contract.ContractActivation{Stamp: stamp(3, now, now)},
		"not in UTC":              contract.ContractSuspension{Stamp: contract.Stamp{Revision: 3, At: now, From: now}},
		"an end without a date":   contract.ContractAmendment{Stamp: stamp(3, now, now), Set: contract.Patch{Limit: eur(1)}, Expires: now.Add(1).UTC()},
		"a date without an end":   contract.ContractAmendment{Stamp: stamp(3, now, now), Set: contract.Patch{ValidThrough: day("2026-03-01")}},
		"an end that is over":     contract.ContractAmendment{Stamp: stamp(3, now, now), Set: contract.Patch{ValidThrough: day("2026-03-01")}, Expires: money.Instant(now)},
		"nothing amended":         contract.ContractAmendment{Stamp: stamp(3, now, now)},
		"withdraws what is not":   contract.ChangeWithdrawal{Stamp: stamp(3, now, now), Change: 9},
		"withdraws what is there": contract.ChangeWithdrawal{Stamp: stamp(3, now, now), Change: 2},
		"of another contract":     subscribed[0],
		"of a mandate":            mandate[0],
	} {
		if err := c.Apply(e); !errors.Is(err, contract.ErrCorrupt) || !sameContract(c, before) {
			t.Errorf("%s: got %v, want one that wraps ErrCorrupt, and nothing changed", about, err)
		}
	}
	if err := contract.NewContract("k-1").Apply(contract.ContractActivation{Stamp: stamp(1, now, now)}); !errors.Is(err, contract.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
	for _, data := range []string{"", "{}", `{"id":"k-9","version":0,"revision":0,"clock":0}`, `{"id":"k-1","version":1,"revision":1,"clock":0}`} {
		if err := c.UnmarshalBinary([]byte(data)); !errors.Is(err, contract.ErrCorrupt) || !sameContract(c, before) {
			t.Errorf("%s: got %v", data, err)
		}
	}
}

// A snapshot that contradicts itself is none.
func TestCorruptSnapshots(t *testing.T) {
	c := active(t)
	for _, from := range []string{"2026-03-01", "2026-04-01", "2026-05-01"} {
		var command any = contract.Suspend{At: at("2026-02-01"), EffectiveFrom: at(from)}
		if from == "2026-04-01" {
			command = contract.Resume{At: at("2026-02-01"), EffectiveFrom: at(from)}
		}
		decide(t, c, command)
	}
	whole, err := c.MarshalBinary()
	if err != nil || contract.NewContract("k-1").UnmarshalBinary(whole) != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ about, from, to string }{
		{"a revision twice", `"revision":5,"at"`, `"revision":4,"at"`},
		{"a revision of nothing", `"revision":5,"at"`, `"revision":9,"at"`},
		{"out of order", "2026-04-30T22:00:00Z", "2026-01-30T22:00:00Z"},
		{"not legal", "contract.resumed.v1", "contract.suspended.v1"},
		{"before it begins", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
		{"an unknown event", "contract.resumed.v1", "contract.paused.v1"},
		{"a subscription again", "contract.resumed.v1", "contract.subscribed.v1"},
		{"more events than it says", `"version":5`, `"version":4`},
		{"a clock that stands before it", `"clock":17`, `"clock":16`},
		{"more than it knows", `"id":`, `"name":"","id":`},
	} {
		data := strings.Replace(string(whole), r.from, r.to, 1)
		if data == string(whole) {
			t.Fatalf("%s: %q is not in\n%s", r.about, r.from, whole)
		}
		into := contract.NewContract("k-1")
		if err := into.UnmarshalBinary([]byte(data)); !errors.Is(err, contract.ErrCorrupt) || into.Exists() {
			t.Errorf("%s: got %v", r.about, err)
		}
	}
}

// views that no contract has.
func TestBadViews(t *testing.T) {
	from := money.Instant(at("2026-01-01"))
	for about, change := range map[string]func(*contract.View){
		"contract":    func(v *contract.View) { v.Contract = "" },
		"revision":    func(v *contract.View) { v.Revision = 0 },
		"customer":    func(v *contract.View) { v.Customer.Name = "" },
		"currency":    func(v *contract.View) { v.Currency = 0 },
		"zone":        func(v *contract.View) { v.Zone = "Europe Paris" },
		"recorded_at": func(v *contract.View) { v.RecordedAt = at("2026-01-01") },
		"phases":      func(v *contract.View) { v.Phases = nil },
		"limit":       func(v *contract.View) { v.Phases[1].Limit = money.New(1, money.JPY) },
		"billing_day": func(v *contract.View) { v.Phases[0].BillingDay = 29 },
		"mandate":     func(v *contract.View) { v.Phases[1].Mandate = "m\n" },
		"moves":       func(v *contract.View) { v.Moves = []contract.Move{{From: v.RecordedAt, Customer: anna()}} },
		"no from":     func(v *contract.View) { v.Phases[0].From = from },
		"a draft":     func(v *contract.View) { v.Phases[0].Status = contract.Active },
		"status":      func(v *contract.View) { v.Phases[1].Status = 0 },
		"in order":    func(v *contract.View) { v.Phases = append(v.Phases, v.Phases[1]) },
		"cannot follow": func(v *contract.View) {
			p := v.Phases[1]
			p.From = p.From.Add(time.Hour)
			v.Phases[1].Status = contract.Cancelled
			v.Phases = append(v.Phases, p)
		},
		"1 to": func(v *contract.View) {
			for range 2 * contract.MaxChanges {
				v.Phases = append(v.Phases, v.Phases[1])
			}
		},
	} {
		v := active(t).View()
		change(&v)
		refusesInput(t, about, about, v.Validate())
	}
	for about, change := range map[string]func(*contract.MandateView){
		"scheme":          func(v *contract.MandateView) { v.Scheme = 0 },
		"kind":            func(v *contract.MandateView) { v.Kind = 0 },
		"iban":            func(v *contract.MandateView) { v.IBAN = "FR7612548029989876543210917" },
		"signed_on":       func(v *contract.MandateView) { v.SignedOn = 0 },
		"last_collection": func(v *contract.MandateView) { v.LastCollection = v.SignedOn - 1 },
		"amendment":       func(v *contract.MandateView) { v.Amendment = &contract.Amendment{} },
		"amendment: iban": func(v *contract.MandateView) { v.Amendment = &contract.Amendment{IBAN: "FR14"} },
		"phases":          func(v *contract.MandateView) { v.Phases = v.Phases[1:] },
	} {
		v := activeMandate(t, contract.Recurrent).View()
		change(&v)
		refusesInput(t, about, about, v.Validate())
	}
	var none contract.View
	if none.At(from) != (contract.Phase{}) || none.Validate() == nil {
		t.Error("a view of nothing is no view")
	}
	if v := contract.NewContract("k").View(); v.Validate() == nil {
		t.Error("a contract that is not there has no view")
	}
	if s := active(t).At(time.Time{}); s.Status != contract.Draft {
		t.Errorf("before all time it is %s", s.Status)
	}
}
