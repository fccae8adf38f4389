package corpus

import (
	"slices"
	"strings"

	"hone/source/python"
)

// statements counts the statements of a Python program other than docstrings; ok is
// false where it is none.
func statements(text string) (n int, ok bool) {
	m, err := python.Parse([]byte(text))
	if err != nil {
		return 0, false
	}
	for node := range python.Walk(m) {
		if _, yes := node.(python.Stmt); yes {
			n++
		}
	}
	return n - len(docstrings(m)), true
}

// docstring is a docstring's place, and whether it is all that its body has.
type docstring struct {
	start, end int
	only       bool
}

// docstrings finds the docstrings of a module and of the classes and functions in it.
func docstrings(m *python.Module) (out []docstring) {
	for node := range python.Walk(m) {
		var body []python.Stmt
		switch n := node.(type) {
		case *python.Module:
			body = n.Body
		case *python.ClassDef:
			body = n.Body
		case *python.FunctionDef:
			body = n.Body
		}
		if len(body) == 0 {
			continue
		}
		if e, ok := body[0].(*python.ExprStmt); ok {
			if c, ok := e.Value.(*python.Constant); ok && c.Kind == python.StrConstant {
				out = append(out, docstring{e.Pos().Start, e.Pos().End, len(body) == 1})
			}
		}
	}
	return out
}

// WithoutDocstrings removes the lines of docstrings and blank lines after them. Where
// a docstring shares its lines with something else or is alone in a body, and where
// text is no Python program, all stays.
func WithoutDocstrings(text string) string {
	m, err := python.Parse([]byte(text))
	if err != nil || string(m.Text) != text {
		return text
	}
	found := docstrings(m)
	slices.SortFunc(found, func(a, b docstring) int { return b.start - a.start }) // from the end
	for _, d := range found {
		start := strings.LastIndexByte(text[:d.start], '\n') + 1
		end := len(text)
		if i := strings.IndexByte(text[d.end:], '\n'); i >= 0 {
			end = d.end + i + 1
		}
		if d.only || strings.TrimSpace(text[start:d.start]) != "" || strings.TrimSpace(text[d.end:end]) != "" {
			continue
		}
		for {
			i := strings.IndexByte(text[end:], '\n')
			if i < 0 || strings.TrimSpace(text[end:end+i]) != "" {
				break
			}
			end += i + 1
		}
		text = text[:start] + text[end:]
	}
	return text
}
