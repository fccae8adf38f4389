package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// layouts are the kinds, and of 8-bit weights both layouts at every level.
var layouts = []struct {
	name string
	kind Kind
	pack func(w []float32, n, k int) *Packed
}{
	{"f32", F32, PackF32},
	{"f32 for many", F32, func(w []float32, n, k int) *Packed {
		defer func(l int) { manyFrom = l }(manyFrom)
		manyFrom = 1
		p := PackF32(w, n, k)
		p.ForMany()
		return p
	}},
	{"bf16", BF16, PackBF16},
	{"int8", Int8, func(w []float32, n, k int) *Packed { return packInt8(w, n, k, false) }},
	{"int8 in quads", Int8, func(w []float32, n, k int) *Packed { return packInt8(w, n, k, true) }},
}

func TestPackedMul(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		p := NewPool(2)
		defer p.Close()
		rapid.Check(t, func(rt *rapid.T) {
			layout := layouts[rapid.IntRange(0, len(layouts)-1).Draw(rt, "layout")]
			m := rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, 120)).Draw(rt, "m")
			n := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(30, 200)).Draw(rt, "n")
			k := rapid.OneOf(rapid.IntRange(0, 20), rapid.IntRange(100, 300)).Draw(rt, "k")
			ldx, ldy := k+rapid.IntRange(0, 5).Draw(rt, "gap x"), n+rapid.IntRange(0, 5).Draw(rt, "gap y")
			acc := rapid.Bool().Draw(rt, "acc")
			r := source(rt)
			w := Floats(n * k)
			fill(r, w, 1)
			packed := layout.pack(w, n, k)
			used := Floats(n * k) // the weights as they are used
			for i := range n {
				packed.Row(i, used[i*k:(i+1)*k])
			}
			x, y := newGuarded(rt, max(0, (m-1)*ldx+k)), newGuarded(rt, max(0, (m-1)*ldy+n))
			for i := range m {
				fill(r, x.in[i*ldx:i*ldx+k], 1)
				fill(r, y.in[i*ldy:i*ldy+n], 1)
			}
			before := append([]float32(nil), y.in...)
			packed.Mul(p, m, x.in, ldx, acc, y.in, ldy)
			y.check(rt, "y")
			for i := range m - 1 {
				for j := n; j < ldy; j++ {
					if math.Float32bits(y.in[i*ldy+j]) != guardBits {
						rt.Fatalf("wrote between rows, at [%d,%d]", i, j)
					}
				}
			}
			read := append([]float32(nil), x.in...) // x as it is used
			if packed.offset != nil && k > 0 {
				for i := range m {
					asFixed(rt, read[i*ldx:i*ldx+k])
				}
			}
			checkProduct(rt, false, true, m, n, k, read, ldx, used, k, before, y.in, ldy, acc)
		})
	})
}

// TestPackedRounding checks what the weights become: exact, the nearest bfloat16, or within half
// a step of 1/127 of the row's largest.
func TestPackedRounding(t *testing.T) {
	const n, k = 67, 300 // two parts of a panel
	r := rand.New(rand.NewPCG(1, 2))
	w := Floats(n * k)
	fill(r, w, 1)
	clear(w[3*k : 4*k])
	row := make([]float32, k)
	for _, layout := range layouts {
		kind, p := layout.kind, layout.pack(w, n, k)
		for i := range n {
			p.Row(i, row)
			var top float64
			for _, v := range w[i*k : (i+1)*k] {
				top = max(top, math.Abs(float64(v)))
			}
			for x, got := range row {
				want := w[i*k+x]
				bound := map[Kind]float64{F32: 0, BF16: math.Abs(float64(want)) / 256, Int8: top / 127 / 2 * 1.0001}[kind]
				if d := math.Abs(float64(got - want)); !(d <= bound) {
					t.Fatalf("%v [%d,%d]: %g became %g", layout.name, i, x, want, got)
				}
			}
		}
	}
	bits := make([]uint16, n*k)
	ToBF16(bits, w)
	a, b := PackBF16(w, n, k), PackBF16Bits(bits, n, k)
	for i := range a.bf16 {
		if a.bf16[i] != b.bf16[i] {
			t.Fatalf("PackBF16 and PackBF16Bits differ at %d", i)
		}
	}
	if f, h, q := PackF32(w, n, k).Bytes(), a.Bytes(), packInt8(w, n, k, false).Bytes(); f != 96*k*4 || h != 96*k*2 || q != 96*k+96*4 {
		t.Errorf("Bytes: %d %d %d", f, h, q)
	}
}

func TestPackedNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, layout := range layouts {
			for _, bad := range []float64{math.NaN(), math.Inf(1)} {
				w, x, y := Floats(3*8), Floats(8), Floats(3)
				for i := range w {
					w[i] = 1
				}
				w[8+5] = float32(bad)
				layout.pack(w, 3, 8).Mul(nil, 1, x, 8, false, y, 3) // 0·Inf is NaN as well
				if y[0] != 0 || y[1] == y[1] || y[2] != 0 {
					t.Errorf("%v: %v in the second row gives %v", layout.name, bad, y)
				}
				w[8+5], x[2] = 1, float32(bad)
				if layout.pack(w, 3, 8).Mul(nil, 1, x, 8, false, y, 3); y[0] == 0 || y[2] == 0 || y[0]-y[0] == 0 {
					t.Errorf("%v: %v in x gives %v", layout.name, bad, y)
				}
			}
		}
	})
}

