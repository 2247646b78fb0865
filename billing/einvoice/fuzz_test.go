package einvoice_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
)

// Whatever a text holds, it is refused, or read back as it was; it never changes what else is read.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"", "a", "</cbc:Name>", "]]>", "<!--", "&#0;", "\x00", "\u2028", "\ufffe", "\xff", "é€\U0001f3e6", " a ", "a\r\n"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, label, number string) {
		v := invoice()
		v.Lines[1].Label, v.Number = label, number
		var b bytes.Buffer
		if err := einvoice.Write(&b, v, nil); err != nil {
			if !errors.Is(err, billing.ErrInvalid) || b.Len() > 0 {
				t.Fatalf("%v, and %d bytes", err, b.Len())
			}
			return
		}
		var r read
		if err := xml.Unmarshal(b.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if len(r.InvoiceLines) != 3 || r.InvoiceLines[1].Label != label || r.ID != number || r.Total.Payable != "607.87" {
			t.Fatalf("got %+v", r)
		}
		if fault := outOfOrder(b.Bytes()); fault != "" {
			t.Fatal(fault)
		}
	})
}
