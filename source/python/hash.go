package python

import (
	"crypto/sha256"
	"strconv"
)

// Hash identifies a program, or any part of one, by its syntax tree: two have
// the same hash if and only if (but for collisions of SHA-256) they differ in
// nothing but layout, comments, redundant parentheses, docstrings, and the way
// literals are written. A body of a docstring alone is the same as pass.
//
// With alpha, names that are local to a function (parameters, variables,
// functions and classes in it) do not matter either, only which of them are
// the same. Names of a module or a class, and those of keywords in calls, which
// others can use, do matter, even where they are those of a renamed parameter.
func Hash(n Node, alpha bool) [sha256.Size]byte {
	d := dumper{version: 13, canonical: true}
	if alpha {
		r := renamer{renamed: map[Node]string{}}
		r.visit(n)
		d.renamed = r.renamed
	}
	d.node(n)
	return sha256.Sum256(d.b)
}

// canonicalBody leaves out a docstring.
func canonicalBody(list []Stmt) []Stmt {
	if len(list) > 0 && isDocstring(list[0]) {
		list = list[1:]
	}
	if len(list) == 0 {
		return []Stmt{&Pass{}}
	}
	return list
}

func isDocstring(s Stmt) bool {
	e, ok := s.(*ExprStmt)
	if !ok {
		return false
	}
	c, ok := e.Value.(*Constant)
	return ok && c.Kind == StrConstant
}

// renamer gives every variable of a function a name that tells no more than
// when it was first met.
type renamer struct {
	renamed map[Node]string
	scope   *renamedScope
	count   int
}

// renamedScope has the names bound in a function, or in a class, whose names
// stay. A name maps to its new name once it was met, to itself where it stays,
// and to outer where it is nonlocal.
type renamedScope struct {
	names   map[string]string
	class   bool
	outside *renamedScope
}

const outer = "nonlocal "

// rename resolves a name that n holds.
func (r *renamer) rename(n Node, name string) {
	for s := r.scope; s != nil; s = s.outside {
		renamed, bound := s.names[name]
		if !bound || renamed == outer || s.class && s != r.scope {
			continue
		}
		if renamed == "" {
			renamed = "#" + strconv.Itoa(r.count)
			r.count++
			s.names[name] = renamed
		}
		r.renamed[n] = renamed
		return
	}
}

// within visits the parts of a function or class in a scope of their own.
func (r *renamer) within(names map[string]string, class bool, visit func()) {
	r.scope = &renamedScope{names, class, r.scope}
	visit()
	r.scope = r.scope.outside
}

func (r *renamer) visit(n Node) {
	switch n := n.(type) {
	case *FunctionDef:
		r.rename(n, n.Name)
		each(n.DecoratorList, r.visit)
		r.function(n.Args, func(names map[string]string) {
			for _, s := range n.Body {
				bind(s, names)
			}
		}, func() { each(n.Body, r.visit) })
		if n.Returns != nil {
			r.visit(n.Returns)
		}
		each(n.TypeParams, r.visit)
	case *Lambda:
		r.function(n.Args, func(names map[string]string) { bind(n.Body, names) }, func() { r.visit(n.Body) })
	case *ClassDef:
		r.class(n)
	case *ListComp:
		r.comprehension(n.Generators, n.Elt)
	case *SetComp:
		r.comprehension(n.Generators, n.Elt)
	case *GeneratorExp:
		r.comprehension(n.Generators, n.Elt)
	case *DictComp:
		r.comprehension(n.Generators, n.Key, n.Value)
	default:
		if name := boundName(n); name != "" {
			r.rename(n, name)
		}
		if n, ok := n.(*Name); ok {
			r.rename(n, n.ID)
		}
		Children(n, r.visit)
	}
}

// function visits defaults and annotations outside, parameters and body inside
// the function's scope.
func (r *renamer) function(a *Arguments, bound func(map[string]string), body func()) {
	names := map[string]string{}
	var params []*Arg
	params = append(append(append(params, a.Posonlyargs...), a.Args...), a.Kwonlyargs...)
	for _, p := range [...]*Arg{a.Vararg, a.Kwarg} {
		if p != nil {
			params = append(params, p)
		}
	}
	for _, p := range params {
		names[p.Arg] = ""
		if p.Annotation != nil {
			r.visit(p.Annotation)
		}
	}
	each(a.Defaults, r.visit)
	each(a.KwDefaults, r.visit)
	bound(names)
	r.within(names, false, func() {
		for _, p := range params {
			r.rename(p, p.Arg)
		}
		body()
	})
}

func (r *renamer) class(n *ClassDef) {
	r.rename(n, n.Name)
	each(n.DecoratorList, r.visit)
	each(n.Bases, r.visit)
	each(n.Keywords, r.visit)
	names := map[string]string{}
	for _, s := range n.Body {
		bind(s, names)
	}
	for name := range names {
		names[name] = name
	}
	r.within(names, true, func() { each(n.Body, r.visit) })
	each(n.TypeParams, r.visit)
}

// comprehension visits the first iterable outside and the rest inside.
func (r *renamer) comprehension(generators []*Comprehension, elements ...Expr) {
	r.visit(generators[0].Iter)
	names := map[string]string{}
	for _, g := range generators {
		for n := range Walk(g.Target) {
			if n, ok := n.(*Name); ok && n.Ctx == Store {
				names[n.ID] = ""
			}
		}
	}
	r.within(names, false, func() {
		for i, g := range generators {
			r.visit(g.Target)
			if i > 0 {
				r.visit(g.Iter)
			}
			each(g.Ifs, r.visit)
		}
		each(elements, r.visit)
	})
}

// boundName is the name that a node other than a [Name] binds where it stands.
func boundName(n Node) string {
	switch n := n.(type) {
	case *FunctionDef:
		return n.Name
	case *ClassDef:
		return n.Name
	case *ExceptHandler:
		return n.Name
	case *MatchStar:
		return n.Name
	case *MatchAs:
		return n.Name
	case *MatchMapping:
		return n.Rest
	case *Alias:
		return n.Asname
	}
	return ""
}

// bind adds the names that n binds in the scope that it stands in. Names that
// are declared global or nonlocal, or imported as they are called, stay.
func bind(n Node, names map[string]string) {
	if name := boundName(n); name != "" {
		add(names, name)
	}
	switch n := n.(type) {
	case *Name:
		if n.Ctx != Load {
			add(names, n.ID)
		}
	case *FunctionDef, *ClassDef, *Lambda:
		return
	case *ListComp, *SetComp, *DictComp, *GeneratorExp:
		for inner := range Walk(n) {
			if e, ok := inner.(*NamedExpr); ok {
				bind(e.Target, names)
			}
		}
		return
	case *Global:
		for _, name := range n.Names {
			names[name] = name
		}
	case *Nonlocal:
		for _, name := range n.Names {
			names[name] = outer
		}
	}
	Children(n, func(c Node) { bind(c, names) })
}

func add(names map[string]string, name string) {
	if _, ok := names[name]; !ok {
		names[name] = ""
	}
}
