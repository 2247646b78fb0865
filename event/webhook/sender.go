package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ErrEndpoint is returned for an endpoint to which nothing can be sent. The message does not repeat its URL, which often
// holds a secret.
var ErrEndpoint = errors.New("webhook: endpoint")

// Bounds of sending.
const (
	DefaultTimeout = 15 * time.Second // of an attempt
	MaxTimeout     = time.Minute      // the longest that may be asked for
	MaxReply       = 64 << 10         // bytes that are read of an answer's body, and of its headers
	MaxURL         = 2048             // bytes
)

// SenderOptions are the options of NewSender; the zero value sends to public addresses over https.
type SenderOptions struct {
	_ struct{}

	// Timeout is for one attempt, from resolving the name to the last byte that is read; 0 stands for DefaultTimeout, and
	// no more than MaxTimeout counts.
	Timeout time.Duration
	// Allow are addresses that are not public and may be connected to all the same: an intranet, loopback in a test.
	// An IPv4 address inside an IPv6 one is judged as the IPv4 address.
	Allow []netip.Prefix
	// AllowHTTP sends to http URLs as well: signed, but for everyone on the way to read.
	AllowHTTP bool
	// RootCAs are the authorities that sign the endpoints' certificates; nil stands for those of the host.
	RootCAs *x509.CertPool
	// Resolver resolves names; nil is net.DefaultResolver. What it says is not trusted.
	Resolver *net.Resolver
	// Now is the clock of the timestamps; nil is time.Now.
	Now func() time.Time
}

// Sender sends messages. It follows no redirect, uses no proxy, and connects to no address that is not public or allowed,
// whatever a name resolves to at that moment. It is safe for concurrent use.
type Sender struct {
	client  *http.Client
	timeout time.Duration
	plain   bool // http is allowed
	now     func() time.Time
}

// Endpoint is where messages go.
type Endpoint struct {
	_ struct{}

	URL     string   // https, without user and fragment, at most MaxURL bytes
	Signers []Signer // 1 to MaxSignatures: while keys are exchanged, the old one and the new one
}

// NewSender makes a Sender with connections of its own.
func NewSender(o SenderOptions) *Sender {
	timeout := min(o.Timeout, MaxTimeout)
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	now := o.Now
	if now == nil {
		now = time.Now
	}
	dialer := &net.Dialer{
		Timeout:  timeout,
		Resolver: o.Resolver,
		Control:  guard{allow: slices.Clone(o.Allow)}.control,
	}
	transport := &http.Transport{ // Proxy stays nil: it would connect where the guard does not look
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    timeout,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // so that no byte is read that was not sent
		MaxResponseHeaderBytes: MaxReply,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &http.Client{Transport: transport, CheckRedirect: stay}
	return &Sender{client: client, timeout: timeout, plain: o.AllowHTTP, now: now}
}

// Close closes idle connections. The Sender stays usable.
func (s *Sender) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// Send makes one attempt to deliver m to e: signed anew, at the time of now, whatever m.At is. What came of it is the
// Attempt; that the receiver did not take it is no error.
//
// Returns an error if:
//   - the URL is not as Endpoint says, or is http and that is not allowed (ErrEndpoint);
//   - the message or the signers are not as Sign says (ErrMalformed, ErrKey);
//   - ctx is done; the Attempt then says what was known, and the receiver may have taken the message.
func (s *Sender) Send(ctx context.Context, e Endpoint, m Message) (Attempt, error) {
	if err := ctx.Err(); err != nil {
		return Attempt{MessageID: m.ID, At: s.now().UTC(), Outcome: Failed, Reason: ReasonCanceled}, err
	}
	at := s.now().UTC().Truncate(time.Second)
	signature, err := Sign(m.ID, at, m.Body, e.Signers...)
	if err != nil {
		return Attempt{}, err
	}
	target, err := s.target(e.URL)
	if err != nil {
		return Attempt{}, err
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodPost, target, bytes.NewReader(m.Body))
	if err != nil {
		return Attempt{}, fmt.Errorf("%w: URL", ErrEndpoint)
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	req.Header.Set("User-Agent", "payrules-webhook/1")
	req.Header.Set(HeaderID, m.ID)
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(HeaderSignature, signature)

	a := Attempt{MessageID: m.ID, At: at}
	begin := s.now()
	s.do(req, &a)
	a.Took = s.now().Sub(begin)
	if err := ctx.Err(); err != nil && a.Outcome == Failed && a.Status == 0 {
		a.Reason = ReasonCanceled
		return a, err
	}
	return a, nil
}

// do makes the request, and fills in what came of it.
func (s *Sender) do(req *http.Request, a *Attempt) {
	res, err := s.client.Do(req)
	if err != nil {
		a.Outcome, a.Reason = Failed, reasonOf(err)
		return
	}
	defer func() { _ = res.Body.Close() }() // what was not read is not waited for
	a.judge(res.StatusCode, res.Header, s.now())
	// The status has decided. The body is read so that the connection can be used again, and thrown away: an error in it
	// changes nothing.
	a.ReplyBytes, _ = io.CopyN(io.Discard, res.Body, MaxReply)
}

// target checks a URL.
func (s *Sender) target(raw string) (string, error) {
	if len(raw) > MaxURL {
		return "", fmt.Errorf("%w: URL of %d bytes, want at most %d", ErrEndpoint, len(raw), MaxURL)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.User != nil || u.Fragment != "" {
		return "", fmt.Errorf("%w: want a URL with a host, and without user and fragment", ErrEndpoint)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !s.plain) {
		return "", fmt.Errorf("%w: want https", ErrEndpoint)
	}
	return u.String(), nil
}

// reasonOf says why there was no answer. The text of err is kept from everyone: it holds the URL.
func reasonOf(err error) Reason {
	var timeout interface{ Timeout() bool }
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errAddress):
		return ReasonAddress
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	case errors.As(err, &name):
		return ReasonName
	case errors.As(err, &certificate):
		return ReasonCertificate
	}
	return ReasonNoAnswer
}
