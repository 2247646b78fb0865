package bench_test

import (
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/cap/bench"
)

// day is a day of the policy that everybody is given.
const day = 24 * time.Hour

// window is one limit of an account: no more than max minor units in any (t-span, t].
type window struct {
	name string
	span time.Duration
	max  int64
}

// windows returns one window, 30 days, or three. They let everything through, and are nowhere near used up. With a scale
// they are that much shorter: see scale.
func windows(n int, scale time.Duration) []window {
	const max = 1 << 40
	return []window{{"month", 30 * day / scale, max}, {"week", 7 * day / scale, max}, {"day", day / scale, max}}[:n]
}

// usedUp returns the windows with the least maximum that lets everything through, when an account spends an amount at every
// step.
func usedUp(windows []window, step time.Duration, amount int64) []window {
	tight := slices.Clone(windows)
	for i, w := range tight {
		tight[i].max = int64((w.span+step-1)/step) * amount
	}
	return tight
}

// scale is how much shorter everything is in the benchmarks for those who take the instant as an argument: an hour is a
// millisecond. An account's own clock moves on by 7.2 hours with each decision, and would leave the range of instants
// within a minute otherwise.
const scale = 3_600_000

// clock says what clock an implementation goes by.
type clock int

const (
	argument  clock = iota // the instant that it is given
	processed              // time.Now, which testing/synctest can set
	machine                // the machine's, past all that
)

// impl is one of those who are compared.
type impl struct {
	name     string // as in the names of the benchmarks
	clock    clock
	windows  []int  // how many it can do
	keeps    bool   // the entries, so that it matters how many there are
	tight    bool   // it makes a difference how near the limits are
	exact    bool   // it says that it never lets more through than the maximum
	server   string // the variable that says where it is
	accounts int    // how many are enough to see what it costs, if 100,000 would take minutes to load
	open     func(tb testing.TB, windows []window) bench.Limiter
}

// impls are all who are compared, in the order of the tables.
var impls = []impl{
	{name: "xtimerate", windows: []int{1, 3}, open: newXTimeRate},
	{name: "slidingwindow", windows: []int{1, 3}, open: newSlidingWindow},
	{name: "throttled", clock: processed, windows: []int{1, 3}, open: newThrottled},
	{name: "sethvargo", clock: machine, windows: []int{1}, open: newSethVargo},
	{name: "ulule", clock: processed, windows: []int{1, 3}, open: newUlule},
	{name: "decimals", windows: []int{1, 3}, keeps: true, exact: true, accounts: 10_000, open: newDecimals},
	{name: "int64s", windows: []int{1, 3}, keeps: true, exact: true, open: newInt64s},
	{name: "redis", windows: []int{1, 3}, keeps: true, exact: true, server: "PAYRULES_REDIS", accounts: 1_000, open: newRedis},
	{name: "postgres", windows: []int{1, 3}, keeps: true, exact: true, server: "PAYRULES_POSTGRES", accounts: 1_000, open: newPostgres},
	{name: "postgres-nosync", windows: []int{1, 3}, keeps: true, exact: true, server: "PAYRULES_POSTGRES", accounts: 1_000, open: newPostgresNoSync},
	{name: "payrules", windows: []int{1, 3}, keeps: true, tight: true, exact: true, open: newMeters},
	{name: "payrules-authorize", windows: []int{1, 3}, keeps: true, tight: true, exact: true, open: newAuthorizingMeters},
	{name: "payrules-meter", windows: []int{1, 3}, keeps: true, exact: true, open: newLockedMeters},
}

// entry is a spend that an account has in its history.
type entry struct {
	at     time.Time
	amount int64
}

// loader is what those implement who take a history faster than one Allow after another.
type loader interface {
	load(account string, history []entry) error
}

// weighed is what those implement whose accounts are not in the heap of this process.
type weighed interface {
	bytes() (int64, error)
}
