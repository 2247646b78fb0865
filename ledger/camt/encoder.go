package camt

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

const tabs = "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t" // nothing stands deeper

// encoder writes elements one after the other. It knows where it is, so that a refusal names the field. After the first error
// it does nothing.
type encoder struct {
	w    *bufio.Writer
	path []string // the elements that are open
	n    int      // of the entry that is written, from 1
	err  error
}

func newEncoder(w io.Writer) *encoder { return &encoder{w: bufio.NewWriter(w)} }

// raw writes what is XML already.
func (x *encoder) raw(parts ...string) {
	for _, s := range parts {
		if x.err != nil {
			return
		}
		if _, err := x.w.WriteString(s); err != nil {
			x.err = fmt.Errorf("camt: write: %w", err)
		}
	}
}

// start writes the tag that begins an element, with attributes as they are written.
func (x *encoder) start(name, attributes string) {
	x.raw(tabs[:len(x.path)], "<", name, attributes, ">")
}

// open begins an element that holds others.
func (x *encoder) open(name, attributes string) {
	x.start(name, attributes)
	x.raw("\n")
	x.path = append(x.path, name)
}

// close ends the innermost element.
func (x *encoder) close() {
	name := x.path[len(x.path)-1]
	x.path = x.path[:len(x.path)-1]
	x.raw(tabs[:len(x.path)], "</", name, ">\n")
}

// in writes an element around what f writes.
func (x *encoder) in(name string, f func()) {
	x.open(name, "")
	f()
	x.close()
}

// leaf writes an element with a value that needs no escape.
func (x *encoder) leaf(name, attributes, value string) {
	x.start(name, attributes)
	x.raw(value, "</", name, ">\n")
}

// text writes a text of 1 to most characters.
func (x *encoder) text(name, value string, most int) {
	x.refuse(name, checkText(value, most))
	if x.err != nil {
		return
	}
	x.start(name, "")
	if err := xml.EscapeText(x.w, []byte(value)); err != nil {
		x.err = fmt.Errorf("camt: write: %w", err)
	}
	x.raw("</", name, ">\n")
}

// optional writes a text unless it is empty.
func (x *encoder) optional(name, value string, most int) {
	if value != "" {
		x.text(name, value, most)
	}
}

// number writes the magnitude of an amount, with all the decimals of its currency and at most 18 digits.
func (x *encoder) number(name, attributes string, a money.Amount) {
	if a.Minor() > maxNumber || a.Minor() < -maxNumber {
		x.refuse(name, "more than 18 digits")
		return
	}
	abs, err := a.Abs()
	if err != nil {
		x.refuse(name, err.Error())
		return
	}
	x.leaf(name, attributes, abs.Number())
}

// amount writes the magnitude of an amount with its currency.
func (x *encoder) amount(a money.Amount) {
	x.number("Amt", ` Ccy="`+a.Currency().Code()+`"`, a)
}

// side writes on which side an amount stands.
func (x *encoder) side(s ledger.Side) {
	code := "CRDT"
	if s == ledger.Debit {
		code = "DBIT"
	}
	x.leaf("CdtDbtInd", "", code)
}

// count writes a number of entries.
func (x *encoder) count(n int) { x.leaf("NbOfNtries", "", strconv.Itoa(n)) }

// refuse keeps the first thing that is wrong, with the path of the element.
func (x *encoder) refuse(name, why string) {
	if why == "" || x.err != nil {
		return
	}
	path := strings.Join(append(x.path[:len(x.path):len(x.path)], name), "/")
	path = strings.TrimPrefix(path, "Document/BkToCstmrStmt/")
	if x.n > 0 {
		path = strings.Replace(path, "/Ntry/", "/Ntry["+strconv.Itoa(x.n)+"]/", 1)
	}
	x.err = fmt.Errorf("%w camt.053: %s: %s", ledger.ErrInvalid, path, why)
}

// end writes what is left.
func (x *encoder) end() error {
	if x.err == nil {
		if err := x.w.Flush(); err != nil {
			x.err = fmt.Errorf("camt: write: %w", err)
		}
	}
	return x.err
}
