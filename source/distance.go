package source

import (
	"math"
	"slices"
)

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
	fits := n > 0 && slices.Max(depth) <= math.MaxUint16/2
	for i, own := range depth {
		row, above, deeper, last := all[i*n:i*n+n], []uint16(nil), int32(0), int32(-1)
		if i > 0 && fits {
			above, deeper, last = all[(i-1)*n:i*n], own-depth[i-1], meet[i-1]
		}
		// A leaf that meets this one no deeper than the last leaf does meets both in one node.
		j, common := i+1, own
		for ; j < n; j++ {
			if common = min(common, meet[j-1]); common <= last {
				shift(row[j:], above[j:], deeper)
				break
			}
			row[j] = uint16(min(own+depth[j]-2*common, math.MaxUint16))
		}
		common = own
		for j = i - 1; j >= 0; j-- {
			if j < i-1 && meet[j] <= last {
				shift(row[:j+1], above[:j+1], deeper)
				break
			}
			common = min(common, meet[j])
			row[j] = uint16(min(own+depth[j]-2*common, math.MaxUint16))
		}
	}
	return all
}

// shift sets row to the one above it plus a number.
func shift(row, above []uint16, by int32) {
	if by == 0 {
		copy(row, above)
		return
	}
	row = row[:len(above)]
	for j, d := range above {
		row[j] = d + uint16(by)
	}
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
