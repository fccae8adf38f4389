package cpu

import (
	"cmp"
	"slices"

	"hone/tensor"
)

// storage is memory that one or more values have in turn: a value and its views,
// and results that overwrite an operand.
type storage struct {
	floats int // size, in floats; integers are as large
	first  int // the node that defines it
	last   int // the last node that touches it; len(nodes) if it outlives the run
	// Where it is: the arena from offset, or
	offset int
	input  string         // an input's own memory, or
	result *tensor.Tensor // memory that outlives the run
}

func (s *storage) external() bool { return s.input != "" || s.result != nil }

// plan is a graph with a place for every value.
type plan struct {
	nodes   []*tensor.Node // those that are needed, in order
	ends    []int          // for each node the end of its group, or 0
	place   map[*tensor.Value]*storage
	scratch []*storage // of each node, nil where it needs none
	floats  int        // size of the arena
	// copies are results that could not be computed where they belong.
	copies []tensor.Output
	// results are tensors that outlive a run, by output name.
	results map[string]*tensor.Tensor
}

// newPlan decides what runs and where every value lives. into gives memory for
// results by name; scratch says how many floats a node's kernel needs besides.
func newPlan(g *tensor.Graph, into map[string]*tensor.Tensor, scratch func(n *tensor.Node, grouped bool) int) *plan {
	p := &plan{place: map[*tensor.Value]*storage{}, results: map[string]*tensor.Tensor{}}
	p.nodes, p.ends = grouped(needed(g))
	lastUse := map[*tensor.Value]int{}
	for i, n := range p.nodes {
		for _, v := range n.In {
			lastUse[v] = i
		}
	}
	// A value that is a result has its memory from the start; the first name it has decides.
	result := map[*tensor.Value]*tensor.Tensor{}
	updated := map[string]*tensor.Value{} // by input name
	for _, o := range g.Outputs {
		lastUse[o.Value] = len(p.nodes)
		if o.Into != "" {
			if _, twice := updated[o.Into]; !twice {
				updated[o.Into] = o.Value
			}
			continue
		}
		t := into[o.Name]
		if t == nil {
			t = newTensor(o.Value.Type)
		}
		p.results[o.Name] = t
		if result[o.Value] == nil {
			result[o.Value] = t
		}
	}
	for i, n := range p.nodes {
		p.define(i, n, lastUse, result, updated)
		var s *storage
		if k := scratch(n, p.ends[i] > 0); k > 0 {
			s = &storage{floats: k, first: i, last: i}
		}
		p.scratch = append(p.scratch, s)
	}
	for _, o := range g.Outputs {
		s := p.place[o.Value]
		if o.Into != "" && s.input != o.Into || o.Into == "" && s.result != p.results[o.Name] {
			p.copies = append(p.copies, o)
		}
	}
	p.pack()
	return p
}

// needed are the nodes that the outputs depend on.
func needed(g *tensor.Graph) (out []*tensor.Node) {
	for id, yes := range g.Needed() {
		if yes {
			out = append(out, g.Nodes[id])
		}
	}
	return out
}

// define gives the outputs of node i a place.
func (p *plan) define(i int, n *tensor.Node, lastUse map[*tensor.Value]int, result map[*tensor.Value]*tensor.Tensor, updated map[string]*tensor.Value) {
	if op, ok := n.Op.(tensor.InputOp); ok {
		p.place[n.Out[0]] = &storage{first: -1, last: len(p.nodes), input: op.Label}
		return
	}
	if _, ok := n.Op.(tensor.ReshapeOp); ok { // a view
		s := p.place[n.In[0]]
		p.place[n.Out[0]] = s
		if r := result[n.Out[0]]; r != nil && !s.external() {
			s.result = r
		}
		p.extend(s, n.Out[0], i, lastUse)
		return
	}
	if op, ok := n.Op.(tensor.InPlace); ok {
		for _, pair := range op.Overwrites() {
			out, in := pair[0], pair[1]
			if in >= len(n.In) || p.place[n.Out[out]] != nil {
				continue
			}
			if s := p.place[n.In[in]]; p.overwritable(s, i, n, n.Out[out], in, result, updated) {
				p.place[n.Out[out]] = s
				if r := result[n.Out[out]]; r != nil && s.input == "" {
					s.result = r
				}
				p.extend(s, n.Out[out], i, lastUse)
			}
		}
	}
	for _, v := range n.Out {
		if p.place[v] == nil {
			s := &storage{floats: v.Size(), first: i, result: result[v]}
			p.place[v] = s
			p.extend(s, v, i, lastUse)
		}
	}
}

// extend keeps s until v's last use; a value that nobody uses is still written.
func (p *plan) extend(s *storage, v *tensor.Value, i int, lastUse map[*tensor.Value]int) {
	s.last = max(s.last, i, lastUse[v])
}

// overwritable reports whether node i may write out where its input in is.
func (p *plan) overwritable(s *storage, i int, n *tensor.Node, out *tensor.Value, in int, result map[*tensor.Value]*tensor.Tensor, updated map[string]*tensor.Value) bool {
	if !out.Type.Equal(n.In[in].Type) {
		return false
	}
	for j, v := range n.In { // no other operand may be there
		if j != in && p.place[v] == s {
			return false
		}
	}
	for _, v := range n.Out { // nor another result
		if p.place[v] == s {
			return false
		}
	}
	if s.input != "" { // only to update it, and when all others have read it
		return updated[s.input] == out && p.lastRead(s) <= i
	}
	if s.result != nil && s.result != result[out] {
		return false
	}
	return s.last <= i
}

// lastRead is the last node that reads an input's own memory.
func (p *plan) lastRead(s *storage) int {
	last := -1
	for i, n := range p.nodes {
		for _, v := range n.In {
			if p.place[v] == s {
				last = i
			}
		}
	}
	return last
}

// pack places the arena's storages: the largest first, each at the lowest offset
// that no storage alive at the same time covers (greedy by size, Pisarchyk and Lee,
// "Efficient Memory Management for Deep Neural Net Inference", 2020).
func (p *plan) pack() {
	var all []*storage
	seen := map[*storage]bool{}
	collect := func(s *storage) {
		if s != nil && !s.external() && !seen[s] {
			seen[s] = true
			if s.last < len(p.nodes) && p.ends[s.last] > 0 {
				s.last = p.ends[s.last] - 1 // a group is one moment
			}
			s.floats = (s.floats + 15) &^ 15 // a cache line
			all = append(all, s)
		}
	}
	for i, n := range p.nodes {
		for _, v := range n.Out {
			collect(p.place[v])
		}
		collect(p.scratch[i])
	}
	slices.SortStableFunc(all, func(a, b *storage) int { return cmp.Compare(b.floats, a.floats) })
	var placed []*storage // by offset
	for _, s := range all {
		at := 0
		for _, o := range placed {
			if o.first > s.last || s.first > o.last {
				continue
			}
			if at+s.floats <= o.offset {
				break
			}
			at = max(at, o.offset+o.floats)
		}
		s.offset = at
		i, _ := slices.BinarySearchFunc(placed, at, func(o *storage, at int) int { return cmp.Compare(o.offset, at) })
		placed = slices.Insert(placed, i, s)
		p.floats = max(p.floats, at+s.floats)
	}
}

func newTensor(t tensor.Type) *tensor.Tensor {
	if t.DType == tensor.I32 {
		return tensor.NewInts(t.Shape...)
	}
	return tensor.New(t.Shape...)
}
