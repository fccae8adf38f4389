package simd

import (
	"sync"
	"unsafe"
)

// Matrix products in tiles (AMX). The machine multiplies tiles of bfloat16, 16 × 32 by 32 × 16, and adds
// up in float32, sixteen times as many multiplications in the same time as with vectors. A float32 has 24
// bits, a bfloat16 8: each value becomes the exact sum of three, high + mid + low, and of the nine
// products of parts the six largest are computed. The three that are left out are below 2⁻²⁵ of
// the product, so the result is as exact as with float32 throughout (Henry, Tang and Heinecke,
// "Leveraging the bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations", 2019).
// An infinity gives NaN, and magnitudes below 2⁻¹²⁶ count as zero.
//
// Layout: panels of 32 rows of A, or 32 columns of B, in blocks of 32 along k. A block is three parts of two
// tiles of 16 lines of 64 bytes, 32-bit lanes that hold two bfloat16. Lane i of line r of A is A[r,i] and
// A[r,16+i]; lane i of line r of B is B[r,i] and B[16+r,i]: which k is paired with which does not
// matter as long as both agree, and so nothing has to be shuffled. Where an operand is stored the
// other way around it is transposed first.
//
// An element of C is the sum over blocks of k, in order, of the six products in the order of
// amxOrder in gen/amx.go: the same wherever in C it lies.

const (
	tilesK = 256 // values of k that are packed at a time
	tilesN = 512 // columns that are packed at a time: B stays in the second-level cache
)

// tileProduct is the memory of a product that one worker computes in tiles.
type tileProduct struct {
	a, b []uint16
	turn []float32                      // an operand, transposed
	tail [tilePanel * tileDepth]float32 // the last block along k, filled up with zeros
	edge [tilePanel * tilePanel]float32 // the last panel of C
}

var tileProducts = sync.Pool{New: func() any { return new(tileProduct) }}

// tileConfigs say how many rows the tiles have, by the rows of a panel.
var tileConfigs = func() (c [tilePanel + 1][64]uint8) {
	for rows := range c {
		c[rows][0] = 1 // palette
		for tile := range 8 {
			n := 16
			switch upper := tile == 0 || tile == 1 || tile == 4; {
			case rows < 16 && upper:
				n = rows
			case rows > 16 && !upper && tile < 6:
				n = rows - 16
			}
			c[rows][16+2*tile] = 64
			c[rows][48+tile] = uint8(n)
		}
	}
	return c
}()

// bfloats is grow for bfloat16.
func bfloats(p *[]uint16, n int) []uint16 {
	if len(*p) < n {
		f := Floats(ceilDiv(n, 2))
		*p = unsafe.Slice((*uint16)(unsafe.Pointer(&f[0])), 2*len(f))
	}
	return (*p)[:n]
}

// inTiles computes o on the caller alone. An element does not depend on where in C it lies, nor on how large C is, nor on
// zeros at the end of k.
func inTiles(o *operands) {
	w := tileProducts.Get().(*tileProduct)
	defer tileProducts.Put(w)
	parts := ceilDiv(o.k, tilesK)
	depth := ceilDiv(ceilDiv(o.k, parts), tileDepth) * tileDepth // of a part: all about equal
	for j0 := 0; j0 < o.n; j0 += tilesN {
		nc := min(tilesN, o.n-j0)
		for k0 := 0; k0 < o.k; k0 += depth {
			kc := min(depth, o.k-k0)
			blocks := ceilDiv(kc, tileDepth)
			size := blocks * tileBlock
			b := bfloats(&w.b, ceilDiv(nc, tilePanel)*size)
			for j := 0; j < nc; j += tilePanel {
				w.packColumns(o, b[j/tilePanel*size:], j0+j, min(tilePanel, nc-j), k0, kc)
			}
			a := bfloats(&w.a, size)
			for i := 0; i < o.m; i += tilePanel {
				rows := min(tilePanel, o.m-i)
				from := o.start(i, rows, j0, nc, k0)
				w.packRows(o, a, i, rows, k0, kc)
				next := o.following(i+tilePanel, k0)
				c, whole := o.c[i*o.ldc+j0:], nc/tilePanel
				if whole > 0 {
					tileRow(rows, blocks, a, b, c, o.ldc, whole, from, next)
				}
				if cols := nc % tilePanel; cols > 0 {
					w.panel(rows, cols, blocks, a, b[whole*size:], c[whole*tilePanel:], o.ldc, from.right(whole*tilePanel), next)
				}
			}
		}
	}
}

