package backtest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"pgregory.net/rapid"
)

// spentAt returns the instant of a new spend, and whether the attempt is one.
func spentAt(a backtest.Attempt) (time.Time, bool) {
	name, at := commandOf(a)
	return at, name == "authorize" || name == "force_post"
}

// modelRevision is what Hindsight must say, in words: two replays from the beginning, and a look at each pair.
func modelRevision(t rapid.TB, p *cap.Policy, history []backtest.Attempt, late backtest.Attempt) []string {
	replay := func(all []backtest.Attempt) (out []backtest.Verdict) {
		m := cap.NewMeter(p)
		for _, a := range all {
			d, _ := answer(t, m, a)
			out = append(out, backtest.VerdictOf(&d))
		}
		return out
	}
	at, _ := spentAt(late)
	place := slices.IndexFunc(history, func(a backtest.Attempt) bool {
		other, spends := spentAt(a)
		return spends && other.After(at)
	})
	if place < 0 {
		place = len(history)
	}
	before := replay(append(slices.Clone(history), late))
	after := replay(slices.Insert(slices.Clone(history), place, late))
	out := []string{fmt.Sprint("late ", before[len(history)], " ", after[place])}
	after = slices.Delete(after, place, place+1)
	for i := range history {
		if before[i] != after[i] {
			out = append(out, fmt.Sprint(i+1, " ", before[i], " ", after[i]))
		}
	}
	return out
}

// tell returns a revision in the words of the model.
func tell(r backtest.Revision) []string {
	out := []string{fmt.Sprint("late ", r.Late.Before, " ", r.Late.After)}
	for _, c := range r.Changed {
		out = append(out, fmt.Sprint(c.Position, " ", c.Before, " ", c.After))
	}
	return out
}

// aLateSpend draws a spend to come after a history, forced or not.
func aLateSpend(t *rapid.T) backtest.Attempt {
	late := pay("account 1", "late", rapid.IntRange(-60, 200).Draw(t, "late hour"), rapid.Int64Range(1, 200).Draw(t, "late minor"))
	if rapid.Bool().Draw(t, "forced") {
		late.Command, late.Spend = cap.ForcePost(late.Spend), cap.Spend{}
	}
	return late
}

