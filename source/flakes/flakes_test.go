package flakes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/source"
	"hone/source/internal/peer"
	"hone/source/python"
)

// TestSpans: findings are about what is wrong, not about the whole statement.
func TestSpans(t *testing.T) {
	for _, c := range []struct{ text, rule, span string }{
		{"from a import (\n    b,\n    c as d,\n)\nb", "F401", "c as d"},
		{"import os.path, sys\nsys", "F401", "os.path"},
		{"import a\nimport b as a", "F811", "b as a"},
		{"def f():\n    é = 1", "F841", "é"},
		{"try: pass\nexcept (A, B) as  e : pass", "F841", "e"},
		{"x: 'List[Late]'", "F821", "Late"},
		{"x: \"\"\"Dict[a,\n Late]\"\"\"", "F821", "Late"},
		{"x: 'Li\\x73t'", "F821", "'Li\\x73t'"},
		{"x = 1  # type: List[Late]", "F821", "Late"},
		{"def f(a, b, a: int): pass", "F831", "a: int"},
		{"__all__ = ['a', 'b']\na = 1", "F822", "'b'"},
		{"x == 1 is y < 2", "F632", "1 is y"},
		{"{'a': 1, 'b': 2, 'a': 3}", "F601", "'a'"},
		{"'%s' % (1, 2)", "F507", "'%s' % (1, 2)"},
		{"match x:\n    case C() as name: pass", "F841", ""},
		{"def f(x):\n    match x:\n        case {'a': 1, **rest}: pass", "F841", "rest"},
		{"def f(a, b=[], *, c=g()): pass", "B006", "[]"},
		{"def f(a, b=[], *, c=g()): pass", "B008", "g()"},
		{"raise NotImplemented('x')", "F901", "NotImplemented"},
		{"if (a, b): pass", "F634", "(a, b)"},
	} {
		m, err := python.Parse([]byte(c.text))
		if err != nil {
			t.Fatalf("%q: %v", c.text, err)
		}
		findings := Check(m)
		found := c.span == ""
		for _, f := range findings {
			found = found || f.Rule == c.rule && c.text[f.Span.Start:f.Span.End] == c.span
		}
		if !found {
			t.Errorf("%q: no %s about %q in %+v", c.text, c.rule, c.span, findings)
		}
	}
}

// TestTypeParameters: what Python 3.12 has and pyflakes 2.5 cannot read; expected
// from pyflakes 4.1 on the same text.
func TestTypeParameters(t *testing.T) {
	text := `type Alias[T] = list[T] | Later
type Wrong = Missing1
def f[T: Bound, *Ts, **P](a: T, *b: *Ts) -> P:
    return T
class C[T](Base[T]):
    x: T
    def m(self) -> T: return T
T
class Later: ...
`
	m, err := python.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	lines := source.NewLines(m.Text)
	var got []string
	for _, f := range (Options{}).Inspect(m) {
		got = append(got, fmt.Sprintf("%d %s %s", lines.Line(f.Reported), f.Rule, f.Message))
	}
	want := []string{
		"2 F821 undefined name 'Missing1'", "3 F821 undefined name 'Bound'",
		"5 F821 undefined name 'Base'", "8 F821 undefined name 'T'",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, not %q", got, want)
	}
}

// TestRules: codes are unique and every rule is complete.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Code] || r.Name == "" || r.Message == "" || r.Help == "" || r.Tool == "" || r.Severity == source.Undefined {
			t.Errorf("%+v", r)
		}
		seen[r.Code] = true
	}
}

// TestRenaming: renaming a variable everywhere changes nothing but its name in
// messages; a name that is used and bound once is never reported.
func TestRenaming(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z][a-z0-9]{0,6}q`).Draw(t, "name") // never a keyword or builtin
		template := rapid.SampledFrom([]string{
			"def f():\n    N = 1\n    return N\n", "import N\nN.x\n", "for N in (): print(N)\n",
			"def f(N): return [N for _ in N]\n", "def x(): pass\nwith x() as N: N\n",
			"class N: pass\nN()\n", "lambda N: N\n", "if (N := 1): N\n", "__all__ = ['N']\nN = 1\n",
		}).Draw(t, "template")
		m, err := python.Parse([]byte(strings.ReplaceAll(template, "N", name)))
		if err != nil {
			t.Fatal(err)
		}
		if found := Check(m); len(found) > 0 {
			t.Errorf("%s: %+v", m.Text, found)
		}
	})
}

// TestFormatsAgainstPython compares how random formats are read with
// string.Formatter().parse.
func TestFormatsAgainstPython(t *testing.T) {
	const script = `import json, string, sys
