package cap_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

var weekly = cap.MustPolicy(money.EUR, []cap.Limit{
	{Name: "week", Max: eur(300_00), Window: cap.Rolling(7 * 24 * time.Hour)},
}, nil)

// row is one line of a story: what is asked when, and what must come of it.
type row struct {
	do        string // pay, force, capture, reverse
	id        string
	hours     float64
	minor     int64
	outcome   cap.Outcome
	reason    cap.Reason
	remaining int64
}

func tell(t *testing.T, m *cap.Meter, rows []row) {
	t.Helper()
	for i, r := range rows {
		var d cap.Decision
		var err error
		switch s := pay(r.id, r.hours, r.minor); r.do {
		case "pay":
			d, err = m.Authorize(s)
		case "force":
			d, err = m.ForcePost(s)
		case "capture":
			d, err = m.Capture(cap.Change{ID: s.ID, At: s.At, Amount: s.Amount})
		case "reverse":
			d, err = m.Reverse(r.id, at(r.hours))
		}
		l := d.Limit(0)
		if err != nil || d.Outcome() != r.outcome || d.Reason() != r.reason || l.Remaining() != eur(r.remaining) {
			t.Errorf("row %d: %s %s at %v h: got %v, remaining %v, %v; want %v %q, remaining %v",
				i, r.do, r.id, r.hours, d, l.Remaining(), err, r.outcome, r.reason, eur(r.remaining))
		}
	}
}

const week = 7 * 24

// The acceptance test of CréditRama's tellers: cap 300 over 7 days.
func TestGoldenVectorCreditRama(t *testing.T) {
	tell(t, cap.NewMeter(weekly), []row{
		{"pay", "a", 0, 110_00, cap.Approved, "", 190_00},
		{"pay", "b", 24, 110_00, cap.Approved, "", 80_00},
		{"pay", "c", 48, 110_00, cap.Refused, cap.AmountLimitExceeded, 80_00},
		{"pay", "d", week, 110_00, cap.Approved, "", 80_00}, // a is exactly 7 days old: out
		{"pay", "e", week, 110_00, cap.Refused, cap.AmountLimitExceeded, 80_00},
	})
}

// Law L1: exactly d old is out, a microsecond younger is in; the limit may be reached exactly.
func TestEdges(t *testing.T) {
	const microsecond = 1.0 / 3_600_000_000
	tell(t, cap.NewMeter(weekly), []row{
		{"pay", "all", 0, 300_00, cap.Approved, "", 0},
		{"pay", "cent", week - microsecond, 1, cap.Refused, cap.AmountLimitExceeded, 0},
		{"pay", "again", week, 300_00, cap.Approved, "", 0},
		{"pay", "cent", week, 1, cap.Refused, cap.AmountLimitExceeded, 0},
	})
}

// Laws L2 and L4: a late spend must fit the windows that end after it as well.
func TestLate(t *testing.T) {
	p := cap.MustPolicy(money.EUR, weekly.Limits(), &cap.PolicyOptions{Lateness: 48 * time.Hour})
	tell(t, cap.NewMeter(p), []row{
		{"pay", "first", 0, 100_00, cap.Approved, "", 200_00},
		{"pay", "later", week, 250_00, cap.Approved, "", 50_00},
		{"pay", "late", week - 1, 60_00, cap.Refused, cap.AmountLimitExceeded, 50_00}, // 160 then, but 310 with the later one
		{"pay", "late", week - 1, 50_00, cap.Approved, "", 0},
		{"pay", "too late", week - 48.01, 1, cap.Refused, cap.TooLate, 0},
		{"pay", "just in time", week - 48, 1, cap.Refused, cap.AmountLimitExceeded, 0},
	})
}

// Law L7: room comes back at the original instant.
func TestGivingBack(t *testing.T) {
	tell(t, cap.NewMeter(weekly), []row{
		{"pay", "hotel", 0, 200_00, cap.Approved, "", 100_00},
		{"pay", "car", 24, 100_00, cap.Approved, "", 0},
		{"capture", "hotel", 0, 150_00, cap.Approved, "", 50_00},
		{"capture", "hotel", 0, 150_00, cap.Approved, cap.AlreadyCaptured, 50_00},
		{"reverse", "car", 24, 0, cap.Approved, "", 150_00},
		{"reverse", "car", 24, 0, cap.Approved, cap.AlreadyReversed, 150_00},
		{"pay", "car", 24, 100_00, cap.Refused, cap.AlreadyReversed, 150_00},
		{"capture", "car", 24, 1, cap.Refused, cap.AlreadyReversed, 150_00},
		{"pay", "boat", 24, 150_00, cap.Approved, "", 0},
		{"capture", "boat", 24, 170_00, cap.Approved, "", 0}, // more: a force-post of the difference
		{"pay", "late", week, 130_00, cap.Approved, "", 0},   // the hotel leaves with what was captured
	})
}

