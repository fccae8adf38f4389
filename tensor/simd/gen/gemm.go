package main

import "fmt"

// Tiles of the matrix product: C [rows, cols] = or += A [rows, depth] · B [depth, cols], and as many
// more of them below one another as panels says: a call from Go costs as much as some steps over k.
//
// All of a tile of C stays in registers, one vector of columns by one row each. A step over k loads a row
// of B and multiplies it by each element of a column of A, copied to all lanes. Four steps are
// unrolled, so that pointers move once in four.
//
// Registers: CX depth left; R8, R9 A; R10, R11, R12 1, 3, 5 times its stride; SI B; BX, R13
// 1, 3 times its stride; DI C; DX its stride.

// tileRows is the height of the tallest tile: as many as the registers hold.
var tileRows = map[*isa]int{avx2: 6, avx512: 14}

// rowOf is the operand of row i of up to 14, with the stride in R10 … R12 and row 7 at R9.
func rowOf(i, offset int) string {
	base := "R8"
	if i >= 7 {
		base, i = "R9", i-7
	}
	return rowFrom(base, i, offset)
}

// rowFrom is the operand of row i of up to 7.
func rowFrom(base string, i, offset int) string {
	index := [...]string{"", "(R10*1)", "(R10*2)", "(R11*1)", "(R10*4)", "(R12*1)", "(R11*2)"}[i]
	return fmt.Sprintf("%d(%s)%s", offset, base, index)
}

// multiples prepares the registers of rowOf.
func (k *kernel) multiples(rows int) {
	k.p("LEAQ (R10)(R10*2), R11")
	k.p("LEAQ (R10)(R10*4), R12")
	if rows > 7 {
		k.p("LEAQ (R8)(R11*2), R9")
		k.p("ADDQ R10, R9")
	}
}

// strideOf is the index of step u < 4, given registers with 1 and 3 times the distance.
func strideOf(one, three string, u int) string {
	return [...]string{"", "(" + one + "*1)", "(" + one + "*2)", "(" + three + "*1)"}[u]
}

// steps writes a loop of CX steps over k, four at a time; one calls body for step u, and advance
// moves the pointers by n steps.
func (k *kernel) steps(body func(u int), advance func(n int)) {
	k.p("SUBQ $4, CX")
	k.p("JLT rest")
	k.label("four")
	for u := range 4 {
		body(u)
	}
	advance(4)
	k.p("SUBQ $4, CX")
	k.p("JGE four")
	k.label("rest")
	k.p("ADDQ $4, CX")
	k.p("JZ finish")
	k.label("one")
	body(0)
	advance(1)
	k.p("DECQ CX")
	k.p("JNZ one")
	k.label("finish")
}

func gemmKernels(o *output, set *isa) {
	for vectors := 1; vectors <= 2; vectors++ {
		for rows := 1; rows <= tileRows[set]; rows++ {
			gemmTile(o, set, rows, vectors, "Panel")
			gemmTile(o, set, rows, vectors, "Rows")
		}
	}
	for _, layout := range []string{"Panel", "Rows"} {
		fmt.Fprintf(&o.stubs, "// gemm%s%s holds the tiles by vectors of columns and by rows.\n", layout, set.name)
		fmt.Fprintf(&o.stubs, "var gemm%s%s = [3][%d]gemmTile{\n", layout, set.name, tileRows[set]+1)
		for vectors := 1; vectors <= 2; vectors++ {
			fmt.Fprintf(&o.stubs, "%d: {nil", vectors)
			for rows := 1; rows <= tileRows[set]; rows++ {
				fmt.Fprintf(&o.stubs, ", gemm%s%dx%d%s", layout, rows, vectors, set.name)
			}
			fmt.Fprint(&o.stubs, "},\n")
		}
		fmt.Fprint(&o.stubs, "}\n\n")
	}
}