// TestPackedDeterministic checks that a row has the same bits among any number of others and on
// any number of workers.
func TestPackedDeterministic(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		const n, k, most = 163, 211, 130
		r := rand.New(rand.NewPCG(1, 2))
		w, x := Floats(n*k), Floats(most*k)
		fill(r, w, 1)
		fill(r, x, 1)
		for _, layout := range layouts {
			p := layout.pack(w, n, k)
			want := Floats(most * n)
			for i := range most {
				p.Mul(nil, 1, x[i*k:], k, false, want[i*n:], n)
			}
			for _, workers := range []int{1, 2, 3, 5} {
				pool := NewPool(workers)
				for _, m := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 31, 64, 65, 97, most} {
					y := Floats(m * n)
					p.Mul(pool, m, x, k, false, y, n)
					same(t, fmt.Sprintf("%v m=%d %d workers", layout.name, m, workers), y, want[:m*n])
				}
				pool.Close()
			}
		}
	})
}

// BenchmarkPacked prints GB/s of weights read and GFLOP/s; the larger matrix is in no cache.
func BenchmarkPacked(b *testing.B) {
	for _, s := range [][2]int{{2048, 512}, {65536, 1024}} {
		n, k := s[0], s[1]
		w := Floats(n * k)
		fill(rand.New(rand.NewPCG(1, 2)), w, 1)
		for _, layout := range layouts {
			packed := layout.pack(w, n, k)
			for _, workers := range []int{1, 2} {
				p := NewPool(workers)
				for _, m := range []int{1, 4, 16, 64} {
					b.Run(fmt.Sprintf("%v/%dx%d/%dx/m=%d", layout.name, n, k, workers, m), func(b *testing.B) {
						x, y := Floats(m*k), Floats(m*n)
						fill(rand.New(rand.NewPCG(1, 2)), x, 1)
						ns := fastest(b, func() { packed.Mul(p, m, x, k, false, y, n) })
						b.ReportMetric(float64(packed.Bytes())/ns, "GB/s")
						b.ReportMetric(2*float64(m*n*k)/ns, "GFLOP/s")
					})
				}
				p.Close()
			}
		}
	}
}

// BenchmarkRead prints what reading memory alone reaches, for comparison with BenchmarkPacked.
func BenchmarkRead(b *testing.B) {
	x := Floats(64 << 20)
	for i := range x {
		x[i] = 1 // every page its own
	}
	for _, workers := range []int{1, 2} {
		p := NewPool(workers)
		b.Run(fmt.Sprintf("%dx", workers), func(b *testing.B) {
			const chunk = 1 << 16
			sums := make([]float32, len(x)/chunk)
			ns := fastest(b, func() {
				p.For(len(sums), func(i int) { sums[i] = Sum(x[i*chunk : (i+1)*chunk]) })
			})
			b.ReportMetric(4*float64(len(x))/ns, "GB/s")
		})
		p.Close()
	}
}

// asFixed rounds a row as fix must: to multiples of its largest magnitude / 32767, with half a step
// to spare either way.
func asFixed(t *rapid.T, row []float32) {
	f := fix(1, row, len(row), len(row))
	defer f.free()
	var top float64
	for _, v := range row {
		top = max(top, math.Abs(float64(v)))
	}
	for i, v := range row {
		got := float64(f.scale[0]) * float64(256*(int(f.high[i])-128)+int(f.low[i]))
		if math.Abs(got-float64(v)) > top/65534*1.01 {
			t.Fatalf("%g of a row up to %g became %g", v, top, got)
		}
		row[i] = float32(got)
	}
}

// TestFixLevels: the rows of fixed-point numbers are the same at every level, at any length.
func TestFixLevels(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			n := rapid.IntRange(1, 70).Draw(rt, "n")
			x := newGuarded(rt, n)
			fill(source(rt), x.in, math.Exp(rapid.Float64Range(-60, 60).Draw(rt, "size")))
			if top := topGo(x.in); active.top(x.in) != top {
				rt.Fatalf("top is %g, want %g", active.top(x.in), top)
			}
			got, want := fix(1, x.in, n, n), fixed{}
			func() {
				defer Use(Portable)()
				want = fix(1, x.in, n, n)
			}()
			if got.scale[0] != want.scale[0] || !slices.Equal(got.high[:n], want.high[:n]) || !slices.Equal(got.low[:n], want.low[:n]) {
				rt.Fatalf("%v: %v %v %v, want %v %v %v", x.in, got.scale, got.high, got.low, want.scale, want.high, want.low)
			}
		})
	})
}

// TestFixExtremes: sums of the largest values do not overflow, and tiny rows become zeros.
func TestFixExtremes(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		k := mostInQuads
		w, x, y := Floats(2*k), Floats(3*k), Floats(6)
		for i := range k {
			w[i], w[k+i], x[i], x[k+i], x[2*k+i] = 1, -1, 1, -1, 1e-40
		}
		packInt8(w, 2, k, true).Mul(nil, 3, x, k, false, y, 2)
		for i, want := range []float64{1, -1, -1, 1, 0, 0} {
			if math.Abs(float64(y[i])/float64(k)-want) > 1e-6 {
				t.Errorf("%v, want ±%d and 0", y, k)
			}
		}
	})
}

// BenchmarkPack lays a matrix of 25 MB out.
func BenchmarkPack(b *testing.B) {
	const n, k = 4864, 1280
	w := Floats(n * k)
	fill(rand.New(rand.NewPCG(1, 2)), w, 1)
	for _, layout := range layouts {
		b.Run(layout.name, func(b *testing.B) {
			b.SetBytes(4 * n * k)
			for range b.N {
				layout.pack(w, n, k)
			}
		})
	}
}
