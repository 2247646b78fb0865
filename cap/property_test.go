package cap_test

import (
	"os"
	"testing"

	"pgregory.net/rapid"
)

// long reports whether the campaigns are to be long ones.
func long() bool { return os.Getenv("PAYRULES_LONG") == "1" }

// Laws L1 to L9 and L11: over any history, the meter says what the model says, through both doors, after a restart
// and after a replay.
func TestMeterEqualsModel(t *testing.T) {
	operations := 0
	round := func(t *rapid.T) {
		operations += run(t, rapid.SliceOfN(rapid.Byte(), 1, 1+4*120).Draw(t, "history"))
	}
	want := 3_000
	if long() {
		want = 100_000
	}
	for operations < want {
		rapid.Check(t, round)
	}
	t.Logf("%d operations", operations)
}
