// Package pdf draws an invoice, a credit note or a draft as a PDF for people: pages of A4.
//
// # Basics
//
// [Write] takes what package invoicetext takes, and the pages say what its page says, in the same words: the parties, the dates, the
// mandate, the lines, the taxes, the totals and the notes. Long texts are wrapped, and nothing is cut. Each page has its number and how
// many there are, and from the second on the title; where the table of lines goes on, its head is repeated.
//
// # Bytes
//
// The same invoice gives the same bytes: the date in the file is the invoice's own, that of a draft the end of its period. No clock is
// read.
//
// # Letters
//
// The font is Go, of which the file holds the letters that it needs; text can be searched and copied. It has the letters of European
// languages, Greek and Cyrillic included, and €. A letter that it does not have is drawn as U+FFFD, and [Missing] tells it. What would
// turn the direction of writing, or is no letter, was replaced before: see package invoicetext.
//
// # Errors
//
// What does not add up, and what has too many lines or texts too long for paper, is refused with an error that wraps
// [billing.ErrInvalid], and nothing is written.
//
// # Caveats
//
// The file is for people. It is no PDF/A, and holds no XML: it is not a Factur-X. Whoever wants the law's electronic invoice sends what
// package einvoice writes.
//
// # Complexity
//
// O(n) for n lines, drawn twice because pages say how many there are; the whole file is kept in memory. Safe for concurrent use.
//
// This is a module of its own: the library links no PDF.
package pdf
