package sepa_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/payrules/payrules/billing/sepa"
)

// Whatever a bank sends, a report is read that can be believed, or none: no amount that is not above zero, no return without a day,
// no two with one key, nothing beyond the bounds.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*0[25]*.xml")
	if err != nil || len(files) < 6 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(transaction("<StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf>")))
	f.Add([]byte(entry(`<Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls><TxDtls><RtrInf/></TxDtls></NtryDtls>`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := sepa.Read(bytes.NewReader(text))
		if err != nil {
			if !errors.Is(err, sepa.ErrReport) || r != nil {
				t.Fatal(r, err)
			}
			return
		}
		if r.MessageID == "" || !r.CreatedOn.Valid() || r.Format == "" || len(r.Returns)+len(r.Others) > sepa.MaxTransactions {
			t.Fatalf("%+v", r)
		}
		keys := map[sepa.Key]bool{}
		for i := range r.Returns {
			x := &r.Returns[i]
			if keys[x.Key()] || !x.Kind.Valid() || !x.On.Valid() || x.MessageID != r.MessageID || len(x.Text) > sepa.MaxText ||
				x.Amount.Minor() < 0 || x.Amount.Valid() != (x.Amount.Minor() > 0) || x.Booked.Valid() != (x.Booked.Minor() > 0) ||
				utf8.RuneCountInString(x.EndToEndID) > 35 || utf8.RuneCountInString(x.Code) > 35 || !x.Reason().Action.Valid() {
				t.Fatalf("%+v", x)
			}
			keys[x.Key()] = true
		}
	})
}

// Whatever people write, what is sent for it is of the characters of SEPA, says the same when sent again, and is refused whole or not.
func FuzzTransliterate(f *testing.F) {
	for _, s := range []string{"", "Anna", "Société", "Weiß & Söhne", "e\u0301", "漢", "\xff", "a\tb", "Ĳ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, err := sepa.Transliterate(s)
		if err != nil {
			if !errors.Is(err, sepa.ErrInvalid) || out != "" {
				t.Fatal(out, err)
			}
			return
		}
		const basic = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
		if strings.Trim(out, basic) != "" || len(out) > 2*len(s) {
			t.Fatalf("%q is written %q", s, out)
		}
		if again, err := sepa.Transliterate(out); again != out || err != nil {
			t.Fatalf("%q is written %q, and that %q, %v", s, out, again, err)
		}
	})
}
