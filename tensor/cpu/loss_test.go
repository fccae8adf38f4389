package cpu

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestLog32: the logarithm of any float32 is that of the math package, rounded.
func TestLog32(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, x float32) {
		got, want := log32(x), math.Log(float64(x))
		if got == float32(want) || got != got && want != want {
			return
		}
		// Where want lies in the middle between two numbers it may be rounded to either.
		if d := math.Abs(float64(got) - want); !(d <= math.Abs(want)*0.5000001*0x1p-23) {
			t.Fatalf("log(%g) is %g, want %g", x, got, want)
		}
	}
	inf := float32(math.Inf(1))
	for _, x := range []float32{0, 1, -1, inf, -inf, float32(math.NaN()), math.MaxFloat32, math.SmallestNonzeroFloat32, 0x1p-126, math.Sqrt2, 0x1.fffffep-1, 1 + 0x1p-23} {
		check(t, x)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, math.Float32frombits(rapid.Uint32().Draw(t, "bits"))) })
	for bits := uint32(0x0070_0000); bits < 0x7f90_0000; bits += 9973 {
		check(t, math.Float32frombits(bits))
	}
}
