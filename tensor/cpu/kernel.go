package cpu

import (
	"errors"

	"hone/tensor"
	"hone/tensor/simd"
)

// kernelOf is the kernel for a node, with whatever its shapes decide decided.
func kernelOf(n *tensor.Node) (kernel, error) {
	switch op := n.Op.(type) {
	case tensor.LinearOp:
		return linear(op), nil
	case tensor.MatMulOp:
		return matmul(op), nil
	case tensor.ColumnSumOp:
		return columnSum, nil
	case tensor.ScaleOp:
		return each1(func(dst, x []float32) { simd.Scale(dst, x, op.By) }), nil
	case tensor.LayerNormOp:
		return layerNorm(op.Eps), nil
	case tensor.LayerNormGradOp:
		return layerNormGrad, nil
	case tensor.RMSNormOp:
		return rmsNorm(op.Eps), nil
	case tensor.RMSNormGradOp:
		return rmsNormGrad, nil
	case tensor.GeluOp:
		return each1(simd.Gelu), nil
	case tensor.GeluGradOp:
		return each2(simd.GeluGrad), nil
	case tensor.SwiGLUOp:
		return swiGLU, nil
	case tensor.SwiGLUGradOp:
		return swiGLUGrad, nil
	case tensor.DropoutOp:
		return dropout(op), nil
	case tensor.AttentionOp:
		return attention(op), nil
	case tensor.AttentionGradOp:
		return attentionGrad(tensor.AttentionOp(op)), nil
	case tensor.CachedAttentionOp:
		return cachedAttention(op), nil
	case tensor.RotaryOp:
		return rotary(op), nil
	case tensor.CrossEntropyOp:
		return crossEntropy, nil
	case tensor.CrossEntropyGradOp:
		return crossEntropyGrad, nil
	case tensor.CorrectOp:
		return correct, nil
	case tensor.SampleOp:
		return sample, nil
	case tensor.AdamWOp:
		return adamW(op), nil
	case tensor.GlobalNormOp:
		return globalNorm, nil
	case tensor.S4DKernelOp:
		return s4dKernel(op), nil
	case tensor.S4DKernelGradOp:
		return s4dKernelGrad(op), nil
	case tensor.S4DScanOp:
		return s4dScan(op), nil
	case tensor.ConvolveOp:
		return convolve(op), nil
	case tensor.ConvolveGradOp:
		return convolveGrad(op), nil
	case tensor.MaskOp:
		return mask, nil
	case tensor.MeanPoolOp:
		return meanPool, nil
	case tensor.MeanSpreadOp:
		return meanSpread, nil
	case tensor.FourierMixOp:
		return fourierMix, nil
	case tensor.GatherOp:
		return gather, nil
	case tensor.ScatterAddOp:
		return scatterAdd, nil
	}
	if k := primitive(n.Op); k != nil {
		return k, nil
	}
	return nil, errors.New("the processor has no kernel for this operation")
}

// scratchFloats is how much memory a node's kernel needs besides its operands.
func scratchFloats(n *tensor.Node, workers int, grouped bool) int {
	switch op := n.Op.(type) {
	case tensor.MatMulOp:
		if op.TransA && grouped {
			return sumParts(n.In[0].Rows()) * n.Out[0].Size()
		}
	case tensor.ColumnSumOp:
		return sumParts(n.In[0].Rows()) * n.In[0].Cols()
	case tensor.LayerNormGradOp:
		return sumParts(n.In[1].Rows()) * 3 * n.In[1].Cols()
	case tensor.RMSNormGradOp:
		return sumParts(n.In[1].Rows()) * 2 * n.In[1].Cols()
	case tensor.AttentionOp:
		t := n.In[0].Shape[1]
		return workers * attentionScratch(t, op.Dim)
	case tensor.AttentionGradOp:
		t := n.In[3].Shape[1]
		return workers * attentionGradScratch(t, op.Dim)
	case tensor.SampleOp:
		return n.In[0].Size()
	case tensor.ConvolveOp:
		c := newConvolution(op, n.In[0].Shape, n.In[1].Shape[0], n.In[1].Shape[1])
		return c.scratch(workers)
	case tensor.ConvolveGradOp:
		c := newConvolution(op.Of, n.In[0].Shape, op.G, op.N)
		return c.gradientScratch(workers)
	case tensor.FourierMixOp:
		return workers * n.In[0].Shape[1] * n.In[0].Shape[2]
	case tensor.CachedAttentionOp:
		t := n.In[0].Shape[1]
		return workers * (op.Query / op.KV) * cachedRows(t) * n.In[1].Shape[2]
	}
	return 0
}

const (
	rowBlock  = 32      // rows that one task of a row-wise kernel does
	flatBlock = 1 << 14 // elements that one task of an elementwise kernel does
)

// ceil is ⌈a/b⌉.
func ceil(a, b int) int { return (a + b - 1) / b }

// rows runs f on blocks of rows lo … hi-1 of n, on all workers.
func (c *call) rows(n int, f func(lo, hi int)) {
	if c.part != nil {
		f(c.part.lo, c.part.hi)
		return
	}
	c.pool.For(ceil(n, rowBlock), func(i int) { f(i*rowBlock, min(n, (i+1)*rowBlock)) })
}

// flat runs f on blocks of elements lo … hi-1 of n, on all workers.
func (c *call) flat(n int, f func(lo, hi int)) {
	if p := c.part; p != nil {
		f(n/p.rows*p.lo, n/p.rows*p.hi)
		return
	}
	c.pool.For(ceil(n, flatBlock), func(i int) { f(i*flatBlock, min(n, (i+1)*flatBlock)) })
}

// each1 is the kernel of an elementwise function.
func each1(f func(dst, x []float32)) kernel {
	return func(c *call) error {
		dst, x := c.out[0].F32, c.in[0].F32
		c.flat(len(dst), func(lo, hi int) { f(dst[lo:hi], x[lo:hi]) })
		return nil
	}
}

// each2 is the kernel of an elementwise function of two arguments.
func each2(f func(dst, x, y []float32)) kernel {
	return func(c *call) error {
		dst, x, y := c.out[0].F32, c.in[0].F32, c.in[1].F32
		c.flat(len(dst), func(lo, hi int) { f(dst[lo:hi], x[lo:hi], y[lo:hi]) })
		return nil
	}
}

// maxParts bounds the parts of a sum over rows. The number of parts depends on the
// rows alone, never on the workers, so that the sum's bits do not either.
const maxParts = 16

func sumParts(rows int) int { return max(1, min(maxParts, rows/16)) }

// inParts runs f on fixed parts of the rows, each with its own zeroed sums of width
// floats in scratch, and adds the parts in order into dst.
func (c *call) inParts(rows, width int, scratch []float32, f func(lo, hi int, sums []float32), dst ...[]float32) {
	parts := sumParts(rows)
	per := ceil(rows, parts)
	one := func(i int) {
		sums := scratch[i*width : (i+1)*width]
		clear(sums)
		f(min(rows, i*per), min(rows, (i+1)*per), sums)
	}
	switch p := c.part; {
	case p == nil:
		c.pool.For(parts, one)
	case !p.last:
		one(p.i)
		return
	}
	for i := range parts {
		at := i * width
		for _, d := range dst {
			if i == 0 {
				copy(d, scratch[at:])
			} else {
				simd.Add(d, d, scratch[at:at+len(d)])
			}
			at += len(d)
		}
	}
}
