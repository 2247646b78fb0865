package books

import (
	"fmt"
	"testing"
	"time"
)

// A sweeper is as large as there are holds that live, however far away the ends of those are that are gone.
func TestSweeperForgets(t *testing.T) {
	s := (&Books{}).NewSweeper()
	for i := range 100_000 {
		id := fmt.Sprint(i)
		s.insert(pendingHold{id, time.Unix(int64(1_000_000+i%977), 0)})
		if i%100 > 0 {
			s.forget(id)
		}
		if len(s.queue) > 2*len(s.ends)+minQueue+1 {
			t.Fatalf("%d holds live, and %d are in the queue", len(s.ends), len(s.queue))
		}
	}
	if len(s.ends) != 1000 {
		t.Errorf("%d holds live", len(s.ends))
	}
	for i := 1; i < len(s.queue); i++ {
		if s.queue.Less(i, (i-1)/2) {
			t.Fatalf("the queue is not in order at %d", i)
		}
	}
}
