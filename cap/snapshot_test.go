package cap_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc64"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
)

var snapshotPolicy = cap.MustPolicy(money.EUR, []cap.Limit{
	{Name: "week", Max: eur(300_00), MaxCount: 20, Window: cap.Rolling(7 * 24 * time.Hour)},
	{Name: "days", Max: eur(300_00), Window: cap.RollingDays(3, time.UTC)},
	{Name: "ever", MaxCount: 99, Window: cap.Lifetime()},
}, nil)

// ownPolicies are those that the meters of these tests are given later: none, one, and one of everything.
var ownPolicies = []*cap.Policy{
	nil,
	cap.MustPolicy(money.EUR, []cap.Limit{{Name: "day", Max: eur(1), Window: cap.Calendar(cap.Day, paris)}}, nil),
	cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "net", Max: eur(900_00), Window: cap.Rolling(7 * 24 * time.Hour), Counting: cap.Counting{Refund: cap.Now}, Alerts: []int{50}},
		{Name: "opened", Max: eur(900_00), Window: cap.OpenedByFirstUse(24 * time.Hour), Counting: cap.Counting{Refund: cap.Now}},
		{Name: "atm", Max: eur(900_00), Window: cap.Lifetime(), Scope: scopes["atm"].real},
		{Name: "atm-day", MaxCount: 9, Window: cap.OpenedByFirstUse(24 * time.Hour), Scope: scopes["atm"].real},
		{Name: "cleared", Max: eur(900_00), Window: cap.RollingDays(30, paris), Counting: cap.Counting{Authorize: cap.Ignored, Capture: cap.Now}},
	}, nil),
}

// lived returns a meter with something of everything in it.
func lived(tb testing.TB, own *cap.Policy) *cap.Meter {
	m := cap.NewMeter(snapshotPolicy)
	must := func(d cap.Decision, err error) {
		tb.Helper()
		if err != nil || !d.Approved() {
			tb.Fatal(d, err)
		}
	}
	must(m.Authorize(pay("old", -400, 10_00)))
	must(m.Authorize(pay("one", 0, 10_00)))
	must(m.Authorize(pay("two", 1, 20_00)))
	must(m.Authorize(pay("tie", 1, 30_00)))
	must(m.ForcePost(pay("forced", 2, 500_00)))
	must(m.Capture(change("two", 1, 15_00)))
	must(m.Reverse("tie", at(1)))
	if own == nil {
		return m
	}
	must(m.SetPolicy(own))
	if own != ownPolicies[2] {
		return m
	}
	for _, do := range []func(*cap.Meter) (cap.Decision, error){
		authorize("cash", 3, 20_00, merchants[2]), hold("short", 3, 1_00, 4), hold("held", 3, 30_00, 90), hold("more", 4, 20_00, 99),
		adjust("held", 3, 45_00, 5), adjust("more", 4, 10_00, 5), capture("cash", 3, 25_00, 6), refund("back", 7, 5_00, "cash", 3),
	} {
		must(do(m))
	}
	return m
}

