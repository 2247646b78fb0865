package cap_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

type pt struct {
	*testing.T
	h *history
}

func TestZZ(t *testing.T) {
	for _, seed := range []uint64{14, 17, 25} {
		r := rand.New(rand.NewPCG(seed, 0))
		data := make([]byte, 1+4*(1+r.IntN(200)))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { run(t, data) })
	}
}
func must(b []byte, _ error) string { return string(b) }
