package safetensors

import (
	"fmt"
	"math"
	"slices"
)

// DType is the type of a tensor's elements, named as in the format.
type DType string

// The types that Hone reads as numbers or writes. Others of the format (8-bit and
// smaller floats, complex numbers) are listed and can be read as bytes.
const (
	Bool     DType = "BOOL"
	Uint8    DType = "U8"
	Int8     DType = "I8"
	Int16    DType = "I16"
	Uint16   DType = "U16"
	Float16  DType = "F16"
	BFloat16 DType = "BF16"
	Int32    DType = "I32"
	Uint32   DType = "U32"
	Float32  DType = "F32"
	Float64  DType = "F64"
	Int64    DType = "I64"
	Uint64   DType = "U64"
)

// dtypes are all types of the format in the reference implementation's order, which
// decides the order of tensors in a file: the last first, so that wide elements are
// aligned.
var dtypes = [...]struct {
	name DType
	bits uint64
}{
	{Bool, 8},
	{"F4", 4},
	{"F6_E2M3", 6},
	{"F6_E3M2", 6},
	{Uint8, 8},
	{Int8, 8},
	{"F8_E5M2", 8},
	{"F8_E4M3", 8},
	{"F8_E8M0", 8},
	{"F8_E4M3FNUZ", 8},
	{"F8_E5M2FNUZ", 8},
	{Int16, 16},
	{Uint16, 16},
	{Float16, 16},
	{BFloat16, 16},
	{Int32, 32},
	{Uint32, 32},
	{Float32, 32},
	{"C64", 64},
	{Float64, 64},
	{Int64, 64},
	{Uint64, 64},
}

// rank is d's place among dtypes, -1 if it is none of them.
func (d DType) rank() int {
	for i, t := range dtypes {
		if t.name == d {
			return i
		}
	}
	return -1
}

// size is the number of bytes of a tensor of the type and shape, counted as the
// reference does: an overflow on the way is an error even where a later dimension is 0.
func (d DType) size(shape []int) (int64, error) {
	i := d.rank()
	if i < 0 {
		return 0, fmt.Errorf("type %.20q is unknown", d)
	}
	n := uint64(1)
	for _, dim := range append(slices.Clip(shape), int(dtypes[i].bits)) {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if dim > 0 && n > math.MaxInt64/uint64(dim) {
			return 0, fmt.Errorf("shape %v of %s is larger than any file", shape, d)
		}
		n *= uint64(dim)
	}
	if n%8 != 0 {
		return 0, fmt.Errorf("shape %v of %s does not fill whole bytes", shape, d)
	}
	return int64(n / 8), nil
}

// halfToFloat32 is exact: every half-precision number is a float32.
func halfToFloat32(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent, fraction := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch exponent {
	case 0: // zero and subnormals: fraction · 2^-24
		f := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(f))
	case 0x1f: // infinities and NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// bfloat16 rounds to the nearest, ties to even; NaN stays NaN.
func bfloat16(f float32) uint16 {
	b := math.Float32bits(f)
	if f != f {
		return uint16(b>>16) | 0x40 // rounding could carry into infinity
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// float16 rounds to the nearest, ties to even; what is beyond its range becomes
// infinite, as in torch.
func float16(f float32) uint16 {
	b := math.Float32bits(f)
	sign, b := uint16(b>>16)&0x8000, b&^(1<<31)
	switch {
	case f != f:
		return sign | 0x7e00
	case b >= 0x477ff000: // 65520 and more, which would round to 2^16
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(b))*0x1p24))
	}
	b -= (127 - 15) << 23
	return sign | uint16((b+0xfff+b>>13&1)>>13)
}
