package dataflow

import (
	"strings"

	"hone/source"
)

// rules are GraphCodeBERT's for one language.
type rules interface {
	visit(e *extractor, i int, state *lastSeen)
}

// rulesOf are the rules for a language. Programs in C are read by the rules for C#, as
// CodeBLEU does.
func rulesOf(l source.Language) rules {
	switch l {
	case source.Java:
		return braces{increment: "update_expression", each: "enhanced_for_statement", eachFields: [2]string{"name", "value"}}
	case source.C:
		return braces{increment: "postfix_unary_expression", each: "for_each_statement", eachFields: [2]string{"left", "right"}, byCount: true}
	}
	return indented{}
}

// indented are the rules for Python.
type indented struct{}

func (r indented) visit(e *extractor, i int, state *lastSeen) {
	switch e.tree.Kind(i) {
	case "default_parameter":
		e.declare(e.tree.Child(i, "name"), e.tree.Child(i, "value"), state)
	case "assignment", "augmented_assignment":
		if right := e.tree.Child(i, "right"); right >= 0 {
			r.pairs(e, e.tree.Child(i, "left"), right, state)
		}
	case "for_in_clause":
		right := lastChild(e.tree, i)
		e.visit(right, state)
		e.assign(e.tree.Child(i, "left"), right, *state)
	case "if_statement":
		r.ifElse(e, i, state)
	case "for_statement":
		e.twice(func() {
			r.pairs(e, e.tree.Child(i, "left"), e.tree.Child(i, "right"), state)
			// With an else behind it the body is not the last child and is not followed.
			if body := lastChild(e.tree, i); e.tree.Kind(body) == "block" {
				e.visit(body, state)
			}
		})
	case "while_statement":
		e.twice(func() { e.children(i, state) })
	default:
		r.clausesFirst(e, i, state)
	}
}

// clausesFirst follows the for clauses of a comprehension before its element.
func (indented) clausesFirst(e *extractor, i int, state *lastSeen) {
	for _, clauses := range [...]bool{true, false} {
		for c := range e.tree.Children(i) {
			if clauses == (e.tree.Kind(c) == "for_in_clause") {
				e.visit(c, state)
			}
		}
	}
}

// pairs assigns child by child where both sides have equally many children, whatever they
// are: also the parts of a.b = c + d, which is a fault of theirs.
func (indented) pairs(e *extractor, left, right int, state *lastSeen) {
	lefts, rights := e.items(left), e.items(right)
	if e.failed {
		return
	}
	if len(lefts) != len(rights) || len(lefts) == 0 {
		lefts, rights = []int{left}, []int{right}
	}
	for _, n := range rights {
		e.visit(n, state)
	}
	for k := range lefts {
		e.assign(lefts[k], rights[k], *state)
	}
}

// ifElse follows each branch from the state before, and unites them. The test and the
// branches' tests count as part of the first branch and of theirs.
func (indented) ifElse(e *extractor, i int, state *lastSeen) {
	current := state.clone()
	var others []lastSeen
	hasElse := false
	for c := range e.tree.Children(i) {
		kind := e.tree.Kind(c)
		hasElse = hasElse || strings.Contains(kind, "else")
		if kind != "elif_clause" && kind != "else_clause" {
			e.visit(c, &current)
			continue
		}
		branch := state.clone()
		e.visit(c, &branch)
		others = append(others, branch)
	}
	others = append(others, current)
	if !hasElse {
		others = append(others, *state)
	}
	*state = e.join(others)
}

// braces are the rules for Java and C#.
type braces struct {
	increment  string    // kind of x++
	each       string    // kind of a loop over elements
	eachFields [2]string // its variable and its collection
	// byCount: a declarator's name and value are its children if it has two.
	byCount bool
}

func (r braces) visit(e *extractor, i int, state *lastSeen) {
	switch kind := e.tree.Kind(i); kind {
	case "variable_declarator":
		name, value := e.tree.Child(i, "name"), e.tree.Child(i, "value")
		if r.byCount {
			name, value = i+1, -1
			if second := int(e.tree.Nodes[name].Next); second == lastChild(e.tree, i) {
				value = second
			}
		}
		e.declare(name, value, state)
	case "assignment_expression":
		right := e.tree.Child(i, "right")
		if right < 0 {
			e.failed = true
			return
		}
		e.visit(right, state)
		e.relate(e.tree.Child(i, "left"), right, ComputedFrom, *state)
	case r.increment:
		e.relate(i, i, ComputedFrom, *state)
	case "if_statement":
		r.ifElse(e, i, state)
	case "for_statement":
		r.forLoop(e, i, state)
	case r.each:
		r.forEach(e, i, state)
	case "while_statement":
		e.twice(func() { e.children(i, state) })
	default:
		e.children(i, state)
	}
}

// ifElse: what follows the keyword else, or an if directly below, starts from the state before.
func (braces) ifElse(e *extractor, i int, state *lastSeen) {
	current := state.clone()
	var others []lastSeen
	hasElse, apart := false, false
	for c := range e.tree.Children(i) {
		kind := e.tree.Kind(c)
		hasElse = hasElse || strings.Contains(kind, "else")
		apart = apart || kind == "if_statement" || kind == "else"
		if !apart {
			e.visit(c, &current)
			continue
		}
		branch := state.clone()
		e.visit(c, &branch)
		others = append(others, branch)
	}
	others = append(others, current)
	if !hasElse {
		others = append(others, *state)
	}
	*state = e.join(others)
}

// forLoop follows all parts, and what comes after a declaration a second time.
func (braces) forLoop(e *extractor, i int, state *lastSeen) {
	mark := len(e.out)
	e.children(i, state)
	again := false
	for c := range e.tree.Children(i) {
		if again && e.visits <= maxVisits {
			e.visit(c, state)
		}
		again = again || e.tree.Kind(c) == "local_variable_declaration"
	}
	e.merge(mark)
}

func (r braces) forEach(e *extractor, i int, state *lastSeen) {
	name, value := e.tree.Child(i, r.eachFields[0]), e.tree.Child(i, r.eachFields[1])
	body := e.tree.Child(i, "body")
	if value < 0 || body < 0 {
		e.failed = true
		return
	}
	e.twice(func() {
		e.visit(value, state)
		e.relate(name, value, ComputedFrom, *state)
		e.visit(body, state)
	})
}

// lastChild is the index of a node's last child; the node has one.
func lastChild(t *source.Tree, i int) int {
	last := i
	for c := range t.Children(i) {
		last = c
	}
	return last
}
