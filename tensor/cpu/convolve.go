package cpu

import (
	"slices"

	"hone/tensor"
	"hone/tensor/simd"
)

const (
	// stripRows is how many rows of a Toeplitz matrix are multiplied at a time. All blocks
	// of rows are the same strip of values, seen from another place, so that the matrix is
	// never stored.
	stripRows = 64
	// In tiles, strips have tileRows rows, and the channels of a kernel, tileChannels at least, lie beside each other for
	// the whole batch; tileColumns of them are multiplied at a time.
	tileRows, tileChannels, tileColumns = 128, 64, 256
	// directColumns is how many channels of a kernel lie together at least where rows are
	// multiplied as they are; fewer are put beside those of the batch's other rows.
	directColumns = 16
	// fourierFrom is the length from which Fourier transforms are faster (BenchmarkConvolve).
	fourierFrom = 1 << 13
	// convolveParts bounds the parts of a batch whose gradients of kernels are added.
	convolveParts = 8
)

// convolution is the shape of one: rows [b, t, d] and g kernels of n values for cols channels
// each. Place i reads the places from i−back to i+ahead, as many as the kernel has values: in
// this order they are multiplied with the kernel from its last value to its first or, if op is
// reversed, from its first to its last.
type convolution struct {
	op               tensor.ConvolveOp
	b, t, d, g, n    int
	cols             int
	back, ahead      int
	byFourier, whole bool // whole: channels lie together, rows are multiplied as they are
	inTiles          bool
	rows             int   // of a strip
	order            []int // of the batch's rows where they lie beside each other: the longest first
}

func newConvolution(op tensor.ConvolveOp, u []int, g, n int) convolution {
	c := convolution{op: op, b: u[0], t: u[1], d: u[2], g: g, n: n, cols: u[2] / g}
	c.ahead = op.Ahead
	if op.Reverse {
		c.ahead = n - 1 - op.Ahead
	}
	c.back = n - 1 - c.ahead
	c.byFourier = op.Method == tensor.Fourier || op.Method == tensor.Fastest && min(c.t, n) >= fourierFrom
	c.inTiles = simd.HaveTiles() && !c.byFourier && c.cols >= tileChannels // not by the batch, on which no row depends
	c.whole = c.cols >= directColumns && !c.inTiles
	c.rows = stripRows
	if c.inTiles {
		c.rows = min(tileRows, c.t)
	}
	return c
}

// arrange sets c.order.
func (c *convolution) arrange(lengths *tensor.Tensor) {
	c.order = make([]int, c.b)
	for b := range c.order {
		c.order[b] = b
	}
	if lengths != nil {
		slices.SortStableFunc(c.order, func(a, b int) int { return int(lengths.I32[b]) - int(lengths.I32[a]) })
	}
}

// width is the length of a strip's rows, which reach all that any of its places reads.
func (c *convolution) width() int { return c.rows + c.n - 1 }

func (c *convolution) stripFloats() int { return c.rows * c.width() }

// columnsOf is how many columns a kernel has where the batch is transposed.
func (c *convolution) columnsOf() int { return c.b * c.cols }

// scratch is how many floats the convolution needs, gradient those of its kernels' gradient.
func (c *convolution) scratch(workers int) int {
	switch {
	case c.byFourier:
		return 0
	case c.whole:
		return c.g * c.stripFloats()
	case c.inTiles:
		return c.g*c.stripFloats() + 2*c.b*c.t*c.d
	}
	return workers*c.stripFloats() + 2*c.b*c.t*c.d
}

func (c *convolution) gradientScratch(workers int) int {
	switch {
	case c.byFourier:
		return 0
	case c.whole:
		return workers*c.stripFloats() + c.g*c.parts()*(c.n+1)
	case c.inTiles:
		return workers*c.stripFloats() + c.blocks()*(c.n+1) + 2*c.b*c.t*c.d
	}
	return workers*c.stripFloats() + c.g*(c.n+1) + 2*c.b*c.t*c.d
}

// block is what is multiplied at a time in tiles: for kernel g, places r … r+m-1, columns from j on, of rows that
// are up to length long. It may have no places.
type block struct{ g, r, m, j, cols, length int }

func (c *convolution) blocks() int { return c.g * ceil(c.t, c.rows) * ceil(c.columnsOf(), tileColumns) }

func (c *convolution) block(i int, lengths *tensor.Tensor) (b block) {
	wide := ceil(c.columnsOf(), tileColumns)
	b.j, i = i%wide*tileColumns, i/wide
	high := ceil(c.t, c.rows)
	b.r, b.g = i%high*c.rows, i/high
	b.length = lengthOf(lengths, c.order[b.j/c.cols], c.t)
	b.m, b.cols = max(0, min(c.rows, b.length-b.r)), min(tileColumns, c.columnsOf()-b.j)
	return b
}

