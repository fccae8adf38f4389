package cpu_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"pgregory.net/rapid"

	"hone/tensor"
	"hone/tensor/cpu"
)

// s4dModels are the ways in which parameters are read.
var s4dModels = map[string]tensor.S4D{
	"zoh":            {},
	"zoh pairs":      {Pairs: true, LogReal: true},
	"bilinear":       {Discretization: tensor.Bilinear},
	"bilinear pairs": {Discretization: tensor.Bilinear, Pairs: true, LogReal: true},
}

// s4dCases are the operations of state-space models.
func s4dCases() (cases []opCase) {
	type V = *tensor.Value
	lengths := func(i int, n ...int32) func(*rand.Rand, []*tensor.Tensor) {
		return func(_ *rand.Rand, in []*tensor.Tensor) { copy(in[i].I32, n) }
	}
	for name, m := range s4dModels {
		params := func(at int) func(*rand.Rand, []*tensor.Tensor) {
			return func(rng *rand.Rand, in []*tensor.Tensor) { s4dParams(rng, m, in[at:at+4]) }
		}
		cases = append(cases,
			opCase{name: "s4d kernel " + name, in: []tensor.Type{f32(2, 3), f32(2, 3), f32(2, 3, 2), f32(2)}, fill: params(0), build: one(func(v []V) V {
				return m.Kernel(v[0], v[1], v[2], v[3], 7)
			})},
			opCase{name: "s4d scan " + name, in: []tensor.Type{f32(2, 5, 4), f32(2, 3), f32(2, 3), f32(2, 3, 2), f32(2), f32(2), f32(2, 4, 3, 2)}, fill: params(1), build: func(v []V) []V {
				y, last := m.Scan(v[0], v[1], v[2], v[3], v[4], v[5], v[6])
				return []V{y, last}
			}})
	}
	for _, o := range []tensor.ConvolveOp{{}, {Reverse: true}, {Ahead: 1}, {Ahead: 2, Reverse: true}, {Ahead: 1, Method: tensor.Fourier}, {Reverse: true, Method: tensor.Fourier}} {
		for _, s := range []struct{ t, d, g, n int }{{70, 32, 2, 70}, {67, 6, 3, 67}, {9, 5, 5, 4}, {5, 3, 1, 9}} {
			name := fmt.Sprintf("convolve %+v %+v", o, s)
			u, k := f32(3, s.t, s.d), f32(s.g, s.n)
			cases = append(cases,
				opCase{name: name, in: []tensor.Type{u, k}, build: one(func(v []V) V { return tensor.Convolve(o, v[0], v[1], nil, nil) })},
				opCase{name: name + " skip ragged", in: []tensor.Type{u, k, f32(s.g), i32(3)}, fill: lengths(3, int32(s.t), 0, int32(s.t-1)), build: one(func(v []V) V {
					return tensor.Convolve(o, v[0], v[1], v[2], v[3])
				})})
		}
	}
	rows := []tensor.Type{f32(3, 5, 4), i32(3)}
	return append(cases,
		opCase{name: "cos", in: []tensor.Type{f32(3, 4)}, build: one(func(v []V) V { return tensor.Map(tensor.Cos, v[0]) })},
		opCase{name: "sin", in: []tensor.Type{f32(3, 4)}, build: one(func(v []V) V { return tensor.Map(tensor.Sin, v[0]) })},
		opCase{name: "correct", in: []tensor.Type{f32(4, 3), i32(4)}, noGradient: true, noLowering: true, build: one(func(v []V) V { return tensor.Correct(v[0], v[1]) }), fill: func(_ *rand.Rand, in []*tensor.Tensor) {
			copy(in[0].F32, []float32{1, 2, 0, 1, 1, 0, 0, 1, 1, 3, 2, 1})
			copy(in[1].I32, []int32{1, 0, 2, -1})
		}},
		opCase{name: "mask", in: rows, fill: lengths(1, 5, 0, 2), build: one(func(v []V) V { return tensor.Mask(v[0], v[1]) })},
		opCase{name: "mean pool", in: rows, fill: lengths(1, 5, 0, 2), build: one(func(v []V) V { return tensor.MeanPool(v[0], v[1]) })},
		opCase{name: "fourier mix", in: rows, fill: lengths(1, 5, 0, 2), build: one(func(v []V) V { return tensor.FourierMix(v[0], v[1]) })},
	)
}

