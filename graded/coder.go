package graded

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Precedences of Python's expressions, as far as programs here need them.
const (
	precIf = iota
	precNot
	precCompare
	precAdd
	precMul
	precUnary
	precPow
	precAtom
)

// term is an expression as text.
type term struct {
	text string
	prec int
}

func atom(s string) term { return term{s, precAtom} }

// in is the term where an expression of at least prec is wanted.
func (t term) in(prec int) string {
	if t.prec < prec {
		return "(" + t.text + ")"
	}
	return t.text
}

var bare = regexp.MustCompile(`^\w+$`)

// name reports whether the term is a name or a number, which can be written twice.
func (t term) name() bool { return bare.MatchString(t.text) }

// style is how a program is written.
type style int

const (
	inline   style = iota // one expression as far as it goes
	stepwise              // a variable for every list
	looped                // for loops instead of comprehensions where both do
	styles
)

// comprehension is a list that is not written down yet: elem for vars in iter if conds.
type comprehension struct {
	elem  term
	vars  string
	iter  string
	plain string // the list where elem and conds change nothing
	conds []string
}

func (c *comprehension) same() bool { return c.elem.text == c.vars && len(c.conds) == 0 }

func (c *comprehension) clause() string {
	s := c.vars + " in " + c.iter
	if len(c.conds) > 0 {
		s += " if " + strings.Join(c.conds, " and ")
	}
	return s
}

func (c *comprehension) text() string { return c.elem.text + " for " + c.clause() }

// accumulator is a fold as statements; {e} is the element.
type accumulator struct{ name, start, body string }

// coder writes the body of a function.
type coder struct {
	style style
	used  map[string]bool // names
	lines []string
	typ   Type           // of the current value, before a step
	cur   term           // the current value, or
	comp  *comprehension // where it is not nil, the current list
	last  bool           // nothing follows the step
	done  bool           // the function has returned
}

func (g *coder) line(format string, args ...any) {
	g.lines = append(g.lines, fmt.Sprintf(format, args...))
}

// fresh is the first of some names that is not used yet.
func (g *coder) fresh(names ...string) string {
	for i := 0; ; i++ {
		n := names[min(i, len(names)-1)]
		if i >= len(names) {
			n += strconv.Itoa(i - len(names) + 2)
		}
		if !g.used[n] {
			g.used[n] = true
			return n
		}
	}
}

// others are second names for what has a name already.
var others = map[string][]string{
	"x": {"y", "z"}, "w": {"u", "v"}, "c": {"ch"}, "i": {"j"}, "v": {"q"},
	"out": {"res"}, "total": {"acc"}, "best": {"top"}, "last": {"prev"}, "count": {"hits"},
}

func (g *coder) set(t term) { g.cur, g.comp = t, nil }

// over makes the elements of iter the current list.
func (g *coder) over(v, iter, plain string) {
	v = g.fresh(append([]string{v}, others[v]...)...)
	g.comp = &comprehension{elem: atom(v), vars: v, iter: iter, plain: plain}
}

// keys makes the keys of a dict whose values compare so with bound the current list.
func (g *coder) keys(op string, bound term) {
	d := g.value().in(precAtom)
	k, v := g.fresh("k", "key"), g.fresh("v", "value")
	g.comp = &comprehension{elem: atom(k), vars: k + ", " + v, iter: d + ".items()", conds: []string{v + " " + op + " " + bound.in(precAdd)}}
}

// value is the current value as an expression.
func (g *coder) value() term {
	switch {
	case g.comp == nil:
		return g.cur
	case g.comp.same():
		return atom(g.comp.plain)
	}
	return atom("[" + g.comp.text() + "]")
}

// iterable is the current list where anything that can be gone through is enough.
func (g *coder) iterable() string {
	if g.comp != nil && g.comp.same() {
		return g.comp.iter
	}
	return g.value().text
}

// named is a name for the current list.
func (g *coder) named() string {
	if v := g.value(); v.name() {
		return v.text
	}
	g.assign()
	return g.cur.text
}

func (g *coder) assign() {
	v := g.value()
	if g.style == looped && g.comp != nil && !g.comp.same() {
		g.remember("out", "[]", nil, "out.append({e})")
		return
	}
	name := g.fresh("ys", "zs")
	g.line("%s = %s", name, v.text)
	g.set(atom(name))
}

