package dataflow

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/source"
	"hone/source/python"
)

// checkGraph fails for a graph that breaks what its documentation promises.
func checkGraph(t interface{ Fatalf(string, ...any) }, g Graph, text []byte) {
	for i, n := range g.Nodes {
		if n.Span.Start < 0 || n.Span.End < n.Span.Start || n.Span.End > len(text) {
			t.Fatalf("node %v lies outside the text", n)
		}
		if i > 0 && g.Nodes[i-1].Span.Start > n.Span.Start {
			t.Fatalf("nodes %d and %d are not in order", i-1, i)
		}
	}
	for i, e := range g.Edges {
		if e.To < 0 || e.From < 0 || e.To >= len(g.Nodes) || e.From >= len(g.Nodes) {
			t.Fatalf("edge %v has no node", e)
		}
		if i == 0 {
			continue
		}
		before := g.Edges[i-1]
		if before.To > e.To || before.To == e.To && (before.From > e.From || before.From == e.From && before.Relation >= e.Relation) {
			t.Fatalf("edges %v and %v are not in order", before, e)
		}
	}
}

// TestGraphOfRandomPrograms: graphs are well formed, equal when made again, and do not
// change when every variable is renamed.
func TestGraphOfRandomPrograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := randomProgram(rapid.Uint64().Draw(t, "seed"))
		module, err := python.Parse([]byte(program))
		if err != nil {
			t.Fatal(err)
		}
		g := Of(module)
		checkGraph(t, g, module.Text)
		for _, n := range g.Nodes {
			if got := string(module.Text[n.Span.Start:n.Span.End]); got != n.Name {
				t.Fatalf("node %s has the text %q", n.Name, got)
			}
		}
		// w, x, y and z keep their order and length, so nothing moves.
		renamed, err := python.Parse([]byte(strings.NewReplacer("w = 5", "J = 5").Replace(program)))
		if err != nil {
			t.Fatal(err)
		}
		if other := Of(renamed); len(other.Nodes) != len(g.Nodes) {
			t.Fatalf("%d nodes after renaming one, %d before", len(other.Nodes), len(g.Nodes))
		}
		if m := DataFlowMatch(g, g); m.Matched != m.Total {
			t.Fatalf("a graph matches itself in %d of %d edges", m.Matched, m.Total)
		}
	})
}

// TestCompatibleOfRandomPrograms: graphs are well formed, whatever the program.
func TestCompatibleOfRandomPrograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := randomProgram(rapid.Uint64().Draw(t, "seed"))
		cut := rapid.IntRange(0, len(program)).Draw(t, "cut")
		tree, err := source.Parse(source.Python, []byte(program[:cut]))
		if err != nil {
			t.Fatal(err)
		}
		checkGraph(t, Compatible(tree), tree.Source)
	})
}

// TestStrippedSpans: a name's place before stripping holds the name.
func TestStrippedSpans(t *testing.T) {
	for _, file := range []string{"functions.txt", "broken.txt", "java.txt", "c.txt"} {
		lang := map[string]source.Language{"java.txt": source.Java, "c.txt": source.C}[file]
		for _, c := range goldens(t, file) {
			if strings.HasPrefix(c.name, "not_ascii") {
				continue // names are cut wrongly there, as GraphCodeBERT does
			}
			g, err := CompatibleSource(lang, []byte(c.program))
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range g.Nodes {
				got := c.program[n.Span.Start:n.Span.End]
				if got != n.Name && !strings.Contains(got, "\n") {
					t.Errorf("%s: node %q has the text %q", c.name, n.Name, got)
				}
			}
		}
	}
}

