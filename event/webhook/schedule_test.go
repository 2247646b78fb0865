package webhook_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/event/webhook"
)

func TestSchedule(t *testing.T) {
	now := officialAt
	none := func(int64) int64 { return 0 }
	full := func(n int64) int64 { return n - 1 }
	failed := webhook.Attempt{Outcome: webhook.Failed}
	throttled := webhook.Attempt{Outcome: webhook.Throttled}
	asked := func(a webhook.Attempt, d time.Duration) webhook.Attempt { a.RetryAfter = d; return a }
	const never = -1
	for _, row := range []struct {
		story string
		made  int
		last  webhook.Attempt
		draw  func(int64) int64
		want  time.Duration
	}{
		{"the first at once", 0, webhook.Attempt{}, full, 0},
		{"the second after 5 s", 1, failed, full, 5 * time.Second},
		{"full jitter may leave nothing of it", 1, failed, none, 0},
		{"third", 2, failed, full, 5 * time.Minute},
		{"fourth", 3, failed, full, 30 * time.Minute},
		{"fifth", 4, failed, full, 2 * time.Hour},
		{"sixth", 5, failed, full, 5 * time.Hour},
		{"seventh", 6, failed, full, 10 * time.Hour},
		{"eighth", 7, failed, full, 14 * time.Hour},
		{"ninth", 8, failed, full, 20 * time.Hour},
		{"tenth", 9, failed, full, 24 * time.Hour},
		{"no eleventh", 10, failed, full, never},
		{"nor before the first", -1, failed, full, never},
		{"throttled: no sooner than the delay", 2, throttled, none, 5 * time.Minute},
		{"throttled: jitter comes on top", 2, throttled, full, 10 * time.Minute},
		{"throttled for longer", 2, asked(throttled, time.Hour), none, time.Hour},
		{"throttled for shorter", 2, asked(throttled, time.Second), none, 5 * time.Minute},
		{"failed, and asked to wait", 1, asked(failed, time.Minute), none, time.Minute},
		{"jitter comes on top of that", 1, asked(failed, time.Minute), full, 65 * time.Second},
		{"asked to wait for a year: a day", 1, asked(failed, 9000*time.Hour), none, 24 * time.Hour},
		{"asked to wait for less than nothing", 1, asked(failed, -time.Hour), none, 0},
		{"delivered", 1, webhook.Attempt{Outcome: webhook.Delivered}, full, never},
		{"disabled", 1, webhook.Attempt{Outcome: webhook.Disabled}, full, never},
		{"no outcome", 1, webhook.Attempt{}, full, never},
		{"a draw below its range", 2, failed, func(int64) int64 { return -9 }, 0},
		{"a draw beyond its range", 1, failed, func(n int64) int64 { return 9 * n }, 5 * time.Second},
	} {
		at, ok := webhook.Schedule{Draw: row.draw}.Next(row.made, row.last, now)
		if ok != (row.want != never) || ok && at.Sub(now) != row.want {
			t.Errorf("%s: got %s, %v; want %s", row.story, at.Sub(now), ok, row.want)
		}
	}
	own := webhook.Schedule{Delays: []time.Duration{-time.Hour, 1 << 62}, Draw: full}
	if at, ok := own.Next(0, failed, now); !ok || !at.Equal(now) {
		t.Errorf("a negative delay: got %s, %v", at, ok)
	}
	if at, ok := own.Next(1, throttled, now); !ok || at.Sub(now) != 60*24*time.Hour {
		t.Errorf("a delay of 146 years: got %s, %v", at.Sub(now), ok)
	}
	if _, ok := (webhook.Schedule{Delays: []time.Duration{}}).Next(0, failed, now); ok {
		t.Error("a schedule of none has a first attempt")
	}
}

// The next attempt is never before what the receiver asked for, nor later than that and twice the delay.
func TestScheduleStaysInItsBounds(t *testing.T) {
	delays := webhook.StandardDelays()
	rapid.Check(t, func(t *rapid.T) {
		made := rapid.IntRange(1, 9).Draw(t, "made")
		last := webhook.Attempt{
			Outcome:    rapid.SampledFrom([]webhook.Outcome{webhook.Failed, webhook.Throttled}).Draw(t, "outcome"),
			RetryAfter: time.Duration(rapid.Int64Range(0, int64(webhook.MaxRetryAfter)).Draw(t, "after")),
		}
		at, ok := webhook.Schedule{}.Next(made, last, officialAt)
		if wait := at.Sub(officialAt); !ok || wait < last.RetryAfter || wait > last.RetryAfter+2*delays[made] {
			t.Fatalf("got %s, %v", wait, ok)
		}
	})
}
