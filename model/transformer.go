package model

import (
	"fmt"

	"hone/tensor"
)

// The Transformer, in the order data flows through it. "Attention Is All You Need"
// (Vaswani et al. 2017) with norms before the blocks (Radford et al. 2019): GPT-2's
// choices, or Llama's (Touvron et al. 2023, §2.2).

// rotaryInput is the name of the table of rotary angles among a program's inputs.
const rotaryInput = "rotary table"

// Forward is a model within a graph that is being traced. Its methods may be called
// several times; parameters are declared when they are first used.
type Forward struct {
	// Dropout drops after the embedding and at the end of every residual branch
	// where Seed is set (an input i32[2]).
	Dropout float64
	Seed    *tensor.Value

	m      *Model
	g      *tensor.Graph
	params map[string]*tensor.Value
	stream int // counts places of dropout
}

// Forward starts tracing the model in g.
func (m *Model) Forward(g *tensor.Graph) *Forward {
	return &Forward{m: m, g: g, params: map[string]*tensor.Value{}}
}

// Param is a parameter as an input of the graph.
func (f *Forward) Param(name string) *tensor.Value {
	if v := f.params[name]; v != nil {
		return v
	}
	p := f.m.byName[name]
	if p == nil {
		f.g.Fail("the model has no parameter %q", name)
	}
	v := f.g.Input(name, p.DType, p.Shape...)
	f.params[name] = v
	return v
}

// Hidden is the last hidden state of every token: tokens i32[B, T] → [B, T, Width].
// Rows start at position 0. lengths i32[B] may be nil: a causal model does not need
// to know where a row padded on the right ends; an encoder reads whole rows then.
func (f *Forward) Hidden(tokens, lengths *tensor.Value) *tensor.Value {
	b, t := tokens.Shape[0], tokens.Shape[1]
	if t > f.m.Positions {
		f.g.Fail("a sequence of %d tokens is longer than the model's %d positions", t, f.m.Positions)
	}
	if f.m.Architecture.Encoder() {
		return f.encode(tokens, lengths)
	}
	positions := tensor.Iota(f.g, 1, b, t)
	return f.hidden(tokens, positions, func(_ int, qkv *tensor.Value) *tensor.Value {
		return tensor.Attention(qkv, lengths, f.heads(), true)
	})
}

// Cache is the keys and values of earlier tokens, per layer, as inputs of a graph;
// see [tensor.CachedAttentionOp].
type Cache struct{ Slots, Room int }

// CacheInputs are the names and shapes of the cache's tensors in a program's inputs.
func (m *Model) CacheInputs(c Cache) map[string][]int {
	in := map[string][]int{}
	shape := tensor.Heads{Query: m.Heads, KV: m.KVHeads, Dim: m.HeadDim}.CacheShape(c.Slots, c.Room)
	for i := range m.Layers {
		in[keysInput(i)], in[valuesInput(i)] = shape, shape
	}
	return in
}

func keysInput(layer int) string   { return fmt.Sprintf("cache.%d.keys", layer) }
func valuesInput(layer int) string { return fmt.Sprintf("cache.%d.values", layer) }

// Continue is Hidden for tokens that continue cached sequences, which it updates:
// tokens i32[B, T], row b continues the sequence slots[b] at position starts[b].
func (f *Forward) Continue(c Cache, tokens, slots, starts *tensor.Value) *tensor.Value {
	b, t := tokens.Shape[0], tokens.Shape[1]
	shape := []int{b, t}
	// Rows may be padded beyond the last position: what is there is never read.
	last := tensor.Splat(f.g, float32(f.m.Positions-1), shape...)
	positions := tensor.Convert(tensor.Minimum(last, tensor.Add(
		tensor.Convert(tensor.Iota(f.g, 1, b, t), tensor.F32),
		tensor.Broadcast(tensor.Convert(starts, tensor.F32), shape, []int{0}))), tensor.I32)
	shapes := f.m.CacheInputs(c)
	return f.hidden(tokens, positions, func(layer int, qkv *tensor.Value) *tensor.Value {
		keys := f.g.Input(keysInput(layer), tensor.F32, shapes[keysInput(layer)]...)
		values := f.g.Input(valuesInput(layer), tensor.F32, shapes[valuesInput(layer)]...)
		out, newKeys, newValues := tensor.CachedAttention(qkv, keys, values, slots, starts, f.heads())
		f.g.Update(keys, newKeys)
		f.g.Update(values, newValues)
		return out
	})
}

func (f *Forward) heads() tensor.Heads {
	return tensor.Heads{Query: f.m.Heads, KV: f.m.KVHeads, Dim: f.m.HeadDim}
}