for line in sys.stdin:
    try: print(json.dumps([[f[1], f[2]] for f in string.Formatter().parse(json.loads(line)) if f[1] is not None]))
    except ValueError as e: print(json.dumps(str(e)))
`
	if _, err := exec.LookPath(peer.Python); err != nil {
		t.Skip("no Python")
	}
	formats := rapid.SliceOfN(rapid.StringMatching(`([a0{}\[\]:!.é]|\{\}){0,10}`), 2000, 2000).Example(1)
	var in strings.Builder
	for _, f := range formats {
		in.WriteString(quoteJSON(f) + "\n")
	}
	cmd := exec.Command(peer.Python, "-c", script)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i, f := range formats {
		var parts []string
		fields, err := parseFields(f)
		for _, g := range fields {
			parts = append(parts, "["+quoteJSON(g.name)+", "+quoteJSON(g.spec)+"]")
		}
		got := "[" + strings.Join(parts, ", ") + "]"
		if err != nil {
			got = quoteJSON(err.Error())
		}
		if got != want[i] {
			t.Errorf("%q: %s, not %s", f, got, want[i])
		}
	}
}

// quoteJSON writes a string as Python's json does.
func quoteJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// FuzzCheck: no program makes the rules fail, and every finding is in its text.
func FuzzCheck(f *testing.F) {
	paths, _ := filepath.Glob("testdata/cases/*.py")
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, _ := python.ParseTolerant(text)
		for _, flake := range (Options{}).Inspect(m) {
			if flake.Span.Start < 0 || flake.Span.End < flake.Span.Start || flake.Span.End > len(m.Text) ||
				flake.Reported < 0 || flake.Reported > len(m.Text) {
				t.Errorf("%+v in %d bytes", flake, len(m.Text))
			}
		}
	})
}

// FuzzFormats: no format makes its parser fail.
func FuzzFormats(f *testing.F) {
	for _, s := range []string{"{a[0]!r:{w}}", "%(a)-*.3ld", "{", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if fields, err := parseFields(s); err == nil && len(fields) > strings.Count(s, "{") {
			t.Errorf("%q has %d fields", s, len(fields))
		}
		if found, err := parsePercent(s); err == nil && len(found) > strings.Count(s, "%") {
			t.Errorf("%q has %d conversions", s, len(found))
		}
	})
}

// function30 is a function of 30 lines as models write them.
const function30 = `import os
import sys
from collections import defaultdict
from typing import Dict, List, Optional


def group_words(words: List[str], limit: Optional[int] = None) -> Dict[str, List[str]]:
    """Group words that are anagrams of one another, the largest groups first."""
    groups = defaultdict(list)
    seen = set()
    for index, word in enumerate(words):
        if word in seen:
            continue
        seen.add(word)
        key = "".join(sorted(word.lower()))
        groups[key].append(word)
        if limit is not None and len(groups) > limit:
            print("%d groups after %d words" % (len(groups), index))
            break
    else:
        print("{} words read".format(len(words)))
    largest = max((len(g) for g in groups.values()), default=0)
    result = {}
    for size in range(largest, 0, -1):
        for key, group in groups.items():
            if len(group) == size:
                try:
                    result[key] = sorted(group, key=lambda w: (len(w), w))
                except TypeError as error:
                    print(f"cannot sort {key!r}: {error}", file=sys.stderr)
    return {k: v for k, v in result.items() if v}
`

func BenchmarkCheck(b *testing.B) {
	m, err := python.Parse([]byte(function30))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Check(m)
	}
}

func ExampleCheck() {
	m, err := python.Parse([]byte("import os\n\ndef area(r, log=[]):\n    return math.pi * r ** 2\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range Check(m) {
		fmt.Printf("%s %s: %.40s\n", f.Rule, m.Text[f.Span.Start:f.Span.End], f.Message)
	}
	// Output:
	// F401 os: 'os' imported but unused
	// B006 []: Do not use mutable data structures for a
	// F821 math: undefined name 'math'
}