// tileStart is what panels are added to: rows of it at a distance of ld, 0 for a bias; x is nil where there is nothing.
type tileStart struct {
	x  []float32
	ld int
}

// start is what rows [i,i+rows) and columns [j,j+cols) of C are added to in the part along k from k0 on.
func (o *operands) start(i, rows, j, cols, k0 int) tileStart {
	switch f := o.from; {
	case k0 > 0 || o.add: // C itself
	case f.None():
		return tileStart{}
	case f.Rows == nil:
		return tileStart{f.Bias[j:], 0}
	case f.Bias == nil:
		return tileStart{f.Rows[i*f.LD+j:], f.LD}
	default:
		f.Fill(i, i+rows, j, j+cols, o.c, o.ldc)
	}
	return tileStart{o.c[i*o.ldc+j:], o.ldc}
}

// right is s from column j on.
func (s tileStart) right(j int) tileStart {
	if s.x != nil {
		s.x = s.x[j:]
	}
	return s
}

// tileSource is where the next panel of A comes from: pairs of lines, step bytes apart, eight pairs for a
// block of a panel of C, and block bytes more to the next eight.
type tileSource struct {
	at          *float32
	step, block int
}

// following is the source of the panel of A that begins at row i.
func (o *operands) following(i, k0 int) tileSource {
	if i >= o.m {
		return tileSource{at: &o.a[0]} // nothing follows
	}
	if o.transA {
		return tileSource{&o.a[k0*o.lda+i], 4 * o.lda, 0}
	}
	return tileSource{&o.a[i*o.lda+k0], 128, 4*o.lda - 8*128}
}

// tileRow computes panels of C beside one another.
func tileRow(rows, blocks int, a, b []uint16, c []float32, ldc, panels int, from tileStart, next tileSource) {
	if rows <= 16 {
		tiles16AMX(&tileConfigs[rows][0], blocks, &a[0], &b[0], &c[0], 4*ldc, panels, unsafe.SliceData(from.x), 4*from.ld, next.at, next.step, next.block)
	} else {
		tiles32AMX(&tileConfigs[rows][0], blocks, &a[0], &b[0], &c[0], 4*ldc, panels, unsafe.SliceData(from.x), 4*from.ld, next.at, next.step, next.block)
	}
}

// packColumns packs rows [k0,k0+kc) of a panel of B, of cols columns from j on.
func (w *tileProduct) packColumns(o *operands, dst []uint16, j, cols, k0, kc int) {
	if !o.transB {
		w.splitColumns(dst, cols, kc, o.b[k0*o.ldb+j:], o.ldb)
		return
	}
	turned := grow(&w.turn, kc*tilePanel)
	transposeAVX512(cols, kc, turned, tilePanel, o.b[j*o.ldb+k0:], o.ldb)
	w.splitColumns(dst, cols, kc, turned, tilePanel)
}

// packRows packs columns [k0,k0+kc) of a panel of A, of a number of rows from i on.
func (w *tileProduct) packRows(o *operands, dst []uint16, i, rows, k0, kc int) {
	if !o.transA {
		w.splitRows(dst, rows, kc, o.a[i*o.lda+k0:], o.lda)
		return
	}
	ld := (kc/tileDepth + 1) * tileDepth
	turned := grow(&w.turn, tilePanel*ld)
	transposeAVX512(kc, rows, turned, ld, o.a[k0*o.lda+i:], o.lda)
	w.splitRows(dst, rows, kc, turned, ld)
}

