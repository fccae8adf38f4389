package tensor

// Lower writes the whole graph in primitive operations, as far as its operations
// are [Lowerable]; the others stay.
func Lower(g *Graph) (*Graph, error) {
	for {
		again := false
		out, err := Trace(func(to *Graph) { again = lowerOnce(g, to) })
		if err != nil || !again {
			return out, err
		}
		g = out
	}
}

// lowerOnce copies g into to, lowering what it meets, and reports whether the result
// has operations that can be lowered further.
func lowerOnce(g, to *Graph) (again bool) {
	at := map[*Value]*Value{}
	needed := g.Needed()
	for _, n := range g.Nodes {
		if _, input := n.Op.(InputOp); !needed[n.ID] && !input {
			continue
		}
		in := make([]*Value, len(n.In))
		for i, v := range n.In {
			in[i] = at[v]
		}
		to.scope = to.scope[:0]
		if n.Scope != "" {
			to.scope = append(to.scope, n.Scope)
		}
		var out []*Value
		if op, ok := n.Op.(Lowerable); ok {
			first := len(to.Nodes)
			out = op.Lower(in)
			for _, made := range to.Nodes[first:] {
				if _, more := made.Op.(Lowerable); more {
					again = true
				}
			}
		} else {
			out = to.Apply(n.Op, in...)
		}
		for i, v := range n.Out {
			at[v] = out[i]
		}
		if _, input := n.Op.(InputOp); input {
			to.Inputs = append(to.Inputs, out[0])
		}
	}
	to.scope = nil
	for _, o := range g.Outputs {
		if at[o.Value] == nil {
			to.Fail("output %q is kept by %v for its gradient only and has no lowering", o.Name, o.Value.Node)
		}
		o.Value = at[o.Value]
		to.Outputs = append(to.Outputs, o)
	}
	return again
}
