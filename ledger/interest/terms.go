package interest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/money"
)

// Limits of terms.
const (
	MaxRates = 4096    // dates on which rates change
	MaxBands = 64      // bands of a table
	MaxTerms = 4 << 20 // bytes of the JSON
)

const (
	rateScale = 1_000_000_000_000 // a rate has at most 12 places after the point
	maxRate   = 100               // and is at most 10,000 % a year, either way
)

// Spec says what the interest of an account is: data, for [NewTerms].
type Spec struct {
	_ struct{} // disallow positional literals

	Currency   money.Currency `json:"currency"`
	DayCount   DayCount       `json:"day_count"`
	Rounding   money.Rounding `json:"rounding"`   // of what is posted
	Capitalise Period         `json:"capitalise"` // when it is posted
	Rates      []Rates        `json:"rates"`      // in the order of From, each holds until the next
}

// Rates are those of the days from a date on: of the balance at the end of that day, and of each day after it.
type Rates struct {
	_ struct{} // disallow positional literals

	From   civil.Date `json:"from"`
	Credit Table      `json:"credit,omitzero"` // for balances above zero
	Debit  Table      `json:"debit,omitzero"`  // for balances below zero
}

// Table is annual rates by the size of the balance. The zero Table is no interest.
type Table struct {
	_ struct{} // disallow positional literals

	Tiers Tiers  `json:"tiers,omitzero"` // must be set if there are two bands or more
	Bands []Band `json:"bands,omitempty"`
}

// Band is the rate above a balance, up to the next band.
type Band struct {
	_ struct{} // disallow positional literals

	// Above is zero in the first band, and more in each that follows. A balance of exactly Above belongs to the band before. In
	// a table of debit it is how much is owed, not negative.
	Above money.Amount `json:"above"`
	// Rate is for a year: 0.025 is 2.5 %, in at most 12 places after the point. Interest is the rate times the balance, with
	// the signs of both: a rate above zero pays a balance above zero, and charges one below zero; a negative rate does the
	// opposite.
	Rate money.Rate `json:"rate"`
}

// Flat returns the table of one rate, whatever the balance.
func Flat(currency money.Currency, rate money.Rate) Table {
	return Table{Bands: []Band{{Above: money.New(0, currency), Rate: rate}}}
}

// Tiers says which part of a balance the rate of a band is for.
type Tiers uint8

// The ways to use bands. In 12 CFR 1030 (Regulation DD), appendix A, they are tiering methods B and A.
const (
	_      Tiers = iota
	Slices       // each band's rate is for the part of the balance that lies in it
	Whole        // the whole balance earns the rate of the band that it reaches
)

// String returns the name: "slices" or "whole"; "invalid" when t is neither.
func (t Tiers) String() string {
	switch t {
	case Slices:
		return "slices"
	case Whole:
		return "whole"
	}
	return "invalid"
}

