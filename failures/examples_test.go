package failures

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hone/problem"
)

// Examples are read from prompts in the two forms, and what is none of them is left.
func TestExamples(t *testing.T) {
	for _, c := range []struct{ name, prompt, want string }{
		{"values", "Add.\r\nExample 1:\n\nInput: nums = [1, 2], k = 3\nOutput: [4, 5]\nExplanation: so.\n", `[1, 2],3 -> [4, 5]`},
		{"one value with a name in it", "Example 1:\n\nInput: s = \"a, b = c\"\nOutput: \"x\"\n", ""},
		{"a value without a name before one that has one", "Input: 5, k = 3\nOutput: 8\n", ""},
		{"a fraction", "Input: x = 1\nOutput: 1.16667\n", `1 -> 1.16667 within 1e-05`},
		{"not JSON", "Input: x = {1}\nOutput: 1\n", ""},
		{
			"texts", "Sample Input 1\n\n3\r\n2 5 7\n\nSample Output 1\n\n3\r\n\nFor example, so.\n\nSample Input 2\n\n1\n\nSample Output 2\n\nYes\nNo",
			`"3\n2 5 7\n" -> "3" | "1\n" -> "Yes\nNo"`,
		},
		{"an input without output", "Sample Input 1\n\n3\n\nSample Input 2\n\n4\n\nSample Output 2\n\n5\n", `"4\n" -> "5"`},
		{"none", "Print the Sample Input 1.", ""},
	} {
		var got []string
		for _, s := range examples(c.prompt) {
			text := strings.Trim(string(s.Args), "[]")
			if strings.Contains(c.name, "values") {
				text = strings.TrimSuffix(strings.TrimPrefix(string(s.Args), "["), "]")
			}
			text += " -> " + string(s.Expected)
			if s.Atol > 0 {
				text += " within 1e-05"
			}
			got = append(got, text)
		}
		if s := strings.Join(got, " | "); s != c.want {
			t.Errorf("%s: %s, not %s", c.name, s, c.want)
		}
	}
}

// The function that most programs define is called; a helper of one is not, and tasks that have tests keep them.
func TestJoinExamples(t *testing.T) {
	prompt := "Input: x = 1\nOutput: 2\n"
	programs := []Program{{0, "def help(x):\n    return x\n\ndef solve(x):\n    return 2\n"}, {1, "def solve(x):\n    return 3\n"}, {2, "not Python ("}}
	own := &problem.Problem{TaskID: "2"}
	r := &Results{Models: []string{"a", "b", "c"}, Tasks: []Task{
		{Benchmark: "B", ID: "1", Prompt: prompt, Programs: programs},
		{Benchmark: "B", ID: "2", Prompt: prompt, Programs: programs, Problem: own},
		{Benchmark: "B", ID: "3", Prompt: prompt},
	}}
	r.JoinExamples()
	p := r.Tasks[0].Problem
	if p == nil || p.EntryPoint != "solve" || len(p.Tests) != 1 || !r.Tasks[0].Examples || r.Tasks[0].hasTests() {
		t.Errorf("task 1: %+v", p)
	}
	if r.Tasks[1].Problem != own || r.Tasks[1].Examples || r.Tasks[2].Problem != nil {
		t.Errorf("tasks 2 and 3: %+v, %+v", r.Tasks[1], r.Tasks[2])
	}
}

// A program that passes all examples and is published as failed is evidence of an algorithm that is nearly right, and no
// disagreement; one that fails them and is published as passed is.
func TestExamplesDecideOneWay(t *testing.T) {
	yes := true
	pass := problem.Verdict{Verdict: problem.Pass, Passed: &yes, Tests: []problem.TestResult{{Name: "t0", Verdict: problem.Pass}}}
	x := task(pass, pass)
	x.Examples = true
	r := &Results{Models: []string{"a", "b"}, Tasks: []Task{*x}}
	if d := Disagreements(r); len(d) != 0 {
		t.Errorf("disagreements: %+v", d)
	}
	s := SuggestFor(x)
	if s.Evidence == nil || s.Evidence.Programs != 2 || len(s.Patterns) != 1 || s.Patterns[0] != Algorithm || len(s.Complications) != 0 {
		t.Errorf("suggested: %+v of %+v", s, s.Evidence)
	}
	if c := Cover(r); c.Evidence != 1 || c.Examples != 1 || c.PerBenchmark[0].Undecided != 2 || c.PerBenchmark[0].Agree != 0 {
		t.Errorf("coverage: %+v", c)
	}
	x.Examples = false
	if s := SuggestFor(x); s.Evidence != nil {
		t.Errorf("tests that decide: %+v", s.Evidence)
	}
	y := task(failed("7/9"), failed("7/9"))
	y.Examples, y.Cells[0].Rate = true, 1
	if d := Disagreements(&Results{Models: []string{"a", "b"}, Tasks: []Task{*y}}); len(d) != 1 || d[0].Model != "a" {
		t.Errorf("disagreements: %+v", d)
	}
}

