package flakes

import (
	"fmt"
	"sort"

	"hone/source"
	"hone/source/python"
)

// place is a node where it stands in the tree.
type place struct {
	node   python.Node
	parent *place // nil for the module
	// depth counts from the module or, in the body of a function, from that function.
	depth int
	// span is in the module's text, also for nodes of a quoted annotation.
	span source.Span
	// reported is where the tool says it is: for nodes of a quoted annotation the
	// beginning of the quotes.
	reported int
}

// annotationState says whether an expression is an annotation, in which strings
// are quoted expressions and names may be defined later.
type annotationState uint8

const (
	noAnnotation annotationState = iota
	quotedAnnotation
	bareAnnotation
)

// quoted is a string or comment whose text is read as an annotation.
type quoted struct {
	span     source.Span // with quotes
	reported int         // where the tool says that all of it is
	// begin is where its text begins in the module; -1 if it is written with escapes
	// or in parts, so that what is in it has no places of its own.
	begin int
}

// checker walks one module.
type checker struct {
	options Options
	text    []byte
	tokens  []python.Token
	lines   *source.Lines // nil until a message names a line
	reports []report
	// undefinedNames has the indices of the reports of each undefined name.
	undefinedNames map[string][]int

	scope *scope   // the innermost
	dead  []*scope // those that have been left
	// functions and assignments wait for the end of the module and of all functions.
	functions, assignments []deferred
	inDeferred             bool

	depth      int
	annotation annotationState
	quote      *quoted
	inFString  bool
	// handled says of each try around whether it handles NameError.
	handled []bool
	// starModules lists the modules of all star imports; empty until asked for.
	starModules string
	casts       int // how many calls of typing.cast are around

	futuresAllowed, annotationsFuture bool
	typeComments                      map[python.Node][]typeComment

	places []place // allocated ahead
}

// report is a finding, perhaps withdrawn since.
type report struct {
	Flake
	withdrawn bool
}

// deferred is work that runs later, in the scope where it was put off.
type deferred struct {
	run   func()
	scope *scope
	quote *quoted
}

func newChecker(m *python.Module, o Options) *checker {
	return &checker{
		options: o, text: m.Text, tokens: m.Tokens,
		scope: &scope{kind: moduleScope}, handled: []bool{false},
		futuresAllowed: true, typeComments: typeComments(m),
	}
}

// module checks everything.
func (c *checker) module(m *python.Module) {
	c.children(&place{node: m, span: m.Span})
	c.inDeferred = true
	for i := 0; i < len(c.functions); i++ { // running one may put off others
		c.resume(c.functions[i])
	}
	for _, d := range c.assignments {
		c.resume(d)
	}
	c.dead = append(c.dead, c.scope.module())
	c.checkDeadScopes()
}

func (c *checker) resume(d deferred) {
	c.scope, c.quote = d.scope, d.quote
	d.run()
	c.scope = d.scope
}

// deferFunction puts off what runs when the module has ended.
func (c *checker) deferFunction(run func()) {
	c.functions = append(c.functions, deferred{run, c.scope, c.quote})
}

func (c *checker) pushScope(kind scopeKind) {
	c.scope = &scope{kind: kind, outer: c.scope}
}

func (c *checker) popScope() {
	c.dead = append(c.dead, c.scope)
	c.scope = c.scope.outer
}

// place makes the place of a child of parent.
func (c *checker) place(n python.Node, parent *place) *place {
	if len(c.places) == 0 {
		c.places = make([]place, 64)
	}
	p := &c.places[0]
	c.places = c.places[1:]
	span := n.Pos()
	*p = place{n, parent, c.depth, span, span.Start}
	if q := c.quote; q != nil {
		p.reported = q.reported
		p.span = q.span
		if q.begin >= 0 {
			p.span = source.Span{Start: q.begin + span.Start, End: q.begin + span.End}
		}
	}
	if _, ok := parent.node.(*python.JoinedStr); ok {
		p.reported = parent.reported // before Python 3.12 parts of f-strings had no places
	}
	return p
}

// report adds a finding about span that the tool attributes to at.
func (c *checker) report(r *Rule, at *place, span source.Span, args ...any) {
	message := r.Message
	if len(args) > 0 || r.Tool == Pyflakes {
		message = fmt.Sprintf(message, args...)
	}
	c.reports = append(c.reports, report{Flake: Flake{
		Finding:  source.Finding{Tool: r.Tool, Rule: r.Code, Message: message, Span: span, Severity: r.Severity},
		Reported: at.reported,
	}})
}

