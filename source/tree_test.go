package source

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden is a program and the tree that another build of tree-sitter makes of it; see
// testdata/gen/trees.py.
type golden struct {
	Name       string      `json:"name"`
	Language   Language    `json:"language"`
	Source     []byte      `json:"source"`
	Expression string      `json:"expression"`
	Nodes      []goldenRow `json:"nodes"`
}

// goldenRow is kind, flags, field, start, end, depth.
type goldenRow [6]any

func goldens(t testing.TB) (all []golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/trees.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func mustParse(t testing.TB, lang Language, src []byte) *Tree {
	t.Helper()
	tree, err := Parse(lang, src)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func rows(tree *Tree) []goldenRow {
	all := make([]goldenRow, len(tree.Nodes))
	for i, n := range tree.Nodes {
		all[i] = goldenRow{
			tree.Kind(i), float64(n.Flags), tree.Field(i),
			float64(n.Start), float64(n.End), float64(n.Depth),
		}
	}
	return all
}

func TestTreesAreThoseOfTheNativeLibrary(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(strings.ReplaceAll(g.Name, " ", "_"), func(t *testing.T) {
			tree := mustParse(t, g.Language, g.Source)
			if diff := cmp.Diff(g.Nodes, rows(tree)); diff != "" {
				t.Errorf("nodes (-native +ours):\n%s", diff)
			}
			if diff := cmp.Diff(g.Expression, tree.SExpression(0)); diff != "" {
				t.Errorf("expression (-native +ours):\n%s", diff)
			}
			checkShape(t, tree)
		})
	}
}

// checkShape tests what holds for every tree.
func checkShape(t testing.TB, tree *Tree) {
	t.Helper()
	if len(tree.Nodes) == 0 || tree.Nodes[0].Parent != -1 || int(tree.Nodes[0].Next) != len(tree.Nodes) {
		t.Fatal("there is no root over all nodes")
	}
	for i, n := range tree.Nodes {
		if n.Start > n.End || int(n.End) > len(tree.Source) {
			t.Fatalf("node %d: span %d to %d of %d bytes", i, n.Start, n.End, len(tree.Source))
		}
		if int(n.Next) <= i || int(n.Next) > len(tree.Nodes) {
			t.Fatalf("node %d: subtree ends at %d of %d nodes", i, n.Next, len(tree.Nodes))
		}
		last := n.Start
		children := 0
		for c := range tree.Children(i) {
			child := tree.Nodes[c]
			if int(child.Parent) != i || child.Depth != n.Depth+1 {
				t.Fatalf("node %d: parent %d at depth %d, for a child of %d at %d", c, child.Parent, child.Depth, i, n.Depth)
			}
			if child.Start < last || child.End > n.End || child.Next > n.Next {
				t.Fatalf("node %d (%s) does not lie in node %d (%s) after its siblings", c, tree.Kind(c), i, tree.Kind(i))
			}
			if child.Flags&HasError != 0 && n.Flags&HasError == 0 {
				t.Fatalf("node %d has an error, its parent %d has none", c, i)
			}
			last = child.End
			children++
		}
		if (children == 0) != tree.IsLeaf(i) {
			t.Fatalf("node %d: %d children, and IsLeaf is %v", i, children, tree.IsLeaf(i))
		}
	}
}

func TestLanguages(t *testing.T) {
	for path, want := range map[string]string{
		"a/b.py": "python", "b.PYI": "python", "c.h": "c", "c.c": "c", "D.java": "java", "e.go": "", "py": "", "c.cpp": "",
	} {
		got, ok := LanguageOf(path)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("LanguageOf(%q) = %v, %v, want %q", path, got, ok, want)
		}
	}
	for l := range Language(languages) {
		text, err := l.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Language
		if err := back.UnmarshalText(text); err != nil || back != l {
			t.Errorf("%s reads as %v, %v", text, back, err)
		}
	}
	if err := new(Language).UnmarshalText([]byte("cobol")); err == nil {
		t.Error("cobol is a language")
	}
	if _, err := Language(9).MarshalText(); err == nil {
		t.Error("language 9 has a name")
	}
}

