package party

import "strings"

// MandateReference is the unique reference of a mandate with its creditor (UMR, in French RUM), as it was written.
type MandateReference string

// MaxMandateReference is how many characters a mandate reference has at most.
const MaxMandateReference = 35

// ParseMandateReference takes a reference as it is written: upper and lower case and spaces are kept.
//
// ParseMandateReference returns an error if the reference is not valid: see [MandateReference.Validate].
func ParseMandateReference(s string) (MandateReference, error) { return parse[MandateReference](s) }

// Validate returns an error if:
//   - the reference is "" ([Missing]) or has more than 35 characters ([BadLength]);
//   - a character is none of the basic SEPA set ([BadCharacter]): letters, digits, / - ? : ( ) . , ' + and the space, which
//     may not be first or last;
//   - it begins or ends with a slash, or holds two in a row ([WrongStructure]).
//
// The rules are meant to be those of EPC217-08 for references and identifiers; the document itself was not at hand. Those on spaces at
// the ends are of this package. Two references that differ in case or spaces are two here. Some banks take them for one, so a creditor
// had better not use both.
func (m MandateReference) Validate() error { return fault("mandate_reference", m.judge()) }

func (m MandateReference) judge() Reason {
	if r := judge(string(m), 1, MaxMandateReference, "abcdefghijklmnopqrstuvwxyz/-?:().,'+ "); r != "" {
		return r
	}
	if m[0] == ' ' || m[len(m)-1] == ' ' {
		return BadCharacter
	}
	if m[0] == '/' || m[len(m)-1] == '/' || strings.Contains(string(m), "//") {
		return WrongStructure
	}
	return ""
}

// String returns the reference, as it is.
func (m MandateReference) String() string { return string(m) }
