package cap

// allowAsIs records a spend that is in order and has no particulars, in an account that has nothing rare, under a policy of
// rolling windows alone, if they all take it even without giving up what has left them since they were last moved: the
// cursors as they stand count too much, never too little. So nothing is read of the entries. In every other case it returns
// false, and nothing is decided.
func (m *Meter) allowAsIs(a ask) bool {
	p := m.policy
	if !p.plain || m.rare != nil || m.side != nil || a.at <= m.latest || a.at < m.sought || a.amount <= 0 || a.amount > MaxAmount ||
		m.overflows(a.amount) {
		return false
	}
	if m.full() {
		m.forget(m.floor())
	}
	slots, rules := m.slots, m.group.rules
	if len(rules) > len(slots) { // never: it spares the checks of bounds below
		return false
	}
	// The entry goes to its free slot first, where it does not count yet: that memory is on its way while the limits are
	// looked at.
	free := m.start + m.n
	if free >= len(slots) {
		free -= len(slots) - m.base
	}
	slots[free] = slot{a.at, a.amount, a.hash}
	for i := range rules {
		r, s := &rules[i], &slots[i]
		if a.amount > r.max-s.b || int64(s.c) >= r.maxCount {
			return false
		}
	}
	for i := range rules {
		s := &slots[i]
		s.b += a.amount
		s.c++
	}
	m.n++
	m.sum += a.amount
	m.count++
	m.latest = a.at
	m.oldest = max(m.oldest, a.at-p.lateness)
	return true
}

// touch reads where allowAsIs will soon read and write, so that it is near by then. What it returns means nothing.
func (m *Meter) touch() int64 {
	slots := m.slots
	if len(slots) == 0 {
		return 0
	}
	free := m.start + m.n
	if free >= len(slots) {
		free -= len(slots) - m.base
	}
	if free >= len(slots) {
		free = 0
	}
	return slots[0].b + slots[free].b
}
