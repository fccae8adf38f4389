package source

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func texts(l *Leaves) []string {
	var all []string
	for i := range l.Len() {
		all = append(all, string(l.Text(i)))
	}
	return all
}

func TestLeaves(t *testing.T) {
	for _, c := range []struct {
		lang Language
		src  string
		want string // leaves between blanks, identifiers marked with ~
	}{
		{Python, "x = f('a b', y)  # c\n", "~x = ~f ( 'a·b' , ~y )"},
		{Python, "'doc'\nx = 'a' \"b\"\n'not doc'\n", "~x = 'a' \"b\" 'not·doc'"},
		{Python, "# c\n'doc' 'on'\nx\n", "~x"},
		{Python, "def f(a):\n    # c\n    r'''doc'''\n    'other'\n", "def ~f ( ~a ) : 'other'"},
		{Python, "class A:\n  u'doc'\n  def g(self): 'doc'; pass\n", "class ~A : def ~g ( ~self ) : ; pass"},
		{Python, "def f():\n    f'{x}'\ndef g():\n    b'x'\n", "def ~f ( ) : f'{x}' def ~g ( ) : b'x'"},
		{Python, "if x:\n    'no doc'\n", "if ~x : 'no·doc'"},
		{Python, "def f():\n    'no' + 'doc'\n", "def ~f ( ) : 'no' + 'doc'"},
		{Python, "x = 1 + \\\n  2\n", "~x = 1 + 2"},
		{Python, "print 'a', b\n", "print 'a' , ~b"},
		{Python, "", ""},
		{Python, "# only\n", ""},
		{C, "int x = 'a'; /* c */ char *s = \"a\\n b\"; // d\n", "int ~x = 'a' ; char * ~s = \"a\\n·b\" ;"},
		{C, "#include <a.h>\nT *f(struct p q) { return q.y; }", "#include <a.h> T * ~f ( struct p ~q ) { return ~q . y ; }"},
		{Java, "/** d */ class A { String s = \"a b\"; char c = 'd'; /* e */ }", "class ~A { String ~s = \"a·b\" ; char ~c = 'd' ; }"},
	} {
		l := mustParse(t, c.lang, []byte(c.src)).Leaves()
		var got []string
		for i, text := range texts(l) {
			text = strings.ReplaceAll(text, " ", "·")
			if l.IsIdentifier(i) {
				text = "~" + text
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%v %q (-want +got):\n%s\n%s", c.lang, c.src, diff, l.Tree.SExpression(0))
		}
	}
}

// Worked by hand from the definition in [Leaves.Syntax].
func TestSyntaxGraph(t *testing.T) {
	for _, c := range []struct {
		lang Language
		src  string
		want []string
	}{
		// assignment(x = binary_operator(a + b)): its leaves see into the operator, the
		// operator's see only each other.
		{Python, "x = a + b\n", []string{
			"x→=", "x→a", "x→+", "x→b", "=→x", "=→a", "=→+", "=→b", "a→+", "a→b", "+→a", "+→b", "b→a", "b→+",
		}},
		// if_statement(if identifier : block(...)): nothing enters the block.
		{Python, "if a:\n    b\n", []string{"if→a", "if→:", "a→if", "a→:", ":→if", ":→a"}},
		// call(f argument_list(( 'a' ))): a string is one leaf.
		{Python, "f('a')\n", []string{
			"f→(", "f→'a'", "f→)", "(→'a'", "(→)", "'a'→(", "'a'→)", ")→(", ")→'a'",
		}},
		// function_definition(void function_declarator(f parameter_list(( ))) compound_statement({ expression_statement(...) })).
		{C, "void f() { g; }", []string{
			"void→f", "f→(", "f→)", "(→)", ")→(", "{→g", "{→;", "{→}", "g→;", ";→g", "}→{", "}→g", "}→;",
		}},
	} {
		l := mustParse(t, c.lang, []byte(c.src)).Leaves()
		var got []string
		for u, v := range l.Syntax() {
			got = append(got, string(l.Text(u))+"→"+string(l.Text(v)))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v %q (-want +got):\n%s\n%s", c.lang, c.src, diff, l.Tree.SExpression(0))
		}
	}
}

// checkRelations compares leaves, edges and distances with what their definitions say,
// node by node. It takes the square of the leaves, so callers keep programs short.
func checkRelations(t testing.TB, tree *Tree) {
	t.Helper()
	l := tree.Leaves()
	n := l.Len()
	isLeaf := map[int]int{}
	end := 0
	for i, node := range l.Nodes {
		span := l.Span(i)
		if span.Start < end || span.Len() == 0 {
			t.Fatalf("leaf %d at %v, after one that ends at %d", i, span, end)
		}
		end = span.End
		isLeaf[int(node)] = i
	}

	edges := map[[2]int]bool{}
	for u, v := range l.Syntax() {
		if u == v || edges[[2]int{u, v}] {
			t.Fatalf("edge %d to %d, which is a loop or comes twice", u, v)
		}
		edges[[2]int{u, v}] = true
	}
	want := 0
	for u, node := range l.Nodes {
		parent := int(tree.Nodes[node].Parent)
		if parent < 0 {
			continue
		}
		for sibling := range tree.Children(parent) {
			if v, ok := isLeaf[sibling]; ok {
				if v != u {
					want++
					if !edges[[2]int{u, v}] || !edges[[2]int{v, u}] {
						t.Fatalf("no edges both ways between siblings %d and %d", u, v)
					}
				}
				continue
			}
			if roles[tree.Language][tree.Kind(sibling)] == block {
				continue
			}
			for below := range tree.Children(sibling) {
				if v, ok := isLeaf[below]; ok {
					want++
					if !edges[[2]int{u, v}] {
						t.Fatalf("no edge from %d to %d below its sibling", u, v)
					}
				}
			}
		}
	}
	if len(edges) != want {
		t.Fatalf("%d edges, the definition gives %d", len(edges), want)
	}

	all := l.Distances()
	for u := range n {
		for v := range n {
			d := int(all[u*n+v])
			if d != tree.Distance(int(l.Nodes[u]), int(l.Nodes[v])) || d != steps(tree, int(l.Nodes[u]), int(l.Nodes[v])) {
				t.Fatalf("distance %d between leaves %d and %d, %d in Distance, %d counted", d, u, v,
					tree.Distance(int(l.Nodes[u]), int(l.Nodes[v])), steps(tree, int(l.Nodes[u]), int(l.Nodes[v])))
			}
			if (d == 0) != (u == v) || all[v*n+u] != all[u*n+v] {
				t.Fatalf("distance %d between leaves %d and %d is that of no metric", d, u, v)
			}
			if w := (u*31 + v*17) % n; d > int(all[u*n+w])+int(all[w*n+v]) {
				t.Fatalf("the way from %d to %d is longer than by %d", u, v, w)
			}
		}
	}
}

// steps counts edges between nodes u and v along lists of their ancestors.
func steps(t *Tree, u, v int) int {
	path := func(i int) (p []int) {
		for ; i >= 0; i = int(t.Nodes[i].Parent) {
			p = append(p, i)
		}
		slices.Reverse(p)
		return p
	}
	a, b := path(u), path(v)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	return len(a) + len(b) - 2*same
}

func TestRelationsAreAsDefined(t *testing.T) {
	for _, g := range goldens(t) {
		if len(g.Nodes) < 400 {
			checkRelations(t, mustParse(t, g.Language, g.Source))
		}
	}
}

// pieces are fragments that make programs and broken programs when put together.
var pieces = [languages][]string{
	Python: {"x", "y1", " ", "\n", "\n    ", "\n\t", "=", "(", ")", "[", "]", ":", ",", ".", "if ", "else", "def f", "class A", "'a'", "'", "\"\"\"", "# c\n", "f'{", "}", "+", "1", "lambda ", "for ", " in ", "\\\n", "\x00", "\xe9", "é", "\r\n", "\x0c", "@", "async ", "print ", "match ", "case "},
	C:      {"x", "y1", " ", "\n", "=", "(", ")", "{", "}", "[", "]", ";", ",", ".", "->", "if", "else ", "int ", "f", "struct s", "'a'", "'", "\"b\"", "\"", "/* c */", "//d\n", "#if A\n", "#endif\n", "#define M(x)", "+", "1", "*", "&", "for", "return ", "\\\n", "\x00", "\xe9", "é", "\r\n"},
	Java:   {"x", "y1", " ", "\n", "=", "(", ")", "{", "}", "[", "]", ";", ",", ".", "->", "if", "else ", "int ", "f", "class A", "'a'", "'", "\"b\"", "\"", "\"\"\"\n", "/* c */", "//d\n", "@A ", "<", ">", "+", "1", "new ", "for", "return ", "switch", "case ", "\x00", "\xe9", "é", "\r\n", "::"},
}

func TestAnyTextHasATree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		lang := Language(rapid.IntRange(0, languages-1).Draw(r, "language"))
		src := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces[lang]), 0, 60).Draw(r, "pieces"), "")
		tree, err := Parse(lang, []byte(src))
		if err != nil {
			r.Fatal(err)
		}
		checkShape(t, tree)
		checkRelations(t, tree)
		if again, err := Parse(lang, []byte(src)); err != nil || !slices.Equal(again.Nodes, tree.Nodes) {
			r.Fatalf("another tree the second time (%v)", err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, g := range goldens(f) {
		f.Add(uint8(g.Language), g.Source)
	}
	f.Fuzz(func(t *testing.T, lang uint8, src []byte) {
		l := Language(lang % uint8(languages))
		if len(src) > 4<<10 {
			src = src[:4<<10]
		}
		tree, err := Parse(l, src)
		if err != nil {
			t.Fatal(err)
		}
		checkShape(t, tree)
		if tree.Leaves().Len() < 300 {
			checkRelations(t, tree)
		}
		_ = tree.SExpression(0)
	})
}

func ExampleParse() {
	tree, err := Parse(Python, []byte("def f(a):\n    return a + 1\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tree.SExpression(1))
	leaves := tree.Leaves()
	for i := range leaves.Len() {
		if leaves.IsIdentifier(i) {
			fmt.Printf("%s at %v\n", leaves.Text(i), leaves.Span(i))
		}
	}
	// Output:
	// (function_definition name: (identifier) parameters: (parameters (identifier)) body: (block (return_statement (binary_operator left: (identifier) right: (integer)))))
	// f at {4 5}
	// a at {6 7}
	// a at {21 22}
}

// TestDistancesOfDeepTrees has leaves so deep that some distances are no uint16: five
// chains of nodes below the root.
func TestDistancesOfDeepTrees(t *testing.T) {
	tree := &Tree{Nodes: []Node{{Parent: -1}}}
	leaves := &Leaves{Tree: tree}
	for _, length := range []int{38990, 5, 40000, 40000, 40000} {
		from := 0
		for range length {
			tree.Nodes = append(tree.Nodes, Node{Parent: int32(from), Depth: tree.Nodes[from].Depth + 1})
			from = len(tree.Nodes) - 1
		}
		leaves.Nodes = append(leaves.Nodes, int32(from))
	}
	n := leaves.Len()
	for i, d := range leaves.Distances() {
		want := min(tree.Distance(int(leaves.Nodes[i/n]), int(leaves.Nodes[i%n])), 65535)
		if int(d) != want {
			t.Errorf("distance %d between leaves %d and %d, want %d", d, i/n, i%n, want)
		}
	}
}
