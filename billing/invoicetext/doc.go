// Package invoicetext shows an invoice to people: as a page of plain text, and as a sheet of texts that other pages are drawn of.
//
// # The page
//
// [Write] writes an invoice, a credit note or a draft, in French or English. Figures come first and what describes a line comes last, so
// that no letter, however wide a terminal draws it, can move a figure out of its column:
//
//	Facture F-2026-0001
//
//	Date d'émission              01/12/2026
//	Date d'échéance              31/12/2026
//
//	Vendeur                      Agence de voyages
//	                             12 rue du Bac
//
//	Client                       Comité d'entreprise ACME
//
//	      Date  Quantité  Prix unitaire HT   TVA  Montant HT  Désignation
//	----------  --------  ----------------  ----  ----------  -----------
//	05/11/2026         2           149,995  20 %      299,99  Imprimante | commande CMD-1
//
//	Base HT  Taux    TVA  Régime
//	-------  ----  -----  ------
//	 299,99  20 %  60,00  Taux normal ou réduit
//
//	Total HT     299,99
//	Total TVA     60,00
//	Total TTC    359,99
//	Net à payer  359,99 EUR
//
// Columns grow with the largest figure. Nothing is cut.
//
// # The sheet
//
// [SheetOf] returns what such a page shows: the words, the figures in the form of the language, and the notes that law wants to be read.
// Package billing/pdf, a module of its own, draws it on paper, so that the two say the same.
//
// # Texts
//
// Texts come from outside, and a terminal obeys what it is sent. So every kind of space and line end is one space, and any other
// character that is not for printing (control characters, escape sequences, marks that turn the direction of writing, bytes that are not
// UTF-8) is U+FFFD.
//
// # Errors
//
// An invoice that does not add up to the cent is refused with an error that wraps [billing.ErrInvalid], and nothing is written: see
// [einvoice.Check]. An error of the writer is wrapped. What electronic invoices ask for besides, addresses above all, is not asked here.
//
// # Complexity
//
// O(n) for n lines, in time and memory: columns are as wide as what stands in them. Everything is safe for concurrent use.
package invoicetext
