package cap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

type badPolicy struct{ json, want string }

// badPolicies are policies that are refused, each with what the error says: the path of the field, and why.
func badPolicies() []badPolicy {
	return append(append(badWindows(), badParts()...), badTexts()...)
}

const weekLimit = `{"name":"week","max":{"amount":"300.00","currency":"EUR"},"window":{"kind":"rolling","duration":"P7D"}}`

// withLimit is a policy of two limits, of which this is the second.
func withLimit(limit string) string {
	return `{"currency":"EUR","limits":[` + weekLimit + `,` + limit + `]}`
}

// with is a policy whose second limit has these fields besides.
func with(fields string) string {
	return withLimit(`{"name":"x","max":{"amount":"1.00","currency":"EUR"},"max_count":1,"window":{"kind":"lifetime"},` + fields + `}`)
}

func badWindows() []badPolicy {
	limits := withLimit
	window := func(s string) string {
		return limits(`{"name":"x","max":{"amount":"1.00","currency":"EUR"},"window":` + s + `}`)
	}
	zone := func(name string) string { return window(`{"kind":"calendar","unit":"day","zone":"` + name + `"}`) }
	opened := func(name string) string {
		return `{"name":"` + name + `","max_count":1,"window":{"kind":"opened_by_first_use","duration":"P1D"},"scope":{"include":{"channels":["atm"]}}}`
	}
	return []badPolicy{
		{``, "policy: not valid JSON"},
		{`{}`, "currency: none given"},
		{`{"currency":"EUR"}`, "policy: limits: none given"},
		{`{"currency":"EUR","limits":[]}`, "limits: 0 of them"},
		{`{"currency":"XAU","limits":[` + weekLimit + `]}`, "XAU"},
		{`{"currency":"USD","limits":[` + weekLimit + `]}`, "limits[0].max: in EUR, want the policy's USD"},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"more":1}`, `policy: unknown field "more"`},
		{`{"currency":"EUR","currency":"EUR","limits":[` + weekLimit + `]}`, `field "currency" is given twice`},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"lateness":"PT0S"}`, "lateness: zero"},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"lateness":"P1Y"}`, "lateness:"},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"lateness":"P401D"}`, "lateness:"},
		{`{"currency":"EUR","limits":[` + strings.Repeat(weekLimit+",", 32) + weekLimit + `]}`, "policy: limits: more than 31 of them"},
		{limits(weekLimit), `limits[1].name: "week" is the name of limits[0] too`},
		{limits(`{"name":"a b","max_count":1,"window":{"kind":"lifetime"}}`), "limits[1].name:"},
		{limits(`{"name":"","max_count":1,"window":{"kind":"lifetime"}}`), "limits[1].name:"},
		{limits(`{"name":"x","window":{"kind":"lifetime"}}`), "limits[1]: neither max nor max_count"},
		{limits(`{"name":"x","max_count":1}`), "limits[1].window: none given"},
		{limits(`{"name":"x","max_count":0,"window":{"kind":"lifetime"}}`), "limits[1].max_count: 0"},
		{limits(`{"name":"x","max_count":-1,"window":{"kind":"lifetime"}}`), "limits[1].max_count: -1"},
		{limits(`{"name":"x","max_count":1.5,"window":{"kind":"lifetime"}}`), "limits[1].max_count: 1.5, want a whole number"},
		{limits(`{"name":"x","max_count":1,"window":{"kind":"per_transaction"}}`), "limits[1].max_count: a transaction"},
		{limits(`{"name":"x","max":{"amount":"-1.00","currency":"EUR"},"window":{"kind":"lifetime"}}`), "limits[1].max: -1.00 EUR"},
		{limits(`{"name":"x","max":12,"window":{"kind":"lifetime"}}`), "limits[1].max:"},
		{limits(`{"name":"x","max":{"amount":"90000000000000000.00","currency":"EUR"},"window":{"kind":"lifetime"}}`), "limits[1].max:"},
		{limits(`{"name":"x","max_count":1,"max_count":2,"window":{"kind":"lifetime"}}`), `limits[1]: field "max_count" is given twice`},
		{limits(`{"name":"x","max_count":1,"scopes":[],"window":{"kind":"lifetime"}}`), `limits[1]: unknown field "scopes"`},
		{window(`{}`), "limits[1].window.kind:"},
		{window(`{"kind":"weekly"}`), `limits[1].window.kind: "weekly"`},
		{window(`{"kind":"rolling"}`), "limits[1].window.duration: none given"},
		{window(`{"kind":"rolling","duration":"PT0S"}`), "limits[1].window.duration:"},
		{window(`{"kind":"rolling","duration":"P401D"}`), "limits[1].window.duration:"},
		{window(`{"kind":"rolling","duration":"7d"}`), `limits[1].window.duration: "7d"`},
		{window(`{"kind":"rolling","duration":"P7D","zone":"UTC"}`), "limits[1].window.zone: a window of kind rolling has none"},
		{window(`{"kind":"rolling","duration":"P7D","Duration":"P8D"}`), `limits[1].window: unknown field "Duration"`},
		{window(`{"kind":"rolling_days","days":0,"zone":"UTC"}`), "limits[1].window.days: 0"},
		{window(`{"kind":"rolling_days","days":401,"zone":"UTC"}`), "limits[1].window.days: 401"},
		{window(`{"kind":"rolling_days","days":7}`), "limits[1].window.zone: none given"},
		{window(`{"kind":"calendar","unit":"decade","zone":"UTC"}`), `limits[1].window.unit: "decade"`},
		{window(`{"kind":"calendar","unit":"day","zone":"Mars/Olympus"}`), `limits[1].window.zone: "Mars/Olympus"`},
		{window(`{"kind":"calendar","unit":"day","zone":"Local"}`), `limits[1].window.zone: "Local"`},
		{window(`{"kind":"calendar","unit":"day","zone":"../../etc/passwd"}`), `limits[1].window.zone:`},
		{window(`{"kind":"lifetime","extra":1}`), `limits[1].window: unknown field "extra"`},
		{window(`[]`), "limits[1].window: an array, want an object"},
		{window(`null`), "limits[1].window: null, want an object"},
		{window(`{"kind":7}`), "limits[1].window.kind: a number, want a string"},
		{window(`{"KIND":"lifetime"}`), `limits[1].window: unknown field "KIND"`},
		{window(`{"kind":"rolling","duration":7}`), "limits[1].window.duration: a number, want a string"},
		{window(`{"kind":"rolling","duration":"P7D","duration":"P7D"}`), `limits[1].window: field "duration" is given twice`},
		{window(`{"kind":"rolling","duration":"PT0.0000001S"}`), "limits[1].window.duration:"},
		{window(`{"kind":"rolling","duration":"P99999999999999999999D"}`), "limits[1].window.duration:"},
		{window(`{"kind":"opened_by_first_use"}`), "limits[1].window.duration: none given"},
		{window(`{"kind":"opened_by_first_use","duration":"P1D","zone":"UTC"}`), "limits[1].window.zone: a window of kind opened_by_first_use has none"},
		{window(`{"kind":"rolling_hours","hours":9601,"zone":"UTC"}`), "limits[1].window.hours: 9601, want 1 to 9600"},
		{window(`{"kind":"rolling_hours","hours":1e2,"zone":"UTC"}`), "limits[1].window.hours: 1e2, want a whole number"},
		{window(`{"kind":"rolling_hours","hours":"1","zone":"UTC"}`), "limits[1].window.hours: a string, want a whole number"},
		{window(`{"kind":"rolling_hours","days":1,"zone":"UTC"}`), "limits[1].window.hours: none given"},
		{window(`{"kind":"rolling_months","months":14,"zone":"UTC"}`), "limits[1].window.months: 14, want 1 to 13"},
		{window(`{"kind":"rolling_months","months":-1,"zone":"UTC"}`), "limits[1].window.months: -1, want 1 to 13"},
		{window(`{"kind":"rolling_months","months":1,"days":3,"zone":"UTC"}`), "limits[1].window.days: a window of kind rolling_months has none"},
		{window(`{"kind":"rolling_days","days":99999999999999999999,"zone":"UTC"}`), "limits[1].window.days: 99999999999999999999, want a whole number"},
		{window(`{"kind":"calendar","unit":"day","start":1,"zone":"UTC"}`), "limits[1].window.start: a day has none"},
		{window(`{"kind":"calendar","unit":"week","start":8,"zone":"UTC"}`), "limits[1].window.start: a week begins at 1 to 7"},
		{window(`{"kind":"calendar","unit":"week","start":0,"zone":"UTC"}`), "limits[1].window.start: a week begins at 1 to 7"},
		{window(`{"kind":"calendar","unit":"month","start":29,"zone":"UTC"}`), "limits[1].window.start: a month begins at 1 to 28"},
		{window(`{"kind":"calendar","unit":"quarter","start":257,"zone":"UTC"}`), "limits[1].window.start: a quarter begins at 1 to 3"},
		{window(`{"kind":"calendar","unit":"year","start":-9223372036854775808,"zone":"UTC"}`), "limits[1].window.start: a year begins at 1 to 12"},
		{window(`{"kind":"calendar","zone":"UTC"}`), "limits[1].window.unit: none given"},
		{window(`{"kind":"calendar","unit":null,"zone":"UTC"}`), "limits[1].window.unit: null, want a string"},
		{window(`{"kind":"rolling_days","days":3,"start":2,"zone":"UTC"}`), "limits[1].window.start: a window of kind rolling_days has none"},
		{window(`{"kind":"lifetime","zone":"UTC"}`), "limits[1].window.zone: a window of kind lifetime has none"},
		{zone("localtime"), `limits[1].window.zone: "localtime"`}, // on many machines a file beside the zones
		{zone("posixrules"), `limits[1].window.zone: "posixrules"`},
		{zone("right/Europe/Paris"), `limits[1].window.zone: "right/Europe/Paris"`}, // counts leap seconds
		{zone("Europe"), `limits[1].window.zone: "Europe" is not in the IANA`},
		{zone(`Europe\u0000/Paris`), `limits[1].window.zone: "Europe\x00/Paris"`},
		{zone(""), `limits[1].window.zone: ""`},
		{limits(opened("a") + "," + opened("b") + "," + opened("c") + "," + opened("d")), "limits[4].window: more than 3 windows"},
	}
}

