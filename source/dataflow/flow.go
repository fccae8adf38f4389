package dataflow

// The control-flow graph of a program and the definitions that reach places in it.
//
// Reaching definitions are found on demand, as Braun et al. ("Simple and Efficient
// Construction of Static Single Assignment Form", CC 2013) build SSA form: what a variable
// holds at a block's entry is asked of its predecessors, remembered, and merged only
// where they differ.

// Limits on the work for one program; real programs stay far below.
const (
	maxSteps = 1 << 20
	maxEdges = 1 << 19
)

// none is the absence of a block, loop, value or variable.
const none = int32(-1)

// block is a stretch of a program without branches. Its predecessors are a list in flow.arcs.
type block struct {
	firstArc int32
	loop     int32 // innermost loop around it
	entry    bool  // execution of a unit begins here
}

// arc is a predecessor of a block.
type arc struct {
	from, next int32
	loop       int32 // the loop whose back edge this is
}

// loop is a loop of the program. Loops are numbered from the outside in, so those inside
// loop i are i+1 to last.
type loop struct {
	last  int32
	start int // number of definitions when it began
}

// valueKind says what a value is made of.
type valueKind uint8

const (
	unbound valueKind = iota // the variable has no value: a unit begins, or del
	strong                   // a definition
	weak                     // a definition added to the value before it
	entry                    // whatever a block is entered with
	phi                      // a merge of values
	alias                    // another value
)

// value is what a variable may hold at a place.
type value struct {
	kind     valueKind
	def      int32 // strong, weak: index in flow.definitions
	previous int32 // weak: the value before; alias: the value meant
	place    place // entry
	first    int32 // phi: its operands are flow.operands[first:last]
	last     int32
}

// operand is what one predecessor gives a phi.
type operand struct{ value, loop int32 }

// place is a variable at a block.
type place struct{ block, variable int32 }

// definition is an occurrence that gives a variable a value.
type definition struct {
	node int32
	unit int32
	weak bool
}

// reached is a definition that reaches a place, def none meaning that the variable may be unbound.
type reached struct {
	def     int32
	carried bool // only round a loop
}

// flow is the control flow of a program with what its blocks define.
type flow struct {
	blocks      []block
	arcs        []arc
	loops       []loop
	values      []value
	operands    []operand
	definitions []definition
	exits       map[place]int32 // values that blocks leave in the variables they define
	entries     map[place]int32 // values at entries of blocks, once asked for
	flat        map[question][]reached
	steps       int
}

// question is a value seen from inside a loop.
type question struct{ value, loop int32 }

// unboundValue is the index of the value that is unbound, pending that of no value: its
// place is being asked for.
const (
	unboundValue = int32(0)
	pending      = int32(-2)
)

// newFlow has room for a program of so many bytes.
func newFlow(size int) flow {
	return flow{
		values:  []value{{kind: unbound}},
		exits:   make(map[place]int32, size/24),
		entries: make(map[place]int32, size/12),
		flat:    map[question][]reached{},
	}
}

func (f *flow) newBlock(inLoop int32) int32 {
	f.blocks = append(f.blocks, block{firstArc: none, loop: inLoop})
	return int32(len(f.blocks) - 1)
}

// link adds an edge; back is the loop whose back edge it is, or none.
func (f *flow) link(from, to, back int32) {
	f.arcs = append(f.arcs, arc{from, f.blocks[to].firstArc, back})
	f.blocks[to].firstArc = int32(len(f.arcs) - 1)
}

func (f *flow) newValue(v value) int32 {
	f.values = append(f.values, v)
	return int32(len(f.values) - 1)
}

// now is the value of a variable at the end of a block that is still being written.
func (f *flow) now(at place) int32 {
	if v, ok := f.exits[at]; ok {
		return v
	}
	return f.newValue(value{kind: entry, place: at})
}

// prune removes the arcs that leave code which is never executed, such as what follows a
// return, for reachable code.
func (f *flow) prune() {
	next := make([][]int32, len(f.blocks))
	var work []int32
	for b := range f.blocks {
		for i := f.blocks[b].firstArc; i != none; i = f.arcs[i].next {
			next[f.arcs[i].from] = append(next[f.arcs[i].from], int32(b))
		}
		if f.blocks[b].entry {
			work = append(work, int32(b))
		}
	}
	executed := make([]bool, len(f.blocks))
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if !executed[b] {
			executed[b] = true
			work = append(work, next[b]...)
		}
	}
	for b := range f.blocks {
		if !executed[b] {
			continue
		}
		for link := &f.blocks[b].firstArc; *link != none; {
			if a := f.arcs[*link]; executed[a.from] {
				link = &f.arcs[*link].next
			} else {
				*link = a.next
			}
		}
	}
}

