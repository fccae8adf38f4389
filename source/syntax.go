package source

import "iter"

// Syntax are the directed edges (from, to) of the syntax graph, which the attention of
// models is compared with ("motif structure", "A Critical Study of What Code-LLMs (Do
// Not) Learn", section 3): a leaf with parent P is linked to the other leaves under P,
// and to the leaves directly under those children of P that are neither leaves nor
// blocks. Both ends are indices of leaves; edges come in their order, each once.
//
// The number of edges is quadratic in the number of leaves under one parent, as in a
// long list: a caller with limits should count.
func (l *Leaves) Syntax() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		first, reached := l.reach()
		for from, node := range l.Nodes {
			parent := l.Tree.Nodes[node].Parent
			if parent < 0 {
				continue
			}
			for _, to := range reached[first[parent]:first[parent+1]] {
				if int(to) != from && !yield(from, int(to)) {
					return
				}
			}
		}
	}
}

// reach lists, for each node that is a leaf's parent, the leaves which that leaf's edges
// go to, in order: those of node i are reached[first[i]:first[i+1]]. A leaf is in the
// lists of its parent and of its grandparent at most.
func (l *Leaves) reach() (first, reached []int32) {
	t := l.Tree
	isParent := make([]bool, len(t.Nodes))
	for _, node := range l.Nodes {
		if parent := t.Nodes[node].Parent; parent >= 0 {
			isParent[parent] = true
		}
	}
	// lists calls add with each node whose list a leaf is in.
	lists := func(node int32, add func(of int32)) {
		parent := t.Nodes[node].Parent
		if parent < 0 {
			return
		}
		add(parent)
		if above := t.Nodes[parent].Parent; above >= 0 && isParent[above] && t.role(int(parent)) != block {
			add(above)
		}
	}

	// Sizes, two places to the right, become beginnings, one place to the right, which
	// move to the ends as lists fill: the beginnings of the next ones.
	first = make([]int32, len(t.Nodes)+2)
	for _, node := range l.Nodes {
		lists(node, func(of int32) { first[of+2]++ })
	}
	for i := 2; i < len(first); i++ {
		first[i] += first[i-1]
	}
	reached = make([]int32, first[len(first)-1])
	for leaf, node := range l.Nodes {
		lists(node, func(of int32) {
			reached[first[of+1]] = int32(leaf)
			first[of+1]++
		})
	}
	return first, reached
}
