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

// mandateStep is the transitions of mandates of a scheme and a kind, as contractStep.
func mandateStep(scheme contract.Scheme, often contract.MandateKind) func(status, kind string) (string, contract.Reason) {
	ended := map[string]contract.Reason{
		"revoked": contract.HasEnded, "expired": contract.HasExpired, "consumed": contract.WasConsumed, "failed": contract.HasFailed,
	}
	b2b := scheme == contract.B2B
	return func(status, kind string) (string, contract.Reason) {
		living, unsigned, waiting := status == "active" || status == "suspended", status == "draft", status == "pending_bank"
		switch {
		case ended[status] != "":
			return "", ended[status]
		case kind == "revoke":
			return "revoked", ""
		case kind == "amend" && waiting:
			return "", contract.AlreadySubmitted
		case kind == "amend":
			return status, ""
		case kind == "sign" && !unsigned:
			return "", contract.AlreadySigned
		case kind == "sign":
			return "signed", ""
		case kind == "suspend" && status == "active":
			return "suspended", ""
		case kind == "suspend" && status == "suspended":
			return "", contract.AlreadySuspended
		case kind == "resume" && status == "suspended":
			return "active", ""
		case kind == "resume":
			return "", contract.NotSuspended
		case (kind == "suspend" || kind == "collect") && !living:
			return "", contract.NotActive
		case kind == "collect" && often == contract.OneOff:
			return "consumed", ""
		case kind == "collect":
			return status, ""
		case kind == "confirm" && waiting:
			return "active", ""
		case kind == "confirm" && !living:
			return "", contract.NotSubmitted
		case kind == "fail" && unsigned || kind == "submit" && unsigned || kind == "activate" && unsigned:
			return "", contract.NotSigned
		case kind == "fail":
			return "failed", ""
		case living: // submit, confirm, activate
			return "", contract.AlreadyActive
		case waiting:
			return "", contract.AlreadySubmitted
		case kind == "submit" && !b2b:
			return "", contract.NotB2B
		case kind == "submit":
			return "pending_bank", ""
		case b2b:
			return "", contract.BankMustConfirm
		}
		return "active", ""
	}
}

// modelMandate is a model, and the days of what was signed and collected.
type modelMandate struct {
	*model
	often  contract.MandateKind
	signed civil.Date
	days   []civil.Date // of collections
}

// monthsAfter is the start of the day after the one so many months after a date, by package time alone.
func monthsAfter(d civil.Date, months int) time.Time {
	y, m, dd := d.Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(y, m+time.Month(months), min(dd, last)+1, 0, 0, 0, 0, at("2026-01-01").Location())
}

// late lets no end be before 36 months after the last collection.
func (m *modelMandate) lately() {
	m.late = time.Time{}
	for _, d := range m.days {
		if end := monthsAfter(d, 36); end.After(m.late) {
			m.late = end
		}
	}
}

func (m *modelMandate) collect(now time.Time, on civil.Date) (contract.Reason, uint64) {
	if now.Before(m.clock) {
		now = m.clock
	}
	c := modelChange{kind: "collect", at: now, from: dayAfter(on - 1)}
	for _, other := range m.sorted() {
		if (other.kind == "activate" || other.kind == "confirm") && other.from.After(c.from) && other.from.Before(dayAfter(on)) {
			c.from = other.from
		}
	}
	if m.start.After(c.from) && m.start.Before(dayAfter(on)) {
		c.from = m.start
	}
	switch y, mm, d := now.UTC().Add(14 * time.Hour).Date(); {
	case on > must(civil.NewDate(y, mm, d)):
		return contract.DatedInFuture, 0
	case c.from.Before(m.start):
		return contract.BeforeStart, 0
	case m.often == contract.OneOff && len(m.days) > 0:
		// what ended it otherwise comes first
		c.seq = m.revision + 1
		if why, change := m.judge(m.sorted(c), c.seq); why == contract.HasEnded || why == contract.HasExpired {
			return why, change
		}
		return contract.WasConsumed, 0
	}
	if m.often == contract.OneOff {
		why, change := m.ask(c)
		if why == "" {
			m.days = append(m.days, on)
		}
		return why, change
	}
	keep := m.changes
	why, change := m.ask(c)
	if why == "" {
		m.changes, m.days = keep, append(m.days, on)
		m.lately()
	}
	return why, change
}

func must(d civil.Date, err error) civil.Date {
	if err != nil {
		panic(err)
	}
	return d
}

