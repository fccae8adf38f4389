package metrics

import (
	"bytes"
	"sort"

	"hone/source/python"
)

// cognitive computes cognitive complexity as "Cognitive Complexity, a new way of
// measuring understandability" (G. A. Campbell, SonarSource, version 1.7)
// defines it:
//
//   - if, for, while, match, except and a conditional expression cost 1 and 1
//     more for each level of nesting around them;
//   - elif and else (also of loops and try) cost 1;
//   - a sequence of the same operator and, or costs 1; what stands in
//     parentheses is a sequence of its own;
//   - a function in a cycle of calls costs 1;
//   - all of these, functions inside functions and lambdas are a level of nesting
//     for what is in them; a function that only defines and returns another
//     (a decorator) is none.
//
// With, try, finally, comprehensions, break and continue cost nothing.
type cognitive struct {
	text      []byte
	tokens    []python.Token
	recursive map[*python.FunctionDef]bool
	around    *python.FunctionDef // the innermost function around
	cost      int
}

func newCognitive(m *python.Module) *cognitive {
	return &cognitive{text: m.Text, tokens: m.Tokens, recursive: recursive(m)}
}

func (c *cognitive) module(m *python.Module) int {
	c.cost = 0
	c.body(m.Body, 0)
	return c.cost
}

func (c *cognitive) function(f *python.FunctionDef) int {
	c.cost = 0
	c.inside(f, 0)
	return c.cost
}

func (c *cognitive) body(body []python.Stmt, nesting int) {
	for _, s := range body {
		c.visit(s, nesting)
	}
}

func (c *cognitive) visit(n python.Node, nesting int) {
	switch n := n.(type) {
	case *python.If:
		c.branches(n, nesting)
	case *python.For:
		c.cost += 1 + nesting
		c.visit(n.Target, nesting)
		c.visit(n.Iter, nesting)
		c.body(n.Body, nesting+1)
		c.otherwise(n.Orelse, nesting)
	case *python.While:
		c.cost += 1 + nesting
		c.visit(n.Test, nesting)
		c.body(n.Body, nesting+1)
		c.otherwise(n.Orelse, nesting)
	case *python.Try:
		c.body(n.Body, nesting)
		for _, h := range n.Handlers {
			c.cost += 1 + nesting
			c.below(h, nesting+1)
		}
		c.otherwise(n.Orelse, nesting)
		c.body(n.Finalbody, nesting)
	case *python.Match:
		c.cost += 1 + nesting
		c.visit(n.Subject, nesting)
		for _, k := range n.Cases {
			c.below(k, nesting+1)
		}
	case *python.IfExp:
		c.cost += 1 + nesting
		c.below(n, nesting+1)
	case *python.BoolOp:
		c.sequences(n, nesting)
	case *python.Lambda:
		c.below(n, nesting+1)
	case *python.FunctionDef:
		c.definition(n, nesting)
	default:
		c.below(n, nesting)
	}
}

func (c *cognitive) below(n python.Node, nesting int) {
	python.Children(n, func(child python.Node) { c.visit(child, nesting) })
}

// branches is an if with its elifs and its else.
func (c *cognitive) branches(n *python.If, nesting int) {
	c.cost += 1 + nesting
	for {
		c.visit(n.Test, nesting)
		c.body(n.Body, nesting+1)
		next := c.elif(n)
		if next == nil {
			break
		}
		c.cost++
		n = next
	}
	c.otherwise(n.Orelse, nesting)
}

// elif is the elif after n, or nil. An if alone in an else has the same tree.
func (c *cognitive) elif(n *python.If) *python.If {
	if len(n.Orelse) != 1 {
		return nil
	}
	next, ok := n.Orelse[0].(*python.If)
	if !ok || !bytes.HasPrefix(c.text[next.Span.Start:], []byte("elif")) {
		return nil
	}
	return next
}

func (c *cognitive) otherwise(body []python.Stmt, nesting int) {
	if len(body) > 0 {
		c.cost++
		c.body(body, nesting+1)
	}
}

// sequences counts where the operator changes along a chain of and, or.
func (c *cognitive) sequences(n *python.BoolOp, nesting int) {
	last := -1
	var chain func(*python.BoolOp)
	chain = func(n *python.BoolOp) {
		for i, v := range n.Values {
			if i > 0 && last != int(n.Op) {
				c.cost++
				last = int(n.Op)
			}
			if inner, ok := v.(*python.BoolOp); ok && !c.parenthesised(n, i, inner) {
				chain(inner)
			} else {
				c.visit(v, nesting)
			}
		}
	}
	chain(n)
}

// parenthesised reports whether inner, the operand i of n, is in parentheses of
// its own.
func (c *cognitive) parenthesised(n *python.BoolOp, i int, inner *python.BoolOp) bool {
	if i == 0 {
		return n.Span.Start < inner.Span.Start
	}
	k := sort.Search(len(c.tokens), func(k int) bool { return c.tokens[k].Span.Start >= inner.Span.Start })
	for k--; k >= 0; k-- {
		switch t := c.tokens[k]; t.Kind {
		case python.NL, python.COMMENT:
		default:
			return t.Kind == python.OP && c.text[t.Span.Start] == '('
		}
	}
	return false
}

// definition is a function among other code, nesting levels deep.
func (c *cognitive) definition(f *python.FunctionDef, nesting int) {
	for _, d := range f.DecoratorList {
		c.visit(d, nesting)
	}
	c.visit(f.Args, nesting)
	switch {
	case c.around == nil:
		nesting = 0
	case !defines(c.around, f):
		nesting++
	}
	c.inside(f, nesting)
}

// inside is a function's body at a level of nesting.
func (c *cognitive) inside(f *python.FunctionDef, nesting int) {
	around := c.around
	c.around = f
	if c.recursive[f] {
		c.cost++
	}
	c.body(f.Body, nesting)
	c.around = around
}

// defines reports whether all that outer does is define inner and return it.
func defines(outer, inner *python.FunctionDef) bool {
	for _, s := range outer.Body {
		switch s := s.(type) {
		case *python.FunctionDef:
			if s != inner {
				return false
			}
		case *python.Return:
			if _, ok := s.Value.(*python.Name); !ok {
				return false
			}
		default:
			return false
		}
	}
	return true
}
