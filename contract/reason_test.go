package contract_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/internal/reasons"
	"github.com/payrules/payrules/party"
)

// asked is a command over what something has become of, and the reason that comes later in the order of precedence for which it
// would be refused as well.
type asked struct {
	reason  contract.Reason
	to      aggregate
	command any
	also    contract.Reason // "": it has only one fault
}

// lived makes an aggregate of commands, all of which are done.
func lived(t *testing.T, a aggregate, commands ...any) aggregate {
	t.Helper()
	for _, c := range commands {
		if d := decide(t, a, c); !d.Done() {
			t.Fatalf("%+v: %s", c, said(d))
		}
	}
	return a
}

// crowded is a contract with as many changes as there may be.
func crowded(t *testing.T) *contract.Contract {
	t.Helper()
	c := active(t)
	for i := 1; i < contract.MaxChanges; i++ {
		var command any = contract.Suspend{At: at("2026-02-01")}
		if i%2 == 0 {
			command = contract.Resume{At: at("2026-02-01")}
		}
		if d := decide(t, c, command); !d.Done() {
			t.Fatalf("change %d: %s", i, said(d))
		}
	}
	return c
}

// Every reason, in order of precedence, each in the rows that produce it.
func TestReasons(t *testing.T) {
	short := subscription()
	short.ValidThrough = day("2026-06-30")
	ended := lived(t, active(t), contract.Suspend{At: at("2026-02-01"), EffectiveFrom: at("2026-03-01")}, contract.Cancel{At: at("2026-02-02"), EffectiveFrom: at("2026-04-01")})
	expired := lived(t, contract.NewContract("k-2"), short)
	draft := lived(t, contract.NewContract("k-3"), subscription())
	suspended := lived(t, active(t), contract.Suspend{At: at("2026-02-01")}, contract.Resume{At: at("2026-02-01"), EffectiveFrom: at("2026-05-01")})
	withdrawn := lived(t, active(t), contract.Suspend{At: at("2026-02-01"), EffectiveFrom: at("2026-03-01")}, contract.Withdraw{At: at("2026-02-02"), Change: 3})
	core := lived(t, newMandate(), creation(contract.Core, contract.Recurrent))
	signedCore := lived(t, newMandate(), creation(contract.Core, contract.Recurrent), signed("2026-01-06 15:00"))
	signedB2B := lived(t, newMandate(), creation(contract.B2B, contract.Recurrent), signed("2026-01-06 15:00"))
	pending := lived(t, newMandate(), creation(contract.B2B, contract.Recurrent), signed("2026-01-06 15:00"), contract.SubmitToBank{At: at("2026-01-07")})
	consumed := lived(t, activeMandate(t, contract.OneOff), contract.RecordCollection{At: at("2026-01-09"), On: day("2026-01-09")})
	failed := lived(t, activeMandate(t, contract.Recurrent), contract.FailMandate{At: at("2026-01-09")})
	late := at("2026-07-02")
	limit := contract.Patch{Limit: eur(1)}
	rows := []asked{
		{contract.NotFound, contract.NewContract("k"), contract.Withdraw{At: late, Change: 7}, contract.UnknownChange},
		{contract.NotFound, newMandate(), signed("2026-01-06"), ""},
		{contract.AlreadyExists, active(t), subscription(), ""},
		{contract.AlreadyExists, core, creation(contract.Core, contract.Recurrent), ""},
		{contract.UnknownChange, active(t), contract.Withdraw{At: late, Change: 1}, ""},
		{contract.AlreadyWithdrawn, withdrawn, contract.Withdraw{At: late, Change: 3}, contract.AlreadyInForce},
		{contract.AlreadyInForce, ended, contract.Withdraw{At: late, Change: 3}, ""},
		{contract.DatedInFuture, signedCore, contract.SignMandate{At: at("2026-01-06"), SignedOn: day("2026-01-08")}, contract.AlreadySigned},
		{contract.DatedInFuture, consumed, contract.RecordCollection{At: at("2026-01-10"), On: day("2026-01-12")}, contract.WasConsumed},
		{contract.BeforeStart, crowded(t), contract.Amend{At: late, EffectiveFrom: at("2025-12-31"), Set: limit}, contract.TooManyChanges},
		{contract.BeforeStart, core, contract.RevokeMandate{At: late, EffectiveFrom: at("2026-01-05")}, ""},
		{contract.TooManyChanges, crowded(t), contract.Amend{At: late, Set: contract.Patch{ValidThrough: day("2026-06-30")}}, contract.EndsBeforeItBegins},
		{contract.EndsBeforeItBegins, ended, contract.Amend{At: late, Set: contract.Patch{ValidThrough: day("2026-06-30")}}, contract.HasEnded},
		{contract.HasEnded, ended, contract.Resume{At: late}, contract.NotSuspended},
		{contract.HasEnded, lived(t, signedCore.(*contract.Mandate).Clone(), contract.RevokeMandate{At: late}), contract.ActivateMandate{At: late}, ""},
		{contract.HasExpired, expired, contract.Suspend{At: late}, contract.NotActive},
		{contract.HasExpired, core, contract.SignMandate{At: at("2026-01-06"), SignedOn: day("2021-01-06")}, ""},
		{contract.WasConsumed, consumed, contract.ActivateMandate{At: late}, contract.AlreadyActive},
		{contract.HasFailed, failed, contract.ResumeMandate{At: late}, contract.NotSuspended},
		{contract.AlreadySigned, signedCore, signed("2026-01-06"), ""},
		{contract.AlreadySubmitted, pending, contract.SubmitToBank{At: late}, ""},
		{contract.AlreadyActive, suspended, contract.Activate{At: late, EffectiveFrom: at("2026-02-02")}, contract.ConflictsWithLaterChange},
		{contract.AlreadySuspended, suspended, contract.Suspend{At: late, EffectiveFrom: at("2026-02-02")}, contract.ConflictsWithLaterChange},
		{contract.NotSigned, core, contract.SubmitToBank{At: late}, contract.NotB2B},
		{contract.NotSubmitted, signedCore, contract.ConfirmByBank{At: late}, ""},
		{contract.NotActive, draft, contract.Suspend{At: late}, ""},
		{contract.NotActive, signedCore, contract.RecordCollection{At: late, On: day("2026-07-01")}, ""},
		{contract.NotSuspended, active(t), contract.Resume{At: late}, ""},
		{contract.NotB2B, signedCore, contract.SubmitToBank{At: late}, ""},
		{contract.BankMustConfirm, signedB2B, contract.ActivateMandate{At: late}, ""},
		{contract.ConflictsWithLaterChange, suspended, contract.Resume{At: late, EffectiveFrom: at("2026-02-02")}, ""},
	}
	checkReasons(t, rows)
	for _, r := range rows {
		if d := decide(t, r.to, r.command); d.Reason != r.reason {
			t.Errorf("%T: got %q, want %q", r.command, d.Reason, r.reason)
		}
	}
}

