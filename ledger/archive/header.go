package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/ledger"
)

// The header of a file is four lines. The package's doc has the picture, testdata/header.golden the bytes.
const (
	firstLine = "payrules ledger archive 1\n" // the last word is the version of the format
	sumStart  = "sum "
	bodyStart = "records "
	hexDigits = 64

	sumLine  = len(sumStart) + hexDigits + 1
	bodyLine = len(bodyStart) + hexDigits + 1 + digits + 1
	fixed    = len(firstLine) + sumLine + bodyLine

	maxHeader = 4 << 10 // an account of 255 bytes, each of them escaped, and 1 KiB around it
)

// header is what the first lines of a file say.
type header struct {
	description
	body ledger.Sum // SHA-256 of the records as they are written, before they are compressed
	size int64      // their bytes, likewise
}

// description is the line in JSON.
type description struct {
	ledger.Segment            // its Sum is not in the line: it is over it
	Previous       ledger.Sum `json:"previous,omitzero"` // the Sum of the segment before
}

// sum is the segment's Sum: over all that the header says, but for the Sum itself. Since the header names the sum of the
// records, and the Sum of the segment before, those are in it too.
func (h *header) sum() (ledger.Sum, error) {
	_, sum, err := h.encode()
	return sum, err
}

// encode returns the lines, and the Sum that they name.
func (h *header) encode() ([]byte, ledger.Sum, error) {
	d := h.description
	d.Sum = ledger.Sum{}
	line, err := json.Marshal(d)
	if err != nil {
		return nil, ledger.Sum{}, fmt.Errorf("%w segment: %w", ledger.ErrInvalid, err)
	}
	if fixed+len(line)+1 > maxHeader {
		return nil, ledger.Sum{}, fmt.Errorf("%w segment: its description takes %d bytes", ledger.ErrInvalid, len(line))
	}
	rest := fmt.Appendf(nil, "%s%s %0*d\n%s\n", bodyStart, h.body, digits, h.size, line)
	hash := sha256.New()
	hash.Write([]byte(firstLine))
	hash.Write(rest)
	var sum ledger.Sum
	hash.Sum(sum[:0])
	lines := fmt.Appendf(nil, "%s%s%s\n", firstLine, sumStart, sum)
	return append(lines, rest...), sum, nil
}

// parseHeader reads the header at the beginning of a file, of which b is at least maxHeader bytes or all, and returns how long
// it is. It takes what encode writes, and nothing else.
func parseHeader(b []byte) (*header, int, error) {
	if !bytes.HasPrefix(b, []byte(firstLine)) {
		return nil, 0, fmt.Errorf("it does not begin with %q", firstLine)
	}
	b = b[:min(len(b), maxHeader)]
	if len(b) < fixed {
		return nil, 0, fmt.Errorf("its header is cut off")
	}
	length := bytes.IndexByte(b[fixed:], '\n')
	if length < 0 {
		return nil, 0, fmt.Errorf("its header does not end within %d bytes", maxHeader)
	}
	length += fixed + 1
	var h header
	at := len(firstLine) + len(sumStart)
	if err := h.Sum.UnmarshalText(b[at : at+hexDigits]); err != nil {
		return nil, 0, err
	}
	stated := h.Sum
	at += hexDigits + 1 + len(bodyStart)
	if err := h.body.UnmarshalText(b[at : at+hexDigits]); err != nil {
		return nil, 0, err
	}
	at += hexDigits + 1
	size, err := strconv.ParseUint(string(b[at:at+digits]), 10, 63)
	if err != nil {
		return nil, 0, fmt.Errorf("the size of its records: %w", err)
	}
	h.size = int64(size)
	if err := strictjson.Unmarshal(b[fixed:length], &h.description); err != nil {
		return nil, 0, err
	}
	h.Sum = stated
	if err := h.check(b[:length]); err != nil {
		return nil, 0, err
	}
	return &h, length, nil
}

// check checks a header against the bytes that it was read from, and what it says against what can be.
func (h *header) check(b []byte) error {
	if err := h.Validate(); err != nil {
		return err
	}
	if again, _, err := h.encode(); err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("its header is not what its sum was made of")
	}
	if (h.First == 1) != h.Previous.IsZero() {
		return fmt.Errorf("it starts at version %d, and the sum of the segment before is %q", h.First, h.Previous)
	}
	// So many bytes are what so many records can have. It divides, since a product may not fit.
	size, more := uint64(h.size), uint64(h.Last-h.First) // one record, and so many more
	if size < minRecord || size/minRecord-1 < more || size/maxRecord > more {
		return fmt.Errorf("it says that versions %d to %d take %d bytes", h.First, h.Last, h.size)
	}
	return nil
}

// follows returns an error if h is not the header of the segment behind before.
func (h *header) follows(before *header) error {
	if err := h.Follows(&before.Segment); err != nil {
		return err
	}
	if h.Previous != before.Sum {
		return fmt.Errorf("the segment before, which starts at version %d, is not the one that was there when this was put", before.First)
	}
	return nil
}

// describes reports whether a segment is the one of the header.
func (h *header) describes(s *ledger.Segment) bool {
	return h.Account == s.Account && h.First == s.First && h.Last == s.Last && h.Sum == s.Sum
}