// gemmTile writes one tile. In layout Panel, a column of A is contiguous and aStride leads to the
// next; in layout Rows, a row is contiguous and aStride leads to the next row. aNext and cNext lead
// to the next tile's A and C. Strides are in bytes. B must be readable in whole vectors; of C only
// cols columns are touched.
func gemmTile(o *output, set *isa, rows, vectors int, layout string) {
	k := function(o, set, "a tile of C", fmt.Sprintf("gemm%s%dx%d%s", layout, rows, vectors, set.name), []param{
		{"depth", "int"},
		{"a", "*float32"},
		{"aStride", "int"},
		{"b", "*float32"},
		{"bStride", "int"},
		{"c", "*float32"},
		{"cStride", "int"},
		{"cols", "int"},
		{"panels", "int"},
		{"aNext", "int"},
		{"cNext", "int"},
		{"acc", "bool"},
	}, nil)
	k.label("tile")
	k.load("depth", "CX", "a", "R8", "aStride", "R10", "b", "SI", "bStride", "BX", "c", "DI", "cStride", "DX")
	k.multiples(rows)
	k.p("LEAQ (BX)(BX*2), R13")

	// 6 × 2 vectors of C, 2 of B and 2 of A; or 14 × 2, 2 and 2.
	sum := func(row, v int) int { return row*vectors + v }
	regB := 2 * tileRows[set]
	regA := regB + 2
	k.p("MOVQ DI, AX")
	for row := range rows {
		k.p("PREFETCHT0 (AX)")
		k.p("PREFETCHT0 %d(AX)", vectors*set.bytes()-4)
		if row < rows-1 {
			k.p("ADDQ DX, AX")
		}
	}
	for i := range rows * vectors {
		k.zero(i)
	}
	k.steps(func(u int) {
		for v := range vectors {
			k.move(regB+v, fmt.Sprintf("%d(SI)%s", v*set.bytes(), strideOf("BX", "R13", u)))
		}
		for row := range rows {
			a := rowOf(row, 4*u)
			if layout == "Panel" {
				a = fmt.Sprintf("%d(R8)%s", 4*row, strideOf("R10", "R11", u))
			}
			k.p("VBROADCASTSS %s, %s", a, k.v(regA+row%2))
			for v := range vectors {
				k.fma(sum(row, v), regA+row%2, k.v(regB+v))
			}
		}
	}, func(n int) {
		k.p("LEAQ (SI)(BX*%d), SI", n)
		if layout == "Panel" {
			k.p("LEAQ (R8)(R10*%d), R8", n)
			return
		}
		k.p("ADDQ $%d, R8", 4*n)
		if rows > 7 {
			k.p("ADDQ $%d, R9", 4*n)
		}
	})
	k.p("MOVQ %s, CX", k.args["cols"])
	k.storeTile(rows, vectors, sum, func() { k.p("JMP next") })
	k.label("next")
	k.load("aNext", "AX", "cNext", "CX")
	k.p("ADDQ AX, %s", k.args["a"])
	k.p("ADDQ CX, %s", k.args["c"])
	k.p("DECQ %s", k.args["panels"])
	k.p("JNZ tile")
	k.end()
}

// storeTile writes the tile to C at DI, with the distance DX between rows; CX is the number of
// valid columns, acc says whether to add. The sums lie below register 14. Each way to store is
// followed by what done writes, which leaves.
func (k *kernel) storeTile(rows, vectors int, sum func(row, v int) int, done func()) {
	each := func(f func(row, v int, c string)) { k.eachOfTile(rows, vectors, f) }
	if k.isa == avx512 {
		k.p("MOVBLZX %s, R8", k.args["acc"])
		k.p("MOVQ $1, AX")
		k.p("SHLQ CX, AX")
		k.p("DECQ AX")
		for v := range vectors {
			k.p("KMOVW AX, K%d", v+1)
			k.p("SHRQ $16, AX")
		}
		k.p("TESTL R8, R8")
		k.p("JZ store")
		each(func(row, v int, c string) { k.p("VADDPS %s, %s, K%d, %s", c, k.v(sum(row, v)), v+1, k.v(sum(row, v))) })
		k.label("store")
		each(func(row, v int, c string) { k.p("VMOVUPS %s, K%d, %s", k.v(sum(row, v)), v+1, c) })
		done()
		return
	}
	// Masked stores are slow on some processors: whole tiles do without.
	k.p("CMPQ CX, $%d", vectors*k.lanes)
	k.p("JLT part")
	k.storeWhole(rows, vectors, sum, done)
	k.label("part")
	k.p("LEAQ ·masks+128(SB), R10")
	k.p("SHLQ $2, CX")
	k.p("SUBQ CX, R10")
	const mask, old = 14, 15
	k.p("MOVBLZX %s, R8", k.args["acc"])
	k.p("TESTL R8, R8")
	k.p("JZ storePart")
	each(func(row, v int, c string) {
		k.move(mask, fmt.Sprintf("%d(R10)", v*k.bytes()))
		k.p("VMASKMOVPS %s, %s, %s", c, k.v(mask), k.v(old))
		k.add(sum(row, v), sum(row, v), k.v(old))
	})
	k.label("storePart")
	each(func(row, v int, c string) {
		k.move(mask, fmt.Sprintf("%d(R10)", v*k.bytes()))
		k.p("VMASKMOVPS %s, %s, %s", k.v(sum(row, v)), k.v(mask), c)
	})
	done()
}

