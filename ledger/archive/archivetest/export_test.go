package archivetest

import (
	"slices"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// Alter changes what is kept of a segment behind the archive's back.
func (m *Memory) Alter(s ledger.Segment, change func(r *event.Record)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.accounts[s.Account]
	i := slices.IndexFunc(all, func(p piece) bool { return p.First == s.First })
	p := all[i].with(func(p *piece) { change(&p.records[len(p.records)/2]) })
	m.accounts[s.Account] = slices.Concat(all[:i], []piece{p}, all[i+1:])
}

// Lose forgets a segment.
func (m *Memory) Lose(s ledger.Segment) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accounts[s.Account] = slices.DeleteFunc(slices.Clone(m.accounts[s.Account]), func(p piece) bool { return p.First == s.First })
}
