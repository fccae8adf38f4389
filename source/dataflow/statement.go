package dataflow

import (
	"hone/source"
	"hone/source/python"
)

// jump is a statement around the current place that break, continue or return meets: a
// loop, or a finally to go through first.
type jump struct {
	kind     jumpKind
	loop     int32 // aLoop: its number
	header   int32 // aLoop: where continue goes
	after    int32 // aLoop: where break goes
	finally  int32 // aFinally: its body for whatever leaves early
	leavings []leaving
}

type jumpKind uint8

const (
	aLoop jumpKind = iota
	aFinally
)

// leaving is a way to leave a statement early.
type leaving uint8

const (
	breaking leaving = iota
	continuing
	returning
)

// maxFinals is how many finally bodies inside one another are written twice, for the normal
// way and for all others; deeper ones once, so that time does not grow exponentially.
const maxFinals = 4

func (b *builder) statements(body []python.Stmt) {
	for _, s := range body {
		mark := len(b.sources)
		b.statement(s)
		b.sources = b.sources[:mark]
	}
}

func (b *builder) statement(s python.Stmt) {
	switch s := s.(type) {
	case *python.FunctionDef:
		b.functionDef(s)
	case *python.ClassDef:
		b.classDef(s)
	case *python.TypeAlias:
		b.typeAlias(s)
	case *python.Assign:
		from := b.evaluate(s.Value)
		for _, target := range s.Targets {
			b.assign(target, from)
		}
	case *python.AugAssign:
		b.augAssign(s)
	case *python.AnnAssign:
		b.annAssign(s)
	case *python.ExprStmt:
		b.expr(s.Value, false)
	case *python.Delete:
		for _, target := range s.Targets {
			b.remove(target)
		}
	case *python.Assert:
		b.expr(s.Test, false)
		b.expr(s.Msg, false)
	case *python.Import:
		for _, a := range s.Names {
			b.importName(a)
		}
	case *python.ImportFrom:
		for _, a := range s.Names {
			if a.Name != "*" {
				b.importName(a)
			}
		}
	default:
		b.control(s)
	}
}

// control writes the statements that branch.
func (b *builder) control(s python.Stmt) {
	switch s := s.(type) {
	case *python.If:
		b.ifElse(s)
	case *python.While:
		b.while(s)
	case *python.For:
		b.forIn(s)
	case *python.Try:
		b.try(s)
	case *python.With:
		b.with(s)
	case *python.Match:
		b.match(s)
	case *python.Return:
		b.expr(s.Value, false)
		b.leaveEarly(returning)
	case *python.Raise:
		b.expr(s.Exc, false)
		b.expr(s.Cause, false)
		if b.raise != none {
			b.link(b.block, b.raise, none)
		}
		b.begin(b.newBlock(b.loop))
	case *python.Break:
		b.leaveEarly(breaking)
	case *python.Continue:
		b.leaveEarly(continuing)
	case *python.Pass, *python.Global, *python.Nonlocal: // global and nonlocal: scope.go
	}
}

// ifElse follows an elif without recursion, since thousands may follow one another.
func (b *builder) ifElse(s *python.If) {
	end := b.newBlock(b.loop)
	for {
		b.expr(s.Test, false)
		tested := b.block
		b.begin(b.follow())
		b.statements(s.Body)
		b.link(b.block, end, none)
		b.begin(tested)
		b.begin(b.follow())
		var next *python.If
		if len(s.Orelse) == 1 {
			next, _ = s.Orelse[0].(*python.If)
		}
		if next == nil {
			break
		}
		s = next
	}
	b.statements(s.Orelse)
	b.link(b.block, end, none)
	b.begin(end)
}

// openLoop begins a loop and continues in its header.
func (b *builder) openLoop() (number, header int32) {
	number = int32(len(b.loops))
	b.loops = append(b.loops, loop{last: number, start: len(b.definitions)})
	b.loop = number
	header = b.follow()
	b.begin(header)
	return number, header
}

