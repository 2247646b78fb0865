package archive

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// A record is a line of words with a space between, and its data, each with a newline behind:
//
//	version position at bytes kind type traceparent digest key
//
// Version and position are decimal, at is in microseconds since 1970, bytes is the length of the data. The kind is what stands
// before the account in the stream's name. A traceparent or digest that is not there is a dash. The key is last, since it may
// hold spaces; it holds no newline.
const (
	maxLine   = 20 + 20 + 20 + 7 + event.MaxName + event.MaxType + 55 + hexDigits + event.MaxName + 9
	maxRecord = maxLine + event.MaxData + 1
	minRecord = 22       // "1 1 1 1 a a.v1 - - \nx\n"
	bufBytes  = 16 << 10 // for reading and writing; more than maxLine
)

const none = "-"

// appendLine appends the line of a record that ledger.Segment.Check let pass.
func appendLine(dst []byte, r *event.Record) []byte {
	kind, _ := event.SplitStream(r.Stream)
	dst = append(strconv.AppendUint(dst, uint64(r.Version), 10), ' ')
	dst = append(strconv.AppendUint(dst, uint64(r.Position), 10), ' ')
	dst = append(strconv.AppendInt(dst, r.At.UnixMicro(), 10), ' ')
	dst = append(strconv.AppendInt(dst, int64(len(r.Data)), 10), ' ')
	dst = append(append(dst, kind...), ' ')
	dst = append(append(dst, r.Type...), ' ')
	if r.TraceParent == "" {
		dst = append(dst, none...)
	}
	dst = append(append(dst, r.TraceParent...), ' ')
	if r.Digest == ([32]byte{}) {
		dst = append(dst, none...)
	} else {
		dst = hex.AppendEncode(dst, r.Digest[:])
	}
	return append(append(append(dst, ' '), r.Key...), '\n')
}

// errLine is wrapped by what the decoder refuses. What does not belong there is for ledger.Segment.Check to see.
var errLine = errors.New("not a record")

// decoder reads records. Names that are the same from one to the next share their memory.
type decoder struct {
	r             *bufio.Reader // of bufBytes
	account       string
	kind          string
	stream, typed string
}

// all yields the records, up to the first error.
func (d *decoder) all() iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for {
			r, err := d.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// next returns io.EOF behind the last record.
func (d *decoder) next() (event.Record, error) {
	line, err := d.r.ReadSlice('\n')
	if err != nil {
		if errors.Is(err, io.EOF) && len(line) > 0 || errors.Is(err, bufio.ErrBufferFull) {
			return event.Record{}, fmt.Errorf("%w: its line does not end", errLine)
		}
		return event.Record{}, err
	}
	r, size, err := d.parse(line[:len(line)-1])
	if err != nil {
		return event.Record{}, err
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(d.r, data); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return event.Record{}, fmt.Errorf("%w: its data is cut off", errLine)
		}
		return event.Record{}, err
	}
	if data[size] != '\n' {
		return event.Record{}, fmt.Errorf("%w: its data is longer than it says", errLine)
	}
	r.Data = data[:size:size]
	return r, nil
}

// parse reads a line, and returns the length of the data as well.
func (d *decoder) parse(line []byte) (r event.Record, size int, err error) {
	words := words{rest: line}
	r.Version = event.Version(words.uint(64))
	r.Position = event.Position(words.uint(64))
	r.At = money.FromUnixMicro(words.int())
	size = int(words.uint(32))
	kind, typed, trace, digest := words.next(), words.next(), words.next(), words.next()
	if words.failed {
		return event.Record{}, 0, fmt.Errorf("%w: its line has not the words of one", errLine)
	}
	if size < 1 || size > event.MaxData {
		return event.Record{}, 0, fmt.Errorf("%w: %d bytes of data", errLine, size)
	}
	if string(kind) != d.kind || d.stream == "" {
		d.kind = string(kind)
		d.stream = event.Stream(d.kind, d.account)
	}
	if string(typed) != d.typed {
		d.typed = string(typed)
	}
	r.Stream, r.Type, r.Key = d.stream, d.typed, string(words.rest)
	if string(trace) != none {
		r.TraceParent = string(trace)
	}
	if string(digest) != none {
		if len(digest) != hexDigits {
			return event.Record{}, 0, fmt.Errorf("%w: its digest", errLine)
		}
		if _, err := hex.Decode(r.Digest[:], digest); err != nil {
			return event.Record{}, 0, fmt.Errorf("%w: its digest: %w", errLine, err)
		}
	}
	return r, size, nil
}

// words cuts a line at its spaces. What a line has not makes it failed.
type words struct {
	rest   []byte
	failed bool
}

func (w *words) next() []byte {
	for i, c := range w.rest {
		if c == ' ' {
			word := w.rest[:i]
			w.rest = w.rest[i+1:]
			return word
		}
	}
	w.failed = true
	return nil
}

func (w *words) uint(bits int) uint64 {
	n, err := strconv.ParseUint(string(w.next()), 10, bits)
	w.failed = w.failed || err != nil
	return n
}

func (w *words) int() int64 {
	n, err := strconv.ParseInt(string(w.next()), 10, 64)
	w.failed = w.failed || err != nil
	return n
}
