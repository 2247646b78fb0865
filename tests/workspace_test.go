package tests

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// library is the import path of the root module; every other module lies below it.
const library = "github.com/payrules/payrules"

// module is one module of the workspace.
type module struct {
	Path string // its import path
	Dir  string // its folder, absolute
}

// short is the module's path as a person says it: "." for the root, "storage/pebble".
func (m module) short() string {
	if m.Path == library {
		return "."
	}
	return strings.TrimPrefix(m.Path, library+"/")
}

// published tells whether the module is one that a bank imports, rather than a program
// or a collection of tests.
func (m module) published() bool {
	return m.short() != "tests" && !strings.HasPrefix(m.short(), "examples/")
}

// root is the folder of the root module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// workspace lists the modules that go.work joins. It asks the go command to read the
// file, so it also works where the workspace is switched off (GOWORK=off).
func workspace(t *testing.T) []module {
	t.Helper()
	var work struct{ Use []struct{ DiskPath string } }
	decode(t, run(t, root(t), nil, "go", "work", "edit", "-json", "go.work"), &work)
	var modules []module
	for _, use := range work.Use {
		dir := filepath.Join(root(t), use.DiskPath)
		var mod struct{ Module struct{ Path string } }
		decode(t, run(t, dir, nil, "go", "mod", "edit", "-json"), &mod)
		modules = append(modules, module{Path: mod.Module.Path, Dir: dir})
	}
	if len(modules) < 4 {
		t.Fatalf("go.work joins %d modules, want at least 4: is it read right?", len(modules))
	}
	return modules
}

// goPackage is what `go list -json` says of a package, as far as these tests look.
type goPackage struct {
	ImportPath   string
	Dir          string
	Name         string
	Standard     bool
	Imports      []string
	Deps         []string // also by way of others
	TestImports  []string
	XTestImports []string
}

// packages runs `go list` in dir, outside of any workspace and without the network:
// what it needs is what building this test has needed before.
func packages(t *testing.T, dir string, args ...string) []goPackage {
	t.Helper()
	out := run(t, dir, offline, "go", append([]string{"list", "-json"}, args...)...)
	var list []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		list = append(list, p)
	}
}

// offline makes the go command see one module alone, as a consumer of it would, and
// take everything from the module cache.
var offline = []string{"GOWORK=off", "GOPROXY=off", "GOFLAGS=-buildvcs=false"}

// run runs a command in dir with more environment and returns its standard output.
func run(t *testing.T, dir string, env []string, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s (in %s): %v\n%s", name, strings.Join(args, " "), dir, err, stderr.Bytes())
	}
	return out
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
