package einvoice

import (
	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/party"
)

// delivery is what an invoice says of its delivery as a whole. The norm has one date and one address for all of it.
type delivery struct {
	on     civil.Date    // of all; 0 if they differ
	to     party.Address // of all; of several addresses in one country, or where some tell none, the country alone
	differ bool          // they do not go to one address, so lines tell their own
}

// deliveryOf finds what the lines have in common: all but services of which no delivery is told, which are delivered nowhere.
func deliveryOf(v *billing.Invoice) (d delivery) {
	first := true
	for i := range v.Lines {
		l := &v.Lines[i]
		if l.Delivery == nil && l.Supply == billing.Services {
			continue
		}
		var on civil.Date
		var to party.Address
		if own := l.Delivery; own != nil {
			on = own.On
			if own.To != nil {
				to = *own.To
			}
		}
		if first {
			d.on, d.to, first = on, to, false
			continue
		}
		if on != d.on {
			d.on = 0
		}
		d.join(&to)
	}
	return d
}

// join adds the address of another line, which is zero where none is told.
func (d *delivery) join(to *party.Address) {
	switch {
	case *to == d.to, d.differ && d.to.IsZero(): // there are several countries
	case d.to.IsZero():
		d.to, d.differ = party.Address{Country: to.Country}, true
	case to.IsZero() || to.Country == d.to.Country:
		d.to, d.differ = party.Address{Country: d.to.Country}, true
	default:
		d.to, d.differ = party.Address{}, true
	}
}
