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
		reach := l.reach()
		for from, node := range l.Nodes {
			for _, to := range reach[l.Tree.Nodes[node].Parent] {
				if int(to) != from && !yield(from, int(to)) {
					return
				}
			}
		}
	}
}

// reach lists, for each node that is a leaf's parent, the leaves which that leaf's edges
// go to. A leaf is in the lists of its parent and of its grandparent at most.
func (l *Leaves) reach() map[int32][]int32 {
	t := l.Tree
	reach := make(map[int32][]int32, len(l.Nodes)/2)
	for _, node := range l.Nodes {
		if parent := t.Nodes[node].Parent; parent >= 0 {
			reach[parent] = nil
		}
	}
	for leaf, node := range l.Nodes {
		parent := t.Nodes[node].Parent
		if parent < 0 {
			continue
		}
		reach[parent] = append(reach[parent], int32(leaf))
		above := t.Nodes[parent].Parent
		if _, wanted := reach[above]; wanted && t.role(int(parent)) != block {
			reach[above] = append(reach[above], int32(leaf))
		}
	}
	return reach
}
