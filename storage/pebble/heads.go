package pebble

import (
	"strings"

	"github.com/payrules/payrules/event"
)

// heads remembers the versions of the streams used last. It has two generations: what is used moves to the
// young one, and when that is full it becomes the old one, whose content is forgotten. So it holds at least
// half and at most all of its size, at the cost of a map.
type heads struct {
	young, old generation
	half       int
}

// generation keeps the versions outside of the map, so that a name is copied once, when it is new, and the
// caller's string is never held.
type generation struct {
	index    map[string]int
	versions []event.Version
}

func newHeads(size int) *heads {
	return &heads{
		young: generation{index: make(map[string]int)},
		old:   generation{index: make(map[string]int)},
		half:  max(size/2, 1),
	}
}

func (h *heads) get(stream string) (event.Version, bool) {
	if i, ok := h.young.index[stream]; ok {
		return h.young.versions[i], true
	}
	i, ok := h.old.index[stream]
	if !ok {
		return 0, false
	}
	v := h.old.versions[i]
	h.put(stream, v)
	return v, true
}

func (h *heads) put(stream string, v event.Version) {
	if i, ok := h.young.index[stream]; ok {
		h.young.versions[i] = v
		return
	}
	if len(h.young.versions) >= h.half {
		h.young, h.old = h.old, h.young
		clear(h.young.index)
		h.young.versions = h.young.versions[:0]
	}
	h.young.index[strings.Clone(stream)] = len(h.young.versions)
	h.young.versions = append(h.young.versions, v)
}