// eachOfTile writes f for every vector of C.
func (k *kernel) eachOfTile(rows, vectors int, f func(row, v int, c string)) {
	k.p("MOVQ DI, AX")
	for row := range rows {
		for v := range vectors {
			f(row, v, fmt.Sprintf("%d(AX)", v*k.bytes()))
		}
		if row < rows-1 {
			k.p("ADDQ DX, AX")
		}
	}
}

// storeWhole is storeTile for whole vectors.
func (k *kernel) storeWhole(rows, vectors int, sum func(row, v int) int, done func()) {
	k.p("MOVBLZX %s, R8", k.args["acc"])
	k.p("TESTL R8, R8")
	k.p("JZ store")
	k.eachOfTile(rows, vectors, func(row, v int, c string) { k.add(sum(row, v), sum(row, v), c) })
	k.label("store")
	k.eachOfTile(rows, vectors, func(row, v int, c string) { k.p("VMOVUPS %s, %s", k.v(sum(row, v)), c) })
	done()
}

// copyKernels writes how operands are packed: by transposing, or by copying rows. Both write
// whole vectors to dst, so what is written after the valid columns must be overwritten or unused.
func copyKernels(o *output, set *isa) {
	transpose := map[*isa]func(k *kernel) int{avx2: (*kernel).transpose8, avx512: (*kernel).transpose16}[set]
	k := function(o, set, "dst[x·ld + i] = src[i·lds + x], for blocks of x as wide as a vector and rows ≤ that; strides in bytes",
		"transposeBlocks"+set.name, []param{
			{"blocks", "int"}, {"rows", "int"}, {"dst", "*float32"}, {"ld", "int"}, {"src", "*float32"}, {"lds", "int"},
		}, nil)
	k.load("blocks", "CX", "rows", "DX", "dst", "DI", "ld", "R8", "src", "SI", "lds", "R9")
	k.label("block")
	k.p("MOVQ SI, R10")
	k.p("MOVQ DX, R11")
	for i := range set.lanes {
		// The last row is read again in place of those that are missing.
		k.move(i, "(R10)")
		k.p("XORL AX, AX")
		k.p("DECQ R11")
		k.p("CMOVQGT R9, AX")
		k.p("ADDQ AX, R10")
	}
	first := transpose(k)
	for i := range set.lanes {
		k.p("VMOVUPS %s, (DI)", k.v(first+i))
		k.p("ADDQ R8, DI")
	}
	k.p("ADDQ $%d, SI", set.bytes())
	k.p("DECQ CX")
	k.p("JNZ block")
	k.end()

	for vectors := 1; vectors <= 2; vectors++ {
		k := function(o, set, "n rows of cols elements, at most the vectors in the name; strides in bytes",
			fmt.Sprintf("copyRows%d%s", vectors, set.name), []param{
				{"n", "int"}, {"cols", "int"}, {"dst", "*float32"}, {"ld", "int"}, {"src", "*float32"}, {"lds", "int"},
			}, nil)
		k.load("cols", "CX", "dst", "DI", "ld", "R8", "src", "SI", "lds", "R9")
		if set == avx2 {
			k.p("LEAQ ·masks+128(SB), R10")
			k.p("SHLQ $2, CX")
			k.p("SUBQ CX, R10")
			for v := range vectors {
				k.move(14+v, fmt.Sprintf("%d(R10)", v*32))
			}
		} else {
			k.p("MOVQ $1, AX")
			k.p("SHLQ CX, AX")
			k.p("DECQ AX")
			for v := range vectors {
				k.p("KMOVW AX, K%d", v+1)
				k.p("SHRQ $16, AX")
			}
		}
		k.load("n", "CX")
		k.p("MOVQ R9, R11") // fetch what the next call for these columns reads, 16 rows on
		k.p("SHLQ $4, R11")
		k.label("row")
		k.p("PREFETCHT0 (SI)(R11*1)")
		for v := range vectors {
			if set == avx2 {
				k.p("VMASKMOVPS %d(SI), %s, %s", v*32, k.v(14+v), k.v(v))
			} else {
				k.p("VMOVUPS.Z %d(SI), K%d, %s", v*64, v+1, k.v(v))
			}
			k.p("VMOVUPS %s, %d(DI)", k.v(v), v*set.bytes())
		}
		k.p("ADDQ R9, SI")
		k.p("ADDQ R8, DI")
		k.p("DECQ CX")
		k.p("JNZ row")
		k.end()
	}
}

