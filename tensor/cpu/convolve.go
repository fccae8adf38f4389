package cpu

import (
	"hone/tensor"
	"hone/tensor/simd"
)

const (
	// stripRows is how many rows of a Toeplitz matrix are multiplied at a time. All blocks
	// of rows are the same strip of values, seen from another place, so that the matrix is
	// never stored.
	stripRows = 64
	// directColumns is how many channels of a kernel lie together at least where rows are
	// multiplied as they are; fewer are gathered from the whole batch.
	directColumns = 16
	// gatheredColumns is how many are gathered at a time.
	gatheredColumns = 256
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
}

func newConvolution(op tensor.ConvolveOp, u []int, g, n int) convolution {
	c := convolution{op: op, b: u[0], t: u[1], d: u[2], g: g, n: n, cols: u[2] / g}
	c.ahead = op.Ahead
	if op.Reverse {
		c.ahead = n - 1 - op.Ahead
	}
	c.back = n - 1 - c.ahead
	c.byFourier = op.Method == tensor.Fourier || op.Method == tensor.Fastest && min(c.t, n) >= fourierFrom
	c.whole = c.cols >= directColumns
	return c
}

// width is the length of a strip's rows, which reach all that any of stripRows places reads.
func (c *convolution) width() int { return stripRows + c.n - 1 }

func (c *convolution) stripFloats() int { return stripRows * c.width() }

func (c *convolution) gathered() int { return min(gatheredColumns, c.b*c.cols) }

// scratch is how many floats the convolution needs, gradient those of its kernels' gradient.
func (c *convolution) scratch(workers int) int {
	switch {
	case c.byFourier:
		return 0
	case c.whole:
		return c.g * c.stripFloats()
	}
	return workers * (c.stripFloats() + 2*c.t*c.gathered())
}

func (c *convolution) gradientScratch(workers int) int {
	switch {
	case c.byFourier:
		return 0
	case c.whole:
		return workers*c.stripFloats() + c.g*c.parts()*(c.n+1)
	}
	return workers * (c.stripFloats() + c.n + 1 + 2*c.t*c.gathered())
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
	for i := range stripRows {
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
	for r := 0; r < length; r += stripRows {
		m := min(stripRows, length-r)
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
	for r := 0; r < longest; r += stripRows {
		m := min(stripRows, longest-r)
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

// ordered puts sums in the order of the strip into the kernel's order, adding them.
func (c *convolution) ordered(dk, sums []float32) {
	for i, v := range sums[:c.n] {
		if !c.op.Reverse {
			i = c.n - 1 - i
		}
		dk[i] += v
	}
}

// gather collects up to gathered columns of kernel g, from column at of the batch on, as a
// matrix of places × columns; what is not live is zero.
func (c *convolution) gather(x []float32, lengths *tensor.Tensor, g, at, cols int, to []float32) {
	for k := range cols {
		b, j := (at+k)/c.cols, g*c.cols+(at+k)%c.cols
		length := lengthOf(lengths, b, c.t)
		for i := range length {
			to[i*cols+k] = x[(b*c.t+i)*c.d+j]
		}
		for i := length; i < c.t; i++ {
			to[i*cols+k] = 0
		}
	}
}

// eachGather runs f on the columns of kernel g in pieces.
func (c *convolution) eachGather(f func(at, cols int)) {
	for at := 0; at < c.b*c.cols; at += c.gathered() {
		f(at, min(c.gathered(), c.b*c.cols-at))
	}
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
		size := c.stripFloats()
		if c.whole {
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
		call.pool.ForWorker(c.g, func(worker, g int) {
			own := call.scratch[worker*c.scratch(1) : (worker+1)*c.scratch(1)]
			strip, x, to := own[:size], own[size:size+c.t*c.gathered()], own[size+c.t*c.gathered():]
			c.strip(values(g), strip)
			c.eachGather(func(at, cols int) {
				c.gather(u, lengths, g, at, cols, x)
				c.apply(strip, x, cols, to, cols, cols, c.t, skipOf(g))
				for k := range cols {
					b, j := (at+k)/c.cols, g*c.cols+(at+k)%c.cols
					length := lengthOf(lengths, b, c.t)
					for i := range c.t {
						v := to[i*cols+k]
						if i >= length {
							v = 0
						}
						y[(b*c.t+i)*c.d+j] = v
					}
				}
			})
		})
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
		call.pool.ForWorker(c.g, func(worker, g int) {
			own := call.scratch[worker*c.gradientScratch(1) : (worker+1)*c.gradientScratch(1)]
			products, sums := own[:size], own[size:size+c.n+1]
			x := own[size+c.n+1:][:c.t*c.gathered()]
			z := own[size+c.n+1+len(x):]
			clear(sums)
			c.eachGather(func(at, cols int) {
				c.gather(dy, lengths, g, at, cols, x)
				c.gather(u, lengths, g, at, cols, z)
				c.gradient([]columns{{x, z, cols, c.t}}, cols, products, sums)
			})
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
