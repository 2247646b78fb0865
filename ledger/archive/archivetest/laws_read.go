package archivetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// byteForByte: what comes out is what went in, however odd.
func byteForByte(e *env) error {
	p := pieces("a", 40)[0]
	long := strings.Repeat("k", event.MaxName)
	for i, data := range []string{
		`{}`, ` { "a" : 1 } `, "{\n\t\"a\": 1\r\n}\n", "null", "\n", " ", "\x00", "not JSON \xff\xfe", `{"a":1,"a":2}`, "{\"é\":\"\u2028 <&> \\u003c\"}",
		"1 2 3 4 account x.v1 - - \n", strings.Repeat(`{"x":`, 100), strings.Repeat("x", event.MaxData),
	} {
		p.records[i].Data = []byte(data)
	}
	random := make([]byte, event.MaxData) // what no compression makes smaller
	rng := draw(1)
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	p.records[20].Data = random
	p.records[21].Key, p.records[21].Digest = "k with  spaces é <&> \"'\\ 日本", sha256.Sum256(nil)
	p.records[22].Key, p.records[22].Digest = long, [32]byte{31: 1}
	p.records[23].Key, p.records[23].Digest = " ", [32]byte{}
	p.records[24].Key, p.records[24].Digest = "-", [32]byte{0: 1}
	p.records[25].Key, p.records[25].Digest = "", [32]byte{1, 2, 3} // a digest without its key
	p.records[26].Type = "a.b_c.d9.v" + strings.Repeat("9", event.MaxType-10)
	p.records[27].TraceParent = "ff-" + strings.Repeat("f", 32) + "-" + strings.Repeat("0", 16) + "-00"
	p.records[28].At, p.records[29].At = p.records[27].At, p.records[27].At // the same instant
	p.records[38].Position = 1<<64 - 2
	p.records[39].Position, p.LastAt = 1<<64-1, 1<<64-1
	p.records[39].At = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	p.records[0].At = time.Date(1, 1, 1, 0, 0, 0, 1_000, time.UTC)
	first := []piece{p}
	if err := putAll(e.ctx, e.a, first); err != nil {
		return err
	}
	if err := holds(e.ctx, e.a, "a", first); err != nil {
		return err
	}
	b := pieces("b", 3)
	for i := range b[0].records {
		b[0].records[i].Stream = "any-kind.of_9/b"
	}
	b[0].Entries, b[0].FirstValue, b[0].LastValue, b[0].FirstBooked, b[0].LastBooked = 0, 0, 0, 0, 0
	b[0].Opening = money.New(-1<<63, money.CLF)
	b[0].Closing = b[0].Opening
	if err := putAll(e.ctx, e.a, b); err != nil {
		return err
	}
	return holds(e.ctx, e.a, "b", b)
}

// openedAgain: what was put is there for whoever opens the place again, and goes on there.
func openedAgain(e *env) error {
	all := pieces("a", 5, 6, 7)
	for i := range all {
		if err := putAll(e.ctx, e.a, all[i:i+1]); err != nil {
			return err
		}
		var err error
		if e.a, err = e.open(); err != nil {
			return err
		}
		if err := holds(e.ctx, e.a, "a", all[:i+1]); err != nil {
			return fmt.Errorf("opened again: %w", err)
		}
		if _, err := put(e.ctx, e.a, all[i]); err != nil {
			return fmt.Errorf("opened again: the same: %w", err)
		}
	}
	for _, a := range e.opened {
		if err := holds(e.ctx, a, "a", all); err != nil {
			return fmt.Errorf("opened before: %w", err)
		}
	}
	return nil
}

// accounts are names that a file system, a URL or a careless key takes for each other, or for something else.
var accounts = [...]string{
	"a", "A", "a ", " a", "a.", ".a", ".", "..", "../a", "a/b", "a/", "/a", "//", "a\\b", "C:\\a", "a:b", "con", "CON", "nul",
	"aux.txt", "a*", "a?", "a|b", "a%2Fb", "a%",
	"é", "e\u0301", "É", "ß", "ss", "ı", "i", "İ", "日本", "😀", "a_b", "a-b", "-a", "~",
	"$HOME", "`id`", "'", "\"", "<a>", "&", "#", "a;b", "tmp", "0", "00", "1", "a@1", "a\u00a0b", "\u200b", "\u202e",
}

// accountsApart: every account has segments of its own.
func accountsApart(e *env) error {
	names := append(accounts[:],
		strings.Repeat("x", 240), strings.Repeat("x", 239)+"y", strings.Repeat("X", 240), strings.Repeat("é", 120),
		strings.Repeat("../", 80), strings.Repeat("<", 240))
	kept := make(map[string][]piece)
	for i, name := range names {
		if err := holds(e.ctx, e.a, name, nil); err != nil {
			return fmt.Errorf("account %.40q, before it was put: %w", name, err)
		}
		kept[name] = pieces(name, 1+i%3, 2)
		if err := putAll(e.ctx, e.a, kept[name]); err != nil {
			return fmt.Errorf("account %.40q: %w", name, err)
		}
	}
	for _, name := range names {
		if err := holds(e.ctx, e.a, name, kept[name]); err != nil {
			return fmt.Errorf("account %.40q: %w", name, err)
		}
	}
	return nil
}

