package main

import "fmt"

// Products in tiles (AMX): see tensor/simd/amx_amd64.go for what is multiplied and how it lies in memory.
// Go's assembler does not know these instructions, so they are written as bytes.

// amxRegister numbers the general registers that tiles are addressed with.
var amxRegister = map[string]byte{"AX": 0, "CX": 1, "DX": 2, "BX": 3, "SI": 6, "DI": 7}

// Bytes of parts and blocks, of panels 32 wide.
const (
	tileBytes  = 1024          // 16 rows of 64 bytes
	partBytes  = 2 * tileBytes // two tiles beside (or below) one another
	blockBytes = 3 * partBytes // high, mid, low
	c8000      = 0x8000        // half of what is cut off
	cTop       = 0xffff0000    // what is kept
)

// amx writes an instruction, encoded VEX.128.pp.0F38.W0 op.
func (k *kernel) amx(pp, vvvv, op byte, rest ...byte) {
	text := "BYTE $0xc4; BYTE $0xe2"
	for _, b := range append([]byte{^vvvv&15<<3 | pp, op}, rest...) {
		text += fmt.Sprintf("; BYTE $%#02x", b)
	}
	k.p("%s", text)
}

// tileMemory is the operand of a tile in memory: row i at offset + base + i·stride.
func tileMemory(tile int, base, stride string, offset int) []byte {
	o := uint32(offset)
	return []byte{0x84 | byte(tile)<<3, amxRegister[stride]<<3 | amxRegister[base], byte(o), byte(o >> 8), byte(o >> 16), byte(o >> 24)}
}

func (k *kernel) tileLoad(tile int, base, stride string, offset int) {
	k.amx(3, 0, 0x4b, tileMemory(tile, base, stride, offset)...)
}

func (k *kernel) tileStore(tile int, base, stride string, offset int) {
	k.amx(2, 0, 0x4b, tileMemory(tile, base, stride, offset)...)
}

func (k *kernel) tileZero(tile int)      { k.amx(3, 0, 0x49, 0xc0|byte(tile)<<3) }
func (k *kernel) tileConfig(base string) { k.amx(0, 0, 0x49, amxRegister[base]) }
func (k *kernel) tileRelease()           { k.amx(0, 0, 0x49, 0xc0) }

// tileDot adds the products of tile a, of pairs of bfloat16, with tile b to c.
func (k *kernel) tileDot(c, a, b int) { k.amx(2, byte(b), 0x5c, 0xc0|byte(c)<<3|byte(a)) }

const (
	high = iota
	mid
	low
)

// amxOrder is in which order parts of A and B are multiplied: the same in all kernels, so that an
// element has the same bits wherever it lies. Few tiles have to be read again in it.
var amxOrder = [][2]int{{high, low}, {high, high}, {high, mid}, {mid, mid}, {mid, high}, {low, high}}

// shortOrder is the same for a depth of 16, for which a tile has room for two parts of a value: A is (high,
// high), (mid, mid) and (low, high), B (high, mid) and (high, low).
var shortOrder = [][2]int{{0, 0}, {1, 0}, {2, 1}}

func amxKernels(o *output) {
	splitRowsKernel(o)
	splitColumnsKernel(o)
	splitShortRowsKernel(o)
	splitShortColumnsKernel(o)
	for tall := 1; tall <= 2; tall++ {
		tilesKernel(o, tall)
		shortTilesKernel(o, tall)
	}
}

// eachC calls f for the tiles of C: 0 … 3, the lower two only where there are two below one another. 4 and 5 are
// of A, 6 and 7 of B; with half the rows 2 and 3 are more of B.
func eachC(tall int, f func(tile int, base string, offset int)) {
	for i := range 2 * tall {
		f(i, [...]string{"AX", "CX"}[i/2], 64*(i%2))
	}
}

// tileProducts writes the products of a block, in an order of parts.
func (k *kernel) tileProducts(tall int, order [][2]int, bTile func(part int) int, instruction func(func())) {
	have := map[int]int{4: -1, 6: -1, 2: -1} // the part that a pair of tiles holds
	need := func(tile, part, n int, base string) {
		if have[tile] == part {
			return
		}
		have[tile] = part
		for i := range n {
			instruction(func() { k.tileLoad(tile+i, base, "DX", part*partBytes+i*tileBytes) })
		}
	}
	for _, parts := range order {
		b := bTile(parts[1])
		need(4, parts[0], tall, "SI")
		need(b, parts[1], 2, "DI")
		for i := range tall {
			for j := range 2 {
				instruction(func() { k.tileDot(2*i+j, 4+i, b+j) })
			}
		}
	}
}

