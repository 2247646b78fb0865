package cap_test

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata"
)

// clockFace is what the calendar and the clock on the wall of a zone show in each minute around an instant: the latest
// civil day, and the latest civil hour, counted since 1970, that they have shown so far.
type clockFace struct {
	start int64
	units []wall
}

type wall struct{ day, hour int32 }

var clockFaces sync.Map

// faceOf returns the face from so many days before an instant to so many after it.
func faceOf(zone string, around int64, before, after int) *clockFace {
	key := fmt.Sprint(zone, around, before, after)
	if f, ok := clockFaces.Load(key); ok {
		return f.(*clockFace)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	f := &clockFace{start: (around/minute)*minute - int64(before)*civil}
	latest := wall{}
	for i := range int64((before + after) * 24 * 60) {
		at := time.UnixMicro(f.start + i*minute).In(loc)
		y, m, d := at.Date()
		seconds := time.Date(y, m, d, at.Hour(), 0, 0, 0, time.UTC).Unix()
		latest = wall{max(latest.day, int32(seconds/86400)), max(latest.hour, int32(seconds/3600))}
		f.units = append(f.units, latest)
	}
	clockFaces.Store(key, f)
	return f
}

func (f *clockFace) day(t int64) int64  { return int64(f.units[(t-f.start)/minute].day) }
func (f *clockFace) hour(t int64) int64 { return int64(f.units[(t-f.start)/minute].hour) }
