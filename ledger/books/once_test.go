package books_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/memory"
)

// question is a command, over transfers or over one account, and why it is refused.
type question struct {
	name string
	ask  func(ctx context.Context, b *books.Books) (any, ledger.Reason, error)
	want ledger.Reason
}

func of(c ledger.Command, want ledger.Reason) question {
	return question{describe(c), func(ctx context.Context, b *books.Books) (any, ledger.Reason, error) {
		d, err := b.Do(ctx, c)
		return d, d.Reason, err
	}, want}
}

func over[C any](do func(*books.Books, context.Context, string, string, C) (ledger.AccountDecision, error), id, key string, c C, want ledger.Reason) question {
	return question{fmt.Sprintf("%T %s", c, key), func(ctx context.Context, b *books.Books) (any, ledger.Reason, error) {
		d, err := do(b, ctx, id, key, c)
		return d, d.Reason, err
	}, want}
}

// questions is every command that books take, done and refused, as one story.
func questions(t testing.TB) []question {
	exchange, err := ledger.Exchange{
		ID: "x1", At: after(66), Value: today, From: "anna", To: "anna-usd", Sell: eur(10_00), Buy: money.USD,
		Rate: money.MustParseRate("1.0835"), FromLiquidity: "desk", ToLiquidity: "desk-usd", Rounding: money.Up, Pay: money.Down,
		Remainder: "rest-usd",
	}.Post()
	if err != nil {
		t.Fatal(err)
	}
	usd := func(terms ledger.Terms) ledger.Terms { terms.Currency = money.USD; return terms }
	opening := func(id, key string, terms ledger.Terms, want ledger.Reason) question {
		return over((*books.Books).Open, id, key, ledger.Open{At: noon, Terms: terms}, want)
	}
	december, late := civil.MustParseDate("2026-12-31"), time.Date(2027, 1, 5, 9, 0, 0, 0, time.UTC)
	return []question{
		opening("anna", "o1", customer(), ""), opening("anna", "o2", customer(), ledger.AlreadyOpen), opening("ben", "o1", customer(), ""),
		opening("anna-usd", "o1", usd(customer()), ""), opening("cash", "o1", own(ledger.Asset), ""),
		opening("paid", "o1", own(ledger.Expense), ""), opening("due", "o1", own(ledger.Liability), ""),
		opening("desk", "o1", own(ledger.Asset), ""), opening("desk-usd", "o1", usd(own(ledger.Asset)), ""),
		opening("rest-usd", "o1", usd(own(ledger.Income)), ""),
		of(post("p1", 0, "cash", "anna", 1000_00), ""),
		of(post("p2", 1, "anna", "ben", 2000_00), ledger.OverdraftExceeded),
		of(post("p3", 1, "anna", "nobody", 1_00), ledger.UnknownAccount),
		of(hold("h1", 2, "anna", "ben", 50_00), ""),
		of(hold("h2", 2, "anna", "ben", 10_00), ""),
		of(hold("h3", 2, "ben", "anna", 10_00), ledger.OverdraftExceeded),
		of(hold("h4", 2, "anna", "ben", 5_00), ""),
		of(ledger.Capture{ID: "c1", Transfer: "h1", At: after(3), Amount: eur(20_00), Keep: true}, ""),
		of(ledger.Capture{ID: "c2", Transfer: "h1", At: after(3), Amount: eur(40_00)}, ledger.ExceedsHold),
		of(ledger.Capture{ID: "c3", Transfer: "h1", At: after(4)}, ""),
		of(ledger.Void{ID: "v1", Transfer: "h2", At: after(5)}, ""),
		of(ledger.Void{ID: "v2", Transfer: "h2", At: after(5)}, ledger.AlreadyVoided),
		of(ledger.Expire{ID: "e1", Transfer: "h4", At: after(61)}, ledger.NotExpired),
		of(ledger.Expire{ID: "e2", Transfer: "h4", At: after(62)}, ""),
		of(ledger.Reverse{ID: "r1", Transfer: "h1", At: after(63)}, ""),
		of(ledger.Reverse{ID: "r2", Transfer: "h1", At: after(63)}, ledger.AlreadyReversed),
		of(ledger.Linked{ID: "l1", Steps: []ledger.Step{
			{Post: new(post("p4", 64, "anna", "ben", 3_00))}, {Hold: new(hold("h5", 64, "ben", "cash", 3_00))},
			{Capture: &ledger.Capture{ID: "c4", Transfer: "h5", At: after(64)}}, {Reverse: &ledger.Reverse{ID: "r3", Transfer: "p4", At: after(64), Force: true}},
		}}, ""),
		of(ledger.Linked{ID: "l2", Steps: []ledger.Step{
			{Post: new(post("p5", 65, "anna", "ben", 3_00))}, {Post: new(post("p6", 65, "ben", "cash", 4_00))},
		}}, ledger.OverdraftExceeded),
		of(exchange, ""),
		over((*books.Books).SetLimits, "ben", "s1", ledger.SetLimits{At: after(67), Limits: ledger.Limits{Overdraft: ledger.FreeOverdraft}}, ""),
		over((*books.Books).SetLimits, "cash", "s1", ledger.SetLimits{At: after(67), Limits: ledger.Limits{Overdraft: ledger.FreeOverdraft}}, ledger.Unconstrained),
		over((*books.Books).SetBlock, "ben", "b1", ledger.SetBlock{At: after(68), Block: ledger.Frozen}, ""),
		of(post("p7", 69, "anna", "ben", 1_00), ledger.CreditsBlocked),
		over((*books.Books).SetBlock, "ben", "b2", ledger.SetBlock{At: after(70)}, ""),
		of(post("p8", 71, "anna", "ben", 3_00), ""), // Ben owed it
		over((*books.Books).Close, "ben", "z1", ledger.Close{At: after(72)}, ""),
		over((*books.Books).Close, "anna", "z1", ledger.Close{At: after(72)}, ledger.BalanceNotZero),
		of(post("p9", 73, "anna", "ben", 3_00), ledger.Closed),
		over((*books.Books).Reopen, "ben", "y1", ledger.Reopen{At: after(74)}, ""),
		over((*books.Books).Reopen, "ben", "y2", ledger.Reopen{At: after(74)}, ledger.NotClosed),
		over((*books.Books).SetInterest, "anna", "i1", ledger.SetInterest{
			At: after(75), From: civil.MustParseDate("2026-12-01"), Terms: savings(), Source: "paid", Accrued: "due",
		}, ""),
		of(ledger.Accrue{Account: "anna", At: late, Through: december.AddDays(-16), Source: "paid", Accrued: "due"}, ""),
		over((*books.Books).EndPeriod, "anna", "m1", ledger.EndPeriod{At: late, Through: december}, ledger.InterestPending),
		of(ledger.Capitalise{Account: "anna", At: late, Through: december, Source: "paid", Accrued: "due"}, ""),
		over((*books.Books).EndPeriod, "anna", "m2", ledger.EndPeriod{At: late, Through: december}, ""),
		over((*books.Books).EndPeriod, "anna", "m3", ledger.EndPeriod{At: late, Through: december}, ledger.PeriodClosed),
		over((*books.Books).EndPeriod, "cash", "m1", ledger.EndPeriod{At: late, Through: december}, ""),
		over((*books.Books).EndPeriod, "cash", "m2", ledger.EndPeriod{At: late, Through: december}, ledger.PeriodClosed),
		over((*books.Books).EndPeriod, "nobody", "m1", ledger.EndPeriod{At: late, Through: december}, ledger.UnknownAccount),
	}
}

