package billing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// judgement is a decision being made.
type judgement struct {
	account  *Account
	at       time.Time
	phase    contract.Phase // of the contract, in force
	causes   []Cause
	figures  Figures
	sums     Operation // with our totals
	repeated *purchase
}

// begin finds the instant, and how the account stands. A decision is never made before what was done on the account (the clocks of two
// hosts differ), so that what comes later in the journal is later.
func (j *judgement) begin(at time.Time) error {
	micros, err := checkAt("at", at)
	if err != nil {
		return err
	}
	a := j.account
	j.at = money.FromUnixMicro(max(micros, a.clock))
	if a.contract != nil {
		j.phase = a.contract.At(j.at)
		j.figures.ContractRevision = a.contract.Revision
		if m := a.mandates[j.phase.Mandate]; m != nil {
			j.figures.MandateRevision = m.view.Revision
		}
		j.stand(a.exposureAt(j.at))
	}
	return nil
}

// stand says what the account owes and has left.
func (j *judgement) stand(exposure money.Amount) {
	j.figures.Exposure, j.figures.Limit = exposure, j.phase.Limit
	left := max(0, room(j.phase.Limit.Minor(), exposure.Minor()))
	j.figures.Available = money.New(left, exposure.Currency())
}

func (j *judgement) refuse(c Cause) { j.causes = append(j.causes, c) }

// refusal is what a command is answered with that has causes against it: all of them, in the order of the registry.
func (j *judgement) refusal(command, id string) []event.Data {
	slices.SortStableFunc(j.causes, func(a, b Cause) int { return a.Reason.rank() - b.Reason.rank() })
	return []event.Data{Refusal{Command: command, ID: id, At: j.at, Causes: j.causes, Figures: j.figures}}
}

// judge decides on a purchase: every reason against it, in the order of the registry.
func (a *Account) judge(c Accept) (*judgement, error) {
	j := &judgement{account: a}
	if err := j.begin(c.At); err != nil {
		return nil, err
	}
	if err := c.Operation.Validate(); err != nil {
		return nil, err
	}
	sums, wrong, err := c.Operation.reckon()
	if err != nil {
		return nil, err
	}
	known, on := a.operations[sums.ID], j.at
	if !sums.At.IsZero() {
		sums.At = money.Instant(sums.At)
		on = sums.At
	}
	if on.After(j.at) {
		return nil, fmt.Errorf("%w operation.at: after the instant of the command", ErrInvalid)
	}
	j.sums, j.figures.Totals = sums, *sums.Totals
	if known != nil && len(wrong) == 0 && sameJSON(sums, known.Operation) {
		j.repeated = known
		return j, nil
	}
	j.judgeContract()
	if err := j.judgeAmount(); err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		j.refuse(Cause{Reason: AmountsInconsistent, Mismatches: wrong})
	}
	if a.closed != 0 && on.UnixMicro() < a.closedUntil {
		j.refuse(Cause{Reason: PeriodClosed, Through: a.closed})
	}
	j.judgeNumber()
	if known != nil {
		j.refuse(Cause{Reason: ExistsWithDifferentContent})
	}
	if len(j.causes) == 0 {
		if a.purchases+sums.Totals.Gross.Minor() > maxSum {
			return nil, fmt.Errorf("%w operation: with all others %w", ErrInvalid, money.ErrOverflow)
		}
		after, err := a.exposureAt(j.at).Add(sums.Totals.Gross)
		if err != nil {
			return nil, fmt.Errorf("%w operation: %w", ErrInvalid, err)
		}
		j.stand(after)
	}
	return j, nil
}

// judgeNumber asks whether there is room for one more purchase, and for what it is taxed by.
func (j *judgement) judgeNumber() {
	if len(j.account.unbilled) >= MaxUnbilled {
		j.refuse(Cause{Reason: TooManyOperations, Most: MaxUnbilled})
	}
	others := map[VAT]bool{}
	for i := range j.sums.Orders {
		for _, s := range j.sums.Orders[i].Taxes {
			if j.account.taxed[s.VAT] == 0 {
				others[s.VAT] = true
			}
		}
	}
	if len(others) > 0 && len(j.account.taxed)+len(others) > MaxTaxes {
		j.refuse(Cause{Reason: TooManyTaxes, Most: MaxTaxes})
	}
}

// judgeContract asks whether there is a contract, and whether it and its mandate are in force.
func (j *judgement) judgeContract() {
	if j.account.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
		return
	}
	if r := contractReason(j.phase.Status); r != "" {
		j.refuse(Cause{Reason: r, Since: j.phase.From})
	}
	m := j.account.mandates[j.phase.Mandate]
	if m == nil {
		j.refuse(Cause{Reason: MandateMissing, Mandate: j.phase.Mandate})
		return
	}
	phase := m.view.At(j.at)
	if r := mandateReason(phase.Status); r != "" {
		j.refuse(Cause{Reason: r, Mandate: j.phase.Mandate, Since: phase.From})
	}
}

