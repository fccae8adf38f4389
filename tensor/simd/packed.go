package simd

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// Products with a weight matrix that is laid out once: decoding has few rows of x, so its time
// is that of reading the weights, and packing them on every call would double it.
//
// Layout: panels of packedCols rows of W (columns of the output), each k-major, [K, packedCols],
// the last one filled up with zeros. A panel is one stream of memory, and each output is one sum
// over k in order, whatever number of rows are computed with it. For 8-bit weights on machines
// that multiply bytes there is another layout: quads.go.

// packedCols is the width of a panel, the same at every level.
const packedCols = 32

// Kind is a storage type of packed weights.
type Kind int

// The storage types.
const (
	F32 Kind = iota
	BF16
	Int8 // one float32 scale per row of W, symmetric: w ≈ scale·q with q in -127 … 127
)

// String is f32, bf16 or int8.
func (k Kind) String() string { return [...]string{"f32", "bf16", "int8"}[k] }

// Packed is a weight matrix W [N, K] prepared for y = x·Wᵀ.
type Packed struct {
	N, K int
	Kind Kind

	f32   []float32 // panels of Kind F32
	bf16  []uint16  // panels of Kind BF16
	int8  []int8    // panels of Kind Int8
	scale []float32 // [panels·packedCols], Kind Int8

	// offset is set where panels lie in quads: what their sums start from, see quads.go.
	offset []int32 // [panels·packedCols]

	// parts is set in place of f32 by ForMany: panels of B in blocks, see amx_amd64.go.
	parts []uint16
}

// PackF32 lays out w, [n,k] row-major, as it is.
func PackF32(w []float32, n, k int) *Packed {
	p := &Packed{N: n, K: k, Kind: F32, f32: Floats(panelsOf(n) * packedCols * k)}
	p.panels(w, func(at int, block []float32) { copy(p.f32[at:], block) })
	return p
}

// PackBF16 lays out w, [n,k] row-major, rounded to bfloat16.
func PackBF16(w []float32, n, k int) *Packed {
	p := &Packed{N: n, K: k, Kind: BF16, bf16: make([]uint16, panelsOf(n)*packedCols*k)}
	p.panels(w, func(at int, block []float32) { ToBF16(p.bf16[at:at+len(block)], block) })
	return p
}

// PackBF16Bits lays out w, [n,k] row-major in bfloat16, as it is.
func PackBF16Bits(w []uint16, n, k int) *Packed {
	p := &Packed{N: n, K: k, Kind: BF16, bf16: make([]uint16, panelsOf(n)*packedCols*k)}
	p.each(func(at, row, x int) { p.bf16[at] = w[row*k+x] })
	return p
}

// PackInt8 lays out w, [n,k] row-major, rounded to 8 bits: row i to multiples of max|w[i]|/127.
// A row with a NaN or an infinity gets the scale NaN, so that its outputs are NaN.
func PackInt8(w []float32, n, k int) *Packed {
	return packInt8(w, n, k, active.quads && k <= mostInQuads)
}

func packInt8(w []float32, n, k int, quads bool) *Packed {
	cols := panelsOf(n) * packedCols
	p := &Packed{N: n, K: k, Kind: Int8, scale: Floats(cols)}
	if quads {
		p.offset = make([]int32, cols)
	}
	p.int8 = make([]int8, panelsOf(n)*p.panelSize())
	for i := range n {
		var top float32
		for _, v := range w[i*k : (i+1)*k] {
			top = max(top, v, -v)
		}
		p.scale[i] = top / 127
		if math.IsInf(float64(top), 0) {
			p.scale[i] = float32(math.NaN())
		}
	}
	p.each(func(at, row, x int) {
		if s := p.scale[row]; s > 0 {
			q := math.RoundToEven(float64(w[row*k+x]) / float64(s))
			p.int8[at] = int8(min(max(q, -127), 127))
			if quads {
				p.offset[row] -= 128 * int32(p.int8[at])
			}
		}
	})
	return p
}

// ForMany lays float32 weights out for products that have 32 rows or more most of the time: where
// the machine has tiles (AMX) and the matrix is large, Mul computes in them, whatever the number of rows of
// a call. That takes half as much memory again, and a few rows take longer.
func (p *Packed) ForMany() {
	if p.Kind != F32 || !active.tiles || min(p.N, p.K) < manyFrom {
		return
	}
	p.split()
	p.f32 = nil
}