// stoppedEarly: an iterator that is stopped lets go of all that it has, and others are not in its way.
func stoppedEarly(e *env) error {
	all := pieces("a", 50, 50, 50)
	if err := putAll(e.ctx, e.a, all[:2]); err != nil {
		return err
	}
	stop := func() error {
		if err := stopAt(e.a.Segments(e.ctx, "a"), 1); err != nil {
			return fmt.Errorf("segments: %w", err)
		}
		for _, n := range []int{1, 25} {
			if err := stopAt(e.a.Records(e.ctx, all[1].Segment), n); err != nil {
				return fmt.Errorf("records: %w", err)
			}
		}
		return nil
	}
	if err := stop(); err != nil { // once before it counts, since the first may make what stays
		return err
	}
	goroutines, files := runtime.NumGoroutine(), openFiles()
	const times = 200
	for range times {
		if err := stop(); err != nil {
			return err
		}
	}
	for wait := time.Millisecond; runtime.NumGoroutine() >= goroutines+times/2 && wait < 5*time.Second; wait *= 2 {
		time.Sleep(wait)
	}
	if now := runtime.NumGoroutine(); now >= goroutines+times/2 {
		return fmt.Errorf("%d iterators that were stopped left %d goroutines", 3*times, now-goroutines)
	}
	if now := openFiles(); now >= files+times/2 {
		return fmt.Errorf("%d iterators that were stopped left %d files open", 3*times, now-files)
	}
	if err := putInside(e, all); err != nil {
		return fmt.Errorf("put while iterators are under way: %w", err)
	}
	return holds(e.ctx, e.a, "a", all)
}

// putInside puts the last piece while iterators are under way.
func putInside(e *env, all []piece) error {
	for s, err := range e.a.Segments(e.ctx, "a") {
		if err != nil {
			return err
		}
		for _, err := range e.a.Records(e.ctx, s) {
			if err != nil {
				return err
			}
			return putAll(e.ctx, e.a, all[2:])
		}
	}
	return errors.New("nothing to iterate over")
}

// stopAt stops seq at its nth value.
func stopAt[T any](seq iter.Seq2[T, error], n int) error {
	seen := 0
	for _, err := range seq {
		if err != nil {
			return err
		}
		if seen++; seen == n {
			return nil
		}
	}
	return fmt.Errorf("got %d values, want %d or more", seen, n)
}

// openFiles is how many files the process has open, 0 where that cannot be told.
func openFiles() int {
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(names)
}

// wantCorrupt reads records, and returns an error if that does not end in ErrCorrupt.
func wantCorrupt(e *env, s ledger.Segment, what string) error {
	got, err := collect(e.a.Records(e.ctx, s), int(s.Last))
	if !errors.Is(err, ledger.ErrCorrupt) {
		return fmt.Errorf("%s: got %d records, error %v, want one that wraps ledger.ErrCorrupt", what, len(got), err)
	}
	return nil
}

// notWhatWasPut: a segment that is not the one that is kept has no records.
func notWhatWasPut(e *env) error {
	all := pieces("a", 5, 5)
	if err := putAll(e.ctx, e.a, all); err != nil {
		return err
	}
	for _, c := range []struct {
		what   string
		change func(s *ledger.Segment)
	}{
		{"another sum", func(s *ledger.Segment) { s.Sum[0]++ }},
		{"no sum", func(s *ledger.Segment) { s.Sum = ledger.Sum{} }},
		{"the sum of the other one", func(s *ledger.Segment) { s.Sum = all[1].Sum }},
		{"another end", func(s *ledger.Segment) { s.Last++ }},
		{"another start", func(s *ledger.Segment) { s.First++ }},
		{"another account", func(s *ledger.Segment) { s.Account = "b" }},
	} {
		s := all[0].Segment
		c.change(&s)
		if err := wantCorrupt(e, s, c.what); err != nil {
			return err
		}
	}
	return holds(e.ctx, e.a, "a", all)
}

// damaged: records that were altered do not pass for what was put, and Put does not call them done. The other segments are as
// they were.
func damaged(e *env) error {
	if e.place.Damage == nil {
		return leftOut("the place has no Damage")
	}
	all := pieces("a", 50, 50, 50)
	if err := putAll(e.ctx, e.a, all); err != nil {
		return err
	}
	if err := e.place.Damage(all[1].Segment); err != nil {
		return fmt.Errorf("damage: %w", err)
	}
	if err := wantCorrupt(e, all[1].Segment, "damaged records"); err != nil {
		return err
	}
	if _, err := e.a.Put(e.ctx, all[1].Segment, all[1].seq()); err == nil { // whoever is told so drops the records
		if err := reads(e.ctx, e.a, all[1]); err != nil {
			return fmt.Errorf("put of a damaged segment is called done, but %w", err)
		}
	}
	return errors.Join(reads(e.ctx, e.a, all[0]), reads(e.ctx, e.a, all[2]))
}

// lost: a segment that is gone is missed as long as there is one behind it.
func lost(e *env) error {
	if e.place.Lose == nil {
		return leftOut("the place has no Lose")
	}
	for gone := range 2 {
		account := fmt.Sprint("a", gone)
		all := pieces(account, 5, 5, 5)
		if err := putAll(e.ctx, e.a, all); err != nil {
			return err
		}
		if err := e.place.Lose(all[gone].Segment); err != nil {
			return fmt.Errorf("lose: %w", err)
		}
		if got, err := collect(e.a.Segments(e.ctx, account), 3); !errors.Is(err, ledger.ErrCorrupt) {
			return fmt.Errorf("segments without the %dth: got %d, error %v, want one that wraps ledger.ErrCorrupt", gone+1, len(got), err)
		}
		if err := wantCorrupt(e, all[gone].Segment, "lost records"); err != nil {
			return err
		}
	}
	return nil
}
