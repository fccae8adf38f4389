package dataflow

import (
	"slices"

	"hone/source"
	"hone/source/python"
)

// assign gives a target what an origin says.
func (b *builder) assign(target python.Expr, from origin) {
	switch t := target.(type) {
	case *python.Name:
		b.store(t.ID, t.Span, from)
	case *python.Starred:
		b.assign(t.Value, from.computed())
	case *python.Tuple:
		b.unpack(t.Elts, from)
	case *python.List:
		b.unpack(t.Elts, from)
	case nil:
	default:
		b.storeInto(t, func() origin { return from })
	}
}

// store makes the name at span a definition with an origin.
func (b *builder) store(name string, span source.Span, from origin) {
	n := b.node(name, span)
	b.connect(n, b.sources[from.first:from.last], !from.derived)
	b.define(n, name, b.scope, false)
}

// unpack gives each target its part.
func (b *builder) unpack(targets []python.Expr, from origin) {
	star := slices.IndexFunc(targets, func(t python.Expr) bool { _, ok := t.(*python.Starred); return ok })
	for i, part := range from.split(len(targets), star) {
		b.assign(targets[i], part)
	}
}

// split divides an origin among n targets, of which the one at star, if any, takes what the
// others leave. The elements of a display are paired with them where the counts fit;
// otherwise each target is computed from all.
func (o origin) split(n, star int) []origin {
	parts, given := make([]origin, n), len(o.elements)
	paired := o.elements != nil && (n == given || star >= 0 && given >= n-1)
	for i := range parts {
		switch {
		case !paired:
			parts[i] = o.computed()
		case star < 0 || i < star:
			parts[i] = o.elements[i]
		case i > star:
			parts[i] = o.elements[given-n+i]
		case given >= n: // otherwise nothing is left for it
			middle := o.elements[star : given-n+star+1]
			parts[i] = origin{first: middle[0].first, last: middle[len(middle)-1].last, derived: true}
		}
	}
	return parts
}

// storeInto changes an attribute or an element: a use and a weak definition of the variable
// at its root, computed from the indices and from what evaluate reads between.
func (b *builder) storeInto(target python.Expr, evaluate func() origin) {
	mark := len(b.sources)
	b.expr(target, false)
	indices := origin{first: mark, last: len(b.sources)}
	from := evaluate()
	root := rootOf(target)
	if root == nil {
		return
	}
	n := b.node(root.ID, root.Span)
	for _, o := range [...]origin{indices, from} {
		for _, s := range b.sources[o.first:o.last] {
			if s.node != n {
				b.connect(n, []contribution{s}, false)
			}
		}
	}
	b.define(n, root.ID, b.scope, true)
}

// rootOf is the variable that a chain of attributes and elements begins with, or nil.
func rootOf(e python.Expr) *python.Name {
	for {
		switch x := e.(type) {
		case *python.Attribute:
			e = x.Value
		case *python.Subscript:
			e = x.Value
		case *python.Name:
			return x
		default:
			return nil
		}
	}
}

// match tries one case after another.
func (b *builder) match(s *python.Match) {
	from := b.evaluate(s.Subject)
	end := b.newBlock(b.loop)
	for _, c := range s.Cases {
		next := b.newBlock(b.loop)
		before := b.block
		b.begin(b.follow())
		b.pattern(c.Pattern, from)
		if c.Guard != nil {
			b.test(c.Guard)
		}
		if !irrefutable(c.Pattern) {
			b.link(before, next, none)
		}
		if c.Guard != nil {
			b.link(b.block, next, none)
			b.begin(b.follow())
		}
		b.statements(c.Body)
		b.link(b.block, end, none)
		b.begin(next)
	}
	b.link(b.block, end, none)
	b.begin(end)
}

// irrefutable reports whether a pattern matches everything.
func irrefutable(p python.Pattern) bool {
	switch p := p.(type) {
	case *python.MatchAs:
		return p.Pattern == nil || irrefutable(p.Pattern)
	case *python.MatchOr:
		for _, alternative := range p.Patterns {
			if irrefutable(alternative) {
				return true
			}
		}
	}
	return false
}

// pattern reads what a pattern compares with and binds its captures.
func (b *builder) pattern(p python.Pattern, from origin) {
	switch p := p.(type) {
	case *python.MatchValue:
		b.test(p.Value)
	case *python.MatchSequence:
		star := slices.IndexFunc(p.Patterns, func(p python.Pattern) bool { _, ok := p.(*python.MatchStar); return ok })
		for i, part := range from.split(len(p.Patterns), star) {
			b.pattern(p.Patterns[i], part)
		}
	case *python.MatchMapping:
		after := p.Span.Start
		for _, k := range p.Keys {
			b.test(k)
			after = max(after, k.Pos().End)
		}
		b.patterns(p.Patterns, from.computed())
		for _, inner := range p.Patterns {
			after = max(after, inner.Pos().End)
		}
		if p.Rest != "" {
			b.store(p.Rest, identifierAfter(b.text, source.Span{Start: after, End: p.Span.End}), from.computed())
		}
	case *python.MatchClass:
		b.test(p.Cls)
		b.patterns(p.Patterns, from.computed())
		b.patterns(p.KwdPatterns, from.computed())
	case *python.MatchStar:
		if p.Name != "" {
			b.store(p.Name, identifierBefore(b.text, p.Span), from.computed())
		}
	case *python.MatchAs:
		if p.Pattern != nil {
			b.pattern(p.Pattern, from)
		}
		if p.Name != "" {
			b.store(p.Name, identifierBefore(b.text, p.Span), from)
		}
	case *python.MatchOr:
		b.alternatives(p.Patterns, from)
	}
}

func (b *builder) patterns(list []python.Pattern, from origin) {
	for _, p := range list {
		b.pattern(p, from)
	}
}

// alternatives are branches: each binds the same names.
func (b *builder) alternatives(list []python.Pattern, from origin) {
	start, end := b.block, b.newBlock(b.loop)
	for _, p := range list {
		b.begin(start)
		b.begin(b.follow())
		b.pattern(p, from)
		b.link(b.block, end, none)
	}
	b.begin(end)
}
