package webhook

import (
	"math/rand/v2"
	"slices"
	"time"
)

// maxDelay bounds what a schedule of one's own may say, so that no sum overflows.
const maxDelay = 30 * 24 * time.Hour

var standardDelays = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// StandardDelays are those that Standard Webhooks recommends: 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
func StandardDelays() []time.Duration { return slices.Clone(standardDelays[:]) }

// Schedule says when to try again. The zero Schedule is the standard one.
type Schedule struct {
	_ struct{}

	// Delays before each attempt, the first one included; nil stands for StandardDelays. At most 30 days each.
	Delays []time.Duration
	// Draw gives a number from 0 to n-1, each as likely; nil is that of math/rand/v2. Safe for concurrent use if Next is.
	Draw func(n int64) int64
}

// Next is the instant of the attempt after those that were made, and whether there is one; last is the latest of them, and
// is not looked at if made is 0. It depends on nothing but its arguments and Draw.
//
//	last attempt     next one, with d the delay and 0 <= x <= d drawn
//	none             now + x
//	failed           now + Retry-After + x
//	throttled        now + max(Retry-After, d) + x
//	delivered        none
//	disabled         none
//
// Full jitter, x, spreads out the messages that failed together.
func (s Schedule) Next(made int, last Attempt, now time.Time) (at time.Time, ok bool) {
	delays := s.Delays
	if delays == nil {
		delays = standardDelays[:]
	}
	if made < 0 || made >= len(delays) || made > 0 && last.Outcome != Failed && last.Outcome != Throttled {
		return time.Time{}, false
	}
	delay := clamp(delays[made], maxDelay)
	at = now.Add(s.jitter(delay))
	if made == 0 {
		return at, true
	}
	wait := clamp(last.RetryAfter, MaxRetryAfter)
	if last.Outcome == Throttled {
		wait = max(wait, delay)
	}
	return at.Add(wait), true
}

// jitter draws from 0 to d, both included; a Draw that leaves its range is brought back into it.
func (s Schedule) jitter(d time.Duration) time.Duration {
	draw := s.Draw
	if draw == nil {
		draw = rand.Int64N
	}
	return clamp(time.Duration(draw(int64(d)+1)), d)
}
