package books_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/storage/memory"
)

// swept sweeps until an instant, and fails the test if it was not so many.
func swept(t testing.TB, s *books.Sweeper, at time.Time, want int) {
	t.Helper()
	if n, err := s.Sweep(t.Context(), at); err != nil || n != want {
		t.Errorf("swept %d, %v, want %d", n, err, want)
	}
}

// stateOf is what a sweeper says of itself.
func stateOf(t testing.TB, s *books.Sweeper) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSweeperFates(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b)
	s := b.NewSweeper()
	swept(t, s, after(0), 0)
	for i, id := range []string{"left", "captured", "in part", "voided", "kept", "kept to the end", "expired", "reversed", "to cash"} {
		done(t, b, hold(id, i, "anna", map[bool]string{true: "cash", false: "ben"}[id == "to cash"], 10_00))
	}
	forever := hold("for ever", 10, "anna", "ben", 1_00)
	forever.Expires = time.Time{}
	done(t, b, forever)
	done(t, b, ledger.Capture{ID: "1", Transfer: "captured", At: after(11)})
	done(t, b, ledger.Capture{ID: "1", Transfer: "in part", At: after(11), Amount: eur(4_00)})
	done(t, b, ledger.Void{ID: "1", Transfer: "voided", At: after(11)})
	done(t, b, ledger.Capture{ID: "1", Transfer: "kept", At: after(11), Amount: eur(4_00), Keep: true})
	done(t, b, ledger.Capture{ID: "1", Transfer: "kept to the end", At: after(11), Amount: eur(10_00), Keep: true})
	done(t, b, ledger.Capture{ID: "1", Transfer: "reversed", At: after(11)})
	done(t, b, ledger.Reverse{ID: "back", Transfer: "reversed", At: after(12)})

	swept(t, s, after(60).Add(-time.Microsecond), 0) // "left" lives until its end
	before := stateOf(t, s)
	swept(t, s, after(60), 1)
	swept(t, s, after(60), 0)
	refused(t, b, ledger.Expire{ID: "mine", Transfer: "expired", At: after(65)}, ledger.NotExpired)
	done(t, b, ledger.Expire{ID: "mine too", Transfer: "expired", At: after(66)})
	swept(t, s, after(500), 2) // "kept", what was left of it, and "to cash"
	has(t, b, "anna", 100_00-10_00-4_00-4_00-10_00, 1_00)
	has(t, b, "cash", 100_00, 0)
	at := head(t, j)

	// One that is lost begins anew, one goes on from before, and another beside them: nothing is recorded twice.
	again := b.NewSweeper()
	swept(t, again, after(500), 0)
	old := b.NewSweeper()
	if err := json.Unmarshal(before, old); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, old); !bytes.Equal(got, before) {
		t.Errorf("got %s, want %s", got, before)
	}
	swept(t, old, after(500), 0)
	if got := head(t, j); got != at {
		t.Errorf("%d records are new", got-at)
	}
	swept(t, s, after(500), 0)
	swept(t, again, after(500), 0)
	if a, b := stateOf(t, s), stateOf(t, again); !bytes.Equal(a, b) {
		t.Errorf("one says %s, the other %s", a, b)
	}
	for id, want := range map[string]ledger.Status{
		"left": ledger.Expired, "captured": ledger.Captured, "in part": ledger.Captured, "voided": ledger.Voided, "kept": ledger.Expired,
		"kept to the end": ledger.Captured, "expired": ledger.Expired, "reversed": ledger.Reversed, "for ever": ledger.Held,
	} {
		err := b.Transfer(t.Context(), id, func(tr *ledger.Transfer) error {
			if got := tr.Status(after(500)); got != want {
				t.Errorf("%s: got %s, want %s", id, got, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if report := checked(t, j); report.Refusals != 1 {
		t.Errorf("%d refusals are on record: a sweeper passes over what is gone", report.Refusals)
	}
}

// Two at the same time, in two processes.
func TestSweepersTogether(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b)
	for i := range 20 {
		done(t, b, hold(fmt.Sprintf("h%d", i), i, "anna", "ben", 1))
	}
	errs := make(chan error, 4)
	for i := range cap(errs) {
		s := open(t, j, nil).NewSweeper()
		go func() { _, err := s.Sweep(t.Context(), after(1000+i)); errs <- err }()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	report := checked(t, j)
	if got := report.Refusals; got != 0 {
		t.Errorf("%d refusals are on record", got)
	}
	expired := 0
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Type == (ledger.TransferExpired{}).EventType() {
			expired++
		}
	}
	if expired != 20 {
		t.Errorf("%d ends are on record, of 20", expired)
	}
}

func TestSweeperJSON(t *testing.T) {
	b := open(t, memory.New(nil), nil)
	for _, data := range []string{
		``, `null`, `[]`, `{"position":-1,"holds":[]}`, `{"position":1,"holds":[],"more":1}`,
		`{"position":1,"holds":[{"transfer":"x","expires":"0001-01-01T00:00:00Z"}]}`,
		`{"position":1,"holds":[{"transfer":"","expires":"2026-01-01T00:00:00Z"}]}`,
		`{"position":1,"holds":[{"transfer":"x","expires":"2026-01-01T00:00:00Z"},{"transfer":"x","expires":"2026-01-02T00:00:00Z"}]}`,
	} {
		if err := b.NewSweeper().UnmarshalJSON([]byte(data)); err == nil {
			t.Errorf("%s: no error", data)
		}
	}
}

// Nothing depends on a sweeper: the same commands get the same answers, and leave the same balances, with one and without.
func TestSweeperChangesNothing(t *testing.T) {
	for seed := range uint64(campaign.Size(10, 120)) {
		with, without := memory.New(nil), memory.New(nil)
		a, b := open(t, with, nil), open(t, without, nil)
		bank(t, a)
		bank(t, b)
		s := a.NewSweeper()
		rng := rand.New(rand.NewPCG(seed, 0))
		minutes := 0
		for i := range 80 {
			minutes += rng.IntN(20)
			if rng.IntN(4) == 0 {
				if _, err := s.Sweep(t.Context(), after(minutes)); err != nil {
					t.Fatal(err)
				}
			}
			if rng.IntN(8) == 0 { // a restart
				data := stateOf(t, s)
				s = a.NewSweeper()
				if err := json.Unmarshal(data, s); err != nil {
					t.Fatal(err)
				}
			}
			c := randomCommand(rng, i, minutes)
			got, errA := a.Do(t.Context(), c)
			want, errB := b.Do(t.Context(), c)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			same(t, fmt.Sprintf("seed %d: %s", seed, describe(c)), got, want)
		}
		for _, id := range []string{"anna", "ben", "cash"} {
			got, errA := a.Balance(t.Context(), id, after(minutes))
			want, errB := b.Balance(t.Context(), id, after(minutes))
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			same(t, fmt.Sprintf("seed %d: %s", seed, id), got, want)
		}
		checked(t, with)
		if t.Failed() {
			return
		}
	}
}

func randomCommand(rng *rand.Rand, i, minutes int) ledger.Command {
	target := fmt.Sprintf("h%d", rng.IntN(i+1))
	ways := [][2]string{{"anna", "ben"}, {"ben", "anna"}, {"cash", "anna"}, {"anna", "cash"}}
	way := ways[rng.IntN(len(ways))]
	id := fmt.Sprintf("c%d", i)
	switch rng.IntN(6) {
	case 0:
		return ledger.Capture{ID: id, Transfer: target, At: after(minutes), Amount: eur(1 + rng.Int64N(20_00)), Keep: rng.IntN(2) == 0}
	case 1:
		return ledger.Void{ID: id, Transfer: target, At: after(minutes)}
	case 2:
		return post(id, minutes, way[0], way[1], 1+rng.Int64N(30_00))
	case 3:
		return ledger.Reverse{ID: id, Transfer: target, At: after(minutes)}
	default:
		return hold(fmt.Sprintf("h%d", i), minutes, way[0], way[1], 1+rng.Int64N(50_00))
	}
}

// Many holds are no trouble: the work grows with them, and not with their square.
func TestSweepMany(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	opened(t, b, own(ledger.Asset), "cash")
	opened(t, b, own(ledger.Income), "fees")
	n := campaign.Size(20_000, 100_000)
	commands := make([]ledger.Command, n)
	for i := range commands {
		commands[i] = hold(fmt.Sprintf("h%d", i), i%500, "cash", "fees", 1)
	}
	_, errs := b.DoAll(t.Context(), commands)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := b.NewSweeper()
	swept(t, s, after(60+250-1), n/2)
	swept(t, s, after(10_000), n/2)
	var state struct {
		Position event.Position
		Holds    []struct{}
	}
	if err := json.Unmarshal(stateOf(t, s), &state); err != nil || len(state.Holds) != 0 {
		t.Errorf("%d holds are left, %v", len(state.Holds), err)
	}
	has(t, b, "cash", 0, 0)
}

// Somebody has used the sweeper's ids for captures: the hold is swept all the same, and so are those behind it.
func TestSweeperIDsAreTaken(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b)
	done(t, b, hold("first", 1, "anna", "ben", 10_00))
	done(t, b, hold("second", 2, "anna", "ben", 10_00))
	for _, id := range []string{"sweeper:expire", "sweeper:expire:1"} {
		done(t, b, ledger.Capture{ID: id, Transfer: "first", At: after(3), Amount: eur(1_00), Keep: true})
	}
	swept(t, b.NewSweeper(), after(90), 2)
	refused(t, b, ledger.Void{ID: "v", Transfer: "first", At: after(90)}, ledger.AlreadyExpired)
	swept(t, b.NewSweeper(), after(90), 0)
	checked(t, j)
}
