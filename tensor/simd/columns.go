package simd

// Columns are the right operand B [k,n] of products with many others, packed once: panels of a tile's
// columns, k-major.
//
// They are for many small products, such as those of attention: where [Gemm] packs B at every call, and
// asks for memory to do so, a product with Columns begins at once. It runs on the caller alone.
type Columns struct {
	kernels *kernels
	n, k    int
	step    int // floats from a row of a panel to the next
	apart   int // floats from a panel to the next
	data    []float32
}

// panelStep is the width of the panels of n columns.
func (k *kernels) panelStep(n int) int { return min(k.gemmCols, ceilDiv(n, k.lanes)*k.lanes) }

// ColumnsSize is how many floats [PackColumns] needs for B [k,n].
func ColumnsSize(n, k int) int {
	step := active.panelStep(n)
	return ceilDiv(n, step) * step * k
}

// ColumnsUnit is what the first column of a part has to be a multiple of, see [Columns.Part].
func ColumnsUnit() int { return active.gemmCols }

// RowsUnit is how many rows of A a product computes at a time; it is fastest with a multiple of them.
func RowsUnit() int { return active.gemmRows }

// PackColumns packs B [k,n], with the distance ldb between rows, into mem; with transB, B is stored [n,k].
func PackColumns(mem []float32, transB bool, n, k int, b []float32, ldb int) Columns {
	c := Columns{kernels: active, n: n, k: k, step: active.panelStep(n)}
	c.apart = c.step * k
	c.data = mem[:ColumnsSize(n, k)]
	if n <= 0 || k <= 0 {
		return c
	}
	if transB {
		checkMatrix(b, n, k, ldb)
	} else {
		checkMatrix(b, k, n, ldb)
	}
	for j := 0; j < n; j += c.step {
		cols, dst := min(c.step, n-j), c.data[j*k:]
		if transB {
			active.transpose(cols, k, dst, c.step, b[j*ldb:], ldb)
		} else {
			active.copyRows(k, cols, dst, c.step, b[j:], ldb)
		}
	}
	return c
}

// Part is rows [k0,k0+k) and columns [j0,j0+n) of B; j0 is a multiple of [ColumnsUnit].
func (b Columns) Part(k0, k, j0, n int) Columns {
	if j0%b.kernels.gemmCols != 0 || k0+k > b.k || j0+n > b.n || min(k0, k, j0, n) < 0 {
		panic("simd: no part of the columns")
	}
	if n > 0 {
		b.data = b.data[j0/b.step*b.apart+k0*b.step:]
	}
	b.n, b.k = n, k
	return b
}

// Mul computes C = op(A)·B, or C += when add is set, where op(A) is [m,k] and C [m,n], row-major with
// the given distances between rows. With transA, A is stored [k,m]. C must not overlap the others.
func (b Columns) Mul(transA bool, m int, a []float32, lda int, add bool, c []float32, ldc int) {
	if m <= 0 || b.n <= 0 {
		return
	}
	checkMatrix(c, m, b.n, ldc)
	if b.k <= 0 {
		for i := range m {
			if !add {
				clear(c[i*ldc : i*ldc+b.n])
			}
		}
		return
	}
	if transA {
		checkMatrix(a, b.k, m, lda)
	} else {
		checkMatrix(a, m, b.k, lda)
	}
	mr := b.kernels.gemmRows
	for i := 0; i < m; {
		t := tiles{rows: min(mr, m-i), depth: b.k, panels: 1, bStep: b.step, ldc: ldc, acc: add}
		switch full, rest := (m-i)/mr, (m-i)%mr; {
		case full == 1 && rest > 0 && 2*rest <= mr: // the last two tiles share
			t.rows = (mr + rest + 1) / 2
		case full > 1 && rest > 0 && 2*rest <= mr:
			t.panels = full - 1
		default:
			t.panels = max(1, full)
		}
		if transA {
			t.a, t.aRow, t.aStep, t.aNext = a[i:], 1, lda, t.rows
		} else {
			t.a, t.aRow, t.aStep, t.aNext = a[i*lda:], lda, 1, t.rows*lda
		}
		for j := 0; j < b.n; j += b.step {
			t.cols, t.b, t.c = min(b.step, b.n-j), b.data[j/b.step*b.apart:], c[i*ldc+j:]
			b.kernels.gemm(t)
		}
		i += t.panels * t.rows
	}
}
