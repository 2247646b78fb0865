package cap_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

func metersOf[K comparable](tb testing.TB, p *cap.Policy, options *cap.MetersOptions) *cap.Meters[K] {
	tb.Helper()
	x, err := cap.NewMeters[K](p, options)
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// allowed is what Allow answers, on one line.
func allowed[K comparable](x *cap.Meters[K], key K, s cap.Spend) string {
	outcome, reason, err := x.Allow(key, s)
	if err != nil {
		return err.Error()
	}
	return said(outcome, reason)
}

func said(outcome cap.Outcome, reason cap.Reason) string {
	if reason == "" {
		return outcome.String()
	}
	return fmt.Sprintf("%s %s", outcome, reason)
}

// saidAll is what AuthorizeAll answers, on one line.
func saidAll(all cap.Decisions) string {
	out := all.Outcome().String()
	if all.Existed() {
		out += " existed"
	}
	if i, refused := all.RefusedBy(); refused {
		out += fmt.Sprint(" by ", i)
	}
	for _, d := range all.All() {
		out += ", " + said(d.Outcome(), d.Reason())
	}
	return out
}

func TestMetersOptions(t *testing.T) {
	for name, row := range map[string]struct {
		policy  *cap.Policy
		options *cap.MetersOptions
		ok      bool
	}{
		"defaults":           {weekly, nil, true},
		"zero options":       {weekly, &cap.MetersOptions{}, true},
		"one shard":          {weekly, &cap.MetersOptions{Shards: 1, MaxAccounts: 1}, true},
		"most":               {weekly, &cap.MetersOptions{Shards: cap.MaxShards, MaxAccounts: 1 << 30}, true},
		"no policy":          {nil, nil, false},
		"zero policy":        {&cap.Policy{}, nil, false},
		"no power of two":    {weekly, &cap.MetersOptions{Shards: 3}, false},
		"too many shards":    {weekly, &cap.MetersOptions{Shards: 2 * cap.MaxShards}, false},
		"negative shards":    {weekly, &cap.MetersOptions{Shards: math.MinInt}, false},
		"negative accounts":  {weekly, &cap.MetersOptions{MaxAccounts: -1}, false},
		"too many accounts":  {weekly, &cap.MetersOptions{MaxAccounts: 1<<30 + 1}, false},
		"accounts and shard": {weekly, &cap.MetersOptions{MaxAccounts: 7, Shards: 8}, true},
	} {
		x, err := cap.NewMeters[string](row.policy, row.options)
		if (err == nil) != row.ok || (err == nil) != (x != nil) || err != nil && !errors.Is(err, cap.ErrInvalid) {
			t.Errorf("%s: got %v, %v", name, x, err)
		}
	}
	if _, err := cap.NewMetersFunc[string](nil, nil); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("no func: got %v", err)
	}
}

// Keys have accounts of their own; each takes its own policy's limit.
func TestMetersFunc(t *testing.T) {
	small := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "day", Max: eur(100_00), Window: cap.Rolling(24 * time.Hour)}}, nil)
	x, err := cap.NewMetersFunc(func(card [2]string) *cap.Policy {
		switch card[0] {
		case "gold":
			return weekly
		case "blue":
			return small
		}
		return nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		product, id string
		minor       int64
		want        string
	}{
		{"gold", "a", 200_00, "approved"},
		{"blue", "a", 200_00, "refused amount_limit_exceeded"},
		{"blue", "a", 100_00, "approved"},
		{"gold", "b", 101_00, "refused amount_limit_exceeded"},
		{"gold", "b", 100_00, "approved"},
		{"pink", "a", 1, "cap: invalid key: it has no policy"},
	} {
		if got := allowed(x, [2]string{row.product, "1"}, pay(row.id, 0, row.minor)); got != row.want {
			t.Errorf("%s %s %d: got %q, want %q", row.product, row.id, row.minor, got, row.want)
		}
	}
	if got, want := x.Stats().Accounts, 2; got != want {
		t.Errorf("got %d accounts, want %d", got, want)
	}
}

