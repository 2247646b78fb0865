package cap_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// long reports whether the campaigns are to be long ones.
func long() bool { return os.Getenv("PAYRULES_LONG") == "1" }

// Laws L1 to L9 and L11: over any history, the meter says what the model says, through both doors, after a restart and
// after a replay; and in a history without force-posts, no window ever holds more than its limit.
func TestMeterEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run(t, rapid.SliceOfN(rapid.Byte(), 1, 1+4*60).Draw(t, "history"))
	})
}

// The same laws over longer histories, evenly spread. A failure names its seed.
func TestMeterEqualsModelLong(t *testing.T) {
	want := 2_000
	if long() {
		want = 100_000
	}
	operations := 0
	for seed := uint64(1); operations < want; seed++ {
		r := rand.New(rand.NewPCG(seed, 0))
		data := make([]byte, 1+4*(1+r.IntN(200)))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		t.Run("", func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			}()
			operations += run(t, data)
		})
	}
	t.Logf("%d operations", operations)
}

// FuzzMeter drives the same laws from bytes of the fuzzer's choice.
func FuzzMeter(f *testing.F) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 1+4*20)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { run(t, data) })
}