// TestHardPrograms: size and depth cost time in proportion, or edges are left out and the
// graph says so.
func TestHardPrograms(t *testing.T) {
	for name, program := range map[string]string{
		"long sum":       "x = " + strings.Repeat("a + ", 2500) + "a\n",
		"calls":          "x = " + strings.Repeat("f(", 150) + "x" + strings.Repeat(")", 150) + "\n",
		"elifs":          "if a:\n    x = 1\n" + strings.Repeat("elif a:\n    x = 2\n", 2500) + "y = x\n",
		"ifs":            strings.Repeat("if a: x = 1\n", 5000) + "y = x\n",
		"ifs and uses":   strings.Repeat("if a: x = 1\n", 5000) + strings.Repeat("x\n", 5000),
		"many variables": manyVariables(1500),
		"loops":          nested("while a:", "a = a + b", 90),
		"for loops":      nested("for a in b:", "b = a", 90),
		"tries":          nested("try:", "a = b", 40),
		"finals":         nestedFinals(25),
		"functions":      nested("def f(a):", "b = a", 90),
		"classes":        nested("class A(b):", "b = a", 90),
		"comprehensions": "x = " + strings.Repeat("[y for y in ", 60) + "y" + strings.Repeat("]", 60) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			module, err := python.Parse([]byte(program))
			if err != nil {
				t.Fatal(err)
			}
			g := Of(module)
			checkGraph(t, g, module.Text)
			if len(g.Edges) == 0 {
				t.Error("no edges")
			}
			tree, err := source.Parse(source.Python, []byte(program))
			if err != nil {
				t.Fatal(err)
			}
			checkGraph(t, Compatible(tree), tree.Source)
		})
	}
}

// nested is a statement in depth bodies.
func nested(head, body string, depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + head + "\n")
	}
	b.WriteString(strings.Repeat(" ", depth) + body + "\n")
	if head == "try:" {
		for i := depth - 1; i >= 0; i-- {
			b.WriteString(strings.Repeat(" ", i) + "except b:\n" + strings.Repeat(" ", i+1) + "b = a\n")
		}
	}
	return b.String()
}

// nestedFinals are try statements in one another's finally.
func nestedFinals(depth int) string {
	var b strings.Builder
	for i := range depth {
		in := strings.Repeat(" ", i)
		b.WriteString(in + "try:\n" + in + " a = b\n" + in + "finally:\n")
	}
	b.WriteString(strings.Repeat(" ", depth) + "b = a\n")
	return b.String()
}

func manyVariables(n int) string {
	var b strings.Builder
	name := func(i int) string {
		return "v" + strings.Repeat("a", i%7) + strings.Repeat("b", i/7%20) + strings.Repeat("c", i/140)
	}
	for i := range n {
		b.WriteString(name(i) + " = 1\n")
	}
	for range n {
		b.WriteString("if a: q = 1\n")
	}
	for i := range n {
		b.WriteString(name(i) + "\n")
	}
	return b.String()
}

// seeds are the golden programs, for fuzzing.
func seeds(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			f.Fatal(err)
		}
		for _, g := range goldens(f, filepath.Base(file)) {
			f.Add([]byte(g.program))
		}
	}
}

func FuzzFlow(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		module, _ := python.ParseTolerant(src)
		checkGraph(t, Of(module), module.Text)
	})
}

func FuzzCompatible(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, lang := range [...]source.Language{source.Python, source.Java, source.C} {
			g, err := CompatibleSource(lang, src)
			if err != nil {
				continue // tree-sitter gives up on a few
			}
			for _, n := range g.Nodes {
				if n.Span.Start < 0 || n.Span.End > len(src) {
					t.Fatalf("node %v lies outside the text", n)
				}
			}
		}
	})
}

// thirty is a function of thirty lines.
const thirty = `def solve(grid, start, goal, limit=100):
    rows, cols = len(grid), len(grid[0])
    seen = {start}
    queue = [(0, start)]
    best = None
    steps = 0
    while queue:
        steps += 1
        if steps > limit:
            break
        queue.sort()
        cost, (r, c) = queue.pop(0)
        if (r, c) == goal:
            best = cost
            break
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            nr, nc = r + dr, c + dc
            if not (0 <= nr < rows and 0 <= nc < cols):
                continue
            if grid[nr][nc] == "#" or (nr, nc) in seen:
                continue
            seen.add((nr, nc))
            try:
                weight = int(grid[nr][nc])
            except ValueError:
                weight = 1
            queue.append((cost + weight, (nr, nc)))
    if best is None:
        best = -1
    return best, [p for p in seen if p != goal]
`

func BenchmarkOf(b *testing.B) {
	module, err := python.Parse([]byte(thirty))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Of(module)
	}
}

func BenchmarkCompatible(b *testing.B) {
	tree, err := source.Parse(source.Python, []byte(thirty))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Compatible(tree)
	}
}
