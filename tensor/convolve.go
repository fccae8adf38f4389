package tensor

import (
	"fmt"
	"math"
	"slices"
)

// Method is how a convolution is computed.
type Method uint8

// The methods.
const (
	Fastest  Method = iota // whichever it is for the length
	Toeplitz               // products with blocks of the kernel's Toeplitz matrix
	Fourier                // fast Fourier transforms
)

// ConvolveOp convolves the channels of rows along time, with g kernels of n values;
// channel j has the kernel j·g/d:
//
//	y_t = Σ_l K_l·u_{t+Ahead−l}   or, if Reverse, its transpose   y_t = Σ_l K_l·u_{t−Ahead+l}
//
// plus skip·u_t if Skip. What is at or after its row's length, if Ragged, counts as zero
// and is zero in the result: Reverse is the convolution of the row that was flipped within
// its true length. With n as long as the rows it is the convolution of state-space models
// (see [S4DKernelOp]), with few values and g = d a depthwise one.
//
//	u [B, T, d], K [g, n], skip [g] if Skip, lengths i32[B] if Ragged → [B, T, d]
type ConvolveOp struct {
	Reverse, Skip, Ragged bool
	Ahead                 int // values of the kernel that look ahead, from 0 to n−1
	Method                Method
}

// Name implements [Op].
func (ConvolveOp) Name() string { return "convolve" }

// Infer implements [Op].
func (o ConvolveOp) Infer(in []Type) ([]Type, error) {
	u, k := in[0], in[1]
	if u.DType != F32 || len(u.Shape) != 3 || k.DType != F32 || len(k.Shape) != 2 || k.Shape[0] < 1 || u.Cols()%k.Shape[0] != 0 || k.Shape[1] < 1 {
		return nil, fmt.Errorf("rows f32[batch,time,channels] and kernels f32[g,n], where g divides the channels, are needed, not %v and %v", u, k)
	}
	if o.Ahead < 0 || o.Ahead >= k.Shape[1] {
		return nil, fmt.Errorf("%d of %d values of the kernel look ahead", o.Ahead, k.Shape[1])
	}
	if o.Skip && !in[2].Equal(Type{F32, k.Shape[:1]}) {
		return nil, fmt.Errorf("the skips are %v for the kernels %v", in[2], k)
	}
	if lengths := o.lengths(); o.Ragged && !in[lengths].Equal(Type{I32, u.Shape[:1]}) {
		return nil, fmt.Errorf("the lengths are %v for %v", in[lengths], u)
	}
	return in[:1:1], nil
}

// lengths is the place of the lengths among the inputs.
func (o ConvolveOp) lengths() int {
	if o.Skip {
		return 3
	}
	return 2
}

// Gradient implements [Differentiable].
func (o ConvolveOp) Gradient(n *Node, dout []*Value) []*Value {
	back := o
	back.Reverse = !o.Reverse
	d := []*Value{apply1(back, append([]*Value{dout[0]}, n.In[1:]...)...)}
	in := []*Value{dout[0], n.In[0]}
	if o.Ragged {
		in = append(in, n.In[o.lengths()])
	}
	k := n.In[1]
	d = append(d, Apply(ConvolveGradOp{o, k.Shape[0], k.Shape[1]}, in...)...)
	if !o.Skip {
		d = d[:2]
	}
	if o.Ragged {
		d = append(d, nil)
	}
	return d
}

// Lower implements [Lowerable].
func (o ConvolveOp) Lower(in []*Value) []*Value {
	u, k := in[0], in[1]
	gr := u.Graph()
	b, t, d := u.Shape[0], u.Shape[1], u.Shape[2]
	g, n := k.Shape[0], k.Shape[1]
	live := Splat(gr, 1, b, t, d)
	if o.Ragged {
		length := Broadcast(in[o.lengths()], []int{b, t, d}, []int{0})
		live = Select(Less, Iota(gr, 1, b, t, d), length, live, Splat(gr, 0, b, t, d))
	}
	u = Mul(u, live)

	// The Toeplitz matrices [g, T, T]: row i, column j has K[i − j + Ahead].
	shape := []int{g, t, t}
	number := func(axis int) *Value { return Convert(Iota(gr, axis, shape...), F32) }
	row, col := number(1), number(2)
	if o.Reverse {
		row, col = col, row
	}
	at := Add(Sub(row, col), Splat(gr, float32(o.Ahead), shape...))
	in0, last := Splat(gr, 0, shape...), Splat(gr, float32(n-1), shape...)
	place := Minimum(Maximum(at, in0), last)
	place = Add(place, Scale(number(0), float32(n)))
	m := Reshape(Gather(Reshape(k, g*n, 1), Convert(place, I32)), shape...)
	m = Select(Less, at, in0, in0, Select(Less, last, at, in0, m))

	x := Reshape(Transpose(Reshape(u, b, t, g, d/g), 2, 1, 0, 3), g, t, b*d/g)
	y := Reshape(Dot(1, m, 2, x, 1), g, t, b, d/g)
	y = Reshape(Transpose(y, 2, 1, 0, 3), b, t, d)
	if o.Skip {
		skip := Reshape(Broadcast(in[2], []int{b, t, g, d / g}, []int{2}), b, t, d)
		y = Add(y, Mul(skip, u))
	}
	return []*Value{Mul(y, live)}
}

