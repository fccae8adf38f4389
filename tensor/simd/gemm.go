package simd

import "sync"

// Matrix product after Goto and van de Geijn (2008). k is cut into blocks; of each block of B
// panels of gemmCols columns are packed (k-major), so that the kernel reads them as one stream;
// groups of row panels of A are handed to the workers, which pack them into their own cache.
// The kernel keeps a tile of C in registers for a whole block of k.
//
// An element of C is the sum over its blocks, in order, of sums over k, in order: nothing that
// depends on the workers or on where in C the element lies.

const (
	blockK    = 256          // a panel of B (16 KiB with 16 columns) stays in a first-level cache of 32 KiB
	blockM    = 96           // a group of rows of A (96 KiB) stays in the second-level cache
	blockN    = 4096         // packed B (4 MiB) stays in the third-level cache
	inlineMNK = 80 * 80 * 80 // products of up to this many multiplications run on the caller
)

// product is one call of Gemm and the block of it that is being worked on.
type product struct {
	kernels        *kernels
	transA, transB bool
	m, n, k        int
	a, b, c        []float32
	lda, ldb, ldc  int

	k0, kc, j0, nc int  // the block: depths [k0,k0+kc), columns [j0,j0+nc)
	acc            bool // add to C
	packA, packB   bool
	panelsM        int // row panels of C
	panelsN        int // column panels of the block
	groupM, groupN int // panels of a tile task
	tasksN         int // tile tasks in a row of tasks

	packed   []float32 // panel j of B at j·gemmCols·kc; in place: the last panel, if not whole
	doPack   func(int) // methods, bound once
	doTile   func(int)
	aScratch sync.Pool
}

var products = sync.Pool{New: func() any {
	g := new(product)
	g.doPack, g.doTile = g.packColumns, g.tile
	g.aScratch.New = func() any { return new([]float32) }
	return g
}}

// grow returns n elements of *p, made larger when needed.
func grow(p *[]float32, n int) []float32 {
	if cap(*p) < n {
		*p = Floats(n)
	}
	return (*p)[:n]
}

