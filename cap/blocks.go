package cap

// blocks are the sums of a book's entries by every blockSize slots: what lets a spend that is late by thousands of entries
// be judged without walking over them. They are made when they are first wanted, and kept up from then on.
type blocks []block

// block is what the entries in its slots amount to, and count.
type block struct{ sum, count int64 }

const (
	blockBits = 6
	blockSize = 1 << blockBits
)

// makeBlocks makes the blocks of the entries as they are.
func (b *book) makeBlocks() blocks {
	bs := make(blocks, len(b.slots)>>blockBits+1)
	for i := range b.n {
		p := b.physical(i)
		bs.add(p, &b.slots[p], 1)
	}
	b.theSide().blocks = bs
	return bs
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
	bs.add(b.physical(p), b.at(p), 1)
	for i := p + 1; i < b.n; {
		to := b.physical(i)
		if to&(blockSize-1) == 0 || to == b.base {
			e := b.at(i)
			bs.add(to, e, 1)
			bs.add(b.physical(i-1), e, -1)
		}
		i += min(blockSize-to&(blockSize-1), len(b.slots)-to)
	}
}

// surelyFits reports whether all that any window could hold which contains an instant leaves room: what lies between the
// first entry of the earliest of them, or a few before it, and the end. Mostly it does, and then nobody has to walk
// through the windows. There must be no refunds that count.
func (b *book) surelyFits(r *rule, at, amount, count int64) bool {
	c := b.slots[r.slot].cursor()
	first := b.afterAt(r, at)
	bs := b.blocks()
	if bs == nil && c.head > 2*blockSize && b.at(c.head-2*blockSize).a > first {
		bs = b.makeBlocks()
	}
	for c.head > 0 {
		p := b.physical(c.head - 1)
		if b.slots[p].a <= first {
			break
		}
		if bs != nil && p&(blockSize-1) == blockSize-1 && c.head >= blockSize && p-blockSize+1 >= b.base {
			c.sum += bs[p>>blockBits].sum
			c.count += bs[p>>blockBits].count
			c.head -= blockSize
			continue
		}
		n, one := b.slots[p].counted()
		c.sum += n
		c.count += one
		c.head--
	}
	return amount <= r.max-c.sum && count <= r.maxCount-c.count
}
