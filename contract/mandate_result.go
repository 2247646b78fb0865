package contract

import "github.com/payrules/payrules/event"

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
