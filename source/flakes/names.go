package flakes

import (
	"slices"
	"strings"

	"hone/source"
	"hone/source/python"
)

// name handles a name where it is read, bound or deleted.
func (c *checker) name(n *python.Name, p *place) {
	switch n.Ctx {
	case python.Load:
		c.load(p, n.ID)
		if _, called := p.parent.node.(*python.Call); called && n.ID == "locals" && c.scope.kind == functionScope {
			c.scope.usesLocals = true
		}
	case python.Store:
		c.store(p, n.ID, p.span)
	case python.Del:
		c.delete(p, n.ID)
	}
}

// load uses a name, which is to be found in this scope or one around it.
func (c *checker) load(p *place, name string) {
	starImports := false
	// Only comprehensions in a class see its names; functions in it do not.
	seesClass := true
	for s := c.scope; s != nil; s = s.outer {
		if s.kind == classScope {
			if name == "__class__" {
				return
			}
			if !seesClass {
				continue
			}
		}
		b := s.get(name)
		if b != nil && b.kind == annotationBinding && !c.postponed() {
			continue
		}
		if b != nil {
			c.use(s, b, p)
			return
		}
		starImports = starImports || s.starImports
		seesClass = seesClass && (s.kind == generatorScope || s.kind == typeScope)
	}
	switch {
	case starImports:
		c.report(&starUsage, p, p.span, repr(name), c.useStarImports(p))
	case name == "__path__" && c.options.Package:
	case classNames[name] && c.scope.kind == classScope:
	case c.handled[len(c.handled)-1]:
	default:
		c.undefined(p, name)
	}
}

// postponed reports whether names are looked up only after the whole module.
func (c *checker) postponed() bool {
	return c.annotation == quotedAnnotation || c.annotationsFuture
}

// use notes that b, found in s, is used at p.
func (c *checker) use(s *scope, b *binding, p *place) {
	if b.kind == builtinBinding && b.name == "print" && p.parent != nil {
		if op, ok := holder(p).node.(*python.BinOp); ok && op.Op == python.RShift {
			c.report(&printShift, p, p.span)
		}
	}
	b.usedIn, b.usedAt = c.scope, p
	if b.isImport() && b.renamed() {
		// import a.b beside import a.b as c: one use is enough.
		if same := s.get(b.fullName); same != nil {
			same.usedIn, same.usedAt = c.scope, p
		}
	}
}

// maxModules is how many modules a message lists.
const maxModules = 100

// useStarImports marks all star imports, which only a module has, as used and lists
// their modules.
func (c *checker) useStarImports(p *place) string {
	if c.starModules != "" {
		return c.starModules
	}
	module := c.scope.module()
	var from []string
	for _, b := range module.names {
		if b != nil && b.kind == starBinding {
			b.usedIn, b.usedAt = module, p
			from = append(from, b.fullName)
		}
	}
	slices.Sort(from)
	if len(from) > maxModules {
		from = append(from[:maxModules], "...")
	}
	c.starModules = strings.Join(from, ", ")
	return c.starModules
}

// store binds a name at p; span is the name itself. An empty name is none.
func (c *checker) store(p *place, name string, span source.Span) {
	if name == "" {
		return
	}
	if c.scope.kind == functionScope && c.scope.get(name) == nil {
		c.usedBefore(name)
	}
	c.bind(p, &binding{kind: c.storeKind(p, name), name: name, source: p, span: span})
}

// usedBefore reports that this function read a name of a scope around it which
// turns out to be its own.
func (c *checker) usedBefore(name string) {
	var outermost *binding
	for s := c.scope.outer; s != nil; s = s.outer {
		if s.kind != functionScope && s.kind != moduleScope {
			continue
		}
		if b := s.get(name); b != nil && b.usedIn == c.scope && !alwaysUsed[name] {
			outermost = b
		}
	}
	if outermost == nil {
		return
	}
	at := outermost.usedAt
	if outermost.source == nil {
		c.report(&undefinedLocal, at, at.span, repr(name), "defined as a builtin")
		return
	}
	c.report(&undefinedLocal, at, at.span, repr(name), "defined in enclosing scope on line "+decimal(c.line(outermost.source)))
}

// storeKind is the kind of binding that a name bound at p is.
func (c *checker) storeKind(p *place, name string) bindingKind {
	around := holder(p)
	switch n := around.node.(type) {
	case *python.AnnAssign:
		if n.Value == nil {
			return annotationBinding
		}
	case *python.For, *python.Comprehension:
		return plainBinding
	}
	if around.node != p.parent.node && !unpacksLiteral(around.node) {
		return plainBinding
	}
	if name == "__all__" && c.scope.kind == moduleScope {
		switch p.parent.node.(type) {
		case *python.Assign, *python.AugAssign, *python.AnnAssign:
			return exportBinding
		}
	}
	if _, ok := around.node.(*python.NamedExpr); ok {
		return walrusBinding
	}
	return assignmentBinding
}

// unpacksLiteral reports whether n assigns a tuple to a tuple, where each variable
// is assigned as if alone.
func unpacksLiteral(n python.Node) bool {
	a, ok := n.(*python.Assign)
	if !ok || !isDisplay(a.Value) {
		return false
	}
	for _, t := range a.Targets {
		if !isDisplay(t) {
			return false
		}
	}
	return true
}

