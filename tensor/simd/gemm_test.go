package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// at returns element (i, j) of a row-major matrix, or of its transpose.
func at(x []float32, ld int, trans bool, i, j int) float64 {
	if trans {
		i, j = j, i
	}
	return float64(x[i*ld+j])
}

// checkProduct compares got with the product of a and b in float64. The bound is that of a sum
// of k rounded terms, in any order.
func checkProduct(rt *rapid.T, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, before, got []float32, ldc int, acc bool) {
	for i := range m {
		for j := range n {
			var s, size float64
			if acc {
				s = float64(before[i*ldc+j])
				size = math.Abs(s)
			}
			for x := range k {
				v := at(a, lda, transA, i, x) * at(b, ldb, transB, x, j)
				s += v
				size += math.Abs(v)
			}
			bound := 1.2e-7*(8+math.Sqrt(float64(k)))*size + 1e-30
			if d := math.Abs(float64(got[i*ldc+j]) - s); !(d <= bound) {
				rt.Fatalf("m=%d n=%d k=%d transA=%v transB=%v acc=%v: [%d,%d] is %g, want %g", m, n, k, transA, transB, acc, i, j, got[i*ldc+j], s)
			}
		}
	}
}

func TestGemm(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		p := NewPool(2)
		defer p.Close()
		rapid.Check(t, func(rt *rapid.T) {
			size := rapid.SampledFrom([]*rapid.Generator[int]{rapid.IntRange(0, 9), rapid.IntRange(0, 40), rapid.IntRange(30, 150)})
			m := size.Draw(rt, "m size").Draw(rt, "m")
			n := size.Draw(rt, "n size").Draw(rt, "n")
			k := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(200, 600)).Draw(rt, "k")
			transA, transB, acc := rapid.Bool().Draw(rt, "transA"), rapid.Bool().Draw(rt, "transB"), rapid.Bool().Draw(rt, "acc")
			gap := rapid.IntRange(0, 5)
			rowsA, colsA, rowsB, colsB := m, k, k, n
			if transA {
				rowsA, colsA = k, m
			}
			if transB {
				rowsB, colsB = n, k
			}
			lda, ldb, ldc := colsA+gap.Draw(rt, "gap a"), colsB+gap.Draw(rt, "gap b"), n+gap.Draw(rt, "gap c")
			r := source(rt)
			matrix := func(rows, cols, ld int) guarded {
				g := newGuarded(rt, max(0, (rows-1)*ld+cols))
				if rows > 0 && cols > 0 {
					for i := range rows {
						fill(r, g.in[i*ld:i*ld+cols], 1)
					}
				}
				return g
			}
			a, b := matrix(rowsA, colsA, lda), matrix(rowsB, colsB, ldb)
			c := matrix(m, n, ldc)
			before := append([]float32(nil), c.in...)
			if !acc {
				for i := range m {
					for j := range n {
						c.in[i*ldc+j] = float32(math.NaN()) // what was there must not matter
					}
				}
			}
			if !acc || rapid.Bool().Draw(rt, "in place") {
				Gemm(p, transA, transB, m, n, k, a.in, lda, b.in, ldb, acc, c.in, ldc)
			} else {
				from := Start{LD: ldc}
				if from.Rows = c.in; rapid.Bool().Draw(rt, "elsewhere") {
					from.Rows = append([]float32(nil), c.in...)
				}
				if rapid.Bool().Draw(rt, "bias") {
					from.Bias = make([]float32, n)
					fill(r, from.Bias, 1)
					for i := range m {
						for j := range n {
							before[i*ldc+j] += from.Bias[j]
						}
					}
					if rapid.Bool().Draw(rt, "bias alone") {
						from.Rows = nil
						for i := range m {
							copy(before[i*ldc:i*ldc+n], from.Bias)
						}
					}
				}
				GemmFrom(p, from, transA, transB, m, n, k, a.in, lda, b.in, ldb, c.in, ldc)
			}
			c.check(rt, "C")
			if m > 0 && n > 0 {
				for i := range m - 1 {
					for j := n; j < ldc; j++ {
						if math.Float32bits(c.in[i*ldc+j]) != guardBits {
							rt.Fatalf("wrote between rows, at [%d,%d]", i, j)
						}
					}
				}
			}
			checkProduct(rt, transA, transB, m, n, k, a.in, lda, b.in, ldb, before, c.in, ldc, acc)
		})
	})
}

