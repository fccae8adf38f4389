package metrics

import "hone/source/python"

// recursive finds the functions that are in a cycle of calls, themselves
// included. A call reaches a function by its plain name, where Python's scopes
// lead to it, or as a method of the class around by the first parameter:
// self.f(). A name that is also a parameter on the way leads nowhere, and so
// does what is only known when the program runs.
func recursive(m *python.Module) map[*python.FunctionDef]bool {
	g := callGraph{calls: map[*python.FunctionDef][]*python.FunctionDef{}}
	g.collect(m, &scope{functions: map[string]*python.FunctionDef{}})
	if len(g.order) == 0 {
		return nil
	}
	for _, s := range g.sites {
		if f := s.scope.resolve(s.callee); f != nil {
			g.calls[s.caller] = append(g.calls[s.caller], f)
		}
	}
	return g.cycles()
}

// scope is a module, a class or a function, with the functions defined in it.
type scope struct {
	parent    *scope
	class     bool
	def       *python.FunctionDef // nil for a module and a class
	functions map[string]*python.FunctionDef
}

// callSite is a call in a function.
type callSite struct {
	scope  *scope
	caller *python.FunctionDef
	callee python.Expr
}

type callGraph struct {
	order []*python.FunctionDef
	sites []callSite
	calls map[*python.FunctionDef][]*python.FunctionDef
}

func (g *callGraph) collect(n python.Node, s *scope) {
	switch n := n.(type) {
	case *python.FunctionDef:
		s.functions[n.Name] = n
		g.order = append(g.order, n)
		// Decorators and defaults belong to the scope around, but few call anything.
		s = &scope{parent: s, def: n, functions: map[string]*python.FunctionDef{}}
	case *python.ClassDef:
		s = &scope{parent: s, class: true, functions: map[string]*python.FunctionDef{}}
	case *python.Call:
		if f := s.function(); f != nil {
			g.sites = append(g.sites, callSite{s, f, n.Func})
		}
	}
	python.Children(n, func(c python.Node) { g.collect(c, s) })
}

// function is the innermost function around, or nil.
func (s *scope) function() *python.FunctionDef {
	for ; s != nil; s = s.parent {
		if s.def != nil {
			return s.def
		}
	}
	return nil
}

// resolve finds the function that is called, or nil.
func (s *scope) resolve(callee python.Expr) *python.FunctionDef {
	switch callee := callee.(type) {
	case *python.Name:
		for start := s; s != nil; s = s.parent {
			if s.class && s != start { // methods do not see names of their class
				continue
			}
			if f := s.functions[callee.ID]; f != nil {
				return f
			}
			if s.def != nil && hasParameter(s.def.Args, callee.ID) {
				return nil
			}
		}
	case *python.Attribute:
		object, ok := callee.Value.(*python.Name)
		if !ok {
			return nil
		}
		for ; s != nil; s = s.parent {
			if s.def != nil && s.parent.class && object.ID == firstParameter(s.def.Args) {
				return s.parent.functions[callee.Attr]
			}
		}
	}
	return nil
}

func firstParameter(a *python.Arguments) string {
	switch {
	case len(a.Posonlyargs) > 0:
		return a.Posonlyargs[0].Arg
	case len(a.Args) > 0:
		return a.Args[0].Arg
	}
	return ""
}

func hasParameter(a *python.Arguments, name string) bool {
	for _, list := range [][]*python.Arg{a.Posonlyargs, a.Args, a.Kwonlyargs, {a.Vararg, a.Kwarg}} {
		for _, p := range list {
			if p != nil && p.Arg == name {
				return true
			}
		}
	}
	return false
}

// cycles finds strongly connected components (Tarjan, Depth-first search and
// linear graph algorithms, 1972): those with more than one function, and
// functions that call themselves.
func (g *callGraph) cycles() map[*python.FunctionDef]bool {
	found := map[*python.FunctionDef]bool{}
	index := map[*python.FunctionDef]int{} // from 1, in the order of visits
	low := map[*python.FunctionDef]int{}   // the smallest index reachable
	onStack := map[*python.FunctionDef]bool{}
	var stack []*python.FunctionDef
	var visit func(f *python.FunctionDef)
	visit = func(f *python.FunctionDef) {
		index[f] = len(index) + 1
		low[f] = index[f]
		stack = append(stack, f)
		onStack[f] = true
		for _, h := range g.calls[f] {
			switch {
			case h == f:
				found[f] = true
			case index[h] == 0:
				visit(h)
				low[f] = min(low[f], low[h])
			case onStack[h]:
				low[f] = min(low[f], index[h])
			}
		}
		if low[f] != index[f] {
			return
		}
		for several := stack[len(stack)-1] != f; ; {
			h := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			onStack[h] = false
			if several {
				found[h] = true
			}
			if h == f {
				return
			}
		}
	}
	for _, f := range g.order {
		if index[f] == 0 {
			visit(f)
		}
	}
	return found
}
