package main

import "math"

// Exponentials and the activations made of them; portable.go of package simd has the formulas.

// exp replaces register z by e^z; t, p and r are lost. See portable.go for the method.
func (k *kernel) exp(z, t, p, r int) {
	const (
		ln2Hi = 0.693359375
		ln2Lo = -2.12194440e-4
		most  = 88.72283
		least = -87.33
	)
	rounder := k.f(12582912)
	n := p // the power of two
	if k.isa == avx512 {
		// Scaling by a power of two overflows as e^z does, where the power is not too large itself.
		n = t
		k.move(r, k.f(89))
		k.min(z, r, k.v(z)) // NaN stays
	}
	k.move(t, rounder)
	k.fma(t, z, k.f(math.Log2E))
	k.sub(n, t, rounder)
	k.move(r, k.v(z))
	k.fnma(r, n, k.f(ln2Hi))
	k.fnma(r, n, k.f(ln2Lo))
	k.move(p, k.f(1.9875691500e-4))
	for _, c := range []float64{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, 1} {
		k.horner(p, r, k.f(c))
	}
	if k.isa == avx512 {
		k.p("VCMPPS $%#x, %s, %s, %s", notLess, k.f(least), k.v(z), k.mask())
		k.p("VSCALEFPS.Z %s, %s, %s, %s", k.v(n), k.v(p), k.mask(), k.v(z))
		return
	}
	k.p("VPSLLD $23, %s, %s", k.v(t), k.v(t))
	k.op("VPADDD", p, p, k.v(t))
	k.keepIf(p, greaterOrEqual, z, k.f(least), t)
	k.mul(t, z, k.f(math.MaxFloat32)) // +Inf or NaN
	k.replaceIf(p, t, notLessOrEqual, z, k.f(most), r)
	k.move(z, k.v(p))
}

// power replaces register z by 2^z; t, p and r are lost. The polynomial is the one of degree 6 through 1 at 0 that, with float32
// coefficients and arithmetic, was found to be least off for 2^r, 0 ≤ r < 1: by 6e-8 of it at most. It is
// for attention, whose powers are at most about 1: exp has more instructions for its range and for ln 2 in two parts.
func (k *kernel) power(z, t, p, r int) {
	const (
		least = -126 // below 2^z is subnormal
		floor = 1
	)
	if k.isa == avx512 {
		k.p("VREDUCEPS $%d, %s, %s", floor, k.v(z), k.v(r))
	} else {
		k.p("VROUNDPS $%d, %s, %s", floor, k.v(z), k.v(t))
		k.sub(r, z, k.v(t))
	}
	k.move(p, k.f(2.16129411e-4))
	for _, c := range []float64{1.24678644e-3, 9.67546646e-3, 5.54852821e-2, 2.40229249e-1, 6.93147063e-1, 1} {
		k.horner(p, r, k.f(c))
	}
	if k.isa == avx512 {
		k.p("VCMPPS $%#x, %s, %s, %s", notLess, k.f(least), k.v(z), k.mask())
		k.p("VSCALEFPS.Z %s, %s, %s, %s", k.v(z), k.v(p), k.mask(), k.v(z)) // by 2^⌊z⌋
		return
	}
	k.p("VCVTPS2DQ %s, %s", k.v(t), k.v(t))
	k.p("VPSLLD $23, %s, %s", k.v(t), k.v(t))
	k.op("VPADDD", p, p, k.v(t))
	k.keepIf(p, greaterOrEqual, z, k.f(least), t)
	k.mul(t, z, k.f(math.MaxFloat32)) // +Inf or NaN
	k.replaceIf(p, t, notLessOrEqual, z, k.f(127.9), r)
	k.move(z, k.v(p))
}

// sigmoidOfMinus replaces register z by e = e^z and sets s to 1/(1+e); t, p and r are lost.
func (k *kernel) sigmoidOfMinus(z, s, t, p, r int) {
	k.exp(z, t, p, r)
	one := k.f(1)
	k.add(t, z, one)
	k.move(s, one)
	k.div(s, s, k.v(t))
}

const (
	gelu2C = 2 * 0.7978845608028654
	geluA  = 0.044715
)

// slope sets d to s + v·s·(e·s)·w: the derivative of v·sigmoid(w'), where e·s is 1 - sigmoid
// without cancellation and w the derivative of w' (left out when negative). e is lost.
func (k *kernel) slope(d, v, s, e, w int) {
	k.mul(e, e, k.v(s))
	k.mul(e, e, k.v(s))
	k.mul(e, e, k.v(v))
	if w >= 0 {
		k.mul(e, e, k.v(w))
	}
	k.add(d, s, k.v(e))
}

