package main

import "math"

// The vector kernels. Registers 0 … 5 are scratch by convention; sums and what must live through
// a loop lie above, arguments from 14 downwards.

var pointers = []string{"DI", "SI", "DX", "BX", "R8", "R9", "R10", "R11"}

// vectorKernel starts a kernel over slices of one length. Slices get pointers in order; scalars
// are copied to all lanes of registers 14, 13, …
func vectorKernel(o *output, set *isa, doc, name string, slices, scalars []string, results ...param) *kernel {
	var ps []param
	for _, s := range slices {
		ps = append(ps, param{s, "[]float32"})
	}
	for _, s := range scalars {
		ps = append(ps, param{s, "float32"})
	}
	k := function(o, set, doc, name+set.name, ps, results)
	for i, s := range slices {
		k.load(s+"_base", pointers[i])
	}
	k.load(slices[0]+"_len", "R13")
	for i, s := range scalars {
		k.p("VBROADCASTSS %s, %s", k.args[s], k.v(14-i))
	}
	return k
}

func f32(name string) param { return param{name, "float32"} }

func vectorKernels(o *output, set *isa) {
	arithmetic(o, set)
	reductions(o, set)
	activations(o, set)
	softmaxKernels(o, set)
	normKernels(o, set)
	bf16Kernels(o, set)

	k := vectorKernel(o, set, "one step of AdamW", "adamW", []string{"p", "g", "m", "v"},
		[]string{"gradScale", "beta1", "omBeta1", "beta2", "omBeta2", "step", "invSqrtC2", "eps", "decay"})
	const gradScale, beta1, omBeta1, beta2, omBeta2, step, invSqrtC2, eps, decay = 14, 13, 12, 11, 10, 9, 8, 7, 6
	// The tail's mask shares no register with them: 15, or K1.
	k.loop(1, func(int) {
		const p, g, m, v, t = 0, 1, 2, 3, 4
		k.read(g, "SI")
		k.read(m, "DX")
		k.read(v, "BX")
		k.read(p, "DI")
		k.mul(g, g, k.v(gradScale))
		k.mul(m, m, k.v(beta1))
		k.fma(m, g, k.v(omBeta1))
		k.mul(g, g, k.v(g))
		k.mul(v, v, k.v(beta2))
		k.fma(v, g, k.v(omBeta2))
		k.write("DX", m)
		k.write("BX", v)
		k.p("VSQRTPS %s, %s", k.v(v), k.v(t))
		k.horner(t, invSqrtC2, k.v(eps))
		k.mul(m, m, k.v(step))
		k.div(m, m, k.v(t))
		k.mul(p, p, k.v(decay))
		k.sub(p, p, k.v(m))
		k.write("DI", p)
	})
	k.end()

	k = vectorKernel(o, set, "rotation of pairs (lo, hi)", "rotate", []string{"lo", "hi", "xlo", "xhi", "cos", "sin"}, nil)
	k.loop(1, func(int) {
		k.read(0, "DX")
		k.read(1, "BX")
		k.read(2, "R8")
		k.read(3, "R9")
		k.mul(4, 0, k.v(2))
		k.fnma(4, 1, k.v(3))
		k.mul(5, 1, k.v(2))
		k.fma(5, 0, k.v(3))
		k.write("DI", 4)
		k.write("SI", 5)
	})
	k.end()
}

func arithmetic(o *output, set *isa) {
	binary := func(doc, name string, op func(k *kernel)) {
		k := vectorKernel(o, set, doc, name, []string{"dst", "a", "b"}, nil)
		k.loop(1, func(int) {
			k.read(0, "SI")
			k.read(1, "DX")
			op(k)
			k.write("DI", 0)
		})
		k.end()
	}
	binary("dst = a + b", "add", func(k *kernel) { k.add(0, 0, k.v(1)) })
	binary("dst = a · b", "mul", func(k *kernel) { k.mul(0, 0, k.v(1)) })
	binary("dst += a · b", "mulAdd", func(k *kernel) {
		k.read(2, "DI")
		k.horner(0, 1, k.v(2))
	})

	k := vectorKernel(o, set, "dst = s · a", "scale", []string{"dst", "a"}, []string{"s"})
	k.loop(1, func(int) {
		k.read(0, "SI")
		k.mul(0, 0, k.v(14))
		k.write("DI", 0)
	})
	k.end()
	k = vectorKernel(o, set, "dst += s · a", "axpy", []string{"dst", "a"}, []string{"s"})
	k.loop(1, func(int) {
		k.read(0, "SI")
		k.read(1, "DI")
		k.horner(0, 14, k.v(1))
		k.write("DI", 0)
	})
	k.end()
}

