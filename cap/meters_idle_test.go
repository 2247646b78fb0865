package cap_test

import (
	"errors"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// march is an instant of March 2026.
func march(d, h int) time.Time { return time.Date(2026, 3, d, h, 0, 0, 0, time.UTC) }

// An account may be evicted from the instant on at which no window can reach what it spent, and not a microsecond before.
func TestMetersIdleFromTheInstant(t *testing.T) {
	day, month := cap.Rolling(24*time.Hour), cap.Calendar(cap.Month, time.UTC)
	const late = 2 * time.Hour
	for name, row := range map[string]struct {
		windows []cap.Window
		expires time.Time
		spent   time.Time
		idle    time.Time
	}{
		"rolling":            {[]cap.Window{day}, time.Time{}, march(10, 0), march(11, 0).Add(late)},
		"calendar day":       {[]cap.Window{cap.Calendar(cap.Day, time.UTC)}, time.Time{}, march(10, 0), march(11, 0).Add(late)},
		"calendar month":     {[]cap.Window{month}, time.Time{}, march(1, 0), march(32, 0).Add(late)},
		"rolling days":       {[]cap.Window{cap.RollingDays(3, time.UTC)}, time.Time{}, march(10, 0), march(13, 0).Add(late)},
		"opened":             {[]cap.Window{cap.OpenedByFirstUse(36 * time.Hour)}, time.Time{}, march(10, 0), march(14, 12).Add(late)}, // three spans
		"day and month":      {[]cap.Window{day, month}, time.Time{}, march(1, 0), march(32, 0).Add(late)},
		"hold":               {[]cap.Window{day}, march(20, 5), march(10, 0), march(20, 5)},
		"short hold":         {[]cap.Window{day}, march(10, 5), march(10, 0), march(11, 0).Add(late)},
		"hold under a total": {[]cap.Window{day, cap.Lifetime()}, march(20, 5), march(10, 0), march(20, 5)},
	} {
		var limits []cap.Limit
		for i, w := range row.windows {
			limits = append(limits, cap.Limit{Name: string(rune('a' + i)), Max: eur(100), Window: w})
		}
		x := metersOf[string](t, cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: late}), nil)
		if got := allowed(x, "k", cap.Spend{ID: "1", At: row.spent, Amount: eur(1), Expires: row.expires}); got != "approved" {
			t.Fatalf("%s: got %s", name, got)
		}
		for _, step := range []struct {
			now  time.Time
			want int
		}{{row.spent.Add(time.Hour), 0}, {row.idle.Add(-time.Microsecond), 0}, {row.idle, 1}} {
			if err := x.Advance(step.now); err != nil {
				t.Fatal(err)
			}
			if got := x.Evict(10); got != step.want {
				t.Errorf("%s: at %v: got %d evicted, want %d", name, step.now, got, step.want)
			}
		}
	}
}

