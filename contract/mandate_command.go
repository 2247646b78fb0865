package contract

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// The commands over a mandate. Each is decided as one event, refusals too. Only a suspension, a resumption and a revocation may
// count from another instant than that at which they are recorded.

// MandateCommand is a command over a mandate: [CreateMandate], [SignMandate], [SubmitToBank], [ConfirmByBank], [ActivateMandate],
// [SuspendMandate], [ResumeMandate], [AmendMandate], [RecordCollection], [RevokeMandate], [FailMandate] and
// [WithdrawMandateChange].
type MandateCommand interface {
	// Decide returns the one event that the command makes of a mandate, which may be a Refusal. It changes nothing. An error
	// means "could not decide".
	Decide(m *Mandate) ([]event.Data, error)

	// Result reads the decision back from what was decided.
	Result(decided []event.Data) Decision
}

// CreateMandate prepares a mandate for the debtor to sign. The mandate's id is [MandateID] of its creditor and reference.
type CreateMandate struct {
	_ struct{} // disallow positional literals

	At  time.Time `json:"at"`
	Why string    `json:"why,omitempty"`
	MandateTerms
}

// SignMandate says that the debtor has signed.
type SignMandate struct {
	_ struct{} // disallow positional literals

	At             time.Time  `json:"at"`
	Why            string     `json:"why,omitempty"`
	SignedOn       civil.Date `json:"signed_on"`                // not in the future, wherever on earth
	LastCollection civil.Date `json:"last_collection,omitzero"` // of a mandate that comes from elsewhere: the last one there
}

// Note is what commands say that count from when they are recorded.
type Note struct {
	_ struct{} // disallow positional literals

	At  time.Time `json:"at"`
	Why string    `json:"why,omitempty"` // for the record; at most MaxWhy characters
}

// SubmitToBank says that a signed B2B mandate was given to the debtor's bank.
type SubmitToBank Note

// ConfirmByBank says that the debtor's bank takes collections by a B2B mandate: it is active.
type ConfirmByBank Note

// ActivateMandate lets a signed CORE mandate be active.
type ActivateMandate Note

// FailMandate says that the debtor's bank refuses a mandate for good: it does not confirm it, or the account is closed or takes no
// debits.
type FailMandate Note

// SuspendMandate suspends a mandate that is active.
type SuspendMandate Order

// ResumeMandate lets a mandate that is suspended be active again.
type ResumeMandate Order

// RevokeMandate ends a mandate, for ever. It supersedes all changes that would count from later on.
type RevokeMandate Order

// AmendMandate changes a mandate from when it is recorded on. The next collection has to tell the debtor's bank: see
// MandateView.Amendment.
type AmendMandate struct {
	_ struct{} // disallow positional literals

	At  time.Time    `json:"at"`
	Why string       `json:"why,omitempty"`
	Set MandatePatch `json:"set"`
}

// RecordCollection says that a collection was presented to the debtor's bank: the 36 months begin anew, whatever becomes of it
// later, and a one-off mandate is consumed. Record each only once its day has come, and none that was rejected before.
type RecordCollection struct {
	_ struct{} // disallow positional literals

	At       time.Time  `json:"at"`
	Why      string     `json:"why,omitempty"`
	On       civil.Date `json:"on"`                 // the day on which it is due
	Revision uint64     `json:"revision,omitempty"` // of the MandateView that it was made from; 0: the latest
}

// WithdrawMandateChange takes back a change that is not in force yet, as if it had never been.
type WithdrawMandateChange struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	Change uint64    `json:"change"` // its revision
	Why    string    `json:"why,omitempty"`
}

// Decide returns a MandateCreation, or a Refusal.
//
// Returns an error that wraps ErrInvalid if a field is malformed, the mandate's id is another than that of its creditor and
// reference, or the machine does not know the zone.
func (c CreateMandate) Decide(m *Mandate) ([]event.Data, error) {
	stamp, err := m.stamp(Order{At: c.At, Why: c.Why})
	if err != nil {
		return nil, err
	}
	e := MandateCreation{Mandate: m.id, Stamp: stamp, MandateTerms: c.MandateTerms}
	if err := e.validate(); err != nil {
		return nil, err
	}
	if _, err := loadZone(c.Zone); err != nil {
		return nil, err
	}
	if m.revision != 0 {
		return refused("create_mandate", stamp, refuse(AlreadyExists)), nil
	}
	e.From = e.At
	return []event.Data{e}, nil
}

// Decide returns a MandateSignature, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed, or the
// machine does not know the zone.
func (c SignMandate) Decide(m *Mandate) ([]event.Data, error) {
	return m.decide("sign_mandate", Order{At: c.At, Why: c.Why}, func(s Stamp) (fact, refusal, error) {
		if err := m.checkSignature(c.SignedOn, c.LastCollection); err != nil {
			return nil, refusal{}, err
		}
		loc, err := loadZone(m.base.Zone)
		if err != nil {
			return nil, refusal{}, err
		}
		e := MandateSignature{
			Stamp: s, SignedOn: c.SignedOn, LastCollection: c.LastCollection, Expires: expires(c.SignedOn, c.LastCollection, loc),
		}
		switch {
		case inFuture(max(c.SignedOn, c.LastCollection), s.At):
			return e, refuse(DatedInFuture), nil
		case !e.Expires.After(e.From):
			return e, refusal{reason: HasExpired, bound: e.Expires.UnixMicro(), status: MandateExpired.String()}, nil
		}
		return e, refusal{}, nil
	})
}

