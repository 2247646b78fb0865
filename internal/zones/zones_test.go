package zones_test

import (
	"strings"
	"testing"

	"github.com/payrules/payrules/internal/zones"
)

// A zone is found by its own name, and nothing else that lies beside the zones is one.
func TestLoad(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Paris", "America/Port-au-Prince", "Etc/GMT+5"} {
		if loc, err := zones.Load(name); err != nil || loc.String() != name {
			t.Errorf("%s: got %v %v", name, loc, err)
		}
	}
	for _, name := range []string{
		"", "Local", "localtime", "posixrules", "right/Europe/Paris", "../../etc/passwd", "Europe", "Mars/Olympus", "Europe\x00/Paris",
		strings.Repeat("U", 65), strings.Repeat("x", 1<<20),
	} {
		if loc, err := zones.Load(name); err == nil || loc != nil || len(err.Error()) > 200 {
			t.Errorf("%.64q: got %v %.300v, want a short error", name, loc, err)
		}
	}
}
