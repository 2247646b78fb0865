// Package civil holds the calendar date of a business: a day without a time of day or a zone.
//
// # Basics
//
// Value dates, booking dates, billing days and maturities are days of a calendar, not instants: they do not move when somebody
// looks at them from another zone. A [Date] is made by [NewDate], read by [ParseDate], or is the day that an instant falls on
// in a zone ([DateOf]). [Date.Start] goes back: the first instant of the day in a zone.
//
// # Representation
//
// A Date is one number, so dates compare with < and ==, and are map keys. The zero Date is no date: it is before every other,
// writes as "", and is refused where a date is needed. The calendar is the proleptic Gregorian one, years 1 to 9999, as in
// ISO 8601.
//
// # Months
//
// A month is not 30 days: AddMonths keeps the day of the month, or takes the last one that the month has. So one month after
// 31 January is 28 or 29 February, and two months after it is 31 March: add from the same start, not one month at a time.
//
// # Errors
//
// [ErrInvalid] is wrapped by whatever is refused. Nothing here panics but [MustParseDate].
//
// # Complexity
//
// Everything is O(1). Nothing allocates but what returns a new string or slice.
package civil
