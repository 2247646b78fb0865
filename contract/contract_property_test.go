package contract_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"pgregory.net/rapid"
)

// dayAfter is the start of the day after a date in Paris, by package time alone.
func dayAfter(d civil.Date) time.Time {
	y, m, dd := d.Date()
	return time.Date(y, m, dd+1, 0, 0, 0, 0, at("2026-01-01").Location())
}

// drawInstant draws one of the days around a day, or the microsecond before one starts.
func drawInstant(t *rapid.T, around civil.Date, name string) time.Time {
	d := around.AddDays(rapid.IntRange(-12, 30).Draw(t, name))
	return dayAfter(d).Add(-time.Microsecond * time.Duration(rapid.IntRange(0, 1).Draw(t, name+" before")))
}

// drawCommand draws a command over a contract, and what it is in the model.
func drawCommand(t *rapid.T, m *model, first civil.Date) (contract.Command, func() (contract.Reason, uint64)) {
	now := drawInstant(t, first.AddDays(int(m.revision)), "at")
	o := contract.Order{At: now}
	if rapid.Bool().Draw(t, "dated") {
		o.EffectiveFrom = drawInstant(t, first, "from")
	}
	c := modelChange{at: now, from: o.EffectiveFrom}
	c.kind = rapid.SampledFrom([]string{"activate", "activate", "suspend", "suspend", "resume", "resume", "amend", "amend", "cancel", "withdraw"}).Draw(t, "kind")
	ask := func() (contract.Reason, uint64) { return m.ask(c) }
	switch c.kind {
	case "activate":
		return contract.Activate(o), ask
	case "suspend":
		return contract.Suspend(o), ask
	case "resume":
		return contract.Resume(o), ask
	case "cancel":
		return contract.Cancel(o), ask
	case "withdraw":
		seq := rapid.Uint64Range(1, m.revision+1).Draw(t, "change")
		return contract.Withdraw{At: now, Change: seq}, func() (contract.Reason, uint64) { return m.withdraw(now, seq) }
	}
	a := contract.Amend{At: now, EffectiveFrom: o.EffectiveFrom}
	switch rapid.IntRange(0, 3).Draw(t, "amends") {
	case 0:
		c.limit = rapid.Int64Range(1, 5).Draw(t, "limit")
		a.Set.Limit = eur(c.limit)
	case 1:
		c.mandate = rapid.SampledFrom([]string{"m-1", "m-2"}).Draw(t, "mandate")
		a.Set.Mandate = c.mandate
	case 2:
		c.open = true
		a.Set.OpenEnded = true
	case 3:
		a.Set.ValidThrough = first.AddDays(rapid.IntRange(-2, 40).Draw(t, "through"))
		c.end, c.ends = dayAfter(a.Set.ValidThrough), true
	}
	return a, ask
}

// probes are instants at which something may change, and the ones just before.
func probes(first civil.Date) []time.Time {
	var out []time.Time
	for d := -14; d < 45; d++ {
		t := dayAfter(first.AddDays(d))
		out = append(out, t.Add(-time.Microsecond), t)
	}
	return out
}

