package pebble

import (
	"sync"

	cockroach "github.com/cockroachdb/pebble/v2"
)

// compactions lets the database compact its tables, one at a time, and only while the journal is open. Left
// to itself, the database compacts while it still opens; if the opening then fails, it takes away what the
// compaction works on, which panics on a goroutine that nobody can guard. And one that failed, for a table
// that is damaged, it would try again at once and for ever.
type compactions struct {
	fence *fence

	mu      sync.Mutex
	db      cockroach.DBForCompaction
	running bool
	ended   bool // after Unregister

	granting sync.RWMutex // held for reading while the database is called
}

var (
	_ cockroach.CompactionScheduler   = (*compactions)(nil)
	_ cockroach.CompactionGrantHandle = (*compactions)(nil)
)

// Register is called once, when the database opens.
func (c *compactions) Register(_ int, db cockroach.DBForCompaction) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.db = db
}

// Unregister returns when the database will not be called again.
func (c *compactions) Unregister() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.granting.Lock()
	defer c.granting.Unlock()
}

// TrySchedule is the database asking whether it may. If not, grant asks it again.
func (c *compactions) TrySchedule() (bool, cockroach.CompactionGrantHandle) {
	if !c.begin() {
		return false, nil
	}
	return true, c
}

func (c *compactions) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running || c.ended || c.db == nil || !c.fence.strict.Load() || c.fence.err() != nil {
		return false
	}
	c.running = true
	return true
}

func (c *compactions) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
}

// Done ends a compaction and begins the next one, if one waits.
func (c *compactions) Done() {
	c.end()
	c.grant()
}

// grant lets the database do what it asked for in vain before.
func (c *compactions) grant() {
	c.granting.RLock()
	defer c.granting.RUnlock()
	if !c.begin() {
		return
	}
	if waiting, _ := c.db.GetWaitingCompaction(); !waiting || !c.db.Schedule(c) {
		c.end()
	}
}

// UpdateGetAllowedWithoutPermission, and the methods after it, tell of what is of no account here.
func (c *compactions) UpdateGetAllowedWithoutPermission() {}

// Started does nothing.
func (c *compactions) Started() {}

// MeasureCPU does nothing.
func (c *compactions) MeasureCPU(cockroach.CompactionGoroutineKind) {}

// CumulativeStats does nothing.
func (c *compactions) CumulativeStats(cockroach.CompactionGrantHandleStats) {}
