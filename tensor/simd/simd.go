// Package simd holds the machine-level kernels of the compute engine: a worker pool, matrix
// products, products with weights packed for decoding, and vector kernels for training.
//
// Everything is a function over slices of float32; there is no graph and no model here. Each
// kernel exists three times: in portable Go, in AVX2+FMA and in AVX-512 assembly, and matrix products a
// fourth time, for tiles (AMX). The assembly
// is written by the generator in gen (go generate), from one description for both instruction
// sets. [Active] says which version runs.
//
// # Determinism
//
// The bits of a result depend on the arguments and on [Active], never on the number of workers:
// work is only ever divided over elements of the output, and every sum over k runs in one
// fixed order. Two levels agree within rounding, not bit for bit; products with 8-bit weights
// also differ with whether the machine multiplies bytes (AVX-512 VNNI).
//
// # NaN and infinities
//
// A NaN in an input reaches every output that depends on it. Kernels panic, as indexing does,
// when a slice is shorter than it must be.
package simd

import (
	"os"
	"unsafe"
)

//go:generate go run ./gen

// Level is an instruction set that kernels are written for.
type Level int

// The levels, in order of preference.
const (
	Portable Level = iota
	AVX2           // AVX2 and FMA
	AVX512         // AVX-512 F, DQ, BW and VL
	AMX            // AVX512 and tiles of bfloat16
)

// String is amx, avx512, avx2 or, for the portable kernels, go.
func (l Level) String() string {
	switch l {
	case AMX:
		return "amx"
	case AVX512:
		return "avx512"
	case AVX2:
		return "avx2"
	}
	return "go"
}

// kernels is one version of everything that exists once per level. The exported functions
// check lengths and call the active one; all slices that an entry gets have equal lengths
// unless it says otherwise.
type kernels struct {
	level Level

	// gemmRows × gemmCols is the tile of the matrix product; see gemm.go.
	gemmRows, gemmCols int
	// lanes is the width of a vector. transpose and copyRows write whole vectors: after the last
	// of a row's elements come up to lanes-1 others, which must be unused or overwritten later.
	lanes int
	// gemm computes tiles of at most gemmRows × gemmCols, below one another.
	gemm func(t tiles)
	// tiles says that large products are computed by inTiles instead; see amx_amd64.go.
	tiles bool
	// transpose writes dst[x*ld+i] = src[i*lds+x] for i < rows, x < cols.
	transpose func(rows, cols int, dst []float32, ld int, src []float32, lds int)
	// copyRows writes dst[i*ld+x] = src[i*lds+x] for i < rows, x < cols <= gemmCols.
	copyRows func(rows, cols int, dst []float32, ld int, src []float32, lds int)

	// packedF32 … compute rows of one panel of a Packed; see packed.go.
	packedF32  func(w []float32, t *packedTask)
	packedBF16 func(w []uint16, t *packedTask)
	packedInt8 func(w []int8, scale []float32, t *packedTask)
	// quads says that the machine multiplies bytes, so that Int8 is laid out in quads; packedQuads
	// computes rows of one such panel, top and fix make fixed-point numbers of a row. See quads.go.
	quads       bool
	packedQuads func(w []int8, offset []int32, scale []float32, t *packedTask)
	top         func(x []float32) float32
	fix         func(x []float32, inv float32, high, low []uint8)
	// packedPairs says that they can take two panels at a time for a single row.
	packedPairs bool

	add, mul, mulAdd      func(dst, a, b []float32)
	scale, axpy           func(dst, a []float32, s float32)
	dot                   func(a, b []float32) float32
	sumSquares            func(a []float32) float64
	max, sum              func(a []float32) float32
	allFinite             func(a []float32) bool
	exp, gelu, silu, tanh func(dst, x []float32)
	geluGrad, siluGrad    func(dx, dy, x []float32)
	swiGLU                func(dst, gate, up []float32)
	swiGLUGrad            func(dgate, dup, dy, gate, up []float32)
	softmax               func(x []float32, scale float32) (max, sum float32)
	exponentials          func(x []float32, scale float32) (max, sum float32)
	scoresGrad            func(dp, p []float32, scale, shift, dot float32)
	layerNorm             func(out, x, gain, bias []float32, inv, eps float32) (mean, rstd float32)
	layerNormGrad         func(dx, dy, x, gain, dgain, dbias []float32, inv, mean, rstd float32)
	rmsNorm               func(out, x, gain []float32, inv, eps float32) (rstd float32)
	rmsNormGrad           func(dx, dy, x, gain, dgain []float32, inv, rstd float32)
	rotate                func(dst, x, cos, sin []float32)
	adamW                 func(p, g, m, v []float32, gradScale, beta1, omBeta1, beta2, omBeta2, step, invSqrtC2, eps, decay float32)
	dotRows               func(dst, v, rows []float32, ld int)
	sumRows               func(dst, w, rows []float32, ld int)
	fromBF16              func(dst []float32, src []uint16)
	toBF16                func(dst []uint16, src []float32)
}

// active is the version in use: the best that the machine has, or what HONE_SIMD names.
var active = choose(os.Getenv("HONE_SIMD"))

// choose returns the level named by the environment where the machine has it, else the best.
func choose(name string) *kernels {
	have := supported()
	for _, k := range have {
		if k.level.String() == name {
			return k
		}
	}
	return have[len(have)-1]
}

// Active returns the level whose kernels run: the best that the machine has, unless the
// environment variable HONE_SIMD (go, avx2, avx512 or amx) names another that it has.
func Active() Level { return active.level }

// Levels returns the levels that this machine has, Portable first.
func Levels() []Level {
	var l []Level
	for _, k := range supported() {
		l = append(l, k.level)
	}
	return l
}

// Use switches to level l until restore is called; it is for tests and benchmarks and must not
// run while kernels do. A level that the machine lacks is ignored.
func Use(l Level) (restore func()) {
	before := active
	for _, k := range supported() {
		if k.level == l {
			active = k
		}
	}
	return func() { active = before }
}

// Floats returns n zeros that start at a multiple of 64 bytes, the width of a cache line and of
// the widest register.
func Floats(n int) []float32 {
	s := make([]float32, n+16)
	skip := int(-uintptr(unsafe.Pointer(&s[0]))&63) / 4
	return s[skip : skip+n : skip+n]
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
