package pebble

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"

	cockroach "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// databaseFormat is the database's own format, named here so that a newer release of it does not change
// the files of a bank without a word. It is the first whose tables carry a checksum of their footer.
const databaseFormat = cockroach.FormatTableFormatV6

const lockName = "LOCK" // the database's name for it, so that its own tools respect the lock

// Open opens the journal in a directory, and makes both if they are not there. The journal holds the
// directory until Close. What a crash left behind is put in order first; that takes up to a second or two
// for the default MemTableBytes.
//
// An open that fails changes nothing in a journal that holds records.
//
// Returns an error if:
//   - an option is out of its bounds;
//   - another process or journal holds the directory (storage.ErrInUse);
//   - the directory holds something else, or a journal in a newer format;
//   - the journal has a hash chain, and Options.Chain is not set;
//   - a file is missing or damaged, or records that were acknowledged are not there (storage.ErrCorrupt);
//   - the disk or the operating system refuses.
func Open(dir string, options *Options) (*Journal, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if dir, err = canonical(dir, o.fs); err != nil {
		return nil, fmt.Errorf("pebble: open %s: %w", dir, err)
	}
	lock, err := lockDir(dir, o.fs)
	if err != nil {
		return nil, err
	}
	j, err := open(dir, o, lock)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return j, nil
}

// canonical makes the directory, and returns the one name that it has, since a lock within one process goes
// by the name.
func canonical(dir string, files vfs.FS) (string, error) {
	if err := files.MkdirAll(dir, 0o750); err != nil {
		return dir, err
	}
	if files != vfs.Default {
		return dir, nil
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return dir, err
	}
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return dir, err
	}
	return path, nil
}

func lockDir(dir string, files vfs.FS) (io.Closer, error) {
	lock, err := files.Lock(files.PathJoin(dir, lockName))
	if err == nil {
		return lock, nil
	}
	var path *fs.PathError
	if errors.As(err, &path) { // the file could not be made; otherwise it is there and held
		return nil, fmt.Errorf("pebble: open %s: %w", dir, err)
	}
	return nil, fmt.Errorf("pebble: open %s: %w: %w", dir, storage.ErrInUse, err)
}

// open is Open with the directory locked.
func open(dir string, o Options, lock io.Closer) (*Journal, error) {
	m, err := openOrCreateMark(o.fs, dir)
	if err != nil {
		return nil, err
	}
	f := newFence(o.fs, func(cause error) {
		o.Logger.Error("payrules: the journal stopped, open it again", "dir", dir, "cause", cause)
	})
	s := store{dir: dir, options: o, lock: lock, fence: f}
	var end tip
	err = f.run(func() error {
		var err error
		end, err = s.open(m.position)
		return err
	})
	if err != nil {
		return nil, errors.Join(openError(dir, err), m.file.Close())
	}
	// The mark was checked as it was found. From here on it goes through the fence like all else.
	m.file = &fencedFile{File: m.file, fence: f, name: o.fs.PathJoin(dir, markName)}
	if err := m.write(end.last.Position); err != nil {
		return nil, errors.Join(openError(dir, err), s.db.Close(), m.file.Close())
	}
	if err := m.file.Sync(); err != nil {
		return nil, errors.Join(openError(dir, err), s.db.Close(), m.file.Close())
	}
	f.strict.Store(true)
	s.compactions.grant()
	return start(s, m, end), nil
}

// openOrCreateMark opens the mark, and makes it where there is nothing yet but what a crash while making it
// left behind.
func openOrCreateMark(files vfs.FS, dir string) (*mark, error) {
	m, err := openMarkIfThere(files, dir)
	if m != nil || err != nil {
		return m, err
	}
	names, err := files.List(dir)
	if err != nil {
		return nil, openError(dir, err)
	}
	for _, name := range names {
		switch name {
		case lockName, markName + ".tmp", "lost+found":
		default:
			return nil, fmt.Errorf("pebble: open %s: it holds %s but no %s, so it is no journal, or has lost that file", dir, name, markName)
		}
	}
	if err := createMark(files, dir); err != nil {
		return nil, openError(dir, err)
	}
	if m, err = openMark(files, dir); err != nil {
		return nil, openError(dir, err)
	}
	return m, nil
}

func openMarkIfThere(files vfs.FS, dir string) (*mark, error) {
	if _, err := files.Stat(files.PathJoin(dir, markName)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, openError(dir, err)
	}
	m, err := openMark(files, dir)
	if err != nil {
		return nil, openError(dir, err)
	}
	return m, nil
}

