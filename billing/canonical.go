package billing

import (
	"encoding/json"

	"github.com/payrules/payrules/money"
)

// A command's JSON tells a retry from another command, so it is the same whatever zone and precision the instant came in.

// MarshalJSON is the same for the same purchase, whatever zone and precision its instants came in.
func (c Accept) MarshalJSON() ([]byte, error) {
	type plain Accept
	c.At = money.Instant(c.At)
	if !c.Operation.At.IsZero() {
		c.Operation.At = money.Instant(c.Operation.At)
	}
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Refund) MarshalJSON() ([]byte, error) {
	type plain Refund
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c AddCharge) MarshalJSON() ([]byte, error) {
	type plain AddCharge
	c.At = money.Instant(c.At)
	if !c.On.IsZero() {
		c.On = money.Instant(c.On)
	}
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c SetSpendingCap) MarshalJSON() ([]byte, error) {
	type plain SetSpendingCap
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c SetOverdue) MarshalJSON() ([]byte, error) {
	type plain SetOverdue
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Bill) MarshalJSON() ([]byte, error) {
	type plain Bill
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Park) MarshalJSON() ([]byte, error) { return Bill(c).MarshalJSON() }

// MarshalJSON is as for [Accept].
func (c OpenSeries) MarshalJSON() ([]byte, error) {
	type plain OpenSeries
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c GiveNumbers) MarshalJSON() ([]byte, error) {
	type plain GiveNumbers
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Receive) MarshalJSON() ([]byte, error) {
	type plain Receive
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Collect) MarshalJSON() ([]byte, error) {
	type plain Collect
	c.At, c.FinalFrom = money.Instant(c.At), money.Instant(c.FinalFrom)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Settle) MarshalJSON() ([]byte, error) {
	type plain Settle
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Return) MarshalJSON() ([]byte, error) {
	type plain Return
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c MarkSent) MarshalJSON() ([]byte, error) {
	type plain MarkSent
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c Remind) MarshalJSON() ([]byte, error) {
	type plain Remind
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Accept].
func (c CloseDays) MarshalJSON() ([]byte, error) {
	type plain CloseDays
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}
