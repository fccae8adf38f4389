package cpu_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"hone/tensor"
	"hone/tensor/cpu"
	"hone/tensor/simd"
)

// opCase is an operation on random inputs; build returns its float outputs.
type opCase struct {
	name  string
	in    []tensor.Type
	build func(in []*tensor.Value) []*tensor.Value
	// fill sets the integer inputs, and floats that must lie in some range.
	fill func(rng *rand.Rand, in []*tensor.Tensor)
	// noGradient: not differentiable. noLowering: not written in primitives.
	noGradient, noLowering bool
}

func f32(shape ...int) tensor.Type { return tensor.Type{DType: tensor.F32, Shape: shape} }
func i32(shape ...int) tensor.Type { return tensor.Type{DType: tensor.I32, Shape: shape} }

func one(f func(in []*tensor.Value) *tensor.Value) func([]*tensor.Value) []*tensor.Value {
	return func(in []*tensor.Value) []*tensor.Value { return []*tensor.Value{f(in)} }
}

// below fills input i with integers below n.
func below(i, n int) func(*rand.Rand, []*tensor.Tensor) {
	return func(rng *rand.Rand, in []*tensor.Tensor) {
		for j := range in[i].I32 {
			in[i].I32[j] = int32(rng.IntN(n))
		}
	}
}

// positive makes float input i positive and away from zero.
func positive(i int) func(*rand.Rand, []*tensor.Tensor) {
	return func(_ *rand.Rand, in []*tensor.Tensor) {
		for j, x := range in[i].F32 {
			in[i].F32[j] = .3 + x*x
		}
	}
}

var (
	plain   = tensor.Heads{Query: 3, KV: 3, Dim: 8}
	grouped = tensor.Heads{Query: 4, KV: 2, Dim: 6}
)