// Whatever is asked, in whatever order, for the past and for the future: a contract answers as the model does, and is at every
// instant what the model is.
func TestContractAgreesWithModel(t *testing.T) {
	property(t, func(t *rapid.T) {
		first := day("2026-03-20").AddDays(rapid.IntRange(0, 220).Draw(t, "first"))
		s := subscription()
		s.At, s.ValidFrom = dayAfter(first.AddDays(-5)), first
		c := contract.NewContract("k-1")
		m := &model{step: contractStep, limit: 3_000_00}
		if rapid.Bool().Draw(t, "bounded") {
			s.ValidThrough = first.AddDays(rapid.IntRange(0, 20).Draw(t, "through"))
			m.end = dayAfter(s.ValidThrough)
		}
		var journal []event.Data
		do := func(command contract.Command) contract.Decision {
			before := c.Clone()
			decided, err := command.Decide(c)
			if err != nil {
				t.Fatalf("%+v: %v", command, err)
			}
			if !sameContract(before, c) {
				t.Fatalf("%+v: to decide has changed something", command)
			}
			for _, e := range decided {
				if err := c.Apply(e); err != nil {
					t.Fatalf("%+v: %v", e, err)
				}
			}
			journal = append(journal, decided...)
			d := command.Result(decided)
			if !d.Done() && !sameContract(before, c) {
				t.Fatalf("%+v: the refusal has changed something", command)
			}
			return d
		}
		do(s)
		m.begun, m.start, m.clock, m.revision = true, dayAfter(first-1), s.At, 1
		for range rapid.IntRange(1, 25).Draw(t, "commands") {
			command, ask := drawCommand(t, m, first)
			d := do(command)
			why, change := ask()
			if d.Reason != why || why != "" && why != contract.AlreadyWithdrawn && d.Change != change || c.Revision() != m.revision {
				t.Fatalf("%+v: got %q change %d at revision %d, want %q %d %d", command, d.Reason, d.Change, c.Revision(), why, change, m.revision)
			}
		}
		compareContract(t, c, m, first)
		replayContract(t, c, journal)
	})
}

// compareContract looks at every instant through the contract, its views and the model.
func compareContract(t *rapid.T, c *contract.Contract, m *model, first civil.Date) {
	v, l := c.View(), c.ListView()
	if err := v.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := l.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, at := range probes(first) {
		want, got, phase, listed := m.at(at), c.At(at), v.At(at), l.At(at)
		if got.Status.String() != want.status || got.Terms.Limit != eur(want.limit) || got.Terms.Mandate != want.mandate || !got.Ends.Equal(want.end) {
			t.Fatalf("%s: got %+v, want %+v", at, got, want)
		}
		if phase.Status != got.Status || phase.Limit != got.Terms.Limit || phase.Mandate != got.Terms.Mandate || phase.BillingDay != got.Terms.BillingDay {
			t.Fatalf("%s: the view says %+v, the contract %+v", at, phase, got)
		}
		if listed.Status != got.Status || listed.Limit != got.Terms.Limit {
			t.Fatalf("%s: the list says %+v, the contract %+v", at, listed, got)
		}
	}
	for i := range v.Phases[1:] {
		p, q := v.Phases[i], v.Phases[i+1]
		if q.From = p.From; p == q {
			t.Fatalf("phases %d and %d are one: %+v", i+1, i+2, v.Phases)
		}
	}
}

// replayContract wants the same contract from its events, from a snapshot, and from a snapshot in the middle and the events after it.
func replayContract(t *rapid.T, c *contract.Contract, journal []event.Data) {
	codec := contract.ContractCodec()
	cut := rapid.IntRange(0, len(journal)).Draw(t, "cut")
	replayed := contract.NewContract("k-1")
	for i, d := range journal {
		if i == cut {
			replayed = restoredContract(t, replayed)
		}
		stored, err := codec.Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := codec.Decode(stored)
		if err != nil {
			t.Fatal(err)
		}
		if err := replayed.Apply(back); err != nil {
			t.Fatal(err)
		}
	}
	for _, other := range []*contract.Contract{replayed, restoredContract(t, c), c.Clone()} {
		if !sameContract(c, other) {
			t.Fatalf("got another contract: %s", cmp.Diff(c.View(), other.View()))
		}
		was, _ := c.MarshalBinary()
		if is, _ := other.MarshalBinary(); string(is) != string(was) {
			t.Fatalf("got the snapshot\n%s\nwant\n%s", is, was)
		}
	}
}

func restoredContract(t *rapid.T, c *contract.Contract) *contract.Contract {
	data, err := c.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	out := contract.NewContract(c.ID())
	if err := out.UnmarshalBinary(data); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return out
}

// sameContract compares all that a contract says, but how many refusals it has seen.
func sameContract(a, b *contract.Contract) bool {
	return a.Revision() == b.Revision() && a.Clock().Equal(b.Clock()) && cmp.Equal(a.View(), b.View()) &&
		cmp.Equal(a.Changes(), b.Changes()) && cmp.Equal(a.Subscription(), b.Subscription())
}