func badParts() []badPolicy {
	list := func(n int, format string) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(format, i))
		}
		return strings.Join(out, ",")
	}
	const override = `{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max_count":2}`
	instant := func(s string) string {
		return with(`"overrides":[{"from":"` + s + `","until":"2026-12-27T00:00:00Z","max_count":2}]`)
	}
	var many []string
	for i := range 17 {
		many = append(many, fmt.Sprintf(`{"from":"20%d-01-01T00:00:00Z","until":"20%d-02-01T00:00:00Z","max_count":2}`, i+30, i+30))
	}
	return []badPolicy{
		{with(`"scope":null`), "limits[1].scope: null, want an object"},
		{with(`"scope":{}`), "limits[1].scope: neither include nor exclude"},
		{with(`"scope":{"only":{"channels":["atm"]}}`), `limits[1].scope: unknown field "only"`},
		{with(`"scope":{"include":{}}`), "limits[1].scope.include: empty"},
		{with(`"scope":{"exclude":[]}`), "limits[1].scope.exclude: an array, want an object"},
		{with(`"scope":{"include":{"mcc":["5411"],"MCC":["5411"]}}`), `limits[1].scope.include: unknown field "MCC"`},
		{with(`"scope":{"include":{"mcc":["5411"],"mcc":["5411"]}}`), `limits[1].scope.include: field "mcc" is given twice`},
		{with(`"scope":{"include":{"channels":[],"mcc":["5411"]}}`), "limits[1].scope.include.channels: empty"}, // else an emptied list would take all
		{with(`"scope":{"include":{"mcc":null}}`), "limits[1].scope.include.mcc: null, want an array"},
		{with(`"scope":{"include":{"mcc":"5411"}}`), "limits[1].scope.include.mcc: a string, want an array"},
		{with(`"scope":{"include":{"mcc":["5411",5812]}}`), "limits[1].scope.include.mcc[1]: a number, want a string"},
		{with(`"scope":{"include":{"mcc":["5411","581"]}}`), `limits[1].scope.include.mcc[1]: "581", want four digits`},
		{with(`"scope":{"include":{"mcc":["0000"]}}`), `limits[1].scope.include.mcc[0]: "0000", want four digits`},
		{with(`"scope":{"include":{"mcc":["+541"]}}`), "limits[1].scope.include.mcc[0]:"},
		{with(`"scope":{"include":{"mcc":["٥٤١١"]}}`), "limits[1].scope.include.mcc[0]:"},
		{with(`"scope":{"include":{"mcc":["5411-"]}}`), "limits[1].scope.include.mcc[0]:"},
		{with(`"scope":{"include":{"mcc":["5411-5412-5413"]}}`), "limits[1].scope.include.mcc[0]:"},
		{with(`"scope":{"include":{"mcc":["5411-5411"]}}`), `limits[1].scope.include.mcc[0]: "5411-5411" does not go upwards`},
		{with(`"scope":{"include":{"mcc":["5412-5411"]}}`), `limits[1].scope.include.mcc[0]: "5412-5411" does not go upwards`},
		{with(`"scope":{"include":{"mcc":["5412","5411"]}}`), "limits[1].scope.include.mcc[1]: 5411 does not lie after 5412"},
		{with(`"scope":{"include":{"mcc":["5000-5411","5411-5500"]}}`), "limits[1].scope.include.mcc[1]: 5411-5500 does not lie after 5000-5411"},
		{with(`"scope":{"exclude":{"merchants":["b","a"]}}`), `limits[1].scope.exclude.merchants[1]: "a" does not lie after "b"`},
		{with(`"scope":{"exclude":{"merchants":["a","a"]}}`), `limits[1].scope.exclude.merchants[1]: "a" does not lie after "a"`},
		{with(`"scope":{"exclude":{"merchants":[""]}}`), "limits[1].scope.exclude.merchants[0]:"},
		{with(`"scope":{"exclude":{"merchants":["a\u0000"]}}`), "limits[1].scope.exclude.merchants[0]:"},
		{with(`"scope":{"exclude":{"merchants":["a\u0085"]}}`), "limits[1].scope.exclude.merchants[0]:"},
		{with(`"scope":{"exclude":{"merchants":["\ud800"]}}`), "limits[1].scope.exclude.merchants[0]: an escape in it is no character"},
		{with(`"scope":{"exclude":{"merchants":["` + strings.Repeat("x", cap.MaxID+1) + `"]}}`), "limits[1].scope.exclude.merchants[0]:"},
		{with(`"scope":{"exclude":{"countries":["fr"]}}`), `limits[1].scope.exclude.countries[0]: "fr", want two capital letters`},
		{with(`"scope":{"exclude":{"countries":["FRA"]}}`), "limits[1].scope.exclude.countries[0]:"},
		{with(`"scope":{"exclude":{"countries":["FR","DE"]}}`), `limits[1].scope.exclude.countries[1]: "DE" does not lie after "FR"`},
		{with(`"scope":{"exclude":{"channels":["phone"]}}`), `limits[1].scope.exclude.channels[0]: "phone", want one of`},
		{with(`"scope":{"exclude":{"channels":["pos","atm"]}}`), "limits[1].scope.exclude.channels[1]:"},
		{with(`"scope":{"include":{"mcc":[` + list(501, `"%04[1]d"`) + `]}}`), "limits[1].scope.include.mcc[0]:"},
		{with(`"scope":{"include":{"mcc":[` + list(501, `"1%03[1]d"`) + `]}}`), "limits[1].scope.include.mcc: more than 500 of them"},
		{with(`"scope":{"include":{"merchants":[` + list(501, `"%04[1]d"`) + `]}}`), "limits[1].scope.include.merchants: more than 500 of them"},
		{with(`"scope":{"exclude":{"countries":[` + strings.Repeat(`"FR",`, 500) + `"FR"]}}`), "limits[1].scope.exclude.countries: more than 500 of them"},

		{with(`"counting":{}`), "limits[1].counting: empty"},
		{with(`"counting":"now"`), "limits[1].counting: a string, want an object"},
		{with(`"counting":{"refunds":"now"}`), `limits[1].counting: unknown field "refunds"`},
		{with(`"counting":{"refund":"later"}`), `limits[1].counting.refund: "later", want ignored, original or now`},
		{with(`"counting":{"refund":"default"}`), `limits[1].counting.refund: "default", want`},
		{with(`"counting":{"refund":null}`), "limits[1].counting.refund: null, want a string"},
		{with(`"counting":{"refund":"now","refund":"now"}`), `limits[1].counting: field "refund" is given twice`},
		{with(`"counting":{"authorize":"original"}`), "limits[1].counting.authorize: original, which it may not be"},
		{with(`"counting":{"partial_reversal":"now"}`), "limits[1].counting.partial_reversal: now, which"},
		{with(`"counting":{"reversal":"now"}`), "limits[1].counting.reversal: now, which"},
		{with(`"counting":{"expiry":"now"}`), "limits[1].counting.expiry: now, which"},
		{with(`"counting":{"force_post":"original"}`), "limits[1].counting.force_post: original, which"},

		{with(`"overrides":{}`), "limits[1].overrides: an object, want an array"},
		{with(`"overrides":[7]`), "limits[1].overrides[0]: a number, want an object"},
		{with(`"overrides":[{"until":"2026-12-27T00:00:00Z","max_count":2}]`), "limits[1].overrides[0].from: none given"},
		{with(`"overrides":[{"from":"2026-12-27T00:00:00Z","max_count":2}]`), "limits[1].overrides[0].until: none given"},
		{with(`"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z"}]`), "limits[1].overrides[0]: neither max nor max_count"},
		{with(`"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-19T00:00:00Z","max_count":2}]`), "limits[1].overrides[0].until: want it after from"},
		{with(`"overrides":[` + override + `,` + override + `]`), "limits[1].overrides[1].from: before the end"},
		{with(`"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max_count":0}]`), "limits[1].overrides[0].max_count: 0: leave it out"},
		{with(`"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max_count":-1}]`), "limits[1].overrides[0].max_count: -1"},
		{with(`"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max":null}]`), "limits[1].overrides[0].max:"},
		{with(`"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max":{"amount":"2.00","currency":"USD"}}]`), "limits[1].overrides[0].max: 2.00 USD"},
		{with(`"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max":{"amount":"-2.00","currency":"EUR"}}]`), "limits[1].overrides[0].max: -2.00 EUR"},
		{withLimit(`{"name":"x","max_count":1,"window":{"kind":"lifetime"},"overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max":{"amount":"2.00","currency":"EUR"}}]}`), "limits[1].overrides[0].max: 2.00 EUR"},
		{withLimit(`{"name":"x","max":{"amount":"2.00","currency":"EUR"},"window":{"kind":"lifetime"},"overrides":[` + override + `]}`), "limits[1].overrides[0].max_count: 2"},
		{with(`"overrides":[` + strings.Join(many, ",") + `]`), "limits[1].overrides: more than 16 of them"},
		{instant("2026-12-19"), "limits[1].overrides[0].from:"},
		{instant("2026/12/19 00:00:00Z"), "limits[1].overrides[0].from:"},
		{instant("2026-12-19T00:00:00"), "limits[1].overrides[0].from:"},
		{instant("2026-12-19T0:00:00Z"), "limits[1].overrides[0].from:"},
		{instant("2026-12-19T00:00:00,5Z"), "limits[1].overrides[0].from:"},
		{instant("2026-12-19T00:00:00.Z"), "limits[1].overrides[0].from:"},
		{instant("2026-12-19T00:00:00.0000001Z"), "limits[1].overrides[0].from:"}, // would be cut off
		{instant("2026-12-19t00:00:00z"), "limits[1].overrides[0].from:"},
		{instant("2026-12-19T00:00:00+24:00"), "limits[1].overrides[0].from:"},
		{instant("2026-12-19T00:00:00+01:60"), "limits[1].overrides[0].from:"},
		{instant("2026-02-30T00:00:00Z"), "limits[1].overrides[0].from:"},
		{instant("1969-12-31T23:59:59.999999Z"), "limits[1].overrides[0].from:"},
		{instant("2200-01-01T00:00:00Z"), "limits[1].overrides[0].from:"},

		{with(`"alerts":80`), "limits[1].alerts: a number, want an array"},
		{with(`"alerts":["80"]`), "limits[1].alerts[0]: a string, want a whole number"},
		{with(`"alerts":[80,99.5]`), "limits[1].alerts[1]: 99.5, want a whole number"},
		{with(`"alerts":[0]`), "limits[1].alerts[0]: 0 percent"},
		{with(`"alerts":[80,1001]`), "limits[1].alerts[1]: 1001 percent, want 1 to 1000"},
		{with(`"alerts":[80,80]`), "limits[1].alerts[1]: 80 percent"},
		{with(`"alerts":[80,50]`), "limits[1].alerts[1]: 50 percent"},
		{with(`"alerts":[80,null]`), "limits[1].alerts[1]: null, want a whole number"},
		{with(`"alerts":[18446744073709551696]`), "limits[1].alerts[0]: 18446744073709551696, want a whole number"},
		{with(`"alerts":[4294967376]`), "limits[1].alerts[0]: 1001 percent, want 1 to 1000"},
		{with(`"alerts":[1,2,3,4,5,6,7,8,9]`), "limits[1].alerts: more than 8 of them"},
	}
}

