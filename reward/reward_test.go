package reward

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"hone/problem"
	"hone/source"
	"hone/token"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

// TestScale is the table of the composite: what each kind of verdict is worth. The values
// are those of the definition, computed by hand.
func TestScale(t *testing.T) {
	f := newFormula(t, func(r *Recipe) { r.Components = map[string]Term{Tests: {Weight: 1}} })
	const pass, wrong, exc, slow = problem.Pass, problem.WrongAnswer, problem.Exception, problem.Timeout
	for _, c := range []struct {
		name string
		v    *problem.Verdict
		want float64
	}{
		{"syntax error", outcomes(problem.SyntaxError, problem.SyntaxError), -1},
		{"all raise", outcomes(exc, exc), -0.6},
		{"all time out", outcomes(slow, exc), -0.6},
		{"missing module", outcomes(problem.MissingModule), -0.6},
		{"robot errors", outcomes(problem.RobotError, problem.RobotError), -0.6},
		{"one wrong, one raises", outcomes(wrong, exc), -0.3},
		{"all wrong", outcomes(wrong, wrong), -0.3},
		{"one of two", outcomes(pass, exc), 0.35},
		{"nine of ten, one raises", outcomes(pass, pass, pass, pass, pass, pass, pass, pass, pass, exc), 0.87},
		{"one of ten", outcomes(pass, exc, exc, exc, exc, exc, exc, exc, exc, exc), -0.17},
		{"all", outcomes(pass, pass, pass), 1},
	} {
		solved := newFormula(t, func(r *Recipe) { r.Components = map[string]Term{Solved: {Weight: 1}} })
		if r := score(t, solved, Input{plain, c.v, problem.FormSolution, "def f(x): return x\n"}); r.Reward != map[bool]float64{true: 1}[c.name == "all"] {
			t.Errorf("%s: solved is worth %v", c.name, r.Reward)
		}
		if r := score(t, f, Input{plain, c.v, problem.FormSolution, "def f(x): return x\n"}); !near(r.Reward, c.want) {
			t.Errorf("%s: %v, want %v", c.name, r.Reward, c.want)
		}
	}
}

// A program that passes every test has the highest value exactly, whatever rounding does.
func TestAllPassed(t *testing.T) {
	f := newFormula(t, func(r *Recipe) { r.Components = map[string]Term{Tests: {Weight: 1}} })
	for n := 1; n <= 100; n++ {
		v := outcomes(slices.Repeat([]problem.Outcome{problem.Pass}, n)...)
		if r := score(t, f, Input{plain, v, problem.FormSolution, "def f(x): return x\n"}); r.Reward != 1 {
			t.Errorf("%d of %d tests: %v", n, n, r.Reward)
		}
	}
}

func TestMandatory(t *testing.T) {
	f := newFormula(t, nil)
	p := &problem.Problem{TaskID: "m", Tests: []problem.Test{
		{Name: "must", Kind: problem.KindAssert, Visibility: problem.Mandatory}, {Name: "may", Kind: problem.KindAssert},
	}}
	for _, c := range []struct {
		rows []problem.TestResult
		want float64
	}{
		{[]problem.TestResult{{Name: "must", Verdict: problem.Pass}, {Name: "may", Verdict: problem.WrongAnswer}}, 0.35 + 0.2},
		{[]problem.TestResult{{Name: "must", Verdict: problem.Exception}, {Name: "may", Verdict: problem.Pass}}, -0.3},
		{[]problem.TestResult{{Name: "must[1]", Verdict: problem.WrongAnswer}, {Name: "must[0]", Verdict: problem.Pass}, {Name: "may", Verdict: problem.Pass}}, -0.3},
		{[]problem.TestResult{{Name: "must:3", Verdict: problem.Exception}, {Name: "may", Verdict: problem.Timeout}}, -0.6},
	} {
		if r := score(t, f, Input{p, verdictOf(c.rows...), problem.FormSolution, "x = 1\n"}); !near(r.Reward, c.want) {
			t.Errorf("%+v: %v, want %v", c.rows, r.Reward, c.want)
		}
	}
}

