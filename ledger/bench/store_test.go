package bench_test

import (
	"context"
	"testing"

	"github.com/payrules/payrules/ledger/bench"
)

// store is a ledger that makes transfers durable. It is safe for concurrent use.
type store interface {
	// post makes a transfer, durable when it returns, and says whether it was made. The same transfer again gets the answer
	// of the first time.
	post(ctx context.Context, t *bench.Transfer) (bool, error)

	// postAll makes independent transfers that are handed over at once.
	postAll(ctx context.Context, transfers []bench.Transfer) ([]bool, error)

	// balance returns what an account has, in minor units.
	balance(ctx context.Context, account string) (int64, error)

	// audit counts all transfers that were made, and returns an error if some entries do not sum to zero, or some balance is
	// not the sum of its entries.
	audit(ctx context.Context) (int, error)
}

// rival is one of those who are compared.
type rival struct {
	name    string // as in the names of the benchmarks
	server  string // the variable that says where it is
	batches bool   // it can commit a batch at once
	open    func(tb testing.TB, accounts []bench.Account) store
}

// rivals are all who are compared, in the order of the tables.
var rivals = []rival{
	{name: "postgres", server: "PAYRULES_POSTGRES", open: newPostgres},
	{name: "postgres-function", server: "PAYRULES_POSTGRES", batches: true, open: newPostgresFunction},
	{name: "postgres-grouped", server: "PAYRULES_POSTGRES", batches: true, open: newPostgresGrouped},
	{name: "payrules", batches: true, open: newPayrules},
}
