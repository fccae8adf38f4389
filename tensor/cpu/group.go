package cpu

import (
	"slices"
	"sync/atomic"

	"hone/tensor"
	"hone/tensor/simd"
)

// Groups of rows. Many nodes compute each row of their result from the same row of their operands: products
// with weights, norms, activations. Where several follow one another, each row passes through all of them before the next
// rows are begun, so that what lies between two of them is read from a cache, and workers wait for one another once
// instead of once a node. Bits do not depend on it.
//
// A group runs in the parts that sums over rows have (see inParts), which are the same whatever the number
// of workers. It is one moment for the plan: nothing that it touches may lie where anything else of it does.

const (
	groupRows    = 256     // of a part at least: every part packs the weights anew
	groupWeights = 1 << 16 // their elements at most, for the same reason
	groupAhead   = 24      // nodes that a group looks ahead for others to take in
)

// byRows is how many rows a node computes one by one, and the operands that it needs as a whole; 0 if it does not.
func byRows(n *tensor.Node) (rows int, whole []*tensor.Value) {
	rows = n.Out[0].Rows()
	switch op := n.Op.(type) {
	case tensor.LinearOp:
		whole = n.In[1:]
		if op.Residual {
			whole = n.In[1 : len(n.In)-1]
		}
	case tensor.MatMulOp:
		if !op.TransA {
			whole = n.In[1:2]
			break
		}
		rows = n.In[0].Rows() // to sum up, as for the gradient of weights
		if op.TransB || len(n.In) > 2 || n.Out[0].Size() > groupWeights {
			return 0, nil
		}
	case tensor.LayerNormOp, tensor.RMSNormOp, tensor.RotaryOp:
		whole = n.In[1:]
	case tensor.LayerNormGradOp, tensor.RMSNormGradOp:
		whole = n.In[2:3]
	case tensor.ColumnSumOp:
		rows = n.In[0].Rows()
	case tensor.GeluOp, tensor.GeluGradOp, tensor.SwiGLUOp, tensor.SwiGLUGradOp, tensor.ScaleOp, tensor.UnaryOp, tensor.BinaryOp:
	default:
		return 0, nil
	}
	if rows < groupRows*maxParts || len(whole) > 0 && whole[0].Size() > groupWeights {
		return 0, nil
	}
	return rows, whole
}

// group is what is known of nodes that are put together.
type group struct {
	rows               int
	made, whole, byRow map[*tensor.Value]bool // what it gives, and reads in either way
}

// base is the value that v is a view of.
func base(v *tensor.Value) *tensor.Value {
	for {
		if _, view := v.Node.Op.(tensor.ReshapeOp); !view {
			return v
		}
		v = v.Node.In[0]
	}
}

// admit takes n in if it goes by the same rows, and what it needs as a whole is neither made nor perhaps
// overwritten in the group.
func (g *group) admit(n *tensor.Node) bool {
	rows, whole := byRows(n)
	if rows == 0 || g.rows > 0 && rows != g.rows {
		return false
	}
	for _, v := range n.In {
		v := base(v)
		if slices.ContainsFunc(whole, func(w *tensor.Value) bool { return base(w) == v }) {
			if g.made[v] || g.byRow[v] {
				return false
			}
		} else if g.whole[v] {
			return false
		}
	}
	g.rows = rows
	for _, v := range n.In {
		v := base(v)
		if slices.ContainsFunc(whole, func(w *tensor.Value) bool { return base(w) == v }) {
			g.whole[v] = true
		} else {
			g.byRow[v] = true
		}
	}
	for _, v := range n.Out {
		g.made[v] = true
	}
	return true
}

// sums reports whether a node adds up what its parts gave once all are there.
func sums(n *tensor.Node) bool {
	switch op := n.Op.(type) {
	case tensor.LayerNormGradOp, tensor.RMSNormGradOp, tensor.ColumnSumOp:
		return true
	case tensor.MatMulOp:
		return op.TransA
	}
	return false
}