// MarshalText returns the name. It returns an error that wraps ErrInvalid if t is neither of the constants.
func (t Tiers) MarshalText() ([]byte, error) {
	if t != Slices && t != Whole {
		return nil, fmt.Errorf("%w: tiers: want slices or whole", ErrInvalid)
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads a name. After an error t is unchanged.
func (t *Tiers) UnmarshalText(text []byte) error {
	switch string(text) {
	case "slices":
		*t = Slices
	case "whole":
		*t = Whole
	default:
		return fmt.Errorf("%w: tiers: want slices or whole", ErrInvalid)
	}
	return nil
}

// UnmarshalJSON reads a table that is there: it has bands, in at most the two known fields.
func (t *Table) UnmarshalJSON(data []byte) error {
	type plain Table
	var table plain
	if err := strictjson.Unmarshal(data, &table); err != nil {
		return err
	}
	if len(table.Bands) == 0 {
		return errors.New("bands: none: leave the table out")
	}
	*t = Table(table)
	return nil
}

// UnmarshalJSON reads a band, whose rate must be there: 0 is said, not left out.
func (b *Band) UnmarshalJSON(data []byte) error {
	var band struct {
		Above money.Amount `json:"above"`
		Rate  *money.Rate  `json:"rate"`
	}
	if err := strictjson.Unmarshal(data, &band); err != nil {
		return err
	}
	if band.Rate == nil {
		return errors.New("rate: missing")
	}
	*b = Band{Above: band.Above, Rate: *band.Rate}
	return nil
}

// Terms are a valid Spec. They do not change, and are safe for concurrent use; the zero Terms are refused on use. Accounts with
// the same terms share them.
type Terms struct {
	spec  Spec
	rates []compiledRates // of spec.Rates
}

// compiledRates are Rates in whole numbers.
type compiledRates struct {
	from          civil.Date
	credit, debit compiledTable
}

type compiledTable struct {
	whole bool
	bands []compiledBand
}

type compiledBand struct {
	above uint64 // minor units
	rate  int64  // in units of 1/rateScale
}

// NewTerms returns the terms of a spec, which it copies.
//
// NewTerms returns an error that wraps ErrInvalid and names the field if:
//   - the currency, the day count, the rounding or the period is not set;
//   - there are no rates, more than MaxRates, or their dates are not valid or do not ascend;
//   - a table has more than MaxBands, or several and does not say which tiers they are;
//   - a band is of another currency, the first is not above 0, or another not above more than the one before;
//   - a rate has more than 12 places after the point, or is beyond 100, which is 10,000 %, or -100.
func NewTerms(spec Spec) (*Terms, error) {
	switch {
	case !spec.Currency.Valid():
		return nil, invalid("currency", "none is set")
	case !spec.DayCount.Valid():
		return nil, invalid("day_count", "none is set")
	case !spec.Rounding.Valid():
		return nil, invalid("rounding", "none is set")
	case !spec.Capitalise.Valid():
		return nil, invalid("capitalise", "none is set")
	case len(spec.Rates) == 0 || len(spec.Rates) > MaxRates:
		return nil, invalid("rates", "%d of them, want 1 to %d", len(spec.Rates), MaxRates)
	}
	t := &Terms{spec: spec.clone(), rates: make([]compiledRates, len(spec.Rates))}
	for i, r := range t.spec.Rates {
		where := fmt.Sprintf("rates[%d]", i)
		if !r.From.Valid() || i > 0 && r.From <= t.rates[i-1].from {
			return nil, invalid(where+".from", "want a date after the one before")
		}
		credit, err := compile(where+".credit", r.Credit, spec.Currency)
		if err != nil {
			return nil, err
		}
		debit, err := compile(where+".debit", r.Debit, spec.Currency)
		if err != nil {
			return nil, err
		}
		t.rates[i] = compiledRates{from: r.From, credit: credit, debit: debit}
	}
	return t, nil
}

// MustTerms is [NewTerms] for terms written in the program: it panics on an error.
func MustTerms(spec Spec) *Terms {
	t, err := NewTerms(spec)
	if err != nil {
		panic(err)
	}
	return t
}

func compile(where string, table Table, currency money.Currency) (compiledTable, error) {
	switch {
	case len(table.Bands) > MaxBands:
		return compiledTable{}, invalid(where+".bands", "%d of them, want at most %d", len(table.Bands), MaxBands)
	case table.Tiers > Whole, table.Tiers == 0 && len(table.Bands) > 1, table.Tiers != 0 && len(table.Bands) == 0:
		return compiledTable{}, invalid(where+".tiers", "want slices or whole if there are bands, and set if there are several")
	}
	compiled := compiledTable{whole: table.Tiers == Whole, bands: make([]compiledBand, len(table.Bands))}
	for i, band := range table.Bands {
		where := fmt.Sprintf("%s.bands[%d]", where, i)
		above := band.Above.Minor()
		switch {
		case band.Above.Currency() != currency:
			return compiledTable{}, invalid(where+".above", "want the currency of the terms")
		case i == 0 && above != 0:
			return compiledTable{}, invalid(where+".above", "want 0 in the first band")
		case i > 0 && (above < 0 || uint64(above) <= compiled.bands[i-1].above):
			return compiledTable{}, invalid(where+".above", "want more than in the band before")
		}
		num, den := band.Rate.Numerator(), band.Rate.Denominator()
		if rateScale%den != 0 {
			return compiledTable{}, invalid(where+".rate", "want a decimal of at most 12 places after the point")
		}
		if num < -maxRate*den || num > maxRate*den {
			return compiledTable{}, invalid(where+".rate", "want -%d to %d, as a part of 1", maxRate, maxRate)
		}
		compiled.bands[i] = compiledBand{above: uint64(above), rate: num * (rateScale / den)}
	}
	return compiled, nil
}

// ParseTerms reads the JSON of terms:
//
//	{"currency":"EUR","day_count":"act_365f","rounding":"half_even","capitalise":"monthly","rates":[
//	  {"from":"2026-01-01","credit":{"bands":[{"above":{"amount":"0.00","currency":"EUR"},"rate":"0.01"}]}},
//	  {"from":"2026-07-01",
//	   "credit":{"tiers":"slices","bands":[
//	     {"above":{"amount":"0.00","currency":"EUR"},"rate":"0.01"},
//	     {"above":{"amount":"10000.00","currency":"EUR"},"rate":"0.02"}]},
//	   "debit":{"bands":[{"above":{"amount":"0.00","currency":"EUR"},"rate":"0.115"}]}}]}
//
// ParseTerms returns an error that wraps ErrInvalid if:
//   - data is longer than MaxTerms, or not one JSON value;
//   - a field is unknown, missing or there twice; a table is there but null or empty;
//   - NewTerms would refuse what it says.
func ParseTerms(data []byte) (*Terms, error) {
	if len(data) > MaxTerms {
		return nil, invalid("json", "%d bytes, want at most %d", len(data), MaxTerms)
	}
	var spec Spec
	if err := strictjson.Unmarshal(data, &spec); err != nil {
		return nil, fmt.Errorf("%w: terms: %w", ErrInvalid, err)
	}
	return NewTerms(spec)
}

// MarshalJSON returns the JSON of the terms, as ParseTerms reads it. It is the same for the same terms, byte for byte. It returns
// an error that wraps ErrInvalid if t is the zero Terms.
func (t *Terms) MarshalJSON() ([]byte, error) {
	if t == nil || t.rates == nil {
		return nil, errNoTerms()
	}
	return json.Marshal(t.spec)
}

// UnmarshalJSON is [ParseTerms] into new Terms. It returns an error too if t holds terms already: accounts may be sharing them.
func (t *Terms) UnmarshalJSON(data []byte) error {
	if t.rates != nil {
		return invalid("json", "terms do not change: decode into new ones")
	}
	parsed, err := ParseTerms(data)
	if err == nil {
		*t = *parsed
	}
	return err
}

// Spec returns a copy of what the terms were made of.
func (t *Terms) Spec() Spec { return t.spec.clone() }

// Currency returns the currency of the balances.
func (t *Terms) Currency() money.Currency { return t.spec.Currency }

// Rounding returns the rounding of what is posted.
func (t *Terms) Rounding() money.Rounding { return t.spec.Rounding }

// Capitalise returns when interest is posted.
func (t *Terms) Capitalise() Period { return t.spec.Capitalise }

func (s Spec) clone() Spec {
	s.Rates = slices.Clone(s.Rates)
	for i := range s.Rates {
		for _, table := range []*Table{&s.Rates[i].Credit, &s.Rates[i].Debit} {
			table.Bands = slices.Clone(table.Bands)
			if len(table.Bands) == 0 {
				table.Bands = nil // one form of no interest
			}
		}
	}
	return s
}

// invalid returns an error that names a field of the terms.
func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w: terms: %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
}

func errNoTerms() error { return fmt.Errorf("%w: terms: none: make them with NewTerms", ErrInvalid) }
