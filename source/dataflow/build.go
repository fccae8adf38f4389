package dataflow

import (
	"hone/source"
	"hone/source/python"
)

// builder writes the control flow of a program and what its places read and define.
type builder struct {
	flow
	text  []byte
	graph Graph
	// nodeAt is the node of an occurrence, by its first byte: bodies of finally are read twice.
	nodeAt    map[int]int32
	variables []variable
	reads     []read
	fallbacks []read
	units     int32

	module *scope
	scope  *scope
	unit   *unit
	// block is being written, loop is the innermost around it.
	block int32
	loop  int32
	// raise is where an exception goes, none when it leaves the unit.
	raise int32
	jumps []jump
	// finals counts the finally bodies around that are written twice.
	finals  int
	private string // the class around, for private names
	assigns bool   // := was seen, so expressions may branch
	// sources are the occurrences whose values make up what was evaluated last; whoever
	// evaluates takes those behind its mark.
	sources []contribution
}

// contribution is an occurrence in an expression whose value is part of the result.
type contribution struct {
	node     int32
	variable int32
	same     bool // it may be the result itself
}

// read is an occurrence that uses a variable.
type read struct {
	node     int32
	variable int32
	relation Relation
	value    int32 // what the variable holds in the unit that reads, or none
	loop     int32
	// captured is what the variable's owner held when the unit that reads was created, or
	// none; definitions of the owner from later on may have been executed since.
	captured int32
	later    int
	// fallback is the read that happens instead where the variable is unbound, an index in
	// builder.fallbacks, or none.
	fallback int32
}

// Of is the data flow of a program by Python's semantics.
func Of(module *python.Module) Graph {
	b := &builder{flow: newFlow(len(module.Text)), text: module.Text, nodeAt: make(map[int]int32, len(module.Text)/12), loop: none, raise: none}
	b.open(moduleScope, false)
	b.module = b.scope
	b.bindStatements(module.Body)
	b.statements(module.Body)
	return b.finish()
}

// open begins a scope that has its own unit.
func (b *builder) open(kind scopeKind, function bool) {
	if b.unit != nil {
		b.unit.block = b.block
		b.unit.later = len(b.definitions)
		if outer := b.outermostLoop(); outer != none {
			b.unit.later = b.loops[outer].start
		}
	}
	b.unit = &unit{id: b.units, function: function, parent: b.unit}
	b.units++
	b.inner(kind)
	b.block = b.newBlock(none)
	b.blocks[b.block].entry = true
	b.loop, b.raise, b.jumps = none, none, nil
}

// outermostLoop is the loop around the current block that no other is around.
func (b *builder) outermostLoop() int32 {
	outer := none
	for i := b.loop; i >= 0 && b.inside(b.loop, i); i-- {
		outer = i
	}
	return outer
}

// inner begins a scope in the current unit.
func (b *builder) inner(kind scopeKind) {
	b.scope = &scope{kind: kind, parent: b.scope, unit: b.unit, names: map[string]binding{}}
}

// state is what open and inner change and their end restores.
type state struct {
	scope   *scope
	unit    *unit
	block   int32
	loop    int32
	raise   int32
	jumps   []jump
	finals  int
	private string
}

func (b *builder) save() state {
	return state{b.scope, b.unit, b.block, b.loop, b.raise, b.jumps, b.finals, b.private}
}

func (b *builder) restore(s state) {
	b.scope, b.unit, b.block, b.loop = s.scope, s.unit, s.block, s.loop
	b.raise, b.jumps, b.finals, b.private = s.raise, s.jumps, s.finals, s.private
}

// leave ends an inner scope; control stays where it is.
func (b *builder) leave() { b.scope = b.scope.parent }

func (b *builder) bindStatements(body []python.Stmt) {
	names := b.binder()
	for _, s := range body {
		names.visit(s)
	}
	b.assigns = b.assigns || names.assigns
}

func (b *builder) binder() *binder { return &binder{names: b.scope.names, private: b.private} }

// find is the variable that a name means in a scope; declared says that the scope's own unit
// may write it though another owns it.
func (b *builder) find(name string, s *scope) (id int32, declared bool) {
	name = mangle(name, b.private)
	for at := s; at != nil; at = at.parent {
		if at.kind == classScope && at != s && s.kind != typeScope {
			continue // names of a class are seen in its body only
		}
		bound, ok := at.names[name]
		switch {
		case !ok:
		case bound.kind == local:
			return b.variableIn(at, name), declared
		case bound.kind == global:
			return b.variableIn(b.module, name), declared || at.unit == s.unit
		default:
			declared = declared || at.unit == s.unit
		}
	}
	return b.variableIn(b.module, name), declared
}

func (b *builder) variableIn(s *scope, name string) int32 {
	bound, ok := s.names[name]
	if !ok || bound.kind != local {
		bound = binding{local, none} // builtins, and globals that only functions bind
	}
	if bound.variable == none {
		bound.variable = int32(len(b.variables))
		b.variables = append(b.variables, variable{unit: s.unit})
		s.names[name] = bound
	}
	return bound.variable
}

// node is the node of an occurrence.
func (b *builder) node(name string, span source.Span) int32 {
	if n, ok := b.nodeAt[span.Start]; ok {
		return n
	}
	n := int32(len(b.graph.Nodes))
	b.graph.Nodes = append(b.graph.Nodes, Node{name, span, -1})
	b.nodeAt[span.Start] = n
	return n
}

