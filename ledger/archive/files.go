package archive

import (
	"io"
	"os"
	"runtime"
	"time"
)

// files is what the archive asks of the file system: the seam where tests let it fail, or stop.
type files interface {
	Mkdir(name string) error            // one that is there is no error
	Create(name string) (file, error)   // for writing and reading; an error if it is there
	Open(name string) (file, error)     // for reading
	Link(name, other string) error      // other is a second name; an error that is fs.ErrExist if it is there
	Remove(name string) error           // one name of the file
	Names(dir string) ([]string, error) // what is in a folder, in any order
	SyncDir(dir string) error           // makes the names in it durable
}

type file interface {
	io.ReaderAt
	io.Writer
	io.WriterAt
	io.Closer
	Sync() error
	ModTime() (time.Time, error)
}

// disk is the file system of the machine.
type disk struct{}

func (disk) Mkdir(name string) error {
	err := os.Mkdir(name, 0o750)
	if err != nil && isDir(name) {
		return nil
	}
	return err
}

// Create makes a file that nobody writes to once it is closed.
func (disk) Create(name string) (file, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o440)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

func (disk) Open(name string) (file, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

func (disk) Link(name, other string) error { return os.Link(name, other) }
func (disk) Remove(name string) error      { return os.Remove(name) }

func (disk) Names(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

func (disk) SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no such call: the file system's own log keeps names
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

type diskFile struct{ *os.File }

func (f diskFile) ModTime() (time.Time, error) {
	info, err := f.Stat()
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