// TestAskedAgain asks every question again: at once, of books that were opened in the beginning and have seen nothing since, after
// a restart, and all of them once more when all is over. Every time it gets the first answer, and nothing is added.
func TestAskedAgain(t *testing.T) {
	j := memory.New(nil)
	b, other := open(t, j, nil), open(t, j, &books.Options{CachedAccounts: 3, CachedTransfers: 3, SnapshotEvery: 2})
	all := questions(t)
	first := make([]any, len(all))
	ask := func(again string, b *books.Books, i int) {
		q := &all[i]
		got, reason, err := q.ask(t.Context(), b)
		if err != nil || reason != q.want {
			t.Fatalf("%s, %s: got %+v, %v, want reason %q", q.name, again, got, err, q.want)
		}
		if first[i] == nil {
			first[i] = got
		}
		same(t, q.name+", "+again, got, first[i])
	}
	for i := range all {
		for _, id := range []string{"h1", "h2", "h4", "p4", "r1", "anna", "ben"} { // what it has seen is old
			if err := other.Transfer(t.Context(), id, func(*ledger.Transfer) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		ask("first", b, i)
		end := head(t, j)
		ask("at once", b, i)
		ask("elsewhere", other, i)
		again, shut := openUntil(t, j, nil)
		ask("after a restart", again, i)
		shut()
		if got := head(t, j); got != end {
			t.Fatalf("%s: asked again, the journal grew from %d to %d", all[i].name, end, got)
		}
	}
	end := head(t, j)
	for _, at := range []*books.Books{b, other, open(t, j, nil)} {
		for i := range all {
			ask("in the end", at, i)
		}
	}
	if got := head(t, j); got != end {
		t.Errorf("asked again in the end, the journal grew from %d to %d", end, got)
	}
	if r := checked(t, j); r.Transfers != 12 || r.Refusals != 18 {
		t.Errorf("got %d transfers and %d refusals, want 12 and 18", r.Transfers, r.Refusals)
	}
}

// TestAskedAtOnce asks each question by many callers at the same time, of two engines: all get one answer, of one effect.
func TestAskedAtOnce(t *testing.T) {
	j, alone := memory.New(nil), memory.New(nil)
	two := []*books.Books{open(t, j, nil), open(t, j, nil)}
	one := open(t, alone, nil)
	for _, q := range questions(t) {
		want, _, err := q.ask(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for n := range 64 {
			wg.Go(func() {
				got, _, err := q.ask(context.Background(), two[n%2])
				if err != nil {
					t.Errorf("%s: %v", q.name, err)
					return
				}
				same(t, q.name, got, want)
			})
		}
		wg.Wait()
	}
	if got, want := head(t, j), head(t, alone); got != want {
		t.Errorf("got head %d, want %d: that of one who asked once", got, want)
	}
	checked(t, j)
}

// TestKeyReused asks something else under a key, and a transfer's id in other ways (law L4).
func TestKeyReused(t *testing.T) {
	ctx := t.Context()
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b)
	p := post("p", 0, "anna", "ben", 10_00)
	done(t, b, p)
	done(t, b, hold("h", 0, "anna", "ben", 10_00))
	done(t, b, ledger.Capture{ID: "c", Transfer: "h", At: noon, Amount: eur(1_00), Keep: true})
	end := head(t, j)
	for _, c := range []ledger.Command{
		post("p", 0, "anna", "ben", 10_01), post("p", 1, "anna", "ben", 10_00), post("p", 0, "anna", "carl", 10_00),
		post("p", 0, "ben", "anna", 10_00), hold("p", 0, "anna", "ben", 10_00),
		ledger.Capture{ID: "c", Transfer: "h", At: noon, Amount: eur(2_00), Keep: true},
		ledger.Void{ID: "c", Transfer: "h", At: noon}, ledger.Void{ID: "h", Transfer: "h", At: noon},
		ledger.Linked{ID: "p", Steps: []ledger.Step{{Post: &p}}},
	} {
		for _, b := range []*books.Books{b, open(t, j, nil)} {
			if d, err := b.Do(ctx, c); !errors.Is(err, engine.ErrKeyReused) {
				t.Errorf("%s: got %+v, %v, want ErrKeyReused", describe(c), d, err)
			}
		}
	}
	if _, err := b.SetBlock(ctx, "anna", "open", ledger.SetBlock{At: noon}); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("a block with the key of the opening: got %v, want ErrKeyReused", err)
	}
	if got := head(t, j); got != end {
		t.Errorf("the journal grew from %d to %d", end, got)
	}

	// The id of a transfer that stands already, under another key: a refusal that says so.
	group := func(id string, steps ...ledger.Post) ledger.Linked {
		l := ledger.Linked{ID: id}
		for i := range steps {
			l.Steps = append(l.Steps, ledger.Step{Post: &steps[i]})
		}
		return l
	}
	refused(t, b, group("g1", post("q", 0, "anna", "ben", 1), p), ledger.Exists)
	refused(t, b, group("g2", post("q", 0, "anna", "ben", 1), post("p", 0, "anna", "ben", 1)), ledger.ExistsWithDifferentContent)
	refused(t, b, group("g3", post("q", 0, "anna", "ben", 1), post("q", 0, "anna", "ben", 1)), ledger.Exists)
	done(t, b, group("g4", post("q", 0, "anna", "ben", 1), post("s", 0, "anna", "ben", 2)))
	refused(t, b, post("s", 0, "anna", "ben", 2), ledger.Exists)
	refused(t, b, group("g5", post("s", 0, "anna", "ben", 3)), ledger.ExistsWithDifferentContent)
	has(t, b, "anna", 88_97, 9_00)
	checked(t, j)
}

// TestKeysApart uses one key for commands over an account, and for transfers of it: they have nothing to do with each other.
func TestKeysApart(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b)
	done(t, b, post("open", 0, "anna", "ben", 1_00))
	done(t, b, hold("h", 0, "anna", "ben", 2_00))
	done(t, b, ledger.Capture{ID: "open", Transfer: "h", At: noon})
	done(t, b, ledger.Reverse{ID: "fund2", Transfer: "open", At: noon})
	done(t, b, ledger.Reverse{ID: "back", Transfer: "h", At: noon})
	done(t, b, hold("k", 0, "anna", "ben", 2_00))
	done(t, b, ledger.Capture{ID: "undo", Transfer: "k", At: noon})
	done(t, b, ledger.Reverse{ID: "undo", Transfer: "k", At: noon}) // the capture's key is another transfer's
	has(t, b, "anna", 100_00, 0)
	checked(t, j)
}

