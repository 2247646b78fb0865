package contract

// kind is what a change does.
type kind uint8

const (
	activate kind = iota // of contracts and mandates
	suspend
	resume
	amend
	cancel // of contracts
	sign   // of mandates, and all after it
	submit
	confirm
	collect
	revoke
	fail
	kinds // how many there are
)

// step is one cell of a table: where a change leads, or why it is refused. The zero step is a change that there is not.
type step struct {
	to     uint8
	reason Reason
}

func to[S ~uint8](s S) step { return step{to: uint8(s)} }

func no(r Reason) step { return step{reason: r} }

// contractTable says what becomes of a contract by a change, and why others are refused. It stands in the package's doc, and a
// test compares them.
var contractTable = [...][kinds]step{
	Draft: {
		activate: to(Active), suspend: no(NotActive), resume: no(NotSuspended), amend: to(Draft), cancel: to(Cancelled),
	},
	Active: {
		activate: no(AlreadyActive), suspend: to(Suspended), resume: no(NotSuspended), amend: to(Active), cancel: to(Cancelled),
	},
	Suspended: {
		activate: no(AlreadyActive), suspend: no(AlreadySuspended), resume: to(Active), amend: to(Suspended), cancel: to(Cancelled),
	},
	Cancelled: allOf(contractKinds[:], HasEnded),
	Expired:   allOf(contractKinds[:], HasExpired),
}

// contractKinds and mandateKinds are the changes of each.
var (
	contractKinds = [...]kind{activate, suspend, resume, amend, cancel}
	mandateKinds  = [...]kind{sign, submit, confirm, activate, suspend, resume, amend, collect, revoke, fail}
)

// mandateTable is as contractTable, of a mandate of any scheme and kind; see mandateRules.
var mandateTable = [...][kinds]step{
	MandateDraft: {
		sign: to(MandateSigned), submit: no(NotSigned), confirm: no(NotSubmitted), activate: no(NotSigned),
		suspend: no(NotActive), resume: no(NotSuspended), amend: to(MandateDraft), collect: no(NotActive),
		revoke: to(MandateRevoked), fail: no(NotSigned),
	},
	MandateSigned: {
		sign: no(AlreadySigned), submit: to(MandatePendingBank), confirm: no(NotSubmitted), activate: to(MandateActive),
		suspend: no(NotActive), resume: no(NotSuspended), amend: to(MandateSigned), collect: no(NotActive),
		revoke: to(MandateRevoked), fail: to(MandateFailed),
	},
	MandatePendingBank: {
		sign: no(AlreadySigned), submit: no(AlreadySubmitted), confirm: to(MandateActive), activate: no(AlreadySubmitted),
		suspend: no(NotActive), resume: no(NotSuspended), amend: no(AlreadySubmitted), collect: no(NotActive),
		revoke: to(MandateRevoked), fail: to(MandateFailed),
	},
	MandateActive: {
		sign: no(AlreadySigned), submit: no(AlreadyActive), confirm: no(AlreadyActive), activate: no(AlreadyActive),
		suspend: to(MandateSuspended), resume: no(NotSuspended), amend: to(MandateActive), collect: to(MandateActive),
		revoke: to(MandateRevoked), fail: to(MandateFailed),
	},
	MandateSuspended: {
		sign: no(AlreadySigned), submit: no(AlreadyActive), confirm: no(AlreadyActive), activate: no(AlreadyActive),
		suspend: no(AlreadySuspended), resume: to(MandateActive), amend: to(MandateSuspended), collect: to(MandateSuspended),
		revoke: to(MandateRevoked), fail: to(MandateFailed),
	},
	MandateRevoked:  allOf(mandateKinds[:], HasEnded),
	MandateExpired:  allOf(mandateKinds[:], HasExpired),
	MandateConsumed: allOf(mandateKinds[:], WasConsumed),
	MandateFailed:   allOf(mandateKinds[:], HasFailed),
}

// allOf refuses all changes for one reason: the row of a final status.
func allOf(of []kind, r Reason) (row [kinds]step) {
	for _, k := range of {
		row[k] = no(r)
	}
	return row
}

// rules are a table, as a timeline asks for it.
type rules interface {
	step(status uint8, k kind) step
	final(status uint8) bool
	expired() uint8
	name(status uint8) string
	keeps(k kind) bool // on the timeline
}

type contractRules struct{}

func (contractRules) step(status uint8, k kind) step { return contractTable[status][k] }
func (contractRules) final(status uint8) bool        { return Status(status).Final() }
func (contractRules) expired() uint8                 { return uint8(Expired) }
func (contractRules) name(status uint8) string       { return Status(status).String() }
func (contractRules) keeps(kind) bool                { return true }

// mandateRules are mandateTable, and what the scheme and the kind of a mandate make of it.
type mandateRules struct {
	scheme Scheme
	often  MandateKind
}

func (r mandateRules) step(status uint8, k kind) step {
	s := mandateTable[status][k]
	switch {
	case s.reason != "":
	case k == submit && r.scheme == Core:
		return no(NotB2B)
	case k == activate && r.scheme == B2B:
		return no(BankMustConfirm)
	case k == collect && r.often == OneOff:
		return to(MandateConsumed)
	}
	return s
}

func (mandateRules) final(status uint8) bool  { return MandateStatus(status).Final() }
func (mandateRules) expired() uint8           { return uint8(MandateExpired) }
func (mandateRules) name(status uint8) string { return MandateStatus(status).String() }

// keeps says that the collections of a recurrent mandate are not kept: they lead nowhere, and there is no end of them.
func (r mandateRules) keeps(k kind) bool { return k != collect || r.often == OneOff }
