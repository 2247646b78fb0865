package pebble

import (
	"bytes"
	"errors"
	"fmt"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
)

// lookup finds the versions of streams as they are stored, with one iterator for as long as nothing is
// written. The zero value is ready.
type lookup struct {
	it *cockroach.Iterator
}

func (l *lookup) open(j *Journal) (err error) {
	if l.it != nil {
		return nil
	}
	l.it, err = j.db.NewIter(&cockroach.IterOptions{
		LowerBound: []byte{indexSpace}, UpperBound: []byte{indexSpace + 1},
		UseL6Filters: true,
	})
	return j.readError(err)
}

func (l *lookup) close() error {
	if l.it == nil {
		return nil
	}
	it := l.it
	l.it = nil
	return it.Close()
}

// has reports whether the first entry of a stream is there: a question about a single key, which the filters of the tables
// answer, so that a stream that is new costs no disk.
func (l *lookup) has(j *Journal, stream string) (bool, error) {
	if err := l.open(j); err != nil {
		return false, err
	}
	first, _ := indexBounds(stream, 1)
	return l.it.SeekPrefixGE(first), j.readError(l.it.Error())
}

// version is that of a stream, 0 if there is none.
func (l *lookup) version(j *Journal, stream string) (v event.Version, err error) {
	defer func() {
		if err != nil {
			_ = l.close() // it says the same once more; the next one begins anew
		}
	}()
	if found, err := l.has(j, stream); !found || err != nil {
		return 0, err
	}
	_, end := indexBounds(stream, 1)
	if !l.it.SeekLT(end) {
		return 0, errors.Join(j.readError(l.it.Error()), j.corrupt(stream, "its entries in the index come and go", nil))
	}
	name, version, _, err := parseIndex(l.it.Key(), l.it.Value())
	if err != nil || !bytes.Equal(name, []byte(stream)) {
		return 0, j.corrupt(fmt.Sprintf("key %q", l.it.Key()), "is not the last entry of "+stream+" in the index", err)
	}
	return version, nil
}
