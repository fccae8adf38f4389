package main

import "fmt"

// Products with packed weights: y [rows, cols] = x [rows, depth] · panel. A panel is k-major with
// 32 columns, in float32, bfloat16 or int8, and is read once, in order; narrower types are
// widened in registers.
//
// With AVX2, up to 3 rows take all 32 columns, and 4 to 6 take half of them, so that the sums
// fit in 12 registers; with AVX-512 there is room for 12 rows of 32 columns.
//
// A single row takes two panels at a time where it can: with one, each of its few sums waits for
// the last addition, which for int8 is slower than memory.
//
// A tile that runs while its panel is in the cache leaves the memory idle, so each fetches a part
// of the next panel: four lines in four steps, fetchStep bytes apart, from fetch bytes after w on.
//
// Registers: CX depth left; R8, R9 x; R10, R11, R12 1, 3, 5 times its stride; SI the panel;
// DI y; DX its stride; BX what to fetch; R13, AX 1, 3 times the distance; R12 the second panel
// of a pair.

const panelCols = 32

// storage is a type of weights in a panel.
type storage struct {
	name, typ string
	bytes     int
	scaled    bool
	// load widens a vector of weights at an operand in memory.
	load func(k *kernel, d int, from string)
}

var storages = []storage{
	{"F32", "*float32", 4, false, func(k *kernel, d int, from string) { k.move(d, from) }},
	{"BF16", "*uint16", 2, false, func(k *kernel, d int, from string) {
		k.p("VPMOVZXWD %s, %s", from, k.v(d))
		k.p("VPSLLD $16, %s, %s", k.v(d), k.v(d))
	}},
	{"Int8", "*int8", 1, true, func(k *kernel, d int, from string) {
		k.p("VPMOVSXBD %s, %s", from, k.v(d))
		k.p("VCVTDQ2PS %s, %s", k.v(d), k.v(d))
	}},
}

func packedKernels(o *output, set *isa) {
	most, wide := 6, 3 // rows in all, and rows with all columns
	if set == avx512 {
		most, wide = 12, 12
	}
	for _, s := range storages {
		for rows := 1; rows <= most; rows++ {
			cols := panelCols
			if rows > wide {
				cols /= 2
			}
			packedTile(o, set, s, rows, 1, cols/set.lanes)
		}
		packedTile(o, set, s, 1, 2, 2*panelCols/set.lanes)
		fmt.Fprintf(&o.stubs, "var packed%s%s = [...]packed%sTile{nil", s.name, set.name, s.name)
		for rows := 1; rows <= most; rows++ {
			fmt.Fprintf(&o.stubs, ", packed%s%d%s", s.name, rows, set.name)
		}
		fmt.Fprint(&o.stubs, "}\n\n")
	}
}

// packedTile writes the kernel for a number of rows; with two panels, for all columns of both.
func packedTile(o *output, set *isa, s storage, rows, panels, vectors int) {
	name := fmt.Sprintf("packed%s%d%s", s.name, rows, set.name)
	if panels == 2 {
		name = fmt.Sprintf("packed%sPair%s", s.name, set.name)
	}
	params := []param{
		{"depth", "int"},
		{"w", s.typ},
		{"x", "*float32"},
		{"xStride", "int"},
		{"y", "*float32"},
		{"yStride", "int"},
		{"cols", "int"},
		{"acc", "bool"},
		{"fetch", "int"},
		{"fetchStep", "int"},
	}
	if s.scaled {
		params = append(params, param{"scale", "*float32"})
	}
	k := function(o, set, "a tile of y; strides in bytes", name, params, nil)
	k.load("depth", "CX", "w", "SI", "x", "R8", "xStride", "R10", "y", "DI", "yStride", "DX")
	k.multiples(rows)
	k.load("fetch", "BX", "fetchStep", "R13")
	k.p("ADDQ SI, BX")
	k.p("LEAQ (R13)(R13*2), AX")
	if panels == 2 {
		k.p("IMUL3Q $%d, CX, R12", panelCols*s.bytes)
		k.p("ADDQ SI, R12")
	}
	sum := func(row, v int) int { return row*vectors + v }
	free := rows * vectors // registers from here on
	for i := range free {
		k.zero(i)
	}
	last := 16
	if set == avx512 {
		last = 32
	}
	k.steps(func(u int) {
		weight := func(v int) string {
			if v >= panelCols/set.lanes {
				return fmt.Sprintf("%d(R12)", (u*panelCols+v*set.lanes-panelCols)*s.bytes)
			}
			return fmt.Sprintf("%d(SI)", (u*panelCols+v*set.lanes)*s.bytes)
		}
		copyX := func(row, to int) { k.p("VBROADCASTSS %s, %s", rowOf(row, 4*u), k.v(to)) }
		k.p("PREFETCHT0 (BX)%s", strideOf("R13", "AX", u))
		if rows <= last-free-1 && rows < vectors {
			// All of x in registers, the weights one vector after the other.
			for row := range rows {
				copyX(row, free+row)
			}
			spare := last - free - rows
			for v := range vectors {
				w := free + rows + v%spare
				s.load(k, w, weight(v))
				for row := range rows {
					k.fma(sum(row, v), free+row, k.v(w))
				}
			}
			return
		}
		for v := range vectors {
			s.load(k, free+v, weight(v))
		}
		for row := range rows {
			to := free + vectors + row%(last-free-vectors)
			copyX(row, to)
			for v := range vectors {
				k.fma(sum(row, v), to, k.v(free+v))
			}
		}
	}, func(n int) {
		k.p("LEAQ (BX)(R13*%d), BX", n)
		k.p("ADDQ $%d, SI", n*panelCols*s.bytes)
		if panels == 2 {
			k.p("ADDQ $%d, R12", n*panelCols*s.bytes)
		}
		k.p("ADDQ $%d, R8", 4*n)
		if rows > 7 {
			k.p("ADDQ $%d, R9", 4*n)
		}
	})
	if s.scaled {
		k.load("scale", "AX")
		for v := range vectors {
			k.move(free, fmt.Sprintf("%d(AX)", v*set.bytes()))
			for row := range rows {
				k.mul(sum(row, v), sum(row, v), k.v(free))
			}
		}
	}
	k.p("MOVQ %s, CX", k.args["cols"])
	if panels == 2 { // whole, and too wide for the masks
		k.storeWhole(rows, vectors, sum, k.end)
		return
	}
	k.storeTile(rows, vectors, sum, k.end)
}
