package cap

import (
	"time"

	"github.com/payrules/payrules/money"
)

// Spend is a use of money that asks for room. Its identity is the pair of its instant and its id: whoever sends it again
// must send both again.
type Spend struct {
	_ struct{} // disallow positional literals

	// ID tells the spend from others of the same instant: 1 to MaxID bytes of UTF-8 without control characters.
	ID string `json:"id"`

	// At is when it happened, by the clock of the one who decides; from 1970 to 2199, cut off to whole microseconds.
	At time.Time `json:"at"`

	// Amount is how much: more than zero, at most MaxAmount, in the policy's currency.
	Amount money.Amount `json:"amount"`

	// Expires makes the spend a hold that ends by itself at that instant, unless it is captured before: after At, by
	// MaxRolling at most. The zero time: it never does. A force-post has none.
	Expires time.Time `json:"expires,omitzero"`

	// Merchant says where the money goes, for limits that have a Scope; nil when that is not known.
	Merchant *Merchant `json:"merchant,omitempty"`
}

// Change is what becomes of a spend that was recorded before: the content of Adjust and Capture.
type Change struct {
	_ struct{} // disallow positional literals

	// ID and At are those of the spend.
	ID string    `json:"id"`
	At time.Time `json:"at"`

	// Amount is what the spend is worth from now on, whole.
	Amount money.Amount `json:"amount"`

	// On is when the change happened: at or after At. It moves the account's clock as a spend of that instant would, and
	// is where limits count that count the change now. The zero time stands for the latest recorded instant.
	On time.Time `json:"on,omitzero"`
}

