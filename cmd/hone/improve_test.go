//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"hone/loop"
)

const improveRecipe = `name: better
model: base/model
problems: [problems.jsonl]
held_out: [held.jsonl]
form: completion
stop: ["\n"]
seeds: [1, 2]
evaluate: {samples: 2, max_tokens: 12}
collect: {samples: 4, max_tokens: 24}
stages:
  - name: sft
    kind: sft
    model: {from: base}
    rows: {path: references}
    train: {steps: 4, batch: 4, length: 48, multiple: 16, eval_every: 0, threads: 2}
  - name: grpo
    kind: grpo
    model: {from: sft}
    online: {problems: problems, form: completion, prompts: 2, samples: 2, max_tokens: 10, passes: 1, stop: ["\n"]}
    train: {steps: 2, batch: 4, length: 48, multiple: 16, checkpoint_every: 1, eval_every: 0, threads: 2}
  - name: more
    kind: sft
    model: {from: base}
    match: grpo
    rows: {path: references}
    train: {steps: 1, batch: 4, length: 48, multiple: 16, eval_every: 0, threads: 2}
  - name: expert
    kind: sft
    model: {from: base}
    rounds: 2
    rows: {path: passed}
    train: {steps: 2, batch: 4, length: 48, multiple: 16, eval_every: 0, threads: 2}
  - name: filtered
    kind: sft
    model: {from: sft}
    match: grpo
    match_by: seconds
    rows: {path: passed}
    train: {steps: 2, batch: 4, length: 48, multiple: 16, eval_every: 0, threads: 2}
  - name: few
    kind: sft
    model: {from: base}
    first: 3
    ran: true
    rows: {path: passed}
    train: {steps: 2, batch: 4, length: 48, multiple: 16, eval_every: 0, threads: 2}
`