// Law L2: only a force-post exceeds, and says so; what is over lets nothing through until enough has left.
func TestForcePost(t *testing.T) {
	m := cap.NewMeter(weekly)
	tell(t, m, []row{
		{"pay", "a", 0, 200_00, cap.Approved, "", 100_00},
		{"force", "b", 1, 200_00, cap.Approved, "", 0},
		{"force", "b", 1, 200_00, cap.Approved, cap.Exists, 0},
		{"force", "b", 1, 201_00, cap.Refused, cap.ExistsWithDifferentAmount, 0},
		{"pay", "c", 2, 1, cap.Refused, cap.AmountLimitExceeded, 0},
		{"pay", "d", week, 100_00, cap.Approved, "", 0},
	})
	d, err := m.ForcePost(pay("e", week+0.5, 1))
	if err != nil || !d.Exceeded() || !d.Limit(0).Over {
		t.Errorf("got %v %v, want the week over", d, err)
	}
}

// Law L3: a refusal changes no sum, wherever it is dated; a refused attempt in the far future spoils nothing.
func TestRefusalsChangeNothing(t *testing.T) {
	for _, p := range []*cap.Policy{snapshotPolicy, weekly} {
		m := cap.NewMeter(p)
		for i := range 10 {
			if d, err := m.Authorize(pay(fmt.Sprint(i), float64(i), 30_00)); err != nil || !d.Approved() {
				t.Fatal(d, err)
			}
		}
		before := snapshot(t, m)
		for _, hours := range []float64{9, 1e6, 8.5, 10, 1e5, -5} {
			if d, err := m.Authorize(pay("x", hours, 400_00)); err != nil || d.Approved() {
				t.Errorf("at %v h: got %v %v, want a refusal", hours, d, err)
			}
			if !bytes.Equal(snapshot(t, m), before) {
				t.Fatalf("at %v h: the refusal changed the meter", hours)
			}
		}
		if d, err := m.Authorize(pay("y", 9, 1)); err != nil || d.Approved() {
			t.Errorf("still full: got %v %v, want a refusal", d, err)
		}
	}
}

// Law L5: overflow is a reason of its own. The sum of everything may reach the largest int64, and not pass it.
func TestOverflow(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "count", MaxCount: 9, Window: cap.Rolling(time.Hour)}}, nil)
	m := cap.NewMeter(p)
	type row struct {
		minor  int64
		reason cap.Reason
	}
	rows := []row{{math.MaxInt64, cap.Overflow}, {cap.MaxAmount + 1, cap.Overflow}, {math.MinInt64, cap.AmountNotPositive}}
	for range math.MaxInt64 / cap.MaxAmount {
		rows = append(rows, row{cap.MaxAmount, ""})
	}
	left := int64(math.MaxInt64 % cap.MaxAmount)
	rows = append(rows, row{left + 1, cap.Overflow}, row{left, ""}, row{1, cap.Overflow})
	for i, r := range rows {
		hours := float64(100 * i) // far apart: also what is gone counts
		if d, err := m.Authorize(pay("x", hours, r.minor)); err != nil || d.Reason() != r.reason {
			t.Errorf("row %d: got %v %v, want %q", i, d, err, r.reason)
		}
		if d, err := m.ForcePost(pay("f", hours, math.MaxInt64)); err != nil || d.Reason() != cap.Overflow {
			t.Errorf("row %d: force-post: got %v %v, want overflow", i, d, err)
		}
	}
}

// Law L8: a new policy finds the usage as it was.
func TestSetPolicy(t *testing.T) {
	m := cap.NewMeter(weekly)
	tell(t, m, []row{{"pay", "a", 0, 200_00, cap.Approved, "", 100_00}})
	lower := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "week", Max: eur(150_00), Window: cap.Rolling(7 * 24 * time.Hour)}}, nil)
	d, err := m.SetPolicy(lower)
	if l := d.Limit(0); err != nil || !l.Over || l.Used != eur(200_00) || l.Remaining() != eur(0) {
		t.Errorf("lowered: got %v %v", d, err)
	}
	tell(t, m, []row{{"pay", "b", 1, 1, cap.Refused, cap.AmountLimitExceeded, 0}})
	if d, err = m.SetPolicy(weekly); err != nil || d.Limit(0).Over || m.Policy() != weekly {
		t.Errorf("raised again: got %v %v", d, err)
	}
	tell(t, m, []row{{"pay", "b", 1, 100_00, cap.Approved, "", 0}})
}

