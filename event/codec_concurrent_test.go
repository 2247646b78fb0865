package event_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/payrules/payrules/event"
)

// tagged writes its own JSON.
type tagged struct {
	Tag string `json:"tag"`
}

func (tagged) EventType() string { return "test.tagged.v1" }

func (t tagged) AppendJSON(dst []byte) ([]byte, error) {
	return fmt.Appendf(dst, `{"tag":"%s"}`, t.Tag), nil
}

// TestEncodeManyAtOnce has many callers encode with one codec. Each gets its own event, and it stays so while others
// encode: the memory that JSON grows in is used again, what comes out of it is not.
func TestEncodeManyAtOnce(t *testing.T) {
	codec := event.MustCodec([]event.Type{event.TypeOf[tagged]()})
	var callers sync.WaitGroup
	for n := range 8 {
		callers.Go(func() {
			var events []event.Event
			tag := func(i int) string { return strings.Repeat(fmt.Sprint(n), 1+i%40) }
			for i := range 500 {
				e, err := codec.Encode(tagged{tag(i)})
				if err != nil {
					t.Error(err)
					return
				}
				events = append(events, e)
			}
			for i, e := range events {
				if want := fmt.Sprintf(`{"tag":"%s"}`, tag(i)); string(e.Data) != want {
					t.Errorf("caller %d, event %d: got %s, want %s", n, i, e.Data, want)
					return
				}
			}
		})
	}
	callers.Wait()
}
