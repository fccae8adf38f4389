package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// chunkBytes is how much is converted at once; a multiple of every element's size.
const chunkBytes = 1 << 20

var le = binary.LittleEndian

// Bytes returns a tensor's bytes as they are in the file.
func (f *File) Bytes(name string) ([]byte, error) {
	e, err := f.find(name)
	if err != nil {
		return nil, err
	}
	data := make([]byte, e.End-e.Begin)
	if err := e.readAt(data, 0); err != nil {
		return nil, err
	}
	return data, nil
}

// Float32 returns a tensor's elements in row-major order, converted as ReadFloat32 does.
func (f *File) Float32(name string) ([]float32, error) {
	e, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if e.toFloat32() == nil {
		return nil, e.notNumbers()
	}
	dst := make([]float32, e.Elements())
	if err := decode(e, dst, e.toFloat32()); err != nil {
		return nil, err
	}
	return dst, nil
}

// ReadFloat32 reads a tensor into dst, which must have its number of elements. F16
// and BF16 are exact, F64 is rounded to the nearest; an integer that no float32
// equals, or a finite F64 beyond float32's range, is an error.
func (f *File) ReadFloat32(name string, dst []float32) error {
	e, err := f.find(name)
	if err != nil {
		return err
	}
	if len(dst) != e.Elements() {
		return fmt.Errorf("%s: %v has %d elements, %d are wanted", e.path, e.Info, e.Elements(), len(dst))
	}
	if e.toFloat32() == nil {
		return e.notNumbers()
	}
	return decode(e, dst, e.toFloat32())
}

// Int64 returns the elements of a tensor of integers or truth values. A U64 above
// int64's range is an error.
func (f *File) Int64(name string) ([]int64, error) {
	e, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if e.toInt64() == nil {
		return nil, fmt.Errorf("%s: %v cannot be read as integers", e.path, e.Info)
	}
	dst := make([]int64, e.Elements())
	if err := decode(e, dst, e.toInt64()); err != nil {
		return nil, err
	}
	return dst, nil
}

func (e entry) notNumbers() error {
	return fmt.Errorf("%s: %v cannot be read as numbers, only floats of 16 to 64 bits and integers can (convert it)", e.path, e.Info)
}

// A decoder turns the bytes of len(dst) elements into dst.
type decoder[T any] func(dst []T, src []byte) error

// toFloat32 is nil for types that are no real numbers Hone knows.
func (e entry) toFloat32() decoder[float32] {
	switch e.DType {
	case Float32:
		return func(dst []float32, src []byte) error {
			for i := range dst {
				dst[i] = math.Float32frombits(le.Uint32(src[4*i:]))
			}
			return nil
		}
	case Float16:
		return func(dst []float32, src []byte) error {
			for i := range dst {
				dst[i] = halfToFloat32(le.Uint16(src[2*i:]))
			}
			return nil
		}
	case BFloat16:
		return func(dst []float32, src []byte) error {
			for i := range dst {
				dst[i] = math.Float32frombits(uint32(le.Uint16(src[2*i:])) << 16)
			}
			return nil
		}
	case Float64:
		return func(dst []float32, src []byte) error {
			for i := range dst {
				v := math.Float64frombits(le.Uint64(src[8*i:]))
				dst[i] = float32(v)
				if math.IsInf(float64(dst[i]), 0) && !math.IsInf(v, 0) {
					return fmt.Errorf("%v is beyond float32's range", v)
				}
			}
			return nil
		}
	}
	toInt64 := e.toInt64()
	if toInt64 == nil {
		return nil
	}
	return func(dst []float32, src []byte) error {
		ints := make([]int64, len(dst))
		if err := toInt64(ints, src); err != nil {
			return err
		}
		for i, v := range ints {
			dst[i] = float32(v)
			// Near 2^63 rounding leaves int64, where the way back is undefined.
			if dst[i] >= 0x1p63 || int64(dst[i]) != v {
				return fmt.Errorf("no float32 equals %d", v)
			}
		}
		return nil
	}
}

// toInt64 is nil for types that are no integers.
func (e entry) toInt64() decoder[int64] {
	switch e.DType {
	case Bool, Uint8:
		return integers(1, func(b []byte) int64 { return int64(b[0]) })
	case Int8:
		return integers(1, func(b []byte) int64 { return int64(int8(b[0])) })
	case Int16:
		return integers(2, func(b []byte) int64 { return int64(int16(le.Uint16(b))) })
	case Uint16:
		return integers(2, func(b []byte) int64 { return int64(le.Uint16(b)) })
	case Int32:
		return integers(4, func(b []byte) int64 { return int64(int32(le.Uint32(b))) })
	case Uint32:
		return integers(4, func(b []byte) int64 { return int64(le.Uint32(b)) })
	case Int64:
		return integers(8, func(b []byte) int64 { return int64(le.Uint64(b)) })
	case Uint64:
		return func(dst []int64, src []byte) error {
			for i := range dst {
				v := le.Uint64(src[8*i:])
				if v > math.MaxInt64 {
					return fmt.Errorf("%d is beyond int64's range", v)
				}
				dst[i] = int64(v)
			}
			return nil
		}
	}
	return nil
}

func integers(width int, element func([]byte) int64) decoder[int64] {
	return func(dst []int64, src []byte) error {
		for i := range dst {
			dst[i] = element(src[width*i:])
		}
		return nil
	}
}

// decode reads all of e through a buffer. Every type with a decoder has whole bytes.
func decode[T any](e entry, dst []T, convert decoder[T]) error {
	if len(dst) == 0 {
		return nil
	}
	width := int((e.End - e.Begin) / int64(len(dst)))
	buffer := make([]byte, min(e.End-e.Begin, chunkBytes))
	for at := 0; at < len(dst); {
		n := min(len(dst)-at, len(buffer)/width)
		src := buffer[:n*width]
		if err := e.readAt(src, int64(at)*int64(width)); err != nil {
			return err
		}
		if err := convert(dst[at:at+n], src); err != nil {
			return fmt.Errorf("%s: %v: %w", e.path, e.Info, err)
		}
		at += n
	}
	return nil
}

// readAt fills dst from e's bytes at offset.
func (e entry) readAt(dst []byte, offset int64) error {
	n, err := e.data.ReadAt(dst, e.start+e.Begin+offset)
	if n == len(dst) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the file became shorter while it was read")
	}
	return fmt.Errorf("%s: %v: %w", e.path, e.Info, err)
}
