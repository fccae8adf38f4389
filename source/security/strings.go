package security

import (
	"regexp"
	"strings"

	"hone/source/python"
)

// text is a string, or a part of an f-string, that rules look at.
type text struct {
	w *walker
	*python.Constant
}

func allInterfaces(t text) *match {
	if t.Value == "0.0.0.0" {
		return found
	}
	return nil
}

func temporaryPath(t text) *match {
	for _, dir := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
		if strings.HasPrefix(t.Value, dir) {
			return found
		}
	}
	return nil
}

// passwordName matches names under which passwords are kept.
var passwordName = func() *regexp.Regexp {
	const words = "(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)"
	return regexp.MustCompile(strings.ReplaceAll(`(?i)(^W\n?$|_W_|^W_|_W\n?$)`, "W", words))
}()

func isPasswordName(name string) bool { return passwordName.MatchString(name) }

func password(value string) *match { return &match{args: []any{value}} }

// passwordString looks for passwords that are assigned or compared.
func passwordString(t text) *match {
	switch p := t.w.parent(0).(type) {
	case *python.Assign:
		for _, target := range p.Targets {
			if name, ok := target.(*python.Name); ok && isPasswordName(name.ID) {
				return password(t.Value)
			}
		}
	case *python.Subscript: // config["password"] = "…"
		a, ok := t.w.parent(1).(*python.Assign)
		if !ok || p.Slice != python.Expr(t.Constant) || !isStr(a.Value) || !isPasswordName(t.Value) {
			return nil
		}
		return password(a.Value.(*python.Constant).Value)
	case *python.Compare:
		name, ok := p.Left.(*python.Name)
		if ok && isPasswordName(name.ID) && isStr(p.Comparators[0]) {
			return password(p.Comparators[0].(*python.Constant).Value)
		}
	}
	return nil
}

// passwordArgument looks for passwords that are passed by name.
func passwordArgument(c call) *match {
	for _, k := range c.Keywords {
		if isStr(k.Value) && isPasswordName(k.Arg) {
			return &match{span: k.Span, args: []any{k.Value.(*python.Constant).Value}}
		}
	}
	return nil
}

// passwordDefault looks for passwords that are defaults of parameters.
func passwordDefault(f *python.FunctionDef) *match {
	if f.Args == nil {
		return nil
	}
	args, defaults := f.Args.Args, f.Args.Defaults
	// Where parameters by position alone have defaults too, Bandit 1.6.2 pairs
	// the wrong ones.
	first := max(0, len(args)-len(defaults))
	for i, a := range args[first:] {
		if i < len(defaults) && isStr(defaults[i]) && isPasswordName(a.Arg) {
			return &match{span: defaults[i].Pos(), reported: f.Span, args: []any{defaults[i].(*python.Constant).Value}}
		}
	}
	return nil
}

// sql matches the statements that queries begin with.
var sql = regexp.MustCompile(`(?is)(select\s.*from\s|delete\s+from\s|insert\s+into\s.*values\s|update\s.*set\s)`)

// sqlExpression looks for queries that are put together from strings: by an
// operator, by format, in an f-string.
func sqlExpression(t text) *match {
	var statement string
	var around python.Node
	switch p := t.w.parent(0).(type) {
	case *python.BinOp:
		statement, around = t.concatenated(p)
	case *python.Attribute:
		if p.Attr != "format" {
			return nil
		}
		statement, around = t.Value, t.w.parent(2)
	case *python.JoinedStr:
		statement, around = t.Value, t.w.parent(1)
	}
	if !sql.MatchString(statement) {
		return nil
	}
	if c, ok := around.(*python.Call); ok {
		switch calledName(c) {
		case "execute", "executemany":
			return &match{confidence: medium}
		}
	}
	return found
}

// maxChain is how many operators in a chain are looked at together, because each
// string of it is a new beginning. Of longer ones each string counts alone.
const maxChain = 500

// concatenated is the string with the other strings of the chain of operators
// around it, except the one beside it, and the node around the chain.
func (t text) concatenated(beside *python.BinOp) (string, python.Node) {
	top, up := beside, 0
	for {
		outer, ok := t.w.parent(up + 1).(*python.BinOp)
		if !ok {
			break
		}
		if up++; up > maxChain {
			return t.Value, nil
		}
		top = outer
	}
	parts := []string{t.Value}
	operators := 0
	var collect func(e python.Expr)
	collect = func(e python.Expr) {
		switch e := e.(type) {
		case *python.BinOp:
			if operators++; e != beside && operators <= maxChain {
				collect(e.Left)
				collect(e.Right)
			}
		case *python.Constant:
			if e.Kind == python.StrConstant {
				parts = append(parts, e.Value)
			}
		}
	}
	collect(top)
	if operators > maxChain {
		return t.Value, nil
	}
	return strings.Join(parts, " "), t.w.parent(up + 1)
}

// calledName is the last part of the name of the function called.
func calledName(c *python.Call) string {
	switch f := c.Func.(type) {
	case *python.Attribute:
		return f.Attr
	case *python.Name:
		return f.ID
	}
	return ""
}