// badTexts are those that only somebody writes who means harm, or whose program is broken.
func badTexts() []badPolicy {
	limit := func(s string) string { return withLimit(`{"name":"x","window":{"kind":"lifetime"},` + s + `}`) }
	wide := make([]string, 12000)
	for i := range wide {
		wide[i] = fmt.Sprintf(`"f%d":0`, i)
	}
	return []badPolicy{
		{`null`, "policy: null, want an object"},
		{`[]`, "policy: an array, want an object"},
		{`7`, "policy: a number, want an object"},
		{`{"CURRENCY":"EUR","limits":[` + weekLimit + `]}`, `policy: unknown field "CURRENCY"`},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"lateness":null}`, "policy: lateness: null, want a string"},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"final_after":"PT0S"}`, "policy: final_after: zero"},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"final_after":null}`, "policy: final_after: null, want a string"},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"final_after":"PT23H"}`, "policy: final_after: want a whole number"},
		{`{"currency":"EUR","limits":[` + weekLimit + `],"final_after":"P401D"}`, "policy: final_after:"},
		{`{"currency":"EUR","limits":[` + weekLimit + `]} {}`, "policy: not valid JSON"},
		{`{"currency":"eur","limits":[` + weekLimit + `]}`, "policy: currency:"},
		{`{"currency":978,"limits":[` + weekLimit + `]}`, "policy: currency: a number, want a string"},
		{`{"currency":"EUR","limits":{}}`, "policy: limits: an object, want an array"},
		{`{"currency":"EUR","limits":[null]}`, "policy: limits[0]: null, want an object"},
		{limit(`"max":null,"max_count":1`), "limits[1].max:"},
		{limit(`"max_count":null`), "limits[1].max_count: null, want a whole number"},
		{limit(`"max_count":9223372036854775808`), "limits[1].max_count: 9223372036854775808, want a whole number"},
		{limit(`"max_count":1E400`), "limits[1].max_count: 1E400, want a whole number"},
		{limit(`"max_count":` + strings.Repeat("9", 200_000)), "limits[1].max_count: 999"},
		{limit(`"max":{"amount":"` + strings.Repeat("9", 200_000) + `","currency":"EUR"}`), "limits[1].max:"},
		{limit(`"max":{"amount":"1.001","currency":"EUR"}`), "limits[1].max:"},
		{limit(`"max":{"amount":"01.00","currency":"EUR"}`), "limits[1].max:"},
		{limit(`"max":{"amount":"1e2","currency":"EUR"}`), "limits[1].max:"},
		{limit(`"max":{"amount":"-0.00","currency":"EUR"}`), "limits[1].max: a zero with a minus"},
		{limit(`"max":{"amount":"1.00","amount":"2.00","currency":"EUR"}`), "limits[1].max:"},
		{limit(`"max":{"amount":"1.00","Amount":"2.00","currency":"EUR"}`), "limits[1].max:"},
		{limit(`"max":{"amount":"180143985094819.84","currency":"EUR"}`), "limits[1].max: 180143985094819.84 EUR, want 0 to 2^54-1"},
		{limit(`"max_count":1,"alerts":[80],"\u0061lerts":[90]`), `limits[1]: field "alerts" is given twice`},
		{withLimit(`{"name":"a\u0000","max_count":1,"window":{"kind":"lifetime"}}`), "limits[1].name:"},
		{withLimit("{\"name\":\"a\x00\",\"max_count\":1,\"window\":{\"kind\":\"lifetime\"}}"), "policy: not valid JSON"},
		{withLimit("{\"name\":\"a\xff\",\"max_count\":1,\"window\":{\"kind\":\"lifetime\"}}"), "policy: not valid UTF-8"},
		{with("\"scope\":{\"include\":{\"merchants\":[\"\xff\"]}}"), "policy: not valid UTF-8"},
		{withLimit(`{"name":"` + strings.Repeat("x", 65) + `","max_count":1,"window":{"kind":"lifetime"}}`), "limits[1].name:"},
		{strings.Repeat(`{"limits":[`, 20_000), "policy: not valid JSON"},
		{strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000), "policy: not valid JSON"},
		{`{"currency":"EUR","limits":[` + strings.Repeat(`[`, 9000) + strings.Repeat(`]`, 9000) + `]}`, "policy: limits[0]: an array, want an object"},
		{`{"currency":"EUR","limits":[` + strings.Repeat(`0,`, 100_000) + `0]}`, "policy: limits[0]: a number"},
		{`{` + strings.Join(wide, ",") + `}`, `policy: unknown field "f0"`},
		{`{"` + strings.Repeat("é", 100_000) + `":0}`, "policy: unknown field"},
		{`"` + strings.Repeat("x", cap.MaxPolicy) + `"`, "want at most"},
	}
}

