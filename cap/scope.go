package cap

import (
	"fmt"
	"slices"
	"strings"
)

// MaxScope is the most entries that one list of a Filter may have.
const MaxScope = 500

// Scope says which spends a limit looks at: those that Include takes and Exclude does not. The zero Scope takes all.
type Scope struct {
	_ struct{} // disallow positional literals

	// Include takes the spends that every list in it has: one with categories and countries takes a spend whose category
	// is among the categories and whose country is among the countries. A list that is empty takes all. What is not
	// known of a spend is in no list.
	Include Filter

	// Exclude leaves out the spends that any list in it has.
	Exclude Filter
}

// Filter is lists of merchants, by what is known of them. Each has up to MaxScope entries.
type Filter struct {
	_ struct{} // disallow positional literals

	Categories []MCCRange
	Merchants  []string // ids
	Countries  []Country
	Channels   []Channel
}

// MCCRange is the merchant categories from From to To, both of them in. A single one has both the same.
type MCCRange struct {
	From, To MCC
}

// String returns "5411", or "7800-7999".
func (r MCCRange) String() string {
	if r.From == r.To {
		return r.From.String()
	}
	return r.From.String() + "-" + r.To.String()
}

// Valid reports whether r is within 0001 to 9999 and does not go downwards.
func (r MCCRange) Valid() bool { return r.From >= 1 && r.From <= r.To && r.To <= maxMCC }

// MarshalText returns what String returns. It returns an error that wraps ErrInvalid if r is not valid.
func (r MCCRange) MarshalText() ([]byte, error) {
	if !r.Valid() {
		return nil, invalid("mcc", "%s, want 0001 to 9999, upwards", r)
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what String writes: there is one text for each range, so "5411-5411" is none. It returns an error that wraps
// ErrInvalid for anything else, and leaves r as it is.
func (r *MCCRange) UnmarshalText(text []byte) error {
	parsed, err := parseMCCRange(string(text))
	if err != nil {
		return invalidWith(err, "mcc")
	}
	*r = parsed
	return nil
}

// parseMCCRange is the reverse of String.
func parseMCCRange(text string) (MCCRange, error) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, err := parseMCC(first)
	if err != nil {
		return MCCRange{}, err
	}
	to, err := parseMCC(last)
	if err == nil && isRange && from >= to {
		err = fmt.Errorf("%q does not go upwards", text)
	}
	return MCCRange{from, to}, err
}

// filter is a Filter made ready: sorted, in the form of place.
type filter struct {
	categories []MCCRange
	merchants  []uint64
	countries  []uint16
	channels   []uint8
}

// scope is a Scope made ready. The zero scope takes all.
type scope struct{ include, exclude filter }

// takes reports whether a spend made there is in the scope.
func (s *scope) takes(p place) bool {
	in, out := &s.include, &s.exclude
	return (len(in.categories) == 0 || in.hasCategory(p)) && (len(in.merchants) == 0 || in.hasMerchant(p)) &&
		(len(in.countries) == 0 || in.hasCountry(p)) && (len(in.channels) == 0 || in.hasChannel(p)) &&
		!out.hasCategory(p) && !out.hasMerchant(p) && !out.hasCountry(p) && !out.hasChannel(p)
}

func (f *filter) hasCategory(p place) bool {
	i, found := slices.BinarySearchFunc(f.categories, p.mcc, func(r MCCRange, m MCC) int { return int(r.From) - int(m) })
	return found || i > 0 && p.mcc <= f.categories[i-1].To
}

func (f *filter) hasMerchant(p place) bool {
	_, found := slices.BinarySearch(f.merchants, p.merchant)
	return found
}

func (f *filter) hasCountry(p place) bool {
	_, found := slices.BinarySearch(f.countries, p.country)
	return found
}

func (f *filter) hasChannel(p place) bool {
	_, found := slices.BinarySearch(f.channels, p.channel)
	return found
}

// ready checks s and makes it ready. An error comes with the path inside s of what is wrong.
func (s *Scope) ready() (out scope, where string, err error) {
	if out.include, where, err = s.Include.ready(); err != nil {
		return out, ".include" + where, err
	}
	if out.exclude, where, err = s.Exclude.ready(); err != nil {
		return out, ".exclude" + where, err
	}
	return out, "", nil
}

func (f *Filter) ready() (out filter, where string, err error) {
	for _, list := range [...]struct {
		name string
		n    int
	}{{".mcc", len(f.Categories)}, {".merchants", len(f.Merchants)}, {".countries", len(f.Countries)}, {".channels", len(f.Channels)}} {
		if list.n > MaxScope {
			return out, list.name, fmt.Errorf("%d of them, want at most %d", list.n, MaxScope)
		}
	}
	for i, r := range f.Categories {
		if !r.Valid() {
			return out, fmt.Sprintf(".mcc[%d]", i), fmt.Errorf("%s, want 0001 to 9999, upwards", r)
		}
		if i > 0 && r.From <= f.Categories[i-1].To {
			return out, fmt.Sprintf(".mcc[%d]", i), fmt.Errorf("%s does not lie after %s", r, f.Categories[i-1])
		}
	}
	out.categories = f.Categories
	if i, err := inOrder(f.Merchants); err != nil {
		return out, fmt.Sprintf(".merchants[%d]", i), err
	}
	for i, id := range f.Merchants {
		hash, err := hashID(id)
		if err != nil {
			return out, fmt.Sprintf(".merchants[%d]", i), err
		}
		out.merchants = append(out.merchants, max(hash, 1))
	}
	if i, err := inOrder(f.Countries); err != nil {
		return out, fmt.Sprintf(".countries[%d]", i), err
	}
	for i, c := range f.Countries {
		if !c.Valid() {
			return out, fmt.Sprintf(".countries[%d]", i), fmt.Errorf("%q, want two capital letters of ISO 3166-1", clip(string(c)))
		}
		out.countries = append(out.countries, c.code())
	}
	if i, err := inOrder(f.Channels); err != nil {
		return out, fmt.Sprintf(".channels[%d]", i), err
	}
	for i, c := range f.Channels {
		if !c.Valid() {
			return out, fmt.Sprintf(".channels[%d]", i), fmt.Errorf("%q, want one of %v", clip(string(c)), Channels())
		}
		out.channels = append(out.channels, c.code())
	}
	slices.Sort(out.merchants)
	slices.Sort(out.channels)
	return out, "", nil
}

// inOrder returns the place of the first entry that does not lie after the one before. One order for each list gives one
// text, and so one digest, for each scope.
func inOrder[T ~string](list []T) (int, error) {
	for i := 1; i < len(list); i++ {
		if list[i] <= list[i-1] {
			return i, fmt.Errorf("%q does not lie after %q", clip(string(list[i])), clip(string(list[i-1])))
		}
	}
	return 0, nil
}
