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

// TestEvalReport: hone eval writes hone judge's page of what it drew, from its files and without files.
func TestEvalReport(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	u.write("p.jsonl", string(demoProblems))
	args := []string{"eval", p.URL, "--benchmark", "p.jsonl", "--limit", "8", "--n", "3", "--seed", "3", "--report"}
	u.hone(append(args, "run/r.html", "--out", "run")...).exits(0).prints("report: run/r.html")
	u.hone("judge", "--problems", "p.jsonl", "--samples", "run/samples.jsonl", "--out", "v.jsonl", "--report", "judge.html").exits(0)
	times := regexp.MustCompile(`[0-9.]+ ms processor, [0-9.]+ ms clock`) // a verdict that was not cached is timed again
	rows := func(page string) (out []string) {
		for _, d := range openedRows(t, u.read(page)) {
			out = append(out, times.ReplaceAllString(d, ""))
		}
		return out
	}
	want := rows("judge.html")
	if len(want) != 24 || !strings.Contains(strings.Join(want, ""), "<pre") {
		t.Fatalf("%d rows open, want 24 with programs", len(want))
	}
	if !slices.Equal(rows("run/r.html"), want) {
		t.Error("hone judge shows other programs or failures for the same samples")
	}
	if page := u.read("run/r.html"); !strings.Contains(page, "tape at "+p.URL+"/v1: 24 completions, temperature 0.8") {
		t.Error("the page does not say what was drawn from which model")
	}
	asked := p.requests.Load()
	u.hone(append(args, "again.html", "--out", "run")...).exits(0).prints("nothing was run")
	if p.requests.Load() != asked || !slices.Equal(rows("again.html"), want) {
		t.Error("a report made later asks the model, or differs")
	}
	u.hone(append(args, "none.html")...).exits(0)
	if !slices.Equal(rows("none.html"), want) {
		t.Error("without --out the report differs")
	}
	u.hone(append(args, "run/samples.jsonl", "--out", "run")...).exits(2).says("--report run/samples.jsonl is an input or the output")
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
