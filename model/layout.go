package model

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// A ParamSpec is one tensor of a model: what it is called here, its shape, and
// where the checkpoint layout of its architecture keeps it.
type ParamSpec struct {
	Name  string // such as "layers.3.attention.qkv.weight"
	Shape []int
	// Stored are the tensors of the Hugging Face layout that make up this one, by
	// rows from the first.
	Stored []Stored
	// Decay: weight decay applies (matrices, not gains and biases, as nanoGPT).
	Decay bool
	// Std is the deviation of fresh values around Mean.
	Mean, Std float64
	// Fill, where it is set, draws fresh values instead.
	Fill func(x []float32, rng *rand.Rand)
	// SSM: the dynamics of a state-space model, which has a learning rate of its own.
	SSM bool
}

// fresh draws fresh values.
func (s *ParamSpec) fresh(x []float32, rng *rand.Rand) {
	if s.Fill != nil {
		s.Fill(x, rng)
		return
	}
	for i := range x {
		x[i] = float32(s.Mean)
		if s.Std != 0 {
			x[i] += float32(s.Std * rng.NormFloat64())
		}
	}
}

// row is the number of elements of each of the tensor's rows.
func (s *ParamSpec) row() int {
	n := 1
	for _, d := range s.Shape[1:] {
		n *= d
	}
	return n
}

// Stored is a tensor of a checkpoint that holds Rows rows of a parameter.
type Stored struct {
	Name string
	Rows int
	// Transposed: stored [in, out] (GPT-2's Conv1D), not [out, in].
	Transposed bool
}

// Layout lists the parameters in the order in which data flows through them. It is
// the one description that initialisation, loading, saving and counting follow.
func (c *Config) Layout() []ParamSpec {
	if c.Architecture.Encoder() {
		return c.encoderLayout()
	}
	b := layout{c: c}
	std := c.InitStd
	// Residual projections start smaller by the number of additions on the residual
	// stream (Radford et al. 2019, §2.3).
	out := std / math.Sqrt(2*float64(c.Layers))
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	gpt2 := c.Architecture == ArchGPT2

	root := "model."
	if gpt2 {
		root = "transformer."
	}
	name := func(gpt, llama string) string {
		if gpt2 {
			return root + gpt
		}
		return root + llama
	}
	b.matrix("embedding.tokens", std, c.Width, Stored{name("wte.weight", "embed_tokens.weight"), c.Vocab, false})
	if c.PositionEmbedding == PosLearned {
		b.matrix("embedding.positions", std, c.Width, Stored{root + "wpe.weight", c.Positions, false})
	}
	for i := range c.Layers {
		own := fmt.Sprintf("layers.%d.", i)
		in := func(gpt, llama string) string {
			return name(fmt.Sprintf("h.%d.%s", i, gpt), fmt.Sprintf("layers.%d.%s", i, llama))
		}
		b.norm(own+"norm1", in("ln_1", "input_layernorm"))
		if gpt2 {
			b.linear(own+"attention.qkv", std, c.Width, c.QKVBias, Stored{in("attn.c_attn", ""), q + 2*kv, true})
		} else {
			b.linear(own+"attention.qkv", std, c.Width, c.QKVBias,
				Stored{in("", "self_attn.q_proj"), q, false}, Stored{in("", "self_attn.k_proj"), kv, false}, Stored{in("", "self_attn.v_proj"), kv, false})
		}
		b.linear(own+"attention.out", out, q, c.ProjBias, Stored{in("attn.c_proj", "self_attn.o_proj"), c.Width, gpt2})
		b.norm(own+"norm2", in("ln_2", "post_attention_layernorm"))
		if c.Activation == ActSwiGLU {
			b.linear(own+"ffn.up", std, c.Width, c.FFNBias, Stored{in("", "mlp.gate_proj"), c.FFN, false}, Stored{in("", "mlp.up_proj"), c.FFN, false})
		} else {
			b.linear(own+"ffn.up", std, c.Width, c.FFNBias, Stored{in("mlp.c_fc", ""), c.FFN, true})
		}
		b.linear(own+"ffn.down", out, c.FFN, c.FFNBias, Stored{in("mlp.c_proj", "mlp.down_proj"), c.Width, gpt2})
	}
	b.norm("norm", name("ln_f", "norm"))
	switch c.Head {
	case HeadClasses:
		b.matrix("classes", std, c.Width, Stored{"score.weight", len(c.Labels), false})
	case HeadValue:
		b.linear("value", std, c.Width, true, Stored{"v_head.summary", 1, false})
	default:
		if !c.TieEmbeddings {
			b.matrix("head", std, c.Width, Stored{"lm_head.weight", c.Vocab, false})
		}
	}
	return b.specs
}

type layout struct {
	c     *Config
	specs []ParamSpec
}

func (b *layout) matrix(name string, std float64, in int, stored ...Stored) {
	rows := 0
	for _, s := range stored {
		rows += s.Rows
	}
	b.specs = append(b.specs, ParamSpec{Name: name + ".weight", Shape: []int{rows, in}, Stored: stored, Decay: true, Std: std})
}

// linear adds a matrix and perhaps its bias; stored names lack ".weight".
func (b *layout) linear(name string, std float64, in int, bias bool, stored ...Stored) {
	weights, biases := make([]Stored, len(stored)), make([]Stored, len(stored))
	for i, s := range stored {
		weights[i] = Stored{s.Name + ".weight", s.Rows, s.Transposed}
		biases[i] = Stored{s.Name + ".bias", s.Rows, false}
	}
	b.matrix(name, std, in, weights...)
	if bias {
		rows := b.specs[len(b.specs)-1].Shape[0]
		b.specs = append(b.specs, ParamSpec{Name: name + ".bias", Shape: []int{rows}, Stored: biases})
	}
}

func (b *layout) norm(name, stored string) {
	w := b.c.Width
	b.specs = append(b.specs, ParamSpec{Name: name + ".gain", Shape: []int{w}, Stored: []Stored{{stored + ".weight", w, false}}, Mean: 1})
	if b.c.Norm == NormLayer {
		b.specs = append(b.specs, ParamSpec{Name: name + ".bias", Shape: []int{w}, Stored: []Stored{{stored + ".bias", w, false}}})
	}
}

// spec is the layout of one parameter.
func (m *Model) spec(name string) ParamSpec {
	if m.specs == nil {
		m.specs = map[string]ParamSpec{}
		for _, s := range m.Layout() {
			m.specs[s.Name] = s
		}
	}
	return m.specs[name]
}

// kaiming is the bound of the uniform distribution that torch gives a fresh linear
// layer, as kaiming_uniform_ with a = √5.
func kaiming(in int) float64 { return 1 / math.Sqrt(float64(in)) }
