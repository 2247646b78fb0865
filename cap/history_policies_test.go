package cap_test

import "github.com/payrules/payrules/cap"

// fancyPolicies are those with scopes, tables, overrides, alerts, and windows opened by first use.
func fancyPolicies(start int64, w func(string, int64) modelWindow) []*modelPolicy {
	now := cap.Counting{Refund: cap.Now}
	cleared := cap.Counting{Authorize: cap.Ignored, Increment: cap.Ignored, Capture: cap.Now, ForcePost: cap.Ignored}
	attempts := cap.Counting{Refusal: cap.Now}
	weekend := []modelOverride{{start + civil, start + 3*civil, 900, -1}, {start + 5*civil, start + 6*civil, 20, 2}}
	return []*modelPolicy{
		newFinalPolicy(civil, 2*civil,
			modelLimit{name: "days", max: 300, count: 15, window: w("days", 6)},
			modelLimit{name: "month", max: 900, count: -1, window: w("15th", 0), alerts: []int{50}},
			modelLimit{name: "ever", max: 3000, count: -1, window: w("ever", 0)},
			modelLimit{name: "abroad", max: 150, count: 7, window: w("hours", 40), scope: "abroad"}),
		newFinalPolicy(hour, 5*hour,
			modelLimit{name: "net", max: 120, count: -1, window: w("days", 4), counting: now},
			modelLimit{name: "hours", max: 90, count: 9, window: w("hours", 30), counting: now},
			modelLimit{name: "cleared", max: 200, count: -1, window: w("month", 0), counting: cleared}),
		newFinalPolicy(civil, civil,
			modelLimit{name: "week", max: 200, count: -1, window: w("rolling", 7*civil)},
			modelLimit{name: "atm", max: 90, count: -1, window: w("days", 3), scope: "atm"}),
		newModelPolicy(civil,
			modelLimit{name: "week", max: 300, count: -1, window: w("rolling", 7*civil), alerts: []int{50, 80, 100}},
			modelLimit{name: "atm", max: 80, count: 3, window: w("rolling", civil), scope: "atm", alerts: []int{100}},
			modelLimit{name: "abroad", max: 150, count: -1, window: w("days", 2), scope: "abroad"},
			modelLimit{name: "risky", max: 50, count: -1, window: w("month", 0), scope: "risky"},
			modelLimit{name: "atm-each", max: 40, count: -1, window: w("each", 0), scope: "atm", alerts: []int{90}},
			modelLimit{name: "atm-ever", max: 700, count: -1, window: w("ever", 0), scope: "atm"}),
		newModelPolicy(civil,
			modelLimit{name: "day", max: 120, count: -1, window: w("rolling", civil)},
			modelLimit{name: "attempts", max: -1, count: 6, window: w("rolling", 2*hour), counting: attempts, alerts: []int{50, 100}},
			modelLimit{name: "tried", max: 400, count: 25, window: w("days", 3), counting: attempts, overrides: weekend},
			modelLimit{name: "atm", max: -1, count: 9, window: w("opened", civil), counting: attempts, scope: "atm"}),
		newFinalPolicy(hour, 3*hour,
			modelLimit{name: "tried-ever", max: -1, count: 40, window: w("ever", 0), counting: cap.Counting{Refusal: cap.Now, Reversal: cap.Ignored}},
			modelLimit{name: "attempts", max: 300, count: 20, window: w("hours", 20), counting: attempts, scope: "abroad"},
			modelLimit{name: "each", max: 70, count: -1, window: w("each", 0), counting: attempts},
			modelLimit{name: "days", max: 250, count: -1, window: w("days", 2), counting: cap.Counting{Refund: cap.Now}}),
		newModelPolicy(2*civil,
			modelLimit{name: "opened", max: 200, count: 8, window: w("opened", 2*civil)},
			modelLimit{name: "hours", max: 90, count: -1, window: w("opened", 3*hour), alerts: []int{75}},
			modelLimit{name: "atm", max: 100, count: -1, window: w("opened", civil), scope: "atm"}),
		newModelPolicy(civil,
			modelLimit{name: "override", max: 120, count: 6, window: w("rolling", 2*civil), overrides: weekend, alerts: []int{60}},
			modelLimit{name: "each", max: 60, count: -1, window: w("each", 0), overrides: []modelOverride{{start + civil, start + 2*civil, 10, -1}}},
			modelLimit{name: "ever", max: 900, count: -1, window: w("ever", 0), overrides: []modelOverride{{start + 9*civil, start + 12*civil, 2000, -1}}}),
		newModelPolicy(36*hour,
			modelLimit{name: "net", max: 150, count: -1, window: w("rolling", 3*civil), counting: now},
			modelLimit{name: "net-day", max: 100, count: 7, window: w("day", 0), counting: now, alerts: []int{50}},
			modelLimit{name: "gross", max: 400, count: -1, window: w("rolling", 7*civil)}),
		newModelPolicy(civil,
			modelLimit{name: "gross", max: 400, count: -1, window: w("rolling", 7*civil)},
			modelLimit{name: "net", max: 150, count: 9, window: w("rolling", 2*civil), counting: now, scope: "abroad"},
			modelLimit{name: "back", max: 150, count: -1, window: w("rolling", 2*civil), counting: cap.Counting{Refund: cap.Original}},
			modelLimit{name: "cleared", max: 120, count: 5, window: w("rolling", 2*civil), counting: cleared, overrides: weekend},
			modelLimit{name: "cleared-ever", max: 2000, count: -1, window: w("ever", 0), counting: cleared}),
		newModelPolicy(civil,
			modelLimit{name: "never-back", max: 500, count: -1, window: w("rolling", 5*civil), counting: cap.Counting{
				PartialReversal: cap.Ignored, Reversal: cap.Ignored, Expiry: cap.Ignored, Capture: cap.Ignored}},
			modelLimit{name: "captures", max: 200, count: -1, window: w("rolling", civil), counting: cap.Counting{Capture: cap.Now}},
			modelLimit{name: "opened", max: 300, count: -1, window: w("opened", civil), counting: cap.Counting{Increment: cap.Original, Refund: cap.Now}},
			modelLimit{name: "unforced", max: 150, count: -1, window: w("days", 1), counting: cap.Counting{ForcePost: cap.Ignored, Increment: cap.Ignored}}),
	}
}