// shortTilesKernel is tilesKernel for a depth of 16.
func shortTilesKernel(o *output, tall int) {
	k := function(o, avx512, "panels of C, 32 columns each, from a depth of 16", fmt.Sprintf("shortTiles%dAMX", 16*tall), []param{
		{"config", "*uint8"}, {"a", "*uint16"}, {"b", "*uint16"}, {"c", "*float32"}, {"cStride", "int"}, {"panels", "int"},
	}, nil)
	k.load("config", "AX")
	k.tileConfig("AX")
	k.load("a", "SI", "b", "DI", "c", "AX", "cStride", "BX", "panels", "R9")
	k.p("MOVQ $64, DX")
	k.p("MOVQ BX, CX")
	k.p("SHLQ $4, CX")
	k.p("ADDQ AX, CX")
	k.label("panel")
	eachC(tall, func(tile int, _ string, _ int) { k.tileZero(tile) })
	const blockB = 2 * partBytes
	n := 0
	k.tileProducts(tall, shortOrder, func(int) int { return 6 }, func(write func()) {
		write()
		for range between {
			if line := n / 3; n%3 == 0 && line < blockB/64 {
				k.p("PREFETCHT0 %d(DI)", blockB+64*line)
			} else {
				k.p("ADDQ $1, R11")
			}
			n++
		}
	})
	eachC(tall, func(tile int, base string, offset int) { k.tileStore(tile, base, "BX", offset) })
	k.p("ADDQ $%d, DI", blockB)
	k.p("ADDQ $128, AX")
	k.p("ADDQ $128, CX")
	k.p("DECQ R9")
	k.p("JNZ panel")
	k.tileRelease()
	k.p("RET")
}

// Where another thread runs on the same core, tile instructions one after another take 37 cycles
// each instead of 8 or 16, unless some ten others are executed between any two: then 20 (measured on
// family 6, model 207; without such a thread nothing changes). Half of the others fetch what comes next.
const between = 10

// tilesKernel writes a number of panels of C beside one another, each of 32 columns and of up to
// 16·tall rows. They are added to what lies at from, if that is not nil, which may be C.
func tilesKernel(o *output, tall int) {
	k := function(o, avx512, "panels of C, 32 columns each", fmt.Sprintf("tiles%dAMX", 16*tall), []param{
		{"config", "*uint8"},
		{"blocks", "int"},
		{"a", "*uint16"},
		{"b", "*uint16"},
		{"c", "*float32"},
		{"cStride", "int"},
		{"panels", "int"},
		{"from", "*float32"},
		{"fromStride", "int"},
		{"fetch", "*float32"},
		{"fetchStep", "int"},
		{"fetchBlock", "int"},
	}, nil)
	k.load("config", "AX")
	k.tileConfig("AX")
	k.load("b", "DI", "c", "AX", "cStride", "BX", "panels", "R9", "fetch", "R12", "fetchStep", "R13", "fetchBlock", "R10")
	k.p("MOVQ $64, DX")
	k.label("panel")
	k.load("a", "SI", "blocks", "R8")
	k.p("MOVQ BX, CX")
	k.p("SHLQ $4, CX")
	k.p("ADDQ AX, CX")
	k.p("MOVQ AX, R11")
	for range 16 * tall {
		k.p("PREFETCHT0 (R11)")
		k.p("PREFETCHT0 64(R11)")
		k.p("ADDQ BX, R11")
	}
	k.load("from", "R11")
	k.p("TESTQ R11, R11")
	k.p("JNZ from")
	eachC(tall, func(tile int, _ string, _ int) { k.tileZero(tile) })
	k.p("JMP block")
	k.label("from") // as far from its beginning as C is
	k.p("ADDQ AX, R11")
	k.p("SUBQ %s, R11", k.args["c"])
	k.p("MOVQ AX, R15")
	k.p("MOVQ CX, R8")
	k.load("fromStride", "DX")
	k.p("MOVQ R11, AX")
	k.p("MOVQ DX, CX")
	k.p("SHLQ $4, CX")
	k.p("ADDQ AX, CX")
	eachC(tall, func(tile int, base string, offset int) { k.tileLoad(tile, base, "DX", offset) })
	k.p("MOVQ R15, AX")
	k.p("MOVQ R8, CX")
	k.p("MOVQ $64, DX")
	k.load("blocks", "R8")
	k.label("block")
	// Fetched are the next block and, of what is to be packed next, 16 lines, in pairs.
	const pairs = 8
	n, fetched := 0, 0
	instruction := func(write func()) {
		write()
		for range between {
			switch line := n / 4; {
			case n%4 == 0 && line < blockBytes/64:
				k.p("PREFETCHT0 %d(DI)", blockBytes+64*line)
			case n%4 == 1 && line < blockBytes/64:
				k.p("PREFETCHT0 %d(SI)", blockBytes+64*line)
			case n%8 == 2 && fetched < pairs:
				k.p("PREFETCHT1 (R12)")
				k.p("PREFETCHT1 64(R12)")
				k.p("ADDQ R13, R12")
				fetched++
			default:
				k.p("ADDQ $1, R11")
			}
			n++
		}
	}
	k.tileProducts(tall, amxOrder, func(part int) int {
		if tall == 1 && part == high {
			return 2
		}
		return 6
	}, instruction)
	k.p("ADDQ R10, R12")
	k.p("ADDQ $%d, SI", blockBytes)
	k.p("ADDQ $%d, DI", blockBytes)
	k.p("DECQ R8")
	k.p("JNZ block")
	eachC(tall, func(tile int, base string, offset int) { k.tileStore(tile, base, "BX", offset) })
	k.p("ADDQ $128, AX")
	k.p("DECQ R9")
	k.p("JNZ panel")
	k.tileRelease()
	k.p("RET")
}