// manyFrom is the size from which on ForMany has an effect; tests lower it.
var manyFrom = 256

// partAt is the place of the first of a weight's three parts.
func (p *Packed) partAt(row, x int) int {
	panel, col := row/packedCols*ceilDiv(p.K, tileDepth), row%packedCols
	return (panel+x/tileDepth)*tileBlock + col/16*512 + x%16*32 + col%16*2 + x%tileDepth/16
}

// part returns a weight from its parts, of which it is exactly the sum.
func (p *Packed) part(row, x int) float32 {
	at, v := p.partAt(row, x), float32(0)
	for i := range 3 {
		v += math.Float32frombits(uint32(p.parts[at+i*tileBlock/3]) << 16)
	}
	return v
}

func panelsOf(n int) int { return ceilDiv(n, packedCols) }

// panelSize is the number of weights in a panel.
func (p *Packed) panelSize() int {
	if p.offset != nil {
		return packedCols * 4 * ceilDiv(p.K, 4)
	}
	return packedCols * p.K
}

// at is the place of a weight in the panels.
func (p *Packed) at(row, x int) int {
	panel, col := row/packedCols*p.panelSize(), row%packedCols
	if p.offset != nil {
		return panel + (x/4*packedCols+col)*4 + x%4
	}
	return panel + x*packedCols + col
}

// panelDepth is how many places of a panel are laid out at a time: 32 kB.
const panelDepth = 256

// panels calls lay for all parts of the panels of w, [N,K] row-major, at once where there are processors:
// with a place in the panels and the float32 weights from there on.
func (p *Packed) panels(w []float32, lay func(at int, block []float32)) {
	inParallel(panelsOf(p.N), func(next func() (int, bool)) {
		block := Floats(panelDepth * packedCols)
		for j, ok := next(); ok; j, ok = next() {
			rows := min(packedCols, p.N-j*packedCols)
			for x := 0; x < p.K; x += panelDepth {
				cols := min(panelDepth, p.K-x)
				active.transpose(rows, cols, block, packedCols, w[j*packedCols*p.K+x:], p.K)
				if rows < packedCols { // whole vectors were written
					for i := range cols {
						clear(block[i*packedCols+rows : (i+1)*packedCols])
					}
				}
				lay(j*p.panelSize()+x*packedCols, block[:cols*packedCols])
			}
		}
	})
}

// inParallel has work called by as many goroutines as there are processors, none for less than a few numbers of
// its own; next gives the numbers below n, each to one of them, until there are no more.
func inParallel(n int, work func(next func() (int, bool))) {
	var given atomic.Int64
	next := func() (int, bool) {
		i := int(given.Add(1)) - 1
		return i, i < n
	}
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0)-1, n/8) {
		all.Go(func() { work(next) })
	}
	work(next)
	all.Wait()
}

// each calls f for every weight with its place in the panels.
func (p *Packed) each(f func(at, row, x int)) {
	for row := range p.N {
		for x := range p.K {
			f(p.at(row, x), row, x)
		}
	}
}

// Bytes returns the memory that the weights take.
func (p *Packed) Bytes() int {
	return 4*len(p.f32) + 2*len(p.parts) + 2*len(p.bf16) + len(p.int8) + 4*len(p.scale) + 4*len(p.offset)
}

// Row stores row i of W, as it is used: widened, and with its scale.
func (p *Packed) Row(i int, dst []float32) {
	for x := range dst[:p.K] {
		switch a := p.at(i, x); p.Kind {
		case F32:
			if p.parts != nil {
				dst[x] = p.part(i, x)
			} else {
				dst[x] = p.f32[a]
			}
		case BF16:
			dst[x] = math.Float32frombits(uint32(p.bf16[a]) << 16)
		case Int8:
			dst[x] = p.scale[i] * float32(p.int8[a])
		}
	}
}

const (
	// packedRows is how many rows of x one task computes: enough to be worth reading a panel.
	packedRows = 96
	// packedWork is the least work of a task, in multiplications: some 10 µs.
	packedWork = 1 << 18
)

// packedTask is a number of rows of x and y to be computed with one panel; or a single row, with
// two whole panels.
type packedTask struct {
	rows, cols, depth int
	panels            int
	x, y              []float32 // from the first row and column on
	ldx, ldy          int
	acc               bool
	more              bool  // the next panel follows, so it should be fetched
	fixed             fixed // x again, for quads
}

