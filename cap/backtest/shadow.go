package backtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
)

// Shadow is a second policy beside a meter that is in use, the live one. It follows what was really spent: what the live
// meter approved counts, whatever the shadow would have said, and what a limit of it refused counts where attempts do. It
// never changes a decision, and no error of its own is in the way of one. There are three ways to keep it informed, of which a shadow may see any mix:
//
//   - [Shadow.Authorize] asks the live meter, and then the shadow, without memory of its own;
//   - [Shadow.Do] does so for any command;
//   - [Shadow.Observe] is told the events that a live meter, here or elsewhere, has decided.
//
// Make it with [NewShadow] or [ShadowOf]. One shadow goes with one account; [Figures] adds up the opinions of many.
type Shadow struct {
	meter  *cap.Meter
	counts bool // some limit counts attempts
}

// Opinion is what a shadow says of one attempt.
type Opinion struct {
	_ struct{} // disallow positional literals

	Attempt Attempt // what was asked; Live is what was decided
	Shadow  Verdict // what the shadow would have decided; not known if it could not
	Err     error   // why it could not, or why it could not follow what was done; nil otherwise
}

// Agrees reports whether both sides approve, or both refuse.
func (o *Opinion) Agrees() bool {
	return o.Shadow.Known && o.Attempt.Live.Known && o.Shadow.Outcome == o.Attempt.Live.Outcome
}

// NewShadow returns the shadow of an account that has not spent anything yet.
func NewShadow(p *cap.Policy) *Shadow { return &Shadow{cap.NewMeter(p), countsAttempts(p)} }

// ShadowOf returns the shadow of an account that is in use. It begins with what the live meter has recorded: a window that
// reaches further back than those of the live policy sees only what is still there. It costs O(n) for n entries kept.
//
// ShadowOf returns an error if live is nil (ErrInvalid), a policy is missing (cap.ErrInvalid), or the currencies differ
// (money.ErrCurrencyMismatch).
func ShadowOf(live *cap.Meter, p *cap.Policy) (*Shadow, error) {
	if live == nil {
		return nil, invalid("live", "none given")
	}
	s := &Shadow{live.Clone(), countsAttempts(p)}
	if _, err := s.meter.SetPolicy(p); err != nil {
		return nil, err
	}
	return s, nil
}

// Policy returns the policy of the shadow.
func (s *Shadow) Policy() *cap.Policy { return s.meter.Policy() }

// Authorize authorises a spend on the live meter, and returns that decision, or that error; and beside it what the shadow
// says. After an error of the live meter the opinion is the zero one. Where both sides approve, nothing is allocated, unless
// the shadow has a limit that counts attempts.
func (s *Shadow) Authorize(live *cap.Meter, spend cap.Spend) (cap.Decision, Opinion, error) {
	d, err := live.Authorize(spend)
	if err != nil {
		return d, Opinion{}, err
	}
	o := Opinion{Attempt: Attempt{Spend: spend, Live: VerdictOf(&d)}}
	switch live := &o.Attempt.Live; {
	case live.Approved() && !live.Existed:
		s.spent(&o)
	case live.Outcome == cap.Refused && s.counts:
		s.follow(&o, cap.Refusal{
			Command: commandNames()[authorize], ID: spend.ID, At: spend.At, Amount: spend.Amount, Expires: spend.Expires,
			Merchant: spend.Merchant, Reason: live.Reason, Limit: live.Limit,
		})
	default:
		s.opine(&o)
	}
	return d, o, nil
}

// Do decides a command on the live meter, applies it there, and returns that decision, or that error; and beside it what
// the shadow says. The decision and the live meter are those of the method of the same name. After an error of the live
// meter the opinion is the zero one.
func (s *Shadow) Do(live *cap.Meter, c Command) (cap.Decision, Opinion, error) {
	decided, err := c.Decide(live)
	if err != nil {
		return cap.Decision{}, Opinion{}, err
	}
	for _, e := range decided {
		if err := live.Apply(e); err != nil {
			return cap.Decision{}, Opinion{}, err
		}
	}
	d := c.Result(decided)
	o := Opinion{Attempt: Attempt{Command: c, Live: VerdictOf(&d)}}
	if a, ok := c.(cap.Authorize); ok {
		o.Attempt.Spend, o.Attempt.Command = cap.Spend(a), nil
	}
	s.follow(&o, decided...)
	return d, o, nil
}

// Observe tells the shadow an event that the live meter has decided, and returns what it says of it. The event is not
// judged: see [FromEvent] for what some of them do not tell.
func (s *Shadow) Observe(e event.Data) Opinion {
	a, err := FromEvent("", e)
	o := Opinion{Attempt: a, Err: err}
	if err == nil {
		s.follow(&o, e)
	}
	return o
}