// A loop trains its stages and measures them; given again, it does nothing again; killed in
// the middle of a stage and gone on, it ends with the same programs.
func TestImprove(t *testing.T) {
	t.Parallel()
	u := learner(t)
	// What a model writes for these is a comment, so that it passes two of three problems.
	var rows strings.Builder
	for i := range 6 {
		body := fmt.Sprintf("def total_%d(count):\n    return count + %d #", i, i)
		p, err := json.Marshal(map[string]any{
			"benchmark": "own", "task_id": fmt.Sprint("total_", i), "prompt": body, "prefix": body, "reference": body + " plain\n", "entry_point": fmt.Sprint("total_", i),
			"tests": []any{map[string]any{"name": "a", "kind": "call", "spec": map[string]any{"function": fmt.Sprint("total_", i), "args": []int{1}, "expected": i + 1 + i%3/2}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		rows.Write(append(p, '\n'))
	}
	u.write("problems.jsonl", rows.String())
	u.write("held.jsonl", strings.ReplaceAll(rows.String(), "total_", "held_"))
	u.write("better.yaml", improveRecipe)
	u.hone("improve", "better.yaml", "--dry-run", "--out", "dry").exits(0).prints("evaluation of each model  18 ", "collecting                24 ", "as long as grpo", "for each of 2 seeds")
	var p loop.Plan
	u.hone("improve", "better.yaml", "--report", "no/r.html").exits(1).says("there is no folder no")
	if err := json.Unmarshal([]byte(u.hone("improve", "better.yaml", "--dry-run", "--json", "--out", "dry").exits(0).out), &p); err != nil || u.exists("dry") {
		t.Errorf("%v; something is kept: %v", err, u.exists("dry"))
	}
	// Once for all 24 programs of the base, grpo 8, expert 24 in its second round, filtered 24 of sft's.
	if len(p.Stages) != 6 || p.Executions != 24+8+24+24 || p.Seconds <= 0 || p.Memory == 0 {
		t.Errorf("%+v", p)
	}
	for i, steps := range []int{4, 2, 0, 4, 0, 2} {
		if x := p.Stages[i]; x.Train == nil || steps > 0 && x.Steps != steps || x.Seconds <= 0 && x.Note == "" {
			t.Errorf("%+v", x)
		}
	}
	u.hone("improve", "better.yaml", "--out", "whole").exits(0).prints("own: 6 problems held out", "grpo", "report.html").says("of 6 problems are solved")
	whole := improved(u, "whole")
	if len(whole.Models) != 14 {
		t.Fatalf("%d models", len(whole.Models))
	}
	for _, m := range whole.Models {
		if len(m.Evaluations) != 1 || m.Evaluations[0].Programs != 12 {
			t.Errorf("%s, seed %d: %+v", m.Stage, m.Seed, m.Evaluations)
		}
		switch m.Stage {
		case "grpo":
			if m.Cost.Executions == 0 || m.Cost.Written == 0 || m.Total.Trained <= m.Cost.Trained {
				t.Errorf("%+v of %+v", m.Cost, m.Total)
			}
		case "more":
			matched := whole.Of("grpo", m.Seed).Total.Passes()
			if got := m.Total.Passes(); float64(got) < 0.5*float64(matched) || float64(got) > 1.5*float64(matched) {
				t.Errorf("%d passes to match %d", got, matched)
			}
		case "expert": // 4 programs for 6 problems in either round, the first of which is the base's
			if len(m.Rounds) != 2 || len(m.Curve) != 4 || m.Curve[3].Step != 4 || m.Cost.Executions != 24 || m.Total.Executions != 48 {
				t.Errorf("%+v, %d steps, %+v of %+v", m.Rounds, len(m.Curve), m.Cost, m.Total)
			}
			for _, r := range m.Rounds {
				if r.Programs != 24 || r.Solved < 1 || r.Solved > 4 || r.Kept < 1 || r.Passed > 2./3 {
					t.Errorf("%+v", r)
				}
			}
		case "few": // those for 3 of the 6 problems, which are the base's and have their share of its cost
			r, all := m.Rounds[0], whole.Of("expert", m.Seed)
			share := m.Total.Written < all.Total.Written && m.Total.Seconds-m.Cost.Seconds < all.Total.Seconds-all.Cost.Seconds
			if r.Programs != 12 || r.Kept-r.OnlyRan > 8 || r.Solved+r.OnlyRan > 3 || m.Total.Executions > 12 || m.Cost.Executions != 0 || !share {
				t.Errorf("%+v, %+v of %+v", r, m.Cost, m.Total)
			}
		case "filtered":
			if len(m.Rounds) != 1 || m.Total.Executions != 24 || !u.exists(fmt.Sprintf("whole/seed-%d/filtered.steps", m.Seed)) {
				t.Errorf("%+v, %+v", m.Rounds, m.Total)
			}
		}
	}
	again := u.hone("improve", "better.yaml", "--out", "whole").exits(0)
	if strings.Contains(again.err, "tokens to train on") {
		t.Errorf("something was trained again:\n%s", again.err)
	}

	for tries := 1; ; tries++ {
		r := u.start("improve", "better.yaml", "--out", "parts", "--set", "seeds=[1]")
		until(t, "the first round is over", time.Minute, func() bool { return u.exists("parts/seed-1/expert/1/model") })
		r.signal(syscall.SIGKILL)
		r.wait()
		if !u.exists("parts/seed-1/expert/2/model") {
			break
		}
		if tries == 5 {
			t.Fatal("the kill came too late")
		}
		u.remove("parts") // the second round was faster than we are: again
	}
	u.write("parts/seed-1/filtered.steps", u.read("whole/seed-1/filtered.steps")) // of a clock
	u.hone("improve", "better.yaml", "--out", "parts", "--set", "seeds=[1]").exits(0)
	for _, m := range improved(u, "parts").Models {
		n := whole.Of(m.Stage, 1)
		if !reflect.DeepEqual(m.Evaluations, n.Evaluations) || !reflect.DeepEqual(m.Rounds, n.Rounds) || m.Total.Executions != n.Total.Executions {
			t.Errorf("%s is another model after a kill:\n%+v\n%+v", m.Stage, m, n)
		}
	}
	for _, f := range []string{"expert/2/model/model.safetensors", "expert/2.passed.jsonl", "filtered/model/model.safetensors", "filtered.written.jsonl", "grpo/model/model.safetensors"} {
		if u.read("whole/seed-1/"+f) != u.read("parts/seed-1/"+f) {
			t.Errorf("%s differs after a kill", f)
		}
	}

	u.write("other.yaml", strings.Replace(improveRecipe, "from: sft", "from: nowhere", 1))
	u.hone("improve", "other.yaml").exits(1).says(`stages[1].model.from is "nowhere": it must be base or sft`)
	u.write("leak.yaml", strings.Replace(improveRecipe, "held.jsonl", "problems.jsonl", 1))
	u.hone("improve", "leak.yaml", "--out", "leak").exits(1).says("total_0 of own is to be learned from and is held out too")
	u.write("hopeless.jsonl", strings.ReplaceAll(rows.String(), "return count", "return 7 + count"))
	u.hone("improve", "better.yaml", "--out", "hopeless", "--set", "problems=[hopeless.jsonl]", "--set", "seeds=[1]").exits(1).
		says("stage expert: round 1: none of 24 programs for 6 problems passed: there is nothing to learn from")
	u.write("changed.yaml", strings.Replace(improveRecipe, "samples: 2, max_tokens: 12", "samples: 3, max_tokens: 12", 1))
	u.hone("improve", "changed.yaml", "--out", "whole").exits(1).says("--force")
	u.hone("improve").exits(2).says("name one recipe")
}

// improved is what hone improve made in a folder.
func improved(u *user, dir string) *loop.Result {
	u.t.Helper()
	var r loop.Result
	if err := json.Unmarshal([]byte(u.read(dir+"/results.json")), &r); err != nil {
		u.t.Fatal(err)
	}
	return &r
}
