//go:build linux

package main

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"hone/model"
	"hone/token"
)

// checkpoint makes a random Llama of 96 positions that knows bytes, as a folder.
func (u *user) checkpoint(name string) string {
	u.t.Helper()
	c, err := model.Defaults(model.ArchLlama)
	if err != nil {
		u.t.Fatal(err)
	}
	c.Layers, c.Width, c.Heads, c.KVHeads, c.FFN, c.Vocab, c.Positions = 1, 32, 2, 1, 48, 257, 96
	c.BOS, c.EOS = model.NoToken, []int{0}
	c.Complete()
	m, err := model.New(c, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		u.t.Fatal(err)
	}
	tok, err := token.Train(context.Background(), slices.Values([]string{"a"}), token.TrainOptions{VocabSize: 257})
	if err != nil {
		u.t.Fatal(err)
	}
	if err := m.Save(u.path(name), ""); err != nil {
		u.t.Fatal(err)
	}
	if err := tok.Save(u.path(name)); err != nil {
		u.t.Fatal(err)
	}
	return name
}

// TestLocalModel takes a checkpoint through every command that has a MODEL.
func TestLocalModel(t *testing.T) {
	u := newUser(t)
	m := u.checkpoint("m")
	u.hone("model", "info", m, "--tensors").exits(0).prints("llama, head for lm", "257 tokens", "layers.0.attention.qkv.weight")

	draw := []string{"generate", m, "def f(", "--n", "3", "--max-tokens", "20", "--seed", "4", "--json"}
	first := u.hone(draw...).exits(0)
	if again := u.hone(draw...).exits(0); again.out != first.out {
		t.Errorf("one seed gave %q and %q", first.out, again.out)
	}
	for _, weights := range []string{"bf16", "int8"} {
		u.hone("generate", m, "def f(", "--max-tokens", "5", "--weights", weights).exits(0)
	}
	u.hone("generate", m, strings.Repeat("x", 96)).exits(1).says("96 tokens leave no room for a completion in a context of 96")

	// HumanEval's prompts are longer than the model can hold: empty samples, judged.
	u.write("p.jsonl", addition())
	u.hone("eval", m, "--benchmark", "p.jsonl", "--n", "2", "--max-tokens", "8", "--out", "e").exits(0).prints("pass@1")
	u.write("long.jsonl", strings.Replace(addition(), "def add", strings.Repeat("# long\\n", 20)+"def add", 1))
	u.hone("eval", m, "--benchmark", "long.jsonl", "--n", "2", "--max-tokens", "8", "--out", "e2").exits(0).
		prints("2 samples have a prompt that is longer than the model can hold")
	if !strings.Contains(u.read("e2/samples.jsonl"), `"finish":"no_room"`) {
		t.Error("the samples do not say why they are empty")
	}

	u.hone("model", "export", m, "--out", "x", "--dtype", "bfloat16").exits(0).prints("as bfloat16")
	u.hone("model", "export", m, "--out", "x").exits(1).says("x is not empty: name another folder, or have the model written into it with --force")
	u.checkpoint("run/model")
	u.hone("generate", "run", "def").exits(1).says("run is the folder of a run; its model is run/model")
	u.hone("model", "import", "p.jsonl", "--out", "y").exits(1).says("p.jsonl is a file; a model is the folder")
	u.hone("model", "import", "x", "--out", "y", "--dtype", "float32", "--tokenizer", m).exits(0)
	u.hone("generate", "y", "def f(", "--max-tokens", "5").exits(0)
}

func TestModelMistakes(t *testing.T) {
	u := newUser(t)
	m := u.checkpoint("m")
	u.hone("model", "info").exits(2).says("FOLDER is missing")
	u.hone("model", "info", m, m).exits(2).says("is too much")
	u.hone("model", "info", "nowhere").exits(1).says("nowhere: no model is there: config.json is missing")
	u.hone("model", "export", m).exits(2).says("--out is missing")
	u.hone("model", "export", m, "--out", m).exits(2).says("is the folder that is read")
	u.hone("model", "export", m, "--out", "x", "--dtype", "int4").exits(2).says("--dtype")
	u.hone("model", "export", m, "--out", "x", "--base", m).exits(2).says("is a whole model, not adapters")
	if err := os.Truncate(u.path("m/model.safetensors"), 5000); err != nil {
		t.Fatal(err)
	}
	u.hone("model", "info", m).exits(1).says("model.safetensors")
	u.hone("generate", m, "x").exits(1).says("model.safetensors")
}
