package cap

import (
	"errors"
	"hash/maphash"
	"math/bits"
	"sync/atomic"
)

// Bounds and defaults of [Meters].
const (
	MaxKeys            = 16      // keys of one AuthorizeAll or DoAll
	MaxShards          = 1 << 12 // of one Meters
	DefaultShards      = 256     // of MetersOptions that name none
	DefaultMaxAccounts = 1 << 20 // of MetersOptions that name none

	mostAccounts = 1 << 30 // the largest MaxAccounts
)

// ErrFull is returned by Meters when a key needs an account, MaxAccounts are there, and no idle one was found to make
// room. Nothing was decided and nothing is forgotten. See [Meters.Advance].
var ErrFull = errors.New("cap: no room for another account")

// Meters keeps the meters of many accounts, each under a key, for concurrent use. A key that is not there stands for an
// account that has spent nothing; it is kept from its first spend on.
//
// The accounts are spread over shards, and each shard has one lock, which an operation holds from before it looks until
// after it has recorded. So every operation is atomic against every other one, also over several keys.
//
// Meters has the hot operations itself; [Meters.Do] gives the Meter of a key for all the others.
//
// Accounts that have not spent for so long that nothing remembers it can be evicted, and never before: see
// [Meters.Advance], which tells the time, and [Meters.Evict], which gives memory back and changes no answer.
//
// A Meters is safe for concurrent use. Its zero value decides nothing: make it with [NewMeters] or [NewMetersFunc].
type Meters[K comparable] struct {
	seed     maphash.Seed
	policyOf func(K) *Policy
	most     int64
	shards   []shard[K]   // as many as a power of two
	clock    atomic.Int64 // what Advance said last, or -1
	_        [64]byte     // what follows changes with every new account, what is above nearly never
	accounts atomic.Int64 // of all shards, and places reserved for some
	turn     atomic.Int64 // the shard whose turn it is to be swept
}

// MetersOptions are the settings of Meters that have a default. Nil stands for all the defaults.
type MetersOptions struct {
	_ struct{} // disallow positional literals

	// MaxAccounts bounds how many accounts are kept, from 1 to 2^30; 0 stands for DefaultMaxAccounts. What
	// one account keeps is bounded by its policy, if that limits counts.
	MaxAccounts int

	// Shards is how many locks there are: a power of two up to MaxShards; 0 stands for DefaultShards. More of them let
	// more cores decide at the same time, and cost about 1 kB each.
	Shards int
}

// NewMeters returns Meters whose accounts all have the same policy. The type of the keys cannot be inferred:
//
//	meters, err := cap.NewMeters[string](policy, nil)
//
// NewMeters returns an error that wraps ErrInvalid if:
//   - the policy is nil or the zero Policy;
//   - an option is out of its bounds.
func NewMeters[K comparable](policy *Policy, options *MetersOptions) (*Meters[K], error) {
	if policy == nil || policy.json == nil {
		return nil, invalid("policy", "none given")
	}
	return NewMetersFunc(func(K) *Policy { return policy }, options)
}

// NewMetersFunc returns Meters whose accounts have the policy that policyOf gives for their key: by product, by country.
// It is asked when a key first needs an account, and again when one comes back that was evicted, so it must always
// give the same policy for the same key. It may be called by several goroutines at once, and no lock is held. The policy of
// one account is changed with SetPolicy, in a Do.
//
// NewMetersFunc returns an error that wraps ErrInvalid if policyOf is nil, or an option is out of its bounds.
func NewMetersFunc[K comparable](policyOf func(K) *Policy, options *MetersOptions) (*Meters[K], error) {
	x := &Meters[K]{seed: maphash.MakeSeed(), policyOf: policyOf, most: DefaultMaxAccounts}
	if policyOf == nil {
		return nil, invalid("policy", "none given")
	}
	shards := DefaultShards
	if options != nil && options.Shards != 0 {
		if shards = options.Shards; shards < 1 || shards > MaxShards || bits.OnesCount(uint(shards)) != 1 {
			return nil, invalid("meters: shards", "%d, want a power of two up to %d", shards, MaxShards)
		}
	}
	if options != nil && options.MaxAccounts != 0 {
		if options.MaxAccounts < 1 || options.MaxAccounts > mostAccounts {
			return nil, invalid("meters: max accounts", "%d, want 1 to %d", options.MaxAccounts, mostAccounts)
		}
		x.most = int64(options.MaxAccounts)
	}
	x.clock.Store(-1)
	x.shards = make([]shard[K], shards)
	for i := range x.shards {
		x.shards[i].idleFrom, x.shards[i].idleNext = never, never
	}
	return x, nil
}

