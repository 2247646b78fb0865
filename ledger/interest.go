package ledger

import (
	"github.com/payrules/payrules/civil"
	"time"
)

type savings struct{}

func (s *savings) close(a *Account, through civil.Date)          {}
func (a *Account) applyInterestSet(e *InterestSet) error         { return nil }
func (a *Account) applyInterestAccrued(e *InterestAccrued) error { return nil }

// InterestSet ...
type InterestSet struct{ At time.Time }

func (s *savings) pending(through civil.Date) bool { return false }

// EventType ...
func (InterestSet) EventType() string { return "ledger.interest_set.v1" }

// InterestAccrued ...
type InterestAccrued struct{}

// EventType ...
func (InterestAccrued) EventType() string { return "ledger.interest_accrued.v1" }
