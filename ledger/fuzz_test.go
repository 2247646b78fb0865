package ledger_test

import (
	"errors"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// FuzzApply reads anything as any event, and applies it to accounts and transfers in the midst of their lives. Whatever it is,
// nothing panics; and what is refused has changed nothing.
func FuzzApply(f *testing.F) {
	w := lived(f, 7, 300)
	kinds := map[string]ledger.Kind{}
	for _, t := range ledger.AccountTypes() {
		kinds[t.Name()] = ledger.KindAccount
	}
	for _, t := range ledger.TransferTypes() {
		kinds[t.Name()] = ledger.KindTransfer
	}
	for _, record := range w.journal {
		_, id := event.SplitStream(record.Stream)
		f.Add(record.Type, id, record.Data)
	}
	for name, fact := range oneOfEach(f) {
		stored, err := encode(fact)
		if err != nil {
			f.Fatal(name, err)
		}
		f.Add(stored.Type, "anna", stored.Data)
		f.Add(stored.Type, "t11", stored.Data)
	}
	f.Fuzz(func(t *testing.T, name, id string, data []byte) {
		kind, known := kinds[name]
		if !known {
			return
		}
		codec := accountCodec
		if kind == ledger.KindTransfer {
			codec = transferCodec
		}
		fact, err := codec.Decode(event.Event{Type: name, Data: data})
		if err != nil {
			return
		}
		l := ledger.NewLedger()
		for _, record := range w.journal {
			if stream := event.Stream(string(kind), id); record.Stream == stream {
				if err := l.Apply(ledger.Facts{Kind: kind, ID: id, Events: []event.Data{decode(t, record)}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		before := l.Freeze()
		if err := l.Apply(ledger.Facts{Kind: kind, ID: id, Events: []event.Data{fact}}); err == nil {
			return
		} else if !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("got %v, want one that wraps ErrCorrupt", err)
		}
		if after := l.Freeze(); !after.Equal(before) {
			t.Errorf("%s %s is refused, and has changed\n%+v\ninto\n%+v", name, data, before, after)
		}
	})
}

func encode(d event.Data) (event.Event, error) {
	stored, err := accountCodec.Encode(d)
	if errors.Is(err, event.ErrUnknownType) {
		return transferCodec.Encode(d)
	}
	return stored, err
}

func decode(t testing.TB, r event.Record) event.Data {
	t.Helper()
	codec := accountCodec
	if kind, _ := event.SplitStream(r.Stream); kind == string(ledger.KindTransfer) {
		codec = transferCodec
	}
	d, err := codec.Decode(r.Event)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