// undefined reports a name that nothing defines, unless a later global does.
func (c *checker) undefined(at *place, name string) {
	if c.undefinedNames == nil {
		c.undefinedNames = map[string][]int{}
	}
	c.undefinedNames[name] = append(c.undefinedNames[name], len(c.reports))
	c.report(&undefinedName, at, at.span, repr(name))
}

// line is the number of the line on which the tool says that p is.
func (c *checker) line(p *place) int {
	if c.lines == nil {
		c.lines = source.NewLines(c.text)
	}
	return c.lines.Line(p.reported)
}

// holder is the first node around p that is not a tuple, a list, a set or a target
// like *a, a.b, a[b].
func holder(p *place) *place {
	for p = p.parent; ; p = p.parent {
		switch p.node.(type) {
		case *python.Tuple, *python.List, *python.Set, *python.Starred,
			*python.Attribute, *python.Subscript, *python.Name:
			continue
		}
		return p
	}
}

// commonAncestor is the innermost node around both a and b, or nil where that is
// not below stop. Depths in the bodies of functions begin anew, so that for nodes
// of two functions it may be missed; pyflakes does the same.
func commonAncestor(a, b *place, stop python.Node) *place {
	for a != nil && b != nil && a.node != stop && b.node != stop {
		switch {
		case a.node == b.node:
			return a
		case a.parent == nil || b.parent == nil:
			return nil
		case a.depth > b.depth:
			a = a.parent
		case a.depth < b.depth:
			b = b.parent
		default:
			a, b = a.parent, b.parent
		}
	}
	return nil
}

// differentForks reports whether a and b are in branches of the same if or try of
// which only one is taken.
func differentForks(a, b *place) bool {
	if a == nil || b == nil {
		return false
	}
	root := a
	for root.parent != nil {
		root = root.parent
	}
	ancestor := commonAncestor(a, b, root.node)
	if ancestor == nil {
		return false
	}
	apart := func(branch []python.Stmt) bool {
		return contains(branch, childAround(a, ancestor.node)) != contains(branch, childAround(b, ancestor.node))
	}
	switch n := ancestor.node.(type) {
	case *python.If:
		return apart(n.Body)
	case *python.Try:
		if n.Star {
			return false
		}
		x, y := childAround(a, n), childAround(b, n)
		tried := func(child python.Node) bool { return contains(n.Body, child) || contains(n.Orelse, child) }
		if tried(x) || tried(y) {
			return tried(x) != tried(y)
		}
		// Two handlers, or a handler and finally.
		h, _ := x.(*python.ExceptHandler)
		g, _ := y.(*python.ExceptHandler)
		return h != g
	}
	return false
}

// contains reports whether n, a child of the node that has the block, is in the
// block: it begins between the first statement and the last.
func contains(block []python.Stmt, n python.Node) bool {
	start := n.Pos().Start
	return len(block) > 0 && block[0].Pos().Start <= start && start <= block[len(block)-1].Pos().Start
}

// childAround is the child of stop that p is or is in.
func childAround(p *place, stop python.Node) python.Node {
	for p.parent != nil && p.parent.node != stop {
		p = p.parent
	}
	return p.node
}

// nameAt is the span of the name that begins at offset in the module's text, and
// whole where no name begins there.
func (c *checker) nameAt(offset int, whole source.Span) source.Span {
	i := c.tokenFrom(offset)
	if c.quote == nil && i < len(c.tokens) && c.tokens[i].Kind == python.NAME && c.tokens[i].Span.Start == offset {
		return c.tokens[i].Span
	}
	return whole
}

// lastName is the span of the last name in a span of the module's text, and whole
// where there is none.
func (c *checker) lastName(whole source.Span) source.Span {
	for i := c.tokenFrom(whole.End) - 1; i >= 0 && c.tokens[i].Span.Start >= whole.Start; i-- {
		if c.tokens[i].Kind == python.NAME {
			return c.tokens[i].Span
		}
	}
	return whole
}

// tokenFrom is the index of the first token that begins at offset or after it.
func (c *checker) tokenFrom(offset int) int {
	return sort.Search(len(c.tokens), func(i int) bool { return c.tokens[i].Span.Start >= offset })
}
