package simd

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// near fails unless got is want within tol of its size and that of the numbers it is made of.
func near(rt *rapid.T, what string, got float32, want, size, tol float64) {
	if !(math.Abs(float64(got)-want) <= tol*(math.Abs(want)+size)) {
		rt.Fatalf("%s is %g, want %g", what, got, want)
	}
}

func TestSoftmax(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			n := rapid.OneOf(rapid.IntRange(1, 70), rapid.IntRange(100, 2000)).Draw(rt, "n")
			scale := rapid.SampledFrom([]float32{1, 0.125, 3, -1}).Draw(rt, "scale")
			spread := rapid.SampledFrom([]float64{0.1, 3, 100}).Draw(rt, "spread")
			x := newGuarded(rt, n)
			fill(source(rt), x.in, spread)
			old := append([]float32(nil), x.in...)
			parts := slices.Clone(old)
			most, total := Exponentials(parts, scale)
			m, s := Softmax(x.in, scale)
			x.check(rt, "Softmax")
			if most != m || total != s {
				rt.Fatalf("Exponentials gives %g and %g, Softmax %g and %g", most, total, m, s)
			}
			top, sum := math.Inf(-1), 0.
			for _, v := range old {
				top = max(top, float64(v*scale))
			}
			for _, v := range old {
				sum += math.Exp(float64(v)*float64(scale) - top)
			}
			// What the argument of exp is off by (a rounding of scale·x) is relative in the result.
			tol := 1e-6 + 1.2e-7*math.Abs(top)
			near(rt, "max", m, top, 0, 2e-7)
			near(rt, "sum", s, sum, 0, tol)
			lse := top + math.Log(sum)
			again, dp := newGuarded(rt, n), newGuarded(rt, n)
			copy(again.in, old)
			fill(source(rt), dp.in, 1)
			given, dot := slices.Clone(dp.in), float32(0.3)
			ScoresGrad(dp.in, again.in, scale, float32(lse), dot)
			again.check(rt, "ScoresGrad")
			dp.check(rt, "ScoresGrad")
			for i, v := range old {
				want := math.Exp(float64(v)*float64(scale) - lse)
				near(rt, "exponential", parts[i]/s, float64(x.in[i]), 1e-30, 3e-7)
				near(rt, "probability", x.in[i], want, 1e-7, tol+1.2e-7*math.Abs(float64(v*scale)))
				again := again.in[i]
				near(rt, "probability again", again, want, 1e-7, tol+1.2e-7*(2*math.Abs(float64(v*scale))+math.Abs(lse))) // lse is rounded, too
				near(rt, "gradient", dp.in[i], float64(scale)*float64(again)*(float64(given[i])-float64(dot)), 1e-30, 3e-7)
			}
		})
	})
}

// stats returns mean and 1/√(variance+eps), and 1/√(mean of squares+eps).
func stats(x []float32, eps float64) (mean, rstd, rms float64) {
	n := float64(len(x))
	var squares, variance float64
	for _, v := range x {
		mean += float64(v) / n
		squares += float64(v) * float64(v) / n
	}
	for _, v := range x {
		d := float64(v) - mean
		variance += d * d / n
	}
	return mean, 1 / math.Sqrt(variance+eps), 1 / math.Sqrt(squares+eps)
}

