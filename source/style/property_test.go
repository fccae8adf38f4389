package style_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/source"
	"hone/source/python"
	"hone/source/style"
)

// fragments are put together to programs, most of them broken, that go through all rules.
var fragments = []string{
	"if a:", "def f(", "class A:", "(", ")", "[", "]", "{", "}", ",", ":", ";", "=", "==", "None", "not ", " in ", " is ", "type(a)",
	"\n", "\r\n", "    ", "\t", " ", "\f", "\\\n", "'x'", "'''a\n  b'''", "r'\\d'", "'\\d'", "#c", "# noqa", "lambda l:", "import a, b",
	"@d", "async ", "await ", "except:", "l", "é", "x", "1", "+", "->", ":=", "**", "print", "type", "\u00a0", "0x", "f'{a}'", "\xff",
}

func drawProgram(t *rapid.T) []byte {
	parts := rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 60).Draw(t, "parts")
	return []byte(strings.Join(parts, ""))
}

// TestWellFormed: whatever the program, findings lie in it, in order, with rules of the table.
func TestWellFormed(t *testing.T) {
	known := map[string]bool{}
	for _, r := range style.Rules() {
		known[r.ID] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		src := drawProgram(t)
		findings, lines := check(src, style.Options{Keep: keepAll, MaxDoc: 20, HangClosing: rapid.Bool().Draw(t, "hang")})
		wellFormed(t, findings, lines, len(src), known)
	})
}

func wellFormed(t interface{ Fatalf(string, ...any) }, findings []source.Finding, lines *source.Lines, size int, known map[string]bool) {
	for i, f := range findings {
		if f.Span.Start < 0 || f.Span.End < f.Span.Start || f.Span.End > 3*size { // a byte of Latin-1 has up to two of UTF-8
			t.Fatalf("%v is outside of %d bytes", f, size)
		}
		if i > 0 && findings[i-1].Span.Start > f.Span.Start {
			t.Fatalf("%v comes after %v", f, findings[i-1])
		}
		if !known[f.Rule] || strings.Contains(f.Message, "%!") || f.Tool != style.Tool {
			t.Fatalf("%v is of no rule", f)
		}
		_ = lines.Position(f.Span.Start)
	}
}

// TestLineEnds: a program with CRLF has the findings of the one with LF.
func TestLineEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := bytes.ReplaceAll(drawProgram(t), []byte("\r"), nil)
		if !bytes.Equal(src, bytes.ToValidUTF8(src, nil)) {
			return
		}
		findings, lines := check(src, style.Options{Keep: keepAll})
		crlf, crlfLines := check(bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n")), style.Options{Keep: keepAll})
		if a, b := places(findings, lines), places(crlf, crlfLines); !slices.Equal(a, b) {
			t.Fatalf("%q: with LF\n%v\nwith CRLF\n%v", src, a, b)
		}
	})
}

// TestIndependent: selecting rules changes what is reported, not what is found.
func TestIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := drawProgram(t)
		all, _ := check(src, style.Options{Keep: keepAll})
		prefix := rapid.SampledFrom([]string{"E1", "E2", "E3", "E5", "E7", "W"}).Draw(t, "prefix")
		keep := func(r string) bool { return strings.HasPrefix(r, prefix) }
		some, _ := check(src, style.Options{Keep: keep})
		want := slices.DeleteFunc(slices.Clone(all), func(f source.Finding) bool { return !keep(f.Rule) })
		if !slices.Equal(some, want) {
			t.Fatalf("%q: %v, want %v", src, some, want)
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, c := range goldenCases(f) {
		f.Add([]byte(c.Text))
	}
	known := map[string]bool{}
	for _, r := range style.Rules() {
		known[r.ID] = true
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		findings, lines := check(src, style.Options{Keep: keepAll, MaxDoc: 72})
		wellFormed(t, findings, lines, len(src), known)
	})
}

func ExampleCheck() {
	text := []byte("import os, sys\nif os == None :\n  x=1\n")
	tokens, _ := python.Tokenize(text)
	lines := source.NewLines(text)
	for _, f := range style.Check(text, tokens, lines, style.Options{}) {
		p := lines.Position(f.Span.Start)
		fmt.Printf("%d:%d: %s %s\n", p.Line, p.Rune+1, f.Rule, f.Message)
	}
	// Output:
	// 1:10: E401 multiple imports on one line
	// 2:7: E711 comparison to None should be 'if cond is None:'
	// 2:14: E203 whitespace before ':'
	// 3:3: E111 indentation is not a multiple of 4
	// 3:4: E225 missing whitespace around operator
}

func BenchmarkCheck(b *testing.B) {
	text, err := os.ReadFile("../check/testdata/thirty.py")
	if err != nil {
		b.Fatal(err)
	}
	tokens, _ := python.Tokenize(text)
	lines := source.NewLines(text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		style.Check(text, tokens, lines, style.Options{})
	}
}
