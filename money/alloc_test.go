package money_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/money"
)

// What stands on the hot paths does not allocate.
func TestNoAllocations(t *testing.T) {
	a, b := money.New(1_234_567, money.EUR), money.New(99, money.EUR)
	rate, yen := money.MustParseRate("0.0125"), money.New(5000, money.JPY)
	many := []money.Amount{a, b, a, b}
	buf := make([]byte, 0, 64)
	text := a.AppendJSON(nil)
	at := time.Unix(1_700_000_000, 123_456_789)
	var c money.Currency
	var micros int64
	for name, f := range map[string]func(){
		"Add":           func() { sink, errSink = a.Add(b) },
		"Sub":           func() { sink, errSink = a.Sub(b) },
		"Neg":           func() { sink, errSink = a.Neg() },
		"Compare":       func() { _, errSink = a.Compare(b) },
		"Sum":           func() { sink, errSink = money.Sum(money.EUR, many...) },
		"Mul":           func() { sink, errSink = a.Mul(12) },
		"MulRate":       func() { sink, errSink = a.MulRate(rate, money.HalfEven) },
		"Convert":       func() { sink, errSink = yen.Convert(rate, money.EUR, money.HalfEven) },
		"RoundTo":       func() { sink, errSink = a.RoundTo(5, money.HalfEven) },
		"ParseAmount":   func() { sink, errSink = money.ParseAmount("12345.67", money.EUR) },
		"ParseCurrency": func() { c, errSink = money.ParseCurrency("EUR") },
		"AppendNumber":  func() { buf = a.AppendNumber(buf[:0]) },
		"AppendText":    func() { buf, errSink = a.AppendText(buf[:0]) },
		"AppendJSON":    func() { buf = a.AppendJSON(buf[:0]) },
		"UnmarshalJSON": func() { errSink = sink.UnmarshalJSON(text) },
		"Code":          func() { textSink = a.Currency().Code() },
		"UnixMicro":     func() { micros, errSink = money.UnixMicro(at) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 || errSink != nil {
			t.Errorf("%s: %v allocations, error %v", name, n, errSink)
		}
	}
	sink, _ = money.New(micros, c).Add(sink)
}
