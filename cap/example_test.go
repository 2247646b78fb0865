package cap_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// A debit card may spend 300 EUR in any seven days.
func Example() {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "week", Max: money.New(300_00, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
	}, nil)
	meter := cap.NewMeter(policy)

	monday := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	pay := func(id string, at time.Time, minor int64) {
		d, err := meter.Authorize(cap.Spend{ID: id, At: at, Amount: money.New(minor, money.EUR)})
		if err != nil {
			fmt.Println("could not decide:", err)
			return
		}
		week := d.Limit(0)
		fmt.Println(id, d.Outcome(), d.Reason(), "remaining", week.Remaining(), "next room", week.FreeAt.Format("Mon 15:04"))
	}
	pay("coffee", monday, 110_00)
	pay("shoes", monday.Add(24*time.Hour), 110_00)
	pay("dinner", monday.Add(48*time.Hour), 110_00)

	room, _ := meter.RoomFor(money.New(110_00, money.EUR), monday.Add(48*time.Hour), nil)
	fmt.Println("dinner fits on", room.At.Format("Monday 2 January 15:04"))
	// Output:
	// coffee approved  remaining 190.00 EUR next room Mon 09:00
	// shoes approved  remaining 80.00 EUR next room Mon 09:00
	// dinner refused amount_limit_exceeded remaining 80.00 EUR next room Mon 09:00
	// dinner fits on Monday 23 November 09:00
}

// A command decides first and changes later: the events in between are what a journal keeps.
func ExampleAuthorize() {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "each", Max: money.New(50_00, money.EUR), Window: cap.PerTransaction()},
	}, nil)
	meter := cap.NewMeter(policy)
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

	command := cap.Authorize{ID: "pay-981", At: at, Amount: money.New(60_00, money.EUR)}
	events, err := command.Decide(meter)
	if err != nil {
		fmt.Println("could not decide:", err)
		return
	}
	stored, _ := cap.Codec().Encode(events[0])
	fmt.Println(stored.Type)
	fmt.Println(string(stored.Data))
	for _, e := range events {
		if err := meter.Apply(e); err != nil {
			fmt.Println("does not fit the history:", err)
		}
	}
	d := command.Result(events)
	fmt.Println(d.Approved())
	// Output:
	// cap.refused.v1
	// {"command":"authorize","id":"pay-981","at":"2026-11-16T09:00:00Z","amount":{"amount":"60.00","currency":"EUR"},"reason":"amount_limit_exceeded","limit":"each","limits":[{"name":"each","max":{"amount":"50.00","currency":"EUR"},"used":{"amount":"0.00","currency":"EUR"},"count":0}]}
	// false
}
