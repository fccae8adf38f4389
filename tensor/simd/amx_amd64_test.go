package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// needTiles has all products computed in tiles at the level AMX.
func needTiles(t *testing.T) {
	t.Helper()
	if !slices.Contains(Levels(), AMX) {
		t.Skip("NOT RUN: this machine has no AMX")
	}
	t.Cleanup(func(n int) func() { return func() { tilesFrom = n } }(tilesFrom))
	tilesFrom = 1
}

// errorOf is the root of the mean squared error of a·b, [m,n] of depth k, relative to the largest
// that the sum of magnitudes allows.
func errorOf(a, b, c []float32, m, n, k int) float64 {
	var total float64
	for i := range m {
		for j := range n {
			var want, size float64
			for x := range k {
				v := float64(a[i*k+x]) * float64(b[x*n+j])
				want += v
				size += math.Abs(v)
			}
			d := (float64(c[i*n+j]) - want) / size
			total += d * d
		}
	}
	return math.Sqrt(total / float64(m*n))
}

// TestTilesAreAsExact compares the error of products of three parts of 8 bits with that of products
// of float32.
func TestTilesAreAsExact(t *testing.T) {
	needTiles(t)
	r := rand.New(rand.NewPCG(3, 4))
	for _, spread := range []float64{1e-20, 1, 1e15} {
		for _, k := range []int{32, 100, 512, 2048} {
			const m, n = 48, 40
			a, b := Floats(m*k), Floats(k*n)
			fill(r, a, spread)
			fill(r, b, 1)
			for i := range a { // all signs alike: errors in one direction would add up
				a[i] = float32(math.Abs(float64(a[i])))
			}
			var e [2]float64
			for i, l := range []Level{AVX512, AMX} {
				restore := Use(l)
				c := Floats(m * n)
				Gemm(nil, false, false, m, n, k, a, k, b, n, false, c, n)
				restore()
				e[i] = errorOf(a, b, c, m, n, k)
			}
			t.Logf("spread %g, k %d: vectors %.2g, tiles %.2g", spread, k, e[0], e[1])
			if e[1] > 1.1*e[0]+5e-9 { // a tenth of half a step of float32
				t.Errorf("spread %g, k %d: the error is %g, with vectors it is %g", spread, k, e[1], e[0])
			}
		}
	}
}

// TestTilesAnywhere compares parts of a product with products of parts.
func TestTilesAnywhere(t *testing.T) {
	needTiles(t)
	defer Use(AMX)()
	rapid.Check(t, func(rt *rapid.T) {
		m, n, k := rapid.IntRange(1, 120).Draw(rt, "m"), rapid.IntRange(1, 600).Draw(rt, "n"), rapid.IntRange(1, 300).Draw(rt, "k")
		r := source(rt)
		a, b, c := Floats(m*k), Floats(k*n), Floats(m*n)
		fill(r, a, 1)
		fill(r, b, 1)
		Gemm(nil, false, false, m, n, k, a, k, b, n, false, c, n)
		i0, j0 := rapid.IntRange(0, m-1).Draw(rt, "first row"), rapid.IntRange(0, n-1).Draw(rt, "first column")
		rows, cols := rapid.IntRange(1, m-i0).Draw(rt, "rows"), rapid.IntRange(1, n-j0).Draw(rt, "columns")
		part := Floats(rows * cols)
		Gemm(nil, false, false, rows, cols, k, a[i0*k:], k, b[j0:], n, false, part, cols)
		for i := range rows {
			for j := range cols {
				if got, want := part[i*cols+j], c[(i0+i)*n+j0+j]; got != want {
					rt.Fatalf("[%d,%d] of the part is %v, of the whole %v", i, j, got, want)
				}
			}
		}
	})
}

func TestTilesNotFinite(t *testing.T) {
	needTiles(t)
	defer Use(AMX)()
	const n = 64
	for _, v := range []uint32{0x7f800000, 0xff800000, 0x7fc00000, 0x7fffffff, 0xffffffff, 0x7f800001} {
		for at := range n {
			a, b, c := Floats(n*n), Floats(n*n), Floats(n*n)
			for i := range a {
				a[i], b[i] = 1, 1
			}
			a[5*n+at] = math.Float32frombits(v)
			Gemm(nil, false, false, n, n, n, a, n, b, n, false, c, n)
			for i := range c {
				if got := math.IsNaN(float64(c[i])); got != (i/n == 5) {
					t.Fatalf("%#x at %d of row 5: element %d of row %d is %v", v, at, i%n, i/n, c[i])
				}
			}
		}
	}
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
