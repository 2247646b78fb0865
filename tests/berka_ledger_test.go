package tests

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/pebble"
)

var koruna = money.MustParseCurrency("CZK")

// berkaRow is a transaction of the bank of 1993, as a post.
type berkaRow struct {
	account string
	day     civil.Date
	signed  int64 // what it adds to the customer's account
	balance int64 // afterwards, says the bank
	post    ledger.Post
}

// berkaTolerance is how far the bank's balances are from what its transactions sum to: it booked interest that it showed rounded.
const berkaTolerance = 100

// TestBerkaLedger posts the transactions of a real bank, each against the account of the bank's own that its kind names, over pebble
// and by many callers at once. Every customer ends with what the bank says, within the tolerance of the data; debits and credits are
// equal wherever one looks; and all of it done again adds nothing and says the same.
func TestBerkaLedger(t *testing.T) {
	rows := readBerka(t, campaign.Data(t, "berka/trans-1993.csv"), campaign.Size(2_000, 1<<30))
	j, err := pebble.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	byAccount := map[string][]berkaRow{}
	for _, r := range rows {
		byAccount[r.account] = append(byAccount[r.account], r)
	}
	b := openBooks(t, j, nil)
	openBerka(t, b, byAccount)
	first := postBerka(t, b, byAccount)
	report, err := ledger.Check(j.All(t.Context(), 0)) // that every batch balances, at its position
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Transfers; got < len(rows) {
		t.Errorf("got %d transfers of %d rows", got, len(rows))
	}
	sum, customers := int64(0), int64(0)
	for _, id := range []string{"cash", "other-banks", "interest-paid"} {
		sum += report.Ledger.Account(id).Balance(rushNoon).Booked.Minor()
	}
	for _, id := range []string{"fees", "interest-charged", "opening"} {
		sum -= report.Ledger.Account(id).Balance(rushNoon).Booked.Minor()
	}
	for id, rows := range byAccount {
		end := report.Ledger.Account("berka-" + id).Balance(rushNoon).Booked.Minor()
		sum -= end
		customers += end
		if !endsWell(rows, end) {
			t.Errorf("account %s ends with %d, not within %d of a balance of its last day: %+v", id, end, berkaTolerance, rows[len(rows)-1])
		}
	}
	if sum != 0 {
		t.Errorf("the trial balance is %d", sum)
	}
	head := rushHead(t, j)
	again := openBooks(t, j, nil)
	openBerka(t, again, byAccount)
	if got := postBerka(t, again, byAccount); !reflect.DeepEqual(got, first) {
		t.Error("done again, the answers differ")
	}
	if got := rushHead(t, j); got != head {
		t.Errorf("done again, the journal grew from %d to %d", head, got)
	}
	t.Logf("%d transactions of %d accounts, which have %s; %d records", len(rows), len(byAccount), money.New(customers, koruna), head)
}

// endsWell says whether a balance is that of some row of the last day, which stand in no order.
func endsWell(rows []berkaRow, end int64) bool {
	for i := len(rows) - 1; i >= 0 && rows[i].day == rows[len(rows)-1].day; i-- {
		if d := rows[i].balance - end; d <= berkaTolerance && d >= -berkaTolerance {
			return true
		}
	}
	return false
}

// opening returns what an account had before its first row: its balance without that row. Of several on the first day, whose order
// nobody knows, it is that from which the day adds up to one of its balances.
func opening(rows []berkaRow) int64 {
	day, n := int64(0), 0
	for n < len(rows) && rows[n].day == rows[0].day {
		day += rows[n].signed
		n++
	}
	for _, r := range rows[:n] {
		before := r.balance - r.signed
		for _, last := range rows[:n] {
			if d := last.balance - (before + day); d <= berkaTolerance && d >= -berkaTolerance {
				return before
			}
		}
	}
	return rows[0].balance - rows[0].signed
}

