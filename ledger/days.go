package ledger

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
)

// day is what the entries of one value date add to the balance.
type day struct {
	date  civil.Date
	net   int64
	first event.Version // of the first record with that value date
}

// days are those of an account whose period is open, by date: all that its state knows of its entries. There is one for each
// value date, so that they are few, however many entries there are.
type days []day

func (d days) find(date civil.Date) (int, bool) {
	return slices.BinarySearchFunc(d, date, func(x day, date civil.Date) int { return cmp.Compare(x.date, date) })
}

// add books a net amount on a date.
func (d days) add(date civil.Date, net int64, v event.Version) days {
	i, found := d.find(date)
	if !found {
		return slices.Insert(d, i, day{date, net, v})
	}
	d[i].net += net
	return d
}

// on returns what the entries of a date add.
func (d days) on(date civil.Date) int64 {
	if i, found := d.find(date); found {
		return d[i].net
	}
	return 0
}

// through returns an opening balance and the sum of all days up to and including a date; ok is false if it is beyond
// MaxBalance, as one by value date can be where the one by booking never was.
func (d days) through(date civil.Date, opening int64) (sum int64, ok bool) {
	hi, lo := opening>>63, uint64(opening) // one signed number of 128 bits
	for i := range d {
		if d[i].date > date {
			break
		}
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(d[i].net), 0)
		hi += d[i].net>>63 + int64(carry)
	}
	sum = int64(lo)
	return sum, hi == sum>>63 && sum <= MaxBalance && sum >= -MaxBalance
}