func opCases() []opCase {
	type V = *tensor.Value
	cases := []opCase{
		{name: "linear", in: []tensor.Type{f32(3, 5, 7), f32(9, 7)}, build: one(func(v []V) V { return tensor.Linear(v[0], v[1], nil, nil) })},
		{name: "linear bias", in: []tensor.Type{f32(40, 7), f32(9, 7), f32(9)}, build: one(func(v []V) V { return tensor.Linear(v[0], v[1], v[2], nil) })},
		{name: "linear residual", in: []tensor.Type{f32(5, 7), f32(9, 7), f32(5, 9)}, build: one(func(v []V) V { return tensor.Linear(v[0], v[1], nil, v[2]) })},
		{name: "linear bias residual", in: []tensor.Type{f32(2, 33, 7), f32(9, 7), f32(9), f32(2, 33, 9)}, build: one(func(v []V) V { return tensor.Linear(v[0], v[1], v[2], v[3]) })},
		{name: "column sum", in: []tensor.Type{f32(70, 5)}, build: one(func(v []V) V { return tensor.ColumnSum(v[0]) })},
		{name: "scale", in: []tensor.Type{f32(4, 5)}, build: one(func(v []V) V { return tensor.Scale(v[0], -2.5) })},
		{name: "layer norm", in: []tensor.Type{f32(3, 30, 19), f32(19), f32(19)}, build: one(func(v []V) V { return tensor.LayerNorm(v[0], v[1], v[2], 1e-5) })},
		{name: "layer norm with residual", in: []tensor.Type{f32(40, 19), f32(19), f32(19), f32(19, 19)}, build: one(func(v []V) V {
			return tensor.Linear(tensor.LayerNorm(v[0], v[1], v[2], 1e-5), v[3], nil, v[0])
		})},
		{name: "rms norm", in: []tensor.Type{f32(35, 18), f32(18)}, build: one(func(v []V) V { return tensor.RMSNorm(v[0], v[1], 1e-6) })},
		{name: "rms norm with residual", in: []tensor.Type{f32(35, 18), f32(18), f32(18, 18)}, build: one(func(v []V) V {
			return tensor.Linear(tensor.RMSNorm(v[0], v[1], 1e-6), v[2], nil, v[0])
		})},
		{name: "gelu", in: []tensor.Type{f32(5, 23)}, build: one(func(v []V) V { return tensor.Gelu(v[0]) })},
		{name: "swiglu", in: []tensor.Type{f32(3, 4, 26)}, build: one(func(v []V) V { return tensor.SwiGLU(v[0]) })},
		{name: "dropout", in: []tensor.Type{f32(30, 11), i32(2)}, fill: below(1, 1000), noLowering: true, build: one(func(v []V) V { return tensor.Dropout(v[0], v[1], .3, 4) })},
		{name: "cross entropy", in: []tensor.Type{f32(2, 17, 29), i32(2, 17)}, build: one(func(v []V) V { return tensor.CrossEntropy(v[0], v[1]) }), fill: func(rng *rand.Rand, in []*tensor.Tensor) {
			below(1, 29)(rng, in)
			in[1].I32[3], in[1].I32[20] = -1, -1
		}},
		{name: "squared error", in: []tensor.Type{f32(7), f32(7)}, build: one(func(v []V) V { return tensor.SquaredError(v[0], v[1]) })},
		{name: "global norm", in: []tensor.Type{f32(7), f32(3, 5)}, noGradient: true, build: one(func(v []V) V { return tensor.GlobalNorm(v[0], v[1]) })},
		{name: "rotary", in: []tensor.Type{f32(2, 5, grouped.Width()), i32(2, 5), f32(9, grouped.Dim)}, fill: below(1, 9), build: one(func(v []V) V { return tensor.Rotary(v[0], v[1], v[2], grouped) })},
		{name: "gather", in: []tensor.Type{f32(11, 3), i32(2, 6)}, fill: below(1, 11), build: one(func(v []V) V { return tensor.Gather(v[0], v[1]) })},
		{name: "scatter add", in: []tensor.Type{i32(2, 9), f32(2, 9, 70)}, fill: below(0, 5), build: one(func(v []V) V { return tensor.ScatterAdd(v[0], v[1], 5) })},
		{name: "adamw", in: []tensor.Type{f32(7, 9), f32(7, 9), f32(7, 9), f32(7, 9), f32(tensor.HyperSize)}, noGradient: true, build: func(v []V) []V {
			p, m, u := tensor.AdamW(tensor.AdamWOp{Beta1: .9, Beta2: .99, Eps: 1e-3, Decay: true}, v[0], v[1], v[2], v[3], v[4])
			return []V{p, m, u}
		}, fill: func(rng *rand.Rand, in []*tensor.Tensor) {
			positive(3)(rng, in)
			copy(in[4].F32, []float32{.1, .2, .3, .4, .5})
		}},
	}
	for _, h := range []tensor.Heads{plain, grouped} {
		for _, causal := range []bool{true, false} {
			name := fmt.Sprintf("attention %d/%d causal=%v", h.Query, h.KV, causal)
			cases = append(cases,
				opCase{name: name, in: []tensor.Type{f32(2, 70, h.Width())}, build: one(func(v []V) V { return tensor.Attention(v[0], nil, h, causal) })},
				opCase{name: name + " ragged", in: []tensor.Type{f32(3, 67, h.Width()), i32(3)}, build: one(func(v []V) V { return tensor.Attention(v[0], v[1], h, causal) }), fill: func(_ *rand.Rand, in []*tensor.Tensor) { copy(in[1].I32, []int32{67, 1, 65}) }},
				opCase{name: name + " ragged and long", in: []tensor.Type{f32(3, 300, h.Width()), i32(3)}, build: one(func(v []V) V { return tensor.Attention(v[0], v[1], h, causal) }), fill: func(_ *rand.Rand, in []*tensor.Tensor) { copy(in[1].I32, []int32{300, 257, 30}) }})
		}
	}
	for _, t := range []struct{ a, b bool }{{}, {a: true}, {b: true}, {true, true}} {
		a, b := f32(6, 7), f32(7, 5)
		if t.a {
			a = f32(7, 6)
		}
		if t.b {
			b = f32(5, 7)
		}
		cases = append(cases, opCase{name: fmt.Sprintf("matmul %v %v", t.a, t.b), in: []tensor.Type{a, b}, build: one(func(v []V) V { return tensor.MatMul(v[0], v[1], t.a, t.b) })})
	}
	for _, kind := range []tensor.Unary{tensor.Exp, tensor.Log, tensor.Tanh, tensor.Rsqrt, tensor.Sqrt, tensor.Logistic, tensor.Neg} {
		cases = append(cases, opCase{name: string(kind), in: []tensor.Type{f32(3, 4)}, fill: positive(0), build: one(func(v []V) V { return tensor.Map(kind, v[0]) })})
	}
	for name, f := range map[string]func(a, b V) V{"add": tensor.Add, "sub": tensor.Sub, "mul": tensor.Mul, "div": tensor.Div, "max": tensor.Maximum, "min": tensor.Minimum} {
		cases = append(cases, opCase{name: name, in: []tensor.Type{f32(3, 4), f32(3, 4)}, fill: positive(1), build: one(func(v []V) V { return f(v[0], v[1]) })})
	}
	cases = append(cases, s4dCases()...)
	return append(cases,
		opCase{name: "select", in: []tensor.Type{f32(9), f32(9), f32(9), f32(9)}, build: one(func(v []V) V { return tensor.Select(tensor.Less, v[0], v[1], v[2], v[3]) })},
		opCase{name: "broadcast", in: []tensor.Type{f32(3, 1)}, build: one(func(v []V) V { return tensor.Broadcast(v[0], []int{2, 3, 4, 5}, []int{1, 3}) })},
		opCase{name: "reduce sum", in: []tensor.Type{f32(3, 4, 5)}, build: one(func(v []V) V { return tensor.Reduce(tensor.ReduceSum, v[0], 2, 0) })},
		opCase{name: "reduce max", in: []tensor.Type{f32(3, 4, 5)}, build: one(func(v []V) V { return tensor.Reduce(tensor.ReduceMax, v[0], 1) })},
		opCase{name: "reshape transpose", in: []tensor.Type{f32(3, 4, 5)}, build: one(func(v []V) V { return tensor.Transpose(tensor.Reshape(v[0], 5, 2, 6), 2, 0, 1) })},
		opCase{name: "slice", in: []tensor.Type{f32(3, 8, 2)}, build: one(func(v []V) V { return tensor.Slice(v[0], 1, 2, 5) })},
		opCase{name: "concat", in: []tensor.Type{f32(3, 2, 2), f32(3, 4, 2)}, build: one(func(v []V) V { return tensor.Concat(1, v[0], v[1]) })},
		opCase{name: "dot", in: []tensor.Type{f32(2, 3, 4), f32(2, 5, 4)}, build: one(func(v []V) V { return tensor.Dot(1, v[0], 2, v[1], 2) })},
		opCase{name: "dot transposed", in: []tensor.Type{f32(2, 4, 3), f32(2, 4, 5)}, build: one(func(v []V) V { return tensor.Dot(1, v[0], 1, v[1], 1) })},
		opCase{name: "convert", in: []tensor.Type{i32(5)}, noGradient: true, fill: below(0, 9), build: one(func(v []V) V { return tensor.Convert(v[0], tensor.F32) })},
		opCase{name: "iota", in: []tensor.Type{i32(3, 4)}, noGradient: true, build: one(func(v []V) V {
			return tensor.Convert(tensor.Iota(v[0].Graph(), 0, 3, 4), tensor.F32)
		})},
	)
}

