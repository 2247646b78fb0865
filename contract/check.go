package contract

import (
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// Bounds of what a contract and a mandate are told.
const (
	MaxID      = 200   // the id of a contract or a mandate, in bytes: its stream's name must fit as well
	MaxMandate = 71    // the id of a mandate as a contract names it, in bytes: MandateID makes no longer one
	MaxName    = 70    // a creditor's or debtor's name, in characters, as in ISO 20022
	MaxWhy     = 140   // why something was done, in characters
	MaxChanges = 1_000 // of one contract or mandate, those taken back included
)

// invalid names the field that an error of another package is about; nil stays nil.
func invalid(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
}

// checkID returns an error that names the field if a text cannot be an id.
func checkID(field, id string) error { return checkShort(field, id, MaxID) }

// checkShort is checkID for ids that are shorter.
func checkShort(field, id string, most int) error {
	if len(id) > most || event.ValidateKey(id) != nil {
		return fmt.Errorf("%w %s: want 1 to %d bytes, without control characters", ErrInvalid, field, most)
	}
	return nil
}

// checkOptional is checkShort of what may be left out.
func checkOptional(field, id string, most int) error {
	if id == "" {
		return nil
	}
	return checkShort(field, id, most)
}

// checkText returns an error that names the field if a text is too long, not UTF-8, or holds what no document can show.
func checkText(field, s string, most int) error {
	if fault := texts.Fault(s, most); fault != "" {
		return fmt.Errorf("%w %s: %s", ErrInvalid, field, fault)
	}
	return nil
}

// checkZoneName returns an error if a text does not look like the name of an IANA zone. Beside its zones the database of a
// machine has files of another kind, such as localtime and the trees posix/ and right/: none begins with a capital letter.
func checkZoneName(name string) error {
	const more = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/"
	if name == "" || name == "Local" || len(name) > 64 || name[0] < 'A' || name[0] > 'Z' || strings.Trim(name, more) != "" {
		return fmt.Errorf("%w zone: want an IANA zone such as Europe/Paris", ErrInvalid)
	}
	return nil
}

// loadZone returns the zone of a name. It asks the time zone database of the machine: only decisions do, never Apply.
func loadZone(name string) (*time.Location, error) {
	if err := checkZoneName(name); err != nil {
		return nil, err
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%w zone: it is not in the IANA time zone database of this machine", ErrInvalid)
	}
	return loc, nil
}

// checkCalendar returns an error if a date is none, or so far away that an instant near it has no place in a timeline.
func checkCalendar(field string, d civil.Date) error {
	if y := d.Year(); y < 1971 || y > 9000 {
		return fmt.Errorf("%w %s: want a date from 1971 to 9000", ErrInvalid, field)
	}
	return nil
}

// checkAt returns an instant in microseconds, or an error that names the field.
func checkAt(field string, at time.Time) (int64, error) {
	micros, err := money.UnixMicro(at)
	if err != nil || micros < 0 {
		return 0, fmt.Errorf("%w %s: want an instant from 1970 to 9999", ErrInvalid, field)
	}
	return micros, nil
}

// isCanonical reports whether an instant is one from 1970 on, in UTC and whole microseconds.
func isCanonical(t time.Time) bool {
	micros, err := money.UnixMicro(t)
	return err == nil && micros >= 0 && money.FromUnixMicro(micros) == t
}
