package cap_test

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// The model of Meters is a map of models, and a clock. It keeps every account for ever and tells all of them the time at
// once; and it begins one anew as soon as nothing that it was ever asked can matter any more.
type modelMeters struct {
	policyOf func(string) *modelPolicy
	accounts map[string]*modelAccount
	clock    int64
}

// modelAccount is a model, and what was done to it, so that it can be made again without what came last.
type modelAccount struct {
	*model
	first *modelPolicy
	log   []func(*model)
}

func (a *modelAccount) do(f func(*model)) {
	a.log = append(a.log, f)
	f(a.model)
}

// undo takes the latest operation back.
func (a *modelAccount) undo() {
	a.log = a.log[:len(a.log)-1]
	a.model = newModel(a.first)
	for _, f := range a.log {
		f(a.model)
	}
}

func (x *modelMeters) account(key string) *modelAccount {
	if x.accounts[key] == nil {
		x.begin(key)
	}
	return x.accounts[key]
}

func (x *modelMeters) begin(key string) {
	p := x.policyOf(key)
	x.accounts[key] = &modelAccount{model: newModel(p), first: p}
	x.tick(key)
}

// tick tells an account the time.
func (x *modelMeters) tick(key string) {
	if t := x.clock; t >= 0 {
		x.accounts[key].do(func(m *model) { m.advance(t) })
	}
}

func (x *modelMeters) advance(t int64) {
	x.clock = max(x.clock, t)
	for key := range x.accounts {
		x.tick(key)
		x.renew(key)
	}
}

// renew begins an account anew if it has nothing left of what it was.
func (x *modelMeters) renew(key string) {
	a := x.accounts[key]
	fresh := newModel(a.first)
	fresh.advance(x.clock)
	if a.policy != a.first || a.oldest != fresh.oldest || a.floor() != fresh.floor() || a.final() != fresh.final() {
		return
	}
	for _, s := range a.spends {
		if s.at > a.floor() {
			return
		}
	}
	for _, b := range a.books {
		for _, p := range b.parts {
			if p.at > a.floor() {
				return
			}
		}
	}
	for i := range a.policy.limits {
		l := &a.policy.limits[i]
		for _, p := range a.parts(l) {
			if amount, n := p.worth(l, a.latest); l.window.kind == "ever" && (amount != 0 || n != 0) {
				return
			}
		}
	}
	x.begin(key)
}

func (x *modelMeters) decide(key string, o op) (d modelDecision) {
	x.account(key).do(func(m *model) { d = m.apply(o) })
	x.renew(key)
	return d
}

// authorizeAll tries the spend with every account, and undoes it with all if one of them refuses: what is left is an attempt.
func (x *modelMeters) authorizeAll(keys []string, o op) (all []modelDecision, refused int, existed bool) {
	refused = -1
	limited := false
	for i, key := range keys {
		if j := slices.Index(keys, key); j < i {
			all = append(all, all[j])
			continue
		}
		var d modelDecision
		x.account(key).do(func(m *model) { d = m.apply(o) })
		existed = existed || d.Existed
		if !d.Approved && refused < 0 {
			refused = i
		}
		limited = limited || d.Reason == cap.AmountLimitExceeded || d.Reason == cap.CountLimitExceeded
		all = append(all, d)
	}
	for i, key := range keys {
		if refused >= 0 && slices.Index(keys, key) == i {
			if a := x.account(key); all[i].Approved {
				a.undo()
				why, existed := all[i].Reason, all[i].Existed
				all[i] = modelDecision{Reason: why, Limits: a.tell(max(o.at, a.latest))}
				if limited && !existed {
					before := all[i].Limits
					a.do(func(m *model) {
						m.countAttempt(&modelSpend{at: o.at, amount: o.amount, expires: forever, merchant: o.merchant})
					})
					all[i].Limits = a.tell(max(o.at, a.latest))
					a.alert(&all[i], before)
				}
			}
		}
		x.renew(key)
	}
	for i, key := range keys {
		all[i] = all[slices.Index(keys, key)]
	}
	return all, refused, existed && refused < 0
}