func (c *convolution) parts() int { return min(convolveParts, c.b) }

// lengthOf is the length of row b.
func lengthOf(lengths *tensor.Tensor, b, t int) int {
	if lengths == nil {
		return t
	}
	return int(lengths.I32[b])
}

// strip lays a kernel out: row i has it from column i on, in the order of the places it meets.
func (c *convolution) strip(k, to []float32) {
	w := c.width()
	clear(to)
	for i := range c.rows {
		row := to[i*w+i:][:c.n]
		if c.op.Reverse {
			copy(row, k)
			continue
		}
		for j, v := range k {
			row[c.n-1-j] = v
		}
	}
}

// reads is the range of places that those from r to r+m−1 read, and where it begins in a strip.
func (c *convolution) reads(r, m, length int) (lo, hi, at int) {
	lo, hi = max(0, r-c.back), min(length, r+m+c.ahead)
	return lo, hi, lo - (r - c.back)
}

// apply convolves columns of one row, whose places lie ldu and ldy apart.
func (c *convolution) apply(strip, u []float32, ldu int, y []float32, ldy, cols, length int, skip float32) {
	for r := 0; r < length; r += c.rows {
		m := min(c.rows, length-r)
		lo, hi, at := c.reads(r, m, length)
		simd.Gemm(nil, false, false, m, cols, hi-lo, strip[at:], c.width(), u[lo*ldu:], ldu, false, y[r*ldy:], ldy)
		if skip != 0 {
			for i := r; i < r+m; i++ {
				simd.Axpy(y[i*ldy:i*ldy+cols], u[i*ldu:i*ldu+cols], skip)
			}
		}
	}
}

// columns is one row's columns: where they begin, how far places lie apart, and how many are
// live.
type columns struct {
	dy, u  []float32
	ld     int
	length int
}

// gradient adds to sums, in the order of the strip, what the kernel's values get from the
// columns, and last what the skip gets. products has room for a strip.
func (c *convolution) gradient(from []columns, cols int, products, sums []float32) {
	longest := 0
	for _, f := range from {
		longest = max(longest, f.length)
		for i := range f.length {
			sums[c.n] += simd.Dot(f.dy[i*f.ld:i*f.ld+cols], f.u[i*f.ld:i*f.ld+cols])
		}
	}
	w := c.width()
	for r := 0; r < longest; r += c.rows {
		m := min(c.rows, longest-r)
		lo, hi, at := c.reads(r, m, longest)
		clear(products[:m*w])
		for _, f := range from {
			if mine := min(m, f.length-r); mine > 0 {
				simd.Gemm(nil, false, true, mine, min(hi, f.length)-lo, cols, f.dy[r*f.ld:], f.ld, f.u[lo*f.ld:], f.ld, true, products[at:], w)
			}
		}
		for i := range m {
			simd.Add(sums[:c.n], sums[:c.n], products[i*w+i:i*w+i+c.n])
		}
	}
}

// blockGradient is gradient for a block of what lies beside each other, dy and u; sums need not be zero.
func (c *convolution) blockGradient(b block, dy, u, products, sums []float32) {
	clear(sums)
	if b.m == 0 {
		return
	}
	n, w := c.columnsOf(), c.width()
	for i := b.r; i < b.r+b.m; i++ {
		sums[c.n] += simd.Dot(dy[i*n:i*n+b.cols], u[i*n:i*n+b.cols])
	}
	lo, hi, at := c.reads(b.r, b.m, b.length)
	clear(products[:b.m*w])
	simd.GemmInTiles(false, true, b.m, hi-lo, b.cols, dy[b.r*n:], n, u[lo*n:], n, products[at:], w)
	for i := range b.m {
		simd.Add(sums[:c.n], sums[:c.n], products[i*w+i:i*w+i+c.n])
	}
}

// ordered puts sums in the order of the strip into the kernel's order, adding them.
func (c *convolution) ordered(dk, sums []float32) {
	for i, v := range sums[:c.n] {
		if !c.op.Reverse {
			i = c.n - 1 - i
		}
		dk[i] += v
	}
}

// transposed puts the channels of each kernel beside each other for the whole batch:
// x [b, t, d] → to [g, t, b·cols]. What is not live is zero.
func (c *convolution) transposed(pool *simd.Pool, x []float32, lengths *tensor.Tensor, to []float32) {
	n := c.cols
	c.exchange(pool, lengths, func(at, column int, live bool) {
		switch {
		case !live:
			clear(to[column : column+n])
		case n == 1:
			to[column] = x[at]
		default:
			copy(to[column:column+n], x[at:])
		}
	})
}