// Law B5: hindsight is the difference of two replays.
func TestHindsightEqualsModel(t *testing.T) {
	changing := 0
	property(t, func(t *rapid.T) {
		p, history, late := anyPolicy(t, "policy"), anyHistory(t, 40, 1, false), aLateSpend(t)
		r, err := backtest.Hindsight(p, history, late)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := tell(r), modelRevision(t, p, history, late); !slices.Equal(got, want) {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for _, c := range r.Changed {
			if want, _ := commandOf(history[c.Position-1]); !strings.Contains(r.String(), fmt.Sprint("attempt ", c.Position, ": ", want)) && c.Attempt.Account == "" {
				t.Fatalf("%s does not name attempt %d", r.String(), c.Position)
			}
		}
		if len(r.Changed) > 0 {
			changing++
		}
	})
	if changing == 0 {
		t.Error("no late spend would have changed anything")
	}
}

// In a run, what late spends would have changed is what Hindsight says of the whole history of the account, as far as
// that is looked back over; and each is either told or counted as too far back.
func TestRunHindsight(t *testing.T) {
	told, far := 0, 0
	property(t, func(t *rapid.T) {
		p, history := anyPolicy(t, "policy"), anyHistory(t, 60, 2, false)
		back := rapid.IntRange(1, 20).Draw(t, "hindsight")
		want, tooFar := []string{}, int64(0)
		past, latest := map[string][]backtest.Attempt{}, map[string]time.Time{}
		late := int64(0)
		for i, a := range history {
			at, spends := spentAt(a)
			old := past[a.Account]
			lost := old[:max(0, len(old)-back)]
			switch {
			case !spends || !at.Before(latest[a.Account]):
			case slices.ContainsFunc(lost, func(b backtest.Attempt) bool { u, yes := spentAt(b); return yes && u.After(at) }):
				tooFar++
			default:
				late++
				if found := modelRevision(t, p, old, a); len(found) > 1 {
					want = append(want, fmt.Sprint(i+1, " ", found[0], " ", len(found)-1))
				}
			}
			past[a.Account] = append(old, a)
			latest[a.Account] = later(latest[a.Account], clockOf(a))
		}
		r, err := backtest.Run(context.Background(), stream(history...), []backtest.Candidate{{Policy: p}},
			&backtest.Options{Hindsight: back, Examples: 1000})
		if err != nil {
			t.Fatal(err)
		}
		h, got, changed := r.Candidates[0].Hindsight, []string{}, int64(0)
		for _, e := range h.Examples {
			got = append(got, fmt.Sprint(e.Late.Position, " ", tell(e)[0], " ", len(e.Changed)))
			changed += int64(len(e.Changed))
		}
		if !slices.Equal(got, want) || h.Late != late || h.TooFarBack != tooFar || h.Changing != int64(len(want)) {
			t.Fatalf("got %+v\nwant %q, %d late, %d too far back", h, want, late, tooFar)
		}
		if sum := h.Refuse.Count + h.Accept.Count + h.Otherwise; sum != changed {
			t.Fatalf("%d decisions counted, %d in the examples", sum, changed)
		}
		told, far = told+len(want), far+int(tooFar)
	})
	if told == 0 || far == 0 {
		t.Errorf("%d told, %d too far back", told, far)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clockOf returns when an attempt happens.
func clockOf(a backtest.Attempt) time.Time {
	_, at := commandOf(a)
	switch c := a.Command.(type) {
	case cap.Adjust:
		return later(at, c.On)
	case cap.Capture:
		return later(at, c.On)
	}
	return at
}

// A late taxi fare would have kept the dinner out.
func TestHindsightStory(t *testing.T) {
	p := policy(7*day, cap.Limit{Name: "week", Max: eur(300_00), Window: cap.Rolling(7 * day)})
	history := []backtest.Attempt{pay("", "shoes", 0, 200_00), pay("", "dinner", 48, 90_00), pay("", "coffee", 72, 10_00), pay("", "book", 73, 5_00)}
	r, err := backtest.Hindsight(p, history, pay("", "taxi", 24, 40_00))
	if err != nil {
		t.Fatal(err)
	}
	want := `    attempt 5: authorize taxi dated 2026-11-17T09:00:00Z, 40.00 EUR came late: refused amount_limit_exceeded by week; in time: approved
      attempt 2: authorize dinner dated 2026-11-18T09:00:00Z, 90.00 EUR: refused amount_limit_exceeded by week, was approved
      attempt 4: authorize book dated 2026-11-19T10:00:00Z, 5.00 EUR: approved, was refused amount_limit_exceeded by week
`
	if got := r.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHindsightErrors(t *testing.T) {
	late := pay("", "x", 0, 1)
	for name, err := range map[string]error{
		"no policy": func() error { _, err := backtest.Hindsight(nil, nil, late); return err }(),
		"capture": func() error {
			_, err := backtest.Hindsight(policies[0], nil, backtest.Attempt{Command: cap.Capture{ID: "x", At: monday}})
			return err
		}(),
	} {
		if !errors.Is(err, backtest.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		history []backtest.Attempt
		late    backtest.Attempt
	}{
		"attempt 2": {[]backtest.Attempt{late, pay("", "", 5, 1), late}, late},
		"attempt 1": {[]backtest.Attempt{pay("", "", -5, 1), late}, late},
		"attempt 3": {[]backtest.Attempt{late, late}, pay("", "", 1, 1)},
	} {
		if _, err := backtest.Hindsight(policies[0], c.history, c.late); !errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkHindsight(b *testing.B) {
	p := policies[1]
	var history []backtest.Attempt
	for i := range 1000 {
		history = append(history, pay("", "x", i, 1))
	}
	late := pay("", "late", 500, 30)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := backtest.Hindsight(p, history, late); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(history))/b.Elapsed().Seconds(), "events/s")
}