// openBerka opens the bank's own accounts and those of its customers, with what they had before.
func openBerka(t *testing.T, b *books.Books, byAccount map[string][]berkaRow) {
	t.Helper()
	at := time.Date(1993, 1, 1, 0, 0, 0, 0, time.UTC)
	open := func(id string, terms ledger.Terms) {
		d, err := b.Open(context.Background(), id, "open", ledger.Open{At: at, Terms: terms})
		if err != nil || !d.Done() {
			t.Error(d, err)
		}
	}
	for id, of := range map[string]ledger.Type{
		"cash": ledger.Asset, "other-banks": ledger.Asset, "interest-paid": ledger.Expense,
		"fees": ledger.Income, "interest-charged": ledger.Income, "opening": ledger.Equity,
	} {
		open(id, ledger.Terms{Type: of, Currency: koruna, Unconstrained: true})
	}
	var wg sync.WaitGroup
	for id, rows := range byAccount {
		wg.Go(func() {
			open("berka-"+id, ledger.Terms{Type: ledger.Liability, Currency: koruna, Limits: &ledger.Limits{Overdraft: ledger.FreeOverdraft}})
			before := opening(rows)
			if before == 0 {
				return
			}
			legs := ledger.Move("opening", "berka-"+id, money.New(max(before, -before), koruna))
			if before < 0 {
				legs = ledger.Move("berka-"+id, "opening", money.New(-before, koruna))
			}
			d, err := b.Do(context.Background(), ledger.Post{ID: "opening-" + id, At: at, Value: rows[0].day.AddDays(-1), Legs: legs})
			if err != nil || !d.Done() {
				t.Error(d, err)
			}
		})
	}
	wg.Wait()
}

// postBerka posts all rows: those of one account one after the other, and of 512 accounts at once.
func postBerka(t *testing.T, b *books.Books, byAccount map[string][]berkaRow) map[string]ledger.Decision {
	t.Helper()
	decisions := map[string]ledger.Decision{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan bool, 512)
	for _, rows := range byAccount {
		slots <- true
		wg.Go(func() {
			for _, r := range rows {
				d, err := b.Do(context.Background(), r.post)
				if err != nil || !d.Done() {
					t.Errorf("%s: got %+v, %v", r.post.ID, d, err)
				}
				mu.Lock()
				decisions[r.post.ID] = d
				mu.Unlock()
			}
			<-slots
		})
	}
	wg.Wait()
	return decisions
}

// readBerka reads at least so many rows of the file, in its order, and the rest of the last day.
func readBerka(t *testing.T, path string, most int) (rows []berkaRow) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.ReuseRecord = ';', true
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		row, err := parseBerka(fields, len(rows))
		if err != nil {
			t.Fatal(fields, err)
		}
		if len(rows) >= most && row.day != rows[len(rows)-1].day {
			break
		}
		rows = append(rows, row)
	}
	return rows
}

// parseBerka makes a post of a row: trans_id, account_id, date, type, operation, amount, balance, k_symbol, bank, account.
func parseBerka(fields []string, n int) (row berkaRow, err error) {
	at, err := time.Parse("060102", fields[2])
	if err != nil {
		return row, err
	}
	amount, err := money.ParseAmount(fields[5], koruna)
	if err != nil {
		return row, err
	}
	balance, err := money.ParseAmount(fields[6], koruna)
	if err != nil {
		return row, err
	}
	row = berkaRow{account: strings.Clone(fields[1]), day: civil.DateOf(at, nil), signed: amount.Minor(), balance: balance.Minor()}
	customer, bank := "berka-"+row.account, berkaCounter(fields[3], fields[4], strings.TrimSpace(fields[7]))
	legs := ledger.Move(bank, customer, amount)
	if fields[3] != "PRIJEM" {
		row.signed = -row.signed
		legs = ledger.Move(customer, bank, amount)
	}
	if bank == "" {
		return row, fmt.Errorf("a kind that is not known")
	}
	row.post = ledger.Post{
		ID: "berka-" + fields[0], At: at.Add(time.Duration(n) * time.Microsecond), Value: row.day, Legs: legs,
		Details: ledger.Details{Code: strings.TrimSpace(fields[7]), Text: strings.TrimSpace(fields[8] + " " + fields[9])},
	}
	return row, nil
}

// berkaCounter names the bank's own account that a transaction is against; "" if there is none for it.
func berkaCounter(kind, operation, symbol string) string {
	switch {
	case kind == "PRIJEM" && symbol == "UROK":
		return "interest-paid"
	case symbol == "SANKC. UROK":
		return "interest-charged"
	case symbol == "SLUZBY":
		return "fees"
	case operation == "VKLAD" && kind == "PRIJEM", operation == "VYBER" || operation == "VYBER KARTOU":
		return "cash"
	case operation == "PREVOD Z UCTU" && kind == "PRIJEM", operation == "PREVOD NA UCET" && kind != "PRIJEM":
		return "other-banks"
	}
	return ""
}
