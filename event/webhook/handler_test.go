package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/event/webhook"
)

func record(id string, version event.Version) event.Record {
	return event.Record{
		Event:  event.Event{Type: "cap.authorized.v1", Data: []byte(`{"id":"pay-981","minor":1234}`)},
		Stream: event.Stream("cap", id), Version: version, Position: 100 + event.Position(version), At: officialAt, Key: "pay-981",
	}
}

func TestHandler(t *testing.T) {
	m := must(webhook.NewMessage("/bank/cards", record("card.42", 7)))
	signed := func(id string, body []byte) (http.Header, []byte) {
		return header(id, strconv.Itoa(officialUnix), must(webhook.Sign(id, officialAt, body, oldSecret))), body
	}
	good, _ := signed(m.ID, m.Body)
	other, _ := signed("cap/card-43@7", m.Body)
	text, _ := signed(m.ID, []byte("not JSON"))
	fails := errors.New("no disk")
	for _, row := range []struct {
		story  string
		method string
		header http.Header
		body   string
		late   time.Duration
		fails  error
		want   int
		handed int64
	}{
		{"a record", "POST", good, string(m.Body), 0, nil, 204, 1},
		{"the callback fails", "POST", good, string(m.Body), 0, fails, 500, 1},
		{"the callback's own malformed", "POST", good, string(m.Body), 0, webhook.ErrMalformed, 500, 1},
		{"another body", "POST", good, string(m.Body) + " ", 0, nil, 401, 0},
		{"stale", "POST", good, string(m.Body), 6 * time.Minute, nil, 401, 0},
		{"no headers", "POST", http.Header{}, string(m.Body), 0, nil, 400, 0},
		{"well signed, but not JSON", "POST", text, "not JSON", 0, nil, 400, 0},
		{"well signed, but with the id of another", "POST", other, string(m.Body), 0, nil, 400, 0},
		{"too long", "POST", good, strings.Repeat("x", 10_001), 0, nil, 400, 0},
		{"GET", "GET", good, "", 0, nil, 405, 0},
	} {
		for _, length := range []bool{true, false} {
			var handed atomic.Int64
			v := webhook.Verifier{
				Keys: []webhook.Key{oldSecret}, MaxBody: 10_000, Now: func() time.Time { return officialAt.Add(row.late) },
			}
			h := webhook.Handler(v, func(_ context.Context, source string, r event.Record) error {
				handed.Add(1)
				if diff := cmp.Diff(record("card.42", 7), r); diff != "" || source != "/bank/cards" {
					t.Errorf("%s: got source %s and %s", row.story, source, diff)
				}
				return row.fails
			})
			req := httptest.NewRequest(row.method, "/hook", strings.NewReader(row.body))
			req.Header = row.header
			if !length {
				req.ContentLength = -1
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			if w.Code != row.want || w.Body.Len() != 0 || handed.Load() != row.handed {
				t.Errorf("%s: got %d, %q, handed over %d times; want %d", row.story, w.Code, w.Body, handed.Load(), row.want)
			}
		}
	}
}

// endless is a body that never ends, and counts what is read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 1<<20 {
		return 0, io.ErrUnexpectedEOF // so that a handler that reads on fails the test, and not the machine
	}
	return len(p), nil
}

// Strangers cannot make a handler read: not beyond the limit, and not at all if headers or length say that it is in vain.
func TestHandlerReadsLittle(t *testing.T) {
	good := header(officialID, strconv.Itoa(officialUnix), officialSignature)
	for _, row := range []struct {
		story  string
		header http.Header
		length int64
		most   int
	}{
		{"no length is told", good, -1, 20_000},
		{"a length beyond the limit", good, 1 << 40, 0},
		{"malformed headers", http.Header{}, -1, 0},
	} {
		h := webhook.Handler(webhook.Verifier{Keys: []webhook.Key{oldSecret}, MaxBody: 10_000}, nil)
		body := &endless{}
		req := httptest.NewRequest(http.MethodPost, "/hook", body)
		req.Header, req.ContentLength = row.header, row.length
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != http.StatusBadRequest || body.read > row.most {
			t.Errorf("%s: got %d after %d bytes, want at most %d", row.story, w.Code, body.read, row.most)
		}
	}
}

