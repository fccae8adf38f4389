package tensor

import (
	"fmt"
	"slices"
)

// Discretization is how a continuous state-space model becomes one of steps.
type Discretization uint8

// The discretizations of x' = A·x + u with a step Δ (Gu et al., "On the Parameterization
// and Initialization of Diagonal State Space Models", 2022, §3.2).
const (
	ZeroOrderHold Discretization = iota // Ā = exp(ΔA), B̄ = (Ā−1)/A
	Bilinear                            // Ā = (1+ΔA/2)/(1−ΔA/2), B̄ = Δ/(1−ΔA/2)
)

// S4D says how the parameters of diagonal state-space models are read. There are g of
// them, each with N states:
//
//	re, im [g, N], c [g, N, 2], logStep [g]
//
// A = R + i·im, where R is min(re, −1e-4) or, if LogReal, −exp(re); C is c[..., 0] + i·c[..., 1];
// Δ = exp(logStep); B is 1 (another is folded into C). If Pairs, each state stands for a
// conjugate pair, whose share is twice the real part.
type S4D struct {
	Discretization Discretization
	LogReal, Pairs bool
}

// MaxReal is the largest real part of A where it is not given by its logarithm.
const MaxReal = -1e-4

// Scale is what real parts are multiplied with.
func (s S4D) Scale() float64 {
	if s.Pairs {
		return 2
	}
	return 1
}

// check looks at re, im, c and logStep and returns g and N.
func (s S4D) check(in []Type) (g, n int, err error) {
	re, im, c, step := in[0], in[1], in[2], in[3]
	if re.DType != F32 || len(re.Shape) != 2 || !im.Equal(re) || !c.Equal(Type{F32, []int{re.Shape[0], re.Shape[1], 2}}) || !step.Equal(Type{F32, re.Shape[:1]}) {
		return 0, 0, fmt.Errorf("states %v and %v with outputs %v and steps %v: they are [g,N], [g,N], [g,N,2] and [g]", re, im, c, step)
	}
	return re.Shape[0], re.Shape[1], nil
}

// complexValue is a complex number at every place.
type complexValue struct{ re, im *Value }

func (a complexValue) times(b complexValue) complexValue {
	return complexValue{Sub(Mul(a.re, b.re), Mul(a.im, b.im)), Add(Mul(a.re, b.im), Mul(a.im, b.re))}
}

func (a complexValue) over(b complexValue) complexValue {
	size := Add(Mul(b.re, b.re), Mul(b.im, b.im))
	n := a.times(complexValue{b.re, Scale(b.im, -1)})
	return complexValue{Div(n.re, size), Div(n.im, size)}
}

// discretize traces Ā and Scale·C·B̄, each [g, N], in primitives.
func (s S4D) discretize(in []*Value) (a, cb complexValue) {
	re, im := in[0], in[1]
	g, shape := re.Graph(), re.Shape
	one := Splat(g, 1, shape...)
	if s.LogReal {
		re = Scale(Map(Exp, re), -1)
	} else {
		re = Minimum(re, Splat(g, MaxReal, shape...))
	}
	step := Broadcast(Map(Exp, in[3]), shape, []int{0})
	x := complexValue{Mul(step, re), Mul(step, im)} // ΔA
	var b complexValue
	if s.Discretization == Bilinear {
		low := complexValue{Sub(one, Scale(x.re, .5)), Scale(x.im, -.5)}
		a = complexValue{Add(one, Scale(x.re, .5)), Scale(x.im, .5)}.over(low)
		b = complexValue{step, Splat(g, 0, shape...)}.over(low)
	} else {
		size := Map(Exp, x.re)
		a = complexValue{Mul(size, Map(Cos, x.im)), Mul(size, Map(Sin, x.im))}
		b = complexValue{Sub(a.re, one), a.im}.over(complexValue{re, im})
	}
	c := func(i int) *Value { return Scale(Reshape(Slice(in[2], 2, i, 1), shape...), float32(s.Scale())) }
	return a, complexValue{c(0), c(1)}.times(b)
}

// S4DKernelOp is the convolution kernel of diagonal state-space models (Gu et al. 2022,
// eq. 6): K_l = Re Σ_n C_n·B̄_n·Ā_nˡ, twice that if Pairs.
//
//	re, im [g, N], c [g, N, 2], logStep [g] → [g, Length]
type S4DKernelOp struct {
	S4D
	Length int
}

// Name implements [Op].
func (S4DKernelOp) Name() string { return "s4d kernel" }

// Infer implements [Op].
func (o S4DKernelOp) Infer(in []Type) ([]Type, error) {
	g, _, err := o.check(in)
	if err != nil {
		return nil, err
	}
	if o.Length < 1 {
		return nil, fmt.Errorf("a kernel of length %d", o.Length)
	}
	return []Type{{F32, []int{g, o.Length}}}, nil
}

