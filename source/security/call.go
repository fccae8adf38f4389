package security

import (
	"strconv"
	"strings"

	"hone/source/python"
)

// call is a call that rules look at.
type call struct {
	*python.Call
	w *walker
	// qualified is the function's name through imports, name its last part.
	qualified, name string
}

func (w *walker) call(n *python.Call) {
	c := call{Call: n, w: w, qualified: w.qualified(n.Func)}
	c.name = c.qualified[strings.LastIndexByte(c.qualified, '.')+1:]
	run(w, callRules, n, c)
	w.forbiddenCall(c)
}

// hasPart reports whether part is one of the parts of the qualified name.
func (c call) hasPart(part string) bool {
	for p := range strings.SplitSeq(c.qualified, ".") {
		if p == part {
			return true
		}
	}
	return false
}

// value is what a literal says. Names count as strings and True, False and None as
// their names, so that a rule need not care which it is; it is nil for what is no
// literal.
type value any

// list and tuple are literals of sequences.
type (
	list  []value
	tuple []value
	other struct{} // a literal that no rule looks into
)

func literal(e python.Expr) value {
	switch e := e.(type) {
	case *python.Name:
		return e.ID
	case *python.List:
		return list(literals(e.Elts))
	case *python.Tuple:
		return tuple(literals(e.Elts))
	case *python.Set, *python.Dict:
		return other{}
	case *python.Constant:
		return constant(e)
	}
	return nil
}

func literals(elts []python.Expr) []value {
	values := make([]value, len(elts))
	for i, e := range elts {
		values[i] = literal(e)
	}
	return values
}

func constant(k *python.Constant) value {
	switch k.Kind {
	case python.NoneConstant:
		return "None"
	case python.TrueConstant:
		return "True"
	case python.FalseConstant:
		return "False"
	case python.StrConstant:
		return k.Value
	case python.IntConstant:
		n, err := strconv.ParseInt(k.Value, 10, 64)
		if err != nil {
			return other{}
		}
		return n
	case python.FloatConstant:
		f, _ := strconv.ParseFloat(k.Value, 64)
		return f
	case python.EllipsisConstant:
		return nil
	}
	return other{}
}

// argument is the value of an argument: of an attribute its last part.
func argument(e python.Expr) value {
	if a, ok := e.(*python.Attribute); ok {
		return a.Attr
	}
	return literal(e)
}

// first is the first positional argument, or nil.
func (c call) first() python.Expr {
	if len(c.Args) == 0 {
		return nil
	}
	return c.Args[0]
}

// keyword is the argument given by this name, or nil.
func (c call) keyword(name string) *python.Keyword {
	for i := len(c.Keywords) - 1; i >= 0; i-- {
		if c.Keywords[i].Arg == name {
			return c.Keywords[i]
		}
	}
	return nil
}

// keywordValue is the value of the argument given by this name, or nil.
func (c call) keywordValue(name string) value {
	if k := c.keyword(name); k != nil {
		return argument(k.Value)
	}
	return nil
}

// keywordIs reports whether the argument given by this name has one of the values.
func (c call) keywordIs(name string, values ...string) bool {
	got, ok := c.keywordValue(name).(string)
	if !ok {
		return false
	}
	for _, v := range values {
		if got == v {
			return true
		}
	}
	return false
}

// at is a match about the argument given by this name, or about the function where
// there is none.
func (c call) at(name string) *match {
	k := c.keyword(name)
	if k == nil {
		return c.function()
	}
	return &match{span: k.Span, reported: k.Value.Pos()}
}

// function is a match about the function called.
func (c call) function() *match { return &match{span: c.Func.Pos()} }

// isStr reports whether e is a string in the text.
func isStr(e python.Node) bool {
	k, ok := e.(*python.Constant)
	return ok && k.Kind == python.StrConstant
}
