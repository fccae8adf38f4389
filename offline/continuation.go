package offline

import (
	"slices"
	"strings"

	"hone/source/python"
)

// Continuation is what follows lead, the code that a model is shown, in a program that does
// what code does: code less lead where it begins with it, and otherwise the body of its
// function entry (or, behind a lead that ends in "def entry(", the rest of it) with what
// comes after. It is false where that would be another program: other parameters, another
// indentation, or something before the function that lead does not define.
func Continuation(lead, code, entry string) (text string, ok bool) {
	if rest, ok := strings.CutPrefix(code, lead); ok {
		return rest, true
	}
	m, err := python.Parse([]byte(code))
	if err != nil || entry == "" {
		return "", false
	}
	before, _ := python.ParseTolerant([]byte(lead))
	known := map[string]bool{}
	for _, s := range before.Body {
		for _, name := range bound(s) {
			known[name] = true
		}
	}
	for _, s := range m.Body {
		f, is := s.(*python.FunctionDef)
		if is && f.Name == entry {
			if text, ok = behindHead(lead, m, f, before); !ok {
				return "", false
			}
			_, err := python.Parse([]byte(lead + text))
			return text, err == nil
		}
		names := bound(s)
		if names == nil && !isConstant(s) || slices.ContainsFunc(names, func(n string) bool { return !known[n] }) {
			return "", false
		}
	}
	return "", false
}

// behindHead cuts the function of a module where lead ends.
func behindHead(lead string, m *python.Module, f *python.FunctionDef, before *python.Module) (string, bool) {
	text := string(m.Text)
	from := f.Pos().Start
	open := strings.IndexByte(text[from:], '(')
	if len(f.DecoratorList) > 0 || open < 0 {
		return "", false
	}
	if strings.HasSuffix(lead, "def "+f.Name+"(") {
		return text[from+open+1:], true
	}
	for at := from; at < f.Body[0].Pos().Start; at++ {
		if text[at] == '\n' && strings.HasSuffix(lead, text[from:at+1]) { // lead ends with the head
			return text[at+1:], true
		}
	}
	at := slices.IndexFunc(before.Body, func(s python.Stmt) bool {
		d, is := s.(*python.FunctionDef)
		return is && d.Name == f.Name
	})
	if at < 0 || !strings.HasSuffix(lead, "\n") {
		return "", false
	}
	shown := before.Body[at].(*python.FunctionDef)
	body := f.Body
	if isConstant(body[0]) {
		body = body[1:]
	}
	if len(body) == 0 || !slices.Equal(parameters(shown), parameters(f)) {
		return "", false
	}
	start := body[0].Pos().Start
	if d, is := body[0].(*python.FunctionDef); is && len(d.DecoratorList) > 0 {
		return "", false
	}
	line := strings.LastIndexByte(text[:start], '\n') + 1
	if line <= from { // def f(x): return x
		return indentation(lead, shown) + text[start:], true
	}
	return text[line:], text[line:start] == indentation(lead, shown)
}

// indentation is that of a function's body in the text.
func indentation(text string, f *python.FunctionDef) string {
	start := f.Body[0].Pos().Start
	return text[strings.LastIndexByte(text[:start], '\n')+1 : start]
}

// parameters are the names of a function's parameters.
func parameters(f *python.FunctionDef) (out []string) {
	python.Inspect(f.Args, func(n python.Node) bool {
		if a, is := n.(*python.Arg); is {
			out = append(out, a.Arg)
		}
		return true
	})
	return out
}

// bound are the names that a statement of a module defines: imports, functions, classes and
// plain variables; nil for other statements.
func bound(s python.Stmt) (out []string) {
	aliases := func(list []*python.Alias) {
		for _, a := range list {
			name := a.Asname
			if name == "" {
				name, _, _ = strings.Cut(a.Name, ".")
			}
			out = append(out, name)
		}
	}
	switch s := s.(type) {
	case *python.Import:
		aliases(s.Names)
	case *python.ImportFrom:
		aliases(s.Names)
	case *python.FunctionDef:
		out = append(out, s.Name)
	case *python.ClassDef:
		out = append(out, s.Name)
	case *python.Assign:
		for _, t := range s.Targets {
			n, is := t.(*python.Name)
			if !is {
				return nil
			}
			out = append(out, n.ID)
		}
	}
	return out
}

// isConstant reports whether a statement is a constant alone, such as a docstring.
func isConstant(s python.Stmt) bool {
	e, is := s.(*python.ExprStmt)
	if !is {
		return false
	}
	_, is = e.Value.(*python.Constant)
	return is
}