// closeLoop ends the loop; around is the one around it.
func (b *builder) closeLoop(number, around int32) {
	b.loops[number].last = int32(len(b.loops) - 1)
	b.loop = around
}

func (b *builder) while(s *python.While) {
	around, after := b.loop, b.newBlock(b.loop)
	number, header := b.openLoop()
	b.expr(s.Test, false)
	tested := b.block
	b.begin(b.follow())
	b.loopBody(s.Body, number, header, after)
	b.closeLoop(number, around)
	b.begin(b.newBlock(around))
	if !alwaysTrue(s.Test) {
		b.link(tested, b.block, none)
	}
	b.statements(s.Orelse)
	b.link(b.block, after, none)
	b.begin(after)
}

// loopBody writes the body and its back edge.
func (b *builder) loopBody(body []python.Stmt, number, header, after int32) {
	b.jumps = append(b.jumps, jump{kind: aLoop, loop: number, header: header, after: after})
	b.statements(body)
	b.jumps = b.jumps[:len(b.jumps)-1]
	b.link(b.block, header, number)
}

// alwaysTrue reports whether a test is a constant that holds, so that a loop ends by break only.
func alwaysTrue(test python.Expr) bool {
	c, ok := test.(*python.Constant)
	if !ok {
		return false
	}
	return c.Kind == python.TrueConstant || c.Kind == python.IntConstant && c.Value != "0"
}

func (b *builder) forIn(s *python.For) {
	from := b.evaluate(s.Iter)
	around, after := b.loop, b.newBlock(b.loop)
	number, header := b.openLoop()
	b.begin(b.follow())
	b.assign(s.Target, from.computed())
	b.loopBody(s.Body, number, header, after)
	b.closeLoop(number, around)
	b.begin(b.newBlock(around))
	b.link(header, b.block, none)
	b.statements(s.Orelse)
	b.link(b.block, after, none)
	b.begin(after)
}

// leaveEarly goes where break, continue or return lead; what follows is not reached.
func (b *builder) leaveEarly(how leaving) {
	defer func() { b.begin(b.newBlock(b.loop)) }()
	for i := len(b.jumps) - 1; i >= 0; i-- {
		j := &b.jumps[i]
		switch {
		case j.kind == aFinally:
			b.link(b.block, j.finally, none)
			j.note(how)
			return
		case how == breaking:
			b.link(b.block, j.after, none)
			return
		case how == continuing:
			b.link(b.block, j.header, j.loop)
			return
		}
	}
}

// note remembers that a finally is left so.
func (j *jump) note(how leaving) {
	for _, known := range j.leavings {
		if known == how {
			return
		}
	}
	j.leavings = append(j.leavings, how)
}

// try writes handlers and else; a finally around them goes to its own function.
func (b *builder) try(s *python.Try) {
	if len(s.Finalbody) == 0 {
		b.handled(s)
		return
	}
	outer := b.raise
	abrupt := b.newBlock(b.loop)
	b.raise = abrupt
	b.jumps = append(b.jumps, jump{kind: aFinally, finally: abrupt})
	b.mayRaise()
	b.handled(s)
	left := b.jumps[len(b.jumps)-1].leavings
	b.jumps = b.jumps[:len(b.jumps)-1]
	b.raise = outer

	after := b.newBlock(b.loop)
	b.mayRaise()
	b.finals++
	if b.finals > maxFinals {
		b.link(b.block, abrupt, none)
		b.begin(abrupt)
		b.mayRaise()
		b.statements(s.Finalbody)
		b.link(b.block, after, none)
	} else {
		b.statements(s.Finalbody)
		b.link(b.block, after, none)
		b.begin(abrupt)
		b.mayRaise()
		b.statements(s.Finalbody)
	}
	b.finals--
	if b.raise != none {
		b.link(b.block, b.raise, none)
	}
	last := b.block
	for _, how := range left {
		b.begin(last)
		b.leaveEarly(how)
	}
	b.begin(after)
	b.mayRaise()
}

