package simd

import "sync"

// Matrix product after Goto and van de Geijn (2008). k is cut into blocks; of each block of B
// panels of gemmCols columns are packed (k-major), so that the kernel reads them as one stream;
// groups of row panels of A are packed into the cache in turn. The kernel keeps a tile of C in
// registers for a whole block of k.
//
// Workers get slabs of C, and each packs what it needs: that is less work than to wait for one
// another and to read what is in another's cache.
//
// An element of C is the sum over its blocks, in order, of sums over k, in order: nothing that
// depends on the workers or on where in C the element lies.

const (
	blockK = 256  // a panel of B (16 KiB with 16 columns) stays in a first-level cache of 32 KiB
	blockM = 96   // a group of rows of A (96 KiB) stays in the second-level cache
	blockN = 4096 // packed B (4 MiB) stays in the third-level cache

	inlineMNK = 64 * 64 * 64 // products of up to this many multiplications run on the caller
	slabsEach = 4            // slabs that a worker gets if it is as fast as the others
)

// operands are what Gemm is called with, for all of C or a slab of it.
type operands struct {
	kernels        *kernels
	transA, transB bool
	m, n, k        int
	a, b, c        []float32
	lda, ldb, ldc  int
	add            bool // to what C holds
	from           Start
	tiles          bool // see inTiles; set: whatever the size
}

// Start is what a product is added to: C[i,j] = Bias[j] + Rows[i·LD + j] + …; what is nil counts
// as zero. Rows may be C's own memory.
type Start struct {
	Bias []float32 // [n]
	Rows []float32 // [m, n]
	LD   int       // distance between rows of Rows
}

// None reports whether there is nothing to start from.
func (s Start) None() bool { return s.Bias == nil && s.Rows == nil }

// Fill writes rows [i0,i1) and columns [j0,j1) of the start to c.
func (s Start) Fill(i0, i1, j0, j1 int, c []float32, ldc int) {
	for i := i0; i < i1; i++ {
		row := c[i*ldc+j0 : i*ldc+j1]
		switch {
		case s.Rows == nil:
			copy(row, s.Bias[j0:j1])
		case s.Bias == nil:
			copy(row, s.Rows[i*s.LD+j0:i*s.LD+j1])
		default:
			Add(row, s.Rows[i*s.LD+j0:i*s.LD+j1], s.Bias[j0:j1])
		}
	}
}

// part is the start of the slab that begins at row i, column j.
func (s Start) part(i, j int) Start {
	if s.Bias != nil {
		s.Bias = s.Bias[j:]
	}
	if s.Rows != nil {
		s.Rows = s.Rows[i*s.LD+j:]
	}
	return s
}

// tiles are panels tiles of C below one another: C [panels·rows, cols] = or += A · B, with
// A[i,x] at i·aRow + x·aStep of its panel and B[x,j] at x·bStep + j.
type tiles struct {
	rows, cols, depth, panels int
	a                         []float32
	aRow, aStep, aNext        int // aNext leads from one panel of A to the next
	b                         []float32
	bStep                     int
	c                         []float32
	ldc                       int
	acc                       bool // add to C
}

// product is a product that one worker computes, and the block of it that it is at.
type product struct {
	operands

	k0, kc, j0, nc int  // the block: depths [k0,k0+kc), columns [j0,j0+nc)
	acc            bool // add the block to C
	packA, packB   bool
	panelsM        int // row panels of C
	panelsN        int // column panels of the block

	packedA []float32 // panels of a group of rows, see packRows
	packedB []float32 // panel j at j·gemmCols·kc; without packB only a last, narrow one
}

// products keeps the memory of packed blocks between calls.
var products = sync.Pool{New: func() any { return new(product) }}

// grow returns n elements of *p, made larger when needed.
func grow(p *[]float32, n int) []float32 {
	if len(*p) < n {
		*p = Floats(n)
	}
	return (*p)[:n]
}

// Gemm computes C = op(A)·op(B), or C += when acc is set, where op(A) is [m,k], op(B) [k,n] and
// C [m,n], all row-major with the given distances between rows. With transA, A is stored [k,m];
// with transB, B is stored [n,k]. C must not overlap A or B.
func Gemm(p *Pool, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, acc bool, c []float32, ldc int) {
	gemm(p, operands{transA: transA, transB: transB, m: m, n: n, k: k, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, add: acc})
}

// GemmFrom computes C = from + op(A)·op(B). Parts of C are started right before they are computed,
// while they are in the cache.
func GemmFrom(p *Pool, from Start, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) {
	if m > 0 && n > 0 {
		if from.Rows != nil {
			checkMatrix(from.Rows, m, n, from.LD)
		}
		if from.Bias != nil {
			_ = from.Bias[n-1]
		}
	}
	gemm(p, operands{transA: transA, transB: transB, m: m, n: n, k: k, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, from: from})
}