// Ref names a spend that was recorded before.
type Ref struct {
	_ struct{} // disallow positional literals

	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// Meter keeps what one account has spent, and decides what more fits its policy. The zero value decides nothing: make it
// with [NewMeter].
//
// The methods that decide or apply are not for concurrent use. The readers (Usage, Used, Remaining, RoomFor, MaxNow,
// MarshalBinary) write nothing, so they may run at the same time as one another. Decide of a command is not one of them:
// it changes no answer, but it moves cursors.
type Meter struct {
	book           // of the policy's first group: every spend
	rare   *rare   // what few accounts have
	policy *Policy // what rules now
	shared *Policy // what it was made with; snapshots tell whose they are by it

	latest int64 // instant of the latest recorded event, or -1
	oldest int64 // the earliest that a new spend may be dated at; never goes back
	gone   int64 // entries dated at or before it were gone when the policy last changed; never goes back
	closed int64 // entries dated at or before it were final then; never goes back
}

// rare is what a meter has besides, if its policy has several groups, or its spends expire or are refunded.
type rare struct {
	books    []book // of the policy's other groups
	holds           // spends that expire
	refunded []slot // instant, amount refunded so far, and hash of spends, in the order of instants
}

// NewMeter returns the meter of a new account. The policy may be shared with any number of others. A nil or zero policy gives a
// meter on which everything is an error.
func NewMeter(p *Policy) *Meter {
	if p != nil && p.json == nil {
		p = nil
	}
	m := &Meter{policy: p, shared: p, latest: -1, gone: -1, closed: -1}
	if p == nil {
		return m
	}
	m.book = newBook(p.groups[0], 1)
	if len(p.groups) > 1 {
		m.rare = &rare{}
		for _, g := range p.groups[1:] {
			m.rare.books = append(m.rare.books, newBook(g, 1))
		}
	}
	return m
}

func newBook(g *group, entries int) book {
	b := book{group: g}
	b.resize(g.slots, entries)
	b.restart()
	return b
}

// bookOf returns the book of the policy's group k.
func (m *Meter) bookOf(k int) *book {
	if k == 0 {
		return &m.book
	}
	return &m.rare.books[k-1]
}

// theRare returns m.rare, made if there is none yet.
func (m *Meter) theRare() *rare {
	if m.rare == nil {
		m.rare = &rare{}
	}
	return m.rare
}

// Policy returns the policy that rules now: the one the meter was made with, or what SetPolicy set.
func (m *Meter) Policy() *Policy { return m.policy }

// Latest returns the instant that the account's clock stands at: of the latest spend, refund or counted attempt, of a change
// that says when it happened, or of Meters.Advance; the zero time when there is none. Reversals do not move it.
func (m *Meter) Latest() time.Time {
	if m.latest < 0 {
		return time.Time{}
	}
	return timeOf(m.latest)
}

// Oldest returns the earliest instant that a new spend may be dated at: the policy's lateness before Latest. It never
// goes back, also when a policy with more lateness is set.
func (m *Meter) Oldest() time.Time { return timeOf(m.oldest) }

// floor returns the instant at and before which spends are gone: no window reaches them from Oldest on, and no hold is
// open on them. It depends on what was recorded alone, and not on when memory was given back.
func (m *Meter) floor() int64 {
	f := max(m.gone, m.group.horizon(m.oldest))
	if m.rare != nil {
		f = min(f, m.rare.firstOpen(m.latest)-1)
	}
	return f
}

// ask is a checked question to the meter.
type ask struct {
	hash       uint64
	at, amount int64
	scattered  bool // the spend was adjusted: it may have parts elsewhere
}

// particulars are what only some spends have. Nil stands for none.
type particulars struct {
	place   place
	expires int64 // 0: never
}

// check makes the ask of a spend. An error means that it cannot be decided.
func (m *Meter) check(id string, at time.Time, amount money.Amount) (ask, error) {
	if m.policy == nil || amount.Currency() != m.policy.currency {
		return ask{}, m.cannotAsk(amount)
	}
	hash, err := hashID(id)
	if err != nil {
		return ask{}, err
	}
	instant, err := instantOf(at)
	if err != nil {
		return ask{}, err
	}
	return ask{hash: hash, at: instant, amount: amount.Minor()}, nil
}

// plain reports whether the spend has no particulars.
func (s *Spend) plain() bool { return s.Merchant == nil && s.Expires.IsZero() }

// particulars returns those of the spend, dated at. An error means that it cannot be decided.
func (s *Spend) particulars(at int64) (p particulars, err error) {
	if s.Merchant != nil {
		if p.place, err = s.Merchant.place(); err != nil {
			return p, err
		}
	}
	if s.Expires.IsZero() {
		return p, nil
	}
	if p.expires, err = instantOf(s.Expires); err != nil {
		return p, invalidWith(err, "expires")
	}
	if p.expires <= at || p.expires > at+MaxRolling.Microseconds() {
		return p, invalid("expires", "want it after at, by %d days at most", MaxRolling/(24*time.Hour))
	}
	return p, nil
}

// on returns the instant of a change, or the latest one. An error means that it cannot be decided.
func (m *Meter) on(c *Change, at int64) (int64, error) {
	if c.On.IsZero() {
		return m.latest, nil
	}
	on, err := instantOf(c.On)
	if err != nil {
		return 0, invalidWith(err, "on")
	}
	if on < at {
		return 0, invalid("on", "before at")
	}
	return on, nil
}

// cannotAsk returns why a meter cannot be asked about an amount.
func (m *Meter) cannotAsk(amount money.Amount) error {
	if m.policy == nil {
		return invalid("policy", "the meter has none")
	}
	return badCurrency(amount.Currency(), m.policy.currency)
}

// checkRef makes the ask about a spend that was recorded before.
func (m *Meter) checkRef(id string, at time.Time) (ask, error) {
	if m.policy == nil {
		return ask{}, m.cannotAsk(money.Amount{})
	}
	return m.check(id, at, money.New(0, m.policy.currency))
}

func badCurrency(got, want money.Currency) error {
	return invalidWith(&money.CurrencyMismatchError{Op: "decide", A: got, B: want}, "amount")
}

// advance moves the account's clock to an instant, unless it is there already.
func (m *Meter) advance(t int64) {
	if t <= m.latest {
		return
	}
	m.latest = t
	m.oldest = max(m.oldest, t-m.policy.lateness)
	if m.rare != nil {
		m.expire(t)
		m.rare.shed(t)
	}
}

// put inserts an entry into a book, whatever the limits say, and returns its place. The sums must have room for it.
func (m *Meter) put(b *book, e slot) int {
	if b.full() {
		floor, final := m.floor(), m.final()
		if final > floor {
			b.merge(m.group, final)
		}
		b.forget(floor)
	}
	p := b.n
	if e.a <= b.newest() {
		p = b.upper(e.a)
	}
	b.insert(e, p)
	return p
}
