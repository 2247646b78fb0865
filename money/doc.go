// Package money holds exact amounts of money, exact rates, and the rounding between them.
//
// # Representation
//
// An [Amount] is a whole number of minor units (cents, yen, fils) in an int64, and a [Currency]. A Currency is its
// ISO 4217 numeric code, so every currency is a constant: [EUR], [JPY], [BHD]. A [Rate] is a fraction of two int64 in
// lowest terms: a percentage, a VAT rate, a price of one currency in another, a share. All are small values, immutable,
// comparable with == and usable as map keys, and safe for concurrent use. There is no float in this package.
//
// # Constraints
//
// The range of an Amount is that of an int64 minor unit; nothing is rounded unless a [Rounding] is named.
//
//	digits after the point   example   smallest   largest
//	0                        JPY       1          ±9,223,372,036,854,775,807
//	2                        EUR       0.01       ±92,233,720,368,547,758.07
//	3                        BHD       0.001      ±9,223,372,036,854,775.807
//	4                        CLF       0.0001     ±922,337,203,685,477.5807
//
// The table of currencies is ISO 4217 List One of [ListPublished]. Codes without a minor unit (metals such as XAU, units
// of account such as XDR, test and no-currency codes) are refused: no whole number of minor units can be in them.
// A decimal Rate has at most 18 digits; as a fraction, any numerator and denominator that fit an int64.
//
// The zero Amount is no amount: 0 of no currency. Arithmetic on it is an error, and it cannot be written as JSON or
// text, so a forgotten field does not pass for a zero. The zero Rate is 0. The zero Rounding is no rounding, and refused.
//
// # Operations
//
// Add, Sub, Neg, Abs, Mul, MulRate, Convert, RoundTo, Sum, Allocate and Split are checked: the result is exact, or
// rounded as told, or an error. Intermediate results have 128 bits or more, so an error means that the result itself
// does not fit. Allocate and Split lose nothing: the parts sum back to the whole.
//
// # Rounding
//
//	Rounding           2.5   -2.5   2.4   -2.4   2.6   -2.6
//	HalfAwayFromZero   3     -3     2     -2     3     -3
//	HalfEven           2     -2     2     -2     3     -3
//	Down               2     -2     2     -2     2     -2
//	Up                 3     -3     3     -3     3     -3
//	Floor              2     -3     2     -3     2     -3
//	Ceil               3     -2     3     -2     3     -2
//
// # Time
//
// The package also keeps the form of instants: [Instant], [UnixMicro] and [FromUnixMicro]. Instants are UTC and
// whole microseconds, because PostgreSQL keeps no more: a finer one would fall on the other side of an edge once stored.
//
// # Errors
//
// Errors wrap one of the sentinels of this package ([ErrOverflow], [ErrSyntax] and so on), to be tested with errors.Is.
// Mixing currencies gives a [*CurrencyMismatchError], which carries both. Messages never repeat the input beyond a
// currency code, because what stands in the wrong field may be a person's data; they say what is wrong and at which byte.
// After an error the result is the zero value. Nothing panics but the Must functions.
//
// # Data conversion
//
//	JSON    {"amount":"12.34","currency":"EUR"}   strings, all the digits of the currency, both fields, no others
//	text    12.34 EUR
//	slog    amount=12.34 currency=EUR
//	SQL     minor units as BIGINT ([Amount.Minor]) and currency as CHAR(3) ([Currency.Code]); or NUMERIC by [Amount.Number]
//	binary  minor units as int64, the numeric code as uint16
//
// A Currency, Rate or Rounding is a string in JSON. Where such a field is missing or null, encoding/json leaves the zero
// value: no currency, the rate 0, no rounding. The first and the last are refused on use; whoever takes a Rate must say
// whether 0 is meant.
//
// github.com/shopspring/decimal is met at [FromDecimal], [RateFromDecimal] and the Decimal methods, and nowhere else.
// None of its package-level settings changes a result of this package.
//
// # Complexity
//
// Everything is O(1) and does not allocate, but for Allocate, which sorts, for what returns a new string or slice, and
// for what meets decimal.
package money
