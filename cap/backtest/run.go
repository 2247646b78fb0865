package backtest

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Bounds of a run.
const (
	MaxCandidates = 16      // policies that are tried at once
	MaxExamples   = 10_000  // of Options.Examples
	MaxHindsight  = 100_000 // of Options.Hindsight
)

// The defaults of Options.
const (
	DefaultMaxAccounts   = 1 << 20   // of Options.MaxAccounts
	DefaultExamples      = 5         // of Options.Examples
	DefaultProgressEvery = 1_000_000 // of Options.ProgressEvery
)

// Candidate is a policy to try.
type Candidate struct {
	_ struct{} // disallow positional literals

	Name   string // for the report; "" stands for "policy 1" and so on
	Policy *cap.Policy
}

// Options are the settings of Run that have a default. Nil stands for all the defaults.
type Options struct {
	_ struct{} // disallow positional literals

	// MaxAccounts is how many accounts may hold something at once; 0 stands for DefaultMaxAccounts. When a sixteenth more
	// are known, Run lets go of those that hold nothing any more, which are then as if they were new. An account takes
	// about 100 bytes and its key, and for each candidate the memory of a meter.
	MaxAccounts int

	// Late is how far before the latest attempt of the stream others may be dated, from when on accounts are let go; what
	// comes later than that is ErrLetGo, unless its account was always kept. 0 stands for the longest lateness of the
	// policies. A stream that is sorted by account, and not by time, needs room for all of its accounts instead.
	Late time.Duration

	// Examples is how many attempts are kept as an example of each difference, at most; 0 stands for DefaultExamples.
	Examples int

	// Hindsight is over how many attempts of its account the report looks back from each late spend, at most; 0: it does
	// not. Each costs the replay of all of them, twice; and as many attempts are kept for each account, of some 150 bytes
	// and what they refer to.
	Hindsight int

	// Progress, unless nil, is called after every ProgressEvery attempts, and after the last; 0 stands for
	// DefaultProgressEvery.
	Progress      func(Progress)
	ProgressEvery int64
}

// Progress is how far a run has come.
type Progress struct {
	_ struct{} // disallow positional literals

	Attempts int64     // read so far
	Accounts int       // known now
	LetGo    int64     // accounts that were let go so far
	Latest   time.Time // instant of the latest attempt; the zero time when there was none
}

// Run replays a stream of attempts under several policies at once, and reports what each of them would have decided (law
// B1). What it compares with is what was decided live, where an attempt says so, or else the decision of the first
// candidate. Attempts to set a policy are counted, and passed over: the policies that rule are the candidates.
//
// Run reads the stream once, from the beginning. It keeps the accounts that hold something, and nothing of the others
// (law B2). An authorisation costs what [cap.Meter.Allow] costs, once for each candidate, and finding the account.
//
// Run returns an error, and no report, if:
//   - there is no candidate, or more than MaxCandidates, or one has no policy or not the currency of the first, or an
//     option is out of its bounds (ErrInvalid);
//   - the stream has an error, which is wrapped;
//   - an attempt is malformed or in another currency, so that it cannot be decided (the error of package cap);
//   - an account key is malformed (ErrInvalid);
//   - too many accounts hold something (ErrTooManyAccounts), or it might matter to an attempt what was let go (ErrLetGo);
//   - ctx is done (the cause).
//
// Errors that come from an attempt name its position in the stream, from 1.
func Run(ctx context.Context, attempts iter.Seq2[Attempt, error], candidates []Candidate, options *Options) (*Report, error) {
	r, err := newRun(candidates, options)
	if err != nil {
		return nil, err
	}
	const often = 1 << 10 // a look at ctx costs more than some decisions
	for a, err := range attempts {
		if r.position%often == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("backtest: after %s: %w", count(r.position, "attempt"), context.Cause(ctx))
		}
		r.position++
		if err == nil {
			err = r.take(&a)
		}
		if err != nil {
			return nil, fmt.Errorf("backtest: attempt %d: %w", r.position, err)
		}
		if r.options.Progress != nil && r.position%r.options.ProgressEvery == 0 {
			r.options.Progress(r.progress())
		}
	}
	if r.options.Progress != nil {
		r.options.Progress(r.progress())
	}
	return r.report(), nil
}

// run is a Run under way.
type run struct {
	table
	options       Options
	position      int64 // of the attempt that is being decided
	first         int64 // the earliest instant of an attempt
	live          int64 // attempts that say what was decided live
	partial       int64 // attempts of which not everything may be known
	policyChanges int64
}

func newRun(candidates []Candidate, options *Options) (*run, error) {
	r := &run{first: math.MaxInt64}
	if options != nil {
		r.options = *options
	}
	if err := r.options.complete(); err != nil {
		return nil, err
	}
	if len(candidates) < 1 || len(candidates) > MaxCandidates {
		return nil, invalid("candidates", "%d of them, want 1 to %d", len(candidates), MaxCandidates)
	}
	late := r.options.Late
	for i, c := range candidates {
		if c.Policy == nil || !c.Policy.Currency().Valid() {
			return nil, invalid(fmt.Sprintf("candidates[%d].policy", i), "none given")
		}
		if want := candidates[0].Policy.Currency(); c.Policy.Currency() != want {
			return nil, invalid(fmt.Sprintf("candidates[%d].policy", i), "in %s, want %s as the first", c.Policy.Currency(), want)
		}
		if c.Name == "" {
			c.Name = fmt.Sprintf("policy %d", i+1)
		}
		if r.options.Late == 0 {
			late = max(late, c.Policy.Lateness())
		}
		made, err := newCandidate(c, i, r.options)
		if err != nil {
			return nil, err
		}
		r.candidates = append(r.candidates, made)
	}
	r.table.most, r.table.late, r.table.newest, r.table.numbers = r.options.MaxAccounts, late.Microseconds(), -1, map[string]int{}
	return r, nil
}

