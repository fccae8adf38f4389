package style_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"hone/source"
	"hone/source/python"
	"hone/source/style"
)

// check finds what is wrong with a program.
func check(src []byte, opts style.Options) ([]source.Finding, *source.Lines) {
	text, _, err := python.Decode(src)
	if err != nil {
		text = src
	}
	tokens, _ := python.Tokenize(text)
	lines := source.NewLines(text)
	return style.Check(text, tokens, lines, opts), lines
}

func keepAll(string) bool { return true }

// place is a finding as the tool writes it.
type place struct {
	line, column  int
	rule, message string
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.line, q.line), cmp.Compare(p.column, q.column), cmp.Compare(p.rule, q.rule), cmp.Compare(p.message, q.message))
}

func places(findings []source.Finding, lines *source.Lines) []place {
	var out []place
	for _, f := range findings {
		p := lines.Position(f.Span.Start)
		out = append(out, place{p.Line, p.Rune, f.Rule, f.Message})
	}
	slices.SortFunc(out, place.compare)
	return out
}

// goldenCase is a program and what the tool finds in it (testdata/gen/cases.py).
type goldenCase struct {
	Name, Text string
	Options    struct {
		HangClosing bool `json:"hang_closing"`
		MaxDoc      int  `json:"max_doc_length"`
		MaxLine     int  `json:"max_line_length"`
	}
	Found [][4]any
}

func goldenCases(t testing.TB) []goldenCase {
	f, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []goldenCase
	for s := bufio.NewScanner(f); s.Scan(); {
		var c goldenCase
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func TestGolden(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range goldenCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			findings, lines := check([]byte(c.Text), style.Options{
				HangClosing: c.Options.HangClosing, MaxDoc: c.Options.MaxDoc, MaxLine: c.Options.MaxLine, Keep: keepAll,
			})
			var want []place
			for _, f := range c.Found {
				want = append(want, place{int(f[0].(float64)), int(f[1].(float64)), f[2].(string), f[3].(string)})
				seen[f[2].(string)] = true
			}
			slices.SortFunc(want, place.compare)
			if got := places(findings, lines); !slices.Equal(got, want) {
				t.Errorf("of\n%s\ngot  %v\nwant %v", c.Text, got, want)
			}
		})
	}
	for _, r := range style.Rules() {
		if !seen[r.ID] {
			t.Errorf("no case has %s", r.ID)
		}
	}
}

func TestDefaults(t *testing.T) {
	src := []byte("a = b+c; d = [1,  2]\n")
	findings, _ := check(src, style.Options{})
	if len(findings) != 1 || findings[0].Rule != "E702" {
		t.Errorf("by default %v, want E702 alone: E226 and E241 are left out", findings)
	}
	findings, _ = check(src, style.Options{Keep: func(r string) bool { return strings.HasPrefix(r, "E2") }})
	if got := fmt.Sprintln(len(findings), findings[0].Rule, findings[1].Rule); got != "2 E226 E241\n" {
		t.Errorf("of E2: %s", got)
	}
}

func TestSpans(t *testing.T) {
	for _, c := range []struct{ src, rule, want string }{
		{"x = '" + strings.Repeat("é", 100) + "'\n", "E501", strings.Repeat("é", 26) + "'"},
		{"x = 1   \n", "W291", "   "},
		{"if x == None:\n    pass\n", "E711", "=="},
		{"x = not a in b\n", "E713", "not a in"},
		{"import os, sys\n", "E401", ","},
		{"f = lambda: 0\n", "E731", "f = lambda"},
		{"x = [1,2]\n", "E231", ","},
		{"x=1\n", "E225", "="},
		{"x = '\\é'\n", "W605", "\\é"},
		{"é = f( 1)\n", "E201", " "},
		{"x = 1\n\n", "W391", "\n"},
		{"x = 1", "W292", ""},
		{"if type(a) == type(b.c):\n    pass\n", "E721", "== type(b.c)"},
		{"def f():\n    pass\nx = 1\n", "E305", "x"},
	} {
		findings, _ := check([]byte(c.src), style.Options{})
		i := slices.IndexFunc(findings, func(f source.Finding) bool { return f.Rule == c.rule })
		if i < 0 {
			t.Errorf("%q: no %s", c.src, c.rule)
			continue
		}
		if got := c.src[findings[i].Span.Start:findings[i].Span.End]; got != c.want {
			t.Errorf("%q: %s is at %q, want %q", c.src, c.rule, got, c.want)
		}
	}
}
