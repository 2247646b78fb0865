package sepa_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/internal/campaign"
)

// schemaFile is the path of a schema in the folder that PAYRULES_SCHEMAS names: scripts/schemas gets one. Without the folder the
// test is skipped, and fails if CI is "true". A folder that has only some of the schemas is as good as it is.
func schemaFile(t *testing.T, file string) string {
	t.Helper()
	dir := os.Getenv("PAYRULES_SCHEMAS")
	switch {
	case dir == "" && os.Getenv("CI") == "true":
		t.Fatal("PAYRULES_SCHEMAS, the folder of the schemas of ISO 20022, is not set")
	case dir == "":
		t.Skip("PAYRULES_SCHEMAS, the folder of the schemas of ISO 20022, is not set")
	}
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not in PAYRULES_SCHEMAS", file)
	} else if err != nil {
		t.Fatal(err)
	}
	return path
}

// validate lets xmllint hold files against a schema.
func validate(t *testing.T, schema string, files ...string) {
	t.Helper()
	path := schemaFile(t, schema)
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("xmllint, of Debian's libxml2-utils: %v", err)
		}
		t.Skipf("xmllint, of Debian's libxml2-utils: %v", err)
	}
	out, err := exec.Command(xmllint, append([]string{"--noout", "--nonet", "--schema", path}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%.5000s", schema, err, out)
	}
}

// Messages are valid by the schemas: those of the golden files, and random ones.
func TestMessagesAreValid(t *testing.T) {
	for _, v := range []sepa.Version{sepa.V02, sepa.V08} {
		schema := fmt.Sprintf("pain.008.001.%02d.xsd", v)
		t.Run(schema, func(t *testing.T) {
			dir := t.TempDir()
			var files []string
			add := func(name string, m *sepa.Message) {
				m.Version = v
				file := filepath.Join(dir, name+".xml")
				if err := os.WriteFile(file, written(t, m), 0o600); err != nil {
					t.Fatal(err)
				}
				files = append(files, file)
			}
			for name, m := range scenes() {
				add(name, m)
			}
			messages := rapid.Custom(random)
			for i := range campaign.Size(30, 500) {
				add(fmt.Sprint(i), messages.Example(i))
			}
			validate(t, schema, files...)
		})
	}
}

// The reports of the tests are what banks may send.
func TestReportsAreValid(t *testing.T) {
	for schema, file := range map[string]string{
		"pain.002.001.03.xsd": "pain.002.001.03-unpaid.xml", "pain.002.001.10.xsd": "pain.002.001.10-whole.xml",
		"pain.002.001.11.xsd": "pain.002.001.11-part.xml", "camt.054.001.02.xsd": "camt.054.001.02-unpaid.xml",
		"camt.054.001.04.xsd": "camt.054.001.04-transfer.xml", "camt.054.001.08.xsd": "camt.054.001.08-mixed.xml",
	} {
		t.Run(schema, func(t *testing.T) { validate(t, schema, filepath.Join("testdata", file)) })
	}
}
