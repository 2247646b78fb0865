package webhook_test

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/event/webhook"
	"github.com/payrules/payrules/internal/reasons"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// inside is a sender that may reach what tests serve.
func inside(t *testing.T, timeout time.Duration) *webhook.Sender {
	s := webhook.NewSender(webhook.SenderOptions{Timeout: timeout, Allow: loopback, AllowHTTP: true})
	t.Cleanup(func() { s.Close() })
	return s
}

func serve(t *testing.T, h http.HandlerFunc) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

func send(t *testing.T, s *webhook.Sender, url string) webhook.Attempt {
	t.Helper()
	m := webhook.Message{ID: officialID, Body: []byte(officialBody)}
	a, err := s.Send(t.Context(), webhook.Endpoint{URL: url, Signers: []webhook.Signer{oldSecret}}, m)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(must(json.Marshal(a))); strings.Contains(text, "://") || strings.Contains(text, "2432232314") {
		t.Errorf("the attempt tells too much: %s", text)
	}
	return a
}

// W7: what every status means.
func TestStatuses(t *testing.T) {
	s := inside(t, 0)
	date := time.Now().Add(48 * time.Hour).UTC().Format(http.TimeFormat)
	for _, row := range []struct {
		code    int
		after   string
		outcome webhook.Outcome
		reason  webhook.Reason
		wait    time.Duration
	}{
		{200, "", webhook.Delivered, "", 0},
		{204, "", webhook.Delivered, "", 0},
		{299, "30", webhook.Delivered, "", 0},
		{301, "", webhook.Failed, webhook.ReasonRedirect, 0},
		{304, "", webhook.Failed, webhook.ReasonRedirect, 0},
		{400, "", webhook.Failed, webhook.ReasonStatus, 0},
		{401, "", webhook.Failed, webhook.ReasonStatus, 0},
		{410, "30", webhook.Disabled, webhook.ReasonGone, 0},
		{429, "", webhook.Throttled, webhook.ReasonOverloaded, 0},
		{429, "30", webhook.Throttled, webhook.ReasonOverloaded, 30 * time.Second},
		{429, "86401", webhook.Throttled, webhook.ReasonOverloaded, 24 * time.Hour},
		{429, "99999999999999999999999", webhook.Throttled, webhook.ReasonOverloaded, 24 * time.Hour},
		{429, "-5", webhook.Throttled, webhook.ReasonOverloaded, 0},
		{429, "soon", webhook.Throttled, webhook.ReasonOverloaded, 0},
		{429, strings.Repeat("9", 65), webhook.Throttled, webhook.ReasonOverloaded, 0},
		{429, "Mon, 02 Jan 2006 15:04:05 GMT", webhook.Throttled, webhook.ReasonOverloaded, 0},
		{503, date, webhook.Failed, webhook.ReasonStatus, 24 * time.Hour},
		{500, "30", webhook.Failed, webhook.ReasonStatus, 0},
		{502, "30", webhook.Throttled, webhook.ReasonOverloaded, 0},
		{504, "", webhook.Throttled, webhook.ReasonOverloaded, 0},
	} {
		a := send(t, s, serve(t, status(row.code, "Retry-After", row.after)))
		if a.Status != row.code || a.Outcome != row.outcome || a.Reason != row.reason || a.RetryAfter != row.wait {
			t.Errorf("%d, %q: got %+v", row.code, row.after, a)
		}
	}
}

