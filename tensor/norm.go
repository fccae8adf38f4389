package tensor

import (
	"fmt"
	"slices"
)

// LayerNormOp normalises rows (Ba et al., "Layer Normalization", 2016).
//
//	x [..., n], gain [n], bias [n] → out [..., n], mean [...], rstd [...]
type LayerNormOp struct{ Eps float32 }

// Name implements [Op].
func (LayerNormOp) Name() string { return "layer norm" }

// Infer implements [Op].
func (LayerNormOp) Infer(in []Type) ([]Type, error) {
	return inferNorm(in, 2)
}

// inferNorm is for a norm that keeps stats numbers a row.
func inferNorm(in []Type, stats int) ([]Type, error) {
	x := in[0]
	if x.DType != F32 || len(x.Shape) == 0 {
		return nil, fmt.Errorf("rows of floats are needed, not %v", x)
	}
	for _, p := range in[1:] {
		if !p.Equal(Type{F32, []int{x.Cols()}}) {
			return nil, fmt.Errorf("the parameter %v does not fit the rows of %v", p, x)
		}
	}
	out := []Type{x}
	for range stats {
		out = append(out, Type{F32, slices.Clone(x.Shape[:len(x.Shape)-1])})
	}
	return out, nil
}

// Gradient implements [Differentiable].
func (o LayerNormOp) Gradient(n *Node, dout []*Value) []*Value {
	return Apply(LayerNormGradOp(o), dout[0], n.In[0], n.In[1], n.Out[1], n.Out[2])
}

// Lower implements [Lowerable].
func (o LayerNormOp) Lower(in []*Value) []*Value {
	x := in[0]
	last := len(x.Shape) - 1
	inv := 1 / float32(x.Cols())
	mean := Scale(Reduce(ReduceSum, x, last), inv)
	c := Sub(x, broadcastRows(mean, x))
	variance := Scale(Reduce(ReduceSum, Mul(c, c), last), inv)
	rstd := Map(Rsqrt, Add(variance, Splat(x.Graph(), o.Eps, variance.Shape...)))
	y := Mul(c, broadcastRows(rstd, x))
	return []*Value{Add(Mul(y, BroadcastLike(in[1], x)), BroadcastLike(in[2], x)), mean, rstd}
}

// LayerNorm normalises the rows of x; see [LayerNormOp].
func LayerNorm(x, gain, bias *Value, eps float32) *Value {
	return Apply(LayerNormOp{eps}, x, gain, bias)[0]
}

// LayerNormGradOp is the gradient of [LayerNormOp]; a sixth input is added to dx.
//
//	dout, x [..., n], gain [n], mean, rstd [...] → dx [..., n], dgain [n], dbias [n]
type LayerNormGradOp struct{ Eps float32 }

// Name implements [Op].
func (LayerNormGradOp) Name() string { return "layer norm gradient" }

// Infer implements [Op].
func (LayerNormGradOp) Infer(in []Type) ([]Type, error) {
	return []Type{in[1], in[2], in[2]}, nil
}

// Overwrites implements [InPlace].
func (LayerNormGradOp) Overwrites() [][2]int { return [][2]int{{0, 5}, {0, 0}} }

func (LayerNormGradOp) addend(n *Node) bool { return len(n.In) == 5 }

// Lower implements [Lowerable].
func (o LayerNormGradOp) Lower(in []*Value) []*Value {
	bias := Splat(in[0].Graph(), 0, in[2].Shape...)
	d := lowerGradient(LayerNormOp(o), []*Value{in[1], in[2], bias}, in[0])
	return addTo(d, in[5:])
}

// lowerGradient is the gradient of the first output of op's lowering, for the given
// gradient of that output. It goes through the lowering alone: dout may itself
// depend on the inputs.
func lowerGradient(op Lowerable, in []*Value, dout *Value) []*Value {
	first := len(dout.Graph().Nodes)
	return pullBack(op.Lower(in)[0], dout, in, first)
}

// addTo adds the optional addend to the first of d.
func addTo(d, addend []*Value) []*Value {
	if len(addend) > 0 {
		d[0] = Add(d[0], addend[0])
	}
	return d
}

// RMSNormOp divides rows by their root mean square (Zhang and Sennrich, "Root Mean
// Square Layer Normalization", 2019).
//
//	x [..., n], gain [n] → out [..., n], rstd [...]
type RMSNormOp struct{ Eps float32 }

// Name implements [Op].
func (RMSNormOp) Name() string { return "rms norm" }

// Infer implements [Op].
func (RMSNormOp) Infer(in []Type) ([]Type, error) { return inferNorm(in, 1) }

// Gradient implements [Differentiable].
func (o RMSNormOp) Gradient(n *Node, dout []*Value) []*Value {
	return Apply(RMSNormGradOp(o), dout[0], n.In[0], n.In[1], n.Out[1])
}

// Lower implements [Lowerable].
func (o RMSNormOp) Lower(in []*Value) []*Value {
	x := in[0]
	ms := Scale(Reduce(ReduceSum, Mul(x, x), len(x.Shape)-1), 1/float32(x.Cols()))
	rstd := Map(Rsqrt, Add(ms, Splat(x.Graph(), o.Eps, ms.Shape...)))
	return []*Value{Mul(Mul(x, broadcastRows(rstd, x)), BroadcastLike(in[1], x)), rstd}
}

// RMSNorm divides the rows of x by their root mean square; see [RMSNormOp].
func RMSNorm(x, gain *Value, eps float32) *Value { return Apply(RMSNormOp{eps}, x, gain)[0] }

// RMSNormGradOp is the gradient of [RMSNormOp]; a fifth input is added to dx.
//
//	dout, x [..., n], gain [n], rstd [...] → dx [..., n], dgain [n]
type RMSNormGradOp struct{ Eps float32 }

// Name implements [Op].
func (RMSNormGradOp) Name() string { return "rms norm gradient" }

// Infer implements [Op].
func (RMSNormGradOp) Infer(in []Type) ([]Type, error) { return []Type{in[1], in[2]}, nil }

// Overwrites implements [InPlace].
func (RMSNormGradOp) Overwrites() [][2]int { return [][2]int{{0, 4}, {0, 0}} }

func (RMSNormGradOp) addend(n *Node) bool { return len(n.In) == 4 }

// Lower implements [Lowerable].
func (o RMSNormGradOp) Lower(in []*Value) []*Value {
	return addTo(lowerGradient(RMSNormOp(o), []*Value{in[1], in[2]}, in[0]), in[4:])
}
