package dataflow

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hone/source"
	"hone/source/python"
)

var update = flag.Bool("update", false, "write the flow sections of testdata/functions.txt")

// golden is a program of a file in testdata.
type golden struct {
	name, program string
	calls         []string
	flow          string // edges by Python's semantics
}

// goldens reads a file as testdata/gen/cases.py does.
func goldens(t testing.TB, file string) []golden {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var list []golden
	for _, part := range strings.Split("\n"+string(text), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		sections := strings.Split("\n"+rest+"\n", "\n--- ")
		g := golden{name: name, program: sections[0][1:]}
		if len(sections) > 1 {
			g.program += "\n"
		}
		for _, s := range sections[1:] {
			if edges, ok := strings.CutPrefix(s, "flow\n"); ok {
				g.flow = strings.TrimRight(edges, "\n") + "\n"
			} else {
				call, _, _ := strings.Cut(s, "\n")
				g.calls = append(g.calls, strings.TrimPrefix(call, "call "))
			}
		}
		list = append(list, g)
	}
	return list
}

func flowOf(t testing.TB, program string) (Graph, *source.Lines) {
	t.Helper()
	module, err := python.Parse([]byte(program))
	if err != nil {
		t.Fatal(err)
	}
	return Of(module), source.NewLines(module.Text)
}

// TestFlow compares with edges that were worked out by hand.
func TestFlow(t *testing.T) {
	list := goldens(t, "functions.txt")
	if len(list) < 100 {
		t.Errorf("%d golden functions, want 100", len(list))
	}
	for i, g := range list {
		t.Run(g.name, func(t *testing.T) {
			graph, lines := flowOf(t, g.program)
			got := graph.Text(lines)
			if *update {
				list[i].flow = got
			} else if diff := cmp.Diff(g.flow, got); diff != "" {
				t.Errorf("edges (-want +got):\n%s", diff)
			}
		})
	}
	if *update {
		writeGoldens(t, list)
	}
}

func writeGoldens(t *testing.T, list []golden) {
	t.Helper()
	var b strings.Builder
	for _, g := range list {
		fmt.Fprintf(&b, "=== %s\n%s", g.name, g.program)
		for _, call := range g.calls {
			fmt.Fprintf(&b, "--- call %s\n", call)
		}
		fmt.Fprintf(&b, "--- flow\n%s", g.flow)
	}
	if err := os.WriteFile(filepath.Join("testdata", "functions.txt"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pair is a use and a definition, by line and column.
type pair [4]int

// pairsOf are the pairs of a graph in which a use reads a definition.
func pairsOf(g Graph, lines *source.Lines) map[pair]bool {
	pairs := map[pair]bool{}
	for _, e := range g.Edges {
		to, from := lines.Position(g.Nodes[e.To].Span.Start), lines.Position(g.Nodes[e.From].Span.Start)
		pairs[pair{to.Line, to.Column, from.Line, from.Column}] = true
	}
	return pairs
}

// TestFlowIsSound compares with what CPython did: whatever definition a use saw must be in
// the graph.
func TestFlowIsSound(t *testing.T) {
	var traced map[string][]pair
	readJSON(t, "traced.json", &traced)
	seen := 0
	for _, g := range goldens(t, "functions.txt") {
		graph, lines := flowOf(t, g.program)
		pairs := pairsOf(graph, lines)
		for _, p := range traced[g.name] {
			seen++
			if !pairs[p] {
				t.Errorf("%s: line %d, column %d saw the definition at %d:%d, which has no edge", g.name, p[0], p[1], p[2], p[3])
			}
		}
	}
	t.Logf("%d pairs of a use and a definition", seen)
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// theirs is what GraphCodeBERT says of a program.
type theirs struct {
	Stripped string  `json:"stripped"`
	Entries  [][]any `json:"entries"`
}

// TestCompatible compares with GraphCodeBERT's own extractor.
func TestCompatible(t *testing.T) {
	for _, x := range []struct {
		file string
		lang source.Language
	}{{"functions", source.Python}, {"broken", source.Python}, {"java", source.Java}, {"c", source.C}} {
		var want map[string]theirs
		readJSON(t, "compatible_"+x.file+".json", &want)
		for _, g := range goldens(t, x.file+".txt") {
			t.Run(x.file+"/"+g.name, func(t *testing.T) {
				compareCompatible(t, x.lang, g.program, want[g.name])
			})
		}
	}
}

func compareCompatible(t *testing.T, lang source.Language, program string, want theirs) {
	t.Helper()
	stripped := Strip(lang, []byte(program))
	if diff := cmp.Diff(want.Stripped, string(stripped.Text)); diff != "" {
		t.Errorf("stripped (-want +got):\n%s", diff)
	}
	tree, err := source.Parse(lang, []byte(want.Stripped))
	if err != nil {
		t.Fatal(err)
	}
	entries, complete := Entries(tree)
	if !complete {
		t.Error("not complete")
	}
	got := [][]any{}
	for _, e := range entries {
		names := slices.Sorted(maps.Keys(setOf(e.ParentNames)))
		parents := make([]any, len(e.Parents))
		for i, p := range e.Parents {
			parents[i] = float64(p)
		}
		strings := make([]any, len(names))
		for i, n := range names {
			strings[i] = n
		}
		got = append(got, []any{e.Name, float64(e.Leaf), e.Relation.String(), strings, parents})
	}
	if diff := cmp.Diff(want.Entries, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s\n%s", diff, tree.SExpression(0))
	}
}

func setOf(list []string) map[string]bool {
	set := map[string]bool{}
	for _, x := range list {
		set[x] = true
	}
	return set
}

// TestEveryKindHasAGolden fails for a kind of node of package python that no golden
// function contains.
func TestEveryKindHasAGolden(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range goldens(t, "functions.txt") {
		module, err := python.Parse([]byte(g.program))
		if err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		var visit func(python.Node)
		visit = func(n python.Node) {
			seen[reflect.TypeOf(n).Elem().Name()] = true
			python.Children(n, visit)
		}
		visit(module)
	}
	for _, kind := range kindsOfNodes(t) {
		if !seen[kind] {
			t.Errorf("no golden function has a %s", kind)
		}
	}
}
