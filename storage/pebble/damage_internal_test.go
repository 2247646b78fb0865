package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/internal/campaign"
)

// law says what a damaged journal may do: give everything that was acknowledged, or an error with a name in
// it. Never less without a word, and never a panic.
func (f files) law(t testing.TB, want []string, chain bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	disk := f.disk(t)
	options := small(disk)
	options.Chain = chain
	j, err := Open("journal", options)
	if err != nil {
		for name, content := range readFiles(t, disk, "journal") {
			if was, ok := f[name]; name != "LOCK" && (!ok || !bytes.Equal(content, was)) {
				return fmt.Errorf("%s is not as it was before the open that failed with: %w", name, err)
			}
		}
		return named(err)
	}
	got, err := keysOf(j)
	if closeErr := j.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("close: %w", closeErr)
	}
	if err != nil {
		return named(err)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("got %d keys and no error, want %d", len(got), len(want))
	}
	return nil
}

// named accepts an error that an operator can do something with.
func named(err error) error {
	if strings.Contains(err.Error(), "wrong:") || !strings.Contains(err.Error(), "journal") {
		return err
	}
	return nil
}

// places are journals in different states, with the keys that were acknowledged. Flushed is how many of them
// stand in tables, out of the write-ahead log.
func place(t testing.TB, n, size, flushed int, crash, chain bool) (files, []string) {
	t.Helper()
	fs := vfs.NewCrashableMem()
	options := small(fs)
	options.Chain = chain
	j, err := Open("journal", options)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf("key-%04d", i))
		if _, err := j.Append(ctx, pair(keys[i], 0, size)); err != nil {
			t.Fatal(err)
		}
		if i+1 == flushed {
			if err := j.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	left := readFiles(t, fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))}), "journal") // the process died, not the machine
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if !crash {
		left = readFiles(t, fs, "journal")
	}
	return left, keys
}

// TestDamage flips bytes of every file, cuts it, and leaves it out.
func TestDamage(t *testing.T) {
	for _, c := range []struct {
		name             string
		n, size, flushed int
		crash, chain     bool
	}{
		{"closed", 40, 100, 0, false, false},
		{"crashed", 40, 100, 0, true, false},
		{"crashed, of several blocks", 30, 5_000, 0, true, false},
		{"closed, half in tables", 40, 100, 20, false, false},
		{"crashed, half in tables", 40, 100, 20, true, false},
		{"crashed, all in tables", 40, 100, 40, true, false},
		{"crashed, of several blocks, chained", 30, 5_000, 0, true, true},
		{"crashed, half in tables, chained", 40, 100, 20, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			left, keys := place(t, c.n, c.size, c.flushed, c.crash, c.chain)
			if err := left.law(t, keys, c.chain); err != nil {
				t.Fatalf("undamaged: %v", err)
			}
			for _, file := range left.names() {
				content := left[file]
				if err := left.with(file, nil).law(t, keys, c.chain); err != nil {
					t.Errorf("without %s: %v", file, err)
				}
				steps := campaign.Size(12, 150)
				if coarse && !campaign.Long() {
					steps = 2
				}
				for at := 0; at < len(content); at += 1 + len(content)/steps {
					flipped := bytes.Clone(content)
					flipped[at] ^= 1 << (at % 8)
					if err := left.with(file, flipped).law(t, keys, c.chain); err != nil {
						t.Errorf("byte %d of %s, %d long, flipped: %v", at, file, len(content), err)
					}
					if at%3 != 0 && !campaign.Long() {
						continue
					}
					if err := left.with(file, content[:at:at]).law(t, keys, c.chain); err != nil {
						t.Errorf("%s cut to %d of %d: %v", file, at, len(content), err)
					}
				}
			}
		})
	}
}

// TestTornTail: what was written after the last sync may be there in part, and nobody was told of it.
func TestTornTail(t *testing.T) {
	fs := vfs.NewMem()
	j := mustOpen(t, fs)
	keys := fill(t, j, 20, 100)
	before := readFiles(t, fs, "journal")
	if _, err := j.Append(ctx, pair("unheard", 0, 3000)); err != nil {
		t.Fatal(err)
	}
	after := readFiles(t, fs, "journal")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	log := ""
	for _, name := range after.names() {
		if strings.HasSuffix(name, ".log") && !bytes.Equal(before[name], after[name]) {
			log = name
		}
	}
	if log == "" {
		t.Fatal("found no log that grew")
	}
	for end := len(before[log]); end < len(after[log]); end += 97 {
		torn := before.with(log, after[log][:end:end])
		j := mustOpen(t, torn.disk(t))
		got, err := keysOf(j)
		if err := errors.Join(err, j.Close()); err != nil || !slices.Equal(got, keys) {
			t.Errorf("cut to %d: got %d keys, %v, want %d", end, len(got), err, len(keys))
		}
	}
}
