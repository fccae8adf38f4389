package cpu

import (
	"hone/tensor"
	"hone/tensor/simd"
)

// linear computes x·Wᵀ (+ bias) (+ residual), where the residual may be the result's
// own memory.
func linear(op tensor.LinearOp) kernel {
	return func(c *call) error {
		x, w, y := c.in[0], c.in[1], c.out[0]
		m, k, n := x.Rows(), x.Cols(), w.Shape[0]
		rest := c.in[2:]
		from := simd.Start{LD: n}
		if op.Bias {
			from.Bias, rest = rest[0].F32, rest[1:]
		}
		lo, hi := c.span(m)
		if op.Residual {
			from.Rows = rest[0].F32[lo*n:]
		}
		if w.Packed != nil {
			if !from.None() {
				c.rows(m, func(l, h int) { from.Fill(l-lo, h-lo, 0, n, y.F32[lo*n:], n) })
			}
			w.Packed.Mul(c.pool, hi-lo, x.F32[lo*k:], k, !from.None(), y.F32[lo*n:], n)
			return nil
		}
		simd.GemmFrom(c.pool, from, false, true, hi-lo, n, k, x.F32[lo*k:], k, w.F32, k, y.F32[lo*n:], n)
		return nil
	}
}

// matmul computes op(A)·op(B), plus a third operand, which may be the result's own memory.
func matmul(op tensor.MatMulOp) kernel {
	return func(c *call) error {
		if op.TransA && c.part != nil {
			c.partMatMul()
			return nil
		}
		a, b, y := c.in[0], c.in[1], c.out[0]
		k := a.Cols()
		if op.TransA {
			k = a.Rows()
		}
		n := y.Cols()
		lo, hi := c.span(y.Rows())
		var from simd.Start
		if len(c.in) == 3 {
			from = simd.Start{Rows: c.in[2].F32[lo*n:], LD: n}
		}
		simd.GemmFrom(c.pool, from, op.TransA, op.TransB, hi-lo, n, k, a.F32[lo*a.Cols():], a.Cols(), b.F32, b.Cols(), y.F32[lo*n:], n)
		return nil
	}
}

func columnSum(c *call) error {
	x, n := c.in[0], c.in[0].Cols()
	c.inParts(x.Rows(), n, c.scratch, func(lo, hi int, sums []float32) {
		for i := lo; i < hi; i++ {
			simd.Add(sums, sums, x.F32[i*n:(i+1)*n])
		}
	}, c.out[0].F32)
	return nil
}