// seq is the current list as a comprehension.
func (g *coder) seq() *comprehension {
	if g.comp == nil {
		v := "x"
		if g.typ == Strs {
			v = "w"
		}
		iter := g.cur
		g.over(v, iter.text, iter.text)
	}
	return g.comp
}

func (g *coder) each(f func(term) term) {
	c := g.seq()
	c.elem = f(c.elem)
}

func (g *coder) filter(p func(term) term) {
	if c := g.seq(); !c.elem.name() {
		if g.style == inline {
			g.set(g.value())
		} else {
			g.assign()
		}
		c = g.seq()
		c.conds = append(c.conds, p(c.elem).in(precCompare))
		return
	}
	c := g.comp
	c.conds = append(c.conds, p(c.elem).in(precCompare))
}

// fold is a built-in over the elements, or its accumulator where the style wants loops.
func (g *coder) fold(name string, a *accumulator) {
	if a != nil && g.style == looped {
		g.accumulate(a)
		return
	}
	if f, key, ok := strings.Cut(name, "("); ok {
		g.set(atom(f + "(" + g.iterable() + ", " + key))
		return
	}
	arg := g.iterable()
	if g.comp != nil && !g.comp.same() {
		arg = g.comp.text()
	}
	g.set(atom(name + "(" + arg + ")"))
}

func (g *coder) foldDefault(name string) {
	g.set(atom(name + "(" + g.iterable() + ", default=0)"))
}

func (g *coder) accumulate(a *accumulator) { g.remember(a.name, a.start, nil, a.body) }

func (g *coder) count() {
	switch {
	case g.comp == nil || g.comp.same():
		g.set(atom("len(" + g.iterable() + ")"))
	case g.style == looped:
		g.accumulate(&accumulator{"count", "0", "count += 1"})
	case g.style == inline:
		g.set(atom("sum(1 for " + g.comp.clause() + ")"))
	default:
		g.set(atom("len(" + g.value().text + ")"))
	}
}

// open begins a for loop over the current list and returns what to put before its body,
// and the element.
func (g *coder) open() (indent string, e term) {
	c := g.seq()
	g.line("for %s in %s:", c.vars, c.iter)
	indent = "    "
	if len(c.conds) > 0 {
		g.line("    if %s:", strings.Join(c.conds, " and "))
		indent += "    "
	}
	return indent, c.elem
}

var locals = regexp.MustCompile(`\b(out|total|best|last|n|sign|count|counts)\b`)

// rename gives the local names of statements names that are not used yet.
func (g *coder) rename(statements []string) []string {
	names := map[string]string{}
	out := slices.Clone(statements)
	for i, s := range out {
		out[i] = locals.ReplaceAllStringFunc(s, func(n string) string {
			if names[n] == "" {
				names[n] = g.fresh(append([]string{n}, others[n]...)...)
			}
			return names[n]
		})
	}
	return out
}

// remember writes a loop that keeps something: start is what the result begins with, init
// more statements before the loop, body those in it.
func (g *coder) remember(result, start string, init []string, body ...string) {
	g.seq()
	all := g.rename(append(append([]string{result + " = " + start}, init...), body...))
	g.lines = append(g.lines, all[:1+len(init)]...)
	indent, e := g.open()
	if !e.name() && strings.Count(strings.Join(body, " "), "{e}") > 1 {
		y := g.fresh("y", "z")
		g.line("%s%s = %s", indent, y, e.text)
		e = atom(y)
	}
	for _, s := range all[1+len(init):] {
		g.line("%s%s", indent, strings.NewReplacer("{e}", e.text, "{f}", e.in(precUnary)).Replace(s))
	}
	name, _, _ := strings.Cut(all[0], " ")
	g.set(atom(name))
}

func (g *coder) quantify(name string, p *predicate, k term) {
	if g.style == looped && g.last {
		found, cond := "True", p.code
		if name == "all" {
			found, cond = "False", p.not
		}
		indent, e := g.open()
		g.line("%sif %s:", indent, cond(e, k).text)
		g.line("%s    return %s", indent, found)
		g.line("return %s", map[string]string{"True": "False", "False": "True"}[found])
		g.done = true
		return
	}
	c := g.seq()
	c.elem = p.code(c.elem, k)
	g.set(atom(name + "(" + c.text() + ")"))
}

func (g *coder) until(p func(term) term) {
	g.seq()
	out := g.fresh("out", "kept")
	g.line("%s = []", out)
	indent, e := g.open()
	if !e.name() {
		y := g.fresh("y", "z")
		g.line("%s%s = %s", indent, y, e.text)
		e = atom(y)
	}
	g.line("%sif %s:", indent, p(e).text)
	g.line("%s    break", indent)
	g.line("%s%s.append(%s)", indent, out, e.text)
	g.set(atom(out))
}

