package robot

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"hone/internal/words"
	"hone/recipe"
)

// Check is a compiled formula over a finished run: what a task wants to have happened.
// It is safe for concurrent use. Formulas are JSON objects, in the words of RoboEval's
// temporal checks (Hu et al., section 4):
//
//	{"op":"and"|"or", "args":[…]}  {"op":"not", "arg":…}
//	{"op":"exists", "slices":[…], "match":M}       some event of the slice matches
//	{"op":"terminal", "slices":[…], "match":M}     its last event does
//	{"op":"precedes", "slices":[…], "first":M, "then":M}
//	{"op":"act_at_first", "slices":[…], "loc":RE, "match":M}      while at the first visit of loc
//	{"op":"act_at_any_visit", "slices":[…], "loc":RE, "match":M}  at some visit
//	{"op":"world", "expr":"all([i.cut for i in world.items])"}    Starlark over the final world
//
// with M = {"element":"Ask", "value1_re":RE, "value2_re":RE}, a regular expression a
// recorded value, found in any element where the value is a list; and slices that cut
// the trace one after the other, {"slice":"AfterFirst"|"BeforeFirst"|"AfterLast"|
// "BeforeLast", "at":M}, each leaving it as it is where nothing matches. The visits of
// act_at_… are GoTo events, or those that "move" names. Any object may have a "note".
// true and false are formulas, too.
type Check struct {
	def  *Definition
	root *formula
	// atoms are the distinct matches of the formula: each meets each event once.
	atoms []*atom
}

// formula is a node of a check.
type formula struct {
	op           string
	path         string // in the JSON
	args         []*formula
	slices       []cut
	match, then  int // atoms
	enter, leave int // atoms of act_at_…
	expr         *starlark.Function
	source       string // of expr, or what the node says in a few words
}

// cut is a slice of the trace.
type cut struct {
	after, last bool
	at          int
}

// atom is a condition on one event.
type atom struct {
	element string
	values  []*pattern // nil: anything
}

func (a *atom) String() string {
	parts := make([]string, len(a.values))
	for i, p := range a.values {
		if parts[i] = "anything"; p != nil && !p.any {
			parts[i] = "/" + p.source + "/"
		}
	}
	return a.element + "(" + strings.Join(parts, ", ") + ")"
}

// Bounds of a formula.
const (
	maxFormulaBytes = 1 << 20
	maxFormulaNodes = 20_000
)