// drawMandateCommand draws a command over a mandate, and what it is in the model.
func drawMandateCommand(t *rapid.T, m *modelMandate, first civil.Date) (contract.MandateCommand, func() (contract.Reason, uint64)) {
	now := drawInstant(t, first.AddDays(int(m.revision)*rapid.SampledFrom([]int{3, 3, 3, 250}).Draw(t, "pace")), "at")
	o, n := contract.Order{At: now}, contract.Note{At: now}
	c := modelChange{at: now}
	c.kind = rapid.SampledFrom([]string{
		"sign", "submit", "confirm", "activate", "suspend", "resume", "suspend", "resume", "amend", "collect", "collect", "revoke", "fail", "withdraw",
	}).Draw(t, "kind")
	if rapid.Bool().Draw(t, "dated") && (c.kind == "suspend" || c.kind == "resume" || c.kind == "revoke") {
		o.EffectiveFrom = drawInstant(t, first.AddDays(int(m.revision)*3), "from")
		c.from = o.EffectiveFrom
	}
	ask := func() (contract.Reason, uint64) { return m.ask(c) }
	switch c.kind {
	case "sign":
		on := civil.DateOf(now, now.Location()).AddDays(-rapid.IntRange(0, 1100).Draw(t, "signed"))
		c.ends, c.end = true, monthsAfter(on, 36)
		return contract.SignMandate{At: now, SignedOn: on}, func() (contract.Reason, uint64) {
			clock := now
			if clock.Before(m.clock) {
				clock = m.clock
			}
			if !c.end.After(clock) {
				asked := modelChange{kind: "sign", from: clock, seq: m.revision + 1}
				if why, change := m.judge(m.sorted(asked), asked.seq); why == contract.HasEnded {
					return why, change
				}
				return contract.HasExpired, 0
			}
			why, change := m.ask(c)
			if why == "" {
				m.signed = on
			}
			return why, change
		}
	case "submit":
		return contract.SubmitToBank(n), ask
	case "confirm":
		return contract.ConfirmByBank(n), ask
	case "activate":
		return contract.ActivateMandate(n), ask
	case "fail":
		return contract.FailMandate(n), ask
	case "suspend":
		return contract.SuspendMandate(o), ask
	case "resume":
		return contract.ResumeMandate(o), ask
	case "revoke":
		return contract.RevokeMandate(o), ask
	case "withdraw":
		seq := rapid.Uint64Range(1, m.revision+1).Draw(t, "change")
		return contract.WithdrawMandateChange{At: now, Change: seq}, func() (contract.Reason, uint64) { return m.withdraw(now, seq) }
	case "collect":
		on := max(civil.DateOf(now, now.Location()).AddDays(-rapid.IntRange(-1, 5).Draw(t, "on")), m.signed)
		return contract.RecordCollection{At: now, On: on}, func() (contract.Reason, uint64) { return m.collect(now, on) }
	}
	iban := rapid.SampledFrom([]string{string(account), string(account2)}).Draw(t, "iban")
	a := contract.AmendMandate{At: now}
	a.Set.IBAN = account
	if iban != string(account) {
		a.Set.IBAN = account2
	}
	return a, ask
}

// toLife is what makes a mandate active, one after the other.
func toLife(m *modelMandate, scheme contract.Scheme, i int) (contract.MandateCommand, func() (contract.Reason, uint64)) {
	n := contract.Note{At: m.clock}
	as := func(kind string) func() (contract.Reason, uint64) {
		return func() (contract.Reason, uint64) { return m.ask(modelChange{kind: kind, at: m.clock}) }
	}
	switch {
	case i == 0:
		on := civil.DateOf(m.clock, m.clock.Location())
		c := modelChange{kind: "sign", at: m.clock, ends: true, end: monthsAfter(on, 36)}
		m.signed = on
		return contract.SignMandate{At: m.clock, SignedOn: on}, func() (contract.Reason, uint64) { return m.ask(c) }
	case scheme == contract.Core:
		return contract.ActivateMandate(n), as("activate")
	case i == 1:
		return contract.SubmitToBank(n), as("submit")
	}
	return contract.ConfirmByBank(n), as("confirm")
}

