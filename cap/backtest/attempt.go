package backtest

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Command is anything that may be asked of a meter: the commands of package cap are, and others may be.
type Command interface {
	// Decide returns the events that the command would make of the meter, and leaves the meter as it is.
	Decide(m *cap.Meter) ([]event.Data, error)

	// Result returns the decision that the events carry.
	Result(decided []event.Data) cap.Decision
}

// Attempt is what was asked of an account.
type Attempt struct {
	_ struct{} // disallow positional literals

	// Account tells whose meter was asked: 1 to event.MaxName bytes of UTF-8 without control characters. Only Run and
	// FromRecords look at it.
	Account string

	// Spend is what was asked to be authorised, when Command is nil. It is here, and not behind Command, so that a stream
	// of authorisations allocates nothing.
	Spend cap.Spend

	// Command is what was asked instead of authorising Spend. SetPolicy without a policy stands for that which ruled.
	Command Command

	// Live is what was decided when it was asked. The zero Verdict: that is not known.
	Live Verdict

	partial bool // something of the command may not be known
}

// Verdict is a decision without its figures. It is a value, and is compared with ==.
type Verdict struct {
	_ struct{} // disallow positional literals

	Known   bool        // false: nothing is known, and the other fields are zero
	Outcome cap.Outcome // refused or approved
	Existed bool        // approved because the same had been done before: this time, nothing has changed
	Reason  cap.Reason  // why; "" for an approval in the plain way
	Limit   string      // the name of the limit that refused; "" when none did
}

// VerdictOf returns the verdict of a decision.
func VerdictOf(d *cap.Decision) Verdict {
	v := Verdict{Known: true, Outcome: d.Outcome(), Existed: d.Existed(), Reason: d.Reason()}
	if v.Outcome == cap.Refused {
		if l, ok := d.Binding(); ok {
			v.Limit = l.Name
		}
	}
	return v
}

// Approved reports whether the verdict is known and approves.
func (v Verdict) Approved() bool { return v.Known && v.Outcome == cap.Approved }

// String returns "not known", "approved", "approved exists", "refused amount_limit_exceeded by week".
func (v Verdict) String() string {
	if !v.Known {
		return "not known"
	}
	out := v.Outcome.String()
	if v.Reason != "" {
		out += " " + reason(v.Reason, v.Limit)
	}
	return out
}

func reason(why cap.Reason, limit string) string {
	if limit == "" {
		return string(why)
	}
	return string(why) + " by " + limit
}

// The commands of package cap about money, in the order in which they are reported. Others come behind them.
const (
	authorize = iota
	forcePost
	adjust
	capture
	reverse
	refund
	other
)

// commandNames returns the names of the commands, as they stand in events.
func commandNames() [other]string {
	return [...]string{"authorize", "force_post", "adjust", "capture", "reverse", "refund"}
}

// question is what an attempt asks, taken apart: instants in microseconds since 1970.
type question struct {
	command int    // one of the constants; nothing else is known of other
	id      string // of the spend; of a refund, its own
	at      int64  // likewise
	oldest  int64  // the earliest instant that matters to it: of a refund, that of the spend
	when    int64  // when it happens, if that is known to be later than at, or else at
	amount  money.Amount
}

// question takes the attempt apart. Instants out of range give numbers out of range, or wrong ones: a meter refuses them.
func (a *Attempt) question() (q question) {
	switch c := a.Command.(type) {
	case nil:
		q.spend(authorize, &a.Spend)
	case cap.Authorize:
		q.spend(authorize, (*cap.Spend)(&c))
	case cap.ForcePost:
		q.spend(forcePost, (*cap.Spend)(&c))
	case cap.Adjust:
		q.change(adjust, (*cap.Change)(&c))
	case cap.Capture:
		q.change(capture, (*cap.Change)(&c))
	case cap.Reverse:
		q.change(reverse, &cap.Change{ID: c.ID, At: c.At})
	case cap.Refund:
		q.spend(refund, &cap.Spend{ID: c.ID, At: c.At, Amount: c.Amount})
		if c.Of != nil {
			q.oldest = min(q.oldest, c.Of.At.UnixMicro())
		}
	default:
		q.command = other
	}
	return q
}

// spend makes q the question about a new spend, or a refund.
func (q *question) spend(command int, s *cap.Spend) {
	at := s.At.UnixMicro()
	q.command, q.id, q.at, q.oldest, q.when, q.amount = command, s.ID, at, at, at, s.Amount
}

// change makes q the question about a spend that is there.
func (q *question) change(command int, c *cap.Change) {
	at := c.At.UnixMicro()
	q.command, q.id, q.at, q.oldest, q.when, q.amount = command, c.ID, at, at, at, c.Amount
	if !c.On.IsZero() {
		q.when = max(at, c.On.UnixMicro())
	}
}

// spends reports whether a new spend is asked for.
func (q *question) spends() bool { return q.command <= forcePost }

// name returns the name of the command.
func (a *Attempt) name(q *question) string {
	if q.command == other {
		return commandName(a.Command)
	}
	return commandNames()[q.command]
}