// Every reason, by a target that shows it.
func TestReasons(t *testing.T) {
	quick := inside(t, 50*time.Millisecond)
	nothing := httptest.NewServer(nil)
	nothing.Close()
	private := httptest.NewUnstartedServer(nil)
	private.Config.ErrorLog = log.New(io.Discard, "", 0)
	private.StartTLS()
	t.Cleanup(private.Close)
	nowhere := webhook.NewSender(webhook.SenderOptions{Resolver: resolver(func() []byte { return nil })})
	canceled := func() webhook.Attempt {
		ctx, cancel := context.WithCancel(t.Context())
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		})
		a, err := inside(t, 0).Send(ctx, webhook.Endpoint{URL: url, Signers: []webhook.Signer{oldSecret}}, webhook.Message{ID: "a"})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: got %v", err)
		}
		return a
	}
	never := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	cases := []struct {
		reason webhook.Reason
		run    func() webhook.Attempt
	}{
		{webhook.ReasonCanceled, canceled},
		{webhook.ReasonAddress, func() webhook.Attempt {
			return send(t, webhook.NewSender(webhook.SenderOptions{}), "https://127.0.0.1:1")
		}},
		{webhook.ReasonTimeout, func() webhook.Attempt { return send(t, quick, serve(t, never)) }},
		{webhook.ReasonName, func() webhook.Attempt { return send(t, nowhere, "https://hook.payrules.example") }},
		{webhook.ReasonCertificate, func() webhook.Attempt { return send(t, inside(t, 0), private.URL) }},
		{webhook.ReasonNoAnswer, func() webhook.Attempt { return send(t, inside(t, 0), nothing.URL) }},
		{webhook.ReasonNoAnswer, func() webhook.Attempt { return send(t, inside(t, 0), serve(t, headerBomb)) }},
		{webhook.ReasonRedirect, func() webhook.Attempt { return send(t, inside(t, 0), serve(t, status(302))) }},
		{webhook.ReasonGone, func() webhook.Attempt { return send(t, inside(t, 0), serve(t, status(410))) }},
		{webhook.ReasonOverloaded, func() webhook.Attempt { return send(t, inside(t, 0), serve(t, status(429))) }},
		{webhook.ReasonStatus, func() webhook.Attempt { return send(t, inside(t, 0), serve(t, status(404))) }},
	}
	var rows []reasons.Row[webhook.Reason]
	for _, c := range cases {
		rows = append(rows, reasons.Row[webhook.Reason]{Reason: c.reason})
		if a := c.run(); a.Reason != c.reason || a.Outcome == webhook.Delivered || a.Outcome == "" {
			t.Errorf("%s: got %+v", c.reason, a)
		}
	}
	reasons.Check(t, webhook.Reasons, rows)
}

func headerBomb(w http.ResponseWriter, _ *http.Request) {
	for range 100 {
		w.Header().Add("X-Bomb", strings.Repeat("x", 10<<10))
	}
}

// W5: a redirect is not followed, not even to where one may go.
func TestRedirectIsNotFollowed(t *testing.T) {
	var hits atomic.Int64
	secret := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{secret, "http://169.254.169.254/latest/meta-data"} {
			if a := send(t, inside(t, 0), serve(t, status(code, "Location", to))); a.Reason != webhook.ReasonRedirect || a.Status != code {
				t.Errorf("%d: got %+v", code, a)
			}
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d redirects were followed", hits.Load())
	}
}

// W5: whatever a name or a literal leads to, the socket is not connected.
func TestPrivateTargetsAreRefused(t *testing.T) {
	var hits atomic.Int64
	inner := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	port := inner[strings.LastIndexByte(inner, ':'):]
	open := webhook.NewSender(webhook.SenderOptions{AllowHTTP: true})
	for _, host := range []string{
		"127.0.0.1", "localhost", "127.1.2.3", "0.0.0.0", "10.1.2.3", "169.254.169.254", "100.64.0.1", "192.168.0.1",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "[fd00::1]", "[2002:7f00:1::]", "224.0.0.1",
	} {
		if a := send(t, open, "http://"+host+port+"/hook"); a.Reason != webhook.ReasonAddress {
			t.Errorf("%s: got %+v", host, a)
		}
	}
	for _, ip := range [][]byte{{127, 0, 0, 1}, {10, 0, 0, 1}, {169, 254, 169, 254}} {
		s := webhook.NewSender(webhook.SenderOptions{AllowHTTP: true, Resolver: resolver(func() []byte { return ip })})
		if a := send(t, s, "http://hook.payrules.example"+port); a.Reason != webhook.ReasonAddress {
			t.Errorf("a name that resolves to %v: got %+v", ip, a)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests came through", hits.Load())
	}
}

// W5: a name that was fine the first time and is not the second.
func TestRebindingGainsNothing(t *testing.T) {
	var hits atomic.Int64
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.Header().Set("Connection", "close")
	})
	port := url[strings.LastIndexByte(url, ':'):]
	var last atomic.Int64 // 127.0.0.1 plays the public address, and 127.0.0.2 a private one
	last.Store(1)
	s := webhook.NewSender(webhook.SenderOptions{
		AllowHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Resolver: resolver(func() []byte { return []byte{127, 0, 0, byte(last.Load())} }),
	})
	if a := send(t, s, "http://hook.payrules.example"+port); a.Outcome != webhook.Delivered {
		t.Errorf("at first: got %+v", a)
	}
	last.Store(2)
	if a := send(t, s, "http://hook.payrules.example"+port); a.Reason != webhook.ReasonAddress {
		t.Errorf("then: got %+v", a)
	}
	if hits.Load() != 1 {
		t.Errorf("got %d requests, want 1", hits.Load())
	}
}

