//go:build linux

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"hone/problem"
)

var chunks = regexp.MustCompile(`<script type="text/plain" class="chunk">([^<]*)`)

// openedRows is the markup of what opens from the rows of a report.
func openedRows(t *testing.T, page string) (details []string) {
	t.Helper()
	for _, m := range chunks.FindAllStringSubmatch(page, -1) {
		raw, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		var chunk []string
		if err := json.NewDecoder(z).Decode(&chunk); err != nil {
			t.Fatal(err)
		}
		details = append(details, chunk...)
	}
	return details
}

// TestJudgeReport: each row opens its own program, with what failed; markup in a program is text.
func TestJudgeReport(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0")+"\n"+
		`{"task_id":"nonsense","completion":"x"}`+"\n"+
		`{"task_id":"own/1","completion":"    return '</script><b>owned</b>'\n"}`+"\n"+
		`{"task_id":"own/2","completion":"    c = a\n    return c / 0\n"}`+"\n")
	u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "v.jsonl", "--report", "r.html").exits(0).prints("report: r.html")
	page := u.read("r.html")
	if !strings.Contains(page, "<strong>33.3 %</strong>") {
		t.Error("the headline is missing")
	}
	if strings.Contains(page, "<b>owned") {
		t.Error("a program's markup is markup in the report")
	}
	d := openedRows(t, page)
	if len(d) != 3 {
		t.Fatalf("%d rows open, want 3", len(d))
	}
	for i, wants := range [][]string{
		{"Every test passed.", "return a + b"},
		{"&lt;/script&gt;&lt;b&gt;owned", "add(1, 2)", "<code>3</code>"},
		{"ZeroDivisionError", `<span class="line marked">    return c / 0`},
	} {
		for _, want := range wants {
			if !strings.Contains(d[i], want) {
				t.Errorf("row %d lacks %q:\n%s", i, want, d[i])
			}
		}
	}
	// Nothing is judged again for a report; without a file of verdicts it says the same.
	u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "v.jsonl", "--report", "again.html").exits(0).prints("nothing was run")
	if !slices.Equal(openedRows(t, u.read("again.html")), d) {
		t.Error("a report made later differs")
	}
	u.hone("judge", "--problems", "p.jsonl", "--reference", "--report", "ref.html").exits(0)
	if n := len(openedRows(t, u.read("ref.html"))); n != 5 {
		t.Errorf("%d reference solutions, want 5", n)
	}
	u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "r", "--report", "r").exits(2).says("--report r is an input or the output")
}

func TestTestInput(t *testing.T) {
	t.Parallel()
	test := func(name string, kind problem.Kind, spec any) problem.Test {
		tt, err := problem.NewTest(name, kind, problem.Hidden, spec)
		if err != nil {
			t.Fatal(err)
		}
		return tt
	}
	p := &problem.Problem{Tests: []problem.Test{
		test("call", problem.KindCall, problem.CallSpec{Function: "f", Args: json.RawMessage(`[1, {"tuple": [2]}]`), Kwargs: map[string]json.RawMessage{"k": json.RawMessage(`"x"`)}}),
		test("check", problem.KindCheck, problem.CheckSpec{Code: "def check(candidate):\n    \"doc\"\n    assert True\n    assert candidate(1) == 1\n    assert candidate(2) == 3, 'no'\n"}),
		test("io[0]", problem.KindStdio, problem.StdioSpec{Input: "1 2\n"}),
		test("io[01]", problem.KindStdio, problem.StdioSpec{Input: "3\n"}),
		test("unit", problem.KindUnittest, problem.UnittestSpec{Code: "class T(unittest.TestCase):\n    def test_a(self):\n        pass\n"}),
	}}
	for _, c := range [][3]string{
		{"call", "call", "f(1, (2,), k='x')"},
		{"check[0]", "test", "assert candidate(1) == 1"},
		{"check[1]", "test", "assert candidate(2) == 3, 'no'"},
		{"io[0]", "input", "1 2\n"},
		{"io[01]", "input", "3\n"},
		{"T.test_a", "test", "def test_a(self):\n        pass"},
	} {
		if kind, text := testInput(p, c[0]); kind != c[1] || text != c[2] {
			t.Errorf("testInput(%q) = %q, %q, want %q, %q", c[0], kind, text, c[1], c[2])
		}
	}
}