// inputs are random tensors for a case.
func (c opCase) inputs(seed uint64) ([]*tensor.Tensor, map[string]*tensor.Tensor) {
	rng := rand.New(rand.NewPCG(seed, 7))
	var in []*tensor.Tensor
	args := map[string]*tensor.Tensor{}
	for i, t := range c.in {
		x := tensor.New(t.Shape...)
		if t.DType == tensor.I32 {
			x = tensor.NewInts(t.Shape...)
		}
		for j := range x.F32 {
			x.F32[j] = float32(rng.NormFloat64())
		}
		in = append(in, x)
		args[fmt.Sprint(i)] = x
	}
	if c.fill != nil {
		c.fill(rng, in)
	}
	return in, args
}

// trace is the case as a graph with outputs out0 … and, if gradients, the loss
// Σ weights·out0 and its gradients d0 … with respect to the float inputs.
func (c opCase) trace(t testing.TB, gradients bool) *tensor.Graph {
	t.Helper()
	g, err := tensor.Trace(func(g *tensor.Graph) {
		var in, floats []*tensor.Value
		for i, typ := range c.in {
			v := g.Input(fmt.Sprint(i), typ.DType, typ.Shape...)
			in = append(in, v)
			if typ.DType == tensor.F32 {
				floats = append(floats, v)
			}
		}
		out := c.build(in)
		for i, v := range out {
			g.Output(fmt.Sprint("out", i), v)
		}
		if !gradients {
			return
		}
		loss := tensor.WeightedSum(out[0], g.Input("weights", tensor.F32, out[0].Shape...))
		g.Output("loss", loss)
		for i, d := range tensor.Gradient(loss, floats...) {
			if d != nil {
				g.Output(fmt.Sprint("d", i), d)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func run(t testing.TB, dev *cpu.Device, g *tensor.Graph, args map[string]*tensor.Tensor) map[string]*tensor.Tensor {
	t.Helper()
	p, err := dev.Compile(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Run(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// weights for the loss of a case.
func (c opCase) weights(g *tensor.Graph, args map[string]*tensor.Tensor) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, v := range g.Inputs {
		if name, _ := v.InputName(); name == "weights" {
			w := tensor.New(v.Shape...)
			for i := range w.F32 {
				w.F32[i] = float32(rng.NormFloat64())
			}
			args["weights"] = w
		}
	}
}

// TestLowering checks every operation and its gradient against primitives.
func TestLowering(t *testing.T) {
	levels(t, func(t *testing.T) {
		dev := cpu.New(2)
		defer dev.Close()
		for _, c := range opCases() {
			if c.noLowering {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				g := c.trace(t, !c.noGradient)
				low, err := tensor.Lower(g)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range low.Nodes {
					if _, ok := n.Op.(tensor.Lowerable); ok {
						t.Fatalf("%v is left", n)
					}
				}
				_, args := c.inputs(1)
				c.weights(g, args)
				got, want := run(t, dev, g, args), run(t, dev, low, args)
				for name, w := range want {
					limit := 3e-6
					if name == "loss" { // a sum in which much cancels
						limit = 1e-4
					}
					if d := difference(got[name].F32, w.F32); !(d < limit) {
						t.Errorf("%s differs from its lowering by %.2g of its size", name, d)
					}
				}
			})
		}
	})
}

// difference is the largest difference over the largest value.
func difference(a, b []float32) float64 {
	var d, m float64
	for i := range b {
		d = max(d, math.Abs(float64(a[i])-float64(b[i])))
		m = max(m, math.Abs(float64(b[i])))
	}
	if len(a) != len(b) {
		return math.Inf(1)
	}
	return d / (m + 1e-9)
}

// TestFiniteDifferences checks every gradient along random directions.
func TestFiniteDifferences(t *testing.T) {
	dev := cpu.New(2)
	defer dev.Close()
	for _, c := range opCases() {
		if c.noGradient {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			g := c.trace(t, true)
			in, args := c.inputs(2)
			c.weights(g, args)
			p, err := dev.Compile(g, nil)
			if err != nil {
				t.Fatal(err)
			}
			loss := func() (float64, map[string]*tensor.Tensor) {
				out, err := p.Run(context.Background(), args)
				if err != nil {
					t.Fatal(err)
				}
				// The loss in double precision, for the differences.
				var s float64
				for i, y := range out["out0"].F32 {
					s += float64(y) * float64(args["weights"].F32[i])
				}
				return s, out
			}
			_, out := loss()
			grads := map[string][]float32{}
			for name, d := range out {
				grads[name] = append([]float32(nil), d.F32...)
			}
			k := 0
			for i, x := range in {
				if c.in[i].DType != tensor.F32 {
					continue
				}
				d := grads[fmt.Sprint("d", k)]
				k++
				if d == nil {
					continue
				}
				if e := directional(x.F32, d, func() float64 { s, _ := loss(); return s }); e > 5e-3 {
					t.Errorf("input %d: the derivative along a direction is off by %.2g", i, e)
				}
			}
		})
	}
}

// directional compares the derivative of loss along a direction with the gradient d:
// the difference relative to the norm of d.
func directional(x, d []float32, loss func() float64) float64 {
	rng := rand.New(rand.NewPCG(9, uint64(len(x))))
	save := append([]float32(nil), x...)
	var norm float64
	for _, v := range d {
		norm += float64(v) * float64(v)
	}
	norm = math.Sqrt(norm) + 1e-6
	worst := 0.
	for range 4 {
		dir := make([]float64, len(x))
		var size, want float64
		for i := range dir {
			dir[i] = rng.NormFloat64() + 2*float64(d[i])/norm*math.Sqrt(float64(len(d)))
			size += dir[i] * dir[i]
		}
		size = math.Sqrt(size)
		for i := range dir {
			dir[i] /= size
			want += dir[i] * float64(d[i])
		}
		at := func(h float64) float64 {
			for i := range x {
				x[i] = save[i] + float32(h*dir[i])
			}
			return loss()
		}
		const h = 2e-2
		// Fourth order, so that h can be large against rounding.
		got := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
		copy(x, save)
		worst = max(worst, math.Abs(got-want)/norm)
	}
	return worst
}

// levels runs f with every kind of kernel this machine has.
func levels(t *testing.T, f func(t *testing.T)) {
	for _, l := range []simd.Level{simd.Portable, simd.AVX2, simd.AVX512, simd.AMX} {
		t.Run(l.String(), func(t *testing.T) {
			restore := simd.Use(l)
			defer restore()
			if simd.Active() != l {
				t.Skipf("NOT RUN: kernels of level %v on this machine", l)
			}
			f(t)
		})
	}
}

// TestThreads checks that results have the same bits whatever the number of workers.
func TestThreads(t *testing.T) {
	for _, c := range opCases() {
		t.Run(c.name, func(t *testing.T) {
			g := c.trace(t, !c.noGradient)
			var first map[string]*tensor.Tensor
			for _, workers := range []int{1, 2, 3} {
				dev := cpu.New(workers)
				_, args := c.inputs(4)
				c.weights(g, args)
				out := run(t, dev, g, args)
				dev.Close()
				if first == nil {
					first = out
				}
				for name, x := range out {
					for i, v := range x.F32 {
						if math.Float32bits(v) != math.Float32bits(first[name].F32[i]) {
							t.Fatalf("%s[%d] is %v with %d workers, %v with one", name, i, v, workers, first[name].F32[i])
						}
					}
				}
			}
		})
	}
}
