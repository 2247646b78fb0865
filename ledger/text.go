package ledger

import (
	"fmt"
	"math/bits"

	"github.com/payrules/payrules/internal/texts"
)

// checkText returns an error that names the field if a text is too long, not UTF-8, or holds what no statement can show.
func checkText(field, s string, most int) error {
	if fault := texts.Fault(s, most); fault != "" {
		return fmt.Errorf("%w %s: %s", ErrInvalid, field, fault)
	}
	return nil
}

// validate returns an error that names the detail that is malformed.
func (d *Details) validate() error {
	if err := checkText("reference", d.Reference, maxDetail); err != nil {
		return err
	}
	if err := checkText("text", d.Text, maxText); err != nil {
		return err
	}
	return checkText("code", d.Code, maxDetail)
}

// wide is a sum of amounts of 128 bits, all of which are positive.
type wide struct{ hi, lo uint64 }

func (w *wide) add(minor int64) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, uint64(minor), 0)
	w.hi += carry
}
