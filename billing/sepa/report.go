package sepa

import (
	"strings"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
)

// Report is what a bank says of collections: a pain.002 of what became of a message, or a camt.054 of what was booked.
type Report struct {
	_ struct{} // disallow positional literals

	Format    string     // "pain.002.001.03", "camt.054.001.08"
	MessageID string     // GrpHdr/MsgId of the report
	CreatedOn civil.Date // the day of GrpHdr/CreDtTm, as it is written there

	// Of a pain.002: what became of the message and of its groups as a whole. A status of "RJCT" without transactions is told of all
	// that are in them: see Expand.
	Original     string // OrgnlMsgId
	OriginalName string // OrgnlMsgNmId, what kind of message that was: "pain.008.001.08"
	Whole        Outcome
	Groups       []GroupOutcome

	Returns []Return // what was rejected, returned, refunded or reversed, in the order of the report
	Others  []Other  // the transactions that are none of that
}

// Outcome is a status, with the reason where there is one.
type Outcome struct {
	Status string // of ISO 20022: "RJCT", "PART", "ACCP"; "" if the report has none
	Code   string // the reason; "" if the report has none
	Text   string
}

// GroupOutcome is the status of a group of a message.
type GroupOutcome struct {
	Group string // OrgnlPmtInfId
	Outcome
}

// Return is a collection that was not paid, or was taken back.
type Return struct {
	_ struct{} // disallow positional literals

	MessageID  string // of the report
	EndToEndID string // of the collection; "" if the report has none
	Nth        int    // how many returns with that EndToEndID the report has before: 0, but for very odd ones
	Group      string // PmtInfId of the collection; "" if the report has none
	Mandate    string // its reference, as the report has it; "" if it has none

	Code string // the reason, for ReasonOf; "" if the report has none. A bank's own may have up to 35 characters
	Text string // what else the bank says of it, at most MaxText characters
	Kind Kind

	// Amount is that of the collection, and Booked what was taken from the creditor's account, which may have the debtor's bank's
	// charges in it. Each is the zero Amount if the report does not tell, as a pain.002 need not tell the first and never has the
	// second. Neither was compared with anything, nor its currency: that is for whoever knows the collection.
	Amount money.Amount
	Booked money.Amount

	On        civil.Date // the day of the booking, or of a pain.002 itself
	Duplicate bool       // the bank calls the notification a copy or a duplicate of another one, which may have another MessageID
}

// Key tells a return from all others: a report that is read twice gives the same keys.
type Key struct {
	MessageID  string
	EndToEndID string
	Nth        int
}

// Key returns what to remember of a return that was dealt with.
func (r *Return) Key() Key { return Key{r.MessageID, r.EndToEndID, r.Nth} }

// Reason returns what is known of the code. What the creditor itself has reversed is not to be collected again, but looked at.
func (r *Return) Reason() Reason {
	reason := ReasonOf(r.Code)
	if r.Kind == Reversal && reason.Action == Retry {
		reason.Action, reason.Retries = Manual, 0
	}
	return reason
}

// KindFor returns the kind for a collection of which the due date and the scheme are known: what comes back as MD01 after the last
// day for returns is the refund of a collection that was not authorised, since banks write both the same way.
func (r *Return) KindFor(due civil.Date, scheme contract.Scheme) Kind {
	last := DeadlinesOf(due, scheme).Return
	if r.Kind == Returned && r.Code == "MD01" && last.Valid() && r.On > last {
		return Refund
	}
	return r.Kind
}

// Other is a transaction that is no return: one that a pain.002 calls accepted or pending, or that is of a message other than
// pain.008; one of a camt.054 that is not a direct debit, is not booked yet, or is money in. An entry of a camt.054 of which not all
// transactions are told, or none, is one as well, with all of its amount.
type Other struct {
	EndToEndID string
	What       string // "ACCP"; "RJCT of pain.001.001.09"; "CRDT BOOK PMNT/ICDT/RRTN"; "DBIT BOOK PMNT/IDDT/UPDD 1 of 2"
	Amount     money.Amount
}

