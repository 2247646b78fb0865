package sepa_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
)

// An invoice is announced, collected, and comes back unpaid.
func Example() {
	told := civil.MustParseDate("2026-11-20")
	due, err := sepa.DueDate(&sepa.Notice{On: told, Today: told})
	if err != nil {
		fmt.Println(err)
		return
	}
	signed := time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	message := sepa.Message{
		ID: "HORIZON-2026-12-02", CreatedAt: time.Date(2026, 12, 2, 8, 0, 0, 0, time.UTC), Initiator: "Agence Horizon",
		Creditors: []sepa.Creditor{{ID: "FR83ZZZ459654", IBAN: "FR1420041010050500013M02606"}},
		Collections: []sepa.Collection{{
			EndToEndID: "F2026-0042", Amount: money.MustParseAmount("1094.86", money.EUR), Due: due, Remittance: "Facture F2026-0042 – séjour à Brême",
			Mandate: contract.MandateView{ // as package contract publishes it
				Mandate: "FR83ZZZ459654/RUM-17", Revision: 2, Scheme: contract.Core, Kind: contract.Recurrent,
				Reference: "RUM-17", Creditor: "FR83ZZZ459654", CreditorName: "Agence Horizon", Debtor: "Zoë Weiß",
				IBAN: "NL91ABNA0417164300", BIC: "ABNANL2A", SignedOn: civil.MustParseDate("2026-01-15"),
				Phases:     []contract.MandatePhase{{Status: contract.MandateDraft}, {From: signed, Status: contract.MandateActive}},
				RecordedAt: signed,
			},
		}},
	}
	var file strings.Builder
	if err := sepa.Write(&file, &message); err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(file.String()) {
		if strings.Contains(line, "<NbOfTxs>") || strings.Contains(line, "<CtrlSum>") || strings.Contains(line, "<Ustrd>") || strings.Contains(line, "<ReqdColltnDt>") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	fmt.Println("a return is possible until", sepa.DeadlinesOf(due, contract.Core).Return)
	// Output:
	// <NbOfTxs>1</NbOfTxs>
	// <CtrlSum>1094.86</CtrlSum>
	// <NbOfTxs>1</NbOfTxs>
	// <CtrlSum>1094.86</CtrlSum>
	// <ReqdColltnDt>2026-12-04</ReqdColltnDt>
	// <Ustrd>Facture F2026-0042 - sejour a Breme</Ustrd>
	// a return is possible until 2026-12-11
}

// What a bank says of a collection, and what to do about it.
func ExampleRead() {
	report, err := sepa.Read(strings.NewReader(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03">
  <CstmrPmtStsRpt>
    <GrpHdr><MsgId>BANK-77</MsgId><CreDtTm>2026-12-05T20:49:00</CreDtTm></GrpHdr>
    <OrgnlGrpInfAndSts><OrgnlMsgId>HORIZON-2026-12-02</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId></OrgnlGrpInfAndSts>
    <OrgnlPmtInfAndSts>
      <OrgnlPmtInfId>HORIZON-2026-12-02-1</OrgnlPmtInfId>
      <TxInfAndSts>
        <OrgnlEndToEndId>F2026-0042</OrgnlEndToEndId>
        <TxSts>RJCT</TxSts>
        <StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>
        <OrgnlTxRef><Amt><InstdAmt Ccy="EUR">1094.86</InstdAmt></Amt></OrgnlTxRef>
      </TxInfAndSts>
    </OrgnlPmtInfAndSts>
  </CstmrPmtStsRpt>
</Document>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range report.Returns {
		why := r.Reason()
		fmt.Println(r.Key(), r.Kind, r.Amount)
		fmt.Println(why.Code, why.Meaning+":", why.ActionAfter(0)+", then", why.ActionAfter(2))
	}
	// Output:
	// {BANK-77 F2026-0042 0} reject 1094.86 EUR
	// AM04 insufficient funds: retry, then manual
}

// Christmas is on a Friday, and so the day after it is a Saturday.
func ExampleNextTargetDay() {
	d := civil.MustParseDate("2026-12-24")
	for range 3 {
		fmt.Println(d.Weekday(), d)
		d = sepa.NextTargetDay(d)
	}
	// Output:
	// Thursday 2026-12-24
	// Monday 2026-12-28
	// Tuesday 2026-12-29
}

// Texts of people in the characters that every bank takes; what has no other in its place is refused.
func ExampleTransliterate() {
	fmt.Println(sepa.Transliterate("Société Łódź & Söhne"))
	_, err := sepa.Transliterate("Αθήνα")
	fmt.Println(err)
	// Output:
	// Societe Lodz + Sohne <nil>
	// sepa: invalid text: byte 1 begins a character that SEPA has none for
}
