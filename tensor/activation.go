package tensor

import (
	"fmt"
	"slices"
)

// geluC and geluA are the constants of the tanh form of GELU.
const (
	geluC = 0.7978845608028654 // √(2/π)
	geluA = 0.044715
)

// GeluOp is the Gaussian error linear unit in its tanh form (Hendrycks and Gimpel,
// 2016), as GPT-2 uses it.
type GeluOp struct{}

// Name implements [Op].
func (GeluOp) Name() string { return "gelu" }

// Infer implements [Op].
func (GeluOp) Infer(in []Type) ([]Type, error) { return UnaryOp{}.Infer(in) }

// Gradient implements [Differentiable].
func (GeluOp) Gradient(n *Node, dout []*Value) []*Value {
	return Apply(GeluGradOp{}, dout[0], n.In[0])
}

// Lower implements [Lowerable].
func (GeluOp) Lower(in []*Value) []*Value {
	x := in[0]
	inner := Scale(Add(x, Scale(Mul(x, Mul(x, x)), geluA)), geluC)
	one := Splat(x.Graph(), 1, x.Shape...)
	return []*Value{Scale(Mul(x, Add(one, Map(Tanh, inner))), .5)}
}

// Gelu is the Gaussian error linear unit in its tanh form.
func Gelu(x *Value) *Value { return apply1(GeluOp{}, x) }

// GeluGradOp is the gradient of [GeluOp]: dout, x → dx.
type GeluGradOp struct{}

// Name implements [Op].
func (GeluGradOp) Name() string { return "gelu gradient" }

// Infer implements [Op].
func (GeluGradOp) Infer(in []Type) ([]Type, error) { return BinaryOp{}.Infer(in) }

// Overwrites implements [InPlace].
func (GeluGradOp) Overwrites() [][2]int { return [][2]int{{0, 0}, {0, 1}} }

// Lower implements [Lowerable].
func (GeluGradOp) Lower(in []*Value) []*Value { return lowerGradient(GeluOp{}, in[1:], in[0]) }

// SwiGLUOp is SiLU(gate)·up (Shazeer, "GLU Variants Improve Transformer", 2020).
//
//	x [..., 2n]: gate, then up → [..., n]
type SwiGLUOp struct{}

// Name implements [Op].
func (SwiGLUOp) Name() string { return "swiglu" }

// Infer implements [Op].
func (SwiGLUOp) Infer(in []Type) ([]Type, error) {
	x := in[0]
	if x.DType != F32 || len(x.Shape) == 0 || x.Cols()%2 != 0 {
		return nil, fmt.Errorf("rows of gate and up are needed, not %v", x)
	}
	out := Type{F32, slices.Clone(x.Shape)}
	out.Shape[len(out.Shape)-1] /= 2
	return []Type{out}, nil
}

// Gradient implements [Differentiable].
func (SwiGLUOp) Gradient(n *Node, dout []*Value) []*Value {
	return Apply(SwiGLUGradOp{}, dout[0], n.In[0])
}

// Lower implements [Lowerable].
func (SwiGLUOp) Lower(in []*Value) []*Value {
	last, n := len(in[0].Shape)-1, in[0].Cols()/2
	gate, up := Slice(in[0], last, 0, n), Slice(in[0], last, n, n)
	return []*Value{Mul(Mul(gate, Map(Logistic, gate)), up)}
}

// SwiGLU is SiLU(gate)·up of x, which holds both; see [SwiGLUOp].
func SwiGLU(x *Value) *Value { return apply1(SwiGLUOp{}, x) }

// SwiGLUGradOp is the gradient of [SwiGLUOp]: dout [..., n], x [..., 2n] → dx [..., 2n].
type SwiGLUGradOp struct{}

// Name implements [Op].
func (SwiGLUGradOp) Name() string { return "swiglu gradient" }

// Infer implements [Op].
func (SwiGLUGradOp) Infer(in []Type) ([]Type, error) { return in[1:2:2], nil }

// Overwrites implements [InPlace].
func (SwiGLUGradOp) Overwrites() [][2]int { return [][2]int{{0, 1}} }

// Lower implements [Lowerable].
func (SwiGLUGradOp) Lower(in []*Value) []*Value { return lowerGradient(SwiGLUOp{}, in[1:], in[0]) }

// DropoutOp zeroes a share P of the elements and scales the rest by 1/(1-P). What
// is dropped is a function of the seed, of Stream (which tells the places in a
// model apart) and of the element's index, so that the gradient drops the same.
//
//	x, seed i32[2] → as x
type DropoutOp struct {
	P      float32
	Stream int
}

// Name implements [Op].
func (DropoutOp) Name() string { return "dropout" }

// Infer implements [Op].
func (o DropoutOp) Infer(in []Type) ([]Type, error) {
	if !in[1].Equal(Type{I32, []int{2}}) || in[0].DType != F32 {
		return nil, fmt.Errorf("floats and a seed i32[2] are needed, not %v and %v", in[0], in[1])
	}
	if !(o.P >= 0 && o.P < 1) {
		return nil, fmt.Errorf("the share dropped is %v: it is at least 0 and less than 1", o.P)
	}
	return in[:1:1], nil
}

// Overwrites implements [InPlace].
func (DropoutOp) Overwrites() [][2]int { return [][2]int{{0, 0}} }

// Gradient implements [Differentiable].
func (o DropoutOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{apply1(o, dout[0], n.In[1]), nil}
}

// Dropout zeroes a share p of x; p = 0 is x itself. See [DropoutOp].
func Dropout(x, seed *Value, p float32, stream int) *Value {
	if p == 0 {
		return x
	}
	return apply1(DropoutOp{p, stream}, x, seed)
}
