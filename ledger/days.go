package ledger

import (
	"cmp"
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

// through returns the sum of all days up to and including a date.
func (d days) through(date civil.Date) (sum int64) {
	for i := range d {
		if d[i].date > date {
			break
		}
		sum += d[i].net
	}
	return sum
}
