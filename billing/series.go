package billing

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// Series gives numbers to invoices: each one once, without gaps, in the order of the dates of issue, in one year. Make it with [NewSeries]; it
// changes by [Series.Apply] alone. It is not safe for concurrent use.
type Series struct {
	id    string
	clock int64
	state seriesState
}

type seriesState struct {
	Opened *SeriesOpened `json:"opened,omitempty"`
	Given  uint64        `json:"given,omitzero"` // the last number
	LastOn civil.Date    `json:"last_on,omitzero"`
}

// Bounds of a series.
const (
	MaxPrefix = 20              // characters
	MaxWidth  = 12              // digits
	MaxNumber = 999_999_999_999 // of all numbers

	maxNumberBytes = 4*MaxPrefix + MaxWidth // of a number as text: its prefix, and its digits
)

// NewSeries returns a series that is not open yet.
func NewSeries(id string) *Series { return &Series{id: id} }

// OpenSeries opens a series for the invoices that are issued in a year. Its numbers are the prefix and at least so many digits. No other
// series may have the prefix: billing/run.VerifySeries finds numbers that two series give.
type OpenSeries struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	Prefix string    `json:"prefix"`
	Year   int       `json:"year"`
	Width  int       `json:"width"`
}

// GiveNumbers takes the next numbers of a series for invoices of a date.
type GiveNumbers struct {
	_ struct{} // disallow positional literals

	At    time.Time  `json:"at"`
	Count int        `json:"count"`
	On    civil.Date `json:"on"`
}

// SeriesOpened says that a series gives numbers.
type SeriesOpened struct {
	_ struct{} // disallow positional literals

	Series string    `json:"series"`
	At     time.Time `json:"at"`
	Prefix string    `json:"prefix"`
	Year   int       `json:"year"`
	Width  int       `json:"width"`
}

// EventType returns "billing.series_opened.v1".
func (SeriesOpened) EventType() string { return "billing.series_opened.v1" }

// NumbersGiven says which numbers were given to invoices of a date.
type NumbersGiven struct {
	_ struct{} // disallow positional literals

	At    time.Time  `json:"at"`
	First uint64     `json:"first"`
	Last  uint64     `json:"last"`
	On    civil.Date `json:"on"`
}

// EventType returns "billing.numbers_given.v1".
func (NumbersGiven) EventType() string { return "billing.numbers_given.v1" }

// SeriesTypes lists the event types of the streams of series.
func SeriesTypes() []event.Type {
	return []event.Type{event.TypeOf[SeriesOpened](), event.TypeOf[NumbersGiven](), event.TypeOf[Refusal]()}
}

// SeriesCodec returns a codec of the events of series.
func SeriesCodec() *event.Codec { return event.MustCodec(SeriesTypes()) }

// Numbers says what became of a command over a series.
type Numbers struct {
	First, Last uint64  // that were given
	Causes      []Cause // why nothing was done
}

// Numbering is where a series stands: the number that the next invoice gets.
type Numbering struct {
	Series string `json:"series"`
	Prefix string `json:"prefix"`
	Width  int    `json:"width"`
	Next   uint64 `json:"next"`
}

// Parse reads a number of the series; ok is false if it is written in another way.
func (s *Numbering) Parse(number string) (n uint64, ok bool) {
	digits, has := strings.CutPrefix(number, s.Prefix)
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, has && err == nil && n > 0 && fmt.Sprintf("%0*d", s.Width, n) == digits
}

// Has reports whether a number is one that the series gives, or has given.
func (s *Numbering) Has(number string) bool {
	_, ok := s.Parse(number)
	return ok
}

// number is the number that an invoice gets after n others.
func (s *Numbering) number(n int) string {
	return fmt.Sprintf("%s%0*d", s.Prefix, s.Width, s.Next+uint64(n))
}

func (s *Numbering) validate() error {
	if err := checkID("from.series", s.Series); err != nil {
		return err
	}
	if err := invalid("from.prefix", texts.Fault(s.Prefix, MaxPrefix)); err != nil {
		return err
	}
	if s.Width < 1 || s.Width > MaxWidth || s.Next < 1 || s.Next > MaxNumber {
		return fmt.Errorf("%w from: want a width of 1 to %d, and a number of 1 to %d", ErrInvalid, MaxWidth, MaxNumber)
	}
	return nil
}

// Numbering returns where the series stands; ok is false if it is not open.
func (s *Series) Numbering() (n Numbering, ok bool) {
	o := s.state.Opened
	if o == nil {
		return n, false
	}
	return Numbering{Series: s.id, Prefix: o.Prefix, Width: o.Width, Next: s.state.Given + 1}, true
}