// resolve follows aliases.
func (f *flow) resolve(v int32) int32 {
	for f.values[v].kind == alias {
		v = f.values[v].previous
	}
	return v
}

// atExit is the value that a block leaves in a variable.
func (f *flow) atExit(at place) int32 {
	if v, ok := f.exits[at]; ok {
		return f.settle(v)
	}
	return f.atEntry(at)
}

// settle replaces a value that stands for a block's entry by what that is.
func (f *flow) settle(v int32) int32 {
	if f.values[v].kind == entry {
		known := f.atEntry(f.values[v].place)
		f.values[v] = value{kind: alias, previous: known}
	}
	return f.resolve(v)
}

// atEntry is the value of a variable where a block begins.
func (f *flow) atEntry(at place) int32 {
	if v, ok := f.entries[at]; ok {
		if v == pending { // round a loop
			v = f.newValue(value{kind: phi})
			f.entries[at] = v
		}
		return f.resolve(v)
	}
	f.steps++
	b := f.blocks[at.block]
	if b.entry || b.firstArc == none || f.steps > maxSteps {
		f.entries[at] = unboundValue
		return unboundValue
	}
	f.entries[at] = pending
	if first := f.arcs[b.firstArc]; first.next == none {
		v := f.atExit(place{first.from, at.variable})
		return f.remember(at, v)
	}
	return f.merge(at, b)
}

// remember notes the value at an entry; if a phi was made for it meanwhile, that is the value.
func (f *flow) remember(at place, v int32) int32 {
	if made := f.entries[at]; made != pending {
		if made == v { // a loop that nothing enters
			v = unboundValue
		}
		f.values[made] = value{kind: alias, previous: v}
	}
	f.entries[at] = v
	return v
}

// merge is atEntry for a block with several predecessors.
func (f *flow) merge(at place, b block) int32 {
	var operands []operand
	for i := b.firstArc; i != none; i = f.arcs[i].next {
		operands = append(operands, operand{f.atExit(place{f.arcs[i].from, at.variable}), f.arcs[i].loop})
	}
	own, only := f.entries[at], none
	same := true
	for i := range operands {
		v := f.resolve(operands[i].value)
		operands[i].value = v
		switch {
		case v == own:
		case only == none:
			only = v
		case v != only:
			same = false
		}
	}
	if same && only != none {
		return f.remember(at, only)
	}
	if own == pending {
		own = f.newValue(value{kind: phi})
		f.entries[at] = own
	}
	first := int32(len(f.operands))
	f.operands = append(f.operands, operands...)
	f.values[own] = value{kind: phi, first: first, last: int32(len(f.operands))}
	return own
}

// reaching lists the definitions in a value, seen from a place inside the loop given.
func (f *flow) reaching(v, from int32) []reached {
	q := question{f.settle(v), from}
	if list, ok := f.flat[q]; ok {
		return list
	}
	s := search{flow: f, from: from, seen: map[int32]bool{}}
	s.visit(q.value, false)
	for len(s.later) > 0 { // what only a back edge leads to, after all that is reached without
		v := s.later[len(s.later)-1]
		s.later = s.later[:len(s.later)-1]
		s.visit(v, true)
	}
	f.flat[q] = s.found
	return s.found
}

// search walks values from a place inside a loop.
type search struct {
	flow  *flow
	from  int32
	seen  map[int32]bool
	later []int32
	found []reached
}

func (s *search) visit(v int32, carried bool) {
	f := s.flow
	for {
		v = f.settle(v)
		if s.seen[v] || f.steps > maxSteps {
			return
		}
		s.seen[v] = true
		f.steps++
		switch x := f.values[v]; x.kind {
		case unbound:
			s.found = append(s.found, reached{none, carried})
			return
		case strong:
			s.found = append(s.found, reached{x.def, carried})
			return
		case weak:
			s.found = append(s.found, reached{x.def, carried})
			v = x.previous
		case phi:
			for _, o := range f.operands[x.first:x.last] {
				if !carried && o.loop != none && f.inside(s.from, o.loop) {
					s.later = append(s.later, o.value)
				} else {
					s.visit(o.value, carried)
				}
			}
			return
		default: // a phi's operands are being collected: nothing to add
			return
		}
	}
}

// inside reports whether inner is outer or a loop in it.
func (f *flow) inside(inner, outer int32) bool {
	return inner != none && outer <= inner && inner <= f.loops[outer].last
}
