package archivetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Bench measures an archive in sub-benchmarks, each in a place of its own. The records are entries of an account with about 250
// bytes of JSON:
//
//	put/records=N       a segment of N records
//	again/records=100000   the same segment once more, which is done already
//	read/records=N      all records of a segment of N
//	first/records=100000   its first record alone
//	segments/months=120 the list of an account's segments, one a month for ten years
//	month/months=120    the records of one month out of those: the list, and the segment's 3,000 records
//
// An operation is one call or one list. Those over records report records/s as well, and put reports bytes/record, as it is
// kept and as JSON, where the place has Size.
func Bench(b *testing.B, fresh func(testing.TB) Place) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("put/records=%d", n), func(b *testing.B) { benchPut(b, fresh, n) })
	}
	b.Run("again/records=100000", func(b *testing.B) {
		a, all := benchFilled(b, fresh, 1, 100_000)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := put(b.Context(), a, all[0]); err != nil {
				b.Fatal(err)
			}
		}
		rate(b, 100_000)
	})
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("read/records=%d", n), func(b *testing.B) {
			a, all := benchFilled(b, fresh, 1, n)
			b.ReportAllocs()
			for b.Loop() {
				benchRead(b, a, all[0].Segment, n)
			}
			rate(b, n)
		})
	}
	b.Run("first/records=100000", func(b *testing.B) {
		a, all := benchFilled(b, fresh, 1, 100_000)
		b.ReportAllocs()
		for b.Loop() {
			if err := stopAt(a.Records(b.Context(), all[0].Segment), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	const months, records = 120, 3000
	b.Run(fmt.Sprintf("segments/months=%d", months), func(b *testing.B) {
		a, _ := benchFilled(b, fresh, months, 100)
		b.ReportAllocs()
		for b.Loop() {
			if err := stopAt(a.Segments(b.Context(), "savings-7"), months); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(fmt.Sprintf("month/months=%d", months), func(b *testing.B) {
		a, all := benchFilled(b, fresh, months, records)
		day := all[months/2].FirstBooked
		b.ReportAllocs()
		for b.Loop() {
			for s, err := range a.Segments(b.Context(), "savings-7") {
				if err != nil {
					b.Fatal(err)
				}
				if s.FirstBooked <= day && day <= s.LastBooked {
					benchRead(b, a, s, records)
				}
			}
		}
		rate(b, records)
	})
}

func benchOpen(b *testing.B, p Place) ledger.Archiver {
	a, err := p.Open()
	if err != nil {
		b.Fatalf("open: %v", err)
	}
	if c, ok := a.(interface{ Close() error }); ok {
		b.Cleanup(func() { c.Close() })
	}
	return a
}

// benchFilled is an archive with so many segments of so many records each.
func benchFilled(b *testing.B, fresh func(testing.TB) Place, segments, records int) (ledger.Archiver, []piece) {
	a, all := benchOpen(b, fresh(b)), benchPieces("savings-7", segments, records)
	if err := putAll(b.Context(), a, all); err != nil {
		b.Fatal(err)
	}
	return a, all
}

func benchPut(b *testing.B, fresh func(testing.TB) Place, n int) {
	p := fresh(b)
	a := benchOpen(b, p)
	json, accounts := 0, 0
	all := benchPieces("savings-00000000", 1, n)
	for _, r := range all[0].records {
		json += len(r.Data)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer() // another account each time
		accounts++
		all[0].Account = fmt.Sprintf("savings-%08d", accounts)
		for i := range all[0].records {
			all[0].records[i].Stream = event.Stream("account", all[0].Account)
		}
		b.StartTimer()
		if _, err := put(b.Context(), a, all[0]); err != nil {
			b.Fatal(err)
		}
	}
	rate(b, n)
	if p.Size == nil {
		return
	}
	kept, err := p.Size()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(kept)/float64(accounts)/float64(n), "bytes/record")
	b.ReportMetric(float64(json)/float64(n), "JSON-bytes/record")
}

func benchRead(b *testing.B, a ledger.Archiver, s ledger.Segment, want int) {
	n := 0
	for _, err := range a.Records(b.Context(), s) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != want {
		b.Fatalf("got %d records, want %d", n, want)
	}
}

func rate(b *testing.B, records int) {
	b.ReportMetric(float64(b.N)*float64(records)/b.Elapsed().Seconds(), "records/s")
}

// benchPieces are segments of an account with so many entries each, a month's worth in time.
func benchPieces(account string, segments, records int) []piece {
	rng := draw(250)
	shops := make([]string, 60)
	for i := range shops {
		shops[i] = strings.ToUpper(fmt.Sprintf("%s store %d", string(rune('a'+i%26)), rng.IntN(1000)))
	}
	all := make([]piece, segments)
	version, position, balance := event.Version(0), event.Position(rng.IntN(1<<30)), int64(0)
	for i := range all {
		day := civil.MustParseDate("2016-01-01").AddMonths(i)
		p := &all[i]
		p.Segment = ledger.Segment{Account: account, First: version + 1, Last: version + event.Version(records), Entries: records}
		p.FirstBooked, p.LastBooked, p.FirstValue, p.LastValue = day, day.EndOfMonth(), day, day.EndOfMonth()
		p.Opening = money.New(balance, euro)
		from := day.Start(nil)
		for k := range records {
			version++
			position += 1 + event.Position(rng.IntN(100_000))
			amount := int64(100 + rng.IntN(20_000))
			side := "credit"
			if k%2 == 1 {
				side, amount = "debit", -amount
			}
			balance += amount
			at := from.Add(time.Duration(k) * (28 * 24 * time.Hour / time.Duration(records))).Add(time.Duration(rng.IntN(1000)) * time.Microsecond)
			at = at.Truncate(time.Microsecond)
			data := fmt.Appendf(nil, `{"transfer":"pay-%016x","at":%q,"value":%q,"side":%q,"amount":%s,"balance":%s,`+
				`"counter":"account-%06d","reference":"E2E-%012d","text":%q}`,
				rng.Uint64(), at.Format("2006-01-02T15:04:05.000000Z"), civil.DateOf(at, nil), side,
				money.New(max(amount, -amount), euro).AppendJSON(nil), money.New(balance, euro).AppendJSON(nil), rng.IntN(1_000_000), rng.IntN(1_000_000_000_000), shops[rng.IntN(len(shops))])
			r := event.Record{
				Event: event.Event{Type: "ledger.entry_booked.v1", Data: data}, Stream: event.Stream("account", account),
				Version: version, Position: position, At: at,
			}
			if k%2 == 0 { // the home of its command
				r.Key = fmt.Sprintf("pay-%016x", rng.Uint64())
				for d := range r.Digest {
					r.Digest[d] = byte(rng.Uint32())
				}
			}
			p.records = append(p.records, r)
		}
		p.Closing, p.LastAt, p.Through = money.New(balance, euro), position, p.LastBooked
	}
	return all
}
