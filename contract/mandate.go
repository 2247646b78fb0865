package contract

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// DormancyMonths is after how many months without a collection a mandate expires. The day so many months later is its last.
const DormancyMonths = 36

// Mandate is the state of one SEPA direct debit mandate: what was signed, every change of it, and how the debtor's bank has seen
// it. Make it with [NewMandate] and let it [Mandate.Apply] its events.
//
// It is for one goroutine at a time. Decisions and readers change nothing; only Apply does.
type Mandate struct {
	life
	base     MandateCreation
	signedOn civil.Date
	lastOn   civil.Date // of the last collection that was presented
	seen     details    // as the debtor's bank knows it; the zero details: not at all
}

// MandateID returns the id of a mandate: its creditor and its reference, so that a reference is there once for each creditor.
func MandateID(creditor party.CreditorID, reference party.MandateReference) string {
	return string(creditor) + "/" + string(reference)
}

// NewMandate returns a mandate of which nothing is known: it has to be created, or to apply its events.
func NewMandate(id string) *Mandate {
	return &Mandate{life: life{id: id, line: timeline{rules: mandateRules{}, end: noEnd}}}
}

// ID returns the mandate's id.
func (m *Mandate) ID() string { return m.id }

// Exists reports whether the mandate was ever created.
func (m *Mandate) Exists() bool { return m.revision > 0 }

// Revision returns how many changes were done, collections included; 0 for a mandate that was not created.
func (m *Mandate) Revision() uint64 { return m.revision }

// Clock returns when the latest change was recorded; the zero time if none was.
func (m *Mandate) Clock() time.Time {
	if m.revision == 0 {
		return time.Time{}
	}
	return money.FromUnixMicro(m.clock)
}

// Creation returns what the mandate began with.
func (m *Mandate) Creation() MandateCreation { return m.base }

// Changes returns every change since the creation, in the order in which they take effect, but for collections by a recurrent
// mandate, of which it keeps the last only.
func (m *Mandate) Changes() []Change { return m.changes() }

// Clone returns a copy that shares nothing that changes: the timeline is made anew by every change.
func (m *Mandate) Clone() *Mandate {
	out := *m
	return &out
}

// MandateStanding is what a mandate is at an instant.
type MandateStanding struct {
	Status MandateStatus // 0 if the mandate was never created
	Ends   time.Time     // when it expires if nothing is collected until then, or did; the zero time if it will not
}

// At returns what the mandate is at an instant, as it is known now. It costs O(n) for n changes.
func (m *Mandate) At(t time.Time) MandateStanding {
	if m.revision == 0 {
		return MandateStanding{}
	}
	p := m.line.at(instantOf(t), func(fact) {})
	return MandateStanding{Status: MandateStatus(p.status), Ends: m.line.ends(p)}
}

// details returns what the mandate says after the changes up to a revision.
func (m *Mandate) details(revision uint64) details {
	b := &m.base
	d := details{b.Reference, b.Creditor, b.CreditorName, b.Debtor, b.IBAN, b.BIC}
	for e := range m.line.live() {
		if a, ok := e.fact.(MandateAmendment); ok && e.seq <= revision {
			d = a.Set.on(d)
		}
	}
	return d
}

// expires returns when a mandate expires after a signature, and a last collection if there is one.
func expires(signed, collected civil.Date, loc *time.Location) time.Time {
	return endOf(max(signed, collected).AddMonths(DormancyMonths), loc)
}

// Apply takes up the next event of the mandate's stream. After an error the mandate is as it was.
//
// Returns an error that wraps ErrCorrupt if the event is not one of a mandate's, or contradicts what the mandate knows.
func (m *Mandate) Apply(d event.Data) error {
	if err := m.apply(d); err != nil {
		return fmt.Errorf("%w: mandate: %s: %w", ErrCorrupt, d.EventType(), err)
	}
	m.version++
	return nil
}

func (m *Mandate) apply(d event.Data) error {
	switch e := d.(type) {
	case Refusal:
		return nil
	case MandateCreation:
		return m.applyCreation(&e)
	}
	if m.revision == 0 {
		return fmt.Errorf("it was never created")
	}
	switch e := d.(type) {
	case MandateSubmission, MandateConfirmation, MandateActivation, MandateSuspension, MandateResumption, MandateRevocation, MandateFailure:
		if err := m.applyFact(e.(fact)); err != nil {
			return err
		}
		if _, confirmed := e.(MandateConfirmation); confirmed {
			m.seen = m.details(m.revision)
		}
		return nil
	case MandateSignature:
		return m.applySignature(&e)
	case MandateAmendment:
		if err := e.Set.validate(m.details(m.revision)); err != nil {
			return err
		}
		return m.applyFact(e)
	case MandateCollection:
		return m.applyCollection(&e)
	case ChangeWithdrawal:
		return m.applyWithdrawal(e)
	}
	return fmt.Errorf("not an event of a mandate")
}

