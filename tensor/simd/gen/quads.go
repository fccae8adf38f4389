package main

import "fmt"

// Products of int8 weights with rows in fixed point (quads.go): y [rows, cols] = (256·high + low) · panel,
// scaled. A panel is [groups, 32 columns, 4]: VPDPBUSD multiplies four neighbours of a column by four
// of x and adds all to a sum of 32 bits, so nothing is widened and no sum is rounded.
//
// Registers: CX groups left; R8, R9 the high and low bytes of x; R10, R11 1, 3 times their stride,
// R12 5 times; SI the panel; DI y; DX its stride; BX what to fetch; R13, AX 1, 3 times the distance.

// quadRows is the most rows of a tile: 28 sums, two vectors of weights, two of x.
const quadRows = 7

func quadKernels(o *output) {
	for rows := 1; rows <= quadRows; rows++ {
		quadTile(o, rows)
	}
	fmt.Fprintf(&o.stubs, "var packedQuadsAVX512 = [...]packedQuadTile{nil")
	for rows := 1; rows <= quadRows; rows++ {
		fmt.Fprintf(&o.stubs, ", packedQuads%dAVX512", rows)
	}
	fmt.Fprint(&o.stubs, "}\n\n")
	fixKernels(o)
}

func quadTile(o *output, rows int) {
	const vectors = 2
	k := function(o, avx512, "a tile of y; strides in bytes", fmt.Sprintf("packedQuads%dAVX512", rows), []param{
		{"groups", "int"},
		{"w", "*int8"},
		{"high", "*uint8"},
		{"low", "*uint8"},
		{"xStride", "int"},
		{"y", "*float32"},
		{"yStride", "int"},
		{"cols", "int"},
		{"acc", "bool"},
		{"fetch", "int"},
		{"fetchStep", "int"},
		{"offset", "*int32"},
		{"scale", "*float32"},
		{"xScale", "*float32"},
	}, nil)
	k.load("groups", "CX", "w", "SI", "high", "R8", "low", "R9", "xStride", "R10", "y", "DI", "yStride", "DX", "offset", "R13")
	high := func(row, v int) int { return row*vectors + v }
	low := func(row, v int) int { return (rows+row)*vectors + v }
	free := 2 * rows * vectors
	for row := range rows {
		for v := range vectors {
			k.move(high(row, v), fmt.Sprintf("%d(R13)", v*k.bytes()))
			k.zero(low(row, v))
		}
	}
	k.multiples(rows)
	k.load("fetch", "BX", "fetchStep", "R13")
	k.p("ADDQ SI, BX")
	k.p("LEAQ (R13)(R13*2), AX")
	k.steps(func(u int) {
		k.p("PREFETCHT0 (BX)%s", strideOf("R13", "AX", u))
		for v := range vectors {
			k.move(free+v, fmt.Sprintf("%d(SI)", (u*vectors+v)*k.bytes()))
		}
		next := 0
		for row := range rows {
			for part, sum := range []func(row, v int) int{high, low} {
				x := free + vectors + next%(32-free-vectors)
				next++
				k.p("VPBROADCASTD %s, %s", rowFrom([]string{"R8", "R9"}[part], row, 4*u), k.v(x))
				for v := range vectors {
					k.op("VPDPBUSD", sum(row, v), x, k.v(free+v))
				}
			}
		}
	}, func(n int) {
		k.p("LEAQ (BX)(R13*%d), BX", n)
		k.p("ADDQ $%d, SI", n*4*panelCols)
		k.p("ADDQ $%d, R8", 4*n)
		k.p("ADDQ $%d, R9", 4*n)
	})
	k.load("scale", "AX", "xScale", "BX")
	for v := range vectors {
		k.move(free, fmt.Sprintf("%d(AX)", v*k.bytes()))
		for row := range rows {
			h, l := high(row, v), low(row, v)
			k.p("VCVTDQ2PS %s, %s", k.v(h), k.v(h))
			k.p("VCVTDQ2PS %s, %s", k.v(l), k.v(l))
			k.move(free+1, k.f(256))
			k.horner(h, free+1, k.v(l))
			k.mul(h, h, k.v(free))
			k.p("VBROADCASTSS %d(BX), %s", 4*row, k.v(free+1))
			k.mul(h, h, k.v(free+1))
		}
	}
	k.p("MOVQ %s, CX", k.args["cols"])
	k.storeTile(rows, vectors, high, k.end)
}

// fixKernels write how a row of x becomes fixed-point numbers.
func fixKernels(o *output) {
	k := vectorKernel(o, avx512, "the largest magnitude in x, or a NaN or infinity if there is one", "top", []string{"x"}, nil, f32("ret"))
	const top, t, sign = 0, 1, 2
	k.zero(top)
	k.move(sign, k.word(0x7fffffff))
	k.loop(1, func(int) {
		k.read(t, "DI")
		k.and(t, t, k.v(sign))
		k.op("VPMAXUD", top, top, k.v(t)) // by bits: infinities and NaNs are the largest
	})
	k.fold("VPMAXUD", top, t)
	k.result("ret", top)
	k.end()

	k = function(o, avx512, "high·256 + low - 0x8000 = x·inv, rounded", "fixAVX512", []param{{"x", "[]float32"}, {"inv", "float32"}, {"high", "*uint8"}, {"low", "*uint8"}}, nil)
	k.load("x_base", "SI", "x_len", "R13", "high", "R8", "low", "R9")
	const inv, v, h, flip = 0, 1, 2, 3
	k.p("VBROADCASTSS %s, %s", k.args["inv"], k.v(inv))
	k.move(flip, k.word(0x80))
	k.loop(1, func(int) {
		k.read(v, "SI")
		k.mul(v, v, k.v(inv))
		k.p("VCVTPS2DQ %s, %s", k.v(v), k.v(v))
		k.p("VPSRAD $8, %s, %s", k.v(v), k.v(h))
		k.op("VPXORD", h, h, k.v(flip))
		mask := ""
		if k.masked {
			mask = "K1, "
		}
		k.p("MOVQ AX, BX")
		k.p("SHRQ $2, BX")
		k.p("VPMOVDB %s, %s(R8)(BX*1)", k.v(h), mask)
		k.p("VPMOVDB %s, %s(R9)(BX*1)", k.v(v), mask)
	})
	k.end()
}
