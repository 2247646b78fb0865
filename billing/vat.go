package billing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payrules/payrules/money"
)

// VATCategory is the code of a VAT category, of the subset of UNCL5305 that EN 16931 uses.
type VATCategory string

// The categories. Source: EN 16931-1, BT-151; Connecting Europe, code list UNCL5305.
const (
	Standard      VATCategory = "S"  // at the standard or a reduced rate, above zero
	ZeroRated     VATCategory = "Z"  // at zero
	Exempt        VATCategory = "E"  // exempt from tax
	ReverseCharge VATCategory = "AE" // the buyer owes it
	IntraEU       VATCategory = "K"  // exempt: supply of goods or services within the EEA
	Export        VATCategory = "G"  // free: exported, tax not charged
	OutOfScope    VATCategory = "O"  // not subject to VAT
	CanaryIslands VATCategory = "L"  // IGIC of the Canary Islands
	CeutaMelilla  VATCategory = "M"  // IPSI of Ceuta and Melilla
)

// VAT is how something is taxed. Those of one invoice with the same category and rate are taxed together.
type VAT struct {
	Category VATCategory `json:"category"`
	Rate     money.Rate  `json:"rate"` // a fraction: 0.2 is 20 %
}

// VATAt is standard VAT at a percentage: "20", "5.5"; zero-rated for "0". It returns an error if it is not a number of 0 to 100.
func VATAt(percent string) (VAT, error) {
	r, err := money.ParsePercent(percent)
	if err != nil {
		return VAT{}, fmt.Errorf("%w vat: %w", ErrInvalid, err)
	}
	v := VAT{Category: Standard, Rate: r}
	if r.Sign() == 0 {
		v.Category = ZeroRated
	}
	return v, invalid(v.fault())
}

// MustVATAt is VATAt for rates written in the program: it panics on an error.
func MustVATAt(percent string) VAT {
	v, err := VATAt(percent)
	if err != nil {
		panic(err)
	}
	return v
}

// fault says which field is none that VAT has, and why (EN 16931, rules BR-S-05, BR-Z-05 and their like); "" if all is well.
func (v VAT) fault() (name, fault string) {
	if v.Rate.Sign() < 0 || v.Rate.Numerator() > v.Rate.Denominator() {
		return "vat.rate", "not within 0 and 1"
	}
	switch v.Category {
	case Standard:
		if v.Rate.Sign() == 0 {
			return "vat.rate", "category S has a rate above zero"
		}
	case ZeroRated, Exempt, ReverseCharge, IntraEU, Export, OutOfScope:
		if v.Rate.Sign() != 0 {
			return "vat.rate", "the category has no rate but zero"
		}
	case CanaryIslands, CeutaMelilla:
	default:
		return "vat.category", "none of the codes of EN 16931"
	}
	return "", ""
}

func (v VAT) compare(w VAT) int {
	if c := strings.Compare(string(v.Category), string(w.Category)); c != 0 {
		return c
	}
	return v.Rate.Compare(w.Rate)
}

// Subtotal is what is taxed alike, and the tax on it: a VAT breakdown (EN 16931, BG-23).
type Subtotal struct {
	VAT  VAT          `json:"vat"`
	Base money.Amount `json:"base"` // without tax (BT-116)
	Tax  money.Amount `json:"tax"`  // on the base (BT-117)
}

// taxOn is the tax on a base, rounded once, half away from zero.
func taxOn(base money.Amount, v VAT) (money.Amount, error) {
	return base.MulRate(v.Rate, money.HalfAwayFromZero)
}

// breakdown is a list of subtotals in the order of category and rate, without two alike.
type breakdown []Subtotal

// find returns the place of a VAT, and whether it is there.
func (b breakdown) find(v VAT) (int, bool) {
	return slices.BinarySearchFunc(b, v, func(s Subtotal, v VAT) int { return s.VAT.compare(v) })
}

// add adds to the base of a VAT.
func (b *breakdown) add(v VAT, base money.Amount) error {
	i, found := b.find(v)
	if !found {
		*b = slices.Insert(*b, i, Subtotal{VAT: v, Base: base})
		return nil
	}
	sum, err := (*b)[i].Base.Add(base)
	(*b)[i].Base = sum
	return err
}
