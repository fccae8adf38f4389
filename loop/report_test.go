package loop

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"hone/problem"
	"hone/recipe"
)

// What a table says of three models with two seeds, by hand: one learned form alone, one the problems.
func TestSummary(t *testing.T) {
	r := DefaultRecipe()
	if err := recipe.Parse([]byte(`name: x
model: m
problems: [p.jsonl]
held_out: [h.jsonl]
seeds: [1, 2]
evaluate: {samples: 10}
stages:
  - {name: form, kind: sft, model: {from: base}, rows: {path: references}, train: {steps: 1}}
  - {name: content, kind: sft, model: {from: base}, rows: {path: passed}, train: {steps: 1}}
`), "r.yaml", &r); err != nil {
		t.Fatal(err)
	}
	held := []*problem.Problem{{Benchmark: "b", TaskID: "b/7-1-1"}, {Benchmark: "b", TaskID: "b/7-2-1"}}
	out := &Result{Recipe: r, HeldOut: held}
	// Each letter is a program of the first and of the second problem.
	programs := func(text string) []Program {
		var ps []Program
		for _, c := range strings.ReplaceAll(text, " ", "") {
			p := Program{Scored: true, Outcome: map[rune]problem.Outcome{'p': problem.Pass, 'w': problem.WrongAnswer, 's': problem.SyntaxError, 'c': problem.WrongAnswer}[c], Truncated: c == 'c'}
			ps = append(ps, p)
		}
		return ps
	}
	for _, seed := range r.Seeds {
		for _, m := range []struct {
			stage, text string
			cost        Cost
		}{
			{Base, "ppwwssscsc wwwwwsssss", Cost{}}, // of 4 and 5 that are well formed 2 and 0 pass
			{"form", "pppppwwwww wwwwwwwwww", Cost{Executions: 0, Seconds: 30}},
			{"content", map[uint64]string{1: "ppwwssscsc pppppsssss", 2: "ppppssscsc pwwwwsssss"}[seed], Cost{Executions: 2000, Seconds: 60}},
		} {
			x := Trained{Stage: m.stage, Seed: seed, Total: m.cost, Programs: programs(m.text), Greedy: programs("pw")}
			x.Evaluations = []*Evaluation{evaluate("b", held, x.Programs, x.Greedy, 10)}
			out.Models = append(out.Models, x)
		}
	}
	out.summarise()
	s := out.Summaries[0]
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, not %v", what, got, want)
		}
	}
	near("the base's pass@1", s.Rows[0].PassAt1.Mean, 0.1)
	near("what form gained", s.Rows[1].OverBase.Mean, (0.3+0)/2)
	near("what form gained, form apart", s.Rows[1].FormedOverBase.Mean, 0)
	near("what content gained", s.Rows[2].OverBase.Mean, (0+0.5+0.2+0.1)/4)
	near("what content gained, form apart", s.Rows[2].FormedOverBase.Mean, (0+1+0.5+0.2)/4)
	near("pass@10", s.Rows[2].PassAt10.Mean, 1) // of each seed's ten programs, not of twenty
	near("pass@10 of the base", s.Rows[0].PassAt10.Mean, 0.5)
	near("points a thousand executions", gainPer(&s.Rows[2], 2), 10)
	if len(s.Pairs) != 1 || s.Pairs[0].Stage != "content" || s.Pairs[0].Other != "form" {
		t.Fatalf("%+v", s.Pairs)
	}
	near("content over form", s.Pairs[0].By.Mean, (-0.3+0.5-0.1+0.1)/4)
	var b bytes.Buffer
	if err := out.Page("hone improve").Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"form apart", "per 1,000 executions", "+20.0 [", "b/2", "content"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page has no %q", want)
		}
	}
}
