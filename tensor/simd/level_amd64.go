package simd

import (
	"sync"

	"golang.org/x/sys/cpu"
)

// supported returns the versions that this machine can run, the best last.
var supported = sync.OnceValue(func() []*kernels {
	have := []*kernels{portable}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		have = append(have, avx2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL {
			have = append(have, avx512)
			if !cpu.X86.HasAVX512VNNI {
				avx512.quads, avx512.packedQuads = false, packedQuadsGo
			}
			if haveTiles() {
				amx := *avx512
				amx.level, amx.tiles = AMX, true
				have = append(have, &amx)
			}
		}
	}
	return have
})

var avx2 = &kernels{
	level:    AVX2,
	gemmRows: 6, gemmCols: 16, lanes: 8,
	gemm: gemmAVX2, transpose: transposeAVX2, copyRows: copyRowsAVX2,
	packedF32: packedF32AVX2Task, packedBF16: packedBF16AVX2Task, packedInt8: packedInt8AVX2Task, packedPairs: true,
	packedQuads: packedQuadsGo, top: topGo, fix: fixGo,
	add: addAVX2, mul: mulAVX2, mulAdd: mulAddAVX2, scale: scaleAVX2, axpy: axpyAVX2,
	dot: dotAVX2, sumSquares: sumSquaresAVX2, max: maxAVX2, sum: sumAVX2, allFinite: allFiniteAVX2,
	exp: expAVX2, gelu: geluAVX2, silu: siluAVX2, tanh: tanhAVX2,
	geluGrad: geluGradAVX2, siluGrad: siluGradAVX2, swiGLU: swiGLUAVX2, swiGLUGrad: swiGLUGradAVX2,
	softmax: softmaxAVX2, exponentials: exponentialsAVX2, scoresGrad: scoresGradAVX2,
	layerNorm: layerNormAVX2, layerNormGrad: layerNormGradAVX2,
	rmsNorm: rmsNormAVX2, rmsNormGrad: rmsNormGradAVX2,
	rotate: rotateAVX2, adamW: adamWAVX2, dotRows: dotRowsAVX2, sumRows: sumRowsAVX2,
	fromBF16: func(dst []float32, src []uint16) { blocks(dst, src, fromBF16BlocksAVX2, fromBF16Go) },
	toBF16:   func(dst []uint16, src []float32) { blocks(dst, src, toBF16BlocksAVX2, toBF16Go) },
}

var avx512 = &kernels{
	level:    AVX512,
	gemmRows: 14, gemmCols: 32, lanes: 16,
	gemm: gemmAVX512, transpose: transposeAVX512, copyRows: copyRowsAVX512,
	packedF32: packedF32AVX512Task, packedBF16: packedBF16AVX512Task, packedInt8: packedInt8AVX512Task, packedPairs: true,
	quads: true, packedQuads: packedQuadsAVX512Task, top: topAVX512,
	fix: func(x []float32, inv float32, high, low []uint8) { fixAVX512(x, inv, &high[0], &low[0]) },
	add: addAVX512, mul: mulAVX512, mulAdd: mulAddAVX512, scale: scaleAVX512, axpy: axpyAVX512,
	dot: dotAVX512, sumSquares: sumSquaresAVX512, max: maxAVX512, sum: sumAVX512, allFinite: allFiniteAVX512,
	exp: expAVX512, gelu: geluAVX512, silu: siluAVX512, tanh: tanhAVX512,
	geluGrad: geluGradAVX512, siluGrad: siluGradAVX512, swiGLU: swiGLUAVX512, swiGLUGrad: swiGLUGradAVX512,
	softmax: softmaxAVX512, exponentials: exponentialsAVX512, scoresGrad: scoresGradAVX512,
	layerNorm: layerNormAVX512, layerNormGrad: layerNormGradAVX512,
	rmsNorm: rmsNormAVX512, rmsNormGrad: rmsNormGradAVX512,
	rotate: rotateAVX512, adamW: adamWAVX512, dotRows: dotRowsAVX512, sumRows: sumRowsAVX512,
	fromBF16: func(dst []float32, src []uint16) { blocks(dst, src, fromBF16BlocksAVX512, fromBF16Go) },
	toBF16:   func(dst []uint16, src []float32) { blocks(dst, src, toBF16BlocksAVX512, toBF16Go) },
}

