package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payrules/payrules/event"
)

// Errors of signing and verifying. None of them repeats anything of a message.
var (
	// ErrMalformed is returned when a message, or what should be one, breaks its form or a bound.
	ErrMalformed = errors.New("webhook: malformed")
	// ErrSignature is returned when no signature is of a known key.
	ErrSignature = errors.New("webhook: no signature of a known key")
	// ErrStale is returned when a message is well signed, but too long ago, or in the future.
	ErrStale = errors.New("webhook: stale")
)

// Bounds of a message, in bytes.
const (
	MaxID   = 1024              // of webhook-id
	MaxBody = 2 * event.MaxData // as event.ParseCloudEvent takes
)

// maxUnix is the last second of the year 9999.
const maxUnix = 253402300799

// Message is what goes to an endpoint, or has come from a sender.
type Message struct {
	ID   string    // the same however often it is sent: the receiver's idempotency key
	At   time.Time // when this attempt was made, UTC, whole seconds; a Sender sets it
	Body []byte
}

// NewMessage is the message of a record: its CloudEvent as JSON, and its id as [MessageID] writes it. Source is that of
// [event.NewCloudEvent].
//
// Returns an error that wraps ErrMalformed if the record is none that a receiver would take.
func NewMessage(source string, r event.Record) (Message, error) {
	body, err := json.Marshal(event.NewCloudEvent(source, r))
	if err != nil {
		return Message{}, fmt.Errorf("%w: the record's data is not JSON", ErrMalformed)
	}
	if _, _, err := event.ParseCloudEvent(body); err != nil {
		return Message{}, fmt.Errorf("%w: a record that event.ParseCloudEvent does not read", ErrMalformed)
	}
	return Message{ID: MessageID(r), Body: body}, nil
}

// MessageID is the record's id as it stands in a header: full stops, percent signs, and all that is not printable ASCII
// are percent-encoded, so different records have different ids. A full stop separates the parts of what is signed: were
// one in the id, the same signature would fit another id, time and body.
func MessageID(r event.Record) string {
	id := r.ID()
	var b strings.Builder
	for _, c := range []byte(id) {
		if idByte(c) && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func idByte(c byte) bool { return c > ' ' && c < 0x7f && c != '.' }

func validID(id string) bool {
	if id == "" || len(id) > MaxID {
		return false
	}
	for _, c := range []byte(id) {
		if !idByte(c) {
			return false
		}
	}
	return true
}

// Sign is the webhook-signature header of a message sent at an instant: a signature of each signer, with spaces between
// them. While keys are exchanged both the old and the new one sign. The instant counts in whole seconds.
//
// Returns an error if:
//   - there is no signer, or more than MaxSignatures, or one is a zero key (ErrKey);
//   - the id is empty, longer than MaxID, or holds a full stop or anything but printable ASCII (ErrMalformed);
//   - the body is longer than MaxBody, or the instant not of the years 1970 to 9999 (ErrMalformed).
func Sign(id string, at time.Time, body []byte, by ...Signer) (string, error) {
	unix := at.Unix()
	if !validID(id) || len(body) > MaxBody || unix < 0 || unix > maxUnix {
		return "", fmt.Errorf("%w: its id, size or time", ErrMalformed)
	}
	if len(by) == 0 || len(by) > MaxSignatures {
		return "", fmt.Errorf("%w: %d signers, want 1 to %d", ErrKey, len(by), MaxSignatures)
	}
	c := newContent(id, strconv.FormatInt(unix, 10), body)
	signatures := make([]string, len(by))
	for i, s := range by {
		if s == nil {
			return "", fmt.Errorf("%w: a nil signer", ErrKey)
		}
		var err error
		if signatures[i], err = s.sign(c); err != nil {
			return "", err
		}
	}
	return strings.Join(signatures, " "), nil
}

func newContent(id, timestamp string, body []byte) *content {
	return &content{prefix: id + "." + timestamp + ".", body: body}
}
