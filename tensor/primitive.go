package tensor

import (
	"fmt"
	"slices"
)

// The primitive operations. They are few and plain, each has one counterpart in
// StableHLO, and every fused operation is defined by them (see [Lowerable]).

// SplatOp is a constant with one value everywhere.
type SplatOp struct {
	Value float32
	Type  Type
}

// Name implements [Op].
func (SplatOp) Name() string { return "splat" }

// Infer implements [Op].
func (o SplatOp) Infer([]Type) ([]Type, error) { return []Type{o.Type}, nil }

// Splat is a float32 constant of the given shape.
func Splat(g *Graph, v float32, shape ...int) *Value { return splat(g, F32, v, shape) }

func splat(g *Graph, d DType, v float32, shape []int) *Value {
	return g.apply(SplatOp{v, Type{d, slices.Clone(shape)}})
}

// IotaOp counts 0, 1, 2 … along an axis.
type IotaOp struct {
	Axis int
	Type Type
}

// Name implements [Op].
func (IotaOp) Name() string { return "iota" }

// Infer implements [Op].
func (o IotaOp) Infer([]Type) ([]Type, error) {
	if o.Axis < 0 || o.Axis >= len(o.Type.Shape) {
		return nil, fmt.Errorf("no axis %d in %v", o.Axis, o.Type)
	}
	return []Type{o.Type}, nil
}

// Iota counts along axis of an integer tensor.
func Iota(g *Graph, axis int, shape ...int) *Value {
	return g.apply(IotaOp{axis, Type{I32, slices.Clone(shape)}})
}

// Unary is the kind of a [UnaryOp].
type Unary string

// The elementwise functions.
const (
	Exp      Unary = "exponential"
	Log      Unary = "log"
	Tanh     Unary = "tanh"
	Rsqrt    Unary = "rsqrt"
	Sqrt     Unary = "sqrt"
	Logistic Unary = "logistic"
	Neg      Unary = "negate"
	Cos      Unary = "cosine"
	Sin      Unary = "sine"
)

// UnaryOp applies a function to every element.
type UnaryOp struct{ Kind Unary }

// Name implements [Op].
func (o UnaryOp) Name() string { return string(o.Kind) }

// Infer implements [Op].
func (o UnaryOp) Infer(in []Type) ([]Type, error) {
	if in[0].DType != F32 {
		return nil, fmt.Errorf("needs floats, not %v", in[0])
	}
	return in[:1:1], nil
}

// Overwrites implements [InPlace].
func (UnaryOp) Overwrites() [][2]int { return [][2]int{{0, 0}} }

// Gradient implements [Differentiable].
func (o UnaryOp) Gradient(n *Node, dout []*Value) []*Value {
	x, y, dy := n.In[0], n.Out[0], dout[0]
	one := func() *Value { return Splat(n.graph, 1, x.Shape...) }
	switch o.Kind {
	case Exp:
		return []*Value{Mul(dy, y)}
	case Log:
		return []*Value{Div(dy, x)}
	case Tanh:
		return []*Value{Mul(dy, Sub(one(), Mul(y, y)))}
	case Rsqrt:
		return []*Value{Mul(dy, Scale(Div(y, x), -.5))}
	case Sqrt:
		return []*Value{Scale(Div(dy, y), .5)}
	case Logistic:
		return []*Value{Mul(dy, Mul(y, Sub(one(), y)))}
	case Cos:
		return []*Value{Scale(Mul(dy, Map(Sin, x)), -1)}
	case Sin:
		return []*Value{Mul(dy, Map(Cos, x))}
	default: // Neg
		return []*Value{Scale(dy, -1)}
	}
}

// Map applies a function to every element of x.
func Map(kind Unary, x *Value) *Value { return apply1(UnaryOp{kind}, x) }

// Binary is the kind of a [BinaryOp].
type Binary string

