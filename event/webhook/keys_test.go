package webhook_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/payrules/payrules/event/webhook"
)

func b64(size int, fill byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, size))
}

func parseSecret(s string) error  { _, err := webhook.ParseSecret(s); return err }
func parseSigning(s string) error { _, err := webhook.ParseSigningKey(s); return err }
func parsePublic(s string) error  { _, err := webhook.ParsePublicKey(s); return err }

func TestParseKeys(t *testing.T) {
	for _, row := range []struct {
		story string
		parse func(string) error
		text  string
		ok    bool
	}{
		{"the official secret", parseSecret, officialKey, true},
		{"24 bytes", parseSecret, "whsec_" + b64(24, 1), true},
		{"64 bytes", parseSecret, "whsec_" + b64(64, 1), true},
		{"23 bytes", parseSecret, "whsec_" + b64(23, 1), false},
		{"65 bytes", parseSecret, "whsec_" + b64(65, 1), false},
		{"no prefix", parseSecret, b64(24, 1), false},
		{"another prefix", parseSecret, "whsk_" + b64(32, 1), false},
		{"URL alphabet", parseSecret, "whsec_" + strings.ReplaceAll(b64(24, 0xff), "/", "_"), false},
		{"no padding", parseSecret, strings.TrimRight("whsec_"+b64(25, 1), "="), false},
		{"bits beyond the end", parseSecret, "whsec_" + strings.TrimSuffix(b64(25, 0), "A==") + "B==", false},
		{"a line break", parseSecret, "whsec_" + b64(24, 1) + "\n", false},
		{"a long text", parseSecret, "whsec_" + b64(3000, 1), false},
		{"a seed", parseSigning, "whsk_" + b64(32, 1), true},
		{"both halves", parseSigning, signingKey.Reveal(), true},
		{"halves of two keys", parseSigning, "whsk_" + b64(64, 1), false},
		{"33 bytes", parseSigning, "whsk_" + b64(33, 1), false},
		{"a public key", parsePublic, signingKey.Public().String(), true},
		{"of zeros", parsePublic, "whpk_" + b64(32, 0), false},
		{"31 bytes", parsePublic, "whpk_" + b64(31, 1), false},
		{"nothing", parsePublic, "whpk_", false},
	} {
		err := row.parse(row.text)
		if (err == nil) != row.ok || err != nil && !errors.Is(err, webhook.ErrKey) {
			t.Errorf("%s: got %v", row.story, err)
		}
		if err != nil && len(row.text) > 8 && strings.Contains(err.Error(), row.text[6:]) {
			t.Errorf("%s: the error repeats the key: %v", row.story, err)
		}
	}
}

// W8: printing a key, or what holds it, shows nothing of it.
func TestKeysAreNotPrinted(t *testing.T) {
	type config struct {
		S webhook.Secret
		k webhook.SigningKey
		s webhook.Secret
	}
	c := config{oldSecret, signingKey, oldSecret}
	asJSON := string(must(json.Marshal(c)))
	raw := fmt.Sprint(must(base64.StdEncoding.DecodeString(officialKey[6:]))[:4])
	for _, text := range []string{
		asJSON, fmt.Sprint(oldSecret), fmt.Sprintf("%#v %+v", oldSecret, c), fmt.Sprintf("%v %#v", c, c), fmt.Sprintf("%#v", signingKey),
	} {
		for _, secret := range []string{officialKey[6:], signingKey.Reveal()[5:20], strings.Trim(raw, "[]"), "0909", "31f290"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s", text, secret)
			}
		}
	}
	if oldSecret.Reveal() != officialKey || (webhook.Secret{}).Reveal() != "" || (webhook.SigningKey{}).Reveal() != "" {
		t.Error("Reveal is not what was parsed")
	}
}

// FuzzParseKeys: what parses is written again as it was.
func FuzzParseKeys(f *testing.F) {
	f.Add(officialKey)
	f.Add(signingKey.Reveal())
	f.Add("whsk_" + b64(32, 1))
	f.Add(signingKey.Public().String())
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := webhook.ParseSecret(s); err == nil && k.Reveal() != s {
			t.Errorf("%q became another secret", s)
		}
		if k, err := webhook.ParsePublicKey(s); err == nil && k.String() != s {
			t.Errorf("%q became another public key", s)
		}
		if k, err := webhook.ParseSigningKey(s); err == nil {
			again, err := webhook.ParseSigningKey(k.Reveal())
			if err != nil || again.Public() != k.Public() {
				t.Errorf("%q became another signing key", s)
			}
		}
	})
}
