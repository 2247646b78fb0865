package strictjson

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
)

// scalar reads a value that begins with c, and refuses an object or array.
func (d *decoder) scalar(c byte, p *plan, v reflect.Value) error {
	switch c {
	case '"':
		t, err := d.text()
		if err == nil {
			d.setText(p, v, t)
		}
		return err
	case 'n':
		if p.nullable {
			v.SetZero()
		}
		return d.word("null")
	case 't', 'f':
		if p.how == boolean {
			v.SetBool(c == 't')
		} else {
			d.misfit("true or false", p)
		}
		return d.skip()
	case '{':
		d.misfit("an object", p)
		return d.skip()
	case '[':
		d.misfit("an array", p)
		return d.skip()
	default:
		n, err := d.number()
		if err == nil {
			d.setNumber(p, v, n)
		}
		return err
	}
}

func (d *decoder) setText(p *plan, v reflect.Value, t literal) {
	s := t.content()
	switch p.how {
	case chars:
		v.SetString(string(s))
	case ownText:
		own, _ := v.Addr().Interface().(encoding.TextUnmarshaler)
		if err := own.UnmarshalText(s); err != nil {
			d.fail(err)
		}
	case octets:
		b := make([]byte, base64.StdEncoding.DecodedLen(len(s)))
		n, err := base64.StdEncoding.Decode(b, s)
		if err != nil {
			d.fail(err)
			return
		}
		v.SetBytes(b[:n])
	case digits:
		n := scanner{data: s}
		if _, err := n.number(); err != nil || n.pos < len(s) {
			d.misfit("a string that is no number", p)
			return
		}
		v.SetString(string(s))
	default:
		d.misfit("a string", p)
	}
}

func (d *decoder) setNumber(p *plan, v reflect.Value, n []byte) {
	switch p.how {
	case integer:
		i, err := strconv.ParseInt(string(n), 10, 64)
		if err != nil || v.OverflowInt(i) {
			d.misfit("that number", p)
			return
		}
		v.SetInt(i)
	case unsigned:
		u, err := strconv.ParseUint(string(n), 10, 64)
		if err != nil || v.OverflowUint(u) {
			d.misfit("that number", p)
			return
		}
		v.SetUint(u)
	case float:
		f, err := strconv.ParseFloat(string(n), p.typ.Bits())
		if err != nil {
			d.misfit("that number", p)
			return
		}
		v.SetFloat(f)
	case digits:
		v.SetString(string(n))
	default:
		d.misfit("a number", p)
	}
}

// setKey sets a key of a map to the name of a field.
func (d *decoder) setKey(p *plan, v reflect.Value, name literal) {
	switch p.how {
	case ownJSON:
		own, _ := v.Addr().Interface().(json.Unmarshaler)
		if err := own.UnmarshalJSON(name.quoted); err != nil {
			d.fail(err)
		}
	case integer, unsigned:
		d.setNumber(p, v, name.content())
	default:
		d.setText(p, v, name)
	}
}
