package cpu

import (
	"math"
	"slices"

	"hone/tensor"
	"hone/tensor/simd"
)

// primitive is the kernel of a primitive operation, nil for any other. Those that
// models use beside the fused operations are fast; the rest are plain loops, which
// define the fused operations in tests.
func primitive(op tensor.Op) kernel {
	switch op := op.(type) {
	case tensor.SplatOp:
		return splat(op)
	case tensor.IotaOp:
		return iota(op)
	case tensor.UnaryOp:
		return unary(op.Kind)
	case tensor.BinaryOp:
		return binary(op.Kind)
	case tensor.SelectOp:
		return choose(op.Compare)
	case tensor.ConvertOp:
		return convert
	case tensor.BroadcastOp:
		return broadcast(op)
	case tensor.ReduceOp:
		return reduce(op)
	case tensor.TransposeOp:
		return transpose(op)
	case tensor.SliceOp:
		return slice(op)
	case tensor.ConcatOp:
		return concat(op)
	case tensor.DotOp:
		return dot(op)
	}
	return nil
}

func splat(op tensor.SplatOp) kernel {
	return func(c *call) error {
		for i := range c.out[0].F32 {
			c.out[0].F32[i] = op.Value
		}
		for i := range c.out[0].I32 {
			c.out[0].I32[i] = int32(op.Value)
		}
		return nil
	}
}

func iota(op tensor.IotaOp) kernel {
	_, n, inner := split(op.Type.Shape, op.Axis)
	return func(c *call) error {
		for i := range c.out[0].I32 {
			c.out[0].I32[i] = int32(i / inner % n)
		}
		return nil
	}
}

// split sees a shape as [outer, n, inner] around an axis.
func split(shape []int, axis int) (outer, n, inner int) {
	outer, inner = 1, 1
	for _, d := range shape[:axis] {
		outer *= d
	}
	for _, d := range shape[axis+1:] {
		inner *= d
	}
	return outer, shape[axis], inner
}

func unary(kind tensor.Unary) kernel {
	switch kind {
	case tensor.Exp:
		return each1(simd.Exp)
	case tensor.Tanh:
		return each1(simd.Tanh)
	case tensor.Neg:
		return each1(func(dst, x []float32) { simd.Scale(dst, x, -1) })
	}
	f := map[tensor.Unary]func(float64) float64{
		tensor.Log:      math.Log,
		tensor.Sqrt:     math.Sqrt,
		tensor.Rsqrt:    func(x float64) float64 { return 1 / math.Sqrt(x) },
		tensor.Logistic: func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		tensor.Cos:      math.Cos,
		tensor.Sin:      math.Sin,
	}[kind]
	return each1(func(dst, x []float32) {
		for i, v := range x {
			dst[i] = float32(f(float64(v)))
		}
	})
}

func binary(kind tensor.Binary) kernel {
	switch kind {
	case tensor.AddKind:
		return each2(simd.Add)
	case tensor.MulKind:
		return each2(simd.Mul)
	}
	f := map[tensor.Binary]func(a, b float32) float32{
		tensor.SubKind: func(a, b float32) float32 { return a - b },
		tensor.DivKind: func(a, b float32) float32 { return a / b },
		tensor.MaxKind: func(a, b float32) float32 { return max(a, b) },
		tensor.MinKind: func(a, b float32) float32 { return min(a, b) },
	}[kind]
	return each2(func(dst, a, b []float32) {
		for i := range dst {
			dst[i] = f(a[i], b[i])
		}
	})
}

// choose is the kernel of a selection.
func choose(compare tensor.Compare) kernel {
	return func(c *call) error {
		n := c.out[0].Size()
		a, b := c.in[0], c.in[1]
		value := func(t *tensor.Tensor, i int) float64 {
			if t.I32 != nil {
				return float64(t.I32[i])
			}
			return float64(t.F32[i])
		}
		for i := range n {
			x, y := value(a, i), value(b, i)
			from := c.in[3]
			switch {
			case compare == tensor.Less && x < y, compare == tensor.LessEqual && x <= y, compare == tensor.Equals && x == y:
				from = c.in[2]
			}
			if c.out[0].I32 != nil {
				c.out[0].I32[i] = from.I32[i]
			} else {
				c.out[0].F32[i] = from.F32[i]
			}
		}
		return nil
	}
}

func convert(c *call) error {
	x, y := c.in[0], c.out[0]
	switch {
	case x.DType == y.DType:
		copy(y.F32, x.F32)
		copy(y.I32, x.I32)
	case y.DType == tensor.F32:
		for i, v := range x.I32 {
			y.F32[i] = float32(v)
		}
	default:
		for i, v := range x.F32 {
			y.I32[i] = int32(v)
		}
	}
	return nil
}

// strides are those of a row-major shape.
func strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}

