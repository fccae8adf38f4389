package tasks

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// mutant is a program with one mistake in it.
type mutant struct {
	how  string // "left out: go_to("table")"
	text string
	// python: the mistake is one that Python finds when it gets there, or before.
	python bool
	// line is where it is, in the mutant's text; 0 where there is no such line.
	line int
}

// quotedName is a text in a program.
var quotedName = regexp.MustCompile(`"([^"\\]*)"`)

// leftOut lists the programs that lack one statement with its block. What an else belongs
// to stays.
func (p *program) leftOut() []mutant {
	var out []mutant
	p.eachPosition(func(list []*line, i int) {
		if i+1 < len(list) && list[i+1].text == "else:" {
			return
		}
		out = append(out, p.changed("left out: "+list[i].text, func(l *[]*line) {
			*l = append(append([]*line{}, (*l)[:i]...), (*l)[i+1:]...)
		}, list, i))
	})
	return out
}

// swapped lists the programs with two neighbours in the wrong order.
func (p *program) swapped() []mutant {
	var out []mutant
	p.eachPosition(func(list []*line, i int) {
		if i+1 == len(list) || list[i].text == list[i+1].text || strings.HasSuffix(list[i].text, ":") || strings.HasSuffix(list[i+1].text, ":") {
			return
		}
		out = append(out, p.changed("swapped: "+list[i].text+" and "+list[i+1].text, func(l *[]*line) {
			(*l)[i], (*l)[i+1] = (*l)[i+1], (*l)[i]
		}, list, i))
	})
	return out
}

// replaced lists the programs in which a name is another one of its kind; kinds are sets
// of names that can be mistaken for one another.
func (p *program) replaced(r *rand.Rand, kinds [][]string) []mutant {
	var out []mutant
	p.eachPosition(func(list []*line, i int) {
		for _, m := range quotedName.FindAllStringSubmatchIndex(list[i].text, -1) {
			name := list[i].text[m[2]:m[3]]
			other := another(r, name, kinds)
			if other == "" {
				continue
			}
			text := list[i].text[:m[2]] + other + list[i].text[m[3]:]
			out = append(out, p.changed(fmt.Sprintf("%q for %q", other, name), func(l *[]*line) { (*l)[i].text = text }, list, i))
		}
	})
	return out
}

func another(r *rand.Rand, name string, kinds [][]string) string {
	for _, kind := range kinds {
		var others []string
		known := false
		for _, k := range kind {
			if k == name {
				known = true
			} else {
				others = append(others, k)
			}
		}
		if known && len(others) > 0 {
			return pick(r, others)
		}
	}
	return ""
}

// inverted lists the programs with a condition the wrong way round, or a limit or a
// counter that is off by one.
func (p *program) inverted() []mutant {
	var out []mutant
	for _, c := range []struct{ old, new string }{
		{"if not ", "if "}, {"while not ", "while "}, {" == ", " != "}, {" > ", " >= "}, {" < ", " <= "}, {" > ", " < "}, {" = 0", " = 1"}, {"+= 1", "+= 2"}, {"+ 1", "+ 2"},
	} {
		p.eachPosition(func(list []*line, i int) {
			if text := strings.Replace(list[i].text, c.old, c.new, 1); text != list[i].text {
				out = append(out, p.changed("instead of "+list[i].text+" "+text, func(l *[]*line) { (*l)[i].text = text }, list, i))
			}
		})
	}
	return out
}

// call is a call of the robot at the beginning of a statement.
var call = regexp.MustCompile(`^([a-z_]+)\((.*)\)$`)

// broken lists programs with mistakes that Python finds. Those that it finds only when it
// gets there are in statements that runs do get to.
func (p *program) broken(runs func(*line) bool) []mutant {
	var out []mutant
	p.eachPosition(func(list []*line, i int) {
		l := list[i]
		m := call.FindStringSubmatch(l.text)
		if m == nil || !runs(l) {
			return
		}
		add := func(how, text string) {
			c := p.changed(how, func(l *[]*line) { (*l)[i].text = text }, list, i)
			c.python = true
			out = append(out, c)
		}
		add("a method that does not exist", m[1]+"_now("+m[2]+")")
		add("arguments too many", m[1]+"("+strings.TrimPrefix(m[2]+", 1, 2, 3)", ", "))
		add("robot. before the call", "robot."+l.text)
		add("a name that is not defined", m[1]+"(target_"+m[1]+")")
		add("a bracket is missing", strings.TrimSuffix(l.text, ")"))
	})
	return out
}

// eachPosition calls visit for every statement, by its block and its place there.
func (p *program) eachPosition(visit func(list []*line, i int)) {
	for _, list := range p.lists() {
		for i := range *list {
			visit(*list, i)
		}
	}
}

// changed is the program after a change of the block that list is, at i.
func (p *program) changed(how string, change func(*[]*line), list []*line, i int) mutant {
	c, twin := p.clone()
	at := twin[list[i]]
	m := mutant{how: how}
	for _, l := range c.lists() {
		if len(*l) == len(list) && (*l)[i] == at {
			change(l)
			break
		}
	}
	for n, l := range c.numbered() {
		if l == at {
			m.line = n
		}
	}
	m.text = c.text()
	return m
}
