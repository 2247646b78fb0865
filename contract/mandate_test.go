package contract_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/party"
)

const (
	creditor = party.CreditorID("FR83ZZZ459654")
	account  = party.IBAN("FR1420041010050500013M02606")
	account2 = party.IBAN("BE68539007547034")
)

// creation is a mandate as most tests have it.
func creation(scheme contract.Scheme, kind contract.MandateKind) contract.CreateMandate {
	return contract.CreateMandate{At: at("2026-01-05 10:00"), MandateTerms: contract.MandateTerms{
		Scheme: scheme, Kind: kind, Reference: "RUM-17", Creditor: creditor, CreditorName: "Agence Horizon", Debtor: "Anna Larsson",
		IBAN: account, Contract: "k-1", Zone: "Europe/Paris",
	}}
}

func newMandate() *contract.Mandate {
	return contract.NewMandate(contract.MandateID(creditor, "RUM-17"))
}

func signed(when string) contract.SignMandate {
	return contract.SignMandate{At: at(when), SignedOn: day("2026-01-06")}
}

func TestCoreMandate(t *testing.T) {
	m := newMandate()
	story(t, m, []row{
		{signed("2026-01-05"), "not_found"},
		{creation(contract.Core, contract.Recurrent), ""},
		{creation(contract.Core, contract.Recurrent), "already_exists"},
		{contract.ActivateMandate{At: at("2026-01-05")}, "not_signed, is draft"},
		{contract.SignMandate{At: at("2026-01-06"), SignedOn: day("2026-01-07")}, "dated_in_future"},
		{contract.SignMandate{At: at("2026-01-06 15:00"), SignedOn: day("2022-01-07")}, "has_expired, is expired, 2025-01-08"},
		{signed("2026-01-06 15:00"), ""},
		{signed("2026-01-07"), "already_signed, is signed"},
		{contract.SubmitToBank{At: at("2026-01-07")}, "not_b2b, is signed"},
		{contract.ConfirmByBank{At: at("2026-01-07")}, "not_submitted, is signed"},
		{contract.RecordCollection{At: at("2026-01-07 09:00"), On: day("2026-01-07")}, "not_active, is signed"},
		{contract.ActivateMandate{At: at("2026-01-07 10:00")}, ""},
		{contract.RecordCollection{At: at("2026-01-07 11:00"), On: day("2026-01-07")}, ""}, // activated on that day
		{contract.RecordCollection{At: at("2026-01-08 11:00"), On: day("2026-01-10")}, "dated_in_future"},
		{contract.RecordCollection{At: at("2026-01-08 11:00"), On: day("2026-01-05")}, "not_signed"},
		{contract.SuspendMandate{At: at("2026-02-01"), EffectiveFrom: at("2026-03-01")}, ""},
		{contract.WithdrawMandateChange{At: at("2026-02-02"), Change: 5}, ""},
		{contract.SuspendMandate{At: at("2026-02-03")}, ""},
		{contract.RecordCollection{At: at("2026-02-05"), On: day("2026-02-04")}, ""}, // it was on its way
		{contract.ResumeMandate{At: at("2026-02-10")}, ""},
		{contract.RevokeMandate{At: at("2026-05-01"), EffectiveFrom: at("2026-04-01")}, ""},
		{contract.RecordCollection{At: at("2026-05-02"), On: day("2026-05-02")}, "has_ended, is revoked, change 10"},
		{contract.FailMandate{At: at("2026-05-02")}, "has_ended, is revoked, change 10"},
	})
	same(t, mandatePhases(m), `
		always draft
		2026-01-06 15:00 signed
		2026-01-07 10:00 active
		2026-02-03 suspended
		2026-02-10 active
		2026-04-01 revoked`)
}

