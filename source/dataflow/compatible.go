package dataflow

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"hone/source"
)

// Compatible is the data flow of a tree by GraphCodeBERT's rules: its nodes are the leaves
// that [Entries] relates. What is wrong with those rules is kept: names have no scopes,
// x += v forgets the old x, a loop with else loses its body, a.b = c + d pairs b with d.
//
// GraphCodeBERT counts the columns of a line in bytes and cuts text by characters, so that a
// name behind a character outside ASCII is read as other text; this too is kept, and Name
// is what it reads.
func Compatible(tree *source.Tree) Graph {
	e := newExtractor(tree)
	list, complete := e.entries()
	edges := 0
	for _, x := range list {
		edges += len(x.Parents)
	}
	g := Graph{Truncated: !complete, Nodes: make([]Node, 0, len(list)), Edges: make([]Edge, 0, min(edges, maxEdges))}
	nodes := make([]int32, len(e.nodeOf)) // by leaf: 1 + its node, or 0
	node := func(leaf int) int {
		if nodes[leaf] == 0 {
			g.Nodes = append(g.Nodes, Node{e.names[leaf], tree.Span(int(e.nodeOf[leaf])), leaf})
			nodes[leaf] = int32(len(g.Nodes))
		}
		return int(nodes[leaf]) - 1
	}
	for _, x := range list {
		to := node(x.Leaf)
		for _, p := range x.Parents {
			if len(g.Edges) == maxEdges {
				g.Truncated = true
				break
			}
			g.Edges = append(g.Edges, Edge{To: to, From: node(p), Relation: x.Relation})
		}
	}
	g.order()
	return g
}

// CompatibleSource is [Compatible] of a program as GraphCodeBERT prepares it: comments and
// docstrings are removed before it is parsed. Spans are those of src, leaves those of the
// program without comments and docstrings.
func CompatibleSource(lang source.Language, src []byte) (Graph, error) {
	stripped := Strip(lang, src)
	tree, err := source.Parse(lang, stripped.Text)
	if err != nil {
		return Graph{}, fmt.Errorf("data flow: %w", err)
	}
	g := Compatible(tree)
	for i := range g.Nodes {
		g.Nodes[i].Span = stripped.Original(g.Nodes[i].Span)
	}
	return g, nil
}

// reader cuts text as GraphCodeBERT does: columns in bytes are used as if in characters,
// and line ends inside a leaf are dropped.
type reader struct {
	src    []byte
	text   string // the same, to be cut without copies
	starts []int  // first bytes of lines; nil where all is ASCII
	line   int    // the line that runes holds, or -1
	runes  []rune
}

func newReader(src []byte) *reader {
	r := &reader{src: src, text: string(src), line: -1}
	if !slices.ContainsFunc(src, func(c byte) bool { return c >= utf8.RuneSelf }) {
		return r
	}
	r.starts = []int{0}
	for i, c := range src {
		if c == '\n' {
			r.starts = append(r.starts, i+1)
		}
	}
	return r
}

func (r *reader) read(span source.Span) string {
	if r.starts == nil {
		return strings.ReplaceAll(r.text[span.Start:span.End], "\n", "")
	}
	first, last := r.row(span.Start), r.row(span.End)
	if first == last {
		return r.cut(first, span.Start-r.starts[first], span.End-r.starts[first])
	}
	var b strings.Builder
	b.WriteString(r.cut(first, span.Start-r.starts[first], len(r.src)))
	for row := first + 1; row < last; row++ {
		b.WriteString(r.cut(row, 0, len(r.src)))
	}
	b.WriteString(r.cut(last, 0, span.End-r.starts[last]))
	return b.String()
}

// row is the line, from 0, of a byte.
func (r *reader) row(offset int) int { return sort.SearchInts(r.starts, offset+1) - 1 }

// cut is a range of a line's characters, as far as there are any.
func (r *reader) cut(row, from, to int) string {
	if row != r.line {
		end := len(r.src)
		if row+1 < len(r.starts) {
			end = r.starts[row+1] - 1
		}
		r.line, r.runes = row, []rune(string(r.src[r.starts[row]:end]))
	}
	to = min(to, len(r.runes))
	return string(r.runes[min(from, to):to])
}
