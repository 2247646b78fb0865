package ledger

import "time"

// What every command says of itself: the streams that it touches, its id, its instant and its name.

// Touches names the transfer and the accounts of its legs and conditions.
func (c Post) Touches(States) (transfers, accounts []string) { return (*Order)(&c).touches() }

// Touches names the transfer and the accounts of its legs and conditions.
func (c Hold) Touches(States) (transfers, accounts []string) { return (*Order)(&c).touches() }

func (o *Order) touches() (transfers, accounts []string) {
	accounts = make([]string, 0, len(o.Legs)+len(o.If))
	for i := range o.Legs {
		accounts = include(accounts, o.Legs[i].Account)
	}
	for i := range o.If {
		accounts = include(accounts, o.If[i].Account)
	}
	return []string{o.ID}, accounts
}

// include adds an id to those that are there, once.
func include(ids []string, id string) []string {
	for _, other := range ids {
		if other == id {
			return ids
		}
	}
	return append(ids, id)
}

// Touches names the hold and the accounts of its legs.
func (c Capture) Touches(s States) (transfers, accounts []string) { return touchHeld(s, c.Transfer) }

// Touches names the hold and the accounts of its legs.
func (c Void) Touches(s States) (transfers, accounts []string) { return touchHeld(s, c.Transfer) }

// Touches names the hold and the accounts of its legs.
func (c Expire) Touches(s States) (transfers, accounts []string) { return touchHeld(s, c.Transfer) }

func touchHeld(s States, transfer string) (transfers, accounts []string) {
	return []string{transfer}, accountsOf(s, transfer)
}

func accountsOf(s States, transfer string) (accounts []string) {
	if t := s.Transfer(transfer); t != nil {
		for i := range t.legs {
			accounts = include(accounts, t.legs[i].Account)
		}
	}
	return accounts
}

// Touches names both transfers, the new one first, and the accounts of the old one's legs.
func (c Reverse) Touches(s States) (transfers, accounts []string) {
	return []string{c.ID, c.Transfer}, accountsOf(s, c.Transfer)
}

// Instant returns At.
func (c Post) Instant() time.Time { return c.At }

// Instant returns At.
func (c Hold) Instant() time.Time { return c.At }

// Instant returns At.
func (c Capture) Instant() time.Time { return c.At }

// Instant returns At.
func (c Void) Instant() time.Time { return c.At }

// Instant returns At.
func (c Expire) Instant() time.Time { return c.At }

// Instant returns At.
func (c Reverse) Instant() time.Time { return c.At }

// Key returns the ID.
func (c Post) Key() string { return c.ID }

// Key returns the ID.
func (c Hold) Key() string { return c.ID }

// Key returns the ID.
func (c Capture) Key() string { return c.ID }

// Key returns the ID.
func (c Void) Key() string { return c.ID }

// Key returns the ID.
func (c Expire) Key() string { return c.ID }

// Key returns the ID.
func (c Reverse) Key() string { return c.ID }

func (c Post) home() string    { return c.ID }
func (c Hold) home() string    { return c.ID }
func (c Capture) home() string { return c.Transfer }
func (c Void) home() string    { return c.Transfer }
func (c Expire) home() string  { return c.Transfer }
func (c Reverse) home() string { return c.ID }

// CommandType returns "ledger.post".
func (Post) CommandType() string { return "ledger.post" }

// CommandType returns "ledger.hold".
func (Hold) CommandType() string { return "ledger.hold" }

// CommandType returns "ledger.capture".
func (Capture) CommandType() string { return "ledger.capture" }

// CommandType returns "ledger.void".
func (Void) CommandType() string { return "ledger.void" }

// CommandType returns "ledger.expire".
func (Expire) CommandType() string { return "ledger.expire" }

// CommandType returns "ledger.reverse".
func (Reverse) CommandType() string { return "ledger.reverse" }
