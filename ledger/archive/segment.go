package archive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"path/filepath"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// corrupt is the error for a file that is not what was put. The cause is told and not wrapped: that something in it is not
// valid says nothing of what the caller gave.
func corrupt(name string, cause error) error {
	return fmt.Errorf("%w: %s: %s", ledger.ErrCorrupt, name, cause.Error())
}

// missing is the error for a segment that is not there, though a later one is.
func (f *Folder) missing(account string, first, later event.Version) error {
	return corrupt(f.path(account, first), fmt.Errorf("the file is not there, though %s is", segmentName(later)))
}

func (f *Folder) path(account string, first event.Version) string {
	_, _, folder := folderOf(account)
	return filepath.Join(f.dir, folder, segmentName(first))
}

// firsts are the first versions of an account's segments, in order. A name that is made while they are read may be among them
// or not.
func (f *Folder) firsts(account string) ([]event.Version, error) {
	_, _, folder := folderOf(account)
	names, err := f.files.Names(filepath.Join(f.dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return firsts(names), nil
}

// header reads the header of a segment. It is fs.ErrNotExist if there is none.
func (f *Folder) header(account string, first event.Version) (*header, error) {
	kept, err := f.open(account, first)
	if err != nil {
		return nil, err
	}
	return kept.header, kept.Close()
}

// segmentFile is the file of a segment, open, its header read.
type segmentFile struct {
	file
	name   string
	header *header
	start  int64 // of what is compressed
}

// open opens the file of a segment. It is fs.ErrNotExist if there is none.
func (f *Folder) open(account string, first event.Version) (*segmentFile, error) {
	name := f.path(account, first)
	s, err := f.openFile(name)
	if err != nil {
		return nil, err
	}
	if s.header.Account != account || s.header.First != first {
		return nil, errors.Join(corrupt(name, errors.New("it is the file of another segment")), s.Close())
	}
	return s, nil
}

func (f *Folder) openFile(name string) (*segmentFile, error) {
	opened, err := f.files.Open(name)
	if err != nil {
		return nil, err
	}
	s, err := readHeader(opened, name)
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return s, nil
}

func readHeader(opened file, name string) (*segmentFile, error) {
	b := make([]byte, maxHeader)
	n, err := opened.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	h, length, err := parseHeader(b[:n])
	if err != nil {
		return nil, corrupt(name, err)
	}
	return &segmentFile{file: opened, name: name, header: h, start: int64(length)}, nil
}

// verify reads all that the file holds, and compares it with its header.
func (s *segmentFile) verify(ctx context.Context) error {
	b, err := s.body(ctx)
	if err == nil {
		_, err = io.Copy(io.Discard, b)
	}
	if err != nil {
		return b.explain(err)
	}
	return nil
}

// records yields what the file holds. That it is what the header says shows at the end.
func (s *segmentFile) records(ctx context.Context) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		b, err := s.body(ctx)
		if err != nil {
			yield(event.Record{}, b.explain(err))
			return
		}
		d := decoder{r: bufio.NewReaderSize(b, bufBytes), account: s.header.Account}
		for r, err := range s.header.Check(d.all()) {
			if err == nil {
				if err = ctx.Err(); err != nil {
					yield(event.Record{}, err)
					return
				}
			}
			if err != nil {
				yield(event.Record{}, b.explain(err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// gzipStart is the header of gzip as it is written here: no name, no time, no system. Of the reader's own check nothing of that
// would be seen.
var gzipStart = [...]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}

// body reads the records as they were written, never more of them than the header says. It ends with io.EOF only if there is
// no more, and their sum is the one in the header.
type body struct {
	*segmentFile
	source *source
	buffer *bufio.Reader
	zip    *gzip.Reader
	hash   hash.Hash
	left   int64
}

// body begins to read. What it returns beside an error can explain it.
func (s *segmentFile) body(ctx context.Context) (*body, error) {
	b := &body{segmentFile: s, source: &source{ctx: ctx, from: s.file, at: s.start}, hash: sha256.New(), left: s.header.size}
	b.buffer = bufio.NewReaderSize(b.source, bufBytes)
	start, err := b.buffer.Peek(len(gzipStart))
	if err != nil {
		return b, err
	}
	if !bytes.Equal(start, gzipStart[:]) {
		return b, errors.New("its records do not start as they were written")
	}
	if b.zip, err = gzip.NewReader(b.buffer); err != nil {
		return b, err
	}
	b.zip.Multistream(false)
	return b, nil
}

func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, b.end()
	}
	n, err := b.zip.Read(p[:min(int64(len(p)), b.left)])
	b.hash.Write(p[:n])
	b.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = nil // for end to look at
		if b.left > 0 {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

// end returns io.EOF if all is as it should be.
func (b *body) end() error {
	var more [1]byte
	if n, err := io.ReadFull(b.zip, more[:]); n > 0 {
		return errors.New("it holds more than its header says")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	if _, err := b.buffer.ReadByte(); err == nil {
		return errors.New("something stands behind its end")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	if sum := ledger.Sum(b.hash.Sum(nil)); sum != b.header.body {
		return fmt.Errorf("its records have sum %s, want %s", sum, b.header.body)
	}
	return io.EOF
}

// explain says what an error of reading means: that of the source is itself, every other one is damage.
func (b *body) explain(err error) error {
	if b.source.failed != nil {
		return fmt.Errorf("%s: %w", b.name, b.source.failed)
	}
	return corrupt(b.name, err)
}

// source reads a file from a place on, and remembers why it could not.
type source struct {
	ctx    context.Context
	from   io.ReaderAt
	at     int64
	failed error
}

func (s *source) Read(p []byte) (int, error) {
	if s.failed = s.ctx.Err(); s.failed != nil {
		return 0, s.failed
	}
	n, err := s.from.ReadAt(p, s.at)
	s.at += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}
