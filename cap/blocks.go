package cap

import "math"

// blocks are the sums of a book's entries by every blockSize slots: what lets a spend that is late by thousands of entries
// be judged without walking over them. They are made when they are first wanted, and kept up from then on.
type blocks []block

// block is what the entries in its slots amount to, and count.
type block struct{ sum, count int64 }

const (
	blockBits = 7
	blockSize = 1 << blockBits
	few       = 32 // entries that are faster walked over
)

// makeBlocks makes the blocks of the entries as they are.
func (b *book) makeBlocks() blocks {
	bs := make(blocks, len(b.slots)>>blockBits+1)
	end := b.start + b.n
	bs.sum(b.slots, b.start, min(end, len(b.slots)))
	if end > len(b.slots) {
		bs.sum(b.slots, b.base, end-len(b.slots)+b.base)
	}
	b.theSide().blocks = bs
	return bs
}

// sum counts the entries in slots from p to before end in.
func (bs blocks) sum(slots []slot, p, end int) {
	for p < end {
		block, sum, count := &bs[p>>blockBits], int64(0), int64(0)
		for last := min(p|(blockSize-1), end-1); p <= last; p++ {
			amount, one := slots[p].counted()
			sum += amount
			count += one
		}
		block.sum += sum
		block.count += count
	}
}

// add counts an entry into the block of slot p, or out of it.
func (bs blocks) add(p int, e *slot, sign int64) {
	amount, count := e.counted()
	bs[p>>blockBits].sum += sign * amount
	bs[p>>blockBits].count += sign * count
}

// shifted keeps the blocks up after entry p was put in, before others that moved on by one slot: each block has lost its
// last entry to the next one.
func (b *book) shifted(bs blocks, p int) {
	in, one := b.at(p).counted()
	for i := p; i < b.n; {
		from := b.physical(i)
		i += min(blockSize-from&(blockSize-1), len(b.slots)-from) // the first entry that lies in another block
		out, none := int64(0), int64(0)
		if i < b.n {
			out, none = b.at(i).counted()
		}
		block := &bs[from>>blockBits]
		block.sum += in - out
		block.count += one - none
		in, one = out, none
	}
}

// surelyFits reports whether all that any window could hold which contains an instant leaves room: what lies between the
// first entry of the earliest of them, or up to a block before it, and the end. Mostly it does, and then nobody has to walk
// through the windows. There must be no refunds that count, the limit must have no overrides, and the cursors must stand at
// the latest instant.
func (b *book) surelyFits(r *rule, at, amount, count int64) bool {
	c := b.slots[r.slot].cursor()
	first := b.afterAt(r, at)
	if c.head < few || b.at(c.head-few).a <= first {
		for ; c.head > 0 && b.at(c.head-1).a > first; c.head-- {
			c.add(b.at(c.head - 1))
		}
		return amount <= r.max-c.sum && count <= r.maxCount-c.count
	}
	if b.sum > math.MaxInt64/2-b.credited { // what is counted too much must not overflow
		return false
	}
	bs := b.blocks()
	if bs == nil {
		bs = b.makeBlocks()
	}
	from, to := b.physical(b.upperOf(first, c.head)), b.physical(c.head-1)
	sum, n := c.sum, c.count
	if from > to {
		for _, block := range bs[from>>blockBits:] {
			sum += block.sum
			n += block.count
		}
		from = b.base
	}
	for _, block := range bs[from>>blockBits : to>>blockBits+1] {
		sum += block.sum
		n += block.count
	}
	return amount <= r.max-sum && count <= r.maxCount-n
}
