package cap

import "fmt"

// Mode says what an event does to what a limit counts.
type Mode uint8

// The modes. The zero Mode stands for the default of the event.
const (
	Default  Mode = iota // what the event does usually
	Ignored              // nothing: what was counted before stays counted
	Original             // what changes, changes at the instant of the spend
	Now                  // what changes, counts from the instant of the event on
)

func modeNames() [4]string { return [...]string{"default", "ignored", "original", "now"} }

// String returns "default", "ignored", "original" or "now".
func (m Mode) String() string {
	if names := modeNames(); int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// Counting says, for each kind of event, what it does to what a limit counts of a spend. The defaults are what most card
// contracts say (law L7):
//
//	event             default   may be              what it does
//	Authorize         now       ignored             the spend counts at its own instant
//	Increment         now       original, ignored   an Adjust upwards: the difference counts as well
//	PartialReversal   original  ignored             an Adjust downwards: the difference is room again
//	Reversal          original  ignored             a Reverse: all of it is room again
//	Expiry            original  ignored             a hold that was not captured in time: all of it is room again
//	Capture           original  now, ignored        the final amount counts, instead of the one that was held
//	ForcePost         now       ignored             the spend counts at its own instant
//	Refund            ignored   original, now       the amount refunded is room again
//	Refusal           ignored   now                 a spend that some limit refuses counts at its own instant
//
// A limit with Refusal now counts attempts. It takes part in refusing them, so Authorize may not be ignored beside it, and
// what is refused by it counts as well: who goes on trying stays refused. Of refusals for any other reason nothing counts.
// Once all that such a limit ever counted comes to 2^62 minor units, an attempt counts in number, and with one minor unit:
// refusals never lead to Overflow.
//
// An event that is not ignored brings what the limit counts of the spend to what the spend is then worth, also if events
// before it were ignored: a limit with Authorize ignored and Capture now counts cleared money, at the instant of clearing.
// Room that comes back for an increment or capture that counts now comes back where it was counted, the latest first.
// An increment that counts at the original instant is refused as TooLate when a new spend of that instant would be.
//
// A limit whose scope and table are the same before and after a change of policy goes on from what it counted. One with
// another scope or table starts from what the spends that are kept are worth, without refunds.
type Counting struct {
	_ struct{} // disallow positional literals

	Authorize, Increment, PartialReversal, Reversal, Expiry, Capture, ForcePost, Refund, Refusal Mode
}

// countingRow is one row of the table of Counting.
type countingRow struct {
	name  string // in JSON
	mode  func(*Counting) *Mode
	usual Mode
	may   [2]Mode
}

// countingRows returns the table, in the order of the fields.
func countingRows() [9]countingRow {
	return [...]countingRow{
		{"authorize", func(c *Counting) *Mode { return &c.Authorize }, Now, [2]Mode{Ignored}},
		{"increment", func(c *Counting) *Mode { return &c.Increment }, Now, [2]Mode{Original, Ignored}},
		{"partial_reversal", func(c *Counting) *Mode { return &c.PartialReversal }, Original, [2]Mode{Ignored}},
		{"reversal", func(c *Counting) *Mode { return &c.Reversal }, Original, [2]Mode{Ignored}},
		{"expiry", func(c *Counting) *Mode { return &c.Expiry }, Original, [2]Mode{Ignored}},
		{"capture", func(c *Counting) *Mode { return &c.Capture }, Original, [2]Mode{Now, Ignored}},
		{"force_post", func(c *Counting) *Mode { return &c.ForcePost }, Now, [2]Mode{Ignored}},
		{"refund", func(c *Counting) *Mode { return &c.Refund }, Ignored, [2]Mode{Original, Now}},
		{"refusal", func(c *Counting) *Mode { return &c.Refusal }, Ignored, [2]Mode{Now}},
	}
}

// ready checks c and replaces Default by what it stands for. An error comes with the path inside c of what is wrong.
func (c Counting) ready() (_ Counting, where string, err error) {
	for _, row := range countingRows() {
		switch mode := row.mode(&c); *mode {
		case Default:
			*mode = row.usual
		case row.usual, row.may[0], row.may[1]:
		default:
			return c, "." + row.name, fmt.Errorf("%s, which it may not be", *mode)
		}
	}
	if c.Refusal == Now && c.Authorize == Ignored {
		return c, ".refusal", fmt.Errorf("now, which it may not be where authorize is ignored")
	}
	return c, "", nil
}

// short is the reverse of ready: it replaces what is usual by Default, so that there is one form for each table.
func (c Counting) short() Counting {
	for _, row := range countingRows() {
		if mode := row.mode(&c); *mode == row.usual {
			*mode = Default
		}
	}
	return c
}
