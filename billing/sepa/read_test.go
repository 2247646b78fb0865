package sepa_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
)

// report reads a file of testdata.
func report(t testing.TB, file string) *sepa.Report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	r, err := sepa.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

var amounts = cmp.Comparer(func(a, b money.Amount) bool { return a == b })

// The files have the structure of those that banks and others have published.
func TestRead(t *testing.T) {
	const m = "HORIZON-2026-11-23/1"
	booked := day("2026-12-09")
	for file, want := range map[string]*sepa.Report{
		"pain.002.001.03-unpaid.xml": {
			Format: "pain.002.001.03", MessageID: "BANK-STATUS-77", CreatedOn: day("2026-12-08"), Original: m, OriginalName: "pain.008.001.02",
			Groups: []sepa.GroupOutcome{{Group: m + "-1"}, {Group: m + "-2"}},
			Returns: []sepa.Return{
				{EndToEndID: "E1", Group: m + "-1", Mandate: "RUM-1", Code: "AC01", Text: "ACCOUNT NUMBER  INVALID", Kind: sepa.Reject, Amount: eur("100.00")},
				{EndToEndID: "E2", Group: m + "-1", Code: "MS02", Kind: sepa.Reject, Amount: eur("100.00")},
				{EndToEndID: "E3", Group: m + "-2", Code: "MD06", Kind: sepa.Refund, Amount: eur("100.00")},
				{EndToEndID: "E4", Group: m + "-2", Code: "AM04", Kind: sepa.Reject},
			},
		},
		"pain.002.001.10-whole.xml": {
			Format: "pain.002.001.10", MessageID: "BANK-STATUS-78", CreatedOn: day("2026-11-23"), Original: m, OriginalName: "pain.008.001.08",
			Whole: sepa.Outcome{Status: "RJCT", Code: "FF01", Text: "file not readable"},
		},
		"pain.002.001.11-part.xml": {
			Format: "pain.002.001.11", MessageID: "BANK-STATUS-79", CreatedOn: day("2026-11-23"), Original: m, OriginalName: "pain.008.001.08",
			Whole: sepa.Outcome{Status: "PART"},
			Groups: []sepa.GroupOutcome{
				{Group: m + "-1", Outcome: sepa.Outcome{Status: "RJCT", Code: "BE05"}},
				{Group: m + "-3", Outcome: sepa.Outcome{Status: "PART"}},
				{Group: m + "-4", Outcome: sepa.Outcome{Status: "RJCT", Code: "DT01"}},
			},
			Returns: []sepa.Return{
				{EndToEndID: "F2026-0003", Group: m + "-3", Mandate: "RUM-F2026-0003", Code: "LOCAL-17", Text: "AC04; see branch",
					Kind: sepa.Reject, Amount: eur("1094.86")},
				{EndToEndID: "F2026-0002", Group: m + "-4", Code: "DT01", Kind: sepa.Reject},
			},
			Others: []sepa.Other{{EndToEndID: "F2026-0001", What: "ACCP", Amount: eur("49.99")}},
		},
		"camt.054.001.02-unpaid.xml": {
			Format: "camt.054.001.02", MessageID: "BANK-NOTE-12", CreatedOn: day("2026-12-09"),
			Returns: []sepa.Return{{
				EndToEndID: "E1", Mandate: "RUM-1", Code: "AC06", Text: "/RTYP/RTRN", Kind: sepa.Returned,
				Amount: eur("100.00"), Booked: eur("100.00"), On: day("2026-12-08"),
			}},
		},
		"camt.054.001.04-transfer.xml": {
			Format: "camt.054.001.04", MessageID: "NOTE-CH-1", CreatedOn: day("2026-11-25"),
			Others: []sepa.Other{{EndToEndID: "T-1", What: "CRDT BOOK PMNT/ICDT/RRTN AC01", Amount: money.New(500_00, money.CHF)}},
		},
		"camt.054.001.08-mixed.xml": {
			Format: "camt.054.001.08", MessageID: "BANK-NOTE-13", CreatedOn: day("2026-12-10"),
			Returns: []sepa.Return{
				{EndToEndID: "E1", Group: "M-1-1", Mandate: "RUM-1", Code: "AM04", Kind: sepa.Returned, Amount: eur("49.99"), Booked: eur("53.00"), On: booked},
				{EndToEndID: "E2", Code: "MD01", Text: "NO VALID MANDATE", Kind: sepa.Returned, Amount: eur("75.00"), Booked: eur("75.00"), On: booked},
				{EndToEndID: "E1", Nth: 1, Code: "MD06", Kind: sepa.Refund, Amount: eur("20.00"), Booked: eur("20.00"), On: booked, Duplicate: true},
				{EndToEndID: "E5", Kind: sepa.Reversal, Amount: eur("10.00"), Booked: eur("10.00"), On: booked, Duplicate: true},
			},
			Others: []sepa.Other{
				{EndToEndID: "E3", What: "DBIT PDNG PMNT/IDDT/UPDD AM04", Amount: eur("10.00")},
				{What: "CRDT BOOK PMNT/IDDT/ESDD", Amount: eur("900.00")},
				{EndToEndID: "T1", What: "DBIT BOOK PMNT/RCDT/RRTN AC04", Amount: eur("20.00")},
			},
		},
	} {
		for i := range want.Returns {
			r := &want.Returns[i]
			r.MessageID = want.MessageID
			if r.On == 0 {
				r.On = want.CreatedOn
			}
		}
		got := report(t, file)
		if diff := cmp.Diff(want, got, amounts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		keys := map[sepa.Key]bool{}
		for i, r := range got.Returns {
			if keys[r.Key()] || report(t, file).Returns[i].Key() != r.Key() {
				t.Errorf("%s: key %v is there twice, or is another the next time", file, r.Key())
			}
			keys[r.Key()] = true
		}
	}
}

// A message or a group that was refused as a whole is told collection by collection, once each, and by its own reason.
func TestExpand(t *testing.T) {
	m := scenes()["core"]
	for file, want := range map[string]map[string]string{
		"pain.002.001.10-whole.xml": {
			"F2026-0001": "FF01", "F2026-0002": "FF01", "F2026-0003": "FF01", "F2026-0004": "FF01", "F2026-0005": "FF01", "F2026-0006": "FF01",
			"F2026-0007": "FF01",
		},
		"pain.002.001.11-part.xml": {"F2026-0002": "DT01", "F2026-0003": "LOCAL-17", "F2026-0005": "BE05"},
	} {
		returns, err := report(t, file).Expand(m)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, r := range returns {
			if got[r.EndToEndID] != "" || r.Kind != sepa.Reject || r.MessageID == "" || r.On != day("2026-11-23") {
				t.Errorf("%s: %+v", file, r)
			}
			got[r.EndToEndID] = r.Code
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	r := report(t, "pain.002.001.10-whole.xml")
	if _, err := r.Expand(scenes()["b2b"]); err == nil {
		t.Error("a report of another message was taken")
	}
	m.Creditors = nil
	if _, err := r.Expand(m); err == nil {
		t.Error("a message that is none was taken")
	}
}

// MD01 is a return as long as a bank may return, and the refund of what was not authorised after that.
func TestKindFor(t *testing.T) {
	due := day("2026-12-07") // D+3 is the 10th, D+5 the 14th
	for _, tc := range []struct {
		kind   sepa.Kind
		code   string
		on     string
		scheme contract.Scheme
		want   sepa.Kind
	}{
		{sepa.Returned, "MD01", "2026-12-14", contract.Core, sepa.Returned},
		{sepa.Returned, "MD01", "2026-12-15", contract.Core, sepa.Refund},
		{sepa.Returned, "MD01", "2026-12-10", contract.B2B, sepa.Returned},
		{sepa.Returned, "MD01", "2026-12-11", contract.B2B, sepa.Refund},
		{sepa.Returned, "AC04", "2026-12-15", contract.Core, sepa.Returned},
		{sepa.Reject, "MD01", "2026-12-15", contract.Core, sepa.Reject},
		{sepa.Returned, "MD01", "2026-12-15", 0, sepa.Returned}, // nothing is known of the collection
	} {
		r := sepa.Return{Kind: tc.kind, Code: tc.code, On: day(tc.on)}
		if got := r.KindFor(due, tc.scheme); got != tc.want {
			t.Errorf("%+v: got %s", tc, got)
		}
	}
}
