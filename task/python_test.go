package task

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hone/corpus"
	"hone/source/python"
)

func TestSearchRow(t *testing.T) {
	const text = `def load(path):
    """Load a table
    from a file.

    :param path: where
    """
    with open(path) as f:
        return f.read()
`
	r, ok := searchRow(text)
	want := Row{Text: "def load(path):\n    with open(path) as f:\n        return f.read()\n", Other: "Load a table from a file."}
	if diff := cmp.Diff(want, r); !ok || diff != "" {
		t.Errorf("%v %s", ok, diff)
	}
	for _, text := range []string{
		"def load(path):\n    with open(path) as f:\n        return f.read()\n",                        // no docstring
		"def load(path):\n    '''Loads it.'''\n    with open(path) as f:\n        return f.read()\n",   // two words
		"def load(path):\n    '''Load a whole table.'''\n    return 1\n",                               // two lines
		"def load(path):\n    '''Load a whole table.'''\n",                                             // nothing else
		"def test_load(path):\n    '''Load a whole table.'''\n    with a:\n        return f.read()\n",  // a test
		"def __enter__(self):\n    '''Load a whole table.'''\n    with a:\n        return f.read()\n",  // the language's
		"def load(path):\n    b'''Load a whole table.'''\n    with a:\n        return f.read()\n",      // bytes
		"def load(path): '''Load a whole table.''' ; x = 1\n",                                          // shares its line
		"class A:\n    '''Load a whole table.'''\n    def f(self):\n        return f.read()\n",         // no function
		"def load(path:\n    '''Load a whole table.'''\n    with open(path) as f:\n        return 1\n", // no Python
	} {
		if r, ok := searchRow(text); ok {
			t.Errorf("%s gives %+v", text, r)
		}
	}
}

func TestTypesRow(t *testing.T) {
	const text = `async def load(self, path: "str", *, n: int = 3, keys: Dict[str, int] = {}, f=lambda x: x, y: Any = 0, **rest: typing.Optional[float]) -> List[int]:
    """n: int"""
    total: float = 0
    self.last: int | None = None
    def inner(a: A.B) -> None:
        return a[1:2]
    return {x: y for x in n}
`
	r, ok := typesRow(text)
	want := `async def load(self, path, *, n = 3, keys = {}, f=lambda x: x, y = 0, **rest):
    total = 0
    self.last = None
    def inner(a):
        return a[1:2]
    return {x: y for x in n}
`
	if !ok || r.Text != want {
		t.Fatalf("%v %s", ok, r.Text)
	}
	var got []string
	for _, s := range r.Spans {
		got = append(got, r.Text[s.Start:s.End]+" "+s.Label)
	}
	if diff := cmp.Diff([]string{"load list", "path str", "n int", "keys dict", "rest Optional", "total float", "self.last Optional", "inner None", "a B"}, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"def f(a):\n    pass\n", "def f(a: Any):\n    pass\n", "def f(a) -> (int):\n    pass\n", "x: int = 3\n"} {
		if r, ok := typesRow(text); ok {
			t.Errorf("%s gives %+v", text, r)
		}
	}
}

func TestTypeName(t *testing.T) {
	for a, want := range map[string]string{
		"int": "int", "'A'": "A", "np.ndarray": "ndarray", "Dict[str, Any]": "dict", "Union[int, None]": "Union", "int | str": "Union",
		"None | int": "Optional", "list[int | None]": "list", "Callable[[int], str]": "Callable", "Any": "", "1 + 2": "", "Literal['a|b']": "Literal",
	} {
		if got := typeName(a); got != want {
			t.Errorf("%s gives %q, not %q", a, got, want)
		}
	}
}

// TestFromPython: projects stay in the corpus's split, and the rows are a task.
func TestFromPython(t *testing.T) {
	dir := t.TempDir()
	for i := range 40 {
		var b strings.Builder
		for j := range 5 {
			fmt.Fprintf(&b, "def f%d_%d(a: int, b: str) -> float:\n    '''Gives number %d times %d.'''\n    x%d = a * %d\n    return x%d.g%d(b)\n\n\n", i, j, i, j, i, j, i, j)
		}
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint("p", i)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprint("p", i)), "a.py", b.String())
	}
	var c corpus.Config
	c.Default()
	c.Dedup.Near = false
	c.Sources = []corpus.SourceConfig{{Path: dir, Files: []string{"*.py"}, Project: "top"}}
	c.Split = corpus.SplitConfig{Validation: .2, Test: .3}
	for _, kind := range []Kind{Search, Tokens} {
		rows, made, err := FromPython{Kind: kind, N: 30, HeldOut: 12, Labels: 2}.Rows(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if made.Functions != 200 || made.Rows["train"] != 30 || made.Rows["test"] != 12 || made.Rows["validation"] != 12 {
			t.Errorf("%s: made %+v", kind, made)
		}
		of := map[string]string{}
		var lines []any
		for _, r := range rows {
			if was := of[r.Group]; was != "" && was != r.Split {
				t.Errorf("project %s is in %s and %s", r.Group, was, r.Split)
			}
			of[r.Group] = r.Split
			lines = append(lines, r)
		}
		if kind == Tokens && (len(made.Labels) != 2 || made.Rare == 0 || made.Spans != 2*len(rows)) {
			t.Errorf("made %+v", made)
		}
		s, err := Open(config(kind, "rows", write(t, dir, "rows.jsonl", lines...)))
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Test) != 12 {
			t.Errorf("%d test rows", len(s.Test))
		}
	}
	c.Split.Test = 0
	if _, _, err := (FromPython{Kind: Search, N: 3, HeldOut: 3}).Rows(context.Background(), c); err == nil || !strings.Contains(err.Error(), "split.test") {
		t.Errorf("without a test split: %v", err)
	}
}

// FuzzTypesRow: what comes out is Python without annotations, and spans are names in it.
func FuzzTypesRow(f *testing.F) {
	for _, s := range []string{"def f(a: int = 3, *b: str) -> List[int]:\n    x: A = a\n    return x\n", "def f(a: (lambda b: b) = 1) -> 'x':\n    y: int\n", "def f(a:b=c,\n  d # :\n  :e)->g: pass\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := typesRow(text)
		if !ok {
			return
		}
		m, err := python.Parse([]byte(r.Text))
		if err != nil {
			t.Fatalf("%q: %v", r.Text, err)
		}
		for n := range python.Walk(m) {
			switch n := n.(type) {
			case *python.Arg:
				if n.Annotation != nil {
					t.Fatalf("%q still has an annotation", r.Text)
				}
			case *python.AnnAssign:
				t.Fatalf("%q still has an annotation", r.Text)
			}
		}
		for _, s := range r.Spans {
			if s.Start < 0 || s.End <= s.Start || s.End > len(r.Text) || s.Label == "" {
				t.Fatalf("%q has the span %+v", r.Text, s)
			}
		}
	})
}
