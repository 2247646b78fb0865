package webhook_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/event/webhook"
)

// The vector of Standard Webhooks' own libraries.
const (
	officialKey       = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	officialID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	officialUnix      = 1614265330
	officialBody      = `{"test": 2432232314}`
	officialSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

var (
	officialAt = time.Unix(officialUnix, 0).UTC()
	oldSecret  = must(webhook.ParseSecret(officialKey))
	newSecret  = must(webhook.NewSecret(bytes.Repeat([]byte{7}, 32)))
	signingKey = must(webhook.NewSigningKey(bytes.Repeat([]byte{9}, 32)))
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func header(id, timestamp, signatures string) http.Header {
	h := http.Header{}
	h.Set(webhook.HeaderID, id)
	h.Set(webhook.HeaderTimestamp, timestamp)
	h.Set(webhook.HeaderSignature, signatures)
	return h
}

func TestOfficialVector(t *testing.T) {
	got, err := webhook.Sign(officialID, officialAt, []byte(officialBody), oldSecret)
	if err != nil || got != officialSignature {
		t.Errorf("got %s, %v; want %s", got, err, officialSignature)
	}
	v := webhook.Verifier{Keys: []webhook.Key{oldSecret}}
	m, err := v.Verify(header(officialID, "1614265330", officialSignature), []byte(officialBody), officialAt)
	if err != nil || m.ID != officialID || !m.At.Equal(officialAt) || string(m.Body) != officialBody {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestVerify(t *testing.T) {
	const ts = "1614265330"
	public := signingKey.Public()
	byNew := must(webhook.Sign(officialID, officialAt, []byte(officialBody), newSecret))
	byPair := must(webhook.Sign(officialID, officialAt, []byte(officialBody), signingKey))
	malformed, forged, stale := webhook.ErrMalformed, webhook.ErrSignature, webhook.ErrStale
	after := func(d time.Duration) time.Time { return officialAt.Add(d) }
	for _, row := range []struct {
		story           string
		id, ts, list    string
		body            string
		now             time.Time
		want            error
		keys            []webhook.Key
		tolerance       time.Duration
		maxBody, repeat int
	}{
		{story: "the old key", list: officialSignature},
		{story: "the old key, while the new one signs too", list: byNew + " " + officialSignature},
		{story: "both keys are trusted, the new one signs", list: byNew, keys: []webhook.Key{oldSecret, newSecret}},
		{story: "the old key is taken away", list: officialSignature, keys: []webhook.Key{newSecret}, want: forged},
		{story: "ed25519", list: byPair, keys: []webhook.Key{public}},
		{story: "ed25519 among others", list: officialSignature + " " + byPair, keys: []webhook.Key{newSecret, public}},
		{story: "a kind to come stands beside", list: "v2,whatever! " + officialSignature},
		{story: "a kind to come alone", list: "v2,whatever!", want: forged},
		{story: "v1 is not taken for v1a", list: strings.Replace(officialSignature, "v1", "v1a", 1), keys: []webhook.Key{oldSecret, public}, want: forged},
		{story: "v1a is not taken for v1", list: strings.Replace(byPair, "v1a", "v1", 1), keys: []webhook.Key{oldSecret, public}, want: forged},
		{story: "no key is trusted", list: officialSignature, keys: []webhook.Key{}, want: forged},
		{story: "zero keys", list: officialSignature + " " + byPair, keys: []webhook.Key{webhook.Secret{}, webhook.PublicKey{}, nil}, want: forged},
		{story: "another body", list: officialSignature, body: `{"test":2432232314}`, want: forged},
		{story: "another id", list: officialSignature, id: "msg_other", want: forged},
		{story: "a later second", list: officialSignature, ts: "1614265331", want: forged},
		{story: "five minutes later", list: officialSignature, now: after(5 * time.Minute)},
		{story: "a nanosecond after that", list: officialSignature, now: after(5*time.Minute + 1), want: stale},
		{story: "five minutes before", list: officialSignature, now: after(-5 * time.Minute)},
		{story: "a nanosecond before that", list: officialSignature, now: after(-5*time.Minute - 1), want: stale},
		{story: "a tolerance of one second", list: officialSignature, now: after(time.Second + 1), tolerance: time.Second, want: stale},
		{story: "a tolerance of a year is one of a day", list: officialSignature, now: after(25 * time.Hour), tolerance: 9000 * time.Hour, want: stale},
		{story: "forged comes before stale", list: byNew, now: after(time.Hour), want: forged},
		{story: "no timestamp", list: officialSignature, ts: " ", want: malformed},
		{story: "signed timestamp", list: officialSignature, ts: "+" + ts, want: malformed},
		{story: "padded timestamp", list: officialSignature, ts: "0" + ts, want: malformed},
		{story: "fraction", list: officialSignature, ts: ts + ".0", want: malformed},
		{story: "before 1970", list: officialSignature, ts: "-1", want: malformed},
		{story: "after 9999", list: officialSignature, ts: "253402300800", want: malformed},
		{story: "past an int64", list: officialSignature, ts: "9223372036854775808", want: malformed},
		{story: "a full stop in the id", list: officialSignature, id: "a.b", want: malformed},
		{story: "a space in the id", list: officialSignature, id: "a b", want: malformed},
		{story: "an id of 1,025 bytes", list: officialSignature, id: strings.Repeat("a", 1025), want: malformed},
		{story: "no list", list: " ", want: malformed},
		{story: "no base64", list: "v1,!!!", want: malformed},
		{story: "two spaces", list: officialSignature + "  " + byNew, want: malformed},
		{story: "a line break in base64", list: "v1,g0hM\n9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", want: malformed},
		{story: "16 signatures", list: strings.Repeat("v1,AAAA ", 15) + officialSignature},
		{story: "17 signatures", list: strings.Repeat("v1,AAAA ", 16) + officialSignature, want: malformed},
		{story: "4 KiB of signatures", list: "v2," + strings.Repeat("A", 4096), want: malformed},
		{story: "each header twice", list: officialSignature, repeat: 1, want: malformed},
		{story: "a body as long as allowed", list: officialSignature, maxBody: len(officialBody)},
		{story: "a body one byte longer", list: officialSignature, maxBody: len(officialBody) - 1, want: malformed},
		{story: "a body longer than MaxBody", list: officialSignature, body: strings.Repeat("x", webhook.MaxBody+1), want: malformed},
	} {
		pick := func(given, usual string) string {
			if given == "" {
				return usual
			}
			return strings.TrimSpace(given)
		}
		h := header(pick(row.id, officialID), pick(row.ts, ts), pick(row.list, ""))
		for name, values := range h {
			h[name] = append(values, values[:row.repeat]...)
		}
		if row.keys == nil {
			row.keys = []webhook.Key{oldSecret}
		}
		if row.now.IsZero() {
			row.now = officialAt
		}
		v := webhook.Verifier{Keys: row.keys, Tolerance: row.tolerance, MaxBody: row.maxBody}
		m, err := v.Verify(h, []byte(pick(row.body, officialBody)), row.now)
		if !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.story, err, row.want)
		}
		if (err == nil) != (m.ID != "") {
			t.Errorf("%s: got %+v beside %v", row.story, m, err)
		}
	}
	for _, missing := range []string{webhook.HeaderID, webhook.HeaderTimestamp, webhook.HeaderSignature} {
		h := header(officialID, ts, officialSignature)
		h.Del(missing)
		v := webhook.Verifier{Keys: []webhook.Key{oldSecret}}
		if _, err := v.Verify(h, []byte(officialBody), officialAt); !errors.Is(err, malformed) {
			t.Errorf("no %s: got %v", missing, err)
		}
	}
}

// signed is a message signed by one of the kinds of key, and what checks it.
type signed struct {
	id, ts, list string
	body         []byte
	at           time.Time
	v            webhook.Verifier
}

func drawSigned(t *rapid.T) signed {
	s := signed{
		id:   rapid.StringMatching(`[!-\-/-~]{1,40}`).Draw(t, "id"),
		at:   time.Unix(rapid.Int64Range(0, 253402300799).Draw(t, "at"), 0).UTC(),
		body: rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "body"),
	}
	s.ts = strconv.FormatInt(s.at.Unix(), 10)
	raw := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
	var by webhook.Signer = must(webhook.NewSecret(raw))
	s.v.Keys = []webhook.Key{must(webhook.NewSecret(raw))}
	if rapid.Bool().Draw(t, "pair") {
		pair := must(webhook.NewSigningKey(raw))
		by, s.v.Keys = pair, []webhook.Key{pair.Public()}
	}
	s.list = must(webhook.Sign(s.id, s.at, s.body, by))
	return s
}

// W1: what is signed verifies, and a signature is that of the three parts with full stops between.
func TestSignedVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSigned(t)
		off := time.Duration(rapid.Int64Range(int64(-5*time.Minute), int64(5*time.Minute)).Draw(t, "off"))
		if _, err := s.v.Verify(header(s.id, s.ts, s.list), s.body, s.at.Add(off)); err != nil {
			t.Fatal(err)
		}
		raw := rapid.SliceOfN(rapid.Byte(), 24, 64).Draw(t, "secret")
		h := hmac.New(sha256.New, raw)
		fmt.Fprintf(h, "%s.%d.%s", s.id, s.at.Unix(), s.body)
		want := "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
		if got := must(webhook.Sign(s.id, s.at, s.body, must(webhook.NewSecret(raw)))); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		want = "v1a," + base64.StdEncoding.EncodeToString(
			ed25519.Sign(ed25519.NewKeyFromSeed(seed), fmt.Appendf(nil, "%s.%d.%s", s.id, s.at.Unix(), s.body)))
		if got := must(webhook.Sign(s.id, s.at, s.body, must(webhook.NewSigningKey(seed)))); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

// W2: any bit that is changed is seen.
func TestChangedBitDoesNotVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSigned(t)
		parts := [][]byte{[]byte(s.id), []byte(s.ts), []byte(s.list), bytes.Clone(s.body)}
		part := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
		if len(parts[part]) == 0 {
			t.Skip("an empty body")
		}
		bit := rapid.IntRange(0, 8*len(parts[part])-1).Draw(t, "bit")
		parts[part][bit/8] ^= 1 << (bit % 8)
		h := header(string(parts[0]), string(parts[1]), string(parts[2]))
		if m, err := s.v.Verify(h, parts[3], s.at); err == nil {
			t.Fatalf("bit %d of part %d: verified as %+v", bit, part, m)
		}
	})
}

