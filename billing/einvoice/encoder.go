package einvoice

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/payrules/payrules/money"
)

// encoder writes elements one after the other. What it writes was validated, so only the writer can fail, and its first error is kept.
type encoder struct {
	w     *bufio.Writer
	depth int
}

func (x *encoder) raw(parts ...string) {
	for _, s := range parts {
		_, _ = x.w.WriteString(s) // end says what went wrong
	}
}

// in writes an element around what f writes.
func (x *encoder) in(name string, f func()) {
	x.indent()
	x.raw("<", name, ">\n")
	x.depth++
	f()
	x.depth--
	x.indent()
	name, _, _ = strings.Cut(name, " ")
	x.raw("</", name, ">\n")
}

// leaf writes an element with a text, unless that is empty. Attributes stand behind the name as they are written.
func (x *encoder) leaf(name, text string) {
	if text == "" {
		return
	}
	x.indent()
	x.raw("<", name, ">")
	_ = xml.EscapeText(x.w, []byte(text)) // end says what went wrong
	name, _, _ = strings.Cut(name, " ")
	x.raw("</", name, ">\n")
}

// amount writes an amount with the decimals of its currency, and its code.
func (x *encoder) amount(name string, a money.Amount) {
	x.leaf(name+` currencyID="`+a.Currency().Code()+`"`, a.Number())
}

// optional writes an amount unless there is none.
func (x *encoder) optional(name string, a money.Amount) {
	if a != (money.Amount{}) {
		x.amount(name, a)
	}
}

func (x *encoder) indent() {
	for range x.depth {
		x.raw("\t")
	}
}

// newEncoder begins a document.
func newEncoder(w io.Writer) *encoder {
	x := &encoder{w: bufio.NewWriter(w)}
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	return x
}

// end writes what is left.
func (x *encoder) end() error {
	if err := x.w.Flush(); err != nil {
		return fmt.Errorf("einvoice: write: %w", err)
	}
	return nil
}
