package graded

import (
	"math/rand/v2"
	"slices"
)

// Levels is the number of levels of difficulty: 1 operators on one or two arguments, 2
// built-ins and conditions, 3 a comprehension or loop, 4 compositions of those, 5 state, early
// exit and dicts, 6 compositions that say what happens at the edges.
const Levels = 6

// shape is a composition of kinds of combinators, from a value of one of some types.
type shape struct {
	from  []Type
	kinds []kind
	guard bool
}

var (
	scalars = []Type{Int, Int, Str}
	lists   = []Type{Ints, Ints, Strs}
	texts   = []Type{Str}
	counts  = []Type{Int, Str}
	numbers = []Type{Ints}
	maps    = []Type{StrDict}
)

var shapes = [Levels + 1][]shape{
	1: {
		{scalars, []kind{arith}, false},
		{scalars, []kind{arith, arith}, false},
		{scalars, []kind{arith, arith, arith}, false},
	},
	2: {
		{scalars, []kind{call}, false},
		{scalars, []kind{arith, call}, false},
		{scalars, []kind{call, arith}, false},
		{lists, []kind{fold}, false},
		{lists, []kind{fold, arith}, false},
		{lists, []kind{order, fold}, false},
		{lists, []kind{order, order}, false},
		{scalars, []kind{}, true},
		{scalars, []kind{arith}, true},
		{scalars, []kind{arith}, true},
	},
	3: {
		{lists, []kind{loop}, false},
		{lists, []kind{loop, fold}, false},
		{lists, []kind{loop, fold}, false},
		{lists, []kind{loop, order}, false},
		{lists, []kind{order, loop}, false},
		{lists, []kind{loop, arith}, false},
		{counts, []kind{spread, loop}, false},
		{counts, []kind{spread, fold}, false},
	},
	4: {
		{lists, []kind{loop, loop}, false},
		{lists, []kind{loop, loop, fold}, false},
		{lists, []kind{loop, loop, fold}, false},
		{lists, []kind{loop, order, fold}, false},
		{lists, []kind{loop, loop, order}, false},
		{lists, []kind{order, loop, fold}, false},
		{lists, []kind{loop, loop, arith}, false},
		{counts, []kind{spread, loop, fold}, false},
		{counts, []kind{spread, loop, loop}, false},
	},
	5: {
		{lists, []kind{loop, state}, false},
		{lists, []kind{loop, state, fold}, false},
		{lists, []kind{state, loop, fold}, false},
		{lists, []kind{loop, exit}, false},
		{lists, []kind{exit, loop, fold}, false},
		{lists, []kind{state, exit}, false},
		{lists, []kind{tally, lookup}, false},
		{lists, []kind{loop, tally}, false},
		{lists, []kind{tally, lookup, fold}, false},
		{texts, []kind{spread, tally, lookup}, false},
		{maps, []kind{lookup, loop}, false},
		{maps, []kind{lookup, loop, fold}, false},
	},
	6: {
		{lists, []kind{loop, edge}, false},
		{lists, []kind{loop, loop, edge}, false},
		{lists, []kind{order, loop, edge}, false},
		{lists, []kind{exit, edge, arith}, false},
		{numbers, []kind{state, loop, edge}, false},
		{texts, []kind{spread, loop, edge}, false},
		{lists, []kind{tally, lookup, edge}, false},
		{lists, []kind{order, fold, arith}, true},
		{lists, []kind{loop, loop, fold}, true},
		{lists, []kind{loop, exit}, true},
		{counts, []kind{spread, loop, fold}, true},
		{numbers, []kind{loop, state, fold}, true},
	},
}

// letters are what texts and operands are made of: few, so that they meet.
const letters = "aeorst"

// drafter draws meanings.
type drafter struct {
	r     *rand.Rand
	m     *meaning
	other float64 // how likely an operand is an argument
}

