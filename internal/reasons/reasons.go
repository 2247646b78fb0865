// Package reasons checks what all lists of reasons have to keep, since a bank's programs are written against them.
package reasons

import (
	"regexp"
	"slices"
	"testing"
)

// Row is a case that produces a reason, and another reason that applies to it as well; "" if none does.
type Row[R ~string] struct{ Reason, Also R }

var form = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

// Check fails the test if:
//   - a reason of the list is not valid, is not of lower-case words with _ between them, or is there twice;
//   - no row produces it, or the rows are not in the order of the list, or a row has a reason that comes after another of its own;
//   - nonsense is valid, or the list is the package's own, which a caller could change.
func Check[R interface {
	~string
	Valid() bool
}](t *testing.T, list func() []R, rows []Row[R]) {
	t.Helper()
	all := list()
	for i, r := range all {
		if !form.MatchString(string(r)) || !r.Valid() || slices.Index(all, r) != i {
			t.Errorf("reason %q: malformed, or there twice", r)
		}
		if !slices.ContainsFunc(rows, func(row Row[R]) bool { return row.Reason == r }) {
			t.Errorf("reason %q: no row produces it", r)
		}
	}
	rank := func(row Row[R]) int { return slices.Index(all, row.Reason) }
	if !slices.IsSortedFunc(rows, func(a, b Row[R]) int { return rank(a) - rank(b) }) {
		t.Error("the rows are not in order of precedence")
	}
	for _, row := range rows {
		if row.Also != "" && slices.Index(all, row.Also) <= rank(row) {
			t.Errorf("%s: %s comes before it", row.Reason, row.Also)
		}
	}
	if R("nonsense").Valid() {
		t.Error("nonsense is valid")
	}
	all[0] = "changed"
	if list()[0] == "changed" {
		t.Error("the list that is handed out is the package's own")
	}
}
