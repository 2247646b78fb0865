package event

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what an event, and the names around it, may measure, in bytes.
const (
	MaxName = 255     // a stream's name, or a command's key
	MaxType = 128     // an event type's name
	MaxData = 1 << 20 // an event's JSON
)

// ErrInvalid is returned when a name, a type or a payload breaks its form or bound. The message names it.
var ErrInvalid = errors.New("event: invalid")

// Version counts the events of one stream: the first has 1, and 0 says that there is none.
type Version uint64

// Position counts the records of one journal in the order of their commits: the first has 1, and 0 stands
// before it.
type Position uint64

// Event is a fact as it is written down, before a journal has given it a place.
type Event struct {
	Type        string // as "cap.authorized.v1"
	Data        []byte // JSON, at most MaxData bytes; never changed once handed over
	TraceParent string // W3C trace context, set by whoever appends by hand; the engine leaves it ""
}

// Validate returns an error that wraps ErrInvalid if:
//   - the type is not lower-case words joined by dots that end in a version, or longer than MaxType;
//   - the data is empty or longer than MaxData;
//   - the trace parent is neither empty nor of the W3C form.
//
// It does not read the JSON: a [Codec] wrote it.
func (e Event) Validate() error {
	if !validType(e.Type) {
		return fmt.Errorf("%w type %q: want lower-case words joined by dots and a version, as cap.authorized.v1", ErrInvalid, clip(e.Type))
	}
	if len(e.Data) == 0 || len(e.Data) > MaxData {
		return fmt.Errorf("%w data of %s: %d bytes, want 1 to %d", ErrInvalid, e.Type, len(e.Data), MaxData)
	}
	if e.TraceParent != "" && !traceParent.MatchString(e.TraceParent) {
		return fmt.Errorf("%w traceparent %q", ErrInvalid, clip(e.TraceParent))
	}
	return nil
}

// Record is an event that a journal holds: the fact, and its place. It is a value to read; the bytes in it
// are shared and must not be changed.
type Record struct {
	Event
	Stream   string    // whose history it belongs to, as "cap/card-42"
	Version  Version   // its place in the stream
	Position Position  // its place in the journal
	At       time.Time // when the journal took it; UTC, microseconds; never goes back along positions

	// Key and Digest name the command that decided it and the hash of that command's content. They stand
	// with the first record of a batch only; on the others Key is "".
	Key    string
	Digest [32]byte
}

// ID is the same for the same record for ever: its stream and version, as "cap/card-42@7".
func (r Record) ID() string {
	return r.Stream + "@" + strconv.FormatUint(uint64(r.Version), 10)
}

// Stream is the name of the stream of the aggregate id of a kind: "kind/id".
func Stream(kind, id string) string { return kind + "/" + id }

// SplitStream is the reverse of Stream: the kind is what stands before the first slash.
func SplitStream(stream string) (kind, id string) {
	kind, id, _ = strings.Cut(stream, "/")
	return kind, id
}

// ValidateStream returns an error that wraps ErrInvalid if stream is not kind, slash, id, where the kind
// is lower-case letters, digits and _ - . and the id is what [ValidateKey] takes; or if it is longer than
// MaxName bytes.
func ValidateStream(stream string) error {
	kind, id := SplitStream(stream)
	if !validKind(kind) {
		return fmt.Errorf("%w stream %q: want kind/id with a lower-case kind", ErrInvalid, clip(stream))
	}
	if len(stream) > MaxName || !printable(id) {
		return fmt.Errorf("%w stream %q: want at most %d bytes, and an id of printable UTF-8", ErrInvalid, clip(stream), MaxName)
	}
	return nil
}

// ValidateKey returns an error that wraps ErrInvalid if key is empty, longer than MaxName bytes, not valid
// UTF-8, or holds a control character.
func ValidateKey(key string) error {
	if len(key) > MaxName || !printable(key) {
		return fmt.Errorf("%w key %q: want 1 to %d bytes of printable UTF-8", ErrInvalid, clip(key), MaxName)
	}
	return nil
}

var traceParent = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// validType is a scan by hand, since every append pays for it.
func validType(s string) bool {
	if len(s) > MaxType {
		return false
	}
	dot := strings.LastIndexByte(s, '.')
	if dot < 1 || len(s) < dot+3 || s[dot+1] != 'v' || s[dot+2] == '0' {
		return false
	}
	for _, c := range []byte(s[dot+2:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	atStart := true // of a word
	for _, c := range []byte(s[:dot]) {
		switch {
		case c >= 'a' && c <= 'z', !atStart && (c == '_' || c >= '0' && c <= '9'):
			atStart = false
		case c == '.' && !atStart:
			atStart = true
		default:
			return false
		}
	}
	return !atStart
}

func validKind(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

// printable says whether s is not empty, valid UTF-8 and free of control characters.
func printable(s string) bool {
	for _, c := range []byte(s) {
		if c < 0x20 || c >= 0x7f {
			return printableRunes(s)
		}
	}
	return s != ""
}

func printableRunes(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// clip keeps a message short whatever it quotes.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
