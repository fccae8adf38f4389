package tensor

import (
	"fmt"
	"math"
	"slices"
)

// Heads is the layout of attention in a packed row: Query heads, then KV key heads,
// then KV value heads, each of Dim floats. Query is a multiple of KV: query head h
// reads key and value head h/(Query/KV) (grouped-query attention, Ainslie et al. 2023).
type Heads struct{ Query, KV, Dim int }

// Width is the length of a packed row.
func (h Heads) Width() int { return (h.Query + 2*h.KV) * h.Dim }

func (h Heads) check(qkv Type) error {
	if h.Query < 1 || h.KV < 1 || h.Dim < 1 || h.Query%h.KV != 0 {
		return fmt.Errorf("%d query heads over %d key heads of %d", h.Query, h.KV, h.Dim)
	}
	if qkv.DType != F32 || len(qkv.Shape) != 3 || qkv.Cols() != h.Width() {
		return fmt.Errorf("queries, keys and values f32[batch,time,%d] are needed, not %v", h.Width(), qkv)
	}
	return nil
}

// scale is 1/√d of scaled dot-product attention.
func (h Heads) scale() float32 { return float32(1 / math.Sqrt(float64(h.Dim))) }

// AttentionOp is scaled dot-product attention (Vaswani et al. 2017, eq. 1) on
// packed rows. Place i sees place j where j < length and, if Causal, j ≤ i; what is
// at or after its row's length is zero in the result.
//
//	qkv [B, T, Heads.Width()], lengths i32[B] if Ragged → out [B, T, Query·Dim], lse [B, Query, T]
//
// lse is the logarithm of the softmax's denominator, kept for the gradient, which
// computes the probabilities again (Dao et al., "FlashAttention", 2022).
type AttentionOp struct {
	Heads
	Causal, Ragged bool
}

// Name implements [Op].
func (AttentionOp) Name() string { return "attention" }

// Infer implements [Op].
func (o AttentionOp) Infer(in []Type) ([]Type, error) {
	if err := o.check(in[0]); err != nil {
		return nil, err
	}
	b, t := in[0].Shape[0], in[0].Shape[1]
	if o.Ragged && !in[1].Equal(Type{I32, []int{b}}) {
		return nil, fmt.Errorf("the lengths are %v for a batch of %d", in[1], b)
	}
	return []Type{{F32, []int{b, t, o.Query * o.Dim}}, {F32, []int{b, o.Query, t}}}, nil
}

// Scale is what scores are multiplied with.
func (o AttentionOp) Scale() float32 { return o.scale() }

// Gradient implements [Differentiable].
func (o AttentionOp) Gradient(n *Node, dout []*Value) []*Value {
	in := append([]*Value{dout[0], n.Out[0], n.Out[1]}, n.In...)
	d := []*Value{apply1(AttentionGradOp(o), in...)}
	if o.Ragged {
		d = append(d, nil)
	}
	return d
}

// Lower implements [Lowerable].
func (o AttentionOp) Lower(in []*Value) []*Value {
	g := in[0].Graph()
	b, t := in[0].Shape[0], in[0].Shape[1]
	group := o.Query / o.KV
	// part cuts heads out of the rows and repeats them for their group: [B, KV, group, T, Dim].
	part := func(at, heads, repeat int) *Value {
		x := Reshape(Slice(in[0], 2, at*o.Dim, heads*o.Dim), b, t, o.KV, heads/o.KV, o.Dim)
		x = Transpose(x, 0, 2, 3, 1, 4)
		if repeat == 1 {
			return x
		}
		return Broadcast(x, []int{b, o.KV, repeat, t, o.Dim}, []int{0, 1, 2, 3, 4})
	}
	q, k, v := part(0, o.Query, 1), part(o.Query, o.KV, group), part(o.Query+o.KV, o.KV, group)
	shape := []int{b, o.KV, group, t, t}
	s := Scale(Dot(3, q, 4, k, 4), o.scale())
	row, col := Iota(g, 3, shape...), Iota(g, 4, shape...)
	hidden := Splat(g, float32(math.Inf(-1)), shape...)
	if o.Causal {
		s = Select(LessEqual, col, row, s, hidden)
	}
	one := Splat(g, 1, shape...)
	live := one
	if o.Ragged {
		length := Broadcast(in[1], shape, []int{0})
		s = Select(Less, col, length, s, hidden)
		live = Select(Less, row, length, one, Splat(g, 0, shape...))
		s = Select(Less, row, length, s, Splat(g, 0, shape...))
	}
	m := Reduce(ReduceMax, s, 4)
	e := Mul(Map(Exp, Sub(s, broadcastRows(m, s))), live)
	z := Reduce(ReduceSum, e, 4)
	if o.Ragged { // rows past the end have nothing to divide by
		z = Add(z, Sub(Splat(g, 1, z.Shape...), Reduce(ReduceMax, live, 4)))
	}
	out := Dot(3, Div(e, broadcastRows(z, e)), 4, v, 3)
	out = Reshape(Transpose(out, 0, 3, 1, 2, 4), b, t, o.Query*o.Dim)
	return []*Value{out, nil}
}