// s4dParams fills re, im, c and logStep with what models have.
func s4dParams(rng *rand.Rand, m tensor.S4D, in []*tensor.Tensor) {
	for i := range in[0].F32 {
		in[0].F32[i] = -.2 - float32(rng.Float64())
		if m.LogReal {
			in[0].F32[i] = float32(math.Log(.2 + rng.Float64()))
		}
		in[1].F32[i] = float32(3 * rng.NormFloat64())
	}
	for i := range in[2].F32 {
		in[2].F32[i] = float32(rng.NormFloat64())
	}
	for i := range in[3].F32 {
		in[3].F32[i] = float32(math.Log(.1 + .4*rng.Float64()))
	}
}

// unrolled is the most steps of which the gradient is computed, which has a node for each.
const unrolled = 6

// TestConvolutionIsRecurrence: running a model step by step, and convolving with its kernel by
// products and by Fourier transforms, are the same map, with the same gradients. Rows that
// are padded behave as if they were not.
func TestConvolutionIsRecurrence(t *testing.T) {
	levels(t, func(t *testing.T) {
		dev := cpu.New(2)
		defer dev.Close()
		rapid.Check(t, func(t *rapid.T) {
			m := tensor.S4D{
				Discretization: tensor.Discretization(rapid.IntRange(0, 1).Draw(t, "discretization")),
				LogReal:        rapid.Bool().Draw(t, "log"), Pairs: rapid.Bool().Draw(t, "pairs"),
			}
			g, n := rapid.IntRange(1, 3).Draw(t, "models"), rapid.IntRange(1, 6).Draw(t, "states")
			b, d := rapid.IntRange(1, 3).Draw(t, "rows"), g*rapid.SampledFrom([]int{1, 3, 17}).Draw(t, "channels")
			length := rapid.OneOf(rapid.IntRange(1, unrolled), rapid.IntRange(1, 80)).Draw(t, "length")
			pad := rapid.IntRange(0, 70).Draw(t, "padding")
			reverse := rapid.Bool().Draw(t, "reverse")
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			args := map[string]*tensor.Tensor{
				"re": tensor.New(g, n), "im": tensor.New(g, n), "c": tensor.New(g, n, 2), "step": tensor.New(g), "skip": tensor.New(g),
				"u": tensor.New(b, length, d), "weights": tensor.New(b, length, d), "state": tensor.New(b, d, n, 2), "lengths": tensor.NewInts(b),
				"padded": tensor.New(b, length+pad, d), "padded weights": tensor.New(b, length+pad, d),
			}
			s4dParams(rng, m, []*tensor.Tensor{args["re"], args["im"], args["c"], args["step"]})
			for _, name := range []string{"u", "weights", "skip", "padded", "padded weights"} {
				for i := range args[name].F32 {
					args[name].F32[i] = float32(rng.NormFloat64())
				}
			}
			for i := range b {
				args["lengths"].I32[i] = int32(length)
				for _, name := range []string{"u", "weights"} {
					copy(args["padded"+map[string]string{"u": "", "weights": " weights"}[name]].F32[i*(length+pad)*d:], args[name].F32[i*length*d:(i+1)*length*d])
				}
			}
			graph, err := tensor.Trace(func(gr *tensor.Graph) {
				in := func(name string) *tensor.Value { return gr.Input(name, tensor.F32, args[name].Shape...) }
				params := []*tensor.Value{in("re"), in("im"), in("c"), in("step"), in("skip")}
				u, w := in("u"), in("weights")
				report := func(name string, y, u, w *tensor.Value) {
					gr.Output(name+" y", y)
					for i, d := range tensor.Gradient(tensor.WeightedSum(y, w), append([]*tensor.Value{u}, params...)...) {
						gr.Output(fmt.Sprint(name, " d", i), d)
					}
				}
				convolve := func(name string, u, w, lengths *tensor.Value, method tensor.Method) {
					k := m.Kernel(params[0], params[1], params[2], params[3], u.Shape[1])
					report(name, tensor.Convolve(tensor.ConvolveOp{Reverse: reverse, Method: method}, u, k, params[4], lengths), u, w)
				}
				convolve("toeplitz", u, w, nil, tensor.Toeplitz)
				convolve("fourier", u, w, nil, tensor.Fourier)
				lengths := gr.Input("lengths", tensor.I32, b)
				pu, pw := in("padded"), in("padded weights")
				convolve("padded toeplitz", pu, pw, lengths, tensor.Toeplitz)
				convolve("padded fourier", pu, pw, lengths, tensor.Fourier)
				flipped := u
				if reverse {
					flipped = flip(u)
				}
				y, _ := m.Scan(flipped, params[0], params[1], params[2], params[3], params[4], in("state"))
				if reverse {
					y = flip(y)
				}
				if length <= unrolled {
					report("scan", y, u, w)
				} else {
					gr.Output("scan y", y)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			p, err := dev.Compile(graph, nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Run(context.Background(), args)
			if err != nil {
				t.Fatal(err)
			}
			parameters := 0.0 // the largest derivative of any
			for _, what := range []string{"d1", "d2", "d3", "d4"} {
				parameters = max(parameters, largest(out["toeplitz "+what].F32))
			}
			for _, name := range []string{"fourier", "padded toeplitz", "padded fourier", "scan"} {
				for _, what := range []string{"y", "d0", "d1", "d2", "d3", "d4", "d5"} {
					want, got := out["toeplitz "+what], out[name+" "+what]
					if got == nil && length > unrolled {
						continue
					}
					if len(got.F32) != len(want.F32) { // a padded row: what is beyond it is zero
						cut := tensor.New(want.Shape...)
						for i := range b {
							row := got.F32[i*(length+pad)*d : (i+1)*(length+pad)*d]
							copy(cut.F32[i*length*d:], row[:length*d])
							for _, v := range row[length*d:] {
								if v != 0 {
									t.Fatalf("%s %s is %v in the padding", name, what, v)
								}
							}
						}
						got = cut
					}
					limit, scale := 2e-5, largest(want.F32)
					switch {
					case what == "d5": // a sum of products that may cancel: its rounding is that of the products
						scale = largest(products(args["u"], args["weights"]))
					case what == "y" || what == "d0": // what is skipped may cancel what is convolved
						scale = max(scale, largest(args["skip"].F32)*largest(args[map[string]string{"y": "u", "d0": "weights"}[what]].F32))
					default: // a sum that may cancel too, of terms that no output shows
						limit, scale = 1e-3, max(scale, parameters/20)
					}
					if name == "scan" && what != "y" {
						limit = 2e-3 // its gradient is that of unrolled steps in single precision
					}
					if diff := difference(got.F32, want.F32) * largest(want.F32) / scale; !(diff < limit) {
						t.Fatalf("%s %s differs by %.2g: %v, not %v", name, what, diff, got.F32, want.F32)
					}
				}
			}
		})
	})
}

// largest is the largest absolute value, and a little more, so that it divides.
func largest(x []float32) float64 {
	m := 1e-9
	for _, v := range x {
		m = max(m, math.Abs(float64(v)))
	}
	return m
}

// products is Σ |u·w| over rows and places, by channel.
func products(u, w *tensor.Tensor) []float32 {
	d := u.Cols()
	sums := make([]float32, d)
	for i, v := range u.F32 {
		sums[i%d] += float32(math.Abs(float64(v * w.F32[i])))
	}
	return sums
}

// flip turns rows around in time.
func flip(x *tensor.Value) *tensor.Value {
	var parts []*tensor.Value
	for i := x.Shape[1] - 1; i >= 0; i-- {
		parts = append(parts, tensor.Slice(x, 1, i, 1))
	}
	return tensor.Concat(1, parts...)
}

// TestCorrect: the largest logit counts, of equal ones the first, and no target is never met.
func TestCorrect(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	for _, c := range s4dCases() {
		if c.name != "correct" {
			continue
		}
		_, args := c.inputs(1)
		if out := run(t, dev, c.trace(t, false), args)["out0"].F32; out[0] != 1 || out[1] != 1 || out[2] != 0 || out[3] != 0 {
			t.Errorf("%v", out)
		}
	}
}

// TestScanContinues: a state that is handed on goes on as if nothing had come between.
func TestScanContinues(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	const d, n, length, first = 4, 3, 12, 5
	m := s4dModels["zoh"]
	args := map[string]*tensor.Tensor{
		"re": tensor.New(2, n), "im": tensor.New(2, n), "c": tensor.New(2, n, 2), "step": tensor.New(2), "skip": tensor.New(2),
		"u": tensor.New(1, length, d), "state": tensor.New(1, d, n, 2),
	}
	s4dParams(rng, m, []*tensor.Tensor{args["re"], args["im"], args["c"], args["step"]})
	for i := range args["u"].F32 {
		args["u"].F32[i] = float32(rng.NormFloat64())
	}
	g, err := tensor.Trace(func(g *tensor.Graph) {
		in := func(name string) *tensor.Value { return g.Input(name, tensor.F32, args[name].Shape...) }
		u, state := in("u"), in("state")
		re, im, c, step, skip := in("re"), in("im"), in("c"), in("step"), in("skip")
		whole, _ := m.Scan(u, re, im, c, step, skip, state)
		y, between := m.Scan(tensor.Slice(u, 1, 0, first), re, im, c, step, skip, state)
		z, _ := m.Scan(tensor.Slice(u, 1, first, length-first), re, im, c, step, skip, between)
		g.Output("whole", whole)
		g.Output("pieces", tensor.Concat(1, y, z))
	})
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, dev, g, args)
	if d := difference(out["pieces"].F32, out["whole"].F32); d > 1e-6 {
		t.Errorf("the pieces differ by %.2g", d)
	}
}

// TestS4DGolden compares kernels and their gradients with PyTorch's in double precision; see
// testdata/gen/s4d.py.
func TestS4DGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/s4d.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Name                     string
		Bilinear, LogReal, Pairs bool
		Length                   int
		Re, Im, Weights, Kernel  [][]float32
		C                        [][][2]float32
		LogStep, GradStep        []float32
		GradRe, GradIm           [][]float32
		GradC                    [][][2]float32
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	dev := cpu.New(1)
	defer dev.Close()
	for _, c := range golden {
		t.Run(c.Name, func(t *testing.T) {
			g, n := len(c.Re), len(c.Re[0])
			m := tensor.S4D{LogReal: c.LogReal, Pairs: c.Pairs}
			if c.Bilinear {
				m.Discretization = tensor.Bilinear
			}
			of := func(data []float32, shape ...int) *tensor.Tensor {
				x, err := tensor.Of(data, shape...)
				if err != nil {
					t.Fatal(err)
				}
				return x
			}
			args := map[string]*tensor.Tensor{
				"re": of(flat2(c.Re), g, n), "im": of(flat2(c.Im), g, n), "c": of(flat3(c.C), g, n, 2), "step": of(c.LogStep, g),
				"weights": of(flat2(c.Weights), g, c.Length),
			}
			graph, err := tensor.Trace(func(gr *tensor.Graph) {
				in := func(name string) *tensor.Value { return gr.Input(name, tensor.F32, args[name].Shape...) }
				p := []*tensor.Value{in("re"), in("im"), in("c"), in("step")}
				k := m.Kernel(p[0], p[1], p[2], p[3], c.Length)
				gr.Output("kernel", k)
				for i, d := range tensor.Gradient(tensor.WeightedSum(k, in("weights")), p...) {
					gr.Output([]string{"re", "im", "c", "step"}[i], d)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			out := run(t, dev, graph, args)
			for name, want := range map[string][]float32{
				"kernel": flat2(c.Kernel), "re": flat2(c.GradRe), "im": flat2(c.GradIm), "c": flat3(c.GradC), "step": c.GradStep,
			} {
				if d := difference(out[name].F32, want); !(d < 1e-6) {
					t.Errorf("%s differs by %.2g", name, d)
				}
			}
		})
	}
}

func flat2(x [][]float32) (out []float32) {
	for _, row := range x {
		out = append(out, row...)
	}
	return out
}

func flat3(x [][][2]float32) (out []float32) {
	for _, row := range x {
		for _, p := range row {
			out = append(out, p[:]...)
		}
	}
	return out
}

// BenchmarkConvolve is a row of 64 channels with one kernel by both methods: where Fourier
// transforms begin to be faster is fourierFrom.
func BenchmarkConvolve(b *testing.B) {
	dev := cpu.New(1)
	defer dev.Close()
	for _, length := range []int{128, 1024, 4096, 8192, 16384} {
		for name, method := range map[string]tensor.Method{"toeplitz": tensor.Toeplitz, "fourier": tensor.Fourier} {
			b.Run(fmt.Sprintf("%s/%d", name, length), func(b *testing.B) {
				g, err := tensor.Trace(func(g *tensor.Graph) {
					g.Output("y", tensor.Convolve(tensor.ConvolveOp{Method: method}, g.Input("u", tensor.F32, 1, length, 64), g.Input("k", tensor.F32, 1, length), nil, nil))
				})
				if err != nil {
					b.Fatal(err)
				}
				p, err := dev.Compile(g, nil)
				if err != nil {
					b.Fatal(err)
				}
				args := map[string]*tensor.Tensor{"u": tensor.New(1, length, 64), "k": tensor.New(1, length)}
				for b.Loop() {
					if _, err := p.Run(context.Background(), args); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
