package strictjson_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/payrules/payrules/internal/strictjson"
)

// BenchmarkUnmarshal compares one pass with the four of before, and with encoding/json alone, which checks less.
func BenchmarkUnmarshal(b *testing.B) {
	wanted := map[string]bool{
		"billing.operation_accepted.v1.json": true, "cap.authorized.v1.json": true, "ledger.transfer_posted.v1.golden": true,
		"ledger.entry_booked.v1.golden": true,
	}
	for _, s := range samples(b) {
		if !wanted[s.name] {
			continue
		}
		var doc bytes.Buffer
		if err := json.Compact(&doc, s.doc); err != nil {
			b.Fatal(err)
		}
		for _, by := range []struct {
			name   string
			decode func([]byte, any) error
		}{{"one", strictjson.Unmarshal}, {"four", fourPasses}, {"lax", json.Unmarshal}} {
			b.Run("event="+s.typ.String()+"/passes="+by.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(doc.Len()))
				for b.Loop() {
					if err := by.decode(doc.Bytes(), reflect.New(s.typ).Interface()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkCheck is the cost of the checks alone.
func BenchmarkCheck(b *testing.B) {
	doc, err := os.ReadFile("../../billing/testdata/billing.operation_accepted.v1.json")
	if err != nil {
		b.Fatal(err)
	}
	for _, by := range []struct {
		name  string
		check func([]byte) error
	}{{"one", strictjson.Check}, {"two", fourPassesCheck}} {
		b.Run("passes="+by.name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				if err := by.check(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
