package cap_test

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata"
)

// clockFace is what the calendar on the wall of a zone shows in each minute around an instant: the latest civil day, in
// days since 1970, that it has shown so far.
type clockFace struct {
	start int64
	days  []int32
}

var clockFaces sync.Map

const daysBefore, daysAfter = 50, 120 // histories last 80 days, and windows reach a month further

func faceOf(zone string, around int64) *clockFace {
	key := fmt.Sprint(zone, around)
	if f, ok := clockFaces.Load(key); ok {
		return f.(*clockFace)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	f := &clockFace{start: (around/minute)*minute - daysBefore*civil}
	latest := int32(0)
	for i := range int64((daysBefore + daysAfter) * 24 * 60) {
		y, m, d := time.UnixMicro(f.start + i*minute).In(loc).Date()
		latest = max(latest, int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400))
		f.days = append(f.days, latest)
	}
	clockFaces.Store(key, f)
	return f
}

func (f *clockFace) day(t int64) int64 { return int64(f.days[(t-f.start)/minute]) }