// reductions use four partial sums, to overlap their additions: registers 6 … 9.
func reductions(o *output, set *isa) {
	k := vectorKernel(o, set, "Σ a · b", "dot", []string{"a", "b"}, nil, f32("ret"))
	k.zero(6, 7, 8, 9)
	k.loop(4, func(u int) {
		k.read(0, "DI")
		k.read(1, "SI")
		k.fma(6+u, 0, k.v(1))
	})
	k.foldFour("VADDPS")
	k.result("ret", 6)
	k.end()

	k = vectorKernel(o, set, "Σ a", "sum", []string{"a"}, nil, f32("ret"))
	k.sumOf("DI")
	k.result("ret", 6)
	k.end()

	k = vectorKernel(o, set, "the largest, NaN if there is one", "max", []string{"a"}, nil, f32("ret"))
	inf := k.f(math.Inf(-1))
	for r := 6; r < 10; r++ {
		k.move(r, inf)
	}
	k.move(11, inf)
	if set == avx2 {
		k.zero(10)
	} else {
		k.p("KXORW K3, K3, K3")
	}
	k.loop(4, func(u int) { // VMAXPS forgets a NaN, so they are collected beside it
		k.read(0, "DI")
		k.pad(0, 11)
		if set == avx2 {
			k.p("VCMPPS $%d, %s, %s, %s", unordered, k.v(0), k.v(0), k.v(1))
			k.or(10, 10, k.v(1))
		} else {
			k.p("VCMPPS $%d, %s, %s, K2", unordered, k.v(0), k.v(0))
			k.p("KORW K2, K3, K3")
		}
		k.max(6+u, 6+u, k.v(0))
	})
	k.foldFour("VMAXPS")
	if set == avx2 {
		k.p("VMOVMSKPS %s, AX", k.v(10))
	} else {
		k.p("KMOVW K3, AX")
	}
	k.p("TESTL AX, AX")
	k.p("JZ ordered")
	k.move(6, k.f(math.NaN()))
	k.label("ordered")
	k.result("ret", 6)
	k.end()

	k = vectorKernel(o, set, "whether all of 0 · a is 0", "allFinite", []string{"a"}, nil, param{"ret", "bool"})
	k.zero(6, 7, 8, 9, 10)
	k.loop(4, func(u int) {
		k.read(0, "DI")
		k.fma(6+u, 10, k.v(0))
	})
	k.foldFour("VADDPS")
	k.p("VUCOMISS X6, X6")
	k.p("SETPC %s", k.args["ret"])
	k.end()

	// In float64: the low and the high half of a vector have sums of their own.
	k = vectorKernel(o, set, "Σ a², in float64", "sumSquares", []string{"a"}, nil, param{"ret", "float64"})
	k.zero(6, 7, 8, 9)
	k.loop(2, func(u int) {
		k.read(0, "DI")
		half := x
		if set == avx2 {
			k.p("VEXTRACTF128 $1, Y0, X1")
		} else {
			half = y
			k.p("VEXTRACTF64X4 $1, Z0, Y1")
		}
		for h := range 2 {
			k.p("VCVTPS2PD %s, %s", half(h), k.v(2+h))
			k.p("VFMADD231PD %s, %s, %s", k.v(2+h), k.v(2+h), k.v(6+2*u+h))
		}
	})
	k.op("VADDPD", 6, 6, k.v(8))
	k.op("VADDPD", 7, 7, k.v(9))
	k.op("VADDPD", 6, 6, k.v(7))
	if set == avx512 {
		k.p("VEXTRACTF64X4 $1, Z6, Y7")
		k.p("VADDPD Y7, Y6, Y6")
	}
	k.p("VEXTRACTF128 $1, Y6, X7")
	k.p("VADDPD X7, X6, X6")
	k.p("VUNPCKHPD X6, X6, X7")
	k.p("VADDSD X7, X6, X6")
	k.p("VMOVSD X6, %s", k.args["ret"])
	k.end()
}

