package contract

import (
	"fmt"
	"sort"
	"time"
)

// maxPhases bounds the phases of a view: one before the first change, one for each change, and the expiry.
const maxPhases = MaxChanges + endings + 2

// phase is what the phases of the views have in common.
type phase[S any] interface {
	begins() time.Time
	status() S
}

// phaseAt returns the phase at an instant.
func phaseAt[S any, P phase[S]](phases []P, t time.Time) P {
	i := sort.Search(len(phases), func(i int) bool { return phases[i].begins().After(t) })
	if len(phases) == 0 {
		var none P
		return none
	}
	return phases[max(i-1, 0)]
}

// putPhase adds a phase, instead of the last one if that begins at the same instant.
func putPhase[S any, P phase[S]](phases []P, p P) []P {
	if n := len(phases); n > 0 && !p.begins().IsZero() && phases[n-1].begins().Equal(p.begins()) {
		phases[n-1] = p
		return phases
	}
	return append(phases, p)
}

// checkPhases returns an error unless the phases are those of a life: it begins as a draft, without a From, does not become one
// again, and nothing follows a final status.
func checkPhases[S interface {
	comparable
	Valid() bool
	Final() bool
}, P phase[S]](phases []P, draft S) error {
	switch {
	case len(phases) == 0 || len(phases) > maxPhases:
		return fmt.Errorf("%w phases: want 1 to %d", ErrInvalid, maxPhases)
	case !phases[0].begins().IsZero() || phases[0].status() != draft:
		return fmt.Errorf("%w phases: the first is a draft, and has no from", ErrInvalid)
	}
	for i, p := range phases[1:] {
		before := phases[i]
		switch s := p.status(); {
		case !s.Valid():
			return fmt.Errorf("%w phases: number %d: status: none of the constants", ErrInvalid, i+2)
		case !isCanonical(p.begins()) || !p.begins().After(before.begins()):
			return fmt.Errorf("%w phases: number %d: want instants in order, in UTC and whole microseconds", ErrInvalid, i+2)
		case before.status().Final() || s == draft && before.status() != draft:
			return fmt.Errorf("%w phases: number %d: its status cannot follow that before it", ErrInvalid, i+2)
		}
	}
	return nil
}
