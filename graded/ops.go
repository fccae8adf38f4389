package graded

import "strings"

// kind is what a combinator is for; levels are made of kinds.
type kind int

const (
	arith  kind = iota // an operator on one value
	call               // a built-in on one value
	fold               // a list to one value, with a built-in
	order              // a list to a list, with a built-in
	loop               // filter, map, count, any, all: a comprehension or a loop
	spread             // one value to a list
	state              // a loop that remembers
	exit               // a loop that ends early
	tally              // a list to a dict
	lookup             // out of a dict
	edge               // says what happens where there is nothing, or a tie
	branch             // a condition of a guard
)

// takes is what the operand of a combinator may be.
type takes int

const (
	nothing takes = iota
	number        // 0 to 9
	small         // 2 to 5: divisors, counts
	letter
	limits // 5 to 20
)

// op is a combinator. Words are templates: {x} is what it works on, {k} its operand.
type op struct {
	name     string
	from, to Type
	kind     kind
	takes    takes
	eval     func(x, k any) (any, bool)
	// code appends the combinator to a program.
	code func(g *coder, k term)
	// noun says the result with {x} at its end, so that phrases nest without brackets;
	// infix does not end so, and stands alone.
	noun, infix []string
	// do is an order: "add 3".
	do []string
	// near are names of combinators that a careless reader or writer would confuse with it.
	near []string
}

// function is a mapping of one value: alone it is a combinator, for every element another.
type function struct {
	name     string
	from, to Type
	kind     kind
	takes    takes
	eval     func(x, k any) (any, bool)
	code     func(x, k term) term
	noun     []string
	infix    []string
	each     []string // of a list, {x} at its end
	do       []string
	doEach   []string
	near     []string
	lists    bool // also for every element of a list
}

// predicate is a condition on one value.
type predicate struct {
	name  string
	of    Type
	takes takes
	eval  func(x, k any) bool
	code  func(x, k term) term
	not   func(x, k term) term
	pre   string // "even", in front of what it describes
	post  string // "greater than {k}", behind it
	is    string // "is even"
	near  []string
	// divides says that Python divides by the operand, which must not be 0.
	divides bool
}

// ops are all combinators by name, opsFrom by the type they take.
var (
	ops     = map[string]*op{}
	opsFrom = map[Type][]*op{}
)

func init() {
	for _, o := range intLists {
		register(o)
	}
	for _, list := range [][]*op{textLists, sources, stateful, dicts, edges} {
		for _, o := range list {
			register(o)
		}
	}
	for _, list := range [][]function{intFunctions, textFunctions} {
		for i := range list {
			list[i].register()
		}
	}
	for _, list := range [][]predicate{intPredicates, textPredicates} {
		for i := range list {
			list[i].register()
		}
	}
}

func register(o *op) {
	ops[o.name] = o
	opsFrom[o.from] = append(opsFrom[o.from], o)
}

var listOf = map[Type]Type{Int: Ints, Str: Strs}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = prefix + n
	}
	return out
}

func (f *function) register() {
	register(&op{
		name: f.name, from: f.from, to: f.to, kind: f.kind, takes: f.takes, eval: f.eval,
		code: func(g *coder, k term) { g.set(f.code(g.value(), k)) },
		noun: f.noun, infix: f.infix, do: f.do, near: f.near,
	})
	if !f.lists {
		return
	}
	register(&op{
		name: "each:" + f.name, from: listOf[f.from], to: listOf[f.to], kind: loop, takes: f.takes,
		eval: func(x, k any) (any, bool) { return mapList(x, f.to, func(e any) (any, bool) { return f.eval(e, k) }) },
		code: func(g *coder, k term) { g.each(func(x term) term { return f.code(x, k) }) },
		noun: f.each, do: f.doEach, near: prefixed("each:", f.near),
	})
}

func elements(x any) []any {
	var out []any
	switch l := x.(type) {
	case []int64:
		for _, e := range l {
			out = append(out, e)
		}
	case []string:
		for _, e := range l {
			out = append(out, e)
		}
	}
	return out
}

func list(t Type, es []any) any {
	if t == Int {
		out := make([]int64, len(es))
		for i, e := range es {
			out[i] = e.(int64)
		}
		return out
	}
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = e.(string)
	}
	return out
}

func mapList(x any, to Type, f func(any) (any, bool)) (any, bool) {
	es := elements(x)
	for i, e := range es {
		y, ok := f(e)
		if !ok {
			return nil, false
		}
		es[i] = y
	}
	return list(to, es), true
}

