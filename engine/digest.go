package engine

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/payrules/payrules/event"
)

// Named is a command that says how it is called in the digest that tells a retry from another command. Without
// it, the name is that of its Go type with its package, as "cap.Authorize".
type Named interface {
	CommandType() string
}

// digest is the hash of a command's name and content.
func (e *Engine) digest(command any) ([32]byte, error) {
	buf, _ := e.scratch.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	defer e.scratch.Put(buf)
	b := append((*buf)[:0], commandType(command)...)
	b = append(b, 0)
	if a, ok := command.(event.Appender); ok {
		var err error
		if b, err = a.AppendJSON(b); err != nil {
			return [32]byte{}, fmt.Errorf("%w command %s: %w", ErrInvalid, commandType(command), err)
		}
	} else {
		content, err := json.Marshal(command)
		if err != nil {
			return [32]byte{}, fmt.Errorf("%w command %s: %w", ErrInvalid, commandType(command), err)
		}
		b = append(b, content...)
	}
	if cap(b) <= maxScratch {
		*buf = b
	}
	return sha256.Sum256(b), nil
}

// maxScratch keeps one large command from staying in memory for ever.
const maxScratch = 16 << 10

// digestOver is the digest of a transaction together with the aggregates that it is over, in whatever order, without guests.
func digestOver(sum [32]byte, members []member) [32]byte {
	streams := make([]string, 0, len(members))
	for i := range members {
		if !members[i].guest {
			streams = append(streams, members[i].stream)
		}
	}
	slices.Sort(streams)
	return sha256.Sum256([]byte(string(sum[:]) + strings.Join(streams, "\x00")))
}

func commandType(command any) string {
	if n, ok := command.(Named); ok {
		return n.CommandType()
	}
	return strings.TrimLeft(reflect.TypeOf(command).String(), "*")
}
