package cap

// Clone returns a meter that has recorded the same as m and decides the same, for trying out what would be. It shares
// only the policies with m, so that what happens on one is not seen on the other. It costs O(n) for n entries kept.
func (m *Meter) Clone() *Meter { return m.clone() }