func gemm(p *Pool, o operands) {
	m, n, k, a, b, c, lda, ldb, ldc := o.m, o.n, o.k, o.a, o.b, o.c, o.lda, o.ldb, o.ldc
	if m <= 0 || n <= 0 {
		return
	}
	checkMatrix(c, m, n, ldc)
	if k <= 0 {
		switch {
		case !o.from.None():
			o.from.Fill(0, m, 0, n, c, ldc)
		case !o.add:
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	if o.transA {
		checkMatrix(a, k, m, lda)
	} else {
		checkMatrix(a, m, k, lda)
	}
	if o.transB {
		checkMatrix(b, n, k, ldb)
	} else {
		checkMatrix(b, k, n, ldb)
	}

	o.kernels = active
	o.tiles = o.tiles || active.tiles && worthTiles(m, n, k)
	if p.Workers() < 2 || m*n*k <= inlineMNK {
		o.compute()
		return
	}
	parallel(p, o)
}

// parallel cuts C into slabs of size rows or columns: across its longer side, since what each
// slab packs on its own is then least. There are more of them than workers, which may be slowed down by others.
func parallel(p *Pool, whole operands) {
	byRows, k := whole.m > whole.n, whole.kernels
	long, unit, least := whole.n, k.gemmCols, 1
	if byRows {
		long, unit, least = whole.m, k.gemmRows, 3
	}
	if whole.tiles {
		unit, least = tilePanel, 8
	}
	units := ceilDiv(long, unit)
	least = min(least, ceilDiv(units, p.Workers()))
	size := max(ceilDiv(units, slabsEach*p.Workers()), least) * unit
	p.For(ceilDiv(long, size), func(s int) {
		slab, at := whole, s*size
		if byRows {
			slab.m, slab.c, slab.from = min(size, long-at), whole.c[at*whole.ldc:], whole.from.part(at, 0)
			if slab.a = whole.a[at:]; !whole.transA {
				slab.a = whole.a[at*whole.lda:]
			}
		} else {
			slab.n, slab.c, slab.from = min(size, long-at), whole.c[at:], whole.from.part(0, at)
			if slab.b = whole.b[at:]; whole.transB {
				slab.b = whole.b[at*whole.ldb:]
			}
		}
		slab.compute()
	})
}

// compute runs on the caller alone.
func (o operands) compute() {
	if o.tiles {
		inTiles(&o)
		return
	}
	g := products.Get().(*product)
	g.operands = o
	g.run()
	g.operands = operands{}
	products.Put(g)
}

const (
	tilePanel = 32              // rows or columns of a panel of tiles
	tileDepth = 32              // values of k in a block of it
	tileBlock = 3 * 2 * 16 * 32 // bfloat16 of a block

	shortDepth = 16              // of which two parts of a value fit into a tile
	shortBlock = 2 * 2 * 16 * 32 // bfloat16 of a panel of B of that depth
)

// tilesFrom is the size from which on products are computed in tiles; tests lower it.
var tilesFrom = 128

// worthTiles says whether products of a size are faster in tiles: both operands have to be split, at the
// cost of some 30 multiplications an element. It is asked about whole products, never about slabs, so
// that bits do not depend on the number of workers.
func worthTiles(m, n, k int) bool { return min(m, n, 2*k) >= tilesFrom }

// HaveTiles says whether there are tiles, in which large products are twice as fast.
func HaveTiles() bool { return active.tiles }

// GemmInTiles is [Gemm] on the caller alone and in tiles, whatever the size: for products with the same matrix of many
// others, each of which has to have the same bits however many there are.
func GemmInTiles(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) {
	gemm(nil, operands{transA: transA, transB: transB, m: m, n: n, k: k, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, tiles: true})
}

// checkMatrix panics when rows × cols elements at distance ld do not fit, or rows overlap.
func checkMatrix(x []float32, rows, cols, ld int) {
	if ld < cols && rows > 1 || len(x) < (rows-1)*ld+cols {
		panic("simd: a matrix is larger than its slice, or its rows overlap")
	}
}

func (g *product) run() {
	mr, nr := g.kernels.gemmRows, g.kernels.gemmCols
	g.panelsM = ceilDiv(g.m, mr)
	// A transposed is read in place column by column: far apart, each in a cache line of its own.
	g.packA = g.n > 8*nr || g.transA && g.n > 2*nr && g.lda > 2*blockM
	g.packB = g.transB || g.m > 4*mr
	blocks := ceilDiv(g.k, blockK)
	depth := (ceilDiv(g.k, blocks) + 7) &^ 7 // of a block: all about equal
	group := max(blockM/mr, 1)
	for g.j0 = 0; g.j0 < g.n; g.j0 += blockN {
		g.nc = min(blockN, g.n-g.j0)
		g.panelsN = ceilDiv(g.nc, nr)
		for g.k0 = 0; g.k0 < g.k; g.k0 += depth {
			g.kc = min(depth, g.k-g.k0)
			g.acc = g.add || g.k0 > 0 || !g.from.None()
			g.packColumns()
			for i := 0; i < g.panelsM; i += group {
				g.group(i, min(g.panelsM, i+group))
			}
		}
	}
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

const packChunk = 16 // rows that are copied at a time, to all panels: a cache line serves several

// packColumns packs the block of B, panels of [kc, gemmCols]: all of it, or only the part that
// the kernel cannot read in place.
func (g *product) packColumns() {
	nr := g.kernels.gemmCols
	first := 0
	if !g.packB {
		if g.nc%nr == 0 {
			return
		}
		first = g.panelsN - 1
	}
	dst := grow(&g.packedB, g.panelsN*nr*g.kc)
	if g.transB {
		for j := first; j < g.panelsN; j++ {
			g.kernels.transpose(min(nr, g.nc-j*nr), g.kc, dst[j*nr*g.kc:], nr, g.b[(g.j0+j*nr)*g.ldb+g.k0:], g.ldb)
		}
		return
	}
	for x := 0; x < g.kc; x += packChunk {
		for j := first; j < g.panelsN; j++ {
			g.kernels.copyRows(min(packChunk, g.kc-x), min(nr, g.nc-j*nr), dst[(j*g.kc+x)*nr:], nr, g.b[(g.k0+x)*g.ldb+g.j0+j*nr:], g.ldb)
		}
	}
}

// packRows packs row panels [i0,i1) of A, [kc, gemmRows] each, at distance size. Each is written
// from its start to its end, so that what a vector writes too much is overwritten by the next.
func (g *product) packRows(i0, i1, size int) []float32 {
	mr := g.kernels.gemmRows
	dst := grow(&g.packedA, (i1-i0)*size)
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

// group computes row panels [i0,i1) of the block.
func (g *product) group(i0, i1 int) {
	mr, nr := g.kernels.gemmRows, g.kernels.gemmCols
	if g.k0 == 0 && !g.from.None() {
		top, _ := g.panelRows(i0)
		last, rows := g.panelRows(i1 - 1)
		g.from.Fill(top, last+rows, g.j0, g.j0+g.nc, g.c, g.ldc)
	}
	var a []float32
	size := mr*g.kc + g.kernels.lanes // of a packed panel
	if g.packA {
		a = g.packRows(i0, i1, size)
	}
	for i := i0; i < i1; {
		first, rows := g.panelRows(i)
		t := tiles{rows: rows, depth: g.kc, panels: 1, ldc: g.ldc, acc: g.acc}
		for i+t.panels < i1 {
			if _, next := g.panelRows(i + t.panels); next != rows {
				break
			}
			t.panels++
		}
		switch {
		case g.packA:
			t.a, t.aRow, t.aStep, t.aNext = a[(i-i0)*size:], 1, mr, size
		case g.transA:
			t.a, t.aRow, t.aStep, t.aNext = g.a[g.k0*g.lda+first:], 1, g.lda, rows
		default:
			t.a, t.aRow, t.aStep, t.aNext = g.a[first*g.lda+g.k0:], g.lda, 1, rows*g.lda
		}
		for j := range g.panelsN {
			t.cols = min(nr, g.nc-j*nr)
			if g.packB || t.cols < nr {
				t.b, t.bStep = g.packedB[j*nr*g.kc:], nr
			} else {
				t.b, t.bStep = g.b[g.k0*g.ldb+g.j0+j*nr:], g.ldb
			}
			t.c = g.c[first*g.ldc+g.j0+j*nr:]
			g.kernels.gemm(t)
		}
		i += t.panels
	}
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

func gemmGo(t tiles) {
	for p := range t.panels {
		a, c := t.a[p*t.aNext:], t.c[p*t.rows*t.ldc:]
		if t.rows == 4 && t.cols == 4 {
			gemmGo4x4(t.depth, a, t.aRow, t.aStep, t.b, t.bStep, c, t.ldc, t.acc)
			continue
		}
		for i := range t.rows {
			var s [4]float32
			for x := range t.depth {
				v := a[i*t.aRow+x*t.aStep]
				for j, w := range t.b[x*t.bStep : x*t.bStep+t.cols] {
					s[j&3] += v * w
				}
			}
			store(c[i*t.ldc:i*t.ldc+t.cols], s[:t.cols], t.acc)
		}
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