// spread is the other way around.
func (c *convolution) spread(pool *simd.Pool, from []float32, lengths *tensor.Tensor, y []float32) {
	n := c.cols
	c.exchange(pool, lengths, func(at, column int, live bool) {
		switch {
		case !live:
			clear(y[at : at+n])
		case n == 1:
			y[at] = from[column]
		default:
			copy(y[at:at+n], from[column:])
		}
	})
}

// exchange calls f with where the channels of a kernel lie in [b, t, d] and in [g, t, b·cols], there in c.order, for every
// place. Each task has some places of time of the whole batch, so that what it touches is near in both.
func (c *convolution) exchange(pool *simd.Pool, lengths *tensor.Tensor, f func(at, column int, live bool)) {
	const places = 8
	n := c.columnsOf()
	c.arrange(lengths)
	pool.For(ceil(c.t, places), func(task int) {
		for i := task * places; i < min(c.t, (task+1)*places); i++ {
			for slot, b := range c.order {
				live := i < lengthOf(lengths, b, c.t)
				at := (b*c.t + i) * c.d
				for g := range c.g {
					f(at, (g*c.t+i)*n+slot*c.cols, live)
					at += c.cols
				}
			}
		}
	})
}

func convolve(op tensor.ConvolveOp) kernel {
	return func(call *call) error {
		u, k, y := call.in[0].F32, call.in[1], call.out[0].F32
		c := newConvolution(op, call.in[0].Shape, k.Shape[0], k.Shape[1])
		var skip []float32
		rest := call.in[2:]
		if op.Skip {
			skip, rest = rest[0].F32, rest[1:]
		}
		var lengths *tensor.Tensor
		if op.Ragged {
			lengths = rest[0]
			if err := checkLengths(true, rest, 0, c.t); err != nil {
				return err
			}
		}
		values := func(g int) []float32 { return k.F32[g*c.n : (g+1)*c.n] }
		skipOf := func(g int) float32 {
			if skip == nil {
				return 0
			}
			return skip[g]
		}
		if c.byFourier {
			c.fourier(call.pool, u, k.F32, skipOf, lengths, y)
			return nil
		}
		if c.whole {
			size := c.stripFloats()
			strip := func(g int) []float32 { return call.scratch[g*size : (g+1)*size] }
			call.pool.For(c.g, func(g int) { c.strip(values(g), strip(g)) })
			call.pool.For(c.b*c.g, func(task int) {
				b, g := task/c.g, task%c.g
				at := b*c.t*c.d + g*c.cols
				length := lengthOf(lengths, b, c.t)
				c.apply(strip(g), u[at:], c.d, y[at:], c.d, c.cols, length, skipOf(g))
				for i := length; i < c.t; i++ {
					clear(y[at+i*c.d:][:c.cols])
				}
			})
			return nil
		}
		size, n := c.stripFloats(), c.columnsOf()
		strips := call.scratch[2*len(u):]
		x, to := call.scratch[:len(u)], call.scratch[len(u):2*len(u)]
		c.transposed(call.pool, u, lengths, x)
		if c.inTiles {
			call.pool.For(c.g, func(g int) { c.strip(values(g), strips[g*size:(g+1)*size]) })
			call.pool.For(c.blocks(), func(i int) {
				b := c.block(i, lengths)
				if b.m == 0 {
					return
				}
				x, to, skip := x[b.g*c.t*n+b.j:], to[b.g*c.t*n+b.j:], skipOf(b.g)
				lo, hi, at := c.reads(b.r, b.m, b.length)
				simd.GemmInTiles(false, false, b.m, b.cols, hi-lo, strips[b.g*size+at:], c.width(), x[lo*n:], n, to[b.r*n:], n)
				if skip != 0 {
					for i := b.r; i < b.r+b.m; i++ {
						simd.Axpy(to[i*n:i*n+b.cols], x[i*n:i*n+b.cols], skip)
					}
				}
			})
			c.spread(call.pool, to, lengths, y)
			return nil
		}
		call.pool.ForWorker(c.g, func(worker, g int) {
			strip := strips[worker*size : (worker+1)*size]
			c.strip(values(g), strip)
			c.apply(strip, x[g*c.t*n:], n, to[g*c.t*n:], n, n, c.t, skipOf(g))
		})
		c.spread(call.pool, to, lengths, y)
		return nil
	}
}

