package archive

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// Segments yields the segments of an account, as [ledger.Archiver] says. It reads a header a segment and none of the records,
// and holds no file between two of them. That the last ones are missing it cannot notice: compare with what the ledger knows.
//
// An error that wraps ledger.ErrCorrupt, and names the file, comes for one that is missing before another, is damaged in its
// header, stands in another's place, or does not follow the one before: each header names the Sum of that.
func (f *Folder) Segments(ctx context.Context, account string) iter.Seq2[ledger.Segment, error] {
	return func(yield func(ledger.Segment, error) bool) {
		before := new(header)
		for {
			h, err := f.following(ctx, account, before)
			if err != nil {
				yield(ledger.Segment{}, fmt.Errorf("archive: segments: %w", err))
				return
			}
			if h == nil || !yield(h.Segment, nil) {
				return
			}
			before = h
		}
	}
}

// following returns the header behind another, and nil if that is the last one.
func (f *Folder) following(ctx context.Context, account string, before *header) (*header, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	first := before.Last + 1
	h, err := f.header(account, first)
	if errors.Is(err, fs.ErrNotExist) {
		// One that stands further on, and was seen, was put after the one that is looked for. So look again, if there is any.
		all, listErr := f.firsts(account)
		if listErr != nil {
			return nil, listErr
		}
		i, _ := slices.BinarySearch(all, first)
		if i == len(all) || first == 0 {
			return nil, nil
		}
		if h, err = f.header(account, first); errors.Is(err, fs.ErrNotExist) {
			err = f.missing(account, first, all[i])
		}
	}
	if err != nil {
		return nil, err
	}
	if err := h.follows(before); err != nil {
		return nil, corrupt(f.path(account, first), err)
	}
	return h, nil
}

// Records yields the records of a segment, as [ledger.Archiver] says. It reads all of them once to compare them with the sum
// before it yields any, so whoever stops early has not read what was altered further on. They are read again as they are
// yielded, and compared again at the end.
//
// An error that wraps ledger.ErrCorrupt, and names the file, comes if it is not there, is of another segment, or is not what was
// put, be it a byte. An error of the file system is none of those.
//
// It takes O(records), twice over, and the memory of one record and of the decompression, about 200 KiB. The file is open while
// the iterator runs.
func (f *Folder) Records(ctx context.Context, s ledger.Segment) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		fail := func(err error) {
			yield(event.Record{}, fmt.Errorf("archive: records of versions %d to %d: %w", s.First, s.Last, err))
		}
		kept, err := f.openSegment(ctx, &s)
		if err != nil {
			fail(err)
			return
		}
		defer kept.Close()
		for r, err := range kept.records(ctx) {
			if err != nil {
				fail(err)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// openSegment opens the file of a segment, and verifies it.
func (f *Folder) openSegment(ctx context.Context, s *ledger.Segment) (*segmentFile, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	kept, err := f.open(s.Account, s.First)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, corrupt(f.path(s.Account, s.First), errors.New("the file is not there"))
	}
	if err != nil {
		return nil, err
	}
	if !kept.header.describes(s) {
		err = corrupt(kept.name, fmt.Errorf("it holds versions %d to %d with sum %s, want %d to %d with sum %s",
			kept.header.First, kept.header.Last, kept.header.Sum, s.First, s.Last, s.Sum))
	} else {
		err = kept.verify(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return kept, nil
}

// Accounts yields the accounts that have segments, in no order that means anything. It reads one header an account. An error
// that wraps ledger.ErrCorrupt comes for a file that is damaged, or stands where that of another account would.
func (f *Folder) Accounts(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		f.visit(ctx, ".", levels, func(account string, err error) bool {
			if err != nil {
				yield("", fmt.Errorf("archive: accounts: %w", err))
				return false
			}
			return account == "" || yield(account, nil)
		})
	}
}

const levels = 3 // of folders: two by the hash of an account, and its own

// visit yields the accounts in the folders so many levels below one, until it is told to stop.
func (f *Folder) visit(ctx context.Context, folder string, levels int, yield func(string, error) bool) (more bool) {
	if err := ctx.Err(); err != nil {
		return yield("", err)
	}
	if levels == 0 {
		return yield(f.accountIn(folder))
	}
	names, err := f.files.Names(filepath.Join(f.dir, folder))
	if err != nil {
		return yield("", err)
	}
	slices.Sort(names)
	for _, name := range names {
		if ours := levels == 1 && strings.Contains(name, "-") || levels > 1 && isHex(name); !ours {
			continue
		}
		if !f.visit(ctx, filepath.Join(folder, name), levels-1, yield) {
			return false
		}
	}
	return true
}

// isHex reports whether a name is one of the folders by hash.
func isHex(name string) bool {
	b, err := hex.DecodeString(name)
	return err == nil && len(b) == 1
}

// accountIn is the account of a folder, "" if nothing is in it yet.
func (f *Folder) accountIn(folder string) (string, error) {
	names, err := f.files.Names(filepath.Join(f.dir, folder))
	if err != nil {
		return "", err
	}
	all := firsts(names)
	if len(all) == 0 {
		return "", nil
	}
	name := filepath.Join(f.dir, folder, segmentName(all[0]))
	kept, err := f.openFile(name)
	if err != nil {
		return "", err
	}
	defer kept.Close()
	account := kept.header.Account
	if _, _, want := folderOf(account); want != folder {
		return "", corrupt(name, errors.New("it stands in the folder of another account"))
	}
	return account, nil
}
