package ledger_test

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"testing"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

func rateOf(s string) money.Rate { return money.MustParseRate(s) }

// flatTerms are those of one rate for what there is, and one for what is owed.
func flatTerms(c money.Currency, p interest.Period, credit, debit string) *interest.Terms {
	return interest.MustTerms(interest.Spec{
		Currency: c, DayCount: interest.Act365F, Rounding: money.HalfEven, Capitalise: p,
		Rates: []interest.Rates{{
			From: onDay("2020-01-01"), Credit: interest.Flat(c, rateOf(credit)), Debit: interest.Flat(c, rateOf(debit)),
		}},
	})
}

// yearTerms have rates of which 10,000.00 earns 1.00 a day until June, then 2.00; 1,000.00 owed cost 0.50.
func yearTerms() *interest.Terms {
	debit := interest.Flat(money.EUR, rateOf("0.1825"))
	return interest.MustTerms(interest.Spec{
		Currency: money.EUR, DayCount: interest.Act365F, Rounding: money.HalfEven, Capitalise: interest.Quarterly,
		Rates: []interest.Rates{
			{From: onDay("2027-01-01"), Credit: interest.Flat(money.EUR, rateOf("0.0365")), Debit: debit},
			{From: onDay("2027-07-01"), Credit: interest.Flat(money.EUR, rateOf("0.0730")), Debit: debit},
		},
	})
}

// A savings account over a year, each cent by hand; with interest accrued every day, at the end of each month, and not at all.
func TestSavingsYear(t *testing.T) {
	for _, every := range []string{"day", "month", "never"} {
		t.Run("accrued="+every, func(t *testing.T) { savingsYear(t, every) })
	}
}

func savingsYear(t *testing.T, every string) {
	b := newBank(t, money.EUR)
	first := onDay("2027-01-01")
	b.openOwn(first)
	b.open(first, "anna", ledger.Liability, &ledger.Limits{Overdraft: ledger.NoOverdraft})
	set := ledger.SetInterest{At: noonOf(first), From: first, Terms: yearTerms(), Source: "expense"}
	if every != "never" {
		set.Accrued = "accrued"
	}
	b.mustChange("anna", set)
	today := first
	until := func(s string) civil.Date { // lets the days pass
		for ; today < onDay(s); today++ {
			if every == "day" || every == "month" && today == today.EndOfMonth() {
				b.do(b.accrue("anna", today+1, today))
			}
		}
		return today
	}
	post := func(s string, balance int64, want ...int64) {
		t.Helper()
		d := b.do(b.capitalise("anna", until(s)))
		if got := told(d.Legs, "anna", ledger.Credit); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", d.Transfer, got, want)
		}
		if got := b.booked("anna"); got != balance {
			t.Errorf("%s: balance %d, want %d", d.Transfer, got, balance)
		}
		if got := b.booked("accrued"); got != 0 {
			t.Errorf("%s: %d are still accrued", d.Transfer, got)
		}
	}

	b.do(b.move("deposit", "anna", 10_000_00, today, today))
	post("2027-04-01", 10_090_00, 90_00) // 90 days of 1.00
	b.mustChange("anna", ledger.EndPeriod{At: noonOf(until("2027-04-05")), Through: onDay("2027-03-31")})

	b.do(b.move("holiday", "anna", -90_00, until("2027-05-11"), today))
	post("2027-07-01", 10_091_36, 91_36) // 40 days of 1.009, and 51 of 1.00

	late := b.move("late", "anna", 1_000_00, until("2027-08-05"), onDay("2027-03-31"))
	if d, err := b.try(late); err != nil || d.Reason != ledger.PeriodClosed {
		t.Errorf("into a closed period: got %+v, %v", d, err)
	}
	late.ID, late.Value = "late again", onDay("2027-06-01")
	b.do(late)
	post("2027-10-01", 11_298_44, 204_08, 3_00) // 92 days of 2.218272; and 30 days of June, of 0.10 each, were not known

	b.do(b.move("car", "anna", -12_298_44, until("2027-10-11"), today))
	post("2028-01-01", -1_018_40, -18_40) // 10 days of 2.259688, and 82 of 0.50 that it owes

	// The same as banks did it on paper: euros times days, at the rate of a day.
	atOne := 10_000_00*90 + 10_090_00*40 + 10_000_00*21 + 11_000_00*30 // cents and days, at a ten-thousandth
	atTwo := 11_091_36*92 + 11_298_44*10                               // at two of them
	owed := 1_000_00 * 82                                              // at five
	paper := (atOne + 2*atTwo - 5*owed + 5_000) / 10_000
	if s, _ := b.ledger.Account("anna").Interest(); s.Posted.Minor() != int64(paper) || paper != 370_04 {
		t.Errorf("posted %s in the year, on paper it is %d", s.Posted, paper)
	}
	if got := b.booked("expense"); got != 370_04 {
		t.Errorf("it has cost the bank %d", got)
	}
	b.mustCheck()
}