func convolveGrad(op tensor.ConvolveGradOp) kernel {
	return func(call *call) error {
		dy, u, dk, dskip := call.in[0].F32, call.in[1].F32, call.out[0].F32, call.out[1].F32
		c := newConvolution(op.Of, call.in[0].Shape, op.G, op.N)
		var lengths *tensor.Tensor
		if op.Of.Ragged {
			lengths = call.in[2]
			if err := checkLengths(true, call.in, 2, c.t); err != nil {
				return err
			}
		}
		clear(dk)
		clear(dskip)
		if c.byFourier {
			c.fourierGrad(call.pool, dy, u, lengths, dk, dskip)
			return nil
		}
		size := c.stripFloats()
		if c.whole {
			products, all := call.scratch, call.scratch[call.pool.Workers()*size:]
			sums := func(g, part int) []float32 { return all[(g*c.parts()+part)*(c.n+1):][:c.n+1] }
			per := ceil(c.b, c.parts())
			call.pool.ForWorker(c.g*c.parts(), func(worker, task int) {
				g, part := task/c.parts(), task%c.parts()
				var from []columns
				for b := min(c.b, part*per); b < min(c.b, (part+1)*per); b++ {
					at := b*c.t*c.d + g*c.cols
					from = append(from, columns{dy[at:], u[at:], c.d, lengthOf(lengths, b, c.t)})
				}
				to := sums(g, part)
				clear(to)
				c.gradient(from, c.cols, products[worker*size:(worker+1)*size], to)
			})
			for g := range c.g {
				for part := range c.parts() {
					c.ordered(dk[g*c.n:(g+1)*c.n], sums(g, part))
					dskip[g] += sums(g, part)[c.n]
				}
			}
			return nil
		}
		n := c.columnsOf()
		x, z, rest := call.scratch[:len(u)], call.scratch[len(u):2*len(u)], call.scratch[2*len(u):]
		products, all := rest[:call.pool.Workers()*size], rest[call.pool.Workers()*size:]
		c.transposed(call.pool, dy, lengths, x)
		c.transposed(call.pool, u, lengths, z)
		if c.inTiles {
			sums := func(i int) []float32 { return all[i*(c.n+1) : (i+1)*(c.n+1)] }
			call.pool.ForWorker(c.blocks(), func(worker, i int) {
				b := c.block(i, lengths)
				x, z := x[b.g*c.t*n+b.j:], z[b.g*c.t*n+b.j:]
				c.blockGradient(b, x, z, products[worker*size:(worker+1)*size], sums(i))
			})
			for i := range c.blocks() {
				g := c.block(i, lengths).g
				c.ordered(dk[g*c.n:(g+1)*c.n], sums(i))
				dskip[g] += sums(i)[c.n]
			}
			return nil
		}
		call.pool.ForWorker(c.g, func(worker, g int) {
			sums := all[g*(c.n+1) : (g+1)*(c.n+1)]
			clear(sums)
			c.gradient([]columns{{x[g*c.t*n:], z[g*c.t*n:], n, c.t}}, n, products[worker*size:(worker+1)*size], sums)
			c.ordered(dk[g*c.n:(g+1)*c.n], sums)
			dskip[g] = sums[c.n]
		})
		return nil
	}
}

func mask(c *call) error {
	x, y, lengths := c.in[0], c.out[0].F32, c.in[1]
	b, t, d := x.Shape[0], x.Shape[1], x.Shape[2]
	if err := checkLengths(true, c.in, 1, t); err != nil {
		return err
	}
	c.pool.For(b, func(i int) {
		at, end := i*t*d, (i+1)*t*d
		live := at + lengthOf(lengths, i, t)*d
		if live > at && &x.F32[at] != &y[at] {
			copy(y[at:live], x.F32[at:live])
		}
		clear(y[live:end])
	})
	return nil
}

func meanPool(c *call) error {
	x, y, lengths := c.in[0], c.out[0].F32, c.in[1]
	b, t, d := x.Shape[0], x.Shape[1], x.Shape[2]
	if err := checkLengths(true, c.in, 1, t); err != nil {
		return err
	}
	c.pool.For(b, func(i int) {
		row, n := y[i*d:(i+1)*d], lengthOf(lengths, i, t)
		clear(row)
		for j := range n {
			simd.Add(row, row, x.F32[(i*t+j)*d:][:d])
		}
		simd.Scale(row, row, 1/float32(max(1, n)))
	})
	return nil
}

func meanSpread(c *call) error {
	x, y, lengths := c.in[0].F32, c.out[0], c.in[1]
	b, t, d := y.Shape[0], y.Shape[1], y.Shape[2]
	if err := checkLengths(true, c.in, 1, t); err != nil {
		return err
	}
	c.pool.For(b, func(i int) {
		n := lengthOf(lengths, i, t)
		for j := range t {
			row := y.F32[(i*t+j)*d:][:d]
			if j < n {
				simd.Scale(row, x[i*d:(i+1)*d], 1/float32(n))
			} else {
				clear(row)
			}
		}
	})
	return nil
}