// inFuture reports whether a day has not begun anywhere on earth.
func inFuture(d civil.Date, at time.Time) bool { return d > civil.LatestDate(at) }

// Decide returns a MandateSubmission, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c SubmitToBank) Decide(m *Mandate) ([]event.Data, error) {
	return m.plain("submit_to_bank", Note(c).order(), func(s Stamp) fact { return MandateSubmission{Stamp: s} })
}

// Decide returns a MandateConfirmation, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c ConfirmByBank) Decide(m *Mandate) ([]event.Data, error) {
	return m.plain("confirm_by_bank", Note(c).order(), func(s Stamp) fact { return MandateConfirmation{Stamp: s} })
}

// Decide returns a MandateActivation, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c ActivateMandate) Decide(m *Mandate) ([]event.Data, error) {
	return m.plain("activate_mandate", Note(c).order(), func(s Stamp) fact { return MandateActivation{Stamp: s} })
}

// Decide returns a MandateFailure, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c FailMandate) Decide(m *Mandate) ([]event.Data, error) {
	return m.plain("fail_mandate", Note(c).order(), func(s Stamp) fact { return MandateFailure{Stamp: s} })
}

// Decide returns a MandateSuspension, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c SuspendMandate) Decide(m *Mandate) ([]event.Data, error) {
	return m.plain("suspend_mandate", Order(c), func(s Stamp) fact { return MandateSuspension{Stamp: s} })
}

// Decide returns a MandateResumption, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c ResumeMandate) Decide(m *Mandate) ([]event.Data, error) {
	return m.plain("resume_mandate", Order(c), func(s Stamp) fact { return MandateResumption{Stamp: s} })
}

// Decide returns a MandateRevocation, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c RevokeMandate) Decide(m *Mandate) ([]event.Data, error) {
	return m.plain("revoke_mandate", Order(c), func(s Stamp) fact { return MandateRevocation{Stamp: s} })
}

// Decide returns a MandateAmendment, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed, or nothing
// is set.
func (c AmendMandate) Decide(m *Mandate) ([]event.Data, error) {
	return m.decide("amend_mandate", Order{At: c.At, Why: c.Why}, func(s Stamp) (fact, refusal, error) {
		if err := c.Set.validate(m.details(m.revision)); err != nil {
			return nil, refusal{}, err
		}
		return MandateAmendment{Stamp: s, Set: c.Set}, refusal{}, nil
	})
}

// Decide returns a MandateCollection, or a Refusal. It counts from the start of its day, or from when the mandate was activated on
// that day.
//
// Returns an error that wraps ErrInvalid if On is no date or before the signature, there is no such revision, or the machine does
// not know the zone.
func (c RecordCollection) Decide(m *Mandate) ([]event.Data, error) {
	return m.decide("record_collection", Order{At: c.At, Why: c.Why}, func(s Stamp) (fact, refusal, error) {
		if err := checkCalendar("on", c.On); err != nil {
			return nil, refusal{}, err
		}
		if c.Revision > m.revision {
			return nil, refusal{}, fmt.Errorf("%w revision: the mandate has %d", ErrInvalid, m.revision)
		}
		loc, err := loadZone(m.base.Zone)
		if err != nil {
			return nil, refusal{}, err
		}
		e := MandateCollection{Stamp: s, On: c.On, Made: c.Revision, Expires: expires(c.On, 0, loc)}
		if e.Made == 0 {
			e.Made = m.revision
		}
		e.From = money.FromUnixMicro(m.collectedFrom(startOf(c.On, loc).UnixMicro(), endOf(c.On, loc).UnixMicro()))
		switch {
		case inFuture(c.On, s.At):
			return e, refuse(DatedInFuture), nil
		case m.signedOn != 0 && c.On < m.signedOn:
			return e, refuse(NotSigned), nil
		}
		return e, m.consumed(), nil
	})
}

// collectedFrom returns from when a collection of a day counts: the start of the day, or when the mandate was created or activated
// on it.
func (m *Mandate) collectedFrom(start, end int64) int64 {
	from := start
	if m.line.start < end {
		from = max(from, m.line.start)
	}
	for e := range m.line.live() {
		if (e.kind == activate || e.kind == confirm) && e.from > from && e.from < end {
			from = e.from
		}
	}
	return from
}

// Decide returns a ChangeWithdrawal, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c WithdrawMandateChange) Decide(m *Mandate) ([]event.Data, error) {
	return m.withdraw(Order{At: c.At, Why: c.Why}, c.Change)
}

func (n Note) order() Order { return Order{At: n.At, Why: n.Why} }

// Result reads the decision back from what was decided.
func (c CreateMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c SignMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c SubmitToBank) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c ConfirmByBank) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c ActivateMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c FailMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c SuspendMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c ResumeMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c RevokeMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c AmendMandate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c RecordCollection) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c WithdrawMandateChange) Result(decided []event.Data) Decision { return decisionOf(decided) }