// What LiveCodeBench's files record of a failure is evidence until the program is run.
func TestRecorded(t *testing.T) {
	row := func(id, code, metadata string, passed bool) string {
		raw, err := json.Marshal(map[string]any{
			"question_id": id, "code_list": []string{code}, "graded_list": []bool{passed}, "metadata": []string{metadata}, "difficulty": "easy",
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	path := filepath.Join(t.TempDir(), "x.jsonl")
	wrong := `{"output":"[1, 2]","inputs":"[]","expected":"(1, 2)","error_code":-2,"error_message":"Wrong Answer"}`
	rows := row("1", "def f(): pass", wrong, false) + "\n" + row("2", "def f(): pass", `{"error_code":-5,"error_message":"TestRunnerError"}`, false) +
		"\n" + row("3", "def f(): pass", `{"execution time": 0.1}`, true)
	if err := os.WriteFile(path, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Read([]Source{{Path: path, Name: "m"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Tasks[1].Judged) + len(r.Tasks[2].Judged); n != 0 {
		t.Errorf("%d failures recorded of tasks 2 and 3", n)
	}
	e := gather(&r.Tasks[0])
	if e == nil || e.Recorded != 1 || e.FormKinds["type"] != 1 || e.Boundary != 1 || e.NonePass != 0 {
		t.Errorf("evidence: %+v", e)
	}
	if c := Cover(r).PerBenchmark[0]; c.Recorded != 1 || c.Judged != 0 {
		t.Errorf("coverage: %+v", c)
	}
	r.Tasks[0].Take(Judged{Model: 0, Verdict: failed("pass", "7/9")})
	if e := gather(&r.Tasks[0]); len(r.Tasks[0].Judged) != 1 || e.Recorded != 0 || e.TestsPassed != 0.5 {
		t.Errorf("after it ran: %+v", e)
	}
}

// What hone judge said of each test is evidence: of several programs of a model, of the one that passes most tests.
func TestVerdictsAreEvidence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	rows := `{"benchmark":"B","task_id":"b/1","sample":1,"verdict":"wrong_answer","passed":false,"tests":[{"name":"a","verdict":"wrong_answer","got":"1","expected":"2"},{"name":"b","verdict":"wrong_answer"}]}
{"benchmark":"B","task_id":"b/1","sample":2,"verdict":"wrong_answer","passed":false,"tests":[{"name":"a","verdict":"pass"},{"name":"b","verdict":"wrong_answer"}]}
{"benchmark":"B","task_id":"b/2","sample":1,"verdict":"pass","passed":true,"tests":[{"name":"a","verdict":"pass"}]}
`
	if err := os.WriteFile(path, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Read([]Source{{Path: path, Name: "m"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if e := gather(&r.Tasks[0]); e == nil || e.Programs != 1 || e.TestsPassed != 0.5 || e.Recorded != 1 || r.Tasks[0].reach() != 0.5 {
		t.Errorf("evidence: %+v", e)
	}
	if n := len(r.Tasks[1].Judged); n != 0 {
		t.Errorf("%d verdicts of a program that passes", n)
	}
}

// The table of tasks can be read again.
func TestTables(t *testing.T) {
	r := &Results{Models: []string{"a", "b"}, Tasks: []Task{*task(failed("7/9"), failed("6/9"))}}
	r.Tasks[0].Cells[1] = Cell{Model: 1, Rate: 0.25, N: 4}
	a, err := Analyze(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, x := range Tables(r, a) {
		for _, row := range x.Rows {
			if len(row) != len(x.Rows[0]) {
				t.Errorf("%s: a row of %d, not %d: %q", x.Name, len(row), len(x.Rows[0]), row)
			}
			if x.Name == "tasks" {
				text.WriteString(strings.Join(row, ",") + "\n")
			}
		}
	}
	path := filepath.Join(t.TempDir(), "tasks.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := Read([]Source{{Path: path}}, nil)
	if err != nil || len(again.Defects) != 1 || again.Defects[0].Kind != Inferred || again.Tasks[0].Cells[1] != r.Tasks[0].Cells[1] {
		t.Errorf("read again: %+v, %v", again, err)
	}
}
