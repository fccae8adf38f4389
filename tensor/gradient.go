package tensor

import "slices"

// Gradient adds to the graph the gradients of the scalar loss with respect to each
// of wrt, by reverse-mode differentiation, and returns them. A value that loss does
// not depend on has the gradient nil.
//
// The gradient of a node is traced as soon as all that depend on it are done, so
// that what the forward pass left in memory is needed as shortly as possible.
func Gradient(loss *Value, wrt ...*Value) []*Value {
	g := loss.Graph()
	if loss.Size() != 1 {
		g.Fail("the gradient is that of a scalar, not of %v", loss.Type)
	}
	return pullBack(loss, Splat(g, 1, loss.Shape...), wrt, 0)
}

// pullBack turns dy, a gradient with respect to y, into those with respect to wrt,
// through the nodes from first to y's.
func pullBack(y, dy *Value, wrt []*Value, first int) []*Value {
	g := y.Graph()
	needed := dependents(g, wrt, y.Node.ID)
	if !needed[y.Node.ID] {
		return make([]*Value, len(wrt))
	}
	d := map[*Value]*Value{y: dy}
	fresh := map[*Value]*Value{}
	for id := y.Node.ID; id >= first; id-- {
		n := g.Nodes[id]
		if !needed[id] || len(n.In) == 0 {
			continue
		}
		dout := make([]*Value, len(n.Out))
		any := false
		for i, v := range n.Out {
			if dout[i] = d[v]; dout[i] != nil {
				any = true
			}
		}
		if !any {
			continue
		}
		op, ok := n.Op.(Differentiable)
		if !ok {
			g.Fail("%v has no gradient", n)
		}
		scope := g.scope
		g.scope = nil
		if n.Scope != "" {
			g.scope = []string{n.Scope}
		}
		g.scope = append(g.scope, "gradient")
		again := recomputed(n, fresh)
		made := len(g.Nodes)
		din := op.Gradient(again, dout)
		for i, dv := range din {
			in := n.In[i]
			if dv == nil || !needed[in.Node.ID] {
				continue
			}
			if !dv.Type.Equal(in.Type) {
				g.Fail("%s: gradient %d has the type %v, its input %v", n.Op.Name(), i, dv.Type, in.Type)
			}
			if have := d[in]; have != nil {
				dv = sum(have, dv, made, din)
			}
			d[in] = dv
		}
		g.scope = scope
	}
	out := make([]*Value, len(wrt))
	for i, v := range wrt {
		out[i] = d[v]
	}
	return out
}

// recomputed is n for its gradient: where an input is the result of a norm it is
// computed once more there, and need not be kept since the forward pass. A norm costs
// next to nothing beside the product it is needed for, and its bits are the same;
// fresh holds those that were.
func recomputed(n *Node, fresh map[*Value]*Value) *Node {
	in := slices.Clone(n.In)
	for i, v := range in {
		switch v.Node.Op.(type) {
		case LayerNormOp, RMSNormOp:
			if fresh[v] == nil {
				fresh[v] = Apply(v.Node.Op, v.Node.In...)[v.Index]
			}
			in[i] = fresh[v]
		}
	}
	return &Node{ID: n.ID, Op: n.Op, In: in, Out: n.Out, Scope: n.Scope, graph: n.graph}
}

// dependents marks the nodes up to last that depend on any of roots.
func dependents(g *Graph, roots []*Value, last int) []bool {
	needed := make([]bool, last+1)
	for _, v := range roots {
		if v.Node.ID <= last {
			needed[v.Node.ID] = true
		}
	}
	for id := range needed {
		for _, in := range g.Nodes[id].In {
			needed[id] = needed[id] || needed[in.Node.ID]
		}
	}
	return needed
}

// sum adds the gradient more, one of din, to have. The gradient of a norm takes what has
// come by the residual path along in the same pass. That changes the value more itself,
// so it must be one that nothing else reads: traced for din, by the nodes from made on,
// and not passed through from a later node, nor to two inputs.
func sum(have, more *Value, made int, din []*Value) *Value {
	n := more.Node
	op, ok := n.Op.(takesAddend)
	if !ok || more.Index != 0 || !op.addend(n) || n.ID < made || have.Node.ID > n.ID {
		return Add(have, more)
	}
	uses := 0
	for _, v := range din {
		if v == more {
			uses++
		}
	}
	for _, later := range n.graph.Nodes[n.ID+1:] {
		if slices.Contains(later.In, more) {
			uses++
		}
	}
	if uses > 1 {
		return Add(have, more)
	}
	n.In = append(n.In, have)
	return more
}

// takesAddend is an Op that can add a last, optional input to its first output.
type takesAddend interface {
	// addend reports whether n has none yet.
	addend(n *Node) bool
}