func activations(o *output, set *isa) {
	unary := func(doc, name string, body func(k *kernel)) {
		k := vectorKernel(o, set, doc, name, []string{"dst", "x"}, nil)
		k.chains(3, 6, func(int) {
			k.read(0, "SI")
			body(k)
			k.write("DI", 0)
		})
		k.end()
	}
	negative := func(k *kernel) string { return k.word(1 << 31) }

	unary("dst = e^x", "exp", func(k *kernel) { k.exp(0, 1, 2, 3) })

	unary("dst = tanh x", "tanh", func(k *kernel) {
		k.and(4, 0, k.word(1<<31-1)) // |x|
		k.add(5, 4, k.v(4))
		k.exp(5, 1, 2, 3)
		k.add(5, 5, k.f(1))
		k.move(1, k.f(2))
		k.div(1, 1, k.v(5))
		k.move(5, k.f(1))
		k.sub(5, 5, k.v(1)) // 1 - 2/(e^2|x| + 1)
		k.and(1, 0, negative(k))
		k.or(5, 5, k.v(1))
		// near 0: x + x·x²·p(x²)
		k.mul(1, 0, k.v(0))
		k.move(2, k.f(-5.70498872745e-3))
		for _, c := range []float64{2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1} {
			k.horner(2, 1, k.f(c))
		}
		k.mul(1, 1, k.v(0))
		k.horner(1, 2, k.v(0))
		k.replaceIf(5, 1, less, 4, k.f(0.625), 2)
		k.move(0, k.v(5))
	})

	unary("dst = x · sigmoid(2√(2/π)(x + 0.044715x³))", "gelu", func(k *kernel) {
		k.mul(4, 0, k.v(0))
		k.move(5, k.f(-gelu2C*geluA))
		k.horner(5, 4, k.f(-gelu2C))
		k.mul(5, 5, k.v(0))
		k.sigmoidOfMinus(5, 4, 1, 2, 3)
		k.mul(0, 0, k.v(4))
	})

	unary("dst = x · sigmoid x", "silu", func(k *kernel) {
		k.op(k.choose("VXORPS", "VPXORD"), 5, 0, negative(k))
		k.sigmoidOfMinus(5, 4, 1, 2, 3)
		k.mul(0, 0, k.v(4))
	})

	k := vectorKernel(o, set, "dx = dy · gelu'(x)", "geluGrad", []string{"dx", "dy", "x"}, nil)
	k.chains(3, 7, func(int) {
		const clamp = 9.5
		k.read(0, "DX")
		k.move(1, k.f(clamp))
		k.min(0, 1, k.v(0)) // keeps a NaN of x
		k.move(1, k.f(-clamp))
		k.max(0, 1, k.v(0))
		k.mul(6, 0, k.v(0))
		k.move(5, k.f(-gelu2C*geluA))
		k.horner(5, 6, k.f(-gelu2C))
		k.mul(5, 5, k.v(0))
		k.sigmoidOfMinus(5, 4, 1, 2, 3)
		k.move(1, k.f(3*gelu2C*geluA))
		k.horner(1, 6, k.f(gelu2C))
		k.slope(0, 0, 4, 5, 1)
		k.read(1, "SI")
		k.mul(0, 0, k.v(1))
		k.write("DI", 0)
	})
	k.end()

	// siluSlope reads x, clamped below, to 0; leaves sigmoid in 4 and the derivative of silu in 5.
	siluSlope := func(k *kernel) {
		k.move(1, k.f(-80))
		k.max(6, 1, k.v(0))
		k.op(k.choose("VXORPS", "VPXORD"), 5, 6, negative(k))
		k.sigmoidOfMinus(5, 4, 1, 2, 3)
		k.slope(5, 6, 4, 5, -1)
	}
	k = vectorKernel(o, set, "dx = dy · silu'(x)", "siluGrad", []string{"dx", "dy", "x"}, nil)
	k.chains(3, 7, func(int) {
		k.read(0, "DX")
		siluSlope(k)
		k.read(1, "SI")
		k.mul(0, 5, k.v(1))
		k.write("DI", 0)
	})
	k.end()

	k = vectorKernel(o, set, "dst = silu(gate) · up", "swiGLU", []string{"dst", "gate", "up"}, nil)
	k.chains(3, 7, func(int) {
		k.read(0, "SI")
		k.op(k.choose("VXORPS", "VPXORD"), 5, 0, negative(k))
		k.sigmoidOfMinus(5, 4, 1, 2, 3)
		k.mul(0, 0, k.v(4))
		k.read(1, "DX")
		k.mul(0, 0, k.v(1))
		k.write("DI", 0)
	})
	k.end()

	k = vectorKernel(o, set, "dgate = dy · up · silu'(gate), dup = dy · silu(gate)", "swiGLUGrad", []string{"dgate", "dup", "dy", "gate", "up"}, nil)
	k.chains(3, 7, func(int) {
		k.read(0, "BX")
		siluSlope(k)
		k.read(1, "DX")
		k.read(2, "R8")
		k.mul(0, 0, k.v(4))
		k.mul(0, 0, k.v(1))
		k.mul(2, 2, k.v(1))
		k.mul(2, 2, k.v(5))
		k.write("DI", 2)
		k.write("SI", 0)
	})
	k.end()
}