// splitPair writes lanes of a and b, 32 values, as three bfloat16 each: lane i is those of a[i] and b[i].
func (k *kernel) splitPair(a, b, t, u, half, top int, store func(part int, reg string)) {
	for part := range low {
		for _, r := range [...][2]int{{a, t}, {b, u}} {
			k.op("VPADDD", r[1], r[0], k.v(half))
			k.op("VPANDD", r[1], r[1], k.v(top))
			k.sub(r[0], r[0], k.v(r[1])) // exact
		}
		k.p("VPSRLD $16, %s, %s", k.v(t), k.v(t))
		k.op("VPORD", t, t, k.v(u))
		store(part, k.v(t))
	}
	k.p("VPSRLD $16, %s, %s", k.v(a), k.v(t))
	k.p("VPTERNLOGD $0xf8, %s, %s, %s", k.v(top), k.v(b), k.v(t)) // t | b & top
	store(low, k.v(t))
}

// splitShort replaces a vector by its three parts, in the upper halves of words: a is high, b mid, c low.
func (k *kernel) splitShort(a, b, c, half, top int) {
	k.p("VMOVAPS %s, %s", k.v(a), k.v(c))
	for _, part := range [...]int{a, b} {
		k.op("VPADDD", part, c, k.v(half))
		k.op("VPANDD", part, part, k.v(top))
		k.sub(c, c, k.v(part)) // exact
	}
	k.op("VPANDD", c, c, k.v(top))
}

// pair writes words with a in the lower and b in the upper half to memory.
func (k *kernel) pair(a, b, t int, to string) {
	k.p("VPSRLD $16, %s, %s", k.v(a), k.v(t))
	k.op("VPORD", t, t, k.v(b))
	k.p("VMOVDQU32 %s, %s", k.v(t), to)
}

// splitShortRowsKernel writes a tile of A from rows of 16 values.
func splitShortRowsKernel(o *output) {
	k := function(o, avx512, "A, 16 values of each of up to 16 rows", "splitShortRowsAMX", []param{
		{"rows", "int"}, {"src", "*float32"}, {"stride", "int"}, {"dst", "*uint16"},
	}, nil)
	k.load("rows", "DX", "src", "SI", "stride", "R9", "dst", "DI")
	const half, top = 30, 31
	k.move(half, k.word(c8000))
	k.move(top, k.word(cTop))
	k.label("row")
	k.move(0, "(SI)")
	k.splitShort(0, 1, 2, half, top)
	for part, pair := range [...][2]int{{0, 0}, {1, 1}, {2, 0}} {
		k.pair(pair[0], pair[1], 3, fmt.Sprintf("%d(DI)", part*partBytes))
	}
	k.p("ADDQ R9, SI")
	k.p("ADDQ $64, DI")
	k.p("DECQ DX")
	k.p("JNZ row")
	k.end()
}

