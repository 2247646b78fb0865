package ledger

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/payrules/payrules/money"
)

// MaxHolds is how many holds may live on an account at once.
const MaxHolds = 10_000

// MaxCaptures is after how many captures of a hold the next one is the last: the transfer remembers each, so that none is done twice.
const MaxCaptures = 1000

// never is the end of a hold that does not end by itself.
const never = math.MaxInt64

// hold is what a transfer reserves on one account: out of what it has, and in below its maximum. It lives before its end.
type hold struct {
	transfer string
	ends     int64 // microseconds since 1970; never
	out, in  int64
}

// holds are those of an account, by their end. What has ended stands in front.
type holds []hold

func (h *hold) compare(ends int64, transfer string) int {
	if c := cmp.Compare(h.ends, ends); c != 0 {
		return c
	}
	return cmp.Compare(h.transfer, transfer)
}

// find returns where the hold of a transfer stands, or would.
func (h holds) find(ends int64, transfer string) (int, bool) {
	return slices.BinarySearchFunc(h, transfer, func(x hold, t string) int { return x.compare(ends, t) })
}

// ended returns how many holds have ended at an instant.
func (h holds) ended(at int64) int {
	n, _ := slices.BinarySearchFunc(h, at, func(x hold, at int64) int {
		if x.ends <= at {
			return -1
		}
		return 1
	})
	return n
}

// sums returns what holds reserve together.
func (h holds) sums() (out, in int64) {
	for i := range h {
		out, in = out+h[i].out, in+h[i].in
	}
	return out, in
}

// endOf returns the end of a hold that an event or command names; the zero time is never.
func endOf(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

// timeOfEnd is the reverse of endOf.
func timeOfEnd(ends int64) time.Time {
	if ends == never {
		return time.Time{}
	}
	return money.FromUnixMicro(ends)
}
