package flakes

import (
	"math"
	"strconv"
	"strings"

	"hone/source/python"
)

// Calls that make something mutable or immutable, in flake8-bugbear's lists.
var (
	mutableCalls = set(
		"Counter", "OrderedDict", "collections.Counter", "collections.OrderedDict",
		"collections.defaultdict", "collections.deque", "defaultdict", "deque", "dict", "list", "set",
	)
	immutableCalls = set(
		"tuple", "frozenset", "types.MappingProxyType", "MappingProxyType", "re.compile",
		"operator.attrgetter", "operator.itemgetter", "operator.methodcaller", "attrgetter",
		"itemgetter", "methodcaller",
	)
)

// defaults reports defaults of parameters that all calls of the function share
// although they can change (B006), or that are computed once (B008).
func defaults(c *checker, m *python.Module) {
	c.quote = nil
	for n := range python.Walk(m) {
		f, ok := n.(*python.FunctionDef)
		if !ok || f.Args == nil {
			continue
		}
		at := &place{node: f, span: f.Span, reported: f.Span.Start}
		for _, list := range [][]python.Expr{f.Args.Defaults, f.Args.KwDefaults} {
			for _, e := range list {
				if e == nil {
					continue
				}
				if isMutable(e) {
					c.reportDefault(&mutableDefault, e, at)
				}
				c.callsInDefault(e, at)
			}
		}
	}
}

func (c *checker) reportDefault(r *Rule, e python.Node, function *place) {
	p := c.place(e, function)
	c.report(r, p, p.span)
}

// isMutable reports whether e displays something mutable. Inside of others it may
// be made immutable.
func isMutable(e python.Expr) bool {
	switch e.(type) {
	case *python.Dict, *python.List, *python.Set, *python.ListComp, *python.DictComp, *python.SetComp:
		return true
	}
	return false
}

// callsInDefault reports the calls that happen when a default is computed.
func (c *checker) callsInDefault(n python.Node, function *place) {
	switch e := n.(type) {
	case *python.Lambda:
		for _, d := range append(e.Args.Defaults[:len(e.Args.Defaults):len(e.Args.Defaults)], e.Args.KwDefaults...) {
			if d != nil {
				c.callsInDefault(d, function)
			}
		}
		return
	case *python.GeneratorExp:
		c.callsInDefault(e.Generators[0].Iter, function)
		return
	case *python.Call:
		switch path := strings.Join(callPath(e.Func, nil), "."); {
		case mutableCalls[path]:
			c.reportDefault(&mutableDefault, e, function)
		case immutableCalls[path]:
		case path == "float" && len(e.Args) == 1 && !finite(e.Args[0]):
		default:
			c.reportDefault(&callInDefault, e, function)
		}
	}
	python.Children(n, func(child python.Node) { c.callsInDefault(child, function) })
}

// callPath adds the names of which a called expression is made to path.
func callPath(e python.Expr, path []string) []string {
	switch e := e.(type) {
	case *python.Attribute:
		return append(callPath(e.Value, path), e.Attr)
	case *python.Call:
		return callPath(e.Func, path)
	case *python.Name:
		return append(path, e.ID)
	}
	return path
}

// finite reports whether float of a literal is a finite number; what is no number
// or no literal is not.
func finite(e python.Expr) bool {
	if sign, ok := e.(*python.UnaryOp); ok && (sign.Op == python.UAdd || sign.Op == python.USub) {
		e = sign.Operand
		if k, ok := e.(*python.Constant); ok && k.Kind >= python.StrConstant {
			return false
		}
	}
	k, ok := e.(*python.Constant)
	if !ok {
		return false
	}
	switch k.Kind {
	case python.TrueConstant, python.FalseConstant:
		return true
	case python.IntConstant, python.FloatConstant, python.StrConstant, python.BytesConstant:
		text := strings.TrimSpace(k.Value)
		if strings.ContainsAny(text, "xXpP") {
			return false
		}
		f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		return err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	}
	return false
}
