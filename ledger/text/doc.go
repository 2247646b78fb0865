// Package text writes a statement of the ledger for people: as a page of plain text, and as CSV for a spreadsheet.
//
// # The page
//
// [Write] writes a line for each entry. Figures come first and what describes an entry comes last, so that no letter, however
// wide a terminal draws it, can move a figure out of its column:
//
//	Account   customer-7
//	Name      Current account
//	Currency  EUR
//	Days      2026-11-20 to 2026-11-20, by booking, UTC
//	Balance   credits less debits
//
//	Booked      Value              Debit        Credit       Balance  Details
//	----------  ----------  ------------  ------------  ------------  -------
//	                                                          100.00  opening balance
//	2026-11-20  2026-11-20         35.50                       64.50  Shoes | INV-42 | to merchant-9
//	----------  ----------  ------------  ------------  ------------  -------
//	                               35.50          0.00         64.50  closing balance, debits: 1, credits: 0
//
// Columns grow with the largest figure. The details are the text, the reference, and the account on the other side: a debit
// moves money to it, a credit from it; and the transfer that a reversal takes back. Nothing is cut.
//
// Texts come from outside, and a terminal obeys what it is sent. So in a page, line feeds, tabs and every kind of space are
// one space, and any other character that is not for printing (control characters, escape sequences, marks that turn the
// direction of writing, bytes that are not UTF-8) is U+FFFD. The joiners that emoji and some scripts need stay.
//
// # CSV
//
// [WriteCSV] writes RFC 4180: one header line, a line for each entry, fields between commas, lines that end in CR LF, UTF-8
// without a byte order mark. The columns, and their order, do not change without a new name:
//
//	number     of the entry in the account
//	position   of the entry in the journal
//	transfer   its id                              text
//	at         when it was booked                  2026-11-20T11:00:00.000001Z, in UTC
//	booked     the day, in the statement's zone    2026-11-20
//	value      the value date                      2026-11-20
//	debit      the amount, or empty                35.50
//	credit     the amount, or empty
//	currency   EUR
//	balance    once it was booked                  -12.00
//	reference  end-to-end identification           text
//	text       remittance information              text
//	code       the bank's own                      text
//	counter    the account on the other side       text
//	reverses   the transfer it takes back          text, empty if it is no reversal
//	forced     whatever limits said                true or false
//
// A spreadsheet takes a text for a formula if it begins with one of = + - @, their wide forms ＝ ＋ － ＠, a tab, a carriage
// return or a line feed. A customer can choose what another one's statement says, so such a text gets an apostrophe before it,
// and so does one that begins with an apostrophe: whoever reads a text column takes one leading apostrophe away and has the
// text again. Figures are not guarded; a balance may begin with a minus. The guard holds where commas separate fields: a
// spreadsheet told to split at semicolons makes fields of its own.
//
// Texts are else as they are, line breaks included, between quotes where RFC 4180 asks for it.
//
// # Errors
//
// A statement that does not add up is refused with an error that wraps [ledger.ErrInvalid], and nothing is written; so is a
// CSV with a text that is not UTF-8. An error of the writer is wrapped.
//
// # Complexity
//
// O(n) for n entries, in two passes. Nothing of what is written is kept in memory.
package text
