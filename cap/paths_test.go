package cap_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
)

// Laws that only short cuts could break: each has a test of its own, whatever the histories happen to reach.

// Law L2: an increment that leaves the window takes its amount along, and not a spend, since it was none.
func TestIncrementLeavesTheWindow(t *testing.T) {
	hour := policyOf(cap.Limit{Name: "hour", Max: euros(100), MaxCount: 2, Window: cap.Rolling(time.Hour)})
	play(t, cap.NewMeter(hour), []step{
		{authorize("a", 0, 10_00), "approved | hour 10.00"},
		{adjust("a", 0, 30_00, 0.5), "approved | hour 30.00"},
		{authorize("b", 1.2, 5_00), "approved | hour 25.00"},
		{authorize("c", 1.6, 5_00), "approved | hour 10.00"},
		{authorize("d", 1.7, 5_00), "refused count_limit_exceeded by hour | hour 10.00"},
	})
}
