package corpus

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

// Functions is the Config.Unit with which every function of a Python file is a
// document of its own: those at the top level, and the methods of classes there,
// moved to the margin, each with its decorators. What they hold stays in them.
// Models that are too small to learn whole files learn to write whole functions.
const Functions = "function"

// functions is a source whose documents are the functions of another's.
type functions struct {
	files      source
	docstrings bool // keep them
}

func (f functions) fingerprint() (string, error) {
	s, err := f.files.fingerprint()
	if !f.docstrings {
		s = "without docstrings 1 " + s
	}
	return "functions 1 " + s, err
}

func (f functions) documents(ctx context.Context, skip skipFunc) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for d, err := range f.files.documents(ctx, skip) {
			if err != nil {
				yield(d, err)
				return
			}
			for _, u := range functionsOf(d.Text) {
				one := d
				one.Path = fmt.Sprintf("%s:%d", d.Path, u.line)
				if one.Text = u.text; !f.docstrings {
					one.Text = WithoutDocstrings(u.text)
				}
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}

// unit is a part of a file.
type unit struct {
	line int // where it starts, from 1
	text string
}

// functionsOf finds the functions of a Python file. It goes by the indentation of
// logical lines, so that what stands in brackets or strings does not count.
func functionsOf(text string) []unit {
	lines := logicalLines(text)
	var out []unit
	for i := 0; i < len(lines); {
		first := lines[i]
		if first.kind != aFunction && first.kind != aDecorator {
			i++
			continue
		}
		def := i
		for def < len(lines) && lines[def].kind == aDecorator && lines[def].indent == first.indent {
			def++
		}
		if def == len(lines) || lines[def].kind != aFunction || lines[def].indent != first.indent {
			i = max(def, i+1) // decorates a class, or is no decorator
			continue
		}
		end := def + 1
		for end < len(lines) && lines[end].indent > first.indent {
			end++
		}
		from, to := first.start, lines[end-1].end
		out = append(out, unit{first.number, dedent(text[from:to], first.indent)})
		i = end
	}
	return out
}

// logical is a logical line of Python: physical lines joined by brackets, strings or
// a backslash. Blank lines and lines of comment alone are none.
type logical struct {
	number     int // of its first physical line, from 1
	start, end int // in the text, its line end included
	indent     int // bytes of white space
	kind       lineKind
}

type lineKind uint8

const (
	anything lineKind = iota
	aFunction
	aDecorator
)

// logicalLines divides a file into logical lines.
func logicalLines(text string) []logical {
	var out []logical
	number := 1
	for at := 0; at < len(text); {
		start := at
		for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
			at++
		}
		body := at
		end := logicalEnd(text, body)
		if rest := text[body:end]; strings.TrimSpace(rest) != "" && rest[0] != '#' {
			l := logical{number: number, start: start, end: end, indent: body - start}
			switch {
			case strings.HasPrefix(rest, "def "), strings.HasPrefix(rest, "async def "):
				l.kind = aFunction
			case rest[0] == '@':
				l.kind = aDecorator
			}
			out = append(out, l)
		}
		number += strings.Count(text[start:end], "\n")
		at = end
	}
	return out
}

// logicalEnd is where the logical line that starts at at ends, after its line end.
func logicalEnd(text string, at int) int {
	depth := 0
	for at < len(text) {
		switch c := text[at]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		case '\\':
			at++
		case '#':
			for at < len(text) && text[at] != '\n' {
				at++
			}
			continue
		case '"', '\'':
			at = stringEnd(text, at)
			continue
		case '\n':
			if depth == 0 {
				return at + 1
			}
		}
		at++
	}
	return len(text)
}

// stringEnd is where the string literal that starts at at ends. One with single
// quotes ends with its line at the latest.
func stringEnd(text string, at int) int {
	quote := text[at : at+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(text[at:], long) {
		quote = long
	}
	for at += len(quote); at < len(text); at++ {
		switch {
		case text[at] == '\\':
			at++
		case strings.HasPrefix(text[at:], quote):
			return at + len(quote)
		case text[at] == '\n' && len(quote) == 1:
			return at
		}
	}
	return len(text)
}

// dedent takes indent bytes of white space from the start of every line; lines that
// have less, such as the text of a string, lose what they have.
func dedent(text string, indent int) string {
	if indent == 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		n := 0
		for n < indent && n < len(line) && (line[n] == ' ' || line[n] == '\t') {
			n++
		}
		b.WriteString(line[n:])
	}
	return b.String()
}
