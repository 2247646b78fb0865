package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrKey is returned for the text of a key that is not one. The message never repeats the text.
var ErrKey = errors.New("webhook: not a key")

// Bounds of a Secret, in bytes.
const (
	MinSecret = 24 // the least that a sender may use
	MaxSecret = 64 // and the most
)

const (
	secretPrefix  = "whsec_"
	signingPrefix = "whsk_"
	publicPrefix  = "whpk_"

	secretVersion = "v1"  // HMAC-SHA256
	publicVersion = "v1a" // ed25519
)

// Signer is what signs messages: a [Secret] or a [SigningKey].
type Signer interface {
	sign(c *content) (string, error) // "version,base64"
}

// Key is what signatures are checked with: a [Secret] or a [PublicKey].
type Key interface {
	verifies(c *content, list []signature) bool
}

// content is what a signature is over: id, timestamp and body, with full stops between them.
type content struct {
	prefix string // "id.timestamp."
	body   []byte
	joined []byte // prefix and body; built when an ed25519 key first asks
}

func (c *content) bytes() []byte {
	if c.joined == nil {
		c.joined = append(append(make([]byte, 0, len(c.prefix)+len(c.body)), c.prefix...), c.body...)
	}
	return c.joined
}

// Secret is a key that sender and receiver share, for HMAC-SHA256 ("v1"). One belongs to one endpoint alone. The zero
// Secret signs nothing and verifies nothing. Printing one shows no secret; Reveal does.
type Secret struct {
	key *[]byte // behind a pointer, so that printing a struct that holds a Secret does not show it
}

// NewSecret is the secret of these bytes, which should come from crypto/rand.
//
// Returns an error that wraps ErrKey if there are fewer than MinSecret or more than MaxSecret of them.
func NewSecret(key []byte) (Secret, error) {
	if len(key) < MinSecret || len(key) > MaxSecret {
		return Secret{}, fmt.Errorf("%w: a secret of %d bytes, want %d to %d", ErrKey, len(key), MinSecret, MaxSecret)
	}
	own := append([]byte(nil), key...)
	return Secret{key: &own}, nil
}

// ParseSecret reads the form in which secrets are handed over: whsec_ and standard base64.
//
// Returns an error that wraps ErrKey if it is not of that form, or as NewSecret does.
func ParseSecret(s string) (Secret, error) {
	key, err := parseKey(secretPrefix, s)
	if err != nil {
		return Secret{}, err
	}
	return NewSecret(key)
}

// Reveal is the text that ParseSecret reads; "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.key == nil {
		return ""
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(*s.key)
}

// String says that this is a secret, and not which.
func (s Secret) String() string { return secretPrefix + "(hidden)" }

// GoString is as String.
func (s Secret) GoString() string { return s.String() }

func (s Secret) mac(c *content) []byte {
	h := hmac.New(sha256.New, *s.key)
	h.Write([]byte(c.prefix))
	h.Write(c.body)
	return h.Sum(nil)
}

func (s Secret) sign(c *content) (string, error) {
	if s.key == nil {
		return "", fmt.Errorf("%w: the zero Secret", ErrKey)
	}
	return secretVersion + "," + base64.StdEncoding.EncodeToString(s.mac(c)), nil
}

func (s Secret) verifies(c *content, list []signature) bool {
	if s.key == nil {
		return false
	}
	mac := s.mac(c) // once, however many there are to compare it with
	return slices.ContainsFunc(list, func(one signature) bool {
		return one.version == secretVersion && hmac.Equal(mac, one.bytes)
	})
}

// SigningKey is the sender's half of an ed25519 pair ("v1a"): whoever holds the other half can check, and not sign. The
// zero SigningKey signs nothing. Printing one shows no secret; Reveal does.
type SigningKey struct {
	key *ed25519.PrivateKey
}

