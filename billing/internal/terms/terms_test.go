package terms_test

import (
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/internal/terms"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
)

// The id of a mandate is split into what it was made of, whatever the reference has in it; any other is all reference.
func TestMandate(t *testing.T) {
	for id, want := range map[string][2]string{
		contract.MandateID("FR83ZZZ459654", "RUM-1"): {"FR83ZZZ459654", "RUM-1"},
		contract.MandateID("FR83ZZZ459654", "A/17"):  {"FR83ZZZ459654", "A/17"},
		"RUM-1": {"", "RUM-1"},
		"A/17":  {"", "A/17"},
		"":      {},
	} {
		creditor, reference := terms.Mandate(&billing.Invoice{Mandate: id})
		if creditor != want[0] || reference != want[1] {
			t.Errorf("%q: got %q, %q", id, creditor, reference)
		}
	}
}

func TestIsDebited(t *testing.T) {
	for _, row := range []struct {
		kind    billing.InvoiceKind
		mandate string
		payable int64
		want    bool
	}{
		{billing.Periodic, "RUM-1", 1, true},
		{billing.Supplementary, "RUM-1", 1, true},
		{billing.Periodic, "", 1, false},
		{billing.Periodic, "RUM-1", 0, false},
		{billing.Periodic, "RUM-1", -1, false},
		{billing.CreditNote, "RUM-1", 1, false},
	} {
		v := billing.Invoice{Kind: row.kind, Mandate: row.mandate}
		v.Totals.Payable = money.New(row.payable, money.EUR)
		if got := terms.IsDebited(&v); got != row.want {
			t.Errorf("%+v: got %v", row, got)
		}
	}
}

func TestPercent(t *testing.T) {
	for rate, want := range map[string]string{
		"0.2": "20", "0.055": "5.5", "0": "0", "1/8": "12.5", "1/3": "", "9223372036854775807/1": "", "0.000000000000000001": "0.0000000000000001",
	} {
		got, ok := terms.Percent(money.MustParseRate(rate))
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s: got %q, %v", rate, got, ok)
		}
	}
}
