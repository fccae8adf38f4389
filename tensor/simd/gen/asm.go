package main

import (
	"fmt"
	"math"
	"strings"
)

// isa is an instruction set. Kernels name vector registers by number, 0 … 15 (31), and use the
// methods of kernel for what the sets do differently.
type isa struct {
	name   string // suffix of functions
	vector string // prefix of registers
	lanes  int    // float32 in a register
	tail   int    // register that holds the mask of the tail; AVX-512 uses K1 instead
}

var (
	avx2   = &isa{"AVX2", "Y", 8, 15}
	avx512 = &isa{"AVX512", "Z", 16, -1}
)

func (s *isa) bytes() int { return 4 * s.lanes }

// param is a parameter or result of a function in assembly.
type param struct {
	name, typ string
}

// kernel is a function that is being written.
type kernel struct {
	*isa
	out    *output
	args   map[string]string // where a parameter or result lies, as an operand
	labels int
	masked bool // in the tail of a loop
	chain  int  // of those that chains writes, the others than the first have registers and a mask of their own
	own    int
}

// p writes one instruction; operands are in the order of Go's assembler, destination last.
func (k *kernel) p(format string, args ...any) {
	fmt.Fprintf(&k.out.asm, "\t"+format+"\n", args...)
}

func (k *kernel) label(format string, args ...any) {
	fmt.Fprintf(&k.out.asm, format+":\n", args...)
}

// v names a vector register, x and y its low parts.
func (k *kernel) v(r int) string {
	if k.chain > 0 && r < k.own {
		r += 16 + (k.chain-1)*k.own
	}
	return fmt.Sprintf("%s%d", k.vector, r)
}
func x(r int) string { return fmt.Sprintf("X%d", r) }
func y(r int) string { return fmt.Sprintf("Y%d", r) }

// mask names the mask register for comparisons.
func (k *kernel) mask() string { return fmt.Sprintf("K%d", 2+k.chain) }

// function starts a function with the layout of ABI0: values in order, aligned to their size,
// results aligned to 8.
func function(o *output, set *isa, doc, name string, params, results []param) *kernel {
	k := &kernel{isa: set, out: o, args: map[string]string{}}
	off := 0
	place := func(ps []param) (list []string) {
		for _, p := range ps {
			size, parts := 8, []string{""}
			switch {
			case strings.HasPrefix(p.typ, "[]"):
				parts = []string{"_base", "_len", "_cap"}
			case p.typ == "float32":
				size = 4
			case p.typ == "bool":
				size = 1
			}
			off = (off + size - 1) / size * size
			for _, part := range parts {
				k.args[p.name+part] = fmt.Sprintf("%s%s+%d(FP)", p.name, part, off)
				off += size
			}
			list = append(list, p.name+" "+p.typ)
		}
		return list
	}
	in := strings.Join(place(params), ", ")
	ret := ""
	if len(results) > 0 {
		off = (off + 7) &^ 7
		ret = " (" + strings.Join(place(results), ", ") + ")"
	}
	fmt.Fprintf(&o.stubs, "//go:noescape\nfunc %s(%s)%s\n\n", name, in, ret)
	fmt.Fprintf(&o.asm, "\n// func %s(%s)%s\n// %s\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", name, in, ret, doc, name, off)
	return k
}

// load reads parameters into general registers.
func (k *kernel) load(regs ...string) {
	for i := 0; i < len(regs); i += 2 {
		arg := k.args[regs[i]]
		if arg == "" {
			panic("no parameter " + regs[i])
		}
		k.p("MOVQ %s, %s", arg, regs[i+1])
	}
}

func (k *kernel) end() { k.p("VZEROUPPER"); k.p("RET") }

// Arithmetic on whole vectors, destination first. The last operand may be memory.

func (k *kernel) op(name string, d, a int, b string) { k.p("%s %s, %s, %s", name, b, k.v(a), k.v(d)) }

