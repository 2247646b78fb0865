package bench_test

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/payrules/payrules/ledger/bench"
)

//go:embed testdata/postgres.sql
var schema string

// postgres is double entry in PostgreSQL as a service writes it: one transaction a transfer, at READ COMMITTED, that locks
// both accounts, checks, inserts and updates, one statement after another. Statements are prepared. A commit waits for the
// disk.
type postgres struct{ pool *pgxpool.Pool }

func newPostgres(tb testing.TB, accounts []bench.Account) store {
	return &postgres{openPool(tb, accounts)}
}

// connections are what all callers share: a server takes 100 at once, unless it is told otherwise. With accounts=spread 64
// did as well as any smaller number that was tried.
const connections = 64

// testConnections are those of a test, beside which other packages test on the same server.
const testConnections = 12

// openPool makes the tables in a schema of their own, which is dropped in the end, and opens the accounts.
func openPool(tb testing.TB, accounts []bench.Account) *pgxpool.Pool {
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(server(tb, "PAYRULES_POSTGRES"))
	if err != nil {
		tb.Fatal(err)
	}
	name := "payrules_" + strings.ToLower(rand.Text())
	config.MinConns, config.MaxConns = connections, connections
	if _, test := tb.(*testing.T); test {
		config.MinConns, config.MaxConns = testConnections, testConnections
	}
	config.ConnConfig.OnNotice = nil
	config.ConnConfig.RuntimeParams["search_path"] = name
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on"
	config.ConnConfig.RuntimeParams["default_transaction_isolation"] = "read committed"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// The checkpoint is for whoever is measured next: the server has nothing left to write then.
		for _, sql := range []string{"DROP SCHEMA IF EXISTS " + name + " CASCADE", "CHECKPOINT"} {
			if _, err := pool.Exec(ctx, sql); err != nil {
				tb.Error(err)
			}
		}
		pool.Close()
	})
	if _, err := pool.Exec(ctx, "CREATE SCHEMA "+name+"; "+schema); err != nil {
		tb.Fatal(err)
	}
	rows := pgx.CopyFromSlice(len(accounts), func(i int) ([]any, error) {
		return []any{accounts[i].ID, accounts[i].Overdraft, accounts[i].Unconstrained}, nil
	})
	if _, err := pool.CopyFrom(ctx, pgx.Identifier{"accounts"}, []string{"id", "overdraft", "unconstrained"}, rows); err != nil {
		tb.Fatal(err)
	}
	if _, err := pool.Exec(ctx, "VACUUM ANALYZE accounts"); err != nil {
		tb.Fatal(err)
	}
	return pool
}

// dateOf is the value date of a transfer: the day in UTC.
func dateOf(t *bench.Transfer) time.Time { return t.At.Truncate(24 * time.Hour) }

func (p *postgres) post(ctx context.Context, t *bench.Transfer) (made bool, err error) {
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		reason, err := lock(ctx, tx, t)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO transfers VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
			t.ID, t.From, t.To, t.Amount, t.At, dateOf(t), reason)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			made, err = answered(ctx, tx, t)
			return err
		}
		if made = reason == ""; !made {
			return nil
		}
		_, err = tx.Exec(ctx, `WITH moved AS (
				UPDATE accounts a SET balance = balance + v.amount, version = version + 1
				FROM (VALUES ($2, -$4::bigint), ($3, $4)) v (id, amount) WHERE a.id = v.id AND NOT a.unconstrained
				RETURNING a.id, a.balance)
			INSERT INTO entries (account, transfer, amount, balance)
			SELECT v.id, $1, v.amount, moved.balance
			FROM (VALUES ($2, -$4::bigint), ($3, $4)) v (id, amount) LEFT JOIN moved USING (id)`, t.ID, t.From, t.To, t.Amount)
		return err
	})
	return made, err
}

// lock locks both accounts, in one order everywhere so that no two callers wait for each other in a circle, and says why
// the transfer cannot be made. What nothing constrains is not locked.
func lock(ctx context.Context, tx pgx.Tx, t *bench.Transfer) (reason string, err error) {
	rows, err := tx.Query(ctx, `SELECT id, balance, overdraft FROM accounts
		WHERE id IN ($1, $2) AND NOT unconstrained ORDER BY id FOR UPDATE`, t.From, t.To)
	if err != nil {
		return "", err
	}
	var id string
	var balance, overdraft int64
	found := 0
	_, err = pgx.ForEachRow(rows, []any{&id, &balance, &overdraft}, func() error {
		if found++; id == t.From && balance-t.Amount < -overdraft {
			reason = "overdraft_exceeded"
		}
		return nil
	})
	if err == nil && found < 2 {
		err = tx.QueryRow(ctx, "SELECT count(*) FROM accounts WHERE id IN ($1, $2)", t.From, t.To).Scan(&found)
		if found < 2 {
			reason = "unknown_account"
		}
	}
	return reason, err
}

// answered returns what was decided about a transfer before.
func answered(ctx context.Context, tx pgx.Tx, t *bench.Transfer) (made bool, err error) {
	err = tx.QueryRow(ctx, `SELECT reason = '' AND (debit, credit, amount, at, value) = ($2, $3, $4, $5, $6)
		FROM transfers WHERE id = $1`, t.ID, t.From, t.To, t.Amount, t.At, dateOf(t)).Scan(&made)
	return made, err
}

