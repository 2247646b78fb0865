package interest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

// testdata/terms.json is terms with every field, in their one form but for white space.
func TestTermsJSON(t *testing.T) {
	pretty, err := os.ReadFile("testdata/terms.json")
	if err != nil {
		t.Fatal(err)
	}
	terms, err := interest.ParseTerms(pretty)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, pretty); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(terms)
	if err != nil || cmp.Diff(want.String(), string(got)) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(want.String(), string(got)))
	}
	if terms.Currency() != money.EUR || terms.Rounding() != money.HalfEven || terms.Capitalise() != interest.Quarterly {
		t.Errorf("read as %+v", terms.Spec())
	}
	var again interest.Terms
	if err := json.Unmarshal(pretty, &again); err != nil || !cmp.Equal(again.Spec(), terms.Spec()) {
		t.Errorf("decoded: %v, %s", err, cmp.Diff(again.Spec(), terms.Spec()))
	}
	if err := json.Unmarshal(pretty, &again); !errors.Is(err, interest.ErrInvalid) {
		t.Errorf("decoded over others: %v", err)
	}
	if text, err := json.Marshal(new(interest.Terms)); !errors.Is(err, interest.ErrInvalid) {
		t.Errorf("no terms: %s, %v", text, err)
	}
}

// What terms were made of can be changed afterwards, and so can what they say: they cannot.
func TestTermsDoNotChange(t *testing.T) {
	spec := flatSpec("0.02", interest.Act360)
	terms := interest.MustTerms(spec)
	before, _ := json.Marshal(terms)
	spec.Rates[0].Credit.Bands[0].Rate = money.MustParseRate("0.5")
	said := terms.Spec()
	said.Rates[0].Credit.Bands[0].Rate = money.MustParseRate("0.5")
	said.Rates[0].From = 5
	if after, _ := json.Marshal(terms); string(after) != string(before) {
		t.Errorf("got %s, want %s", after, before)
	}
}

// Each way that a spec can be wrong, and the field that the error names.
func TestSpecRefused(t *testing.T) {
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }
	two := money.MustParseRate("0.02")
	credit := func(s *interest.Spec) *interest.Table { return &s.Rates[0].Credit }
	for _, row := range []struct {
		field string
		spoil func(*interest.Spec)
	}{
		{"currency", func(s *interest.Spec) { s.Currency = 0 }},
		{"day_count", func(s *interest.Spec) { s.DayCount = 0 }},
		{"day_count", func(s *interest.Spec) { s.DayCount = 6 }},
		{"rounding", func(s *interest.Spec) { s.Rounding = 0 }},
		{"capitalise", func(s *interest.Spec) { s.Capitalise = 0 }},
		{"rates", func(s *interest.Spec) { s.Rates = nil }},
		{"rates", func(s *interest.Spec) { s.Rates = make([]interest.Rates, interest.MaxRates+1) }},
		{"rates[0].from", func(s *interest.Spec) { s.Rates[0].From = 0 }},
		{"rates[1].from", func(s *interest.Spec) { s.Rates = append(s.Rates, s.Rates[0]) }},
		{"rates[0].credit.bands", func(s *interest.Spec) { credit(s).Bands = make([]interest.Band, interest.MaxBands+1) }},
		{"rates[0].credit.tiers", func(s *interest.Spec) {
			credit(s).Bands = append(credit(s).Bands, interest.Band{Above: eur(1), Rate: two})
		}},
		{"rates[0].credit.tiers", func(s *interest.Spec) { credit(s).Tiers = 3 }},
		{"rates[0].debit.tiers", func(s *interest.Spec) { s.Rates[0].Debit.Tiers = interest.Whole }},
		{"rates[0].debit.bands[0].above", func(s *interest.Spec) { s.Rates[0].Debit = interest.Flat(money.JPY, two) }},
		{"rates[0].credit.bands[0].above", func(s *interest.Spec) { credit(s).Bands[0].Above = money.Amount{} }},
		{"rates[0].credit.bands[0].above", func(s *interest.Spec) { credit(s).Bands[0].Above = eur(1) }},
		{"rates[0].credit.bands[1].above", func(s *interest.Spec) {
			*credit(s) = interest.Table{Tiers: interest.Slices, Bands: []interest.Band{{Above: eur(0)}, {Above: eur(0)}}}
		}},
		{"rates[0].credit.bands[1].above", func(s *interest.Spec) {
			*credit(s) = interest.Table{Tiers: interest.Slices, Bands: []interest.Band{{Above: eur(0)}, {Above: eur(-1)}}}
		}},
		{"rates[0].credit.bands[0].rate", func(s *interest.Spec) { credit(s).Bands[0].Rate = money.MustParseRate("1/3") }},
		{"rates[0].credit.bands[0].rate", func(s *interest.Spec) { credit(s).Bands[0].Rate = money.MustParseRate("0.0000000000001") }},
		{"rates[0].credit.bands[0].rate", func(s *interest.Spec) { credit(s).Bands[0].Rate = money.MustParseRate("100.000000000001") }},
		{"rates[0].credit.bands[0].rate", func(s *interest.Spec) { credit(s).Bands[0].Rate = money.MustParseRate("-100.1") }},
		{"rates[0].credit.bands[0].rate", func(s *interest.Spec) { credit(s).Bands[0].Rate = money.MustParseRate("999999999999999999") }},
	} {
		spec := flatSpec("0.02", interest.Act360)
		row.spoil(&spec)
		if _, err := interest.NewTerms(spec); !errors.Is(err, interest.ErrInvalid) || !strings.Contains(err.Error(), "terms: "+row.field+": ") {
			t.Errorf("%s: got %v", row.field, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("MustTerms does not panic")
		}
	}()
	interest.MustTerms(interest.Spec{})
}