// use notes that an occurrence reads a variable, and returns that.
func (b *builder) use(node int32, name string, relation Relation) int32 {
	id, declared := b.find(name, b.scope)
	r := b.readOf(node, id, declared, relation)
	if b.scope.kind == classScope && b.scope.names[mangle(name, b.private)].kind == local {
		b.fallBack(&r, name, id)
	}
	b.reads = append(b.reads, r)
	return id
}

// readOf is a read at the end of the current block; declared says that the unit may write the
// variable though another owns it.
func (b *builder) readOf(node, id int32, declared bool, relation Relation) read {
	r := read{node: node, variable: id, relation: relation, value: none, loop: b.loop, captured: none, fallback: none}
	owner := b.variables[id].unit
	if owner == b.unit || declared {
		r.value = b.now(place{b.block, id})
	}
	if owner != b.unit {
		r.captured = b.now(place{owner.block, id})
		r.later = owner.later
	}
	return r
}

// fallBack notes where a name of a class comes from before the class binds it: the module.
func (b *builder) fallBack(r *read, name string, id int32) {
	name = mangle(name, b.private)
	m := b.variableIn(b.module, name)
	if m == id {
		return
	}
	declared := false
	for s := b.scope.parent; s != nil && s.unit == b.unit; s = s.parent {
		declared = declared || s.names[name].kind == global
	}
	r.fallback = int32(len(b.fallbacks))
	b.fallbacks = append(b.fallbacks, b.readOf(r.node, m, declared, r.relation))
}

// define notes that an occurrence gives a variable a value, as seen from scope s.
func (b *builder) define(node int32, name string, s *scope, isWeak bool) {
	id, declared := b.find(name, s)
	d := int32(len(b.definitions))
	b.definitions = append(b.definitions, definition{node, b.unit.id, isWeak})
	v := &b.variables[id]
	if v.unit == b.unit {
		v.definitions = append(v.definitions, d)
	} else {
		v.foreign = append(v.foreign, d)
		if !declared {
			return // an element of a captured variable
		}
	}
	at := place{b.block, id}
	if isWeak {
		b.exits[at] = b.newValue(value{kind: weak, def: d, previous: b.now(at)})
	} else {
		b.exits[at] = b.newValue(value{kind: strong, def: d})
	}
	b.mayRaise()
}

// kill notes that a variable ends.
func (b *builder) kill(name string) {
	id, declared := b.find(name, b.scope)
	if b.variables[id].unit == b.unit || declared {
		b.exits[place{b.block, id}] = unboundValue
		b.mayRaise()
	}
}

// mayRaise lets the state of now flow to where exceptions go.
func (b *builder) mayRaise() {
	if b.raise != none {
		b.link(b.block, b.raise, none)
		b.begin(b.follow())
	}
}

// begin continues in a block.
func (b *builder) begin(block int32) { b.block = block }

// follow is a new block behind the current one.
func (b *builder) follow() int32 {
	next := b.newBlock(b.loop)
	b.link(b.block, next, none)
	return next
}

// connect adds the edges of what was evaluated: the node's value comes or is computed from it.
func (b *builder) connect(node int32, sources []contribution, same bool) {
	for _, s := range sources {
		relation := ComputedFrom
		if same && s.same {
			relation = ComesFrom
		}
		b.addEdge(Edge{To: int(node), From: int(s.node), Relation: relation})
	}
}

func (b *builder) addEdge(e Edge) {
	if len(b.graph.Edges) >= maxEdges {
		b.graph.Truncated = true
		return
	}
	b.graph.Edges = append(b.graph.Edges, e)
}

// finish turns reads into edges.
func (b *builder) finish() Graph {
	b.prune()
	for _, r := range b.reads {
		b.edges(r)
	}
	b.graph.Truncated = b.graph.Truncated || b.steps > maxSteps
	b.graph.order()
	return b.graph
}

// edges are those from a read to the definitions that may reach it.
func (b *builder) edges(r read) {
	v := &b.variables[r.variable]
	isUnbound := false
	if r.value != none {
		for _, d := range b.reaching(r.value, r.loop) {
			if d.def == none {
				isUnbound = true
				continue
			}
			b.reach(r, d.def, d.carried, false)
		}
	}
	if r.captured != none {
		b.capture(r, v, r.captured, r.later)
	}
	for _, d := range v.foreign {
		b.reach(r, d, false, true)
	}
	if r.fallback != none && isUnbound {
		b.edges(b.fallbacks[r.fallback])
	}
}

// capture adds what a variable of another unit may hold: what it held at a time, and what
// was defined from a number on.
func (b *builder) capture(r read, v *variable, held int32, later int) {
	for _, d := range b.reaching(held, none) {
		if d.def != none {
			b.reach(r, d.def, false, true)
		}
	}
	for i := len(v.definitions) - 1; i >= 0 && int(v.definitions[i]) >= later; i-- {
		b.reach(r, v.definitions[i], false, true)
	}
}

func (b *builder) reach(r read, def int32, carried, captured bool) {
	b.addEdge(Edge{int(r.node), int(b.definitions[def].node), r.relation, carried, captured})
}