// What Versions says is what the modules are.
func TestVersions(t *testing.T) {
	var file Version
	if err := json.Unmarshal(versionsFile, &file); err != nil {
		t.Fatal(err)
	}
	v := Versions()
	if diff := cmp.Diff(file, v); diff != "" || v.Library == "" || len(v.Grammars) != languages {
		t.Fatalf("versions: %+v\n%s", v, diff)
	}
	p := NewParser("")
	defer p.Close()
	for i, g := range v.Grammars {
		if g.Language != Language(i) || !strings.HasPrefix(g.Package, "tree-sitter-"+g.Language.String()+"@") {
			t.Errorf("grammar %d: %+v", i, g)
		}
		packed, err := modules.ReadFile("grammar/" + g.Language.String() + ".wasm.zst")
		if err != nil {
			t.Fatal(err)
		}
		wasm, err := unpack(packed)
		if err != nil {
			t.Fatal(err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(wasm)); sum != g.SHA256 {
			t.Errorf("%v: the module's hash is %s, versions.json says %s", g.Language, sum, g.SHA256)
		}
		inst := idleInstance(t, defaultParser(), g.Language)
		stack := [1]uint64{}
		if err := inst.module.ExportedFunction("abi").CallWithStack(t.Context(), stack[:]); err != nil || int(stack[0]) != g.ABI {
			t.Errorf("%v: ABI %d, %v, versions.json says %d", g.Language, stack[0], err, g.ABI)
		}
	}
}

// TestRealProgramsAgainstTheNativeLibrary compares digests of whole trees. It runs with
// HONE_LONG=1 and HONE_TREE_SITTER naming the Python of an environment made as
// testdata/gen/trees.py says.
func TestRealProgramsAgainstTheNativeLibrary(t *testing.T) {
	python := os.Getenv("HONE_TREE_SITTER")
	if os.Getenv("HONE_LONG") == "" || python == "" {
		t.Skip("compares real programs with HONE_LONG=1 and HONE_TREE_SITTER=PYTHON")
	}
	files := realPrograms(t)
	cmd := exec.Command(python, "testdata/gen/trees.py", "digest")
	cmd.Stdin = strings.NewReader(strings.Join(files, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	digests := bufio.NewScanner(bytes.NewReader(out))
	same, tooHard, size := map[Language]int{}, 0, 0
	for _, file := range files {
		if !digests.Scan() {
			t.Fatalf("no digest of %s", file)
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lang, _ := LanguageOf(file)
		tree, err := Parse(lang, src)
		if err != nil {
			t.Logf("%s: %v", file, err)
			tooHard++
			continue
		}
		if digest(tree) != digests.Text() {
			t.Errorf("%s: another tree than the native library's", file)
			continue
		}
		same[lang]++
		size += len(src)
	}
	t.Logf("%d files, %d bytes; same trees: %v; not parsed: %d", len(files), size, same, tooHard)
}

func digest(tree *Tree) string {
	h := sha256.New()
	for i, n := range tree.Nodes {
		fmt.Fprintf(h, "%s\t%d\t%s\t%d\t%d\t%d\n", tree.Kind(i), n.Flags, tree.Field(i), n.Start, n.End, n.Depth)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// realPrograms are files of the system's Python and, where HONE_DATA is set, of any kind
// below it; at most 1,500.
func realPrograms(t testing.TB) (files []string) {
	t.Helper()
	for _, root := range append([]string{"/usr/lib/python3", "/usr/lib/python3.11", "/usr/include"}, filepath.SplitList(os.Getenv("HONE_DATA"))...) {
		_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			_, known := LanguageOf(path)
			switch filepath.Ext(path) {
			case ".py", ".c", ".h", ".java":
				if known {
					files = append(files, path)
				}
			}
			return nil
		})
	}
	slices.Sort(files)
	const most = 1500
	if len(files) > most {
		step := len(files)/most + 1
		kept := files[:0]
		for i := 0; i < len(files); i += step {
			kept = append(kept, files[i])
		}
		files = kept
	}
	return files
}
