package main

import "fmt"

// Products of a vector with the rows of a matrix, each row contiguous: attention of a single query,
// which reads every key and value once. The time is that of reading the rows, in order.

// dotEachKernel writes the dot products of a vector with rows, eight at a time. A single row's sum
// is folded in the same order as one of eight, so that its bits do not depend on its place.
//
// Registers: DI dst; BX rows left; SI v; R13 its length; R8, R9 rows; R10, R11, R12 1, 3, 5 times
// their stride; AX the first row; DX, CX place in v and elements left.
func dotEachKernel(o *output, set *isa) {
	k := function(o, set, "dst[i] = Σ v · rows[i]; stride in bytes", "dotEach"+set.name, []param{
		{"dst", "*float32"}, {"n", "int"}, {"v", "*float32"}, {"length", "int"}, {"rows", "*float32"}, {"stride", "int"},
	}, nil)
	k.load("dst", "DI", "n", "BX", "v", "SI", "length", "R13", "rows", "R8", "stride", "R10")
	k.p("LEAQ (R10)(R10*2), R11")
	k.p("LEAQ (R10)(R10*4), R12")
	k.p("MOVQ R13, CX")
	k.p("ANDQ $%d, CX", set.lanes-1)
	k.startTail("AX")
	if set == avx512 {
		k.p("MOVL $0x5555, AX")
		k.p("KMOVW AX, K2")
	}
	const vec, t = 8, 9
	// sums adds the products of count rows to registers 0 … count-1.
	sums := func(name string, count int) {
		k.p("MOVQ R8, AX")
		k.p("MOVQ SI, DX")
		k.p("MOVQ R13, CX")
		for row := range count {
			k.zero(row)
		}
		k.label(name)
		k.p("SUBQ $%d, CX", set.lanes)
		k.p("JLT %sTail", name)
		k.move(vec, "(DX)")
		for row := range count {
			k.fma(row, vec, rowOf(row, 0))
		}
		k.p("ADDQ $%d, DX", set.bytes())
		k.p("ADDQ $%d, R8", set.bytes())
		if count > 7 {
			k.p("ADDQ $%d, R9", set.bytes())
		}
		k.p("JMP %s", name)
		k.label("%sTail", name)
		k.p("CMPQ CX, $-%d", set.lanes)
		k.p("JE %sSummed", name)
		k.masked = true
		k.readAt(vec, "(DX)")
		for row := range count {
			k.readAt(t, rowOf(row, 0))
			k.fma(row, vec, k.v(t))
		}
		k.masked = false
		k.label("%sSummed", name)
	}

	k.label("eight")
	k.p("CMPQ BX, $8")
	k.p("JLT rest")
	k.p("LEAQ (R8)(R11*2), R9")
	k.p("ADDQ R10, R9")
	sums("wide", 8)
	k.foldEight()
	k.p("VMOVUPS Y0, (DI)")
	k.p("ADDQ $32, DI")
	k.p("LEAQ (AX)(R10*8), R8")
	k.p("SUBQ $8, BX")
	k.p("JMP eight")
	k.label("rest")
	k.p("TESTQ BX, BX")
	k.p("JZ done")
	k.label("one")
	sums("single", 1)
	k.fold("VADDPS", 0, 1)
	k.p("VMOVSS X0, (DI)")
	k.p("ADDQ $4, DI")
	k.p("LEAQ (AX)(R10*1), R8")
	k.p("DECQ BX")
	k.p("JNZ one")
	k.label("done")
	k.end()
}

// foldEight leaves the sums of the lanes of registers 0 … 7 in the first eight lanes of register 0,
// each added up as fold does; registers up to 8 are lost.
func (k *kernel) foldEight() {
	// halve adds what two shuffles of each pair of registers bring together, in the first of them.
	halve := func(shuffle string, one, other int, pairs ...[2]int) {
		const t = 8
		for _, p := range pairs {
			k.p("%s $%#x, %s, %s, %s", shuffle, one, k.v(p[1]), k.v(p[0]), k.v(t))
			k.p("%s $%#x, %s, %s, %s", shuffle, other, k.v(p[1]), k.v(p[0]), k.v(p[1]))
			k.add(p[0], t, k.v(p[1]))
		}
	}
	if k.isa == avx2 {
		halve("VPERM2F128", 0x20, 0x31, [2]int{0, 4}, [2]int{1, 5}, [2]int{2, 6}, [2]int{3, 7}) // of 128 bits
		halve("VSHUFPS", 0x44, 0xee, [2]int{0, 1}, [2]int{2, 3})                                // of 64
		halve("VSHUFPS", 0x88, 0xdd, [2]int{0, 2})                                              // of 32
		return
	}
	halve("VSHUFF64X2", 0x44, 0xee, [2]int{0, 2}, [2]int{4, 6}, [2]int{1, 3}, [2]int{5, 7}) // of 256 bits
	halve("VSHUFF64X2", 0x88, 0xdd, [2]int{0, 4}, [2]int{1, 5})                             // of 128
	halve("VSHUFPS", 0x44, 0xee, [2]int{0, 1})                                              // of 64
	k.p("VSHUFPS $0xb1, Z0, Z0, Z1")
	k.add(0, 0, k.v(1))
	k.p("VCOMPRESSPS Z0, K2, Z0") // every second lane
}

// sumRowsKernels write the sum of rows with weights, for so many vectors of columns.
//
// Registers: DI dst; SI w; BX rows left; R8 rows; R10, R11 1, 3 times their stride.
func sumRowsKernels(o *output, set *isa) {
	for _, vectors := range []int{1, 2, 4, 8} {
		k := function(o, set, "dst += Σ w[i] · rows[i]; stride in bytes", fmt.Sprintf("sumRows%d%s", vectors, set.name), []param{
			{"dst", "*float32"}, {"w", "*float32"}, {"n", "int"}, {"rows", "*float32"}, {"stride", "int"},
		}, nil)
		k.load("dst", "DI", "w", "SI", "n", "CX", "rows", "R8", "stride", "R10")
		k.p("LEAQ (R10)(R10*2), R11")
		for v := range vectors {
			k.move(v, fmt.Sprintf("%d(DI)", v*set.bytes()))
		}
		k.steps(func(u int) {
			w := vectors + u%2
			k.p("VBROADCASTSS %d(SI), %s", 4*u, k.v(w))
			for v := range vectors {
				k.fma(v, w, fmt.Sprintf("%d(R8)%s", v*set.bytes(), strideOf("R10", "R11", u)))
			}
		}, func(n int) {
			k.p("ADDQ $%d, SI", 4*n)
			k.p("LEAQ (R8)(R10*%d), R8", n)
		})
		for v := range vectors {
			k.p("VMOVUPS %s, %d(DI)", k.v(v), v*set.bytes())
		}
		k.end()
	}
}
