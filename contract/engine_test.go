package contract_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// repositories opens the contracts and mandates of a journal, with a snapshot after so many events.
func repositories(t *testing.T, journal storage.Journal, every int) (*engine.Repository[*contract.Contract], *engine.Repository[*contract.Mandate], func()) {
	t.Helper()
	e, err := engine.New(journal, nil)
	if err != nil {
		t.Fatal(err)
	}
	contracts, err := engine.NewRepository(e, engine.Kind[*contract.Contract]{
		Name: contract.KindContract, Codec: contract.ContractCodec(), New: contract.NewContract, Schema: contract.Schema,
	}, &engine.RepositoryOptions{SnapshotEvery: every})
	if err != nil {
		t.Fatal(err)
	}
	mandates, err := engine.NewRepository(e, engine.Kind[*contract.Mandate]{
		Name: contract.KindMandate, Codec: contract.MandateCodec(), New: contract.NewMandate, Schema: contract.Schema,
	}, &engine.RepositoryOptions{SnapshotEvery: every})
	if err != nil {
		t.Fatal(err)
	}
	return contracts, mandates, func() {
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Through the engine a command is answered once, whoever asks again, also after a restart from a snapshot or from the events.
func TestThroughTheEngine(t *testing.T) {
	ctx, journal := t.Context(), memory.New(nil)
	id := contract.MandateID(creditor, "RUM-17")
	commands := map[string]engine.Command[*contract.Contract, contract.Decision]{
		"1-subscribe": subscription(), "2-activate": contract.Activate{At: at("2026-01-02")}, "3-again": contract.Activate{At: at("2026-01-03")},
		"4-suspend": contract.Suspend{At: at("2026-01-03"), EffectiveFrom: at("2026-02-01")}, "5-withdraw": contract.Withdraw{At: at("2026-01-04"), Change: 3},
	}
	keys := []string{"1-subscribe", "2-activate", "3-again", "4-suspend", "5-withdraw"}
	answers := map[string]contract.Decision{}
	for _, every := range []int{1, 1, -1} { // the second time all is known
		contracts, mandates, end := repositories(t, journal, every)
		for _, key := range keys {
			d, err := engine.Do(ctx, contracts, "k-1", key, commands[key])
			if err != nil {
				t.Fatal(err)
			}
			if before, known := answers[key]; known && !cmp.Equal(before, d) {
				t.Errorf("%s: got %+v, and before %+v", key, d, before)
			}
			answers[key] = d
		}
		if _, err := engine.Do(ctx, contracts, "k-1", "2-activate", contract.Suspend{At: at("2026-01-02")}); !errors.Is(err, engine.ErrKeyReused) {
			t.Errorf("another command by the same key: %v", err)
		}
		d, err := engine.Do(ctx, mandates, id, "create", creation(contract.Core, contract.Recurrent))
		if err != nil || !d.Done() {
			t.Errorf("got %+v %v", d, err)
		}
		end()
	}
	if d := answers["3-again"]; d.Reason != contract.AlreadyActive || answers["5-withdraw"].Revision != 4 {
		t.Errorf("got %+v", answers)
	}
	var replayed = contract.NewContract("k-1")
	n := 0
	for r, err := range journal.Stream(ctx, event.Stream(contract.KindContract, "k-1"), 0) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := contract.ContractCodec().Decode(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		if err := replayed.Apply(e); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != len(keys) || replayed.Revision() != 4 {
		t.Errorf("got %d events and revision %d", n, replayed.Revision())
	}
}
