package archive_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
	"github.com/payrules/payrules/money"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/segment.golden"

// TestGolden: the bytes on disk are a contract. Files that were written once must stay readable, so the golden one is read as well;
// how well gzip does may change from one release of Go to another.
func TestGolden(t *testing.T) {
	dir, f, segments := bank(t, "savings-7", 1)
	if *update {
		b, err := os.ReadFile(archive.Path(dir, segments[0]))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	var got []byte
	if err := rewrite(archive.Path(dir, segments[0]), func(b []byte) []byte { got = b; return want }); err != nil {
		t.Fatal(err)
	}
	header := func(b []byte) string { return strings.Join(strings.SplitAfterN(string(b), "\n", 5)[:4], "") }
	if diff := cmp.Diff(header(want), header(got)); diff != "" {
		t.Errorf("the header has changed (-want +got):\n%s", diff)
	}
	all, err := read(f, segments[0])
	if diff := cmp.Diff(records("savings-7", 1, 5), all); diff != "" || err != nil {
		t.Errorf("the golden file: %v\n%s", err, diff)
	}
}

// TestEveryField: a field that is added to Segment or Record is kept, or this test says so.
func TestEveryField(t *testing.T) {
	all := records("savings-7", 1, 2)
	s := segmentOf("savings-7", all)
	s.Entries, s.Opening, s.Closing = 2, money.New(-5, money.EUR), money.New(7, money.EUR)
	s.FirstValue, s.LastValue = civil.MustParseDate("2026-01-01"), civil.MustParseDate("2026-01-02")
	s.FirstBooked, s.LastBooked = civil.MustParseDate("2026-01-03"), civil.MustParseDate("2026-01-04")
	s.Through = civil.MustParseDate("2026-01-05")
	s.Sum = ledger.Sum{1}
	for _, v := range []reflect.Value{reflect.ValueOf(s), reflect.ValueOf(all[0]), reflect.ValueOf(all[0].Event)} {
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "_" && v.Field(i).IsZero() {
				t.Fatalf("this test leaves %s.%s zero", v.Type(), name)
			}
		}
	}
	dir, f, _ := bank(t, "other", 0)
	put, err := f.Put(t.Context(), s, each(all))
	if err != nil {
		t.Fatal(err)
	}
	f, err = archive.Open(dir, &archive.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := list(f, "savings-7")
	if s.Sum = put.Sum; err != nil || len(got) != 1 || got[0] != s {
		t.Errorf("segments: got %+v, %v, want %+v", got, err, s)
	}
	back, err := read(f, put)
	if diff := cmp.Diff(all, back); diff != "" || err != nil {
		t.Errorf("records: %v\n%s", err, diff)
	}
}

// TestOpen is what may stand in a folder, and what becomes of it.
func TestOpen(t *testing.T) {
	for _, row := range []struct {
		story   string
		make    func(dir string) error
		options *archive.Options
		want    string // in the error; "" for none
		is      error
	}{
		{"nothing there", func(string) error { return nil }, nil, "", nil},
		{"an empty folder", func(dir string) error { return os.Mkdir(dir, 0o700) }, nil, "", nil},
		{"a volume", func(dir string) error { return os.MkdirAll(filepath.Join(dir, "lost+found"), 0o700) }, nil, "", nil},
		{"nothing, but it must exist", func(string) error { return nil }, &archive.Options{MustExist: true}, "", fs.ErrNotExist},
		{"a volume that is not mounted", func(dir string) error { return os.Mkdir(dir, 0o700) }, &archive.Options{MustExist: true}, "", fs.ErrNotExist},
		{"nothing, to be read", func(string) error { return nil }, &archive.Options{ReadOnly: true}, "", fs.ErrNotExist},
		{"a folder around it that is not there", func(dir string) error { return os.Remove(filepath.Dir(dir)) }, nil, "", fs.ErrNotExist},
		{"something else", func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "letter"), nil, 0o600))
		}, nil, "it holds letter", nil},
		{"a file", func(dir string) error { return os.WriteFile(dir, nil, 0o600) }, nil, "archive: open", nil},
		{"a newer format", func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "payrules-archive"), []byte("payrules ledger archive 2\n"), 0o600))
		}, nil, "another format", nil},
		{"a mark with more behind it", func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "payrules-archive"), []byte("payrules ledger archive 1\n\n"), 0o600))
		}, nil, "another format", nil},
	} {
		dir := filepath.Join(t.TempDir(), "around", "archive")
		if err := errors.Join(os.Mkdir(filepath.Dir(dir), 0o700), row.make(dir)); err != nil {
			t.Fatal(err)
		}
		before := tree(t, filepath.Dir(dir))
		f, err := archive.Open(dir, row.options)
		if row.want == "" && row.is == nil {
			if err != nil {
				t.Errorf("%s: got %v", row.story, err)
				continue
			}
			add(t, f, "a", 1)
			if _, err := archive.Open(dir, &archive.Options{MustExist: true}); err != nil {
				t.Errorf("%s: opened again: %v", row.story, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), row.want) || row.is != nil && !errors.Is(err, row.is) {
			t.Errorf("%s: got %v, want %v %q", row.story, err, row.is, row.want)
		}
		if after := tree(t, filepath.Dir(dir)); f != nil || after != before {
			t.Errorf("%s: refused, and yet there is %s", row.story, after)
		}
	}
}

