package flakes

import "hone/source/python"

// node checks n, a child of parent, and what is below it. A nil is nothing.
func (c *checker) node(n python.Node, parent *place) {
	if n == nil {
		return
	}
	if c.futuresAllowed && !allowsFuture(n) {
		c.futuresAllowed = false
	}
	c.depth++
	defer func() { c.depth-- }()
	p := c.place(n, parent)
	switch n := n.(type) {
	case *python.FunctionDef:
		c.functionDef(n, p)
	case *python.Lambda:
		c.function(n.Args, nil, p)
	case *python.Arguments:
		c.arguments(n, p)
	case *python.Arg:
		c.bind(p, &binding{kind: argumentBinding, name: n.Arg, source: scopeNode(p), span: c.nameAt(p.span.Start, p.span)})
	case *python.ClassDef:
		c.classDef(n, p)
	case *python.Return:
		c.returns(n, p)
	case *python.Yield:
		c.yield(n.Value, p)
	case *python.YieldFrom:
		c.yield(n.Value, p)
	case *python.Await:
		c.yield(n.Value, p)
	case *python.AugAssign:
		c.augAssign(n, p)
	case *python.AnnAssign:
		c.annAssign(n, p)
	case *python.TypeAlias:
		c.typeAlias(n, p)
	case *python.If:
		c.ifTuple(n.Test, p)
		c.children(p)
	case *python.IfExp:
		c.ifTuple(n.Test, p)
		c.children(p)
	case *python.Assert:
		c.assertTuple(n, p)
		c.children(p)
	case *python.Raise:
		c.children(p)
		c.raise(n, p)
	case *python.Try:
		c.try(n, p)
	case *python.ExceptHandler:
		c.exceptHandler(n, p)
	case *python.Import:
		c.imports(n, p)
	case *python.ImportFrom:
		c.importFrom(n, p)
	case *python.Global:
		c.global(n.Names, p)
	case *python.Nonlocal:
		c.global(n.Names, p)
	case *python.Pass, *python.Alias, *python.MatchSingleton:
	case *python.Break:
		c.loopControl(p, &breakOutside)
	case *python.Continue:
		c.loopControl(p, &continueOutside)
	default:
		c.expression(n, p)
	}
}

// expression goes on from node with expressions, patterns and type parameters.
func (c *checker) expression(n python.Node, p *place) {
	switch n := n.(type) {
	case *python.Name:
		c.name(n, p)
	case *python.Constant:
		c.constant(n, p)
	case *python.Call:
		c.call(n, p)
	case *python.Subscript:
		c.subscript(n, p)
	case *python.BinOp:
		c.percentFormat(n, p)
		c.children(p)
	case *python.Compare:
		c.isLiteral(n, p)
		c.children(p)
	case *python.Dict:
		c.repeatedKeys(n, p)
		c.children(p)
	case *python.JoinedStr:
		c.joinedStr(n, p)
	case *python.Tuple:
		c.starred(n.Elts, n.Ctx, p)
		c.children(p)
	case *python.List:
		c.starred(n.Elts, n.Ctx, p)
		c.children(p)
	case *python.ListComp, *python.SetComp, *python.DictComp, *python.GeneratorExp:
		c.pushScope(generatorScope)
		c.children(p)
		c.popScope()
	case *python.MatchAs:
		c.store(p, n.Name, c.lastName(p.span))
		c.children(p)
	case *python.MatchStar:
		c.store(p, n.Name, c.lastName(p.span))
	case *python.MatchMapping:
		c.store(p, n.Rest, c.lastName(p.span))
		c.children(p)
	case *python.TypeVar:
		c.store(p, n.Name, c.nameAt(p.span.Start, p.span))
		c.deferAnnotation(n.Bound, p)
		c.deferAnnotation(n.DefaultValue, p)
	case *python.ParamSpec:
		c.store(p, n.Name, c.lastName(p.span))
		c.deferAnnotation(n.DefaultValue, p)
	case *python.TypeVarTuple:
		c.store(p, n.Name, c.lastName(p.span))
		c.deferAnnotation(n.DefaultValue, p)
	default:
		c.children(p)
	}
}

// allowsFuture reports whether a from __future__ import may follow n.
func allowsFuture(n python.Node) bool {
	switch n := n.(type) {
	case *python.ImportFrom:
		return true
	case *python.ExprStmt:
		return isStr(n.Value)
	case *python.Constant:
		return n.Kind == python.StrConstant
	}
	return false
}

func isStr(n python.Node) bool {
	s, ok := n.(*python.Constant)
	return ok && s.Kind == python.StrConstant
}

// children checks what is below p in the order of execution, as far as pyflakes
// knows it: what is iterated before its target, values before their targets.
func (c *checker) children(p *place) {
	if c.typeComments != nil {
		c.deferTypeComments(p)
	}
	switch n := p.node.(type) {
	case *python.Assign:
		c.node(n.Value, p)
		c.expressions(n.Targets, p)
	case *python.NamedExpr:
		c.node(n.Value, p)
		c.node(n.Target, p)
	case *python.For:
		c.node(n.Iter, p)
		c.node(n.Target, p)
		c.statements(n.Body, p)
		c.statements(n.Orelse, p)
	case *python.Comprehension:
		c.node(n.Iter, p)
		c.node(n.Target, p)
		c.expressions(n.Ifs, p)
	case *python.ListComp:
		c.generators(n.Generators, p)
		c.node(n.Elt, p)
	case *python.SetComp:
		c.generators(n.Generators, p)
		c.node(n.Elt, p)
	case *python.GeneratorExp:
		c.generators(n.Generators, p)
		c.node(n.Elt, p)
	case *python.DictComp:
		c.generators(n.Generators, p)
		c.node(n.Key, p)
		c.node(n.Value, p)
	default:
		python.Children(n, func(child python.Node) { c.node(child, p) })
	}
}

func (c *checker) statements(list []python.Stmt, p *place) {
	for _, s := range list {
		c.node(s, p)
	}
}

func (c *checker) expressions(list []python.Expr, p *place) {
	for _, e := range list {
		if e != nil {
			c.node(e, p)
		}
	}
}

func (c *checker) generators(list []*python.Comprehension, p *place) {
	for _, g := range list {
		c.node(g, p)
	}
}
