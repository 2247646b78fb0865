package pebble

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	cockroach "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// fence stands between the database and its files, and turns a failing disk into a stopped store.
//
// The database answers a failed write of its log or manifest by ending the process (Logger.Fatalf), or by a
// panic with its locks held, which ends the process as well. A library must do neither. So the first write
// that fails is reported here, and the goroutine that met it never gets the answer: it is parked for good,
// and so is every later one that wants to write. To the files, that is a crash at this instant, which the
// next open recovers from; to the process it is an error, and some memory lost until it ends.
//
// While a journal opens or closes, failed writes are answered, since the database then returns them. The
// sync of a directory is the exception: the database always answers its failure with a panic.
type fence struct {
	vfs.FS
	strict atomic.Bool   // true while the journal is open
	failed chan struct{} // closed at the first failure
	once   sync.Once
	cause  error // set before failed is closed
	notify func(cause error)
}

func newFence(fs vfs.FS, notify func(cause error)) *fence {
	return &fence{FS: fs, failed: make(chan struct{}), notify: notify}
}

// fail stops the store. The first cause is kept.
func (f *fence) fail(cause error) {
	f.once.Do(func() {
		f.cause = cause
		close(f.failed)
		f.notify(cause)
	})
}

// err is the cause of the failure, or nil.
func (f *fence) err() error {
	select {
	case <-f.failed:
		return f.cause
	default:
		return nil
	}
}

// run calls fn on a goroutine of its own, since it may never come back, and returns its error, or what it
// panicked with, or the cause of a failure meanwhile.
func (f *fence) run(fn func() error) error {
	done := make(chan error, 1)
	go func() { done <- recovered(fn) }()
	select {
	case err := <-done:
		return err
	case <-f.failed:
		return f.cause
	}
}

// errPanic is wrapped when the database panicked.
var errPanic = errors.New("panic in the database")

func recovered(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, r, debug.Stack())
		}
	}()
	return fn()
}

// park is where goroutines of a stopped database end.
func park() { select {} }

// enter is called before a write.
func (f *fence) enter() {
	if f.err() != nil {
		park()
	}
}

// leave is called after a write, with its result.
func (f *fence) leave(op, name string, err error) error {
	if err != nil && f.strict.Load() {
		f.stop(op, name, err)
	}
	return err
}

// stop reports a write that failed, and does not return.
func (f *fence) stop(op, name string, err error) {
	f.fail(fmt.Errorf("%s %s: %w", op, name, err))
	park()
}

// Infof, Errorf and Fatalf make the fence the database's logger. It is silent: what matters comes back as
// an error. Fatalf is what the database calls when it cannot go on, and it must not return.
func (f *fence) Infof(string, ...any)  {}
func (f *fence) Errorf(string, ...any) {}
func (f *fence) Fatalf(format string, args ...any) {
	fatal := &fatalError{text: fmt.Sprintf(format, args...)}
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			fatal.err = err
		}
	}
	f.fail(fatal)
	park()
}

// fatalError is what the database said last.
type fatalError struct {
	text string
	err  error // that it spoke of, or nil
}

func (e *fatalError) Error() string { return e.text }
func (e *fatalError) Unwrap() error { return e.err }

func (f *fence) listener() *cockroach.EventListener {
	return &cockroach.EventListener{
		BackgroundError: f.fail,                                // a flush or a compaction cannot go on
		DataCorruption:  func(cockroach.DataCorruptionInfo) {}, // whoever reads gets the error
	}
}

func (f *fence) file(name string, file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return &fencedFile{File: file, fence: f, name: name}, nil
}

// Create, and the methods after it, are those of vfs.FS that write.
func (f *fence) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f.enter()
	file, err := f.FS.Create(name, category)
	return f.file(name, file, f.leave("create", name, err))
}

func (f *fence) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	f.enter()
	file, err := f.FS.OpenReadWrite(name, category, opts...)
	return f.file(name, file, f.leave("open", name, err))
}

func (f *fence) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f.enter()
	file, err := f.FS.ReuseForWrite(oldname, newname, category)
	return f.file(newname, file, f.leave("create", newname, err))
}

func (f *fence) OpenDir(name string) (vfs.File, error) {
	file, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, f.leave("open", name, err)
	}
	return &fencedDir{fencedFile{File: file, fence: f, name: name}}, nil
}

func (f *fence) Link(oldname, newname string) error {
	f.enter()
	return f.leave("link", newname, f.FS.Link(oldname, newname))
}

func (f *fence) Rename(oldname, newname string) error {
	f.enter()
	return f.leave("rename", newname, f.FS.Rename(oldname, newname))
}

func (f *fence) MkdirAll(dir string, perm os.FileMode) error {
	f.enter()
	return f.leave("mkdir", dir, f.FS.MkdirAll(dir, perm))
}

// Remove and RemoveAll may fail: what is left behind costs room, and no more.
func (f *fence) Remove(name string) error {
	f.enter()
	return f.FS.Remove(name)
}

func (f *fence) RemoveAll(name string) error {
	f.enter()
	return f.FS.RemoveAll(name)
}

// GetDiskUsage may fail: the database only wants to know how fast it should delete.
func (f *fence) GetDiskUsage(path string) (vfs.DiskUsage, error) {
	usage, err := f.FS.GetDiskUsage(path)
	if err != nil {
		return vfs.DiskUsage{}, vfs.ErrUnsupported
	}
	return usage, nil
}

// Lock does nothing: the journal holds the directory before the database opens it, and longer, should that
// never come back from closing.
func (f *fence) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// Unwrap is the file system that the fence stands before.
func (f *fence) Unwrap() vfs.FS { return f.FS }

// fencedDir is a directory to be synced.
type fencedDir struct{ fencedFile }

// Sync returns when the directory is synced, or never.
func (d *fencedDir) Sync() error {
	d.fence.enter()
	if err := d.File.Sync(); err != nil {
		d.fence.stop("sync", d.name, err)
	}
	return nil
}

// fencedFile is a file that is written to.
type fencedFile struct {
	vfs.File
	fence *fence
	name  string
}

func (f *fencedFile) Write(p []byte) (int, error) {
	f.fence.enter()
	n, err := f.File.Write(p)
	return n, f.fence.leave("write", f.name, err)
}

func (f *fencedFile) WriteAt(p []byte, off int64) (int, error) {
	f.fence.enter()
	n, err := f.File.WriteAt(p, off)
	return n, f.fence.leave("write", f.name, err)
}

func (f *fencedFile) Sync() error {
	f.fence.enter()
	return f.fence.leave("sync", f.name, f.File.Sync())
}

func (f *fencedFile) SyncData() error {
	f.fence.enter()
	return f.fence.leave("sync", f.name, f.File.SyncData())
}

func (f *fencedFile) SyncTo(length int64) (bool, error) {
	f.fence.enter()
	full, err := f.File.SyncTo(length)
	return full, f.fence.leave("sync", f.name, err)
}

func (f *fencedFile) Close() error {
	return f.fence.leave("close", f.name, f.File.Close())
}
