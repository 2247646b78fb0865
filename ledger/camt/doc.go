// Package camt writes a statement of the ledger as ISO 20022 camt.053 (BankToCustomerStatement), which a customer's books read.
//
// # Basics
//
// [Write] takes a [ledger.Statement] by booking date and [Options]: an id and an instant for the message, and what the ledger
// does not know, such as the IBAN, the owner's name, and the bank's BIC. Two versions can be written: [V08], the default, and
// [V02].
//
//	Document / BkToCstmrStmt
//	├─ GrpHdr                 MsgId, CreDtTm
//	└─ Stmt                   Id, ElctrncSeqNb, CreDtTm, FrToDt
//	   ├─ Acct                Id (IBAN or Othr), Ccy, Nm, Ownr, Svcr
//	   ├─ Bal                 OPBD on the first day, CLBD and CLAV on the last
//	   ├─ TxsSummry           how many, their sum and their net: of all, of the credits, of the debits
//	   └─ Ntry …              NtryRef, Amt, CdtDbtInd, RvslInd, Sts BOOK, BookgDt, ValDt, AcctSvcrRef, BkTxCd
//	      ├─ NtryDtls/TxDtls  EndToEndId, Amt, the other party, Ustrd
//	      └─ AddtlNtryInf
//
// One message holds one statement, and an entry one transaction. What stands in an entry by default, and how to say more, is
// told at [Transaction]; Options.Describe is where a bank maps its codes and names the other party.
//
// # Sides
//
// CdtDbtInd is told from the point of view of the account's owner, to whom a credit is money in. These are the sides of the
// bank's own books: a credit of a customer's account, which is a liability, is CRDT. So a side is written as the ledger booked
// it, whatever the account's type, and a balance by the side on which it stands:
//
//	account                            ledger's balance   side     Bal
//	a customer's money   (liability)   100.00             credit   100.00 CRDT
//	the same, overdrawn                -20.00             debit    20.00  DBIT
//	a customer's loan    (asset)       500.00             debit    500.00 DBIT: owed to the bank
//	nothing              (any)         0.00               either   0.00   CRDT
//
// An account that the bank has with another bank is an asset, too. But its statement is the other bank's to write; what the
// ledger has of it is a mirror, on the opposite sides.
//
// Amounts are never negative. An entry that takes back a debit is a CRDT with RvslInd, and who was the creditor of the debit
// is still called so.
//
// # Texts
//
// A text is written as it is, in UTF-8: nothing is transliterated to the Latin letters of SEPA, cut or replaced. What the
// schema or XML 1.0 cannot hold is refused, and the error names the element: more characters than it may have, a control
// character other than tab, line feed and carriage return, U+FFFE, U+FFFF, bytes that are not UTF-8. The ledger's own limits
// (35 characters for a reference, 140 for a text) are those of the schema, but not for ids: a transfer's of more than 35
// characters, or another account's of more than 34, is replaced in Options.Describe; the account's own in Options.Account, and
// its name, if that has more than 70, in Options.Name.
//
// One default is another form of what the ledger has: the 36 characters of a UUID do not fit AcctSvcrRef, so it loses its
// hyphens.
//
// # Time
//
// No clock is read. Days are those of the statement's zone; FrToDt goes from the first instant of the first day to the last
// second of the last one, with the zone's distance from UTC.
//
// # Errors
//
// What is refused wraps [ledger.ErrInvalid]. Nothing has been written then, because all is checked before. An error of the
// writer is wrapped, and may leave half a message behind: write to a file of another name and rename it.
//
// # Source
//
// The schemas camt.053.001.02 and camt.053.001.08 of the ISO 20022 repository, which anybody may use without a fee
// (https://www.iso20022.org/intellectual-property-rights). They are not part of this module. The tests hold a table of the
// elements that are written, compare it with the schemas where they are at hand, and validate messages against them with
// xmllint. What a country or bank asks for beyond the schema, such as Swiss or German guidelines, is not checked.
//
// # Complexity
//
// O(n) for n entries, in two passes: one to check and one to write. Nothing of the message is kept in memory.
package camt
