package cashback

import (
	"fmt"
	"time"
)

// Program says which purchases are rewarded, by how much, and what becomes of the rewards. It is immutable and safe for concurrent
// use. Make it with [NewProgram] or [ParseProgram].
type Program struct {
	spec Spec
	zone *time.Location
	hash [32]byte
	json []byte

	index *index // by which Evaluate finds the rules
}

// NewProgram makes a program.
func NewProgram(s Spec) (*Program, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("cashback: program: zone: %w", err)
	}
	p := &Program{spec: s, zone: zone}
	p.index = newIndex(&p.spec)
	return p, nil
}