// What a policy that ruled in between forgot, or called final, too early is not taken again: the account is kept until
// that is forgotten, or final, anyway.
func TestMetersKeepWhatAnotherPolicyForgot(t *testing.T) {
	policy := func(w cap.Window, lateness, final time.Duration) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{{Name: "only", Max: eur(100), Window: w}}, &cap.PolicyOptions{Lateness: lateness, FinalAfter: final})
	}
	const day = 24 * time.Hour
	for name, row := range map[string]struct {
		own, between *cap.Policy
		old          time.Time // of a force-post
		idle         time.Time
	}{
		"forgotten": {policy(cap.Calendar(cap.Month, time.UTC), time.Hour, 0), policy(cap.Rolling(time.Hour), time.Hour, 0), march(20, 0), march(32, 1)},
		"forgotten before it is final": {policy(cap.Calendar(cap.Month, time.UTC), time.Hour, 30*time.Hour), policy(cap.Rolling(time.Hour), time.Hour, 0),
			march(27, 5), march(32, 1)},
		"final": {policy(cap.RollingDays(30, time.UTC), 2*day, 20*day), policy(cap.RollingDays(30, time.UTC), 2*day, 5*day),
			march(20, 0), march(27+15, 12)},
	} {
		x := metersOf[string](t, row.own, nil)
		if err := x.Advance(march(27, 12)); err != nil {
			t.Fatal(err)
		}
		post := func(key string) (d cap.Decision) {
			if err := x.Do(key, func(m *cap.Meter) (err error) {
				d, err = m.ForcePost(cap.Spend{ID: "1", At: row.old, Amount: eur(1)})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return d
		}
		if d := post("other"); !d.Approved() {
			t.Errorf("%s: another account: got %v", name, d)
		}
		if err := x.Do("k", func(m *cap.Meter) error {
			_, err := m.SetPolicy(row.between)
			_, err2 := m.SetPolicy(row.own)
			return errors.Join(err, err2)
		}); err != nil {
			t.Fatal(err)
		}
		if got := x.Evict(10); got != 0 {
			t.Errorf("%s: got %d evicted, want none", name, got)
		}
		if d := post("k"); d.Approved() {
			t.Errorf("%s: got %v, want it refused", name, d)
		}
		for _, early := range []time.Duration{time.Microsecond, 0} {
			if err := x.Advance(row.idle.Add(-early)); err != nil {
				t.Fatal(err)
			}
			x.Evict(10)
			if _, kept := x.StatsOf("k"); kept != (early > 0) {
				t.Errorf("%s: %v before it is idle: kept is %v", name, early, kept)
			}
		}
	}
}

// An account that is as new has spent nothing, through whatever door it is then asked first: what it had once, and no entry
// tells of any more, is not in a Lifetime limit that it gets later.
func TestAsNewThroughEveryDoor(t *testing.T) {
	day := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "day", Max: eur(100), Window: cap.Rolling(24 * time.Hour)}}, &cap.PolicyOptions{Lateness: time.Hour})
	ever := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "ever", Max: eur(1000), Window: cap.Lifetime()}}, nil)
	now := march(10, 2)
	s := cap.Spend{ID: "now", At: now, Amount: eur(5)}
	requests := []cap.Request[string]{{Key: "k", Spend: s}}
	for name, door := range map[string]func(x *cap.Meters[string]) error{
		"Allow": func(x *cap.Meters[string]) error {
			_, _, err := x.Allow("k", s)
			return err
		},
		"Authorize": func(x *cap.Meters[string]) error {
			_, err := x.Authorize("k", s)
			return err
		},
		"AuthorizeAll": func(x *cap.Meters[string]) error {
			_, err := x.AuthorizeAll(s, "other", "k")
			return err
		},
		"AllowBatch":     func(x *cap.Meters[string]) error { return x.AllowBatch(requests, make([]cap.Answer, 1)) },
		"AuthorizeBatch": func(x *cap.Meters[string]) error { return x.AuthorizeBatch(requests, make([]cap.FullAnswer, 1)) },
		"after Evict": func(x *cap.Meters[string]) error {
			if got := x.Evict(10); got != 1 {
				t.Errorf("got %d evicted", got)
			}
			_, _, err := x.Allow("k", s)
			return err
		},
	} {
		x := metersOf[string](t, day, nil)
		if err := x.Advance(march(10, 0)); err != nil {
			t.Fatal(err)
		}
		if err := x.Do("k", func(m *cap.Meter) error { // facts of long ago, of which only the sums tell, but for the clock
			return errors.Join(
				m.Apply(cap.Authorized{ID: "old", At: march(1, 0), Amount: eur(100)}),
				m.Apply(cap.Captured{ID: "old", At: march(1, 0), Amount: eur(90), Authorized: eur(100), On: now}))
		}); err != nil {
			t.Fatal(err)
		}
		if got, kept := x.StatsOf("k"); !kept || got.Entries != 0 {
			t.Fatalf("got %+v, %v: want an account without entries", got, kept)
		}
		if err := errors.Join(x.Advance(now), door(x)); err != nil {
			t.Fatal(err)
		}
		if err := x.Do("k", func(m *cap.Meter) error {
			if _, err := m.SetPolicy(ever); err != nil {
				return err
			}
			got, err := m.Used("ever", now)
			if got != eur(5) {
				t.Errorf("%s: got %v used ever, want 5 cents", name, got)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// What cannot be decided is an error of the one request, also where an account is there, and changes nothing of it.
func TestMetersErrorsOfKnownAccounts(t *testing.T) {
	x := metersOf[string](t, weekly, &cap.MetersOptions{Shards: 1})
	for _, key := range []string{"k", "l"} {
		if got := allowed(x, key, pay("a", 0, 100_00)); got != "approved" {
			t.Fatal(got)
		}
	}
	before := x.Stats()
	usd, ends := pay("b", 1, 1), pay("b", 1, 1)
	usd.Amount = money.New(1, money.USD)
	ends.Expires = ends.At
	for name, row := range map[string]struct {
		s    cap.Spend
		want error
	}{
		"no id":                       {pay("", 1, 1), cap.ErrInvalid},
		"another currency":            {usd, money.ErrCurrencyMismatch},
		"a hold that is over at once": {ends, cap.ErrInvalid},
	} {
		outcome, reason, err := x.Allow("k", row.s)
		if !errors.Is(err, row.want) || outcome != cap.Refused || reason != "" {
			t.Errorf("%s: Allow: got %v %q %v", name, outcome, reason, err)
		}
		if d, err := x.Authorize("k", row.s); !errors.Is(err, row.want) || !d.Equal(cap.Decision{}) {
			t.Errorf("%s: Authorize: got %v %v", name, d, err)
		}
		if all, err := x.AuthorizeAll(row.s, "k", "l"); !errors.Is(err, row.want) || all.Len() != 0 {
			t.Errorf("%s: AuthorizeAll: got %v %v", name, all, err)
		}
		requests := []cap.Request[string]{{Key: "k", Spend: pay("a", 0, 100_00)}, {Key: "l", Spend: row.s}, {Key: "l", Spend: pay("a", 0, 100_00)}}
		short, long := make([]cap.Answer, 3), make([]cap.FullAnswer, 3)
		long[1].Decision, _ = x.Authorize("k", pay("a", 0, 100_00)) // of an earlier batch
		if err := errors.Join(x.AllowBatch(requests, short), x.AuthorizeBatch(requests, long)); err != nil {
			t.Fatal(err)
		}
		for i := range requests {
			bad := i == 1
			if got := short[i]; errors.Is(got.Err, row.want) != bad || (got.Reason == cap.Exists) == bad {
				t.Errorf("%s: AllowBatch: %d: got %+v", name, i, got)
			}
			if got := long[i]; errors.Is(got.Err, row.want) != bad || got.Decision.Existed() == bad || bad && !got.Decision.Equal(cap.Decision{}) {
				t.Errorf("%s: AuthorizeBatch: %d: got %+v", name, i, got)
			}
		}
	}
	if got := x.Stats(); got != before {
		t.Errorf("got %+v, want %+v as before", got, before)
	}
}

// Wherever the last call left off, Evict and whoever needs room find each idle account.
func TestEvictGetsRound(t *testing.T) {
	const accounts = 200
	for _, forRoom := range []bool{true, false} {
		x := metersOf[int](t, weekly, &cap.MetersOptions{Shards: 1, MaxAccounts: accounts})
		for key := range accounts {
			hour := 1000.0
			switch key {
			case 0:
				hour = 100
			case 150:
				hour = 0
			}
			if got := allowed(x, key, pay("a", hour, 1)); got != "approved" {
				t.Fatal(got)
			}
		}
		evict := func(now float64, places, want int) {
			t.Helper()
			if err := x.Advance(at(now)); err != nil {
				t.Fatal(err)
			}
			if got := x.Evict(places); got != want {
				t.Errorf("hour %v: got %d evicted, want %d", now, got, want)
			}
		}
		evict(8*24, 64, 0) // 150 is idle, but further on
		if !forRoom {
			evict(300, 2*accounts, 2)
			continue
		}
		evict(300, 100, 1) // 0 is idle as well, but further back
		for i, want := range []string{"approved", "approved", cap.ErrFull.Error()} {
			if got := allowed(x, accounts+i, pay("b", 300, 1)); got != want {
				t.Errorf("new account %d: got %s, want %s", i, got, want)
			}
		}
	}
}

// No door takes more than MaxAmount, also where no limit has an amount.
func TestMetersMaxAmount(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "count", MaxCount: 9, Window: cap.Rolling(time.Hour)}}, nil)
	x := metersOf[string](t, p, nil)
	for i, row := range []struct {
		minor int64
		want  string
	}{{1, "approved"}, {cap.MaxAmount + 1, "refused"}, {cap.MaxAmount, "approved"}, {cap.MaxAmount + 1, "refused"}} {
		outcome, _, err := x.Allow("k", cap.Spend{ID: "a", At: march(1, 0).Add(time.Duration(i) * time.Second), Amount: eur(row.minor)})
		if got := outcome.String(); err != nil || got != row.want {
			t.Errorf("%d: got %s, %v, want %s", row.minor, got, err, row.want)
		}
	}
}
