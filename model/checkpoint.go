package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hone/model/safetensors"
	"hone/store"
)

// The files of a checkpoint folder, as Hugging Face names them.
const (
	configFile        = "config.json"
	weightsFile       = "model.safetensors"
	adapterConfigFile = "adapter_config.json"
	adapterFile       = "adapter_model.safetensors"
)

// LoadOptions say how a checkpoint is read.
type LoadOptions struct {
	// Head, where it is not empty, replaces the checkpoint's: a head that the
	// checkpoint lacks is drawn from Rng.
	Head   Head
	Labels []string
	Rng    *rand.Rand
}

// Load reads a model from a folder in the Hugging Face layout: config.json and
// model.safetensors, or its index and shards; adapters that PEFT or [Model.Save]
// left beside them are added. Weights become float32.
func Load(dir string, o LoadOptions) (*Model, error) {
	raw, err := os.ReadFile(filepath.Join(dir, configFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no model is there: %s is missing (a folder with config.json and model.safetensors is needed)", dir, configFile)
	}
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, configFile), err)
	}
	own := c.Head
	if o.Head != "" {
		c.Head, c.Labels = o.Head, o.Labels
		if err := c.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
	}
	f, err := safetensors.OpenFolder(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m := &Model{Config: c, byName: map[string]*Param{}}
	if err := m.read(f, own != c.Head, o.Rng); err != nil {
		return nil, err
	}
	if err := m.loadAdapters(dir); err != nil {
		return nil, err
	}
	return m, nil
}

// maxListed bounds how many tensors an error names.
const maxListed = 5

