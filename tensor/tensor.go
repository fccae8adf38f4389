// Package tensor is Hone's compute engine: a program over tensors is traced once
// into a [Graph], differentiated as a graph, and run by an executor (package
// tensor/cpu; package tensor/stablehlo writes the text that other compilers take).
//
// Tensors are contiguous and row-major. An operation ([Op]) is a value that says
// its name, infers the types of its results, and may say how it is differentiated
// ([Differentiable]) and how it is written in primitive operations ([Lowerable]).
// What makes a Transformer fast (linear layers with bias and residual, norms,
// attention, cross-entropy and the gradients of all these) are operations too, so
// that an executor can run each with one kernel; a test checks every one of them
// against its lowering.
//
// Model code is written once, inside [Trace], and does not know what runs it.
package tensor

import (
	"fmt"
	"slices"
	"strings"

	"hone/tensor/simd"
)

// DType is the type of a tensor's elements in storage. Arithmetic is in float32.
type DType uint8

// The element types.
const (
	F32  DType = iota
	I32        // token ids, positions, lengths, seeds
	BF16       // weights only: the upper half of a float32
	I8         // weights only: symmetric, one scale a row
)

// String is the type's name as in StableHLO.
func (d DType) String() string {
	return [...]string{"f32", "i32", "bf16", "i8"}[d]
}

// Type is what is known of a value before it exists.
type Type struct {
	DType DType
	Shape []int
}

// Size is the number of elements.
func (t Type) Size() int { return size(t.Shape) }

// Rows and Cols see the type as a matrix: the last axis, and all before it.
func (t Type) Rows() int {
	if t.Cols() == 0 {
		return 0
	}
	return t.Size() / t.Cols()
}

// Cols is the length of the last axis; 1 for a scalar.
func (t Type) Cols() int {
	if len(t.Shape) == 0 {
		return 1
	}
	return t.Shape[len(t.Shape)-1]
}

// Equal reports whether the types agree in element type and shape.
func (t Type) Equal(o Type) bool { return t.DType == o.DType && slices.Equal(t.Shape, o.Shape) }

// String is the type as "f32[2,3]".
func (t Type) String() string {
	return fmt.Sprintf("%s[%s]", t.DType, strings.Trim(strings.ReplaceAll(fmt.Sprint(t.Shape), " ", ","), "[]"))
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Tensor is a type with storage. Exactly one of the slices is set, the one for its
// element type; or Packed alone, for a weight matrix [n, k] of any element type
// that is laid out for products with few rows.
type Tensor struct {
	Type
	F32    []float32
	I32    []int32
	Packed *simd.Packed
}

// New returns a zero tensor of floats, aligned for the kernels.
func New(shape ...int) *Tensor {
	return &Tensor{Type: Type{F32, slices.Clone(shape)}, F32: simd.Floats(size(shape))}
}

// NewInts returns a zero tensor of integers.
func NewInts(shape ...int) *Tensor {
	return &Tensor{Type: Type{I32, slices.Clone(shape)}, I32: make([]int32, size(shape))}
}

// Of returns a tensor over data, which is not copied. Its length is the size of shape.
func Of(data []float32, shape ...int) (*Tensor, error) {
	if len(data) != size(shape) {
		return nil, fmt.Errorf("tensor: %d values do not fill %v", len(data), shape)
	}
	return &Tensor{Type: Type{F32, slices.Clone(shape)}, F32: data}, nil
}

// OfInts returns a tensor over data, which is not copied.
func OfInts(data []int32, shape ...int) (*Tensor, error) {
	if len(data) != size(shape) {
		return nil, fmt.Errorf("tensor: %d values do not fill %v", len(data), shape)
	}
	return &Tensor{Type: Type{I32, slices.Clone(shape)}, I32: data}, nil
}

// Pack returns w [n, k] laid out for products with up to about rows rows, as float32,
// bfloat16 or 8-bit integers. Which instructions compute with float32 weights, and so the last bits of
// results, may depend on rows, never on how many a product has.
func Pack(w *Tensor, as DType, rows int) (*Tensor, error) {
	if w.DType != F32 || len(w.Shape) != 2 || w.F32 == nil {
		return nil, fmt.Errorf("tensor: only a float32 matrix can be packed, not %v", w.Type)
	}
	t := &Tensor{Type: Type{as, slices.Clone(w.Shape)}}
	n, k := w.Shape[0], w.Shape[1]
	switch as {
	case F32:
		t.Packed = simd.PackF32(w.F32, n, k)
		if rows >= 32 {
			t.Packed.ForMany()
		}
	case BF16:
		t.Packed = simd.PackBF16(w.F32, n, k)
	case I8:
		t.Packed = simd.PackInt8(w.F32, n, k)
	default:
		return nil, fmt.Errorf("tensor: weights cannot be packed as %v", as)
	}
	return t, nil
}