// foldFour combines registers 6 … 9 into lane 0 of 6; 0 is lost.
func (k *kernel) foldFour(op string) {
	k.op(op, 6, 6, k.v(7))
	k.op(op, 8, 8, k.v(9))
	k.op(op, 6, 6, k.v(8))
	k.fold(op, 6, 0)
}

// sumOf leaves the sum of a slice in lane 0 of register 6; 0 and 7 … 9 are lost.
func (k *kernel) sumOf(ptr string) {
	k.zero(6, 7, 8, 9)
	k.loop(4, func(u int) {
		k.read(0, ptr)
		k.add(6+u, 6+u, k.v(0))
	})
	k.foldFour("VADDPS")
}

// exp replaces register z by e^z; t, p and r are lost. See portable.go for the method.
func (k *kernel) exp(z, t, p, r int) {
	const (
		ln2Hi = 0.693359375
		ln2Lo = -2.12194440e-4
		most  = 88.72283
		least = -87.33
	)
	rounder := k.f(12582912)
	k.move(t, rounder)
	k.fma(t, z, k.f(math.Log2E))
	k.sub(p, t, rounder)
	k.move(r, k.v(z))
	k.fnma(r, p, k.f(ln2Hi))
	k.fnma(r, p, k.f(ln2Lo))
	k.move(p, k.f(1.9875691500e-4))
	for _, c := range []float64{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, 1} {
		k.horner(p, r, k.f(c))
	}
	k.p("VPSLLD $23, %s, %s", k.v(t), k.v(t))
	k.op("VPADDD", p, p, k.v(t))
	k.keepIf(p, greaterOrEqual, z, k.f(least), t)
	k.mul(t, z, k.f(math.MaxFloat32)) // +Inf or NaN
	k.replaceIf(p, t, notLessOrEqual, z, k.f(most), r)
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
		k.loop(1, func(int) {
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
	k.loop(1, func(int) {
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
	k.loop(1, func(int) {
		k.read(0, "DX")
		siluSlope(k)
		k.read(1, "SI")
		k.mul(0, 5, k.v(1))
		k.write("DI", 0)
	})
	k.end()

	k = vectorKernel(o, set, "dst = silu(gate) · up", "swiGLU", []string{"dst", "gate", "up"}, nil)
	k.loop(1, func(int) {
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
	k.loop(1, func(int) {
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

func softmaxKernels(o *output, set *isa) {
	k := vectorKernel(o, set, "x = softmax(scale·x); the largest scale·x and the sum of exponentials", "softmax",
		[]string{"x"}, []string{"scale"}, f32("max"), f32("sum"))
	const scale, least, top = 14, 10, 11
	k.move(least, k.f(math.Inf(-1)))
	for r := 6; r < 10; r++ {
		k.move(r, k.v(least))
	}
	k.loop(4, func(u int) {
		k.read(0, "DI")
		k.mul(0, 0, k.v(scale))
		k.pad(0, least)
		k.max(6+u, 6+u, k.v(0))
	})
	k.foldFour("VMAXPS")
	k.result("max", 6)
	k.spread(6)
	k.move(top, k.v(6))
	k.zero(6)
	k.loop(1, func(int) {
		k.read(0, "DI")
		k.mul(0, 0, k.v(scale))
		k.sub(0, 0, k.v(top))
		k.exp(0, 1, 2, 3)
		k.write("DI", 0)
		k.trim(0)
		k.add(6, 6, k.v(0))
	})
	k.fold("VADDPS", 6, 0)
	k.result("sum", 6)
	k.spread(6)
	k.move(7, k.f(1))
	k.div(6, 7, k.v(6))
	k.loop(1, func(int) {
		k.read(0, "DI")
		k.mul(0, 0, k.v(6))
		k.write("DI", 0)
	})
	k.end()

	k = vectorKernel(o, set, "dst = e^(scale·x - shift)", "expShifted", []string{"dst", "x"}, []string{"scale", "shift"})
	k.loop(1, func(int) {
		k.read(0, "SI")
		k.hornerSub(0, 14, k.v(13))
		k.exp(0, 1, 2, 3)
		k.write("DI", 0)
	})
	k.end()

	k = vectorKernel(o, set, "dp = scale · p · (dp - dot)", "softmaxGrad", []string{"dp", "p"}, []string{"scale", "dot"})
	k.loop(1, func(int) {
		k.read(0, "DI")
		k.read(1, "SI")
		k.sub(0, 0, k.v(13))
		k.mul(1, 1, k.v(14))
		k.mul(0, 0, k.v(1))
		k.write("DI", 0)
	})
	k.end()
}

func normKernels(o *output, set *isa) {
	// rstd replaces lane 0 of r, a sum of squares, by 1/√(r·inv + eps); t is lost.
	rstd := func(k *kernel, r, inv, eps, t int) {
		k.p("VFMADD213SS %s, %s, %s", x(eps), x(inv), x(r))
		k.p("VSQRTSS %s, %s, %s", x(r), x(r), x(r))
		k.p("VMOVSS %s, %s", k.f(1), x(t))
		k.p("VDIVSS %s, %s, %s", x(r), x(t), x(r))
	}
	const (
		inv    = 14
		second = 13 // eps, mean or rstd
		third  = 12
		mean   = 10
		scale  = 11
	)

	k := vectorKernel(o, set, "out = (x - mean)·rstd·gain + bias, inv = 1/length", "layerNorm",
		[]string{"out", "x", "gain", "bias"}, []string{"inv", "eps"}, f32("mean"), f32("rstd"))
	k.sumOf("SI")
	k.p("VMULSS X%d, X6, X6", inv)
	k.result("mean", 6)
	k.spread(6)
	k.move(mean, k.v(6))
	k.zero(6, 7, 8, 9)
	k.loop(4, func(u int) {
		k.read(0, "SI")
		k.sub(0, 0, k.v(mean))
		k.trim(0)
		k.fma(6+u, 0, k.v(0))
	})
	k.foldFour("VADDPS")
	rstd(k, 6, inv, second, 0)
	k.result("rstd", 6)
	k.spread(6)
	k.loop(1, func(int) {
		k.read(0, "SI")
		k.read(1, "DX")
		k.read(2, "BX")
		k.sub(0, 0, k.v(mean))
		k.mul(0, 0, k.v(6))
		k.horner(0, 1, k.v(2))
		k.write("DI", 0)
	})
	k.end()

	k = vectorKernel(o, set, "dx = rstd·(dn - mean(dn) - h·mean(dn·h)), dn = dy·gain, h = (x-mean)·rstd; dgain += dy·h, dbias += dy", "layerNormGrad",
		[]string{"dx", "dy", "x", "gain", "dgain", "dbias"}, []string{"inv", "mean", "rstd"})
	k.zero(6, 7, 8, 9)
	k.loop(2, func(u int) {
		k.read(0, "SI")
		k.read(1, "DX")
		k.read(2, "BX")
		k.sub(1, 1, k.v(second))
		k.mul(1, 1, k.v(third)) // past the end not 0, but everything it meets is
		k.read(3, "R8")
		k.read(4, "R9")
		k.fma(3, 0, k.v(1))
		k.add(4, 4, k.v(0))
		k.write("R8", 3)
		k.write("R9", 4)
		k.mul(2, 2, k.v(0))
		k.add(6+u, 6+u, k.v(2))
		k.fma(8+u, 2, k.v(1))
	})
	k.add(6, 6, k.v(7))
	k.add(8, 8, k.v(9))
	for _, r := range []int{6, 8} {
		k.fold("VADDPS", r, 0)
		k.spread(r)
		k.mul(r, r, k.v(inv))
	}
	k.loop(1, func(int) {
		k.read(0, "SI")
		k.read(1, "DX")
		k.read(2, "BX")
		k.sub(1, 1, k.v(second))
		k.mul(1, 1, k.v(third))
		k.mul(2, 2, k.v(0))
		k.sub(2, 2, k.v(6))
		k.fnma(2, 1, k.v(8))
		k.mul(2, 2, k.v(third))
		k.write("DI", 2)
	})
	k.end()

	k = vectorKernel(o, set, "out = x·rstd·gain, inv = 1/length", "rmsNorm",
		[]string{"out", "x", "gain"}, []string{"inv", "eps"}, f32("rstd"))
	k.zero(6, 7, 8, 9)
	k.loop(4, func(u int) {
		k.read(0, "SI")
		k.fma(6+u, 0, k.v(0))
	})
	k.foldFour("VADDPS")
	rstd(k, 6, inv, second, 0)
	k.result("rstd", 6)
	k.spread(6)
	k.loop(1, func(int) {
		k.read(0, "SI")
		k.read(1, "DX")
		k.mul(0, 0, k.v(6))
		k.mul(0, 0, k.v(1))
		k.write("DI", 0)
	})
	k.end()

	k = vectorKernel(o, set, "dx = rstd·(dn - h·mean(dn·h)), dn = dy·gain, h = x·rstd; dgain += dy·h", "rmsNormGrad",
		[]string{"dx", "dy", "x", "gain", "dgain"}, []string{"inv", "rstd"})
	k.zero(6, 7)
	k.loop(2, func(u int) {
		k.read(0, "SI")
		k.read(1, "DX")
		k.read(2, "BX")
		k.read(3, "R8")
		k.mul(1, 1, k.v(second))
		k.fma(3, 0, k.v(1))
		k.write("R8", 3)
		k.mul(2, 2, k.v(0))
		k.fma(6+u, 2, k.v(1))
	})
	k.add(6, 6, k.v(7))
	k.fold("VADDPS", 6, 0)
	k.spread(6)
	k.mul(6, 6, k.v(inv))
	k.mul(scale, 6, k.v(second)) // x·(rstd·mean) is h·mean
	k.loop(1, func(int) {
		k.read(0, "SI")
		k.read(1, "DX")
		k.read(2, "BX")
		k.mul(2, 2, k.v(0))
		k.fnma(2, 1, k.v(scale))
		k.mul(2, 2, k.v(second))
		k.write("DI", 2)
	})
	k.end()
}

// bf16Kernels work on whole groups of 16 elements; the caller does the rest.
func bf16Kernels(o *output, set *isa) {
	widen := function(o, set, "dst = src, for a multiple of 16 elements", "fromBF16Blocks"+set.name,
		[]param{{"dst", "[]float32"}, {"src", "[]uint16"}}, nil)
	narrow := func() *kernel {
		return function(o, set, "dst = src rounded, for a multiple of 16 elements", "toBF16Blocks"+set.name,
			[]param{{"dst", "[]uint16"}, {"src", "[]float32"}}, nil)
	}
	vectors := 16 / set.lanes

	k := widen
	k.load("dst_base", "DI", "src_base", "SI", "dst_len", "CX")
	k.label("loop")
	k.p("SUBQ $16, CX")
	k.p("JLT done")
	for i := range vectors {
		k.p("VPMOVZXWD %d(SI), %s", i*set.bytes()/2, k.v(i))
		k.p("VPSLLD $16, %s, %s", k.v(i), k.v(i))
		k.p("VMOVUPS %s, %d(DI)", k.v(i), i*set.bytes())
	}
	k.p("ADDQ $32, SI")
	k.p("ADDQ $64, DI")
	k.p("JMP loop")
	k.label("done")
	k.end()

	k = narrow()
	k.load("dst_base", "DI", "src_base", "SI", "dst_len", "CX")
	k.label("loop")
	k.p("SUBQ $16, CX")
	k.p("JLT done")
	for i := range vectors {
		k.move(i, []string{"(SI)", "32(SI)"}[i])
		k.p("VPSRLD $16, %s, %s", k.v(i), k.v(2))
		k.and(3, 2, k.word(1))
		k.op("VPADDD", 3, 3, k.word(0x7fff))
		k.op("VPADDD", 3, 3, k.v(i)) // half a unit in the last place, less what makes ties even
		k.p("VPSRLD $16, %s, %s", k.v(3), k.v(3))
		k.or(2, 2, k.word(0x40)) // a quiet NaN
		k.replaceIf(3, 2, unordered, i, k.v(i), 4)
		k.move(i, k.v(3))
	}
	if set == avx2 {
		k.p("VPACKUSDW Y1, Y0, Y0") // within halves of the registers: put them in order
		k.p("VPERMQ $0xd8, Y0, Y0")
		k.p("VMOVDQU Y0, (DI)")
	} else {
		k.p("VPMOVDW Z0, (DI)")
	}
	k.p("ADDQ $64, SI")
	k.p("ADDQ $32, DI")
	k.p("JMP loop")
	k.label("done")
	k.end()
}
