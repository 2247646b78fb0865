package backtest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/event"
	"pgregory.net/rapid"
)

// What was decided is an attempt again, with the answer as it was given; and nothing else is lost of what was accepted.
func TestFromEvent(t *testing.T) {
	property(t, func(t *rapid.T) {
		m := cap.NewMeter(anyPolicy(t, "policy"))
		for _, a := range anyHistory(t, 40, 1, false) {
			d, decided := answer(t, m, a)
			got, err := backtest.FromEvent("card", decided[0])
			if err != nil {
				t.Fatal(err)
			}
			if want := backtest.VerdictOf(&d); got.Live != want {
				t.Fatalf("%v was %s, want %s", decided[0], got.Live, want)
			}
			if c, ok := a.Command.(cap.Authorize); ok {
				a.Spend, a.Command = cap.Spend(c), nil
			}
			if !d.Approved() || d.Existed() { // then the event does not say all
				name, at := commandOf(got)
				if wantName, wantAt := commandOf(a); name != wantName || !at.Equal(wantAt) {
					t.Fatalf("%s at %s, want %s at %s", name, at, wantName, wantAt)
				}
				continue
			}
			got.Live, a.Account = backtest.Verdict{}, "card"
			if diff := cmp.Diff(a, got, cmpopts.IgnoreUnexported(backtest.Attempt{})); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// A change of policy, and what is none of these events.
func TestFromOtherEvents(t *testing.T) {
	a, err := backtest.FromEvent("card", cap.PolicySet{Policy: policies[0]})
	if c, ok := a.Command.(cap.SetPolicy); err != nil || !ok || c.Policy != policies[0] {
		t.Errorf("%+v, %v", a, err)
	}
	a, err = backtest.FromEvent("card", cap.Repeated{Command: "set_policy", Reason: cap.PolicyUnchanged})
	if c, ok := a.Command.(cap.SetPolicy); err != nil || !ok || c.Policy != nil {
		t.Errorf("%+v, %v", a, err)
	}
	for _, e := range []event.Data{nil, stranger{}, cap.Refusal{Command: "borrow"}, cap.Repeated{}} {
		if _, err := backtest.FromEvent("card", e); !errors.Is(err, backtest.ErrInvalid) {
			t.Errorf("%T: %v", e, err)
		}
	}
}

type stranger struct{}

func (stranger) EventType() string { return "test.stranger.v1" }

// records is a journal of the events, all of one stream, with one of another package before them.
func records(t testing.TB, stream string, decided ...event.Data) iter.Seq2[event.Record, error] {
	all := []event.Record{{Event: event.Event{Type: "ledger.transferred.v1", Data: []byte("{}")}, Stream: "ledger/1"}}
	for _, d := range decided {
		e, err := cap.Codec().Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, event.Record{Event: e, Stream: stream})
	}
	return func(yield func(event.Record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// A journal is a stream of attempts, up to its first error.
func TestFromRecords(t *testing.T) {
	m := cap.NewMeter(policies[0])
	var decided []event.Data
	for i := range 4 {
		_, events := answer(t, m, pay("", fmt.Sprint(i), i, 60))
		decided = append(decided, events...)
	}
	var got []string
	for a, err := range backtest.FromRecords(records(t, "cap/card-7", decided...)) {
		got = append(got, fmt.Sprint(a.Account, " ", a.Spend.ID, " ", a.Live, " ", err))
	}
	want := []string{
		"cap/card-7 0 approved <nil>", "cap/card-7 1 approved <nil>", "cap/card-7 2 approved <nil>",
		"cap/card-7 3 refused amount_limit_exceeded by day <nil>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	r, err := backtest.Run(context.Background(), backtest.FromRecords(records(t, "cap/card-7", decided...)), []backtest.Candidate{{Policy: policies[0]}}, nil)
	if err != nil || r.Live != 4 || r.Partial != 0 || r.Candidates[0].Command("authorize").Compared.Agreed.Count != 4 {
		t.Errorf("%v, %v", r, err)
	}
	broken := errors.New("the disk is gone")
	for _, journal := range []iter.Seq2[event.Record, error]{
		func(yield func(event.Record, error) bool) {
			_ = yield(event.Record{}, broken) && yield(event.Record{}, nil)
		},
		func(yield func(event.Record, error) bool) {
			_ = yield(event.Record{Event: event.Event{Type: "cap.authorized.v1", Data: []byte("[]")}}, nil) && yield(event.Record{}, nil)
		},
		records(t, "cap/card-7", cap.Refusal{Command: "borrow", ID: "1", At: monday, Amount: eur(1), Reason: cap.NotFound}, decided[0]),
	} {
		n := 0
		for _, err := range backtest.FromRecords(journal) {
			if n++; err == nil || n > 1 {
				t.Errorf("%d: %v", n, err)
			}
		}
	}
}

func TestVerdictString(t *testing.T) {
	for want, v := range map[string]backtest.Verdict{
		"not known":       {},
		"refused":         {Known: true},
		"approved":        {Known: true, Outcome: cap.Approved},
		"approved exists": {Known: true, Outcome: cap.Approved, Existed: true, Reason: cap.Exists},
		"refused amount_limit_exceeded by the week": {Known: true, Reason: cap.AmountLimitExceeded, Limit: "the week"},
	} {
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if v.Approved() != strings.HasPrefix(want, "approved") {
			t.Errorf("%s: approved %v", want, v.Approved())
		}
	}
}
