package bench_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/payrules/payrules/cap/bench"
)

// table is the window that services keep in PostgreSQL: a row a spend, an index by account and instant, and a transaction
// that locks the account, sums up, and inserts. It is exact, for spends that come in order. Two round trips: the lock and
// the sums are sent together, and so are the row and the commit.
//
// The lock is an advisory one, which is cheaper than one on a row: it writes nothing. The sum is a statement after it, so
// that it sees what was committed before the lock was had.
type table struct {
	pool    *pgxpool.Pool
	name    string
	windows []window
	sum     string // the statement: the sum of each window
}

func newPostgres(tb testing.TB, windows []window) bench.Limiter { return openTable(tb, windows, "on") }

// newPostgresNoSync answers before the row is on the disk, as Redis and everything in memory do here.
func newPostgresNoSync(tb testing.TB, windows []window) bench.Limiter {
	return openTable(tb, windows, "off")
}

func openTable(tb testing.TB, windows []window, sync string) *table {
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(server(tb, "PAYRULES_POSTGRES"))
	if err != nil {
		tb.Fatal(err)
	}
	config.ConnConfig.RuntimeParams["synchronous_commit"] = sync
	config.ConnConfig.OnNotice = nil
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		tb.Fatal(err)
	}
	t := &table{pool: pool, name: "payrules_" + strings.ToLower(rand.Text()), windows: windows}
	tb.Cleanup(func() {
		if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS "+t.name); err != nil {
			tb.Error(err)
		}
		pool.Close()
	})
	if _, err := pool.Exec(ctx, fmt.Sprintf(`CREATE TABLE %s (account text NOT NULL, at bigint NOT NULL, amount bigint NOT NULL);
		CREATE INDEX ON %[1]s (account, at) INCLUDE (amount)`, t.name)); err != nil {
		tb.Fatal(err)
	}
	// $2 begins the first window, which is the longest, $3 the second, and so on.
	sums := make([]string, len(windows))
	for i := range windows {
		sums[i] = fmt.Sprintf("coalesce(sum(amount) FILTER (WHERE at > $%d), 0)::bigint", i+2)
	}
	t.sum = fmt.Sprintf("SELECT %s FROM %s WHERE account = $1 AND at > $2", strings.Join(sums, ", "), t.name)
	return t
}

func (t *table) Allow(account, _ string, at time.Time, amount int64) (bool, error) {
	ctx := context.Background()
	conn, err := t.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release() // closes the connection if it is left within a transaction
	bounds, sums, into := []any{account}, make([]int64, len(t.windows)), []any{}
	for i, w := range t.windows {
		bounds = append(bounds, at.Add(-w.span).UnixMicro())
		into = append(into, &sums[i])
	}
	var check pgx.Batch
	check.Queue("BEGIN")
	check.Queue("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", t.name+account)
	check.Queue(t.sum, bounds...).QueryRow(func(row pgx.Row) error { return row.Scan(into...) })
	if err := conn.SendBatch(ctx, &check).Close(); err != nil {
		return false, err
	}
	for i, w := range t.windows {
		if sums[i]+amount > w.max {
			_, err := conn.Exec(ctx, "ROLLBACK")
			return false, err
		}
	}
	var record pgx.Batch
	record.Queue("INSERT INTO "+t.name+" VALUES ($1, $2, $3)", account, at.UnixMicro(), amount)
	record.Queue("COMMIT")
	if err := conn.SendBatch(ctx, &record).Close(); err != nil {
		return false, err
	}
	return true, nil
}

func (t *table) load(account string, history []entry) error {
	rows := pgx.CopyFromSlice(len(history), func(i int) ([]any, error) {
		return []any{account, history[i].at.UnixMicro(), history[i].amount}, nil
	})
	_, err := t.pool.CopyFrom(context.Background(), pgx.Identifier{t.name}, []string{"account", "at", "amount"}, rows)
	return err
}

func (t *table) bytes() (int64, error) {
	ctx := context.Background()
	if _, err := t.pool.Exec(ctx, "VACUUM ANALYZE "+t.name); err != nil {
		return 0, err
	}
	var n int64
	err := t.pool.QueryRow(ctx, "SELECT pg_total_relation_size($1)", t.name).Scan(&n)
	return n, err
}
