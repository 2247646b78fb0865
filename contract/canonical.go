package contract

import (
	"encoding/json"

	"github.com/payrules/payrules/money"
)

// A command's JSON tells a retry from another command, so it is the same whatever zone and precision its instants came in.

// MarshalJSON is the same for the same order, whatever zone and precision its instants came in.
func (o Order) MarshalJSON() ([]byte, error) {
	type plain Order
	o.At, o.EffectiveFrom = money.Instant(o.At), money.Instant(o.EffectiveFrom)
	return json.Marshal(plain(o))
}

// MarshalJSON is as for [Order].
func (n Note) MarshalJSON() ([]byte, error) {
	type plain Note
	n.At = money.Instant(n.At)
	return json.Marshal(plain(n))
}

// MarshalJSON is as for [Order].
func (c Amend) MarshalJSON() ([]byte, error) {
	type plain Amend
	c.At, c.EffectiveFrom = money.Instant(c.At), money.Instant(c.EffectiveFrom)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c Subscribe) MarshalJSON() ([]byte, error) {
	type plain Subscribe
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c Withdraw) MarshalJSON() ([]byte, error) {
	type plain Withdraw
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c CreateMandate) MarshalJSON() ([]byte, error) {
	type plain CreateMandate
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c SignMandate) MarshalJSON() ([]byte, error) {
	type plain SignMandate
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c AmendMandate) MarshalJSON() ([]byte, error) {
	type plain AmendMandate
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c RecordCollection) MarshalJSON() ([]byte, error) {
	type plain RecordCollection
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c WithdrawMandateChange) MarshalJSON() ([]byte, error) {
	type plain WithdrawMandateChange
	c.At = money.Instant(c.At)
	return json.Marshal(plain(c))
}

// MarshalJSON is as for [Order].
func (c Activate) MarshalJSON() ([]byte, error) { return Order(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c Suspend) MarshalJSON() ([]byte, error) { return Order(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c Resume) MarshalJSON() ([]byte, error) { return Order(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c Cancel) MarshalJSON() ([]byte, error) { return Order(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c SuspendMandate) MarshalJSON() ([]byte, error) { return Order(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c ResumeMandate) MarshalJSON() ([]byte, error) { return Order(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c RevokeMandate) MarshalJSON() ([]byte, error) { return Order(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c SubmitToBank) MarshalJSON() ([]byte, error) { return Note(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c ConfirmByBank) MarshalJSON() ([]byte, error) { return Note(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c ActivateMandate) MarshalJSON() ([]byte, error) { return Note(c).MarshalJSON() }

// MarshalJSON is as for [Order].
func (c FailMandate) MarshalJSON() ([]byte, error) { return Note(c).MarshalJSON() }