// Whatever is asked, in whatever order, a mandate answers as the model does, and is at every instant what the model is.
func TestMandateAgreesWithModel(t *testing.T) {
	property(t, func(t *rapid.T) {
		scheme := rapid.SampledFrom([]contract.Scheme{contract.Core, contract.B2B}).Draw(t, "scheme")
		often := rapid.SampledFrom([]contract.MandateKind{contract.Recurrent, contract.Recurrent, contract.OneOff}).Draw(t, "kind")
		first := day("2026-01-20").AddDays(rapid.IntRange(0, 100).Draw(t, "first"))
		create := creation(scheme, often)
		create.At = dayAfter(first.AddDays(-5))
		mandate := newMandate()
		m := &modelMandate{model: &model{step: mandateStep(scheme, often)}, often: often}
		var journal []event.Data
		do := func(command contract.MandateCommand) contract.Decision {
			before := mandate.Clone()
			decided, err := command.Decide(mandate)
			if err != nil {
				t.Fatalf("%+v: %v", command, err)
			}
			for _, e := range decided {
				if err := mandate.Apply(e); err != nil {
					t.Fatalf("%+v: %v", e, err)
				}
			}
			journal = append(journal, decided...)
			d := command.Result(decided)
			if !d.Done() && !sameMandate(before, mandate) {
				t.Fatalf("%+v: the refusal has changed something", command)
			}
			return d
		}
		do(create)
		m.begun, m.start, m.clock, m.revision = true, create.At, create.At, 1
		living := rapid.Bool().Draw(t, "living") // most of what happens does to one that lives
		for i := range rapid.IntRange(1, 25).Draw(t, "commands") {
			command, ask := drawMandateCommand(t, m, first)
			if living && i < 3 {
				command, ask = toLife(m, scheme, i)
			}
			d := do(command)
			why, change := ask()
			if d.Reason != why || why != "" && why != contract.AlreadyWithdrawn && why != contract.WasConsumed && d.Change != change {
				t.Fatalf("%+v: got %q change %d, want %q %d", command, d.Reason, d.Change, why, change)
			}
			if mandate.Revision() != m.revision {
				t.Fatalf("%+v: got revision %d, want %d", command, mandate.Revision(), m.revision)
			}
		}
		compareMandate(t, mandate, m, first)
		replayMandate(t, mandate, journal)
	})
}

func compareMandate(t *rapid.T, mandate *contract.Mandate, m *modelMandate, first civil.Date) {
	v := mandate.View()
	if err := v.Validate(); err != nil {
		t.Fatal(err)
	}
	all := probes(first)
	for _, c := range m.changes {
		all = append(all, c.from, c.from.Add(-time.Microsecond), c.end, c.end.Add(-time.Microsecond), m.late, m.late.Add(-time.Microsecond))
	}
	for _, at := range all {
		want, got, phase := m.at(at), mandate.At(at), v.At(at)
		if got.Status.String() != want.status || !got.Ends.Equal(want.end) {
			t.Fatalf("%s: got %+v, want %+v", at, got, want)
		}
		if phase.Status != got.Status {
			t.Fatalf("%s: the view says %+v, the mandate %+v", at, phase, got)
		}
	}
	var last civil.Date
	for _, d := range m.days {
		last = max(last, d)
	}
	if v.LastCollection != last || v.SignedOn != m.signed {
		t.Fatalf("got %+v, want the last collection %s and the signature %s", v, last, m.signed)
	}
}

func replayMandate(t *rapid.T, m *contract.Mandate, journal []event.Data) {
	codec := contract.MandateCodec()
	cut := rapid.IntRange(0, len(journal)).Draw(t, "cut")
	restored := func(m *contract.Mandate) *contract.Mandate {
		data, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		out := contract.NewMandate(m.ID())
		if err := out.UnmarshalBinary(data); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		return out
	}
	replayed := newMandate()
	for i, d := range journal {
		if i == cut {
			replayed = restored(replayed)
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
	for _, other := range []*contract.Mandate{replayed, restored(m), m.Clone()} {
		if !sameMandate(m, other) {
			t.Fatalf("got another mandate: %s", cmp.Diff(m.View(), other.View()))
		}
		was, _ := m.MarshalBinary()
		if is, _ := other.MarshalBinary(); string(is) != string(was) {
			t.Fatalf("got the snapshot\n%s\nwant\n%s", is, was)
		}
	}
}

// sameMandate compares all that a mandate says, but how many refusals it has seen.
func sameMandate(a, b *contract.Mandate) bool {
	return a.Revision() == b.Revision() && a.Clock().Equal(b.Clock()) && cmp.Equal(a.View(), b.View()) &&
		cmp.Equal(a.Changes(), b.Changes()) && cmp.Equal(a.Creation(), b.Creation())
}