// openError gives an error of opening its form: what the operating system refused is its own error, but for
// a file that is not there; all else that a database says of its files is damage.
func openError(dir string, err error) error {
	var errno syscall.Errno
	var corrupt *storage.CorruptError
	if errors.As(err, &corrupt) || errors.Is(err, errFormat) || errors.Is(err, errOption) || errors.As(err, &errno) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pebble: open %s: %w", dir, err)
	}
	return &storage.CorruptError{Name: dir, Reason: "cannot be opened", Err: err}
}

// store is an open database and what holds it.
type store struct {
	dir     string
	options Options
	lock    io.Closer
	fence   *fence

	db          *cockroach.DB
	compactions *compactions

	since event.Position // where the hash chain begins; 0 without one
}

// errOption is wrapped when a journal cannot be opened with the options given.
var errOption = errors.New("other options needed")

// open opens the database in two steps, and returns the last record, or the zero one.
//
// A journal that holds records is first opened for reading alone, and looked over. Opening for writing
// deletes files that the manifest no longer names, so a damaged manifest would take good files with it.
// A new one is made in the first step and opened in the second, since the database writes its first log
// in its oldest format, which knows less about where it was synced.
func (s *store) open(acknowledged event.Position) (end tip, err error) {
	logBytes, err := s.logBytes()
	if err != nil {
		return tip{}, err
	}
	s.compactions = &compactions{fence: s.fence}
	first := s.databaseOptions()
	first.ReadOnly = acknowledged > 0
	if s.db, err = cockroach.Open(s.dir, first); err != nil {
		return tip{}, err
	}
	end, err = s.readTip(acknowledged, logBytes)
	if err == nil {
		end, err = s.chain(end)
	}
	if err = errors.Join(err, s.db.Close()); err != nil {
		return tip{}, err
	}
	if err := s.room(logBytes); err != nil {
		return tip{}, err
	}
	s.compactions = &compactions{fence: s.fence}
	second := s.databaseOptions()
	second.ErrorIfNotExists = true
	if s.db, err = cockroach.Open(s.dir, second); err != nil {
		return tip{}, err
	}
	again, err := s.readTip(end.last.Position, 0)
	if err == nil && again.last.Position != end.last.Position {
		err = s.corrupt("", fmt.Sprintf("read at first to hold %d records, then %d", end.last.Position, again.last.Position), nil)
	}
	if err != nil {
		return tip{}, errors.Join(err, s.db.Close())
	}
	s.since = end.since
	return end, nil
}

// memTables is how many tables there are in memory at the most. The database counts them as part of its cache, so that a cache of
// no more than their size would be none.
const memTables = 3

func (s *store) databaseOptions() *cockroach.Options {
	o := &cockroach.Options{
		FS:                          s.fence,
		Logger:                      s.fence,
		EventListener:               s.fence.listener(),
		FormatMajorVersion:          databaseFormat,
		CacheSize:                   s.options.CacheBytes + memTables*s.options.MemTableBytes, // which it reserves there
		MemTableSize:                uint64(s.options.MemTableBytes),
		MemTableStopWritesThreshold: memTables,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       64,
		MaxOpenFiles:                512,
		DisableTableStats:           true, // they help to pick what to compact after deletes, and there are none
	}
	o.Experimental.CompactionScheduler = s.compactions
	o.Experimental.ReadSamplingMultiplier = -1 // no compactions because of reads
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10) // a stream that is new is found to be so at once
	}
	return o
}

// logBytes is the size of the write-ahead log as it lies there.
func (s *store) logBytes() (int64, error) {
	names, err := s.options.fs.List(s.dir)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, name := range names {
		if filepath.Ext(name) != ".log" {
			continue
		}
		info, err := s.options.fs.Stat(s.options.fs.PathJoin(s.dir, name))
		if err != nil {
			return 0, err
		}
		total += info.Size()
	}
	return total, nil
}

// room says whether the disk has room for what opening writes out. The database itself would try for ever.
func (s *store) room(logBytes int64) error {
	usage, err := s.options.fs.GetDiskUsage(s.dir)
	if err != nil {
		return nil //nolint:nilerr // some systems cannot say, and then it has to be tried
	}
	if need := uint64(logBytes + s.options.MemTableBytes); usage.AvailBytes < need {
		return fmt.Errorf("the disk has %d bytes left, want at least %d: %w", usage.AvailBytes, need, syscall.ENOSPC)
	}
	return nil
}

// corrupt is a *storage.CorruptError about something in the directory.
func (s *store) corrupt(name, reason string, err error) error {
	return &storage.CorruptError{Name: s.options.fs.PathJoin(s.dir, name), Reason: reason, Err: err}
}

func logName(position event.Position) string { return fmt.Sprintf("record %d", position) }

func logBounds() *cockroach.IterOptions {
	return &cockroach.IterOptions{LowerBound: []byte{logSpace}, UpperBound: []byte{logSpace + 1}}
}
