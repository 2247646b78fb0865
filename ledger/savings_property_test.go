package ledger_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

// Law L10: whatever is booked, reversed, closed, and changed in the terms, and however the days are split into accruals, what
// is posted is what a model says that keeps all entries and adds up fractions, one day at a time.
func TestInterestEqualsModel(t *testing.T) { rapid.Check(t, anySavings) }

func FuzzInterest(f *testing.F) { f.Fuzz(rapid.MakeFuzz(anySavings)) }

// savingsDays is how many days a history has; of a long one there is a leap day among them.
func savingsDays() civil.Date { return campaign.Size[civil.Date](180, 500) }

func drawTable(t *rapid.T, c money.Currency) (table interest.Table) {
	above := int64(0)
	for range rapid.IntRange(0, 3).Draw(t, "bands") {
		rate, err := money.NewRate(rapid.Int64Range(-80, 300).Draw(t, "rate per mille"), 1000)
		if err != nil {
			t.Fatal(err)
		}
		table.Bands = append(table.Bands, interest.Band{Above: money.New(above, c), Rate: rate})
		above += rapid.Int64Range(1, 50_000).Draw(t, "width")
	}
	if len(table.Bands) > 0 {
		table.Tiers = rapid.SampledFrom([]interest.Tiers{interest.Slices, interest.Whole}).Draw(t, "tiers")
	}
	return table
}

func drawSavingsSpec(t *rapid.T, c money.Currency, from civil.Date) interest.Spec {
	spec := interest.Spec{
		Currency: c, DayCount: interest.DayCount(rapid.IntRange(1, 5).Draw(t, "day count")),
		Rounding:   money.Rounding(rapid.IntRange(1, 4).Draw(t, "rounding")),
		Capitalise: interest.Period(rapid.SampledFrom([]int{2, 2, 2, 1, 3, 4, 5}).Draw(t, "period")),
	}
	for range rapid.IntRange(1, 4).Draw(t, "rate changes") {
		spec.Rates = append(spec.Rates, interest.Rates{From: from, Credit: drawTable(t, c), Debit: drawTable(t, c)})
		from += civil.Date(rapid.IntRange(1, 120).Draw(t, "days of it"))
	}
	return spec
}

// savingsRun is a ledger and the model beside it.
type savingsRun struct {
	*savingsBank
	t      *rapid.T
	m      *dumb
	side   ledger.Side // the normal one of the account
	day    civil.Date
	n      int
	posts  map[string]int64      // that may be reversed, to what they moved
	values map[string]civil.Date // of the same
}

func anySavings(t *rapid.T) {
	c := rapid.SampledFrom([]money.Currency{money.EUR, money.JPY, money.BHD}).Draw(t, "currency")
	of := rapid.SampledFrom([]ledger.Type{ledger.Liability, ledger.Asset}).Draw(t, "type")
	first := onDay("2027-11-20")
	w := &savingsRun{
		savingsBank: newBank(t, c), t: t, side: of.Normal(), day: first, posts: map[string]int64{}, values: map[string]civil.Date{},
		m: &dumb{entries: map[civil.Date]int64{}, frozen: map[civil.Date]*big.Rat{}},
	}
	w.openOwn(first)
	w.open(first, "anna", of, &ledger.Limits{Overdraft: ledger.NoOverdraft})
	w.m.from = first + civil.Date(rapid.IntRange(0, 40).Draw(t, "from"))
	w.setInterest(rapid.Bool().Draw(t, "accrued account"))
	for w.day < first+savingsDays() {
		w.step()
		w.agree()
	}
	w.mustCheck()
}

func (w *savingsRun) setInterest(accrued bool) {
	w.m.spec = drawSavingsSpec(w.t, w.currency, onDay("2027-01-01"))
	w.m.terms++
	c := ledger.SetInterest{At: noonOf(w.day), From: w.m.from, Terms: interest.MustTerms(w.m.spec), Source: "expense"}
	if accrued {
		c.Accrued = "accrued"
	}
	w.mustChange("anna", c)
}

func (w *savingsRun) id() string { w.n++; return fmt.Sprintf("t%d", w.n) }

func (w *savingsRun) step() {
	switch what := rapid.IntRange(0, 13).Draw(w.t, "what"); what {
	default:
		w.day += civil.Date(rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, 40)).Draw(w.t, "days"))
	case 0, 1, 2:
		value := max(w.m.through+1, w.day+civil.Date(rapid.SampledFrom([]int{0, 0, 0, -3, -35, -100, 5, 40}).Draw(w.t, "value")))
		minor := rapid.OneOf(rapid.Int64Range(-500, 500), rapid.Int64Range(-2_000_000, 3_000_000)).Draw(w.t, "minor")
		if minor == 0 {
			minor = 1
		}
		id := w.id()
		w.do(w.move(id, "anna", minor, w.day, value))
		w.posts[id], w.values[id] = minor, value
		w.m.entries[value] += minor
	case 3:
		for id, minor := range w.posts { // of one, if there is any; which one does not matter to the law
			if len(w.posts) > 1 && id != slices.Min(keysOf(w.posts)) {
				continue
			}
			w.do(ledger.Reverse{ID: w.id(), Transfer: id, At: noonOf(w.day), Force: true})
			w.m.entries[max(w.values[id], w.m.through+1)] -= minor
			delete(w.posts, id)
			break
		}
	case 4, 5:
		w.accrueSome()
	case 6, 7, 8:
		w.post()
	case 9:
		w.endPeriod()
	case 10:
		if rapid.IntRange(0, 2).Draw(w.t, "new terms") == 0 {
			s, _ := w.ledger.Account("anna").Interest()
			w.setInterest(s.AccruedAccount != "")
		}
	case 11:
		w.reload()
	}
}

