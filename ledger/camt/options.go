package camt

import (
	"strings"
	"time"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Version is a version of camt.053.001.
type Version uint8

// The versions that Write knows.
const (
	V02 Version = 2 // camt.053.001.02, of 2009, which many systems still read
	V08 Version = 8 // camt.053.001.08, of 2019, which banks agreed on for their customers
)

// namespace returns the XML namespace of the version; "" for one that is not known.
func (v Version) namespace() string {
	switch v {
	case V02:
		return "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
	case V08:
		return "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
	}
	return ""
}

// Options are what a message says beyond the statement. MessageID and Created must be set.
type Options struct {
	_ struct{} // disallow positional literals

	Version     Version   // V08 if it is 0
	MessageID   string    // GrpHdr/MsgId, by which the receiver knows the message again; at most 35 characters
	Created     time.Time // CreDtTm, of the message and the statement; written in the statement's zone
	StatementID string    // Stmt/Id, at most 35 characters; MessageID if it is empty
	Sequence    uint64    // Stmt/ElctrncSeqNb, one more than that of the statement before; at most 18 digits; left out if it is 0

	Account  AccountID // Acct/Id; the ledger's name of the account if it is the zero value
	Name     string    // Acct/Nm, at most 70 characters; that of the statement if it is empty
	Owner    string    // Acct/Ownr/Nm, at most 140 characters; left out if it is empty
	Servicer string    // Acct/Svcr, the bank's BIC; left out if it is empty
	// Available is the balance CLAV: what the owner can dispose of at the end of the last day. It is positive on the credit
	// side. Left out if it is the zero value.
	Available money.Amount

	// Describe, where it is set, is called for each entry with what would be written of it, and may change that: to map the
	// ledger's codes to bank transaction codes, or to name the other party. It is called twice for each entry,
	// in order, and must do the same both times.
	Describe func(e *ledger.Entry, t *Transaction)
}

// AccountID identifies an account: by its IBAN, or otherwise. Exactly one of the two is set.
type AccountID struct {
	IBAN  string // in the electronic form, without spaces
	Other string // Othr/Id, at most 34 characters
}

// Transaction is what a message says of an entry beyond its amount, side and dates. What is empty is left out.
type Transaction struct {
	_ struct{} // disallow positional literals

	ServicerRef string // AcctSvcrRef, the bank's reference, at most 35 characters. Default: the transfer, a UUID without its hyphens
	EndToEndID  string // Refs/EndToEndId, at most 35 characters. Default: Details.Reference
	Code        Code   // BkTxCd. Default: Details.Code as the proprietary code
	Reversal    bool   // RvslInd: the entry takes back an earlier one, on the other side. Default: whether Entry.Reverses is set
	Counter     Party  // the debtor of a credit, the creditor of a debit; roles as before a reversal. Default: Entry.Counter as an account
	Remittance  string // RmtInf/Ustrd, at most 140 characters. Default: Details.Text
	Info        string // AddtlNtryInf, the bank's words for the kind of entry, at most 500 characters
}

// Code is a bank transaction code: that of ISO 20022 in three parts of at most 4 characters, the bank's own of at most 35, or
// both. Where neither is set, "not available" is written: XTND, NTAV, NTAV.
type Code struct {
	Domain, Family, SubFamily string // Domn: all three, or none
	Proprietary, Issuer       string // Prtry
}

// Party is whom a transaction was with.
type Party struct {
	Name    string // at most 140 characters
	Account AccountID
}

// describe returns what is written of an entry.
func (o *Options) describe(e *ledger.Entry) Transaction {
	t := Transaction{
		ServicerRef: withoutHyphens(e.Transfer),
		EndToEndID:  e.Reference,
		Code:        Code{Proprietary: e.Code},
		Reversal:    e.Reverses != "",
		Counter:     Party{Account: AccountID{Other: e.Counter}},
		Remittance:  e.Text,
	}
	if o.Describe != nil {
		o.Describe(e, &t)
	}
	if t.Code == (Code{}) {
		t.Code = Code{Domain: "XTND", Family: "NTAV", SubFamily: "NTAV"}
	}
	return t
}

// withoutHyphens returns a UUID without its hyphens, because it does not fit 35 characters with them; anything else as it is.
func withoutHyphens(s string) string {
	const form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if !matches(s, form) {
		return s
	}
	return strings.ReplaceAll(s, "-", "")
}
