package main

import "math"

// Kernels over one row that reduce it first: softmax and the norms.

func softmaxKernels(o *output, set *isa) {
	softmaxKernel(o, set, "x = softmax(scale·x); the largest scale·x and the sum of exponentials", "softmax", true)
	softmaxKernel(o, set, "x = e^(scale·x - max); the largest scale·x and the sum", "exponentials", false)

	k := vectorKernel(o, set, "p = e^(scale·p - shift), dp = scale · p · (dp - dot)", "scoresGrad", []string{"dp", "p"}, []string{"scale", "shift", "dot"})
	// As powers of two: 10 is scale·log2(e), 11 the shift times that.
	k.mul(10, 14, k.f(math.Log2E))
	k.mul(11, 13, k.f(math.Log2E))
	k.chains(4, 4, func(int) {
		k.read(0, "SI")
		k.hornerSub(0, 10, k.v(11))
		k.power(0, 1, 2, 3)
		k.write("SI", 0)
		k.read(1, "DI")
		k.sub(1, 1, k.v(12))
		k.mul(0, 0, k.v(14))
		k.mul(1, 1, k.v(0))
		k.write("DI", 1)
	})
	k.end()
}

// softmaxKernel makes exponentials of a row, and divides them by their sum where that is wanted.
func softmaxKernel(o *output, set *isa, doc, name string, divide bool) {
	k := vectorKernel(o, set, doc, name, []string{"x"}, []string{"scale"}, f32("max"), f32("sum"))
	const scale, least, top = 14, 10, 11
	k.move(least, k.f(math.Inf(-1)))
	for r := 6; r < 10; r++ {
		k.move(r, k.v(least))
	}
	k.loop(4, func(u int) {
		k.read(0, "DI")
		k.pad(0, least)
		k.max(6+u, 6+u, k.v(0))
	})
	k.foldFour("VMAXPS")
	k.spread(6)
	k.move(top, k.v(6))
	k.mul(6, 6, k.v(scale))
	k.result("max", 6)
	k.mul(scale, scale, k.f(math.Log2E)) // for powers of two
	k.zero(6, 7, 8, 9)
	k.chains(4, 4, func(u int) {
		k.read(0, "DI")
		k.sub(0, 0, k.v(top))
		k.mul(0, 0, k.v(scale))
		k.power(0, 1, 2, 3)
		k.write("DI", 0)
		k.trim(0)
		k.add(6+u, 6+u, k.v(0))
	})
	k.foldFour("VADDPS")
	k.result("sum", 6)
	if divide {
		k.spread(6)
		k.move(7, k.f(1))
		k.div(6, 7, k.v(6))
		k.loop(1, func(int) {
			k.read(0, "DI")
			k.mul(0, 0, k.v(6))
			k.write("DI", 0)
		})
	}
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
