package dataflow

import "hone/source/python"

// origin is what an expression's value is made of: sources[first:last] of the builder.
type origin struct {
	first, last int
	// elements are those of a display without *, so that a, b = c, d pairs them.
	elements []origin
	// derived says that the value is computed from the sources, whatever they say.
	derived bool
}

// computed is an origin of values made from these.
func (o origin) computed() origin { return origin{first: o.first, last: o.last, derived: true} }

// evaluate reads an expression that may be nil.
func (b *builder) evaluate(e python.Expr) origin {
	o := origin{first: len(b.sources)}
	elts, ok := display(e)
	if !ok {
		b.expr(e, true)
		o.last = len(b.sources)
		return o
	}
	o.elements = make([]origin, len(elts))
	for i, elt := range elts {
		o.elements[i] = b.evaluate(elt)
	}
	o.last = len(b.sources)
	o.derived = true
	return o
}

// display gives the elements of a tuple or list; ok is false where one is starred.
func display(e python.Expr) (elts []python.Expr, ok bool) {
	switch e := e.(type) {
	case *python.Tuple:
		elts = e.Elts
	case *python.List:
		elts = e.Elts
	default:
		return nil, false
	}
	for _, elt := range elts {
		if _, starred := elt.(*python.Starred); starred {
			return nil, false
		}
	}
	return elts, true
}

// expr reads an expression in the order of evaluation and appends its sources; same says
// that its value may be the result itself. The expression may be nil.
func (b *builder) expr(e python.Expr, same bool) {
	switch e := e.(type) {
	case nil:
	case *python.Name:
		n := b.node(e.ID, e.Span)
		id := b.use(n, e.ID, ComesFrom)
		b.sources = append(b.sources, contribution{n, id, same})
	case *python.Constant:
	case *python.BoolOp:
		b.boolOp(e, same)
	case *python.IfExp:
		b.ifExp(e, same)
	case *python.NamedExpr:
		b.namedExpr(e, same)
	case *python.Lambda:
		b.lambda(e)
	case *python.ListComp:
		b.comprehension(e.Generators, e.Elt, nil)
	case *python.SetComp:
		b.comprehension(e.Generators, e.Elt, nil)
	case *python.DictComp:
		b.comprehension(e.Generators, e.Key, e.Value)
	case *python.GeneratorExp:
		b.generator(e)
	case *python.Yield:
		b.test(e.Value) // the result is what is sent in
	default:
		b.parts(e)
	}
}

// parts reads expressions that compute from all of their parts.
func (b *builder) parts(e python.Expr) {
	switch e := e.(type) {
	case *python.BinOp:
		b.binOp(e)
	case *python.UnaryOp:
		b.expr(e.Operand, false)
	case *python.Compare:
		b.expr(e.Left, false)
		b.chain(e.Comparators, false)
	case *python.Call:
		b.expr(e.Func, false)
		b.all(e.Args)
		b.keywords(e.Keywords)
	case *python.Attribute:
		b.expr(e.Value, false)
	case *python.Subscript:
		b.expr(e.Value, false)
		b.expr(e.Slice, false)
	case *python.Slice:
		b.expr(e.Lower, false)
		b.expr(e.Upper, false)
		b.expr(e.Step, false)
	case *python.Dict:
		for i, v := range e.Values {
			if i < len(e.Keys) {
				b.expr(e.Keys[i], false)
			}
			b.expr(v, false)
		}
	case *python.Set:
		b.all(e.Elts)
	case *python.List:
		b.all(e.Elts)
	case *python.Tuple:
		b.all(e.Elts)
	case *python.Starred:
		b.expr(e.Value, false)
	case *python.Await:
		b.expr(e.Value, false)
	case *python.YieldFrom:
		b.expr(e.Value, false)
	case *python.JoinedStr:
		b.all(e.Values)
	case *python.FormattedValue:
		b.expr(e.Value, false)
		b.expr(e.FormatSpec, false)
	}
}

// binOp follows left operands without recursion, since a + b + … is nested to the left.
func (b *builder) binOp(e *python.BinOp) {
	var right []python.Expr
	left := e
	for {
		right = append(right, left.Right)
		next, ok := left.Left.(*python.BinOp)
		if !ok {
			break
		}
		left = next
	}
	b.expr(left.Left, false)
	for i := len(right) - 1; i >= 0; i-- {
		b.expr(right[i], false)
	}
}