func (k *kernel) add(d, a int, b string) { k.op("VADDPS", d, a, b) }
func (k *kernel) sub(d, a int, b string) { k.op("VSUBPS", d, a, b) }
func (k *kernel) mul(d, a int, b string) { k.op("VMULPS", d, a, b) }
func (k *kernel) div(d, a int, b string) { k.op("VDIVPS", d, a, b) }

// min and max give b where one of the operands is NaN.
func (k *kernel) min(d, a int, b string) { k.op("VMINPS", d, a, b) }
func (k *kernel) max(d, a int, b string) { k.op("VMAXPS", d, a, b) }

// fma: d += a·b; fnma: d -= a·b; horner: d = d·a + b; hornerSub: d = d·a - b.
func (k *kernel) fma(d, a int, b string)       { k.op("VFMADD231PS", d, a, b) }
func (k *kernel) fnma(d, a int, b string)      { k.op("VFNMADD231PS", d, a, b) }
func (k *kernel) horner(d, a int, b string)    { k.op("VFMADD213PS", d, a, b) }
func (k *kernel) hornerSub(d, a int, b string) { k.op("VFMSUB213PS", d, a, b) }

// and, or work on the bits.
func (k *kernel) and(d, a int, b string) { k.op(k.choose("VANDPS", "VPANDD"), d, a, b) }
func (k *kernel) or(d, a int, b string)  { k.op(k.choose("VORPS", "VPORD"), d, a, b) }

func (k *kernel) move(d int, a string) { k.p("VMOVUPS %s, %s", a, k.v(d)) }

func (k *kernel) zero(regs ...int) {
	for _, r := range regs {
		k.op(k.choose("VXORPS", "VPXORD"), r, r, k.v(r))
	}
}

func (k *kernel) choose(forAVX2, forAVX512 string) string {
	if k.isa == avx2 {
		return forAVX2
	}
	return forAVX512
}

// Comparisons, as the immediate of VCMPPS; none of them raises an exception.
const (
	unordered      = 0x03
	less           = 0x11
	notLess        = 0x15 // true for NaN
	notLessOrEqual = 0x16 // true for NaN
	greaterOrEqual = 0x1d
)

// keepIf clears the lanes of d in which "a cmp b" is false; t is lost.
func (k *kernel) keepIf(d, cmp, a int, b string, t int) {
	if k.isa == avx2 {
		k.p("VCMPPS $%#x, %s, %s, %s", cmp, b, k.v(a), k.v(t))
		k.and(d, d, k.v(t))
		return
	}
	k.p("VCMPPS $%#x, %s, %s, %s", cmp, b, k.v(a), k.mask())
	k.p("VMOVAPS.Z %s, %s, %s", k.v(d), k.mask(), k.v(d))
}

// replaceIf copies lanes of with to d where "a cmp b" is true; t is lost.
func (k *kernel) replaceIf(d, with, cmp, a int, b string, t int) {
	if k.isa == avx2 {
		k.p("VCMPPS $%#x, %s, %s, %s", cmp, b, k.v(a), k.v(t))
		k.p("VBLENDVPS %s, %s, %s, %s", k.v(t), k.v(with), k.v(d), k.v(d))
		return
	}
	k.p("VCMPPS $%#x, %s, %s, %s", cmp, b, k.v(a), k.mask())
	k.p("VMOVAPS %s, %s, %s", k.v(with), k.mask(), k.v(d))
}

// Loops over vectors. CX counts the elements that are left, AX is the offset in bytes that all
// pointers share, R13 the length; K1 or register isa.tail masks the last, partial vector.

// loop writes body for unroll vectors at a time, once more for single ones, and once more for
// the tail. body gets the number of the vector, 0 … unroll-1, to spread sums over registers.
func (k *kernel) loop(unroll int, body func(u int)) {
	k.loops(unroll, body, func() {
		for u := range unroll {
			body(u)
			k.p("ADDQ $%d, AX", k.bytes())
		}
	})
}