const plainTerms = `{"currency":"EUR","day_count":"act_365f","rounding":"half_even","capitalise":"monthly","rates":[` +
	`{"from":"2026-01-01","credit":{"bands":[{"above":{"amount":"0.00","currency":"EUR"},"rate":"0.01"}]}}]}`

func TestParseTermsRefused(t *testing.T) {
	if _, err := interest.ParseTerms([]byte(plainTerms)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ old, new string }{
		{`"currency":"EUR","day`, `"day`},
		{`"currency":"EUR","day`, `"currency":null,"day`},
		{`"currency":"EUR","day`, `"currency":"EUR","currency":"EUR","day`},
		{`"currency":"EUR","day`, `"currency":"EUR","more":1,"day`},
		{`"act_365f"`, `"act/365"`},
		{`"act_365f"`, `null`},
		{`"monthly"`, `"weekly"`},
		{`"half_even"`, `"bankers"`},
		{`"from":"2026-01-01",`, ``},
		{`"2026-01-01"`, `"2026-02-30"`},
		{`,"rate":"0.01"`, ``},
		{`"rate":"0.01"`, `"rate":null`},
		{`"rate":"0.01"`, `"rate":0.01`},
		{`"rate":"0.01"`, `"rate":"1e-2"`},
		{`"rate":"0.01"`, `"rate":"0.01","to":1`},
		{`{"amount":"0.00","currency":"EUR"}`, `null`},
		{`"above":{"amount":"0.00","currency":"EUR"},`, ``},
		{`{"bands":[`, `{"tiers":"both","bands":[`},
		{`{"bands":[`, `{"tier":"whole","bands":[`},
		{`"credit":{`, `"debit":null,"credit":{`},
		{`"credit":{`, `"debit":{},"credit":{`},
		{`"credit":{`, `"debit":{"bands":[]},"credit":{`},
		{`"credit":{`, `"debit":{"tiers":"whole"},"credit":{`},
		{plainTerms, `null`},
		{plainTerms, ``},
		{plainTerms, plainTerms + plainTerms},
		{plainTerms, plainTerms + strings.Repeat(" ", interest.MaxTerms)},
	} {
		text := strings.Replace(plainTerms, row.old, row.new, 1)
		if text == plainTerms {
			t.Fatalf("%s is not in the text", row.old)
		}
		if got, err := interest.ParseTerms([]byte(text)); !errors.Is(err, interest.ErrInvalid) || got != nil {
			t.Errorf("%s for %s: got %v, %v", row.new, row.old, got, err)
		}
	}
}

// Whatever is drawn is written and read back to the same terms, and the same bytes.
func TestTermsJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := interest.MustTerms(drawSpec(t))
		text, err := json.Marshal(terms)
		if err != nil {
			t.Fatalf("%v", err)
		}
		back, err := interest.ParseTerms(text)
		if err != nil || !cmp.Equal(back.Spec(), terms.Spec()) {
			t.Fatalf("%s: %v\n%s", text, err, cmp.Diff(terms.Spec(), back.Spec()))
		}
	})
}