// Bad policies are refused, and the error names the field, in few words whatever the input was.
func TestPolicyErrors(t *testing.T) {
	for _, row := range badPolicies() {
		p, err := cap.ParsePolicy([]byte(row.json))
		if p != nil || !errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), row.want) || len(err.Error()) > 500 {
			t.Errorf("%.200s\n got %.500v\nwant %s", row.json, err, row.want)
		}
	}
}

// The error is the same whenever the same policy is refused, also if two things are wrong with it.
func TestPolicyErrorsAreStable(t *testing.T) {
	for _, text := range []string{
		with(`"counting":{"b":"now","a":"now","refund":"x","capture":"y"}`),
		with(`"scope":{"include":{"countries":["x"],"mcc":["x"],"merchants":[""],"channels":["x"]}}`),
		`{"z":1,"y":1,"x":1}`,
	} {
		_, want := cap.ParsePolicy([]byte(text))
		for range 20 {
			if _, err := cap.ParsePolicy([]byte(text)); want == nil || err == nil || err.Error() != want.Error() {
				t.Fatalf("%s: got %v, then %v", text, want, err)
			}
		}
	}
}

// What a policy made in Go may be is what its JSON may be.
func TestLimitErrors(t *testing.T) {
	from, until := time.Date(2026, 12, 19, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 27, 0, 0, 0, 0, time.UTC)
	long := make([]cap.MCCRange, cap.MaxScope+1)
	ids := make([]string, cap.MaxScope+1)
	countries := make([]cap.Country, cap.MaxScope+1)
	channels := make([]cap.Channel, cap.MaxScope+1)
	for _, row := range []struct {
		change func(*cap.Limit)
		want   string
	}{
		{func(l *cap.Limit) { l.Scope.Include.Categories = []cap.MCCRange{{From: 0, To: 9}} }, "limits[0].scope.include.mcc[0]:"},
		{func(l *cap.Limit) { l.Scope.Include.Categories = []cap.MCCRange{{From: 9, To: 8}} }, "limits[0].scope.include.mcc[0]:"},
		{func(l *cap.Limit) { l.Scope.Include.Categories = []cap.MCCRange{{From: 9, To: 10000}} }, "limits[0].scope.include.mcc[0]:"},
		{func(l *cap.Limit) { l.Scope.Exclude.Categories = []cap.MCCRange{{From: 1, To: 2}, {From: 2, To: 3}} }, "limits[0].scope.exclude.mcc[1]:"},
		{func(l *cap.Limit) { l.Scope.Exclude.Merchants = []string{"\xff"} }, "limits[0].scope.exclude.merchants[0]:"},
		{func(l *cap.Limit) { l.Scope.Include.Countries = []cap.Country{"F"} }, "limits[0].scope.include.countries[0]:"},
		{func(l *cap.Limit) { l.Scope.Include.Channels = []cap.Channel{"ATM"} }, "limits[0].scope.include.channels[0]:"},
		{func(l *cap.Limit) { l.Scope.Include.Categories = long }, "limits[0].scope.include.mcc: 501 of them, want at most 500"},
		{func(l *cap.Limit) { l.Scope.Include.Merchants = ids }, "limits[0].scope.include.merchants: 501 of them"},
		{func(l *cap.Limit) { l.Scope.Exclude.Countries = countries }, "limits[0].scope.exclude.countries: 501 of them"},
		{func(l *cap.Limit) { l.Scope.Exclude.Channels = channels }, "limits[0].scope.exclude.channels: 501 of them"},
		{func(l *cap.Limit) { l.Counting.Authorize = cap.Original }, "limits[0].counting.authorize: original, which"},
		{func(l *cap.Limit) { l.Counting.Refund = 200 }, "limits[0].counting.refund: Mode(200), which"},
		{func(l *cap.Limit) { l.Alerts = []int{-80} }, "limits[0].alerts[0]: -80 percent"},
		{func(l *cap.Limit) { l.Alerts = make([]int, 9) }, "limits[0].alerts: 9 of them"},
		{func(l *cap.Limit) { l.Overrides = make([]cap.Override, 17) }, "limits[0].overrides: 17 of them"},
		{func(l *cap.Limit) { l.Overrides = []cap.Override{{Until: until, MaxCount: 1}} }, "limits[0].overrides[0].from:"},
		{func(l *cap.Limit) { l.Overrides = []cap.Override{{From: from, MaxCount: 1}} }, "limits[0].overrides[0].until:"},
		{func(l *cap.Limit) {
			l.Overrides = []cap.Override{{From: from, Until: from.Add(time.Nanosecond), MaxCount: 1}} // the same microsecond
		}, "limits[0].overrides[0].until: want it after from"},
		{func(l *cap.Limit) { l.Overrides = []cap.Override{{From: from, Until: until}} }, "limits[0].overrides[0]: neither"},
		{func(l *cap.Limit) { l.Overrides = []cap.Override{{From: from, Until: until, MaxCount: -1}} }, "limits[0].overrides[0].max_count:"},
		{func(l *cap.Limit) {
			l.Overrides = []cap.Override{{From: from, Until: until, Max: money.New(cap.MaxAmount+1, money.EUR)}}
		}, "limits[0].overrides[0].max:"},
		{func(l *cap.Limit) { l.Max = money.New(cap.MaxAmount+1, money.EUR) }, "limits[0].max:"},
		{func(l *cap.Limit) { l.MaxCount = -1 }, "limits[0].max_count:"},
	} {
		limit := cap.Limit{Name: "x", Max: eur(1), MaxCount: 1, Window: cap.Lifetime()}
		row.change(&limit)
		_, err := cap.NewPolicy(money.EUR, []cap.Limit{limit}, nil)
		if !errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got %v, want %s", err, row.want)
		}
	}
}

