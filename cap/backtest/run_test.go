package backtest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// figure is what the model counts.
type figure struct{ count, sum int64 }

// modelReport is what Run must find for one policy, as text that is easily compared: every figure by a name.
type modelReport struct {
	meters  map[string]*cap.Meter
	figures map[string]figure
	peaks   map[string]int64
	where   map[string]int
}

func newModelReport() *modelReport {
	return &modelReport{map[string]*cap.Meter{}, map[string]figure{}, map[string]int64{}, map[string]int{}}
}

func (m *modelReport) add(key string, minor int64) {
	f := m.figures[key]
	m.figures[key] = figure{f.count + 1, f.sum + minor}
}

func (m *modelReport) peak(key string, value int64, position int) {
	if value > m.peaks[key] {
		m.peaks[key], m.where[key] = value, position
	}
}

// snapshot returns all that a meter knows.
func snapshot(t rapid.TB, m *cap.Meter) string {
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// commandOf names the command of an attempt, and the instant of its spend.
func commandOf(a backtest.Attempt) (string, time.Time) {
	switch c := a.Command.(type) {
	case cap.Authorize:
		return "authorize", c.At
	case cap.ForcePost:
		return "force_post", c.At
	case cap.Adjust:
		return "adjust", c.At
	case cap.Capture:
		return "capture", c.At
	case cap.Reverse:
		return "reverse", c.At
	case cap.Refund:
		return "refund", c.At
	}
	return "authorize", a.Spend.At
}

// put decides an attempt the long way, and counts it.
func (m *modelReport) put(t rapid.TB, p *cap.Policy, a backtest.Attempt, position int) backtest.Verdict {
	meter, ok := m.meters[a.Account]
	if !ok {
		meter = cap.NewMeter(p)
		m.meters[a.Account] = meter
	}
	before := snapshot(t, meter)
	d, _ := answer(t, meter, a)
	name, at := commandOf(a)
	minor := d.Amount().Minor()
	v := backtest.VerdictOf(&d)
	switch {
	case d.Existed():
		m.add(name+" repeated", minor)
		return v
	case !d.Approved():
		m.add(name+" refused", minor)
		m.add(fmt.Sprint(name, " refused ", v.Reason, " ", v.Limit), minor)
		if v.Limit != "" {
			m.add("limit "+v.Limit, minor)
		}
		if before == snapshot(t, meter) { // no limit has counted the attempt
			return v
		}
	default:
		m.add(name+" accepted", minor)
		if name == "reverse" || name == "refund" {
			return v
		}
	}
	if at.Before(meter.Oldest()) {
		at = meter.Oldest()
	}
	for _, when := range []time.Time{at, meter.Latest()} {
		u, err := meter.Usage(when)
		if err != nil {
			t.Fatal(err)
		}
		for l := range u.Limits() {
			if l.Max.Valid() {
				m.peak("most "+l.Name, l.Used.Minor(), position)
			}
			if l.MaxCount > 0 {
				m.peak("count "+l.Name, l.Count, position)
			}
		}
	}
	return v
}

// compare counts a decision here against one there.
func (m *modelReport) compare(name string, there, here backtest.Verdict, minor int64) {
	switch {
	case there.Outcome == here.Outcome:
		m.add(name+" agreed", minor)
	case here.Outcome == cap.Approved:
		m.add(name+" would accept", minor)
	default:
		m.add(name+" would refuse", minor)
	}
}

// found returns the figures of a report in the form of the model.
func found(t rapid.TB, c *backtest.CandidateReport) (map[string]figure, map[string]int64, map[string]int) {
	figures, peaks, where := map[string]figure{}, map[string]int64{}, map[string]int{}
	note := func(key string, total backtest.Total) {
		if total.Count == 0 {
			return
		}
		amount, fits := total.Amount()
		if !fits {
			t.Fatalf("%s: %s does not fit", key, total)
		}
		figures[key] = figure{total.Count, amount.Minor()}
	}
	for _, r := range c.Commands {
		note(r.Command+" accepted", r.Accepted)
		note(r.Command+" repeated", r.Repeated)
		note(r.Command+" refused", r.Refused)
		for _, why := range r.Refusals {
			note(fmt.Sprint(r.Command, " refused ", why.Reason, " ", why.Limit), why.Total)
		}
		note(r.Command+" agreed", r.Compared.Agreed)
		note(r.Command+" would accept", r.Compared.WouldAccept.Total)
		note(r.Command+" would refuse", r.Compared.WouldRefuse.Total)
	}
	for _, l := range c.Limits {
		note("limit "+l.Limit.Name, l.Refused)
		if p := l.Most; p.Position > 0 {
			peaks["most "+l.Limit.Name], where["most "+l.Limit.Name] = p.Used.Minor(), int(p.Position)
		}
		if p := l.MostCount; p.Position > 0 {
			peaks["count "+l.Limit.Name], where["count "+l.Limit.Name] = p.Count, int(p.Position)
		}
	}
	return figures, peaks, where
}

// Law B1: every figure of a run is what meters say to which the attempts are put one after the other; with live decisions
// where they are known, and else against the first policy.
func TestRunEqualsModel(t *testing.T) {
	property(t, func(t *rapid.T) {
		history := anyHistory(t, 60, 3, false)
		var candidates []backtest.Candidate
		for i := range rapid.IntRange(1, 3).Draw(t, "policies") {
			candidates = append(candidates, backtest.Candidate{Policy: anyPolicy(t, fmt.Sprint("policy ", i))})
		}
		models := make([]*modelReport, len(candidates))
		for i := range models {
			models[i] = newModelReport()
		}
		live := newModelReport()
		ruled := anyPolicy(t, "live policy")
		for i := range history {
			a := &history[i]
			if rapid.IntRange(0, 2).Draw(t, "known") > 0 {
				a.Live = live.put(t, ruled, *a, i+1)
			}
			name, _ := commandOf(*a)
			var first backtest.Verdict
			for j, m := range models {
				d, _ := answer(t, cap.NewMeter(candidates[j].Policy), *a)
				minor := d.Amount().Minor()
				if name == "reverse" { // what comes back, if anything does
					minor = reversed(t, m, a.Account, a.Command.(cap.Reverse))
				}
				v := m.put(t, candidates[j].Policy, *a, i+1)
				switch {
				case a.Live.Known:
					m.compare(name, a.Live, v, minor)
				case j == 0:
					first = v
				default:
					m.compare(name, first, v, minor)
				}
				if j == 0 {
					first = v
				}
			}
		}
		report, err := backtest.Run(context.Background(), stream(history...), candidates, nil)
		if err != nil {
			t.Fatal(err)
		}
		known := 0
		for _, a := range history {
			if a.Live.Known {
				known++
			}
		}
		if report.Live != int64(known) || report.Attempts != int64(len(history)) {
			t.Fatalf("%d of %d known live, want %d of %d", report.Live, report.Attempts, known, len(history))
		}
		for i, m := range models {
			figures, peaks, where := found(t, &report.Candidates[i])
			if got, want := fmt.Sprint(figures), fmt.Sprint(m.figures); got != want {
				t.Fatalf("policy %d\n got %s\nwant %s", i, got, want)
			}
			if got, want := fmt.Sprint(peaks, where), fmt.Sprint(m.peaks, m.where); got != want {
				t.Fatalf("policy %d\n got %s\nwant %s", i, got, want)
			}
		}
	})
}

// reversed returns what the reversal that was put last was about: asked again, it says the same.
func reversed(t rapid.TB, m *modelReport, account string, r cap.Reverse) int64 {
	if m.meters[account] == nil {
		return 0
	}
	d, err := m.meters[account].Clone().Reverse(r.ID, r.At)
	if err != nil {
		t.Fatal(err)
	}
	return d.Amount().Minor()
}

// Law B1: several policies at once are what each is alone.
func TestRunTogetherIsRunAlone(t *testing.T) {
	property(t, func(t *rapid.T) {
		history := anyHistory(t, 80, 4, false)
		options := &backtest.Options{Hindsight: rapid.IntRange(0, 9).Draw(t, "hindsight")}
		var candidates []backtest.Candidate
		for i := range 3 {
			candidates = append(candidates, backtest.Candidate{Name: "it", Policy: anyPolicy(t, fmt.Sprint("policy ", i))})
		}
		together, err := backtest.Run(context.Background(), stream(history...), candidates, options)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range candidates {
			alone, err := backtest.Run(context.Background(), stream(history...), []backtest.Candidate{c}, options)
			if err != nil {
				t.Fatal(err)
			}
			got := together.Candidates[i]
			for j := range got.Commands {
				got.Commands[j].Compared = alone.Candidates[0].Commands[j].Compared
			}
			if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", alone.Candidates[0]); a != b {
				t.Fatalf("policy %d\ntogether %s\nalone    %s", i, a, b)
			}
		}
	})
}

