package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"

	"github.com/payrules/payrules/ledger"
)

// Options are what Open may be told; nil and the zero value stand for the defaults.
type Options struct {
	_ struct{} // disallow positional literals

	// MustExist has Open make nothing: a folder that is no archive yet is an error. For every start but the first one, since a
	// volume that is not mounted looks like an empty folder.
	MustExist bool

	// ReadOnly refuses every Put. Nothing is ever written, so MustExist is implied.
	ReadOnly bool
}

// Folder is a ledger.Archiver that keeps segments in the files of a folder. Make it with [Open]. It holds no file open between
// calls and needs no Close. It is safe for concurrent use, also by several processes on one folder.
type Folder struct {
	dir      string
	readOnly bool
	files    files
	zips     sync.Pool // of *gzip.Writer, which is most of what a small Put costs beside the disk
}

var _ ledger.Archiver = (*Folder)(nil)

// Open opens the archive in a folder. It makes the folder, not those around it, and the file that marks it as an archive, if
// they are not there.
//
// Returns an error if:
//   - the folder holds something else, or an archive in a newer format; nothing is changed then;
//   - it is not there, or empty, and the options say that it must be an archive (fs.ErrNotExist);
//   - the file system refuses.
func Open(dir string, options *Options) (*Folder, error) {
	var o Options
	if options != nil {
		o = *options
	}
	return open(dir, o, disk{})
}

func open(dir string, o Options, files files) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("archive: open: %w", err)
	}
	f := &Folder{dir: dir, readOnly: o.ReadOnly, files: files}
	err = f.checkMark()
	if errors.Is(err, fs.ErrNotExist) && !o.MustExist && !o.ReadOnly {
		err = f.create()
	}
	if err == nil && !o.ReadOnly {
		err = f.syncMark()
	}
	if err != nil {
		return nil, fmt.Errorf("archive: open %s: %w", dir, err)
	}
	return f, nil
}

// syncMark makes the folder and its mark durable. Who made them may have stopped just before.
func (f *Folder) syncMark() error {
	if err := f.files.SyncDir(f.dir); err != nil {
		return err
	}
	err := f.files.SyncDir(filepath.Dir(f.dir))
	if errors.Is(err, fs.ErrPermission) {
		return nil // the folder was made by somebody with more rights
	}
	return err
}

// checkMark reads the file that says what the folder is.
func (f *Folder) checkMark() error {
	mark, err := f.files.Open(filepath.Join(f.dir, markName))
	if err != nil {
		return err
	}
	defer mark.Close()
	text := make([]byte, len(firstLine)+1)
	n, err := mark.ReadAt(text, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(text[:n]) != firstLine {
		return fmt.Errorf("%s does not say %q: the archive is in another format, or damaged", markName, firstLine)
	}
	return nil
}

// create makes the folder an archive. Two that do so at once end with the same.
func (f *Folder) create() error {
	if err := f.files.Mkdir(f.dir); err != nil {
		return err
	}
	names, err := f.files.Names(f.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains([]string{tempName, markName, "lost+found"}, name) {
			return fmt.Errorf("it holds %s but no %s, so it is no archive, or has lost that file", name, markName)
		}
	}
	t, err := f.newTemp()
	if err != nil {
		return err
	}
	defer t.remove()
	if _, err := t.Write([]byte(firstLine)); err != nil {
		return err
	}
	if err := t.Sync(); err != nil {
		return err
	}
	if err := t.link(filepath.Join(f.dir, markName)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.checkMark()
}
