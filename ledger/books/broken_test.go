package books_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/storage/memory"
)

// story is a short valid journal, whose records the tests below name.
func story(t testing.TB) []event.Record {
	t.Helper()
	j := memory.New(nil)
	b := open(t, j, nil)
	bank(t, b) // fund: Anna has 100.00
	for _, c := range []ledger.Command{
		post("pay", 1, "anna", "ben", 30_00),
		hold("kept", 2, "anna", "ben", 20_00),
		ledger.Capture{ID: "c1", Transfer: "kept", At: after(3), Amount: eur(5_00), Keep: true},
		ledger.Void{ID: "v1", Transfer: "kept", At: after(4)},
		hold("over", 5, "anna", "cash", 10_00),
		ledger.Expire{ID: "x1", Transfer: "over", At: after(65)},
		ledger.Reverse{ID: "back", Transfer: "pay", At: after(66)},
	} {
		done(t, b, c)
	}
	refused(t, b, post("much", 67, "ben", "carl", 99_00), ledger.OverdraftExceeded)
	for _, id := range []string{"ben", "cash"} {
		if d, err := b.EndPeriod(t.Context(), id, "end", ledger.EndPeriod{At: after(24 * 60), Through: today}); err != nil || !d.Done() {
			t.Fatal(d, err)
		}
	}
	next := post("next", 24*60, "anna", "ben", 1_00)
	next.Value = today.AddDays(1)
	done(t, b, next)
	checked(t, j)
	return recordsOf(t, j)
}

var instant = regexp.MustCompile(`"at":"[^"]*"`)

// tape is records to be tampered with.
type tape struct {
	t testing.TB
	r []event.Record
}

// at returns where a record stands.
func (p *tape) at(name string) int {
	i := slices.IndexFunc(p.r, func(r event.Record) bool { return r.ID() == name })
	if i < 0 {
		p.t.Fatalf("there is no record %s", name)
	}
	return i
}

// edit replaces text in the JSON of a record.
func (p *tape) edit(name, from, to string) {
	r := &p.r[p.at(name)]
	if !bytes.Contains(r.Event.Data, []byte(from)) {
		p.t.Fatalf("%s has no %s: %s", name, from, r.Event.Data)
	}
	r.Event.Data = bytes.Replace(r.Event.Data, []byte(from), []byte(to), 1)
	if !json.Valid(r.Event.Data) {
		p.t.Fatalf("%s", r.Event.Data)
	}
}

// drop takes records out and closes the gaps behind them, as somebody would who wants no gap to be found.
func (p *tape) drop(names ...string) {
	for _, name := range names {
		i := p.at(name)
		if key := p.r[i].Key; key != "" && i+1 < len(p.r) && p.r[i+1].Key == "" {
			p.r[i+1].Key = key
		}
		p.r = slices.Delete(p.r, i, i+1)
	}
	p.number()
}

// again adds copies of records at the end, as one batch that was decided at the end.
func (p *tape) again(names ...string) {
	for n, name := range names {
		r := p.r[p.at(name)]
		r.At, r.Key = p.r[len(p.r)-1].At, ""
		if n == 0 {
			r.Key = "again"
		}
		r.Event.Data = instant.ReplaceAll(r.Event.Data, []byte(`"at":"2026-11-23T00:00:00Z"`))
		p.r = append(p.r, r)
	}
	p.number()
}

// rule puts an event that nobody asked for behind a version of an account.
func (p *tape) rule(stream string, version event.Version, d event.Data) {
	e, err := ledger.AccountCodec().Encode(d)
	if err != nil {
		p.t.Fatal(err)
	}
	i := slices.IndexFunc(p.r, func(r event.Record) bool { return r.Stream == stream && r.Version == version })
	for i++; i < len(p.r) && p.r[i].Key == ""; i++ { // behind the whole batch
	}
	p.r = slices.Insert(p.r, i, event.Record{Event: e, Stream: stream, At: p.r[i-1].At, Key: "rule"})
	p.number()
}

// number gives all records dense positions and versions.
func (p *tape) number() {
	versions := map[string]event.Version{}
	for i := range p.r {
		versions[p.r[i].Stream]++
		p.r[i].Version, p.r[i].Position = versions[p.r[i].Stream], event.Position(i+1)
	}
}