// NewSigningKey is the key of a seed of 32 bytes, which should come from crypto/rand.
//
// Returns an error that wraps ErrKey if there are more or fewer.
func NewSigningKey(seed []byte) (SigningKey, error) {
	if len(seed) != ed25519.SeedSize {
		return SigningKey{}, fmt.Errorf("%w: a seed of %d bytes, want %d", ErrKey, len(seed), ed25519.SeedSize)
	}
	key := ed25519.NewKeyFromSeed(seed)
	return SigningKey{key: &key}, nil
}

// ParseSigningKey reads whsk_ and standard base64 of the seed, or of seed and public half.
//
// Returns an error that wraps ErrKey if it is not of that form, or if the halves do not belong together.
func ParseSigningKey(s string) (SigningKey, error) {
	raw, err := parseKey(signingPrefix, s)
	if err != nil {
		return SigningKey{}, err
	}
	if len(raw) != ed25519.PrivateKeySize {
		return NewSigningKey(raw)
	}
	k, err := NewSigningKey(raw[:ed25519.SeedSize])
	if err == nil && !k.key.Equal(ed25519.PrivateKey(raw)) {
		return SigningKey{}, fmt.Errorf("%w: its halves do not belong together", ErrKey)
	}
	return k, err
}

// Public is the half that receivers get; the zero PublicKey for the zero SigningKey.
func (k SigningKey) Public() (p PublicKey) {
	if k.key != nil {
		copy(p.key[:], (*k.key)[ed25519.SeedSize:])
	}
	return p
}

// Reveal is a text that ParseSigningKey reads, with both halves; "" for the zero SigningKey.
func (k SigningKey) Reveal() string {
	if k.key == nil {
		return ""
	}
	return signingPrefix + base64.StdEncoding.EncodeToString(*k.key)
}

// String says that this is a signing key, and not which.
func (k SigningKey) String() string { return signingPrefix + "(hidden)" }

// GoString is as String.
func (k SigningKey) GoString() string { return k.String() }

func (k SigningKey) sign(c *content) (string, error) {
	if k.key == nil {
		return "", fmt.Errorf("%w: the zero SigningKey", ErrKey)
	}
	return publicVersion + "," + base64.StdEncoding.EncodeToString(ed25519.Sign(*k.key, c.bytes())), nil
}

// PublicKey is the receiver's half of an ed25519 pair. The zero PublicKey verifies nothing.
type PublicKey struct {
	key [ed25519.PublicKeySize]byte
}

// ParsePublicKey reads whpk_ and standard base64.
//
// Returns an error that wraps ErrKey if it is not of that form, not of 32 bytes, or of zeros.
func ParsePublicKey(s string) (PublicKey, error) {
	raw, err := parseKey(publicPrefix, s)
	if err != nil {
		return PublicKey{}, err
	}
	var k PublicKey
	if len(raw) != len(k.key) || copy(k.key[:], raw) == 0 || k == (PublicKey{}) {
		return PublicKey{}, fmt.Errorf("%w: want a public key of %d bytes that are not all zero", ErrKey, len(k.key))
	}
	return k, nil
}

// String is the text that ParsePublicKey reads.
func (k PublicKey) String() string {
	return publicPrefix + base64.StdEncoding.EncodeToString(k.key[:])
}

func (k PublicKey) verifies(c *content, list []signature) bool {
	return k != (PublicKey{}) && slices.ContainsFunc(list, func(one signature) bool {
		return one.version == publicVersion && ed25519.Verify(k.key[:], c.bytes(), one.bytes)
	})
}

func parseKey(prefix, s string) ([]byte, error) {
	const most = 128 // characters; the longest key has 6 and 88
	text, found := strings.CutPrefix(s, prefix)
	if !found || len(s) > most {
		return nil, fmt.Errorf("%w: want %s and base64", ErrKey, prefix)
	}
	key, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("%w: what follows %s is not base64", ErrKey, prefix)
	}
	return key, nil
}

// decode takes one text for each value, so that a changed bit is never the same signature or key: strict base64, without
// the line breaks that encoding/base64 skips.
func decode(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}