// Expand returns the returns of a report, and one for each collection of a message that was rejected as a whole, or whose group was,
// but is not told of by itself: a bank that refuses a file says no more than that.
//
// Expand returns an error that wraps [ErrInvalid] if:
//   - the report is of another message, or of another kind of message;
//   - it rejects a group that the message does not have, and tells none of its transactions, so that nobody knows which they are;
//   - it rejects a group at one place and not at another, and does not tell each transaction of it;
//   - it rejects the message or a group as a duplicate: of the collections, the report on the first one says what became;
//   - [Message.Groups] fails.
//
// It costs what Groups does, and O(n) for a report of n groups and transactions.
func (r *Report) Expand(m *Message) ([]Return, error) {
	if r.Original != m.ID || !r.isOfCollections() {
		return nil, invalid("id", "the report is of another message")
	}
	groups, err := m.Groups()
	if err != nil {
		return nil, err
	}
	if err := r.checkGroups(groups); err != nil {
		return nil, err
	}
	told := make(map[string]bool, len(r.Returns)+len(r.Others))
	for i := range r.Returns {
		told[r.Returns[i].EndToEndID] = true
	}
	for i := range r.Others {
		told[r.Others[i].EndToEndID] = true
	}
	out := append([]Return(nil), r.Returns...)
	outcomes, torn := r.outcomes()
	for i := range groups {
		why, torn := r.Whole, torn[groups[i].ID]
		if g := outcomes[groups[i].ID]; g != nil {
			why = g.or(r.Whole)
		}
		if !why.isReject() && !torn {
			continue
		}
		for _, c := range groups[i].Collections {
			if told[c.EndToEndID] {
				continue
			}
			if torn {
				return nil, invalid("groups", "one was rejected at one place, and not at another")
			}
			if reason := ReasonOf(why.Code); reason.Action == NeverRetry {
				return nil, invalid("id", "the bank has seen the message before, and says nothing of what became of it ("+reason.Code+")")
			}
			out = append(out, Return{
				MessageID: r.MessageID, EndToEndID: c.EndToEndID, Group: groups[i].ID, Mandate: string(c.Mandate.Reference),
				Code: why.Code, Text: why.Text, Kind: Reject, Amount: c.Amount, On: r.CreatedOn,
			})
		}
	}
	return out, nil
}

// checkGroups returns an error if a group was rejected as a whole that is none of these, and the message was not.
func (r *Report) checkGroups(groups []Group) error {
	if r.Whole.isReject() {
		return nil
	}
	known := make(map[string]bool, len(groups))
	for i := range groups {
		known[groups[i].ID] = true
	}
	for i := range r.Returns {
		known[r.Returns[i].Group] = true
	}
	for i := range r.Groups {
		if g := &r.Groups[i]; g.isReject() && !known[g.Group] {
			return invalid("groups", "one that the message does not have was rejected")
		}
	}
	return nil
}

// isOfCollections reports whether a report is not of credit transfers, or of another kind of message, as far as it says so.
func (r *Report) isOfCollections() bool {
	name := strings.ToLower(r.OriginalName)
	return !strings.HasPrefix(name, "pain.") || strings.HasPrefix(name, "pain.008")
}

// outcomes returns the groups with a status of their own, and those that were rejected at one place of the report and not at another.
func (r *Report) outcomes() (of map[string]*GroupOutcome, torn map[string]bool) {
	of, torn = make(map[string]*GroupOutcome, len(r.Groups)), make(map[string]bool)
	for i := range r.Groups {
		g := &r.Groups[i]
		switch before := of[g.Group]; {
		case g.Status == "":
		case before == nil:
			of[g.Group] = g
		case before.isReject() != g.isReject():
			torn[g.Group] = true
		}
	}
	return of, torn
}

// or returns the outcome, with the reason of the one above it if it has none.
func (o *Outcome) or(above Outcome) Outcome {
	out := *o
	if out.Code == "" && out.Text == "" {
		out.Code, out.Text = above.Code, above.Text
	}
	return out
}

// isReject reports whether the status says that nothing will be booked.
func (o *Outcome) isReject() bool { return o.Status == "RJCT" || o.Status == "CANC" }
