package simd

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// The references, in float64.

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
func silu(x float64) float64    { return x * sigmoid(x) }
func siluD(x float64) float64   { return sigmoid(x) * (1 + x*sigmoid(-x)) }

var geluC = math.Sqrt(2 / math.Pi)

func gelu(x float64) float64 { return x * sigmoid(2*geluC*(x+0.044715*x*x*x)) }

func geluD(x float64) float64 {
	u := 2 * geluC * (x + 0.044715*x*x*x)
	return sigmoid(u) + x*sigmoid(u)*sigmoid(-u)*2*geluC*(1+3*0.044715*x*x)
}

// unary are the kernels of one argument and their references.
var unary = []struct {
	name string
	f    func(dst, x []float32)
	ref  func(x float64) float64
	rel  float64 // bound of the error, relative to the result …
	abs  float64 // … or absolute where that is larger
}{
	{"Exp", Exp, math.Exp, 2e-7, 2e-38},
	{"Tanh", Tanh, math.Tanh, 3e-7, 0},
	{"Gelu", Gelu, gelu, 1e-6, 1e-7},
	{"Silu", Silu, silu, 1e-6, 1e-7},
	{"GeluGrad", func(d, x []float32) { GeluGrad(d, ones(len(d)), x) }, geluD, 1e-6, 1e-6},
	{"SiluGrad", func(d, x []float32) { SiluGrad(d, ones(len(d)), x) }, siluD, 1e-6, 1e-6},
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// TestUnary sweeps every binade, and the neighbourhood of each limit in the formulas.
func TestUnary(t *testing.T) {
	var x []float32
	for e := -40.0; e <= 38; e += 0.01 {
		v := float32(math.Pow(10, e))
		x = append(x, v, -v)
	}
	for v := -110.0; v <= 110; v += 0.0037 {
		x = append(x, float32(v))
	}
	for _, v := range []float32{0, expMax, expMin, tanhSmall, geluClamp, siluClamp, 88, 88.37, 127 * math.Ln2, 127.5 * math.Ln2, -126 * math.Ln2} {
		up, down := v, v
		for range 50 {
			x = append(x, up, down, -up, -down)
			up, down = math.Nextafter32(up, 1e9), math.Nextafter32(down, -1e9)
		}
	}
	eachLevel(t, func(t *testing.T) {
		for _, u := range unary {
			y := make([]float32, len(x))
			u.f(y, x)
			var worst float64
			for i, v := range x {
				want := u.ref(float64(v))
				got := float64(y[i])
				if float64(float32(want)) == got { // also both infinite
					continue
				}
				if math.Abs(want) > math.MaxFloat32 && math.Abs(got) >= math.MaxFloat32*(1-1e-6) {
					continue
				}
				d := math.Abs(got - want)
				if !(d <= max(u.rel*math.Abs(want), u.abs)) {
					t.Fatalf("%s(%g) = %g, want %g", u.name, v, got, want)
				}
				if d > u.abs {
					worst = max(worst, d/math.Abs(want))
				}
			}
			t.Logf("%s: largest relative error %.2g", u.name, worst)
		}
	})
}

// TestSpecial checks NaN and the infinities at every place of a vector and its tail.
func TestSpecial(t *testing.T) {
	inf, nan := float32(math.Inf(1)), math.Float32frombits(0x7fc00001)
	limits := map[string][2]float64{ // at -Inf, +Inf; NaN means anything goes
		"Exp": {0, math.Inf(1)}, "Tanh": {-1, 1},
		"Gelu": {math.NaN(), math.Inf(1)}, "Silu": {math.NaN(), math.Inf(1)},
		"GeluGrad": {0, 1}, "SiluGrad": {0, math.NaN()},
	}
	eachLevel(t, func(t *testing.T) {
		for n := 1; n < 40; n++ {
			for bad := range n {
				for _, u := range unary {
					for _, v := range []float32{nan, -nan, inf, -inf} {
						x, y := make([]float32, n), make([]float32, n)
						x[bad] = v
						u.f(y, x)
						zero := float32(u.ref(0))
						for i, got := range y {
							switch {
							case i != bad:
								if got != zero {
									t.Fatalf("%s: %v at %d changed element %d to %v", u.name, v, bad, i, got)
								}
							case v != v:
								if got == got {
									t.Fatalf("%s(NaN) = %v at %d of %d", u.name, got, i, n)
								}
							default:
								want := limits[u.name][0]
								if v > 0 {
									want = limits[u.name][1]
								}
								if want == want && math.Abs(float64(got)-want) > 1e-30 && float64(got) != want {
									t.Fatalf("%s(%v) = %v, want %v", u.name, v, got, want)
								}
							}
						}
					}
				}
				x := make([]float32, n)
				for _, v := range []float32{nan, -nan, inf, -inf} {
					x[bad] = v
					if AllFinite(x) {
						t.Fatalf("AllFinite with %v at %d of %d", v, bad, n)
					}
				}
				x[bad] = nan
				if m := Max(x); m == m {
					t.Fatalf("Max is %v with NaN at %d of %d", m, bad, n)
				}
				if s := Sum(x); s == s {
					t.Fatalf("Sum is %v with NaN at %d of %d", s, bad, n)
				}
				if _, s := Softmax(x, 1); s == s {
					t.Fatalf("the sum of Softmax is %v with NaN at %d of %d", s, bad, n)
				}
				for i, v := range x {
					if v == v {
						t.Fatalf("Softmax with NaN at %d of %d: %v at %d", bad, n, v, i)
					}
				}
				clear(x)
				x[bad] = math.MaxFloat32
				if !AllFinite(x) {
					t.Fatal("AllFinite is false for finite values")
				}
				x[bad] = -inf
				want := float32(0)
				if n == 1 {
					want = -inf
				}
				if m := Max(x); m != want {
					t.Fatalf("Max with -Inf at %d of %d is %v", bad, n, m)
				}
				if m, s := Softmax(x, 1); n > 1 && (m != 0 || s != float32(n-1) || x[bad] != 0) {
					t.Fatalf("Softmax with -Inf at %d of %d: %v, max %v, sum %v", bad, n, x, m, s)
				}
				for i := range x {
					x[i] = -1 - float32(i)
				}
				if m := Max(x); m != -1 {
					t.Fatalf("Max of %d negative numbers is %v", n, m)
				}
			}
		}
		if !AllFinite(nil) || Max(nil) != -inf || Sum(nil) != 0 || Dot(nil, nil) != 0 || SumSquares(nil) != 0 {
			t.Error("an empty vector")
		}
		x := []float32{-inf, -inf, -inf}
		if _, s := Softmax(x, 1); s == s || x[0] == x[0] {
			t.Errorf("Softmax of -Inf only: %v, sum %v", x, s)
		}
		if m, s := Softmax(nil, 1); m != -inf || s != 0 {
			t.Errorf("Softmax of nothing: max %v, sum %v", m, s)
		}
	})
}

// elementwise describes a kernel whose outputs depend on their own element only.
type elementwise struct {
	name string
	out  int // outputs: they come first
	in   int
	call func(v [][]float32)
	// ref gets the old outputs and the inputs of one element and returns the new outputs.
	ref func(out, in []float64) []float64
	tol float64
}

var coeffs = AdamWCoeffs{Beta1: 0.9, Beta2: 0.999, Eps: 1e-3, StepSize: 0.01, InvSqrtC2: 3, Decay: 0.99, GradScale: 0.5}

var elements = []elementwise{
	{"Add", 1, 2, func(v [][]float32) { Add(v[0], v[1], v[2]) }, func(o, v []float64) []float64 { return []float64{v[0] + v[1]} }, 1e-7},
	{"Mul", 1, 2, func(v [][]float32) { Mul(v[0], v[1], v[2]) }, func(o, v []float64) []float64 { return []float64{v[0] * v[1]} }, 1e-7},
	{"MulAdd", 1, 2, func(v [][]float32) { MulAdd(v[0], v[1], v[2]) }, func(o, v []float64) []float64 { return []float64{o[0] + v[0]*v[1]} }, 5e-7},
	{"Scale", 1, 1, func(v [][]float32) { Scale(v[0], v[1], 0.75) }, func(o, v []float64) []float64 { return []float64{v[0] * 0.75} }, 1e-7},
	{"Axpy", 1, 1, func(v [][]float32) { Axpy(v[0], v[1], 0.75) }, func(o, v []float64) []float64 { return []float64{o[0] + v[0]*0.75} }, 5e-7},
	{"Exp", 1, 1, func(v [][]float32) { Exp(v[0], v[1]) }, func(o, v []float64) []float64 { return []float64{math.Exp(v[0])} }, 2e-7},
	{"Tanh", 1, 1, func(v [][]float32) { Tanh(v[0], v[1]) }, func(o, v []float64) []float64 { return []float64{math.Tanh(v[0])} }, 2e-7},
	{"Gelu", 1, 1, func(v [][]float32) { Gelu(v[0], v[1]) }, func(o, v []float64) []float64 { return []float64{gelu(v[0])} }, 5e-7},
	{"GeluGrad", 1, 2, func(v [][]float32) { GeluGrad(v[0], v[1], v[2]) }, func(o, v []float64) []float64 { return []float64{v[0] * geluD(v[1])} }, 2e-6},
	{"Silu", 1, 1, func(v [][]float32) { Silu(v[0], v[1]) }, func(o, v []float64) []float64 { return []float64{silu(v[0])} }, 5e-7},
	{"SiluGrad", 1, 2, func(v [][]float32) { SiluGrad(v[0], v[1], v[2]) }, func(o, v []float64) []float64 { return []float64{v[0] * siluD(v[1])} }, 2e-6},
	{"SwiGLU", 1, 2, func(v [][]float32) { SwiGLU(v[0], v[1], v[2]) }, func(o, v []float64) []float64 { return []float64{silu(v[0]) * v[1]} }, 1e-6},
	{"SwiGLUGrad", 2, 3, func(v [][]float32) { SwiGLUGrad(v[0], v[1], v[2], v[3], v[4]) }, func(o, v []float64) []float64 {
		return []float64{v[0] * v[2] * siluD(v[1]), v[0] * silu(v[1])}
	}, 2e-6},
	{"ScoresGrad", 2, 0, func(v [][]float32) { ScoresGrad(v[0], v[1], 0.5, 1.25, 0.25) }, func(o, v []float64) []float64 {
		p := math.Exp(0.5*o[1] - 1.25)
		return []float64{0.5 * p * (o[0] - 0.25), p}
	}, 1e-6},
	{"AdamW", 3, 1, func(v [][]float32) {
		for i, x := range v[2] {
			v[2][i] = max(x, -x) // the second moment is not negative
		}
		AdamW(v[0], v[3], v[1], v[2], coeffs)
	}, func(o, v []float64) []float64 {
		g := v[0] * coeffs.GradScale
		m := o[1]*coeffs.Beta1 + g*(1-coeffs.Beta1)
		s := math.Abs(o[2])*coeffs.Beta2 + g*g*(1-coeffs.Beta2)
		return []float64{o[0]*coeffs.Decay - coeffs.StepSize*m/(math.Sqrt(s)*coeffs.InvSqrtC2+coeffs.Eps), m, s}
	}, 2e-6},
}

func TestElementwise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, k := range elements {
			t.Run(k.name, func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) {
					n := rapid.OneOf(rapid.IntRange(0, 70), rapid.IntRange(100, 300)).Draw(rt, "n")
					r := source(rt)
					g := make([]guarded, k.out+k.in)
					v := make([][]float32, len(g))
					old := make([][]float32, len(g))
					for i := range g {
						g[i] = newGuarded(rt, n)
						fill(r, g[i].in, 2)
						v[i] = g[i].in
					}
					// An output may be an input of the same place.
					if alias := rapid.IntRange(-1, k.in-1).Draw(rt, "alias"); alias >= 0 {
						v[0] = v[k.out+alias]
					}
					for i := range v {
						old[i] = append([]float32(nil), v[i]...)
					}
					k.call(v)
					for i := range g {
						g[i].check(rt, k.name)
					}
					for e := range n {
						out, in := make([]float64, k.out), make([]float64, k.in)
						for i := range out {
							out[i] = float64(old[i][e])
						}
						for i := range in {
							in[i] = float64(old[k.out+i][e])
						}
						for i, want := range k.ref(out, in) {
							if got := float64(v[i][e]); !(math.Abs(got-want) <= k.tol*(1+math.Abs(want)+math.Abs(out[i]))) {
								rt.Fatalf("%s: output %d, element %d of %d is %g, want %g", k.name, i, e, n, got, want)
							}
						}
					}
				})
			})
		}
	})
}