// Of the yen there is no smaller part, of the dinar a thousandth. 36,500 at 10 % earn 10 a day.
func TestSavingsOfOtherCurrencies(t *testing.T) {
	for _, row := range []struct {
		currency money.Currency
		of       ledger.Type
		minor    int64
		want     int64 // of the 31 days of January
	}{
		{money.JPY, ledger.Liability, 36_500, 310},
		{money.JPY, ledger.Liability, 1_000, 8},                // 8.49
		{money.BHD, ledger.Liability, 36_500_000, 310_000},     // 310.000
		{money.BHD, ledger.Liability, 1_000_000, 8_493},        // 8.49315
		{money.EUR, ledger.Asset, 1_000_00, 8_49},              // a loan: the customer owes more
		{money.EUR, ledger.Liability, -1_000_00, -16_99},       // an overdraft, at 20 %
		{money.JPY, ledger.Liability, 1_000_000_000, 8493_151}, // 8,493,150.68
	} {
		b := newBank(t, row.currency)
		first := onDay("2027-01-01")
		b.openOwn(first)
		b.open(first, "anna", row.of, &ledger.Limits{Overdraft: ledger.NoOverdraft})
		b.mustChange("anna", ledger.SetInterest{
			At: noonOf(first), From: first, Terms: flatTerms(row.currency, interest.Monthly, "0.10", "0.20"), Source: "expense",
			Accrued: "accrued",
		})
		b.do(b.move("1", "anna", row.minor, first, first))
		for d := first; d <= onDay("2027-01-31"); d += 3 {
			b.do(b.accrue("anna", d+1, d))
		}
		b.do(b.capitalise("anna", onDay("2027-02-01")))
		if got := b.booked("anna") - row.minor; got != row.want {
			t.Errorf("%d %s: got %d, want %d", row.minor, row.currency, got, row.want)
		}
		b.mustCheck()
	}
}

// saver is a bank with one account that earns 10.00 a day on 36,500.00, monthly, and charges twice that.
func saver(t *testing.T, accrued string) *savingsBank {
	b := newBank(t, money.EUR)
	first := onDay("2027-01-01")
	b.openOwn(first)
	b.open(first, "anna", ledger.Liability, &ledger.Limits{Overdraft: ledger.NoOverdraft})
	b.mustChange("anna", ledger.SetInterest{
		At: noonOf(first), From: first, Terms: flatTerms(money.EUR, interest.Monthly, "0.10", "0.20"), Source: "expense", Accrued: accrued,
	})
	b.do(b.move("deposit", "anna", 36_500_00, first, first))
	return b
}

// A month is posted late, when days of the next are accrued already: those stay so.
func TestPostedLateKeepsWhatIsAccrued(t *testing.T) {
	b := saver(t, "accrued")
	for d := onDay("2027-01-01"); d <= onDay("2027-02-05"); d++ {
		b.do(b.accrue("anna", d+1, d))
	}
	if got := b.booked("accrued"); got != 360_00 {
		t.Fatalf("accrued: %d", got)
	}
	b.do(b.capitalise("anna", onDay("2027-02-06")))
	// Five days of February stay accrued, as they were known: on 36,500.00.
	if anna, accrued, cost := b.booked("anna"), b.booked("accrued"), b.booked("expense"); anna != 36_810_00 || accrued != 50_00 || cost != 360_00 {
		t.Errorf("anna %d, accrued %d, expense %d", anna, accrued, cost)
	}
	b.do(b.accrue("anna", onDay("2027-02-07"), onDay("2027-02-06")))
	if accrued := b.booked("accrued"); accrued != 60_51 { // six days of 36,810.00
		t.Errorf("accrued %d", accrued)
	}
	b.mustCheck()
}

