package dataflow

import (
	"slices"

	"hone/source"
)

// Entry is one item of GraphCodeBERT's data flow: the value of a leaf of the syntax tree and
// where it comes from.
type Entry struct {
	Name     string
	Leaf     int // index among the tree's leaves as GraphCodeBERT counts them
	Relation Relation
	// ParentNames and Parents are the names and leaves of what it comes from. They have
	// equal lengths only where no two entries were merged. Entries share them: they are not
	// to be changed.
	ParentNames []string
	Parents     []int
}

// Limits on the work for one program, counted in nodes visited and definitions copied.
const (
	// Beyond maxVisits loops are followed once instead of twice: inside one another they take 2ⁿ visits.
	maxVisits = 1 << 20
	// Beyond maxWork nothing is followed.
	maxWork = 1 << 23
)

// extractor follows GraphCodeBERT's rules over a tree.
type extractor struct {
	tree   *source.Tree
	rules  rules
	leafOf []int32  // by node: its index among leaves, or none
	nodeOf []int32  // by leaf: its node
	names  []string // by leaf: its text as GraphCodeBERT reads it
	self   []int    // by leaf: the leaf, so that self[l:l+1] is a list of it alone

	// Variables are the leaves that are neither keywords nor punctuation, in the order of
	// their nodes: those under node i are variable[before[i]:before[next of i]].
	variable      []int
	variableNames []string
	before        []int32
	ids           []int32 // by leaf that is a variable: the number of its name

	out    []Entry
	merged []int32 // used by merge: by leaf and relation, 1 + the place of its entry; else 0
	visits int
	// failed: the tree lacks a child that the rules rely on. GraphCodeBERT catches the
	// exception and has no data flow at all then.
	failed bool
}

// lastSeen maps names, by number, to the leaves that defined them last. The lists are
// shared between states and entries, so none is changed.
type lastSeen [][]int

// Entries are the data flow of a tree as GraphCodeBERT's extractor gives it, entries without
// any relation left out, in the order of leaves. Comments count as no leaves; its input has
// neither comments nor docstrings, see [Strip]. complete is false where the limit of work
// made loops be followed once.
func Entries(tree *source.Tree) (list []Entry, complete bool) {
	return newExtractor(tree).entries()
}

func (e *extractor) entries() (list []Entry, complete bool) {
	state := make(lastSeen, e.number())
	e.out = make([]Entry, 0, len(e.variable)+8)
	e.visit(0, &state)
	if e.failed {
		return nil, true
	}
	return e.related(), e.visits <= maxVisits
}

// related sorts entries by leaf and keeps those that have parents or are some.
func (e *extractor) related() []Entry {
	slices.SortStableFunc(e.out, func(a, b Entry) int { return a.Leaf - b.Leaf })
	linked := make([]bool, len(e.nodeOf))
	for _, x := range e.out {
		if len(x.Parents) > 0 {
			linked[x.Leaf] = true
		}
		for _, p := range x.Parents {
			linked[p] = true
		}
	}
	return slices.DeleteFunc(e.out, func(x Entry) bool { return !linked[x.Leaf] })
}

func newExtractor(tree *source.Tree) *extractor {
	n := len(tree.Nodes)
	numbers := make([]int32, 2*n+1)
	e := &extractor{tree: tree, rules: rulesOf(tree.Language), leafOf: numbers[:n:n], before: numbers[n:]}
	e.nodeOf, e.names = make([]int32, 0, n/2+1), make([]string, 0, n/2+1)
	text := newReader(tree.Source)
	for i := 0; i < n; i++ {
		e.leafOf[i] = none
		kind := tree.Kind(i)
		whole := kind == "string" || kind == "string_literal" || kind == "character_literal"
		if !tree.IsLeaf(i) && !whole || isComment(kind) {
			continue
		}
		e.leafOf[i] = int32(len(e.nodeOf))
		e.nodeOf = append(e.nodeOf, int32(i))
		e.names = append(e.names, text.read(tree.Span(i)))
		for end := int(tree.Nodes[i].Next); i+1 < end; i++ {
			e.leafOf[i+1] = none
		}
	}
	// Their table of leaves is keyed by position: of empty ones in one place the last stands for all.
	for l := len(e.nodeOf) - 2; l >= 0; l-- {
		this, next := tree.Span(int(e.nodeOf[l])), tree.Span(int(e.nodeOf[l+1]))
		if this == next {
			e.leafOf[e.nodeOf[l]] = e.leafOf[e.nodeOf[l+1]]
		}
	}
	e.self = make([]int, len(e.nodeOf))
	for l := range e.self {
		e.self[l] = l
	}
	e.variable, e.variableNames = make([]int, 0, len(e.nodeOf)), make([]string, 0, len(e.nodeOf))
	for i := range n {
		e.before[i] = int32(len(e.variable))
		if l := e.leafOf[i]; l != none && tree.Kind(i) != e.names[l] {
			e.variable = append(e.variable, int(l))
			e.variableNames = append(e.variableNames, e.names[l])
		}
	}
	e.before[n] = int32(len(e.variable))
	return e
}

// isComment also knows what the grammar of Java calls comments today, which was "comment"
// in the version that GraphCodeBERT used.
func isComment(kind string) bool {
	return kind == "comment" || kind == "line_comment" || kind == "block_comment"
}

