package tests

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// source is the Go code of one folder, parsed.
type source struct {
	set    *token.FileSet
	code   []*ast.File // without the tests
	tests  []*ast.File
	folder string // relative to the repository's root
}

// at says where a node stands, as an editor takes it.
func (s source) at(n ast.Node) string {
	p := s.set.Position(n.Pos())
	return s.folder + "/" + filepath.Base(p.Filename) + ":" + strconv.Itoa(p.Line)
}

// sources parses every package of a module. Nested modules and testdata are left out.
func sources(t *testing.T, m module) []source {
	t.Helper()
	var found []source
	err := filepath.WalkDir(m.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != m.Dir {
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			if err == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
		}
		if s := parse(t, path); len(s.code) > 0 {
			found = append(found, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// parse reads the Go files of one folder.
func parse(t *testing.T, dir string) source {
	t.Helper()
	folder, err := filepath.Rel(root(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := source{set: token.NewFileSet(), folder: folder}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(s.set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			s.tests = append(s.tests, file)
		} else {
			s.code = append(s.code, file)
		}
	}
	return s
}

// Every package has a doc; every package that a bank can import has a runnable Example
// beside, and a comment on each exported name.
func TestEverythingExportedIsDocumented(t *testing.T) {
	for _, m := range workspace(t) {
		for _, s := range sources(t, m) {
			name := s.code[0].Name.Name
			if !hasPackageDoc(s) {
				t.Errorf("%s: want one doc of package %s, beginning with its name", s.folder, name)
			}
			if !m.published() || name == "main" || strings.Contains("/"+s.folder+"/", "/internal/") {
				continue
			}
			if len(doc.Examples(s.tests...)) == 0 {
				t.Errorf("%s: package %s has no Example", s.folder, name)
			}
			for _, file := range s.code {
				if !ast.IsGenerated(file) {
					undocumented(s, file, func(n ast.Node, what string) {
						t.Errorf("%s: %s has no comment", s.at(n), what)
					})
				}
			}
		}
	}
}

// hasPackageDoc tells whether one file of the package carries its doc, and only one.
// That of a program begins as it likes.
func hasPackageDoc(s source) bool {
	docs := 0
	for _, file := range s.code {
		text := file.Doc.Text()
		if text == "" {
			continue
		}
		docs++
		if file.Name.Name != "main" && !strings.HasPrefix(text, "Package "+file.Name.Name+" ") {
			return false
		}
	}
	return docs == 1
}

// undocumented reports every exported name of a file without a comment: types, the
// methods of interfaces, functions, methods of exported types, constants and variables.
// Fields are left to judgement: a name and a type often say all there is to say, and a
// rule would only breed comments that echo them.
func undocumented(s source, file *ast.File, report func(ast.Node, string)) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
				report(d, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				// A comment above an unparenthesised declaration hangs on the declaration.
				alone := d.Doc != nil && !d.Lparen.IsValid()
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					undocumentedType(spec, alone, report)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						if name.IsExported() && !alone && spec.Doc == nil && spec.Comment == nil {
							report(name, name.Name)
						}
					}
				}
			}
		}
	}
}

// undocumentedType reports a type, and its methods if it is an interface. The comment of
// an interface of one method speaks for the method.
func undocumentedType(spec *ast.TypeSpec, documented bool, report func(ast.Node, string)) {
	if !spec.Name.IsExported() {
		return
	}
	if !documented && spec.Doc == nil && spec.Comment == nil {
		report(spec, spec.Name.Name)
	}
	face, ok := spec.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	var methods []*ast.Field // what is embedded has no name here, and its own comment there
	for _, field := range face.Methods.List {
		if len(field.Names) > 0 && field.Names[0].IsExported() {
			methods = append(methods, field)
		}
	}
	for _, method := range methods {
		if len(methods) > 1 && method.Doc == nil && method.Comment == nil {
			report(method, spec.Name.Name+"."+method.Names[0].Name)
		}
	}
}

// exportedReceiver tells whether a function is no method, or one of an exported type.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	typ := f.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return false
		}
	}
}

// mirror is the line above a block of Go in a Markdown file that is a copy of an
// Example: the comment names the file and the function.
var mirror = regexp.MustCompile("<!-- mirrors (\\S+) (Example\\w*) -->\n```go\n((?s:.*?))```")

// The examples of the README are the bodies of Examples, which run with the tests.
func TestReadmeMirrorsExamples(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := mirror.FindAllStringSubmatch(string(text), -1)
	if len(blocks) == 0 || len(blocks) != strings.Count(string(text), "```go\n") {
		t.Fatalf("README.md has %d blocks of Go, %d of them under a `<!-- mirrors FILE Example -->`, want all and at least one",
			strings.Count(string(text), "```go\n"), len(blocks))
	}
	for _, block := range blocks {
		if want := body(t, filepath.Join(root(t), block[1]), block[2]); block[3] != want {
			t.Errorf("README.md differs from %s in %s; the Example says:\n%s", block[2], block[1], want)
		}
	}
}

// body is the text between the braces of a function, one tab less deep.
func body(t *testing.T, path, name string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == name {
			inside := text[set.Position(f.Body.Lbrace).Offset+1 : set.Position(f.Body.Rbrace).Offset]
			return strings.TrimPrefix(strings.ReplaceAll(string(inside), "\n\t", "\n"), "\n")
		}
	}
	t.Fatalf("%s has no %s", path, name)
	return ""
}

// link is a Markdown link to a file of this repository.
var link = regexp.MustCompile(`\]\(([^):#]+)(#[^)]*)?\)`)

// A link from one page of the repository to another leads somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		found, err := filepath.Glob(filepath.Join(root(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	links := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range link.FindAllStringSubmatch(string(text), -1) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), to[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(page), to[1])
			}
		}
	}
	if links == 0 {
		t.Error("no link was checked")
	}
}
