package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/payrules/payrules/event"
)

// How a record is written down. The package's doc has the picture, testdata/record.golden the bytes.
const (
	recordHeader = 8 // length and checksum
	recordFixed  = 1 + 8 + 8

	flagTrace   = 1 << 0
	flagCommand = 1 << 1

	digestSize = 32
	maxRecord  = recordFixed + 3*(1+event.MaxName) + 1 + event.MaxType + digestSize + event.MaxData
)

// errRecord is wrapped by what the decoder refuses.
var errRecord = errors.New("not a record")

// checksum is over the position as well, so that a record that turns up in another's place is seen.
func checksum(position event.Position, body []byte) uint32 {
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(position))
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Update(0, table, at[:]), table, body)
}

// recordSize is how many bytes appendRecord will add.
func recordSize(r *event.Record) int {
	n := recordHeader + recordFixed + 1 + len(r.Stream) + 1 + len(r.Type) + len(r.Data)
	if r.TraceParent != "" {
		n += 1 + len(r.TraceParent)
	}
	if r.Key != "" {
		n += 1 + len(r.Key) + digestSize
	}
	return n
}

// appendRecord writes r at the end of dst. The record is one that storage.Batch.Validate let pass, so all
// its names fit.
func appendRecord(dst []byte, r *event.Record) []byte {
	start := len(dst)
	dst = appendBody(append(dst, make([]byte, recordHeader)...), r)
	body := dst[start+recordHeader:]
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(body)))
	binary.LittleEndian.PutUint32(dst[start+4:], checksum(r.Position, body))
	return dst
}

// appendBody writes what follows a record's header.
func appendBody(dst []byte, r *event.Record) []byte {
	flags := byte(0)
	if r.TraceParent != "" {
		flags |= flagTrace
	}
	if r.Key != "" {
		flags |= flagCommand
	}
	dst = append(dst, flags)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(r.Version))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(r.At.UnixMicro()))
	dst = appendName(dst, r.Stream)
	dst = appendName(dst, r.Type)
	if r.TraceParent != "" {
		dst = appendName(dst, r.TraceParent)
	}
	if r.Key != "" {
		dst = appendName(dst, r.Key)
		dst = append(dst, r.Digest[:]...)
	}
	return append(dst, r.Data...)
}

func appendName(dst []byte, s string) []byte {
	return append(append(dst, byte(len(s))), s...)
}

// cutRecord splits the first record, with its header of so many bytes, from what follows it. It looks at the
// length alone.
func cutRecord(b []byte, header int) (record, rest []byte, err error) {
	if len(b) < header {
		return nil, nil, fmt.Errorf("%w: %d bytes where a header should be", errRecord, len(b))
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if n > maxRecord || n > uint64(len(b)-header) {
		return nil, nil, fmt.Errorf("%w: length %d, with %d bytes left", errRecord, n, len(b)-header)
	}
	end := header + int(n)
	return b[:end], b[end:], nil
}

// checkRecord says whether what cutRecord gave back is the record of a position, undamaged.
func checkRecord(record []byte, position event.Position) error {
	want, got := binary.LittleEndian.Uint32(record[4:]), checksum(position, record[recordHeader:])
	if want != got {
		return fmt.Errorf("%w: checksum %08x, want %08x", errRecord, got, want)
	}
	return nil
}

// decodeRecord reads what cutRecord gave back. The record's data shares b's memory.
func decodeRecord(b []byte, position event.Position) (event.Record, error) {
	if err := checkRecord(b, position); err != nil {
		return event.Record{}, err
	}
	return decodeBody(b[recordHeader:], position)
}

// decodeBody reads what follows a record's header.
func decodeBody(b []byte, position event.Position) (event.Record, error) {
	if len(b) < recordFixed || b[0]&^(flagTrace|flagCommand) != 0 {
		return event.Record{}, fmt.Errorf("%w: %d bytes, or a flag that is not known", errRecord, len(b))
	}
	flags := b[0]
	r := event.Record{
		Version:  event.Version(binary.LittleEndian.Uint64(b[1:])),
		Position: position,
		At:       time.UnixMicro(int64(binary.LittleEndian.Uint64(b[9:]))).UTC(),
	}
	b = b[recordFixed:]
	ok := cutName(&b, &r.Stream) && cutName(&b, &r.Type)
	if ok && flags&flagTrace != 0 {
		ok = cutName(&b, &r.TraceParent)
	}
	if ok && flags&flagCommand != 0 {
		ok = cutName(&b, &r.Key) && len(b) >= digestSize
		if ok {
			b = b[copy(r.Digest[:], b):]
		}
	}
	if !ok || r.Version == 0 || len(b) == 0 || len(b) > event.MaxData {
		return event.Record{}, fmt.Errorf("%w: its parts do not add up", errRecord)
	}
	r.Data = b[:len(b):len(b)]
	return r, nil
}

// cutName takes a name from the front of b. An empty one is never written.
func cutName(b *[]byte, name *string) bool {
	if len(*b) == 0 || (*b)[0] == 0 || len(*b) < 1+int((*b)[0]) {
		return false
	}
	n := 1 + int((*b)[0])
	*name = string((*b)[1:n])
	*b = (*b)[n:]
	return true
}
