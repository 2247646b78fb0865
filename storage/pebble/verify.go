package pebble

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// Seal is the position and the hash of the last durable record: what an auditor keeps elsewhere, and hands to
// [Journal.Verify] later. It costs nothing.
//
// Returns an error if ctx is done, the journal is closed, or was opened without Options.Chain.
func (j *Journal) Seal(ctx context.Context) (storage.Seal, error) {
	if err := j.enter(ctx); err != nil {
		return storage.Seal{}, err
	}
	defer j.exit()
	if j.since == 0 {
		return storage.Seal{}, fmt.Errorf("pebble: seal %s: %w", j.dir, errNoChain)
	}
	j.waiting.Lock()
	defer j.waiting.Unlock()
	return j.seal, nil
}

var errNoChain = errors.New("the journal has no hash chain: Options.Chain is not set")

// Verify reads the whole journal, up to the head that it has at the call, and checks that
//   - the log has every record once, in blocks without gap, overlap or damage, and that At never goes back;
//   - the hash chain holds, from where it begins, and over all before as it was when it began;
//   - each seal is of this journal. They may be from [Journal.Seal], or from storage.Seal of any store that holds
//     the same records, in any order; they also serve a journal without a chain;
//   - the index has an entry for every record, and no other.
//
// It takes about a microsecond a record, in memory of a page, and may run while others append. Snapshots are not
// looked at: they are a cache.
//
// Returns an error if ctx is done, the journal is closed, the disk cannot be read, or what was checked does not
// hold (a *storage.CorruptError): of the log it names the first record that was altered, as far as the chain can
// tell.
func (j *Journal) Verify(ctx context.Context, seals ...storage.Seal) error {
	v := verifier{j: j, scan: newScanner(&j.store, j.head()), seals: slices.Clone(seals)}
	slices.SortFunc(v.seals, func(a, b storage.Seal) int { return cmp.Compare(a.Position, b.Position) })
	if _, err := rand.Read(v.key[:]); err != nil {
		return fmt.Errorf("pebble: verify %s: %w", j.dir, err)
	}
	if err := v.checkSeals(); err != nil { // those of an empty journal
		return err
	}
	if err := v.log(ctx); err != nil {
		return err
	}
	if len(v.seals) > 0 {
		return j.corrupt(logName(v.scan.head+1), fmt.Sprintf("is missing: there is a seal at %d", v.seals[0].Position), nil)
	}
	if err := v.index(ctx); err != nil {
		return err
	}
	if v.inLog != v.inIndex {
		return v.locate(ctx)
	}
	return nil
}

// verifier compares the log with the index in two scans. Each sums up the entries that should be there, or are:
// the XOR of a keyed hash of each. No entry is there twice, since neither position nor key is, so that equal
// sums mean equal sets. The key is new each time; nobody can make entries that cancel each other out.
type verifier struct {
	j     *Journal
	scan  *scanner
	seals []storage.Seal // not reached yet, by position
	held  event.Position // of the last seal that held

	key            [32]byte
	inLog, inIndex [sha256.Size]byte
	room           []byte
}

func (v *verifier) add(sum *[sha256.Size]byte, key, value []byte) {
	v.room = append(append(append(v.room[:0], v.key[:]...), key...), value...)
	hash := sha256.Sum256(v.room)
	subtle.XORBytes(sum[:], sum[:], hash[:])
}

// pages calls page until it says that it is done, with the journal held open for each call alone.
func (v *verifier) pages(ctx context.Context, page func() (done bool, err error)) error {
	for {
		if err := v.j.enter(ctx); err != nil {
			return err
		}
		done, err := page()
		v.j.exit()
		if done || err != nil {
			return err
		}
	}
}

// log reads the log, and the seals along with it.
func (v *verifier) log(ctx context.Context) error {
	var key []byte
	return v.pages(ctx, func() (bool, error) {
		if v.scan.done() {
			return true, nil
		}
		return false, v.scan.page(func(r event.Record) error {
			key = appendIndexKey(key[:0], r.Stream, r.Version)
			v.add(&v.inLog, key, positionValue(r.Position))
			return v.checkSeals()
		})
	})
}

