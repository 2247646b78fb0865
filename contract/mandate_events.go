package contract

import (
	"time"

	"github.com/payrules/payrules/civil"
)

// MandateCreation says that a mandate was prepared: its revision 1.
type MandateCreation struct {
	_ struct{} // disallow positional literals

	Mandate string `json:"mandate"` // its id
	Stamp
	MandateTerms
}

// MandateSignature says that the debtor has signed a mandate.
type MandateSignature struct {
	_ struct{} // disallow positional literals
	Stamp
	SignedOn       civil.Date `json:"signed_on"`
	LastCollection civil.Date `json:"last_collection,omitzero"`
	Expires        time.Time  `json:"expires"` // if nothing more is collected
}

// MandateSubmission says that a B2B mandate was given to the debtor's bank.
type MandateSubmission struct {
	_ struct{} // disallow positional literals
	Stamp
}

// MandateConfirmation says that the debtor's bank takes collections by a B2B mandate.
type MandateConfirmation struct {
	_ struct{} // disallow positional literals
	Stamp
}

// MandateActivation says that a CORE mandate is collected by from an instant on.
type MandateActivation struct {
	_ struct{} // disallow positional literals
	Stamp
}

// MandateSuspension says that a mandate is suspended from an instant on.
type MandateSuspension struct {
	_ struct{} // disallow positional literals
	Stamp
}

// MandateResumption says that a mandate is active again from an instant on.
type MandateResumption struct {
	_ struct{} // disallow positional literals
	Stamp
}

// MandateAmendment says that a mandate was amended. What it was before stands in the events before.
type MandateAmendment struct {
	_ struct{} // disallow positional literals
	Stamp
	Set MandatePatch `json:"set"`
}

// MandateCollection says that a collection was presented.
type MandateCollection struct {
	_ struct{} // disallow positional literals
	Stamp
	On      civil.Date `json:"on"`
	Made    uint64     `json:"made_from"` // the revision of the view that it was made from
	Expires time.Time  `json:"expires"`   // if nothing more is collected after On
}

// MandateRevocation says that a mandate is revoked from an instant on.
type MandateRevocation struct {
	_ struct{} // disallow positional literals
	Stamp
}

// MandateFailure says that the debtor's bank has refused a mandate for good.
type MandateFailure struct {
	_ struct{} // disallow positional literals
	Stamp
}

// EventType returns "contract.mandate_created.v1".
func (MandateCreation) EventType() string { return "contract.mandate_created.v1" }

// EventType returns "contract.mandate_signed.v1".
func (MandateSignature) EventType() string { return "contract.mandate_signed.v1" }

// EventType returns "contract.mandate_submitted.v1".
func (MandateSubmission) EventType() string { return "contract.mandate_submitted.v1" }

// EventType returns "contract.mandate_confirmed.v1".
func (MandateConfirmation) EventType() string { return "contract.mandate_confirmed.v1" }

// EventType returns "contract.mandate_activated.v1".
func (MandateActivation) EventType() string { return "contract.mandate_activated.v1" }

// EventType returns "contract.mandate_suspended.v1".
func (MandateSuspension) EventType() string { return "contract.mandate_suspended.v1" }

// EventType returns "contract.mandate_resumed.v1".
func (MandateResumption) EventType() string { return "contract.mandate_resumed.v1" }

// EventType returns "contract.mandate_amended.v1".
func (MandateAmendment) EventType() string { return "contract.mandate_amended.v1" }

// EventType returns "contract.mandate_collected.v1".
func (MandateCollection) EventType() string { return "contract.mandate_collected.v1" }

// EventType returns "contract.mandate_revoked.v1".
func (MandateRevocation) EventType() string { return "contract.mandate_revoked.v1" }

// EventType returns "contract.mandate_failed.v1".
func (MandateFailure) EventType() string { return "contract.mandate_failed.v1" }

func (MandateSignature) change() kind    { return sign }
func (MandateSubmission) change() kind   { return submit }
func (MandateConfirmation) change() kind { return confirm }
func (MandateActivation) change() kind   { return activate }
func (MandateSuspension) change() kind   { return suspend }
func (MandateResumption) change() kind   { return resume }
func (MandateAmendment) change() kind    { return amend }
func (MandateCollection) change() kind   { return collect }
func (MandateRevocation) change() kind   { return revoke }
func (MandateFailure) change() kind      { return fail }