func (b *builder) all(list []python.Expr) {
	for _, e := range list {
		b.expr(e, false)
	}
}

func (b *builder) keywords(list []*python.Keyword) {
	for _, k := range list {
		b.expr(k.Value, false)
	}
}

// test reads an expression that decides but does not become part of a value.
func (b *builder) test(e python.Expr) {
	mark := len(b.sources)
	b.expr(e, false)
	b.sources = b.sources[:mark]
}

func (b *builder) boolOp(e *python.BoolOp, same bool) {
	if len(e.Values) == 0 {
		return
	}
	b.expr(e.Values[0], same)
	b.chain(e.Values[1:], same)
}

// chain reads expressions each of which is evaluated only if those before did not decide.
// Blocks are needed only where an assignment may be skipped.
func (b *builder) chain(list []python.Expr, same bool) {
	if !b.assigns {
		for _, e := range list {
			b.expr(e, same)
		}
		return
	}
	end := b.newBlock(b.loop)
	for _, e := range list {
		b.link(b.block, end, none)
		b.begin(b.follow())
		b.expr(e, same)
	}
	b.link(b.block, end, none)
	b.begin(end)
}

func (b *builder) ifExp(e *python.IfExp, same bool) {
	b.test(e.Test)
	if !b.assigns {
		b.expr(e.Body, same)
		b.expr(e.Orelse, same)
		return
	}
	tested, end := b.block, b.newBlock(b.loop)
	for _, branch := range [...]python.Expr{e.Body, e.Orelse} {
		b.begin(tested)
		b.begin(b.follow())
		b.expr(branch, same)
		b.link(b.block, end, none)
	}
	b.begin(end)
}

// namedExpr binds in the scope around comprehensions (PEP 572).
func (b *builder) namedExpr(e *python.NamedExpr, same bool) {
	from := b.evaluate(e.Value)
	name, ok := e.Target.(*python.Name)
	if !ok {
		return
	}
	s := b.scope
	for s.kind == comprehensionScope {
		s = s.parent
	}
	n := b.node(name.ID, name.Span)
	b.connect(n, b.sources[from.first:from.last], !from.derived)
	b.define(n, name.ID, s, false)
	id, _ := b.find(name.ID, s)
	b.sources = append(b.sources[:from.first], contribution{n, id, same})
}

// comprehension is executed where it stands. Its value is computed from its elements.
func (b *builder) comprehension(generators []*python.Comprehension, key, value python.Expr) {
	if len(generators) == 0 {
		return
	}
	mark := len(b.sources)
	first := b.evaluate(generators[0].Iter)
	b.inner(comprehensionScope)
	b.nest(generators, first, func() {
		kept := len(b.sources)
		b.expr(key, false)
		b.expr(value, false)
		b.sources = append(b.sources[:mark], b.sources[kept:]...)
	})
	b.leave()
}

// generator is executed later but for its first iterable.
func (b *builder) generator(e *python.GeneratorExp) {
	if len(e.Generators) == 0 {
		return
	}
	mark := len(b.sources)
	first := b.evaluate(e.Generators[0].Iter)
	saved := b.save()
	b.open(comprehensionScope, true)
	b.nest(e.Generators, first, func() {
		kept := len(b.sources)
		b.expr(e.Elt, false)
		b.sources = append(b.sources[:mark], b.sources[kept:]...)
	})
	b.restore(saved)
}

// nest writes the loops of a comprehension around its element.
func (b *builder) nest(generators []*python.Comprehension, first origin, element func()) {
	names := b.binder()
	for _, g := range generators {
		names.visit(g.Target)
	}
	type opened struct{ number, header, around int32 }
	var all []opened
	for i, g := range generators {
		from := first
		if i > 0 {
			from = b.evaluate(g.Iter)
		}
		around := b.loop
		number, header := b.openLoop()
		all = append(all, opened{number, header, around})
		b.begin(b.follow())
		b.assign(g.Target, from.computed())
		for _, condition := range g.Ifs {
			b.test(condition)
			b.link(b.block, header, number)
			b.begin(b.follow())
		}
	}
	element()
	for i := len(all) - 1; i >= 0; i-- {
		b.link(b.block, all[i].header, all[i].number)
		b.closeLoop(all[i].number, all[i].around)
		b.begin(b.newBlock(b.loop))
		b.link(all[i].header, b.block, none)
	}
}
