package source

import "math"

// Ancestor is the lowest node that has both nodes u and v in its subtree.
func (t *Tree) Ancestor(u, v int) int {
	for u != v {
		// In preorder an ancestor comes before what is below it.
		if u > v {
			u = int(t.Nodes[u].Parent)
		} else {
			v = int(t.Nodes[v].Parent)
		}
	}
	return u
}

// Distance is the number of edges between nodes u and v in the tree:
// depth(u) + depth(v) − 2·depth(lowest common ancestor).
func (t *Tree) Distance(u, v int) int {
	a := t.Ancestor(u, v)
	return int(t.Nodes[u].Depth + t.Nodes[v].Depth - 2*t.Nodes[a].Depth)
}

// Distances are the distances in the tree between all leaves: from leaf i to leaf j at
// [i*n+j], with n leaves, and 65,535 for any that is larger. It is 2·n² bytes.
func (l *Leaves) Distances() []uint16 {
	n := len(l.Nodes)
	depth := make([]int32, n)
	for i, node := range l.Nodes {
		depth[i] = l.Tree.Nodes[node].Depth
	}
	meet := l.meetings()
	all := make([]uint16, n*n)
	for i := range n {
		row, common := all[i*n:i*n+n], depth[i]
		for j := i + 1; j < len(row); j++ {
			common = min(common, meet[j-1])
			row[j] = uint16(min(depth[i]+depth[j]-2*common, math.MaxUint16))
		}
		common = depth[i]
		for j := i - 1; j >= 0; j-- {
			common = min(common, meet[j])
			row[j] = uint16(min(depth[i]+depth[j]-2*common, math.MaxUint16))
		}
	}
	return all
}

// meetings are, for each leaf but the last, the depth of the lowest common ancestor of it
// and the next one. That of any two leaves is the smallest between them, because leaves
// are in preorder.
func (l *Leaves) meetings() []int32 {
	meet := make([]int32, max(0, len(l.Nodes)-1))
	for k := range meet {
		// The ancestor is the parent of the highest node on the way to the next leaf.
		u, v := l.Nodes[k], l.Nodes[k+1]
		highest := l.Tree.Nodes[v].Depth
		for i := u + 1; i < v; i++ {
			highest = min(highest, l.Tree.Nodes[i].Depth)
		}
		meet[k] = highest - 1
	}
	return meet
}
