package simd

import "math"

// Kernels over one row that reduce it: softmax and the norms.

// Softmax stores softmax(scale·x) in place and returns the largest scale·x and the sum of
// exp(scale·x - max), so that logsumexp = max + log(sum). A row with a NaN, a +Inf or nothing
// but -Inf becomes NaN, sum too, as in PyTorch; max is then of no use. An empty row gives -Inf, 0.
func Softmax(x []float32, scale float32) (max, sum float32) {
	if len(x) == 0 {
		return float32(math.Inf(-1)), 0
	}
	return active.softmax(positive(x, scale))
}

// Exponentials is [Softmax] without the division: it stores exp(scale·x - max) in place.
func Exponentials(x []float32, scale float32) (max, sum float32) {
	if len(x) == 0 {
		return float32(math.Inf(-1)), 0
	}
	return active.exponentials(positive(x, scale))
}

// positive is a scale that the largest value stays the largest with: kernels subtract before they scale, so that
// nothing overflows.
func positive(x []float32, scale float32) ([]float32, float32) {
	if scale < 0 {
		Scale(x, x, -1)
		scale = -scale
	}
	return x, scale
}

// ScoresGrad turns scores p into their probabilities exp(scale·p - shift), where shift is the logsumexp
// of all scale·p of the row, and the gradient dp of these into that of the scores,
// scale·p·(dp - dot), where dot = Σ p·dp is the caller's.
func ScoresGrad(dp, p []float32, scale, shift, dot float32) {
	active.scoresGrad(dp, p[:len(dp)], scale, shift, dot)
}

// LayerNorm stores (x - mean)·rstd·gain + bias and returns mean and rstd = 1/√(variance + eps).
// The variance is taken around the mean, in a second pass, so it does not cancel.
func LayerNorm(out, x, gain, bias []float32, eps float32) (mean, rstd float32) {
	n := len(out)
	if n == 0 {
		return 0, 0
	}
	return active.layerNorm(out, x[:n], gain[:n], bias[:n], 1/float32(n), eps)
}

// LayerNormGrad stores the gradient of x and adds those of gain and bias, given what LayerNorm
// returned. dx may be dy.
func LayerNormGrad(dx, dy, x, gain, dgain, dbias []float32, mean, rstd float32) {
	if n := len(dx); n > 0 {
		active.layerNormGrad(dx, dy[:n], x[:n], gain[:n], dgain[:n], dbias[:n], 1/float32(n), mean, rstd)
	}
}

// RMSNorm stores x·rstd·gain and returns rstd = 1/√(mean of x² + eps) (Zhang and Sennrich 2019).
func RMSNorm(out, x, gain []float32, eps float32) (rstd float32) {
	n := len(out)
	if n == 0 {
		return 0
	}
	return active.rmsNorm(out, x[:n], gain[:n], 1/float32(n), eps)
}

// RMSNormGrad stores the gradient of x and adds that of gain, given what RMSNorm returned. dx
// may be dy.
func RMSNormGrad(dx, dy, x, gain, dgain []float32, rstd float32) {
	if n := len(dx); n > 0 {
		active.rmsNormGrad(dx, dy[:n], x[:n], gain[:n], dgain[:n], 1/float32(n), rstd)
	}
}