// commandName returns the name of a command as events would have it: that of its type, in lower case with underscores.
func commandName(c Command) string {
	name := fmt.Sprintf("%T", c)
	var out strings.Builder
	for i, r := range name[strings.LastIndexByte(name, '.')+1:] {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// countsAttempts reports whether a limit of a policy counts what is refused, so that a refusal may change a meter.
func countsAttempts(p *cap.Policy) bool {
	return p != nil && slices.ContainsFunc(p.Limits(), func(l cap.Limit) bool { return l.Counting.Refusal == cap.Now })
}

// decide puts an attempt to a meter.
func decide(m *cap.Meter, a *Attempt) (cap.Decision, error) {
	switch c := a.Command.(type) {
	case nil:
		return m.Authorize(a.Spend)
	case cap.Authorize:
		return m.Authorize(cap.Spend(c))
	case cap.ForcePost:
		return m.ForcePost(cap.Spend(c))
	case cap.Adjust:
		return m.Adjust(cap.Change(c))
	case cap.Capture:
		return m.Capture(cap.Change(c))
	case cap.Reverse:
		return m.Reverse(c.ID, c.At)
	case cap.Refund:
		return m.Refund(c)
	case cap.SetPolicy:
		if c.Policy == nil {
			c.Policy = m.Policy()
		}
		return m.SetPolicy(c.Policy)
	default:
		return decideByEvents(m, c)
	}
}

// decideByEvents puts any command to a meter.
func decideByEvents(m *cap.Meter, c Command) (cap.Decision, error) {
	decided, err := c.Decide(m)
	if err != nil {
		return cap.Decision{}, err
	}
	for _, e := range decided {
		if err := m.Apply(e); err != nil {
			return cap.Decision{}, fmt.Errorf("apply what %s decided: %w", commandName(c), err)
		}
	}
	return c.Result(decided), nil
}

// FromEvent returns the attempt that an event of package cap was the answer to, with that answer as the live verdict.
//
// The event of a refusal or repetition does not say everything that was asked: not when a change happened, or which spend
// was refunded; a repetition does not say the merchant either, or when a hold expires. Such an attempt has none of these.
// Where they matter, replay what was asked.
//
// FromEvent returns an error that wraps ErrInvalid if e is none of package cap, or speaks of a command that is not known.
func FromEvent(account string, e event.Data) (Attempt, error) {
	a := Attempt{Account: account, Live: Verdict{Known: true, Outcome: cap.Approved}}
	switch e := e.(type) {
	case cap.Authorized:
		a.Spend = cap.Spend{ID: e.ID, At: e.At, Amount: e.Amount, Expires: e.Expires, Merchant: e.Merchant}
	case cap.ForcePosted:
		a.Command = cap.ForcePost{ID: e.ID, At: e.At, Amount: e.Amount, Merchant: e.Merchant}
	case cap.Adjusted:
		a.Command = cap.Adjust{ID: e.ID, At: e.At, Amount: e.Amount, On: e.On}
	case cap.Captured:
		a.Command = cap.Capture{ID: e.ID, At: e.At, Amount: e.Amount, On: e.On}
	case cap.Reversed:
		a.Command = cap.Reverse{ID: e.ID, At: e.At}
	case cap.Refunded:
		a.Command = cap.Refund{ID: e.ID, At: e.At, Amount: e.Amount, Of: e.Of, Merchant: e.Merchant}
	case cap.PolicySet:
		a.Command = cap.SetPolicy{Policy: e.Policy}
	case cap.Refusal:
		a.Live = Verdict{Known: true, Outcome: cap.Refused, Reason: e.Reason, Limit: e.Limit}
		err := a.ask(e.Command, cap.Spend{ID: e.ID, At: e.At, Amount: e.Amount, Expires: e.Expires, Merchant: e.Merchant})
		if names := commandNames(); e.Command == names[authorize] || e.Command == names[forcePost] {
			a.partial = false
		}
		return a, err
	case cap.Repeated:
		a.Live.Existed, a.Live.Reason = true, e.Reason
		return a, a.ask(e.Command, cap.Spend{ID: e.ID, At: e.At, Amount: e.Amount})
	default:
		return Attempt{}, invalid("event", "%T, want one of package cap", e)
	}
	return a, nil
}

// ask makes a the attempt at a command of that name, of which no more than this is known.
func (a *Attempt) ask(command string, s cap.Spend) error {
	a.partial = true
	names := commandNames()
	switch command {
	case names[authorize]:
		a.Spend = s
	case names[forcePost]:
		a.Command = cap.ForcePost(s)
	case names[adjust]:
		a.Command = cap.Adjust{ID: s.ID, At: s.At, Amount: s.Amount}
	case names[capture]:
		a.Command = cap.Capture{ID: s.ID, At: s.At, Amount: s.Amount}
	case names[reverse]:
		a.Command, a.partial = cap.Reverse{ID: s.ID, At: s.At}, false
	case names[refund]:
		a.Command = cap.Refund{ID: s.ID, At: s.At, Amount: s.Amount}
	case commandName(cap.SetPolicy{}):
		a.Command, a.partial = cap.SetPolicy{}, false
	default:
		return invalid("event", "the command %.64q is not known", command)
	}
	return nil
}

// Stream makes a stream of attempts that cannot fail into one that Run reads.
func Stream(attempts iter.Seq[Attempt]) iter.Seq2[Attempt, error] {
	return func(yield func(Attempt, error) bool) {
		for a := range attempts {
			if !yield(a, nil) {
				return
			}
		}
	}
}

// FromRecords returns the attempts that the records of a journal were the answers to. The stream of a record is the
// account; records of other packages than cap are passed over. It ends at the first error.
//
// An error comes from records, or says that an event could not be decoded, or is that of [FromEvent].
func FromRecords(records iter.Seq2[event.Record, error]) iter.Seq2[Attempt, error] {
	return func(yield func(Attempt, error) bool) {
		codec := cap.Codec()
		for r, err := range records {
			if err == nil && !strings.HasPrefix(r.Type, "cap.") {
				continue
			}
			var a Attempt
			var e event.Data
			if err == nil {
				e, err = codec.Decode(r.Event)
			}
			if err == nil {
				a, err = FromEvent(r.Stream, e)
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// micros is the reverse of UnixMicro, in UTC.
func micros(instant int64) time.Time { return time.UnixMicro(instant).UTC() }