// What cannot be decided is an error, and leaves nothing behind.
func TestMetersErrors(t *testing.T) {
	x := metersOf[float64](t, weekly, nil)
	var zero cap.Meters[float64]
	usd := pay("a", 0, 1)
	usd.Amount = money.New(1, money.USD)
	for name, row := range map[string]struct {
		x    *cap.Meters[float64]
		key  float64
		s    cap.Spend
		want error
	}{
		"a key that does not equal itself": {x, math.NaN(), pay("a", 0, 1), cap.ErrInvalid},
		"no id":                            {x, 1, pay("", 0, 1), cap.ErrInvalid},
		"another currency":                 {x, 1, usd, money.ErrCurrencyMismatch},
		"the zero value":                   {&zero, 1, pay("a", 0, 1), cap.ErrInvalid},
	} {
		if _, _, err := row.x.Allow(row.key, row.s); !errors.Is(err, row.want) {
			t.Errorf("%s: Allow: got %v", name, err)
		}
		if _, err := row.x.Authorize(row.key, row.s); !errors.Is(err, row.want) {
			t.Errorf("%s: Authorize: got %v", name, err)
		}
		if _, err := row.x.AuthorizeAll(row.s, 1, row.key); !errors.Is(err, row.want) {
			t.Errorf("%s: AuthorizeAll: got %v", name, err)
		}
		answers := make([]cap.Answer, 1)
		if err := row.x.AllowBatch([]cap.Request[float64]{{Key: row.key, Spend: row.s}}, answers); err != nil || !errors.Is(answers[0].Err, row.want) {
			t.Errorf("%s: AllowBatch: got %v, %v", name, answers, err)
		}
		if _, ok := row.x.StatsOf(row.key); ok {
			t.Errorf("%s: got an account", name)
		}
	}
	nothing := func([]*cap.Meter) error { return nil }
	if err := x.DoAll(nothing); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("DoAll of no key: got %v", err)
	}
	if err := x.DoAll(nothing, make([]float64, cap.MaxKeys+1)...); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("DoAll of too many keys: got %v", err)
	}
	if err := x.AllowBatch(make([]cap.Request[float64], 2), make([]cap.Answer, 1)); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("AllowBatch: got %v", err)
	}
	if err := x.AuthorizeBatch(make([]cap.Request[float64], 1), make([]cap.FullAnswer, 2)); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("AuthorizeBatch: got %v", err)
	}
	if err := x.Advance(time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("Advance: got %v", err)
	}
	if got := x.Stats().Accounts; got != 0 {
		t.Errorf("got %d accounts, want none", got)
	}
	if got := zero.Evict(10); got != 0 {
		t.Errorf("Evict of the zero value: got %d", got)
	}
}

