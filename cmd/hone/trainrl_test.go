//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hone/offline"
	"hone/problem"
)

const offlineTrainRecipe = `name: off
kind: offline
model: {from: base/model}
offline: {path: rows.jsonl, advantage: rloo, floor: 0.5, eval: {problems: held.jsonl, form: completion, samples: 2, max_tokens: 10}}
train: {steps: 150, batch: 8, length: 48, multiple: 16, lr: 0.001, dropout: 0.1, eval_every: 40, checkpoint_every: 7, threads: 2}
`

const grpoTrainRecipe = `name: on
kind: grpo
model: {from: base/model}
online: {problems: problems.jsonl, form: completion, prompts: 2, samples: 4, max_tokens: 10, passes: 2, eval: {problems: held.jsonl, form: completion, samples: 2, max_tokens: 10}}
reward: {mode: localised}
guards: {length: {above: 1}, kl: {above: 1000, stop: true}}
train: {steps: 12, batch: 4, length: 48, multiple: 16, lr: 0.001, eval_every: 5, checkpoint_every: 3, threads: 2}
`

const sftTrainRecipe = `name: rows
kind: sft
model: {from: base/model}
rows: {path: rows.jsonl}
train: {steps: 12, batch: 4, length: 48, multiple: 16, lr: 0.001, dropout: 0.1, eval_every: 0, checkpoint_every: 3, threads: 2}
`

// learner is a trainee with a model, judged programs and problems.
func learner(t *testing.T) *user {
	t.Helper()
	u := trainee(t)
	u.hone("train", "r.yaml", "--out", "base", "--set", "train.steps=20", "--set", "train.length=64", "--set", "train.eval_every=0").exits(0)
	u.write("off.yaml", offlineTrainRecipe)
	u.write("on.yaml", grpoTrainRecipe)
	var rows []offline.Row
	var problems strings.Builder
	for p := range 6 {
		name := fmt.Sprintf("total_%d", p)
		prompt := fmt.Sprintf("def %s(count):\n", name)
		for i := range 5 {
			r := offline.Row{TaskID: name, Prompt: prompt, Program: fmt.Sprintf("    return count + %d\n", 10*p+i), Reward: -0.3, Verdict: problem.WrongAnswer}
			if i < 2 {
				r.Reward, r.Verdict = 1, problem.Pass
			}
			rows = append(rows, r)
		}
		fmt.Fprintf(&problems, `{"benchmark":"own","task_id":%q,"prompt":%q,"entry_point":%q,"tests":[{"name":"a","kind":"call","visibility":"public","spec":{"function":%q,"args":[1],"expected":%d}}]}`+"\n", name, prompt, name, name, p+1)
	}
	var b strings.Builder
	if err := offline.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	u.write("rows.jsonl", b.String())
	u.write("problems.jsonl", problems.String())
	u.write("held.jsonl", strings.ReplaceAll(problems.String(), "total_", "sum_"))
	return u
}

// Offline learning that is killed at random moments ends with the bits of a run that was not.
func TestOfflineKilled(t *testing.T) {
	t.Parallel()
	u := learner(t)
	u.hone("train", "off.yaml", "--out", "whole", "--set", "train.threads=1").exits(0).prints("150 steps").says("6 of 6 problems have correct and incorrect programs", "step 0: held out: ", "step 40: held out: ", "step 150: held out: ")
	want := u.trained("whole")
	resumed := 0
	for tries := 1; resumed == 0 && tries <= 5; tries++ { // again where it was faster than we are
		u.remove("run")
		rng := rand.New(rand.NewPCG(3, 1))
		for range 3 {
			goal := u.size("run/metrics.jsonl") + 1 + rng.Int64N(9000)
			r := u.start("train", "off.yaml", "--out", "run")
			until(t, "there are more rows", time.Minute, func() bool { return u.size("run/metrics.jsonl") > goal || u.exists("run/model") })
			r.signal(syscall.SIGKILL)
			if res := r.wait(); res.signal != syscall.SIGKILL {
				res.exits(0)
				break
			}
			if saved, _ := filepath.Glob(u.path("run/checkpoints/step-*")); len(saved) > 0 {
				resumed++
			}
		}
	}
	u.hone("train", "off.yaml", "--out", "run").exits(0)
	if got := u.trained("run"); got != want {
		t.Error("the run that was killed ended otherwise")
	}
	if resumed == 0 {
		t.Error("no kill came after the first checkpoint")
	}
	u.write("rows.jsonl", strings.ReplaceAll(u.read("rows.jsonl"), `"reward":1`, `"reward":NaN`))
	u.hone("train", "off.yaml", "--out", "other").exits(1).says("rows.jsonl:1", "is NaN")
}

// Online learning runs what the model writes and reports iterations; killed, it ends with the same bits,
// as learning from rows does.
func TestOnlineKilled(t *testing.T) {
	t.Parallel()
	u := learner(t)
	var p struct {
		Iterations int `json:"iterations"`
		Programs   int `json:"programs_per_iteration"`
	}
	r := u.hone("train", "on.yaml", "--dry-run", "--json").exits(0)
	if err := json.Unmarshal([]byte(r.out), &p); err != nil || p.Iterations != 3 || p.Programs != 8 {
		t.Errorf("%v: %s", err, r.out)
	}
	u.hone("train", "on.yaml", "--dry-run").exits(0).prints("6  problems", "iterations", "executions", "4 of 12 programs for held-out problems")
	u.hone("train", "on.yaml", "--out", "whole-grpo").exits(0).prints("12 steps", "best on held-out problems after step", "programs run to learn from").says("iteration 2: reward ", "step 10: held out: ", "step 1: length is")
	u.write("rows.jsonl", strings.Repeat(`{"prompt":"def total(count):\n","completion":"    return count + 7\n"}`+"\n", 9))
	u.write("sft.yaml", sftTrainRecipe)
	rng := rand.New(rand.NewPCG(5, 2))
	for _, c := range []struct{ name, recipe, set string }{
		{"grpo", "on.yaml", "kind=grpo"},
		{"ppo", "on.yaml", "kind=ppo"},
		{"filtered", "on.yaml", "online.advantage=filtered"},
		{"adapters", "on.yaml", "lora={rank: 2}"},
		{"sft", "sft.yaml", "kind=sft"},
	} {
		whole, run := "whole-"+c.name, "run-"+c.name
		u.hone("train", c.recipe, "--set", c.set, "--out", whole).exits(0)
		k := u.start("train", c.recipe, "--set", c.set, "--out", run)
		until(t, "there is a checkpoint", time.Minute, func() bool { return u.exists(run + "/checkpoints/step-00000003") })
		goal := u.size(run+"/metrics.jsonl") + rng.Int64N(3000)
		until(t, "there are more rows", time.Minute, func() bool { return u.size(run+"/metrics.jsonl") > goal || u.exists(run+"/model") })
		k.signal(syscall.SIGKILL)
		k.wait()
		u.hone("train", c.recipe, "--set", c.set, "--out", run).exits(0)
		files := []string{"model/model.safetensors", "checkpoints/step-00000012/state.json", "checkpoints/step-00000012/optimizer.safetensors"}
		if c.recipe == "on.yaml" {
			files = append(files, "checkpoints/step-00000012/rollouts.json")
		}
		for _, f := range files {
			if u.read(whole+"/"+f) != u.read(run+"/"+f) {
				t.Errorf("%s: %s differs after a kill", c.name, f)
			}
		}
	}
}