// The bounds themselves are taken: limits, overrides, alerts, entries of a list, bytes.
func TestPolicyBounds(t *testing.T) {
	full := cap.Limit{Max: money.New(cap.MaxAmount, money.EUR), MaxCount: 1<<63 - 1, Window: cap.Rolling(cap.MaxRolling)}
	for i := range cap.MaxAlerts {
		full.Alerts = append(full.Alerts, cap.MaxAlertPercent-cap.MaxAlerts+1+i)
	}
	for i := range cap.MaxOverrides {
		from := time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC) // one begins when the one before it ends
		full.Overrides = append(full.Overrides, cap.Override{From: from, Until: from.AddDate(0, 0, 1), Max: full.Max})
	}
	for i := range cap.MaxScope {
		full.Scope.Exclude.Categories = append(full.Scope.Exclude.Categories, cap.MCCRange{From: cap.MCC(2*i + 1), To: cap.MCC(2*i + 2)})
		full.Scope.Exclude.Countries = append(full.Scope.Exclude.Countries, cap.Country([]byte{'A' + byte(i/26), 'A' + byte(i%26)}))
	}
	full.Scope.Exclude.Channels = []cap.Channel{cap.ATM, cap.Cash, cap.Contactless, cap.ECommerce, cap.MOTO, cap.POS, cap.Recurring, cap.Transfer}
	var limits []cap.Limit
	for i := range cap.MaxLimits {
		full.Name = strings.Repeat("n", cap.MaxName-2) + fmt.Sprintf("%02d", i)
		limits = append(limits, full)
		if i >= 8 { // more would be too long
			limits[i].Scope = cap.Scope{}
		}
	}
	p := cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: cap.MaxRolling})
	text, err := json.Marshal(p)
	if back, err2 := cap.ParsePolicy(text); err != nil || err2 != nil || !back.Equal(p) || len(p.Diff(back)) != 0 {
		t.Errorf("got %v %v", err, err2)
	}

	// An id of a merchant takes up to six bytes for one in JSON, so that the policy may become too long when it is written.
	limits = limits[:1]
	ids := make([]string, cap.MaxScope)
	for i := range ids {
		ids[i] = fmt.Sprintf("%03d%s", i, strings.Repeat("<", 100))
	}
	limits[0].Scope.Exclude.Merchants = ids
	if _, err := cap.NewPolicy(money.EUR, limits, nil); !errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), "bytes of JSON, want at most 262144") {
		t.Errorf("got %v", err)
	}
	for i := range ids {
		ids[i] = fmt.Sprintf("%03d%s", i, strings.Repeat("<", 60))
	}
	if _, err := cap.NewPolicy(money.EUR, limits, nil); err != nil {
		t.Error(err)
	}
}
