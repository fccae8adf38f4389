package flakes

import (
	"slices"
	"strings"

	"hone/source"
	"hone/source/python"
)

func (c *checker) functionDef(n *python.FunctionDef, p *place) {
	c.expressions(n.DecoratorList, p)
	c.withTypeParams(n.TypeParams, p, func() { c.function(n.Args, n, p) })
	c.bind(p, &binding{kind: functionBinding, name: n.Name, source: p, span: n.NameSpan})
}

// withTypeParams runs f where type parameters, if there are any, are bound.
func (c *checker) withTypeParams(params []python.TypeParam, p *place, f func()) {
	if len(params) == 0 {
		f()
		return
	}
	c.pushScope(typeScope)
	for _, t := range params {
		c.node(t, p)
	}
	f()
	c.popScope()
}

// function handles what of a function runs where it is defined and puts off the
// rest. For a lambda, def is nil.
func (c *checker) function(args *python.Arguments, def *python.FunctionDef, p *place) {
	if args == nil {
		args = &python.Arguments{}
	}
	parameters := parameters(args)
	c.duplicates(parameters, p)
	if def != nil {
		for _, a := range parameters {
			c.annotated(a.Annotation, p)
		}
		c.annotated(def.Returns, p)
	}
	c.expressions(args.Defaults, p)
	c.expressions(args.KwDefaults, p)
	c.deferFunction(func() {
		c.pushScope(functionScope)
		if c.typeComments != nil {
			c.deferTypeComments(p)
		}
		c.node(args, p)
		if def != nil {
			c.statements(def.Body, p)
		} else {
			c.node(p.node.(*python.Lambda).Body, p)
		}
		c.assignments = append(c.assignments, deferred{c.checkUnused, c.scope, c.quote})
		c.popScope()
	})
}

// parameters are all parameters in the order in which annotations are evaluated.
func parameters(args *python.Arguments) []*python.Arg {
	all := slices.Concat(args.Posonlyargs, args.Args, args.Kwonlyargs)
	if args.Vararg != nil {
		all = append(all, args.Vararg)
	}
	if args.Kwarg != nil {
		all = append(all, args.Kwarg)
	}
	return all
}

func (c *checker) duplicates(parameters []*python.Arg, p *place) {
	seen := make(map[string]bool, len(parameters))
	for _, a := range parameters {
		if seen[a.Arg] {
			c.report(&duplicateArg, p, c.place(a, p).span, repr(a.Arg))
		}
		seen[a.Arg] = true
	}
}

// arguments binds the parameters in the scope of the function.
func (c *checker) arguments(n *python.Arguments, p *place) {
	for _, list := range [][]*python.Arg{n.Posonlyargs, n.Args, {n.Vararg}, n.Kwonlyargs, {n.Kwarg}} {
		for _, a := range list {
			if a != nil {
				c.node(a, p)
			}
		}
	}
}

// scopeNode is the function around a parameter.
func scopeNode(p *place) *place {
	for p = p.parent; p.parent != nil; p = p.parent {
		switch p.node.(type) {
		case *python.FunctionDef, *python.Lambda:
			return p
		}
	}
	return p
}

func (c *checker) classDef(n *python.ClassDef, p *place) {
	c.expressions(n.DecoratorList, p)
	c.withTypeParams(n.TypeParams, p, func() {
		c.expressions(n.Bases, p)
		for _, k := range n.Keywords {
			c.node(k, p)
		}
		c.pushScope(classScope)
		c.statements(n.Body, p)
		c.popScope()
	})
	c.bind(p, &binding{kind: classBinding, name: n.Name, source: p, span: n.NameSpan})
}

// outsideFunction reports whether the innermost scope is no function's.
func (c *checker) outsideFunction() bool {
	return c.scope.kind == classScope || c.scope.kind == moduleScope
}

func (c *checker) returns(n *python.Return, p *place) {
	if c.outsideFunction() {
		c.report(&returnOutside, p, p.span)
		return
	}
	c.node(n.Value, p)
}