func TestB2BMandate(t *testing.T) {
	m := newMandate()
	story(t, m, []row{
		{creation(contract.B2B, contract.Recurrent), ""},
		{contract.SubmitToBank{At: at("2026-01-06")}, "not_signed, is draft"},
		{contract.FailMandate{At: at("2026-01-06")}, "not_signed, is draft"},
		{signed("2026-01-06 15:00"), ""},
		{contract.ActivateMandate{At: at("2026-01-07")}, "bank_must_confirm, is signed"},
		{contract.SubmitToBank{At: at("2026-01-07")}, ""},
		{contract.SubmitToBank{At: at("2026-01-08")}, "already_submitted, is pending_bank"},
		{contract.AmendMandate{At: at("2026-01-08"), Set: contract.MandatePatch{IBAN: account2}}, "already_submitted, is pending_bank"},
		{contract.RecordCollection{At: at("2026-01-08"), On: day("2026-01-08")}, "not_active, is pending_bank"},
		{contract.ConfirmByBank{At: at("2026-01-12")}, ""},
		{contract.ConfirmByBank{At: at("2026-01-13")}, "already_active, is active"},
		{contract.FailMandate{At: at("2026-06-01"), Why: "AC04: account closed"}, ""},
		{contract.ResumeMandate{At: at("2026-06-02")}, "has_failed, is failed, change 5"},
	})
	same(t, mandatePhases(m), `
		always draft
		2026-01-06 15:00 signed
		2026-01-07 pending_bank
		2026-01-12 active
		2026-06-01 failed`)
}

// activeMandate is one that was signed on 6 January 2026 and active from the 7th on.
func activeMandate(t testing.TB, kind contract.MandateKind) *contract.Mandate {
	t.Helper()
	m := newMandate()
	for _, c := range []any{creation(contract.Core, kind), signed("2026-01-06 15:00"), contract.ActivateMandate{At: at("2026-01-07")}} {
		if d := decide(t, m, c); !d.Done() {
			t.Fatal(said(d))
		}
	}
	return m
}

// The day 36 months after the signature, or the last collection, is the last one.
func TestDormancy(t *testing.T) {
	m := activeMandate(t, contract.Recurrent)
	ends := func(want string) {
		t.Helper()
		got := m.At(at("2026-02-01")).Ends
		if paris(got) != want {
			t.Errorf("it ends %s, want %s", paris(got), want)
		}
		if m.At(got.Add(-time.Microsecond)).Status != contract.MandateActive || m.At(got).Status != contract.MandateExpired {
			t.Errorf("around %s it is not active, and then expired", got)
		}
	}
	ends("2029-01-07")
	story(t, m, []row{{contract.RecordCollection{At: at("2028-02-29 12:00"), On: day("2028-02-29")}, ""}})
	ends("2031-03-01") // 36 months later is 28 February
	story(t, m, []row{{contract.RecordCollection{At: at("2028-03-01 12:00"), On: day("2027-05-01")}, ""}})
	ends("2031-03-01") // an earlier one, recorded later
	if v := m.View(); v.LastCollection != day("2028-02-29") {
		t.Errorf("the last collection was on %s", v.LastCollection)
	}
	story(t, m, []row{
		{contract.RecordCollection{At: at("2031-02-28 12:00"), On: day("2031-02-28")}, ""}, // on the last day
		{contract.RecordCollection{At: at("2034-03-01 12:00"), On: day("2034-03-01")}, "has_expired, is expired, 2034-03-01"},
		{contract.ResumeMandate{At: at("2034-03-01 12:00")}, "has_expired, is expired, 2034-03-01"},
		{contract.SuspendMandate{At: at("2031-04-01"), EffectiveFrom: at("2034-02-28 23:59")}, ""},
	})
	if v := m.View(); v.LastCollection != day("2031-02-28") || v.Revision != 7 {
		t.Errorf("got %+v", v)
	}
}

// A mandate that comes from another bank, with the collections made there.
func TestMandateFromElsewhere(t *testing.T) {
	m := newMandate()
	story(t, m, []row{
		{creation(contract.Core, contract.Recurrent), ""},
		{contract.SignMandate{At: at("2026-01-06"), SignedOn: day("2019-05-01"), LastCollection: day("2025-12-05")}, ""},
		{contract.AmendMandate{At: at("2026-01-06"), Set: contract.MandatePatch{Reference: "NEW-17"}}, ""},
	})
	v := m.View()
	if got := paris(v.Phases[len(v.Phases)-1].From); got != "2028-12-06" || v.Amendment == nil || v.Amendment.Reference != "RUM-17" {
		t.Errorf("got %+v", v)
	}
}

