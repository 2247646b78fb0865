package main

import (
	"math/bits"
	"time"
)

// Each power of two of nanoseconds has so many buckets: a quantile is at most 1/32 too high.
const (
	bucketBits = 5
	buckets    = 1 << bucketBits
)

// histogram counts durations from 0 to 2^40 ns, which is 18 minutes; longer ones count as that. Its size is fixed.
type histogram struct {
	counts [(41 - bucketBits) * buckets]int64
	total  int64
}

// add counts a duration.
func (h *histogram) add(d time.Duration) {
	h.total++
	h.counts[bucket(uint64(max(d, 0)))]++
}

// quantile returns a duration that a share of all counted ones do not exceed: a half is quantile(50, 100). It is 0
// when none was counted.
func (h *histogram) quantile(part, whole int64) time.Duration {
	rank := (h.total*part + whole - 1) / whole
	seen := int64(0)
	for i, n := range h.counts {
		if seen += n; seen >= rank && n > 0 {
			return time.Duration(highest(i))
		}
	}
	return 0
}

// bucket returns the bucket of n: the highest bit of n, and the bucketBits after it. Small numbers have their own.
func bucket(n uint64) int {
	n = min(n, 1<<40-1)
	if n < buckets {
		return int(n)
	}
	shift := bits.Len64(n) - 1 - bucketBits
	return shift<<bucketBits + int(n>>shift)
}

// highest returns the largest number that is in a bucket.
func highest(i int) uint64 {
	if i < 2*buckets {
		return uint64(i)
	}
	shift := i>>bucketBits - 1
	return uint64(i&(buckets-1)|buckets+1)<<shift - 1
}
