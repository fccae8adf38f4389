package python

import "iter"

// Children calls f for each child of n that is not nil, in the order of
// CPython's fields.
func Children(n Node, f func(Node)) {
	switch n := n.(type) {
	case *Module:
		each(n.Body, f)
	case *FunctionDef:
		if n.Args != nil {
			f(n.Args)
		}
		each(n.Body, f)
		each(n.DecoratorList, f)
		if n.Returns != nil {
			f(n.Returns)
		}
		each(n.TypeParams, f)
	case *ClassDef:
		each(n.Bases, f)
		each(n.Keywords, f)
		each(n.Body, f)
		each(n.DecoratorList, f)
		each(n.TypeParams, f)
	case *Return:
		if n.Value != nil {
			f(n.Value)
		}
	case *Delete:
		each(n.Targets, f)
	case *Assign:
		each(n.Targets, f)
		if n.Value != nil {
			f(n.Value)
		}
	case *TypeAlias:
		if n.Name != nil {
			f(n.Name)
		}
		each(n.TypeParams, f)
		if n.Value != nil {
			f(n.Value)
		}
	case *AugAssign:
		if n.Target != nil {
			f(n.Target)
		}
		if n.Value != nil {
			f(n.Value)
		}
	case *AnnAssign:
		if n.Target != nil {
			f(n.Target)
		}
		if n.Annotation != nil {
			f(n.Annotation)
		}
		if n.Value != nil {
			f(n.Value)
		}
	case *For:
		if n.Target != nil {
			f(n.Target)
		}
		if n.Iter != nil {
			f(n.Iter)
		}
		each(n.Body, f)
		each(n.Orelse, f)
	case *While:
		if n.Test != nil {
			f(n.Test)
		}
		each(n.Body, f)
		each(n.Orelse, f)
	case *If:
		if n.Test != nil {
			f(n.Test)
		}
		each(n.Body, f)
		each(n.Orelse, f)
	case *With:
		each(n.Items, f)
		each(n.Body, f)
	case *Match:
		if n.Subject != nil {
			f(n.Subject)
		}
		each(n.Cases, f)
	case *Raise:
		if n.Exc != nil {
			f(n.Exc)
		}
		if n.Cause != nil {
			f(n.Cause)
		}
	case *Try:
		each(n.Body, f)
		each(n.Handlers, f)
		each(n.Orelse, f)
		each(n.Finalbody, f)
	case *Assert:
		if n.Test != nil {
			f(n.Test)
		}
		if n.Msg != nil {
			f(n.Msg)
		}
	case *Import:
		each(n.Names, f)
	case *ImportFrom:
		each(n.Names, f)
	case *ExprStmt:
		if n.Value != nil {
			f(n.Value)
		}
	case *BoolOp:
		each(n.Values, f)
	case *NamedExpr:
		if n.Target != nil {
			f(n.Target)
		}
		if n.Value != nil {
			f(n.Value)
		}
	case *BinOp:
		if n.Left != nil {
			f(n.Left)
		}
		if n.Right != nil {
			f(n.Right)
		}
	case *UnaryOp:
		if n.Operand != nil {
			f(n.Operand)
		}
	case *Lambda:
		if n.Args != nil {
			f(n.Args)
		}
		if n.Body != nil {
			f(n.Body)
		}
	case *IfExp:
		if n.Test != nil {
			f(n.Test)
		}
		if n.Body != nil {
			f(n.Body)
		}
		if n.Orelse != nil {
			f(n.Orelse)
		}
	case *Dict:
		each(n.Keys, f)
		each(n.Values, f)
	case *Set:
		each(n.Elts, f)
	case *ListComp:
		if n.Elt != nil {
			f(n.Elt)
		}
		each(n.Generators, f)
	case *SetComp:
		if n.Elt != nil {
			f(n.Elt)
		}
		each(n.Generators, f)
	case *DictComp:
		if n.Key != nil {
			f(n.Key)
		}
		if n.Value != nil {
			f(n.Value)
		}
		each(n.Generators, f)
	case *GeneratorExp:
		if n.Elt != nil {
			f(n.Elt)
		}
		each(n.Generators, f)
	case *Await:
		if n.Value != nil {
			f(n.Value)
		}
	case *Yield:
		if n.Value != nil {
			f(n.Value)
		}
	case *YieldFrom:
		if n.Value != nil {
			f(n.Value)
		}
	case *Compare:
		if n.Left != nil {
			f(n.Left)
		}
		each(n.Comparators, f)
	case *Call:
		if n.Func != nil {
			f(n.Func)
		}
		each(n.Args, f)
		each(n.Keywords, f)
	case *FormattedValue:
		if n.Value != nil {
			f(n.Value)
		}
		if n.FormatSpec != nil {
			f(n.FormatSpec)
		}
	case *JoinedStr:
		each(n.Values, f)
	case *Attribute:
		if n.Value != nil {
			f(n.Value)
		}
	case *Subscript:
		if n.Value != nil {
			f(n.Value)
		}
		if n.Slice != nil {
			f(n.Slice)
		}
	case *Starred:
		if n.Value != nil {
			f(n.Value)
		}
	case *List:
		each(n.Elts, f)
	case *Tuple:
		each(n.Elts, f)
	case *Slice:
		if n.Lower != nil {
			f(n.Lower)
		}
		if n.Upper != nil {
			f(n.Upper)
		}
		if n.Step != nil {
			f(n.Step)
		}
	case *MatchValue:
		if n.Value != nil {
			f(n.Value)
		}
	case *MatchSequence:
		each(n.Patterns, f)
	case *MatchMapping:
		each(n.Keys, f)
		each(n.Patterns, f)
	case *MatchClass:
		if n.Cls != nil {
			f(n.Cls)
		}
		each(n.Patterns, f)
		each(n.KwdPatterns, f)
	case *MatchAs:
		if n.Pattern != nil {
			f(n.Pattern)
		}
	case *MatchOr:
		each(n.Patterns, f)
	case *TypeVar:
		if n.Bound != nil {
			f(n.Bound)
		}
		if n.DefaultValue != nil {
			f(n.DefaultValue)
		}
	case *ParamSpec:
		if n.DefaultValue != nil {
			f(n.DefaultValue)
		}
	case *TypeVarTuple:
		if n.DefaultValue != nil {
			f(n.DefaultValue)
		}
	case *ExceptHandler:
		if n.Type != nil {
			f(n.Type)
		}
		each(n.Body, f)
	case *Comprehension:
		if n.Target != nil {
			f(n.Target)
		}
		if n.Iter != nil {
			f(n.Iter)
		}
		each(n.Ifs, f)
	case *Arguments:
		each(n.Posonlyargs, f)
		each(n.Args, f)
		if n.Vararg != nil {
			f(n.Vararg)
		}
		each(n.Kwonlyargs, f)
		each(n.KwDefaults, f)
		if n.Kwarg != nil {
			f(n.Kwarg)
		}
		each(n.Defaults, f)
	case *Arg:
		if n.Annotation != nil {
			f(n.Annotation)
		}
	case *Keyword:
		if n.Value != nil {
			f(n.Value)
		}
	case *WithItem:
		if n.ContextExpr != nil {
			f(n.ContextExpr)
		}
		if n.OptionalVars != nil {
			f(n.OptionalVars)
		}
	case *MatchCase:
		if n.Pattern != nil {
			f(n.Pattern)
		}
		if n.Guard != nil {
			f(n.Guard)
		}
		each(n.Body, f)
	}
}

// each calls f for the nodes of a list, in which only expressions can be nil.
func each[T Node](nodes []T, f func(Node)) {
	for _, n := range nodes {
		if Node(n) != nil {
			f(n)
		}
	}
}

// Inspect calls f for n and, where f returns true, for everything below it, in
// preorder; after the children of a node it calls f(nil).
func Inspect(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	Children(n, func(c Node) { Inspect(c, f) })
	f(nil)
}

// Walk yields n and everything below it in preorder.
func Walk(n Node) iter.Seq[Node] {
	return func(yield func(Node) bool) { walk(n, yield) }
}

func walk(n Node, yield func(Node) bool) bool {
	ok := yield(n)
	Children(n, func(c Node) { ok = ok && walk(c, yield) })
	return ok
}