// An account is there from its first spend on: not for a question, nor for a refusal.
func TestMetersKeepNothingOfNothing(t *testing.T) {
	x := metersOf[string](t, weekly, &cap.MetersOptions{MaxAccounts: 1})
	for i := range 100 {
		key := fmt.Sprint(i)
		if got := allowed(x, key, pay("a", 0, 300_01)); got != "refused amount_limit_exceeded" {
			t.Fatalf("%s: got %s", key, got)
		}
		if err := x.Do(key, func(m *cap.Meter) error {
			_, err := m.Usage(at(0))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if got := x.Stats().Accounts; got != 0 {
		t.Errorf("got %d accounts, want none", got)
	}
}

// Meters that are full say so, and forget no spend. Only what time has made as new makes room.
func TestMetersFull(t *testing.T) {
	x := metersOf[int](t, weekly, &cap.MetersOptions{MaxAccounts: 3})
	for key := range 3 {
		if got := allowed(x, key, pay("a", float64(key), 200_00)); got != "approved" {
			t.Fatalf("%d: got %s", key, got)
		}
	}
	full := func(when string, hour float64) {
		t.Helper()
		if _, _, err := x.Allow(3, pay("a", hour, 1)); !errors.Is(err, cap.ErrFull) {
			t.Errorf("%s: got %v, want ErrFull", when, err)
		}
		if _, err := x.AuthorizeAll(pay("b", hour, 1), 0, 3, 1); !errors.Is(err, cap.ErrFull) {
			t.Errorf("%s: AuthorizeAll: got %v, want ErrFull", when, err)
		}
		for key := range 3 {
			if got := allowed(x, key, pay("c", hour, 200_00)); got != "refused amount_limit_exceeded" {
				t.Errorf("%s: %d: got %s", when, key, got)
			}
		}
	}
	full("at the beginning", 5)
	// The spend of key 0 is at hour 0. It is gone once no window reaches it from the oldest instant that may still be decided:
	// 7 days and the lateness of 1 day later.
	const hours = (7 + 1) * 24
	if err := x.Advance(at(hours - 1.0/3600)); err != nil {
		t.Fatal(err)
	}
	full("a second before", 7*24-0.0001)
	if err := x.Advance(at(hours)); err != nil {
		t.Fatal(err)
	}
	if got := allowed(x, 3, pay("a", hours, 1)); got != "approved" {
		t.Errorf("when key 0 is gone: got %s", got)
	}
	if s := x.Stats(); s.Accounts != 3 || s.Evicted != 1 {
		t.Errorf("got %+v, want 3 accounts, and 1 evicted", s)
	}
	if _, _, err := x.Allow(4, pay("a", hours, 1)); !errors.Is(err, cap.ErrFull) {
		t.Errorf("then: got %v, want ErrFull", err)
	}
}

// What must never be evicted, and what a spend would find if it were.
func TestMetersEvictNever(t *testing.T) {
	spends := cap.Limit{Name: "ever", Max: eur(300_00), Window: cap.Lifetime()}
	ever := cap.MustPolicy(money.EUR, []cap.Limit{weekly.Limits()[0], spends}, nil)
	for name, row := range map[string]struct {
		policy *cap.Policy
		before func(m *cap.Meter) (cap.Decision, error)
		after  cap.Spend
		want   string
	}{
		"a spend that counts for ever": {ever, func(m *cap.Meter) (cap.Decision, error) { return m.Authorize(pay("a", 0, 200_00)) },
			pay("b", 2000, 200_00), "refused amount_limit_exceeded"},
		"a policy of its own": {weekly, func(m *cap.Meter) (cap.Decision, error) { return m.SetPolicy(ever) },
			pay("b", 2000, 301_00), "refused amount_limit_exceeded"},
		"a hold that is open": {weekly, func(m *cap.Meter) (cap.Decision, error) {
			s := pay("a", 0, 1_00)
			s.Expires = at(5000)
			return m.Authorize(s)
		}, pay("a", 0, 1_00), "approved exists"},
		"a spend of the future": {weekly, func(m *cap.Meter) (cap.Decision, error) { return m.Authorize(pay("a", 3000, 200_00)) },
			pay("a", 3000, 200_00), "approved exists"},
	} {
		x := metersOf[string](t, row.policy, nil)
		if err := x.Do("k", func(m *cap.Meter) error {
			d, err := row.before(m)
			if !d.Approved() {
				t.Errorf("%s: got %v", name, d)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := x.Advance(at(1900)); err != nil {
			t.Fatal(err)
		}
		if got := x.Evict(1 << 20); got != 0 {
			t.Errorf("%s: got %d evicted", name, got)
		}
		d, err := x.Authorize("k", row.after)
		if got := fmt.Sprint(d.Outcome(), " ", d.Reason()); err != nil || got != row.want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, row.want)
		}
	}
}

// An account that was evicted is no laxer about what is old than it would have been.
func TestMetersEvictedIsNoLaxer(t *testing.T) {
	x := metersOf[string](t, weekly, nil)
	if got := allowed(x, "k", pay("a", 0, 300_00)); got != "approved" {
		t.Fatal(got)
	}
	if err := errors.Join(x.Advance(at(8*24)), x.Advance(at(0))); err != nil {
		t.Fatal(err)
	}
	if got := x.Evict(1); got != 1 {
		t.Fatalf("got %d evicted, want 1", got)
	}
	for _, row := range []struct {
		s    cap.Spend
		want string
	}{
		{pay("a", 0, 300_00), "refused too_late"}, // the same again: never paid twice
		{pay("b", 1, 1), "refused too_late"},
		{pay("c", 7*24-0.001, 300_00), "refused too_late"},
		{pay("d", 7*24, 300_00), "approved"}, // where a spend at hour 0 is out of the window
		{pay("e", 8*24, 1), "refused amount_limit_exceeded"},
	} {
		if got := allowed(x, "k", row.s); got != row.want {
			t.Errorf("%s: got %s, want %s", row.s.ID, got, row.want)
		}
	}
}

// Evict looks at no more than it is asked to, and gets round.
func TestEvictSteps(t *testing.T) {
	x := metersOf[int](t, weekly, &cap.MetersOptions{Shards: 4})
	for key := range 1000 {
		if got := allowed(x, key, pay("a", float64(key%2)*1000, 1)); got != "approved" {
			t.Fatal(got)
		}
	}
	if got := x.Evict(1 << 20); got != 0 {
		t.Errorf("without the time: got %d evicted", got)
	}
	if err := x.Advance(at(500)); err != nil {
		t.Fatal(err)
	}
	var per []int
	for range 400 {
		per = append(per, x.Evict(10))
	}
	total := 0
	for _, n := range per {
		total += n
	}
	if s := x.Stats(); total != 500 || s.Accounts != 500 || s.Evicted != 500 || slices.Max(per) > 10 {
		t.Errorf("got %d evicted, %+v, at most %d at a time; want 500 of 1000, and at most 10", total, s, slices.Max(per))
	}
}

// All keys or none; and the answer of each.
func TestAuthorizeAll(t *testing.T) {
	small := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "day", Max: eur(100_00), Window: cap.Rolling(24 * time.Hour)}}, nil)
	x, err := cap.NewMetersFunc(func(key string) *cap.Policy {
		if key == "card" {
			return small
		}
		return weekly
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		keys string // c a h: card, account, holder
		s    cap.Spend
		want string
	}{
		{"cah", pay("1", 0, 60_00), "approved, approved, approved, approved"},
		{"cah", pay("2", 1, 60_00), "refused by 0, refused amount_limit_exceeded, refused, refused"},
		{"ahc", pay("2", 1, 60_00), "refused by 2, refused, refused, refused amount_limit_exceeded"},
		{"ah", pay("3", 1, 200_00), "approved, approved, approved"}, // 60 260 260
		{"ahc", pay("4", 2, 50_00), "refused by 0, refused amount_limit_exceeded, refused amount_limit_exceeded, refused amount_limit_exceeded"},
		{"cah", pay("1", 0, 60_00), "approved existed, approved exists, approved exists, approved exists"},
		{"ca", pay("1", 0, 61_00), "refused by 0, refused exists_with_different_amount, refused exists_with_different_amount"},
		{"aa", pay("5", 3, 20_00), "approved, approved, approved"},                                  // once: 60 280 260
		{"aca", pay("5", 3, 20_00), "approved existed, approved exists, approved, approved exists"}, // the card takes it as well: 80 280 260
		{"hc", pay("6", 4, 20_00), "approved, approved, approved"},                                  // 100 280 280
		{"hca", pay("6", 4, 20_00), "approved existed, approved exists, approved exists, approved"}, // 100 300 280
		{"h", pay("7", 5, 20_00), "approved, approved"},                                             // 100 300 300
		{"hac", pay("7", 5, 20_00), "refused by 1, refused exists, refused amount_limit_exceeded, refused amount_limit_exceeded"},
		{"h", pay("7", 5, 20_00), "approved existed, approved exists"}, // it holds it still
		{"cc", pay("6", 4, 20_00), "approved existed, approved exists, approved exists"},
		{"ach", pay("8", 6, 1), "refused by 0, refused amount_limit_exceeded, refused amount_limit_exceeded, refused amount_limit_exceeded"},
		{"ach", pay("8", -100, 1), "refused by 0, refused too_late, refused too_late, refused too_late"},
	} {
		var keys []string
		for _, k := range row.keys {
			keys = append(keys, map[rune]string{'c': "card", 'a': "account", 'h': "holder"}[k])
		}
		all, err := x.AuthorizeAll(row.s, keys...)
		if got := saidAll(all); err != nil || got != row.want {
			t.Errorf("%s to %s: got %s, %v, want %s", row.s.ID, row.keys, got, err, row.want)
		}
	}
	var none cap.Decisions
	if none.Approved() || none.Existed() || none.Len() != 0 || none.Outcome() != cap.Refused {
		t.Errorf("the zero value: got %v", none)
	}
}

// Accounts that were stored and loaded into new Meters, with the time, answer as before; also those that had been evicted.
func TestMetersStoredAndLoaded(t *testing.T) {
	old := metersOf[string](t, weekly, nil)
	for _, row := range []struct {
		key  string
		hour float64
	}{{"gone", 0}, {"rich", 200}, {"poor", 190}} {
		if got := allowed(old, row.key, pay("a", row.hour, 250_00)); got != "approved" {
			t.Fatal(got)
		}
	}
	if err := old.Advance(at(200)); err != nil {
		t.Fatal(err)
	}
	if got := old.Evict(100); got != 1 {
		t.Fatalf("got %d evicted", got)
	}
	loaded := metersOf[string](t, weekly, &cap.MetersOptions{Shards: 1})
	if err := loaded.Advance(old.Stats().Clock); err != nil {
		t.Fatal(err)
	}
	for key := range old.All() {
		var stored []byte
		if err := errors.Join(
			old.Do(key, func(m *cap.Meter) (err error) { stored, err = m.MarshalBinary(); return err }),
			loaded.Do(key, func(m *cap.Meter) error { return m.UnmarshalBinary(stored) })); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := loaded.Stats(), old.Stats(); got.Accounts != want.Accounts || got.Entries != want.Entries || got.Clock != want.Clock {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, key := range []string{"gone", "rich", "poor"} {
		for _, s := range []cap.Spend{pay("a", 0, 250_00), pay("b", 10, 1), pay("c", 180, 60_00), pay("d", 205, 60_00), pay("a", 190, 250_00)} {
			if got, want := allowed(loaded, key, s), allowed(old, key, s); got != want {
				t.Errorf("%s %v: got %s, want %s", key, s, got, want)
			}
		}
	}
}
