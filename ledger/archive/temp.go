package archive

import (
	"crypto/rand"
	"path/filepath"
	"time"
)

// leftover is how long a temporary file must not have been written to before it counts as left behind by a crash. Whoever is
// still at work on one that is taken away gets an error, and has kept nothing.
const leftover = time.Hour

// temp is a file in the making, under a name of its own.
type temp struct {
	file
	folder *Folder
	name   string
}

// newTemp makes one, and removes what crashes have left behind.
func (f *Folder) newTemp() (*temp, error) {
	dir := filepath.Join(f.dir, tempName)
	if err := f.files.Mkdir(dir); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, rand.Text())
	made, err := f.files.Create(name)
	if err != nil {
		return nil, err
	}
	t := &temp{made, f, name}
	t.sweep(dir)
	return t, nil
}

// sweep removes what is much older than t, by the clock that both have from the file system. What it cannot remove it leaves
// to the next one.
func (t *temp) sweep(dir string) {
	now, err := t.ModTime()
	if err != nil {
		return
	}
	names, err := t.folder.files.Names(dir)
	if err != nil {
		return
	}
	for _, name := range names {
		name = filepath.Join(dir, name)
		if old, ok := t.folder.modTime(name); ok && now.Sub(old) > leftover {
			_ = t.folder.files.Remove(name)
		}
	}
}

func (f *Folder) modTime(name string) (time.Time, bool) {
	old, err := f.files.Open(name)
	if err != nil {
		return time.Time{}, false
	}
	defer old.Close()
	at, err := old.ModTime()
	return at, err == nil
}

// link gives the file its name. It is fs.ErrExist if that is taken, and then nothing has changed.
func (t *temp) link(name string) error { return t.folder.files.Link(t.name, name) }

// remove takes the temporary name away. The file lives on where it was linked.
func (t *temp) remove() {
	_ = t.Close()
	_ = t.folder.files.Remove(t.name)
}