func contractReason(s contract.Status) Reason {
	switch s {
	case contract.Draft:
		return ContractNotStarted
	case contract.Active:
		return ""
	case contract.Suspended:
		return ContractSuspended
	case contract.Cancelled:
		return ContractCancelled
	case contract.Expired:
		return ContractExpired
	}
	return ContractNotFound // what is not known lets nothing through
}

func mandateReason(s contract.MandateStatus) Reason {
	switch s {
	case contract.MandateDraft:
		return MandateNotSigned
	case contract.MandateSigned:
		return MandateNotActive
	case contract.MandatePendingBank:
		return MandatePendingBank
	case contract.MandateActive:
		return ""
	case contract.MandateSuspended:
		return MandateSuspended
	case contract.MandateRevoked:
		return MandateRevoked
	case contract.MandateExpired:
		return MandateDormant
	case contract.MandateConsumed:
		return MandateConsumed
	case contract.MandateFailed:
		return MandateFailed
	}
	return MandateMissing
}

// judgeAmount asks the limits, and whether they can be asked.
func (j *judgement) judgeAmount() error {
	a, gross := j.account, j.sums.Totals.Gross
	if a.contract == nil {
		j.judgeOverdue()
		return nil
	}
	own := a.contract.Currency
	if gross.Currency() == own {
		if gross.Minor() > room(j.phase.Limit.Minor(), a.exposureAt(j.at).Minor()) {
			j.refuse(Cause{
				Reason: ExposureExceeded, Limit: j.phase.Limit, Exposure: j.figures.Exposure, Requested: gross,
				Available: j.figures.Available,
			})
		}
		if a.operations[j.sums.ID] == nil { // or it counts already
			if err := j.judgeCap(j.sums.ID, gross); err != nil {
				return err
			}
		}
	}
	j.judgeOverdue()
	if gross.Currency() != own {
		j.refuse(Cause{Reason: CurrencyMismatch, Given: gross.Currency(), Want: own})
	}
	return nil
}

// judgeCap asks the spending caps beside the contract's.
func (j *judgement) judgeCap(id string, gross money.Amount) error {
	if j.account.meter == nil {
		return nil
	}
	spend := cap.Authorize{ID: id, At: j.at, Amount: gross}
	facts, err := spend.Decide(j.account.meter)
	if err != nil {
		return fmt.Errorf("%w operation: %w", ErrInvalid, err)
	}
	d := spend.Result(facts)
	if d.Approved() {
		return nil
	}
	cause := Cause{Reason: SpendingCapExceeded, CapReason: d.Reason(), Requested: gross}
	if l, ok := d.Binding(); ok {
		cause.Cap, cause.Limit, cause.Exposure, cause.FreeAt = l.Name, l.Max, l.Used, l.FreeAt
		if l.Max.Valid() {
			cause.Available = money.New(max(0, l.Max.Minor()-l.Used.Minor()), gross.Currency())
		}
	}
	j.refuse(cause)
	return nil
}

// judgeOverdue asks whether the account is marked as overdue.
func (j *judgement) judgeOverdue() {
	a := j.account
	if a.overdue != (money.Amount{}) {
		j.refuse(Cause{Reason: AccountOverdue, OverdueSince: a.overdueSince, Exposure: a.overdue})
		return
	}
	if minor, since := a.overdueAt(j.at); minor > 0 {
		j.refuse(Cause{Reason: AccountOverdue, OverdueSince: since, Exposure: money.New(minor, a.contract.Currency)})
	}
}

// judgeRoom asks whether the limits leave room for anything.
func (j *judgement) judgeRoom() error {
	zero := money.New(0, j.account.contract.Currency)
	if f := &j.figures; f.Available.Sign() == 0 {
		j.refuse(Cause{Reason: ExposureExceeded, Limit: f.Limit, Exposure: f.Exposure, Requested: zero, Available: zero})
	}
	if j.account.meter == nil {
		return nil
	}
	most, err := j.account.meter.MaxNow(j.at, nil)
	if err != nil {
		return fmt.Errorf("billing: spending caps: %w", err)
	}
	if most.Sign() == 0 {
		return j.judgeCap("eligibility", money.New(1, zero.Currency()))
	}
	j.figures.Available, err = money.Min(j.figures.Available, most)
	return err
}

// sameJSON reports whether two values are written alike.
func sameJSON(a, b any) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}
