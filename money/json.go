package money

import "fmt"

// AppendJSON appends {"amount":"12.34","currency":"EUR"}. The number has all the digits of the currency. Without a currency
// it appends null, which [Amount.UnmarshalJSON] refuses: use [Amount.MarshalJSON] where that can happen. It does not
// allocate when dst has room for 51 bytes.
func (a Amount) AppendJSON(dst []byte) []byte {
	if a.currency == 0 {
		return append(dst, "null"...)
	}
	dst = a.AppendNumber(append(dst, `{"amount":"`...))
	dst = append(append(dst, `","currency":"`...), a.currency.Code()...)
	return append(dst, `"}`...)
}

// MarshalJSON returns what [Amount.AppendJSON] appends. It returns an error if a has no currency ([ErrNoCurrency]); a field
// that may be without one carries the option omitzero.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a.currency == 0 {
		return nil, fmt.Errorf("money: write amount: %w", ErrNoCurrency)
	}
	return a.AppendJSON(make([]byte, 0, 64)), nil
}

// UnmarshalJSON reads {"amount":"12.34","currency":"EUR"}, with the fields in any order and white space between. The
// strings are as for [ParseAmount] and [ParseCurrency]. After an error a is unchanged.
//
// UnmarshalJSON returns an error if:
//   - data is not such an object: it is null or a bare number, a field is unknown, missing or there twice, a name is in
//     other letters, the amount is a number instead of a string, a string holds an escape, or something follows ([ErrSyntax]);
//   - one of the strings is refused by ParseAmount or ParseCurrency: their errors.
func (a *Amount) UnmarshalJSON(data []byte) error {
	p := jsonReader{data: data}
	amount, code, err := p.object()
	if err != nil {
		return err
	}
	c, err := ParseCurrency(string(code))
	if err != nil {
		return err
	}
	parsed, err := ParseAmount(string(amount), c)
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// jsonReader reads the one object that an amount is. encoding/json alone would let through what must not be: names in
// other letters, and a field twice, where the last wins.
type jsonReader struct {
	data []byte
	pos  int
}

// object reads the whole input.
func (p *jsonReader) object() (amount, code []byte, err error) {
	if !p.take('{') {
		return nil, nil, p.fail("want an object")
	}
	for more := true; more; more = p.take(',') {
		name, err := p.text("a field name")
		if err != nil {
			return nil, nil, err
		}
		var value *[]byte
		switch string(name) {
		case "amount":
			value = &amount
		case "currency":
			value = &code
		default:
			return nil, nil, p.fail("unknown field: want amount and currency")
		}
		if *value != nil {
			return nil, nil, p.fail("the field is there twice")
		}
		if !p.take(':') {
			return nil, nil, p.fail("want a colon")
		}
		if *value, err = p.text("a string"); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case !p.take('}'):
		return nil, nil, p.fail("want a comma or the end of the object")
	case p.space() < len(p.data):
		return nil, nil, p.fail("something follows the object")
	case amount == nil:
		return nil, nil, p.fail("the field amount is missing")
	case code == nil:
		return nil, nil, p.fail("the field currency is missing")
	}
	return amount, code, nil
}

// text reads a string. An escape in it is refused, because no name, number or code needs one. Whatever else does not belong
// in a string is refused by who asked for it. What it returns is never nil.
func (p *jsonReader) text(want string) ([]byte, error) {
	if !p.take('"') {
		return nil, p.fail("want " + want)
	}
	for start := p.pos; p.pos < len(p.data); p.pos++ {
		switch p.data[p.pos] {
		case '"':
			p.pos++
			return p.data[start : p.pos-1], nil
		case '\\':
			return nil, p.fail("want a string without escapes")
		}
	}
	return nil, p.fail("the string does not end")
}

// take skips white space, and then the byte b if it stands there.
func (p *jsonReader) take(b byte) bool {
	if p.space() < len(p.data) && p.data[p.pos] == b {
		p.pos++
		return true
	}
	return false
}

// space skips white space and returns the position.
func (p *jsonReader) space() int {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return p.pos
		}
	}
	return p.pos
}

// fail returns a syntax error at the position.
func (p *jsonReader) fail(why string) error {
	return fmt.Errorf("money: amount as JSON: %w: byte %d: %s", ErrSyntax, p.pos+1, why)
}