// Check compiles a formula; what it names must be of this robot. name stands for the
// formula in errors, which also say where in it they are.
func (d *Definition) Check(raw json.RawMessage, name string) (*Check, error) {
	c := &compiler{faults: faults{name: name}, check: &Check{def: d}, known: map[string]int{}}
	if len(raw) > maxFormulaBytes {
		return nil, fmt.Errorf("%s: the formula has %d bytes, at most %d are read", name, len(raw), maxFormulaBytes)
	}
	if n := c.readJSON(raw); n != nil {
		c.check.root = c.formula(n, "", 0)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return c.check, nil
}

// compiler compiles a formula.
type compiler struct {
	faults
	check *Check
	known map[string]int // atoms by what they say
	nodes int
}

// wrong notes a fault at a path of the formula.
func (c *compiler) wrong(n *node, path, format string, args ...any) {
	if path != "" {
		format = strings.ReplaceAll(path, "%", "%%") + ": " + format
	}
	c.add(&recipe.Error{File: c.name, Line: n.line, Column: n.column, Message: fmt.Sprintf(format, args...)})
}

// opKeys are the keys that each op has, in order.
var opKeys = map[string][]string{
	"and":              {"args"},
	"or":               {"args"},
	"not":              {"arg"},
	"exists":           {"slices", "match"},
	"terminal":         {"slices", "match"},
	"precedes":         {"slices", "first", "then"},
	"act_at_first":     {"slices", "loc", "move", "match"},
	"act_at_any_visit": {"slices", "loc", "move", "match"},
	"world":            {"expr"},
}

// optional are the keys that may be left out.
var optional = []string{"slices", "move"}

func (c *compiler) formula(n *node, path string, depth int) *formula {
	f := &formula{path: path}
	if c.nodes++; c.nodes > maxFormulaNodes || depth > maxDepth {
		if c.nodes == maxFormulaNodes+1 || depth == maxDepth+1 {
			c.wrong(n, path, "the formula is too large or nested too deep")
		}
		return f
	}
	if n.kind == scalarNode && !n.quoted && (n.text == "true" || n.text == "false") {
		f.op = n.text
		return f
	}
	if n.kind != mappingNode {
		c.wrong(n, path, `a formula is an object with "op", not %v`, n)
		return f
	}
	op := n.get("op")
	if op == nil {
		c.wrong(n, path, `key "op" is missing (one of %s)`, ops())
		return f
	}
	keys, ok := opKeys[op.text]
	if !ok {
		c.wrong(op, join(path, "op"), "unknown op %q (nearest: %q; known: %s)", clip(op.text), words.Nearest(op.text, slices.Collect(maps.Keys(opKeys))), ops())
		return f
	}
	f.op = op.text
	if !c.keys(n, path, "op "+f.op, append([]string{"op", "note"}, keys...), keys) {
		return f
	}
	c.parts(f, n, path, depth)
	return f
}

func ops() string { return strings.Join(slices.Sorted(maps.Keys(opKeys)), ", ") }

// keys reports keys that are not known and wanted ones that are missing.
func (c *compiler) keys(n *node, path, what string, known, wanted []string) bool {
	before := len(c.all)
	for _, e := range n.entries {
		if !slices.Contains(known, e.key) {
			c.wrong(e.at, path, "unknown key %q of %s (did you mean %q?)", clip(e.key), what, words.Nearest(e.key, known))
		}
	}
	for _, k := range wanted {
		if n.get(k) == nil && !slices.Contains(optional, k) {
			c.wrong(n, path, "%s needs %q", what, k)
		}
	}
	return len(c.all) == before
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (c *compiler) parts(f *formula, n *node, path string, depth int) {
	if s := n.get("slices"); s != nil {
		c.slices(f, s, join(path, "slices"))
	}
	switch f.op {
	case "and", "or":
		args := n.get("args")
		if args.kind != listNode || len(args.items) == 0 {
			c.wrong(args, join(path, "args"), "is a list of formulas, not %v", args)
			return
		}
		for i, a := range args.items {
			f.args = append(f.args, c.formula(a, join(path, fmt.Sprintf("args[%d]", i)), depth+1))
		}
	case "not":
		f.args = []*formula{c.formula(n.get("arg"), join(path, "arg"), depth+1)}
	case "precedes":
		f.match, f.then = c.match(n.get("first"), join(path, "first")), c.match(n.get("then"), join(path, "then"))
	case "world":
		c.expr(f, n.get("expr"), join(path, "expr"))
	default:
		f.match = c.match(n.get("match"), join(path, "match"))
		if loc := n.get("loc"); loc != nil {
			c.visits(f, n, loc, path)
		}
	}
}

// visits makes the conditions for arriving at loc and for leaving it: a move to where
// loc is not found as a word (RoboEval's ActAtFirst).
func (c *compiler) visits(f *formula, n, loc *node, path string) {
	move := "GoTo"
	at := loc
	if m := n.get("move"); m != nil {
		move, at = m.text, m
	}
	if loc.kind != scalarNode {
		c.wrong(loc, join(path, "loc"), "is a regular expression, not %v", loc)
		return
	}
	values := make([]*pattern, 1)
	var err error
	if values[0], err = c.check.def.patterns.get(loc.text); err != nil {
		c.wrong(loc, join(path, "loc"), "%v", err)
		return
	}
	f.enter = c.atom(at, path, move, values)
	if values[0], err = c.check.def.patterns.get(`^(?!.*\b` + loc.text + `\b).*$`); err != nil {
		c.wrong(loc, join(path, "loc"), "%v", err)
		return
	}
	f.leave = c.atom(at, path, move, values)
}

var cuts = map[string]cut{
	"AfterFirst": {after: true}, "AfterLast": {after: true, last: true},
	"BeforeFirst": {}, "BeforeLast": {last: true},
}

func (c *compiler) slices(f *formula, n *node, path string) {
	if n.kind != listNode {
		c.wrong(n, path, "is a list of slices, not %v", n)
		return
	}
	for i, s := range n.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if s.kind != mappingNode {
			c.wrong(s, at, `a slice is an object with "slice" and "at", not %v`, s)
			continue
		}
		if !c.keys(s, at, "a slice", []string{"slice", "at", "note"}, []string{"slice", "at"}) {
			continue
		}
		kind, ok := cuts[s.get("slice").text]
		if !ok {
			c.wrong(s.get("slice"), join(at, "slice"), "unknown slice %q (nearest: %q)", clip(s.get("slice").text), words.Nearest(s.get("slice").text, slices.Sorted(maps.Keys(cuts))))
			continue
		}
		kind.at = c.match(s.get("at"), join(at, "at"))
		f.slices = append(f.slices, kind)
	}
}

// match compiles a condition on an event and returns its atom.
func (c *compiler) match(n *node, path string) int {
	if n.kind != mappingNode {
		c.wrong(n, path, `a match is an object with "element", not %v`, n)
		return 0
	}
	element := n.get("element")
	if element == nil {
		c.wrong(n, path, `key "element" is missing (one of %s)`, strings.Join(c.check.def.Elements(), ", "))
		return 0
	}
	e := c.check.def.elements[element.text]
	if e == nil {
		c.unknownElement(element, join(path, "element"))
		return 0
	}
	values := make([]*pattern, e.values)
	known := []string{"element", "note"}
	for i := range values {
		key := fmt.Sprintf("value%d_re", i+1)
		known = append(known, key)
		v := n.get(key)
		if v == nil || v.kind == nullNode {
			continue
		}
		if v.kind != scalarNode {
			c.wrong(v, join(path, key), "is a regular expression, not %v", v)
			continue
		}
		var err error
		if values[i], err = c.check.def.patterns.get(v.text); err != nil {
			c.wrong(v, join(path, key), "%v", err)
		}
	}
	for _, k := range n.entries {
		if !slices.Contains(known, k.key) {
			c.wrong(k.at, path, "unknown key %q: %s records %d values (known: %s)", clip(k.key), e.name, e.values, strings.Join(known, ", "))
		}
	}
	return c.atom(element, join(path, "element"), element.text, values)
}

func (c *compiler) unknownElement(n *node, path string) {
	d := c.check.def
	hint := fmt.Sprintf("nearest: %q; the robot %s has %s", words.Nearest(n.text, d.Elements()), d.Name, strings.Join(d.Elements(), ", "))
	if a := d.Action(n.text); a != nil && a.record == nil {
		hint = fmt.Sprintf("action %s records nothing", a.Name)
	} else if a != nil {
		hint = fmt.Sprintf("action %s is recorded as %s", a.Name, a.record.element.name)
	}
	c.wrong(n, path, "no event is called %q (%s)", clip(n.text), hint)
}

// atom interns a condition.
func (c *compiler) atom(n *node, path, element string, values []*pattern) int {
	if e := c.check.def.elements[element]; e == nil {
		c.unknownElement(n, path)
		return 0
	} else if len(values) > e.values {
		c.wrong(n, path, "%s records no value, so it cannot say where to", element)
		return 0
	}
	a := &atom{element, slices.Clone(values)}
	key := element
	for _, v := range values {
		key += "\x00"
		if v != nil {
			key += "\x01" + v.source
		}
	}
	i, ok := c.known[key]
	if !ok {
		i = len(c.check.atoms)
		c.known[key] = i
		c.check.atoms = append(c.check.atoms, a)
	}
	return i
}

func (c *compiler) expr(f *formula, n *node, path string) {
	if n.kind != scalarNode || strings.TrimSpace(n.text) == "" {
		c.wrong(n, path, "is a Starlark expression over world, not %v", n)
		return
	}
	f.source = strings.TrimSpace(n.text)
	fn, err := compileSource(path, "def body(world): return ("+f.source+"\n )\n")
	if err != nil {
		c.wrong(n, path, "Starlark: %v", err)
		return
	}
	f.expr = fn
}
