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

	floats := func(name string) param { return param{name, "[]float32"} }
	k = function(o, set, "rotation of pairs (dst[i], dst[i+h]) of each 2h elements, where h = len(cos)", "rotate"+set.name,
		[]param{floats("dst"), floats("x"), floats("cos"), floats("sin")}, nil)
	k.load("dst_base", "DI", "x_base", "DX", "cos_base", "R8", "sin_base", "R9", "cos_len", "R13", "dst_len", "R10")
	if k.isa == avx512 { // 16 elements are one vector
		k.p("CMPQ R13, $8")
		k.p("JNE any")
		k.p("VBROADCASTF32X8 (R8), Z0")
		k.p("VBROADCASTF32X8 (R9), Z1")
		k.p("MOVL $0xff, AX")
		k.p("KMOVW AX, K1")
		k.p("VPXORD %s, Z1, K1, Z1", k.word(1<<31))
		k.label("vector")
		k.p("SUBQ $16, R10")
		k.p("JL rotated")
		k.p("VMOVUPS (DX), Z2")
		k.p("VSHUFF64X2 $0x4e, Z2, Z2, Z3")
		k.mul(4, 2, k.v(0))
		k.fma(4, 3, k.v(1))
		k.p("VMOVUPS Z4, (DI)")
		k.p("ADDQ $64, DX")
		k.p("ADDQ $64, DI")
		k.p("JMP vector")
		k.label("any")
	}
	k.p("LEAQ (DI)(R13*4), SI")
	k.p("LEAQ (DX)(R13*4), BX")
	k.label("head")
	k.p("SUBQ R13, R10")
	k.p("SUBQ R13, R10")
	k.p("JL rotated")
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
	for _, p := range []string{"DI", "SI", "DX", "BX"} {
		k.p("LEAQ (%s)(R13*8), %s", p, p)
	}
	k.p("JMP head")
	k.label("rotated")
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