// blocks runs assembly on whole groups of 16 elements and Go on the rest.
func blocks[D, S any](dst []D, src []S, whole, rest func([]D, []S)) {
	n := len(dst) &^ 15
	if n > 0 {
		whole(dst[:n], src[:n])
	}
	rest(dst[n:], src[n:])
}

// gemmTile is a kernel in assembly; see gemmTile in gen/gemm.go.
type gemmTile func(depth int, a *float32, aStride int, b *float32, bStride int, c *float32, cStride, cols, panels, aNext, cNext int, acc bool)

func gemmAVX2(t tiles) {
	vectors := (t.cols + 7) / 8
	if t.aRow == 1 {
		gemmPanelAVX2[vectors][t.rows](t.depth, &t.a[0], 4*t.aStep, &t.b[0], 4*t.bStep, &t.c[0], 4*t.ldc, t.cols, t.panels, 4*t.aNext, 4*t.rows*t.ldc, t.acc)
	} else {
		gemmRowsAVX2[vectors][t.rows](t.depth, &t.a[0], 4*t.aRow, &t.b[0], 4*t.bStep, &t.c[0], 4*t.ldc, t.cols, t.panels, 4*t.aNext, 4*t.rows*t.ldc, t.acc)
	}
}

func gemmAVX512(t tiles) {
	vectors := (t.cols + 15) / 16
	if t.aRow == 1 {
		gemmPanelAVX512[vectors][t.rows](t.depth, &t.a[0], 4*t.aStep, &t.b[0], 4*t.bStep, &t.c[0], 4*t.ldc, t.cols, t.panels, 4*t.aNext, 4*t.rows*t.ldc, t.acc)
	} else {
		gemmRowsAVX512[vectors][t.rows](t.depth, &t.a[0], 4*t.aRow, &t.b[0], 4*t.bStep, &t.c[0], 4*t.ldc, t.cols, t.panels, 4*t.aNext, 4*t.rows*t.ldc, t.acc)
	}
}

func transposeAVX2(rows, cols int, dst []float32, ld int, src []float32, lds int) {
	transpose(8, transposeBlocksAVX2, rows, cols, dst, ld, src, lds)
}

func transposeAVX512(rows, cols int, dst []float32, ld int, src []float32, lds int) {
	transpose(16, transposeBlocksAVX512, rows, cols, dst, ld, src, lds)
}

func transpose(lanes int, blocks func(blocks, rows int, dst *float32, ld int, src *float32, lds int), rows, cols int, dst []float32, ld int, src []float32, lds int) {
	whole := cols / lanes * lanes
	for r := 0; r < rows; r += lanes {
		n := min(lanes, rows-r)
		if whole > 0 {
			blocks(whole/lanes, n, &dst[r], 4*ld, &src[r*lds], 4*lds)
		}
		if whole < cols {
			transposeGo(n, cols-whole, dst[whole*ld+r:], ld, src[r*lds+whole:], lds)
		}
	}
}

func copyRowsAVX2(rows, cols int, dst []float32, ld int, src []float32, lds int) {
	if cols <= 8 {
		copyRows1AVX2(rows, cols, &dst[0], 4*ld, &src[0], 4*lds)
	} else {
		copyRows2AVX2(rows, cols, &dst[0], 4*ld, &src[0], 4*lds)
	}
}

func copyRowsAVX512(rows, cols int, dst []float32, ld int, src []float32, lds int) {
	if cols <= 16 {
		copyRows1AVX512(rows, cols, &dst[0], 4*ld, &src[0], 4*lds)
	} else {
		copyRows2AVX512(rows, cols, &dst[0], 4*ld, &src[0], 4*lds)
	}
}

