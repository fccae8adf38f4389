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
