package cap

import "slices"

// Clone returns a meter that has recorded the same as m and decides the same, for trying out what would be. It shares
// only the policies with m, so that what happens on one is not seen on the other. It costs O(n) for n entries kept.
func (m *Meter) Clone() *Meter {
	c := *m
	c.book.ring = m.ring.clone()
	if m.rare != nil {
		rare := *m.rare
		rare.books = slices.Clone(rare.books)
		for i := range rare.books {
			rare.books[i].ring = rare.books[i].ring.clone()
		}
		rare.holds.list = slices.Clone(rare.holds.list)
		rare.refunded = slices.Clone(rare.refunded)
		c.rare = &rare
	}
	return &c
}
