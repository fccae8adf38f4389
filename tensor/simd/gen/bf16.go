package main

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