// What cannot be decided is named by its position; nothing is reported then.
func TestRunErrors(t *testing.T) {
	p := policies[0]
	one := []backtest.Candidate{{Policy: p}}
	ok := pay("a", "1", 0, 1)
	broken := errors.New("the file ends here")
	usd := ok
	usd.Spend.Amount = money.New(1, money.USD)
	for name, c := range map[string]struct {
		attempts   iter.Seq2[backtest.Attempt, error]
		candidates []backtest.Candidate
		options    *backtest.Options
		want       error
		text       string
	}{
		"none":       {stream(ok), nil, nil, backtest.ErrInvalid, "candidates"},
		"many":       {stream(ok), make([]backtest.Candidate, 17), nil, backtest.ErrInvalid, "17"},
		"no policy":  {stream(ok), []backtest.Candidate{{Policy: p}, {}}, nil, backtest.ErrInvalid, "candidates[1].policy"},
		"zero":       {stream(ok), []backtest.Candidate{{Policy: new(cap.Policy)}}, nil, backtest.ErrInvalid, "candidates[0].policy"},
		"currencies": {stream(ok), append(berkaPolicies()[:1:1], one...), nil, backtest.ErrInvalid, "in EUR, want CZK"},
		"accounts":   {stream(ok), one, &backtest.Options{MaxAccounts: -1}, backtest.ErrInvalid, "options.max_accounts"},
		"examples":   {stream(ok), one, &backtest.Options{Examples: backtest.MaxExamples + 1}, backtest.ErrInvalid, "options.examples"},
		"hindsight":  {stream(ok), one, &backtest.Options{Hindsight: -1}, backtest.ErrInvalid, "options.hindsight"},
		"late":       {stream(ok), one, &backtest.Options{Late: -1}, backtest.ErrInvalid, "options.late"},
		"every":      {stream(ok), one, &backtest.Options{ProgressEvery: -1}, backtest.ErrInvalid, "options.progress_every"},
		"currency":   {stream(ok, ok, usd), one, nil, money.ErrCurrencyMismatch, "attempt 3"},
		"no id":      {stream(ok, pay("a", "", 1, 1)), one, nil, cap.ErrInvalid, "attempt 2"},
		"no account": {stream(pay("", "1", 1, 1)), one, nil, backtest.ErrInvalid, "attempt 1: backtest: invalid account"},
		"stream": {func(yield func(backtest.Attempt, error) bool) {
			_ = yield(ok, nil) && yield(backtest.Attempt{}, broken)
		}, one, nil, broken, "attempt 2"},
	} {
		r, err := backtest.Run(context.Background(), c.attempts, c.candidates, c.options)
		if r != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want %v with %q", name, err, c.want, c.text)
		}
	}
}

