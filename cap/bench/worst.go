package bench

import (
	"errors"
	"fmt"
	"time"
)

// Limiter decides whether an account may spend an amount of minor units at an instant, and records the spend if so. The
// id tells the spend from others of the same instant. False is a refusal; an error means that nothing was decided.
type Limiter interface {
	Allow(account, id string, at time.Time, amount int64) (bool, error)
}

// Options are what the customer of [Worst] knows and does. Window, Max and Purchase must be positive.
type Options struct {
	_ struct{} // disallow positional literals

	// Window is the length of the window that the limiter is said to hold to, at least Ticks nanoseconds.
	Window time.Duration

	// Max is the most that a window may hold, in minor units, at most 2^50.
	Max int64

	// Purchase is the amount of each spend, in minor units, at most Max. A few hundredths of it find what there is.
	Purchase int64

	// Start is the first instant.
	Start time.Time

	// Wait returns not before an instant has come, and says what time it is then. It is for a limiter that reads a clock
	// of its own and ignores the instants that it is given. Nil stands for one that believes them.
	Wait func(until time.Time) time.Time
}

// Ticks is how often the customer of [Worst] tries in one window: every hour of 30 days.
const Ticks = 720

// ErrInvalid is returned for options that break a stated bound. The message names the field.
var ErrInvalid = errors.New("bench: invalid")

// validate returns what is wrong with the options.
func (o *Options) validate() error {
	switch {
	case o.Window < Ticks:
		return fmt.Errorf("%w window: %v, want at least %v", ErrInvalid, o.Window, Ticks*time.Nanosecond)
	case o.Max < 1 || o.Max > 1<<50:
		return fmt.Errorf("%w max: %d, want 1 to 2^50", ErrInvalid, o.Max)
	case o.Purchase < 1 || o.Purchase > o.Max:
		return fmt.Errorf("%w purchase: %d, want 1 to max", ErrInvalid, o.Purchase)
	}
	return nil
}

// Worst returns the most money, in minor units, that the limiter lets through any one window (t-Window, t], as far as a
// greedy customer finds out. He has several accounts. On each he makes one purchase or none, keeps still for a part of a
// window, and from then on buys at every tick until he is refused, for two windows:
//
//	opening        ●──────────────────────────│────────────────●●●●●●──●──●──●──│──●──●──●──●
//	                         still                          burst    whatever comes free
//
// So he meets a bucket that was full and refills, a fixed window that ends just after he has spent it, and two windows of
// which the older one fades. What he finds is a lower bound: a limiter may have worse in it.
//
// It takes 3*Ticks steps, with about 10 decisions each; with Wait, three windows of time. It returns an error if the
// options are out of their bounds (ErrInvalid), or the limiter returns one.
func Worst(l Limiter, o Options) (int64, error) {
	if err := o.validate(); err != nil {
		return 0, err
	}
	var customers []*customer
	for _, still := range []int{0, Ticks / 4, Ticks / 2, 3 * Ticks / 4, Ticks - 1} {
		for _, opens := range []bool{false, true} {
			name := fmt.Sprintf("opens=%t-still=%d", opens, still)
			customers = append(customers, &customer{limiter: l, Options: &o, name: name, still: still, opens: opens})
		}
	}
	worst := int64(0)
	for tick := range 3 * Ticks {
		at := o.Start.Add(time.Duration(tick/Ticks)*o.Window + time.Duration(tick%Ticks)*(o.Window/Ticks))
		if o.Wait != nil {
			at = o.Wait(at)
		}
		for _, c := range customers {
			if err := c.shop(tick, at); err != nil {
				return 0, err
			}
			worst = max(worst, c.worst)
		}
	}
	return worst, nil
}

// enough is how many times the maximum a window has held when a customer stops to count.
const enough = 64

// customer is one account of the customer, and what he has bought with it.
type customer struct {
	*Options
	limiter Limiter
	name    string
	still   int  // ticks before he begins
	opens   bool // with one purchase at the first instant

	bought []time.Time // what the window may still hold
	spends int         // for the ids
	sum    int64       // of bought
	worst  int64
}

// shop makes the purchases of one tick.
func (c *customer) shop(tick int, at time.Time) error {
	most := 0
	switch {
	case c.worst >= enough*c.Max: // there is no limit to find
	case tick >= c.still && tick < c.still+2*Ticks:
		most = int(4*(c.Max/c.Purchase)) + 1
	case tick == 0 && c.opens:
		most = 1
	}
	for range most {
		c.spends++
		ok, err := c.limiter.Allow(c.name, fmt.Sprintf("pay-%012d", c.spends), at, c.Purchase)
		if err != nil {
			return fmt.Errorf("bench: %s at %v: %w", c.name, at, err)
		}
		if !ok {
			break
		}
		if c.Wait == nil {
			c.book(at, at)
			continue
		}
		// The limiter's clock has shown something between at and now. So the spend leaves the window as if it had been
		// made first and enters it as if it had been made last, and no more is counted than is true.
		now := c.Wait(at)
		c.book(at, now)
		at = now
	}
	return nil
}

// book puts a purchase made between two instants into the window.
func (c *customer) book(from, to time.Time) {
	c.bought = append(c.bought, from)
	c.sum += c.Purchase
	for to.Sub(c.bought[0]) >= c.Window {
		c.bought = c.bought[1:]
		c.sum -= c.Purchase
	}
	c.worst = max(c.worst, c.sum)
}
