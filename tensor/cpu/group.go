package cpu

import (
	"slices"

	"hone/tensor"
	"hone/tensor/simd"
)

// Groups of rows. Many nodes compute each row of their result from the same row of their operands: products
// with weights, norms, activations. Where several follow one another, each row passes through all of them before the next
// rows are begun, so that what lies between two of them is read from a cache, and workers wait for one another once
// instead of once a node.
//
// A group runs in the parts that sums over rows have (see inParts), which are the same whatever the number
// of workers. Gradients of weights are such sums here, and elsewhere one product, which rounds differently. A group is one
// moment for the plan: nothing that it touches may lie where anything else of it does.

const (
	groupRows    = 256     // of a part at least: every part packs the weights anew
	groupWeights = 1 << 16 // their elements at most, for the same reason
	groupAhead   = 24      // nodes that a group looks ahead for others to take in: further ones would be kept for long
)

// byRows is how many rows a node computes one by one, and the operands that it needs as a whole; 0 if it does not.
func byRows(n *tensor.Node) (rows int, whole []*tensor.Value) {
	weights := 0
	rows = n.Out[0].Rows()
	switch op := n.Op.(type) {
	case tensor.LinearOp:
		whole, weights = n.In[1:], n.In[1].Size()
		if op.Residual {
			whole = n.In[1 : len(n.In)-1]
		}
	case tensor.MatMulOp:
		if !op.TransA {
			whole, weights = n.In[1:2], n.In[1].Size()
			break
		}
		rows, weights = n.In[0].Rows(), n.Out[0].Size() // of which it is the gradient
		if op.TransB || len(n.In) > 2 {
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
	if rows < groupRows*maxParts || weights > groupWeights {
		return 0, nil
	}
	return rows, whole
}

// group is what is known of nodes that are put together.
type group struct {
	rows  int
	made  map[*tensor.Value]bool // its results
	late  map[*tensor.Value]bool // those of them that are there only when all parts are done
	whole map[*tensor.Value]bool // what it needs as a whole
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

// admit takes n in if it goes by the same rows, what it needs as a whole is there before the group, and it overwrites
// nothing that the group needs as a whole.
func (g *group) admit(n *tensor.Node) bool {
	rows, whole := byRows(n)
	if rows == 0 || g.rows > 0 && rows != g.rows {
		return false
	}
	var needs []*tensor.Value
	for _, v := range whole {
		needs = append(needs, base(v))
	}
	for _, v := range n.In {
		switch v := base(v); {
		case g.late[v]:
			return false
		case slices.Contains(needs, v):
			if g.made[v] {
				return false
			}
		case g.whole[v]:
			return false
		}
	}
	g.rows = rows
	for _, v := range needs {
		g.whole[v] = true
	}
	for _, v := range n.Out {
		g.made[v] = true
	}
	for _, v := range summed(n) {
		g.late[v] = true
	}
	return true
}

// summed are the results of a node that its parts add up to once all are there.
func summed(n *tensor.Node) []*tensor.Value {
	switch op := n.Op.(type) {
	case tensor.LayerNormGradOp, tensor.RMSNormGradOp:
		return n.Out[1:]
	case tensor.ColumnSumOp:
		return n.Out
	case tensor.MatMulOp:
		if op.TransA {
			return n.Out
		}
	}
	return nil
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
		g := group{made: map[*tensor.Value]bool{}, late: map[*tensor.Value]bool{}, whole: map[*tensor.Value]bool{}}
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
	failed := make([]error, parts)
	p.dev.pool.For(parts, func(i int) {
		for j := range steps {
			s := &steps[j]
			if err := run(s, nil, part{rows: rows, lo: min(rows, i*per), hi: min(rows, (i+1)*per), i: i}); err != nil {
				failed[i] = s.failed(err)
				return
			}
		}
	})
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	for j := range steps {
		if s := &steps[j]; len(summed(s.node)) > 0 {
			if err := run(s, p.dev.pool, part{rows: rows, last: true}); err != nil {
				return s.failed(err)
			}
		}
	}
	return nil
}
