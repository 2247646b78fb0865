package texts_test

import (
	"strings"
	"testing"

	"github.com/payrules/payrules/internal/texts"
)

func TestFault(t *testing.T) {
	for _, row := range []struct {
		text string
		most int
		want string
	}{
		{"", 0, ""},
		{"paid", 4, ""},
		{"paid.", 4, "longer than 4 characters"},
		{"été", 3, ""}, // characters, not bytes
		{"étés", 3, "longer than 3 characters"},
		{strings.Repeat("é", 1000), 3, "longer than 3 characters"},
		{"a\xff", 2, "not valid UTF-8"},
		{"\xff\xff\xff", 2, "longer than 2 characters"}, // the length comes first
		{"a\nb", 3, "it holds a control character"},
		{"a\x7f", 3, "it holds a control character"},
		{"a\u0085", 3, "it holds a control character"},
		{"a\ufffe", 3, "it holds a control character"},
		{"a\uffff", 3, "it holds a control character"},
		{"a\ufffd\U0001F600", 3, ""},
	} {
		if got := texts.Fault(row.text, row.most); got != row.want {
			t.Errorf("%q, at most %d: got %q, want %q", row.text, row.most, got, row.want)
		}
		if got, want := texts.TooLong(row.text, row.most), strings.HasPrefix(row.want, "longer"); got != want {
			t.Errorf("%q, at most %d: too long: got %v, want %v", row.text, row.most, got, want)
		}
	}
}