// TestNotOnRecord refuses what is about a transfer that never was. Asked again when there is one, it is done.
func TestNotOnRecord(t *testing.T) {
	j := memory.New(nil)
	b, other := open(t, j, nil), open(t, j, nil)
	bank(t, b)
	asked := []ledger.Command{
		ledger.Capture{ID: "1", Transfer: "h1", At: noon}, ledger.Void{ID: "1", Transfer: "h2", At: noon},
		ledger.Reverse{ID: "back", Transfer: "p", At: noon},
		ledger.Linked{ID: "1", Steps: []ledger.Step{
			{Post: new(post("l", 0, "anna", "ben", 1_00))}, {Void: &ledger.Void{ID: "2", Transfer: "h4", At: noon}},
		}},
		ledger.Expire{ID: "1", Transfer: "h3", At: after(60)},
	}
	end := head(t, j)
	for _, c := range asked {
		for _, b := range []*books.Books{b, other, b} {
			refused(t, b, c, ledger.NotFound)
		}
	}
	if got := head(t, j); got != end {
		t.Errorf("the journal grew from %d to %d", end, got)
	}
	for _, id := range []string{"h1", "h2", "h3", "h4"} {
		done(t, b, hold(id, 0, "anna", "ben", 1_00))
	}
	done(t, b, post("p", 0, "anna", "ben", 1_00))
	for _, c := range asked {
		first := done(t, other, c) // to whom the transfer is news
		same(t, describe(c)+" again", done(t, b, c), first)
	}
	has(t, open(t, j, nil), "anna", 98_00, 0)
	checked(t, j)
}

