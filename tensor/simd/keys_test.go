package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestKeys: scores with packed keys, and with a part of them, are what Gemm computes from the same.
func TestKeys(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			m, n := rapid.IntRange(1, 70).Draw(rt, "m"), rapid.IntRange(1, 300).Draw(rt, "n")
			k := rapid.OneOf(rapid.SampledFrom([]int{16, 32, 64, 128}), rapid.IntRange(1, 70)).Draw(rt, "k")
			ldk, ldq := k+rapid.IntRange(0, 20).Draw(rt, "after a key"), k+rapid.IntRange(0, 20).Draw(rt, "after a query")
			keys, q := make([]float32, (n-1)*ldk+k), make([]float32, (m-1)*ldq+k)
			fill(source(rt), keys, 1)
			fill(source(rt), q, 1)
			packed := PackKeys(Floats(KeysSize(n, k)), n, k, keys, ldk)
			j := rapid.IntRange(0, (n-1)/ColumnsUnit()).Draw(rt, "j") * ColumnsUnit()
			nc := rapid.IntRange(1, n-j).Draw(rt, "nc")
			ldc := nc + rapid.IntRange(0, 20).Draw(rt, "after a row of C")
			guarded := newGuarded(rt, (m-1)*ldc+nc)
			c := guarded.in
			for i := range c {
				c[i] = 7
			}
			want := make([]float32, m*nc)
			Gemm(nil, false, true, m, nc, k, q, ldq, keys[j*ldk:], ldk, false, want, nc)
			packed.Scores(m, q, ldq, j, nc, c, ldc)
			guarded.check(rt, "Scores")
			for i := range c {
				switch row, col := i/ldc, i%ldc; {
				case col < nc:
					near(rt, "an element", c[i], float64(want[row*nc+col]), 4, 1e-5)
				case c[i] != 7:
					rt.Fatalf("row %d, column %d of %d was written", row, col, nc)
				}
			}
		})
	})
}

// TestScoresAreAsExact compares the error of scores in tiles with that of products of float32.
func TestScoresAreAsExact(t *testing.T) {
	needTiles(t)
	r := rand.New(rand.NewPCG(3, 4))
	for _, k := range []int{16, 32, 64} {
		for _, spread := range []float64{1e-20, 1, 1e15} {
			const m, n = 48, 100
			q, keys := Floats(m*k), Floats(n*k)
			fill(r, q, spread)
			fill(r, keys, 1)
			turned := Floats(k * n)
			transposeGo(n, k, turned, n, keys, k)
			var e [2]float64
			for i, l := range []Level{AVX512, AMX} {
				restore := Use(l)
				c := Floats(m * n)
				PackKeys(Floats(KeysSize(n, k)), n, k, keys, k).Scores(m, q, k, 0, n, c, n)
				restore()
				e[i] = errorOf(q, turned, c, m, n, k)
			}
			t.Logf("spread %g, k %d: vectors %.2g, tiles %.2g", spread, k, e[0], e[1])
			if e[1] > 1.1*e[0]+5e-9 {
				t.Errorf("spread %g, k %d: the error is %g, with vectors it is %g", spread, k, e[1], e[0])
			}
		}
	}
}

// BenchmarkScores are those of a block of rows of attention.
func BenchmarkScores(b *testing.B) {
	for _, k := range []int{16, 32, 64} {
		for _, l := range []Level{AVX512, AMX} {
			b.Run(fmt.Sprintf("%d/%v", k, l), func(b *testing.B) {
				defer Use(l)()
				const m, n, ld = 28, 256, 272
				q, keys, c := Floats(m*k), Floats(n*k), Floats(m*ld)
				fill(rand.New(rand.NewPCG(3, 4)), keys, 1)
				x := PackKeys(Floats(KeysSize(n, k)), n, k, keys, k)
				b.ReportMetric(2*m*n*float64(k)/fastest(b, func() { x.Scores(m, q, k, 0, n, c, ld) }), "GFLOP/s")
			})
		}
	}
}