// hidden is the Transformer; attend is attention on packed queries, keys and values.
func (f *Forward) hidden(tokens, positions *tensor.Value, attend func(layer int, qkv *tensor.Value) *tensor.Value) *tensor.Value {
	var x *tensor.Value
	f.g.Scope("embedding", func() {
		x = tensor.Gather(f.Param("embedding.tokens.weight"), tokens)
		if f.m.PositionEmbedding == PosLearned {
			x = tensor.Add(x, tensor.Gather(f.Param("embedding.positions.weight"), positions))
		}
		x = f.dropout(x)
	})
	for i := range f.m.Layers {
		layer := fmt.Sprintf("layers.%d.", i)
		f.g.Scope(layer+"attention", func() {
			qkv := f.linear(layer+"attention.qkv", f.norm(layer+"norm1", x), nil)
			if f.m.PositionEmbedding == PosRotary {
				qkv = tensor.Rotary(qkv, positions, f.rotaryTable(), f.heads())
			}
			x = f.branch(layer+"attention.out", attend(i, qkv), x)
		})
		f.g.Scope(layer+"ffn", func() {
			h := f.linear(layer+"ffn.up", f.norm(layer+"norm2", x), nil)
			if f.m.Activation == ActSwiGLU {
				h = tensor.SwiGLU(h)
			} else {
				h = tensor.Gelu(h)
			}
			x = f.branch(layer+"ffn.down", h, x)
		})
	}
	f.g.Scope("norm", func() { x = f.norm("norm", x) })
	return x
}

// Logits are a language model's scores of the next token: [..., Width] → [..., Vocab].
func (f *Forward) Logits(hidden *tensor.Value) (logits *tensor.Value) {
	f.g.Scope("head", func() {
		switch {
		case f.m.Head != HeadLM:
			f.g.Fail("the model has a head for %s, not for language modelling", f.m.Head)
		case !f.m.TieEmbeddings:
			logits = tensor.Linear(hidden, f.Param("head.weight"), nil, nil)
		default:
			logits = tensor.Linear(hidden, f.Param("embedding.tokens.weight"), nil, nil)
		}
	})
	return logits
}

// Values are the estimates of a value model, or of a language model's second head (see
// [Model.AddValueHead]): [..., Width] → [...].
func (f *Forward) Values(hidden *tensor.Value) *tensor.Value {
	if f.m.Head != HeadValue && len(f.m.ValueHead()) == 0 {
		f.g.Fail("the model has a head for %s, not for values", f.m.Head)
	}
	v := f.linear("value", hidden, nil)
	return tensor.Reshape(v, v.Shape[:len(v.Shape)-1]...)
}

// Classes are a classifier's logits from each row's last token, or an encoder's from the mean
// of all of them:
// hidden [B, T, Width], lengths i32[B] from 1 to T → [B, len(Labels)].
func (f *Forward) Classes(hidden, lengths *tensor.Value) *tensor.Value {
	if f.m.Head != HeadClasses {
		f.g.Fail("the model has a head for %s, not for classes", f.m.Head)
	}
	if f.m.Architecture.Encoder() {
		return f.pooledClasses(hidden, lengths)
	}
	b, t := hidden.Shape[0], hidden.Shape[1]
	// The row of token lengths[b]-1 of sequence b among all rows; none, which Gather refuses,
	// where that is in another sequence.
	row, length := tensor.Convert(tensor.Iota(f.g, 0, b), tensor.F32), tensor.Convert(lengths, tensor.F32)
	one, none := tensor.Splat(f.g, 1, b), tensor.Splat(f.g, -1, b)
	last := tensor.Sub(tensor.Add(tensor.Scale(row, float32(t)), length), one)
	last = tensor.Select(tensor.LessEqual, length, tensor.Splat(f.g, float32(t), b), last, none)
	last = tensor.Convert(tensor.Select(tensor.Less, length, one, none, last), tensor.I32)
	x := tensor.Gather(tensor.Reshape(hidden, b*t, f.m.Width), last)
	return tensor.Linear(x, f.Param("classes.weight"), nil, nil)
}

func (f *Forward) norm(name string, x *tensor.Value) *tensor.Value {
	if f.m.Norm == NormRMS {
		return tensor.RMSNorm(x, f.Param(name+".gain"), float32(f.m.NormEps))
	}
	return tensor.LayerNorm(x, f.Param(name+".gain"), f.Param(name+".bias"), float32(f.m.NormEps))
}

// linear is a layer with its bias and adapters, added to the residual if there is one.
func (f *Forward) linear(name string, x, residual *tensor.Value) *tensor.Value {
	var bias *tensor.Value
	if f.m.byName[name+".bias"] != nil {
		bias = f.Param(name + ".bias")
	}
	y := tensor.Linear(x, f.Param(name+".weight"), bias, residual)
	if d := f.adapter(name, x); d != nil {
		y = tensor.Add(y, d)
	}
	return y
}

// branch ends a residual branch: x + dropout(W·h + b).
func (f *Forward) branch(name string, h, x *tensor.Value) *tensor.Value {
	if f.Seed == nil || f.Dropout == 0 {
		return f.linear(name, h, x)
	}
	return tensor.Add(x, f.dropout(f.linear(name, h, nil)))
}

func (f *Forward) dropout(x *tensor.Value) *tensor.Value {
	if f.Seed == nil {
		return x
	}
	f.stream++
	return tensor.Dropout(x, f.Seed, float32(f.Dropout), f.stream)
}

func (f *Forward) rotaryTable() *tensor.Value {
	if v := f.params[rotaryInput]; v != nil {
		return v
	}
	v := f.g.Input(rotaryInput, tensor.F32, f.m.Positions, f.m.HeadDim)
	f.params[rotaryInput] = v
	return v
}
