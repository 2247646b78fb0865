package bench_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/payrules/payrules/cap/bench"
)

// sortedSet is the window that services keep in Redis: a sorted set an account, scored by instant, and a script that
// forgets, sums up, checks and adds in one step. It is exact, for spends that come in order.
//
// Instants are microseconds: 53 bits of a double hold them, but not what Lua makes of one in writing. So the script gets
// its bounds written, and does no arithmetic on instants.
type sortedSet struct {
	client  *redis.Client
	prefix  string
	windows []window
	before  int64 // bytes in the server's memory when it was opened
}

// admit answers 1 if the spend fits every window, and has then been added. ARGV: the member, its score and its amount;
// then, for each window, the instant that it begins after, and its maximum. The first window is the longest.
var admit = redis.NewScript(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[4])
for w = 4, #ARGV, 2 do
  local sum = tonumber(ARGV[3])
  for _, spend in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[w], '+inf')) do
    sum = sum + tonumber(string.match(spend, '^%d+'))
  end
  if sum > tonumber(ARGV[w + 1]) then
    return 0
  end
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return 1
`)

func newRedis(tb testing.TB, windows []window) bench.Limiter {
	options, err := redis.ParseURL(server(tb, "PAYRULES_REDIS"))
	if err != nil {
		tb.Fatal(err)
	}
	s := &sortedSet{client: redis.NewClient(options), prefix: "payrules:" + rand.Text() + ":", windows: windows}
	tb.Cleanup(func() {
		if err := s.drop(); err != nil {
			tb.Error(err)
		}
	})
	if s.before, err = s.used(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// member is what the set holds for a spend: its amount, and what tells it from all others.
func member(at time.Time, id string, amount int64) string {
	return strconv.FormatInt(amount, 10) + ":" + strconv.FormatInt(at.UnixMicro(), 10) + ":" + id
}

func (s *sortedSet) Allow(account, id string, at time.Time, amount int64) (bool, error) {
	args := make([]any, 3, 3+2*len(s.windows))
	args[0], args[1], args[2] = member(at, id, amount), at.UnixMicro(), amount
	for _, w := range s.windows {
		args = append(args, at.Add(-w.span).UnixMicro(), w.max)
	}
	answer, err := admit.Run(context.Background(), s.client, []string{s.prefix + account}, args...).Int()
	return answer == 1, err
}

func (s *sortedSet) load(account string, history []entry) error {
	members := make([]redis.Z, len(history))
	for i, e := range history {
		members[i] = redis.Z{Score: float64(e.at.UnixMicro()), Member: member(e.at, "loaded", e.amount)}
	}
	return s.client.ZAdd(context.Background(), s.prefix+account, members...).Err()
}

func (s *sortedSet) bytes() (int64, error) {
	now, err := s.used()
	return now - s.before, err
}

// used returns the memory that the server's data takes.
func (s *sortedSet) used() (int64, error) {
	info, err := s.client.InfoMap(context.Background(), "memory").Result()
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(info["Memory"]["used_memory_dataset"]), 10, 64)
}

// drop deletes what the test has put there, and nothing else.
func (s *sortedSet) drop() error {
	ctx := context.Background()
	for keys := s.client.Scan(ctx, 0, s.prefix+"*", 1000).Iterator(); ; {
		if !keys.Next(ctx) {
			if err := keys.Err(); err != nil {
				return fmt.Errorf("redis: %w", err)
			}
			return s.client.Close()
		}
		if err := s.client.Unlink(ctx, keys.Val()).Err(); err != nil {
			return fmt.Errorf("redis: %w", err)
		}
	}
}
