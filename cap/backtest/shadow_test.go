package backtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// byMethod decides an attempt by the method of its command.
func byMethod(m *cap.Meter, a backtest.Attempt) (cap.Decision, error) {
	switch c := a.Command.(type) {
	case cap.Authorize:
		return m.Authorize(cap.Spend(c))
	case cap.ForcePost:
		return m.ForcePost(cap.Spend(c))
	case cap.Adjust:
		return m.Adjust(cap.Change(c))
	case cap.Capture:
		return m.Capture(cap.Change(c))
	case cap.Reverse:
		return m.Reverse(c.ID, c.At)
	case cap.Refund:
		return m.Refund(c)
	}
	return m.Authorize(a.Spend)
}

// beside shows an attempt to the live meter and its shadow, by one of the three ways.
func beside(t *rapid.T, s *backtest.Shadow, live *cap.Meter, a backtest.Attempt) (cap.Decision, backtest.Opinion) {
	way := rapid.IntRange(0, 2).Draw(t, "way")
	if a.Command == nil && way == 0 {
		d, o, err := s.Authorize(live, a.Spend)
		if err != nil {
			t.Fatal(err)
		}
		return d, o
	}
	if way < 2 {
		c := a.Command
		if c == nil {
			c = cap.Authorize(a.Spend)
		}
		d, o, err := s.Do(live, c)
		if err != nil {
			t.Fatal(err)
		}
		return d, o
	}
	d, decided := answer(t, live, a)
	return d, s.Observe(decided[0])
}

// Law B3: with a shadow beside it, a meter decides what it decides alone, and is the same in every bit.
func TestShadowChangesNothing(t *testing.T) {
	property(t, func(t *rapid.T) {
		p := anyPolicy(t, "live")
		alone, live := cap.NewMeter(p), cap.NewMeter(p)
		s := backtest.NewShadow(anyPolicy(t, "shadow"))
		for _, a := range anyHistory(t, 60, 1, false) {
			want, err := byMethod(alone, a)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := beside(t, s, live, a); !got.Equal(want) {
				t.Fatalf("got %s, want %s", got, want)
			}
			data, err := live.MarshalBinary()
			want2, err2 := alone.MarshalBinary()
			if err := errors.Join(err, err2); err != nil || !bytes.Equal(data, want2) {
				t.Fatalf("the snapshots differ: %v", err)
			}
		}
	})
}

// Law B4: a shadow of the same policy always agrees, from the beginning or from any moment on.
func TestShadowOfTheSamePolicyAgrees(t *testing.T) {
	property(t, func(t *rapid.T) {
		p := anyPolicy(t, "policy")
		live := cap.NewMeter(p)
		s := backtest.NewShadow(p)
		history := anyHistory(t, 60, 1, false)
		attached := rapid.IntRange(0, len(history)-1).Draw(t, "attached")
		for i, a := range history {
			if i == attached {
				var err error
				if s, err = backtest.ShadowOf(live, p); err != nil {
					t.Fatal(err)
				}
			}
			next := live.Clone()
			d, decided := answer(t, next, a)
			if !d.Approved() || d.Existed() { // which the event does not tell in full
				_, o, err := s.Do(live, commandIn(a))
				if err != nil {
					t.Fatal(err)
				}
				agree(t, o, d)
				continue
			}
			live = next
			agree(t, s.Observe(decided[0]), d)
		}
	})
}

// commandIn returns the attempt as a command.
func commandIn(a backtest.Attempt) backtest.Command {
	if a.Command == nil {
		return cap.Authorize(a.Spend)
	}
	return a.Command
}

func agree(t rapid.TB, o backtest.Opinion, d cap.Decision) {
	t.Helper()
	if o.Err != nil || !o.Agrees() || o.Shadow != o.Attempt.Live || o.Shadow != backtest.VerdictOf(&d) {
		t.Fatalf("live %s, shadow %s, %v", o.Attempt.Live, o.Shadow, o.Err)
	}
}

