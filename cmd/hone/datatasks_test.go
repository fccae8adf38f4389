package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTasksAndMasked: rows are made of a recipe's corpus, and a model of the recipe is tried at another
// length.
func TestTasksAndMasked(t *testing.T) {
	u := newUser(t)
	for i := range 60 {
		var b strings.Builder
		for j := range 4 {
			fmt.Fprintf(&b, "def f%d_%d(a: int, b: str) -> float:\n    '''Gives number %d times %d.'''\n    x%d = a * %d\n    return x%d.g%d(b)\n\n\n", i, j, i, j, i, j, i, j)
		}
		if err := os.MkdirAll(u.path(fmt.Sprintf("src/p%d", i)), 0o755); err != nil {
			t.Fatal(err)
		}
		u.write(fmt.Sprintf("src/p%d/a.py", i), b.String())
	}
	u.write("r.yaml", `name: t
kind: mlm
model: {architecture: hone-bigs, layers: 1, width: 8}
tokenizer: {train: {vocab: 300}}
corpus: {sources: [{path: src}], dedup: {near: false}, split: {validation: 0.3, test: 0.2}}
train: {steps: 2, batch: 4, length: 32, eval_every: 0}
`)
	u.hone("data", "tasks", "r.yaml", "--kind", "search", "--n", "50", "--held-out", "20", "--out", "s.jsonl").exits(0).prints("90 rows of 240 functions: 50 of", "20 of")
	u.hone("data", "tasks", "r.yaml", "--kind", "tokens", "--out", "t.jsonl").exits(0).prints("types: float 240, int 240, str 240")
	u.hone("data", "tasks", "r.yaml", "--out", "t.jsonl").exits(2).says("is there already")
	u.hone("data", "tasks", "r.yaml", "--kind", "clones", "--out", "c.jsonl").exits(2).says("it is search or tokens")
	u.hone("train", "r.yaml", "--out", "run").exits(0)
	u.hone("model", "masked", "run/model", "--recipe", "r.yaml", "--length", "64").exits(0).prints("rows of 64 tokens, 4096 tokens in all: loss 5.")
	u.hone("model", "masked", "run/model").exits(2).says("--recipe is missing")
	u.write("f.yaml", `name: f
kind: finetune
model: {from: run/model}
task: {kind: tokens, format: rows, path: t.jsonl}
train: {steps: 2, batch: 4, length: 32, eval_every: 0}
`)
	u.hone("train", "f.yaml", "--out", "tuned").exits(0).prints("macro_f1 on", "; a bag of tokens reaches ", ", one answer for all rows ")
}