// yield handles yield, yield from and await.
func (c *checker) yield(value python.Expr, p *place) {
	if c.outsideFunction() {
		c.report(&yieldOutside, p, p.span)
		return
	}
	c.node(value, p)
}

// loopControl reports a break or continue that is in no loop, or in its else.
func (c *checker) loopControl(p *place, outside *Rule) {
	child := p.node
	for q := p.parent; q != nil; q = q.parent {
		switch n := q.node.(type) {
		case *python.While:
			if !contains(n.Orelse, child) {
				return
			}
		case *python.For:
			if !contains(n.Orelse, child) {
				return
			}
		case *python.FunctionDef:
			if !n.Async { // as pyflakes has it
				c.report(outside, p, p.span)
				return
			}
		case *python.ClassDef:
			c.report(outside, p, p.span)
			return
		}
		child = q.node
	}
	c.report(outside, p, p.span)
}

func (c *checker) augAssign(n *python.AugAssign, p *place) {
	if name, ok := n.Target.(*python.Name); ok {
		c.load(c.place(name, p), name.ID)
	}
	c.node(n.Value, p)
	c.node(n.Target, p)
}

func (c *checker) annAssign(n *python.AnnAssign, p *place) {
	c.node(n.Target, p)
	c.annotated(n.Annotation, p)
	switch {
	case n.Value == nil:
	case c.isTyping(n.Annotation, "TypeAlias"):
		c.annotated(n.Value, p)
	default:
		c.node(n.Value, p)
	}
}

func (c *checker) typeAlias(n *python.TypeAlias, p *place) {
	c.node(n.Name, p)
	c.withTypeParams(n.TypeParams, p, func() { c.deferAnnotation(n.Value, p) })
}

func (c *checker) ifTuple(test python.Expr, p *place) {
	if t, ok := test.(*python.Tuple); ok && len(t.Elts) > 0 {
		c.report(&ifTuple, p, c.place(t, p).span)
	}
}

func (c *checker) assertTuple(n *python.Assert, p *place) {
	if t, ok := n.Test.(*python.Tuple); ok && len(t.Elts) > 0 {
		c.report(&assertTuple, p, c.place(t, p).span)
	}
}

func (c *checker) raise(n *python.Raise, p *place) {
	e := n.Exc
	if call, ok := e.(*python.Call); ok {
		e = call.Func
	}
	if name, ok := e.(*python.Name); ok && name.ID == "NotImplemented" {
		c.report(&raiseNotError, p, c.place(name, p).span)
	}
}

func (c *checker) try(n *python.Try, p *place) {
	handled := false
	note := func(e python.Expr) {
		if name, ok := e.(*python.Name); ok && name.ID == "NameError" {
			handled = true
		}
	}
	for i, h := range n.Handlers {
		if t, ok := h.Type.(*python.Tuple); ok {
			for _, e := range t.Elts {
				note(e)
			}
		} else {
			note(h.Type)
		}
		if h.Type == nil && i < len(n.Handlers)-1 {
			at := c.place(h, p)
			c.report(&exceptNotLast, at, at.span)
		}
	}
	c.handled = append(c.handled, handled)
	c.statements(n.Body, p)
	c.handled = c.handled[:len(c.handled)-1]
	for _, h := range n.Handlers {
		c.node(h, p)
	}
	c.statements(n.Orelse, p)
	c.statements(n.Finalbody, p)
}

// exceptHandler binds the name of an exception for its handler alone: afterwards
// it is unbound, and what it hid is visible again.
func (c *checker) exceptHandler(n *python.ExceptHandler, p *place) {
	if n.Name == "" {
		c.children(p)
		return
	}
	span := c.handlerName(n)
	if c.scope.get(n.Name) != nil {
		c.store(p, n.Name, span)
	}
	hidden := c.scope.remove(n.Name)
	c.store(p, n.Name, span)
	c.children(p)
	if b := c.scope.remove(n.Name); b != nil && b.usedIn == nil {
		c.report(&unusedVariable, p, span, repr(n.Name))
	}
	if hidden != nil {
		c.scope.set(n.Name, hidden)
	}
}

