// Package dataflow says where the values of variables come from.
//
// A graph has one node for every occurrence of a variable and two relations, named as in
// GraphCodeBERT (Guo et al., ICLR 2021): a use comes from the definitions that may reach
// it, and a definition comes from the variable that it copies or is computed from those
// in the expression assigned. [Of] follows Python's semantics; [Compatible] follows
// GraphCodeBERT's extractor to the letter, faults included.
//
// What Of decides where there is a choice:
//
//   - Control is no data flow: the test of a conditional expression or of a loop, and the
//     conditions of a comprehension, are read but nothing is computed from them.
//   - Identity passes through parentheses, :=, both branches of a conditional expression,
//     operands of and/or, and between displays of equal length (a, b = c, d). Everything
//     else computes.
//   - A store to an attribute or element (a.b = v, a[i] = v, del a[i]) is a use of a and a
//     weak definition at the same place: it adds to what reaches later uses of a and ends
//     nothing. Other names of the object and methods that change it are not followed.
//   - x += v is one occurrence that reads and writes: it is computed from the definitions
//     of x before it and from v.
//   - A variable of an enclosing scope that is read in a function, lambda or generator
//     expression comes from the definitions that reach the place where that is created and
//     from those that may be executed later (Captured). Definitions made elsewhere by global
//     or nonlocal always reach.
//   - A lambda computes from what its body reads of outside, a def from its decorators and
//     from what it captures of enclosing functions; defaults flow into parameters.
//   - A context manager may swallow an exception, so what is assigned in the body of a with
//     may or may not reach what follows.
package dataflow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hone/source"
)

// Relation is how the value of one occurrence follows from another's.
type Relation uint8

// The relations, named as in GraphCodeBERT.
const (
	// ComesFrom: it is the same value.
	ComesFrom Relation = iota
	// ComputedFrom: it is computed from the value.
	ComputedFrom
)

// String is GraphCodeBERT's name of the relation.
func (r Relation) String() string {
	if r == ComputedFrom {
		return "computedFrom"
	}
	return "comesFrom"
}

// MarshalText writes the relation's name.
func (r Relation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Node is one occurrence of a variable.
type Node struct {
	Name string      `json:"name"`
	Span source.Span `json:"span"`
	// Leaf is the index among the leaves of the syntax tree in a graph of [Compatible], -1 in one of [Of].
	Leaf int `json:"leaf"`
}

// Edge says that the value at Nodes[To] follows from the one at Nodes[From].
type Edge struct {
	To       int      `json:"to"`
	From     int      `json:"from"`
	Relation Relation `json:"relation"`
	// LoopCarried: only by going round a loop that holds both.
	LoopCarried bool `json:"loop_carried,omitempty"`
	// Captured: through a variable of another scope, whatever the order of calls.
	Captured bool `json:"captured,omitempty"`
}

// Graph is the data flow of a program. Nodes are in the order of the text, edges in that of
// their To and then From; no edge comes twice.
type Graph struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
	// Truncated says that the program needs more than the limits of work and edges, so that
	// edges are missing.
	Truncated bool `json:"truncated,omitempty"`
}

// Text lists the edges, one a line: "2:11 total comesFrom 1:4 total", lines from 1 and
// columns in bytes from 0, with "loop" and "captured" behind where they hold.
func (g Graph) Text(lines *source.Lines) string {
	var b strings.Builder
	for _, e := range g.Edges {
		to, from := lines.Position(g.Nodes[e.To].Span.Start), lines.Position(g.Nodes[e.From].Span.Start)
		fmt.Fprintf(&b, "%d:%d %s %s %d:%d %s", to.Line, to.Column, g.Nodes[e.To].Name, e.Relation,
			from.Line, from.Column, g.Nodes[e.From].Name)
		if e.LoopCarried {
			b.WriteString(" loop")
		}
		if e.Captured {
			b.WriteString(" captured")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// order brings nodes and edges into their order and merges edges that differ in marks only:
// a mark stays where every one of them has it.
func (g *Graph) order() {
	rank := make([]int, len(g.Nodes)) // rank[i] is the old index of the i-th node
	for i := range rank {
		rank[i] = i
	}
	slices.SortStableFunc(rank, func(a, b int) int {
		return cmp.Compare(g.Nodes[a].Span.Start, g.Nodes[b].Span.Start)
	})
	nodes, place := make([]Node, len(rank)), make([]int, len(rank))
	for now, old := range rank {
		nodes[now], place[old] = g.Nodes[old], now
	}
	g.Nodes = nodes
	for i := range g.Edges {
		g.Edges[i].To, g.Edges[i].From = place[g.Edges[i].To], place[g.Edges[i].From]
	}
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		if c := cmp.Compare(a.To, b.To); c != 0 {
			return c
		}
		if c := cmp.Compare(a.From, b.From); c != 0 {
			return c
		}
		return cmp.Compare(a.Relation, b.Relation)
	})
	kept := g.Edges[:0]
	for _, e := range g.Edges {
		if n := len(kept) - 1; n >= 0 && kept[n].To == e.To && kept[n].From == e.From && kept[n].Relation == e.Relation {
			kept[n].LoopCarried = kept[n].LoopCarried && e.LoopCarried
			kept[n].Captured = kept[n].Captured && e.Captured
			continue
		}
		kept = append(kept, e)
	}
	g.Edges = kept
}
