package journaltest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// keys: key and digest of a batch come back with its first record, whatever is in them; and the journal
// does not mind that a key is there already, since the engine sees to that.
func keys(e *env) error {
	m := &model{}
	for i, key := range oddNames() {
		b := batch(key, write("t/a", storage.Version(2*i), 2), write(fmt.Sprint("t/b", i), 0, 1))
		if i == 0 {
			b.Digest = [32]byte{} // a digest like any other
		}
		if err := e.append(m, b); err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
	}
	twice := batch("a", write("t/c", 0, 2))
	return e.run(m, call{twice, batch("a", write("t/c", 2, 1))})
}

// oddNames are ids and keys of which every two are different, and that a store may take for something else.
func oddNames() []string {
	return []string{
		"a", "A", "aa", "a1", "a2", "a10", "a/", "/a", "a//", "a/b", "a/b/c", "a@1", "a ", " a", "a.", "..", "-", "_", "%", "a%", "a_",
		`'`, `"`, `\`, `a\b`, "'; drop table records; --", "NULL", "null", "0", "00", "\u00e9", "e\u0301", "ß", "ss", "\u200b",
		"日本語", "😀", "\U0010ffff", "\ufffd", "\ufeff", strings.Repeat("x", 200), strings.Repeat("x", 201), strings.Repeat("é", 100),
	}
}

// bytesAsGiven: data comes back byte by byte as it was given, and so do type and trace parent.
func bytesAsGiven(e *env) error {
	m := &model{}
	w := write("t/a", 0, 0)
	for _, data := range []string{
		`{}`, `{"b":1,"a":2}`, `{"a":1,"a":2}`, "{ \"a\" :\n\t1 }\n", `{"a":"\u0000\u00e9é"}`, `{"n":1.10,"m":1e2,"big":123456789012345678901234567890}`,
		`"text"`, `null`, `0`, `[1,2,3]`, " ", "{\"raw\":\"\u2028\U0010ffff\"}", strings.Repeat(" ", 4096) + "{}",
	} {
		w.Events = append(w.Events, event.Event{Type: "test.bytes.v1", Data: []byte(data)})
	}
	w.Events = append(w.Events,
		event.Event{Type: "a.v1", Data: []byte(`{}`), TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		event.Event{Type: strings.Repeat("a", event.MaxType-len(".v12")) + ".v12", Data: []byte(`{}`)},
		event.Event{Type: "test.a_b2.c.v123", Data: []byte(`{}`), TraceParent: "ff-00000000000000000000000000000000-0000000000000000-00"},
	)
	return e.run(m, call{batch("k", w)})
}

// keepsNoSlices: what the caller does to its slices after the call, or to the receipts, changes nothing that
// is stored, and a later call changes none of the receipts.
func keepsNoSlices(e *env) error {
	m := &model{}
	mine := call{batch("1", write("t/a", 0, 2), write("t/b", 0, 1)), batch("2", write("t/a", 9, 1))}
	verdicts := m.append(mine)
	receipts, err := e.j.Append(e.ctx, mine...)
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	for i := range mine {
		mine[i].Key = "changed"
		for k := range mine[i].Writes {
			mine[i].Writes[k].Stream = "changed/1"
			for n := range mine[i].Writes[k].Events {
				copy(mine[i].Writes[k].Events[n].Data, "XXXXXXXX")
				mine[i].Writes[k].Events[n] = event.Event{Type: "changed.v1", Data: []byte("{}")}
			}
		}
		mine[i].Writes[0] = storage.Write{}
	}
	if err := e.run(m, call{batch("3", write("t/c", 0, 1))}, call{batch("4", write("t/c", 1, 5)), batch("5", write("t/c", 0, 1))}); err != nil {
		return err
	}
	if len(receipts) != len(verdicts) {
		return fmt.Errorf("append of %d batches: got %d receipts", len(verdicts), len(receipts))
	}
	for i := range receipts {
		if err := verdicts[i].matches(receipts[i]); err != nil {
			return fmt.Errorf("receipt %d of the first call, after later calls: %w", i+1, err)
		}
		receipts[i] = storage.Receipt{First: 99, Last: 99}
	}
	return m.verify(e.ctx, e.j)
}

// invalidBatches: what breaks a form or a bound is refused in its receipt, and its neighbours are stored.
func invalidBatches(e *env) error {
	m := &model{}
	with := func(change func(*storage.Batch)) storage.Batch {
		b := batch("key", write("bad/1", 0, 1), write("bad/2", 0, 1))
		change(&b)
		return b
	}
	bad := call{
		with(func(b *storage.Batch) { b.Writes = nil }),
		with(func(b *storage.Batch) { b.Key = "" }),
		with(func(b *storage.Batch) { b.Key = "\x00" }),
		with(func(b *storage.Batch) { b.Key = "\xff" }),
		with(func(b *storage.Batch) { b.Key = strings.Repeat("k", event.MaxName+1) }),
		with(func(b *storage.Batch) { b.Writes[0].Expect = storage.Any }),
		with(func(b *storage.Batch) { b.Writes[0].Events = nil }),
		with(func(b *storage.Batch) { b.Writes[1] = storage.Write{Stream: "bad/2", Expect: storage.Any} }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "bad/1" }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "" }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "bad" }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "bad/" }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "/2" }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "Bad/2" }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "bad/\n" }),
		with(func(b *storage.Batch) { b.Writes[1].Stream = "bad/" + strings.Repeat("x", event.MaxName) }),
		with(func(b *storage.Batch) { b.Writes[1].Events[0].Type = "" }),
		with(func(b *storage.Batch) { b.Writes[1].Events[0].Type = "no.version" }),
		with(func(b *storage.Batch) { b.Writes[1].Events[0].Data = nil }),
		with(func(b *storage.Batch) { b.Writes[1].Events[0].Data = make([]byte, event.MaxData+1) }),
		with(func(b *storage.Batch) { b.Writes[1].Events[0].TraceParent = "00-1-2-3" }),
	}
	for i, b := range bad {
		good := fmt.Sprint("good/", i)
		if err := e.append(m, batch("before", write(good, 0, 1)), b, batch("after", write(good, 1, 1))); err != nil {
			return fmt.Errorf("invalid batch %d: %w", i, err)
		}
	}
	return m.verify(e.ctx, e.j)
}

// bounds: what is just allowed is stored; one more is refused.
func bounds(e *env) error {
	m := &model{}
	large := func(stream string, n int) storage.Write {
		w := write(stream, 0, n)
		for i := range w.Events {
			w.Events[i].Data = []byte(`"` + strings.Repeat(string(rune('a'+i)), event.MaxData-2) + `"`)
		}
		return w
	}
	over := large("large/2", storage.MaxBatchBytes/event.MaxData)
	over.Events = append(over.Events, event.Event{Type: "one.more.v1", Data: []byte("1")})
	wide := []storage.Write{write("wide/home", 0, 1)}
	for i := range storage.MaxWrites {
		wide = append(wide, write(fmt.Sprint("wide/", i), 0, 1))
	}
	if err := e.run(m,
		call{batch("data at the bound", large("large/1", storage.MaxBatchBytes/event.MaxData)), batch("a byte over", over)},
		call{batch("events at the bound", write("many/1", 0, storage.MaxEvents))},
		call{batch("one event over", write("many/2", 0, storage.MaxEvents+1))},
		call{batch("one event over, in two", write("many/2", 0, storage.MaxEvents), write("many/3", 0, 1))},
		call{batch("writes at the bound", wide[:storage.MaxWrites]...)},
		call{batch("one write over", wide...)},
		call{batch(strings.Repeat("k", event.MaxName), write("t/"+strings.Repeat("x", event.MaxName-2), 0, 1))},
	); err != nil {
		return err
	}
	return mostBatches(e, m)
}

func mostBatches(e *env, m *model) error {
	var most call
	for i := range storage.MaxBatches {
		most = append(most, batch(fmt.Sprint("k", i), write(fmt.Sprint("most/", i%100), storage.Version(i/100), 1)))
	}
	if err := e.append(m, most...); err != nil {
		return fmt.Errorf("%d batches: %w", len(most), err)
	}
	_, err := e.j.Append(e.ctx, append(most, batch("one more", write("t/more", 0, 1)))...)
	if !errors.Is(err, storage.ErrInvalid) {
		return fmt.Errorf("%d batches: got error %v, want one that wraps storage.ErrInvalid", len(most)+1, err)
	}
	return m.verify(e.ctx, e.j)
}