// TestGemmDeterministic compares the bits of products on different numbers of workers.
func TestGemmDeterministic(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, s := range [][3]int{{200, 130, 300}, {1, 700, 900}, {700, 5, 300}, {97, 97, 97}, {64, 512, 30}, {300, 33, 520}} {
			m, n, k := s[0], s[1], s[2]
			a, b := Floats(m*k), Floats(n*k)
			fill(r, a, 1)
			fill(r, b, 1)
			for mode := range 4 {
				transA, transB := mode&1 != 0, mode&2 != 0
				lda, ldb := k, n
				if transA {
					lda = m
				}
				if transB {
					ldb = k
				}
				var want []float32
				for _, workers := range []int{1, 2, 3, 5} {
					p := NewPool(workers)
					c := Floats(m * n)
					Gemm(p, transA, transB, m, n, k, a, lda, b, ldb, false, c, n)
					p.Close()
					if want == nil {
						want = c
						continue
					}
					same(t, fmt.Sprintf("%v transA=%v transB=%v, %d workers", s, transA, transB, workers), c, want)
				}
			}
		}
	})
}

// same fails unless the bits agree.
func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %v, want exactly %v", what, i, got[i], want[i])
		}
	}
}

func TestGemmRefusesShortSlices(t *testing.T) {
	x := Floats(100)
	for name, call := range map[string]func(){
		"a":            func() { Gemm(nil, false, false, 10, 5, 11, x, 11, x, 5, false, Floats(50), 5) },
		"b":            func() { Gemm(nil, false, false, 5, 11, 10, x, 10, x, 11, false, Floats(55), 11) },
		"c":            func() { Gemm(nil, false, false, 10, 10, 10, x, 10, x, 10, false, Floats(99), 10) },
		"overlapping":  func() { Gemm(nil, false, false, 10, 10, 10, x, 10, x, 10, false, Floats(200), 9) },
		"packed x":     func() { PackF32(x, 10, 10).Mul(nil, 11, x, 10, false, Floats(200), 10) },
		"packed y":     func() { PackF32(x, 10, 10).Mul(nil, 10, x, 10, false, x[:99], 10) },
		"vector input": func() { Add(x[:10], x, x[:9:9]) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}

// BenchmarkGemm prints GFLOP/s for the shapes of training and attention.
func BenchmarkGemm(b *testing.B) {
	type shape struct {
		name           string
		transA, transB bool
		m, n, k        int
	}
	var shapes []shape
	for _, n := range []int{64, 128, 256, 512, 1024, 2048} {
		shapes = append(shapes, shape{"NN", false, false, n, n, n}, shape{"NT", false, true, n, n, n}, shape{"TN", true, false, n, n, n})
	}
	const tokens = 2048
	for _, s := range [][2]int{{128, 384}, {128, 512}, {512, 128}, {512, 2048}, {2048, 512}} {
		in, out := s[0], s[1]
		shapes = append(shapes,
			shape{"NT", false, true, tokens, out, in},  // forward
			shape{"NN", false, false, tokens, in, out}, // gradient of the input
			shape{"TN", true, false, out, in, tokens})  // gradient of the weight
	}
	for _, s := range [][2]int{{64, 32}, {64, 64}, {128, 64}} { // queries × keys, head
		shapes = append(shapes, shape{"NT", false, true, s[0], 128, s[1]}, shape{"NN", false, false, s[0], s[1], 128}, shape{"TN", true, false, 128, s[1], s[0]})
	}
	for _, workers := range []int{1, 2} {
		p := NewPool(workers)
		for _, s := range shapes {
			b.Run(fmt.Sprintf("%dx/%s/%dx%dx%d", workers, s.name, s.m, s.n, s.k), func(b *testing.B) {
				x, y, c := Floats(s.m*s.k), Floats(s.k*s.n), Floats(s.m*s.n)
				r := rand.New(rand.NewPCG(1, 2))
				fill(r, x, 1)
				fill(r, y, 1)
				lda, ldb := s.k, s.n
				if s.transA {
					lda = s.m
				}
				if s.transB {
					ldb = s.k
				}
				ns := fastest(b, func() { Gemm(p, s.transA, s.transB, s.m, s.n, s.k, x, lda, y, ldb, false, c, s.n) })
				b.ReportMetric(2*float64(s.m*s.n*s.k)/ns, "GFLOP/s")
			})
		}
		p.Close()
	}
}
