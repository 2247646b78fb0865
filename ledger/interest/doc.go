// Package interest is the exact arithmetic of interest on accounts: savings, and overdrafts. It knows no accounts and no events.
//
// # Basics
//
// [Terms] say what an account earns: dated annual rates by the size of the balance, for balances above zero and below, a
// [DayCount], the [Period] after which interest is posted, and its rounding. They are made of a [Spec], or read from JSON.
// [Terms.Accrue] returns the interest of any days over a history of balances by value date, as an [Accrued], which is exact.
// [Accrued.Due] says what is to be posted, and [Terms.Explain] why.
//
// # Formula
//
//	interest of the days [from, to)  =  Σ balance · rate · Fraction(a, b)
//
// over the stretches [a, b) of the days on which neither the balance nor the rates change. The balance at the end of day d
// earns from d to d+1: what comes with the value date of 1 March earns for that day, and on the value date of leaving it earns
// no more. The fraction of a year is that of the day count, as in the 2006 ISDA Definitions, section 4.16:
//
//	DayCount       name          ISO 20022   1 Feb to 1 Mar 2027   1 Jan to 31 Dec 2028
//	Act365F        act_365f      A005        28/365                365/365
//	Act360         act_360       A004        28/360                365/360
//	ActAct         act_act       A008        28/365                365/366
//	Thirty360E     30e_360       A011        30/360                359/360
//	Thirty360EOM   30e_360_eom   A013        30/360                359/360
//
// # Units and signs
//
// Balances are minor units of the currency of the terms. A [money.Rate] is for a year and a part of 1: 0.025 is 2.5 %. Interest
// is the rate times the balance with the signs of both: above zero the account gets it, below zero it owes it. So a debit rate
// of 0.115 charges an overdraft 11.5 %, and a credit rate of -0.005 charges a deposit half a percent.
//
// # Rounding
//
// Nothing is rounded until [Accrued.Amount]. All rates are whole numbers of 10^-12, and all days whole numbers of 1/1,603,080
// year (the least common multiple of 360, 365 and 366), so interest is a whole number of the product of both, and is kept as
// one, of 128 bits. From that follow the laws:
//
//	I1. The interest of any parts of the days sums up to that of the whole, to the last digit.
//	I2. A change of balance or rate to what it was already changes nothing.
//	I3. Postings of [Accrued.Due] sum up to the total, rounded once, however many and whenever they were.
//	I4. The interest is that of each day by itself, in exact fractions, summed up.
//
// For I3 the total is that from the beginning, and not from the last posting: rounding every posting by itself would lose or
// gain up to a minor unit each time. A change of the past needs nothing else: accrue again over the history as it is now, and
// what is due is the correction, posted in the period that is open.
//
// # Time
//
// There is no clock and no zone: days are a [civil.Date]. Which day an instant falls on is for the caller to say.
//
// # Errors
//
// What is returned wraps [ErrInvalid], [ErrNoRates], or a sentinel of package money. Nothing panics but [MustTerms].
//
// # Caveats
//
// Rates are nominal and interest on interest comes from posting alone; an effective annual rate must be converted by whoever
// states it. Days are not moved to business days. A minimum or average balance of a period, as some products pay on, is not
// that of a day: give it as the history. In 30/360 counts some days earn nothing and others several times, which is what they
// are for.
//
// # Complexity
//
// Accrue costs a step for each change of balance or rates, whatever the number of days, and the check that the history is in
// order; it does not allocate. Day counts and periods are O(1).
package interest