// apply does an operation.
func (m *model) apply(o op) modelDecision {
	switch o.kind {
	case "force":
		return m.spend(o.id, o.at, o.amount, forever, o.merchant, true)
	case "capture":
		return m.change(o.id, o.at, o.amount, o.on, true)
	case "adjust":
		return m.change(o.id, o.at, o.amount, o.on, false)
	case "refund":
		return m.refund(o.id, o.at, o.amount, o.of, o.merchant)
	case "reverse":
		return m.reverse(o.id, o.at)
	case "policy":
		return m.setPolicy(o.policy)
	}
	return m.spend(o.id, o.at, o.amount, o.expires, o.merchant, false)
}

func (o op) spend() cap.Spend {
	s := cap.Spend{ID: o.id, At: time.UnixMicro(o.at), Amount: money.New(o.amount, money.EUR), Merchant: merchants[o.merchant]}
	if o.expires < forever && o.kind != "force" {
		s.Expires = time.UnixMicro(o.expires)
	}
	return s
}

// to does the operation to a real meter.
func (o op) to(m *cap.Meter) (cap.Decision, error) {
	at, amount := time.UnixMicro(o.at), money.New(o.amount, money.EUR)
	change := cap.Change{ID: o.id, At: at, Amount: amount}
	if o.on >= 0 {
		change.On = time.UnixMicro(o.on)
	}
	switch o.kind {
	case "force":
		return m.ForcePost(o.spend())
	case "capture":
		return m.Capture(change)
	case "adjust":
		return m.Adjust(change)
	case "refund":
		if o.of != nil {
			return m.Refund(cap.Refund{ID: o.id, At: at, Amount: amount, Of: &cap.Ref{ID: o.of.id, At: time.UnixMicro(o.of.at)}})
		}
		return m.Refund(cap.Refund{ID: o.id, At: at, Amount: amount, Merchant: merchants[o.merchant]})
	case "reverse":
		return m.Reverse(o.id, at)
	case "policy":
		return m.SetPolicy(o.policy.real)
	}
	return m.Authorize(o.spend())
}

// metersHistory is the same history on the model, on Meters from which everything is evicted that can be, and on Meters
// that keep everything.
type metersHistory struct {
	t            *rapid.T
	model        *modelMeters
	swept, other *cap.Meters[string]
	all          []*modelPolicy
	keys         []string
	now, last    int64
	sent         []op
	evicted      int
}

func newMetersHistory(t *rapid.T) *metersHistory {
	p := places[rapid.IntRange(0, 2).Draw(t, "place")]                              // where the calendar is known for long
	all := slices.DeleteFunc(slices.Clone(policies(p)), func(p *modelPolicy) bool { // those that are never idle
		return slices.ContainsFunc(p.limits, func(l modelLimit) bool { return l.window.kind == "april" })
	})
	h := &metersHistory{t: t, all: all, now: p.instant(), last: p.instant() + 250*civil, keys: []string{"card", "account", "holder", "shop"}}
	first := rapid.IntRange(0, len(all)-1).Draw(t, "policy")
	policyOf := func(key string) *modelPolicy { return all[(first+len(key)%2)%len(all)] }
	h.model = &modelMeters{policyOf: policyOf, accounts: map[string]*modelAccount{}, clock: -1}
	for _, x := range []**cap.Meters[string]{&h.swept, &h.other} {
		made, err := cap.NewMetersFunc(func(key string) *cap.Policy { return policyOf(key).real }, &cap.MetersOptions{Shards: 2, MaxAccounts: 16})
		if err != nil {
			t.Fatalf("NewMetersFunc: %v", err)
		}
		*x = made
	}
	return h
}

func (h *metersHistory) key() string { return rapid.SampledFrom(h.keys).Draw(h.t, "key") }