// The elementwise functions of two arguments.
const (
	AddKind Binary = "add"
	SubKind Binary = "subtract"
	MulKind Binary = "multiply"
	DivKind Binary = "divide"
	MaxKind Binary = "maximum"
	MinKind Binary = "minimum"
)

// BinaryOp applies a function to the elements of two tensors of one shape.
type BinaryOp struct{ Kind Binary }

// Name implements [Op].
func (o BinaryOp) Name() string { return string(o.Kind) }

// Infer implements [Op].
func (o BinaryOp) Infer(in []Type) ([]Type, error) {
	if !in[0].Equal(in[1]) {
		return nil, fmt.Errorf("%v and %v differ", in[0], in[1])
	}
	return in[:1:1], nil
}

// Overwrites implements [InPlace].
func (BinaryOp) Overwrites() [][2]int { return [][2]int{{0, 0}, {0, 1}} }

// Gradient implements [Differentiable]. Where a maximum or minimum is reached by
// both arguments, the first has the gradient.
func (o BinaryOp) Gradient(n *Node, dout []*Value) []*Value {
	a, b, dy := n.In[0], n.In[1], dout[0]
	zero := func() *Value { return Splat(n.graph, 0, a.Shape...) }
	switch o.Kind {
	case AddKind:
		return []*Value{dy, dy}
	case SubKind:
		return []*Value{dy, Scale(dy, -1)}
	case MulKind:
		return []*Value{Mul(dy, b), Mul(dy, a)}
	case DivKind:
		return []*Value{Div(dy, b), Scale(Div(Mul(dy, n.Out[0]), b), -1)}
	case MaxKind:
		return []*Value{Select(Less, a, b, zero(), dy), Select(Less, a, b, dy, zero())}
	default: // MinKind
		return []*Value{Select(Less, b, a, zero(), dy), Select(Less, b, a, dy, zero())}
	}
}

// Add, Sub, Mul, Div, Maximum and Minimum combine two values of one shape.
func Add(a, b *Value) *Value { return apply1(BinaryOp{AddKind}, a, b) }

// Sub is a - b.
func Sub(a, b *Value) *Value { return apply1(BinaryOp{SubKind}, a, b) }

// Mul is the elementwise product.
func Mul(a, b *Value) *Value { return apply1(BinaryOp{MulKind}, a, b) }

// Div is the elementwise quotient.
func Div(a, b *Value) *Value { return apply1(BinaryOp{DivKind}, a, b) }

// Maximum is the larger of each pair.
func Maximum(a, b *Value) *Value { return apply1(BinaryOp{MaxKind}, a, b) }

// Minimum is the smaller of each pair.
func Minimum(a, b *Value) *Value { return apply1(BinaryOp{MinKind}, a, b) }

// Compare is how [Select] compares.
type Compare string

// The comparisons.
const (
	Less      Compare = "LT"
	LessEqual Compare = "LE"
	Equals    Compare = "EQ"
)

// SelectOp takes, at each place, the third input where the first compares to the
// second as said, else the fourth.
type SelectOp struct{ Compare Compare }

// Name implements [Op].
func (SelectOp) Name() string { return "select" }

// Infer implements [Op].
func (SelectOp) Infer(in []Type) ([]Type, error) {
	if !in[0].Equal(in[1]) || !in[2].Equal(in[3]) || !slices.Equal(in[0].Shape, in[2].Shape) {
		return nil, fmt.Errorf("%v, %v, %v and %v do not fit", in[0], in[1], in[2], in[3])
	}
	return in[2:3:3], nil
}

// Gradient implements [Differentiable].
func (o SelectOp) Gradient(n *Node, dout []*Value) []*Value {
	zero := Splat(n.graph, 0, n.Out[0].Shape...)
	return []*Value{
		nil, nil,
		Select(o.Compare, n.In[0], n.In[1], dout[0], zero),
		Select(o.Compare, n.In[0], n.In[1], zero, dout[0]),
	}
}

