package cpu

import (
	"math"
	"math/bits"

	"hone/tensor"
	"hone/tensor/simd"
)

// transform computes discrete Fourier transforms of a length that is a power of two
// (Cooley and Tukey, 1965), in double precision.
type transform struct {
	root []complex128 // e^(−2πi·k/n) for k < n/2
	n    int
}

func newTransform(n int) *transform {
	t := &transform{root: make([]complex128, n/2), n: n}
	for k := range t.root {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
		t.root[k] = complex(cos, sin)
	}
	return t
}

// forward transforms x in place.
func (t *transform) forward(x []complex128) {
	shift := 64 - bits.Len(uint(t.n-1))
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); t.n > 1 && j > i {
			x[i], x[j] = x[j], x[i]
		}
	}
	for half := 1; half < t.n; half *= 2 {
		step := t.n / (2 * half)
		for at := 0; at < t.n; at += 2 * half {
			lo, hi := x[at:at+half], x[at+half:at+2*half]
			for k := range lo {
				v := hi[k] * t.root[k*step]
				lo[k], hi[k] = lo[k]+v, lo[k]-v
			}
		}
	}
}

// inverse is the inverse of forward.
func (t *transform) inverse(x []complex128) {
	t.forward(x)
	scale := complex(1/float64(t.n), 0)
	for i := range x {
		x[i] *= scale
	}
	for i, j := 1, t.n-1; i < j; i, j = i+1, j-1 {
		x[i], x[j] = x[j], x[i]
	}
}

// transform is one that is long enough for no value to come around.
func (c *convolution) transform() *transform {
	return newTransform(1 << bits.Len(uint(c.t+c.n-2)))
}

// load fills z with two channels of row b, as real and imaginary parts.
func (c *convolution) load(z []complex128, x []float32, b, j, length int, two bool) {
	clear(z)
	for i := range length {
		at := (b*c.t+i)*c.d + j
		z[i] = complex(float64(x[at]), 0)
		if two {
			z[i] += complex(0, float64(x[at+1]))
		}
	}
}

// fourier convolves two channels at a time. Place i of the result is place i+ahead of the
// product with the kernel, whose first value is that of the place furthest ahead.
func (c *convolution) fourier(pool *simd.Pool, u, k []float32, skip func(int) float32, lengths *tensor.Tensor, y []float32) {
	f := c.transform()
	spectra := make([][]complex128, c.g)
	pool.For(c.g, func(g int) {
		s := make([]complex128, f.n)
		for l, v := range k[g*c.n : (g+1)*c.n] {
			if c.op.Reverse {
				l = c.n - 1 - l
			}
			s[l] = complex(float64(v), 0)
		}
		f.forward(s)
		spectra[g] = s
	})
	pairs := ceil(c.cols, 2)
	pool.For(c.b*c.g*pairs, func(task int) {
		b, g, j := task/(c.g*pairs), task/pairs%c.g, task%pairs*2
		two := j+1 < c.cols
		j += g * c.cols
		length := lengthOf(lengths, b, c.t)
		z := make([]complex128, f.n)
		c.load(z, u, b, j, length, two)
		f.forward(z)
		for i, v := range spectra[g] {
			z[i] *= v
		}
		f.inverse(z)
		for i := range c.t {
			at := (b*c.t+i)*c.d + j
			var v complex128
			if i < length {
				v = z[i+c.ahead]
				v += complex(float64(skip(g)*u[at]), 0)
				if two {
					v += complex(0, float64(skip(g)*u[at+1]))
				}
			}
			y[at] = float32(real(v))
			if two {
				y[at+1] = float32(imag(v))
			}
		}
	})
}

// fourierGrad adds the correlations of dy and u over all channels of a kernel as spectra.
func (c *convolution) fourierGrad(pool *simd.Pool, dy, u []float32, lengths *tensor.Tensor, dk, dskip []float32) {
	f := c.transform()
	pool.For(c.g, func(g int) {
		sum, z, w := make([]complex128, f.n), make([]complex128, f.n), make([]complex128, f.n)
		var skip float64
		for b := range c.b {
			length := lengthOf(lengths, b, c.t)
			for j := g * c.cols; j < (g+1)*c.cols; j += 2 {
				two := j+1 < (g+1)*c.cols
				c.load(z, u, b, j, length, two)
				c.load(w, dy, b, j, length, two)
				for i := range length {
					skip += real(z[i])*real(w[i]) + imag(z[i])*imag(w[i])
				}
				f.forward(z)
				f.forward(w)
				for i := range sum {
					sum[i] += complex(real(z[i]), -imag(z[i])) * w[i]
				}
			}
		}
		f.inverse(sum) // place s has Σ u_i·dy_{i+s}
		for l := range c.n {
			at := l - c.ahead
			if c.op.Reverse {
				at = c.n - 1 - l - c.ahead
			}
			dk[g*c.n+l] = float32(real(sum[(at+f.n)%f.n]))
		}
		dskip[g] = float32(skip)
	})
}

// fourierMix multiplies with the cosines and sines of both axes: Re(F·x·F) = C·x·C − S·x·S.
func fourierMix(c *call) error {
	x, y, lengths := c.in[0], c.out[0].F32, c.in[1]
	b, t, d := x.Shape[0], x.Shape[1], x.Shape[2]
	if err := checkLengths(true, c.in, 1, t); err != nil {
		return err
	}
	channels := newWaves(d)
	time := map[int]*waves{}
	for _, n := range lengths.I32 {
		if time[int(n)] == nil {
			time[int(n)] = newWaves(int(n))
		}
	}
	c.pool.ForWorker(b, func(worker, i int) {
		n := lengthOf(lengths, i, t)
		w := time[n]
		in, out := x.F32[i*t*d:(i+1)*t*d], y[i*t*d:(i+1)*t*d]
		part := c.scratch[worker*t*d : (worker+1)*t*d]
		if n > 0 {
			simd.Gemm(nil, false, false, n, d, d, in, d, channels.cos, d, false, part, d)
			simd.Gemm(nil, false, false, n, d, n, w.cos, n, part, d, false, out, d)
			simd.Gemm(nil, false, false, n, d, d, in, d, channels.minusSin, d, false, part, d)
			simd.Gemm(nil, false, false, n, d, n, w.sin, n, part, d, true, out, d)
			simd.Scale(out[:n*d], out[:n*d], float32(1/math.Sqrt(float64(n*d))))
		}
		clear(out[n*d:])
	})
	return nil
}

// waves are cos(2πij/n), sin(2πij/n) and −sin, matrices of n × n.
type waves struct{ cos, sin, minusSin []float32 }

func newWaves(n int) *waves {
	w := &waves{simd.Floats(n * n), simd.Floats(n * n), simd.Floats(n * n)}
	for i := range n {
		for j := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(i*j%n) / float64(n))
			w.cos[i*n+j], w.sin[i*n+j], w.minusSin[i*n+j] = float32(cos), float32(sin), float32(-sin)
		}
	}
	return w
}