// Mul computes y = x·Wᵀ, or y += when acc is set, for m rows: x is [m,K], y [m,N], with the
// given distances between rows. The bits of a row of y do not depend on m or on the pool.
// y must not overlap x.
func (p *Packed) Mul(pool *Pool, m int, x []float32, ldx int, acc bool, y []float32, ldy int) {
	if m <= 0 || p.N == 0 {
		return
	}
	checkMatrix(y, m, p.N, ldy)
	checkMatrix(x, m, p.K, ldx)
	if p.K == 0 {
		for i := 0; i < m && !acc; i++ {
			clear(y[i*ldy : i*ldy+p.N])
		}
		return
	}
	if p.parts != nil && active.tiles {
		p.mulInTiles(pool, m, x, ldx, acc, y, ldy)
		return
	}
	var x16 fixed
	if p.offset != nil {
		x16 = fix(m, x, ldx, p.K)
		defer x16.free()
	}
	panels := panelsOf(p.N)
	group := max(packedWork/(packedCols*p.K*min(m, packedRows)), 1)
	group = min(group+group%2, panels) // pairs
	tasks := ceilDiv(panels, group)
	pool.For(tasks*ceilDiv(m, packedRows), func(task int) {
		i, first := task/tasks*packedRows, task%tasks*group
		last := min(panels, first+group) - 1
		t := packedTask{rows: min(packedRows, m-i), depth: p.K, x: x[i*ldx:], ldx: ldx, ldy: ldy, acc: acc, fixed: x16.from(i)}
		for j := first; j <= last; j += t.panels {
			t.panels = 1
			if active.packedPairs && p.offset == nil && p.parts == nil && t.rows == 1 && j < last && (j+2)*packedCols <= p.N {
				t.panels = 2
			}
			t.cols, t.y, t.more = min(t.panels*packedCols, p.N-j*packedCols), y[i*ldy+j*packedCols:], j+t.panels <= last
			p.panel(j, &t)
		}
	})
}

func (p *Packed) panel(j int, t *packedTask) {
	lo, hi := j*p.panelSize(), (j+t.panels)*p.panelSize()
	switch p.Kind {
	case F32:
		w := p.f32
		if p.parts != nil { // laid out at another level
			w, lo, hi = make([]float32, packedCols*p.K), 0, packedCols*p.K
			for col := range min(packedCols, p.N-j*packedCols) {
				for x := range p.K {
					w[x*packedCols+col] = p.part(j*packedCols+col, x)
				}
			}
		}
		active.packedF32(w[lo:hi], t)
	case BF16:
		active.packedBF16(p.bf16[lo:hi], t)
	case Int8:
		scale := p.scale[j*packedCols : (j+t.panels)*packedCols]
		if p.offset != nil {
			active.packedQuads(p.int8[lo:hi], p.offset[j*packedCols:(j+1)*packedCols], scale, t)
		} else {
			active.packedInt8(p.int8[lo:hi], scale, t)
		}
	}
}

// The portable versions: one row at a time.

func packedF32Go(w []float32, t *packedTask) {
	for i := range t.rows {
		var s [packedCols]float32
		for k, v := range t.x[i*t.ldx : i*t.ldx+t.depth] {
			for j, u := range (*[packedCols]float32)(w[k*packedCols:]) {
				s[j] += v * u
			}
		}
		store(t.y[i*t.ldy:i*t.ldy+t.cols], s[:t.cols], t.acc)
	}
}

func packedBF16Go(w []uint16, t *packedTask) {
	for i := range t.rows {
		var s [packedCols]float32
		for k, v := range t.x[i*t.ldx : i*t.ldx+t.depth] {
			for j, u := range (*[packedCols]uint16)(w[k*packedCols:]) {
				s[j] += v * math.Float32frombits(uint32(u)<<16)
			}
		}
		store(t.y[i*t.ldy:i*t.ldy+t.cols], s[:t.cols], t.acc)
	}
}

func packedInt8Go(w []int8, scale []float32, t *packedTask) {
	for i := range t.rows {
		var s [packedCols]float32
		for k, v := range t.x[i*t.ldx : i*t.ldx+t.depth] {
			for j, u := range (*[packedCols]int8)(w[k*packedCols:]) {
				s[j] += v * float32(u)
			}
		}
		for j := range s {
			s[j] *= scale[j]
		}
		store(t.y[i*t.ldy:i*t.ldy+t.cols], s[:t.cols], t.acc)
	}
}
