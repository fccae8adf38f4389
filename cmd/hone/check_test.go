//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hone/source/check"
)

const faulty = `import os


def total(values, seen=[]):
    return totl == None
`

func TestCheck(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("clean.py", "x = 1\n")
	u.write("faulty.py", faulty)
	if err := os.MkdirAll(u.path("src/.venv"), 0o755); err != nil {
		t.Fatal(err)
	}
	u.write("src/a.py", faulty)
	u.write("src/b.c", "int f(void) { return 0 }\n")
	u.write("src/c.java", "class C { }\n")
	u.write("src/.venv/d.py", faulty)
	u.write("src/notes.txt", "x =\n")

	u.hone("check", "clean.py").exits(0).prints("nothing found in 1 file")
	res := u.hone("check", "faulty.py").exits(1)
	want := "faulty.py:1:8: F401 'os' imported but unused\n" +
		"faulty.py:4:24: B006 Do not use mutable data structures"
	if !strings.HasPrefix(res.out, want) || res.err != "" {
		t.Errorf("got\n%s%s", res.out, res.err)
	}
	res.prints("faulty.py:5:12: F821 undefined name 'totl'", "faulty.py:5:17: E711 comparison to None should be 'if cond is None:'", "4 findings in 1 file")
	u.hone("check", "faulty.py", "--exit-zero").exits(0)
	u.hone("check", "faulty.py", "--select", "E,F", "--ignore", "F8,E711").exits(1).prints("1 finding in 1 file")
	u.hone("check", "faulty.py", "--select", "W").exits(0)
	u.hone("check", "faulty.py", "--max-line", "20", "--select", "E501").exits(1).prints("faulty.py:4:21: E501 line too long (27 > 20 characters)")

	res = u.hone("check", "src").exits(1).prints("src/a.py:1:8: F401", "src/b.c:1:23: MISSING ';' is missing here", "src/c.java: 1 line, 4 tokens", "5 findings in 3 files")
	if strings.Contains(res.out, ".venv") || strings.Contains(res.out, "notes") {
		t.Errorf("hidden folders or other files are checked:\n%s", res.out)
	}
	u.hone("check", "src", "--stat").exits(1).prints("1  F821     undefined name …")
	u.hone("check", "faulty.py", "--metrics", "--dataflow", "--exit-zero").exits(0).prints("cognitive", "total", "occurrences of variables")
	u.hone("check", "src/notes.txt", "--lang", "python").exits(1).prints("src/notes.txt:1:4: E901 SyntaxError: invalid syntax")

	r := u.command("check", "-")
	r.cmd.Stdin = strings.NewReader("print('a'\n")
	r.start()
	r.wait().exits(1).prints("stdin:1:6: E901 SyntaxError: '(' was never closed")
}

func TestCheckJSON(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("a.py", faulty)
	u.write("b.py", "x = 1\n")
	var out struct {
		Schema, Findings int
		Versions         map[string]any
		Files            []struct {
			File     string
			Valid    bool
			Findings []struct {
				Rule           string
				Line, Column   int
				Span           struct{ Start, End int }
				Tool, Severity string
			}
			Metrics  *struct{ McCabe int }
			DataFlow *struct{ Variables int } `json:"data_flow"`
		}
	}
	res := u.hone("check", "a.py", "b.py", "--json", "--metrics", "--dataflow").exits(1)
	if err := json.Unmarshal([]byte(res.out), &out); err != nil {
		t.Fatal(err)
	}
	if out.Schema != check.Schema || out.Findings != 4 || len(out.Files) != 2 || len(out.Files[0].Findings) != 4 || !out.Files[1].Valid {
		t.Errorf("got %+v", out)
	}
	f := out.Files[0].Findings[0]
	if f.Rule != "F401" || f.Line != 1 || f.Column != 8 || f.Span.Start != 7 || f.Span.End != 9 || f.Tool != "pyflakes" {
		t.Errorf("first finding %+v", f)
	}
	if out.Files[0].Metrics == nil || out.Files[0].DataFlow == nil || out.Files[0].DataFlow.Variables == 0 {
		t.Errorf("no metrics or data flow: %+v", out.Files[0])
	}
}

