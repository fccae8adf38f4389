package tasks

import (
	"fmt"
	"slices"
	"strings"
)

// line is a statement of a program, with the block below it.
type line struct {
	text string
	body []*line
	// goal: the instruction asks for this event, even where it is of a kind that is
	// usually but a means (driving, opening).
	goal  bool
	says  *saying // of a line that says something
	there bool    // it has to be said where the robot was
}

// saying is what has to be heard of a sentence that a program composes.
type saying struct {
	before, after string   // around the value in the reference's sentence
	others        []string // values that may not be said where another one is right
}

// code joins lines and lists of lines to one list.
func code(parts ...any) []*line {
	var out []*line
	for _, p := range parts {
		switch p := p.(type) {
		case *line:
			out = append(out, p)
		case []*line:
			out = append(out, p...)
		case string:
			out = append(out, &line{text: p})
		}
	}
	return out
}

// do is a statement.
func do(format string, args ...any) *line { return &line{text: fmt.Sprintf(format, args...)} }

// goal is a statement whose event the instruction asks for.
func goal(format string, args ...any) *line {
	return &line{text: fmt.Sprintf(format, args...), goal: true}
}

// block is a compound statement.
func block(head string, body ...any) *line { return &line{text: head, body: code(body...)} }

// sayText says a fixed sentence.
func sayText(s string) *line { return do("say(%q)", s) }

// program is a function of a name with a body.
type program struct {
	entry string
	body  []*line
}

// text is the program's source with four spaces a level.
func (p *program) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "def %s():\n", p.entry)
	write(&b, p.body, 1)
	return b.String()
}

func write(b *strings.Builder, lines []*line, depth int) {
	if len(lines) == 0 { // a mutant took out the only statement
		lines = []*line{do("pass")}
	}
	for _, l := range lines {
		b.WriteString(strings.Repeat("    ", depth) + l.text + "\n")
		if strings.HasSuffix(l.text, ":") {
			write(b, l.body, depth+1)
		}
	}
}

// numbered lists the statements with their numbers in text, the first being 2.
func (p *program) numbered() map[int]*line {
	out, n := map[int]*line{}, 1
	var visit func([]*line)
	visit = func(lines []*line) {
		for _, l := range lines {
			n++
			out[n] = l
			if strings.HasSuffix(l.text, ":") {
				visit(l.body)
			}
		}
	}
	visit(p.body)
	return out
}

// clone copies the program, and says which line became which.
func (p *program) clone() (*program, map[*line]*line) {
	twin := map[*line]*line{}
	var copyAll func([]*line) []*line
	copyAll = func(lines []*line) []*line {
		out := make([]*line, len(lines))
		for i, l := range lines {
			c := *l
			c.body = copyAll(l.body)
			twin[l] = &c
			out[i] = &c
		}
		return out
	}
	return &program{p.entry, copyAll(p.body)}, twin
}

// lists yields every block of the program, outermost first, to be changed in place.
func (p *program) lists() []*[]*line {
	out := []*[]*line{&p.body}
	for i := 0; i < len(out); i++ {
		for _, l := range *out[i] {
			if len(l.body) > 0 {
				out = append(out, &l.body)
			}
		}
	}
	return out
}

// all lists every statement.
func (p *program) all() []*line {
	var out []*line
	for _, l := range p.lists() {
		out = append(out, *l...)
	}
	return out
}

// has reports whether l is one of lines or below them.
func has(lines []*line, l *line) bool {
	return slices.ContainsFunc(lines, func(x *line) bool { return x == l || has(x.body, l) })
}
