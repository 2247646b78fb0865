package party

// Address is a postal address in the structured form of ISO 20022: the elements of PostalAddress24, as the schema of
// pain.008.001.09 has them, but the type and the free lines. Since November 2026 SEPA takes no address that is of free lines
// alone. Empty fields are not there.
type Address struct {
	_ struct{} // disallow positional literals

	Department         string  `json:"department,omitempty"`           // Dept, at most 70 characters
	SubDepartment      string  `json:"sub_department,omitempty"`       // SubDept, 70
	StreetName         string  `json:"street_name,omitempty"`          // StrtNm, 70
	BuildingNumber     string  `json:"building_number,omitempty"`      // BldgNb, 16
	BuildingName       string  `json:"building_name,omitempty"`        // BldgNm, 35
	Floor              string  `json:"floor,omitempty"`                // Flr, 70
	PostBox            string  `json:"post_box,omitempty"`             // PstBx, 16
	Room               string  `json:"room,omitempty"`                 // Room, 70
	PostCode           string  `json:"post_code,omitempty"`            // PstCd, 16
	TownName           string  `json:"town_name,omitempty"`            // TwnNm, 35; needed
	TownLocationName   string  `json:"town_location_name,omitempty"`   // TwnLctnNm, 35
	DistrictName       string  `json:"district_name,omitempty"`        // DstrctNm, 35
	CountrySubDivision string  `json:"country_sub_division,omitempty"` // CtrySubDvsn, 35
	Country            Country `json:"country,omitempty"`              // Ctry; needed
}

// Validate returns an error if:
//   - the town or the country is not there ([Missing]), or the country is not valid;
//   - a field is longer than ISO 20022 has it ([BadLength], in characters);
//   - a field begins or ends with a space, is not UTF-8, or holds a control character or another that XML cannot hold
//     ([BadCharacter]).
//
// The error names the first such field, in the order of the standard. Whether there is such a street is not looked at, nor
// whether a bank's character set has all the letters.
func (a *Address) Validate() error {
	for _, f := range [...]struct {
		name, text string
		most       int
		needed     bool
	}{
		{"department", a.Department, 70, false},
		{"sub_department", a.SubDepartment, 70, false},
		{"street_name", a.StreetName, 70, false},
		{"building_number", a.BuildingNumber, 16, false},
		{"building_name", a.BuildingName, 35, false},
		{"floor", a.Floor, 70, false},
		{"post_box", a.PostBox, 16, false},
		{"room", a.Room, 70, false},
		{"post_code", a.PostCode, 16, false},
		{"town_name", a.TownName, 35, true},
		{"town_location_name", a.TownLocationName, 35, false},
		{"district_name", a.DistrictName, 35, false},
		{"country_sub_division", a.CountrySubDivision, 35, false},
	} {
		if f.text == "" && !f.needed {
			continue
		}
		if err := fault(f.name, judgeText(f.text, f.most)); err != nil {
			return err
		}
	}
	return a.Country.Validate()
}

// IsZero reports whether nothing of the address is there.
func (a *Address) IsZero() bool { return *a == Address{} }
