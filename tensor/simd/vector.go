package simd

// Vector kernels. All slices have at least the length of dst (of the first argument), of which
// they are used; dst may be one of the inputs exactly, but must not overlap one otherwise.

// Add stores a + b.
func Add(dst, a, b []float32) { n := len(dst); active.add(dst, a[:n], b[:n]) }

// Mul stores a · b, element by element.
func Mul(dst, a, b []float32) { n := len(dst); active.mul(dst, a[:n], b[:n]) }

// MulAdd adds a · b to dst, element by element.
func MulAdd(dst, a, b []float32) { n := len(dst); active.mulAdd(dst, a[:n], b[:n]) }

// Scale stores s · a.
func Scale(dst, a []float32, s float32) { active.scale(dst, a[:len(dst)], s) }

// Axpy adds s · a to dst.
func Axpy(dst, a []float32, s float32) { active.axpy(dst, a[:len(dst)], s) }

// Dot returns Σ a·b over the length of a, in float32 with several partial sums.
func Dot(a, b []float32) float32 { return active.dot(a, b[:len(a)]) }

// Sum returns Σ a, in float32 with several partial sums.
func Sum(a []float32) float32 { return active.sum(a) }

// SumSquares returns Σ a², accumulated in float64.
func SumSquares(a []float32) float64 { return active.sumSquares(a) }

// Max returns the largest element: NaN if one is NaN, -Inf if there is none.
func Max(a []float32) float32 { return active.max(a) }

// AllFinite reports whether no element is NaN or infinite.
func AllFinite(a []float32) bool { return active.allFinite(a) }

// Exp stores e^x, within 2e-7 relative. Where that is below the smallest normal float32 (x < -87.33)
// it stores 0.
func Exp(dst, x []float32) { active.exp(dst, x[:len(dst)]) }

// Tanh stores the hyperbolic tangent.
func Tanh(dst, x []float32) { active.tanh(dst, x[:len(dst)]) }

// Gelu stores the tanh form of GELU, x·½(1 + tanh(√(2/π)(x + 0.044715x³))) (Hendrycks and
// Gimpel 2016, section 2). Gelu(-Inf) is NaN, as in PyTorch.
func Gelu(dst, x []float32) { active.gelu(dst, x[:len(dst)]) }

// GeluGrad stores dy · gelu'(x).
func GeluGrad(dx, dy, x []float32) { n := len(dx); active.geluGrad(dx, dy[:n], x[:n]) }

// Silu stores x·sigmoid(x). Silu(-Inf) is NaN, as in PyTorch.
func Silu(dst, x []float32) { active.silu(dst, x[:len(dst)]) }

// SiluGrad stores dy · silu'(x).
func SiluGrad(dx, dy, x []float32) { n := len(dx); active.siluGrad(dx, dy[:n], x[:n]) }

// SwiGLU stores silu(gate) · up (Shazeer 2020).
func SwiGLU(dst, gate, up []float32) { n := len(dst); active.swiGLU(dst, gate[:n], up[:n]) }

// SwiGLUGrad stores the gradients of SwiGLU: dgate = dy·up·silu'(gate), dup = dy·silu(gate).
func SwiGLUGrad(dgate, dup, dy, gate, up []float32) {
	n := len(dgate)
	active.swiGLUGrad(dgate, dup[:n], dy[:n], gate[:n], up[:n])
}

// Rotate turns the pairs (x[i], x[i+h]) of each 2h elements by angles given as cosines and sines,
// where h = len(cos): rotary position embedding of heads in the layout of NeoX and Llama (Su et
// al. 2021). The gradient is the rotation with -sin. dst may be x; its length is a multiple of 2h.
func Rotate(dst, x, cos, sin []float32) {
	if h := len(cos); h > 0 {
		active.rotate(dst, x[:len(dst)], cos, sin[:h])
	}
}

// AdamWCoeffs are what one step of AdamW needs at step t = 1, 2, … with rate lr and weight
// decay wd.
type AdamWCoeffs struct {
	Beta1, Beta2, Eps float64
	StepSize          float64 // lr / (1 - Beta1^t)
	InvSqrtC2         float64 // 1 / √(1 - Beta2^t)
	Decay             float64 // 1 - lr·wd
	GradScale         float64 // gradients are multiplied by it: clipping, accumulation
}

// AdamW updates parameters p and moments m, v with gradients g (Loshchilov and Hutter 2019;
// the formula of torch.optim.AdamW).
func AdamW(p, g, m, v []float32, c AdamWCoeffs) {
	n := len(p)
	active.adamW(p, g[:n], m[:n], v[:n], float32(c.GradScale),
		float32(c.Beta1), float32(1-c.Beta1), float32(c.Beta2), float32(1-c.Beta2),
		float32(c.StepSize), float32(c.InvSqrtC2), float32(c.Eps), float32(c.Decay))
}

// FromBF16 widens bfloat16 values, exactly.
func FromBF16(dst []float32, src []uint16) { active.fromBF16(dst, src[:len(dst)]) }

// ToBF16 rounds to bfloat16, to the nearest and ties to even. NaN stays NaN.
func ToBF16(dst []uint16, src []float32) { active.toBF16(dst, src[:len(dst)]) }