// read fills the parameters from f. A head that fresh allows and f lacks is drawn.
func (m *Model) read(f *safetensors.File, fresh bool, rng *rand.Rand) error {
	names := f.Names()
	have := map[string]bool{}
	for _, n := range names {
		have[n] = true
	}
	// A checkpoint of the bare Transformer lacks the prefix of the whole model.
	// Those of BERT call a norm's gain and bias gamma and beta where they are old.
	old := strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta")
	bare := func(name string) string {
		if before := old.Replace(name); !have[name] && have[before] {
			return before
		}
		if _, rest, ok := strings.Cut(name, "."); ok && !have[name] && have[rest] {
			return rest
		}
		return name
	}
	used := map[string]bool{}
	var faults []string
	for _, s := range m.Layout() {
		in := s.row()
		draw := fresh && !strings.HasPrefix(s.Name, "layers.") && rng != nil && isHead(s.Name)
		fits := true
		for _, st := range s.Stored {
			name := bare(st.Name)
			used[name] = true
			want := append([]int{st.Rows}, s.Shape[1:]...)
			if st.Transposed {
				want = []int{in, st.Rows}
			}
			info, err := f.Tensor(name)
			switch {
			case err != nil && draw:
			case err != nil:
				faults = append(faults, fmt.Sprintf("tensor %q %v is missing", name, want))
				fits = false
			case !slices.Equal(info.Shape, want):
				faults = append(faults, fmt.Sprintf("tensor %q is %v, the configuration needs %v", name, info.Shape, want))
				fits = false
			}
		}
		if !fits { // so a configuration alone, which may say anything, takes no memory
			continue
		}
		p := m.addSpec(&s)
		row := 0
		for _, st := range s.Stored {
			dst := p.F32[row*in : (row+st.Rows)*in]
			row += st.Rows
			if name := bare(st.Name); have[name] {
				if err := readInto(f, name, dst, st, in); err != nil {
					return err
				}
				continue
			}
			s.fresh(dst, rng)
		}
	}
	for _, n := range names {
		if !used[n] && !m.ignored(n, fresh) {
			faults = append(faults, fmt.Sprintf("tensor %q belongs to no part of the model", n))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	more := ""
	if len(faults) > maxListed {
		more = fmt.Sprintf(" (and %d more)", len(faults)-maxListed)
		faults = faults[:maxListed]
	}
	return fmt.Errorf("%s does not fit its config.json (%s): %s%s", f.Path(), m.Architecture, strings.Join(faults, "; "), more)
}

func isHead(name string) bool {
	for _, h := range []string{"classes.", "value.", "head.", "mlm.", "embed."} {
		if strings.HasPrefix(name, h) {
			return true
		}
	}
	return false
}

// ignored are tensors that checkpoints have beside the parameters: constant buffers
// of old versions, a copy of tied embeddings, a head that was replaced.
func (m *Model) ignored(name string, replaced bool) bool {
	switch {
	case strings.HasSuffix(name, ".attn.bias"), strings.HasSuffix(name, ".attn.masked_bias"), strings.HasSuffix(name, "rotary_emb.inv_freq"):
		return true
	case m.Architecture.published():
		return bertIgnored(name) || replaced && (strings.HasPrefix(name, "cls.") || strings.HasPrefix(name, "lm_head.") || isHead(name))
	case m.Architecture.Encoder():
		return replaced && isHead(name)
	case name == "lm_head.weight":
		return m.TieEmbeddings || replaced
	}
	return replaced && (name == "score.weight" || strings.HasPrefix(name, "v_head."))
}

func readInto(f *safetensors.File, name string, dst []float32, st Stored, in int) error {
	if !st.Transposed {
		return f.ReadFloat32(name, dst)
	}
	t, err := f.Float32(name)
	if err != nil {
		return err
	}
	for i := range in {
		for j := range st.Rows {
			dst[j*in+i] = t[i*st.Rows+j]
		}
	}
	return nil
}

// Save writes the model to the folder dir, which is made if need be, in the Hugging
// Face layout. A model with adapters is saved as PEFT does: the adapters alone, which
// belong to the model at base. The weights have the type Config.DType.
func (m *Model) Save(dir, base string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if m.LoRA != nil {
		return m.saveAdapters(dir, base)
	}
	config, err := m.HF()
	if err != nil {
		return err
	}
	var out []safetensors.Tensor
	for _, s := range m.Layout() {
		p := m.byName[s.Name]
		if p.F32 == nil {
			return fmt.Errorf("model: %s was packed for generation and cannot be saved: load the model again", s.Name)
		}
		in := s.row()
		row := 0
		for _, st := range s.Stored {
			data := p.F32[row*in : (row+st.Rows)*in]
			row += st.Rows
			shape := append([]int{st.Rows}, s.Shape[1:]...)
			if st.Transposed {
				shape = []int{in, st.Rows}
				t := make([]float32, len(data))
				for i := range in {
					for j := range st.Rows {
						t[i*st.Rows+j] = data[j*in+i]
					}
				}
				data = t
			}
			switch m.DType {
			case BFloat16:
				out = append(out, safetensors.OfBFloat16(st.Name, shape, data))
			case Float16:
				out = append(out, safetensors.OfFloat16(st.Name, shape, data))
			default:
				out = append(out, safetensors.OfFloat32(st.Name, shape, data))
			}
		}
	}
	if err := safetensors.Write(filepath.Join(dir, weightsFile), out, map[string]string{"format": "pt"}); err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(dir, configFile), config, 0o644)
}

// adapterConfig is adapter_config.json, as far as Hone reads and writes it.
type adapterConfig struct {
	PeftType string   `json:"peft_type"`
	TaskType string   `json:"task_type,omitempty"`
	Base     string   `json:"base_model_name_or_path"`
	R        int      `json:"r"`
	Alpha    float64  `json:"lora_alpha"`
	Targets  []string `json:"target_modules"`
	Dropout  float64  `json:"lora_dropout"`
	Bias     string   `json:"bias"`
	FanInOut bool     `json:"fan_in_fan_out"`
	RSLora   bool     `json:"use_rslora,omitempty"`
	DoRA     bool     `json:"use_dora,omitempty"`
	// Ranks and scales of single layers, which cannot be read.
	Ranks  map[string]any `json:"rank_pattern,omitempty"`
	Alphas map[string]any `json:"alpha_pattern,omitempty"`
}

func (m *Model) saveAdapters(dir, base string) error {
	targets := m.LoRA.Targets
	if len(targets) == 0 {
		targets = m.Modules()
	}
	if m.Head != HeadLM {
		return fmt.Errorf("model: adapters of a model with a head for %s cannot be saved alone: merge them first", m.Head)
	}
	var out []safetensors.Tensor
	for _, p := range m.Params {
		if strings.HasPrefix(p.Name, "base_model.") {
			out = append(out, safetensors.OfFloat32(p.Name, p.Shape, p.F32))
		}
	}
	if err := safetensors.Write(filepath.Join(dir, adapterFile), out, map[string]string{"format": "pt"}); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(adapterConfig{
		PeftType: "LORA", TaskType: "CAUSAL_LM", Base: base, R: m.LoRA.Rank, Alpha: m.LoRA.Alpha,
		Targets: targets, Bias: "none", FanInOut: m.Architecture == ArchGPT2,
	}, "", "  ")
	if err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(dir, adapterConfigFile), append(raw, '\n'), 0o644)
}