func TestReductions(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			n := rapid.OneOf(rapid.IntRange(0, 70), rapid.IntRange(100, 3000)).Draw(rt, "n")
			r := source(rt)
			a, b := newGuarded(rt, n), newGuarded(rt, n)
			fill(r, a.in, 3)
			fill(r, b.in, 3)
			var sum, size, dot, dotSize, squares float64
			top := math.Inf(-1)
			for i, v := range a.in {
				x, y := float64(v), float64(b.in[i])
				sum += x
				size += math.Abs(x)
				dot += x * y
				dotSize += math.Abs(x * y)
				squares += x * x
				top = max(top, x)
			}
			near := func(what string, got, want, size, eps float64) {
				if !(math.Abs(got-want) <= eps*size) {
					rt.Fatalf("%s of %d is %v, want %v", what, n, got, want)
				}
			}
			near("Sum", float64(Sum(a.in)), sum, size, 2e-6)
			near("Dot", float64(Dot(a.in, b.in)), dot, dotSize, 2e-6)
			near("SumSquares", SumSquares(a.in), squares, squares, 1e-14)
			if got := float64(Max(a.in)); got != top {
				rt.Fatalf("Max of %d is %v, want %v", n, got, top)
			}
			if !AllFinite(a.in) {
				rt.Fatal("AllFinite is false")
			}
		})
	})
}

