package archive_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
	"github.com/payrules/payrules/ledger/archive/archivetest"
)

// place is a folder that nobody has used.
func place(t testing.TB) archivetest.Place {
	dir := filepath.Join(t.TempDir(), "archive")
	return archivetest.Place{
		Open: func() (ledger.Archiver, error) { return archive.Open(dir, nil) },
		Damage: func(s ledger.Segment) error {
			return rewrite(archive.Path(dir, s), func(b []byte) []byte { b[len(b)-100] ^= 0x10; return b })
		},
		Lose: func(s ledger.Segment) error { return os.Remove(archive.Path(dir, s)) },
		Size: func() (int64, error) { return size(dir) },
	}
}

func TestLaws(t *testing.T) { archivetest.Run(t, place) }

func BenchmarkFolder(b *testing.B) { archivetest.Bench(b, place) }

// rewrite changes a file in place.
func rewrite(name string, change func(b []byte) []byte) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := os.Remove(name); err != nil { // it is read-only
		return err
	}
	return os.WriteFile(name, change(b), 0o600)
}

// size is how many bytes the files of a folder have.
func size(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}
