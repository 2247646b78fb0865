package contract_test

import (
	"slices"
	"time"

	"github.com/payrules/payrules/contract"
)

// The model is dumber than what it is the oracle of: a list of changes, sorted and folded anew for every question, transitions as a
// switch, dates by package time. It knows no table, no timeline, no phases.

type modelChange struct {
	seq        uint64
	kind       string
	at, from   time.Time
	withdrawn  bool
	limit      int64
	mandate    string
	end        time.Time // set with ends
	ends, open bool
}

type model struct {
	step     func(status, kind string) (to string, why contract.Reason)
	begun    bool
	start    time.Time
	clock    time.Time
	revision uint64
	limit    int64
	end      time.Time // zero: none
	late     time.Time // no end is before it
	changes  []modelChange
}

// modelState is what is known at an instant.
type modelState struct {
	status, mandate string
	limit           int64
	end             time.Time
	by              uint64
}

func (m *model) sorted(extra ...modelChange) []modelChange {
	all := append(slices.Clone(m.changes), extra...)
	slices.SortStableFunc(all, func(a, b modelChange) int {
		if c := a.from.Compare(b.from); c != 0 {
			return c
		}
		return int(a.seq) - int(b.seq)
	})
	return slices.DeleteFunc(all, func(c modelChange) bool { return c.withdrawn })
}

func isFinal(status string) bool {
	return slices.Contains([]string{"cancelled", "expired", "revoked", "consumed", "failed"}, status)
}

// fold takes changes one after the other, whether they are legal or not.
func (m *model) fold(changes []modelChange) modelState {
	s := modelState{status: "draft", limit: m.limit, end: m.end}
	for _, c := range changes {
		if isFinal(s.status) {
			break
		}
		if to, why := m.step(s.status, c.kind); why == "" {
			s.status = to
		}
		if isFinal(s.status) {
			s.by = c.seq
		}
		if c.limit != 0 {
			s.limit = c.limit
		}
		if c.mandate != "" {
			s.mandate = c.mandate
		}
		if c.open {
			s.end = time.Time{}
		}
		if c.ends {
			s.end = c.end
		}
		if !s.end.IsZero() && s.end.Before(m.late) {
			s.end = m.late
		}
	}
	return s
}

// at is the state at an instant.
func (m *model) at(t time.Time) modelState {
	before := slices.DeleteFunc(m.sorted(), func(c modelChange) bool { return c.from.After(t) })
	s := m.fold(before)
	if !isFinal(s.status) && !s.end.IsZero() && !t.Before(s.end) {
		s.status = "expired"
	}
	if s.by != 0 {
		s.end = time.Time{}
	}
	return s
}

// judge says why a list cannot be, with the change that it is about.
func (m *model) judge(all []modelChange, mine uint64) (contract.Reason, uint64) {
	for i, c := range all {
		s := m.fold(all[:i])
		_, why := m.step(s.status, c.kind)
		switch {
		case isFinal(s.status) && c.seq != mine: // superseded
			continue
		case !isFinal(s.status) && !s.end.IsZero() && !c.from.Before(s.end):
			why = contract.HasExpired
		}
		switch {
		case why == "":
		case c.seq == mine:
			return why, s.by
		default:
			return contract.ConflictsWithLaterChange, c.seq
		}
	}
	return "", 0
}

// ask decides a change, and makes it if it is legal.
func (m *model) ask(c modelChange) (contract.Reason, uint64) {
	if !m.begun {
		return contract.NotFound, 0
	}
	c.seq = m.revision + 1
	if c.at.Before(m.clock) {
		c.at = m.clock
	}
	if c.from.IsZero() {
		c.from = c.at
		if c.at.Before(m.start) {
			c.from = m.start
		}
	}
	if c.from.Before(m.start) {
		return contract.BeforeStart, 0
	}
	if c.ends && !c.end.After(c.from) {
		return contract.EndsBeforeItBegins, 0
	}
	if why, change := m.judge(m.sorted(c), c.seq); why != "" {
		return why, change
	}
	m.changes = append(m.changes, c)
	m.revision, m.clock = c.seq, c.at
	return "", 0
}

func (m *model) withdraw(at time.Time, seq uint64) (contract.Reason, uint64) {
	if !m.begun {
		return contract.NotFound, 0
	}
	if at.Before(m.clock) {
		at = m.clock
	}
	i := slices.IndexFunc(m.changes, func(c modelChange) bool { return c.seq == seq })
	if i < 0 {
		return contract.UnknownChange, seq
	}
	c := &m.changes[i]
	if c.withdrawn {
		return contract.AlreadyWithdrawn, 0
	}
	if !c.from.After(at) {
		return contract.AlreadyInForce, seq
	}
	c.withdrawn = true
	if why, change := m.judge(m.sorted(), 0); why != "" {
		c.withdrawn = false
		return why, change
	}
	m.revision, m.clock = m.revision+1, at
	return "", 0
}

func contractStep(status, kind string) (string, contract.Reason) {
	switch status {
	case "cancelled":
		return "", contract.HasEnded
	case "expired":
		return "", contract.HasExpired
	}
	switch kind {
	case "cancel":
		return "cancelled", ""
	case "amend":
		return status, ""
	case "activate":
		if status != "draft" {
			return "", contract.AlreadyActive
		}
		return "active", ""
	case "suspend":
		if status == "suspended" {
			return "", contract.AlreadySuspended
		}
		if status == "draft" {
			return "", contract.NotActive
		}
		return "suspended", ""
	default:
		if status != "suspended" {
			return "", contract.NotSuspended
		}
		return "active", ""
	}
}
