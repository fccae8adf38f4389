package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestRows compares products of a vector with rows of a matrix with sums in float64.
func TestRows(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n, d := rapid.IntRange(0, 40).Draw(t, "rows"), rapid.IntRange(0, 300).Draw(t, "length")
			ld := d + rapid.IntRange(0, 20).Draw(t, "gap")
			nan := float32(math.NaN())
			// Between the rows and after the last there is what nobody may read into a sum.
			rows := slices.Repeat([]float32{nan}, n*ld+64)
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			for i := range n {
				fill(rng, rows[i*ld:i*ld+d], 1)
			}
			v, w := make([]float32, d), make([]float32, n)
			fill(rng, v, 1)
			fill(rng, w, 1)
			if n > 0 {
				rows = rows[:(n-1)*ld+d]
			}

			dots := slices.Repeat([]float32{7}, n+16)
			DotRows(dots[:n], v, rows, ld)
			sums := slices.Repeat([]float32{7}, d+16)
			SumRows(sums[:d], w, rows, ld)
			for i, got := range dots {
				want, size := 7., 0.
				if i < n {
					want = 0
					for j := range d {
						p := float64(v[j]) * float64(rows[i*ld+j])
						want, size = want+p, size+math.Abs(p)
					}
				}
				if diff := math.Abs(float64(got) - want); !(diff <= 2e-6*size) {
					t.Fatalf("product %d of %d is %v, want %v", i, n, got, want)
				}
			}
			for j, got := range sums {
				want, size := 7., 7.
				if j < d {
					for i := range n {
						p := float64(w[i]) * float64(rows[i*ld+j])
						want, size = want+p, size+math.Abs(p)
					}
				}
				if diff := math.Abs(float64(got) - want); !(diff <= 4e-6*size) {
					t.Fatalf("sum %d of %d is %v, want %v", j, d, got, want)
				}
			}

			// The bits depend neither on a row's place nor on how often one stops on the way.
			if n > 0 && d > 0 {
				at := rapid.IntRange(0, n-1).Draw(t, "at")
				DotRows(dots[n:n+1], v, rows[at*ld:], ld)
				if dots[n] != dots[at] {
					t.Fatalf("product %d of %d is %v, alone %v", at, n, dots[at], dots[n])
				}
				again := slices.Repeat([]float32{7}, d)
				SumRows(again, w[:at], rows, ld)
				SumRows(again, w[at:], rows[at*ld:], ld)
				if !slices.Equal(again, sums[:d]) {
					t.Fatalf("sums in two parts are %v, in one %v", again, sums[:d])
				}
			}
		})
	})
}