// Days of a month are closed before it is posted: that is interest of the month, and no correction.
func TestClosedInTheMiddleOfAPeriod(t *testing.T) {
	b := saver(t, "")
	b.do(b.capitalise("anna", onDay("2027-02-01")))
	b.do(b.move("late", "anna", 365_00, onDay("2027-02-09"), onDay("2027-01-31"))) // 0.10 for a day of January
	for _, through := range []string{"2027-02-10", "2027-02-20"} {
		b.mustChange("anna", ledger.EndPeriod{At: noonOf(onDay("2027-02-22")), Through: onDay(through)})
	}
	d := b.do(b.capitalise("anna", onDay("2027-03-01")))
	if got := told(d.Legs, "anna", ledger.Credit); !slices.Equal(got, []int64{285_18, 10}) { // 28 days of 37,175.00 / 3,650
		t.Errorf("got %v", got)
	}
	b.mustCheck()
}

// An account is emptied and closed in the middle of a month.
func TestCloseAnAccountWithInterest(t *testing.T) {
	b := saver(t, "accrued")
	today := onDay("2027-01-11")
	b.do(b.accrue("anna", today, today-1))
	b.do(b.move("out", "anna", -36_500_00, today, today+2)) // it leaves, for interest, in two days
	if got := b.change("anna", ledger.Close{At: noonOf(today)}); got != ledger.InterestPending {
		t.Fatalf("close: got %q", got)
	}
	early := func(at, through civil.Date) {
		c := b.capitalise("anna", at)
		c.Early, c.Through = true, through
		b.do(c)
	}
	early(today, today-1)
	b.do(b.move("rest", "anna", -100_00, today, today))
	if got := b.change("anna", ledger.Close{At: noonOf(today)}); got != ledger.InterestPending {
		t.Fatalf("close: got %q, but 11 and 12 January have earned 10.00 each", got)
	}
	early(today+2, today+1)
	b.do(b.move("all", "anna", -20_00, today+2, today+2))
	if got := b.change("anna", ledger.Close{At: noonOf(today + 2)}); got != "" {
		t.Fatalf("close: got %q", got)
	}
	if d, err := b.try(b.capitalise("anna", onDay("2027-02-01"))); err != nil || d.Reason != ledger.Closed {
		t.Errorf("capitalise: %+v, %v", d, err)
	}
	// Its periods end all the same, and when it is opened again nothing is due for the time between.
	b.mustChange("anna", ledger.EndPeriod{At: noonOf(onDay("2027-03-10")), Through: onDay("2027-02-15")})
	b.mustChange("anna", ledger.Reopen{At: noonOf(onDay("2027-03-10"))})
	if got := b.change("anna", ledger.EndPeriod{At: noonOf(onDay("2027-03-10")), Through: onDay("2027-02-28")}); got != ledger.InterestPending {
		t.Errorf("end of a period, open again: got %q", got)
	}
	b.do(b.move("in again", "anna", 36_500_00, onDay("2027-03-10"), onDay("2027-02-27")))
	b.do(b.capitalise("anna", onDay("2027-03-10")))
	if got := b.booked("anna"); got != 36_520_00 {
		t.Errorf("open again: it has %d, want interest of two days", got)
	}
	b.mustCheck()
}

// The end of a month waits for its interest.
func TestEndPeriodWaitsForInterest(t *testing.T) {
	b := saver(t, "")
	at := noonOf(onDay("2027-03-05"))
	for _, row := range []struct {
		through string
		want    ledger.Reason
	}{
		{"2027-01-30", ""}, {"2027-01-31", ledger.InterestPending}, {"2027-02-03", ledger.InterestPending},
	} {
		if got := b.change("anna", ledger.EndPeriod{At: at, Through: onDay(row.through)}); got != row.want {
			t.Errorf("%s: got %q, want %q", row.through, got, row.want)
		}
	}
	b.do(b.capitalise("anna", onDay("2027-03-05")))
	b.mustChange("anna", ledger.EndPeriod{At: at, Through: onDay("2027-02-03")})
	b.mustCheck()
}

// What is charged is booked whatever the limits say, and the checker agrees.
func TestChargedInterestOverdraws(t *testing.T) {
	b := newBank(t, money.EUR)
	first := onDay("2027-01-01")
	b.openOwn(first)
	b.open(first, "anna", ledger.Liability, &ledger.Limits{Overdraft: ledger.NoOverdraft})
	b.mustChange("anna", ledger.SetInterest{
		At: noonOf(first), From: first, Terms: flatTerms(money.EUR, interest.Monthly, "-0.10", "0.20"), Source: "expense",
	})
	b.do(b.move("in", "anna", 36_500_00, first, first))
	b.do(b.move("out", "anna", -36_500_00, onDay("2027-01-11"), onDay("2027-01-11")))
	b.do(b.capitalise("anna", onDay("2027-02-01")))
	if got := b.booked("anna"); got != -100_00 {
		t.Errorf("got %d", got)
	}
	b.mustCheck()
}

