package campaign_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/payrules/payrules/internal/campaign"
)

func TestSize(t *testing.T) {
	for value, want := range map[string]int{"": 5, "0": 5, "true": 5, "1": 50} {
		t.Setenv("PAYRULES_LONG", value)
		if got := campaign.Size(5, 50); got != want || campaign.Long() != (want == 50) {
			t.Errorf("PAYRULES_LONG=%s: got %d, long %v; want %d", value, got, campaign.Long(), want)
		}
	}
}

// Without the data a test is skipped, and in CI it fails: no run there may look greener than it is.
func TestData(t *testing.T) {
	full, empty := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "rows.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ story, dir, ci, want string }{
		{"it is there", full, "", "found"},
		{"it is there, in CI", full, "true", "found"},
		{"no folder", "", "", "skipped"},
		{"no folder, in CI", "", "true", "failed"},
		{"a folder without it", empty, "", "skipped"},
		{"a folder without it, in CI", empty, "true", "failed"},
	} {
		t.Setenv("PAYRULES_DATA", row.dir)
		t.Setenv("CI", row.ci)
		if got := outcome(t, "rows.csv", filepath.Join(full, "rows.csv")); got != row.want {
			t.Errorf("%s: %s, want %s", row.story, got, row.want)
		}
	}
}

// ending is a test that is told to end, and says how.
type ending struct{ testing.TB }

func (ending) Skipf(string, ...any)  { panic("skipped") }
func (ending) Fatalf(string, ...any) { panic("failed") }

// outcome is what Data does with the test around it.
func outcome(t *testing.T, name, want string) (how string) {
	defer func() {
		if r := recover(); r != nil {
			how = r.(string)
		}
	}()
	if got := campaign.Data(ending{t}, name); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	return "found"
}
