package dataflow

import (
	"strings"

	"hone/source"
	"hone/source/python"
)

// functionDef writes a function's body as a unit of its own.
func (b *builder) functionDef(s *python.FunctionDef) {
	mark := len(b.sources)
	b.all(s.DecoratorList)
	decorators := origin{first: mark, last: len(b.sources), derived: true}
	outer := b.scope
	b.typeParams(s.TypeParams)
	b.signature(s.Args)
	b.test(s.Returns)
	firstRead := len(b.reads)
	saved := b.save()
	b.open(functionScope, true)
	b.bindParameters(s.Args)
	b.bindStatements(s.Body)
	b.enter(s.Args)
	b.statements(s.Body)
	function := b.unit
	b.restore(saved)
	b.scope = outer

	start := s.Span.Start
	if s.Async {
		start += len("async")
	}
	n := b.node(s.Name, identifierAfterKeyword(b.text, start, s.Span.End))
	b.connect(n, b.sources[decorators.first:decorators.last], false)
	for _, r := range b.reads[firstRead:] { // what the function closes over
		if owner := b.variables[r.variable].unit; owner.function && owner.id < function.id {
			b.addEdge(Edge{To: int(n), From: int(r.node), Relation: ComputedFrom})
		}
	}
	b.define(n, s.Name, b.scope, false)
}

// signature reads defaults, which flow into the parameters, and annotations.
func (b *builder) signature(a *python.Arguments) {
	if a == nil {
		return
	}
	positional := append(append([]*python.Arg{}, a.Posonlyargs...), a.Args...)
	for i, d := range a.Defaults {
		if at := len(positional) - len(a.Defaults) + i; at >= 0 {
			b.defaultOf(positional[at], d)
		}
	}
	for i, d := range a.KwDefaults {
		if i < len(a.Kwonlyargs) && d != nil {
			b.defaultOf(a.Kwonlyargs[i], d)
		}
	}
	for arg := range parameters(a) {
		b.test(arg.Annotation)
	}
}

func (b *builder) defaultOf(arg *python.Arg, value python.Expr) {
	mark := len(b.sources)
	from := b.evaluate(value)
	n := b.node(arg.Arg, identifierAfter(b.text, arg.Span))
	b.connect(n, b.sources[from.first:from.last], !from.derived)
	b.sources = b.sources[:mark]
}

func (b *builder) bindParameters(a *python.Arguments) {
	if a == nil {
		return
	}
	names := b.binder()
	for arg := range parameters(a) {
		names.bind(arg.Arg)
	}
}

// enter defines the parameters where a function begins.
func (b *builder) enter(a *python.Arguments) {
	if a == nil {
		return
	}
	for arg := range parameters(a) {
		b.define(b.node(arg.Arg, identifierAfter(b.text, arg.Span)), arg.Arg, b.scope, false)
	}
}

// lambda is computed from what its body reads of outside.
func (b *builder) lambda(e *python.Lambda) {
	b.signature(e.Args)
	mark := len(b.sources)
	saved := b.save()
	b.open(functionScope, true)
	b.bindParameters(e.Args)
	names := b.binder()
	if e.Body != nil {
		names.visit(e.Body) // := in a lambda binds in it
	}
	b.assigns = b.assigns || names.assigns
	b.enter(e.Args)
	b.expr(e.Body, false)
	b.dropOwn(mark, b.unit)
	b.restore(saved)
}

// dropOwn removes the sources behind a mark that are variables of a unit or of one in it.
func (b *builder) dropOwn(mark int, u *unit) {
	kept := b.sources[:mark]
	for _, s := range b.sources[mark:] {
		if b.variables[s.variable].unit.id < u.id {
			kept = append(kept, s)
		}
	}
	b.sources = kept
}

// classDef executes a class's body where it stands.
func (b *builder) classDef(s *python.ClassDef) {
	mark := len(b.sources)
	b.all(s.DecoratorList)
	outer := b.scope
	b.typeParams(s.TypeParams)
	b.all(s.Bases)
	b.keywords(s.Keywords)
	last := len(b.sources)
	private := b.private
	b.private = strings.TrimLeft(s.Name, "_")
	b.inner(classScope)
	b.bindStatements(s.Body)
	b.statements(s.Body)
	b.scope, b.private = outer, private
	b.store(s.Name, identifierAfterKeyword(b.text, s.Span.Start, s.Span.End), origin{first: mark, last: last, derived: true})
}

// typeParams opens a scope for type parameters, if there are any; the caller restores.
func (b *builder) typeParams(list []python.TypeParam) {
	if len(list) == 0 {
		return
	}
	b.inner(typeScope)
	names := b.binder()
	for _, p := range list {
		name, _, _ := typeParam(p)
		names.bind(name)
	}
	for _, p := range list {
		name, bound, value := typeParam(p)
		mark := len(b.sources)
		b.expr(bound, false)
		b.expr(value, false)
		b.store(name, identifierAfter(b.text, p.Pos()), origin{first: mark, last: len(b.sources), derived: true})
		b.sources = b.sources[:mark]
	}
}

func typeParam(p python.TypeParam) (name string, bound, value python.Expr) {
	switch p := p.(type) {
	case *python.TypeVar:
		return p.Name, p.Bound, p.DefaultValue
	case *python.ParamSpec:
		return p.Name, nil, p.DefaultValue
	case *python.TypeVarTuple:
		return p.Name, nil, p.DefaultValue
	}
	return "", nil, nil
}

// typeAlias computes a name from a value that is evaluated when it is asked for.
func (b *builder) typeAlias(s *python.TypeAlias) {
	mark := len(b.sources)
	saved := b.save()
	b.open(functionScope, true)
	b.typeParams(s.TypeParams)
	b.expr(s.Value, false)
	b.dropOwn(mark, b.unit)
	b.restore(saved)
	b.assign(s.Name, origin{first: mark, last: len(b.sources), derived: true})
}

// identifierAfter is the first identifier in a range that is not in a comment.
func identifierAfter(text []byte, in source.Span) source.Span {
	for i := in.Start; i < in.End && i < len(text); i++ {
		switch {
		case text[i] == '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case isIdentifier(text[i]):
			end := i
			for end < len(text) && isIdentifier(text[end]) {
				end++
			}
			return source.Span{Start: i, End: end}
		}
	}
	return source.Span{Start: in.Start, End: in.Start}
}

// identifierAfterKeyword is the one behind as, def or class.
func identifierAfterKeyword(text []byte, start, end int) source.Span {
	as := identifierAfter(text, source.Span{Start: start, End: end})
	return identifierAfter(text, source.Span{Start: as.End, End: end})
}

// identifierBefore is the identifier that a range ends with.
func identifierBefore(text []byte, in source.Span) source.Span {
	end := min(in.End, len(text))
	start := end
	for start > in.Start && isIdentifier(text[start-1]) {
		start--
	}
	return source.Span{Start: start, End: end}
}

func isIdentifier(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
