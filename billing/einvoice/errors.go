package einvoice

import (
	"fmt"

	"github.com/payrules/payrules/billing"
)

// Error says which rule an invoice breaks, and where. It never holds what stood there, but for amounts.
type Error struct {
	_ struct{} // disallow positional literals

	Rule  string // of EN 16931: "BR-CO-10"; or the business term whose definition is broken: "BT-131"
	Field string // path of the field in its JSON name: "lines[2].net"
	Why   string
}

// Error names the rule and the field.
func (e *Error) Error() string {
	return fmt.Sprintf("%v invoice: %s: %s: %s", billing.ErrInvalid, e.Rule, e.Field, e.Why)
}

// Unwrap returns [billing.ErrInvalid].
func (e *Error) Unwrap() error { return billing.ErrInvalid }

// broken makes an error.
func broken(rule, field, why string, args ...any) error {
	return &Error{Rule: rule, Field: field, Why: fmt.Sprintf(why, args...)}
}