// splitColumns writes a panel of B from its rows along n.
func (w *tileProduct) splitColumns(dst []uint16, cols, kc int, src []float32, ld int) {
	whole, rest := kc/tileDepth, kc%tileDepth
	if whole > 0 {
		splitColumnsAMX(whole, cols, &src[0], 4*ld, &dst[0])
	}
	if rest > 0 {
		clear(w.tail[rest*tilePanel:])
		copyRowsGo(rest, cols, w.tail[:], tilePanel, src[whole*tileDepth*ld:], ld)
		splitColumnsAMX(1, cols, &w.tail[0], 4*tilePanel, &dst[whole*tileBlock])
	}
}

// splitRows writes a panel of A from its rows along k.
func (w *tileProduct) splitRows(dst []uint16, rows, kc int, src []float32, ld int) {
	whole, rest := kc/tileDepth, kc%tileDepth
	if rest > 0 {
		for r := range rows {
			line := w.tail[r*tileDepth : (r+1)*tileDepth]
			clear(line[copy(line, src[r*ld+whole*tileDepth:][:rest]):])
		}
	}
	for r := 0; r < rows; r += 16 {
		n, dst := min(16, rows-r), dst[r/16*512:]
		if whole > 0 {
			splitRowsAMX(whole, n, &src[r*ld], 4*ld, &dst[0])
		}
		if rest > 0 {
			splitRowsAMX(1, n, &w.tail[r*tileDepth], 4*tileDepth, &dst[whole*tileBlock])
		}
	}
}

// split sets p.parts.
func (p *Packed) split() {
	size := ceilDiv(p.K, tileDepth) * tileBlock
	bfloats(&p.parts, panelsOf(p.N)*size)
	inParallel(panelsOf(p.N), func(next func() (int, bool)) {
		w := tileProducts.Get().(*tileProduct)
		defer tileProducts.Put(w)
		for j, ok := next(); ok; j, ok = next() {
			w.splitColumns(p.parts[j*size:], packedCols, p.K, p.f32[j*p.panelSize():], packedCols)
		}
	})
}

// split sets x.parts. A depth of 16 is a special case: it leaves room for two parts of a value in a tile, so that A is the
// pairs high-high, mid-mid, low-high and B high-mid, high-low, and three products of tiles are what six are above.
func (x *Keys) split(keys []float32, ld int) {
	w := tileProducts.Get().(*tileProduct)
	defer tileProducts.Put(w)
	turned, size := grow(&w.turn, x.k*tilePanel), keysPanel(x.k)
	for j := 0; j < x.n; j += tilePanel {
		cols, dst := min(tilePanel, x.n-j), x.parts[j/tilePanel*size:]
		transposeAVX512(cols, x.k, turned, tilePanel, keys[j*ld:], ld)
		if x.k == shortDepth {
			splitShortColumnsAMX(&turned[0], &dst[0])
		} else {
			w.splitColumns(dst, cols, x.k, turned, tilePanel)
		}
	}
}

// scoresInTiles is Scores where keys lie in parts.
func (x *Keys) scoresInTiles(m int, q []float32, ldq, j, n int, c []float32, ldc int) {
	size := keysPanel(x.k)
	keys, a := x.parts[j/tilePanel*size:], x.parts[len(x.parts)-queriesPanel(x.k):]
	whole, rest := n/tilePanel, n%tilePanel
	for i := 0; i < m; i += tilePanel {
		rows := min(tilePanel, m-i)
		x.splitQueries(a, rows, q[i*ldq:], ldq)
		if whole > 0 {
			x.scoresRow(rows, whole, a, keys, c[i*ldc:], ldc)
		}
		if rest > 0 {
			w := tileProducts.Get().(*tileProduct)
			x.scoresRow(rows, 1, a, keys[whole*size:], w.edge[:], tilePanel)
			copyRowsGo(rows, rest, c[i*ldc+whole*tilePanel:], ldc, w.edge[:], tilePanel)
			tileProducts.Put(w)
		}
	}
}

