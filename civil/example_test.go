package civil_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
)

// A payment at half past eleven in the evening, seen from two places, and when its day ends.
func Example() {
	paris, _ := time.LoadLocation("Europe/Paris")
	at := time.Date(2026, time.October, 24, 22, 30, 0, 0, time.UTC)
	booked := civil.DateOf(at, paris)
	fmt.Println(civil.DateOf(at, time.UTC), booked, booked.Weekday())

	next := booked.AddDays(1)
	fmt.Println(next.Start(paris).Sub(booked.Start(paris))) // the clocks go back on that day

	text, _ := json.Marshal(map[string]civil.Date{"value": booked})
	fmt.Println(string(text))
	// Output:
	// 2026-10-24 2026-10-25 Sunday
	// 25h0m0s
	// {"value":"2026-10-25"}
}

// The days on which a contract of the 31st is billed: each counted from the beginning.
func ExampleDate_AddMonths() {
	start := civil.MustParseDate("2028-01-31")
	for n := range 4 {
		fmt.Println(start.AddMonths(n))
	}
	// Output:
	// 2028-01-31
	// 2028-02-29
	// 2028-03-31
	// 2028-04-30
}
