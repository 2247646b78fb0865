package cap

import (
	"fmt"
	"strconv"
)

// durationUnit is a unit of an ISO 8601 duration.
type durationUnit struct {
	letter byte
	micros int64
	time   bool // stands behind the T
}

// durationUnits returns those that have a fixed length, in the order in which they are written. A day is 24 hours and a
// week seven of them: years and months have no length of their own, and are not taken.
func durationUnits() [5]durationUnit {
	return [...]durationUnit{
		{'W', 7 * day, false},
		{'D', day, false},
		{'H', 3600 * second, true},
		{'M', 60 * second, true},
		{'S', second, true},
	}
}

// formatDuration writes microseconds as an ISO 8601 duration in its shortest form without weeks: "P7D", "PT36H" is
// "P1DT12H", "PT0.5S". Zero is "PT0S".
func formatDuration(micros int64) string {
	if micros <= 0 {
		return "PT0S"
	}
	out := []byte{'P'}
	inTime := false
	for i, u := range durationUnits() {
		if i == 0 {
			continue // weeks
		}
		n := micros / u.micros
		micros -= n * u.micros
		if u.letter == 'S' && micros > 0 {
			out = startTime(out, &inTime)
			fraction := strconv.AppendInt(nil, second+micros, 10)[1:]
			for fraction[len(fraction)-1] == '0' {
				fraction = fraction[:len(fraction)-1]
			}
			return string(append(append(append(strconv.AppendInt(out, n, 10), '.'), fraction...), 'S'))
		}
		if n == 0 {
			continue
		}
		if u.time {
			out = startTime(out, &inTime)
		}
		out = append(strconv.AppendInt(out, n, 10), u.letter)
	}
	return string(out)
}

func startTime(out []byte, inTime *bool) []byte {
	if *inTime {
		return out
	}
	*inTime = true
	return append(out, 'T')
}

// parseDuration reads an ISO 8601 duration of weeks, days, hours, minutes and seconds, each at most once and in that
// order, as microseconds. Seconds may have up to six digits after a point. No sign, no lower case, no comma.
func parseDuration(s string) (int64, error) {
	bad := fmt.Errorf("%q, want an ISO 8601 duration such as P7D or PT36H", clip(s))
	if len(s) < 3 || len(s) > 32 || s[0] != 'P' {
		return 0, bad
	}
	var total int64
	inTime := false
	units := durationUnits()
	left := units[:] // those that may come
	for i := 1; i < len(s); {
		if s[i] == 'T' {
			if inTime || i+1 == len(s) {
				return 0, bad
			}
			inTime = true
			i++
			continue
		}
		first := i
		var n, fraction int64
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9' && i-first < 10; i++ {
			n = n*10 + int64(s[i]-'0')
		}
		whole := i
		if whole > first && i < len(s) && s[i] == '.' {
			scale := second
			for i++; i < len(s) && s[i] >= '0' && s[i] <= '9' && scale > 1; i++ {
				scale /= 10
				fraction += int64(s[i]-'0') * scale
			}
		}
		if whole == first || i == len(s) || i == whole+1 {
			return 0, bad
		}
		for len(left) > 0 && (left[0].letter != s[i] || left[0].time != inTime) {
			left = left[1:]
		}
		if len(left) == 0 || i > whole && s[i] != 'S' {
			return 0, bad
		}
		u := left[0]
		left = left[1:]
		if n > MaxRolling.Microseconds()/u.micros+1 {
			return 0, fmt.Errorf("%q is longer than any window may be", s)
		}
		total += n*u.micros + fraction
		i++
	}
	return total, nil
}
