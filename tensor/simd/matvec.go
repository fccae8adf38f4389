package simd

// Products of a vector with a matrix whose rows are contiguous, ld apart: what a single query of
// attention computes. They run on the caller.

// DotRows stores the product of v with each of the first len(dst) rows: dst[i] = Σ v·rows[i].
func DotRows(dst, v, rows []float32, ld int) {
	if len(dst) > 0 && len(v) > 0 {
		checkMatrix(rows, len(dst), len(v), ld)
		active.dotRows(dst, v, rows, ld)
		return
	}
	clear(dst)
}

// SumRows adds the sum of the first len(w) rows with weights: dst += Σ w[i]·rows[i], in order.
func SumRows(dst, w, rows []float32, ld int) {
	if len(dst) > 0 && len(w) > 0 {
		checkMatrix(rows, len(w), len(dst), ld)
		active.sumRows(dst, w, rows, ld)
	}
}
