package backtest_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/event"
)

// Whatever the records of a journal hold, they are attempts that a run takes or refuses with an error; it never panics.
func FuzzFromRecords(f *testing.F) {
	m := cap.NewMeter(policies[2])
	for _, a := range []backtest.Attempt{
		pay("", "1", 0, 100), pay("", "2", 1, 200), pay("", "1", 0, 100),
		{Command: cap.Adjust{ID: "1", At: hours(0), Amount: eur(70), On: hours(2)}},
		{Command: cap.Capture{ID: "1", At: hours(0), Amount: eur(60), On: hours(3)}},
		{Command: cap.Refund{ID: "r", At: hours(4), Amount: eur(9), Of: &cap.Ref{ID: "1", At: hours(0)}}},
		{Command: cap.Reverse{ID: "1", At: hours(0)}}, {Command: cap.SetPolicy{Policy: policies[1]}},
		{Command: cap.ForcePost(spend("3", 9, 900))},
	} {
		_, decided := answer(f, m, a)
		e, err := cap.Codec().Encode(decided[0])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.Type, e.Data)
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		record := event.Record{Event: event.Event{Type: kind, Data: data}, Stream: "cap/card-1"}
		var journal iter.Seq2[event.Record, error] = func(yield func(event.Record, error) bool) {
			for range 2 {
				if !yield(record, nil) {
					return
				}
			}
		}
		r, err := backtest.Run(context.Background(), backtest.FromRecords(journal),
			[]backtest.Candidate{{Policy: policies[1]}, {Policy: policies[2]}}, &backtest.Options{Hindsight: 2})
		if (r == nil) == (err == nil) {
			t.Fatalf("%+v, %v", r, err)
		}
		if r != nil {
			_ = r.String()
		}
	})
}

// Whatever the history, its pictures are sound.
func FuzzPicture(f *testing.F) {
	f.Add([]byte("\x00\x10\x00\x09\x00\x60\x00\x50\x01\x00\x01\x00"), 80, 18)
	f.Add([]byte(""), 0, -1)
	f.Add([]byte("\xff\xff\xff\xff"), 1000, 1000)
	f.Fuzz(func(t *testing.T, data []byte, width, height int) {
		var history []backtest.Attempt
		for i := 0; i+4 <= min(len(data), 400); i += 4 {
			a := pay("", fmt.Sprint(i), 0, int64(binary.BigEndian.Uint16(data[i:])))
			a.Spend.At = monday.Add(time.Duration(binary.BigEndian.Uint16(data[i+2:])) * time.Minute)
			if data[i]&1 == 1 {
				a.Command = cap.ForcePost(a.Spend)
				a.Spend = cap.Spend{}
			}
			history = append(history, a)
		}
		c, err := backtest.Trace(policies[1], "week", history, &backtest.TraceOptions{From: hours(-5), Until: hours(2000)})
		if len(history) > 0 && err != nil && c != nil {
			t.Fatal(err)
		}
		if c == nil {
			return
		}
		_ = c.Text(width, height, berlin)
		checkSVG(t, c.SVG(width, height, berlin), min(max(width, 320), 4000), min(max(height, 200), 2000))
	})
}