// Select is yes where a compares to b as said, else no.
func Select(c Compare, a, b, yes, no *Value) *Value { return apply1(SelectOp{c}, a, b, yes, no) }

// ConvertOp changes the element type between float32 and int32; floats are
// truncated towards zero.
type ConvertOp struct{ To DType }

// Name implements [Op].
func (ConvertOp) Name() string { return "convert" }

// Infer implements [Op].
func (o ConvertOp) Infer(in []Type) ([]Type, error) {
	if in[0].DType > I32 || o.To > I32 {
		return nil, fmt.Errorf("%v does not convert to %v", in[0], o.To)
	}
	return []Type{{o.To, in[0].Shape}}, nil
}

// Gradient implements [Differentiable]: there is none through integers.
func (ConvertOp) Gradient(*Node, []*Value) []*Value { return []*Value{nil} }

// Convert changes x's element type.
func Convert(x *Value, to DType) *Value { return apply1(ConvertOp{to}, x) }

// BroadcastOp repeats a tensor along new axes. Axes[i] is where the input's axis i
// is in the result; the lengths agree there, or the input's is 1.
type BroadcastOp struct{ Shape, Axes []int }

// Name implements [Op].
func (BroadcastOp) Name() string { return "broadcast_in_dim" }

// Infer implements [Op].
func (o BroadcastOp) Infer(in []Type) ([]Type, error) {
	shape, axes := o.Shape, o.Axes
	if len(axes) != len(in[0].Shape) {
		return nil, fmt.Errorf("%d axes for %v", len(axes), in[0])
	}
	for i, a := range axes {
		if a >= len(shape) || a < 0 || i > 0 && a <= axes[i-1] || in[0].Shape[i] != shape[a] && in[0].Shape[i] != 1 {
			return nil, fmt.Errorf("%v does not broadcast to %v along %v", in[0], shape, axes)
		}
	}
	return []Type{{in[0].DType, shape}}, nil
}

// Gradient implements [Differentiable].
func (o BroadcastOp) Gradient(n *Node, dout []*Value) []*Value {
	shape, axes, in := o.Shape, o.Axes, n.In[0]
	var over []int
	for a := range shape {
		if i := slices.Index(axes, a); i < 0 || in.Shape[i] == 1 && shape[a] != 1 {
			over = append(over, a)
		}
	}
	d := dout[0]
	if len(over) > 0 {
		d = Reduce(ReduceSum, d, over...)
	}
	return []*Value{Reshape(d, in.Shape...)}
}

// Broadcast repeats x to shape; axes says where its axes are in it.
func Broadcast(x *Value, shape, axes []int) *Value {
	return apply1(BroadcastOp{slices.Clone(shape), slices.Clone(axes)}, x)
}

// BroadcastLike repeats x to the shape of like: x's shape is the end of it.
func BroadcastLike(x, like *Value) *Value {
	axes := make([]int, len(x.Shape))
	for i := range axes {
		axes[i] = len(like.Shape) - len(x.Shape) + i
	}
	return Broadcast(x, like.Shape, axes)
}

// broadcastRows repeats x, which lacks like's last axis, along it.
func broadcastRows(x, like *Value) *Value {
	axes := make([]int, len(x.Shape))
	for i := range axes {
		axes[i] = i
	}
	return Broadcast(x, like.Shape, axes)
}

// Reduction is the kind of a [ReduceOp].
type Reduction string

// The reductions.
const (
	ReduceSum Reduction = "add"
	ReduceMax Reduction = "maximum"
)

// ReduceOp reduces along axes, which vanish.
type ReduceOp struct {
	Kind Reduction
	Axes []int
}

// Name implements [Op].
func (o ReduceOp) Name() string { return "reduce " + string(o.Kind) }