func TestRotate(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			h := rapid.IntRange(0, 70).Draw(rt, "h")
			heads := rapid.IntRange(1, 5).Draw(rt, "heads")
			r := source(rt)
			x, dst, cos, sin := newGuarded(rt, heads*2*h), newGuarded(rt, heads*2*h), newGuarded(rt, h), newGuarded(rt, h)
			fill(r, x.in, 1)
			for i := range h {
				s, c := math.Sincos(r.Float64() * 7)
				cos.in[i], sin.in[i] = float32(c), float32(s)
			}
			old := append([]float32(nil), x.in...)
			out := dst
			if rapid.Bool().Draw(rt, "in place") {
				out = x
			}
			Rotate(out.in, x.in, cos.in, sin.in)
			out.check(rt, "Rotate")
			for i := range heads * h {
				low := i/h*2*h + i%h
				a, b := float64(old[low]), float64(old[low+h])
				c, s := float64(cos.in[i%h]), float64(sin.in[i%h])
				if d := math.Abs(float64(out.in[low]) - (a*c - b*s)); d > 1e-6 {
					rt.Fatalf("low %d of %d heads of %d off by %g", i, heads, 2*h, d)
				}
				if d := math.Abs(float64(out.in[low+h]) - (b*c + a*s)); d > 1e-6 {
					rt.Fatalf("high %d of %d heads of %d off by %g", i, heads, 2*h, d)
				}
			}
		})
	})
}

