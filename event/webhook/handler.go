package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/payrules/payrules/event"
)

// Handler receives what a [Sender] or [Publisher] sends: it checks each request with v, reads the record out of the body,
// and hands it to handle. A record may come again, and before or after others: handle tells it by its id, and returns nil
// only when it has kept it.
//
//	204   handle returned nil
//	400   not a message, too long, or not the CloudEvent of a record with the message's id
//	401   not signed by a key of v, or stale
//	405   not a POST
//	500   handle returned an error; the sender comes again
//
// No answer has a body. Handler reads at most v.MaxBody bytes, and none of a request whose headers are malformed; how long
// a request may take is for the http.Server to say (ReadTimeout).
func Handler(v Verifier, handle func(ctx context.Context, source string, r event.Record) error) http.Handler {
	now := v.Now
	if now == nil {
		now = time.Now
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		source, r, err := v.receive(w, req, now)
		switch {
		case errors.Is(err, ErrMalformed):
			w.WriteHeader(http.StatusBadRequest)
		case err != nil:
			w.WriteHeader(http.StatusUnauthorized)
		case handle(req.Context(), source, r) != nil:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

// receive reads and checks a request.
func (v Verifier) receive(w http.ResponseWriter, req *http.Request, now func() time.Time) (string, event.Record, error) {
	if _, err := readHead(req.Header); err != nil || req.ContentLength > int64(v.maxBody()) {
		return "", event.Record{}, ErrMalformed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, int64(v.maxBody())))
	if err != nil {
		return "", event.Record{}, ErrMalformed
	}
	m, err := v.Verify(req.Header, body, now())
	if err != nil {
		return "", event.Record{}, err
	}
	source, r, err := event.ParseCloudEvent(m.Body)
	if err != nil || MessageID(r) != m.ID {
		return "", event.Record{}, ErrMalformed
	}
	return source, r, nil
}
