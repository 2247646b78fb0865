package tests

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows says what each part of the root module may import: parts of this module by
// their folder, other modules by their path. A part may always import itself, and of
// internal/ what does not lead further than its own arrows. This is the table of
// docs/adr/0001-layout.md; the linter holds it too, on direct imports (.golangci.yml,
// depguard).
var arrows = map[string][]string{
	"internal": {"money", "event", "storage"},
	"money":    {decimal},
	"civil":    {},
	"event":    {},
	// What speaks HTTP is a package of its own, so that facts need no network.
	"event/webhook": {"event"},
	"cap":           {"money", "event"},
	"party":         {},
	"contract":      {"money", "civil", "event", "party"},
	"billing":       {"money", "civil", "event", "party", "contract", "cap"},
	"cashback":      {"money", "civil", "event", "cap"},
	"ledger":        {"money", "civil", "event"},
	// The ledger's way onto an engine is a package of its own, so that its rules need none.
	"ledger/books": {"money", "civil", "event", "ledger", "storage", "engine"},
	"billing/run":  {"money", "civil", "event", "party", "contract", "cap", "billing", "storage", "engine"},
	// Neither knows the ledger: a payout is a transaction of the host's own.
	"cashback/desk": {"money", "civil", "event", "cap", "cashback", "storage", "engine"},
	"storage":       {"event"},
	"engine":        {"event", "storage"},
}

const decimal = "github.com/shopspring/decimal"

// testOnly are the libraries that the tests of the root module may use besides.
var testOnly = []string{
	"github.com/google/go-cmp",
	"pgregory.net/rapid",
	"github.com/benbjohnson/clock",
}

// part names the part of the root module that an import path belongs to, or is the
// import path itself for a package of another module.
func part(path string) string {
	rest, ours := strings.CutPrefix(path, library+"/")
	if !ours {
		return path
	}
	if _, own := arrows[rest]; own {
		return rest
	}
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// within tells whether an import path is one of the modules or packages below them.
func within(path string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool {
		return path == m || strings.HasPrefix(path, m+"/")
	})
}

// isStandard tells the packages of the standard library by their first path element,
// as the go command does: theirs has no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// Every import of the root module follows an arrow, tests aside: those of other modules
// directly, those of our own parts also by way of others.
func TestImportsFollowTheArrows(t *testing.T) {
	seen := 0
	for _, p := range packages(t, root(t), "./...") {
		from := part(p.ImportPath)
		allowed, known := arrows[from]
		if !known {
			t.Errorf("%s: no arrow is drawn for %q", p.ImportPath, from)
			continue
		}
		check := func(path, verb string) {
			seen++
			to := part(path)
			if to != from && to != "internal" && !slices.Contains(allowed, to) {
				t.Errorf("%s %s %s: %q may import %q only", p.ImportPath, verb, path, from, allowed)
			}
		}
		for _, path := range p.Imports {
			if !isStandard(path) && !within(path, []string{library}) {
				check(path, "imports")
			}
		}
		for _, path := range p.Deps {
			if within(path, []string{library}) {
				check(path, "depends on")
			}
		}
	}
	if seen == 0 {
		t.Error("no import was checked")
	}
}

// The root module, all of it and tests aside, needs one module besides the standard library.
func TestRootNeedsDecimalOnly(t *testing.T) {
	found := map[string]bool{}
	for _, p := range packages(t, root(t), "-deps", "./...") {
		if p.Standard || within(p.ImportPath, []string{library}) {
			continue
		}
		found[p.ImportPath] = true
	}
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, []string{decimal}) {
		t.Errorf("the root module depends on %q, want %q alone", got, decimal)
	}
}

// Tests of the root module keep to the libraries that were agreed on, so that a
// consumer's go.sum stays short.
func TestRootTestsUseAgreedLibraries(t *testing.T) {
	agreed := append([]string{library, decimal}, testOnly...)
	for _, p := range packages(t, root(t), "./...") {
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if !isStandard(path) && !within(path, agreed) {
				t.Errorf("a test of %s imports %s: want one of %q", p.ImportPath, path, agreed)
			}
		}
	}
}

// A nested module may meet another version of the root module than the one beside it,
// and then only what is exported is promised.
func TestNestedModulesUseExportedPackagesOnly(t *testing.T) {
	for _, m := range workspace(t) {
		if m.Path == library {
			continue
		}
		for _, p := range packages(t, m.Dir, "./...") {
			for _, path := range p.Imports {
				if strings.HasPrefix(path, library+"/internal/") {
					t.Errorf("%s imports %s", p.ImportPath, path)
				}
			}
		}
	}
}

// A bank that imports cap and money alone, from a module of its own outside of this
// repository, links decimal and nothing else.
func TestConsumerOfCapLinksDecimalOnly(t *testing.T) {
	dir := t.TempDir()
	sums, err := os.ReadFile(filepath.Join(root(t), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The sums are those of the root module, so that nothing is trusted on first sight.
	write("go.sum", string(sums))
	write("go.mod", "module bank.example/cards\n\ngo 1.26.0\n\nrequire "+library+" v0.1.0\n\nreplace "+library+" => "+root(t)+"\n")
	write("main.go", `package main

import (
	"fmt"

	"`+library+`/cap"
	"`+library+`/money"
)

func main() { fmt.Println(cap.Policy{}, money.Amount{}) }
`)
	run(t, dir, offline, "go", "build", "-mod=mod", "-o", os.DevNull, ".")
	allowed := []string{"bank.example/cards", decimal}
	for _, name := range []string{"cap", "money", "event", "internal"} {
		allowed = append(allowed, library+"/"+name)
	}
	linked := map[string]bool{}
	for _, p := range packages(t, dir, "-mod=mod", "-deps", ".") {
		if p.Standard {
			continue
		}
		linked[p.ImportPath] = true
		if !within(p.ImportPath, allowed) {
			t.Errorf("a program that imports cap and money links %s", p.ImportPath)
		}
	}
	for _, path := range []string{library + "/cap", library + "/money", decimal} {
		if !linked[path] {
			t.Errorf("%s is not linked: this test looks at the wrong program", path)
		}
	}
}