// Kernels in assembly for one number of rows; see packedTile in gen/packed.go.
type (
	packedF32Tile  func(depth int, w *float32, x *float32, xStride int, y *float32, yStride int, cols int, acc bool, fetch, fetchStep int)
	packedBF16Tile func(depth int, w *uint16, x *float32, xStride int, y *float32, yStride int, cols int, acc bool, fetch, fetchStep int)
	packedQuadTile func(groups int, w *int8, high, low *uint8, xStride int, y *float32, yStride int, cols int, acc bool, fetch, fetchStep int, offset *int32, scale, xScale *float32)
	packedInt8Tile func(depth int, w *int8, x *float32, xStride int, y *float32, yStride int, cols int, acc bool, fetch, fetchStep int, scale *float32)
)

// passes calls f for all rows of a task, in pieces that the kernels can do: of up to wide rows
// with all columns, or of up to most rows with half of the columns from col on. Each piece is
// also given a part of the next panel to fetch.
func (t *packedTask) passes(wide, most, bytes int, f func(rows, col, cols int, x, y *float32, fetch, fetchStep int)) {
	t.pieces(t.depth, wide, most, bytes, func(row, rows, col, cols, fetch, fetchStep int) {
		f(rows, col, cols, &t.x[row*t.ldx], &t.y[row*t.ldy+col], fetch, fetchStep)
	})
}

// pieces is passes for a panel of a number of steps; bytes are those of a column in a step.
func (t *packedTask) pieces(steps, wide, most, bytes int, f func(row, rows, col, cols, fetch, fetchStep int)) {
	const half = packedCols / 2
	number := 1 // of passes
	if t.rows > wide {
		number = ceilDiv(t.rows, most)
		if most > wide {
			number *= 2
		}
	}
	fetch, part := 0, 0
	if t.more {
		fetch = steps * packedCols * bytes
		part = min(packedCols*bytes/number, 64) // in one step, and no more than one line
	}
	pass := func(i, rows, col, cols int) {
		f(i, rows, col, cols, fetch, part)
		fetch += part * steps
	}
	for i := 0; i < t.rows; {
		left := t.rows - i
		n := min(most, left)
		if most > wide && left > most && left < 2*most {
			n = (left + 1) / 2 // 4 + 3 rather than 6 + 1
		}
		if n <= wide {
			pass(i, n, 0, t.cols)
		} else {
			pass(i, n, 0, min(t.cols, half))
			if t.cols > half {
				pass(i, n, half, t.cols-half)
			}
		}
		i += n
	}
}

// pairFetch is how far apart the lines are that a pair fetches of the next panels.
func (t *packedTask) pairFetch() int {
	if t.more {
		return 64
	}
	return 0
}

func packedF32AVX2Task(w []float32, t *packedTask) {
	if t.panels == 2 {
		packedF32PairAVX2(t.depth, &w[0], &t.x[0], 0, &t.y[0], 0, t.cols, t.acc, 4*2*packedCols*t.depth, t.pairFetch())
		return
	}
	t.passes(3, 6, 4, func(rows, col, cols int, x, y *float32, fetch, step int) {
		packedF32AVX2[rows](t.depth, &w[col], x, 4*t.ldx, y, 4*t.ldy, cols, t.acc, fetch, step)
	})
}

func packedBF16AVX2Task(w []uint16, t *packedTask) {
	if t.panels == 2 {
		packedBF16PairAVX2(t.depth, &w[0], &t.x[0], 0, &t.y[0], 0, t.cols, t.acc, 2*2*packedCols*t.depth, t.pairFetch())
		return
	}
	t.passes(3, 6, 2, func(rows, col, cols int, x, y *float32, fetch, step int) {
		packedBF16AVX2[rows](t.depth, &w[col], x, 4*t.ldx, y, 4*t.ldy, cols, t.acc, fetch, step)
	})
}

func packedInt8AVX2Task(w []int8, scale []float32, t *packedTask) {
	if t.panels == 2 {
		packedInt8PairAVX2(t.depth, &w[0], &t.x[0], 0, &t.y[0], 0, t.cols, t.acc, 1*2*packedCols*t.depth, t.pairFetch(), &scale[0])
		return
	}
	t.passes(3, 6, 1, func(rows, col, cols int, x, y *float32, fetch, step int) {
		packedInt8AVX2[rows](t.depth, &w[col], x, 4*t.ldx, y, 4*t.ldy, cols, t.acc, fetch, step, &scale[col])
	})
}