// loadAdapters adds the adapters in dir, if there are any.
func (m *Model) loadAdapters(dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, adapterConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return m.readAdapters(dir, raw)
}

// LoadAdapters adds the adapters of the folder dir to the model.
func (m *Model) LoadAdapters(dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, adapterConfigFile))
	if err != nil {
		return err
	}
	return m.readAdapters(dir, raw)
}

func (m *Model) readAdapters(dir string, raw []byte) error {
	path := filepath.Join(dir, adapterConfigFile)
	var c adapterConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if c.PeftType != "LORA" || c.RSLora || c.DoRA || c.Bias != "none" && c.Bias != "" {
		return fmt.Errorf("%s: only plain LoRA adapters without biases can be read (peft_type %q, bias %q, use_rslora %v, use_dora %v)", path, c.PeftType, c.Bias, c.RSLora, c.DoRA)
	}
	if len(c.Ranks)+len(c.Alphas) > 0 {
		return fmt.Errorf("%s: one rank and alpha for all layers can be read, not those of single ones (rank_pattern %v, alpha_pattern %v)", path, c.Ranks, c.Alphas)
	}
	if err := m.AddLoRA(LoRA{Rank: c.R, Alpha: c.Alpha, Targets: c.Targets}, rand.New(rand.NewPCG(0, 0))); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	f, err := safetensors.Open(filepath.Join(dir, adapterFile))
	if err != nil {
		return err
	}
	defer f.Close()
	used := map[string]bool{}
	for _, p := range m.Params {
		if !strings.HasPrefix(p.Name, "base_model.") {
			continue
		}
		info, err := f.Tensor(p.Name)
		if err != nil {
			return err
		}
		if !slices.Equal(info.Shape, p.Shape) {
			return fmt.Errorf("%s: tensor %q is %v, the model needs %v", f.Path(), p.Name, info.Shape, p.Shape)
		}
		if err := f.ReadFloat32(p.Name, p.F32); err != nil {
			return err
		}
		used[p.Name] = true
	}
	for _, n := range f.Names() {
		if !used[n] {
			return fmt.Errorf("%s: tensor %q belongs to no layer that %s names", f.Path(), n, adapterConfigFile)
		}
	}
	return nil
}

// AdapterBase is the folder of the model that the adapters in dir belong to.
func AdapterBase(dir string) (string, error) {
	path := filepath.Join(dir, adapterConfigFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: no model is there: neither %s nor %s", dir, configFile, adapterConfigFile)
	}
	if err != nil {
		return "", err
	}
	var c adapterConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if c.Base == "" {
		return "", fmt.Errorf("%s does not name the model the adapters belong to", path)
	}
	return c.Base, nil
}
