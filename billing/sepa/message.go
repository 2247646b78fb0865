package sepa

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// Version is a version of pain.008.001.
type Version uint8

// The versions that Write knows.
const (
	V02 Version = 2 // pain.008.001.02, of 2009, which many banks still take
	V08 Version = 8 // pain.008.001.08, of 2019, which the schemes use today
)

// Namespace returns the XML namespace of the version; "" if it is not known.
func (v Version) Namespace() string {
	switch v {
	case V02:
		return "urn:iso:std:iso:20022:tech:xsd:pain.008.001.02"
	case V08:
		return "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"
	}
	return ""
}

// Sequence is the sequence type of a collection, as pain.008 writes it. "" is that of the mandate's kind: Recurring or OneOff.
type Sequence string

// The sequence types.
const (
	First     Sequence = "FRST" // the first of a recurrent mandate. Since November 2016 Recurring says as much
	Recurring Sequence = "RCUR" // any of a recurrent mandate, the first included
	Final     Sequence = "FNAL" // the last of a recurrent mandate
	OneOff    Sequence = "OOFF" // the only one of a one-off mandate
)

// Valid reports whether s is one of the constants, or "".
func (s Sequence) Valid() bool {
	return s == "" || s == First || s == Recurring || s == Final || s == OneOff
}

// The bounds of a message.
const (
	MaxCollections = 100_000 // of a message; banks may take less
	MaxGroups      = 9_999   // so that their ids have room
	MaxCreditors   = 1_000   // of a message
	MaxMessageID   = 30      // characters: a group's id has the message's before a hyphen and its number, and 35 in all
	MaxName        = 70      // characters of a name in SEPA, where ISO 20022 has 140
)

// Message is what is handed to a bank: collections that it is to make.
type Message struct {
	_ struct{} // disallow positional literals

	Version     Version    // V08 if it is 0
	ID          string     // GrpHdr/MsgId, by which the bank knows the message again: at most MaxMessageID characters, never used twice
	CreatedAt   time.Time  // CreDtTm, written in UTC with whole seconds
	Initiator   string     // InitgPty/Nm, who sends it
	Creditors   []Creditor // of the collections, each once
	Collections []Collection
}

// Creditor is what a message says of a creditor beside its name, which is that of the mandate.
type Creditor struct {
	_ struct{} // disallow positional literals

	ID      party.CreditorID // that of the mandates
	IBAN    party.IBAN       // of the account that gets the money
	BIC     party.BIC        // of its bank; "" is written as NOTPROVIDED
	Address party.Address    // left out if it is zero
}

// Collection is a direct debit of one debtor by a mandate.
type Collection struct {
	_ struct{} // disallow positional literals

	EndToEndID string               // by which its returns know it: at most 35 characters, once in the message, better never again
	Mandate    contract.MandateView // active when the message is created, and on the due date as far as is known
	Amount     money.Amount         // EUR, above zero and at most MaxAmount
	Due        civil.Date           // ReqdColltnDt, a TARGET day after that on which the message is handed in: see DueDate
	Sequence   Sequence             // that of the mandate's kind if it is ""
	Remittance string               // what the debtor reads, at most 140 characters
	Address    party.Address        // of the debtor: needed if the account is outside of the EEA
}

// MaxAmount is the largest amount of a collection: 999,999,999.99 EUR, that of the schemes.
func MaxAmount() money.Amount { return money.New(999_999_999_99, money.EUR) }

// sequence is the sequence type as it is written.
func (c *Collection) sequence() Sequence {
	if c.Sequence == "" && c.Mandate.Kind == contract.OneOff {
		return OneOff
	}
	return cmp.Or(c.Sequence, Recurring)
}

// Group is an element PmtInf: what a bank books together.
type Group struct {
	_ struct{} // disallow positional literals

	ID           string // PmtInfId: the message's id, a hyphen, and the number of the group, from 1
	Due          civil.Date
	Scheme       contract.Scheme
	Sequence     Sequence
	Creditor     party.CreditorID
	CreditorName string
	Sum          money.Amount  // CtrlSum
	Collections  []*Collection // by EndToEndID; they are those of the message
}

// Groups checks a message and returns its groups: the collections of one due date, sequence type and creditor, in that order. What
// order the message has them in does not matter.
//
// Groups returns an error that wraps [ErrInvalid] and names the field if [Write] would. It costs O(n log n) for n collections.
func (m *Message) Groups() ([]Group, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	sorted := make([]*Collection, len(m.Collections))
	for i := range m.Collections {
		sorted[i] = &m.Collections[i]
	}
	slices.SortFunc(sorted, func(a, b *Collection) int {
		return cmp.Or(compareGroups(a, b), cmp.Compare(a.EndToEndID, b.EndToEndID))
	})
	var groups []Group
	for start, end := 0, 0; start < len(sorted); start = end {
		c := sorted[start]
		for end = start; end < len(sorted) && compareGroups(c, sorted[end]) == 0; end++ {
		}
		if len(groups) == MaxGroups {
			return nil, invalid("collections", fmt.Sprintf("more than %d groups", MaxGroups))
		}
		sum, err := sumOf(sorted[start:end])
		if err != nil {
			return nil, below("collections", err)
		}
		groups = append(groups, Group{
			ID: m.ID + "-" + strconv.Itoa(len(groups)+1), Due: c.Due, Scheme: c.Mandate.Scheme, Sequence: c.sequence(),
			Creditor: c.Mandate.Creditor, CreditorName: c.Mandate.CreditorName, Sum: sum, Collections: sorted[start:end:end],
		})
	}
	return groups, nil
}

// compareGroups orders collections by what their group is told by.
func compareGroups(a, b *Collection) int {
	return cmp.Or(
		cmp.Compare(a.Due, b.Due), cmp.Compare(a.Mandate.Scheme, b.Mandate.Scheme), cmp.Compare(a.sequence(), b.sequence()),
		cmp.Compare(a.Mandate.Creditor, b.Mandate.Creditor), cmp.Compare(a.Mandate.CreditorName, b.Mandate.CreditorName))
}

// sumOf cannot overflow: MaxCollections times MaxAmount has 17 digits.
func sumOf(collections []*Collection) (money.Amount, error) {
	sum := money.New(0, money.EUR)
	for _, c := range collections {
		var err error
		if sum, err = sum.Add(c.Amount); err != nil {
			return money.Amount{}, err
		}
	}
	return sum, nil
}
