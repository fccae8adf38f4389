package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

// eachLevel runs a test with every level, and says which this machine cannot run.
func eachLevel(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, l := range []Level{Portable, AVX2, AVX512, AMX} {
		t.Run(l.String(), func(t *testing.T) {
			if !slices.Contains(Levels(), l) {
				t.Log("NOT RUN: this machine does not have " + l.String())
				t.SkipNow()
			}
			defer Use(l)()
			defer func(n int) { tilesFrom = n }(tilesFrom)
			tilesFrom = 1 // all sizes in tiles
			if Active() != l {
				t.Fatalf("Use(%v) left %v active", l, Active())
			}
			test(t)
		})
	}
}

// guard surrounds the slices that a test hands out, to notice writes outside of them.
const guard = 24

const guardBits = 0x7fabcdef // a NaN: reads from outside are noticed too

// guarded is a slice in the middle of a larger one, at any alignment.
type guarded struct {
	whole, in []float32
}

func newGuarded(rt *rapid.T, n int) guarded {
	shift := rapid.IntRange(0, 7).Draw(rt, "shift")
	w := Floats(n + 2*guard)
	for i := range w {
		w[i] = math.Float32frombits(guardBits)
	}
	return guarded{w, w[guard-shift : guard-shift+n]}
}

// check fails when something outside of the slice was written.
func (g guarded) check(rt *rapid.T, what string) {
	for i := range g.whole {
		inside := len(g.in) > 0 && uintptr(unsafe.Pointer(&g.whole[i])) >= uintptr(unsafe.Pointer(&g.in[0])) &&
			uintptr(unsafe.Pointer(&g.whole[i])) <= uintptr(unsafe.Pointer(&g.in[len(g.in)-1]))
		if !inside && math.Float32bits(g.whole[i]) != guardBits {
			rt.Fatalf("%s: wrote outside, at %d of %d", what, i-guard, len(g.in))
		}
	}
}

// source returns a seeded source of random numbers.
func source(rt *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
}

func fill(r *rand.Rand, x []float32, spread float64) {
	for i := range x {
		x[i] = float32(r.NormFloat64() * spread)
	}
}

func TestFloats(t *testing.T) {
	for n := range 70 {
		x := Floats(n)
		if len(x) != n || cap(x) != n {
			t.Fatalf("Floats(%d) has length %d, capacity %d", n, len(x), cap(x))
		}
		if n > 0 && uintptr(unsafe.Pointer(&x[0]))%64 != 0 {
			t.Fatalf("Floats(%d) is not aligned", n)
		}
	}
}

func TestUse(t *testing.T) {
	before := Active()
	restore := Use(Portable)
	if Active() != Portable {
		t.Error("Use(Portable) had no effect")
	}
	Use(Level(99))
	if Active() != Portable {
		t.Error("an unknown level changed the active one")
	}
	restore()
	if Active() != before {
		t.Error("restore did not")
	}
	for _, l := range Levels() {
		if got := choose(l.String()).level; got != l {
			t.Errorf("HONE_SIMD=%v chose %v", l, got)
		}
	}
	best := Levels()[len(Levels())-1]
	if got := choose("").level; got != best {
		t.Errorf("without HONE_SIMD: %v, want %v", got, best)
	}
}