// handlerName is the span of the name after as.
func (c *checker) handlerName(n *python.ExceptHandler) source.Span {
	if n.Type == nil {
		return n.Span
	}
	for i := c.tokenFrom(n.Type.Pos().End); i+1 < len(c.tokens) && c.tokens[i].Span.End <= n.Span.End; i++ {
		t := c.tokens[i]
		if t.Kind == python.NAME && string(c.text[t.Span.Start:t.Span.End]) == "as" {
			return c.tokens[i+1].Span
		}
	}
	return n.Span
}

func (c *checker) imports(n *python.Import, p *place) {
	for _, a := range n.Names {
		b := &binding{kind: importBinding, name: a.Asname, source: p, span: a.Span, fullName: a.Name}
		if a.Asname == "" {
			b.name = a.Name
			if root, _, dotted := strings.Cut(a.Name, "."); dotted {
				b.kind, b.name = submoduleBinding, root
			}
		}
		c.bind(p, b)
	}
}

func (c *checker) importFrom(n *python.ImportFrom, p *place) {
	// CPython's module is __future__ with leading dots too.
	future := n.Module == "__future__"
	switch {
	case !future:
		c.futuresAllowed = false
	case !c.futuresAllowed || c.scope.kind != moduleScope:
		c.report(&lateFuture, p, p.span)
	}
	module := strings.Repeat(".", n.Level) + n.Module
	for _, a := range n.Names {
		b := &binding{kind: importFromBinding, name: a.Asname, source: p, span: a.Span, module: module, realName: a.Name}
		if b.name == "" {
			b.name = a.Name
		}
		b.fullName = module + "." + a.Name
		if strings.HasSuffix(module, ".") {
			b.fullName = module + a.Name
		}
		switch {
		case future:
			c.future(a, b, p)
		case a.Name == "*":
			if c.scope.kind != moduleScope {
				c.report(&starInside, p, a.Span, module)
				continue
			}
			c.scope.starImports = true
			c.starModules = ""
			c.report(&starUsed, p, a.Span, module)
			b.kind, b.name, b.fullName = starBinding, module+".*", module
		}
		c.bind(p, b)
	}
}

// future makes b the binding of a feature, which is used by being imported.
func (c *checker) future(a *python.Alias, b *binding, p *place) {
	*b = binding{
		kind: futureBinding, name: b.name, source: p, span: a.Span, usedIn: c.scope, usedAt: p,
		module: "__future__", realName: b.name, fullName: "__future__." + b.name,
	}
	if !futureFeatures[a.Name] {
		c.report(&noFuture, p, a.Span, a.Name)
	}
	if a.Name == "annotations" {
		c.annotationsFuture = true
	}
}

// exports are the names in what is assigned to __all__: in lists and tuples, and
// in sums of them.
func (c *checker) exports(assignment python.Node) []export {
	var names []export
	var value python.Expr
	switch n := assignment.(type) {
	case *python.Assign:
		value = n.Value
	case *python.AnnAssign:
		value = n.Value
	case *python.AugAssign:
		value = n.Value
		if b := c.scope.get("__all__"); b != nil {
			names = b.exports // the old binding is not needed any more
		}
	}
	add := func(e python.Expr) bool {
		elts, ok := elements(e)
		for _, e := range elts {
			if s, ok := e.(*python.Constant); ok && s.Kind == python.StrConstant {
				names = append(names, export{s.Value, s.Span})
			}
		}
		return ok
	}
	for {
		sum, ok := value.(*python.BinOp)
		if !ok {
			add(value)
			return names
		}
		if !add(sum.Right) {
			return names
		}
		value = sum.Left
	}
}

// elements are those of a list or tuple.
func elements(e python.Expr) ([]python.Expr, bool) {
	switch e := e.(type) {
	case *python.List:
		return e.Elts, true
	case *python.Tuple:
		return e.Elts, true
	}
	return nil, false
}