// splitShortColumnsKernel writes a panel of B from its 16 rows of 32 values, which lie together.
func splitShortColumnsKernel(o *output) {
	k := function(o, avx512, "B, 16 rows of 32 columns", "splitShortColumnsAMX", []param{{"src", "*float32"}, {"dst", "*uint16"}}, nil)
	k.load("src", "SI", "dst", "DI")
	const half, top = 30, 31
	k.move(half, k.word(c8000))
	k.move(top, k.word(cTop))
	k.p("MOVQ $16, CX")
	k.label("row")
	for j := range 2 {
		a := 4 * j
		k.move(a, fmt.Sprintf("%d(SI)", 64*j))
		k.splitShort(a, a+1, a+2, half, top)
		for part := range 2 {
			k.pair(a, a+1+part, a+3, fmt.Sprintf("%d(DI)", part*partBytes+j*tileBytes))
		}
	}
	k.p("ADDQ $128, SI")
	k.p("ADDQ $64, DI")
	k.p("DECQ CX")
	k.p("JNZ row")
	k.end()
}

// splitRowsKernel writes a tile of A from rows along k.
func splitRowsKernel(o *output) {
	k := function(o, avx512, "blocks of A, 32 values of each of up to 16 rows", "splitRowsAMX", []param{
		{"blocks", "int"}, {"rows", "int"}, {"src", "*float32"}, {"stride", "int"}, {"dst", "*uint16"},
	}, nil)
	k.load("rows", "DX", "src", "R8", "stride", "R9", "dst", "R10")
	const half, top = 30, 31
	k.move(half, k.word(c8000))
	k.move(top, k.word(cTop))
	k.label("row")
	k.p("MOVQ R8, SI")
	k.p("MOVQ R10, DI")
	k.load("blocks", "CX")
	k.label("block")
	k.move(0, "(SI)")
	k.move(1, "64(SI)")
	k.splitPair(0, 1, 2, 3, half, top, func(part int, reg string) { k.p("VMOVDQU32 %s, %d(DI)", reg, part*partBytes) })
	k.p("ADDQ $128, SI")
	k.p("ADDQ $%d, DI", blockBytes)
	k.p("DECQ CX")
	k.p("JNZ block")
	k.p("ADDQ R9, R8")
	k.p("ADDQ $64, R10")
	k.p("DECQ DX")
	k.p("JNZ row")
	k.end()
}

// splitColumnsKernel writes a panel of B from rows across k, up to 32 columns of them.
func splitColumnsKernel(o *output) {
	k := function(o, avx512, "blocks of B, 32 rows of up to 32 columns; the others become zeros", "splitColumnsAMX", []param{
		{"blocks", "int"}, {"cols", "int"}, {"src", "*float32"}, {"stride", "int"}, {"dst", "*uint16"},
	}, nil)
	k.load("blocks", "CX", "cols", "R8", "src", "SI", "stride", "R9", "dst", "DI")
	const half, top = 30, 31
	k.move(half, k.word(c8000))
	k.move(top, k.word(cTop))
	k.p("XCHGQ CX, R8")
	k.p("MOVQ $1, AX")
	k.p("SHLQ CX, AX")
	k.p("DECQ AX")
	k.p("KMOVW AX, K1")
	k.p("SHRQ $16, AX")
	k.p("KMOVW AX, K2")
	k.p("MOVQ R9, R10")
	k.p("SHLQ $4, R10")
	k.label("block")
	k.p("MOVQ $16, CX")
	k.label("row")
	for j := range 2 {
		a, b, t, u := 4*j, 4*j+1, 4*j+2, 4*j+3
		k.p("VMOVUPS.Z %d(SI), K%d, %s", 64*j, j+1, k.v(a))
		k.p("VMOVUPS.Z %d(SI)(R10*1), K%d, %s", 64*j, j+1, k.v(b))
		k.splitPair(a, b, t, u, half, top, func(part int, reg string) {
			k.p("VMOVDQU32 %s, %d(DI)", reg, part*partBytes+j*tileBytes)
		})
	}
	k.p("ADDQ R9, SI")
	k.p("ADDQ $64, DI")
	k.p("DECQ CX")
	k.p("JNZ row")
	k.p("ADDQ R10, SI")
	k.p("ADDQ $%d, DI", blockBytes-tileBytes)
	k.p("DECQ R8")
	k.p("JNZ block")
	k.end()
}
