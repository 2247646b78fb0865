package pebble_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/pebble"
)

// TestMain lets the test binary be a process of its own: childDir names the journal, childTask what to do.
func TestMain(m *testing.M) {
	switch os.Getenv(childTask) {
	case "hold":
		holdChild(os.Getenv(childDir))
	case "append":
		appendChild(os.Getenv(childDir))
	default:
		os.Exit(m.Run())
	}
}

const (
	childTask = "PAYRULES_PEBBLE_CHILD"
	childDir  = "PAYRULES_PEBBLE_DIR"
)

// child starts this binary with a task, and gives what it prints.
func child(t *testing.T, task, dir string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childTask+"="+task, childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, bufio.NewReader(out)
}

func holdChild(dir string) {
	if _, err := pebble.Open(dir, nil); err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString("open\n")
	select {}
}

// TestInUse: one journal a directory, whatever name it goes by, and whichever process asks.
func TestInUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "journal")
	j, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(dir))
	refused := func(name string) {
		t.Helper()
		again, err := pebble.Open(name, nil)
		if !errors.Is(err, storage.ErrInUse) || !strings.Contains(err.Error(), dir) {
			t.Errorf("open %s: got %v, %v, want ErrInUse and the directory", name, again, err)
		}
	}
	refused(dir)
	refused(dir + "/../journal/")
	refused("journal")
	refused(link)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	cmd, out := child(t, "hold", dir)
	if line, err := out.ReadString('\n'); line != "open\n" {
		t.Fatalf("the other process: %q, %v", line, err)
	}
	refused(dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if j, err = pebble.Open(link, nil); err != nil {
		t.Fatalf("after the other process ended: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpenRefuses: what is no journal of ours, or cannot be one, is left as it is.
func TestOpenRefuses(t *testing.T) {
	file := func(name, content string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, string)
		options *pebble.Options
		want    string
	}{
		{"somebody's files", file("ledger.xlsx", "x"), nil, "it holds ledger.xlsx but no payrules.journal"},
		{"another database", file("MANIFEST-000001", "x"), nil, "it holds MANIFEST-000001 but no payrules.journal"},
		{"an empty mark", file("payrules.journal", ""), nil, "neither of its two slots is whole"},
		{"no mark at all", file("payrules.journal", strings.Repeat("payrules", 2000)), nil, "neither of its two slots is whole"},
		{"a cache of less than nothing", nil, &pebble.Options{CacheBytes: -1}, "CacheBytes"},
		{"streams less than none", nil, &pebble.Options{CachedStreams: -1}, "CachedStreams"},
		{"tiny tables", nil, &pebble.Options{MemTableBytes: 1000}, "MemTableBytes is 1000"},
		{"huge tables", nil, &pebble.Options{MemTableBytes: 1 << 31}, "MemTableBytes is 2147483648"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			dir := t.TempDir()
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			j, err := pebble.Open(dir, c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, %v, want %q", j, err, c.want)
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) > 2 { // the file, and the lock's
				t.Errorf("left %v, %v", entries, err)
			}
		})
	}
	t.Run("a file", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if j, err := pebble.Open(name, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, %v", j, err)
		}
	})
}

// TestOpenWhereAnOpenWasCutShort: a crash while the journal was made leaves an empty one.
func TestOpenWhereAnOpenWasCutShort(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"LOCK", "payrules.journal.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	j, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if head, err := j.Head(context.Background()); head != 0 || err != nil {
		t.Errorf("got %d, %v", head, err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}
