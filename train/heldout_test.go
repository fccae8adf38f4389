//go:build linux

package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"hone/offline"
	"hone/problem"
	"hone/store"
)

// evalSets are overrides that evaluate on the problems of held.jsonl.
func evalSets(section string, more ...string) []string {
	return append([]string{
		section + ".eval.problems=DIR/held.jsonl", section + ".eval.form=completion", section + ".eval.samples=3",
		section + ".eval.max_tokens=12", section + `.eval.stop=["\n"]`, "train.eval_every=5",
	}, more...)
}

// in puts the lab's folder into overrides.
func (l *lab) in(sets []string) []string {
	out := make([]string, len(sets))
	for i, s := range sets {
		out[i] = strings.ReplaceAll(s, "DIR", l.dir)
	}
	return out
}

// heldRows are the rows of a run with held-out problems, in order.
func heldRows(l *lab, run string) (steps []int, last HeldOut) {
	_, err := l.run(l.online("grpo", newPretend(), l.in(evalSets("online"))...), run, func(r Row) bool {
		if r.HeldOut != nil {
			steps, last = append(steps, r.Step), *r.HeldOut
		}
		return false
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return steps, last
}

// Held-out problems are tried before training, every so many steps and at the end; what is
// best is the result; a run that was stopped, or lost its end as by a kill, is the same.
func TestHeldOut(t *testing.T) {
	l := toyLab(t, sums(10, 0))
	l.writeProblems("held.jsonl", sums(5, 500))
	steps, last := heldRows(l, "whole")
	if len(steps) != 4 || steps[0] != 0 || steps[1] != 5 || steps[2] != 10 || steps[3] != 14 {
		t.Errorf("evaluated after steps %v", steps)
	}
	if last.Problems != 5 || last.Programs != 15 || math.Abs(last.PassAt1-last.Passed) > 1e-9 || last.Solved < last.PassAt1 || last.Entropy <= 0 || last.Unique <= 0 || len(last.Components) == 0 {
		t.Errorf("held out: %+v", last)
	}
	q := newPretend()
	sets := l.in(evalSets("online"))
	for _, step := range []int{2, 7, 11} {
		if _, err := l.run(l.online("grpo", q, sets...), "parts", func(r Row) bool { return r.Step == step }); err != ErrStopped {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(l.path("parts/checkpoints/step-00000011")); err != nil {
		t.Fatal(err)
	}
	out, err := l.run(l.online("grpo", q, sets...), "parts", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := l.rows("whole"), l.rows("parts"); a != b {
		t.Errorf("metrics differ:\n%s\n%s", a, b)
	}
	for _, f := range []string{"model/model.safetensors", "checkpoints/step-00000014/state.json"} {
		if l.read("whole/"+f) != l.read("parts/"+f) {
			t.Errorf("%s differs", f)
		}
	}
	if out.PassBefore == nil || out.BestPass == nil || out.BestStep == 0 || out.Cost == nil {
		t.Fatalf("the outcome is %+v", out)
	}
	if c, n := out.Cost, strings.Count(l.read("whole/"+evalVerdictFile), "\n"); c.EvalExecutions != n || c.Executions != strings.Count(l.read("whole/"+verdictFile), "\n") || c.EvalSeconds <= 0 {
		t.Errorf("the cost is %+v, %d verdicts of held-out problems are kept", c, n)
	}
	best, at := -1.0, 0
	for row, err := range store.MetricsRows(l.path("whole")) {
		if err != nil {
			t.Fatal(err)
		}
		step := int(row["step"].(float64))
		if _, trained := row["loss"]; trained != (step > 0) {
			t.Errorf("the row of step %d is %v", step, row)
		}
		if held, is := row["held_out"].(map[string]any); is && step > 0 && held["pass_at_1"].(float64) > best {
			best, at = held["pass_at_1"].(float64), step
		}
	}
	if *out.BestPass != best || out.BestStep != at {
		t.Errorf("the best is %v after step %d, not %v after step %d", *out.BestPass, out.BestStep, best, at)
	}
	if l.read("whole/model/model.safetensors") != l.read(fmt.Sprintf("whole/checkpoints/step-%08d/model.safetensors", at)) {
		t.Errorf("the result is not the checkpoint of step %d", at)
	}
	p, err := l.online("grpo", q, sets...).Plan(context.Background())
	if err != nil || p.Evaluations != 4 || p.EvaluationPrograms != 15 || p.EvaluationSeconds <= 0 {
		t.Errorf("%v: the plan is %+v", err, p)
	}
}

// Offline runs evaluate on held-out problems too, and refuse those of their rows.
func TestHeldOutOffline(t *testing.T) {
	l := toyLab(t, sums(3, 0))
	held := sums(5, 500)
	l.writeProblems("held.jsonl", held)
	var rows []offline.Row
	for _, p := range sums(4, 0) {
		for i, text := range []string{" a\n", " b - 1\n", strings.TrimPrefix(p.Reference, p.Prompt)} {
			row := offline.Row{Benchmark: p.Benchmark, TaskID: p.TaskID, Prompt: p.Prompt, Program: text, Reward: -0.3, Verdict: problem.WrongAnswer}
			if i == 2 {
				row.Reward, row.Verdict = 1, problem.Pass
			}
			rows = append(rows, row)
		}
	}
	l.writeRows("rows.jsonl", rows)
	open := func() (*Job, error) {
		r, err := l.recipe(offlineRecipe, l.in(evalSets("offline", "offline.ratio=0", "train.steps=6", "train.length=64"))...)
		if err != nil {
			t.Fatal(err)
		}
		return Open(context.Background(), r, OpenOptions{Cache: l.path("cache"), Judge: newPretend().open})
	}
	j, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var steps []int
	out, err := l.run(j, "off", func(r Row) bool {
		if r.HeldOut != nil {
			steps = append(steps, r.Step)
		}
		return false
	})
	if err != nil || len(steps) != 3 || steps[2] != 6 || out.BestPass == nil || out.Cost.Executions != 0 || out.Cost.EvalExecutions == 0 {
		t.Errorf("%v: evaluated after %v, %+v", err, steps, out)
	}
	l.writeProblems("held.jsonl", append(held, sums(1, 0)...))
	if _, err := open(); err == nil || !strings.Contains(err.Error(), "toy/0 of toy is trained on too") {
		t.Errorf("a problem of the rows: %v", err)
	}
}

// Guards warn in metrics, once in the log, and end a run with its work saved.
func TestGuards(t *testing.T) {
	l := toyLab(t, sums(6, 0))
	out, err := l.run(l.online("grpo", newPretend(), "guards.length.below=1000", "guards.component_tests.above=-2", "guards.kl.above=100"), "warned", nil)
	if err != nil || out.StoppedBy != "" || out.Steps != 14 {
		t.Fatalf("%v: %+v", err, out)
	}
	if rows := l.rows("warned"); strings.Count(rows, `"warnings":{"component_tests":"is `) != 4 || strings.Count(rows, `"length":"is `) != 4 || strings.Contains(rows, `"kl":"is`) {
		t.Errorf("the rows are %s", rows)
	}
	if n := strings.Count(strings.Join(l.logs, "\n"), "length is"); n != 1 {
		t.Errorf("the log has the warning %d times:\n%s", n, strings.Join(l.logs, "\n"))
	}
	out, err = l.run(l.online("grpo", newPretend(), "guards.grad_norm.above=-1", "guards.grad_norm.stop=true"), "ended", nil)
	if err != nil || out.Steps != 1 || !strings.HasPrefix(out.StoppedBy, "grad_norm is ") || !out.StoppedEarly {
		t.Fatalf("%v: %+v", err, out)
	}
	l.read("ended/model/model.safetensors")
	for _, c := range []struct{ set, want string }{
		{"guards.klaxon.above=1", "is no number of metrics.jsonl that kind grpo has"},
		{"guards.kl.stop=true", "needs above or below"},
		{"online.eval.problems=x online.eval.temperature=0", "1 is enough"},
		{"online.eval.problems=x online.eval.samples=0", "must be at least 1"},
		{"online.eval.problems=x online.eval.weights=f16", `online.eval.weights must be f32 or bf16, is "f16"`},
		{"online.weights=bfloat16", `online.weights must be f32 or bf16, is "bfloat16"`},
	} {
		if _, err := l.recipe(strings.ReplaceAll(onlineRecipe, "KIND", "grpo"), strings.Fields(c.set)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.set, err)
		}
	}
	if _, err := l.recipe(clmRecipe, "guards.loss.above=1"); err == nil || !strings.Contains(err.Error(), "not of clm") {
		t.Errorf("guards of clm: %v", err)
	}
}

// The best checkpoint is that with the most that passes, the first of equals, and never the
// model before training; patience counts those that are no better.
func TestHeldOutBest(t *testing.T) {
	l := toyLab(t, sums(6, 0))
	l.writeProblems("held.jsonl", sums(2, 500))
	train := func(out string, pass map[int]float64, sets ...string) Outcome {
		t.Helper()
		j := l.online("grpo", newPretend(), l.in(evalSets("online", sets...))...)
		run, err := store.OpenRun(l.path(out), store.RunOptions{Fingerprint: j.Fingerprint, Keep: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer run.Close()
		s, err := j.Start(run)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.loop.HeldOut = func(_ context.Context, step int) (*HeldOut, error) { return &HeldOut{PassAt1: pass[step]}, nil }
		o, err := s.Train(context.Background(), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := train("rise", map[int]float64{0: .9, 5: .2, 10: .6, 14: .6})
	if *o.PassBefore != .9 || *o.BestPass != .6 || o.BestStep != 10 || o.Steps != 14 {
		t.Errorf("the outcome is %+v", o)
	}
	if l.read("rise/model/model.safetensors") != l.read("rise/checkpoints/step-00000010/model.safetensors") {
		t.Error("the result is not the best checkpoint")
	}
	o = train("fall", map[int]float64{5: .2, 10: .1, 14: .6}, "train.patience=1")
	if *o.BestPass != .2 || o.BestStep != 5 || o.Steps != 10 || !o.StoppedEarly || o.StoppedBy != "" {
		t.Errorf("the outcome is %+v", o)
	}
}
