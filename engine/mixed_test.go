package engine_test

import (
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage/memory"
)

// follow brings one purse to the balance of another, and one more: what it decides for the one rests on the other.
type follow struct {
	From, To engine.Ref[*purse.Purse] `json:"-"`
}

func (f follow) Decide(tx *engine.Tx) error {
	return engine.Peek(tx, f.From, func(p *purse.Purse) error {
		_, err := engine.Stage(tx, f.To, changed{By: 1, Balance: p.Balance + 1})
		return err
	})
}

func (f follow) Result(d engine.Decided) bool { return len(d.Of(f.To)) == 1 }

// changed is a change that was decided already.
type changed purse.Changed

func (c changed) Decide(*purse.Purse) ([]event.Data, error) {
	return []event.Data{purse.Changed(c)}, nil
}
func (c changed) Result([]event.Data) struct{} { return struct{}{} }

// TestMembersOfOneTime decides on purses of which one is as another engine has left it, and one as it was before. What comes of
// that cannot be applied, and is decided again (E6).
func TestMembersOfOneTime(t *testing.T) {
	store := memory.New(nil)
	here, there := open(t, store, nil, nil), open(t, store, nil, nil)
	if err := engine.View(t.Context(), here, "bert", func(*purse.Purse) error { return nil }); err != nil {
		t.Fatal(err)
	}
	do(t, there, "bert", "fill", 5)
	do(t, there, "anna", "fill", 5)
	f := follow{here.Ref("anna"), here.Ref("bert")}
	if done, err := engine.Atomically(t.Context(), "k", []engine.Member{f.To, f.From}, f); !done || err != nil {
		t.Errorf("got %v, %v, want it decided on what there is", done, err)
	}
	do(t, there, "anna", "more", 1)
	do(t, there, "anna", "yet more", 1)
	if done, err := engine.Atomically(t.Context(), "l", []engine.Member{f.To, f.From}, f); done || err == nil {
		t.Errorf("got %v, %v, want an error: that cannot be applied at any time", done, err)
	}
}