// TestRefusedThenOpened refuses for an account that is not there, and opens it. What was refused stays refused, and what is new is
// done; the same in books that saw nothing of the opening.
func TestRefusedThenOpened(t *testing.T) {
	for name, terms := range map[string]ledger.Terms{"with limits": customer(), "that nothing constrains": own(ledger.Liability)} {
		t.Run(name, func(t *testing.T) {
			j := memory.New(nil)
			b, other := open(t, j, nil), open(t, j, nil)
			bank(t, b)
			early := post("1", 0, "anna", "dora", 1_00)
			refused(t, other, early, ledger.UnknownAccount)
			if _, err := other.Balance(t.Context(), "dora", noon); !errors.Is(err, books.ErrNoAccount) {
				t.Errorf("got %v, want ErrNoAccount", err)
			}
			if d, err := other.SetBlock(t.Context(), "dora", "b", ledger.SetBlock{At: noon}); err != nil || d.Reason != ledger.UnknownAccount {
				t.Errorf("got %+v, %v, want it refused", d, err)
			}
			end := ledger.EndPeriod{At: after(24 * 60), Through: today}
			if d, err := other.EndPeriod(t.Context(), "dora", "e", end); err != nil || d.Reason != ledger.UnknownAccount {
				t.Errorf("got %+v, %v, want it refused", d, err)
			}
			opened(t, b, terms, "dora")
			for _, b := range []*books.Books{b, other} {
				refused(t, b, early, ledger.UnknownAccount)
				has(t, b, "dora", 0, 0)
				if d, err := b.EndPeriod(t.Context(), "dora", "e", end); err != nil || d.Reason != ledger.UnknownAccount {
					t.Errorf("asked again: got %+v, %v, want it refused", d, err)
				}
			}
			done(t, other, post("2", 0, "anna", "dora", 1_00))
			done(t, b, post("3", 0, "anna", "dora", 2_00))
			for _, b := range []*books.Books{b, other} {
				if d, err := b.EndPeriod(t.Context(), "dora", "e2", end); err != nil || !d.Done() {
					t.Errorf("under another key: got %+v, %v, want it done", d, err)
				}
			}
			has(t, b, "dora", 3_00, 0)
			checked(t, j)
		})
	}
}
