package dataflow

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"
	"unicode/utf8"

	"hone/source"
)

// Match counts what a candidate shares with a reference.
type Match struct {
	Matched int `json:"matched"`
	Total   int `json:"total"` // in the reference
}

// Score is the share matched, 0 to 1. ok is false where the reference has nothing to match,
// which says nothing about the candidate.
func (m Match) Score() (score float64, ok bool) {
	if m.Total == 0 {
		return 0, false
	}
	return float64(m.Matched) / float64(m.Total), true
}

// Similarity is how much of a reference's syntax and data flow a candidate has, as in
// CodeBLEU (Ren et al. 2020, sections 3.2 and 3.3).
type Similarity struct {
	Syntax   Match `json:"syntax"`
	DataFlow Match `json:"data_flow"`
}

// SyntaxMatch counts the sub-trees of the reference that the candidate has, names and
// literals aside. A sub-tree of the candidate matches once.
func SyntaxMatch(candidate, reference *source.Tree) Match {
	return clipped(subtrees(candidate), subtrees(reference))
}

// DataFlowMatch counts the edges of the reference that the candidate has, with variables
// numbered in the order of their first occurrence in an edge. An edge of the candidate
// matches once.
func DataFlowMatch(candidate, reference Graph) Match {
	return clipped(normalised(candidate), normalised(reference))
}

// clipped counts elements of the reference that the candidate has, each of the candidate's used once.
func clipped[T comparable](candidate, reference []T) Match {
	left := make(map[T]int, len(candidate))
	for _, x := range candidate {
		left[x]++
	}
	m := Match{Total: len(reference)}
	for _, x := range reference {
		if left[x] > 0 {
			left[x]--
			m.Matched++
		}
	}
	return m
}

// flowEdge is an edge between numbered variables.
type flowEdge struct {
	to, from int
	relation Relation
}

func normalised(g Graph) []flowEdge {
	used := make([]bool, len(g.Nodes))
	for _, e := range g.Edges {
		used[e.To], used[e.From] = true, true
	}
	numbers := map[string]int{}
	for i, n := range g.Nodes {
		if _, ok := numbers[n.Name]; used[i] && !ok {
			numbers[n.Name] = len(numbers)
		}
	}
	edges := make([]flowEdge, len(g.Edges))
	for i, e := range g.Edges {
		edges[i] = flowEdge{numbers[g.Nodes[e.To].Name], numbers[g.Nodes[e.From].Name], e.Relation}
	}
	return edges
}

// CompatibleSimilarity is what the PyPI package codebleu (0.7.0) counts: comments and
// docstrings are removed first, a sub-tree of the candidate matches any number of times, and
// data flow is that of [Entries]. Where the reference has no data flow, codebleu scores 0
// and counts that as 1 in the sum; here Total is 0. Where codebleu's answer depends on the
// order of Python's sets, which changes from run to run, names stand in order of appearance.
func CompatibleSimilarity(lang source.Language, candidate, reference []byte) (Similarity, error) {
	var trees [2]*source.Tree
	for i, program := range [...][]byte{candidate, reference} {
		tree, err := source.Parse(lang, Strip(lang, bytes.TrimSpace(program)).Text)
		if err != nil {
			return Similarity{}, fmt.Errorf("similarity: %w", err)
		}
		trees[i] = tree
	}
	return Similarity{Syntax: presence(trees[0], trees[1]), DataFlow: itemMatch(trees[0], trees[1])}, nil
}

// presence counts the sub-trees of the reference that occur in the candidate.
func presence(candidate, reference *source.Tree) Match {
	has := map[uint64]bool{}
	for _, s := range subtrees(candidate) {
		has[s] = true
	}
	all := subtrees(reference)
	m := Match{Total: len(all)}
	for _, s := range all {
		if has[s] {
			m.Matched++
		}
	}
	return m
}

// itemMatch counts codebleu's items of data flow: what each leaf comes from.
func itemMatch(candidate, reference *source.Tree) Match {
	return clipped(items(candidate), items(reference))
}

// items are the entries of a tree, one a leaf, with names numbered in order of appearance.
func items(tree *source.Tree) []string {
	list, _ := Entries(tree)
	merged := list[:0]
	for _, x := range list {
		if n := len(merged) - 1; n >= 0 && merged[n].Leaf == x.Leaf {
			merged[n].ParentNames = unite(merged[n].ParentNames, x.ParentNames)
			continue
		}
		merged = append(merged, x)
	}
	numbers := map[string]int{}
	number := func(name string) int {
		n, ok := numbers[name]
		if !ok {
			n = len(numbers)
			numbers[name] = n
		}
		return n
	}
	out := make([]string, len(merged))
	for i, x := range merged {
		parents := make([]int, len(x.ParentNames))
		for k, name := range x.ParentNames {
			parents[k] = number(name)
		}
		out[i] = fmt.Sprint(number(x.Name), x.Relation, parents)
	}
	return out
}

// shapeSeed makes hashes of sub-trees, which are only compared with each other.
var shapeSeed = maphash.MakeSeed()

// subtrees hashes the S-expressions of the root and of all nodes with children.
func subtrees(t *source.Tree) []uint64 {
	hashes := make([]uint64, len(t.Nodes))
	var list []uint64
	var h maphash.Hash
	h.SetSeed(shapeSeed)
	// Children stand behind their parents, so from the end all of a node's are known.
	for i := len(t.Nodes) - 1; i >= 0; i-- {
		h.Reset()
		writeNode(&h, t, i)
		writeChildren(&h, t, i, hashes)
		hashes[i] = h.Sum64()
		if i == 0 || !t.IsLeaf(i) {
			list = append(list, hashes[i])
		}
	}
	slices.Reverse(list)
	return list
}

// writeNode writes what an S-expression says of a node itself.
func writeNode(h *maphash.Hash, t *source.Tree, i int) {
	h.WriteString(t.Kind(i))
	if t.Is(i, source.Missing) {
		h.WriteString(" MISSING")
	}
	if t.IsError(i) && t.IsLeaf(i) && t.Span(i).Len() > 0 {
		r, _ := utf8.DecodeRune(t.Text(i))
		h.WriteString(" UNEXPECTED " + string(r))
	}
}

// writeChildren writes the children that an S-expression shows; of tokens it shows what is
// below them.
func writeChildren(h *maphash.Hash, t *source.Tree, i int, hashes []uint64) {
	for c := range t.Children(i) {
		if !t.Is(c, source.Named) && !t.Is(c, source.Missing) {
			writeChildren(h, t, c, hashes)
			continue
		}
		h.WriteString(t.Field(c))
		h.WriteByte(0)
		maphash.WriteComparable(h, hashes[c])
	}
}
