package party

// vatFormat is a prefix, and the structures of the numbers behind it, as [fitsOne] reads them.
type vatFormat struct{ prefix, structures string }

// vatFormats are the forms of VAT numbers. Source: European Commission, VIES, frequently asked questions, "What is the format of
// a VAT number?", as several public pages quote the table; the page itself was not at hand. Younger than those quotes, and
// without a source at hand: Belgian numbers may begin with 1, and XI (as GB before) is there since 2021.
var vatFormats = [...]vatFormat{
	{"AT", "U8!n"},
	{"BE", "10!n"}, // the first digit is 0 or 1, which is not looked at
	{"BG", "9!n 10!n"},
	{"CY", "8!n1!a"},
	{"CZ", "8!n 9!n 10!n"},
	{"DE", "9!n"},
	{"DK", "8!n"},
	{"EE", "9!n"},
	{"EL", "9!n"},
	{"ES", "1!a8!n 1!a7!n1!a 8!n1!a"}, // the first or the last is a letter, or both
	{"FI", "8!n"},
	{"FR", "2!c9!n"},
	{"HR", "11!n"},
	{"HU", "8!n"},
	{"IE", "7!n1!a 7!n2!a 1!n1!a5!n1!a 1!n+5!n1!a 1!n*5!n1!a"},
	{"IT", "11!n"},
	{"LT", "9!n 12!n"},
	{"LU", "8!n"},
	{"LV", "11!n"},
	{"MT", "8!n"},
	{"NL", "9!nB2!n"},
	{"PL", "10!n"},
	{"PT", "9!n"},
	{"RO", "2!n 3!n 4!n 5!n 6!n 7!n 8!n 9!n 10!n"},
	{"SE", "12!n"},
	{"SI", "8!n"},
	{"SK", "10!n"},
	{"XI", "9!n 12!n GD3!n HA3!n"},
}

func vatRow(prefix string) (vatFormat, bool) {
	for _, row := range vatFormats {
		if row.prefix == prefix {
			return row, true
		}
	}
	return vatFormat{}, false
}
