package cashback

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Bounds of the rewards of one customer.
const (
	MaxKept    = 100_000 // purchases that are remembered
	MaxRefunds = 1_000   // of one purchase
	MaxWaiting = 1_000   // refunds that wait for their purchase
	MaxPayouts = 10_000  // that are remembered: the ids of the latest
)

// Rewards are what one customer has under one program: an entry for each purchase, and what became of it. Make them with [NewRewards]; they
// change by [Rewards.Apply] alone. They are not safe for concurrent use.
type Rewards struct {
	id    string
	clock int64 // the latest instant at which anything was done, in microseconds

	terms   *TermsTaken       // nil before the first purchase
	meters  map[string]meter  // of its caps
	entries map[string]*entry // by purchase; an entry is replaced and never changed, so that copies of the rewards share it
	earned  uint64            // how many purchases there ever were
	oldest  int64             // no purchase made before is taken: it may be forgotten
	dues    dues              // what happens next by itself
	forgets dues              // and what is forgotten next

	confirmed, payable map[string]bool // the purchases whose entries are

	refundOf map[string]string     // a refund's id to that of its purchase
	waiting  map[string]RefundKept // refunds whose purchase has not arrived
	waits    map[string]int        // how many of them wait for a purchase
	paid     map[string]PaidOut
	payouts  []string // their ids, in order
	sums     sums
}

// entry is what became of a purchase's reward.
type entry struct {
	Earned
	Place    uint64       `json:"place"` // among all that were earned
	Status   Status       `json:"status"`
	Left     int64        `json:"left"`               // of the reward, in its status
	Due      []int64      `json:"due,omitempty"`      // what refunds come to, by line
	Clawed   []int64      `json:"clawed,omitempty"`   // of that, what was taken or is owed
	Refunded int64        `json:"refunded,omitempty"` // of the purchase, in its currency
	Refunds  []ClawedBack `json:"refunds,omitempty"`
	ExpireAt time.Time    `json:"expire_at,omitzero"`
}

// meter is what a cap counts.
type meter struct {
	*cap.Meter
	first *cap.Policy // what it was made with, by which it is restored; others may have been set since
}

// Status is what has become of a reward. A clawback is none: it takes off what is left.
type Status string

// The statuses.
const (
	StatusPending    Status = "pending"    // to be confirmed, or rejected
	StatusConfirmed  Status = "confirmed"  // the customer's; it may expire
	StatusPayable    Status = "payable"    // it does not expire any more
	StatusPaid       Status = "paid"       // final
	StatusRejected   Status = "rejected"   // final
	StatusExpired    Status = "expired"    // final
	StatusUnrewarded Status = "unrewarded" // nothing was earned
)

// settled reports whether nothing but refunds can come.
func (s Status) settled() bool {
	return s == StatusPaid || s == StatusRejected || s == StatusExpired || s == StatusUnrewarded
}

// NewRewards returns the rewards of a customer who has bought nothing yet.
func NewRewards(id string) *Rewards {
	return &Rewards{
		id: id, meters: map[string]meter{}, entries: map[string]*entry{}, refundOf: map[string]string{},
		confirmed: map[string]bool{}, payable: map[string]bool{},
		waiting: map[string]RefundKept{}, waits: map[string]int{}, paid: map[string]PaidOut{},
	}
}

// ID returns the id that the rewards were made with.
func (r *Rewards) ID() string { return r.id }

// clone returns rewards that change apart. Entries are shared: they are never changed.
func (r *Rewards) clone() *Rewards {
	c := *r
	c.meters, c.entries = make(map[string]meter, len(r.meters)), maps.Clone(r.entries)
	for id, m := range r.meters {
		c.meters[id] = meter{m.Clone(), m.first}
	}
	c.confirmed, c.payable = maps.Clone(r.confirmed), maps.Clone(r.payable)
	c.dues, c.forgets = slices.Clone(r.dues), slices.Clone(r.forgets)
	c.refundOf, c.waiting, c.paid = maps.Clone(r.refundOf), maps.Clone(r.waiting), maps.Clone(r.paid)
	c.waits = maps.Clone(r.waits)
	c.payouts = slices.Clone(r.payouts)
	return &c
}

// Program returns the id and version of the program that the rewards go by; "" and 0 before the first purchase.
func (r *Rewards) Program() (id string, version int) {
	if r.terms == nil {
		return "", 0
	}
	return r.terms.Program, r.terms.Version
}

// Entry is the reward of a purchase, and what became of it.
type Entry struct {
	Earned   Earned // shared, and must not be changed
	Status   Status
	Left     money.Amount // of the reward, in its status
	Refunded money.Amount // of the purchase, in its currency
	Refunds  []ClawedBack
	ExpireAt time.Time // of what is confirmed; the zero time if it does not expire
}

// Entry returns the entry of a purchase; ok is false if there is none, or it is forgotten.
func (r *Rewards) Entry(purchase string) (e Entry, ok bool) {
	found := r.entries[purchase]
	if found == nil {
		return e, false
	}
	return found.read(), true
}

func (e *entry) read() Entry {
	return Entry{
		Earned: e.Earned, Status: e.Status, Left: money.New(e.Left, e.Reward.Currency()),
		Refunded: money.New(e.Refunded, e.Purchase.Amount.Currency()), Refunds: slices.Clone(e.Refunds), ExpireAt: e.ExpireAt,
	}
}

// Entries yields all entries that are remembered, in the order in which they were earned. The rewards must not change meanwhile.
func (r *Rewards) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, e := range r.inOrder() {
			if !yield(e.read()) {
				return
			}
		}
	}
}

func (r *Rewards) inOrder() []*entry {
	return slices.SortedFunc(maps.Values(r.entries), func(x, y *entry) int { return int(x.Place) - int(y.Place) })
}

// of returns the purchases whose entries are of a status; nil of those that are not asked for.
func (r *Rewards) of(s Status) map[string]bool {
	switch s {
	case StatusConfirmed:
		return r.confirmed
	case StatusPayable:
		return r.payable
	case StatusPending, StatusPaid, StatusRejected, StatusExpired, StatusUnrewarded:
	}
	return nil
}

// since returns from when on purchases are taken, by what is known: one that was made before may have been forgotten, by the rewards, which
// would let it earn again, or by a cap.
func (r *Rewards) since() time.Time {
	since := money.FromUnixMicro(r.oldest)
	for _, m := range r.meters {
		if oldest := m.Oldest(); oldest.After(since) {
			since = oldest
		}
	}
	return since
}

// room is what the caps leave for a purchase.
func (r *Rewards) room(p *Purchase) (map[string]money.Amount, error) {
	room := make(map[string]money.Amount, len(r.meters))
	for id, m := range r.meters {
		left, err := m.MaxNow(p.At, p.Merchant.spender())
		if err != nil {
			return nil, err
		}
		room[id] = left
	}
	return room, nil
}

// spender is a merchant as caps know it.
func (m *Merchant) spender() *cap.Merchant {
	return &cap.Merchant{ID: m.ID, Category: m.MCC, Country: m.Country}
}
