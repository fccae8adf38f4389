package flakes

import (
	"strings"

	"hone/source"
	"hone/source/python"
)

// within runs f with another state of annotation.
func (c *checker) within(state annotationState, f func()) {
	before := c.annotation
	c.annotation = state
	f()
	c.annotation = before
}

// annotated checks an annotation of p. A quoted one waits until all names are
// known, and so do all under from __future__ import annotations.
func (c *checker) annotated(e python.Expr, p *place) {
	s, quoted := e.(*python.Constant)
	switch {
	case e == nil:
	case quoted && s.Kind == python.StrConstant:
		at := c.place(s, p)
		c.deferFunction(func() { c.quotedAnnotation(s.Value, c.quotedAt(at, s.Value), p, &badAnnotation) })
	case c.annotationsFuture:
		c.deferAnnotation(e, p)
	default:
		c.within(bareAnnotation, func() { c.node(e, p) })
	}
}

// deferAnnotation checks an annotation when all names are known.
func (c *checker) deferAnnotation(e python.Expr, p *place) {
	if e != nil {
		c.deferFunction(func() { c.within(bareAnnotation, func() { c.node(e, p) }) })
	}
}

// quotedAnnotation reads text as an expression and checks it as an annotation of
// p. It reports text that is none under the rule invalid.
func (c *checker) quotedAnnotation(text string, q quoted, p *place, invalid *Rule) {
	m, err := python.Parse([]byte(text))
	if err != nil || len(m.Body) != 1 {
		c.report(invalid, p, q.span, repr(text))
		return
	}
	statement, ok := m.Body[0].(*python.ExprStmt)
	if !ok {
		c.report(invalid, p, q.span, repr(text))
		return
	}
	before := c.quote
	c.quote = &q
	c.within(quotedAnnotation, func() { c.node(statement.Value, p) })
	c.quote = before
}

// quotedAt says where the text of the string at p stands in the module.
func (c *checker) quotedAt(p *place, text string) quoted {
	q := quoted{span: p.span, reported: p.reported, begin: -1}
	if c.quote != nil && c.quote.begin < 0 || p.span.End > len(c.text) {
		return q
	}
	literal := c.text[p.span.Start:p.span.End]
	begin := strings.IndexAny(string(literal), `"'`)
	if begin < 0 {
		return q
	}
	if mark := literal[begin:]; len(mark) >= 6 && mark[1] == mark[0] && mark[2] == mark[0] {
		begin += 2
	}
	begin++
	if end := begin + len(text); end < len(literal) && string(literal[begin:end]) == text {
		q.begin = p.span.Start + begin
	}
	return q
}

// constant checks a string in an annotation as a quoted one.
func (c *checker) constant(n *python.Constant, p *place) {
	if n.Kind != python.StrConstant || c.annotation == noAnnotation {
		return
	}
	check := func() { c.quotedAnnotation(n.Value, c.quotedAt(p, n.Value), p, &badAnnotation) }
	if c.inDeferred {
		check()
	} else {
		c.deferFunction(check)
	}
}

// subscript knows that parameters of generic types are annotations, except those
// of Literal and all but the first of Annotated.
func (c *checker) subscript(n *python.Subscript, p *place) {
	switch {
	case lastPart(n.Value) == "Literal":
		c.within(noAnnotation, func() { c.children(p) })
	case lastPart(n.Value) == "Annotated":
		c.node(n.Value, p)
		t, ok := n.Slice.(*python.Tuple)
		if !ok || len(t.Elts) < 2 {
			c.node(n.Slice, p)
			return
		}
		c.node(t.Elts[0], p)
		c.within(noAnnotation, func() { c.expressions(t.Elts[1:], p) })
	case c.isTyping(n.Value, ""):
		c.within(bareAnnotation, func() { c.children(p) })
	default:
		c.children(p)
	}
}

// lastPart is the name that e is, or its attribute.
func lastPart(e python.Expr) string {
	switch e := e.(type) {
	case *python.Name:
		return e.ID
	case *python.Attribute:
		return e.Attr
	}
	return ""
}

