package money_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/payrules/payrules/money"
)

// The benchmarks do the same work by this package and by decimal, side by side, under the names impl=money and
// impl=decimal. On both sides the operands are ready and the result has two places.

func BenchmarkAdd(b *testing.B) {
	x, y := money.New(1_234_567, money.EUR), money.New(99, money.EUR)
	b.Run("impl=money", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink, errSink = x.Add(y)
		}
	})
	dx, dy := x.Decimal(), y.Decimal()
	b.Run("impl=decimal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decimalSink = dx.Add(dy)
		}
	})
}

func BenchmarkMulRate(b *testing.B) {
	x, rate := money.New(1_234_567, money.EUR), money.MustParseRate("0.0125")
	for mode := money.HalfAwayFromZero; mode <= money.Ceil; mode++ {
		b.Run("impl=money/mode="+mode.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink, errSink = x.MulRate(rate, mode)
			}
		})
	}
	dx, dr := x.Decimal(), decimal.New(125, -4)
	b.Run("impl=decimal/mode=half_even", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decimalSink = dx.Mul(dr).RoundBank(2)
		}
	})
}

func BenchmarkConvert(b *testing.B) {
	yen, rate := money.New(1_234_567, money.JPY), money.MustParseRate("0.006123")
	b.Run("impl=money/to=more_places", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink, errSink = yen.Convert(rate, money.EUR, money.HalfEven)
		}
	})
	euro, back := money.New(1_234_567, money.EUR), money.MustParseRate("163.31")
	b.Run("impl=money/to=fewer_places", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink, errSink = euro.Convert(back, money.JPY, money.HalfEven)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.Run("impl=money", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink, errSink = money.ParseAmount("12345.67", money.EUR)
		}
	})
	b.Run("impl=decimal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decimalSink, errSink = decimal.NewFromString("12345.67")
		}
	})
}

func BenchmarkParseCurrency(b *testing.B) {
	var c money.Currency
	b.ReportAllocs()
	for b.Loop() {
		c, errSink = money.ParseCurrency("EUR")
	}
	sink = money.New(0, c)
}

func BenchmarkString(b *testing.B) {
	x := money.New(1_234_567, money.EUR)
	b.Run("impl=money", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			textSink = x.Number()
		}
	})
	dx := x.Decimal()
	b.Run("impl=decimal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			textSink = dx.StringFixed(2)
		}
	})
}

func BenchmarkJSON(b *testing.B) {
	x := money.New(1_234_567, money.EUR)
	text := x.AppendJSON(nil)
	b.Run("op=append", func(b *testing.B) {
		buf := make([]byte, 0, 64)
		b.ReportAllocs()
		for b.Loop() {
			buf = x.AppendJSON(buf[:0])
		}
	})
	b.Run("op=unmarshal_direct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			errSink = sink.UnmarshalJSON(text)
		}
	})
	b.Run("op=json_unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			errSink = json.Unmarshal(text, &sink)
		}
	})
}

func BenchmarkAllocate(b *testing.B) {
	x := money.New(1_234_567, money.EUR)
	weights := []int64{5, 3, 2, 7, 11, 13, 1, 1}
	b.ReportAllocs()
	for b.Loop() {
		partsSink, errSink = x.Allocate(weights)
	}
}

// Where results go, so that the compiler keeps the work.
var (
	sink        money.Amount
	partsSink   []money.Amount
	decimalSink decimal.Decimal
	textSink    string
	errSink     error
)
