package tensor

import (
	"fmt"
	"slices"
)

// LinearOp is x·Wᵀ + b + r: a linear layer with a fused bias and residual.
//
//	x [..., k], W [n, k], b [n] if Bias, r [..., n] if Residual → [..., n]
//
// W may be stored as bfloat16 or 8-bit integers; it then has no gradient.
type LinearOp struct{ Bias, Residual bool }

// Name implements [Op].
func (LinearOp) Name() string { return "linear" }

// Infer implements [Op].
func (o LinearOp) Infer(in []Type) ([]Type, error) {
	x, w := in[0], in[1]
	if x.DType != F32 || len(w.Shape) != 2 || w.DType == I32 || len(x.Shape) == 0 || x.Cols() != w.Cols() {
		return nil, fmt.Errorf("x %v does not fit the weights %v [out,in]", x, w)
	}
	out := Type{F32, slices.Clone(x.Shape)}
	out.Shape[len(out.Shape)-1] = w.Shape[0]
	i := 2
	if o.Bias {
		if !in[i].Equal(Type{F32, w.Shape[:1]}) {
			return nil, fmt.Errorf("the bias %v does not fit the weights %v", in[i], w)
		}
		i++
	}
	if o.Residual && !in[i].Equal(out) {
		return nil, fmt.Errorf("the residual %v does not fit the result %v", in[i], out)
	}
	return []Type{out}, nil
}

// Overwrites implements [InPlace].
func (o LinearOp) Overwrites() [][2]int {
	if !o.Residual {
		return nil
	}
	return [][2]int{{0, o.inputs() - 1}}
}

func (o LinearOp) inputs() int {
	n := 2
	if o.Bias {
		n++
	}
	if o.Residual {
		n++
	}
	return n
}

// Gradient implements [Differentiable].
func (o LinearOp) Gradient(n *Node, dout []*Value) []*Value {
	x, w, dy := n.In[0], n.In[1], dout[0]
	d := []*Value{nil, nil}
	if w.DType == F32 {
		d[0], d[1] = MatMul(dy, w, false, false), MatMul(dy, x, true, false)
	} else {
		n.graph.Fail("weights stored as %v have no gradient: load the model as float32 to train it", w.DType)
	}
	if o.Bias {
		d = append(d, ColumnSum(dy))
	}
	if o.Residual {
		d = append(d, dy)
	}
	return d
}

// Lower implements [Lowerable], for float32 weights.
func (o LinearOp) Lower(in []*Value) []*Value {
	y := Dot(0, in[0], len(in[0].Shape)-1, in[1], 1)
	if o.Bias {
		y = Add(y, BroadcastLike(in[2], y))
	}
	if o.Residual {
		y = Add(y, in[o.inputs()-1])
	}
	return []*Value{y}
}

// Linear is x·wᵀ + bias + residual; bias and residual may be nil. See [LinearOp].
func Linear(x, w, bias, residual *Value) *Value {
	op := LinearOp{bias != nil, residual != nil}
	in := []*Value{x, w}
	for _, v := range []*Value{bias, residual} {
		if v != nil {
			in = append(in, v)
		}
	}
	return apply1(op, in...)
}

// MatMulOp is op(A)·op(B), where both are seen as matrices (the last axis, and all
// before it as rows) and op transposes if so said. A third input is added.
//
//	A [..., k] or [k..., m], B [k..., n] or [..., k] → [..., n] or [m, n]
type MatMulOp struct{ TransA, TransB bool }

// Name implements [Op].
func (o MatMulOp) Name() string {
	return "matmul " + map[bool]string{false: "n", true: "t"}[o.TransA] + map[bool]string{false: "n", true: "t"}[o.TransB]
}

// Infer implements [Op].
func (o MatMulOp) Infer(in []Type) ([]Type, error) {
	a, b := in[0], in[1]
	m, k := a.Rows(), a.Cols()
	if o.TransA {
		m, k = k, m
	}
	kb, n := b.Rows(), b.Cols()
	if o.TransB {
		kb, n = n, kb
	}
	if a.DType != F32 || b.DType != F32 || k != kb || len(a.Shape) == 0 || len(b.Shape) == 0 {
		return nil, fmt.Errorf("%v and %v do not fit", a, b)
	}
	out := Type{F32, []int{m, n}}
	if !o.TransA {
		out.Shape = append(slices.Clone(a.Shape[:len(a.Shape)-1]), n)
	}
	return []Type{out}, nil
}

