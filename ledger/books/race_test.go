package books_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// TestCameMeanwhile has a transfer come into being between the planning of a command and its decision, by the same books and
// by others (law L3). The command is done on all accounts, or refused: never on some of them.
func TestCameMeanwhile(t *testing.T) {
	for name, second := range map[string]bool{"by the same books": false, "by others": true} {
		t.Run(name, func(t *testing.T) {
			j := memory.New(nil)
			b := open(t, j, nil)
			bank(t, b)
			by := b
			if second {
				by = open(t, j, nil)
			}
			void := ledger.Void{ID: "v", Transfer: "h1", At: noon}
			d := done(t, b, during(void, func() { done(t, by, hold("h1", 0, "anna", "ben", 1_00)) }))
			same(t, "voided again", done(t, b, void), d)
			done(t, b, during(ledger.Capture{ID: "c", Transfer: "h2", At: noon}, func() { done(t, by, hold("h2", 0, "anna", "ben", 2_00)) }))
			done(t, b, during(ledger.Reverse{ID: "r", Transfer: "p", At: noon}, func() { done(t, by, post("p", 0, "anna", "ben", 3_00)) }))
			linked := ledger.Linked{ID: "g", Steps: []ledger.Step{
				{Post: new(post("q", 0, "anna", "ben", 4_00))}, {Capture: &ledger.Capture{ID: "c", Transfer: "h3", At: noon}},
			}}
			d = done(t, b, during(linked, func() { done(t, by, hold("h3", 0, "anna", "carl", 5_00)) }))
			same(t, "linked again", done(t, by, linked), d)
			fresh := open(t, j, nil)
			has(t, fresh, "anna", 89_00, 0)
			has(t, fresh, "ben", 6_00, 0)
			has(t, fresh, "carl", 5_00, 0)
			checked(t, j)
		})
	}
}

// TestAnswerOutlivesItsPlan asks a refused command again when it would touch more than it did: the answer is the first.
func TestAnswerOutlivesItsPlan(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b)
	done(t, b, ledger.Linked{ID: "g", Steps: []ledger.Step{{Post: new(post("p", 0, "anna", "ben", 1_00))}}})
	back := ledger.Reverse{ID: "p", Transfer: "x", At: noon}
	both := ledger.Linked{ID: "g2", Steps: []ledger.Step{
		{Post: new(post("y", 0, "ben", "anna", 9_00))}, {Reverse: &ledger.Reverse{ID: "z", Transfer: "y", At: noon}},
	}}
	first := []ledger.Decision{refused(t, b, back, ledger.ExistsWithDifferentContent), refused(t, b, both, ledger.OverdraftExceeded)}
	done(t, b, post("x", 0, "anna", "carl", 1_00))
	done(t, b, post("y", 0, "anna", "carl", 1_00))
	for _, b := range []*books.Books{b, open(t, j, nil)} {
		for i, c := range []ledger.Command{back, both} {
			d, err := b.Do(t.Context(), c)
			if err != nil {
				t.Errorf("%s: %v", describe(c), err)
			}
			same(t, describe(c), d, first[i])
		}
	}
	checked(t, j)
}

// TestUnknownOutcomes loses what an append came to, over and over, stored and not. Every command asked again until it is answered has
// one effect.
func TestUnknownOutcomes(t *testing.T) {
	for name, fault := range map[string]faulty.Fault{"stored": faulty.LostStored, "not stored": faulty.LostUnstored} {
		t.Run(name, func(t *testing.T) {
			store := memory.New(nil)
			b := open(t, store, nil)
			bank(t, b)
			lost := 0
			lose := 32 + 1 // attempts of the engine: it gives up, and says so
			j := &faulty.Journal{Journal: store, Next: func() faulty.Fault {
				if lost++; lost <= lose {
					return fault
				}
				return faulty.None
			}}
			unsure := open(t, j, nil)
			p := post("p", 0, "anna", "ben", 10_00)
			d, err := unsure.Do(t.Context(), p)
			if stored := fault == faulty.LostStored; stored && (err != nil || !d.Done()) || !stored && !errors.Is(err, storage.ErrUnknownOutcome) {
				t.Errorf("got %+v, %v", d, err)
			}
			first := done(t, unsure, p)
			same(t, "elsewhere", done(t, b, p), first)
			has(t, open(t, store, nil), "anna", 90_00, 0)
			if r := checked(t, store); r.Transfers != 2 {
				t.Errorf("got %d transfers, want 2", r.Transfers)
			}
		})
	}
}