// where puts a predicate's words into a template.
func (p *predicate) where(templates ...string) []string {
	out := make([]string, len(templates))
	for i, t := range templates {
		out[i] = strings.NewReplacer("{pre}", p.pre, "{post}", p.post, "{is}", p.is).Replace(t)
	}
	return out
}

func (p *predicate) register() {
	lt := listOf[p.of]
	add := func(prefix string, o op) {
		o.name, o.takes, o.near = prefix+p.name, p.takes, append(prefixed(prefix, p.near), o.near...)
		if eval := o.eval; p.divides {
			o.eval = func(x, k any) (any, bool) {
				if num(k) < 1 {
					return nil, false
				}
				return eval(x, k)
			}
		}
		register(&o)
	}
	first := func(x, k any, holds bool) int {
		for i, e := range elements(x) {
			if p.eval(e, k) == holds {
				return i
			}
		}
		return -1
	}
	add("is:", op{
		from: p.of, to: Bool, kind: branch,
		eval: func(x, k any) (any, bool) { return p.eval(x, k), true },
		code: func(g *coder, k term) { g.set(p.code(g.value(), k)) },
		noun: []string{"whether {x} " + p.is}, do: []string{"tell whether it " + p.is},
	})
	add("filter:", op{
		from: lt, to: lt, kind: loop,
		eval: func(x, k any) (any, bool) {
			var out []any
			for _, e := range elements(x) {
				if p.eval(e, k) {
					out = append(out, e)
				}
			}
			return list(p.of, out), true
		},
		code: func(g *coder, k term) { g.filter(func(x term) term { return p.code(x, k) }) },
		noun: p.where("the {pre} {ones} {post} {in}"), do: p.where("keep the {pre} ones {post}", "keep only the {pre} ones {post}"),
	})
	add("count:", op{
		from: lt, to: Int, kind: loop,
		eval: func(x, k any) (any, bool) {
			n := int64(0)
			for _, e := range elements(x) {
				if p.eval(e, k) {
					n++
				}
			}
			return n, true
		},
		code: func(g *coder, k term) {
			g.filter(func(x term) term { return p.code(x, k) })
			g.count()
		},
		noun: p.where("the number of {pre} {ones} {post} {in}"), do: p.where("count the {pre} ones {post}"),
	})
	add("any:", op{
		from: lt, to: Bool, kind: loop, near: []string{"all:" + p.name},
		eval: func(x, k any) (any, bool) { return first(x, k, true) >= 0, true },
		code: func(g *coder, k term) { g.quantify("any", p, k) },
		noun: p.where("whether there are any {pre} {ones} {post} {in}"), do: p.where("tell whether there are any {pre} ones {post}"),
	})
	add("all:", op{
		from: lt, to: Bool, kind: loop, near: []string{"any:" + p.name},
		eval: func(x, k any) (any, bool) { return first(x, k, false) < 0, true },
		code: func(g *coder, k term) { g.quantify("all", p, k) },
		noun: p.where("whether there are only {pre} {ones} {post} {in}"), do: p.where("tell whether there are only {pre} ones {post}"),
	})
	add("until:", op{
		from: lt, to: lt, kind: exit, near: []string{"filter:" + p.name},
		eval: func(x, k any) (any, bool) {
			es := elements(x)
			if i := first(x, k, true); i >= 0 {
				es = es[:i]
			}
			return list(p.of, es), true
		},
		code: func(g *coder, k term) { g.until(func(x term) term { return p.code(x, k) }) },
		noun: p.where("the {ones} before the first {pre} one {post} {in}"), do: p.where("stop before the first {pre} one {post}"),
	})
	add("place:", op{
		from: lt, to: Int, kind: exit,
		eval: func(x, k any) (any, bool) { return int64(first(x, k, true)), true },
		code: func(g *coder, k term) { g.place(func(x term) term { return p.code(x, k) }) },
		noun: p.where("the index, or -1 if there is none, of the first {pre} one {post} {in}"), do: p.where("find the index of the first {pre} one {post}, or -1 if there is none"),
	})
	if p.of != Int {
		return
	}
	add("find:", op{
		from: lt, to: Int, kind: exit,
		eval: func(x, k any) (any, bool) {
			if i := first(x, k, true); i >= 0 {
				return elements(x)[i], true
			}
			return int64(0), true
		},
		code: func(g *coder, k term) { g.find(func(x term) term { return p.code(x, k) }) },
		noun: p.where("the first, or 0 if there is none, of the {pre} {ones} {post} {in}"), do: p.where("find the first {pre} one {post}, or 0 if there is none"),
	})
}