// tree is the names below a folder, in a line each.
func tree(t *testing.T, dir string) string {
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, strings.TrimPrefix(path, dir))
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, "\n")
}

// TestCopied: a copy elsewhere that nobody may write to is read, and refuses to be put into.
func TestCopied(t *testing.T) {
	dir, _, segments := bank(t, "savings-7", 3)
	moved := filepath.Join(t.TempDir(), "backup of \"today\"")
	if err := os.CopyFS(moved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	mode := func(dirs, files fs.FileMode) {
		_ = filepath.WalkDir(moved, func(path string, d fs.DirEntry, err error) error {
			if d.IsDir() {
				return errors.Join(err, os.Chmod(path, dirs))
			}
			return errors.Join(err, os.Chmod(path, files))
		})
	}
	mode(0o500, 0o400)
	defer mode(0o700, 0o600)
	before := tree(t, moved)
	for _, options := range []*archive.Options{nil, {MustExist: true}, {ReadOnly: true}} {
		f, err := archive.Open(moved, options)
		if err != nil {
			t.Fatal(err)
		}
		got, err := list(f, "savings-7")
		if err != nil || !slices.Equal(got, segments) {
			t.Errorf("got %v, %v", got, err)
		}
		all, err := read(f, segments[1])
		if diff := cmp.Diff(records("savings-7", 6, 5), all); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if options == nil || !options.ReadOnly {
			continue
		}
		next := records("savings-7", 16, 5)
		for _, all := range [][]event.Record{next, all} {
			if _, err := f.Put(t.Context(), segmentOf("savings-7", all), each(all)); err == nil || errors.Is(err, ledger.ErrInvalid) {
				t.Errorf("put into what is read-only: got %v", err)
			}
		}
	}
	if after := tree(t, moved); after != before {
		t.Errorf("something was written:\n%s", after)
	}
}

// TestNames: folders are plain, short and each account's own, whatever the account is called.
func TestNames(t *testing.T) {
	folded := make(map[string]string) // as a file system that takes A for a sees them
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.OneOf(rapid.StringN(1, 80, 255), rapid.StringMatching(`[aA./\\:~%]{1,20}`), rapid.StringMatching(`[aAbB]{200,255}`)).Draw(t, "account")
		if event.ValidateKey(account) != nil {
			t.Skip("no account")
		}
		folder := archive.FolderOf(account)
		parts := strings.Split(filepath.ToSlash(folder), "/")
		if len(parts) != 3 || !filepath.IsLocal(folder) {
			t.Fatalf("%q: %q", account, folder)
		}
		for _, part := range parts {
			if len(part) < 2 || len(part) > 110 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
				t.Fatalf("%q: folder %q", account, part)
			}
		}
		key := strings.ToLower(filepath.Base(folder))
		if other, ok := folded[key]; ok && other != account {
			t.Fatalf("%q and %q share %q", account, other, folder)
		}
		folded[key] = account
	})
	alike := make(map[string]string) // four characters that are two in a folder's name
	for n := range 1 << 12 {
		account := ""
		for i := range 6 {
			account += string("aA/."[n>>(2*i)&3])
		}
		base := filepath.Base(archive.FolderOf(account))
		if other, ok := alike[base]; ok {
			t.Fatalf("%q and %q share %q", account, other, base)
		}
		alike[base] = account
	}
	if got := archive.FolderOf("Bob's/../Savings é"); !strings.Contains(got, "bob_s____savings__-") {
		t.Errorf("got %q: want the beginning to be readable", got)
	}
}