// draw returns an operation, often about a spend that was sent before.
func (h *metersHistory) draw(kinds ...string) op {
	t := h.t
	at := h.now + steps[rapid.IntRange(0, 31).Draw(t, "step")]
	h.now = min(max(h.now, at), h.last)
	o := op{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), id: string(rune('a' + rapid.IntRange(0, 7).Draw(t, "id"))), at: min(at, h.last)}
	o.amount, o.merchant = rapid.Int64Range(-1, 150).Draw(t, "amount"), rapid.IntRange(0, len(merchants)-1).Draw(t, "merchant")
	o.expires, o.on = forever, -1
	o.policy = h.all[rapid.IntRange(0, len(h.all)-1).Draw(t, "set")]
	if len(h.sent) > 0 && o.kind != "hold" && o.kind != "force" {
		old := h.sent[max(0, len(h.sent)-1-rapid.IntRange(0, 12).Draw(t, "back"))]
		switch {
		case o.kind == "refund":
			if o.amount = old.amount / 2; old.at <= o.at {
				o.of = &old
			}
		case o.kind != "authorize" || rapid.IntRange(0, 3).Draw(t, "again") == 0:
			if o.at >= old.at && rapid.Bool().Draw(t, "on") {
				o.on = o.at
			}
			o.id, o.at, o.merchant, o.expires = old.id, old.at, old.merchant, old.expires
			if o.kind == "authorize" {
				o.amount = old.amount
			}
		}
	}
	if o.kind == "hold" {
		o.expires = o.at + lasts[rapid.IntRange(0, 7).Draw(t, "lasts")]
	}
	if o.kind != "refund" && o.kind != "policy" {
		h.sent = append(h.sent, o)
	}
	return o
}

func (h *metersHistory) both(what string, f func(*cap.Meters[string]) (got any, err error), want any) {
	for name, x := range map[string]*cap.Meters[string]{"swept": h.swept, "other": h.other} {
		got, err := f(x)
		if err != nil {
			h.t.Fatalf("%s: %s: got error %v", name, what, err)
		}
		if diff := gocmp.Diff(want, got, unexported); diff != "" {
			h.t.Fatalf("%s: %s (-want +got):\n%s", name, what, diff)
		}
	}
}

// one does an operation to one account, through the door that fits it best.
func (h *metersHistory) one() {
	key, o := h.key(), h.draw("authorize", "authorize", "authorize", "hold", "force", "capture", "adjust", "refund", "reverse", "policy")
	want := h.model.decide(key, o)
	lean := rapid.Bool().Draw(h.t, "allow")
	h.both(fmt.Sprint(key, " ", o), func(x *cap.Meters[string]) (any, error) {
		switch {
		case (o.kind == "authorize" || o.kind == "hold") && lean:
			outcome, reason, err := x.Allow(key, o.spend())
			return modelDecision{want.Approved == (outcome == cap.Approved) == want.Approved, want.Existed, reason, want.Binding, want.Limits}, err
		case o.kind == "authorize" || o.kind == "hold":
			d, err := x.Authorize(key, o.spend())
			return asModel(d), err
		}
		var d cap.Decision
		err := x.Do(key, func(m *cap.Meter) (err error) {
			d, err = o.to(m)
			return err
		})
		return asModel(d), err
	}, want)
}

func (h *metersHistory) several() {
	keys := rapid.SliceOfN(rapid.SampledFrom(h.keys), 1, 5).Draw(h.t, "keys")
	o := h.draw("authorize", "authorize", "hold")
	type answer struct {
		All     []modelDecision
		Refused int
		Existed bool
	}
	var want answer
	want.All, want.Refused, want.Existed = h.model.authorizeAll(keys, o)
	h.both(fmt.Sprint(keys, " ", o), func(x *cap.Meters[string]) (any, error) {
		all, err := x.AuthorizeAll(o.spend(), keys...)
		got := answer{Existed: all.Existed(), Refused: -1}
		if i, refused := all.RefusedBy(); refused {
			got.Refused = i
		}
		if all.Approved() != (got.Refused < 0) || all.Len() != len(keys) {
			h.t.Fatalf("%v: %s", keys, all)
		}
		for _, d := range all.All() {
			got.All = append(got.All, asModel(d))
		}
		return got, err
	}, want)
}

