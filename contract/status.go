package contract

import (
	"fmt"
	"slices"
)

// Status is what a contract is at an instant.
type Status uint8

// The statuses of a contract. The last two are final.
const (
	Draft     Status = iota + 1 // agreed, and not in force yet
	Active                      // purchases are accepted
	Suspended                   // no purchase is, until it is resumed
	Cancelled                   // ended by somebody
	Expired                     // ended by its dates
)

var statusNames = [...]string{"", "draft", "active", "suspended", "cancelled", "expired"}

// Valid reports whether s is one of the constants.
func (s Status) Valid() bool { return s >= Draft && s <= Expired }

// Final reports whether nothing follows s: Cancelled and Expired.
func (s Status) Final() bool { return s == Cancelled || s == Expired }

// String returns the status as it is written: "draft"; and "" if it is none of the constants.
func (s Status) String() string { return nameOf(statusNames[:], s) }

// MarshalText returns "draft", "active", "suspended", "cancelled" or "expired". It returns an error that wraps ErrInvalid if s is
// none of the constants.
func (s Status) MarshalText() ([]byte, error) { return marshalName(statusNames[:], s, "status") }

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (s *Status) UnmarshalText(text []byte) error {
	return unmarshalName(statusNames[:], s, text, "status")
}

// MandateStatus is what a mandate is at an instant.
type MandateStatus uint8

// The statuses of a mandate. The last four are final.
const (
	MandateDraft       MandateStatus = iota + 1 // prepared for the debtor to sign
	MandateSigned                               // signed, and not to be collected by yet
	MandatePendingBank                          // B2B: the debtor's bank has not confirmed it yet
	MandateActive                               // collections are made by it
	MandateSuspended                            // none is, until it is resumed
	MandateRevoked                              // ended by the debtor, or by the creditor
	MandateExpired                              // ended by 36 months without a collection
	MandateConsumed                             // one-off: its one collection was made
	MandateFailed                               // refused by the debtor's bank
)

var mandateStatusNames = [...]string{
	"", "draft", "signed", "pending_bank", "active", "suspended", "revoked", "expired", "consumed", "failed",
}

// Valid reports whether s is one of the constants.
func (s MandateStatus) Valid() bool { return s >= MandateDraft && s <= MandateFailed }

// Final reports whether nothing follows s: MandateRevoked, MandateExpired, MandateConsumed and MandateFailed.
func (s MandateStatus) Final() bool { return s >= MandateRevoked && s <= MandateFailed }

// String returns the status as it is written: "pending_bank"; and "" if it is none of the constants.
func (s MandateStatus) String() string { return nameOf(mandateStatusNames[:], s) }

// MarshalText returns "draft", "signed", "pending_bank", "active", "suspended", "revoked", "expired", "consumed" or "failed". It
// returns an error that wraps ErrInvalid if s is none of the constants.
func (s MandateStatus) MarshalText() ([]byte, error) {
	return marshalName(mandateStatusNames[:], s, "status")
}

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (s *MandateStatus) UnmarshalText(text []byte) error {
	return unmarshalName(mandateStatusNames[:], s, text, "status")
}

// Scheme is the SEPA direct debit scheme of a mandate.
type Scheme uint8

// The schemes.
const (
	Core Scheme = iota + 1 // for consumers and businesses: a debtor can have a collection refunded for eight weeks
	B2B                    // for businesses: no refund, and the debtor's bank confirms the mandate before the first collection
)

var schemeNames = [...]string{"", "CORE", "B2B"}

// Valid reports whether s is one of the constants.
func (s Scheme) Valid() bool { return s == Core || s == B2B }

// String returns "CORE" or "B2B", the code of the local instrument in pain.008; and "" if s is none of the constants.
func (s Scheme) String() string { return nameOf(schemeNames[:], s) }

// MarshalText returns "CORE" or "B2B". It returns an error that wraps ErrInvalid if s is none of the constants.
func (s Scheme) MarshalText() ([]byte, error) { return marshalName(schemeNames[:], s, "scheme") }

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (s *Scheme) UnmarshalText(text []byte) error {
	return unmarshalName(schemeNames[:], s, text, "scheme")
}

// MandateKind says how often a mandate is collected by.
type MandateKind uint8

// The kinds of mandates.
const (
	Recurrent MandateKind = iota + 1 // any number of times
	OneOff                           // once: its first collection consumes it
)

var mandateKindNames = [...]string{"", "RCUR", "OOFF"}

// Valid reports whether k is one of the constants.
func (k MandateKind) Valid() bool { return k == Recurrent || k == OneOff }

// String returns "RCUR" or "OOFF", the sequence type in pain.008; and "" if k is none of the constants.
func (k MandateKind) String() string { return nameOf(mandateKindNames[:], k) }

// MarshalText returns "RCUR" or "OOFF". It returns an error that wraps ErrInvalid if k is none of the constants.
func (k MandateKind) MarshalText() ([]byte, error) {
	return marshalName(mandateKindNames[:], k, "kind")
}

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (k *MandateKind) UnmarshalText(text []byte) error {
	return unmarshalName(mandateKindNames[:], k, text, "kind")
}

// nameOf returns the name of an enum's value, and "" if it has none.
func nameOf[E ~uint8](names []string, e E) string {
	if int(e) >= len(names) {
		return ""
	}
	return names[e]
}

func marshalName[E ~uint8](names []string, e E, field string) ([]byte, error) {
	name := nameOf(names, e)
	if name == "" {
		return nil, fmt.Errorf("%w %s: none of the constants", ErrInvalid, field)
	}
	return []byte(name), nil
}

func unmarshalName[E ~uint8](names []string, e *E, text []byte, field string) error {
	i := slices.Index(names, string(text))
	if i < 1 {
		return fmt.Errorf("%w %s: want one of %q", ErrInvalid, field, names[1:])
	}
	*e = E(i)
	return nil
}
