// Package postal puts a structured address into the few lines that invoices have.
package postal

import (
	"strings"

	"github.com/payrules/payrules/party"
)

// Lines are what of an address stands before the post code and the town: the street with its number, then what leads to the door,
// then what leads to the street. A post box is the first line where there is no street.
func Lines(a *party.Address) (street, door, further string) {
	street, box := join(" ", a.BuildingNumber, a.StreetName), a.PostBox
	if street == "" {
		street, box = box, ""
	}
	door = join(", ", a.BuildingName, a.Floor, a.Room, a.Department, a.SubDepartment)
	further = join(", ", box, a.TownLocationName, a.DistrictName)
	return street, door, further
}

// Line is all of an address in one line, its country last.
func Line(a *party.Address) string {
	street, door, further := Lines(a)
	return join(", ", street, door, further, Town(a), a.CountrySubDivision, string(a.Country))
}

// Town is the post code with the town.
func Town(a *party.Address) string { return join(" ", a.PostCode, a.TownName) }

// join joins what is not empty.
func join(between string, parts ...string) string {
	var b strings.Builder
	for _, s := range parts {
		if s != "" && b.Len() > 0 {
			b.WriteString(between)
		}
		b.WriteString(s)
	}
	return b.String()
}
