package model

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hone/model/safetensors"
	"hone/tensor"
)

var goldenModels = []string{"gpt2", "llama", "qwen2", "qwen2-classes"}

// TestSaveIsWhatWasLoaded checks that saving gives the tensors that transformers
// saved, under the same names, and that they load again.
func TestSaveIsWhatWasLoaded(t *testing.T) {
	for _, name := range goldenModels {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := load(t, name).Save(dir, ""); err != nil {
				t.Fatal(err)
			}
			ours, err := safetensors.OpenFolder(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer ours.Close()
			theirs, err := safetensors.OpenFolder(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer theirs.Close()
			if a, b := strings.Join(ours.Names(), " "), strings.Join(theirs.Names(), " "); a != b {
				t.Fatalf("saved %s, transformers has %s", a, b)
			}
			for _, n := range ours.Names() {
				a, err := ours.Bytes(n)
				if err != nil {
					t.Fatal(err)
				}
				b, err := theirs.Bytes(n)
				if err != nil {
					t.Fatal(err)
				}
				if string(a) != string(b) {
					t.Errorf("%s differs", n)
				}
			}
			if _, err := Load(dir, LoadOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSaveAsBFloat16(t *testing.T) {
	m, dir := load(t, "llama"), t.TempDir()
	m.DType = BFloat16
	if err := m.Save(dir, ""); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if again.DType != BFloat16 {
		t.Errorf("the weights are said to be %s", again.DType)
	}
	for i, p := range m.Params {
		for j, x := range p.F32 {
			if d := math.Abs(float64(again.Params[i].F32[j] - x)); d > math.Abs(float64(x))/256 {
				t.Fatalf("%s[%d] was %v and is %v", p.Name, j, x, again.Params[i].F32[j])
			}
		}
	}
}

func TestAdapterRoundTrip(t *testing.T) {
	for _, targets := range [][]string{nil, {"c_attn"}} {
		m, dir := load(t, "gpt2"), t.TempDir()
		if err := m.AddLoRA(LoRA{Rank: 2, Alpha: 3, Targets: targets}, testRng()); err != nil {
			t.Fatal(err)
		}
		rng := testRng()
		for _, p := range m.Trainable() {
			for i := range p.F32 {
				p.F32[i] = rng.Float32()
			}
		}
		if err := m.Save(dir, "base"); err != nil {
			t.Fatal(err)
		}
		again := load(t, "gpt2")
		if err := again.LoadAdapters(dir); err != nil {
			t.Fatal(err)
		}
		m.Merge()
		again.Merge()
		for i, p := range m.Params {
			closeTo(t, p.Name, again.Params[i].F32, p.F32, 0)
		}
		if base, err := AdapterBase(dir); err != nil || base != "base" {
			t.Errorf("the base is %q, %v", base, err)
		}
	}
}

func TestLoRARefuses(t *testing.T) {
	m := load(t, "llama")
	for _, l := range []LoRA{{Rank: 0, Alpha: 1}, {Rank: 1000, Alpha: 1}, {Rank: 2, Alpha: 0}, {Rank: 2, Alpha: 1, Targets: []string{"c_attn"}}, {Rank: 2, Alpha: 1, Targets: []string{"q_proj", "proj"}}} {
		if err := m.AddLoRA(l, testRng()); err == nil {
			t.Errorf("%+v was taken", l)
		}
	}
}

// TestAdapterPatterns wants adapters refused whose layers have scales of their own.
func TestAdapterPatterns(t *testing.T) {
	dir := t.TempDir()
	config := `{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "alpha_pattern": {"q_proj": 32}}`
	if err := os.WriteFile(filepath.Join(dir, "adapter_config.json"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := load(t, "llama").LoadAdapters(dir); err == nil || !strings.Contains(err.Error(), "alpha_pattern map[q_proj:32]") {
		t.Errorf("the error is %v", err)
	}
}

func TestNewHead(t *testing.T) {
	m, err := Load(filepath.Join("testdata", "qwen2"), LoadOptions{Head: HeadClasses, Labels: []string{"a", "b"}, Rng: testRng()})
	if err != nil {
		t.Fatal(err)
	}
	if p := m.Param("classes.weight"); p == nil || p.Shape[0] != 2 || p.F32[0] == 0 {
		t.Error("the new head was not drawn")
	}
	if _, err := Load(filepath.Join("testdata", "qwen2"), LoadOptions{Head: HeadClasses, Labels: []string{"a", "b"}}); err == nil {
		t.Error("a head was drawn without a source of chance")
	}
}

// TestBadCheckpoints damages a checkpoint in every way and looks at what is said.
func TestBadCheckpoints(t *testing.T) {
	read := func(t *testing.T) ([]safetensors.Tensor, map[string][]byte) {
		f, err := safetensors.OpenFolder(filepath.Join("testdata", "llama"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var out []safetensors.Tensor
		for _, n := range f.Names() {
			info, _ := f.Tensor(n)
			x, err := f.Float32(n)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, safetensors.OfFloat32(n, info.Shape, x))
		}
		config, err := os.ReadFile(filepath.Join("testdata", "llama", "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		return out, map[string][]byte{"config.json": config}
	}
	for _, c := range []struct {
		name, want string
		damage     func(ts []safetensors.Tensor, files map[string][]byte) []safetensors.Tensor
		after      func(t *testing.T, dir string)
	}{
		{name: "missing tensor", want: `tensor "lm_head.weight" [67 24] is missing`, damage: func(ts []safetensors.Tensor, _ map[string][]byte) []safetensors.Tensor {
			return ts[1:]
		}},
		{name: "extra tensor", want: `tensor "extra" belongs to no part of the model`, damage: func(ts []safetensors.Tensor, _ map[string][]byte) []safetensors.Tensor {
			return append(ts, safetensors.OfFloat32("extra", []int{1}, []float32{1}))
		}},
		{name: "wrong shape", want: `tensor "model.norm.weight" is [23], the configuration needs [24]`, damage: func(ts []safetensors.Tensor, _ map[string][]byte) []safetensors.Tensor {
			for i, x := range ts {
				if x.Name == "model.norm.weight" {
					ts[i] = safetensors.OfFloat32(x.Name, []int{23}, make([]float32, 23))
				}
			}
			return ts
		}},
		{name: "another configuration", want: `"model.layers.2.input_layernorm.weight" [24] is missing`, damage: func(ts []safetensors.Tensor, files map[string][]byte) []safetensors.Tensor {
			files["config.json"] = []byte(strings.Replace(string(files["config.json"]), `"num_hidden_layers": 2`, `"num_hidden_layers": 3`, 1))
			return ts
		}},
		{name: "sizes beyond any memory", want: `"model.embed_tokens.weight" is [67 24], the configuration needs [16777216 131072]`, damage: func(ts []safetensors.Tensor, files map[string][]byte) []safetensors.Tensor {
			files["config.json"] = []byte(strings.NewReplacer(`"vocab_size": 67`, `"vocab_size": 16777216`, `"hidden_size": 24`, `"hidden_size": 131072`).Replace(string(files["config.json"])))
			return ts
		}},
		{name: "unknown architecture", want: "mamba", damage: func(ts []safetensors.Tensor, files map[string][]byte) []safetensors.Tensor {
			files["config.json"] = []byte(strings.Replace(string(files["config.json"]), `"model_type": "llama"`, `"model_type": "mamba"`, 1))
			return ts
		}},
		{name: "no configuration", want: "config.json is missing", damage: func(ts []safetensors.Tensor, files map[string][]byte) []safetensors.Tensor {
			delete(files, "config.json")
			return ts
		}},
		{name: "truncated", want: "model.safetensors", after: func(t *testing.T, dir string) {
			path := filepath.Join(dir, "model.safetensors")
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, info.Size()-100); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "no weights", want: "model.safetensors", after: func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "model.safetensors")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ts, files := read(t)
			if c.damage != nil {
				ts = c.damage(ts, files)
			}
			dir := t.TempDir()
			if err := safetensors.Write(filepath.Join(dir, "model.safetensors"), ts, nil); err != nil {
				t.Fatal(err)
			}
			for name, data := range files {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if c.after != nil {
				c.after(t, dir)
			}
			_, err := Load(dir, LoadOptions{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %q, it should say %q", err, c.want)
			}
		})
	}
}

func TestTooLong(t *testing.T) {
	m := load(t, "llama")
	_, err := tensor.Trace(func(g *tensor.Graph) {
		m.Forward(g).Hidden(g.Input("tokens", tensor.I32, 1, m.Positions+1), nil)
	})
	if err == nil || !strings.Contains(err.Error(), "longer than the model's 64 positions") {
		t.Errorf("a sequence that is too long gave %v", err)
	}
}
