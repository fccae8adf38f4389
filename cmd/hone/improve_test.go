//go:build linux

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"hone/loop"
)

const improveRecipe = `name: better
model: base/model
problems: [problems.jsonl]
held_out: [held.jsonl]
form: completion
seeds: [1, 2]
evaluate: {samples: 2, max_tokens: 12}
collect: {samples: 4, max_tokens: 12}
stages:
  - name: sft
    kind: sft
    model: {from: base}
    rows: {path: references}
    train: {steps: 4, batch: 4, length: 48, multiple: 16, eval_every: 0, threads: 2}
  - name: grpo
    kind: grpo
    model: {from: sft}
    online: {problems: problems, form: completion, prompts: 2, samples: 2, max_tokens: 10, passes: 1}
    train: {steps: 2, batch: 4, length: 48, multiple: 16, checkpoint_every: 1, eval_every: 0, threads: 2}
  - name: more
    kind: sft
    model: {from: base}
    match: grpo
    rows: {path: references}
    train: {steps: 1, batch: 4, length: 48, multiple: 16, eval_every: 0, threads: 2}
`

// A loop trains its stages and measures them; given again, it does nothing again; broken off
// and gone on, it ends with the same programs.
func TestImprove(t *testing.T) {
	t.Parallel()
	u := learner(t)
	var rows strings.Builder
	for line := range strings.Lines(u.read("problems.jsonl")) {
		var p map[string]any
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		p["prefix"], p["reference"] = p["prompt"], p["prompt"].(string)+"    return count\n"
		raw, _ := json.Marshal(p)
		rows.Write(append(raw, '\n'))
	}
	u.write("problems.jsonl", rows.String())
	u.write("held.jsonl", strings.ReplaceAll(rows.String(), "total_", "held_"))
	u.write("better.yaml", improveRecipe)
	u.hone("improve", "better.yaml", "--out", "whole").exits(0).prints("own: 6 problems held out", "grpo", "report.html")
	var r loop.Result
	if err := json.Unmarshal([]byte(u.read("whole/results.json")), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Models) != 8 {
		t.Fatalf("%d models", len(r.Models))
	}
	for _, m := range r.Models {
		if len(m.Evaluations) != 1 || m.Evaluations[0].Programs != 12 {
			t.Errorf("%s, seed %d: %+v", m.Stage, m.Seed, m.Evaluations)
		}
		switch m.Stage {
		case "grpo":
			if m.Cost.Executions == 0 || m.Cost.Written == 0 || m.Total.Trained <= m.Cost.Trained {
				t.Errorf("%+v of %+v", m.Cost, m.Total)
			}
		case "more":
			matched := r.Of("grpo", m.Seed).Total.Passes()
			if got := m.Total.Passes(); float64(got) < 0.5*float64(matched) || float64(got) > 1.5*float64(matched) {
				t.Errorf("%d passes to match %d", got, matched)
			}
		}
	}
	again := u.hone("improve", "better.yaml", "--out", "whole").exits(0)
	if strings.Contains(again.err, "tokens to train on") {
		t.Errorf("something was trained again:\n%s", again.err)
	}
	u.write("other.yaml", strings.Replace(improveRecipe, "from: sft", "from: nowhere", 1))
	u.hone("improve", "other.yaml").exits(1).says(`stages[1].model.from is "nowhere": it must be base or sft`)
	u.write("leak.yaml", strings.Replace(improveRecipe, "held.jsonl", "problems.jsonl", 1))
	u.hone("improve", "leak.yaml", "--out", "leak").exits(1).says("total_0 of own is to be learned from and is held out too")
	u.write("changed.yaml", strings.Replace(improveRecipe, "samples: 2, max_tokens: 12", "samples: 3, max_tokens: 12", 1))
	u.hone("improve", "changed.yaml", "--out", "whole").exits(1).says("--force")
	u.hone("improve").exits(2).says("name one recipe")
}