// Convolve is the convolution of u with kernels; skip and lengths may be nil. See
// [ConvolveOp], which has the settings that are not said here.
func Convolve(o ConvolveOp, u, kernels, skip, lengths *Value) *Value {
	o.Skip, o.Ragged = skip != nil, lengths != nil
	in := []*Value{u, kernels}
	for _, v := range []*Value{skip, lengths} {
		if v != nil {
			in = append(in, v)
		}
	}
	return apply1(o, in...)
}

// ConvolveGradOp is the gradient of [ConvolveOp] with respect to its g kernels of n values and
// their skips.
//
//	dout, u [B, T, d], lengths i32[B] if Ragged → dK [g, n], dskip [g]
type ConvolveGradOp struct {
	Of   ConvolveOp
	G, N int
}

// Name implements [Op].
func (ConvolveGradOp) Name() string { return "convolve gradient" }

// Infer implements [Op].
func (o ConvolveGradOp) Infer([]Type) ([]Type, error) {
	return []Type{{F32, []int{o.G, o.N}}, {F32, []int{o.G}}}, nil
}

// Lower implements [Lowerable].
func (o ConvolveGradOp) Lower(in []*Value) []*Value {
	g := in[0].Graph()
	op := o.Of
	op.Skip = true
	args := []*Value{in[1], Splat(g, 0, o.G, o.N), Splat(g, 0, o.G)}
	args = append(args, in[2:]...)
	return lowerGradient(op, args, in[0])[1:3]
}

// MaskOp makes what is at or after its row's length zero.
//
//	x [B, T, d], lengths i32[B] → as x
type MaskOp struct{}

// Name implements [Op].
func (MaskOp) Name() string { return "mask" }

// Infer implements [Op].
func (MaskOp) Infer(in []Type) ([]Type, error) {
	if err := ragged(in); err != nil {
		return nil, err
	}
	return in[:1:1], nil
}

func ragged(in []Type) error {
	if x := in[0]; x.DType != F32 || len(x.Shape) != 3 || !in[1].Equal(Type{I32, x.Shape[:1]}) {
		return fmt.Errorf("rows f32[batch,time,channels] and their lengths are needed, not %v and %v", in[0], in[1])
	}
	return nil
}

// Overwrites implements [InPlace].
func (MaskOp) Overwrites() [][2]int { return [][2]int{{0, 0}} }

// Gradient implements [Differentiable].
func (o MaskOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{apply1(o, dout[0], n.In[1]), nil}
}

// Lower implements [Lowerable].
func (MaskOp) Lower(in []*Value) []*Value {
	g, shape := in[0].Graph(), in[0].Shape
	length := Broadcast(in[1], shape, []int{0})
	return []*Value{Select(Less, Iota(g, 1, shape...), length, in[0], Splat(g, 0, shape...))}
}

// Mask makes what is at or after its row's length zero; see [MaskOp].
func Mask(x, lengths *Value) *Value { return apply1(MaskOp{}, x, lengths) }

// MeanPoolOp is the mean of each row's places before its length; a row of length 0 has zeros.
//
//	x [B, T, d], lengths i32[B] → [B, d]
type MeanPoolOp struct{}

// Name implements [Op].
func (MeanPoolOp) Name() string { return "mean pool" }

// Infer implements [Op].
func (MeanPoolOp) Infer(in []Type) ([]Type, error) {
	if err := ragged(in); err != nil {
		return nil, err
	}
	return []Type{{F32, []int{in[0].Shape[0], in[0].Shape[2]}}}, nil
}

