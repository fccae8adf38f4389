package simd

import "math"

// The portable kernels: plain Go for every architecture, and the text that explains what the
// assembly does. Formulas and constants are the same in gen/kernels.go.

var portable = &kernels{
	level:    Portable,
	gemmRows: 4, gemmCols: 4, lanes: 1,
	gemm: gemmGo, transpose: transposeGo, copyRows: copyRowsGo,
	packedF32: packedF32Go, packedBF16: packedBF16Go, packedInt8: packedInt8Go,
	packedQuads: packedQuadsGo, top: topGo, fix: fixGo,
	add: addGo, mul: mulGo, mulAdd: mulAddGo, scale: scaleGo, axpy: axpyGo,
	dot: dotGo, sumSquares: sumSquaresGo, max: maxGo, sum: sumGo, allFinite: allFiniteGo,
	exp: expGo, gelu: geluGo, silu: siluGo, tanh: tanhGo,
	geluGrad: geluGradGo, siluGrad: siluGradGo, swiGLU: swiGLUGo, swiGLUGrad: swiGLUGradGo,
	softmax: softmaxGo, exponentials: exponentialsGo, scoresGrad: scoresGradGo,
	layerNorm: layerNormGo, layerNormGrad: layerNormGradGo,
	rmsNorm: rmsNormGo, rmsNormGrad: rmsNormGradGo,
	rotate: rotateGo, adamW: adamWGo, dotRows: dotRowsGo, sumRows: sumRowsGo, fromBF16: fromBF16Go, toBF16: toBF16Go,
}

