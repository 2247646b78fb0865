package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/payrules/payrules/cap"
)

func TestBadFlags(t *testing.T) {
	var tooMany []string
	for days := range cap.MaxLimits + 1 {
		tooMany = append(tooMany, "-cap", fmt.Sprintf("%dd=1", 1+days))
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-cap", "7d"}, "want WINDOW=AMOUNT"},
		{[]string{"-cap", ""}, "want WINDOW=AMOUNT"},
		{[]string{"-cap", "=20000"}, "window: want a number"},
		{[]string{"-cap", "d=20000"}, "window: want a number"},
		{[]string{"-cap", "0d=20000"}, "window: want a number"},
		{[]string{"-cap", "-7d=20000"}, "window: want a number"},
		{[]string{"-cap", "+7d=20000"}, "window: want a number"},
		{[]string{"-cap", "07d=20000"}, "window: want a number"},
		{[]string{"-cap", "7=20000"}, "window: want a number"},
		{[]string{"-cap", "7m=20000"}, "window: want a number"},
		{[]string{"-cap", "99999999999999999999d=20000"}, "window: want a number"},
		{[]string{"-cap", "401d=20000"}, "window: want at most 400d"},
		{[]string{"-cap", "9601h=20000"}, "window: want at most 9600h"},
		{[]string{"-cap", "7d="}, "amount: "},
		{[]string{"-cap", "7d=x"}, "amount: "},
		{[]string{"-cap", "7d=1e4"}, "amount: "},
		{[]string{"-cap", "7d=1.001"}, "amount: "},
		{[]string{"-cap", "7d=0"}, "amount: want more than zero"},
		{[]string{"-cap", "7d=-1"}, "amount: want more than zero"},
		{[]string{"-cap", "7d=92233720368547758.07"}, "2^54-1"},
		{[]string{"-cap", "7d=1/"}, "count: want a whole number above zero"},
		{[]string{"-cap", "7d=1/0"}, "count: want a whole number above zero"},
		{[]string{"-cap", "7d=1/-1"}, "count: want a whole number above zero"},
		{[]string{"-cap", "7d=1/+1"}, "count: want a whole number above zero"},
		{[]string{"-cap", "7d=1/2/3"}, "count: want a whole number above zero"},
		{[]string{"-cap", "tx=/3"}, "max_count"},
		{[]string{"-cap", "7d=1", "-cap", "7d=2"}, "the window is that of -cap 7d=1.00"},
		{[]string{"-cap", "7d=1", "-cap", "168h=2"}, "the window is that of -cap 7d=1.00"},
		{strings.Fields(strings.Repeat("-cap tx=1 ", 2)), "the window is that of"},
		{tooMany, "limits"},
		{[]string{"-callers", "0"}, "-callers"},
		{[]string{"-callers", "4097"}, "-callers"},
		{[]string{"-callers", "many"}, "-callers"},
		{[]string{"-input", ""}, "-input"},
		{[]string{"-data", ""}, "-data"},
		{[]string{"-colour"}, "-colour"},
		{[]string{"trans.csv"}, `"trans.csv"`},
	} {
		e := quickstart(context.Background(), c.args...)
		if e.code != exitUsage || e.stdout != "" || !strings.Contains(e.stderr, c.want) || strings.Count(e.stderr, "\n") != 1 {
			t.Errorf("%q: %+v\nwant %s", c.args, e, c.want)
		}
	}
}

func TestHelp(t *testing.T) {
	e := quickstart(context.Background(), "-h")
	if e.code != exitDone || e.stderr != "" {
		t.Errorf("%+v", e)
	}
	for _, name := range []string{"-input FILE", "-data DIR", "-cap WINDOW=AMOUNT", "-json", "-callers N"} {
		if !strings.Contains(e.stdout, name) {
			t.Errorf("%s is missing:\n%s", name, e.stdout)
		}
	}
}
