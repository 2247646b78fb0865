package pebble

import "sync"

// absent remembers streams that a reader found not to exist, so that the committer need not look them up again: nearly every
// new aggregate is loaded first, and then written to. What is remembered is true, because a reader notes a stream before it
// looks, and the committer strikes out what it has written once it can be seen: whoever looked before that finds the note gone.
type absent struct {
	mu    sync.Mutex
	notes map[string]note
	last  uint64
}

type note struct {
	reader uint64 // who looks; nobody else may say what was found
	sure   bool   // nothing was found
}

// maxAbsent is how many streams are remembered: some 100 bytes each.
const maxAbsent = 8192

// look notes that a reader is about to look for a stream.
func (a *absent) look(stream string) (reader uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.notes == nil {
		a.notes = make(map[string]note)
	}
	if len(a.notes) >= maxAbsent {
		clear(a.notes) // they live for the time between a load and a commit; what is here is of streams that were only read
	}
	a.last++
	a.notes[stream] = note{reader: a.last}
	return a.last
}

// found says what came of it: whether there is nothing at all of the stream.
func (a *absent) found(stream string, reader uint64, nothing bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch n, ok := a.notes[stream]; {
	case !ok || n.reader != reader:
	case nothing:
		a.notes[stream] = note{reader: reader, sure: true}
	default:
		delete(a.notes, stream)
	}
}

// is reports whether a stream is known not to exist. Only the committer may ask: what it has not written is not there.
func (a *absent) is(stream string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.notes[stream].sure
}

// strike forgets a stream that was written.
func (a *absent) strike(stream string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.notes, stream)
}