// Infer implements [Op].
func (o ReduceOp) Infer(in []Type) ([]Type, error) {
	axes := o.Axes
	var shape []int
	for a, n := range in[0].Shape {
		if !slices.Contains(axes, a) {
			shape = append(shape, n)
		}
	}
	if len(shape)+len(axes) != len(in[0].Shape) || in[0].DType != F32 {
		return nil, fmt.Errorf("%v cannot be reduced along %v", in[0], axes)
	}
	return []Type{{F32, shape}}, nil
}

// Gradient implements [Differentiable]. Each place that equals the maximum has the
// whole gradient, also where there are several.
func (o ReduceOp) Gradient(n *Node, dout []*Value) []*Value {
	x, axes := n.In[0], o.Axes
	var keep []int
	for a := range x.Shape {
		if !slices.Contains(axes, a) {
			keep = append(keep, a)
		}
	}
	d := Broadcast(dout[0], x.Shape, keep)
	if o.Kind == ReduceMax {
		d = Select(Equals, x, Broadcast(n.Out[0], x.Shape, keep), d, Splat(n.graph, 0, x.Shape...))
	}
	return []*Value{d}
}

// Reduce reduces x along axes.
func Reduce(kind Reduction, x *Value, axes ...int) *Value {
	axes = slices.Clone(axes)
	slices.Sort(axes)
	return apply1(ReduceOp{kind, axes}, x)
}

// SumAll is the sum of all elements, a scalar.
func SumAll(x *Value) *Value {
	axes := make([]int, len(x.Shape))
	for i := range axes {
		axes[i] = i
	}
	return Reduce(ReduceSum, x, axes...)
}

// ReshapeOp gives the same elements another shape. It costs nothing.
type ReshapeOp struct{ Shape []int }

// Name implements [Op].
func (ReshapeOp) Name() string { return "reshape" }

// Infer implements [Op].
func (o ReshapeOp) Infer(in []Type) ([]Type, error) {
	shape := o.Shape
	if size(shape) != in[0].Size() || in[0].DType > I32 {
		return nil, fmt.Errorf("%v does not fill %v", in[0], shape)
	}
	return []Type{{in[0].DType, shape}}, nil
}

// Gradient implements [Differentiable].
func (ReshapeOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{Reshape(dout[0], n.In[0].Shape...)}
}

// Reshape gives x's elements another shape.
func Reshape(x *Value, shape ...int) *Value {
	if slices.Equal(x.Shape, shape) {
		return x
	}
	return apply1(ReshapeOp{slices.Clone(shape)}, x)
}

// TransposeOp permutes the axes: axis i of the result is axis Perm[i] of the input.
type TransposeOp struct{ Perm []int }

// Name implements [Op].
func (TransposeOp) Name() string { return "transpose" }

// Infer implements [Op].
func (o TransposeOp) Infer(in []Type) ([]Type, error) {
	perm := o.Perm
	shape := make([]int, len(perm))
	seen := map[int]bool{}
	for i, p := range perm {
		if p < 0 || p >= len(in[0].Shape) || seen[p] || len(perm) != len(in[0].Shape) {
			return nil, fmt.Errorf("%v is no permutation of the axes of %v", perm, in[0])
		}
		seen[p] = true
		shape[i] = in[0].Shape[p]
	}
	return []Type{{in[0].DType, shape}}, nil
}

// Gradient implements [Differentiable].
func (o TransposeOp) Gradient(n *Node, dout []*Value) []*Value {
	perm := o.Perm
	inv := make([]int, len(perm))
	for i, p := range perm {
		inv[p] = i
	}
	return []*Value{Transpose(dout[0], inv...)}
}

// Transpose permutes x's axes.
func Transpose(x *Value, perm ...int) *Value { return apply1(TransposeOp{slices.Clone(perm)}, x) }

// SliceOp cuts Start ≤ index < Start+length of one axis.
type SliceOp struct{ Axis, Start, Length int }

// Name implements [Op].
func (SliceOp) Name() string { return "slice" }