// TestBroken breaks a journal on purpose, in every way that has a law. Check names the law, and the first record where it shows: the
// one that breaks it, or the last one that was stored together with it.
func TestBroken(t *testing.T) {
	whole := story(t)
	for _, row := range []struct {
		name   string
		tamper func(p *tape)
		law    string
		record string
	}{
		{"a record is missing", func(p *tape) { p.r = slices.Delete(p.r, 3, 4) }, "J2", "account/ben@1"},
		{"a record is there twice", func(p *tape) { p.r = slices.Insert(p.r, 3, p.r[2]) }, "J2", "account/paid@1"},
		{"two versions of a stream are exchanged", func(p *tape) {
			i, j := p.at("account/anna@2"), p.at("account/anna@3")
			p.r[i].Version, p.r[j].Version = p.r[j].Version, p.r[i].Version
		}, "J2", "account/anna@3"},
		{"the clock of the store went back", func(p *tape) { p.r[9].At = p.r[0].At.AddDate(-1, 0, 0) }, "J6", "transfer/pay@1"},
		{"another stream's record", func(p *tape) { p.r[p.at("account/anna@3")].Stream = "account/carl" }, "J2", "account/carl@3"},

		{"a transfer's legs do not balance", func(p *tape) { p.edit("transfer/pay@1", `"30.00"`, `"30.01"`) }, "L1", "transfer/pay@1"},
		{"they do not in a second currency", func(p *tape) {
			p.edit("transfer/pay@1", `"legs":[`, `"legs":[{"account":"usd-a","side":"debit","amount":{"amount":"1.00","currency":"USD"}},{"account":"usd-b","side":"credit","amount":{"amount":"2.00","currency":"USD"}},`)
		}, "L1", "transfer/pay@1"},
		{"a leg was never booked", func(p *tape) { p.drop("account/ben@2") }, "L1", "account/anna@3"},
		{"an entry is of no transfer", func(p *tape) { p.drop("transfer/fund@1") }, "L1", "account/anna@2"},
		{"cash has another amount than the transfer", func(p *tape) { p.edit("account/cash@2", `"100.00"`, `"100.01"`) }, "L1", "account/anna@2"},
		{"another value date than the transfer's", func(p *tape) { p.edit("account/cash@2", "2026-11-21\"", "2026-11-20\"") }, "L1", "account/anna@2"},
		{"an entry is there twice", func(p *tape) {
			i := p.at("account/cash@2")
			p.r = slices.Insert(p.r, i, p.r[i])
			p.number()
		}, "L1", "account/anna@2"},

		{"a limit is broken", func(p *tape) {
			p.rule("account/anna", 2, ledger.LimitsSet{At: noon, Limits: ledger.Limits{Overdraft: ledger.NoOverdraft, Minimum: eur(71_00)}})
		}, "L2", "account/ben@2"},
		{"a limit is broken by what is held", func(p *tape) {
			p.rule("account/anna", 3, ledger.LimitsSet{At: after(1), Limits: ledger.Limits{Overdraft: ledger.NoOverdraft, Minimum: eur(51_00)}})
		}, "L2", "account/ben@3"},
		{"a maximum is broken by what is to come", func(p *tape) {
			p.rule("account/ben", 2, ledger.LimitsSet{At: after(1), Limits: ledger.Limits{Overdraft: ledger.NoOverdraft, Maximum: eur(49_99)}})
		}, "L2", "account/ben@4"},
		{"booked on a blocked side", func(p *tape) { p.rule("account/anna", 2, ledger.BlockSet{At: noon, Block: ledger.NoDebits}) }, "L2", "account/anna@4"},
		{"held on a blocked side", func(p *tape) { p.rule("account/ben", 2, ledger.BlockSet{At: after(1), Block: ledger.NoCredits}) }, "L2", "account/ben@4"},
		{"booked on a closed account", func(p *tape) { p.rule("account/ben", 1, ledger.AccountClosed{At: noon}) }, "L2", "account/ben@3"},
		{"open again without having been closed", func(p *tape) { p.rule("account/ben", 1, ledger.AccountReopened{At: noon}) }, "L2", "account/ben@2"},
		{"closed with money on it", func(p *tape) {
			p.rule("account/ben", 8, ledger.AccountClosed{At: after(48 * 60)})
		}, "L2", "account/ben@9"},

		{"refused, and booked", func(p *tape) {
			i := p.at("transfer/pay@1")
			p.r = slices.Insert(p.r, i+1, p.r[p.at("transfer/much@1")])
			p.r[i+1].Stream, p.r[i+1].Key, p.r[i+1].At = "transfer/pay", "", p.r[i].At
			p.number()
		}, "L3", "account/ben@2"},
		{"refused for no reason", func(p *tape) { p.edit("transfer/much@1", `"overdraft_exceeded"`, `"because"`) }, "L3", "transfer/much@1"},

		{"posted twice", func(p *tape) { p.again("transfer/pay@1", "account/anna@3", "account/ben@2") }, "L4", "transfer/pay@3"},
		{"captured twice", func(p *tape) { p.again("transfer/kept@2", "account/anna@5", "account/ben@4") }, "L5", "transfer/kept@4"},
		{"captured twice while it is held", func(p *tape) {
			i := p.at("transfer/kept@3")
			p.r = slices.Insert(p.r, i, p.r[p.at("transfer/kept@2")], p.r[p.at("account/anna@5")], p.r[p.at("account/ben@4")])
			p.number()
		}, "L4", "transfer/kept@3"},
		{"given back twice", func(p *tape) { p.again("transfer/kept@3", "account/anna@6", "account/ben@5") }, "L5", "transfer/kept@4"},
		{"released twice on an account", func(p *tape) {
			i := p.at("account/anna@6")
			p.r = slices.Insert(p.r, i, p.r[i])
			p.number()
		}, "L9", "account/anna@7"},
		{"captured more than is held", func(p *tape) { p.edit("transfer/kept@2", `"5.00"`, `"25.00"`) }, "L4", "transfer/kept@2"},
		{"given back more than is held", func(p *tape) { p.edit("transfer/kept@3", `"15.00"`, `"16.00"`) }, "L4", "transfer/kept@3"},
		{"a reversal is not the mirror", func(p *tape) { p.edit("transfer/back@1", `"reverses":"pay"`, `"reverses":"fund"`) }, "L4", "transfer/back@1"},
		{"reversed twice", func(p *tape) {
			p.again("transfer/back@1", "transfer/pay@2", "account/anna@9", "account/ben@6")
		}, "L4", "transfer/back@2"},
		{"reversed by another", func(p *tape) { p.edit("transfer/pay@2", `"back"`, `"next"`) }, "L4", "account/ben@6"},
		{"a reversal that the other does not know", func(p *tape) { p.drop("transfer/pay@2") }, "L4", "account/ben@6"},

		{"captured after its end", func(p *tape) {
			for _, name := range []string{"transfer/kept@2", "account/anna@5", "account/ben@4"} {
				p.edit(name, "T12:03:00Z", "T13:02:00Z")
			}
		}, "L5", "transfer/kept@2"},
		{"expired while it lived", func(p *tape) { p.edit("transfer/over@2", "T13:05:00Z", "T13:04:59Z") }, "L5", "transfer/over@2"},
		{"held longer on an account than its transfer says", func(p *tape) { p.edit("account/anna@4", "T13:02:00Z", "T14:02:00Z") }, "L4", "account/ben@3"},

		{"an account went back", func(p *tape) { p.edit("account/anna@3", "T12:01:00Z", "T11:59:00Z") }, "L6", "account/anna@3"},
		{"a transfer went back", func(p *tape) { p.edit("transfer/kept@2", "T12:03:00Z", "T12:01:59Z") }, "L6", "transfer/kept@2"},

		{"booked in a closed period", func(p *tape) {
			for _, name := range []string{"transfer/next@1", "account/anna@10", "account/ben@8"} {
				p.edit(name, `"2026-11-22"`, `"2026-11-21"`)
			}
		}, "L7", "account/ben@8"},
		{"a period closed before it was over", func(p *tape) { p.edit("account/ben@7", `"2026-11-21"`, `"2026-11-23"`) }, "L7", "account/ben@7"},
		{"a copy of a closing says another day", func(p *tape) { p.edit("account/cash@5", `"2026-11-21"`, `"2026-11-20"`) }, "L7", "account/cash@5"},
		{"a closing without its copy", func(p *tape) { p.drop("account/cash@5") }, "L7", "closing/cash@1"},

		{"a balance off by one", func(p *tape) { p.edit("account/anna@3", `"70.00"`, `"70.01"`) }, "L9", "account/anna@3"},
		{"the balance of a period off by one", func(p *tape) { p.edit("account/ben@7", `"5.00"`, `"5.01"`) }, "L9", "account/ben@7"},
		{"an amount of a leg off by one", func(p *tape) { p.edit("account/anna@3", `"30.00"`, `"30.01"`) }, "L9", "account/anna@3"},
		{"no JSON", func(p *tape) { p.r[p.at("account/anna@3")].Event.Data = []byte("{") }, "L9", "account/anna@3"},
		{"a field that is not known", func(p *tape) { p.edit("account/anna@3", "{", `{"extra":1,`) }, "L9", "account/anna@3"},
		{"an account opened twice", func(p *tape) { p.again("account/anna@1") }, "L9", "account/anna@11"},
	} {
		p := &tape{t, slices.Clone(whole)}
		row.tamper(p)
		_, err := ledger.Check(yielded(p.r))
		var broken *ledger.BrokenError
		if !errors.As(err, &broken) || !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: got %v, want a BrokenError", row.name, err)
			continue
		}
		if broken.Law != row.law || broken.Record != row.record {
			t.Errorf("%s: got %v, want %s of %s", row.name, err, row.law, row.record)
		}
		if !strings.Contains(err.Error(), row.record) || !strings.Contains(err.Error(), row.law) {
			t.Errorf("%s: %q names neither the record nor the law", row.name, err)
		}
	}
	failed := errors.New("a seal is broken")
	_, err := ledger.Check(func(yield func(event.Record, error) bool) { yield(event.Record{}, failed) })
	if !errors.Is(err, failed) {
		t.Errorf("records that cannot be read: got %v", err)
	}
}