func TestOneOffMandate(t *testing.T) {
	m := activeMandate(t, contract.OneOff)
	story(t, m, []row{
		{contract.SuspendMandate{At: at("2026-01-08"), EffectiveFrom: at("2026-01-20")}, ""},
		{contract.RecordCollection{At: at("2026-01-15 18:00"), On: day("2026-01-15")}, ""},
		{contract.RecordCollection{At: at("2026-01-16"), On: day("2026-01-16")}, "was_consumed, is consumed"},
		{contract.RecordCollection{At: at("2026-01-16"), On: day("2026-01-10")}, "was_consumed, is consumed"},
		{contract.AmendMandate{At: at("2026-01-16"), Set: contract.MandatePatch{IBAN: account2}}, "was_consumed, is consumed, change 5"},
		{contract.SuspendMandate{At: at("2026-01-16"), EffectiveFrom: at("2026-01-15")}, "was_consumed, is consumed, change 5"},
	})
	same(t, mandatePhases(m), `
		always draft
		2026-01-06 15:00 signed
		2026-01-07 active
		2026-01-15 consumed`)
	if c := m.Changes(); c[2].Superseded != 0 || c[3].Superseded != 5 {
		t.Errorf("got %+v", c)
	}
}

// The next collection tells the debtor's bank how it has seen the mandate before, and only then.
func TestMandateAmendments(t *testing.T) {
	m := activeMandate(t, contract.Recurrent)
	amend := func(when string, p contract.MandatePatch) row {
		return row{contract.AmendMandate{At: at(when), Set: p}, ""}
	}
	told := func(about string, want *contract.Amendment) {
		t.Helper()
		v := m.View()
		if diff := cmp.Diff(want, v.Amendment); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
		if err := v.Validate(); err != nil {
			t.Error(err)
		}
	}
	story(t, m, []row{amend("2026-01-08", contract.MandatePatch{IBAN: account2})})
	told("the bank has never seen it", nil)
	story(t, m, []row{{contract.RecordCollection{At: at("2026-01-10"), On: day("2026-01-10")}, ""}})
	told("nothing has changed", nil)
	story(t, m, []row{amend("2026-01-11", contract.MandatePatch{IBAN: account, BIC: "PSSTFRPPXXX"})})
	told("the same mandate, a new account", &contract.Amendment{IBAN: account2})
	story(t, m, []row{amend("2026-01-12", contract.MandatePatch{Reference: "RUM-18", Creditor: "DE98ZZZ09999999999", CreditorName: "Horizont"})})
	told("all of it", &contract.Amendment{IBAN: account2, Reference: "RUM-17", Creditor: creditor, CreditorName: "Agence Horizon"})
	story(t, m, []row{amend("2026-01-13", contract.MandatePatch{Reference: "RUM-17", Creditor: creditor, CreditorName: "Agence Horizon"})})
	told("as before again, but for the account", &contract.Amendment{IBAN: account2})
	revision := m.Revision()
	story(t, m, []row{
		amend("2026-01-14", contract.MandatePatch{IBAN: account2}),
		{contract.RecordCollection{At: at("2026-01-15"), On: day("2026-01-15"), Revision: revision}, ""},
	})
	told("the collection was made before the last amendment", &contract.Amendment{IBAN: account, BIC: "PSSTFRPPXXX"})
	story(t, m, []row{{contract.RecordCollection{At: at("2026-01-16"), On: day("2026-01-16")}, ""}})
	told("it was told", nil)
	if v := m.View(); v.IBAN != account2 || v.BIC != "" {
		t.Errorf("an account without a BIC keeps that of the one before: %s", v.BIC)
	}

	m = newMandate()
	story(t, m, []row{
		{creation(contract.B2B, contract.Recurrent), ""}, {signed("2026-01-06 15:00"), ""}, {contract.SubmitToBank{At: at("2026-01-07")}, ""},
		{contract.ConfirmByBank{At: at("2026-01-08")}, ""}, amend("2026-01-09", contract.MandatePatch{IBAN: account2}),
	})
	told("the bank has seen it when it confirmed", &contract.Amendment{IBAN: account})
}

// A collection counts on its own day, not on the next.
func TestCollectedBeforeActive(t *testing.T) {
	story(t, activeMandate(t, contract.Recurrent), []row{
		{contract.RecordCollection{At: at("2026-01-08"), On: day("2026-01-06")}, "not_active, is draft"},
		{contract.RecordCollection{At: at("2026-01-08"), On: day("2026-01-07")}, ""},
	})
}
