package archive

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var (
	errDisk    = errors.New("the disk fails")
	errStopped = errors.New("the machine has stopped")
)

// memFS is a file system in memory that knows what a power cut would leave of it, and fails when it is told to. Not for use by
// several goroutines.
type memFS struct {
	root  *node
	now   time.Time
	calls int   // so far
	fail  int   // the number of the call that fails, 0 for none
	stop  bool  // and all those behind it
	open  int   // files
	last  error // what the failed call was asked for
}

// node is a file or a folder: as it is, and as it was when it was synced.
type node struct {
	dir          bool
	data, synced []byte
	names, safe  map[string]*node
	at           time.Time
}

func newFolder() *node {
	return &node{dir: true, names: make(map[string]*node), safe: make(map[string]*node)}
}

func newMemFS() *memFS { return &memFS{root: newFolder(), now: time.Unix(1_800_000_000, 0)} }

// call counts a call, and says whether it fails.
func (m *memFS) call(what string) error {
	m.calls++
	m.now = m.now.Add(time.Millisecond)
	if m.fail == 0 || m.calls < m.fail || m.calls > m.fail && !m.stop {
		return nil
	}
	if m.calls == m.fail {
		m.last = errors.New(what)
	}
	if m.stop {
		return errStopped
	}
	return errDisk
}

// find returns a node, and nil if it is not there.
func (m *memFS) find(name string) *node {
	n := m.root
	for part := range strings.SplitSeq(strings.Trim(filepath.ToSlash(name), "/"), "/") {
		if n == nil || part == "" {
			return n
		}
		n = n.names[part]
	}
	return n
}

func (m *memFS) parent(name string) (*node, error) {
	if p := m.find(filepath.Dir(name)); p != nil && p.dir {
		return p, nil
	}
	return nil, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
}

func (m *memFS) add(name string, n *node) error {
	p, err := m.parent(name)
	if err != nil {
		return err
	}
	if p.names[filepath.Base(name)] != nil {
		return &fs.PathError{Op: "add", Path: name, Err: fs.ErrExist}
	}
	p.names[filepath.Base(name)] = n
	return nil
}

func (m *memFS) Mkdir(name string) error {
	if err := m.call("mkdir"); err != nil {
		return err
	}
	if n := m.find(name); n != nil && n.dir {
		return nil
	}
	return m.add(name, newFolder())
}

func (m *memFS) Create(name string) (file, error) {
	if err := m.call("create"); err != nil {
		return nil, err
	}
	n := &node{at: m.now}
	if err := m.add(name, n); err != nil {
		return nil, err
	}
	m.open++
	return &memFile{fs: m, node: n, write: true}, nil
}

func (m *memFS) Open(name string) (file, error) {
	if err := m.call("open"); err != nil {
		return nil, err
	}
	n := m.find(name)
	if n == nil || n.dir {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	m.open++
	return &memFile{fs: m, node: n}, nil
}

func (m *memFS) Link(name, other string) error {
	if err := m.call("link"); err != nil {
		return err
	}
	n := m.find(name)
	if n == nil {
		return &fs.PathError{Op: "link", Path: name, Err: fs.ErrNotExist}
	}
	return m.add(other, n)
}

func (m *memFS) Remove(name string) error {
	if err := m.call("remove"); err != nil {
		return err
	}
	p, err := m.parent(name)
	if err != nil || p.names[filepath.Base(name)] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	delete(p.names, filepath.Base(name))
	return nil
}

func (m *memFS) Names(dir string) ([]string, error) {
	if err := m.call("names"); err != nil {
		return nil, err
	}
	n := m.find(dir)
	if n == nil {
		return nil, &fs.PathError{Op: "names", Path: dir, Err: fs.ErrNotExist}
	}
	var all []string
	for name := range n.names {
		all = append(all, name)
	}
	return all, nil
}

func (m *memFS) SyncDir(dir string) error {
	if err := m.call("sync dir"); err != nil {
		return err
	}
	n := m.find(dir)
	if n == nil {
		return &fs.PathError{Op: "sync", Path: dir, Err: fs.ErrNotExist}
	}
	n.safe = make(map[string]*node)
	for name, child := range n.names {
		n.safe[name] = child
	}
	return nil
}

// memFile is an open file.
type memFile struct {
	fs    *memFS
	node  *node
	write bool
	at    int
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.call("read"); err != nil {
		return 0, err
	}
	if off >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) Write(p []byte) (int, error) {
	n, err := f.WriteAt(p, int64(f.at))
	f.at += n
	return n, err
}

// WriteAt writes a part where it fails.
func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	err := f.fs.call("write")
	if err != nil {
		p = p[:len(p)/2]
	}
	if !f.write {
		return 0, fs.ErrPermission
	}
	data := slices.Clone(f.node.data) // what was synced stays
	if more := int(off) + len(p) - len(data); more > 0 {
		data = append(data, make([]byte, more)...)
	}
	copy(data[off:], p)
	f.node.data, f.node.at = data, f.fs.now
	return len(p), err
}

func (f *memFile) Sync() error {
	if err := f.fs.call("sync"); err != nil {
		return err
	}
	f.node.synced = f.node.data
	return nil
}

func (f *memFile) ModTime() (time.Time, error) { return f.node.at, f.fs.call("mod time") }
func (f *memFile) Close() error                { f.fs.open--; return nil }

// afterCut is a file system as a power cut may leave it. What was synced is there. What was not is there, or not, or in part, as
// random says; nil for a process that was killed, where all of it is.
func (m *memFS) afterCut(random *rand.Rand) *memFS {
	after := newMemFS()
	after.now = m.now.Add(time.Minute)
	after.root = m.root.afterCut(random, make(map[*node]*node))
	return after
}

func (n *node) afterCut(random *rand.Rand, done map[*node]*node) *node {
	if done[n] != nil {
		return done[n] // one file under two names
	}
	after := newFolder()
	done[n] = after
	after.dir, after.at = n.dir, n.at
	after.data = n.data
	if random != nil {
		switch random.IntN(3) {
		case 0:
			after.data = n.synced
		case 1:
			if len(n.data) > 0 && !slices.Equal(n.data, n.synced) {
				after.data = n.data[:random.IntN(len(n.data))]
			}
		}
	}
	after.synced = after.data
	for name, child := range n.names {
		if n.safe[name] == child || random == nil || random.IntN(2) == 0 {
			after.names[name] = child.afterCut(random, done)
		}
	}
	for name, child := range n.safe { // a name that was taken away comes back
		if n.names[name] == nil && random != nil && random.IntN(2) == 0 {
			after.names[name] = child.afterCut(random, done)
		}
	}
	for name, child := range after.names {
		after.safe[name] = child
	}
	return after
}