func (h *metersHistory) batch() {
	var requests []cap.Request[string]
	var want []modelDecision
	for range rapid.IntRange(1, 20).Draw(h.t, "batch") {
		key, o := h.key(), h.draw("authorize", "hold")
		requests = append(requests, cap.Request[string]{Key: key, Spend: o.spend()})
		want = append(want, h.model.decide(key, o))
	}
	if rapid.Bool().Draw(h.t, "lean") {
		h.both("AllowBatch", func(x *cap.Meters[string]) (any, error) {
			answers := make([]cap.Answer, len(requests))
			err := x.AllowBatch(requests, answers)
			var got []modelDecision
			for i, a := range answers {
				err = cmp.Or(err, a.Err)
				got = append(got, modelDecision{a.Outcome == cap.Approved, want[i].Existed, a.Reason, want[i].Binding, want[i].Limits})
			}
			return got, err
		}, want)
		return
	}
	h.both("AuthorizeBatch", func(x *cap.Meters[string]) (any, error) {
		answers := make([]cap.FullAnswer, len(requests))
		err := x.AuthorizeBatch(requests, answers)
		var got []modelDecision
		for _, a := range answers {
			err = cmp.Or(err, a.Err)
			got = append(got, asModel(a.Decision))
		}
		return got, err
	}, want)
}

// advance lets time pass, sometimes a lot of it.
func (h *metersHistory) advance() {
	t := min(h.now+rapid.SampledFrom([]int64{-hour, 0, minute, hour, civil, 8 * civil, 20 * civil, 70 * civil}).Draw(h.t, "passes"), h.last)
	h.now = max(h.now, t)
	h.model.advance(t)
	for _, x := range []*cap.Meters[string]{h.swept, h.other} {
		if err := x.Advance(time.UnixMicro(t)); err != nil {
			h.t.Fatalf("Advance: %v", err)
		}
	}
}

// look compares all there is of every account.
func (h *metersHistory) look() {
	for _, key := range h.keys {
		at := max(h.now, h.model.account(key).latest, 0)
		h.both("Usage of "+key, func(x *cap.Meters[string]) (got any, err error) {
			err = x.Do(key, func(m *cap.Meter) error {
				u, err := m.Usage(time.UnixMicro(at))
				got = listOf(u)
				return err
			})
			return got, err
		}, h.model.account(key).tell(at))
		var snapshots [2][]byte
		for i, x := range []*cap.Meters[string]{h.swept, h.other} {
			err := x.Do(key, func(m *cap.Meter) (err error) {
				snapshots[i], err = m.MarshalBinary()
				return err
			})
			if err != nil {
				h.t.Fatalf("%s: %v", key, err)
			}
		}
		if !bytes.Equal(snapshots[0], snapshots[1]) {
			h.t.Fatalf("%s: the account differs from the one that was never evicted", key)
		}
	}
}

// Whatever is asked of Meters, by one key, by several, in batches, as time goes by: they say what a map of models says; and
// Evict, at any moment, changes no answer and no account.
func TestMetersEqualModel(t *testing.T) {
	evicted, histories := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		if histories == campaign.Alone(40) && !campaign.Long() { // each is a long one
			return
		}
		h := newMetersHistory(t)
		t.Repeat(map[string]func(*rapid.T){
			"one":     func(t *rapid.T) { h.t = t; h.one() },
			"one too": func(t *rapid.T) { h.t = t; h.one() },
			"several": func(t *rapid.T) { h.t = t; h.several() },
			"batch":   func(t *rapid.T) { h.t = t; h.batch() },
			"advance": func(t *rapid.T) { h.t = t; h.advance() },
			"evict":   func(t *rapid.T) { h.evicted += h.swept.Evict(rapid.IntRange(1, 1200).Draw(t, "accounts")) },
			"look":    func(t *rapid.T) { h.t = t; h.look() },
		})
		evicted, histories = evicted+h.evicted, histories+1
	})
	t.Logf("%d histories, %d evictions", histories, evicted)
	if !t.Failed() && evicted == 0 {
		t.Error("nothing was ever evicted, so the law was not tried")
	}
}