// What live approved is spent, whatever the shadow says: it judges as a meter of its policy does to which the events of
// the live one are applied.
func TestShadowFollowsTheFacts(t *testing.T) {
	property(t, func(t *rapid.T) {
		p, other := anyPolicy(t, "live"), anyPolicy(t, "shadow")
		live, copied, model := cap.NewMeter(p), cap.NewMeter(p), cap.NewMeter(other)
		s := backtest.NewShadow(other)
		figures, err := backtest.NewFigures(other, 3)
		if err != nil {
			t.Fatal(err)
		}
		agreed, differ, total := int64(0), int64(0), int64(0)
		for _, a := range anyHistory(t, 60, 1, false) {
			says, err := commandIn(a).Decide(model)
			if err != nil {
				t.Fatal(err)
			}
			d := commandIn(a).Result(says)
			want := backtest.VerdictOf(&d)
			_, decided := answer(t, copied, a)
			lost := model.Apply(decided[0])
			var o backtest.Opinion
			if a.Command == nil && rapid.Bool().Draw(t, "short way") {
				_, o, err = s.Authorize(live, a.Spend)
			} else {
				_, o, err = s.Do(live, commandIn(a))
			}
			if err != nil || o.Shadow != want || (o.Err == nil) != (lost == nil) {
				t.Fatalf("got %s, %v, %v, want %s, %v", o.Shadow, o.Err, err, want, lost)
			}
			figures.Add("card", &o)
			if total++; o.Agrees() {
				agreed++
			} else {
				differ++
			}
		}
		for _, c := range figures.Commands() {
			agreed -= c.Compared.Agreed.Count
			differ -= c.Compared.WouldAccept.Count + c.Compared.WouldRefuse.Count
			total -= c.Accepted.Count + c.Repeated.Count + c.Refused.Count
			if n := len(c.Compared.WouldRefuse.Examples); n > 3 || int64(n) < min(3, c.Compared.WouldRefuse.Count) {
				t.Fatalf("%d examples of %d", n, c.Compared.WouldRefuse.Count)
			}
		}
		if agreed != 0 || differ != 0 || total != 0 {
			t.Fatalf("%d agreements, %d differences, %d opinions more than the figures say", agreed, differ, total)
		}
	})
}

// Figures of parts, merged, are the figures of the whole.
func TestFiguresMerge(t *testing.T) {
	property(t, func(t *rapid.T) {
		p := anyPolicy(t, "shadow")
		make := func() *backtest.Figures {
			f, err := backtest.NewFigures(p, 1000)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		whole, parts := make(), []*backtest.Figures{make(), make()}
		live, s := cap.NewMeter(anyPolicy(t, "live")), backtest.NewShadow(p)
		for _, a := range anyHistory(t, 40, 1, false) {
			_, o := beside(t, s, live, a)
			whole.Add("card", &o)
			parts[rapid.IntRange(0, 1).Draw(t, "part")].Add("card", &o)
		}
		if err := parts[0].Merge(parts[1]); err != nil {
			t.Fatal(err)
		}
		got, want := parts[0].Commands(), whole.Commands()
		for i := range got { // the positions and the order of the examples are those of the parts
			for _, c := range []*backtest.Agreement{&got[i].Compared, &want[i].Compared} {
				if int64(len(c.WouldAccept.Examples)) != c.WouldAccept.Count || int64(len(c.WouldRefuse.Examples)) != c.WouldRefuse.Count {
					t.Fatal("an example is lost")
				}
				c.WouldAccept.Examples, c.WouldRefuse.Examples = nil, nil
			}
		}
		if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
			t.Fatalf("got %s\nwant %s", g, w)
		}
		a, _ := parts[0].Failed()
		if b, _ := whole.Failed(); a != b {
			t.Fatalf("%d failed, want %d", a, b)
		}
	})
}