func (m *Mandate) applyCreation(e *MandateCreation) error {
	if m.revision != 0 {
		return fmt.Errorf("it was created already")
	}
	if err := m.check(e.Stamp); err != nil {
		return err
	}
	if err := e.validate(); err != nil {
		return err
	}
	if e.Mandate != m.id {
		return fmt.Errorf("it is of another mandate")
	}
	m.begin(e)
	m.done(e.Stamp)
	return nil
}

// begin lets the timeline begin with a creation.
func (m *Mandate) begin(e *MandateCreation) {
	m.base = *e
	m.line.rules = mandateRules{e.Scheme, e.Kind}
	m.line.start = e.From.UnixMicro()
}

func (m *Mandate) applySignature(e *MandateSignature) error {
	if err := m.checkSignature(e.SignedOn, e.LastCollection); err != nil {
		return err
	}
	if !isCanonical(e.Expires) || !e.Expires.After(e.From) {
		return fmt.Errorf("expires: it is not after from")
	}
	if err := m.applyFact(*e); err != nil {
		return err
	}
	m.signedOn, m.lastOn = e.SignedOn, e.LastCollection
	if m.lastOn != 0 {
		m.seen = m.details(m.revision)
	}
	return nil
}

// applyCollection moves the end of the mandate, or ends one that is one-off.
func (m *Mandate) applyCollection(e *MandateCollection) error {
	if err := m.check(e.Stamp); err != nil {
		return err
	}
	switch {
	case !e.On.Valid() || e.On < m.signedOn || m.signedOn == 0:
		return fmt.Errorf("on: want a date not before that of the signature")
	case e.Made == 0 || e.Made > m.revision:
		return fmt.Errorf("made_from: %d is no revision, of %d", e.Made, m.revision)
	case !isCanonical(e.Expires) || !e.Expires.After(e.From):
		return fmt.Errorf("expires: it is not after from")
	}
	if r := first(m.consumed(), m.judge(*e)); r.reason != "" {
		return fmt.Errorf("it cannot stand there: %s", r.reason)
	}
	if m.line.rules.keeps(collect) {
		m.line = m.line.with(entryOf(*e))
	} else {
		m.line.moved = max(m.line.moved, e.Expires.UnixMicro())
	}
	if e.On >= m.lastOn {
		m.lastOn, m.seen = e.On, m.details(e.Made)
	}
	m.done(e.Stamp)
	return nil
}

// consumed refuses a second collection by a one-off mandate, also one from before the first.
func (m *Mandate) consumed() refusal {
	if m.base.Kind != OneOff || m.lastOn == 0 {
		return refusal{}
	}
	return refusal{reason: WasConsumed, status: MandateConsumed.String()}
}

// validate returns an error if no mandate is created like this.
func (e *MandateCreation) validate() error {
	switch {
	case !e.Scheme.Valid():
		return fmt.Errorf("%w scheme: want CORE or B2B", ErrInvalid)
	case !e.Kind.Valid():
		return fmt.Errorf("%w kind: want RCUR or OOFF", ErrInvalid)
	}
	d := details{e.Reference, e.Creditor, e.CreditorName, e.Debtor, e.IBAN, e.BIC}
	if err := d.validate(); err != nil {
		return err
	}
	if e.Mandate != MandateID(e.Creditor, e.Reference) {
		return fmt.Errorf("%w mandate: its id is not that of its creditor and reference", ErrInvalid)
	}
	if err := checkOptional("contract", e.Contract, MaxID); err != nil {
		return err
	}
	return checkZoneName(e.Zone)
}

// checkSignature returns an error if the dates of a signature cannot be.
func (m *Mandate) checkSignature(signed, collected civil.Date) error {
	if collected != 0 && m.base.Kind == OneOff {
		return fmt.Errorf("%w last_collection: a one-off mandate would be consumed", ErrInvalid)
	}
	if err := checkCalendar("signed_on", signed); err != nil {
		return err
	}
	if collected != 0 && (!collected.Valid() || collected < signed || collected.Year() > 9000) {
		return fmt.Errorf("%w last_collection: want a date not before signed_on", ErrInvalid)
	}
	return nil
}
