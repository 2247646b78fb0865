package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
)

// maxLine bounds a line of the input, its end included. The longest that the data set has is of 90 bytes.
const maxLine = 64 << 10

// header is the first line of every file, there with or without quotes around the names.
const (
	header  = "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account"
	columns = 10
)

// column is the name of a column, from 0.
func column(i int) string { return strings.Split(header, ";")[i] }

// inputError says what is wrong with the input, and where.
type inputError struct {
	file  string
	line  int    // from 1
	field string // of the header, or ""
	err   error
}

// Error is "trans.csv:12: amount: what is wrong".
func (e *inputError) Error() string {
	if e.field == "" {
		return fmt.Sprintf("%s:%d: %v", e.file, e.line, e.err)
	}
	return fmt.Sprintf("%s:%d: %s: %v", e.file, e.line, e.field, e.err)
}

func (e *inputError) Unwrap() error { return e.err }

// openInput opens a file, or the built-in stream for "".
//
// Returns an error if the file cannot be opened, or does not begin with the header.
func openInput(name string) (*input, error) {
	if name == "" {
		return demo(), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	in := &input{name: name, close: f.Close}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		in.size = info.Size()
	}
	if in.rows, err = readCSV(name, f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return in, nil
}

// readCSV reads the header of a file, and returns its rows. It holds one line at a time.
func readCSV(name string, r io.Reader) (iter.Seq2[*transaction, error], error) {
	c := &csvReader{name: name, in: bufio.NewReaderSize(r, maxLine)}
	first, err := c.next()
	if errors.Is(err, io.EOF) {
		return nil, &inputError{file: name, line: 1, err: errors.New("empty file, want a header")}
	}
	if err != nil {
		return nil, err
	}
	if err := checkHeader(first); err != nil {
		return nil, c.at(err)
	}
	return c.rows, nil
}

// csvReader reads a file line by line.
type csvReader struct {
	name string
	in   *bufio.Reader
	line int   // that was read last, from 1
	read int64 // bytes
}

// rows yields the transactions of the lines to come, up to the first error.
func (c *csvReader) rows(yield func(*transaction, error) bool) {
	for {
		line, err := c.next()
		if errors.Is(err, io.EOF) {
			return
		}
		var t *transaction
		if err == nil {
			if t, err = parseRow(line); err != nil {
				err = c.at(err)
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		t.line, t.end = c.line, c.read
		if !yield(t, nil) {
			return
		}
	}
}

// next returns the next line without its end.
//
// Returns io.EOF after the last one, and an error if:
//   - a line is longer than maxLine;
//   - the last line has no end: nobody can tell whether it is whole;
//   - the file cannot be read.
func (c *csvReader) next() (string, error) {
	line, err := c.in.ReadSlice('\n')
	if len(line) == 0 && errors.Is(err, io.EOF) {
		return "", io.EOF
	}
	c.line++
	c.read += int64(len(line))
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", c.at(fmt.Errorf("line of more than %d bytes", maxLine))
	case errors.Is(err, io.EOF):
		return "", c.at(errors.New("truncated: the last line has no line end"))
	case err != nil:
		return "", c.at(err)
	}
	return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
}

// at adds the place to an error.
func (c *csvReader) at(err error) error {
	e := &inputError{file: c.name, line: c.line, err: err}
	var f *fieldError
	if errors.As(err, &f) {
		e.field, e.err = f.field, f.err
	}
	return e
}
