package simd

import (
	"math"
	"sync"
)

// Products with 8-bit weights where the machine multiplies bytes and adds up four products at a
// time (AVX-512 VNNI). Widening 8-bit weights to float32 takes two instructions for 16 of them, and
// a single row waits for those rather than for memory. So rows of x become fixed-point numbers
// instead, of 16 bits: two bytes, each multiplied by the weights as they lie in memory. x loses at most
// 1/65534 of the row's largest magnitude, where the weights lost up to 1/254; the sums are exact.
//
// A value v·scale, v in -32767 … 32767, is stored as high = v>>8 + 128 and low = v&255, so that
// v = 256·(high - 128) + low. The sums over the high bytes start at -128 times the column's sum
// of weights, Packed.offset.

// mostInQuads is the most columns for which no sum can overflow: 255·127·K < 2³¹, with the offset.
const mostInQuads = 1 << 15

// fixed is a number of rows in fixed point.
type fixed struct {
	high, low []uint8 // [rows, stride]; what lies behind a row's end is multiplied by zeros
	stride    int
	scale     []float32 // [rows]; NaN for a row with a NaN or an infinity
	memory    *fixedMemory
}

// fixedMemory is kept between calls.
type fixedMemory struct {
	bytes []uint8
	scale []float32
}

var fixedMemories = sync.Pool{New: func() any { return new(fixedMemory) }}

// fix returns m rows of x, each of k values, in fixed point, until free is called. A row whose
// largest magnitude is less than 1e-30 is rounded to zeros.
func fix(m int, x []float32, ldx, k int) fixed {
	stride := 4 * ceilDiv(k, 4)
	memory := fixedMemories.Get().(*fixedMemory)
	if len(memory.bytes) < 2*m*stride {
		memory.bytes = make([]uint8, 2*m*stride)
	}
	f := fixed{
		high: memory.bytes[:m*stride], low: memory.bytes[m*stride : 2*m*stride], stride: stride,
		scale: grow(&memory.scale, m), memory: memory,
	}
	for i := range m {
		row := x[i*ldx : i*ldx+k]
		var inv float32
		switch t := active.top(row); {
		case !(t <= math.MaxFloat32):
			f.scale[i] = float32(math.NaN())
		case t < 1e-30:
			f.scale[i] = 0
		default:
			f.scale[i], inv = t/math.MaxInt16, math.MaxInt16/t
		}
		active.fix(row, inv, f.high[i*stride:], f.low[i*stride:])
	}
	return f
}

func (f fixed) free() { fixedMemories.Put(f.memory) }

// from is the rows from i on.
func (f fixed) from(i int) fixed {
	if f.memory == nil {
		return f
	}
	return fixed{high: f.high[i*f.stride:], low: f.low[i*f.stride:], stride: f.stride, scale: f.scale[i:]}
}

// The portable versions, for weights that were laid out at another level.

func topGo(x []float32) float32 {
	var top uint32
	for _, v := range x {
		top = max(top, math.Float32bits(v)&^(1<<31)) // by bits: infinities and NaNs are the largest
	}
	return math.Float32frombits(top)
}

func fixGo(x []float32, inv float32, high, low []uint8) {
	for i, v := range x {
		n := int32(math.RoundToEven(float64(v * inv)))
		high[i], low[i] = uint8(n>>8+128), uint8(n)
	}
}

func packedQuadsGo(w []int8, offset []int32, scale []float32, t *packedTask) {
	for i := range t.rows {
		var s [packedCols]float32
		for j := range s {
			high, low := offset[j], int32(0)
			for k := range t.depth {
				q := int32(w[(k/4*packedCols+j)*4+k%4])
				high += q * int32(t.fixed.high[i*t.fixed.stride+k])
				low += q * int32(t.fixed.low[i*t.fixed.stride+k])
			}
			s[j] = (256*float32(high) + float32(low)) * scale[j] * t.fixed.scale[i]
		}
		store(t.y[i*t.ldy:i*t.ldy+t.cols], s[:t.cols], t.acc)
	}
}