// Overwrites implements [InPlace].
func (MatMulOp) Overwrites() [][2]int { return [][2]int{{0, 2}} }

func (MatMulOp) addend(n *Node) bool { return len(n.In) == 2 }

// Gradient implements [Differentiable].
func (o MatMulOp) Gradient(n *Node, dout []*Value) []*Value {
	a, b, dy := n.In[0], n.In[1], dout[0]
	var da, db *Value
	switch {
	case !o.TransA && !o.TransB:
		da, db = MatMul(dy, b, false, true), MatMul(a, dy, true, false)
	case !o.TransA:
		da, db = MatMul(dy, b, false, false), MatMul(dy, a, true, false)
	case !o.TransB:
		da, db = MatMul(b, dy, false, true), MatMul(a, dy, false, false)
	default:
		da, db = MatMul(b, dy, true, true), MatMul(dy, a, true, true)
	}
	d := []*Value{Reshape(da, a.Shape...), Reshape(db, b.Shape...)}
	if len(n.In) == 3 {
		d = append(d, dy)
	}
	return d
}

// Lower implements [Lowerable].
func (o MatMulOp) Lower(in []*Value) []*Value {
	a, b := Reshape(in[0], in[0].Rows(), in[0].Cols()), Reshape(in[1], in[1].Rows(), in[1].Cols())
	ka, kb := 1, 0
	if o.TransA {
		ka = 0
	}
	if o.TransB {
		kb = 1
	}
	y := Dot(0, a, ka, b, kb)
	if !o.TransA {
		y = Reshape(y, append(slices.Clone(in[0].Shape[:len(in[0].Shape)-1]), y.Cols())...)
	}
	if len(in) == 3 {
		y = Add(y, in[2])
	}
	return []*Value{y}
}

// MatMul is op(a)·op(b) of two values seen as matrices; see [MatMulOp].
func MatMul(a, b *Value, transA, transB bool) *Value {
	return apply1(MatMulOp{transA, transB}, a, b)
}

// ColumnSumOp sums all rows: [..., n] → [n].
type ColumnSumOp struct{}

// Name implements [Op].
func (ColumnSumOp) Name() string { return "column sum" }

// Infer implements [Op].
func (ColumnSumOp) Infer(in []Type) ([]Type, error) {
	if in[0].DType != F32 || len(in[0].Shape) == 0 {
		return nil, fmt.Errorf("rows of floats are needed, not %v", in[0])
	}
	return []Type{{F32, []int{in[0].Cols()}}}, nil
}

// Gradient implements [Differentiable].
func (ColumnSumOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{BroadcastLike(dout[0], n.In[0])}
}

// Lower implements [Lowerable].
func (ColumnSumOp) Lower(in []*Value) []*Value {
	axes := make([]int, len(in[0].Shape)-1)
	for i := range axes {
		axes[i] = i
	}
	return []*Value{Reduce(ReduceSum, in[0], axes...)}
}

// ColumnSum sums all rows of x.
func ColumnSum(x *Value) *Value { return apply1(ColumnSumOp{}, x) }

// ScaleOp multiplies by a constant.
type ScaleOp struct{ By float32 }

// Name implements [Op].
func (ScaleOp) Name() string { return "scale" }

// Infer implements [Op].
func (ScaleOp) Infer(in []Type) ([]Type, error) { return UnaryOp{}.Infer(in) }

// Overwrites implements [InPlace].
func (ScaleOp) Overwrites() [][2]int { return [][2]int{{0, 0}} }

// Gradient implements [Differentiable].
func (o ScaleOp) Gradient(_ *Node, dout []*Value) []*Value {
	return []*Value{Scale(dout[0], o.By)}
}

// Lower implements [Lowerable].
func (o ScaleOp) Lower(in []*Value) []*Value {
	return []*Value{Mul(in[0], Splat(in[0].Graph(), o.By, in[0].Shape...))}
}

// Scale multiplies x by a constant.
func Scale(x *Value, by float32) *Value { return apply1(ScaleOp{by}, x) }
