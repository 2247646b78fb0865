package sepa

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/payrules/payrules/party"
)

// latin are the characters that have another in their place, as "what is written" + the characters that it is written for.
// They are meant to be those of the conversion table of EPC217-08; the document itself was not at hand.
var latin = [...]struct{ to, from string }{
	{"A", "ÀÁÂÃÄÅĀĂĄ"}, {"a", "àáâãäåāăąª"}, {"AE", "Æ"}, {"ae", "æ"}, {"C", "ÇĆĈĊČ"}, {"c", "çćĉċč"}, {"D", "ÐĎĐ"}, {"d", "ðďđ"},
	{"E", "ÈÉÊËĒĔĖĘĚ€"}, {"e", "èéêëēĕėęě"}, {"G", "ĜĞĠĢ"}, {"g", "ĝğġģ"}, {"H", "ĤĦ"}, {"h", "ĥħ"}, {"I", "ÌÍÎÏĨĪĬĮİ"},
	{"i", "ìíîïĩīĭįı"}, {"IJ", "Ĳ"}, {"ij", "ĳ"}, {"J", "Ĵ"}, {"j", "ĵ"}, {"K", "Ķ"}, {"k", "ķĸ"}, {"L", "ĹĻĽĿŁ"}, {"l", "ĺļľŀł"}, {"N", "ÑŃŅŇŊ"},
	{"n", "ñńņňŉŋ"}, {"O", "ÒÓÔÕÖØŌŎŐ"}, {"o", "òóôõöøōŏőº"}, {"OE", "Œ"}, {"oe", "œ"}, {"R", "ŔŖŘ"}, {"r", "ŕŗř"},
	{"S", "ŚŜŞŠȘ"}, {"s", "śŝşšșſ"}, {"ss", "ß"}, {"SS", "ẞ"}, {"T", "ŢŤŦȚ"}, {"t", "ţťŧț"}, {"TH", "Þ"}, {"th", "þ"},
	{"U", "ÙÚÛÜŨŪŬŮŰŲ"}, {"u", "ùúûüũūŭůűų"}, {"W", "ŴẀẂẄ"}, {"w", "ŵẁẃẅ"}, {"Y", "ÝŸŶỲ"}, {"y", "ýÿŷỳ"}, {"Z", "ŹŻŽ"},
	{"z", "źżž"}, {"'", "`´‘’‚\"“”„«»"}, {"-", "_~–—‐‑"}, {"(", "[{<"}, {")", "]}>"}, {"/", `|\`}, {"+", "&"}, {",", ";"},
	{".", "!#$%*=@^…"}, {" ", "\u00a0\u202f"},
}

// Transliterate returns a text in the characters that every SEPA bank takes: A to Z, a to z, 0 to 9, the space, and / - ? : ( ) . , ' +.
// Letters of Latin alphabets lose their accents (é is e, ß is ss, ł is l), a combining accent is left out, & is +, and other
// signs of ASCII become the nearest of these, or a full stop. The result may be longer than the text.
//
// Transliterate returns an error that wraps [ErrInvalid], with the place of the first character, if there is one without
// another in its place, such as those of Greek, Cyrillic or Han, a control character, or a byte that is not UTF-8: what a debtor would
// not recognise is not sent. It costs O(n).
func Transliterate(text string) (string, error) {
	if isBasic(text) {
		return text, nil
	}
	var b strings.Builder
	for i, r := range text {
		to, ok := plain(r)
		if !ok {
			return "", fmt.Errorf("%w text: byte %d begins a character that SEPA has none for", ErrInvalid, i+1)
		}
		b.WriteString(to)
	}
	return b.String(), nil
}

// plain returns what is written for a character; what is not UTF-8 comes as one that there is none for.
func plain(r rune) (string, bool) {
	switch {
	case r < utf8.RuneSelf && isBasic(string(r)):
		return string(r), true
	case r >= 0x300 && r <= 0x36f: // combining accents
		return "", true
	}
	for _, row := range latin {
		if strings.ContainsRune(row.from, r) {
			return row.to, true
		}
	}
	return "", false
}

// isBasic reports whether a text needs nothing done.
func isBasic(s string) bool {
	for i := range len(s) {
		b := s[i]
		if (b < '0' || b > '9') && (b < 'A' || b > 'Z') && (b < 'a' || b > 'z') && strings.IndexByte(" /-?:().,'+", b) < 0 {
			return false
		}
	}
	return true
}

// checkText says what is wrong with a text that will be transliterated: nothing is left of it, or more than most characters.
func checkText(field, s string, most int) error {
	if len(s) > utf8.UTFMax*2*most { // not read at all
		return invalid(field, fmt.Sprintf("more than %d characters", most))
	}
	out, err := Transliterate(s)
	if err != nil {
		return below(field, err)
	}
	switch {
	case strings.TrimSpace(out) == "":
		return invalid(field, "there is none")
	case len(out) > most: // every character is a byte now
		return invalid(field, fmt.Sprintf("%d characters as SEPA writes it, want at most %d", len(out), most))
	}
	return nil
}

// checkID says what is wrong with an identifier. Its form is that of a mandate's reference: nothing is transliterated, because a bank
// has to give it back as it is.
func checkID(field, s string, most int) error {
	if len(s) > most {
		return invalid(field, fmt.Sprintf("more than %d characters", most))
	}
	if err := party.MandateReference(s).Validate(); err != nil {
		const form = "want 1 to %d characters of A-Z a-z 0-9 / - ? : ( ) . , ' + and space, no space or slash at an end, no two slashes"
		return invalid(field, fmt.Sprintf(form, most))
	}
	return nil
}