// follow says what the shadow would have decided, and records what was.
func (s *Shadow) follow(o *Opinion, decided ...event.Data) {
	if _, policy := o.Attempt.Command.(cap.SetPolicy); policy {
		o.Shadow = o.Attempt.Live // that of the shadow stays
		return
	}
	s.opine(o)
	for _, e := range decided {
		if err := s.meter.Apply(e); err != nil && o.Err == nil {
			o.Err = fmt.Errorf("backtest: shadow cannot follow: %w", err)
		}
	}
}

// opine says what the shadow would have decided, and records nothing.
func (s *Shadow) opine(o *Opinion) {
	c := o.Attempt.Command
	if c == nil {
		c = cap.Authorize(o.Attempt.Spend)
	}
	decided, err := c.Decide(s.meter)
	if err != nil {
		o.Err = fmt.Errorf("backtest: shadow: %w", err)
		return
	}
	d := c.Result(decided)
	o.Shadow = VerdictOf(&d)
}

// spent is follow for a spend that was authorised: what the shadow approves as well, it has recorded then. A shadow that
// counts attempts is not asked in this way, since it would count its own refusal, and then the spend besides.
func (s *Shadow) spent(o *Opinion) {
	spend := o.Attempt.Spend
	if !s.counts {
		outcome, why, err := s.meter.Allow(spend)
		if err == nil && outcome == cap.Approved && why == "" {
			o.Shadow = Verdict{Known: true, Outcome: outcome}
			return
		}
	}
	s.follow(o, cap.Authorized{ID: spend.ID, At: spend.At, Amount: spend.Amount, Expires: spend.Expires, Merchant: spend.Merchant})
}

// Figures are the opinions of any number of shadows of one policy, added up. Make them with [NewFigures]. They are not for
// concurrent use: let each goroutine have its own, and Merge them.
type Figures struct {
	policy   *cap.Policy
	tally    tally
	opinions int64
	failed   int64
	first    error
}

// NewFigures returns figures without an opinion. Of each difference they keep so many examples, at most MaxExamples.
//
// NewFigures returns an error that wraps ErrInvalid if there is no policy, or the number is out of its bounds.
func NewFigures(p *cap.Policy, examples int) (*Figures, error) {
	if p == nil || !p.Currency().Valid() {
		return nil, invalid("policy", "none given")
	}
	if examples < 0 || examples > MaxExamples {
		return nil, invalid("examples", "%d, want 0 to %d", examples, MaxExamples)
	}
	return &Figures{policy: p, tally: newTally(p.Currency(), examples)}, nil
}

// Add counts an opinion. The account is for the examples; it may be "". The position of an example is that of the opinion
// among those added here.
func (f *Figures) Add(account string, o *Opinion) {
	f.opinions++
	if o.Err != nil {
		f.failed++
		if f.first == nil {
			f.first = o.Err
		}
	}
	if _, policy := o.Attempt.Command.(cap.SetPolicy); policy || !o.Shadow.Known {
		return
	}
	q := o.Attempt.question()
	c := f.tally.command(o.Attempt.name(&q))
	minor := q.amount.Minor()
	c.add(&o.Shadow, minor)
	if !o.Attempt.Live.Known {
		return
	}
	if d := c.Compared.compare(&o.Attempt.Live, &o.Shadow, minor, f.tally.examples); d != nil {
		e := Example{
			Position: f.opinions, Account: strings.Clone(account), Command: c.Command, ID: q.id, Amount: q.amount,
			There: o.Attempt.Live, Here: o.Shadow,
		}
		if q.command != other {
			e.At = micros(q.at)
		}
		d.Examples = append(d.Examples, e)
	}
}

// Merge takes other figures of the same policy in. The examples keep the positions that they had.
//
// Merge returns an error that wraps ErrInvalid if g is nil or of another policy.
func (f *Figures) Merge(g *Figures) error {
	if g == nil || !g.policy.Equal(f.policy) {
		return invalid("figures", "want those of the same policy")
	}
	f.tally.merge(&g.tally)
	f.opinions += g.opinions
	f.failed += g.failed
	if f.first == nil {
		f.first = g.first
	}
	return nil
}

// Commands returns what the shadows said: Accepted, Refused and the like are their own verdicts, and Compared holds them
// against the live ones. The amounts are those that were asked for, which a reversal does not do.
func (f *Figures) Commands() []CommandReport { return slices.Clone(f.tally.report(f.policy)) }

// Failed returns how many attempts some shadow could not decide or follow, and why the first time.
func (f *Figures) Failed() (int64, error) { return f.failed, f.first }

// String tells the figures in words, one finding a line.
func (f *Figures) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, compared with what was decided live\n", count(f.opinions, "opinion"))
	for _, c := range f.Commands() {
		c.write(&b)
	}
	if f.failed > 0 {
		fmt.Fprintf(&b, "  %s could not be decided or followed, the first time: %v\n", count(f.failed, "attempt"), f.first)
	}
	return b.String()
}
