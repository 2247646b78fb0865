package pebble

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options are what Open may be told; nil and the zero value stand for the defaults.
type Options struct {
	// Now is the clock that At comes from; nil stands for time.Now. It may stand still or go back.
	Now func() time.Time

	// CacheBytes is the size of the cache of blocks read from disk; 0 stands for 16 MiB. What MemTableBytes does not use at the
	// moment goes to it as well.
	CacheBytes int64

	// MemTableBytes is how much is kept in memory, and in the write-ahead log, before it is written out in
	// order; 0 stands for 32 MiB. Up to three times as much is held for a while. Larger is faster under a
	// heavy load, and slower to open. At least 1 MiB, at most 1 GiB.
	MemTableBytes int64

	// CachedStreams is of how many streams the current version is kept in memory; 0 stands for 100,000. An
	// append to another stream first looks it up. One takes about 100 bytes.
	CachedStreams int

	// Chain keeps the hash chain of storage.Chain over all records, so that one that was altered on purpose is
	// noticed, and named; the package's doc says what it costs. A journal that has records, and no chain yet, is
	// read from end to end when it is opened, and chained from its next record on, on top of all before. A
	// journal that has a chain is opened with Chain alone: nobody ends it by a setting.
	Chain bool

	// Logger hears when the store stopped, and why; nil keeps it silent. Appends answer the same as errors.
	Logger *slog.Logger

	fs vfs.FS // of tests that make disks fail
}

const (
	minMemTable = 1 << 20
	maxMemTable = 1 << 30
)

// withDefaults is a copy of o with the defaults filled in.
//
// Returns an error if a figure is negative or out of its bounds.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	if out.CacheBytes < 0 || out.CachedStreams < 0 {
		return out, errors.New("pebble: options: CacheBytes and CachedStreams cannot be negative")
	}
	if out.Now == nil {
		out.Now = time.Now
	}
	if out.CacheBytes == 0 {
		out.CacheBytes = 16 << 20
	}
	if out.MemTableBytes == 0 {
		out.MemTableBytes = 32 << 20
	}
	if out.CachedStreams == 0 {
		out.CachedStreams = 100_000
	}
	if out.MemTableBytes < minMemTable || out.MemTableBytes > maxMemTable {
		return out, fmt.Errorf("pebble: options: MemTableBytes is %d, want %d to %d", out.MemTableBytes, minMemTable, maxMemTable)
	}
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	if out.fs == nil {
		out.fs = vfs.Default
	}
	return out, nil
}