func packedF32AVX512Task(w []float32, t *packedTask) {
	if t.panels == 2 {
		packedF32PairAVX512(t.depth, &w[0], &t.x[0], 0, &t.y[0], 0, t.cols, t.acc, 4*2*packedCols*t.depth, t.pairFetch())
		return
	}
	t.passes(12, 12, 4, func(rows, col, cols int, x, y *float32, fetch, step int) {
		packedF32AVX512[rows](t.depth, &w[0], x, 4*t.ldx, y, 4*t.ldy, cols, t.acc, fetch, step)
	})
}

func packedBF16AVX512Task(w []uint16, t *packedTask) {
	if t.panels == 2 {
		packedBF16PairAVX512(t.depth, &w[0], &t.x[0], 0, &t.y[0], 0, t.cols, t.acc, 2*2*packedCols*t.depth, t.pairFetch())
		return
	}
	t.passes(12, 12, 2, func(rows, col, cols int, x, y *float32, fetch, step int) {
		packedBF16AVX512[rows](t.depth, &w[0], x, 4*t.ldx, y, 4*t.ldy, cols, t.acc, fetch, step)
	})
}

func packedInt8AVX512Task(w []int8, scale []float32, t *packedTask) {
	if t.panels == 2 {
		packedInt8PairAVX512(t.depth, &w[0], &t.x[0], 0, &t.y[0], 0, t.cols, t.acc, 1*2*packedCols*t.depth, t.pairFetch(), &scale[0])
		return
	}
	t.passes(12, 12, 1, func(rows, col, cols int, x, y *float32, fetch, step int) {
		packedInt8AVX512[rows](t.depth, &w[0], x, 4*t.ldx, y, 4*t.ldy, cols, t.acc, fetch, step, &scale[0])
	})
}

func packedQuadsAVX512Task(w []int8, offset []int32, scale []float32, t *packedTask) {
	groups, x := ceilDiv(t.depth, 4), &t.fixed
	t.pieces(groups, 7, 7, 4, func(row, rows, _, cols, fetch, step int) {
		at := row * x.stride
		packedQuadsAVX512[rows](groups, &w[0], &x.high[at], &x.low[at], x.stride, &t.y[row*t.ldy], 4*t.ldy, cols, t.acc, fetch, step, &offset[0], &scale[0], &x.scale[row])
	})
}

func dotRowsAVX2(dst, v, rows []float32, ld int) {
	dotEachAVX2(&dst[0], len(dst), &v[0], len(v), &rows[0], 4*ld)
}

func dotRowsAVX512(dst, v, rows []float32, ld int) {
	dotEachAVX512(&dst[0], len(dst), &v[0], len(v), &rows[0], 4*ld)
}

// sumRowsKernel is a kernel in assembly; see sumRowsKernels in gen/matvec.go.
type sumRowsKernel func(dst, w *float32, n int, rows *float32, stride int)

func sumRowsAVX2(dst, w, rows []float32, ld int) {
	sumRows(8, [...]sumRowsKernel{sumRows8AVX2, sumRows4AVX2, sumRows2AVX2, sumRows1AVX2}, dst, w, rows, ld)
}

func sumRowsAVX512(dst, w, rows []float32, ld int) {
	sumRows(16, [...]sumRowsKernel{sumRows8AVX512, sumRows4AVX512, sumRows2AVX512, sumRows1AVX512}, dst, w, rows, ld)
}

// sumRows does as many columns at a time as there are; what is no whole vector is left to Go.
func sumRows(lanes int, kernels [4]sumRowsKernel, dst, w, rows []float32, ld int) {
	for i, cols := 0, 8*lanes; cols >= lanes; i, cols = i+1, cols/2 {
		for len(dst) >= cols {
			kernels[i](&dst[0], &w[0], len(w), &rows[0], 4*ld)
			dst, rows = dst[cols:], rows[cols:]
		}
	}
	if len(dst) > 0 {
		sumRowsGo(dst, w, rows, ld)
	}
}
