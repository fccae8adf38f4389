package source

import (
	"iter"
	"strings"
)

// Flags says what is special about a node.
type Flags uint8

// The flags of a node.
const (
	Named    Flags = 1 << iota // has a rule's name; the others are tokens written as themselves
	Extra                      // may stand anywhere, as comments do
	Missing                    // not in the text: added to make the rest fit
	HasError                   // is an error or missing, or something inside it is
)

// errorSymbol is the kind of text that fits no rule.
const errorSymbol = 0xffff

// A Node is one node of a [Tree]. A node that is not a tree's root has a parent before
// it; the nodes below node i are those from i+1 to Next-1.
type Node struct {
	Symbol uint16 // number of the kind in the grammar; see [Tree.Kind]
	Field  uint8  // number of the field of the parent that it is, or 0; see [Tree.Field]
	Flags  Flags
	Start  uint32 // byte offset of the first byte
	End    uint32 // byte offset after the last byte
	Parent int32  // index, -1 for the root
	Next   int32  // index one past the last node of this subtree
	Depth  int32  // 0 for the root
}

// Tree is a syntax tree as tree-sitter builds it. It is immutable, and safe for
// concurrent use.
type Tree struct {
	Language Language
	Source   []byte
	// Nodes are in preorder; Nodes[0] is the root and there always is one.
	Nodes []Node

	grammar *grammar
}

// Kind is the name of node i's kind: a rule of the grammar, or the text of a token, or
// ERROR.
func (t *Tree) Kind(i int) string {
	s := t.Nodes[i].Symbol
	if int(s) < len(t.grammar.kinds) {
		return t.grammar.kinds[s]
	}
	return "ERROR"
}

// Field is the name of the field of its parent that node i is, or "".
func (t *Tree) Field(i int) string {
	f := t.Nodes[i].Field
	if int(f) < len(t.grammar.fields) {
		return t.grammar.fields[f]
	}
	return ""
}

// Is reports whether node i has all of the flags.
func (t *Tree) Is(i int, flags Flags) bool { return t.Nodes[i].Flags&flags == flags }

// IsError reports whether node i is text that fits no rule.
func (t *Tree) IsError(i int) bool { return t.Nodes[i].Symbol == errorSymbol }

// IsLeaf reports whether node i has no children.
func (t *Tree) IsLeaf(i int) bool { return int(t.Nodes[i].Next) == i+1 }

// Span is node i's place in the source.
func (t *Tree) Span(i int) Span { return Span{int(t.Nodes[i].Start), int(t.Nodes[i].End)} }

// Text is the source of node i. It must not be changed.
func (t *Tree) Text(i int) []byte { return t.Source[t.Nodes[i].Start:t.Nodes[i].End] }

// Children are the indices of node i's children, in order.
func (t *Tree) Children(i int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for c := i + 1; c < int(t.Nodes[i].Next); c = int(t.Nodes[c].Next) {
			if !yield(c) {
				return
			}
		}
	}
}

// Child is the index of node i's first child that is the named field, or -1.
func (t *Tree) Child(i int, field string) int {
	for c := range t.Children(i) {
		if t.Field(c) == field {
			return c
		}
	}
	return -1
}

// SExpression writes node i and what is below it as tree-sitter's tools do: named nodes
// with their fields, and missing tokens. An error of one token is written ERROR.
func (t *Tree) SExpression(i int) string {
	var b strings.Builder
	open := []int32{} // ends of the subtrees whose bracket is open
	for k := i; k < int(t.Nodes[i].Next); k++ {
		for len(open) > 0 && int(open[len(open)-1]) <= k {
			b.WriteByte(')')
			open = open[:len(open)-1]
		}
		if !t.Is(k, Named) && !t.Is(k, Missing) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if f := t.Field(k); f != "" && k != i {
			b.WriteString(f + ": ")
		}
		b.WriteByte('(')
		kind := t.Kind(k)
		if t.Is(k, Missing) {
			b.WriteString("MISSING ")
			if !t.Is(k, Named) {
				kind = `"` + kind + `"`
			}
		}
		b.WriteString(kind)
		open = append(open, t.Nodes[k].Next)
	}
	for range open {
		b.WriteByte(')')
	}
	return b.String()
}
