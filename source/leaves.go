package source

import "strings"

// Leaves are the tokens of a program as analyses of models see them: the leaves of its
// tree in the order of the text, with a string or character literal as one leaf, whatever
// is in it, and without comments, docstrings, line continuations and what is not in the
// text. It is immutable.
type Leaves struct {
	Tree *Tree
	// Nodes are the leaves' nodes in the tree, ascending. Their spans ascend too and do
	// not overlap; none is empty.
	Nodes []int32
}

// role is what a kind of node means for leaves and their relations.
type role uint8

const (
	literal    role = 1 << iota // a leaf even when it has children
	dropped                     // no leaf, nor anything in it
	identifier                  // a name
	block                       // statements or members, which relations do not reach into
)

// roles are the kinds that are special in each language.
var roles = [languages]map[string]role{
	Python: {
		"string": literal, "comment": dropped, "line_continuation": dropped,
		"identifier": identifier, "block": block,
	},
	C: {
		"string_literal": literal, "raw_string_literal": literal, "char_literal": literal, "comment": dropped,
		"identifier": identifier, "compound_statement": block, "declaration_list": block,
		"field_declaration_list": block, "enumerator_list": block,
	},
	Java: {
		"string_literal": literal, "character_literal": literal, "line_comment": dropped, "block_comment": dropped,
		"identifier": identifier, "block": block, "constructor_body": block, "switch_block": block,
		"class_body": block, "interface_body": block, "enum_body": block, "annotation_type_body": block,
		"module_body": block,
	},
}

func (t *Tree) role(i int) role {
	if s := int(t.Nodes[i].Symbol); s < len(t.grammar.roles) {
		return t.grammar.roles[s]
	}
	return 0
}

// Leaves finds the leaves of the tree.
func (t *Tree) Leaves() *Leaves {
	leaves := &Leaves{Tree: t, Nodes: make([]int32, 0, len(t.Nodes)/2)}
	for i := 0; i < len(t.Nodes); {
		n := &t.Nodes[i]
		switch r := t.role(i); {
		case r == dropped || t.isDocstring(i):
			i = int(n.Next)
		case r == literal || int(n.Next) == i+1:
			if n.Start < n.End {
				leaves.Nodes = append(leaves.Nodes, int32(i))
			}
			i = int(n.Next)
		default:
			i++
		}
	}
	return leaves
}

// isDocstring reports whether node i is a statement of Python that is a docstring: strings
// alone, neither bytes nor formatted, first in a module, a class or a function.
func (t *Tree) isDocstring(i int) bool {
	if t.Language != Python || t.Kind(i) != "expression_statement" {
		return false
	}
	body := int(t.Nodes[i].Parent)
	if body < 0 || !t.isFirst(i, body) {
		return false
	}
	if t.Kind(body) != "module" {
		owner := int(t.Nodes[body].Parent)
		if t.Kind(body) != "block" || owner < 0 {
			return false
		}
		if kind := t.Kind(owner); kind != "class_definition" && kind != "function_definition" {
			return false
		}
	}
	value := i + 1
	if int(t.Nodes[value-1].Next) == value || t.Nodes[value].Next != t.Nodes[i].Next {
		return false
	}
	if t.Kind(value) != "concatenated_string" {
		return t.isPlainString(value)
	}
	for part := range t.Children(value) {
		if t.role(part) != dropped && !t.isPlainString(part) {
			return false
		}
	}
	return true
}

// isFirst reports whether nothing but what is dropped stands before node i in its parent.
func (t *Tree) isFirst(i, parent int) bool {
	for c := range t.Children(parent) {
		if c == i {
			return true
		}
		if t.role(c) != dropped {
			return false
		}
	}
	return false
}

// isPlainString reports whether node i is a string of text without replacement fields.
func (t *Tree) isPlainString(i int) bool {
	if t.Kind(i) != "string" {
		return false
	}
	text := t.Text(i)
	for k, c := range text {
		if c == '"' || c == '\'' {
			return !strings.ContainsAny(string(text[:k]), "bBfFtT")
		}
	}
	return false
}

// Len is the number of leaves.
func (l *Leaves) Len() int { return len(l.Nodes) }

// Span is leaf i's place in the source.
func (l *Leaves) Span(i int) Span { return l.Tree.Span(int(l.Nodes[i])) }

// Text is the source of leaf i. It must not be changed.
func (l *Leaves) Text(i int) []byte { return l.Tree.Text(int(l.Nodes[i])) }

// Kind is the name of leaf i's kind in the grammar.
func (l *Leaves) Kind(i int) string { return l.Tree.Kind(int(l.Nodes[i])) }

// IsIdentifier reports whether leaf i is of kind identifier; every other leaf is
// syntactic.
func (l *Leaves) IsIdentifier(i int) bool { return l.Tree.role(int(l.Nodes[i])) == identifier }