// TestBF16 checks all widenings, and rounding around every bfloat16 and its ties.
func TestBF16(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		bits, wide := make([]uint16, 1<<16), make([]float32, 1<<16)
		for i := range bits {
			bits[i] = uint16(i)
		}
		FromBF16(wide, bits)
		for i, v := range wide {
			if math.Float32bits(v) != uint32(i)<<16 {
				t.Fatalf("%#x widened to %#x", i, math.Float32bits(v))
			}
		}
		for _, low := range []uint32{0, 1, 0x7fff, 0x8000, 0x8001, 0xffff} {
			x := make([]float32, 1<<16)
			for i := range x {
				x[i] = math.Float32frombits(uint32(i)<<16 | low)
			}
			ToBF16(bits, x)
			for i, v := range x {
				got := math.Float32frombits(uint32(bits[i]) << 16)
				if v != v {
					if got == got {
						t.Fatalf("NaN %#x became %v", math.Float32bits(v), got)
					}
					continue
				}
				want := uint16(i)
				if low > 0x8000 || low == 0x8000 && i&1 == 1 {
					want++
				}
				if bits[i] != want {
					t.Fatalf("%#x became %#x, want %#x", math.Float32bits(v), bits[i], want)
				}
			}
		}
		for n := range 70 { // tails
			x := make([]float32, n)
			fill(rand.New(rand.NewPCG(1, 2)), x, 1)
			h, back := make([]uint16, n+20), make([]float32, n+20)
			ToBF16(h[:n], x)
			FromBF16(back[:n], h)
			for i := range h {
				switch {
				case i >= n && (h[i] != 0 || back[i] != 0):
					t.Fatalf("n=%d wrote element %d", n, i)
				case i < n && math.Abs(float64(back[i]-x[i])) > math.Abs(float64(x[i]))/256:
					t.Fatalf("n=%d: %v became %v", n, x[i], back[i])
				}
			}
		}
	})
}

