package graded

import (
	"fmt"
	"strconv"
	"strings"
)

// Type is the type of a value that a step takes or gives.
type Type int

const (
	Int     Type = iota // int64
	Bool                // bool
	Str                 // string, ASCII
	Ints                // []int64
	Strs                // []string
	IntDict             // table, keys int64
	StrDict             // table, keys string
)

// table is a dict with integer values, in order of insertion.
type table struct {
	keys []any
	n    []int64
}

func (t *table) at(key any) int {
	for i, k := range t.keys {
		if k == key {
			return i
		}
	}
	return -1
}

func (t *table) set(key any, n int64) {
	if i := t.at(key); i >= 0 {
		t.n[i] = n
		return
	}
	t.keys, t.n = append(t.keys, key), append(t.n, n)
}

func (t *table) get(key any) int64 {
	if i := t.at(key); i >= 0 {
		return t.n[i]
	}
	return 0
}

// operand is what a step needs beside the value it works on: nothing, a constant or an argument.
type operand struct {
	value any // int64 or string; nil: none, or the argument
	arg   int // index of the argument + 1; 0: none, or the constant
}

func (o operand) of(args []any) any {
	if o.arg > 0 {
		return args[o.arg-1]
	}
	return o.value
}

func (o operand) key() string {
	switch v := o.value.(type) {
	case int64:
		return "(" + strconv.FormatInt(v, 10) + ")"
	case string:
		return "(" + strconv.Quote(v) + ")"
	}
	if o.arg > 0 {
		return "($" + strconv.Itoa(o.arg) + ")"
	}
	return ""
}

// step is a combinator with its operand.
type step struct {
	op *op
	k  operand
}

// chain is a value with steps that are applied one after the other. Every meaning is made
// of chains, because a chain can be said in English without brackets.
type chain struct {
	from  operand
	typ   Type // of from
	steps []step
}

func (c *chain) result() Type {
	if n := len(c.steps); n > 0 {
		return c.steps[n-1].op.to
	}
	return c.typ
}

// guard is a condition on an argument with what is returned where it holds.
type guard struct {
	test step // gives Bool
	arg  int
	then chain
}

// meaning is what a function does: its arguments' types, guards in order, and the chain that
// is returned where none holds.
type meaning struct {
	args   []Type
	guards []guard
	body   chain
}

// key identifies a meaning: combinators with operands, no names and no wording.
func (m *meaning) key() string {
	var b strings.Builder
	for _, g := range m.guards {
		fmt.Fprintf(&b, "if %s%s $%d: %s; ", g.test.op.name, g.test.k.key(), g.arg+1, g.then.key())
	}
	b.WriteString(m.body.key())
	return b.String()
}

func (c *chain) key() string {
	var b strings.Builder
	b.WriteString(c.from.key())
	for _, s := range c.steps {
		b.WriteString(" " + s.op.name + s.k.key())
	}
	return b.String()
}

// pairs are the combinators that follow one another, without operands: what a split by
// composition is decided on.
func (m *meaning) pairs() []string {
	var out []string
	for _, g := range m.guards {
		if g.then.steps != nil {
			out = append(out, "if "+g.test.op.name+" > "+g.then.steps[0].op.name)
		}
		out = append(out, g.then.pairs()...)
		if m.body.steps != nil {
			out = append(out, "unless "+g.test.op.name+" > "+m.body.steps[0].op.name)
		}
	}
	return append(out, m.body.pairs()...)
}

func (c *chain) pairs() []string {
	var out []string
	for i := 1; i < len(c.steps); i++ {
		out = append(out, c.steps[i-1].op.name+" > "+c.steps[i].op.name)
	}
	return out
}

// limit bounds integers and lengths, so that references stay quick and values short.
const limit = 1_000_000

// eval is what the function returns; false where Python raises, or a value gets too large.
func (m *meaning) eval(args []any) (any, bool) {
	for _, g := range m.guards {
		holds, ok := g.test.op.eval(args[g.arg], g.test.k.of(args))
		if !ok {
			return nil, false
		}
		if holds.(bool) {
			return g.then.eval(args)
		}
	}
	return m.body.eval(args)
}

func (c *chain) eval(args []any) (any, bool) {
	x := c.from.of(args)
	for _, s := range c.steps {
		var ok bool
		if x, ok = s.op.eval(x, s.k.of(args)); !ok || tooLarge(x) {
			return nil, false
		}
	}
	return x, true
}

func tooLarge(x any) bool {
	switch v := x.(type) {
	case int64:
		return v > limit || v < -limit
	case string:
		return len(v) > 100
	case []int64:
		if len(v) > 50 {
			return true
		}
		for _, y := range v {
			if tooLarge(y) {
				return true
			}
		}
	}
	return false
}

// clone copies what a mutant changes.
func (m *meaning) clone() *meaning {
	out := *m
	out.body = m.body.clone()
	out.guards = make([]guard, len(m.guards))
	for i, g := range m.guards {
		g.then = g.then.clone()
		out.guards[i] = g
	}
	return &out
}

func (c chain) clone() chain {
	c.steps = append([]step(nil), c.steps...)
	return c
}

// chains are the places where a meaning has steps.
func (m *meaning) chains() []*chain {
	out := []*chain{&m.body}
	for i := range m.guards {
		out = append(out, &m.guards[i].then)
	}
	return out
}

// usesArgs reports whether every argument matters by its place in the meaning.
func (m *meaning) usesArgs() bool {
	used := make([]bool, len(m.args))
	use := func(o operand) {
		if o.arg > 0 {
			used[o.arg-1] = true
		}
	}
	for _, c := range m.chains() {
		use(c.from)
		for _, s := range c.steps {
			use(s.k)
		}
	}
	for _, g := range m.guards {
		used[g.arg] = true
		use(g.test.k)
	}
	for _, u := range used {
		if !u {
			return false
		}
	}
	return true
}
