package cap

// A Decision while it is being made.

// start makes d a decision of m about an instant and an amount.
func (d *Decision) start(m *Meter, at, amount int64) {
	d.policy = m.policy
	d.at, d.amount, d.currency = at, amount, m.policy.currency
	if n := len(m.policy.limits); n > len(d.rows) && len(d.more) != n-len(d.rows) {
		d.more = make([]figures, n-len(d.rows))
	}
}

// refuse makes d a refusal.
func (d *Decision) refuse(why Reason) change {
	d.outcome, d.reason = Refused, why.code()
	return change{}
}

// repeat makes d an approval of what was done before.
func (d *Decision) repeat(why Reason) change {
	d.outcome, d.reason, d.existed = Approved, why.code(), true
	return change{}
}

// again answers a spend whose entry is there already, in state b. After a capture or an adjustment the amount first asked
// for is no longer known, so that any is taken for it.
func (d *Decision) again(b, amount int64) change {
	switch {
	case b&(captured|adjusted) == 0 && b&amountMask != amount:
		return d.refuse(ExistsWithDifferentAmount)
	case b&expired != 0:
		return d.refuse(AlreadyExpired)
	case b < 0:
		return d.refuse(AlreadyReversed)
	}
	return d.repeat(Exists)
}

// bind refuses an amount and a count if a limit of some group does not take them, and reports whether one did. The rows
// of d hold what is used.
func (d *Decision) bind(in groups, amount, count int64) (bound bool) {
	for k, g := range d.policy.groups {
		if in.has(k) {
			bound = d.bindGroup(g, d.at, amount, count, amount) || bound
		}
	}
	return bound
}

// bindGroup is bind for the limits of one group, for a spend dated at that is then worth so much. Of all limits that do
// not take the amount, the one is told that would have taken least; else the first whose count is used up.
func (d *Decision) bindGroup(g *group, at, amount, count, worth int64) bool {
	for i := range g.rules {
		r := &g.rules[i]
		most, mostCount := r.maxima(at)
		row := d.row(r.row)
		used, asked := max(0, row.used), amount
		if r.kind == perTransaction {
			used, asked = 0, worth
		}
		switch left := most - used; {
		case asked > left && (d.binding == 0 || d.reason != amountExceeded || left < d.least || left == d.least && r.row < int(d.binding)-1):
			d.binding, d.least = int8(r.row+1), left
			d.refuse(AmountLimitExceeded)
		case asked <= left && count > mostCount-int64(row.count) && d.reason != amountExceeded && (d.binding == 0 || r.row < int(d.binding)-1):
			d.binding = int8(r.row + 1)
			d.refuse(CountLimitExceeded)
		}
	}
	return d.binding != 0
}