// isTyping reports whether e is this member of the module typing; "" is any.
func (c *checker) isTyping(e python.Expr, member string) bool {
	switch e := e.(type) {
	case *python.Name:
		_, b := c.find(e.ID)
		return b != nil && (b.kind == importFromBinding || b.kind == futureBinding) && typingModule(b.module) &&
			(member == "" || b.realName == member)
	case *python.Attribute:
		module, ok := e.Value.(*python.Name)
		if !ok || member != "" && e.Attr != member {
			return false
		}
		_, b := c.find(module.ID)
		return b != nil && b.isImport() && typingModule(b.fullName)
	}
	return false
}

func typingModule(name string) bool { return name == "typing" || name == "typing_extensions" }

// isOverload reports whether b is a function that another definition completes.
func (c *checker) isOverload(b *binding) bool {
	f, ok := b.source.node.(*python.FunctionDef)
	if !ok {
		return false
	}
	for _, d := range f.DecoratorList {
		if c.isTyping(d, "overload") {
			return true
		}
	}
	return false
}

// maxCasts is how deep in one another casts are looked at twice.
const maxCasts = 4

// call checks a call; some of typing have types among their arguments.
func (c *checker) call(n *python.Call, p *place) {
	c.dotFormat(n, p)
	switch {
	case c.isTyping(n.Func, "cast") && len(n.Args) > 0:
		// pyflakes looks at the type twice; casts in casts would take for ever.
		if c.casts++; c.casts <= maxCasts {
			c.within(bareAnnotation, func() { c.node(n.Args[0], p) })
		}
		c.children(p)
		c.casts--
		return
	case c.isTyping(n.Func, "TypeVar"):
		c.typeVar(n, p)
		return
	case c.isTyping(n.Func, "TypedDict"):
		c.typedDict(n, p)
		return
	case c.isTyping(n.Func, "NamedTuple"):
		c.namedTuple(n, p)
		return
	}
	c.children(p)
}

// typeVar: in TypeVar("T", int, bound="C") all but the first are types.
func (c *checker) typeVar(n *python.Call, p *place) {
	var types []python.Expr
	if len(n.Args) > 0 {
		types = n.Args[1:]
	}
	c.within(noAnnotation, func() {
		for _, k := range n.Keywords {
			if k.Arg != "bound" {
				c.children(c.place(k, p))
			}
		}
		c.node(n.Func, p)
	})
	c.types(types, p)
	for _, k := range n.Keywords {
		if k.Arg == "bound" {
			c.types([]python.Expr{k.Value}, p)
		}
	}
}

// typedDict: in TypedDict("D", {"key": int}) and TypedDict("D", key=int) the values
// are types.
func (c *checker) typedDict(n *python.Call, p *place) {
	var types []python.Expr
	c.within(noAnnotation, func() {
		if fields, ok := second(n).(*python.Dict); ok {
			types = fields.Values
			for i, a := range n.Args {
				if i == 1 {
					c.expressions(fields.Keys, c.place(fields, p))
				} else {
					c.children(c.place(a, p))
				}
			}
			c.node(n.Func, p)
		} else {
			c.node(n.Func, p)
			c.expressions(n.Args, p)
		}
	})
	c.types(types, p)
	c.keywordTypes(n, p)
}

// namedTuple: in NamedTuple("N", [("a", int)]) and NamedTuple("N", a=int) the
// second of each pair is a type.
func (c *checker) namedTuple(n *python.Call, p *place) {
	var types []python.Expr
	c.within(noAnnotation, func() {
		if names, values, ok := pairs(second(n)); ok {
			types = values
			for _, name := range names {
				c.children(c.place(name, p))
			}
			for i, a := range n.Args {
				if i != 1 {
					c.children(c.place(a, p))
				}
			}
			c.node(n.Func, p)
		} else {
			c.node(n.Func, p)
			c.expressions(n.Args, p)
		}
	})
	c.types(types, p)
	c.keywordTypes(n, p)
}