// W3: what is signed is cut in one way only, and no two records share an id.
func TestMessageIDs(t *testing.T) {
	for id, want := range map[string]string{
		"cap/card-42": "cap/card-42@7", "cap/a.b": "cap/a%2Eb@7", "cap/a%2Eb": "cap/a%252Eb@7", "c.d/é 1": "c%2Ed/%C3%A9%201@7",
	} {
		if got := webhook.MessageID(event.Record{Stream: id, Version: 7}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		r := event.Record{Stream: event.Stream("k.x", rapid.StringN(1, 60, 251).Draw(t, "id")), Version: 3}
		id := webhook.MessageID(r)
		if back, err := url.PathUnescape(id); err != nil || back != r.ID() {
			t.Fatalf("%q: got %q, %v", r.ID(), back, err)
		}
		if _, err := webhook.Sign(id, officialAt, nil, oldSecret); err != nil {
			t.Fatalf("%q: %v", id, err)
		}
	})
}

// The zero PublicKey is a point of the curve, of order 4: without any secret, a signature for it is found by the fourth try
// or so. It has to verify nothing all the same.
func TestZeroPublicKey(t *testing.T) {
	forged := make([]byte, ed25519.SignatureSize)
	forged[0] = 1 // R is the neutral element, S is 0
	list := "v1a," + base64.StdEncoding.EncodeToString(forged)
	v := webhook.Verifier{Keys: []webhook.Key{webhook.PublicKey{}}}
	found := 0
	for i := range 100 {
		body := strconv.Itoa(i)
		if ed25519.Verify(make([]byte, ed25519.PublicKeySize), []byte("a.1614265330."+body), forged) {
			found++
		}
		if _, err := v.Verify(header("a", "1614265330", list), []byte(body), officialAt); !errors.Is(err, webhook.ErrSignature) {
			t.Fatalf("got %v", err)
		}
	}
	if found == 0 {
		t.Error("no signature was forged: this test shows nothing")
	}
}