// Infer implements [Op].
func (o SliceOp) Infer(in []Type) ([]Type, error) {
	if o.Axis < 0 || o.Axis >= len(in[0].Shape) || o.Start < 0 || o.Length < 0 || o.Start+o.Length > in[0].Shape[o.Axis] {
		return nil, fmt.Errorf("%d … %d of axis %d lies outside %v", o.Start, o.Start+o.Length, o.Axis, in[0])
	}
	shape := slices.Clone(in[0].Shape)
	shape[o.Axis] = o.Length
	return []Type{{in[0].DType, shape}}, nil
}

// Gradient implements [Differentiable].
func (o SliceOp) Gradient(n *Node, dout []*Value) []*Value {
	x := n.In[0]
	var parts []*Value
	pad := func(length int) {
		if length > 0 {
			shape := slices.Clone(x.Shape)
			shape[o.Axis] = length
			parts = append(parts, Splat(n.graph, 0, shape...))
		}
	}
	pad(o.Start)
	parts = append(parts, dout[0])
	pad(x.Shape[o.Axis] - o.Start - o.Length)
	return []*Value{Concat(o.Axis, parts...)}
}

// Slice cuts length places of an axis, from start.
func Slice(x *Value, axis, start, length int) *Value {
	return apply1(SliceOp{axis, start, length}, x)
}

// ConcatOp joins its inputs along an axis.
type ConcatOp struct{ Axis int }

// Name implements [Op].
func (ConcatOp) Name() string { return "concatenate" }

// Infer implements [Op].
func (o ConcatOp) Infer(in []Type) ([]Type, error) {
	if o.Axis < 0 || o.Axis >= len(in[0].Shape) {
		return nil, fmt.Errorf("no axis %d in %v", o.Axis, in[0])
	}
	shape := slices.Clone(in[0].Shape)
	for _, t := range in[1:] {
		same := slices.Clone(t.Shape)
		if len(same) == len(shape) {
			shape[o.Axis] += same[o.Axis]
			same[o.Axis] = shape[o.Axis]
		}
		if !slices.Equal(same, shape) || t.DType != in[0].DType {
			return nil, fmt.Errorf("%v cannot be joined to %v along axis %d", t, in[0], o.Axis)
		}
	}
	return []Type{{in[0].DType, shape}}, nil
}

// Gradient implements [Differentiable].
func (o ConcatOp) Gradient(n *Node, dout []*Value) []*Value {
	var d []*Value
	at := 0
	for _, x := range n.In {
		d = append(d, Slice(dout[0], o.Axis, at, x.Shape[o.Axis]))
		at += x.Shape[o.Axis]
	}
	return d
}

// Concat joins values along an axis.
func Concat(axis int, parts ...*Value) *Value {
	if len(parts) == 1 {
		return parts[0]
	}
	return apply1(ConcatOp{axis}, parts...)
}

// DotOp is a product of tensors: the first Batch axes of both are paired, axis A of
// the first is summed with axis B of the second, and the result has the batch axes,
// the first's other axes and the second's other axes.
type DotOp struct{ Batch, A, B int }

// Name implements [Op].
func (DotOp) Name() string { return "dot_general" }

// Infer implements [Op].
func (o DotOp) Infer(in []Type) ([]Type, error) {
	a, b := in[0], in[1]
	bad := func() ([]Type, error) { return nil, fmt.Errorf("%v and %v do not fit (%+v)", a, b, o) }
	if a.DType != F32 || b.DType != F32 || o.A < o.Batch || o.B < o.Batch || o.A >= len(a.Shape) || o.B >= len(b.Shape) ||
		a.Shape[o.A] != b.Shape[o.B] || !slices.Equal(a.Shape[:o.Batch], b.Shape[:o.Batch]) {
		return bad()
	}
	shape := slices.Clone(a.Shape[:o.Batch])
	for i := o.Batch; i < len(a.Shape); i++ {
		if i != o.A {
			shape = append(shape, a.Shape[i])
		}
	}
	for i := o.Batch; i < len(b.Shape); i++ {
		if i != o.B {
			shape = append(shape, b.Shape[i])
		}
	}
	return []Type{{F32, shape}}, nil
}