// Attention attends within the packed rows qkv; lengths may be nil. See [AttentionOp].
func Attention(qkv, lengths *Value, h Heads, causal bool) *Value {
	op := AttentionOp{h, causal, lengths != nil}
	if lengths == nil {
		return Apply(op, qkv)[0]
	}
	return Apply(op, qkv, lengths)[0]
}

// AttentionGradOp is the gradient of [AttentionOp].
//
//	dout, out [B, T, Query·Dim], lse [B, Query, T], qkv, lengths if Ragged → dqkv
type AttentionGradOp AttentionOp

// Name implements [Op].
func (AttentionGradOp) Name() string { return "attention gradient" }

// Infer implements [Op].
func (AttentionGradOp) Infer(in []Type) ([]Type, error) { return in[3:4:4], nil }

// Lower implements [Lowerable].
func (o AttentionGradOp) Lower(in []*Value) []*Value {
	return lowerGradient(AttentionOp(o), in[3:], in[0])[:1]
}

// CachedAttentionOp continues sequences whose keys and values are kept: row i of
// sequence b is at position Positions[b]+i, its key and value are written there,
// and it sees all positions up to its own. Slots[b] says which of the S cached
// sequences b is; no two of a batch share one. A negative slot is padding: nothing is
// read or written, and the result is zero.
//
//	qkv [B, T, Width], keys and values [S, KV, P, Dim], slots i32[B], positions i32[B]
//	→ out [B, T, Query·Dim], keys, values
//
// What a head has of a sequence lies together, in the order of positions: it is read as one stream,
// and positions that are not reached take no memory.
type CachedAttentionOp struct{ Heads }

// CacheShape is the shape of the keys, and of the values, of so many sequences of so many positions.
func (h Heads) CacheShape(sequences, positions int) []int {
	return []int{sequences, h.KV, positions, h.Dim}
}

// Name implements [Op].
func (CachedAttentionOp) Name() string { return "cached attention" }

// Infer implements [Op].
func (o CachedAttentionOp) Infer(in []Type) ([]Type, error) {
	if err := o.check(in[0]); err != nil {
		return nil, err
	}
	b, t := in[0].Shape[0], in[0].Shape[1]
	k, v := in[1].Shape, in[2].Shape
	if len(v) != 4 {
		return nil, fmt.Errorf("cached values %v", in[2])
	}
	if want := o.CacheShape(v[0], v[2]); !slices.Equal(k, want) || !slices.Equal(v, want) {
		return nil, fmt.Errorf("caches %v and %v for %+v", in[1], in[2], o.Heads)
	}
	for _, i := range in[3:5] {
		if !i.Equal(Type{I32, []int{b}}) {
			return nil, fmt.Errorf("slots or positions are %v for a batch of %d", i, b)
		}
	}
	return []Type{{F32, []int{b, t, o.Query * o.Dim}}, in[1], in[2]}, nil
}

// Overwrites implements [InPlace].
func (CachedAttentionOp) Overwrites() [][2]int { return [][2]int{{1, 1}, {2, 2}} }

