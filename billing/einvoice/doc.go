// Package einvoice writes invoices and credit notes as electronic ones, by EN 16931, in the XML of UBL 2.1.
//
// # Basics
//
// [Write] writes a [billing.Invoice]; [Options] say what an invoice does not know: why something is exempt, electronic addresses, notes.
// [Validate] says whether it could be written, and [Check] whether its figures add up, which is all that can be asked of a draft. Write
// asks Validate before the first byte, so what breaks a rule is never written.
//
//	Invoice (380) or CreditNote (381)     urn:cen.eu:en16931:2017
//	├─ ProfileID                          the French "cadre de facturation": goods, services or both
//	├─ ID, IssueDate, DueDate, Note       VAT on debits is told in a note, and by code 3 of the period
//	├─ InvoicePeriod                      the month that is billed
//	├─ BillingReference                   of a credit note: its invoice
//	├─ ContractDocumentReference          the contract
//	├─ Accounting…Party                   name, address, VAT number, SIREN (scheme 0002), SIRET (0009); of none, our reference
//	├─ Delivery                           the date and the address that all lines have in common
//	├─ PaymentMeans                       59, SEPA direct debit, with the mandate; the creditor is an id of the seller (SEPA); 49 if not EUR
//	├─ AllowanceCharge …                  of the whole document
//	├─ TaxTotal, LegalMonetaryTotal       by category and rate, with the reason where there is no tax; BT-106 to BT-115
//	└─ InvoiceLine or CreditNoteLine …    quantity, amount, day, order (BT-128), allowance, product, tax, price
//
// # What has no place
//
// The norm has one delivery for a whole invoice. Where lines went to several addresses, or some goods tell none, the invoice has the country
// alone, if that is one, and the note of each line has its address. Notes of lines also tell the eco-participation, a refund, and a unit of
// measure that has no code we know: its quantity is then of code C62, pieces. The notes are in French, as French law asks for most of them.
//
// # Rounding
//
// Nothing is rounded here. What does not come out to the cent is refused, where the published tests of the norm let a whole unit pass; a
// credit note alone may be one minor unit off in the tax of a category, because it takes what remains of its invoice. Tax is of whole minor
// units also where a currency has no decimals, as the yen: the norm's own test reckons with two and lets the difference pass.
//
// # Errors
//
// What is refused is an [*Error], which wraps [billing.ErrInvalid] and has the rule (BR-CO-10) and the field. Of several, the first in
// the order of the document, sums before texts. No message repeats a text.
//
// # Sources
//
// Rules and code lists: EN 16931-1 and the validation artefacts of ConnectingEurope/eInvoicing-EN16931. Order of elements: OASIS UBL 2.1.
// French codes: XP Z12-012 as public readers of it quote it (BR-FR-08, BR-FR-CO-05, BR-FR-CO-09, BR-FR-CO-10); the paper itself was not at hand.
//
// # Caveats
//
//   - That a document follows the norm does not say that a country's platform takes it: France and Peppol ask for more, as an
//     electronic address of the buyer, notes PMT, PMD and AAB, and the date of the invoice that a credit note is of, which Options can
//     tell. France takes numbers of at most 35 letters, digits, and - + _ /, and of another currency than EUR the VAT in EUR.
//   - An invoice out of scope of VAT (O) names no VAT number, as BR-O-02 has it.
//   - No tax representative, no payee, no attachment, no second currency for VAT.
//
// # Complexity
//
// O(n) for n lines; a few kilobytes of memory, whatever n is. Everything is safe for concurrent use, as long as the invoice does not
// change.
package einvoice