// What a Publisher sends is what a Handler hands over, in order, with the old key, the new one and the pair.
func TestPublisherToHandler(t *testing.T) {
	for _, trusted := range []webhook.Key{oldSecret, newSecret, signingKey.Public()} {
		var mu sync.Mutex
		var got []event.Record
		handler := webhook.Handler(webhook.Verifier{Keys: []webhook.Key{trusted}}, func(_ context.Context, _ string, r event.Record) error {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, r)
			return nil
		})
		var logged []webhook.Attempt
		p := must(webhook.NewPublisher(inside(t, 0), webhook.Endpoint{
			URL: serve(t, handler.ServeHTTP), Signers: []webhook.Signer{oldSecret, newSecret, signingKey},
		}, "/bank", func(a webhook.Attempt) { logged = append(logged, a) }))
		want := []event.Record{record("é 1.2", 1), record("é 1.2", 2), record("b", 1)}
		if err := p.Publish(t.Context(), want...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if len(logged) != 3 || logged[0].MessageID != "cap/%C3%A9%201%2E2@1" || logged[2].Outcome != webhook.Delivered {
			t.Errorf("logged: %+v", logged)
		}
	}
}

// W7: a publisher stops at the first record that is not taken, leaves the endpoint alone as long as it asks, and for ever
// once it is gone.
func TestPublisherLeavesAlone(t *testing.T) {
	now, answer, after := officialAt, http.StatusOK, "60"
	var seen []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get(webhook.HeaderID))
		w.Header().Set("Retry-After", after)
		w.WriteHeader(answer)
	})
	s := webhook.NewSender(webhook.SenderOptions{Allow: loopback, AllowHTTP: true, Now: func() time.Time { return now }})
	p := must(webhook.NewPublisher(s, webhook.Endpoint{URL: url, Signers: []webhook.Signer{oldSecret}}, "/bank", nil))
	for _, row := range []struct {
		story  string
		wait   time.Duration
		answer int
		reason webhook.Reason
		seen   string
	}{
		{"all well", 0, 200, "", "[cap/a@1 cap/a@2]"},
		{"down: the second is not tried", 0, 500, webhook.ReasonStatus, "[cap/a@1]"},
		{"up again", 0, 200, "", "[cap/a@1 cap/a@2]"},
		{"asked to wait for a minute", 0, 429, webhook.ReasonOverloaded, "[cap/a@1]"},
		{"not yet", time.Minute - 1, 200, webhook.ReasonOverloaded, "[]"},
		{"now", 1, 200, "", "[cap/a@1 cap/a@2]"},
		{"gone", 0, 410, webhook.ReasonGone, "[cap/a@1]"},
		{"for ever", 9000 * time.Hour, 200, webhook.ReasonGone, "[]"},
	} {
		now, answer, seen = now.Add(row.wait), row.answer, nil
		err := p.Publish(t.Context(), record("a", 1), record("a", 2))
		var undelivered *webhook.UndeliveredError
		if errors.As(err, &undelivered); (err == nil) != (row.reason == "") || err != nil && undelivered.Attempt.Reason != row.reason {
			t.Errorf("%s: got %v", row.story, err)
		}
		if got := fmt.Sprint(seen); got != row.seen {
			t.Errorf("%s: the endpoint saw %s, want %s", row.story, got, row.seen)
		}
	}
}

func TestPublisherRefuses(t *testing.T) {
	s := webhook.NewSender(webhook.SenderOptions{})
	if _, err := webhook.NewPublisher(s, webhook.Endpoint{URL: "http://x", Signers: []webhook.Signer{oldSecret}}, "/", nil); !errors.Is(err, webhook.ErrEndpoint) {
		t.Errorf("http: got %v", err)
	}
	if _, err := webhook.NewPublisher(s, webhook.Endpoint{URL: "https://x"}, "/", nil); !errors.Is(err, webhook.ErrKey) {
		t.Errorf("no signer: got %v", err)
	}
	p := must(webhook.NewPublisher(s, webhook.Endpoint{URL: "https://127.0.0.1", Signers: []webhook.Signer{oldSecret}}, "/", nil))
	if err := p.Publish(t.Context(), event.Record{Stream: "secret/stream"}); !errors.Is(err, webhook.ErrMalformed) || strings.Contains(err.Error(), "secret") {
		t.Errorf("an empty record: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Publish(ctx, record("a", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("done: got %v", err)
	}
}
