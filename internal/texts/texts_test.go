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

// Whatever is made a line has no line end, nothing that is not for printing, and no spaces but single ones inside.
func TestLine(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"  a\r\n\tb\u00a0\u2028 c ", "a b c"},
		{"a\x1b[31mb\x00", "a\ufffd[31mb\ufffd"},
		{"a\u202eb", "a\ufffdb"}, // it would turn the direction of writing
		{"a\xffb", "a\ufffdb"},
		{"👩\u200d🚀", "👩\u200d🚀"},
	} {
		got := texts.Line(row.text)
		if got != row.want {
			t.Errorf("%q: got %q, want %q", row.text, got, row.want)
		}
		if again := texts.Line(got); again != got {
			t.Errorf("%q: done twice it is %q", got, again)
		}
	}
}