// No text makes ParseTerms or what it returns panic, and what it takes has one form, which says the same.
func FuzzParseTerms(f *testing.F) {
	f.Add([]byte(plainTerms))
	if pretty, err := os.ReadFile("testdata/terms.json"); err == nil {
		f.Add(pretty)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		terms, err := interest.ParseTerms(data)
		if err != nil {
			if !errors.Is(err, interest.ErrInvalid) {
				t.Fatalf("%v", err)
			}
			return
		}
		text, err := json.Marshal(terms)
		if err != nil {
			t.Fatal(err)
		}
		back, err := interest.ParseTerms(text)
		if err != nil || !cmp.Equal(back.Spec(), terms.Spec()) {
			t.Fatalf("%s: %v", text, err)
		}
		from := terms.Spec().Rates[0].From
		to := min(from+1000, civil.MustParseDate("9999-12-31"))
		for _, balance := range []int64{0, 1, -1, 1_000_000_00, -1_000_000_00} {
			if _, err := terms.Accrue(balance, nil, from, to); err != nil {
				t.Fatalf("%d: %v", balance, err)
			}
		}
	})
}

// A savings account that may be overdrawn: one per cent up to 10,000 euro and two on what is above, from July on.
func Example() {
	terms, err := interest.ParseTerms([]byte(`{"currency":"EUR","day_count":"act_365f","rounding":"half_even","capitalise":"quarterly",
	 "rates":[
	  {"from":"2026-01-01",
	   "credit":{"bands":[{"above":{"amount":"0.00","currency":"EUR"},"rate":"0.01"}]},
	   "debit":{"bands":[{"above":{"amount":"0.00","currency":"EUR"},"rate":"0.115"}]}},
	  {"from":"2026-07-01",
	   "credit":{"tiers":"slices","bands":[
	    {"above":{"amount":"0.00","currency":"EUR"},"rate":"0.01"},
	    {"above":{"amount":"10000.00","currency":"EUR"},"rate":"0.02"}]},
	   "debit":{"bands":[{"above":{"amount":"0.00","currency":"EUR"},"rate":"0.115"}]}}]}`))
	if err != nil {
		panic(err)
	}
	first, last := civil.MustParseDate("2026-05-01"), civil.MustParseDate("2027-01-01")
	history := []interest.Balance{ // by value date
		{Day: civil.MustParseDate("2026-05-20"), Minor: -250_00},
		{Day: civil.MustParseDate("2026-06-03"), Minor: 15_000_00},
	}

	var total interest.Accrued
	posted := money.New(0, money.EUR)
	for from, to := range terms.Capitalise().Periods(first, last) {
		steps, _ := terms.Explain(0, history, from, to)
		for _, s := range steps {
			fmt.Printf("  %v %3d days, balance %9v, interest %v\n", s.From, s.Days, money.New(s.Balance, money.EUR).Number(), s.Interest)
			total, _ = total.Add(s.Interest)
		}
		due, _ := total.Due(posted, terms.Rounding())
		posted, _ = posted.Add(due)
		balance := history[len(history)-1].Minor + due.Minor()
		history = append(history, interest.Balance{Day: to, Minor: balance}) // it earns from the next day on
		fmt.Println(terms.Capitalise().End(from), "posted", due)
	}
	// Output:
	//   2026-05-01  19 days, balance      0.00, interest 0 minor EUR
	//   2026-05-20  14 days, balance   -250.00, interest -8050/73 minor EUR
	//   2026-06-03  28 days, balance  15000.00, interest 84000/73 minor EUR
	// 2026-06-30 posted 10.40 EUR
	//   2026-07-01  92 days, balance  15010.40, interest 9209568/1825 minor EUR
	// 2026-09-30 posted 50.47 EUR
	//   2026-10-01  92 days, balance  15060.87, interest 46280002/9125 minor EUR
	// 2026-12-31 posted 50.72 EUR
}

func BenchmarkAccrue(b *testing.B) {
	spec := flatSpec("0.02", interest.Act365F)
	for _, changes := range []int{0, 120, 3650} {
		var history []interest.Balance
		for i := range changes {
			history = append(history, interest.Balance{Day: start + civil.Date(i*3650/changes), Minor: int64(i)})
		}
		terms := interest.MustTerms(spec)
		b.Run(fmt.Sprintf("years=10/changes=%d", changes), func(b *testing.B) {
			for b.Loop() {
				if _, err := terms.Accrue(1, history, start, start+3650); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