// Allow is [Meter.Allow] on the account of a key. It costs one lock, one look-up and the decision, and allocates nothing
// but for an account that is new or grows.
//
// Allow returns the errors of [Meter.Authorize], and besides:
//   - ErrFull, when the key has no account and there is no room for one;
//   - an error that wraps ErrInvalid, when the key has no policy, or does not equal itself, as a NaN does.
func (x *Meters[K]) Allow(key K, s Spend) (Outcome, Reason, error) {
	return x.allow(key, &s)
}

// allow is Allow, which is inlined where it is called, so that a Spend is not copied.
func (x *Meters[K]) allow(key K, s *Spend) (Outcome, Reason, error) {
	if in, a := x.open(key); a != nil {
		before := a.size()
		outcome, reason, err := a.meter.allowSpend(s, true)
		in.close(a, before)
		return outcome, reason, err
	}
	var d Decision
	err := x.authorizeNew(&d, key, s)
	return d.outcome, d.Reason(), err
}

// Authorize is [Meter.Authorize] on the account of a key. It costs what Allow costs, and what the figures cost besides. It
// returns the errors of [Meters.Allow].
func (x *Meters[K]) Authorize(key K, s Spend) (d Decision, err error) {
	err = x.authorize(&d, key, &s)
	return d, err
}

// authorize is Authorize, which is inlined where it is called, so that neither a Spend nor a Decision is copied.
func (x *Meters[K]) authorize(d *Decision, key K, s *Spend) error {
	if in, a := x.open(key); a != nil {
		before := a.size()
		err := a.meter.authorize(d, s)
		in.close(a, before)
		return err
	}
	return x.authorizeNew(d, key, s)
}

// open returns the account of a key, at the time that the clock shows, with its shard locked until close. If there is
// none, it returns nil, and nothing is locked.
func (x *Meters[K]) open(key K) (in *shard[K], a *account[K]) {
	if len(x.shards) == 0 {
		return nil, nil
	}
	h := maphash.Comparable(x.seed, key)
	in = &x.shards[x.shardOf(h)]
	in.mu.Lock()
	if a = in.find(h, key); a == nil {
		in.mu.Unlock()
		return nil, nil
	}
	if clock := x.clock.Load(); clock >= a.meter.latest {
		in.catchUp(a, clock)
	}
	return in, a
}

// close counts what became of an account that had some size before, and unlocks.
func (s *shard[K]) close(a *account[K], before size) {
	s.grow(before, a.size())
	s.mu.Unlock()
}

// authorizeNew is Authorize for a key that had no account when it was looked for.
func (x *Meters[K]) authorizeNew(d *Decision, key K, s *Spend) error {
	return x.Do(key, func(m *Meter) error { return m.authorize(d, s) })
}

// Do calls do with the Meter of a key, alone with it: captures, reversals, force-posts, a policy of its own, and everything
// there is to read.
//
//	err := meters.Do(card, func(m *cap.Meter) (err error) {
//		decision, err = m.Capture(cap.Change{ID: id, At: at, Amount: amount})
//		return err
//	})
//
// The shard of the key is locked meanwhile. So do must be short, must not use the Meters, and must not keep the Meter. What
// it has done stays done, also when it returns an error or panics. A key without an account gives a new Meter, which is
// kept if something is recorded.
//
// Do returns the error of do, and those of [Meters.Allow] about the key, for which do is not called.
func (x *Meters[K]) Do(key K, do func(*Meter) error) error {
	var l locked[K]
	keys := [1]K{key}
	if err := l.take(x, keys[:]); err != nil {
		return err
	}
	defer l.release(x)
	return do(&l.accounts[0].meter)
}

// DoAll is Do for several keys at once, 1 to MaxKeys of them: the Meters come in the order of the keys, and a key that is
// given twice gives the same Meter twice. No other operation comes in between; but it is for do to see to it that all is
// done or nothing, where that matters. See [Meters.AuthorizeAll]. It costs one allocation. It returns the errors of [Meters.Do].
func (x *Meters[K]) DoAll(do func([]*Meter) error, keys ...K) error {
	var l locked[K]
	if err := l.take(x, keys); err != nil {
		return err
	}
	defer l.release(x)
	var meters [MaxKeys]*Meter
	for i := range keys {
		meters[i] = &l.accounts[i].meter
	}
	return do(meters[:len(keys)])
}
