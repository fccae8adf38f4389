package graded

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// phrase names a value in English.
type phrase struct {
	text string
	// list is the name of the argument where the phrase is an argument that is a list, or "".
	list string
	ones string // what the elements are called
}

// argument is the phrase of an argument.
func argument(name string, t Type) phrase {
	switch t {
	case Ints:
		return phrase{"the numbers in " + name, name, "numbers"}
	case Strs:
		return phrase{"the strings in " + name, name, "strings"}
	}
	return phrase{text: name}
}

// fill puts a phrase and an operand into a template.
func fill(template string, x phrase, k string) string {
	in, ones := "among "+x.text, "ones"
	if x.list != "" {
		in, ones = "in "+x.list, x.ones
	}
	s := strings.NewReplacer("{x}", x.text, "{in}", in, "{ones}", ones, "{k}", k).Replace(template)
	return strings.Join(strings.Fields(s), " ")
}

// said is the operand in a sentence.
func (o operand) said(names []string) string {
	switch v := o.value.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		return "'" + v + "'"
	case []int64, []string:
		return "an empty list"
	}
	if o.arg > 0 {
		return names[o.arg-1]
	}
	return ""
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// noun is the chain as one phrase: each step's words in front of what it works on.
func (c *chain) noun(r *rand.Rand, names []string) string {
	x := phrase{text: c.from.said(names)}
	if c.from.arg > 0 {
		x = argument(names[c.from.arg-1], c.typ)
	}
	for _, s := range c.steps {
		templates := s.op.noun
		if len(c.steps) == 1 && len(s.op.infix) > 0 {
			templates = append(append([]string{}, templates...), s.op.infix...)
		}
		x = phrase{text: fill(pick(r, templates), x, s.k.said(names))}
	}
	return x.text
}

// orders is the chain as a list of things to do.
func (c *chain) orders(r *rand.Rand, names []string) string {
	x := argument(names[c.from.arg-1], c.typ)
	parts := []string{pick(r, []string{"Take ", "Start with "}) + x.text}
	for _, s := range c.steps {
		parts = append(parts, fill(pick(r, s.op.do), x, s.k.said(names)))
	}
	last := len(parts) - 1
	if last == 1 {
		return parts[0] + " and " + parts[1]
	}
	then := pick(r, []string{" and ", ", then "})
	return strings.Join(parts[:last], ", ") + then + parts[last]
}

// instruction says the meaning in English.
func (m *meaning) instruction(r *rand.Rand, names []string) string {
	var b strings.Builder
	for _, g := range m.guards {
		x := phrase{text: names[g.arg]}
		test := strings.TrimPrefix(fill(g.test.op.noun[0], x, g.test.k.said(names)), "whether ")
		b.WriteString("If " + test + ", return " + g.then.noun(r, names) + ". ")
	}
	orders := m.body.from.arg > 0 && len(m.body.steps) > 0 && r.IntN(3) == 0
	switch {
	case orders && len(m.guards) > 0:
		b.WriteString("Otherwise: " + lower(m.body.orders(r, names)))
	case orders:
		b.WriteString(m.body.orders(r, names))
	case len(m.guards) > 0:
		b.WriteString("Otherwise return " + m.body.noun(r, names))
	default:
		b.WriteString("Return " + m.body.noun(r, names))
	}
	return b.String() + "."
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// namings are names of arguments by type; which are used is a matter of wording.
var namings = map[Type][][]string{
	Int:     {{"a", "b", "c"}, {"n", "k", "m"}},
	Str:     {{"s", "t"}, {"text", "c"}},
	Ints:    {{"xs"}, {"nums"}},
	Strs:    {{"ws"}, {"words"}},
	StrDict: {{"d"}, {"scores"}},
}

// names gives arguments names.
func (m *meaning) names(r *rand.Rand) []string {
	which := r.IntN(2)
	count := map[Type]int{}
	out := make([]string, len(m.args))
	used := map[string]bool{}
	for i, t := range m.args {
		set := namings[t][which]
		j := count[t]
		if t == Int && len(m.args) > 1 && m.args[0] != Int {
			set = []string{"k", "m"} // beside a list
		}
		for used[set[j]] {
			j++
		}
		out[i], count[t] = set[j], j+1
		used[set[j]] = true
	}
	return out
}