// checkSeals holds the seals at the record read last against its hash.
func (v *verifier) checkSeals() error {
	for ; len(v.seals) > 0 && v.seals[0].Position == v.scan.last; v.seals = v.seals[1:] {
		if v.seals[0].Hash != v.scan.trail.hash {
			return v.j.corrupt(logName(v.held+1), fmt.Sprintf("or one of those up to %d, is not what was sealed", v.scan.last), nil)
		}
		v.held = v.scan.last
	}
	return nil
}

// index reads the index: the versions of each stream must follow each other, and so must their positions.
func (v *verifier) index(ctx context.Context) error {
	from := []byte{indexSpace}
	var last event.Record // of the entry before: stream, version, position
	return v.pages(ctx, func() (done bool, err error) {
		it, err := v.j.db.NewIter(&cockroach.IterOptions{LowerBound: from, UpperBound: []byte{indexSpace + 1}})
		if err != nil {
			return false, v.j.readError(err)
		}
		defer func() { err = errors.Join(err, v.j.readError(it.Close())) }()
		n := 0
		for ok := it.First(); ok; ok = it.Next() {
			if n++; n > indexPage {
				from = bytes.Clone(it.Key())
				return false, nil
			}
			if err := v.entry(it.Key(), it.Value(), &last); err != nil {
				return false, err
			}
		}
		return true, v.j.readError(it.Error())
	})
}

// indexPage is how many entries of the index are read at a time.
const indexPage = 4096

func (v *verifier) entry(key, value []byte, last *event.Record) error {
	stream, version, position, err := parseIndex(key, value)
	if err != nil {
		return v.j.corrupt(fmt.Sprintf("key %q", key), "is not an entry of the index", err)
	}
	if string(stream) != last.Stream {
		*last = event.Record{Stream: string(stream)}
	}
	if version != last.Version+1 {
		return v.j.corrupt(event.Record{Stream: last.Stream, Version: last.Version + 1}.ID(), "is not in the index", nil)
	}
	if position <= last.Position {
		return v.j.corrupt(event.Record{Stream: last.Stream, Version: version}.ID(),
			fmt.Sprintf("stands at %d in the index, and the version before it at %d", position, last.Position), nil)
	}
	last.Version, last.Position = version, position
	if position > v.scan.head { // of a commit that came after the scan of the log
		return v.agrees(&logReader{j: v.j}, key, value)
	}
	v.add(&v.inIndex, key, value)
	return nil
}

// agrees says whether the record that an entry of the index points to is the entry's.
func (v *verifier) agrees(log *logReader, key, value []byte) (err error) {
	defer func() { err = errors.Join(err, log.close()) }()
	stream, version, position, err := parseIndex(key, value)
	if err != nil {
		return err
	}
	name := event.Record{Stream: string(stream), Version: version}.ID()
	found, err := log.find(position)
	if err != nil {
		return err
	}
	if !found {
		return v.j.corrupt(name, fmt.Sprintf("stands at %d in the index, where the log has no record", position), nil)
	}
	r, err := log.read(position, &trail{})
	if err == nil && r.ID() != name {
		err = v.j.corrupt(name, fmt.Sprintf("stands at %d in the index, where the log has %s", position, r.ID()), nil)
	}
	return err
}

// locate finds the first record that the index does not know, or the first entry that no record has.
func (v *verifier) locate(ctx context.Context) error {
	v.scan = newScanner(&v.j.store, v.scan.head)
	err := v.pages(ctx, func() (bool, error) {
		if v.scan.done() {
			return true, nil
		}
		return false, v.scan.page(func(r event.Record) error { return v.j.checkIndex(r) })
	})
	if err != nil {
		return err
	}
	v.scan.head = 0 // so that each entry is looked up
	if err := v.index(ctx); err != nil {
		return err
	}
	return v.j.corrupt("", "its log and its index changed while they were compared", nil)
}

func positionValue(p event.Position) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, positionSize), uint64(p))
}
