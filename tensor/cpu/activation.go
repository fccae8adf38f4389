package cpu

import (
	"hone/tensor"
	"hone/tensor/simd"
)

func swiGLU(c *call) error {
	x, y, n := c.in[0].F32, c.out[0].F32, c.out[0].Cols()
	c.rows(c.out[0].Rows(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			simd.SwiGLU(y[i*n:(i+1)*n], x[2*i*n:(2*i+1)*n], x[(2*i+1)*n:(2*i+2)*n])
		}
	})
	return nil
}

func swiGLUGrad(c *call) error {
	dy, x, dx, n := c.in[0].F32, c.in[1].F32, c.out[0].F32, c.in[0].Cols()
	c.rows(c.in[0].Rows(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			gate, up := 2*i*n, (2*i+1)*n
			simd.SwiGLUGrad(dx[gate:gate+n], dx[up:up+n], dy[i*n:(i+1)*n], x[gate:gate+n], x[up:up+n])
		}
	})
	return nil
}

// dropout drops by a hash of the seed, the stream and the element's index.
func dropout(op tensor.DropoutOp) kernel {
	limit := uint64(float64(op.P) * (1 << 32))
	keep := 1 / (1 - op.P)
	return func(c *call) error {
		x, y, seed := c.in[0].F32, c.out[0].F32, c.in[1].I32
		key := mix(uint64(uint32(seed[0]))<<32|uint64(uint32(seed[1]))) ^ mix(uint64(op.Stream)+1)
		c.flat(len(y), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				if mix(key+uint64(i))>>32 < limit {
					y[i] = 0
				} else {
					y[i] = x[i] * keep
				}
			}
		})
		return nil
	}
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