// Scale is what scores are multiplied with.
func (o CachedAttentionOp) Scale() float32 { return o.scale() }

// CachedAttention continues cached sequences and returns the result and the new
// caches; see [CachedAttentionOp].
func CachedAttention(qkv, keys, values, slots, positions *Value, h Heads) (out, newKeys, newValues *Value) {
	r := Apply(CachedAttentionOp{h}, qkv, keys, values, slots, positions)
	return r[0], r[1], r[2]
}

// RotaryOp turns the first Count heads of packed rows by their position (Su et al.,
// "RoFormer", 2021), pairing element i of a head with element i + Dim/2 as Llama
// does. The table's row p holds the cosines and then the sines for position p.
//
//	x [B, T, width], positions i32[B, T], table [P, Dim] → as x
type RotaryOp struct {
	Count, Dim int
	Inverse    bool // turns back: the gradient
}

// Name implements [Op].
func (RotaryOp) Name() string { return "rotary" }

// Infer implements [Op].
func (o RotaryOp) Infer(in []Type) ([]Type, error) {
	x, pos, table := in[0], in[1], in[2]
	if x.DType != F32 || len(x.Shape) != 3 || x.Cols() < o.Count*o.Dim || o.Dim%2 != 0 {
		return nil, fmt.Errorf("%d heads of %d in the rows of %v", o.Count, o.Dim, x)
	}
	if !pos.Equal(Type{I32, x.Shape[:2]}) || table.DType != F32 || len(table.Shape) != 2 || table.Cols() != o.Dim {
		return nil, fmt.Errorf("positions %v and table %v for %v and heads of %d", pos, table, x, o.Dim)
	}
	return in[:1:1], nil
}

// Overwrites implements [InPlace].
func (RotaryOp) Overwrites() [][2]int { return [][2]int{{0, 0}} }

// Gradient implements [Differentiable].
func (o RotaryOp) Gradient(n *Node, dout []*Value) []*Value {
	o.Inverse = !o.Inverse
	return []*Value{apply1(o, dout[0], n.In[1], n.In[2]), nil, nil}
}

// Lower implements [Lowerable].
func (o RotaryOp) Lower(in []*Value) []*Value {
	b, t := in[0].Shape[0], in[0].Shape[1]
	h := o.Dim / 2
	shape := []int{b, t, o.Count, h}
	angle := Gather(in[2], in[1]) // [B, T, Dim]
	cos := Broadcast(Slice(angle, 2, 0, h), shape, []int{0, 1, 3})
	sin := Broadcast(Slice(angle, 2, h, h), shape, []int{0, 1, 3})
	if o.Inverse {
		sin = Map(Neg, sin)
	}
	x := Reshape(Slice(in[0], 2, 0, o.Count*o.Dim), b, t, o.Count, o.Dim)
	lo, hi := Slice(x, 3, 0, h), Slice(x, 3, h, h)
	y := Concat(3, Sub(Mul(lo, cos), Mul(hi, sin)), Add(Mul(hi, cos), Mul(lo, sin)))
	rest := in[0].Cols() - o.Count*o.Dim
	parts := []*Value{Reshape(y, b, t, o.Count*o.Dim)}
	if rest > 0 {
		parts = append(parts, Slice(in[0], 2, o.Count*o.Dim, rest))
	}
	return []*Value{Concat(2, parts...)}
}

// Rotary turns the query and key heads of packed rows by their position; see [RotaryOp].
func Rotary(qkv, positions, table *Value, h Heads) *Value {
	return apply1(RotaryOp{Count: h.Query + h.KV, Dim: h.Dim}, qkv, positions, table)
}

// RotaryTable is the table of [RotaryOp] for the first positions places: angle
// p·theta^(-2i/dim) for pair i.
func RotaryTable(positions, dim int, theta float64) *Tensor {
	t := New(positions, dim)
	h := dim / 2
	for i := range h {
		freq := math.Pow(theta, -2*float64(i)/float64(dim))
		for p := range positions {
			sin, cos := math.Sincos(float64(p) * freq)
			t.F32[p*dim+i], t.F32[p*dim+h+i] = float32(cos), float32(sin)
		}
	}
	return t
}