// What cannot be decided is an error, and changes nothing.
func TestErrors(t *testing.T) {
	m := lived(t, nil)
	before := snapshot(t, m)
	ok := pay("x", 3, 1)
	for name, row := range map[string]struct {
		change func(*cap.Spend)
		want   error
	}{
		"no id":       {func(s *cap.Spend) { s.ID = "" }, cap.ErrInvalid},
		"long id":     {func(s *cap.Spend) { s.ID = string(make([]byte, 256)) }, cap.ErrInvalid},
		"control":     {func(s *cap.Spend) { s.ID = "a\nb" }, cap.ErrInvalid},
		"not utf-8":   {func(s *cap.Spend) { s.ID = "a\xff" }, cap.ErrInvalid},
		"no instant":  {func(s *cap.Spend) { s.At = time.Time{} }, money.ErrInvalidInstant},
		"before 1970": {func(s *cap.Spend) { s.At = time.Unix(-1, 0) }, money.ErrInvalidInstant},
		"year 2200":   {func(s *cap.Spend) { s.At = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }, money.ErrInvalidInstant},
		"year 300000": {func(s *cap.Spend) { s.At = time.Unix(1<<53, 0) }, money.ErrInvalidInstant},
		"dollars":     {func(s *cap.Spend) { s.Amount = money.New(1, money.USD) }, money.ErrCurrencyMismatch},
		"no currency": {func(s *cap.Spend) { s.Amount = money.Amount{} }, money.ErrCurrencyMismatch},
	} {
		s := ok
		row.change(&s)
		for _, do := range []func() error{
			func() error { _, err := m.Authorize(s); return err },
			func() error { _, err := m.ForcePost(s); return err },
			func() error { _, err := m.Capture(cap.Change{ID: s.ID, At: s.At, Amount: s.Amount}); return err },
			func() error { _, err := cap.Authorize(s).Decide(m); return err },
			func() error { _, err := cap.ForcePost(s).Decide(m); return err },
			func() error { _, err := cap.Capture{ID: s.ID, At: s.At, Amount: s.Amount}.Decide(m); return err },
		} {
			if err := do(); !errors.Is(err, row.want) {
				t.Errorf("%s: got %v, want %v", name, err, row.want)
			}
		}
	}
	other := cap.MustPolicy(money.USD, []cap.Limit{{Name: "x", MaxCount: 1, Window: cap.Lifetime()}}, nil)
	if _, err := m.SetPolicy(other); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("SetPolicy in dollars: got %v", err)
	}
	if _, err := m.SetPolicy(nil); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("SetPolicy(nil): got %v", err)
	}
	if _, err := m.Used("nothing", at(3)); !errors.Is(err, cap.ErrUnknownLimit) {
		t.Errorf("Used: got %v", err)
	}
	if _, err := m.Usage(m.Oldest().Add(-time.Microsecond)); !errors.Is(err, cap.ErrForgotten) {
		t.Errorf("Usage: got %v", err)
	}
	if _, err := m.RoomFor(money.New(1, money.USD), at(3), nil); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("RoomFor: got %v", err)
	}
	if !bytes.Equal(snapshot(t, m), before) {
		t.Error("an error changed the meter")
	}
	for name, do := range map[string]func(*cap.Meter) error{
		"Authorize": func(m *cap.Meter) error { _, err := m.Authorize(ok); return err },
		"ForcePost": func(m *cap.Meter) error { _, err := m.ForcePost(ok); return err },
		"Capture": func(m *cap.Meter) error {
			_, err := m.Capture(cap.Change{ID: ok.ID, At: ok.At, Amount: ok.Amount})
			return err
		},
		"Reverse":   func(m *cap.Meter) error { _, err := m.Reverse("x", at(0)); return err },
		"SetPolicy": func(m *cap.Meter) error { _, err := m.SetPolicy(weekly); return err },
		"Usage":     func(m *cap.Meter) error { _, err := m.Usage(at(0)); return err },
		"Used":      func(m *cap.Meter) error { _, err := m.Used("week", at(0)); return err },
		"Remaining": func(m *cap.Meter) error { _, err := m.Remaining("week", at(0)); return err },
		"RoomFor":   func(m *cap.Meter) error { _, err := m.RoomFor(eur(1), at(0), nil); return err },
		"MaxNow":    func(m *cap.Meter) error { _, err := m.MaxNow(at(0), nil); return err },
	} {
		for _, m := range []*cap.Meter{new(cap.Meter), cap.NewMeter(nil)} {
			if err := do(m); !errors.Is(err, cap.ErrInvalid) {
				t.Errorf("%s without a policy: got %v, want ErrInvalid", name, err)
			}
		}
	}
	var none cap.Decision
	if none.Approved() || none.Len() != 0 || !none.At().IsZero() || none.Exceeded() {
		t.Error("the zero Decision refuses and is empty")
	}
}

// RoomFor never promises what cannot be.
func TestRoomForNever(t *testing.T) {
	m := lived(t, nil)
	for minor, want := range map[int64]cap.Room{
		0:              {Reason: cap.AmountNotPositive},
		300_01:         {Reason: cap.AmountLimitExceeded, Limit: "week"},
		math.MaxInt64:  {Reason: cap.Overflow},
		-math.MaxInt64: {Reason: cap.AmountNotPositive},
	} {
		if got, err := m.RoomFor(eur(minor), at(3), nil); err != nil || got != want || got.Fits() {
			t.Errorf("%d: got %v %v, want %v", minor, got, err, want)
		}
	}
}
