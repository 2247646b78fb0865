package cap_test

import (
	"bytes"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// A history is a string of bytes, so that rapid and the fuzzer drive the same laws: the first byte chooses the place, the
// policy, and whether the history is a plain one, in which nothing may ever exceed a limit; each operation takes four.

// place is a zone, an instant at which its clocks do something, and for how many days around it the face of its clock is
// known: histories last 80 days, and windows reach further on both sides.
type place struct {
	zone, at      string
	before, after int
}

var places = []place{
	{"Europe/Paris", "2026-10-25T00:00:00Z", 420, 460},        // a day of 25 h
	{"America/New_York", "2026-03-08T00:00:00Z", 420, 460},    // a day of 23 h
	{"Australia/Lord_Howe", "2026-04-04T12:00:00Z", 420, 460}, // half an hour
	{"America/Havana", "2026-03-08T00:00:00Z", 50, 120},       // no midnight
	{"America/Havana", "2026-11-01T00:00:00Z", 50, 120},       // 0:00 to 1:00 comes twice
	{"Asia/Beirut", "2026-03-28T18:00:00Z", 50, 120},          // no midnight
	{"Asia/Beirut", "2026-10-24T18:00:00Z", 50, 120},          // falls from 0:00 into the day before
	{"America/Sao_Paulo", "2018-02-17T18:00:00Z", 50, 120},    // the same
	{"America/St_Johns", "2010-11-07T00:00:00Z", 50, 120},     // falls from 0:01 into the day before: midnight comes twice
	{"Pacific/Apia", "2011-12-30T00:00:00Z", 50, 120},         // skips a civil day
	{"UTC", "2024-02-28T00:00:00Z", 50, 120},                  // a leap day
	{"Europe/Paris", "2028-12-30T00:00:00Z", 50, 120},         // the last day of a leap year, about which package time errs
}

func (p place) instant() int64 {
	at, err := time.Parse(time.RFC3339, p.at)
	if err != nil {
		panic(err)
	}
	return at.UnixMicro()
}

// policiesAt returns the policies that histories at a place run under; the first is what meters are made with.
func policiesAt(p place) []*modelPolicy {
	face := faceOf(p.zone, p.instant(), p.before, p.after)
	w := func(kind string, d int64) modelWindow { return modelWindow{kind: kind, d: d, zone: p.zone, face: face} }
	all := []*modelPolicy{
		newModelPolicy(civil,
			modelLimit{name: "week", max: 300, count: -1, window: w("rolling", 7*civil)},
			modelLimit{name: "day", max: 150, count: 5, window: w("rolling", civil)},
			modelLimit{name: "hour", max: 120, count: -1, window: w("rolling", hour)}),
		newModelPolicy(2*civil,
			modelLimit{name: "days", max: 300, count: 9, window: w("days", 3)},
			modelLimit{name: "today", max: 200, count: -1, window: w("day", 0)},
			modelLimit{name: "each", max: 90, count: -1, window: w("each", 0)}),
		newModelPolicy(36*hour,
			modelLimit{name: "month", max: 700, count: -1, window: w("month", 0)},
			modelLimit{name: "week", max: 400, count: 12, window: w("week", 0)},
			modelLimit{name: "ever", max: 2000, count: 40, window: w("ever", 0)},
			modelLimit{name: "one", max: 250, count: -1, window: w("days", 1)}),
		newModelPolicy(1, // nothing may be late
			modelLimit{name: "count", max: -1, count: 4, window: w("rolling", 3*hour)},
			modelLimit{name: "week", max: 60, count: -1, window: w("rolling", 7*civil)}),
		newModelPolicy(3*civil,
			modelLimit{name: "none", max: 0, count: -1, window: w("rolling", hour)},
			modelLimit{name: "ever", max: -1, count: 30, window: w("ever", 0)}),
		newModelPolicy(civil/2,
			modelLimit{name: "hours", max: 250, count: 11, window: w("hours", 30)},
			modelLimit{name: "hour", max: 100, count: -1, window: w("hours", 1)},
			modelLimit{name: "months", max: 600, count: -1, window: w("months", 1)}),
		newModelPolicy(3*civil,
			modelLimit{name: "sunday", max: 300, count: -1, window: w("sunday", 0)},
			modelLimit{name: "15th", max: 500, count: 25, window: w("15th", 0)}),
	}
	all = append(all, fancyPolicies(p.instant(), w)...)
	if p.before > 50 {
		all = append(all, newModelPolicy(5*civil,
			modelLimit{name: "quarter", max: 600, count: -1, window: w("quarter", 0)},
			modelLimit{name: "april", max: 900, count: 50, window: w("april", 0)},
			modelLimit{name: "months", max: 500, count: -1, window: w("months", 2)}))
	}
	return all
}

var policyCache = map[place][]*modelPolicy{}

func policies(p place) []*modelPolicy {
	if policyCache[p] == nil {
		policyCache[p] = policiesAt(p)
	}
	return policyCache[p]
}

// op is one operation of a history.
type op struct {
	kind   string
	id     string
	at     int64
	amount int64
	policy *modelPolicy

	expires  int64 // forever: never
	merchant int
	on       int64 // of a capture or an adjustment; -1: none
	of       *op   // of a refund
}

func (o op) String() string {
	return fmt.Sprintf("%s %s %s %d at %d", o.kind, o.id, time.UnixMicro(o.at).UTC().Format(time.RFC3339Nano), o.amount, o.merchant)
}

var kinds = [32]string{
	"authorize", "authorize", "authorize", "authorize", "authorize", "authorize", "authorize", "authorize",
	"authorize", "authorize", "authorize", "hold", "hold", "hold", "hold", "policy",
	"force", "force", "capture", "capture", "capture", "capture", "reverse", "reverse",
	"reverse", "again", "again", "again", "adjust", "adjust", "refund", "refund",
}

// lasts is how long holds last.
var lasts = [8]int64{1, 10 * minute, hour, 5 * hour, civil, civil, 3 * civil, 9 * civil}

// steps are how far the next operation is from the latest, in microseconds. One that is late leaves the clock alone.
var steps = [32]int64{
	0, 0, 0, 1, 1000, 1000, minute, minute, 10 * minute, 10 * minute, hour / 3, hour - 1, hour, 3 * hour, 5 * hour, civil - 1,
	civil, 3 * civil, 0, 1, -1, -1000, -minute, -minute, -hour, -hour, -5 * hour, -5 * hour, -civil / 2, -civil, -26 * hour, -4 * civil,
}

// run plays a history on two meters, through either door, and on the model, and compares everything they say. It returns
// how many operations there were.
func run(t tb, data []byte) int {
	if len(data) == 0 {
		return 0
	}
	p := places[int(data[0])%len(places)]
	all := policies(p)
	first := all[int(data[0])/len(places)%len(all)]
	h := &history{t: t, plain: data[0] >= 128, model: newModel(first), light: cap.NewMeter(first.real), full: cap.NewMeter(first.real), lean: cap.NewMeter(first.real), shared: first.real}
	now := p.instant()
	last := now + 80*civil
	n := 0
	for rest := data[1:]; len(rest) >= 4 && n < 400; rest = rest[4:] {
		at := now + steps[rest[1]%32]
		now = min(max(now, at), last)
		o := op{kind: kinds[rest[0]%32], id: string('a' + rune(rest[2]%8)), at: min(at, last), amount: int64(rest[3]%64) - 2, expires: forever, on: -1}
		o.merchant = int(rest[2]/8) % len(merchants)
		switch o.kind {
		case "hold":
			o.expires = o.at + lasts[rest[3]%8]
		case "authorize", "force":
		default:
			if len(h.sent) == 0 || rest[2] >= 224 {
				break
			}
			old := h.sent[max(0, len(h.sent)-1-int(rest[2]%32))] // speak of a spend that was sent before
			if o.kind == "refund" {
				if o.amount = old.amount / 2; old.at <= o.at {
					o.of = &old
				}
				break
			}
			if rest[3]&64 != 0 && o.at >= old.at {
				o.on = o.at
			}
			o.id, o.at, o.merchant, o.expires = old.id, old.at, old.merchant, old.expires
			if o.kind == "again" {
				o.amount = old.amount
			}
			if o.kind == "capture" && rest[3]%4 == 0 {
				o.amount = old.amount / 2
			}
		}
		o.policy = all[int(rest[3])%len(all)]
		if rest[3] > 240 {
			o.amount = int64(rest[3]-240) * 20
		}
		if h.plain {
			o = o.tamed()
		}
		h.do(o, rest[1]>>5, rest[2] < 8)
		n++
	}
	h.end()
	return n
}

// tamed returns an operation that may not take anything over a limit.
func (o op) tamed() op {
	switch o.kind {
	case "force", "policy", "hold", "refund":
		o.kind, o.expires, o.of = "authorize", forever, nil
	case "capture":
		o.amount = min(o.amount, 1)
	}
	return o
}

// tb is what *testing.T and *rapid.T have in common.
type tb interface {
	Fatalf(format string, args ...any)
}

type history struct {
	t           tb
	plain       bool
	model       *model
	light, full *cap.Meter // either door
	lean        *cap.Meter // Allow, where it can
	shared      *cap.Policy
	sent        []op
	facts       []event.Data
}

var codec = cap.Codec()

// do runs one operation everywhere.
func (h *history) do(o op, look byte, restart bool) {
	at, amount := time.UnixMicro(o.at), money.New(o.amount, money.EUR)
	spend := cap.Spend{ID: o.id, At: at, Amount: amount, Merchant: merchants[o.merchant]}
	change := cap.Change{ID: o.id, At: at, Amount: amount}
	if o.on >= 0 {
		change.On = time.UnixMicro(o.on)
	}
	var want modelDecision
	var light cap.Decision
	var err error
	var command interface {
		Decide(*cap.Meter) ([]event.Data, error)
		Result([]event.Data) cap.Decision
	}
	switch o.kind {
	case "authorize", "again", "hold":
		if o.expires < forever {
			spend.Expires = time.UnixMicro(o.expires)
		}
		command = cap.Authorize(spend)
		light, err = h.light.Authorize(spend)
		want = h.model.spend(o.id, o.at, o.amount, o.expires, o.merchant, false)
	case "force":
		command = cap.ForcePost(spend)
		light, err = h.light.ForcePost(spend)
		want = h.model.spend(o.id, o.at, o.amount, forever, o.merchant, true)
	case "capture":
		command = cap.Capture(change)
		light, err = h.light.Capture(change)
		want = h.model.change(o.id, o.at, o.amount, o.on, true)
	case "adjust":
		command = cap.Adjust(change)
		light, err = h.light.Adjust(change)
		want = h.model.change(o.id, o.at, o.amount, o.on, false)
	case "refund":
		refund := cap.Refund{ID: o.id, At: at, Amount: amount}
		if o.of != nil {
			refund.Of = &cap.Ref{ID: o.of.id, At: time.UnixMicro(o.of.at)}
		} else {
			refund.Merchant = merchants[o.merchant]
		}
		command = refund
		light, err = h.light.Refund(refund)
		want = h.model.refund(o.id, o.at, o.amount, o.of, o.merchant)
	case "reverse":
		command = cap.Reverse{ID: o.id, At: at}
		light, err = h.light.Reverse(o.id, at)
		want = h.model.reverse(o.id, o.at)
	case "policy":
		command = cap.SetPolicy{Policy: o.policy.real}
		light, err = h.light.SetPolicy(o.policy.real)
		want = h.model.setPolicy(o.policy)
	}
	if err != nil {
		h.t.Fatalf("%s: got error %v, want none", o, err)
	}
	if o.kind != "refund" {
		h.sent = append(h.sent, o)
	}
	if diff := cmp.Diff(want, asModel(light), unexported); diff != "" {
		h.t.Fatalf("%s: the meter differs from the model (-want +got):\n%s", o, diff)
	}
	if o.kind == "authorize" || o.kind == "again" || o.kind == "hold" {
		outcome, reason, err := h.lean.Allow(spend)
		if err != nil || outcome != light.Outcome() || reason != light.Reason() {
			h.t.Fatalf("%s: Allow: got %v %q %v, want %s", o, outcome, reason, err, light)
		}
	} else {
		h.lean = h.load(h.bytes(h.light))
	}
	before := h.bytes(h.full)
	decided, err := command.Decide(h.full)
	if err != nil {
		h.t.Fatalf("%s: Decide: got error %v, want none", o, err)
	}
	if !bytes.Equal(before, h.bytes(h.full)) {
		h.t.Fatalf("%s: Decide changed the meter", o)
	}
	decided = h.stored(decided)
	if got := command.Result(decided); !got.Equal(light) {
		h.t.Fatalf("%s: read back from the event: got %s, want %s", o, got, light)
	}
	for _, e := range decided {
		if err := h.full.Apply(e); err != nil {
			h.t.Fatalf("%s: Apply: got error %v, want none", o, err)
		}
		h.facts = append(h.facts, e)
	}
	if want := h.bytes(h.light); !bytes.Equal(h.bytes(h.full), want) || !bytes.Equal(h.bytes(h.lean), want) {
		h.t.Fatalf("%s: the doors lead to different meters", o)
	}
	h.look(o, look, restart)
}

// stored sends events through the codec.
func (h *history) stored(decided []event.Data) []event.Data {
	var out []event.Data
	for _, d := range decided {
		e, err := codec.Encode(d)
		if err != nil {
			h.t.Fatalf("Encode: %v", err)
		}
		back, err := codec.Decode(e)
		if err != nil {
			h.t.Fatalf("Decode %s: %v", e.Data, err)
		}
		out = append(out, back)
	}
	return out
}

func (h *history) bytes(m *cap.Meter) []byte {
	data, err := m.MarshalBinary()
	if err != nil {
		h.t.Fatalf("MarshalBinary: %v", err)
	}
	return data
}

// load returns the meter of a snapshot.
func (h *history) load(data []byte) *cap.Meter {
	m := cap.NewMeter(h.shared)
	if err := m.UnmarshalBinary(data); err != nil {
		h.t.Fatalf("UnmarshalBinary: got error %v, want none", err)
	}
	if again := h.bytes(m); !bytes.Equal(again, data) {
		h.t.Fatalf("a snapshot of what was loaded differs")
	}
	return m
}

// look compares the readers around an operation, and sometimes goes on with a meter that was stored in between.
func (h *history) look(o op, look byte, restart bool) {
	t := o.at + []int64{0, 1, -1, hour, -hour, 30 * hour, 8 * civil, -2 * civil}[look]
	before := h.bytes(h.light)
	h.readers(t, o.amount, o.merchant)
	if !bytes.Equal(before, h.bytes(h.light)) {
		h.t.Fatalf("%s: a reader changed the meter", o)
	}
	if restart {
		h.full = h.load(h.bytes(h.full))
	}
}

func (h *history) readers(t, minor int64, merchant int) {
	at, amount := time.UnixMicro(t), money.New(minor, money.EUR)
	wantRoom, why := h.model.roomFor(minor, t, merchant)
	room, err := h.light.RoomFor(amount, at, merchants[merchant])
	if err != nil {
		h.t.Fatalf("RoomFor(%v, %v): %v", amount, at, err)
	}
	if room.Reason != why || room.Fits() && room.At.UnixMicro() != wantRoom {
		h.t.Fatalf("RoomFor(%v, %v): got %v %q, want %v %q", amount, at.UTC(), room.At, room.Reason, time.UnixMicro(wantRoom).UTC(), why)
	}
	usage, err := h.light.Usage(at)
	if t < h.model.oldest {
		if err == nil {
			h.t.Fatalf("Usage(%v): got no error before Oldest", at)
		}
		return
	}
	if err != nil {
		h.t.Fatalf("Usage(%v): %v", at, err)
	}
	want := h.model.tell(t)
	if diff := cmp.Diff(want, listOf(usage), unexported); diff != "" {
		h.t.Fatalf("Usage(%v) (-want +got):\n%s", at, diff)
	}
	most := cap.MaxAmount
	for i := range h.model.policy.limits {
		l := &h.model.policy.limits[i]
		used, _ := h.light.Used(l.name, at)
		if sum, _ := h.model.sum(l, t, max(t, h.model.latest)); used.Minor() != max(0, sum) {
			h.t.Fatalf("Used(%s, %v): got %v, want %d", l.name, at, used, sum)
		}
		left, _ := h.light.Remaining(l.name, at)
		if left != want[i].Remaining() {
			h.t.Fatalf("Remaining(%s, %v): got %v, want %v", l.name, at, left, want[i].Remaining())
		}
		if !l.looksAt(merchant) || l.mode("authorize") == cap.Ignored {
			continue
		}
		if l.max >= 0 {
			most = min(most, left.Minor())
		}
		if n, counts := want[i].RemainingCount(); counts && n == 0 {
			most = 0
		}
	}
	if got, _ := h.light.MaxNow(at, merchants[merchant]); got.Minor() != most {
		h.t.Fatalf("MaxNow(%v): got %v, want %d", at, got, most)
	}
}

// end replays the whole history (law L11).
func (h *history) end() {
	m := cap.NewMeter(h.shared)
	for _, e := range h.facts {
		if err := m.Apply(e); err != nil {
			h.t.Fatalf("replay: %v", err)
		}
	}
	want := h.bytes(h.light)
	if !bytes.Equal(h.bytes(m), want) {
		h.t.Fatalf("the replayed meter differs")
	}
	h.load(want)
	if h.plain {
		h.law2()
	}
}

// law2 looks at every window that ends with a spend, since none that ends between two is fuller: no limit was ever
// exceeded. It counts all that was approved and not taken back, also what the meter no longer keeps.
func (h *history) law2() {
	for i := range h.model.policy.limits {
		l := &h.model.policy.limits[i]
		if l.window.kind == "opened" || l.counting != (cap.Counting{}) || l.overrides != nil {
			continue // not given by the spends alone
		}
		parts := h.model.books[h.model.policy.book(l)].parts
		for _, end := range parts {
			sum, count := int64(0), int64(0)
			for _, p := range parts {
				if p.at <= end.at && (h.model.holds(l, p.at, end.at) || l.window.kind == "each" && p.of == end.of) {
					amount, one := p.worth(l, h.model.latest)
					sum, count = sum+amount, count+one
				}
			}
			if l.max >= 0 && sum > l.max || l.count >= 0 && count > l.count {
				h.t.Fatalf("limit %s: %d in %d spends at %v", l.name, sum, count, time.UnixMicro(end.at).UTC())
			}
		}
	}
}

var unexported = cmpopts.EquateEmpty()

func listOf(u cap.Usage) []cap.LimitUsage {
	var out []cap.LimitUsage
	for l := range u.Limits() {
		out = append(out, l)
	}
	return out
}

func asModel(d cap.Decision) modelDecision {
	l, _ := d.Binding()
	return modelDecision{d.Approved(), d.Existed(), d.Reason(), l.Name, listOf(d.Usage)}
}