// pairs are the elements of a sequence of pairs.
func pairs(e python.Expr) (firsts, seconds []python.Expr, ok bool) {
	list, ok := elements(e)
	if !ok {
		return nil, nil, false
	}
	for _, e := range list {
		pair, ok := elements(e)
		if !ok || len(pair) != 2 {
			return nil, nil, false
		}
		firsts, seconds = append(firsts, pair[0]), append(seconds, pair[1])
	}
	return firsts, seconds, true
}

// second is the second argument of a call, or nil.
func second(n *python.Call) python.Expr {
	if len(n.Args) > 1 {
		return n.Args[1]
	}
	return nil
}

// keywordTypes checks the values of keywords as types.
func (c *checker) keywordTypes(n *python.Call, p *place) {
	for _, k := range n.Keywords {
		c.types([]python.Expr{k.Value}, p)
	}
}

func (c *checker) types(list []python.Expr, p *place) {
	c.within(bareAnnotation, func() { c.expressions(list, p) })
}

// typeComment is an annotation in a comment (PEP 484): its text and the comment.
type typeComment struct {
	text string
	span source.Span
}

// typeComments finds the annotations in comments and the statement to which each
// belongs: the last that can have one and begins on its line or above. A module
// without any has nil.
func typeComments(m *python.Module) map[python.Node][]typeComment {
	var comments []typeComment
	for _, t := range m.Tokens {
		if t.Kind != python.COMMENT {
			continue
		}
		if text, ok := typeCommentText(string(m.Text[t.Span.Start:t.Span.End])); ok {
			comments = append(comments, typeComment{text, t.Span})
		}
	}
	if comments == nil {
		return nil
	}
	lines := source.NewLines(m.Text)
	found := map[python.Node][]typeComment{}
	var last python.Node
	next := 0
	// assign gives all comments above a line to the last statement before it.
	assign := func(line int) {
		for ; next < len(comments) && lines.Line(comments[next].span.Start) < line; next++ {
			if last != nil {
				found[last] = append(found[last], comments[next])
			}
		}
	}
	for n := range python.Walk(m) {
		switch n.(type) {
		case *python.Assign, *python.For, *python.FunctionDef, *python.With:
			assign(lines.Line(n.Pos().Start))
			last = n
		}
	}
	assign(lines.Count() + 1)
	return found
}

// typeCommentText is what follows "# type:" in a comment. A comment that turns a
// type checker off is none.
func typeCommentText(comment string) (string, bool) {
	rest := strings.TrimLeft(strings.TrimPrefix(comment, "#"), " \t\f\v")
	rest, ok := strings.CutPrefix(rest, "type:")
	if !ok {
		return "", false
	}
	text := strings.TrimSpace(rest)
	if after, ignore := strings.CutPrefix(text, "ignore"); ignore {
		if after == "" || after[0] < 0x80 && after[0] != '\\' && !alphanumeric(after[0]) {
			return "", false
		}
	}
	return text, true
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// deferTypeComments checks the annotations in comments of p, if it has any.
func (c *checker) deferTypeComments(p *place) {
	for _, t := range c.typeComments[p.node] {
		at := *p
		at.span, at.reported = t.span, t.span.Start
		for _, text := range signature(t.text) {
			q := quoted{span: t.span, reported: t.span.Start, begin: -1}
			if i := strings.LastIndex(string(c.text[t.span.Start:t.span.End]), text); i >= 0 {
				q.begin = t.span.Start + i
			}
			c.deferFunction(func() { c.quotedAnnotation(text, q, &at, &badTypeComment) })
		}
	}
}

// signature divides (int, *str) -> bool into a tuple and a result; any other text
// is alone.
func signature(text string) []string {
	if !strings.HasPrefix(text, "(") || strings.Contains(text, "\n") {
		return []string{text}
	}
	for i := 1; i < len(text); i++ {
		if text[i] != ')' {
			continue
		}
		if result, ok := strings.CutPrefix(strings.TrimLeft(text[i+1:], " \t\f\v"), "->"); ok {
			return []string{strings.ReplaceAll(text[:i+1], "*", ""), strings.TrimSpace(result)}
		}
	}
	return []string{text}
}