// postAll makes one transfer after another: a service that writes its transactions this way has no other.
func (p *postgres) postAll(ctx context.Context, transfers []bench.Transfer) ([]bool, error) {
	made := make([]bool, len(transfers))
	for i := range transfers {
		var err error
		if made[i], err = p.post(ctx, &transfers[i]); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (p *postgres) balance(ctx context.Context, account string) (balance int64, err error) {
	err = p.pool.QueryRow(ctx, `SELECT CASE WHEN unconstrained
			THEN (SELECT coalesce(sum(amount), 0)::bigint FROM entries WHERE account = $1)
			ELSE balance END FROM accounts WHERE id = $1`, account).Scan(&balance)
	return balance, err
}

func (p *postgres) audit(ctx context.Context) (made int, err error) {
	var entries, sum, odd, wrong int
	err = p.pool.QueryRow(ctx, `SELECT
		(SELECT count(*) FROM transfers WHERE reason = ''),
		(SELECT count(*) FROM entries),
		(SELECT coalesce(sum(amount), 0)::bigint FROM entries),
		(SELECT count(*) FROM (SELECT FROM entries GROUP BY transfer HAVING count(*) <> 2 OR sum(amount) <> 0) o),
		(SELECT count(*) FROM accounts a LEFT JOIN (SELECT account, sum(amount) FROM entries GROUP BY account) e ON e.account = a.id
			WHERE NOT a.unconstrained AND a.balance <> coalesce(e.sum, 0))`).Scan(&made, &entries, &sum, &odd, &wrong)
	if err == nil && (entries != 2*made || sum != 0 || odd != 0 || wrong != 0) {
		err = fmt.Errorf("%d transfers, %d entries, sum %d, %d transfers do not balance, %d balances are wrong", made, entries, sum, odd, wrong)
	}
	return made, err
}

// serverTime returns the processor time that the processes of the server have had, or 0 if they are not on this machine.
func (p *postgres) serverTime() (total time.Duration) {
	rows, err := p.pool.Query(context.Background(), "SELECT pid FROM pg_stat_activity")
	if err != nil {
		return 0
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return 0
	}
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		// Behind the name, which is in parentheses, the user's time is the twelfth field and the system's the next.
		name, after, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(after); name == fmt.Sprintf("%d (postgres", pid) && len(fields) > 12 {
			total += ticks(fields[11:13]...)
		}
	}
	return total
}

// postgresFunction is the same in one round trip: all of it in a function of the server, and a call is its own transaction.
type postgresFunction struct{ postgres }

func newPostgresFunction(tb testing.TB, accounts []bench.Account) store {
	return &postgresFunction{postgres{openPool(tb, accounts)}}
}

func (p *postgresFunction) post(ctx context.Context, t *bench.Transfer) (bool, error) {
	var reason string
	err := p.pool.QueryRow(ctx, "SELECT post($1, $2, $3, $4, $5, $6)", t.ID, t.From, t.To, t.Amount, t.At, dateOf(t)).Scan(&reason)
	return err == nil && reason == "", err
}

func (p *postgresFunction) postAll(ctx context.Context, transfers []bench.Transfer) ([]bool, error) {
	var ids, from, to []string
	var amounts []int64
	var at, value []time.Time
	for i := range transfers {
		t := &transfers[i]
		ids, from, to = append(ids, t.ID), append(from, t.From), append(to, t.To)
		amounts, at, value = append(amounts, t.Amount), append(at, t.At), append(value, dateOf(t))
	}
	var reasons []string
	err := p.pool.QueryRow(ctx, "SELECT post_all($1, $2, $3, $4, $5, $6)", ids, from, to, amounts, at, value).Scan(&reasons)
	made := make([]bool, len(reasons))
	for i, reason := range reasons {
		made[i] = reason == ""
	}
	return made, err
}

// postgresGrouped commits for many callers at once, as the engine of this library does: whoever comes while a commit is
// under way shares the next one.
type postgresGrouped struct {
	postgresFunction
	queue chan *request
}

// request is a transfer that waits for its commit.
type request struct {
	transfer *bench.Transfer
	made     bool
	err      error
	done     chan struct{}
}

func newPostgresGrouped(tb testing.TB, accounts []bench.Account) store {
	p := &postgresGrouped{postgresFunction{postgres{openPool(tb, accounts)}}, make(chan *request, batchSize)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for first := range p.queue {
			p.commit(first)
		}
	}()
	tb.Cleanup(func() { close(p.queue); <-ended })
	return p
}

// commit takes whoever waits, up to a batch, and commits them all.
func (p *postgresGrouped) commit(first *request) {
	group := []*request{first}
	transfers := []bench.Transfer{*first.transfer}
	for len(group) < batchSize && len(p.queue) > 0 {
		r := <-p.queue
		group, transfers = append(group, r), append(transfers, *r.transfer)
	}
	made, err := p.postAll(context.Background(), transfers)
	for i, r := range group {
		if r.err = err; err == nil {
			r.made = made[i]
		}
		close(r.done)
	}
}

func (p *postgresGrouped) post(_ context.Context, t *bench.Transfer) (bool, error) {
	r := &request{transfer: t, done: make(chan struct{})}
	p.queue <- r
	<-r.done
	return r.made, r.err
}
