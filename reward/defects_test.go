package reward

import (
	"context"
	"slices"
	"strings"
	"testing"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
	"hone/token"
)

// Defects that published reward code has had, each with a test that it is not here.

// TestSecurityIsActive: each rule that counts by default is found in a program that breaks
// it, whatever comments the program has.
func TestSecurityIsActive(t *testing.T) {
	f := newFormula(t, nil)
	for rule, program := range map[string]string{
		"B102": "exec(code)\n",
		"B301": "import pickle\npickle.loads(data)\n",
		"B307": "eval(x)\n",
		"B303": "import hashlib\nhashlib.md5(b'')\n",
		"B602": "import subprocess\nsubprocess.Popen(x, shell=True)\n",
		"B605": "import os\nos.system(x)\n",
		"B608": "q = \"SELECT * FROM t WHERE a = '%s'\" % x\n",
	} {
		for _, silencer := range []string{"", "  # nosec", "  # noqa", "  # NOQA: " + rule, "  #nosec " + rule} {
			text := strings.Replace(strings.TrimSuffix(program, "\n"), "\n", silencer+"\n", 1) + silencer + "\n"
			r := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, text})
			sec := r.Parts[2]
			if sec.Component != Security || sec.Value >= 1 || !strings.Contains(sec.Note, rule) {
				t.Errorf("%q: %+v", text, sec)
			}
		}
	}
	r := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, "assert f(1) == 1\n"})
	if r.Parts[2].Value != 1 {
		t.Errorf("an assertion is a finding: %+v", r.Parts[2])
	}
}

// TestProseIsNotLinted: the same code has the same findings alone and among prose.
func TestProseIsNotLinted(t *testing.T) {
	f := newFormula(t, allComponents)
	const code = "def f(x):\n    y = x+ 1\n    return eval(z)\n"
	alone := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, code})
	among := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormResponse, "Here is my answer; I'd `eval` it (maybe):\n\n```python\n" + code + "```\n\nThis works because ((x + 1) is   fine;\n"})
	if alone.Reward != among.Reward {
		t.Errorf("%v alone, %v among prose:\n%+v\n%+v", alone.Reward, among.Reward, alone.Parts, among.Parts)
	}
}

// TestWarningErasesNothing: a program that passes keeps its tests' reward, whatever its style.
func TestWarningErasesNothing(t *testing.T) {
	f := newFormula(t, nil)
	ugly := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, strings.Repeat("eval(undefined)\n", 20)})
	if ugly.Parts[0].Reward != 1 || ugly.Reward != 1 {
		t.Errorf("%+v", ugly)
	}
}

// TestEndIsTheProgramsOwn: the reward goes to the last token of the program; not to the
// end token, padding, a fence or prose behind it.
func TestEndIsTheProgramsOwn(t *testing.T) {
	f := newFormula(t, nil)
	text := "```python\nx = 1\n```\nDone."
	tokens := []token.Token{{Start: 0, End: 9}, {Start: 9, End: 10}, {Start: 10, End: 13}, {Start: 13, End: 16}, {Start: 16, End: 20}, {Start: 20, End: 25}, {Start: 25, End: 25}}
	r := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormResponse, text})
	got, err := Assign(Terminal, r, tokens)
	if err != nil || !slices.Equal(got, []float64{0, 0, 0, r.Reward, 0, 0, 0}) {
		t.Errorf("%v %v", got, err)
	}
}

// TestTokensOfAnotherText: tokens that do not reach over the program are refused.
func TestTokensOfAnotherText(t *testing.T) {
	f := newFormula(t, nil)
	r := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, "x = 1\ny = 2\n"})
	if got, err := Assign(Terminal, r, []token.Token{{Start: 0, End: 6}}); err == nil {
		t.Errorf("%v", got)
	}
}

// TestNothingPassesByCheating judges programs that published rewards took for right: those
// that end their process with status 0, and those whose result is equal to everything.
// It also has a traced wrong answer, end to end.
func TestNothingPassesByCheating(t *testing.T) {
	py, err := sandbox.FindPython(context.Background(), "", false)
	if err != nil {
		t.Skip("no Python:", err)
	}
	j, err := judge.New(context.Background(), judge.Config{Python: py, Workers: 1})
	if err != nil {
		t.Skip("no sandbox here:", err)
	}
	defer j.Close()
	test := func(name string, kind problem.Kind, spec any) problem.Test {
		out, err := problem.NewTest(name, kind, "", spec)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	p := &problem.Problem{Benchmark: "own", TaskID: "own/1", EntryPoint: "f", Tests: []problem.Test{
		test("one", problem.KindAssert, problem.AssertSpec{Code: "assert f(1) == 2"}),
		test("two", problem.KindAssert, problem.AssertSpec{Code: "assert f(5) == 6"}),
	}}
	f := newFormula(t, nil)
	for name, code := range map[string]string{
		"SystemExit(0)":     "def f(x):\n    raise SystemExit(0)\n",
		"os._exit(0)":       "import os\ndef f(x):\n    os._exit(0)\n",
		"exit at import":    "import sys\nsys.exit(0)\ndef f(x):\n    return 0\n",
		"always equal":      "class A:\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return A()\n",
		"equal subclass":    "class A(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\ndef f(x):\n    return A(99)\n",
		"prints that it is": "def f(x):\n    print('OK passed 2/2')\n",
		"empty":             "",
	} {
		text := "```python\n" + code + "```\n"
		v, err := j.Do(context.Background(), judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Assemble(problem.FormResponse, text).Code, Coverage: true})
		if err != nil {
			t.Fatal(err)
		}
		if r := score(t, f, Input{p, &v, problem.FormResponse, text}); r.Reward > nonePassed {
			t.Errorf("%s: %v, %+v", name, r.Reward, v.Tests)
		}
	}
	text := "def f(x):\n    if x < 3:\n        return x + 1\n    y = x\n    return y\n"
	v, err := j.Do(context.Background(), judge.Job{Problem: p, TaskID: p.TaskID, Program: text, Coverage: true})
	if err != nil {
		t.Fatal(err)
	}
	r := score(t, f, Input{p, &v, problem.FormSolution, text})
	if m := r.Parts[0].Marks; len(m) != 1 || at(text, m[0]) != "if x < 3:|y = x|return y" || !near(m[0].Amount, -0.15) {
		t.Errorf("%+v of %+v", m, v.Tests)
	}
}

// TestExtractorIsNoSkill: an answer in prose, in a fence, after thinking and alone get the
// same reward, so that learning the form is worth nothing.
func TestExtractorIsNoSkill(t *testing.T) {
	f := newFormula(t, nil)
	const code = "def f(x, y=[]):\n    return x + 1\n"
	v := outcomes(problem.Pass, problem.WrongAnswer)
	want := score(t, f, Input{plain, v, problem.FormResponse, code}).Reward
	for _, text := range []string{
		"```python\n" + code + "```", "Sure!\n\n```\n" + code + "```\nIt adds one.", "<think>\n```python\ndef f(x): draft\n```\n</think>\n" + code,
		"[PYTHON]\n" + code + "[/PYTHON]", "1. Do:\n   ```python\n   def f(x, y=[]):\n       return x + 1\n   ```", "Here is the code:\n\n" + code + "\nIt adds one.",
	} {
		if got := score(t, f, Input{plain, v, problem.FormResponse, text}).Reward; got != want {
			t.Errorf("%q gets %v, the code alone %v", text, got, want)
		}
	}
}