// collect fills y from x, where a step along axis i of y is a step of step[i] in x.
func collect[T any](y, x []T, shape, step []int) {
	if len(y) == 0 {
		return
	}
	index := make([]int, len(shape))
	at := 0
	for i := range y {
		y[i] = x[at]
		for a := len(shape) - 1; a >= 0; a-- {
			index[a]++
			at += step[a]
			if index[a] < shape[a] {
				break
			}
			at -= step[a] * shape[a]
			index[a] = 0
		}
	}
}

func strided(step func(in, out tensor.Type) []int) kernel {
	return func(c *call) error {
		s := step(c.in[0].Type, c.out[0].Type)
		if c.in[0].I32 != nil {
			collect(c.out[0].I32, c.in[0].I32, c.out[0].Shape, s)
		} else {
			collect(c.out[0].F32, c.in[0].F32, c.out[0].Shape, s)
		}
		return nil
	}
}

func broadcast(op tensor.BroadcastOp) kernel {
	return strided(func(in, out tensor.Type) []int {
		step, from := make([]int, len(out.Shape)), strides(in.Shape)
		for i, a := range op.Axes {
			if in.Shape[i] != 1 {
				step[a] = from[i]
			}
		}
		return step
	})
}

func transpose(op tensor.TransposeOp) kernel {
	return strided(func(in, out tensor.Type) []int {
		step, from := make([]int, len(out.Shape)), strides(in.Shape)
		for i, p := range op.Perm {
			step[i] = from[p]
		}
		return step
	})
}

// reduce adds in double precision, in the order of the elements.
func reduce(op tensor.ReduceOp) kernel {
	return func(c *call) error {
		x, y := c.in[0], c.out[0]
		step, to := make([]int, len(x.Shape)), strides(y.Shape)
		k := 0
		for a := range x.Shape {
			if !slices.Contains(op.Axes, a) {
				step[a] = to[k]
				k++
			}
		}
		acc := make([]float64, len(y.F32))
		if op.Kind == tensor.ReduceMax {
			for i := range acc {
				acc[i] = math.Inf(-1)
			}
		}
		target := make([]int, len(x.F32)) // where each element goes
		places := make([]int, len(acc))
		for i := range places {
			places[i] = i
		}
		collect(target, places, x.Shape, step)
		for i, v := range x.F32 {
			if op.Kind == tensor.ReduceMax {
				acc[target[i]] = max(acc[target[i]], float64(v))
			} else {
				acc[target[i]] += float64(v)
			}
		}
		for i, v := range acc {
			y.F32[i] = float32(v)
		}
		return nil
	}
}

func slice(op tensor.SliceOp) kernel {
	return func(c *call) error {
		outer, n, inner := split(c.in[0].Shape, op.Axis)
		for o := range outer {
			from, to := (o*n+op.Start)*inner, o*op.Length*inner
			if c.in[0].I32 != nil {
				copy(c.out[0].I32[to:to+op.Length*inner], c.in[0].I32[from:])
			} else {
				copy(c.out[0].F32[to:to+op.Length*inner], c.in[0].F32[from:])
			}
		}
		return nil
	}
}

func concat(op tensor.ConcatOp) kernel {
	return func(c *call) error {
		outer, n, inner := split(c.out[0].Shape, op.Axis)
		at := 0
		for _, x := range c.in {
			k := x.Shape[op.Axis] * inner
			for o := range outer {
				if x.I32 != nil {
					copy(c.out[0].I32[o*n*inner+at:], x.I32[o*k:(o+1)*k])
				} else {
					copy(c.out[0].F32[o*n*inner+at:], x.F32[o*k:(o+1)*k])
				}
			}
			at += k
		}
		return nil
	}
}

// dot multiplies and adds in double precision.
func dot(op tensor.DotOp) kernel {
	return func(c *call) error {
		a, b := c.in[0], c.in[1]
		batch, an, ai := splitDot(a.Shape, op.Batch, op.A)
		_, bn, bi := splitDot(b.Shape, op.Batch, op.B)
		k := a.Shape[op.A]
		i := 0
		for t := range batch {
			at, bt := t*an*k*ai, t*bn*k*bi
			for m := range an * ai {
				am := at + m/ai*k*ai + m%ai
				for n := range bn * bi {
					bm := bt + n/bi*k*bi + n%bi
					var s float64
					for j := range k {
						s += float64(a.F32[am+j*ai]) * float64(b.F32[bm+j*bi])
					}
					c.out[0].F32[i] = float32(s)
					i++
				}
			}
		}
		return nil
	}
}

// splitDot counts the batch, the free places before and those after the summed axis.
func splitDot(shape []int, batch, axis int) (n, before, after int) {
	n, before, after = 1, 1, 1
	for i, d := range shape {
		switch {
		case i < batch:
			n *= d
		case i < axis:
			before *= d
		case i > axis:
			after *= d
		}
	}
	return n, before, after
}