// handled writes try, except and else. Where exceptions lead changes with each part, so the
// state that a part begins with flows there as well.
func (b *builder) handled(s *python.Try) {
	if len(s.Handlers) == 0 {
		b.statements(s.Body)
		b.statements(s.Orelse)
		return
	}
	outer := b.raise
	dispatch, end := b.newBlock(b.loop), b.newBlock(b.loop)
	b.raise = dispatch
	b.mayRaise()
	b.statements(s.Body)
	b.raise = outer
	b.mayRaise()
	b.statements(s.Orelse)
	b.link(b.block, end, none)
	b.begin(dispatch)
	for _, h := range s.Handlers {
		b.handler(h, end, s.Star)
	}
	if b.raise != none {
		b.link(b.block, b.raise, none)
	}
	b.begin(end)
	b.mayRaise()
}

// handler writes one except and continues where it does not apply. Of except*, several may
// be executed one after another.
func (b *builder) handler(h *python.ExceptHandler, end int32, star bool) {
	from := b.evaluate(h.Type)
	next := b.newBlock(b.loop)
	if h.Type != nil {
		b.link(b.block, next, none)
	}
	b.begin(b.follow())
	b.mayRaise()
	if h.Name != "" {
		after := h.Span.Start
		if h.Type != nil {
			after = h.Type.Pos().End
		}
		b.store(h.Name, identifierAfterKeyword(b.text, after, h.Span.End), from.computed())
	}
	b.statements(h.Body)
	if h.Name != "" {
		b.kill(h.Name)
	}
	b.link(b.block, end, none)
	if star {
		b.link(b.block, next, none)
	}
	b.begin(next)
}

// with lets every state of its body flow behind it, since a context manager may swallow
// exceptions.
func (b *builder) with(s *python.With) {
	outer := b.raise
	swallowed := b.newBlock(b.loop)
	for i, item := range s.Items {
		from := b.evaluate(item.ContextExpr)
		if i == 0 {
			b.raise = swallowed
			b.mayRaise()
		}
		if item.OptionalVars != nil {
			b.assign(item.OptionalVars, from.computed())
		}
	}
	b.statements(s.Body)
	b.raise = outer
	after := b.follow()
	b.link(swallowed, after, none)
	if outer != none {
		b.link(swallowed, outer, none)
	}
	b.begin(after)
	b.mayRaise()
}

func (b *builder) augAssign(s *python.AugAssign) {
	name, ok := s.Target.(*python.Name)
	if !ok {
		b.storeInto(s.Target, func() origin { return b.evaluate(s.Value) })
		return
	}
	n := b.node(name.ID, name.Span)
	b.use(n, name.ID, ComputedFrom)
	from := b.evaluate(s.Value)
	b.connect(n, b.sources[from.first:from.last], false)
	b.define(n, name.ID, b.scope, false)
}

func (b *builder) annAssign(s *python.AnnAssign) {
	from := b.evaluate(s.Value)
	name, ok := s.Target.(*python.Name)
	switch {
	case s.Value != nil:
		b.assign(s.Target, from)
	case ok:
		b.node(name.ID, name.Span)
	default:
		b.expr(s.Target, false)
	}
	b.expr(s.Annotation, false)
}

// remove is del.
func (b *builder) remove(target python.Expr) {
	switch t := target.(type) {
	case *python.Name:
		b.node(t.ID, t.Span)
		b.kill(t.ID)
	case *python.Tuple:
		for _, e := range t.Elts {
			b.remove(e)
		}
	case *python.List:
		for _, e := range t.Elts {
			b.remove(e)
		}
	default:
		b.storeInto(target, func() origin { return origin{} })
	}
}

func (b *builder) importName(a *python.Alias) {
	span := source.Span{Start: a.Span.Start, End: a.Span.End}
	if a.Asname != "" {
		span = identifierBefore(b.text, span)
	} else {
		span = identifierAfter(b.text, span)
	}
	b.store(aliasName(a), span, origin{})
}
