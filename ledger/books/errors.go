package books

import "errors"

// The errors of this package, besides those of packages ledger, engine and storage: test with errors.Is.
var (
	// ErrNoAccount is wrapped by what reads an account that was never opened.
	ErrNoAccount = errors.New("books: no such account")

	// ErrNoArchive is returned by Books.Archive when the books were opened without one.
	ErrNoArchive = errors.New("books: there is no archive")

	// ErrStalePlan is wrapped by Plan.Stage when a transfer came into being after the plan was made, so that the command touches
	// more than the plan names. Make a new plan.
	ErrStalePlan = errors.New("books: the plan is stale")
)
