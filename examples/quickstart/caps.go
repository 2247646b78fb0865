package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// currency is that of the whole stream.
const currency = money.CZK

// caps are the limits of every account, as -cap gives them. It is a flag.Value.
type caps struct {
	limits []cap.Limit
	policy *cap.Policy // made by check
}

// Set adds the cap that one -cap flag describes: WINDOW=AMOUNT, WINDOW=AMOUNT/COUNT or WINDOW=/COUNT.
func (c *caps) Set(s string) error {
	name, most, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("want WINDOW=AMOUNT, such as %s", defaultCap)
	}
	window, err := parseWindow(name)
	if err != nil {
		return err
	}
	l := cap.Limit{Name: name, Window: window}
	amount, count, counted := strings.Cut(most, "/")
	if amount != "" || !counted {
		if l.Max, err = money.ParseAmount(amount, currency); err != nil {
			return fmt.Errorf("amount: %w", err)
		}
		if l.Max.Sign() <= 0 {
			return fmt.Errorf("amount: want more than zero")
		}
	}
	if counted {
		if l.MaxCount, err = strconv.ParseInt(count, 10, 64); err != nil || l.MaxCount < 1 || count[0] == '+' {
			return fmt.Errorf("count: want a whole number above zero")
		}
	}
	for _, other := range c.limits {
		if other.Window.Equal(window) {
			return fmt.Errorf("the window is that of -cap %s", text(other))
		}
	}
	c.limits = append(c.limits, l)
	return nil
}

// String is all caps in one line.
func (c *caps) String() string { return strings.Join(c.texts(), " ") }

// texts are the caps as -cap takes them, each in one form: what differs, rules differently.
func (c *caps) texts() []string {
	out := []string{}
	for _, l := range c.limits {
		out = append(out, text(l))
	}
	return out
}

func text(l cap.Limit) string {
	s := l.Name + "="
	if l.Max.Valid() {
		s += l.Max.Number()
	}
	if l.MaxCount > 0 {
		s += "/" + strconv.FormatInt(l.MaxCount, 10)
	}
	return s
}

// check makes the policy of all the caps together.
func (c *caps) check() (err error) {
	if c.policy, err = cap.NewPolicy(currency, c.limits, nil); err != nil {
		return fmt.Errorf("flag -cap: %w", err)
	}
	return nil
}

// parseWindow reads the name of a window.
func parseWindow(s string) (cap.Window, error) {
	switch s {
	case "day":
		return cap.Calendar(cap.Day, time.UTC), nil
	case "week":
		return cap.Calendar(cap.Week, time.UTC), nil
	case "month":
		return cap.Calendar(cap.Month, time.UTC), nil
	case "tx":
		return cap.PerTransaction(), nil
	case "lifetime":
		return cap.Lifetime(), nil
	}
	digits, unit := s, time.Duration(0)
	if d, ok := strings.CutSuffix(s, "d"); ok {
		digits, unit = d, 24*time.Hour
	} else if h, ok := strings.CutSuffix(s, "h"); ok {
		digits, unit = h, time.Hour
	}
	n, err := strconv.Atoi(digits)
	if unit == 0 || err != nil || n < 1 || strconv.Itoa(n) != digits {
		return cap.Window{}, fmt.Errorf("window: want a number of days or hours (7d, 36h), day, week, month, tx or lifetime")
	}
	if most := int(cap.MaxRolling / unit); n > most {
		return cap.Window{}, fmt.Errorf("window: want at most %d%s", most, s[len(digits):])
	}
	return cap.Rolling(time.Duration(n) * unit), nil
}
