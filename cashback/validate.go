package cashback

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// This file checks what callers give with a purchase or a command; check.go checks programs.

// Bounds of a purchase, and of commands.
const (
	MaxAmount         = cap.MaxAmount // of a purchase or a reward, in minor units
	MaxKey            = 200           // bytes in the id of a purchase, refund or payout
	MaxMerchantGroups = 64            // that one merchant is in

	maxSum     = 1 << 60 // minor units that a customer ever earns, and that a budget gives, in all: so no sum overflows
	maxMCC     = 9999
	endInstant = 7_258_118_400_000_000 // the first instant of 2200, in microseconds: the end of what package cap takes
)

// Validate returns an error that wraps ErrInvalid and names the field if:
//   - id is not 1 to MaxKey bytes of UTF-8 without control characters;
//   - at is not within the years 1970 to 2199;
//   - amount is not positive, or above MaxAmount, or has no currency;
//   - merchant.id, one of merchant.groups, merchant.category or tier is not 1 to event.MaxName bytes of such UTF-8, where it is known;
//   - merchant.groups has more than MaxMerchantGroups, or one that is "";
//   - merchant.mcc is above 9999, or merchant.country is not two capital letters;
//   - rate is negative.
//
// Whether a purchase needs a rate hangs on the currency of the program: [Program.Evaluate] asks that.
func (p *Purchase) Validate() error {
	if err := checkKey("id", p.ID); err != nil {
		return err
	}
	if _, err := checkAt("at", p.At); err != nil {
		return err
	}
	if !p.Amount.Valid() {
		return invalidWith(money.ErrNoCurrency, "amount")
	}
	if minor := p.Amount.Minor(); minor <= 0 || minor > MaxAmount {
		return invalid("amount", "%s, want more than nothing and at most %s", p.Amount, money.New(MaxAmount, p.Amount.Currency()))
	}
	if p.Rate.Sign() < 0 {
		return invalid("rate", "%s, want more than 0", p.Rate)
	}
	if err := p.Merchant.validate(); err != nil {
		return err
	}
	return checkOptionalName("tier", p.Tier)
}

func (m *Merchant) validate() error {
	if err := checkOptionalName("merchant.id", m.ID); err != nil {
		return err
	}
	if len(m.Groups) > MaxMerchantGroups {
		return invalid("merchant.groups", "%d of them, want at most %d", len(m.Groups), MaxMerchantGroups)
	}
	for i, group := range m.Groups {
		if err := event.ValidateKey(group); err != nil {
			return invalidWith(err, fmt.Sprintf("merchant.groups[%d]", i))
		}
	}
	if m.MCC > maxMCC {
		return invalid("merchant.mcc", "%d, want 1 to %d", uint16(m.MCC), maxMCC)
	}
	if err := checkOptionalName("merchant.category", m.Category); err != nil {
		return err
	}
	if m.Country != "" && !m.Country.Valid() {
		return invalid("merchant.country", "want two capital letters of ISO 3166-1")
	}
	return nil
}

// checkKey checks the id of a purchase, a refund or a payout, which callers give.
func checkKey(field, id string) error {
	if err := event.ValidateKey(id); err != nil {
		return invalidWith(err, field)
	}
	if len(id) > MaxKey {
		return invalid(field, "%d bytes, want at most %d", len(id), MaxKey)
	}
	return nil
}

// checkAt returns an instant in microseconds, or an error that names the field.
func checkAt(field string, at time.Time) (int64, error) {
	micros, err := money.UnixMicro(at)
	if err == nil && (micros < 0 || micros >= endInstant) {
		err = fmt.Errorf("%w: want the years 1970 to 2199", money.ErrInvalidInstant)
	}
	if err != nil {
		return 0, invalidWith(err, field)
	}
	return micros, nil
}

// checkOptionalName checks a name that is "" where it is not known.
func checkOptionalName(field, text string) error {
	if text == "" {
		return nil
	}
	if err := event.ValidateKey(text); err != nil {
		return invalidWith(err, field)
	}
	return nil
}