// complete checks the options and puts the defaults in.
func (o *Options) complete() error {
	for _, n := range []struct {
		name        string
		value       *int
		usual, most int
	}{
		{"options.max_accounts", &o.MaxAccounts, DefaultMaxAccounts, math.MaxInt32},
		{"options.examples", &o.Examples, DefaultExamples, MaxExamples},
		{"options.hindsight", &o.Hindsight, 0, MaxHindsight},
	} {
		if *n.value < 0 || *n.value > n.most {
			return invalid(n.name, "%d, want 1 to %d, or 0 for the default", *n.value, n.most)
		}
		if *n.value == 0 {
			*n.value = n.usual
		}
	}
	if o.ProgressEvery < 0 {
		return invalid("options.progress_every", "%d, want 1 or more, or 0 for the default", o.ProgressEvery)
	}
	if o.ProgressEvery == 0 {
		o.ProgressEvery = DefaultProgressEvery
	}
	if o.Late < 0 {
		return invalid("options.late", "%s, want more than zero, or 0 for the default", o.Late)
	}
	return nil
}

func (r *run) progress() Progress {
	p := Progress{Attempts: r.position, Accounts: len(r.numbers), LetGo: r.gone}
	if r.newest >= 0 {
		p.Latest = micros(r.newest)
	}
	return p
}

// take decides an attempt under every candidate, and counts.
func (r *run) take(attempt *Attempt) error {
	a := asked{position: r.position}
	switch c := attempt.Command.(type) {
	case nil:
		a.spend(authorize, &attempt.Spend)
	case cap.Authorize:
		attempt.Spend, attempt.Command = cap.Spend(c), nil // which has a shorter way
		a.spend(authorize, &attempt.Spend)
	case cap.SetPolicy:
		r.policyChanges++
		return nil
	default:
		a.question = attempt.question()
	}
	i, err := r.number(attempt.Account)
	if err != nil {
		return err
	}
	acc := &r.accounts[i]
	a.account = acc.key
	if a.command == other {
		acc.keep = true // its instants are not known
		a.oldest = 0
	}
	if a.oldest < acc.from { // in range, or else a meter finds that it is not
		return letGo(a.oldest, acc.from)
	}
	a.ahead = a.at >= acc.last && !acc.keep
	most := int64(0)
	var first, next answer
	for c, meters := 0, r.metersOf(i); c < len(meters); c++ {
		here := &first
		if c > 0 {
			here = &next
		}
		if err := r.candidates[c].decide(&meters[c], attempt, &a, here); err != nil {
			return err
		}
		r.count(&r.candidates[c], attempt, &a, &first.Verdict, here)
		if here.Outcome == cap.Approved && !here.Existed || here.tried {
			most = max(most, here.minor)
		}
	}
	return r.done(acc, attempt, &a, most)
}

// count counts what a candidate decided, and compares it.
func (r *run) count(c *candidate, attempt *Attempt, a *asked, first *Verdict, here *answer) {
	var report *CommandReport
	if a.command == other {
		report = c.command(commandName(attempt.Command))
	} else {
		report = &c.commands[a.command]
	}
	report.add(&here.Verdict, here.minor)
	if here.Limit != "" {
		c.refused(here.Limit, here.minor)
	}
	there := &attempt.Live
	if !there.Known {
		if c.number == 0 {
			return // it is what the others are compared with
		}
		there = first
	}
	if d := report.Compared.compare(there, &here.Verdict, here.minor, c.examples); d != nil {
		e := Example{
			Position: r.position, Account: a.account, Command: report.Command, ID: a.id,
			Amount: money.New(here.minor, c.currency), There: *there, Here: here.Verdict,
		}
		if a.command != other {
			e.At = micros(a.at)
		}
		d.Examples = append(d.Examples, e)
	}
}

// done notes that an attempt was decided, of which so much was recorded at the most.
func (r *run) done(acc *account, attempt *Attempt, a *asked, most int64) error {
	if attempt.Live.Known {
		r.live++
	}
	if attempt.partial {
		r.partial++
	}
	if r.options.Hindsight > 0 {
		if err := r.lookBack(acc, attempt, a); err != nil {
			return err
		}
	}
	if a.command != other {
		acc.last = max(acc.last, a.when)
		r.newest = max(r.newest, a.when)
		r.first = min(r.first, a.at)
	}
	if !attempt.Spend.Expires.IsZero() {
		acc.until = max(acc.until, attempt.Spend.Expires.UnixMicro())
	}
	if most > 0 {
		return r.table.add(acc, most)
	}
	return nil
}

// letGo is the error of an attempt for which it might matter what was let go.
func letGo(at, from int64) error {
	return fmt.Errorf("%w: %s, and of the account nothing is known before %s", ErrLetGo, instant(micros(at)), instant(micros(from)))
}

// lookBack tells what a late spend would have changed, and keeps the attempt for the next one.
func (r *run) lookBack(acc *account, attempt *Attempt, a *asked) error {
	if acc.past == nil {
		acc.past = newPast(r.candidates)
	}
	kept := *attempt
	if a.spends() && a.at < acc.last {
		for i := range r.candidates {
			if err := r.candidates[i].lookBack(acc.past, &kept, a.at, a.position); err != nil {
				return err
			}
		}
	}
	return acc.past.push(&kept, a.position, r.options.Hindsight)
}
