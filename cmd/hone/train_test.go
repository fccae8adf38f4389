//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hone/store"
)

const trainRecipe = `name: tiny
kind: clm
model: {architecture: llama, layers: 2, width: 32, heads: 2, tie: true}
tokenizer: {train: {vocab: 300}}
corpus:
  sources: [{path: src}]
  dedup: {near: false}
  split: {validation: 0.2}
train:
  steps: 150
  batch: 4
  length: 32
  lr: 0.01
  dropout: 0.1
  eval_every: 40
  eval_batches: 2
  checkpoint_every: 7
  threads: 2
`

// trainee is a user with a recipe and a little source code.
func trainee(t *testing.T) *user {
	t.Helper()
	u := newUser(t)
	u.write("r.yaml", trainRecipe)
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("count total name value item index width left right node path line")
	w := func() string { return words[rng.IntN(len(words))] }
	for i := range 20 {
		var b strings.Builder
		for range 5 {
			fmt.Fprintf(&b, "def %s_%s(%s):\n    if %s > %d:\n        return %s\n    return %s\n\n\n", w(), w(), w(), w(), rng.IntN(9), w(), w())
		}
		if err := os.MkdirAll(u.path(fmt.Sprintf("src/p%d", i)), 0o755); err != nil {
			t.Fatal(err)
		}
		u.write(fmt.Sprintf("src/p%d/m.py", i), b.String())
	}
	return u
}

// trained is what a run came to, without times: rows of metrics, the model and the last checkpoint.
func (u *user) trained(dir string) string {
	u.t.Helper()
	var b strings.Builder
	for row, err := range store.MetricsRows(u.path(dir)) {
		if err != nil {
			u.t.Fatal(err)
		}
		delete(row, "time")
		raw, err := json.Marshal(row)
		if err != nil {
			u.t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	for _, name := range []string{"model/model.safetensors", "model/tokenizer.json", "checkpoints/step-00000150/optimizer.safetensors", "checkpoints/step-00000150/state.json"} {
		fmt.Fprintf(&b, "%s %q\n", name, u.read(filepath.Join(dir, name)))
	}
	return b.String()
}

// TestTrainKilledAnytime: kill -9 at random moments, and the run ends with the bits
// of one that was not disturbed, which had another number of threads.
func TestTrainKilledAnytime(t *testing.T) {
	t.Parallel()
	kills := 3
	if os.Getenv("HONE_LONG") != "" {
		kills = 20
	}
	u := trainee(t)
	u.hone("train", "r.yaml", "--out", "whole", "--set", "train.threads=1").exits(0).prints("150 steps")
	want := u.trained("whole")
	resumed := 0
	for tries := 1; resumed == 0 && tries <= 5; tries++ { // again where it was faster than we are
		u.remove("run")
		rng := rand.New(rand.NewPCG(20, 1))
		for k := range kills {
			before := u.size("run/metrics.jsonl")
			r := u.start("train", "r.yaml", "--out", "run")
			if k%4 != 3 { // otherwise while it starts
				goal := before + 1 + rng.Int64N(12_000/int64(kills))
				until(t, "there are more rows", time.Minute, func() bool { return u.size("run/metrics.jsonl") > goal || u.exists("run/model") })
			}
			time.Sleep(time.Duration(rng.Int64N(int64(30 * time.Millisecond))))
			r.signal(syscall.SIGKILL)
			if res := r.wait(); res.signal != syscall.SIGKILL {
				res.exits(0)
				t.Logf("it was complete before kill %d", k+1)
				break
			}
			if saved, _ := filepath.Glob(u.path("run/checkpoints/step-*")); len(saved) > 0 {
				resumed++
			}
		}
	}
	u.hone("train", "r.yaml", "--out", "run").exits(0)
	if got := u.trained("run"); got != want {
		t.Error("the run that was killed ended otherwise")
	}
	if resumed == 0 {
		t.Error("no kill came after the first checkpoint")
	}
	u.hone("train", "r.yaml", "--out", "run").exits(0).says("is complete already")
}

// Ctrl-C finishes the step, saves, and says how to go on.
func TestTrainInterrupted(t *testing.T) {
	t.Parallel()
	u := trainee(t)
	args := []string{"train", "r.yaml", "--set", "train.steps=1000000", "--set", "train.checkpoint_every=1000000", "--set", "train.eval_every=0"}
	r := u.start(args...)
	until(t, "it trains", time.Minute, func() bool { return u.size("runs/tiny/metrics.jsonl") > 2000 })
	r.signal(syscall.SIGINT)
	r.wait().exits(exitInterrupted).says("finishing this step and saving", "stopped after step", "the same command goes on")
	saved, _ := filepath.Glob(u.path("runs/tiny/checkpoints/step-*"))
	if len(saved) != 1 {
		t.Fatalf("checkpoints: %v", saved)
	}
	rows := strings.Count(u.read("runs/tiny/metrics.jsonl"), "\n")
	if want := fmt.Sprintf("step-%08d", rows); filepath.Base(saved[0]) != want {
		t.Errorf("%d rows of metrics, but the checkpoint is %s", rows, filepath.Base(saved[0]))
	}
	size := u.size("runs/tiny/metrics.jsonl")
	r = u.start(args...)
	until(t, "it goes on", time.Minute, func() bool { return u.size("runs/tiny/metrics.jsonl") > size })
	r.signal(syscall.SIGKILL)
	r.wait().says(fmt.Sprintf("going on from step %d of 1000000", rows))
}

func TestTrainUsage(t *testing.T) {
	t.Parallel()
	u := trainee(t)
	u.hone("train").exits(2).says("name one recipe")
	u.hone("train", "none.yaml").exits(1).says("none.yaml")
	u.hone("train", "r.yaml", "--set", "train.lr").exits(1).says("KEY=VALUE")
	u.hone("train", "r.yaml", "--set", "train.lrr=1").exits(1).says(`"lrr"`, `did you mean "lr"?`)
	u.hone("train", "r.yaml", "--set", "train.steps=3", "--out", "run").exits(0)
	u.hone("train", "r.yaml", "--set", "train.steps=4", "--out", "run").exits(1).says("--force")
	u.hone("train", "r.yaml", "--set", "train.steps=4", "--out", "run", "--force").exits(0).prints("4 steps")
	var p struct {
		Parameters int64 `json:"parameters"`
		Steps      int   `json:"steps"`
	}
	r := u.hone("train", "r.yaml", "--dry-run", "--json", "--out", "dry").exits(0)
	if err := json.Unmarshal([]byte(r.out), &p); err != nil || p.Steps != 150 || p.Parameters == 0 || u.exists("dry") {
		t.Errorf("%v: %s", err, r.out)
	}
	u.hone("train", "r.yaml", "--dry-run").exits(0).prints("parameters", "memory", "tokens/s")
	u.hone("train", "r.yaml", "--set", "train.lr=1000", "--set", "train.schedule=constant", "--set", "train.clip=0", "--set", "train.weight_decay=1000", "--out", "nan").
		exits(1).says("not finite", "step ", "checkpoints of before")
}