// TestGivenUp leaves before an answer: what was under way is stored, and asked again, answered.
func TestGivenUp(t *testing.T) {
	store := memory.New(nil)
	b := open(t, store, nil)
	bank(t, b)
	begun, release := make(chan bool, 1), make(chan bool)
	j := &faulty.Journal{Journal: store, Before: func([]storage.Batch) { begun <- true; <-release }}
	slow := open(t, j, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	p := post("p", 0, "anna", "ben", 10_00)
	if d, err := slow.Do(ctx, p); !errors.Is(err, storage.ErrUnknownOutcome) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v, want ErrUnknownOutcome and Canceled", d, err)
	}
	close(release)
	done(t, slow, p)
	if _, err := slow.Do(ctx, post("q", 0, "anna", "ben", 1_00)); !errors.Is(err, context.Canceled) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("asked by nobody: got %v, want Canceled", err)
	}
	has(t, open(t, store, nil), "anna", 90_00, 0)
	checked(t, store)
}

// TestBusyTogether lets two engines post between the same accounts at once: everything is done, once.
func TestBusyTogether(t *testing.T) {
	j := memory.New(nil)
	two := []*books.Books{open(t, j, nil), open(t, j, nil)}
	bank(t, two[0])
	const callers, each = 16, 25
	var wg sync.WaitGroup
	for n := range callers {
		wg.Go(func() {
			for i := range each {
				c := post(fmt.Sprint("p", n, "-", i), i, []string{"anna", "ben"}[i%2], []string{"ben", "anna"}[i%2], 1)
				for {
					d, err := two[n%2].Do(context.Background(), c)
					if errors.Is(err, storage.ErrConflict) {
						continue // others were faster every time
					}
					if err != nil || !d.Done() && d.Reason != ledger.OverdraftExceeded {
						t.Errorf("got %+v, %v", d, err)
					}
					break
				}
			}
		})
	}
	wg.Wait()
	r := checked(t, j)
	if got := r.Transfers + r.Refusals; got != 1+callers*each {
		t.Errorf("got %d transfers and refusals, want %d", got, 1+callers*each)
	}
}

// TestBounds asks for too much, or too far ahead. Nothing is decided, and nothing is on record.
func TestBounds(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, &books.Options{MaxAhead: time.Minute, Now: func() time.Time { return noon }})
	bank(t, b)
	end := head(t, j)
	wide := post("w", 0, "anna", "ben", 1)
	for i := range ledger.MaxTouched {
		wide.If = append(wide.If, ledger.Condition{Account: fmt.Sprint("other", i), AtLeast: eur(1)})
	}
	wide.If = wide.If[:240]
	for i := range 4 {
		wide.Legs = append(wide.Legs, ledger.Move(fmt.Sprint("x", i), fmt.Sprint("y", i), eur(1))...)
	}
	var many ledger.Linked
	for i := range ledger.MaxLinked {
		many.ID = "m"
		many.Steps = append(many.Steps, ledger.Step{Post: new(post(fmt.Sprint("m", i), 0, fmt.Sprint("a", i), fmt.Sprint("b", i), 1))})
	}
	late := post("l", 0, "anna", "ben", 1)
	late.At = noon.Add(time.Minute + time.Microsecond)
	for name, c := range map[string]ledger.Command{
		"none": nil, "malformed": ledger.Post{}, "too many accounts": wide, "too many steps' accounts": many, "ahead": late,
		"a step ahead": ledger.Linked{ID: "s", Steps: []ledger.Step{{Post: new(post("s1", 0, "anna", "ben", 1))}, {Post: &late}}},
	} {
		if d, err := b.Do(t.Context(), c); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: got %+v, %v, want ErrInvalid", name, d, err)
		}
	}
	if _, err := b.SetBlock(t.Context(), "anna", "b", ledger.SetBlock{At: late.At}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("a block ahead: got %v, want ErrInvalid", err)
	}
	if _, err := b.EndPeriod(t.Context(), "cash", "e", ledger.EndPeriod{At: late.At, Through: today.AddDays(-1)}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("the end of a period ahead: got %v, want ErrInvalid", err)
	}
	if got := head(t, j); got != end {
		t.Errorf("the journal grew from %d to %d", end, got)
	}
	late.At = noon.Add(time.Minute)
	done(t, b, late) // exactly there
	if _, err := books.New(nil, nil); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("no engine: got %v, want ErrInvalid", err)
	}
}
