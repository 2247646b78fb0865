package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/party"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// oneOfEach is one event of every type, as the commands decide them, and some more where fields are left out.
func oneOfEach(t testing.TB) map[string]event.Data {
	t.Helper()
	facts := map[string]event.Data{}
	c := contract.NewContract("k-1")
	do := func(name string, command contract.Command) {
		t.Helper()
		decided, err := command.Decide(c)
		if err != nil {
			t.Fatal(err)
		}
		facts[decided[0].EventType()+name] = decided[0]
		if err := c.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
	}
	now := at("2026-01-05 09:00:00").Add(123_456 * time.Microsecond)
	customer := party.Party{Reference: "c-17", Name: "Anna <Larsson> & \"fils\"", Kind: party.Business, SIREN: "356000000",
		Address: party.Address{StreetName: "rue du Port", BuildingNumber: "3", PostCode: "69002", TownName: "Lyon", Country: "FR"}}
	s := subscription()
	s.Why, s.Customer, s.ValidThrough = "agreed by telephone", customer, day("2027-12-31")
	do("", s)
	do("", contract.Activate{At: now})
	do("", contract.Suspend{At: now, EffectiveFrom: at("2026-03-01"), Why: "unpaid"})
	do("", contract.Resume{At: now, EffectiveFrom: at("2026-03-08")})
	do("", contract.Amend{At: now, EffectiveFrom: at("2026-04-01"), Set: contract.Patch{
		Customer: anna(), Limit: eur(5_000_00), ValidThrough: day("2028-02-29"), BillingDay: 5, Mandate: "FR83ZZZ459654/RUM-17",
	}})
	do(".open", contract.Amend{At: now, EffectiveFrom: at("2026-05-01"), Set: contract.Patch{OpenEnded: true, NoMandate: true}})
	do("", contract.Withdraw{At: now, Change: 6})
	do("", contract.Suspend{At: now, EffectiveFrom: at("2026-02-25")})
	do(".start", contract.Suspend{At: now, EffectiveFrom: at("2025-02-25")})
	facts["contract.updated.v1"], facts["contract.listed.v1"] = c.View(), c.ListView()
	do("", contract.Cancel{At: now, EffectiveFrom: at("2026-06-30")})
	goldenMandates(t, facts)
	return facts
}

// goldenMandates adds the events of mandates.
func goldenMandates(t testing.TB, facts map[string]event.Data) {
	t.Helper()
	m := newMandate()
	ask := func(name string, command contract.MandateCommand) {
		t.Helper()
		decided, err := command.Decide(m)
		if err != nil {
			t.Fatal(err)
		}
		facts[decided[0].EventType()+name] = decided[0]
		if err := m.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
	}
	facts["contract.mandate_updated.v1.draft"] = func() event.Data {
		d := newMandate()
		decide(t, d, creation(contract.Core, contract.OneOff))
		return d.View()
	}()
	ask("", creation(contract.B2B, contract.Recurrent))
	ask("", contract.SignMandate{At: at("2026-01-06"), SignedOn: day("2025-12-24"), LastCollection: day("2026-01-02"), Why: "from another bank"})
	ask("", contract.SubmitToBank{At: at("2026-01-07")})
	ask("", contract.ConfirmByBank{At: at("2026-01-08")})
	ask("", contract.SuspendMandate{At: at("2026-01-09"), EffectiveFrom: at("2026-02-01")})
	ask("", contract.ResumeMandate{At: at("2026-01-09"), EffectiveFrom: at("2026-02-08")})
	ask("", contract.AmendMandate{At: at("2026-01-10"), Set: contract.MandatePatch{
		Reference: "RUM-18", Creditor: "DE98ZZZ09999999999", CreditorName: "Horizont", Debtor: "A. Larsson", IBAN: account2, BIC: "KREDBEBB",
	}})
	facts["contract.mandate_updated.v1"] = m.View()
	ask("", contract.RecordCollection{At: at("2026-01-15"), On: day("2026-01-15"), Revision: 6})
	ask(".mandate", contract.ActivateMandate{At: at("2026-01-15")})
	ask("", contract.RevokeMandate{At: at("2026-01-16"), EffectiveFrom: at("2026-03-01")})
	ask("", contract.FailMandate{At: at("2026-02-16"), Why: "AC04"})
	m = newMandate()
	ask("", creation(contract.Core, contract.Recurrent))
	ask(".plain", signed("2026-01-06 15:00"))
	ask("", contract.ActivateMandate{At: at("2026-01-07")})
	facts["contract.mandate_created.v1"] = m.Creation()
}

func codecs() []*event.Codec {
	return []*event.Codec{contract.ContractCodec(), contract.MandateCodec(), contract.ViewCodec()}
}

func encode(d event.Data) (e event.Event, err error) {
	for _, codec := range codecs() {
		if e, err = codec.Encode(d); !errors.Is(err, event.ErrUnknownType) {
			return e, err
		}
	}
	return e, err
}

func decode(e event.Event) (d event.Data, err error) {
	for _, codec := range codecs() {
		if d, err = codec.Decode(e); !errors.Is(err, event.ErrUnknownType) {
			return d, err
		}
	}
	return d, err
}

// The JSON of every event type is pinned: stored events must be read for ever.
func TestEventGolden(t *testing.T) {
	all := oneOfEach(t)
	back := golden.Events(t, all, ".golden", *update, codecs()...)
	if diff := cmp.Diff(all, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// A command is the same in JSON whatever zone and precision its instants came in, and another one is not.
func TestCommandJSON(t *testing.T) {
	now, then := at("2026-01-05 09:00"), at("2026-02-01")
	all := func(now, then time.Time) []any {
		s, create := subscription(), creation(contract.Core, contract.OneOff)
		s.At, create.At = now, now
		return []any{
			s, create, contract.Activate{At: now, EffectiveFrom: then}, contract.Suspend{At: now, EffectiveFrom: then},
			contract.Resume{At: now, EffectiveFrom: then}, contract.Cancel{At: now, EffectiveFrom: then}, contract.Withdraw{At: now, Change: 3},
			contract.Amend{At: now, EffectiveFrom: then, Set: contract.Patch{Limit: eur(1)}},
			contract.SignMandate{At: now, SignedOn: day("2026-01-01")}, contract.SubmitToBank{At: now}, contract.ConfirmByBank{At: now},
			contract.ActivateMandate{At: now}, contract.FailMandate{At: now}, contract.SuspendMandate{At: now, EffectiveFrom: then},
			contract.ResumeMandate{At: now, EffectiveFrom: then}, contract.RevokeMandate{At: now, EffectiveFrom: then},
			contract.AmendMandate{At: now, Set: contract.MandatePatch{IBAN: account}}, contract.WithdrawMandateChange{At: now, Change: 3},
			contract.RecordCollection{At: now, On: day("2026-01-01")},
		}
	}
	here, elsewhere := all(now, then), all(now.In(time.FixedZone("", 3600*9)).Add(999), then.UTC().Add(1))
	later := all(now.Add(time.Microsecond), then)
	for i := range here {
		a, err := json.Marshal(here[i])
		b, err2 := json.Marshal(elsewhere[i])
		c, err3 := json.Marshal(later[i])
		if err := errors.Join(err, err2, err3); err != nil || !bytes.Equal(a, b) || bytes.Equal(a, c) {
			t.Errorf("%T: got\n%s\n%s\n%s %v", here[i], a, b, c, err)
		}
	}
}