func (g *coder) place(p func(term) term) {
	if c := g.seq(); !c.same() {
		g.assign()
	}
	c := g.seq()
	i := g.fresh("i", "j")
	if g.style != inline && g.last {
		g.line("for %s, %s in enumerate(%s):", i, c.vars, c.iter)
		g.line("    if %s:", p(c.elem).text)
		g.line("        return %s", i)
		g.line("return -1")
		g.done = true
		return
	}
	g.set(atom(fmt.Sprintf("next((%s for %s, %s in enumerate(%s) if %s), -1)", i, i, c.vars, c.iter, p(c.elem).text)))
}

func (g *coder) find(p func(term) term) {
	if c := g.seq(); g.style != inline && g.last {
		indent, e := g.open()
		g.line("%sif %s:", indent, p(e).text)
		g.line("%s    return %s", indent, e.text)
		g.line("return 0")
		g.done = true
		return
	} else if !c.elem.name() {
		g.set(g.value())
	}
	g.filter(p)
	g.set(atom("next((" + g.comp.text() + "), 0)"))
}

func (g *coder) reach(k term) {
	if c := g.seq(); !c.same() {
		g.assign()
	}
	c := g.seq()
	i, total := g.fresh("i", "j"), g.fresh("total", "acc")
	found := "return " + i
	place := ""
	if !g.last {
		place = g.fresh("place", "at")
		g.line("%s = -1", place)
		found = place + " = " + i
	}
	g.line("%s = 0", total)
	g.line("for %s, %s in enumerate(%s):", i, c.vars, c.iter)
	g.line("    %s += %s", total, c.elem.text)
	g.line("    if %s > %s:", total, k.text)
	g.line("        %s", found)
	if g.last {
		g.line("return -1")
		g.done = true
		return
	}
	g.line("        break")
	g.set(atom(place))
}

// literal is a constant in Python.
func literal(v any) term {
	switch v := v.(type) {
	case int64:
		if v < 0 {
			return term{strconv.FormatInt(v, 10), precUnary}
		}
		return atom(strconv.FormatInt(v, 10))
	case string:
		return atom("'" + v + "'")
	case []int64, []string:
		return atom("[]")
	}
	return atom("None")
}

// code is the operand in a program whose arguments have these names.
func (o operand) code(names []string) term {
	if o.arg > 0 {
		return atom(names[o.arg-1])
	}
	return literal(o.value)
}

// chain writes a chain and returns its value; false where the program has returned it.
func (g *coder) chain(c *chain, names []string) (term, bool) {
	g.set(c.from.code(names))
	for i, s := range c.steps {
		g.typ, g.last = s.op.from, i == len(c.steps)-1
		s.op.code(g, s.k.code(names))
		if g.done {
			return term{}, false
		}
		isList := s.op.to == Ints || s.op.to == Strs
		if !g.last && g.style == stepwise && isList && !g.value().name() {
			g.typ = s.op.to
			g.assign()
		}
	}
	if g.style == looped && g.comp != nil && !g.comp.same() {
		g.assign()
	}
	return g.value(), true
}

// statements writes the function's body, a statement a line.
func (m *meaning) statements(st style, names []string, conditional bool) []string {
	g := &coder{style: st, used: map[string]bool{}}
	for _, n := range names {
		g.used[n] = true
	}
	var tests, thens []term
	for i := range m.guards {
		gd := &m.guards[i]
		g.typ, g.last = gd.test.op.from, false
		g.set(atom(names[gd.arg]))
		gd.test.op.code(g, gd.test.k.code(names))
		test := g.value()
		then, _ := (&coder{style: inline, used: g.used}).chain(&gd.then, names)
		tests, thens = append(tests, test), append(thens, then)
	}
	before := len(g.lines)
	value, ok := g.chain(&m.body, names)
	if len(tests) == 1 && conditional && ok && len(g.lines) == before {
		return []string{"return " + thens[0].in(precNot) + " if " + tests[0].in(precNot) + " else " + value.in(precIf)}
	}
	var out []string
	for i := range tests {
		out = append(out, "if "+tests[i].text+":", "    return "+thens[i].text)
	}
	out = append(out, g.lines...)
	if ok {
		out = append(out, "return "+value.text)
	}
	return out
}
