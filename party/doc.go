// Package party says who the parties of a payment are: their identifiers, addresses and countries, and what is wrong with them.
//
// # Basics
//
// Every identifier is a string type in its electronic form: [IBAN], [BIC], [CreditorID] (ICS), [MandateReference] (RUM), [SIREN],
// [SIRET], [VATNumber], [Country]. Its Parse function reads what people and files give; its Validate method checks what was decoded
// from JSON or a database, which checks nothing by itself: whoever decodes calls Validate. An [Address] is the structured one of ISO
// 20022, and a [Party] is a customer or an issuer of invoices with what is known of it.
//
// # What is checked
//
//	type               characters          country          form              check digits
//	IBAN               A-Z 0-9             SWIFT registry   SWIFT registry    ISO 7064 MOD 97-10
//	BIC                A-Z 0-9             ISO 3166-1, XK   ISO 9362          it has none
//	CreditorID         A-Z 0-9             ISO 3166-1, XK   10 countries      ISO 7064 MOD 97-10, business code aside
//	MandateReference   basic SEPA set      it has none      slashes, spaces   it has none
//	SIREN, SIRET       0-9                 it has none      9 and 14 digits   Luhn; a rule of its own for La Poste
//	VATNumber          A-Z 0-9 + *         EU and XI        VIES              BE, DE, FR, IT and LU
//	Address            any but controls    ISO 3166-1, XK   PostalAddress24   it has none
//
// Nothing is asked of another service: that an IBAN is valid does not say that there is such an account. The source of each table
// stands beside it, with its release.
//
// # Form
//
// Parse functions drop single spaces between characters, so printed forms are read ("FR14 2004 ..."), those of BIC, MandateReference
// and Country aside. Nothing else is mended: lower case is refused, because ISO 13616 and ISO 9362 know capitals alone, and what is
// stored is then what was sent. Fold and trim before, where a form is to be kind. A MandateReference keeps its case.
//
// The zero value of each type is none, and refused as [Missing]. In a Party, what is "" is not there.
//
// # Reasons and errors
//
// An error is an [*Error], which wraps [ErrInvalid]: the field, by its JSON name, and a [Reason]. Of several reasons the first in
// the order of [Reasons] is given, and of several fields the first in their order. Whether a reason refuses or only warns is for the
// caller to say: old books hold identifiers that were never right, and a reader of them may want to go on after a
// [WrongCheckDigits].
//
// No message repeats what stood in the field, because it is a person's data. An IBAN in a log is masked ([IBAN.Masked], and by
// log/slog), and a *Party is its reference; fmt prints both in full.
//
// # Caveats
//
// The tables age: countries join the IBAN registry about once a year, and an IBAN of one that has is refused as [UnknownCountry]
// until this package is released anew ([IBANRelease]). National check digits inside of an IBAN are not looked at.
//
// # Complexity
//
// Everything is O(1): lengths are bounded before anything else is looked at. Values are immutable, and safe for concurrent use.
package party