func TestSignRefuses(t *testing.T) {
	for _, row := range []struct {
		story string
		id    string
		at    time.Time
		size  int
		by    []webhook.Signer
		want  error
	}{
		{"no signer", "a", officialAt, 0, nil, webhook.ErrKey},
		{"nil", "a", officialAt, 0, []webhook.Signer{nil}, webhook.ErrKey},
		{"zero secret", "a", officialAt, 0, []webhook.Signer{oldSecret, webhook.Secret{}}, webhook.ErrKey},
		{"zero pair", "a", officialAt, 0, []webhook.Signer{webhook.SigningKey{}}, webhook.ErrKey},
		{"17 signers", "a", officialAt, 0, make([]webhook.Signer, 17), webhook.ErrKey},
		{"no id", "", officialAt, 0, []webhook.Signer{oldSecret}, webhook.ErrMalformed},
		{"full stop", "a.b", officialAt, 0, []webhook.Signer{oldSecret}, webhook.ErrMalformed},
		{"line break", "a\r\nb", officialAt, 0, []webhook.Signer{oldSecret}, webhook.ErrMalformed},
		{"no time", "a", time.Time{}, 0, []webhook.Signer{oldSecret}, webhook.ErrMalformed},
		{"too long", "a", officialAt, webhook.MaxBody + 1, []webhook.Signer{oldSecret}, webhook.ErrMalformed},
	} {
		if got, err := webhook.Sign(row.id, row.at, make([]byte, row.size), row.by...); !errors.Is(err, row.want) || got != "" {
			t.Errorf("%s: got %q, %v; want %v", row.story, got, err, row.want)
		}
	}
}

// FuzzVerify: hostile headers never panic, and nothing but what was signed verifies.
func FuzzVerify(f *testing.F) {
	f.Add(officialID, "1614265330", officialSignature, []byte(officialBody))
	f.Add("a.b", "1", "v1, v1a,AA== v2,", []byte{})
	v := webhook.Verifier{Keys: []webhook.Key{oldSecret, signingKey.Public()}}
	f.Fuzz(func(t *testing.T, id, ts, list string, body []byte) {
		m, err := v.Verify(header(id, ts, list), body, officialAt)
		if err != nil {
			if !errors.Is(err, webhook.ErrMalformed) && !errors.Is(err, webhook.ErrSignature) && !errors.Is(err, webhook.ErrStale) {
				t.Fatalf("got %v", err)
			}
			return
		}
		again := must(webhook.Sign(m.ID, m.At, body, oldSecret, signingKey))
		if m.ID != id || !strings.Contains(list, strings.Fields(again)[0]) && !strings.Contains(list, strings.Fields(again)[1]) {
			t.Fatalf("%q %q %q verified", id, ts, list)
		}
	})
}