func keysOf(m map[string]int64) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// accrueSome accrues up to some day, or is refused for the reason that the model knows.
func (w *savingsRun) accrueSome() {
	s, _ := w.ledger.Account("anna").Interest()
	if s.AccruedAccount == "" {
		return
	}
	through := w.day - civil.Date(rapid.SampledFrom([]int{1, 1, 0, 5, 40}).Draw(w.t, "behind"))
	d, err := w.try(w.accrue("anna", w.day, through))
	var want ledger.Reason
	switch {
	case through <= w.m.accruedThrough:
		want = ledger.InterestPosted
	case through < w.m.through:
		want = ledger.PeriodClosed
	default:
		w.m.accruedThrough, w.m.accrued = through, w.m.total(through)
	}
	if err != nil || d.Reason != want {
		w.t.Fatalf("accrue through %s: got %q, %v, want %q", through, d.Reason, err, want)
	}
}

// post posts what is due, or early.
func (w *savingsRun) post() {
	c := w.capitalise("anna", w.day)
	first, end := w.m.period()
	if c.Through != end {
		w.t.Fatalf("the next posting is of %s, want %s", c.Through, end)
	}
	over := min(w.day, end) // some place on earth is 14 hours ahead, so that noon is enough
	if over < end {
		if rapid.IntRange(0, 2).Draw(w.t, "early") > 0 || over < first || over < w.m.through {
			return
		}
		c.Early, c.Through = true, over
	}
	// What is known of the days before is corrected, by legs of their own.
	before, now := w.m.total(first-1), w.m.total(c.Through)
	want := nonZero(now-before, before-w.m.posted)
	d := w.do(c)
	if got := told(d.Legs, "anna", w.side); !slices.Equal(got, want) {
		w.t.Fatalf("%s: posted %v, want interest and correction %v", d.Transfer, got, want)
	}
	w.m.posted, w.m.postedThrough = now, c.Through
	if c.Accrued != "" {
		w.m.accruedThrough = max(w.m.accruedThrough, c.Through)
		w.m.accrued = w.m.total(w.m.accruedThrough)
	}
	for _, minor := range want {
		w.m.entries[d.Value] += minor
	}
	if d.Value != c.Through+1 {
		w.t.Fatalf("%s: value %s", d.Transfer, d.Value)
	}
	// Once.
	c.At = c.At.AddDate(0, 0, rapid.IntRange(-1, 1).Draw(w.t, "again"))
	if again, err := w.try(c); err != nil || again.Reason != ledger.InterestPosted {
		w.t.Fatalf("again: got %+v, %v", again, err)
	}
}

func (w *savingsRun) endPeriod() {
	through := w.day - civil.Date(rapid.IntRange(1, 70).Draw(w.t, "behind"))
	_, end := w.m.period()
	var want ledger.Reason
	switch {
	case through <= w.m.through:
		want = ledger.PeriodClosed
	case end <= through:
		want = ledger.InterestPending
	default:
		w.m.close(through)
	}
	if got := w.change("anna", ledger.EndPeriod{At: noonOf(w.day), Through: through}); got != want {
		w.t.Fatalf("end of %s: got %q, want %q", through, got, want)
	}
}

// reload puts the account through its snapshot.
func (w *savingsRun) reload() {
	a := w.ledger.Account("anna")
	data, err := a.MarshalBinary()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := a.UnmarshalBinary(data); err != nil {
		w.t.Fatal(err)
	}
}

// agree compares what the account says with the model.
func (w *savingsRun) agree() {
	a := w.ledger.Account("anna")
	s, _ := a.Interest()
	if got, want := w.booked("anna"), w.m.balance(endOfTime); got != want {
		w.t.Fatalf("balance %d, want %d", got, want)
	}
	if s.Posted.Minor() != w.m.posted || s.PostedThrough != w.m.postedThrough {
		w.t.Fatalf("posted %s through %s, want %d through %s", s.Posted, s.PostedThrough, w.m.posted, w.m.postedThrough)
	}
	if s.AccruedAccount != "" {
		stands := w.m.accrued - w.m.posted
		if w.side == ledger.Debit {
			stands = -stands
		}
		if got := w.booked("accrued"); got != stands || s.Accrued.Minor() != w.m.accrued {
			w.t.Fatalf("accrued %s, of which %d stand, want %d and %d", s.Accrued, got, w.m.accrued, stands)
		}
	}
	if w.n++; w.n%4 > 0 {
		return // it takes the model long
	}
	exact, err := a.InterestThrough(max(w.day, w.m.through))
	if err != nil {
		w.t.Fatal(err)
	}
	want := w.m.total(max(w.day, w.m.through))
	if exact.IsZero() && want == 0 {
		return
	}
	if got, err := exact.Amount(w.m.spec.Rounding); err != nil || got.Minor() != want {
		w.t.Fatalf("interest through %s: %s, %v, want %d", w.day, got, err, want)
	}
}