func (x *Keys) splitQueries(a []uint16, rows int, q []float32, ldq int) {
	for r := 0; r < rows; r += 16 {
		n, dst := min(16, rows-r), &a[r/16*512]
		if x.k == shortDepth {
			splitShortRowsAMX(n, &q[r*ldq], 4*ldq, dst)
		} else {
			splitRowsAMX(x.k/tileDepth, n, &q[r*ldq], 4*ldq, dst)
		}
	}
}

// scoresRow computes panels of C beside one another.
func (x *Keys) scoresRow(rows, panels int, a, keys []uint16, c []float32, ldc int) {
	switch {
	case x.k != shortDepth:
		tileRow(rows, x.k/tileDepth, a, keys, c, ldc, panels, tileStart{}, tileSource{at: &c[0]})
	case rows <= 16:
		shortTiles16AMX(&tileConfigs[rows][0], &a[0], &keys[0], &c[0], 4*ldc, panels)
	default:
		shortTiles32AMX(&tileConfigs[rows][0], &a[0], &keys[0], &c[0], 4*ldc, panels)
	}
}

// mulInTiles is Mul for weights in parts.
func (p *Packed) mulInTiles(pool *Pool, m int, x []float32, ldx int, acc bool, y []float32, ldy int) {
	const most = 256 // rows at a time
	blocks := ceilDiv(p.K, tileDepth)
	size := blocks * tileBlock
	shared := tileProducts.Get().(*tileProduct)
	defer tileProducts.Put(shared)
	panels := panelsOf(p.N)
	for i0 := 0; i0 < m; i0 += most {
		rows := min(most, m-i0)
		a := bfloats(&shared.a, ceilDiv(rows, tilePanel)*size)
		split := pool
		if rows*p.K <= 1<<14 {
			split = nil // sooner done than shared out
		}
		split.For(ceilDiv(rows, tilePanel), func(i int) {
			w := tileProducts.Get().(*tileProduct)
			defer tileProducts.Put(w)
			first := i * tilePanel
			w.splitRows(a[i*size:], min(tilePanel, rows-first), p.K, x[(i0+first)*ldx:], ldx)
		})
		group := max(min(1024/p.K, panels/(4*pool.Workers())), 1)
		pool.For(ceilDiv(panels, group), func(task int) {
			w := tileProducts.Get().(*tileProduct)
			defer tileProducts.Put(w)
			j := task * group
			n := min(group, panels-j)
			b := p.parts[j*size:]
			none := tileSource{at: &x[0]}
			whole, rest := n, p.N-(j+n-1)*packedCols
			if rest < packedCols {
				whole--
			}
			for i := 0; i < rows; i += tilePanel {
				n, a, c := min(tilePanel, rows-i), a[i/tilePanel*size:], y[(i0+i)*ldy+j*packedCols:]
				var from tileStart
				if acc {
					from = tileStart{c, ldy}
				}
				if whole > 0 {
					tileRow(n, blocks, a, b, c, ldy, whole, from, none)
				}
				if rest < packedCols {
					w.panel(n, rest, blocks, a, b[whole*size:], c[whole*packedCols:], ldy, from.right(whole*packedCols), none)
				}
			}
		})
	}
}

// panel computes a panel of C that may have less than 32 columns.
func (w *tileProduct) panel(rows, cols, blocks int, a, b []uint16, c []float32, ldc int, from tileStart, next tileSource) {
	if cols == tilePanel {
		tileRow(rows, blocks, a, b, c, ldc, 1, from, next)
		return
	}
	if from.x != nil {
		copyRowsGo(rows, cols, w.edge[:], tilePanel, from.x, from.ld)
		from = tileStart{w.edge[:], tilePanel}
	}
	tileRow(rows, blocks, a, b, w.edge[:], tilePanel, 1, from, next)
	copyRowsGo(rows, cols, c, ldc, w.edge[:], tilePanel)
}