// BenchmarkVector prints ns per element, in the first-level cache.
func BenchmarkVector(b *testing.B) {
	const n = 1024
	r := rand.New(rand.NewPCG(1, 2))
	v := make([][]float32, 6)
	for i := range v {
		v[i] = Floats(n)
		fill(r, v[i], 1)
	}
	half := make([]uint16, n)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(fastest(b, f)/n, "ns/elem")
		})
	}
	for _, k := range elements {
		if k.name != "AdamW" {
			run(k.name, func() { k.call(v) })
		}
	}
	for i, x := range v[3] {
		v[3][i] = x * x
	}
	run("AdamW", func() { AdamW(v[0], v[1], v[2], v[3], coeffs) })
	run("Dot", func() { Dot(v[0], v[1]) })
	run("Sum", func() { Sum(v[0]) })
	run("SumSquares", func() { SumSquares(v[0]) })
	run("Max", func() { Max(v[0]) })
	run("AllFinite", func() { AllFinite(v[0]) })
	run("Softmax", func() { Softmax(v[0], 1) })
	run("LayerNorm", func() { LayerNorm(v[0], v[1], v[2], v[3], 1e-5) })
	run("LayerNormGrad", func() { LayerNormGrad(v[0], v[1], v[2], v[3], v[4], v[5], 0, 1) })
	run("RMSNorm", func() { RMSNorm(v[0], v[1], v[2], 1e-5) })
	run("RMSNormGrad", func() { RMSNormGrad(v[0], v[1], v[2], v[3], v[4], 1) })
	run("Rotate", func() { Rotate(v[0], v[1], v[2][:n/2], v[3]) })
	run("FromBF16", func() { FromBF16(v[0], half) })
	run("ToBF16", func() { ToBF16(half, v[0]) })
}
