package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hone/tensor"
	"hone/tensor/cpu"
)

// runTraced is what a graph gives for args.
func runTraced(t *testing.T, dev *cpu.Device, args map[string]*tensor.Tensor, build func(*tensor.Graph)) map[string]*tensor.Tensor {
	t.Helper()
	g, err := tensor.Trace(build)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, dev, g, args)
}

// TestConvolveBesideFourier compares products, in tiles where a kernel has 64 channels or more, with Fourier transforms.
func TestConvolveBesideFourier(t *testing.T) {
	levels(t, func(t *testing.T) {
		dev := cpu.New(2)
		defer dev.Close()
		for _, s := range []struct{ b, t, g, cols, n, ahead int }{
			{3, 200, 2, 48, 200, 0}, {3, 300, 1, 100, 300, 150}, {9, 129, 1, 32, 257, 128}, {2, 150, 3, 64, 40, 7}, {1, 128, 1, 128, 128, 0},
		} {
			for _, reverse := range []bool{false, true} {
				d := s.g * s.cols
				rng := rand.New(rand.NewPCG(1, 2))
				args := map[string]*tensor.Tensor{
					"u": tensor.New(s.b, s.t, d), "k": tensor.New(s.g, s.n), "skip": tensor.New(s.g), "weights": tensor.New(s.b, s.t, d), "lengths": tensor.NewInts(s.b),
				}
				for _, x := range args {
					for i := range x.F32 {
						x.F32[i] = float32(rng.NormFloat64())
					}
				}
				for i := range s.b {
					args["lengths"].I32[i] = int32(s.t * (i + 1) / s.b)
				}
				out := runTraced(t, dev, args, func(g *tensor.Graph) {
					in := func(name string) *tensor.Value { return g.Input(name, tensor.F32, args[name].Shape...) }
					u, k, skip, weights, lengths := in("u"), in("k"), in("skip"), in("weights"), g.Input("lengths", tensor.I32, s.b)
					for name, method := range map[string]tensor.Method{"products": tensor.Toeplitz, "Fourier": tensor.Fourier} {
						y := tensor.Convolve(tensor.ConvolveOp{Reverse: reverse, Ahead: s.ahead, Method: method}, u, k, skip, lengths)
						g.Output(name+" y", y)
						for i, d := range tensor.Gradient(tensor.WeightedSum(y, weights), u, k, skip) {
							g.Output(fmt.Sprint(name, " d", i), d)
						}
					}
				})
				for _, what := range []string{"y", "d0", "d1", "d2"} {
					got, want, size := out["products "+what], out["Fourier "+what], 0.
					if what == "d2" { // one number, which may cancel
						size = math.Sqrt(float64(s.b * s.t * s.cols))
					}
					for _, w := range want.F32 {
						size = max(size, math.Abs(float64(w)))
					}
					for i, w := range want.F32 {
						if !(math.Abs(float64(got.F32[i]-w)) <= 2e-6*size) {
							t.Fatalf("%+v, reverse %v: %s[%d] is %v, by Fourier transforms %v", s, reverse, what, i, got.F32[i], w)
						}
					}
				}
			}
		}
	})
}

// TestConvolveAlone: a row has the same bits alone and padded in a batch.
func TestConvolveAlone(t *testing.T) {
	levels(t, func(t *testing.T) {
		dev := cpu.New(2)
		defer dev.Close()
		rng := rand.New(rand.NewPCG(1, 2))
		const length, d = 300, 64
		u, k := tensor.New(1, length, d), tensor.New(1, length)
		for _, x := range [][]float32{u.F32, k.F32} {
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
		}
		// convolve gives the first length places of u, padded to places, among rows of other lengths.
		convolve := func(reverse bool, length, places int, company ...int32) []float32 {
			b := 1 + len(company)
			args := map[string]*tensor.Tensor{"u": tensor.New(b, places, d), "k": tensor.New(1, places), "lengths": tensor.NewInts(b)}
			at := b / 2
			for i := range args["u"].F32 {
				args["u"].F32[i] = 3
			}
			copy(args["u"].F32[at*places*d:], u.F32[:length*d])
			copy(args["k"].F32, k.F32)
			copy(args["lengths"].I32, company)
			copy(args["lengths"].I32[at+1:], company[at:])
			args["lengths"].I32[at] = int32(length)
			out := runTraced(t, dev, args, func(g *tensor.Graph) {
				in := func(name string) *tensor.Value { return g.Input(name, tensor.F32, args[name].Shape...) }
				g.Output("y", tensor.Convolve(tensor.ConvolveOp{Reverse: reverse, Method: tensor.Toeplitz}, in("u"), in("k"), nil, g.Input("lengths", tensor.I32, b)))
			})
			return out["y"].F32[at*places*d:][:length*d]
		}
		for _, n := range []int{7, 64, 127, 128, 150, 300} {
			for _, reverse := range []bool{false, true} {
				alone := slices.Clone(convolve(reverse, n, n))
				got := convolve(reverse, n, length, 300, 20, 299, 1, 0, 180)
				for i, w := range alone {
					if got[i] != w {
						t.Fatalf("length %d, reverse %v: element %d is %v alone, %v in a batch", n, reverse, i, w, got[i])
					}
				}
			}
		}
	})
}