// transpose8 transposes registers 0 … 7 and returns where the result starts.
func (k *kernel) transpose8() int {
	pair := func(op string, a, b, d int) { k.p("%s Y%d, Y%d, Y%d", op, b, a, d) }
	for i := 0; i < 8; i += 2 {
		pair("VUNPCKLPS", i, i+1, 8+i)
		pair("VUNPCKHPS", i, i+1, 9+i)
	}
	for i := 0; i < 8; i += 4 { // now pairs of rows: make fours
		pair("VUNPCKLPD", 8+i, 10+i, i)
		pair("VUNPCKHPD", 8+i, 10+i, i+1)
		pair("VUNPCKLPD", 9+i, 11+i, i+2)
		pair("VUNPCKHPD", 9+i, 11+i, i+3)
	}
	for i := range 4 { // and eights
		pair("VPERM2F128 $0x20,", i, 4+i, 8+i)
		pair("VPERM2F128 $0x31,", i, 4+i, 12+i)
	}
	return 8
}

// transpose16 transposes registers 0 … 15 and returns where the result starts.
func (k *kernel) transpose16() int {
	pair := func(op string, a, b, d int) { k.p("%s Z%d, Z%d, Z%d", op, b, a, d) }
	for i := 0; i < 16; i += 2 {
		pair("VUNPCKLPS", i, i+1, 16+i)
		pair("VUNPCKHPS", i, i+1, 17+i)
	}
	for i := 0; i < 16; i += 4 {
		pair("VUNPCKLPD", 16+i, 18+i, i)
		pair("VUNPCKHPD", 16+i, 18+i, i+1)
		pair("VUNPCKLPD", 17+i, 19+i, i+2)
		pair("VUNPCKHPD", 17+i, 19+i, i+3)
	}
	for i := range 4 { // i, 4+i, 8+i, 12+i: lane L of 128 bits is column 4L+i of four rows each
		pair("VSHUFF32X4 $0x88,", i, 4+i, 16)
		pair("VSHUFF32X4 $0xdd,", i, 4+i, 17)
		pair("VSHUFF32X4 $0x88,", 8+i, 12+i, 18)
		pair("VSHUFF32X4 $0xdd,", 8+i, 12+i, 19)
		pair("VSHUFF32X4 $0x88,", 16, 18, i)
		pair("VSHUFF32X4 $0xdd,", 16, 18, 8+i)
		pair("VSHUFF32X4 $0x88,", 17, 19, 4+i)
		pair("VSHUFF32X4 $0xdd,", 17, 19, 12+i)
	}
	return 0
}
