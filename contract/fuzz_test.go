package contract_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
)

// FuzzView reads anything as a view of a contract. Whatever it is, nothing panics; and what is valid answers for every instant with
// one of its phases, and is the same once written and read again.
func FuzzView(f *testing.F) {
	codec := contract.ViewCodec()
	for _, d := range oneOfEach(f) {
		if stored, err := codec.Encode(d); err == nil {
			f.Add(stored.Type, stored.Data, int64(0))
			f.Add(stored.Type, stored.Data, at("2026-03-01").UnixMicro())
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte, micros int64) {
		d, err := codec.Decode(event.Event{Type: name, Data: data})
		if err != nil {
			return
		}
		now := time.UnixMicro(micros)
		var valid bool
		switch v := d.(type) {
		case contract.View:
			p := v.At(now)
			if valid = v.Validate() == nil; valid && (p.Status == 0 || p.From.After(now) && !p.From.IsZero() || v.CustomerAt(now).Name == "") {
				t.Errorf("at %s: %+v", now, p)
			}
		case contract.ListView:
			p := v.At(now)
			if valid = v.Validate() == nil; valid && p.Status == 0 {
				t.Errorf("at %s: %+v", now, p)
			}
		case contract.MandateView:
			p := v.At(now)
			if valid = v.Validate() == nil; valid && p.Status == 0 {
				t.Errorf("at %s: %+v", now, p)
			}
		}
		if !valid {
			return
		}
		stored, err := codec.Encode(d)
		if err != nil {
			t.Fatalf("it is valid, and cannot be written: %v", err)
		}
		if _, err := codec.Decode(stored); err != nil {
			t.Fatalf("it was written, and cannot be read: %v", err)
		}
	})
}

// FuzzApply reads anything as any event, and applies it to a contract and a mandate in the midst of their lives. Nothing panics; what
// is refused has changed nothing; and what is taken up leaves a state whose views are valid, and that a snapshot brings back.
func FuzzApply(f *testing.F) {
	for _, d := range oneOfEach(f) {
		if stored, err := encode(d); err == nil {
			f.Add(stored.Type, stored.Data)
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		e := event.Event{Type: name, Data: data}
		if d, err := contract.ContractCodec().Decode(e); err == nil {
			fresh, c := contract.NewContract("k-1"), active(t)
			for _, c := range []*contract.Contract{fresh, c} {
				before := c.Clone()
				if c.Apply(d) != nil && !sameContract(before, c) {
					t.Errorf("%s is refused, and has changed the contract", data)
				}
				v := c.View()
				snapshot, err := c.MarshalBinary()
				if c.Exists() && v.Validate() != nil || err != nil {
					t.Errorf("%s: %v %v", data, v.Validate(), err)
				} else if err := contract.NewContract("k-1").UnmarshalBinary(snapshot); err != nil {
					t.Errorf("%s: %v", data, err)
				}
			}
		}
		if d, err := contract.MandateCodec().Decode(e); err == nil {
			for _, m := range []*contract.Mandate{newMandate(), activeMandate(t, contract.Recurrent)} {
				before := m.Clone()
				if m.Apply(d) != nil && !sameMandate(before, m) {
					t.Errorf("%s is refused, and has changed the mandate", data)
				}
				v := m.View()
				snapshot, err := m.MarshalBinary()
				if m.Exists() && v.Validate() != nil || err != nil {
					t.Errorf("%s: %v %v", data, v.Validate(), err)
				} else if err := newMandate().UnmarshalBinary(snapshot); err != nil {
					t.Errorf("%s: %v", data, err)
				}
			}
		}
	})
}

// FuzzSnapshot reads anything as a snapshot. Nothing panics; what is refused has changed nothing; what is read is valid.
func FuzzSnapshot(f *testing.F) {
	c, m := active(f), activeMandate(f, contract.Recurrent)
	decide(f, c, contract.Suspend{At: at("2026-02-01"), EffectiveFrom: at("2026-03-01")})
	decide(f, c, contract.Withdraw{At: at("2026-02-01"), Change: 3})
	decide(f, m, contract.RecordCollection{At: at("2026-02-01"), On: day("2026-01-31")})
	a, _ := c.MarshalBinary()
	b, _ := m.MarshalBinary()
	f.Add(a)
	f.Add(b)
	f.Fuzz(func(t *testing.T, data []byte) {
		k := active(t)
		before := k.Clone()
		if k.UnmarshalBinary(data) != nil && !sameContract(before, k) {
			t.Error("it is refused, and has changed the contract")
		}
		if v := k.View(); k.Exists() && v.Validate() != nil {
			t.Errorf("got %v", v.Validate())
		}
		n := newMandate()
		if n.UnmarshalBinary(data) != nil && n.Exists() {
			t.Error("it is refused, and has changed the mandate")
		}
		if v := n.View(); n.Exists() && v.Validate() != nil {
			t.Errorf("got %v", v.Validate())
		}
	})
}