// An account where interest stands before it is posted comes in later, and goes again.
func TestAccruedAccountComesLater(t *testing.T) {
	b := saver(t, "")
	b.do(b.capitalise("anna", onDay("2027-02-01")))
	terms := flatTerms(money.EUR, interest.Monthly, "0.10", "0.20")
	set := func(at civil.Date, accrued string) error {
		events, err := ledger.SetInterest{At: noonOf(at), Terms: terms, Source: "expense", Accrued: accrued}.Decide(b.ledger.Account("anna"))
		if err == nil {
			b.record(ledger.Facts{Kind: ledger.KindAccount, ID: "anna", Events: events})
		}
		return err
	}
	if err := set(onDay("2027-02-01"), "accrued"); err != nil {
		t.Fatal(err)
	}
	b.do(b.accrue("anna", onDay("2027-02-11"), onDay("2027-02-10")))
	if got := b.booked("accrued"); got != 100_85 { // ten days of 36,810.00
		t.Errorf("accrued: %d", got)
	}
	if err := set(onDay("2027-02-11"), ""); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("while interest stands there: %v", err)
	}
	b.do(b.capitalise("anna", onDay("2027-03-01")))
	if err := set(onDay("2027-03-01"), ""); err != nil {
		t.Fatal(err)
	}
	b.do(b.capitalise("anna", onDay("2027-04-01")))
	if err := set(onDay("2027-04-01"), "accrued"); err != nil {
		t.Fatal(err)
	}
	b.do(b.accrue("anna", onDay("2027-04-02"), onDay("2027-04-01")))
	s, _ := b.ledger.Account("anna").Interest()
	if got := b.booked("accrued"); got != s.Accrued.Minor()-s.Posted.Minor() || got != 10_25 { // 37,410.30 / 3,650
		t.Errorf("accrued: %d, of %s less %s", got, s.Accrued, s.Posted)
	}
	b.mustCheck()
}

// Interest that does not fit is refused, and not wrapped around.
func TestInterestBeyondAllBounds(t *testing.T) {
	b := newBank(t, money.JPY)
	first := onDay("2027-01-01")
	b.openOwn(first)
	b.open(first, "anna", ledger.Liability, &ledger.Limits{Overdraft: ledger.FreeOverdraft})
	b.mustChange("anna", ledger.SetInterest{
		At: noonOf(first), From: first, Terms: flatTerms(money.JPY, interest.Yearly, "100", "100"), Source: "expense", Accrued: "accrued",
	})
	b.do(b.move("1", "anna", 50_000_000_000_000_000, first, first)) // that is 5 * 10^18 a year, beyond MaxBalance
	if d, err := b.try(b.capitalise("anna", onDay("2028-01-01"))); err != nil || d.Reason != ledger.Overflow {
		t.Errorf("got %+v, %v", d, err)
	}
	if d, err := b.try(b.accrue("anna", onDay("2028-01-01"), onDay("2027-12-31"))); err != nil || d.Reason != ledger.Overflow {
		t.Errorf("got %+v, %v", d, err)
	}
	b.mustCheck()
}

// A snapshot that says something else of the interest than the account can know is refused: the events have it all.
func TestSnapshotOfInterest(t *testing.T) {
	b := saver(t, "accrued")
	b.do(b.capitalise("anna", onDay("2027-02-01")))
	a := b.ledger.Account("anna")
	good, err := a.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		old, new string
		ok       bool
	}{
		{`"clock"`, `"clock"`, true},
		{`"start":"2027-01-01"`, `"start":""`, false},
		{`"from":"2027-01-01","start"`, `"from":"","start"`, false},
		{`"terms":{"currency":"EUR","day_count"`, `"terms":null,"x":{"currency":"EUR","day_count"`, false},
		{`"interest":{"terms":{`, `"interest":{"source":"x"},"none":{"terms":{`, false},
	} {
		if !bytes.Contains(good, []byte(row.old)) {
			t.Fatalf("%s is not in %s", row.old, good)
		}
		err := ledger.NewAccount("anna").UnmarshalBinary(bytes.Replace(good, []byte(row.old), []byte(row.new), 1))
		if row.ok != (err == nil) || err != nil && !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: got %v", row.new, err)
		}
	}
	bare := regexp.MustCompile(`"interest":\{.*`).ReplaceAll(good, []byte(`"interest":{"source":"x","from":"2027-01-01","start":"2027-01-01"}}`))
	if err := ledger.NewAccount("anna").UnmarshalBinary(bare); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("without terms: got %v", err)
	}
}
