package ledger

import (
	"encoding/json"

	"github.com/payrules/payrules/money"
)

// A command's JSON tells a retry from another command, so it is the same whatever zone and precision the instant came in.

// MarshalJSON is the same for the same capture, whatever zone and precision its instant came in.
func (c Capture) MarshalJSON() ([]byte, error) {
	type plain Capture
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c Void) MarshalJSON() ([]byte, error) {
	type plain Void
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c Expire) MarshalJSON() ([]byte, error) {
	type plain Expire
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c Reverse) MarshalJSON() ([]byte, error) {
	type plain Reverse
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c Open) MarshalJSON() ([]byte, error) {
	type plain Open
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c SetLimits) MarshalJSON() ([]byte, error) {
	type plain SetLimits
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c SetBlock) MarshalJSON() ([]byte, error) {
	type plain SetBlock
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c SetInterest) MarshalJSON() ([]byte, error) {
	type plain SetInterest
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c Close) MarshalJSON() ([]byte, error) {
	type plain Close
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c Reopen) MarshalJSON() ([]byte, error) {
	type plain Reopen
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c EndPeriod) MarshalJSON() ([]byte, error) {
	type plain EndPeriod
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Capture].
func (c EndSharedPeriod) MarshalJSON() ([]byte, error) { return EndPeriod(c).MarshalJSON() }
