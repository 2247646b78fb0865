package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// The mark is a small file of our own beside the database's. It makes a directory ours, names the format,
// and says up to where records were acknowledged. The database alone cannot know that: it takes a damaged
// or missing piece of its write-ahead log for the end of it, and would silently go on from there.
//
// The file has two slots, written in turn, so that a torn write leaves the other one whole. It is written
// after each commit, before anyone hears of it, and synced at open and close only. So after a power cut it
// may be behind the truth, but it is never ahead of it.
const (
	markName   = "payrules.journal"
	markMagic  = "payrules"
	markFormat = 1
	markSlot   = 8 + 4 + 8 + 4 // magic, format, position, checksum
	markStride = 4096          // slots lie in blocks of their own
)

// errFormat is wrapped when a journal was written by a newer version.
var errFormat = errors.New("format not known")

type mark struct {
	file     vfs.File
	position event.Position
	slot     int64 // the one to write next
	buf      [markSlot]byte
}

// createMark makes the file of an empty journal, all of it or nothing.
func createMark(fs vfs.FS, dir string) error {
	name := fs.PathJoin(dir, markName)
	temporary := name + ".tmp"
	f, err := fs.Create(temporary, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	content := make([]byte, 2*markStride)
	encodeMark(content, 0)
	encodeMark(content[markStride:], 0)
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := fs.Rename(temporary, name); err != nil {
		return err
	}
	return syncDir(fs, dir)
}

func syncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// openMark reads the file.
//
// Returns an error if it cannot be read, was written in a newer format, or has no slot that is whole.
func openMark(fs vfs.FS, dir string) (*mark, error) {
	name := fs.PathJoin(dir, markName)
	f, err := fs.OpenReadWrite(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	m := &mark{file: f}
	found := false
	var slot [markSlot]byte
	for i := range int64(2) {
		if _, err := f.ReadAt(slot[:], i*markStride); err != nil && !errors.Is(err, io.EOF) {
			return nil, errors.Join(err, f.Close())
		}
		format, position, ok := decodeMark(slot[:])
		if !ok {
			continue
		}
		if format != markFormat {
			err := fmt.Errorf("%w: %s is of format %d, this version reads %d", errFormat, name, format, markFormat)
			return nil, errors.Join(err, f.Close())
		}
		if !found || position > m.position {
			m.position, m.slot, found = position, 1-i, true
		}
	}
	if !found {
		err := &storage.CorruptError{Name: name, Reason: "neither of its two slots is whole"}
		return nil, errors.Join(err, f.Close())
	}
	return m, nil
}

// write says that records up to a position are durable.
func (m *mark) write(position event.Position) error {
	encodeMark(m.buf[:], position)
	if _, err := m.file.WriteAt(m.buf[:], m.slot*markStride); err != nil {
		return err
	}
	m.position, m.slot = position, 1-m.slot
	return nil
}

func (m *mark) close() error {
	return errors.Join(m.file.Sync(), m.file.Close())
}

func encodeMark(dst []byte, position event.Position) {
	copy(dst, markMagic)
	binary.LittleEndian.PutUint32(dst[8:], markFormat)
	binary.LittleEndian.PutUint64(dst[12:], uint64(position))
	binary.LittleEndian.PutUint32(dst[20:], markSum(dst))
}

func markSum(slot []byte) uint32 {
	return crc32.Checksum(slot[:20], crc32.MakeTable(crc32.Castagnoli))
}

func decodeMark(b []byte) (format uint32, position event.Position, ok bool) {
	if len(b) != markSlot || string(b[:8]) != markMagic {
		return 0, 0, false
	}
	if binary.LittleEndian.Uint32(b[20:]) != markSum(b) {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint32(b[8:]), event.Position(binary.LittleEndian.Uint64(b[12:])), true
}
