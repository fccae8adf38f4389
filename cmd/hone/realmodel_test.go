//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The recipe for a real model runs end to end, with adapters on all seven matrices of a layer, on a model of
// random weights that has the shape of the real one, but smaller, and problems in MBPP's format.
func TestRecipeForARealModel(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	raw, err := os.ReadFile("../../recipes/qwen2.5-coder-0.5b.config.json")
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := json.Unmarshal(raw, &config); err != nil {
		t.Fatal(err)
	}
	for key, v := range map[string]int{
		"hidden_size": 56, "num_hidden_layers": 2, "intermediate_size": 304, "vocab_size": 700,
		"max_position_embeddings": 1024, "bos_token_id": 650, "eos_token_id": 650,
	} {
		config[key] = v
	}
	raw, _ = json.Marshal(config)
	u.write("config.json", string(raw))
	u.hone("model", "new", "config.json", "--out", "random").exits(0).prints("qwen2, ", "random parameters as bfloat16")
	u.hone("model", "info", "random").exits(0).prints("2 of width 56, 14 heads (2 for keys and values), feed-forward 304", "also for the logits", "tokenizer     651 tokens")
	u.hone("model", "new", "config.json", "--out", "random").exits(1).says("random is not empty")
	u.hone("model", "new", "--out", "x").exits(2).says("name one file, a model's config.json")

	var mbpp strings.Builder
	for i := range 12 {
		fmt.Fprintf(&mbpp, `{"text": "Write a function to add %d.", "code": "def add_%d(x):\r\n    return x + %d", "task_id": %d, "test_setup_code": "", "test_list": ["assert add_%d(1) == %d"], "challenge_test_list": []}`+"\n", i, i, i, i+1, i, i+1)
	}
	u.write("mbpp.jsonl", mbpp.String())
	u.hone("data", "problems", "--problems", "mbpp.jsonl", "--to", "8", "--out", "runs/mbpp/learn.jsonl").exits(1).says("runs/mbpp/learn.jsonl: there is no folder runs/mbpp (make it: mkdir -p runs/mbpp)")
	if err := os.MkdirAll(u.path("runs/mbpp"), 0o777); err != nil {
		t.Fatal(err)
	}
	u.hone("data", "problems", "--problems", "mbpp.jsonl", "--to", "8", "--out", "runs/mbpp/learn.jsonl").exits(0).prints(`8 problems; what ends a program: stop: ["\nassert "`)
	u.hone("data", "problems", "--problems", "mbpp.jsonl", "--from", "9", "--out", "runs/mbpp/held-out.jsonl").exits(0).prints("4 problems")
	u.hone("data", "problems", "--problems", "mbpp.jsonl", "--from", "13", "--out", "more.jsonl").exits(1).says("there are 12 problems")
	if p := strings.SplitN(u.read("runs/mbpp/held-out.jsonl"), "\n", 2)[0]; !strings.Contains(p, `"prompt":"\"\"\"\nWrite a function to add 8.\nassert add_8(1) == 9\n\"\"\"\n"`) {
		t.Errorf("the prompt is not that of hone eval: %s", p)
	}

	recipe, err := os.ReadFile("../../recipes/qwen2.5-coder-0.5b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	u.write("recipe.yaml", string(recipe))
	train := []string{"train", "recipe.yaml"}
	for _, set := range []string{"model.from=random", "online.max_tokens=24", "online.samples=4", "online.eval.max_tokens=24", "train.length=128", "train.accumulate=4", "train.steps=10", "train.eval_every=5", "train.lr=1e-3", "train.threads=2"} {
		train = append(train, "--set", set)
	}
	var p struct {
		Trainable     int64 `json:"trainable_parameters"`
		TokensPerStep int   `json:"tokens_per_step"`
		Iterations    int   `json:"iterations"`
		Evaluations   int   `json:"evaluations"`
	}
	for _, kind := range []string{"grpo", "ppo"} {
		r := u.hone(append(train, "--dry-run", "--json", "--set", "kind="+kind)...).exits(0)
		if err := json.Unmarshal([]byte(r.out), &p); err != nil {
			t.Fatal(err)
		}
		// 16 programs, of which none is left out, with prompts of some 30 tokens.
		if p.TokensPerStep < 16*20 || p.Iterations != 10 || p.Evaluations != 3 {
			t.Errorf("%s: %+v", kind, p)
		}
	}
	u.hone(append(train, "--dry-run")...).exits(0).prints("executions", "tokens/s", "checkpoints not counted")
	// Rank 16 for q, k, v, o, gate, up and down of two layers.
	const width, kv, ffn = 56, 8, 304
	want := int64(2 * 16 * ((width + width) + 2*(width+kv) + (width + width) + 3*(width+ffn)))
	r := u.hone(append(train, "--dry-run", "--json")...).exits(0)
	if err := json.Unmarshal([]byte(r.out), &p); err != nil || p.Trainable != want {
		t.Errorf("%v: %d parameters are trained, not %d", err, p.Trainable, want)
	}
	u.hone(append(train, "--out", "run")...).exits(0).prints("10 steps", "programs run to learn from").says("step 10: held out: ")
	u.hone("model", "info", "run/model").exits(0).prints("qwen2")
}