func TestNotScored(t *testing.T) {
	f := newFormula(t, nil)
	for name, v := range map[string]*problem.Verdict{
		"no verdict":      nil,
		"no tests":        {TaskID: "x"},
		"fault":           {Verdict: problem.Infrastructure, Tests: []problem.TestResult{{Verdict: problem.Infrastructure, Error: "sandboxes died"}}},
		"one test is not": outcomes(problem.Pass, problem.Infrastructure),
	} {
		_, err := f.Score(context.Background(), Input{plain, v, problem.FormSolution, "x = 1\n"})
		if !errors.Is(err, ErrNotScored) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// at are the texts of a mark's spans.
func at(text string, m Mark) string {
	var parts []string
	for _, s := range m.Spans {
		parts = append(parts, text[s.Start:s.End])
	}
	return strings.Join(parts, "|")
}

// TestPlaces: what is lost is marked where it was caused.
func TestPlaces(t *testing.T) {
	f := newFormula(t, nil)
	const prose = "Sure, here it is:\n```python\n"
	for _, c := range []struct {
		name, code string
		row        problem.TestResult
		component  string
		amount     float64
		want       string
	}{
		{"syntax error, from the fault on", "x = 1\ndef f(:\n    pass\n", problem.TestResult{Verdict: problem.SyntaxError, Line: 2, Error: "SyntaxError: '(' was never closed"}, Tests, -1, "(:\n    pass\n"},
		{"syntax error that we do not see", "x = 1\ny = 2\n", problem.TestResult{Verdict: problem.SyntaxError, Line: 2, Error: "SyntaxError"}, Tests, -1, "y = 2\n"},
		{"syntax error somewhere", "x = 1\n", problem.TestResult{Verdict: problem.SyntaxError, Error: "ValueError: source code string cannot contain null bytes"}, Tests, -1, ""},
		{"exception", "def f(x):\n    y = x\n    return y.z\n", problem.TestResult{Verdict: problem.Exception, Line: 3, Error: "AttributeError"}, Tests, -0.6, "return y.z"},
		{"exception in a library", "def f(x):\n    return x\n", problem.TestResult{Verdict: problem.Exception, Error: "E"}, Tests, -0.6, ""},
		{"wrong answer", "def f(x):\n    if x:\n        return 1\n    return 2\n", problem.TestResult{Verdict: problem.WrongAnswer, Lines: []int{2, 4}, Got: "2", Expected: "3"}, Tests, -0.3, "if x:|return 2"},
		{"wrong answer, not covered", "def f(x):\n    return 2\n", problem.TestResult{Verdict: problem.WrongAnswer}, Tests, -0.3, ""},
		{"robot", "def f():\n    go_to('x')\n", problem.TestResult{Verdict: problem.RobotError, Line: 2, Error: "no station x"}, Tests, -0.6, "go_to('x')"},
		{"style", "def f(x, y=[]):\n    return x\n", problem.TestResult{Verdict: problem.Pass}, Style, -0.025, "[]"},
		{"security", "def f(x):\n    return eval(x)\n", problem.TestResult{Verdict: problem.Pass}, Security, -0.05, "eval"},
	} {
		text := prose + c.code + "```\nHave fun."
		r := score(t, f, Input{plain, verdictOf(c.row), problem.FormResponse, text})
		found := false
		for _, p := range r.Parts {
			for _, m := range p.Marks {
				if p.Component != c.component || found {
					t.Errorf("%s: more than one mark: %+v", c.name, r.Parts)
				}
				found = true
				if got := at(text, m); got != c.want || !near(m.Amount, c.amount) {
					t.Errorf("%s: %v at %q, want %v at %q (%s)", c.name, m.Amount, got, c.amount, c.want, m.Why)
				}
			}
		}
		if !found {
			t.Errorf("%s: no mark: %+v", c.name, r.Parts)
		}
	}
}

// TestPrefix: what is wrong with text that the model did not write is not its fault.
func TestPrefix(t *testing.T) {
	f := newFormula(t, nil)
	p := &problem.Problem{TaskID: "p", EntryPoint: "f", Prefix: "import os\ndef f(x, y=[]):\n"}
	text := "    return undefined\n"
	r := score(t, f, Input{p, outcomes(problem.Pass), problem.FormCompletion, text})
	style := r.Parts[1]
	if style.Component != Style || !near(style.Value, 0.75) || len(style.Marks) != 1 || at(text, style.Marks[0]) != "undefined" {
		t.Errorf("%+v", style)
	}
	r = score(t, f, Input{p, verdictOf(problem.TestResult{Verdict: problem.Exception, Line: 2, Error: "E"}), problem.FormCompletion, text})
	if m := r.Parts[0].Marks[0]; len(m.Spans) != 0 {
		t.Errorf("a mark in the prefix has spans %v", m.Spans)
	}
}

// TestLocalised: a wrong answer costs the lines that ran, an exception its line; what
// remains is the last token's.
func TestLocalised(t *testing.T) {
	f := newFormula(t, nil)
	text := "```python\ndef f(x):\n    if x:\n        return 1/0\n    return 2\n```\n"
	tokens := []token.Token{}
	for i := range strings.Split(text, "\n") { // a token a line
		start := 0
		if i > 0 {
			start = tokens[i-1].End
		}
		if n := strings.IndexByte(text[start:], '\n'); n >= 0 {
			tokens = append(tokens, token.Token{Start: start, End: start + n + 1})
		} else {
			tokens = append(tokens, token.Token{Start: start, End: len(text)})
		}
	}
	r := score(t, f, Input{plain, verdictOf(
		problem.TestResult{Verdict: problem.Pass},
		problem.TestResult{Verdict: problem.Exception, Line: 3, Error: "ZeroDivisionError"},
		problem.TestResult{Verdict: problem.WrongAnswer, Lines: []int{2, 4}},
	), problem.FormResponse, text})
	// F = −0.3 + 1.3/3; style and security are clean: 0.2. Each failing test has −0.1.
	const f1 = -0.3 + 1.3/3 + 0.2
	for mode, want := range map[Mode][]float64{
		Terminal:  {0, 0, 0, 0, f1, 0, 0},
		Broadcast: {0, f1 / 4, f1 / 4, f1 / 4, f1 / 4, 0, 0},
		Localised: {0, 0, -0.05, -0.1, -0.05 + f1 + 0.2, 0, 0},
	} {
		got, err := Assign(mode, r, tokens)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !near(got[i], want[i]) {
				t.Errorf("%s: %v, want %v", mode, got, want)
				break
			}
		}
	}
}

func TestAssignRefuses(t *testing.T) {
	r := &Result{Reward: 1, Program: []source.Span{{Start: 0, End: 5}}}
	for name, c := range map[string]struct {
		mode   Mode
		tokens []token.Token
	}{
		"no tokens":       {Terminal, nil},
		"cut off":         {Terminal, []token.Token{{Start: 0, End: 3}}},
		"not in order":    {Terminal, []token.Token{{Start: 3, End: 5}, {Start: 0, End: 3}}},
		"backwards":       {Terminal, []token.Token{{Start: 5, End: 0}}},
		"no such mode":    {"everywhere", []token.Token{{Start: 0, End: 5}}},
		"none of it seen": {Broadcast, []token.Token{{}}},
	} {
		if got, err := Assign(c.mode, r, c.tokens); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSimulator(t *testing.T) {
	f := newFormula(t, func(r *Recipe) { r.Formula = PublishedRobot })
	p := &problem.Problem{TaskID: "r", Tests: []problem.Test{{Name: "a", Kind: problem.KindRobot}, {Name: "b", Kind: problem.KindRobot}, {Name: "c", Kind: problem.KindRobot}, {Name: "d", Kind: problem.KindCall}}}
	text := "go_to('x')\n"
	r := score(t, f, Input{p, verdictOf(
		problem.TestResult{Name: "a", Verdict: problem.Pass}, problem.TestResult{Name: "b", Verdict: problem.WrongAnswer},
		problem.TestResult{Name: "c", Verdict: problem.RobotError, Line: 1, Error: "there is no x"}, problem.TestResult{Name: "d", Verdict: problem.Exception},
	), problem.FormSolution, text})
	sim := r.Parts[1]
	if sim.Component != Simulator || !near(sim.Value, 2.0/3) || len(sim.Marks) != 1 || at(text, sim.Marks[0]) != "go_to('x')" || !near(sim.Marks[0].Amount, -0.8/3) {
		t.Errorf("%+v", r.Parts)
	}
	r = score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, text})
	if r.Parts[1].Counted || r.Parts[1].Note == "" {
		t.Errorf("a simulator counts without a robot: %+v", r.Parts[1])
	}
}

func TestDataFlow(t *testing.T) {
	f := newFormula(t, func(r *Recipe) { r.Components = map[string]Term{DataFlow: {Weight: 1, Gate: GateAlways}} })
	for _, c := range []struct {
		program string
		want    float64
	}{
		{plain.Reference, 1},
		{"def f(a):\n    b = a * 2\n    return b\n", 1}, // names and operators do not matter
		{"def f(a):\n    return a\n", 0.0},
		{"def f(:", 0},
	} {
		r := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, c.program})
		if c.want == 1 && r.Reward != 1 || c.want == 0 && r.Reward > 0.5 || !r.Parts[0].Counted {
			t.Errorf("%q: %+v", c.program, r.Parts[0])
		}
	}
	if r := score(t, f, Input{&problem.Problem{TaskID: "x"}, outcomes(problem.Pass), problem.FormSolution, "x = 1"}); r.Parts[0].Counted || r.Reward != 0 {
		t.Errorf("counts without a reference: %+v", r.Parts[0])
	}
}

