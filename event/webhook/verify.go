package webhook

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The headers of a message.
const (
	HeaderID        = "Webhook-Id"        // of the message, the same for every attempt
	HeaderTimestamp = "Webhook-Timestamp" // seconds since 1970
	HeaderSignature = "Webhook-Signature" // one or more, with spaces between
)

// MaxSignatures is how many signatures a message may carry. More are refused before any is checked.
const MaxSignatures = 16

// MaxTolerance and DefaultTolerance bound how far a message's time may be from now.
const (
	DefaultTolerance = 5 * time.Minute // where none is said
	MaxTolerance     = 24 * time.Hour  // the widest that may be asked for
)

// maxSignatureHeader has room for MaxSignatures of ed25519 (92 bytes each), and for a few of a kind to come.
const maxSignatureHeader = 4096

// Verifier checks messages. It is a value, and safe for concurrent use. One without keys takes nothing.
type Verifier struct {
	_ struct{}

	// Keys are all that are trusted at the moment: the old one and the new one while they are exchanged.
	Keys []Key
	// Tolerance is how far a message's time may be from now, before or after; 0 stands for DefaultTolerance, and no
	// more than MaxTolerance counts. An id has to be remembered for twice as long, so that a replay is known.
	Tolerance time.Duration
	// MaxBody is how many bytes a body may have; 0 stands for the constant MaxBody.
	MaxBody int
	// Now is the clock of Handler; nil is time.Now. Verify does not ask it.
	Now func() time.Time
}

// Verify checks the headers and the raw body of a request, just as it came: JSON that was read and written again has other
// bytes. The message's body is the slice that was given. It takes O(len(body)) for each key, and for each pair of public
// key and signature; the comparison takes the same time whatever differs.
//
// Returns an error if, in this order:
//   - one of the three headers is missing, given twice, or malformed, there are too many signatures, or the body is too
//     long (ErrMalformed);
//   - no signature is of one of the keys (ErrSignature); signatures of unknown kinds are passed over;
//   - the time is further from now than Tolerance (ErrStale).
func (v Verifier) Verify(header http.Header, body []byte, now time.Time) (Message, error) {
	h, err := readHead(header)
	if err != nil {
		return Message{}, err
	}
	if len(body) > v.maxBody() {
		return Message{}, fmt.Errorf("%w: body too long", ErrMalformed)
	}
	if !v.signed(h, body) {
		return Message{}, ErrSignature
	}
	if off := now.Sub(h.at); off > v.tolerance() || off < -v.tolerance() {
		return Message{}, ErrStale
	}
	return Message{ID: h.id, At: h.at, Body: body}, nil
}

func (v Verifier) maxBody() int {
	if v.MaxBody <= 0 {
		return MaxBody
	}
	return v.MaxBody
}

func (v Verifier) tolerance() time.Duration {
	if v.Tolerance <= 0 {
		return DefaultTolerance
	}
	return min(v.Tolerance, MaxTolerance)
}

// signed says whether one of the keys made one of the signatures.
func (v Verifier) signed(h head, body []byte) bool {
	c := newContent(h.id, h.timestamp, body)
	return slices.ContainsFunc(v.Keys, func(key Key) bool { return key != nil && key.verifies(c, h.signatures) })
}

// head is what the three headers say.
type head struct {
	id         string
	timestamp  string // as it came: it is signed as a text
	at         time.Time
	signatures []signature // of known versions
}

type signature struct {
	version string
	bytes   []byte
}

// readHead returns an error that wraps ErrMalformed if a header is missing, given twice, or breaks its form or bound.
func readHead(header http.Header) (h head, err error) {
	id, idOnce := once(header, HeaderID)
	timestamp, timestampOnce := once(header, HeaderTimestamp)
	list, listOnce := once(header, HeaderSignature)
	if !idOnce || !timestampOnce || !listOnce {
		return head{}, fmt.Errorf("%w: want each of its three headers once", ErrMalformed)
	}
	if !validID(id) {
		return head{}, fmt.Errorf("%w: id", ErrMalformed)
	}
	unix, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || unix < 0 || unix > maxUnix || strconv.FormatInt(unix, 10) != timestamp {
		return head{}, fmt.Errorf("%w: timestamp", ErrMalformed)
	}
	signatures, ok := readSignatures(list)
	if !ok {
		return head{}, fmt.Errorf("%w: signature list", ErrMalformed)
	}
	return head{id: id, timestamp: timestamp, at: time.Unix(unix, 0).UTC(), signatures: signatures}, nil
}

func once(header http.Header, name string) (string, bool) {
	values := header.Values(name)
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}

// readSignatures reads "version,base64" with single spaces between; what is of an unknown version is left out.
func readSignatures(list string) (all []signature, ok bool) {
	if len(list) > maxSignatureHeader || strings.Count(list, " ") >= MaxSignatures {
		return nil, false
	}
	for one := range strings.SplitSeq(list, " ") {
		version, text, found := strings.Cut(one, ",")
		if !found || version == "" {
			return nil, false
		}
		if version != secretVersion && version != publicVersion {
			continue
		}
		raw, err := decode(text)
		if err != nil {
			return nil, false
		}
		all = append(all, signature{version, raw})
	}
	return all, true
}