// Gemm computes C = op(A)·op(B), or C += when acc is set, where op(A) is [m,k], op(B) [k,n] and
// C [m,n], all row-major with the given distances between rows. With transA, A is stored [k,m];
// with transB, B is stored [n,k]. C must not overlap A or B.
func Gemm(p *Pool, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, acc bool, c []float32, ldc int) {
	if m <= 0 || n <= 0 {
		return
	}
	checkMatrix(c, m, n, ldc)
	if k <= 0 {
		if !acc {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	if transA {
		checkMatrix(a, k, m, lda)
	} else {
		checkMatrix(a, m, k, lda)
	}
	if transB {
		checkMatrix(b, n, k, ldb)
	} else {
		checkMatrix(b, k, n, ldb)
	}

	g := products.Get().(*product)
	g.kernels = active
	g.transA, g.transB, g.m, g.n, g.k = transA, transB, m, n, k
	g.a, g.lda, g.b, g.ldb, g.c, g.ldc = a, lda, b, ldb, c, ldc
	if m*n*k <= inlineMNK {
		p = nil
	}
	g.run(p, acc)
	g.a, g.b, g.c = nil, nil, nil
	products.Put(g)
}

// checkMatrix panics when rows × cols elements at distance ld do not fit, or rows overlap.
func checkMatrix(x []float32, rows, cols, ld int) {
	if ld < cols && rows > 1 || len(x) < (rows-1)*ld+cols {
		panic("simd: a matrix is larger than its slice, or its rows overlap")
	}
}

func (g *product) run(p *Pool, acc bool) {
	mr, nr := g.kernels.gemmRows, g.kernels.gemmCols
	g.panelsM = ceilDiv(g.m, mr)
	g.packA = g.n > 8*nr
	g.packB = g.transB || g.m > 4*mr
	blocks := ceilDiv(g.k, blockK)
	depth := (ceilDiv(g.k, blocks) + 7) &^ 7 // of a block: all about equal
	for g.j0 = 0; g.j0 < g.n; g.j0 += blockN {
		g.nc = min(blockN, g.n-g.j0)
		g.panelsN = ceilDiv(g.nc, nr)
		g.divide(p.Workers())
		for g.k0 = 0; g.k0 < g.k; g.k0 += depth {
			g.kc = min(depth, g.k-g.k0)
			g.acc = acc || g.k0 > 0
			g.pack(p)
			p.For(ceilDiv(g.panelsM, g.groupM)*g.tasksN, g.doTile)
		}
	}
}

// divide sets the size of tile tasks: enough of them to keep the workers evenly busy, divided
// by rows first, so that no two tasks pack the same rows of A.
func (g *product) divide(workers int) {
	g.groupM = min(max(blockM/g.kernels.gemmRows, 1), g.panelsM)
	g.groupN = g.panelsN
	if workers > 1 {
		tasks := 4 * workers
		g.groupM = min(g.groupM, ceilDiv(g.panelsM, tasks))
		tasksM := ceilDiv(g.panelsM, g.groupM)
		g.groupN = ceilDiv(g.panelsN, ceilDiv(tasks, tasksM))
	}
	g.tasksN = ceilDiv(g.panelsN, g.groupN)
}

// panelRows returns the first row and the height of row panel i. Where the last panel would be
// less than half full, it shares its rows with the one before.
func (g *product) panelRows(i int) (first, rows int) {
	mr := g.kernels.gemmRows
	first, rows = i*mr, min(mr, g.m-i*mr)
	last := g.m - (g.panelsM-1)*mr
	if g.panelsM < 2 || i < g.panelsM-2 || 2*last > mr {
		return first, rows
	}
	upper := (mr + last + 1) / 2
	if i == g.panelsM-2 {
		return first, upper
	}
	return (g.panelsM-2)*mr + upper, mr + last - upper
}

const (
	packGroup = 8  // panels of B that one task packs
	packChunk = 16 // rows that are copied at a time, to all panels: a cache line serves several
)

// pack packs the block of B: all of it, or only the part that the kernel cannot read in place.
func (g *product) pack(p *Pool) {
	nr := g.kernels.gemmCols
	switch {
	case g.packB:
		g.packed = grow(&g.packed, g.panelsN*nr*g.kc)
		p.For(ceilDiv(g.panelsN, packGroup), g.doPack)
	case g.nc%nr != 0:
		g.packed = grow(&g.packed, g.panelsN*nr*g.kc)
		g.packPanels(g.packed, g.panelsN-1, g.panelsN)
	}
}

func (g *product) packColumns(task int) {
	g.packPanels(g.packed, task*packGroup, min(g.panelsN, (task+1)*packGroup))
}

// packPanels packs panels [j0,j1) of B, [kc, gemmCols] each; panel 0 would be at the start of dst.
func (g *product) packPanels(dst []float32, j0, j1 int) {
	nr := g.kernels.gemmCols
	if g.transB {
		for j := j0; j < j1; j++ {
			g.kernels.transpose(min(nr, g.nc-j*nr), g.kc, dst[j*nr*g.kc:], nr, g.b[(g.j0+j*nr)*g.ldb+g.k0:], g.ldb)
		}
		return
	}
	for x := 0; x < g.kc; x += packChunk {
		for j := j0; j < j1; j++ {
			g.kernels.copyRows(min(packChunk, g.kc-x), min(nr, g.nc-j*nr), dst[(j*g.kc+x)*nr:], nr, g.b[(g.k0+x)*g.ldb+g.j0+j*nr:], g.ldb)
		}
	}
}

// tile computes one task: groupM row panels by groupN column panels of C.
func (g *product) tile(task int) {
	nr := g.kernels.gemmCols
	i0, j0 := task/g.tasksN*g.groupM, task%g.tasksN*g.groupN
	i1, j1 := min(g.panelsM, i0+g.groupM), min(g.panelsN, j0+g.groupN)
	var a []float32
	sizeA := g.kernels.gemmRows*g.kc + g.kernels.lanes // of a packed panel
	if g.packA {
		s := g.aScratch.Get().(*[]float32)
		a = g.packRows(s, i0, i1, sizeA)
		defer g.aScratch.Put(s)
	}
	for j := j0; j < j1; j++ {
		cols := min(nr, g.nc-j*nr)
		var b []float32
		bStep := nr
		switch {
		case g.packB || cols < nr:
			b = g.packed[j*nr*g.kc:]
		default:
			b, bStep = g.b[g.k0*g.ldb+g.j0+j*nr:], g.ldb
		}
		for i := i0; i < i1; i++ {
			first, rows := g.panelRows(i)
			c := g.c[first*g.ldc+g.j0+j*nr:]
			switch {
			case g.packA:
				g.kernels.gemm(rows, cols, g.kc, a[(i-i0)*sizeA:], 1, g.kernels.gemmRows, b, bStep, c, g.ldc, g.acc)
			case g.transA:
				g.kernels.gemm(rows, cols, g.kc, g.a[g.k0*g.lda+first:], 1, g.lda, b, bStep, c, g.ldc, g.acc)
			default:
				g.kernels.gemm(rows, cols, g.kc, g.a[first*g.lda+g.k0:], g.lda, 1, b, bStep, c, g.ldc, g.acc)
			}
		}
	}
}

// packRows packs row panels [i0,i1) of A, [kc, gemmRows] each, at distance size. Each is written
// from its start to its end, so that what a vector writes too much is overwritten by the next.
func (g *product) packRows(scratch *[]float32, i0, i1, size int) []float32 {
	mr := g.kernels.gemmRows
	dst := grow(scratch, (i1-i0)*size)
	if !g.transA {
		for i := i0; i < i1; i++ {
			first, rows := g.panelRows(i)
			g.kernels.transpose(rows, g.kc, dst[(i-i0)*size:], mr, g.a[first*g.lda+g.k0:], g.lda)
		}
		return dst
	}
	for x := 0; x < g.kc; x += packChunk {
		for i := i0; i < i1; i++ {
			first, rows := g.panelRows(i)
			g.kernels.copyRows(min(packChunk, g.kc-x), rows, dst[(i-i0)*size+x*mr:], mr, g.a[(g.k0+x)*g.lda+first:], g.lda)
		}
	}
	return dst
}

func transposeGo(rows, cols int, dst []float32, ld int, src []float32, lds int) {
	for i := range rows {
		s := src[i*lds : i*lds+cols]
		for x, v := range s {
			dst[x*ld+i] = v
		}
	}
}

func copyRowsGo(rows, cols int, dst []float32, ld int, src []float32, lds int) {
	for i := range rows {
		copy(dst[i*ld:i*ld+cols], src[i*lds:])
	}
}

func gemmGo(rows, cols, depth int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, ldc int, acc bool) {
	if rows == 4 && cols == 4 {
		gemmGo4x4(depth, a, aRow, aStep, b, bStep, c, ldc, acc)
		return
	}
	for i := range rows {
		var s [4]float32
		for x := range depth {
			v := a[i*aRow+x*aStep]
			for j, w := range b[x*bStep : x*bStep+cols] {
				s[j&3] += v * w
			}
		}
		store(c[i*ldc:i*ldc+cols], s[:cols], acc)
	}
}

func gemmGo4x4(depth int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, ldc int, acc bool) {
	var r0, r1, r2, r3 [4]float32
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	var s20, s21, s22, s23, s30, s31, s32, s33 float32
	for x := range depth {
		w := b[x*bStep:]
		w = w[:4]
		v := a[x*aStep:]
		v0, v1, v2, v3 := v[0], v[aRow], v[2*aRow], v[3*aRow]
		s00 += v0 * w[0]
		s01 += v0 * w[1]
		s02 += v0 * w[2]
		s03 += v0 * w[3]
		s10 += v1 * w[0]
		s11 += v1 * w[1]
		s12 += v1 * w[2]
		s13 += v1 * w[3]
		s20 += v2 * w[0]
		s21 += v2 * w[1]
		s22 += v2 * w[2]
		s23 += v2 * w[3]
		s30 += v3 * w[0]
		s31 += v3 * w[1]
		s32 += v3 * w[2]
		s33 += v3 * w[3]
	}
	r0 = [4]float32{s00, s01, s02, s03}
	r1 = [4]float32{s10, s11, s12, s13}
	r2 = [4]float32{s20, s21, s22, s23}
	r3 = [4]float32{s30, s31, s32, s33}
	store(c[:4], r0[:], acc)
	store(c[ldc:ldc+4], r1[:], acc)
	store(c[2*ldc:2*ldc+4], r2[:], acc)
	store(c[3*ldc:3*ldc+4], r3[:], acc)
}

func store(c, s []float32, acc bool) {
	for j, v := range s {
		if acc {
			v += c[j]
		}
		c[j] = v
	}
}