// number gives equal names of variables equal numbers and returns how many there are.
func (e *extractor) number() int {
	known := make(map[string]int32, len(e.variable)/2)
	e.ids = make([]int32, len(e.names))
	for v, name := range e.variableNames {
		id, ok := known[name]
		if !ok {
			id = int32(len(known))
			known[name] = id
		}
		e.ids[e.variable[v]] = id
	}
	return len(known)
}

// visit follows node i in a state, which it changes.
func (e *extractor) visit(i int, state *lastSeen) {
	e.visits++
	if e.failed || e.visits > maxWork {
		return
	}
	if l := e.leafOf[i]; l != none {
		e.leaf(i, int(l), *state)
		return
	}
	e.rules.visit(e, i, state)
}

// leaf: a name that has definitions comes from them; the first occurrence of an identifier
// counts as its definition.
func (e *extractor) leaf(i, l int, state lastSeen) {
	if e.before[i] == e.before[i+1] {
		return // a keyword or punctuation
	}
	id := e.ids[l]
	switch {
	case state[id] != nil:
		e.visits += len(state[id])
		e.out = append(e.out, Entry{e.names[l], l, ComesFrom, e.names[l : l+1 : l+1], state[id]})
	default:
		if e.tree.Kind(i) == "identifier" {
			state[id] = e.only(l)
		}
		e.out = append(e.out, Entry{e.names[l], l, ComesFrom, nil, nil})
	}
}

// only is a list of leaf l alone.
func (e *extractor) only(l int) []int { return e.self[l : l+1 : l+1] }

func (e *extractor) children(i int, state *lastSeen) {
	for c := range e.tree.Children(i) {
		e.visit(c, state)
	}
}

// variables are the leaves under a node that are neither keywords nor punctuation, and
// their names. A node that is missing fails the program.
func (e *extractor) variables(i int) (leaves []int, names []string) {
	if i < 0 {
		e.failed = true
		return nil, nil
	}
	from, to := e.before[i], e.before[e.tree.Nodes[i].Next]
	return e.variable[from:to:to], e.variableNames[from:to:to]
}

// items are the children of a node without commas.
func (e *extractor) items(i int) []int {
	if i < 0 {
		e.failed = true
		return nil
	}
	var list []int
	for c := range e.tree.Children(i) {
		if e.tree.Kind(c) != "," {
			list = append(list, c)
		}
	}
	return list
}

// assign makes each variable under left computed from all under right.
func (e *extractor) assign(left, right int, state lastSeen) {
	targets, names := e.variables(left)
	values, valueNames := e.variables(right)
	for k, t := range targets {
		e.out = append(e.out, Entry{names[k], t, ComputedFrom, valueNames, values})
		state[e.ids[t]] = e.only(t)
	}
}

// relate is assign with an entry for each pair, and none where there is no value.
func (e *extractor) relate(left, right int, relation Relation, state lastSeen) {
	targets, names := e.variables(left)
	values, valueNames := e.variables(right)
	for k, t := range targets {
		for v := range values {
			e.out = append(e.out, Entry{names[k], t, relation, valueNames[v : v+1 : v+1], values[v : v+1 : v+1]})
		}
		state[e.ids[t]] = e.only(t)
	}
}

// declare is a definition without value, or one that comes from its value.
func (e *extractor) declare(name, value int, state *lastSeen) {
	if value >= 0 {
		e.visit(value, state)
		e.relate(name, value, ComesFrom, *state)
		return
	}
	targets, names := e.variables(name)
	for k, t := range targets {
		e.out = append(e.out, Entry{names[k], t, ComesFrom, nil, nil})
		(*state)[e.ids[t]] = e.only(t)
	}
}

// twice follows a loop's parts two times and merges what both say.
func (e *extractor) twice(body func()) {
	mark := len(e.out)
	for pass := 0; pass < 2 && (pass == 0 || e.visits <= maxVisits); pass++ {
		body()
	}
	e.merge(mark)
}

// merge unites the entries behind a mark that are of one leaf and relation.
func (e *extractor) merge(mark int) {
	if e.merged == nil {
		e.merged = make([]int32, 2*len(e.nodeOf))
	}
	kept := e.out[:mark]
	for _, x := range e.out[mark:] {
		at := &e.merged[2*x.Leaf+int(x.Relation)]
		if *at == 0 {
			kept = append(kept, x)
			*at = int32(len(kept))
			continue
		}
		y := &kept[*at-1]
		y.ParentNames, y.Parents = unite(y.ParentNames, x.ParentNames), unite(y.Parents, x.Parents)
		slices.Sort(y.Parents)
	}
	for _, x := range kept[mark:] {
		e.merged[2*x.Leaf+int(x.Relation)] = 0
	}
	e.out = kept
}

// unite is the elements of both, each once, in order of appearance.
func unite[T comparable](a, b []T) []T {
	var list []T
	for _, part := range [...][]T{a, b} {
		for _, x := range part {
			if !slices.Contains(list, x) {
				list = append(list, x)
			}
		}
	}
	return list
}

// join unites the definitions of several states.
func (e *extractor) join(states []lastSeen) lastSeen {
	joined := slices.Clone(states[0])
	for _, s := range states[1:] {
		for id, list := range s {
			if len(list) > 0 && !slices.Equal(list, joined[id]) {
				e.visits += len(list) + len(joined[id])
				joined[id] = slices.Concat(joined[id], list)
				slices.Sort(joined[id])
				joined[id] = slices.Compact(joined[id])
			}
		}
	}
	e.visits += len(joined) * len(states) / 8
	return joined
}

func (d lastSeen) clone() lastSeen { return slices.Clone(d) }