func TestNorms(t *testing.T) {
	const eps = 1e-5
	eachLevel(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			n := rapid.OneOf(rapid.IntRange(1, 70), rapid.IntRange(100, 2000)).Draw(rt, "n")
			offset := rapid.SampledFrom([]float64{0, 1, 1000}).Draw(rt, "offset") // E[x²]-mean² would fail at 1000
			r := source(rt)
			x, gain, bias, dy := newGuarded(rt, n), newGuarded(rt, n), newGuarded(rt, n), newGuarded(rt, n)
			for _, g := range []guarded{x, gain, bias, dy} {
				fill(r, g.in, 1)
			}
			for i := range x.in {
				x.in[i] += float32(offset)
			}
			mean, rstd, rms := stats(x.in, eps)
			// The mean is right within some units of 2⁻²⁴ of its size; x - mean is off by as much.
			off := 2.4e-7 * (offset + 1) * rstd
			out := newGuarded(rt, n)
			gotMean, gotRstd := LayerNorm(out.in, x.in, gain.in, bias.in, eps)
			out.check(rt, "LayerNorm")
			near(rt, "mean", gotMean, mean, offset+1, 3e-7)
			near(rt, "rstd", gotRstd, rstd, 0, 2e-6+4*off*off)
			for i, v := range x.in {
				want := (float64(v)-mean)*rstd*float64(gain.in[i]) + float64(bias.in[i])
				near(rt, "LayerNorm", out.in[i], want, 1+math.Abs(float64(gain.in[i])), 4e-6+4*off)
			}
			gotRMS := RMSNorm(out.in, x.in, gain.in, eps)
			out.check(rt, "RMSNorm")
			near(rt, "rms", gotRMS, rms, 0, 2e-6)
			for i, v := range x.in {
				near(rt, "RMSNorm", out.in[i], float64(v)*rms*float64(gain.in[i]), 0, 3e-6)
			}

			// Gradients, from the same mean and rstd.
			fm, fr, fq := float64(gotMean), float64(gotRstd), float64(gotRMS)
			var an, ax, aq float64
			for i, d := range dy.in {
				dn := float64(d) * float64(gain.in[i])
				an += dn / float64(n)
				ax += dn * (float64(x.in[i]) - fm) * fr / float64(n)
				aq += dn * float64(x.in[i]) * fq / float64(n)
			}
			dx, dgain, dbias := newGuarded(rt, n), newGuarded(rt, n), newGuarded(rt, n)
			if rapid.Bool().Draw(rt, "dx is dy") {
				copy(dx.in, dy.in)
				dy = dx
			}
			d := append([]float32(nil), dy.in...)
			fill(r, dgain.in, 1)
			fill(r, dbias.in, 1)
			dg, db := append([]float32(nil), dgain.in...), append([]float32(nil), dbias.in...)
			LayerNormGrad(dx.in, dy.in, x.in, gain.in, dgain.in, dbias.in, gotMean, gotRstd)
			dx.check(rt, "dx")
			dgain.check(rt, "dgain")
			dbias.check(rt, "dbias")
			for i := range d {
				h := (float64(x.in[i]) - fm) * fr
				near(rt, "dx", dx.in[i], fr*(float64(d[i])*float64(gain.in[i])-an-h*ax), fr*(1+math.Abs(float64(d[i]))*math.Abs(float64(gain.in[i]))+math.Abs(h)), 4e-6)
				near(rt, "dgain", dgain.in[i], float64(dg[i])+float64(d[i])*h, math.Abs(float64(dg[i]))+math.Abs(float64(d[i])*h), 1e-6)
				near(rt, "dbias", dbias.in[i], float64(db[i])+float64(d[i]), math.Abs(float64(db[i])), 1e-6)
			}
			copy(dy.in, d)
			copy(dgain.in, dg)
			RMSNormGrad(dx.in, dy.in, x.in, gain.in, dgain.in, gotRMS)
			dx.check(rt, "dx")
			dgain.check(rt, "dgain")
			for i := range d {
				h := float64(x.in[i]) * fq
				near(rt, "rms dx", dx.in[i], fq*(float64(d[i])*float64(gain.in[i])-h*aq), fq*(1+math.Abs(float64(d[i]))*math.Abs(float64(gain.in[i]))+math.Abs(h*aq)), 4e-6)
				near(rt, "rms dgain", dgain.in[i], float64(dg[i])+float64(d[i])*h, math.Abs(float64(dg[i]))+math.Abs(float64(d[i])*h), 1e-6)
			}
		})
		LayerNormGrad(nil, nil, nil, nil, nil, nil, 0, 1)
		RMSNormGrad(nil, nil, nil, nil, nil, 1)
		LayerNorm(nil, nil, nil, nil, 1)
		RMSNorm(nil, nil, nil, 1)
	})
}

// BenchmarkExponentials are kernels that consist of exponentials, on rows of 256 values.
func BenchmarkExponentials(b *testing.B) {
	x, y, z := Floats(256), Floats(256), Floats(256)
	for i := range x {
		x[i] = float32(i%17) / 3
	}
	for name, f := range map[string]func(){
		"Exp":          func() { Exp(y, x) },
		"Gelu":         func() { Gelu(y, x) },
		"GeluGrad":     func() { GeluGrad(y, z, x) },
		"Exponentials": func() { copy(y, x); Exponentials(y, 0.25) },
		"ScoresGrad":   func() { copy(y, x); ScoresGrad(z, y, 0.25, 5, 0.1) },
	} {
		b.Run(name, func(b *testing.B) { b.ReportMetric(256/fastest(b, f), "values/ns") })
	}
}
