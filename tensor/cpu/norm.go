package cpu

import "hone/tensor/simd"

func layerNorm(eps float32) kernel {
	return func(c *call) error {
		x, gain, bias := c.in[0], c.in[1].F32, c.in[2].F32
		out, mean, rstd, n := c.out[0].F32, c.out[1].F32, c.out[2].F32, c.in[0].Cols()
		c.rows(x.Rows(), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				mean[i], rstd[i] = simd.LayerNorm(out[i*n:(i+1)*n], x.F32[i*n:(i+1)*n], gain, bias, eps)
			}
		})
		return nil
	}
}

// layerNormGrad takes dout, x, gain, mean, rstd and perhaps what is added to dx,
// whose memory dx may be.
func layerNormGrad(c *call) error {
	dy, x, gain, mean, rstd := c.in[0].F32, c.in[1], c.in[2].F32, c.in[3].F32, c.in[4].F32
	dx, n := c.out[0].F32, c.in[1].Cols()
	var addend []float32
	if len(c.in) == 6 {
		addend = c.in[5].F32
	}
	c.inParts(x.Rows(), 3*n, c.scratch, func(lo, hi int, sums []float32) {
		dgain, dbias, row := sums[:n], sums[n:2*n], sums[2*n:]
		for i := lo; i < hi; i++ {
			at, end := i*n, (i+1)*n
			if addend == nil {
				simd.LayerNormGrad(dx[at:end], dy[at:end], x.F32[at:end], gain, dgain, dbias, mean[i], rstd[i])
				continue
			}
			simd.LayerNormGrad(row, dy[at:end], x.F32[at:end], gain, dgain, dbias, mean[i], rstd[i])
			simd.Add(dx[at:end], row, addend[at:end])
		}
	}, c.out[1].F32, c.out[2].F32)
	return nil
}

func rmsNorm(eps float32) kernel {
	return func(c *call) error {
		x, gain := c.in[0], c.in[1].F32
		out, rstd, n := c.out[0].F32, c.out[1].F32, c.in[0].Cols()
		c.rows(x.Rows(), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				rstd[i] = simd.RMSNorm(out[i*n:(i+1)*n], x.F32[i*n:(i+1)*n], gain, eps)
			}
		})
		return nil
	}
}

// rmsNormGrad takes dout, x, gain, rstd and perhaps what is added to dx.
func rmsNormGrad(c *call) error {
	dy, x, gain, rstd := c.in[0].F32, c.in[1], c.in[2].F32, c.in[3].F32
	dx, n := c.out[0].F32, c.in[1].Cols()
	var addend []float32
	if len(c.in) == 5 {
		addend = c.in[4].F32
	}
	c.inParts(x.Rows(), 2*n, c.scratch, func(lo, hi int, sums []float32) {
		dgain, row := sums[:n], sums[n:]
		for i := lo; i < hi; i++ {
			at, end := i*n, (i+1)*n
			if addend == nil {
				simd.RMSNormGrad(dx[at:end], dy[at:end], x.F32[at:end], gain, dgain, rstd[i])
				continue
			}
			simd.RMSNormGrad(row, dy[at:end], x.F32[at:end], gain, dgain, rstd[i])
			simd.Add(dx[at:end], row, addend[at:end])
		}
	}, c.out[1].F32)
	return nil
}
