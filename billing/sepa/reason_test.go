package sepa_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/billing/sepa"
)

// Every code of the table has a row here: its kinds (r reject, R return, f refund, v reversal), and what to do.
func TestReasons(t *testing.T) {
	rows := strings.Fields(`
		AC01:rR:suspend_mandate AC04:rR:suspend_mandate AC06:rR:suspend_mandate AC13:rR:suspend_mandate
		AG01:rR:manual AG02:rR:manual AM04:rR:retry AM05:rRv:never_retry BE05:rR:fix_setup
		CH22:r:fix_setup CNOR:r:fix_setup DNOR:r:manual DT01:r:fix_setup
		DU01:r:never_retry DU02:r:never_retry DU03:r:never_retry DU04:r:never_retry DUPL:rRv:never_retry FF01:r:fix_setup FF05:rR:fix_setup
		MD01:rRf:suspend_mandate MD02:rR:manual MD06:f:manual MD07:rR:suspend_mandate MS02:rRv:manual MS03:rRv:retry
		RC01:rR:suspend_mandate RR01:rR:manual RR02:rR:manual RR03:rR:manual RR04:rR:manual
		SL01:rR:manual SL11:rR:manual SL12:rR:manual SL13:rR:manual SL14:rR:manual TM01:r:manual`)
	var got []string
	for _, r := range sepa.Reasons() {
		kinds := ""
		for _, k := range []struct {
			kind   sepa.Kind
			letter string
		}{{sepa.Reject, "r"}, {sepa.Returned, "R"}, {sepa.Refund, "f"}, {sepa.Reversal, "v"}} {
			if r.Is(k.kind) {
				kinds += k.letter
			}
		}
		got = append(got, r.Code+":"+kinds+":"+string(r.Action))
		if again := sepa.ReasonOf(r.Code); again != r || !r.Known() || !r.Action.Valid() || r.Is("") {
			t.Errorf("%+v is found as %+v", r, again)
		}
		if (r.Action == sepa.Retry) != (r.Retries > 0) {
			t.Errorf("%s: %s, %d times", r.Code, r.Action, r.Retries)
		}
	}
	if !slices.Equal(got, rows) || !slices.IsSorted(got) {
		t.Errorf("got  %q\nwant %q", got, rows)
	}
	sepa.Reasons()[0].Code = "changed"
	if sepa.Reasons()[0].Code == "changed" {
		t.Error("the list that is handed out is the package's own")
	}
}

// What is not known is kept, and looked at.
func TestUnknownReasons(t *testing.T) {
	for _, code := range []string{"", "AC", "AC01 ", "ac01", "AC02", "ZZZZ", "0000", "LOCAL-17"} {
		r := sepa.ReasonOf(code)
		if r.Code != code || r.Action != sepa.Manual || r.Known() || r.Is(sepa.Reject) || r.ActionAfter(0) != sepa.Manual {
			t.Errorf("%q: %+v", code, r)
		}
	}
	if sepa.Action("x").Valid() || sepa.Kind("x").Valid() || !sepa.Reversal.Valid() {
		t.Error("nonsense is valid")
	}
}

// Two more tries for money that was not there, one for what nobody explained, none for the rest.
func TestActionAfter(t *testing.T) {
	for _, tc := range []struct {
		code    string
		retries int
		want    sepa.Action
	}{
		{"AM04", 0, sepa.Retry}, {"AM04", 1, sepa.Retry}, {"AM04", 2, sepa.Manual}, {"MS03", 0, sepa.Retry}, {"MS03", 1, sepa.Manual},
		{"MS02", 0, sepa.Manual}, // the debtor said no
		{"AC04", 0, sepa.SuspendMandate}, {"AC04", 9, sepa.SuspendMandate}, {"AM05", 0, sepa.NeverRetry},
	} {
		r := sepa.Return{Code: tc.code}
		reason := r.Reason()
		if got := reason.ActionAfter(tc.retries); got != tc.want {
			t.Errorf("%+v: got %s", tc, got)
		}
	}
}

// What the creditor has reversed is not collected again by itself, whatever the reason for it.
func TestReasonOfReversal(t *testing.T) {
	for _, known := range append(sepa.Reasons(), sepa.ReasonOf("LOCAL-17")) {
		r := sepa.Return{Code: known.Code, Kind: sepa.Reversal}
		want := known
		if known.Action == sepa.Retry {
			want.Action, want.Retries = sepa.Manual, 0
		}
		if got := r.Reason(); got != want {
			t.Errorf("%s: %+v", known.Code, got)
		}
		r.Kind = sepa.Returned
		if got := r.Reason(); got != known {
			t.Errorf("%s: %+v", known.Code, got)
		}
	}
}