func snapshot(tb testing.TB, m *cap.Meter) []byte {
	tb.Helper()
	data, err := m.MarshalBinary()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestSnapshot(t *testing.T) {
	for _, own := range ownPolicies {
		data := snapshot(t, lived(t, own))
		m := cap.NewMeter(snapshotPolicy)
		if err := m.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(snapshot(t, m), data) || !m.Policy().Equal(lived(t, own).Policy()) {
			t.Error("what was loaded differs")
		}
		if d, err := m.Reverse("tie", at(1)); err != nil || d.Reason() != cap.AlreadyReversed {
			t.Errorf("after loading, a second reversal: got %v %v", d, err)
		}
	}
	fresh := cap.NewMeter(snapshotPolicy)
	if err := cap.NewMeter(snapshotPolicy).UnmarshalBinary(snapshot(t, fresh)); err != nil {
		t.Errorf("of a new meter: %v", err)
	}
}

// A snapshot altered by one bit, or cut short, is refused, and the meter stays as it was.
func TestSnapshotDamaged(t *testing.T) {
	data := snapshot(t, lived(t, ownPolicies[2]))
	m := lived(t, nil)
	before := snapshot(t, m)
	for i := range 8 * len(data) {
		bad := bytes.Clone(data)
		bad[i/8] ^= 1 << (i % 8)
		if err := m.UnmarshalBinary(bad); !errors.Is(err, cap.ErrSnapshot) {
			t.Fatalf("bit %d: got %v, want ErrSnapshot", i, err)
		}
	}
	for i := range data {
		if err := m.UnmarshalBinary(data[:i]); !errors.Is(err, cap.ErrSnapshot) {
			t.Fatalf("cut to %d bytes: got %v, want ErrSnapshot", i, err)
		}
	}
	if !bytes.Equal(snapshot(t, m), before) {
		t.Error("a refused snapshot changed the meter")
	}
}

func TestSnapshotOfAnotherPolicy(t *testing.T) {
	other := cap.NewMeter(threeWindows)
	if err := other.UnmarshalBinary(snapshot(t, lived(t, nil))); !errors.Is(err, cap.ErrPolicyMismatch) {
		t.Errorf("got %v, want ErrPolicyMismatch", err)
	}
	if err := new(cap.Meter).UnmarshalBinary(snapshot(t, lived(t, nil))); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("into the zero Meter: got %v, want ErrInvalid", err)
	}
	if _, err := new(cap.Meter).MarshalBinary(); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("of the zero Meter: got %v, want ErrInvalid", err)
	}
}

// seal puts the right checksum behind a body.
func seal(body []byte) []byte {
	return binary.LittleEndian.AppendUint64(bytes.Clone(body), crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)))
}

// Whatever is in a sealed body, loading neither panics nor eats memory, and what loads is canonical.
func loadAnything(tb testing.TB, body []byte) {
	m := cap.NewMeter(snapshotPolicy)
	data := seal(body)
	if m.UnmarshalBinary(data) != nil {
		return
	}
	if !bytes.Equal(snapshot(tb, m), data) {
		tb.Fatalf("loaded what is not canonical: %x", data)
	}
	if d, err := m.Authorize(pay("x", 0, 1)); err != nil {
		tb.Fatal(d, err)
	}
}

func TestSnapshotForged(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, own := range ownPolicies {
		data := snapshot(t, lived(t, own))
		body := data[:len(data)-8]
		every := 2000/campaign.Alone(2000) | 1 // bit, or every fifth
		for i := 0; i < 8*len(body); i += every {
			bad := bytes.Clone(body)
			bad[i/8] ^= 1 << (i % 8)
			loadAnything(t, bad)
		}
		for range campaign.Alone(2000) {
			bad := bytes.Clone(body)
			for range 1 + r.IntN(4) {
				bad[33+r.IntN(len(bad)-33)] = byte(r.Uint32())
			}
			loadAnything(t, bad)
		}
	}
}

// A number in a longer form than it needs is refused, or two snapshots could stand for one meter.
func TestSnapshotCanonical(t *testing.T) {
	data := snapshot(t, lived(t, nil))
	body := data[:len(data)-8]
	const ownPolicy = 33 // the length of the own policy, which is 0
	long := append(append(bytes.Clone(body[:ownPolicy]), 0x80, 0x00), body[ownPolicy+1:]...)
	for name, bad := range map[string][]byte{"long number": long, "something after the end": append(bytes.Clone(body), 0)} {
		if err := cap.NewMeter(snapshotPolicy).UnmarshalBinary(seal(bad)); !errors.Is(err, cap.ErrSnapshot) {
			t.Errorf("%s: got %v, want ErrSnapshot", name, err)
		}
	}
	if err := cap.NewMeter(snapshotPolicy).UnmarshalBinary(seal(body)); err != nil {
		t.Errorf("unchanged: got %v", err)
	}
}

func FuzzSnapshot(f *testing.F) {
	for _, own := range ownPolicies {
		data := snapshot(f, lived(f, own))
		f.Add(data[:len(data)-8])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if cap.NewMeter(snapshotPolicy).UnmarshalBinary(body) == nil {
			t.Fatal("loaded without a checksum")
		}
		loadAnything(t, body)
	})
}