// W6: of a gigabyte only MaxReply is taken, and the rest is not waited for.
func TestEndlessReply(t *testing.T) {
	wrote := make(chan int64, 1)
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk, sum := make([]byte, 1<<20), int64(0)
		for sum < 1<<30 {
			n, err := w.Write(chunk)
			if sum += int64(n); err != nil {
				break
			}
		}
		wrote <- sum
	})
	if a := send(t, inside(t, 0), url); a.Outcome != webhook.Delivered || a.ReplyBytes != webhook.MaxReply {
		t.Errorf("got %+v", a)
	}
	if sum := <-wrote; sum > 64<<20 { // what the sockets hold
		t.Errorf("%d bytes were taken off the server", sum)
	}
}

// Over https, HTTP/2 included, with an authority of one's own; the second message goes over the same connection.
func TestHTTPS(t *testing.T) {
	var protocols []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		protocols = append(protocols, r.Proto+" "+r.Method+" "+r.Header.Get("Content-Type"))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	s := webhook.NewSender(webhook.SenderOptions{Allow: loopback, RootCAs: roots})
	defer s.Close()
	for range 2 {
		if a := send(t, s, server.URL); a.Outcome != webhook.Delivered {
			t.Errorf("got %+v", a)
		}
	}
	for _, p := range protocols {
		if p != "HTTP/2.0 POST application/cloudevents+json" {
			t.Errorf("got %s", p)
		}
	}
}

func TestEndpoints(t *testing.T) {
	strict := webhook.NewSender(webhook.SenderOptions{})
	for _, row := range []struct{ story, url string }{
		{"nothing", ""}, {"http", "http://bank.example/"}, {"file", "file:///etc/passwd"}, {"no host", "https:///x"},
		{"opaque", "https:bank.example"}, {"a user", "https://u:p@bank.example/"}, {"a fragment", "https://bank.example/#x"},
		{"a line break", "https://bank.example/\r\nX: y"}, {"too long", "https://bank.example/" + strings.Repeat("x", webhook.MaxURL)},
	} {
		e := webhook.Endpoint{URL: row.url, Signers: []webhook.Signer{oldSecret}}
		_, err := strict.Send(t.Context(), e, webhook.Message{ID: "a"})
		if !errors.Is(err, webhook.ErrEndpoint) || len(err.Error()) > 100 || strings.Contains(err.Error(), "bank.example") {
			t.Errorf("%s: got %v", row.story, err)
		}
	}
}

// resolver asks a name server within this process, which answers with the address that a function gives; nil for none.
func resolver(answer func() []byte) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			for {
				var size [2]byte
				if _, err := io.ReadFull(server, size[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(server, query); err != nil {
					return
				}
				if _, err := server.Write(reply(query, answer())); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}

// reply is the answer to a DNS query over TCP (RFC 1035): ip, if it is asked for an A record.
func reply(query, ip []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	question := query[12 : end+5]
	isA := query[end+2] == 1
	msg := []byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}
	if ip == nil {
		msg[3] |= 3 // no such name
	}
	msg = append(msg, question...)
	if isA && ip != nil {
		msg[7] = 1
		msg = append(msg, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		msg = append(msg, ip...)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
}