// Gradient implements [Differentiable], for operands with one free axis each.
func (o DotOp) Gradient(n *Node, dout []*Value) []*Value {
	a, b := n.In[0], n.In[1]
	if len(a.Shape) != o.Batch+2 || len(b.Shape) != o.Batch+2 {
		n.graph.Fail("%v: only products of matrices have a gradient", n)
	}
	k := o.Batch
	freeA, freeB := 2*k+1-o.A, 2*k+1-o.B // the other of the two last axes
	da := Dot(k, dout[0], k+1, b, freeB) // [..., m, K]
	if o.A < freeA {
		da = swapLast(da)
	}
	db := Dot(k, dout[0], k, a, freeA) // [..., n, K]
	if o.B < freeB {
		db = swapLast(db)
	}
	return []*Value{da, db}
}

// Dot multiplies a and b, which share their first batch axes, summing axis i of a
// with axis j of b; see [DotOp].
func Dot(batch int, a *Value, i int, b *Value, j int) *Value {
	return apply1(DotOp{batch, i, j}, a, b)
}

func swapLast(x *Value) *Value {
	perm := make([]int, len(x.Shape))
	for i := range perm {
		perm[i] = i
	}
	k := len(perm) - 2
	perm[k], perm[k+1] = k+1, k
	return Transpose(x, perm...)
}

// GatherOp takes rows of a table: out[i..., :] = table[ids[i...], :].
type GatherOp struct{}

// Name implements [Op].
func (GatherOp) Name() string { return "gather" }

// Infer implements [Op].
func (GatherOp) Infer(in []Type) ([]Type, error) {
	if len(in[0].Shape) != 2 || in[0].DType == I32 || in[1].DType != I32 {
		return nil, fmt.Errorf("a table [rows,width] and i32 row numbers are needed, not %v and %v", in[0], in[1])
	}
	return []Type{{F32, append(slices.Clone(in[1].Shape), in[0].Shape[1])}}, nil
}

// Gradient implements [Differentiable].
func (GatherOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{ScatterAdd(n.In[1], dout[0], n.In[0].Shape[0]), nil}
}

// Gather takes the rows ids of table [rows, width]. A number outside the table is
// an error when the program runs.
func Gather(table, ids *Value) *Value { return apply1(GatherOp{}, table, ids) }

// ScatterAddOp adds rows into a table of Rows rows, in the order of the ids, so that
// the sums do not depend on how work is divided. The table is zero, or a third input.
type ScatterAddOp struct{ Rows int }

// Name implements [Op].
func (ScatterAddOp) Name() string { return "scatter add" }

// Infer implements [Op].
func (o ScatterAddOp) Infer(in []Type) ([]Type, error) {
	ids, x := in[0], in[1]
	if ids.DType != I32 || x.DType != F32 || len(x.Shape) == 0 || !slices.Equal(ids.Shape, x.Shape[:len(x.Shape)-1]) {
		return nil, fmt.Errorf("rows %v for the numbers %v", x, ids)
	}
	return []Type{{F32, []int{o.Rows, x.Cols()}}}, nil
}

// Overwrites implements [InPlace].
func (ScatterAddOp) Overwrites() [][2]int { return [][2]int{{0, 2}} }

func (ScatterAddOp) addend(n *Node) bool { return len(n.In) == 2 }

// Gradient implements [Differentiable].
func (o ScatterAddOp) Gradient(n *Node, dout []*Value) []*Value {
	d := []*Value{nil, Gather(dout[0], n.In[0])}
	if len(n.In) == 3 {
		d = append(d, dout[0])
	}
	return d
}

// ScatterAdd is the table of rows rows that has, at each number, the sum of the
// rows of x that ids give it.
func ScatterAdd(ids, x *Value, rows int) *Value { return apply1(ScatterAddOp{rows}, ids, x) }
