package cpu

import (
	"math"
	"math/cmplx"

	"hone/tensor"
)

// state is one state of a diagonal model, discretized: its kernel is Re w·zˡ.
type state struct {
	a, c, z, b complex128
	step       float64
	clamped    bool // the real part does not depend on its parameter
}

// w is C·B̄, times 2 for pairs.
func (s state) w(o tensor.S4D) complex128 { return complex(o.Scale(), 0) * s.c * s.b }

// discretized reads state n of model g from re, im, c and logStep.
func discretized(o tensor.S4D, in []*tensor.Tensor, g, n int) state {
	i := g*in[0].Cols() + n
	re := float64(in[0].F32[i])
	s := state{
		c:    complex(float64(in[2].F32[2*i]), float64(in[2].F32[2*i+1])),
		step: math.Exp(float64(in[3].F32[g])),
	}
	switch {
	case o.LogReal:
		re = -math.Exp(re)
	case re > tensor.MaxReal:
		re, s.clamped = tensor.MaxReal, true
	}
	s.a = complex(re, float64(in[1].F32[i]))
	x := s.a * complex(s.step, 0)
	if o.Discretization == tensor.Bilinear {
		s.z, s.b = (1+x/2)/(1-x/2), complex(s.step, 0)/(1-x/2)
	} else {
		s.z = cmplx.Exp(x)
		s.b = (s.z - 1) / s.a
	}
	return s
}

// negligible is the size below which values of a kernel are zero: what states have decayed to
// would be subnormal in single precision, with which processors multiply a hundred times slower.
const negligible = 1e-30

// s4dKernel sums the powers of every state in double precision.
func s4dKernel(op tensor.S4DKernelOp) kernel {
	return func(c *call) error {
		k, states := c.out[0].F32, c.in[0].Cols()
		c.pool.For(c.in[0].Rows(), func(g int) {
			sum := make([]float64, op.Length)
			for n := range states {
				s := discretized(op.S4D, c.in, g, n)
				zr, zi := real(s.z), imag(s.z)
				p := s.w(op.S4D)
				pr, pi := real(p), imag(p)
				for l := range sum {
					sum[l] += pr
					pr, pi = pr*zr-pi*zi, pr*zi+pi*zr
				}
			}
			for l, v := range sum {
				if k[g*op.Length+l] = float32(v); math.Abs(v) < negligible {
					k[g*op.Length+l] = 0
				}
			}
		})
		return nil
	}
}

// s4dKernelGrad goes from dK to the parameters by the chain rule over w and z: with
// P = Σ dK_l·zˡ and Q = w·Σ dK_l·l·zˡ⁻¹, dK moves with Re(P·dw + Q·dz).
func s4dKernelGrad(op tensor.S4DKernelGradOp) kernel {
	return func(c *call) error {
		dk, params := c.in[0].F32, c.in[1:]
		dre, dim, dc, dlogStep := c.out[0].F32, c.out[1].F32, c.out[2].F32, c.out[3].F32
		states := params[0].Cols()
		c.pool.For(params[0].Rows(), func(g int) {
			var step float64
			for n := range states {
				s := discretized(op.S4D, params, g, n)
				p, q := powers(s.z, dk[g*op.Length:(g+1)*op.Length])
				q *= s.w(op.S4D)
				scale := complex(op.Scale(), 0)
				dW := p * scale // with respect to C·B̄
				da, dstep := s.slopes(op.S4D, dW*s.c, q)
				i := g*states + n
				step += real(dstep)
				dim[i] = float32(-imag(da))
				dC := dW * s.b
				dc[2*i], dc[2*i+1] = float32(real(dC)), float32(-imag(dC))
				switch {
				case op.LogReal:
					dre[i] = float32(real(da) * real(s.a))
				case s.clamped:
					dre[i] = 0
				default:
					dre[i] = float32(real(da))
				}
			}
			dlogStep[g] = float32(step * math.Exp(float64(params[3].F32[g])))
		})
		return nil
	}
}

// powers are Σ d_l·zˡ and Σ d_l·l·zˡ⁻¹, by Horner's rule.
func powers(z complex128, d []float32) (p, q complex128) {
	zr, zi := real(z), imag(z)
	var pr, pi, qr, qi float64
	for l := len(d) - 1; l >= 0; l-- {
		qr, qi = qr*zr-qi*zi+pr, qr*zi+qi*zr+pi
		pr, pi = pr*zr-pi*zi+float64(d[l]), pr*zi+pi*zr
	}
	return complex(pr, pi), complex(qr, qi)
}

// slopes are the derivatives with respect to A and Δ, given those to B̄ and Ā.
func (s state) slopes(o tensor.S4D, db, dz complex128) (da, dstep complex128) {
	step := complex(s.step, 0)
	if o.Discretization == tensor.Bilinear {
		inv := 1 / (1 - s.a*step/2)
		return dz*step*inv*inv + db*step*step/2*inv*inv, dz*s.a*inv*inv + db*inv*inv
	}
	return dz*step*s.z + db*(step*s.z-s.b)/s.a, dz*s.a*s.z + db*s.z
}

// s4dScan runs every channel step by step; a task is a row's channel.
func s4dScan(op tensor.S4DScanOp) kernel {
	return func(c *call) error {
		u, params, skip := c.in[0], c.in[1:5], c.in[5].F32
		from, y, last := c.in[6].F32, c.out[0].F32, c.out[1].F32
		b, t, d := u.Shape[0], u.Shape[1], u.Shape[2]
		models, n := params[0].Rows(), params[0].Cols()
		states := make([]state, models*n)
		for i := range states {
			states[i] = discretized(op.S4D, params, i/n, i%n)
		}
		c.pool.For(b*d, func(task int) {
			row, j := task/d, task%d
			g := j * models / d
			x := make([]complex128, n)
			for i := range x {
				at := 2 * (task*n + i)
				x[i] = complex(float64(from[at]), float64(from[at+1]))
			}
			for i := range t {
				at := (row*t+i)*d + j
				now := float64(u.F32[at])
				sum := float64(skip[g]) * now
				for k, s := range states[g*n : (g+1)*n] {
					x[k] = x[k]*s.z + complex(now, 0)
					sum += real(s.w(op.S4D) * x[k])
				}
				y[at] = float32(sum)
			}
			for i, v := range x {
				at := 2 * (task*n + i)
				last[at], last[at+1] = float32(real(v)), float32(imag(v))
			}
		})
		return nil
	}
}
