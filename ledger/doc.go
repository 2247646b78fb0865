// Package ledger is double-entry bookkeeping: accounts, transfers of two legs or more, holds, statements, and a checker.
package ledger