// grouped puts nodes that go by rows behind one another, as far as what they need is there, and returns the
// groups: for each node the first node after its group, or 0.
func grouped(nodes []*tensor.Node) (order []*tensor.Node, ends []int) {
	taken, known := make([]bool, len(nodes)), map[*tensor.Value]bool{}
	take := func(i int) {
		taken[i] = true
		order = append(order, nodes[i])
		for _, v := range nodes[i].Out {
			known[v] = true
		}
	}
	ready := func(n *tensor.Node) bool {
		for _, v := range n.In {
			if !known[v] {
				return false
			}
		}
		return true
	}
	for i := range nodes {
		if taken[i] {
			continue
		}
		first, members := len(order), 1
		take(i)
		g := group{made: map[*tensor.Value]bool{}, whole: map[*tensor.Value]bool{}, byRow: map[*tensor.Value]bool{}}
		if g.admit(nodes[i]) {
			for j := i + 1; j < min(len(nodes), i+groupAhead); j++ {
				if taken[j] || !ready(nodes[j]) {
					continue
				}
				switch nodes[j].Op.(type) {
				case tensor.InputOp, tensor.ReshapeOp:
					take(j)
				default:
					if g.admit(nodes[j]) {
						take(j)
						members++
					}
				}
			}
		}
		for range order[first:] {
			end := 0
			if members > 1 {
				end = len(order)
			}
			ends = append(ends, end)
		}
	}
	return order, ends
}

// part is the part of a group's rows that a call is for.
type part struct {
	rows   int // of the group
	lo, hi int
	i      int  // its number
	last   bool // no rows: all parts are there to be summed up
}

// partMatMul computes a group's part of a product that sums over its rows, Aᵀ·B.
func (c *call) partMatMul() {
	a, b, y := c.in[0], c.in[1], c.out[0].F32
	m, n := a.Cols(), b.Cols()
	if p := c.part; !p.last {
		simd.Gemm(nil, true, false, m, n, p.hi-p.lo, a.F32[p.lo*m:], m, b.F32[p.lo*n:], n, false, c.scratch[p.i*m*n:], n)
		return
	}
	c.pool.For(ceil(m*n, flatBlock/8), func(i int) {
		lo, hi := i*flatBlock/8, min(m*n, (i+1)*flatBlock/8)
		simd.Add(y[lo:hi], c.scratch[lo:hi], c.scratch[m*n+lo:m*n+hi])
		for j := 2; j < sumParts(c.part.rows); j++ {
			simd.Add(y[lo:hi], y[lo:hi], c.scratch[j*m*n+lo:j*m*n+hi])
		}
	})
}

// span is the rows of n that a call is for.
func (c *call) span(n int) (lo, hi int) {
	if c.part == nil {
		return 0, n
	}
	return c.part.lo, c.part.hi
}

// runGroup runs steps part by part.
func (p *Program) runGroup(steps []step) error {
	rows := steps[0].rows
	parts := sumParts(rows)
	per := ceil(rows, parts)
	run := func(s *step, pool *simd.Pool, at part) error {
		c := s.call
		c.pool, c.part = pool, &at
		return s.run(&c)
	}
	var failed atomic.Pointer[stepError]
	p.dev.pool.For(parts, func(i int) {
		for j := range steps {
			if err := run(&steps[j], nil, part{rows: rows, lo: min(rows, i*per), hi: min(rows, (i+1)*per), i: i}); err != nil {
				failed.CompareAndSwap(nil, &stepError{&steps[j], err})
				return
			}
		}
	})
	if e := failed.Load(); e != nil {
		return e.wrapped()
	}
	for j := range steps {
		if s := &steps[j]; sums(s.node) {
			if err := run(s, p.dev.pool, part{rows: rows, last: true}); err != nil {
				return (&stepError{s, err}).wrapped()
			}
		}
	}
	return nil
}