// chains is loop for bodies that are one long chain of instructions that wait for one another, so that the next
// vector is too far off for the processor to begin: with AVX-512, ways vectors take turns instruction by
// instruction. A body has registers 0 … own-1 to itself, shares the others, and has no labels.
func (k *kernel) chains(ways, own int, body func(u int)) {
	if k.isa == avx2 {
		k.loop(1, body) // no registers for more
		return
	}
	if (ways-1)*own > 16 || ways > 6 {
		panic("not enough registers")
	}
	k.own = own
	k.loops(ways, body, func() {
		var lines [][]string
		for k.chain = range ways {
			at := k.out.asm.Len()
			body(k.chain)
			lines = append(lines, strings.SplitAfter(k.out.asm.String()[at:], "\n"))
			k.out.asm.Truncate(at)
		}
		k.chain = 0
		for i := range lines[0] {
			for _, l := range lines {
				k.out.asm.WriteString(l[i])
			}
		}
		k.p("ADDQ $%d, AX", ways*k.bytes())
	})
}

// loops writes wide, for unroll vectors, and body for single ones and the tail.
func (k *kernel) loops(unroll int, body func(u int), wide func()) {
	k.labels++
	l := k.labels
	k.p("XORQ AX, AX")
	k.p("MOVQ R13, CX")
	if unroll > 1 {
		k.label("wide%d", l)
		k.p("CMPQ CX, $%d", unroll*k.lanes)
		k.p("JLT single%d", l)
		wide()
		k.p("SUBQ $%d, CX", unroll*k.lanes)
		k.p("JMP wide%d", l)
	}
	k.label("single%d", l)
	k.p("CMPQ CX, $%d", k.lanes)
	k.p("JLT tail%d", l)
	body(0)
	k.p("ADDQ $%d, AX", k.bytes())
	k.p("SUBQ $%d, CX", k.lanes)
	k.p("JMP single%d", l)
	k.label("tail%d", l)
	k.p("TESTQ CX, CX")
	k.p("JZ done%d", l)
	k.startTail("R12")
	k.masked = true
	body(0)
	k.masked = false
	k.label("done%d", l)
}

// startTail makes the mask of the first CX < lanes elements; CX and t are lost.
func (k *kernel) startTail(t string) {
	if k.isa == avx2 {
		k.p("LEAQ ·masks+128(SB), %s", t)
		k.p("SHLQ $2, CX")
		k.p("SUBQ CX, %s", t)
		k.p("VMOVUPS (%s), %s", t, k.v(k.tail))
		return
	}
	k.p("MOVL $1, %s", t)
	k.p("SHLL CX, %s", t)
	k.p("DECL %s", t)
	k.p("KMOVW %s, K1", t)
}

// read loads a vector; in the tail, lanes after the end are 0.
func (k *kernel) read(d int, ptr string) { k.readAt(d, k.at(ptr)) }

// at is where a loop is in what a pointer points to.
func (k *kernel) at(ptr string) string {
	if k.chain > 0 {
		return fmt.Sprintf("%d(%s)(AX*1)", k.chain*k.bytes(), ptr)
	}
	return "(" + ptr + ")(AX*1)"
}

// readAt is read from any operand in memory.
func (k *kernel) readAt(d int, from string) {
	switch {
	case !k.masked:
		k.move(d, from)
	case k.isa == avx2:
		k.p("VMASKMOVPS %s, %s, %s", from, k.v(k.tail), k.v(d))
	default:
		k.p("VMOVUPS.Z %s, K1, %s", from, k.v(d))
	}
}

// write stores a vector; in the tail, only lanes before the end.
func (k *kernel) write(ptr string, a int) {
	switch {
	case !k.masked:
		k.p("VMOVUPS %s, %s", k.v(a), k.at(ptr))
	case k.isa == avx2:
		k.p("VMASKMOVPS %s, %s, %s", k.v(a), k.v(k.tail), k.at(ptr))
	default:
		k.p("VMOVUPS %s, K1, %s", k.v(a), k.at(ptr))
	}
}

