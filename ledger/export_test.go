package ledger

import (
	"maps"
	"reflect"
	"slices"
)

// Copy is all that a ledger knows, without how many records its streams have: a refusal is a record that changes nothing
// else.
type Copy struct {
	accounts  map[string]Account
	transfers map[string]Transfer
}

// Freeze returns a copy of what the ledger knows now.
func (l *Ledger) Freeze() Copy {
	f := Copy{map[string]Account{}, map[string]Transfer{}}
	for id, a := range l.accounts {
		b := *a
		b.version, b.holds, b.days = 0, slices.Clone(a.holds), slices.Clone(a.days)
		b.terms = a.Terms()
		if !reflect.DeepEqual(&b, NewAccount(id)) {
			f.accounts[id] = b
		}
	}
	for id, t := range l.transfers {
		b := *t
		b.legs, b.left, b.booked = slices.Clone(t.legs), slices.Clone(t.left), slices.Clone(t.booked)
		b.captures = slices.Clone(t.captures)
		if !reflect.DeepEqual(&b, NewTransfer(id)) {
			f.transfers[id] = b
		}
	}
	return f
}

// Equal reports whether both know the same.
func (f Copy) Equal(g Copy) bool { return reflect.DeepEqual(f, g) }

// IDs returns the accounts and transfers that are known.
func (f Copy) IDs() (accounts, transfers []string) {
	return slices.Sorted(maps.Keys(f.accounts)), slices.Sorted(maps.Keys(f.transfers))
}