func TestCheckSARIF(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("a b.py", faulty)
	res := u.hone("check", "a b.py", "--sarif").exits(1)
	var log struct {
		Version string
		Runs    []struct {
			Results []struct {
				RuleID    string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(res.out), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != 4 {
		t.Fatalf("got %s", res.out)
	}
	place := log.Runs[0].Results[0].Locations[0].PhysicalLocation
	if place.ArtifactLocation.URI != "a%20b.py" || place.Region.StartLine != 1 || place.Region.StartColumn != 8 || place.Region.EndColumn != 10 {
		t.Errorf("first result at %+v", place)
	}
}

// TestCheckBadInput: each mistake gets a message that helps.
func TestCheckBadInput(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("main.py", "x = 1\n")
	u.write("latin.py", "# coding: latin-1\nx = '\xe9' ;\n")
	u.write("bytes.py", "x = '\xe9'\n")
	u.write("image.png", "\x89PNG\r\n\x1a\n\x00\x00")
	u.write("binary.py", "\x7fELF\x00\x00")
	u.write("notes.txt", "hello\n")
	u.write("big.py", "def f(x):\n"+strings.Repeat("    x = [x, 2, 3]\n", 60_000)+"    return x\n")
	u.write("deep.py", "x = "+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+"\n")
	u.write("two.py", "print 'a'\n\texec 'b'\n")
	u.write("huge.py", strings.Repeat("#\n", 9<<20))
	if err := os.Mkdir(filepath.Join(u.dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	u.hone("check").exits(2).says("name files or folders")
	u.hone("check", "mian.py").exits(2).says("mian.py does not exist (is main.py meant?)")
	u.hone("check", "nowhere/x.py").exits(2).says("nor does the folder nowhere")
	u.hone("check", "empty").exits(2).says("there are no programs in the folder empty (.py,")
	u.hone("check", "image.png").exits(2).says("image.png is no program: it is binary")
	u.hone("check", "notes.txt").exits(2).says("--lang")
	u.hone("check", "main.py", "--select", "E77").exits(2).says(`no rule begins with "E77" (is E`)
	u.hone("check", "main.py", "--json", "--sarif").exits(2).says("give one of them")
	u.hone("check", "main.py", "--lang", "rust").exits(2).says("none of python, c, java")
	u.hone("check", "main.py", "--max-line", "0").exits(2)

	u.hone("check", "latin.py").exits(1).prints("latin.py:2:8: E203")
	u.hone("check", "bytes.py").exits(1).prints("bytes.py:1:6: E901 SyntaxError: Non-UTF-8 code")
	u.hone("check", "binary.py").exits(1).prints("binary.py:1:1: E902 cannot be read: it is binary")
	u.hone("check", "big.py", "--metrics", "--dataflow").exits(0)
	u.hone("check", "deep.py", "--select", "E9").exits(1).prints("deep.py:1:205: E901 SyntaxError: too many nested parentheses")
	u.hone("check", "two.py").exits(1).prints("E901 SyntaxError: Missing parentheses", "E113", "W191")
	u.hone("check", "huge.py").exits(1).prints("E902 cannot be read: it has 18 MiB, at most 16 are read")
	u.write("esc.py", "x = '\x1b[31m' ;\n")
	if res := u.hone("check", "esc.py").exits(1); strings.Contains(res.out, "\x1b") {
		t.Errorf("escape sequences of a program are printed: %q", res.out)
	}
}

func TestSourceLine(t *testing.T) {
	for _, c := range []struct {
		line             string
		start, end, cols int
		shown, underline string
	}{
		{"x = 1", 4, 5, 40, "x = 1", "    ^"},
		{"\tx = 1", 1, 2, 40, "    x = 1", "    ^"},
		{"a\tb", 2, 3, 40, "a   b", "    ^"},
		{"日本 = 1", 7, 8, 40, "日本 = 1", "     ^"},
		{"e\u0301 = 1", 4, 5, 40, "e\u0301 = 1", "  ^"},
		{"x = '\x1b[31m'", 4, 11, 40, "x = '\ufffd[31m'", "    ^^^^^^^"},
		{"x = 1", 5, 5, 40, "x = 1", "     ^"},
		{"x = 1", 0, 80, 40, "x = 1", "^^^^^"},
		{"", 0, 0, 40, "", "^"},
		{strings.Repeat("a", 30) + "b" + strings.Repeat("c", 30), 30, 31, 12, "aaaabccccccc", "    ^"},
		{strings.Repeat("a", 50), 45, 50, 12, "aaaaaaaaaaaa", "       ^^^^^"},
		{strings.Repeat("日", 20), 57, 60, 11, " 日日日日日", "         ^^"},
	} {
		shown, underline := sourceLine([]byte(c.line), c.start, c.end, c.cols)
		if shown != c.shown || underline != c.underline {
			t.Errorf("%q [%d,%d) in %d columns:\n%q\n%q, want\n%q\n%q", c.line, c.start, c.end, c.cols, shown, underline, c.shown, c.underline)
		}
	}
}