// TestStrangers: what else is in the folders, files of a desktop or of a crash, is passed over.
func TestStrangers(t *testing.T) {
	dir, f, segments := bank(t, "savings-7", 2)
	account := filepath.Dir(archive.Path(dir, segments[0]))
	for _, name := range []string{
		"/.DS_Store", "/README", "/zz/x", "/3f/.DS_Store",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(dir+name), 0o700), os.WriteFile(dir+name, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"Thumbs.db", "1.segment", "00000000000000000099.segment.bak", "00000000000000000011.segmen", "+0000000000000000011.segment", "99999999999999999999.segment"} {
		if err := os.WriteFile(filepath.Join(account, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := list(f, "savings-7"); err != nil || !slices.Equal(got, segments) {
		t.Errorf("segments: got %v, %v", got, err)
	}
	if got, err := accounts(f, 100); err != nil || !slices.Equal(got, []string{"savings-7"}) {
		t.Errorf("accounts: got %q, %v", got, err)
	}
	all := records("savings-7", 11, 5)
	if _, err := f.Put(t.Context(), segmentOf("savings-7", all), each(all)); err != nil {
		t.Errorf("put: %v", err)
	}
}

func accounts(f *archive.Folder, most int) (all []string, err error) {
	for a, err := range f.Accounts(context.Background()) {
		if err != nil {
			return all, err
		}
		if all = append(all, a); len(all) == most {
			break
		}
	}
	return all, nil
}

// TestAccounts: all of them, once each; a folder that is not that of its account is damage.
func TestAccounts(t *testing.T) {
	dir, f, _ := bank(t, "0", 0)
	if got, err := accounts(f, 1); err != nil || len(got) != 0 {
		t.Errorf("of an empty archive: got %q, %v", got, err)
	}
	var want []string
	for i := range 40 {
		want = append(want, fmt.Sprint("account ", i))
		add(t, f, want[i], 1+i%2)
	}
	got, err := accounts(f, 100)
	if slices.Sort(got); err != nil || !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := accounts(f, 3); err != nil || len(got) != 3 {
		t.Errorf("stopped at three: got %q, %v", got, err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for a, err := range f.Accounts(canceled) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that is done: %q, %v", a, err)
		}
	}
	from, to := archive.FolderOf(want[0]), archive.FolderOf(want[1])
	if err := errors.Join(os.RemoveAll(filepath.Join(dir, to)), os.Rename(filepath.Join(dir, from), filepath.Join(dir, to))); err != nil {
		t.Fatal(err)
	}
	_, err = accounts(f, 100)
	wantCorrupt(t, "a folder under another's name", err, filepath.Join(dir, to))
}

// TestMemory: what reading and putting allocate does not grow with the segment, but for the records themselves.
func TestMemory(t *testing.T) {
	_, f, _ := bank(t, "a", 0)
	const n = 5_000
	many := func(yield func(event.Record, error) bool) {
		for v := range event.Version(n) {
			r := records("a", v+1, 1)[0]
			r.Data = make([]byte, 2000)
			if !yield(r, nil) {
				return
			}
		}
	}
	var peak uint64
	watch := func(i int) {
		if i%500 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	watch(0)
	base := peak
	all := records("a", 1, 1)
	s := segmentOf("a", all)
	s.Last, s.LastAt = n, 100*n
	s, err := f.Put(t.Context(), s, func(yield func(event.Record, error) bool) {
		i := 0
		for r, err := range many {
			watch(i)
			if i++; !yield(r, err) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, err := range f.Records(t.Context(), s) {
		if err != nil {
			t.Fatal(err)
		}
		watch(i)
		i++
	}
	if i != n || peak-base > 4<<20 {
		t.Errorf("%d records of 10 MB in all: %d bytes at the most", i, peak-base)
	}
}