// Gradient implements [Differentiable].
func (MeanPoolOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{apply1(MeanSpreadOp{n.In[0].Shape[1]}, dout[0], n.In[1]), nil}
}

// Lower implements [Lowerable].
func (MeanPoolOp) Lower(in []*Value) []*Value {
	g := in[0].Graph()
	b, d := in[0].Shape[0], in[0].Shape[2]
	sum := Reduce(ReduceSum, MaskOp{}.Lower(in)[0], 1)
	n := Maximum(Convert(in[1], F32), Splat(g, 1, b))
	return []*Value{Div(sum, Broadcast(n, []int{b, d}, []int{0}))}
}

// MeanPool is the mean of each row's places before its length; see [MeanPoolOp].
func MeanPool(x, lengths *Value) *Value { return apply1(MeanPoolOp{}, x, lengths) }

// MeanSpreadOp is the gradient of [MeanPoolOp]: each of the places before a row's length gets
// the row's share.
//
//	x [B, d], lengths i32[B] → [B, T, d]
type MeanSpreadOp struct{ T int }

// Name implements [Op].
func (MeanSpreadOp) Name() string { return "mean pool gradient" }

// Infer implements [Op].
func (o MeanSpreadOp) Infer(in []Type) ([]Type, error) {
	return []Type{{F32, []int{in[0].Shape[0], o.T, in[0].Shape[1]}}}, nil
}

// Gradient implements [Differentiable].
func (MeanSpreadOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{MeanPool(dout[0], n.In[1]), nil}
}

// Lower implements [Lowerable].
func (o MeanSpreadOp) Lower(in []*Value) []*Value {
	b, d := in[0].Shape[0], in[0].Shape[1]
	x := Splat(in[0].Graph(), 0, b, o.T, d)
	return lowerGradient(MeanPoolOp{}, []*Value{x, in[1]}, in[0])[:1]
}

// FourierMixOp is the real part of the discrete Fourier transform along time and channels
// (Lee-Thorp et al., "FNet: Mixing Tokens with Fourier Transforms", 2021, eq. 3), divided by
// √(n·d) so that it keeps the norm's order. Along time it has the row's own length n, and what
// is after it is zero. It is its own transpose.
//
//	x [B, T, d], lengths i32[B] → as x
type FourierMixOp struct{}

// Name implements [Op].
func (FourierMixOp) Name() string { return "fourier mix" }

// Infer implements [Op].
func (FourierMixOp) Infer(in []Type) ([]Type, error) { return MaskOp{}.Infer(in) }

// Gradient implements [Differentiable].
func (o FourierMixOp) Gradient(n *Node, dout []*Value) []*Value {
	return []*Value{apply1(o, dout[0], n.In[1]), nil}
}

// Lower implements [Lowerable].
func (FourierMixOp) Lower(in []*Value) []*Value {
	g := in[0].Graph()
	b, t, d := in[0].Shape[0], in[0].Shape[1], in[0].Shape[2]
	x := Mask(in[0], in[1])
	n := Maximum(Convert(in[1], F32), Splat(g, 1, b))
	// angle is 2π·(i·j mod n)/n for the last two axes.
	angle := func(n *Value, shape []int) *Value {
		k := len(shape) - 1
		ij := Mul(Convert(Iota(g, k-1, shape...), F32), Convert(Iota(g, k, shape...), F32))
		whole := Convert(Convert(Div(Add(ij, Splat(g, .5, shape...)), n), I32), F32)
		return Scale(Div(Sub(ij, Mul(whole, n)), n), 2*math.Pi)
	}
	rows := []int{b, t, t}
	time := angle(Broadcast(n, rows, []int{0}), rows)
	channels := angle(Splat(g, float32(d), d, d), []int{d, d})
	part := func(f Unary) *Value { return Dot(1, Map(f, time), 2, Dot(0, x, 2, Map(f, channels), 1), 1) }
	y := Sub(part(Cos), part(Sin))
	norm := Map(Rsqrt, Scale(n, float32(d)))
	return []*Value{Mask(Mul(y, Broadcast(norm, slices.Clone(y.Shape), []int{0})), in[1])}
}

// FourierMix is the transform along time and channels; see [FourierMixOp].
func FourierMix(x, lengths *Value) *Value { return apply1(FourierMixOp{}, x, lengths) }