func isDisplay(e python.Expr) bool {
	switch e.(type) {
	case *python.Tuple, *python.List, *python.Set:
		return true
	}
	return false
}

// bind gives a name its binding b in the innermost scope, at p, and reports what
// that makes pointless.
func (c *checker) bind(p *place, b *binding) {
	if b.kind == exportBinding {
		b.source = p.parent
		b.exports = c.exports(p.parent.node)
	}
	s, existing := c.find(b.name)
	if existing != nil && existing.kind != builtinBinding && !differentForks(p, existing.source) {
		c.redefine(p, b, s, existing)
	}
	own := c.scope.get(b.name)
	if own != nil {
		// The name is a global then, or bound again in a loop.
		b.usedIn, b.usedAt = own.usedIn, own.usedAt
		if b.kind == annotationBinding {
			return
		}
	}
	into := c.scope
	for b.kind == walrusBinding && into.kind == generatorScope {
		into = into.outer // PEP 572
	}
	into.set(b.name, b)
}

// find is the innermost scope that has a name, and its binding.
func (c *checker) find(name string) (*scope, *binding) {
	for s := c.scope; s != nil; s = s.outer {
		if b := s.get(name); b != nil {
			return s, b
		}
	}
	return nil, nil
}

// redefine handles that b, bound at p, hides or replaces existing, found in s.
func (c *checker) redefine(p *place, b *binding, s *scope, existing *binding) {
	if existing.isImport() {
		if _, inFor := holder(b.source).node.(*python.For); inFor {
			c.report(&shadowed, p, b.span, repr(b.name), c.line(existing.source))
			return
		}
	}
	switch {
	case s == c.scope:
		if existing.usedIn == nil && b.redefines(existing) &&
			(b.name != "_" || existing.isImport()) && !c.isOverload(existing) {
			c.report(&redefined, p, b.span, repr(b.name), c.line(existing.source))
		}
	case existing.isImport() && b.redefines(existing):
		existing.redefinitions = append(existing.redefinitions, redefinition{p, b.span})
	}
}

// delete unbinds a name, except where a branch may not be taken.
func (c *checker) delete(p *place, name string) {
	for q := p.parent; q != nil; q = q.parent {
		switch q.node.(type) {
		case *python.If, *python.While, *python.IfExp:
			return
		}
	}
	if c.scope.kind == functionScope && alwaysUsed[name] {
		return
	}
	if c.scope.remove(name) == nil {
		c.undefined(p, name)
	}
}

// global makes names those of the module, for this scope and those between.
func (c *checker) global(names []string, p *place) {
	module := c.scope.module()
	if c.scope == module {
		return
	}
	for _, name := range names {
		b := &binding{kind: assignmentBinding, name: name, source: p, span: p.span, usedIn: module, usedAt: p}
		for _, i := range c.undefinedNames[name] {
			c.reports[i].withdrawn = true
		}
		delete(c.undefinedNames, name)
		if module.get(name) == nil {
			module.set(name, b)
		}
		for s := c.scope; s != module; s = s.outer {
			s.set(name, b)
		}
	}
}

// checkUnused reports the variables of the innermost scope that nothing uses.
func (c *checker) checkUnused() {
	if c.scope.usesLocals {
		return
	}
	for name, b := range c.scope.names {
		if b != nil && b.usedIn == nil && b.isAssignment() && name != "_" && !alwaysUsed[name] {
			c.report(&unusedVariable, b.source, b.span, repr(name))
		}
	}
}

// checkDeadScopes reports imports that nothing used and exports that do not exist.
// Imports of a class are its members.
func (c *checker) checkDeadScopes() {
	for _, s := range c.dead {
		if s.kind == classScope {
			continue
		}
		all := s.get("__all__")
		exported := map[string]bool{}
		if all != nil && all.kind == exportBinding {
			for _, e := range all.exports {
				exported[e.name] = true
			}
			c.checkExports(s, all)
		}
		for _, b := range s.names {
			if b != nil && b.isImport() {
				c.checkImport(b, exported)
			}
		}
	}
}

func (c *checker) checkImport(b *binding, exported map[string]bool) {
	used := b.usedIn != nil || exported[b.name]
	if !used {
		c.report(&unusedImport, b.source, b.span, repr(b.imported()))
	}
	for _, r := range b.redefinitions {
		_, inFor := holder(r.at).node.(*python.For)
		switch {
		case inFor:
			c.report(&shadowed, r.at, r.span, repr(b.name), c.line(b.source))
		case !used:
			c.report(&redefined, r.at, r.span, repr(b.name), c.line(b.source))
		}
	}
}

// checkExports reports names in __all__ that the module does not have.
func (c *checker) checkExports(s *scope, all *binding) {
	var undefined []export
	for _, e := range all.exports {
		if s.get(e.name) == nil {
			undefined = append(undefined, e)
		}
	}
	if len(undefined) == 0 {
		return
	}
	from := ""
	if s.starImports {
		from = c.useStarImports(all.source)
	} else if c.options.Package {
		return
	}
	for _, e := range undefined {
		if s.starImports {
			c.report(&starUsage, all.source, e.span, repr(e.name), from)
		} else {
			c.report(&undefinedExport, all.source, e.span, repr(e.name))
		}
	}
}