// draft draws a meaning of a level, or nil where the composition came to a dead end.
func draft(r *rand.Rand, level int) *meaning {
	s := pick(r, shapes[level])
	d := &drafter{r: r, m: &meaning{args: []Type{pick(r, s.from)}}, other: 0.15}
	if level <= 2 {
		d.other = 0.4
	}
	body, ok := d.chain(d.m.args[0], s.kinds)
	if !ok {
		return nil
	}
	d.m.body = body
	if s.guard && !d.guard(level) {
		return nil
	}
	return d.m
}

// chain draws steps of these kinds on the first argument.
func (d *drafter) chain(from Type, kinds []kind) (chain, bool) {
	c := chain{from: operand{arg: 1}, typ: from}
	at := from
	for i, k := range kinds {
		var fits []*op
		for _, o := range opsFrom[at] {
			if o.kind == k && (i == len(kinds)-1 || canGo(o.to, kinds[i+1])) {
				fits = append(fits, o)
			}
		}
		if len(fits) == 0 {
			return c, false
		}
		o := pick(d.r, fits)
		if i > 0 && mergeable(c.steps[i-1].op.name, o.name) {
			return c, false
		}
		c.steps = append(c.steps, step{o, d.operand(o.takes)})
		at = o.to
	}
	return c, true
}

func canGo(from Type, k kind) bool {
	return slices.ContainsFunc(opsFrom[from], func(o *op) bool { return o.kind == k })
}

// mergeable steps in a row are one step said in two.
func mergeable(a, b string) bool {
	for _, same := range [][]string{
		{"add", "sub", "rsub", "neg"},
		{"each:add", "each:sub", "each:rsub", "each:neg"},
		{"neg", "mul"},
		{"each:neg", "each:mul"},
		{"take:ints", "drop:ints"},
		{"take:strs", "drop:strs"},
		{"head", "behead"},
		{"each:head", "each:behead"},
	} {
		if slices.Contains(same, a) && slices.Contains(same, b) {
			return true
		}
	}
	return a == b
}

func (d *drafter) operand(t takes) operand {
	if t == nothing {
		return operand{}
	}
	if d.r.Float64() < d.other && len(d.m.args) < 3 {
		typ := Int
		if t == letter {
			typ = Str
		}
		for i := 1; i < len(d.m.args); i++ {
			if d.m.args[i] == typ {
				return operand{arg: i + 1}
			}
		}
		d.m.args = append(d.m.args, typ)
		return operand{arg: len(d.m.args)}
	}
	return operand{value: constant(d.r, t)}
}

func constant(r *rand.Rand, t takes) any {
	switch t {
	case small:
		return 2 + r.Int64N(4)
	case letter:
		i := r.IntN(len(letters))
		return letters[i : i+1]
	case limits:
		return 5 + r.Int64N(16)
	}
	return 1 + r.Int64N(9)
}

// guard adds a condition on an argument in front of the body.
func (d *drafter) guard(level int) bool {
	result := d.m.body.result()
	var g guard
	var tests []*op
	for _, o := range opsFrom[d.m.args[0]] {
		if o.kind == branch {
			tests = append(tests, o)
		}
	}
	if len(tests) == 0 {
		return false
	}
	o := pick(d.r, tests)
	g.test = step{o, d.operand(o.takes)}
	switch {
	case level == 2 && d.r.IntN(2) == 0:
		then, ok := d.chain(d.m.args[0], []kind{arith})
		if !ok || then.result() != result {
			return false
		}
		g.then = then
	case level == 2 && d.r.IntN(2) == 0 && len(d.m.args) > 1 && d.m.args[len(d.m.args)-1] == result:
		g.then = chain{from: operand{arg: len(d.m.args)}, typ: result}
	default:
		v, ok := d.fallback(result)
		if !ok {
			return false
		}
		g.then = chain{from: operand{value: v}, typ: result}
	}
	d.m.guards = []guard{g}
	return true
}

// fallback is a constant to return.
func (d *drafter) fallback(t Type) (any, bool) {
	switch t {
	case Int:
		return d.r.Int64N(4) - 1, true
	case Str:
		return pick(d.r, []string{"none", "x", "empty"}), true
	}
	return nil, false
}
