package dataflow

import (
	"strings"

	"hone/source/python"
)

// scopeKind is what opens a scope.
type scopeKind uint8

const (
	moduleScope scopeKind = iota
	functionScope
	classScope
	comprehensionScope
	typeScope // type parameters (PEP 695)
)

// scope is a region of text with its own names (docs.python.org, "Naming and binding").
type scope struct {
	kind   scopeKind
	parent *scope
	unit   *unit
	// names are those bound here and those declared global or nonlocal.
	names map[string]binding
}

// binding says what a name is in a scope; variable is none until the name is met.
type binding struct {
	kind     bindingKind
	variable int32
}

type bindingKind uint8

const (
	local bindingKind = iota
	global
	nonlocal
)

// unit is code that is executed as one: the module, or the body of a function, lambda or
// generator expression. Bodies of classes and other comprehensions are executed where they
// stand and belong to the unit around them.
type unit struct {
	id       int32 // units are numbered from the outside in
	function bool
	// parent is the unit that creates this one, at the end of its block parent.block at that
	// time. Definitions of the parent numbered from later on may be executed afterwards.
	parent *unit
	block  int32 // the block that is being written
	later  int
}

// variable is a name in the scope that owns it.
type variable struct {
	unit *unit
	// definitions are those in the unit, foreign those in others.
	definitions []int32
	foreign     []int32
}

// binder collects the names that a scope binds.
type binder struct {
	names map[string]binding
	// inside counts the comprehensions around, in which only := binds here.
	inside  int
	private string
	// assigns says that there is a := somewhere.
	assigns bool
}

func (b *binder) bind(name string) {
	name = mangle(name, b.private)
	if _, ok := b.names[name]; !ok {
		b.names[name] = binding{local, none}
	}
}

func (b *binder) declare(names []string, kind bindingKind) {
	for _, name := range names {
		b.names[mangle(name, b.private)] = binding{kind, none}
	}
}

// mangle is the name that a private name has in the class given (without its leading underscores).
func mangle(name, class string) string {
	if class == "" || !strings.HasPrefix(name, "__") || strings.HasSuffix(name, "__") {
		return name
	}
	return "_" + class + name
}

// visit collects from a node and what it holds, but not from nested scopes.
func (b *binder) visit(n python.Node) {
	switch n := n.(type) {
	case *python.Name:
		if n.Ctx != python.Load && b.inside == 0 {
			b.bind(n.ID)
		}
	case *python.NamedExpr:
		b.assigns = true
		if target, ok := n.Target.(*python.Name); ok {
			b.bind(target.ID)
		}
		b.visit(n.Value)
	case *python.FunctionDef:
		b.bind(n.Name)
		b.expressions(n.DecoratorList)
		b.arguments(n.Args)
		if n.Returns != nil {
			b.visit(n.Returns)
		}
	case *python.ClassDef:
		b.bind(n.Name)
		b.expressions(n.DecoratorList)
		b.expressions(n.Bases)
		for _, k := range n.Keywords {
			b.visit(k)
		}
	case *python.TypeAlias:
		b.visit(n.Name)
	case *python.Lambda:
		b.arguments(n.Args)
	case *python.ListComp, *python.SetComp, *python.DictComp, *python.GeneratorExp:
		b.inside++
		python.Children(n, b.visit)
		b.inside--
	default:
		b.named(n)
		python.Children(n, b.visit)
	}
}

// named binds what statements and patterns name themselves.
func (b *binder) named(n python.Node) {
	switch n := n.(type) {
	case *python.Import:
		for _, a := range n.Names {
			b.bind(aliasName(a))
		}
	case *python.ImportFrom:
		for _, a := range n.Names {
			if a.Name != "*" {
				b.bind(aliasName(a))
			}
		}
	case *python.ExceptHandler:
		b.bindNamed(n.Name)
	case *python.MatchAs:
		b.bindNamed(n.Name)
	case *python.MatchStar:
		b.bindNamed(n.Name)
	case *python.MatchMapping:
		b.bindNamed(n.Rest)
	case *python.Global:
		b.declare(n.Names, global)
	case *python.Nonlocal:
		b.declare(n.Names, nonlocal)
	}
}

func (b *binder) bindNamed(name string) {
	if name != "" {
		b.bind(name)
	}
}

func (b *binder) expressions(list []python.Expr) {
	for _, e := range list {
		if e != nil {
			b.visit(e)
		}
	}
}

// arguments visits what a signature evaluates around the function: defaults and annotations.
func (b *binder) arguments(a *python.Arguments) {
	if a == nil {
		return
	}
	b.expressions(a.Defaults)
	b.expressions(a.KwDefaults)
	for arg := range parameters(a) {
		if arg.Annotation != nil {
			b.visit(arg.Annotation)
		}
	}
}

// parameters are all parameters in the order of the text.
func parameters(a *python.Arguments) func(yield func(*python.Arg) bool) {
	return func(yield func(*python.Arg) bool) {
		for _, list := range [...][]*python.Arg{a.Posonlyargs, a.Args, {a.Vararg}, a.Kwonlyargs, {a.Kwarg}} {
			for _, arg := range list {
				if arg != nil && !yield(arg) {
					return
				}
			}
		}
	}
}

// aliasName is the name that an import binds.
func aliasName(a *python.Alias) string {
	if a.Asname != "" {
		return a.Asname
	}
	first, _, _ := strings.Cut(a.Name, ".")
	return first
}
