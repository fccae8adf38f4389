package simd

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestColumns: products with packed columns, and parts of them, are what Gemm computes from the same.
func TestColumns(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			size := func(name string) int {
				return rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(60, 150)).Draw(rt, name)
			}
			m, n, k := size("m"), size("n"), size("k")
			transA, transB, add := rapid.Bool().Draw(rt, "transA"), rapid.Bool().Draw(rt, "transB"), rapid.Bool().Draw(rt, "add")
			matrix := func(name string, rows, cols int, trans bool) ([]float32, int) {
				if trans {
					rows, cols = cols, rows
				}
				ld := cols + rapid.IntRange(0, 20).Draw(rt, "after a row of "+name)
				x := make([]float32, (rows-1)*ld+cols)
				fill(source(rt), x, 1)
				return x, ld
			}
			b, ldb := matrix("B", k, n, transB)
			packed := PackColumns(Floats(ColumnsSize(n, k)), transB, n, k, b, ldb)
			k0 := rapid.IntRange(0, k-1).Draw(rt, "k0")
			j0 := rapid.IntRange(0, (n-1)/ColumnsUnit()).Draw(rt, "j0") * ColumnsUnit()
			kc, nc := rapid.IntRange(0, k-k0).Draw(rt, "kc"), rapid.IntRange(1, n-j0).Draw(rt, "nc")
			a, lda := matrix("A", m, max(kc, 1), transA)
			c, ldc := matrix("C", m, nc, false)
			guarded := newGuarded(rt, len(c))
			copy(guarded.in, c)
			c = guarded.in
			want := slices.Clone(c)
			if transB {
				Gemm(nil, transA, true, m, nc, kc, a, lda, b[j0*ldb+k0:], ldb, add, want, ldc)
			} else {
				Gemm(nil, transA, false, m, nc, kc, a, lda, b[k0*ldb+j0:], ldb, add, want, ldc)
			}
			packed.Part(k0, kc, j0, nc).Mul(transA, m, a, lda, add, c, ldc)
			guarded.check(rt, "Mul")
			for i := range c {
				near(rt, "an element", c[i], float64(want[i]), 4, 1e-5)
			}
			for i := range m { // between rows nothing is written
				for j := nc; i < m-1 && j < ldc; j++ {
					if c[i*ldc+j] != want[i*ldc+j] {
						rt.Fatalf("row %d, column %d of %d was written", i, j, nc)
					}
				}
			}
		})
	})
}
