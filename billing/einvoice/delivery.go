package einvoice

import (
	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/party"
)

// delivery is what an invoice says of its delivery as a whole. The norm has one date and one address for all of it.
type delivery struct {
	on     civil.Date    // of all; 0 if they differ
	to     party.Address // of all; of several addresses in one country, the country alone
	differ bool          // there are several addresses, so lines tell their own
}

// deliveryOf finds what the lines that tell of a delivery have in common.
func deliveryOf(v *billing.Invoice) (d delivery) {
	first := true
	for i := range v.Lines {
		own := v.Lines[i].Delivery
		if own == nil {
			continue
		}
		if first {
			d.on = own.On
		} else if own.On != d.on {
			d.on = 0
		}
		first = false
		if own.To == nil || *own.To == d.to {
			continue
		}
		switch {
		case d.to.IsZero() && !d.differ:
			d.to = *own.To
		case own.To.Country == d.to.Country:
			d.to, d.differ = party.Address{Country: d.to.Country}, true
		default:
			d.to, d.differ = party.Address{}, true
		}
	}
	return d
}
