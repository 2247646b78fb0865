package cap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Merchant says where a spend is made: what the limits that have a [Scope] look at. Fields that are not known are left
// zero. It is a value, and is compared with ==.
type Merchant struct {
	_ struct{} // disallow positional literals

	// ID is the merchant's own, such as a card acceptor identification code: up to MaxID bytes of UTF-8 without control
	// characters.
	ID string `json:"id,omitempty"`

	// Category is what the merchant sells.
	Category MCC `json:"mcc,omitzero"`

	// Country is where.
	Country Country `json:"country,omitempty"`

	// Channel is how the merchant is paid.
	Channel Channel `json:"channel,omitempty"`
}

// MCC is a merchant category code of ISO 18245: 1 to 9999, 0 when it is not known. As text and in JSON it has four
// digits: "0742", "5411".
type MCC uint16

const maxMCC = 9999

// String returns the four digits.
func (m MCC) String() string { return fmt.Sprintf("%04d", uint16(m)) }

// MarshalJSON returns the four digits as a JSON string. It returns an error if m is not within 1 to 9999 (ErrInvalid); a
// field that may be without one carries the option omitzero, as in Merchant.
func (m MCC) MarshalJSON() ([]byte, error) {
	if m < 1 || m > maxMCC {
		return nil, invalid("mcc", "%d, want 1 to %d", uint16(m), maxMCC)
	}
	return []byte(`"` + m.String() + `"`), nil
}

// UnmarshalJSON reads a JSON string of four digits. It returns an error if data is anything else (ErrInvalid).
func (m *MCC) UnmarshalJSON(data []byte) error {
	var text string
	if plain := len(`"5411"`); len(data) == plain && data[0] == '"' && data[plain-1] == '"' {
		text = string(data[1 : plain-1]) // as MarshalJSON writes it; only an escape makes it longer
	} else if json.Unmarshal(data, &text) != nil {
		text = "" // no string
	}
	if code, err := parseMCC(text); err == nil {
		*m = code
		return nil
	}
	return invalid("mcc", "%s, want four digits", clip(string(data)))
}

// parseMCC reads four digits, which are not all zero.
func parseMCC(text string) (MCC, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if len(text) != 4 || err != nil || n < 1 {
		return 0, fmt.Errorf("%q, want four digits such as 5411", clip(text))
	}
	return MCC(n), nil
}

// Country is a country as the two capital letters of ISO 3166-1 alpha-2; "" when it is not known. Only the form is
// checked.
type Country string

// Valid reports whether c is two capital letters.
func (c Country) Valid() bool {
	return len(c) == 2 && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z'
}

// Channel is how a merchant is paid; "" when it is not known.
type Channel string

// The channels.
const (
	ATM         Channel = "atm"          // cash from a machine
	Cash        Channel = "cash_advance" // cash at a counter, or quasi-cash
	POS         Channel = "pos"          // at a terminal, with the card read or its chip asked
	Contactless Channel = "contactless"  // at a terminal, without contact
	ECommerce   Channel = "ecommerce"    // over the internet
	MOTO        Channel = "moto"         // by mail or telephone
	Recurring   Channel = "recurring"    // by an agreement that was made before
	Transfer    Channel = "transfer"     // from account to account
)

// Channels lists every channel.
func Channels() []Channel {
	return []Channel{ATM, Cash, POS, Contactless, ECommerce, MOTO, Recurring, Transfer}
}

// Valid reports whether c is one of Channels.
func (c Channel) Valid() bool { return slices.Contains(Channels(), c) }

// place is a Merchant as a meter keeps it: 16 bytes, of which the id has eight, as a hash.
type place struct {
	merchant uint64 // hash of the id; 0: not known
	mcc      MCC
	country  uint16 // both letters; 0: not known
	channel  uint8  // its place in Channels, from 1; 0: not known
}

// place returns what a meter keeps of the merchant, or an error that names the field.
func (m *Merchant) place() (place, error) {
	var p place
	if *m == (Merchant{}) {
		return p, nil
	}
	if m.ID != "" {
		hash, err := hashID(m.ID)
		if err != nil {
			return p, invalidWith(err, "merchant.id")
		}
		p.merchant = max(hash, 1)
	}
	if m.Category > maxMCC {
		return p, invalid("merchant.mcc", "%d, want 1 to %d", uint16(m.Category), maxMCC)
	}
	p.mcc = m.Category
	if m.Country != "" {
		if !m.Country.Valid() {
			return p, invalid("merchant.country", "%q, want two capital letters of ISO 3166-1", clip(string(m.Country)))
		}
		p.country = m.Country.code()
	}
	if m.Channel != "" {
		if p.channel = m.Channel.code(); p.channel == 0 {
			return p, invalid("merchant.channel", "%q, want one of %v", clip(string(m.Channel)), Channels())
		}
	}
	return p, nil
}

func (c Country) code() uint16 { return uint16(c[0])<<8 | uint16(c[1]) }

func (c Channel) code() uint8 { return uint8(slices.Index(Channels(), c) + 1) }