// Decide returns a SeriesOpened or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c OpenSeries) Decide(s *Series) ([]event.Data, error) {
	at, err := s.begin(c.At)
	if err != nil {
		return nil, err
	}
	if err := invalid("prefix", texts.Fault(c.Prefix, MaxPrefix)); err != nil {
		return nil, err
	}
	if c.Year < 1970 || c.Year > 2199 || c.Width < 1 || c.Width > MaxWidth {
		return nil, fmt.Errorf("%w series: want a year of 1970 to 2199, and a width of 1 to %d", ErrInvalid, MaxWidth)
	}
	if s.state.Opened != nil {
		return []event.Data{Refusal{Command: "open_series", At: at, Causes: []Cause{{Reason: SeriesOpenAlready}}}}, nil
	}
	return []event.Data{SeriesOpened{Series: s.id, At: at, Prefix: c.Prefix, Year: c.Year, Width: c.Width}}, nil
}

// Decide returns a NumbersGiven or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed, or there are no more numbers.
func (c GiveNumbers) Decide(s *Series) ([]event.Data, error) {
	at, err := s.begin(c.At)
	if err != nil {
		return nil, err
	}
	if c.Count < 1 || c.Count > MaxNumber || !c.On.Valid() || s.state.Given+uint64(c.Count) > MaxNumber {
		return nil, fmt.Errorf("%w numbers: want 1 or more, of a date, and up to %d in all", ErrInvalid, MaxNumber)
	}
	var causes []Cause
	year, _, _ := c.On.Date()
	switch o := s.state.Opened; {
	case o == nil:
		causes = []Cause{{Reason: SeriesNotOpen}}
	case year != o.Year:
		causes = []Cause{{Reason: SeriesOfAnotherYear, Through: c.On}}
	case c.On < s.state.LastOn:
		causes = []Cause{{Reason: BeforeLastInvoice, Through: s.state.LastOn}}
	}
	if len(causes) > 0 {
		return []event.Data{Refusal{Command: "give_numbers", At: at, Causes: causes}}, nil
	}
	return []event.Data{NumbersGiven{At: at, First: s.state.Given + 1, Last: s.state.Given + uint64(c.Count), On: c.On}}, nil
}

func (s *Series) begin(at time.Time) (time.Time, error) {
	micros, err := checkAt("at", at)
	return money.FromUnixMicro(max(micros, s.clock)), err
}

// Result says what was given.
func (OpenSeries) Result(decided []event.Data) Numbers { return numbersOf(decided) }

// Result says what was given.
func (GiveNumbers) Result(decided []event.Data) Numbers { return numbersOf(decided) }

func numbersOf(decided []event.Data) (n Numbers) {
	for _, d := range decided {
		switch e := d.(type) {
		case Refusal:
			n.Causes = e.Causes
		case NumbersGiven:
			n.First, n.Last = e.First, e.Last
		}
	}
	return n
}

// Apply records an event. It returns an error that wraps ErrCorrupt if the event contradicts what stands before it.
func (s *Series) Apply(d event.Data) error {
	at := time.Time{}
	switch e := d.(type) {
	case Refusal:
		return nil
	case SeriesOpened:
		if s.state.Opened != nil || e.Series != s.id {
			return fmt.Errorf("%w: series %q is open, or another", ErrCorrupt, s.id)
		}
		s.state.Opened, at = &e, e.At
	case NumbersGiven:
		if s.state.Opened == nil || e.First != s.state.Given+1 || e.Last < e.First || e.On < s.state.LastOn {
			return fmt.Errorf("%w: series %q: numbers %d to %d after %d", ErrCorrupt, s.id, e.First, e.Last, s.state.Given)
		}
		s.state.Given, s.state.LastOn, at = e.Last, e.On, e.At
	default:
		return fmt.Errorf("%w: series %q: %T is no event of one", ErrCorrupt, s.id, d)
	}
	s.clock = max(s.clock, at.UnixMicro())
	return nil
}

// seriesSnapshot is the form of a series in MarshalBinary.
type seriesSnapshot struct {
	ID    string      `json:"id"`
	Clock int64       `json:"clock"`
	State seriesState `json:"state"`
}

// MarshalBinary returns the series as UnmarshalBinary reads it.
func (s *Series) MarshalBinary() ([]byte, error) {
	return json.Marshal(seriesSnapshot{s.id, s.clock, s.state})
}

// UnmarshalBinary makes the series what MarshalBinary wrote. It returns an error that wraps ErrCorrupt if data is not of that form, or of
// another series.
func (s *Series) UnmarshalBinary(data []byte) error {
	var in seriesSnapshot
	if err := strictjson.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("%w: snapshot of a series: %w", ErrCorrupt, err)
	}
	if in.ID != s.id {
		return fmt.Errorf("%w: snapshot of series %q, not %q", ErrCorrupt, in.ID, s.id)
	}
	s.clock, s.state = in.Clock, in.State
	return nil
}