// A run ends when its context does, with the cause, and says how far it came; and it tells its progress.
func TestProgressAndCancel(t *testing.T) {
	endless := func(yield func(backtest.Attempt, error) bool) {
		for i := 0; yield(pay("a", "x", 0, 1), nil); i++ {
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	var told []backtest.Progress
	options := &backtest.Options{ProgressEvery: 5000, Progress: func(p backtest.Progress) {
		if told = append(told, p); len(told) == 3 {
			cancel(cause)
		}
	}}
	r, err := backtest.Run(ctx, endless, []backtest.Candidate{{Policy: policies[0]}}, options)
	if r != nil || !errors.Is(err, cause) || !strings.Contains(err.Error(), "after 15,") {
		t.Errorf("got %v, want %v", err, cause)
	}
	want := backtest.Progress{Attempts: 15000, Accounts: 1, Latest: monday}
	if len(told) != 3 || told[2] != want {
		t.Errorf("got %+v, want three, the last %+v", told, want)
	}
	told = nil
	if _, err := backtest.Run(context.Background(), stream(), []backtest.Candidate{{Policy: policies[0]}}, options); err != nil || len(told) != 1 {
		t.Errorf("of nothing: %v, %+v", err, told)
	}
}

// unknown is a command that the package has never heard of: a spend of 7, whatever the limits say.
type unknown struct{ id string }

func (u unknown) Decide(*cap.Meter) ([]event.Data, error) {
	return []event.Data{cap.ForcePosted{ID: u.id, At: hours(0), Amount: eur(7)}}, nil
}

func (u unknown) Result(decided []event.Data) cap.Decision { return cap.ForcePost{}.Result(decided) }

// Any command can be replayed; one that sets a policy is passed over.
func TestAnyCommand(t *testing.T) {
	attempts := []backtest.Attempt{
		{Account: "a", Command: unknown{"x"}},
		{Account: "a", Command: cap.SetPolicy{Policy: policies[1]}},
		pay("a", "y", 1, 194),
		{Account: "a", Command: unknown{"x"}},
	}
	r, err := backtest.Run(context.Background(), stream(attempts[:3]...), []backtest.Candidate{{Policy: policies[0]}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Candidates[0]
	if got := c.Command("unknown").Accepted.String() + ", " + c.Command("authorize").Refused.String(); got != "1 for 7.00 EUR, 1 for 1.94 EUR" && got != "1 for 0.07 EUR, 1 for 1.94 EUR" {
		t.Error(got)
	}
	if r.PolicyChanges != 1 || r.Attempts != 3 || c.Limits[0].Most.Used != eur(7) {
		t.Errorf("%+v", r)
	}
	_, err = backtest.Run(context.Background(), stream(attempts...), []backtest.Candidate{{Policy: policies[0]}}, nil)
	if !errors.Is(err, cap.ErrHistory) || !strings.Contains(err.Error(), "attempt 4: apply what unknown decided") {
		t.Error(err)
	}
}

// Nothing is allocated for an attempt: twice as many cost as many allocations as the half of them.
func TestNoAllocationForAnAttempt(t *testing.T) {
	var attempts []backtest.Attempt
	for i := range 40_000 {
		a := pay(fmt.Sprint("account ", i%50), "0123456789", 0, int64(1+i%90))
		a.Spend.At = monday.Add(time.Duration(i) * 10 * time.Minute)
		a.Live = backtest.Verdict{Known: true, Outcome: cap.Approved}
		attempts = append(attempts, a)
	}
	candidates := []backtest.Candidate{{Policy: policies[0]}, {Policy: policies[1]}}
	cost := func(n int) float64 {
		return testing.AllocsPerRun(1, func() {
			if _, err := backtest.Run(context.Background(), stream(attempts[:n]...), candidates, nil); err != nil {
				t.Fatal(err)
			}
		})
	}
	half, whole := cost(20_000), cost(40_000)
	t.Logf("%v allocations for 20,000 attempts, %v for 40,000", half, whole)
	if whole > half+20 {
		t.Errorf("%v allocations for 20,000 attempts, %v for 40,000", half, whole)
	}
}

// First and Last are the earliest and the latest instant of any attempt, whatever the order of arrival.
func TestRunFirstAndLast(t *testing.T) {
	attempts := []backtest.Attempt{
		{Account: "a", Command: cap.Capture{ID: "x", At: hours(2), On: hours(9), Amount: eur(1)}},
		pay("a", "1", 12, 1), pay("b", "2", 5, 1),
	}
	r, err := backtest.Run(context.Background(), stream(attempts...), []backtest.Candidate{{Policy: policies[0]}}, nil)
	if err != nil || !r.First.Equal(hours(2)) || !r.Last.Equal(hours(12)) {
		t.Errorf("got %v to %v, %v", r.First, r.Last, err)
	}
}