// Gradient implements [Differentiable].
func (o S4DKernelOp) Gradient(n *Node, dout []*Value) []*Value {
	return Apply(S4DKernelGradOp(o), append(dout, n.In...)...)
}

// Lower implements [Lowerable], step by step.
func (o S4DKernelOp) Lower(in []*Value) []*Value {
	a, power := o.discretize(in)
	var out []*Value
	for range o.Length {
		out = append(out, Reshape(Reduce(ReduceSum, power.re, 1), in[0].Shape[0], 1))
		power = power.times(a)
	}
	return []*Value{Concat(1, out...)}
}

// Kernel is the first length values of each kernel; see [S4DKernelOp].
func (s S4D) Kernel(re, im, c, logStep *Value, length int) *Value {
	return apply1(S4DKernelOp{s, length}, re, im, c, logStep)
}

// S4DKernelGradOp is the gradient of [S4DKernelOp]:
//
//	dout [g, Length], re, im, c, logStep → as re, im, c, logStep
type S4DKernelGradOp S4DKernelOp

// Name implements [Op].
func (S4DKernelGradOp) Name() string { return "s4d kernel gradient" }

// Infer implements [Op].
func (S4DKernelGradOp) Infer(in []Type) ([]Type, error) { return in[1:5:5], nil }

// Lower implements [Lowerable].
func (o S4DKernelGradOp) Lower(in []*Value) []*Value {
	return lowerGradient(S4DKernelOp(o), in[1:], in[0])
}

// S4DScanOp runs the models step by step, from a given state:
//
//	x_t = Ā·x_{t−1} + B̄·u_t,  y_t = Re Σ_n C_n·x_{t,n} + skip·u_t  (twice the real part if Pairs)
//
// Channel j has the model j·g/d; the state is that of x without B̄, which C takes along.
// It is the same map as convolution with [S4DKernelOp], for one step after another, as in
// generation. Its gradient is that of the unrolled steps: for long rows, convolve.
//
//	u [B, T, d], re, im [g, N], c [g, N, 2], logStep, skip [g], state [B, d, N, 2] → y [B, T, d], state
type S4DScanOp struct{ S4D }

// Name implements [Op].
func (S4DScanOp) Name() string { return "s4d scan" }

// Infer implements [Op].
func (o S4DScanOp) Infer(in []Type) ([]Type, error) {
	u, skip, state := in[0], in[5], in[6]
	g, n, err := o.check(in[1:5])
	if err != nil {
		return nil, err
	}
	if u.DType != F32 || len(u.Shape) != 3 || u.Cols()%g != 0 || !skip.Equal(Type{F32, []int{g}}) || !state.Equal(Type{F32, []int{u.Shape[0], u.Cols(), n, 2}}) {
		return nil, fmt.Errorf("%v with the state %v and the skips %v, for %d models of %d states", u, state, skip, g, n)
	}
	return []Type{u, state}, nil
}

// Overwrites implements [InPlace].
func (S4DScanOp) Overwrites() [][2]int { return [][2]int{{1, 6}} }

// Gradient implements [Differentiable].
func (o S4DScanOp) Gradient(n *Node, dout []*Value) []*Value {
	if dout[1] != nil {
		n.graph.Fail("%v: only the result has a gradient, not the state", n)
	}
	return lowerGradient(o, n.In, dout[0])
}

// Lower implements [Lowerable].
func (o S4DScanOp) Lower(in []*Value) []*Value {
	u := in[0]
	b, t, d := u.Shape[0], u.Shape[1], u.Shape[2]
	g, n := in[1].Shape[0], in[1].Shape[1]
	shape := []int{b, g, d / g, n}
	spread := func(x complexValue) complexValue {
		return complexValue{Broadcast(x.re, shape, []int{1, 3}), Broadcast(x.im, shape, []int{1, 3})}
	}
	a, cb := o.discretize(in[1:5])
	a, cb = spread(a), spread(cb)
	part := func(i int) *Value { return Reshape(Slice(in[6], 3, i, 1), shape...) }
	x := complexValue{part(0), part(1)}
	skip := Broadcast(in[5], shape[:3], []int{1})
	var out []*Value
	for i := range t {
		now := Reshape(Slice(u, 1, i, 1), shape[:3]...)
		x = x.times(a)
		x.re = Add(x.re, broadcastRows(now, x.re))
		y := Add(Reduce(ReduceSum, cb.times(x).re, 3), Mul(skip, now))
		out = append(out, Reshape(y, b, 1, d))
	}
	last := slices.Clone(in[6].Shape)
	last[3] = 1
	return []*Value{Concat(1, out...), Concat(3, Reshape(x.re, last...), Reshape(x.im, last...))}
}

// Scan runs the models over u from a state; see [S4DScanOp].
func (s S4D) Scan(u, re, im, c, logStep, skip, state *Value) (y, last *Value) {
	r := Apply(S4DScanOp{s}, u, re, im, c, logStep, skip, state)
	return r[0], r[1]
}
