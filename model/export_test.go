package model

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"hone/model/safetensors"
	"hone/tensor"
	"hone/tensor/cpu"
)

// TestExport saves changed and fresh models, loads them again, and wants the same
// logits. With HONE_EXPORT=FOLDER what was saved stays there, with our logits
// beside it, for testdata/gen/check_export.py to compare transformers' with:
//
//	HONE_EXPORT=/tmp/e go test ./model -run TestExport -count=1
//	for d in /tmp/e/*/; do python model/testdata/gen/check_export.py $d --compare ${d%/}.safetensors --tolerance 1e-5; done
func TestExport(t *testing.T) {
	folder := os.Getenv("HONE_EXPORT")
	if folder == "" {
		folder = t.TempDir()
	}
	dev := cpu.New(2)
	defer dev.Close()
	for name, m := range exported(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(folder, name)
			if err := m.Save(dir, ""); err != nil {
				t.Fatal(err)
			}
			again, err := Load(dir, LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			ids := tensor.NewInts(2, 17)
			for i := range ids.I32 {
				ids.I32[i] = int32(1 + i*13%60)
			}
			logits := func(m *Model) []float32 {
				out, err := lossProgram(t, m, dev, 2, 17).Run(context.Background(), batch(m, ids, nil))
				if err != nil {
					t.Fatal(err)
				}
				return out["logits"].F32
			}
			limit := 0.0
			if m.DType == BFloat16 {
				limit = 0.05 // the weights were rounded
			}
			got := logits(again)
			closeTo(t, "logits", got, logits(m), limit)
			writeLogits(t, dir, m, ids, got)
		})
	}
}

// writeLogits writes what check_export.py compares beside a model's folder.
func writeLogits(t *testing.T, dir string, m *Model, ids *tensor.Tensor, logits []float32) {
	t.Helper()
	if err := safetensors.Write(dir+".safetensors", []safetensors.Tensor{
		safetensors.OfInt32("ids", ids.Shape, ids.I32),
		safetensors.OfFloat32("logits", []int{2, 17, m.Vocab}, logits),
	}, nil); err != nil {
		t.Fatal(err)
	}
}

// TestLogitsOfFolder writes our logits of the model in HONE_FOLDER, of any size, beside it: for
// testdata/gen/check_export.py to compare transformers' with.
func TestLogitsOfFolder(t *testing.T) {
	dir := os.Getenv("HONE_FOLDER")
	if dir == "" {
		t.Skip("NOT RUN: HONE_FOLDER names no folder")
	}
	m, err := Load(dir, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m.Limit(64)
	for _, p := range m.Params {
		p.Trainable = false // nobody asks for gradients
	}
	dev := cpu.New(2)
	defer dev.Close()
	ids := tensor.NewInts(2, 17)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range ids.I32 {
		ids.I32[i] = rng.Int32N(int32(m.Vocab))
	}
	out, err := lossProgram(t, m, dev, 2, 17).Run(context.Background(), batch(m, ids, nil))
	if err != nil {
		t.Fatal(err)
	}
	writeLogits(t, filepath.Clean(dir), m, ids, out["logits"].F32)
}

// exported are the golden models with other weights than transformers wrote, and fresh
// ones of other shapes.
func exported(t *testing.T) map[string]*Model {
	models := map[string]*Model{}
	for _, a := range Architectures() {
		models[string(a)] = load(t, string(a))
		c, err := Defaults(a)
		if err != nil {
			t.Fatal(err)
		}
		c.Layers, c.Width, c.Heads, c.KVHeads, c.FFN, c.Vocab, c.Positions = 3, 64, 4, 0, 0, 300, 128
		c.BOS, c.EOS, c.InitStd = NoToken, []int{2, 5}, 0.2
		if a != ArchGPT2 {
			c.KVHeads = 2
		}
		if a == ArchLlama {
			c.QKVBias, c.ProjBias, c.FFNBias, c.TieEmbeddings, c.RopeTheta = true, true, true, true, 5e5
		}
		c.Complete()
		for _, dtype := range []DType{Float32, BFloat16} {
			c.DType = dtype
			m, err := New(c, rand.New(rand.NewPCG(7, 8)))
			if err != nil {
				t.Fatal(err)
			}
			models[string(a)+"-fresh-"+string(dtype)] = m
		}
	}
	for _, m := range models {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, p := range m.Params { // biases that are 0 and gains that are 1 prove nothing
			for i := range p.F32 {
				p.F32[i] += float32(0.1 * rng.NormFloat64())
			}
		}
	}
	return models
}
