package cpu

import (
	"math"

	"hone/tensor"
	"hone/tensor/simd"
)

// log32 is the natural logarithm, rounded once. It is taken of every row of attention's scores, where
// math.Log was 4 % of a training step, and a division 2 %.
func log32(x float32) float32 {
	bits := math.Float32bits(x)
	if bits-0x0080_0000 >= 0x7f00_0000 { // 0, negative, subnormal, infinite or NaN
		return float32(math.Log(float64(x)))
	}
	near := &logs[(bits&0x7f_ffff+1<<15)>>16]
	// |r| ≤ 2⁻⁸, so that what is left out is below 2⁻⁴² of it.
	r := float64(math.Float32frombits(bits&0x7f_ffff|127<<23))*near.inverse - 1
	r2 := r * r
	return float32((float64(int(bits>>23)-127)*math.Ln2 + near.log) + (r - r2*(1./2-r*(1./3)+r2*(1./4-r*(1./5)))))
}

// logs are those of 129 numbers from 1 to 2; at both ends log32 of what is around 1 becomes exact.
var logs = func() (t [129]struct{ inverse, log float64 }) {
	for i := range t {
		c := 1 + float64(i)/128
		t[i].inverse, t[i].log = 1/c, math.Log(c)
	}
	return t
}()

// crossEntropy gives every row's loss and turns its logits into probabilities.
func crossEntropy(c *call) error {
	x, y, loss, p := c.in[0], c.in[1].I32, c.out[0].F32, c.out[1].F32
	n := x.Cols()
	for i, t := range y {
		if int(t) >= n {
			return inTable(y, i, i+1, n, "target")
		}
	}
	c.rows(x.Rows(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p[i*n : (i+1)*n]
			if y[i] < 0 { // what its probabilities are does not matter: they have no gradient
				loss[i] = 0
				clear(row)
				continue
			}
			logit := x.F32[i*n+int(y[i])]
			if from := x.F32[i*n : (i+1)*n]; &from[0] != &row[0] {
				copy(row, from)
			}
			m, sum := simd.Softmax(row, 1)
			loss[i] = m + log32(sum) - logit
		}
	})
	return nil
}

func correct(c *call) error {
	x, y, out := c.in[0], c.in[1].I32, c.out[0].F32
	n := x.Cols()
	for i, t := range y {
		if int(t) >= n {
			return inTable(y, i, i+1, n, "target")
		}
	}
	c.rows(x.Rows(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = 0
			if y[i] >= 0 && argmax(x.F32[i*n:(i+1)*n]) == y[i] {
				out[i] = 1
			}
		}
	})
	return nil
}

func crossEntropyGrad(c *call) error {
	p, y, dloss, dx := c.in[0], c.in[1].I32, c.in[2].F32, c.out[0].F32
	n := p.Cols()
	c.rows(p.Rows(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			d := dx[i*n : (i+1)*n]
			if y[i] < 0 || dloss[i] == 0 {
				clear(d)
				continue
			}
			simd.Scale(d, p.F32[i*n:(i+1)*n], dloss[i])
			d[y[i]] -= dloss[i]
		}
	})
	return nil
}

func adamW(op tensor.AdamWOp) kernel {
	return func(c *call) error {
		p, g, m, v, hyper := c.in[0].F32, c.in[1].F32, c.in[2].F32, c.in[3].F32, c.in[4].F32
		rate := float64(hyper[tensor.HyperRate])
		co := simd.AdamWCoeffs{
			Beta1: op.Beta1, Beta2: op.Beta2, Eps: op.Eps,
			StepSize:  rate / float64(hyper[tensor.HyperCorrection1]),
			InvSqrtC2: 1 / math.Sqrt(float64(hyper[tensor.HyperCorrection2])),
			Decay:     1,
			GradScale: float64(hyper[tensor.HyperGradScale]),
		}
		if op.Decay {
			co.Decay = 1 - rate*float64(hyper[tensor.HyperDecay])
		}
		outs := [3][]float32{c.out[0].F32, c.out[1].F32, c.out[2].F32}
		c.flat(len(p), func(lo, hi int) {
			for i, from := range [3][]float32{p, m, v} {
				if &from[lo] != &outs[i][lo] {
					copy(outs[i][lo:hi], from[lo:hi])
				}
			}
			simd.AdamW(outs[0][lo:hi], g[lo:hi], outs[1][lo:hi], outs[2][lo:hi], co)
		})
		return nil
	}
}

// globalNorm adds squares in double precision, in blocks of fixed size.
func globalNorm(c *call) error {
	var total float64
	for _, x := range c.in {
		parts := make([]float64, ceil(len(x.F32), flatBlock))
		c.flat(len(x.F32), func(lo, hi int) { parts[lo/flatBlock] = simd.SumSquares(x.F32[lo:hi]) })
		for _, s := range parts {
			total += s
		}
	}
	c.out[0].F32[0] = float32(math.Sqrt(total))
	return nil
}

func gather(c *call) error {
	table, ids, y, n := c.in[0], c.in[1].I32, c.out[0].F32, c.in[0].Cols()
	if err := inTable(ids, 0, len(ids), table.Shape[0], "row"); err != nil {
		return err
	}
	c.rows(len(ids), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if table.Packed != nil {
				table.Packed.Row(int(ids[i]), y[i*n:(i+1)*n])
			} else {
				copy(y[i*n:(i+1)*n], table.F32[int(ids[i])*n:])
			}
		}
	})
	return nil
}

// scatterAdd adds rows in the order of the ids; workers divide the columns.
func scatterAdd(c *call) error {
	ids, x, y, n := c.in[0].I32, c.in[1].F32, c.out[0].F32, c.in[1].Cols()
	if err := inTable(ids, 0, len(ids), c.out[0].Shape[0], "row"); err != nil {
		return err
	}
	if len(c.in) < 3 {
		c.flat(len(y), func(lo, hi int) { clear(y[lo:hi]) })
	} else if from := c.in[2].F32; len(y) > 0 && &from[0] != &y[0] {
		c.flat(len(y), func(lo, hi int) { copy(y[lo:hi], from[lo:hi]) })
	}
	const columns = 64
	c.pool.For(ceil(n, columns), func(j int) {
		lo, hi := j*columns, min(n, (j+1)*columns)
		for i, id := range ids {
			row := y[int(id)*n+lo : int(id)*n+hi]
			simd.Add(row, row, x[i*n+lo:i*n+hi])
		}
	})
	return nil
}