// trim sets lanes after the end to 0, for sums.
func (k *kernel) trim(d int) {
	if !k.masked {
		return
	}
	if k.isa == avx2 {
		k.and(d, d, k.v(k.tail))
	} else {
		k.p("VMOVAPS.Z %s, K1, %s", k.v(d), k.v(d))
	}
}

// pad sets lanes after the end to those of with.
func (k *kernel) pad(d, with int) {
	if !k.masked {
		return
	}
	if k.isa == avx2 {
		k.p("VBLENDVPS %s, %s, %s, %s", k.v(k.tail), k.v(d), k.v(with), k.v(d))
	} else {
		k.p("VBLENDMPS %s, %s, K1, %s", k.v(d), k.v(with), k.v(d))
	}
}

// fold combines all lanes of r with op (VADDPS, VMAXPS) into lane 0; t is lost.
func (k *kernel) fold(op string, r, t int) {
	if k.isa == avx512 {
		k.p("VEXTRACTF64X4 $1, %s, %s", k.v(r), y(t))
		k.p("%s %s, %s, %s", op, y(t), y(r), y(r))
	}
	k.p("VEXTRACTF128 $1, %s, %s", y(r), x(t))
	k.p("%s %s, %s, %s", op, x(t), x(r), x(r))
	k.p("VSHUFPS $0x4e, %s, %s, %s", x(r), x(r), x(t))
	k.p("%s %s, %s, %s", op, x(t), x(r), x(r))
	k.p("VSHUFPS $0xb1, %s, %s, %s", x(r), x(r), x(t))
	k.p("%s %s, %s, %s", op, x(t), x(r), x(r))
}

// spread copies lane 0 to all lanes.
func (k *kernel) spread(r int) { k.p("VBROADCASTSS %s, %s", x(r), k.v(r)) }

// result stores lane 0.
func (k *kernel) result(name string, r int) { k.p("VMOVSS %s, %s", x(r), k.args[name]) }

// constants are float32 values, each repeated to the width of the widest register, so that an
// instruction can have one as its operand in memory.
type constants struct {
	names []string
	bits  map[string]uint32
}

const constantBytes = 64

// at returns the operand of a constant, and defines it the first time.
func (c *constants) at(name string, bits uint32) string {
	if c.bits == nil {
		c.bits = map[string]uint32{}
	}
	if old, ok := c.bits[name]; !ok {
		c.names = append(c.names, name)
		c.bits[name] = bits
	} else if old != bits {
		panic("two values for constant " + name)
	}
	for i, n := range c.names {
		if n == name {
			return fmt.Sprintf("consts<>+%d(SB)", i*constantBytes)
		}
	}
	panic("unreachable")
}

// data defines the constants for the linker.
func (c *constants) data() string {
	var s strings.Builder
	for i, n := range c.names {
		fmt.Fprintf(&s, "\n// %s = %v\n", n, math.Float32frombits(c.bits[n]))
		for b := 0; b < constantBytes; b += 8 {
			v := uint64(c.bits[n])
			fmt.Fprintf(&s, "DATA consts<>+%d(SB)/8, $%#016x\n", i*constantBytes+b, v<<32|v)
		}
	}
	if len(c.names) > 0 {
		fmt.Fprintf(&s, "GLOBL consts<>(SB), RODATA|NOPTR, $%d\n", len(c.names)*constantBytes)
	}
	return s.String()
}

// f is the operand of a float32 constant, named by its value.
func (k *kernel) f(v float64) string {
	return k.out.consts.at(fmt.Sprint(v), math.Float32bits(float32(v)))
}

// word is the operand of a constant given by its bits.
func (k *kernel) word(bits uint32) string {
	return k.out.consts.at(fmt.Sprintf("%#08x", bits), bits)
}