func addGo(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func mulGo(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func mulAddGo(dst, a, b []float32) {
	for i := range dst {
		dst[i] += a[i] * b[i]
	}
}

func scaleGo(dst, a []float32, s float32) {
	for i := range dst {
		dst[i] = a[i] * s
	}
}

func axpyGo(dst, a []float32, s float32) {
	for i := range dst {
		dst[i] += a[i] * s
	}
}

// The sums keep several partial sums: it is both faster and more accurate than one.

func dotGo(a, b []float32) float32 {
	var s [8]float32
	for len(a) >= 8 && len(b) >= 8 {
		for i := range s {
			s[i] += a[i] * b[i]
		}
		a, b = a[8:], b[8:]
	}
	for i := range a {
		s[i] += a[i] * b[i]
	}
	return fold(&s)
}

func sumGo(a []float32) float32 {
	var s [8]float32
	for len(a) >= 8 {
		for i := range s {
			s[i] += a[i]
		}
		a = a[8:]
	}
	for i := range a {
		s[i] += a[i]
	}
	return fold(&s)
}

func fold(s *[8]float32) float32 {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

func sumSquaresGo(a []float32) float64 {
	var s [4]float64
	for len(a) >= 4 {
		for i := range s {
			s[i] += float64(a[i]) * float64(a[i])
		}
		a = a[4:]
	}
	for i := range a {
		s[i] += float64(a[i]) * float64(a[i])
	}
	return (s[0] + s[2]) + (s[1] + s[3])
}

func maxGo(a []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range a {
		m = max(m, v) // NaN wins
	}
	return m
}

func allFiniteGo(a []float32) bool {
	var bad float32
	for _, v := range a {
		bad += v * 0 // 0 for a finite value, else NaN
	}
	return bad == 0
}

const (
	// e^x = 2^n e^r with n = round(x log2 e), r = x - n ln 2 in two parts (the high one has few
	// bits, so that n·ln2Hi is exact), e^r by the polynomial of Cephes expf: 1 + r + r² p(r).
	log2E  = math.Log2E
	ln2Hi  = 0.693359375
	ln2Lo  = -2.12194440e-4
	expC0  = 5.0000001201e-1
	expC1  = 1.6666665459e-1
	expC2  = 4.1665795894e-2
	expC3  = 8.3334519073e-3
	expC4  = 1.3981999507e-3
	expC5  = 1.9875691500e-4
	expMax = 88.72283 // above: +Inf
	expMin = -87.33   // below: 0, rather than the slow subnormal numbers
	// Adding and taking away 1.5·2²³ rounds to an integer, which is left in the low bits.
	rounder = 12582912

	// gelu(x) = x·sigmoid(2u), u = √(2/π)(x + 0.044715 x³), which is its tanh form.
	gelu2C    = 2 * 0.7978845608028654
	geluA     = 0.044715
	gelu3A    = 3 * 0.044715
	geluClamp = 9.5 // from here on sigmoid(2u) is 0 or 1, and its slope 0, in float32
	siluClamp = -80 // e^80 is still finite

	// tanh below tanhSmall: x + x³ p(x²), Cephes tanhf.
	tanhSmall = 0.625
	tanhC0    = -3.33332819422e-1
	tanhC1    = 1.33314422036e-1
	tanhC2    = -5.37397155531e-2
	tanhC3    = 2.06390887954e-2
	tanhC4    = -5.70498872745e-3
)

func exp32(x float32) float32 {
	switch {
	case x < expMin:
		return 0
	case !(x <= expMax):
		return x * math.MaxFloat32 // +Inf or NaN
	}
	t := x*log2E + rounder
	n := t - rounder
	r := x - n*ln2Hi - n*ln2Lo
	p := float32(expC5)
	p = p*r + expC4
	p = p*r + expC3
	p = p*r + expC2
	p = p*r + expC1
	p = p*r + expC0
	p = p*r*r + r + 1
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(t)<<23) // p·2^n
}

func sigmoid32(x float32) float32 { return 1 / (1 + exp32(-x)) }

func expGo(dst, x []float32) {
	for i := range dst {
		dst[i] = exp32(x[i])
	}
}

func tanhGo(dst, x []float32) {
	for i := range dst {
		v := x[i]
		a := math.Float32frombits(math.Float32bits(v) &^ (1 << 31))
		if a < tanhSmall {
			q := v * v
			p := float32(tanhC4)
			p = p*q + tanhC3
			p = p*q + tanhC2
			p = p*q + tanhC1
			p = p*q + tanhC0
			dst[i] = v + v*q*p
			continue
		}
		h := 1 - 2/(exp32(a+a)+1)
		dst[i] = math.Float32frombits(math.Float32bits(h) | math.Float32bits(v)&(1<<31))
	}
}

func geluGo(dst, x []float32) {
	for i := range dst {
		v := x[i]
		dst[i] = v * sigmoid32(gelu2C*v*(1+geluA*v*v))
	}
}

func geluGradGo(dx, dy, x []float32) {
	for i := range dx {
		v := min(max(x[i], -geluClamp), geluClamp)
		q := v * v
		e := exp32(-gelu2C * v * (1 + geluA*q))
		s := 1 / (1 + e)
		dx[i] = dy[i] * (s + v*s*(e*s)*(gelu2C*(1+gelu3A*q)))
	}
}

func siluGo(dst, x []float32) {
	for i := range dst {
		dst[i] = x[i] * sigmoid32(x[i])
	}
}

// siluSlope returns sigmoid(x) and the derivative of silu. e·s is 1 - s without cancellation.
func siluSlope(x float32) (s, slope float32) {
	v := max(x, siluClamp)
	e := exp32(-v)
	s = 1 / (1 + e)
	return s, s + v*s*(e*s)
}

func siluGradGo(dx, dy, x []float32) {
	for i := range dx {
		_, d := siluSlope(x[i])
		dx[i] = dy[i] * d
	}
}

func swiGLUGo(dst, gate, up []float32) {
	for i := range dst {
		dst[i] = gate[i] * sigmoid32(gate[i]) * up[i]
	}
}

func swiGLUGradGo(dgate, dup, dy, gate, up []float32) {
	for i := range dgate {
		s, d := siluSlope(gate[i])
		g, u, y := gate[i], up[i], dy[i]
		dgate[i] = y * u * d
		dup[i] = y * (g * s)
	}
}

func softmaxGo(x []float32, scale float32) (m, sum float32) {
	m, sum = exponentialsGo(x, scale)
	scaleGo(x, x, 1/sum)
	return m, sum
}

func exponentialsGo(x []float32, scale float32) (m, sum float32) {
	m = float32(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	for i, v := range x {
		x[i] = exp32(scale * (v - m))
	}
	return scale * m, sumGo(x)
}

func scoresGradGo(dp, p []float32, scale, shift, dot float32) {
	for i := range dp {
		p[i] = exp32(scale*p[i] - shift)
		dp[i] = scale * p[i] * (dp[i] - dot)
	}
}

func layerNormGo(out, x, gain, bias []float32, inv, eps float32) (mean, rstd float32) {
	mean = sumGo(x) * inv
	var s [8]float32
	for i, v := range x {
		s[i&7] += (v - mean) * (v - mean)
	}
	rstd = 1 / float32(math.Sqrt(float64(fold(&s)*inv+eps)))
	for i, v := range x {
		out[i] = (v-mean)*rstd*gain[i] + bias[i]
	}
	return mean, rstd
}

func layerNormGradGo(dx, dy, x, gain, dgain, dbias []float32, inv, mean, rstd float32) {
	var sn, sx [8]float32 // sums of dn = dy·gain and of dn·x̂
	for i, d := range dy {
		h := (x[i] - mean) * rstd
		dgain[i] += d * h
		dbias[i] += d
		n := d * gain[i]
		sn[i&7] += n
		sx[i&7] += n * h
	}
	an, ax := fold(&sn)*inv, fold(&sx)*inv
	for i, d := range dy {
		h := (x[i] - mean) * rstd
		dx[i] = rstd * (d*gain[i] - an - h*ax)
	}
}

func rmsNormGo(out, x, gain []float32, inv, eps float32) (rstd float32) {
	rstd = 1 / float32(math.Sqrt(float64(dotGo(x, x)*inv+eps)))
	for i, v := range x {
		out[i] = v * rstd * gain[i]
	}
	return rstd
}

func rmsNormGradGo(dx, dy, x, gain, dgain []float32, inv, rstd float32) {
	var sx [8]float32
	for i, d := range dy {
		h := x[i] * rstd
		dgain[i] += d * h
		sx[i&7] += d * gain[i] * h
	}
	ax := fold(&sx) * inv
	for i, d := range dy {
		dx[i] = rstd * (d*gain[i] - x[i]*rstd*ax)
	}
}

func rotateGo(dst, x, cos, sin []float32) {
	for h := len(cos); len(dst) >= 2*h; dst, x = dst[2*h:], x[2*h:] {
		for i, c := range cos {
			a, b := x[i], x[i+h]
			dst[i] = a*c - b*sin[i]
			dst[i+h] = b*c + a*sin[i]
		}
	}
}

func adamWGo(p, g, m, v []float32, gradScale, beta1, omBeta1, beta2, omBeta2, step, invSqrtC2, eps, decay float32) {
	for i := range p {
		d := g[i] * gradScale
		m[i] = m[i]*beta1 + omBeta1*d
		v[i] = v[i]*beta2 + omBeta2*(d*d)
		den := float32(math.Sqrt(float64(v[i])))*invSqrtC2 + eps
		p[i] = p[i]*decay - step*m[i]/den
	}
}

func fromBF16Go(dst []float32, src []uint16) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(src[i]) << 16)
	}
}

func toBF16Go(dst []uint16, src []float32) {
	for i := range dst {
		dst[i] = bf16(src[i])
	}
}

// bf16 rounds to the nearest value with 8 bits of mantissa, ties to even. A NaN keeps its high
// bits and is made quiet, so that rounding cannot turn it into an infinity.
func bf16(x float32) uint16 {
	u := math.Float32bits(x)
	if x != x {
		return uint16(u>>16) | 0x40
	}
	return uint16((u + 0x7fff + u>>16&1) >> 16)
}

func dotRowsGo(dst, v, rows []float32, ld int) {
	for i := range dst {
		dst[i] = dotGo(v, rows[i*ld:])
	}
}

func sumRowsGo(dst, w, rows []float32, ld int) {
	for i, s := range w {
		axpyGo(dst, rows[i*ld:], s)
	}
}