// TestFindingsCost: no more can be lost than there is.
func TestFindingsCost(t *testing.T) {
	f := newFormula(t, nil)
	text := strings.Repeat("print(undefined)\n", 7)
	style := score(t, f, Input{plain, outcomes(problem.Pass), problem.FormSolution, text}).Parts[1]
	lost := 0.0
	for _, m := range style.Marks {
		lost += m.Amount
	}
	if style.Value != 0 || len(style.Marks) != 7 || !near(lost, -0.1) {
		t.Errorf("%+v", style)
	}
}

// TestComponentSays: what a component must not say is an error that names it.
func TestComponentSays(t *testing.T) {
	mark := func(start, end int, amount float64) []Mark {
		return []Mark{{[]source.Span{{Start: start, End: end}}, amount, "why"}}
	}
	for want, s := range map[string]Score{
		"not in its range": {Value: 2},
		"NaN":              {Value: math.NaN()},
		"amount 0.5":       {Value: 0.5, Marks: mark(0, 1, 0.5)},
		"amount NaN":       {Value: 0.5, Marks: mark(0, 1, math.NaN())},
		"bytes 0 to 9":     {Value: 0.5, Marks: mark(0, 9, -0.1)},
		"bytes 2 to 1":     {Value: 0.5, Marks: mark(2, 1, -0.1)},
		"bytes -1 to 1":    {Value: 0.5, Marks: mark(-1, 1, -0.1)},
		"only 0.5":         {Value: 0.5, Marks: mark(0, 1, -0.6)},
		"own error":        {},
	} {
		own := Component{Name: "mine", Low: 0, High: 1, Score: func(context.Context, *Subject) (Score, error) {
			if want == "own error" {
				return s, errors.New(want)
			}
			return s, nil
		}}
		var r Recipe
		r.Default()
		r.Components = map[string]Term{"mine": {Weight: 1}}
		f, err := New(r, own)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Score(context.Background(), Input{plain, outcomes(problem.Pass), problem.FormSolution, "x = 1\n"})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"mine"`) || !strings.Contains(err.Error(), "own/1") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	signed := Component{Name: "signed", Low: -1, High: 1}
	for want, terms := range map[string]map[string]Term{
		`(is "security" meant?)`: {"securty": {}},
		"one of Hone's own":      {Style: {Command: []string{"x"}}},
		"no rule begins with":    {Style: {Select: []string{"Q1"}}},
		"passing could lower":    {"signed": {Weight: 1, Gate: GatePassed}},
	} {
		var r Recipe
		r.Default()
		r.Components = terms
		if _, err := New(r, signed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestNormaliseRefuses(t *testing.T) {
	two := []*Result{{Parts: make([]Part, 2)}, {Parts: make([]Part, 1)}}
	if _, err := Normalise(NormaliseTotal, 0, two); err == nil {
		t.Error("two formulas in one group")
	}
	if _, err := Normalise("by magic", 0, two[:1]); err == nil {
		t.Error("no such normalisation")
	}
	if got, err := Normalise(NormaliseTotal, 0, nil); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
}

// TestNormaliseValues compares with Python: (r - mean) / (population std + eps) of r = [1, 0.35,
// -0.3, -0.3], eps 1e-4.
func TestNormaliseValues(t *testing.T) {
	f := newFormula(t, func(r *Recipe) { r.Components = map[string]Term{Tests: {Weight: 1}} })
	var group []*Result
	for _, v := range []*problem.Verdict{outcomes(problem.Pass, problem.Pass), outcomes(problem.Pass, problem.WrongAnswer), outcomes(problem.WrongAnswer, problem.Exception), outcomes(problem.WrongAnswer, problem.WrongAnswer)} {
		group = append(group, score(t, f, Input{plain, v, problem.FormSolution, "x = 1\n"}))
	}
	got, err := Normalise(NormaliseTotal, 1e-4, group)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{1.5072770545002927, 0.3014554109000585, -0.9043662327001756, -0.9043662327001756}
	for i, r := range got {
		if math.Abs(r.Reward-want[i]) > 1e-9 {
			t.Errorf("%v, want %v", rewards(got), want)
		}
	}
	same, err := Normalise(NormaliseTotal, 0, group[2:])
	if err != nil || fmt.Sprint(rewards(same)) != "[0 0]" {
		t.Errorf("the same rewards become %v %v", rewards(same), err)
	}
}
