package archive

import (
	"bufio"
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
	"slices"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// level is gzip's default: a higher one costs more time than it saves room.
const level = gzip.DefaultCompression

// Put keeps the records of a segment, as [ledger.Archiver] says. Records are asked for one after the other, once. Before it
// answers it has read the file back and compared it with the sum, and all of it is synced.
//
// It writes the file under another name first, so a crash leaves the whole segment or nothing of it; what a crash left behind
// is removed an hour later, by the next Put. Of several that put at once, in whichever processes, one is first, and the others
// are told what they would be if they came later.
//
// Returns an error, besides those of ledger.Archiver, if:
//   - the archive is read-only;
//   - a file that it needs is damaged, or a segment before another is missing (ledger.ErrCorrupt);
//   - the file system refuses. If that was after the file got its name, the segment is kept, perhaps not durably: put it again.
//
// It takes O(records), and the memory of one record and of the compression, about 1 MiB.
func (f *Folder) Put(ctx context.Context, s ledger.Segment, records iter.Seq2[event.Record, error]) (ledger.Segment, error) {
	kept, err := f.put(ctx, s, records)
	if err != nil {
		return ledger.Segment{}, fmt.Errorf("archive: put versions %d to %d: %w", s.First, s.Last, err)
	}
	return kept, nil
}

func (f *Folder) put(ctx context.Context, s ledger.Segment, records iter.Seq2[event.Record, error]) (ledger.Segment, error) {
	if f.readOnly {
		return ledger.Segment{}, errors.New("the archive was opened for reading only")
	}
	if err := ctx.Err(); err != nil {
		return ledger.Segment{}, err
	}
	s.Sum = ledger.Sum{}
	if err := s.Validate(); err != nil {
		return ledger.Segment{}, err
	}
	before, taken, err := f.placeOf(&s)
	if err != nil {
		return ledger.Segment{}, err
	}
	h := &header{description: description{Segment: s, Previous: before.Sum}}
	if !taken {
		return f.write(ctx, h, records)
	}
	if err := h.pack(ctx, records, io.Discard); err != nil {
		return ledger.Segment{}, err
	}
	return f.same(ctx, h)
}

// placeOf returns the header of the segment before s, or a zero one, and whether the place of s is taken. It returns an error
// if s does not follow.
func (f *Folder) placeOf(s *ledger.Segment) (before *header, taken bool, err error) {
	all, err := f.firsts(s.Account)
	if err != nil {
		return nil, false, err
	}
	i, taken := slices.BinarySearch(all, s.First)
	before = new(header)
	if i > 0 {
		if before, err = f.header(s.Account, all[i-1]); err != nil {
			return nil, false, err
		}
	}
	if err := s.Follows(&before.Segment); err != nil {
		return nil, false, err
	}
	if !taken && i < len(all) { // it was just put by another, together with the next one; or is missing
		_, err := f.header(s.Account, s.First)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, false, f.missing(s.Account, s.First, all[i])
		}
		return before, true, err
	}
	return before, taken, nil
}

// write makes the file of a segment. It fills in the header.
func (f *Folder) write(ctx context.Context, h *header, records iter.Seq2[event.Record, error]) (ledger.Segment, error) {
	t, err := f.newTemp()
	if err != nil {
		return ledger.Segment{}, err
	}
	defer t.remove()
	room, _, err := h.encode() // as long as it will be with the sums
	if err != nil {
		return ledger.Segment{}, err
	}
	if _, err := t.Write(room); err != nil {
		return ledger.Segment{}, err
	}
	if err := f.compress(ctx, h, records, t); err != nil {
		return ledger.Segment{}, err
	}
	lines, sum, err := h.encode()
	if err != nil {
		return ledger.Segment{}, err
	}
	h.Sum = sum
	if _, err := t.WriteAt(lines, 0); err != nil {
		return ledger.Segment{}, err
	}
	if err := t.Sync(); err != nil {
		return ledger.Segment{}, err
	}
	written := segmentFile{file: t, name: t.name, header: h, start: int64(len(lines))}
	if err := written.verify(ctx); err != nil {
		return ledger.Segment{}, fmt.Errorf("it does not read back as it was written: %w", err)
	}
	return f.name(ctx, h, t)
}

// name gives the file of a segment its name, unless another has it.
func (f *Folder) name(ctx context.Context, h *header, t *temp) (ledger.Segment, error) {
	outer, inner, folder := folderOf(h.Account)
	for _, dir := range []string{outer, inner, folder} {
		if err := f.files.Mkdir(filepath.Join(f.dir, dir)); err != nil {
			return ledger.Segment{}, err
		}
	}
	err := t.link(f.path(h.Account, h.First))
	if errors.Is(err, fs.ErrExist) {
		return f.same(ctx, h)
	}
	if err == nil {
		err = f.sync(h.Account)
	}
	if err != nil {
		return ledger.Segment{}, err
	}
	return h.Segment, nil
}

// same answers for a segment whose place is taken: done already, if it is the same, whole and durable.
func (f *Folder) same(ctx context.Context, h *header) (ledger.Segment, error) {
	kept, err := f.open(h.Account, h.First)
	if err != nil {
		return ledger.Segment{}, err
	}
	defer kept.Close()
	if kept.header.Sum != h.Sum {
		return ledger.Segment{}, fmt.Errorf("%w segment: another one stands in its place, of versions %d to %d",
			ledger.ErrInvalid, kept.header.First, kept.header.Last)
	}
	if err := kept.verify(ctx); err != nil {
		return ledger.Segment{}, err
	}
	return kept.header.Segment, f.sync(h.Account) // whoever put it may have stopped just before
}

// sync makes the names on the way to an account's files durable, the innermost first. It does so for all of them each time:
// whoever made a folder may have stopped before it was durable.
func (f *Folder) sync(account string) error {
	outer, inner, folder := folderOf(account)
	for _, dir := range []string{folder, inner, outer, "."} {
		if err := f.files.SyncDir(filepath.Join(f.dir, dir)); err != nil {
			return err
		}
	}
	return nil
}

// compress packs the records into a file, as gzip.
func (f *Folder) compress(ctx context.Context, h *header, records iter.Seq2[event.Record, error], to io.Writer) error {
	buffer := bufio.NewWriterSize(to, bufBytes)
	zip, _ := f.zips.Get().(*gzip.Writer)
	if zip == nil {
		var err error
		if zip, err = gzip.NewWriterLevel(buffer, level); err != nil {
			return err
		}
	}
	zip.Reset(buffer)
	defer func() {
		zip.Reset(io.Discard) // so that it keeps nothing else from being collected
		f.zips.Put(zip)
	}()
	if err := h.pack(ctx, records, zip); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return buffer.Flush()
}

// pack writes the records, and takes their sum and size into the header, and the Sum that it has with them.
func (h *header) pack(ctx context.Context, records iter.Seq2[event.Record, error], to io.Writer) error {
	p := packer{to: to, hash: sha256.New()}
	for r, err := range h.Check(records) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = p.add(&r)
		}
		if err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.hash.Sum(h.body[:0])
	h.size = p.size
	var err error
	h.Sum, err = h.sum()
	return err
}

type packer struct {
	to     io.Writer
	hash   hash.Hash
	size   int64
	buffer []byte // of one record
}

func (p *packer) add(r *event.Record) error {
	p.buffer = append(append(appendLine(p.buffer[:0], r), r.Data...), '\n')
	p.hash.Write(p.buffer)
	p.size += int64(len(p.buffer))
	_, err := p.to.Write(p.buffer)
	return err
}