// checkReasons wants rows for every reason, in order, and an order that the rows keep to.
func checkReasons(t *testing.T, rows []asked) {
	t.Helper()
	var produced []reasons.Row[contract.Reason]
	for _, r := range rows {
		produced = append(produced, reasons.Row[contract.Reason]{Reason: r.reason, Also: r.also})
	}
	reasons.Check(t, contract.Reasons, produced)
	if !contract.Reason("").Valid() {
		t.Error("no reason is not valid")
	}
}

// A contract that was changed as often as can be is ended still, and its view can be written.
func TestMostChanges(t *testing.T) {
	c := crowded(t)
	story(t, c, []row{
		{contract.Resume{At: at("2026-03-01")}, "too_many_changes"},
		{contract.Cancel{At: at("2026-03-01"), EffectiveFrom: at("2026-04-01")}, "too_many_changes"},
		{contract.Cancel{At: at("2026-03-01")}, ""},
	})
	for i := 1; ; i++ { // brought forward again and again
		d := decide(t, c, contract.Cancel{At: at("2026-03-01"), EffectiveFrom: at("2026-03-01").Add(-time.Duration(i) * time.Hour)})
		if !d.Done() {
			if d.Reason != contract.TooManyChanges || i != 10 {
				t.Errorf("%d: %s", i, said(d))
			}
			break
		}
	}
	longest := contract.NewContract("k-1")
	decide(t, longest, subscription())
	for i := range contract.MaxChanges {
		id := []byte("FR83ZZZ459654/&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&")
		id[20+i%50] = '<'
		d := decide(t, longest, contract.Amend{At: at("2026-02-01").Add(time.Duration(i) * time.Second), Set: contract.Patch{Mandate: string(id)}})
		if !d.Done() {
			t.Fatal(said(d))
		}
	}
	v := longest.View()
	stored, err := encode(v)
	if err != nil || len(v.Phases) < contract.MaxChanges {
		t.Fatalf("%d phases: %v", len(v.Phases), err)
	}
	if _, err := decode(stored); err != nil {
		t.Error(err)
	}
	if err := v.Validate(); err != nil {
		t.Error(err)
	}
}

// A mandate is collected by for ever: that takes no room.
func TestManyCollections(t *testing.T) {
	m := activeMandate(t, contract.Recurrent)
	for i := range contract.MaxChanges + 50 {
		on := day("2026-01-08").AddDays(i)
		if d := decide(t, m, contract.RecordCollection{At: dayAfter(on), On: on}); !d.Done() {
			t.Fatal(said(d))
		}
	}
	if got := len(m.Changes()); got != 2 {
		t.Errorf("got %d changes", got)
	}
}

func TestMostMoves(t *testing.T) {
	c := active(t)
	move := func(i int) contract.Amend {
		p := anna()
		p.Address = party.Address{TownName: "Lyon", Country: "FR", BuildingNumber: string(rune('a' + i))}
		return contract.Amend{At: at("2026-02-01"), EffectiveFrom: at("2026-03-01").AddDate(0, 0, i), Set: contract.Patch{Customer: p}}
	}
	for i := range contract.MaxMoves {
		if d := decide(t, c, move(i)); !d.Done() {
			t.Fatal(said(d))
		}
	}
	now := move(20)
	now.EffectiveFrom = time.Time{}
	after := move(20)
	after.At = at("2026-03-01")
	story(t, c, []row{
		{move(11), "too_many_changes"}, {now, ""}, {after, ""}, {move(11), "too_many_changes"},
		{contract.Withdraw{At: at("2026-03-01"), Change: 5}, ""}, {move(11), ""},
	})
	if v := c.View(); v.Validate() != nil || len(v.Moves) != contract.MaxMoves {
		t.Errorf("got %d moves, %v", len(v.Moves), v.Validate())
	}
}
