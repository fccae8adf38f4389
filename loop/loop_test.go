package loop

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/judge"
	"hone/problem"
	"hone/recipe"
)

func TestGroup(t *testing.T) {
	for id, want := range map[string]string{"graded/17-3-2": "graded/3", "kitchen/4/74439976/9111": "kitchen/4", "HumanEval/12": "HumanEval", "602": "all"} {
		if got := group(id); got != want {
			t.Errorf("%s: %q, not %q", id, got, want)
		}
	}
}

// The difference of counts with themselves is nothing, it changes sign when they change
// places, and it lies in its interval.
func TestDifference(t *testing.T) {
	count := rapid.Custom(func(t *rapid.T) judge.Count {
		n := rapid.IntRange(0, 5).Draw(t, "n")
		return judge.Count{N: n, C: rapid.IntRange(0, n).Draw(t, "c")}
	})
	rapid.Check(t, func(t *rapid.T) {
		seeds, problems := rapid.IntRange(1, 3).Draw(t, "seeds"), rapid.IntRange(1, 12).Draw(t, "problems")
		counts := rapid.SliceOfN(rapid.SliceOfN(count, problems, problems), seeds, seeds)
		a, b := counts.Draw(t, "a"), counts.Draw(t, "b")
		if d := Difference(a, a); d != (judge.Interval{}) {
			t.Fatalf("from itself: %+v", d)
		}
		ab, ba := Difference(a, b), Difference(b, a)
		if math.Abs(ab.Mean+ba.Mean) > 1e-12 || ab.Lo > ab.Mean+1e-12 {
			t.Fatalf("%+v and %+v", ab, ba)
		}
	})
	// Two problems, one gained whole, one without scored programs, which says nothing.
	a, b := []judge.Count{{N: 4, C: 0}, {N: 0, C: 0}}, []judge.Count{{N: 4, C: 4}, {N: 4, C: 0}}
	if d := Difference([][]judge.Count{a}, [][]judge.Count{b}); d.Mean != 1 {
		t.Errorf("%+v", d)
	}
	// Where seeds disagree and problems do not, the seeds make the interval.
	d := Difference([][]judge.Count{{{N: 2, C: 0}, {N: 2, C: 0}}, {{N: 2, C: 1}, {N: 2, C: 1}}}, [][]judge.Count{{{N: 2, C: 2}, {N: 2, C: 2}}, {{N: 2, C: 1}, {N: 2, C: 1}}})
	if d != (judge.Interval{Mean: 0.5, Lo: 0, Hi: 1}) {
		t.Errorf("%+v", d)
	}
}

// What is counted of programs, by hand.
func TestEvaluate(t *testing.T) {
	problems := []*problem.Problem{{Benchmark: "b", TaskID: "b/7-1-1"}, {Benchmark: "other", TaskID: "x"}, {Benchmark: "b", TaskID: "b/7-2-1"}}
	scored := func(o problem.Outcome, text string) Program {
		return Program{Outcome: o, Scored: true, Text: text, Tokens: 10, Components: map[string]float64{"style": 0.5}}
	}
	programs := []Program{
		scored(problem.Pass, "a"), scored(problem.SyntaxError, "a"),
		scored(problem.Pass, "o"), scored(problem.Pass, "o"),
		scored(problem.WrongAnswer, "c"),
		{Outcome: problem.Infrastructure},
	}
	greedy := []Program{scored(problem.Pass, ""), scored(problem.Pass, ""), scored(problem.Exception, "")}
	e := evaluate("b", problems, programs, greedy, 2)
	if e.Problems != 2 || e.Programs != 3 || e.NotRun != 1 || e.PassAt1.Mean != 0.25 || e.Greedy.Mean != 0.5 {
		t.Errorf("%+v", e)
	}
	if math.Abs(e.Syntax-2./3) > 1e-12 || math.Abs(e.Executes-2./3) > 1e-12 || e.PassOfExecutes != 0.5 || e.Style != 0.5 || math.Abs(e.Unique-2./3) > 1e-12 {
		t.Errorf("%+v", e)
	}
	if e.Groups["b/1"].Mean != 0.5 || e.Groups["b/2"].Mean != 0 || len(e.Groups) != 2 {
		t.Errorf("%+v", e.Groups)
	}
}

const minimal = `name: x
model: m
problems: [p.jsonl]
held_out: [h.jsonl]
stages:
  - {name: a, kind: offline, model: {from: base}, offline: {path: collected}, train: {steps: 1}}
  - {name: b, kind: ppo, model: {from: a}, online: {problems: problems}, train: {steps: 4}}
  - {name: c, kind: sft, model: {from: base}, match: b, rows: {path: references}, train: {steps: 1}}
  - {name: d, kind: sft, model: {from: base}, rounds: 3, rows: {path: passed}, train: {epochs: 1}}
`

func TestRecipe(t *testing.T) {
	parse := func(text string) (Recipe, error) {
		r := DefaultRecipe()
		err := recipe.Parse([]byte(text), "r.yaml", &r)
		return r, err
	}
	r, err := parse(minimal)
	if err != nil {
		t.Fatal(err)
	}
	if l := r.lineage("b"); len(l) != 2 || l[0].Name != "b" || l[1].Name != "a" {
		t.Errorf("%v", l)
	}
	if best := (&Result{Recipe: r}).best(); best != "b" {
		t.Errorf("the recipe is after %s", best)
	}
	for _, c := range []struct{ from, to, says string }{
		{"from: a}", "from: c}", `stages[1].model.from is "c": it must be base or a`},
		{"path: collected", "path: rows.jsonl", `a stage learns from "collected"`},
		{"problems: problems", "problems: p.jsonl", `a stage learns from "problems"`},
		{"path: references", "path: p.jsonl", `a stage learns from "references", "passed" or "collected"`},
		{"name: b", "name: a", `stages[1].name is "a", as another stage`},
		{"name: b", "name: ../b", "it names a folder"},
		{"match: b", "match: d", `stages[2].match is "d": it must be a or b`},
		{"match: b", "match: b, rounds: 2", `stages[2].rounds is 2: only a stage with rows.path: passed has more than one`},
		{"rounds: 3", "rounds: 3, match: a", "stages[3].match is for stages of one round, this one has 3"},
		{"rounds: 3", "rounds: 0", "stages[3].rounds must be at least 1, is 0"},
		{"rounds: 3", "most: 0", "stages[3].most must be at least 1, is 0"},
		{"rounds: 3", "first: -1", "stages[3].first must be a number of problems, or 0 for all, is -1"},
		{"match: b", "ran: true", "stages[2].ran is for stages with rows.path: passed"},
		{"match: b", "first: 10", "stages[2].first is 10: only a stage with rows.path: passed"},
		{"match: b", "match: b, match_by: steps", `stages[2].match_by must be computing or seconds, is "steps"`},
		{"model: {from: a}", "model: {from: a}, match: a", "stages[1].match is for stages of kind sft, this one is of kind ppo"},
		{"name: x", "name: x\nseeds: [1, 1]", "seeds[1] is 1 again"},
		{"name: x", "name: x\nevaluate: {temperature: 0}", "evaluate.temperature must be above 0"},
	} {
		if _, err := parse(strings.Replace(minimal, c.from, c.to, 1)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", c.to, err, c.says)
		}
	}
}

// The recipes that come along are right.
func TestRecipes(t *testing.T) {
	files, err := filepath.Glob("../recipes/improve*.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r := DefaultRecipe()
		if err := recipe.Parse(raw, file, &r); err != nil {
			t.Error(err)
		}
	}
}