// What goes wrong beside the live meter stays beside it.
func TestShadowErrors(t *testing.T) {
	live := cap.NewMeter(policies[0])
	if _, _, err := backtest.NewShadow(policies[0]).Authorize(live, cap.Spend{}); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("the error of the live meter is %v", err)
	}
	if _, _, err := backtest.NewShadow(policies[0]).Do(live, cap.Capture{}); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("the error of the live meter is %v", err)
	}
	koruna := backtest.NewShadow(berkaPolicies()[0].Policy)
	d, o, err := koruna.Authorize(live, spend("1", 0, 5))
	if err != nil || !d.Approved() || !errors.Is(o.Err, money.ErrCurrencyMismatch) || o.Shadow.Known || o.Agrees() {
		t.Errorf("%s, %+v, %v", d, o, err)
	}
	// A shadow that came later knows nothing of the spend that is captured.
	late := backtest.NewShadow(policies[0])
	d, o, err = late.Do(live, cap.Capture{ID: "1", At: hours(0), Amount: eur(4)})
	if err != nil || !d.Approved() || !errors.Is(o.Err, cap.ErrHistory) || o.Shadow.Reason != cap.NotFound {
		t.Errorf("%s, %+v, %v", d, o, err)
	}
	if o := late.Observe(stranger{}); !errors.Is(o.Err, backtest.ErrInvalid) {
		t.Error(o.Err)
	}
	if o := late.Observe(cap.PolicySet{Policy: policies[1]}); o.Err != nil || late.Policy() != policies[0] {
		t.Errorf("%+v: the shadow keeps its policy", o)
	}
	for _, bad := range []func() error{
		func() error { _, err := backtest.ShadowOf(nil, policies[0]); return err },
		func() error { _, err := backtest.NewFigures(nil, 1); return err },
		func() error { _, err := backtest.NewFigures(policies[0], -1); return err },
		func() error {
			f, _ := backtest.NewFigures(policies[0], 1)
			g, _ := backtest.NewFigures(policies[1], 1)
			return f.Merge(g)
		},
	} {
		if err := bad(); !errors.Is(err, backtest.ErrInvalid) {
			t.Errorf("got %v, want ErrInvalid", err)
		}
	}
	if _, err := backtest.ShadowOf(live, nil); !errors.Is(err, cap.ErrInvalid) {
		t.Error(err)
	}
	f, err := backtest.NewFigures(policies[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	f.Add("card", &o)
	if n, why := f.Failed(); n != 1 || !errors.Is(why, cap.ErrHistory) {
		t.Errorf("%d failed: %v", n, why)
	}
}

// Where both sides approve, nothing is allocated.
func TestShadowAllocations(t *testing.T) {
	live, s := cap.NewMeter(policies[1]), backtest.NewShadow(policies[0])
	at := monday
	approve := func() {
		at = at.Add(day)
		d, o, err := s.Authorize(live, cap.Spend{ID: "0123456789", At: at, Amount: eur(5)})
		if err != nil || !d.Approved() || !o.Agrees() {
			t.Fatal(d, o, err)
		}
	}
	for range 50 {
		approve()
	}
	if got := testing.AllocsPerRun(100, approve); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

func BenchmarkShadow(b *testing.B) {
	for _, beside := range []bool{false, true} {
		b.Run(fmt.Sprintf("shadow=%v", beside), func(b *testing.B) {
			live, s := cap.NewMeter(policies[1]), backtest.NewShadow(policies[0])
			at := monday
			b.ReportAllocs()
			for b.Loop() {
				if at = at.Add(day); at.Year() > 2190 {
					b.StopTimer()
					live, s, at = cap.NewMeter(policies[1]), backtest.NewShadow(policies[0]), monday
					b.StartTimer()
				}
				spend := cap.Spend{ID: "0123456789", At: at, Amount: eur(5)}
				var err error
				if beside {
					_, _, err = s.Authorize(live, spend)
				} else {
					_, err = live.Authorize(spend)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
