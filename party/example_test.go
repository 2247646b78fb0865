package party_test

import (
	"errors"
	"fmt"

	"github.com/payrules/payrules/party"
)

// The bank details of a form: one is right, one has the slip of a pen.
func Example() {
	for _, typed := range []string{"FR14 2004 1010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 660"} {
		account, err := party.ParseIBAN(typed)
		var e *party.Error
		if errors.As(err, &e) {
			fmt.Println("please look again at your", e.Field, "-", e.Reason)
			continue
		}
		fmt.Println(account, account.Country(), account.Masked())
	}
	// Output:
	// FR1420041010050500013M02606 FR FR**2606
	// please look again at your iban - wrong_check_digits
}

// What a contract says of its customer. The VAT number is that of another company.
func ExampleParty_Validate() {
	customer := party.Party{
		Reference: "customer-7", Name: "La Poste", Kind: party.Business, SIREN: "356000000", VATNumber: "FR85784671695",
		Address: party.Address{StreetName: "Rue du Colonel Pierre Avia", BuildingNumber: "9", PostCode: "75015", TownName: "Paris", Country: "FR"},
	}
	fmt.Println(customer.Validate())

	customer.VATNumber, _ = party.VATNumberOf(customer.SIREN)
	fmt.Println(customer.VATNumber, customer.Validate())

	customer.Address.TownName = ""
	fmt.Println(customer.Validate())
	// Output:
	// party: invalid vat_number: conflicting
	// FR39356000000 <nil>
	// party: invalid address.town_name: missing
}

// Old books are read with a warning where a check digit was always wrong, and stop at what is no identifier at all.
func ExampleReason() {
	for _, stored := range []party.VATNumber{"FR39356000000", "FR53157896342", "n/a"} {
		var e *party.Error
		switch err := stored.Validate(); {
		case err == nil:
			fmt.Println("taken")
		case errors.As(err, &e) && e.Reason == party.WrongCheckDigits:
			fmt.Println("taken, with a warning:", err)
		default:
			fmt.Println("refused:", err)
		}
	}
	// Output:
	// taken
	// taken, with a warning: party: invalid vat_number: wrong_check_digits
	// refused: party: invalid vat_number: bad_length
}

// One creditor under two business codes: the check digits stay.
func ExampleCreditorID_WithBusiness() {
	creditor, err := party.ParseCreditorID("FR83 ZZZ 459654")
	if err != nil {
		fmt.Println(err)
		return
	}
	cards, err := creditor.WithBusiness("CB1")
	fmt.Println(creditor, creditor.Business(), cards, err)
	// Output: FR83ZZZ459654 ZZZ FR83CB1459654 <nil>
}
