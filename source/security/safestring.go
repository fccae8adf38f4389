package security

import (
	"errors"

	"hone/source/python"
)

// djangoMarkSafe looks for text that is declared safe although it is not known to
// be: known are strings in the text, variables that have no other values, and
// formats of such.
func djangoMarkSafe(c call) *match {
	switch c.name {
	case "mark_safe", "SafeText", "SafeUnicode", "SafeString", "SafeBytes":
	default:
		return nil
	}
	if c.first() == nil || isStr(c.first()) || !c.w.importsLike("django.utils.safestring") {
		return nil
	}
	safe, err := c.w.isSafe(c)
	if safe || err != nil {
		return nil
	}
	return &match{span: c.first().Pos(), reported: c.Span}
}

// errGivenUp says that Bandit's analysis does not know a construct, where it
// reports nothing, or does not end.
var errGivenUp = errors.New("the analysis gives up")

// maxSteps bounds the work for one call; Bandit has a limit on nesting instead.
const maxSteps = 10_000

// isSafe reports whether the first argument of a call is known to be safe.
func (w *walker) isSafe(c call) (bool, error) {
	a := assignments{w: w, around: w.functionAround(), steps: maxSteps}
	switch e := c.first().(type) {
	case *python.Name:
		return a.variable(e, w.line(c.Span.Start))
	case *python.Call:
		return a.format(e)
	case *python.BinOp:
		if format := percentAsCall(e); format != nil {
			return a.format(format)
		}
	}
	return false, nil
}

// functionAround is the innermost function or module around the visited node;
// async functions do not count.
func (w *walker) functionAround() python.Node {
	for i := len(w.path) - 1; i > 0; i-- {
		if f, ok := w.path[i].(*python.FunctionDef); ok && !f.Async {
			return f
		}
	}
	return w.path[0]
}

// percentAsCall writes 'format' % values as a call of format; nil for any other
// operation.
func percentAsCall(b *python.BinOp) *python.Call {
	if b.Op != python.Mod || !isStr(b.Left) {
		return nil
	}
	args := []python.Expr{b.Right}
	if t, ok := b.Right.(*python.Tuple); ok {
		args = t.Elts
	}
	return &python.Call{Base: b.Base, Func: &python.Attribute{Base: b.Base, Value: b.Left, Attr: "format"}, Args: args}
}

// assignments follows what variables of a function are assigned.
type assignments struct {
	w      *walker
	around python.Node
	steps  int
}

// variable reports whether all that is assigned to a variable above a line is known
// to be safe.
func (a *assignments) variable(name *python.Name, below int) (safe bool, err error) {
	if a.steps--; a.steps < 0 {
		return false, errGivenUp
	}
	var body []python.Stmt
	switch n := a.around.(type) {
	case *python.FunctionDef:
		for _, p := range n.Args.Args {
			if p.Arg == name.ID {
				return false, nil
			}
		}
		body = n.Body
	case *python.Module:
		body = n.Body
	}
	for _, s := range body {
		if a.w.line(s.Pos().Start) >= below {
			break
		}
		to, err := a.assigned(name.ID, s)
		if err != nil {
			return false, err
		}
		if to.none() {
			continue
		}
		if safe, err = a.value(to, s); err != nil {
			return false, err
		}
		if !safe && !to.isVariable() {
			return false, nil
		}
	}
	return safe, nil
}

// assigned is what a statement assigns to a variable: one node, or those of the
// statements in it.
type assigned struct {
	one  python.Node
	many []python.Node
	// list says that many counts, even if it is empty.
	list bool
}

func (a assigned) none() bool { return a.one == nil && len(a.many) == 0 }

// isVariable reports whether a variable or a call alone is assigned, after which
// the analysis goes on even if it is not safe.
func (a assigned) isVariable() bool {
	switch a.one.(type) {
	case *python.Name, *python.Call:
		return true
	}
	return false
}

// value reports whether what statement s assigns is safe.
func (a *assignments) value(to assigned, s python.Stmt) (bool, error) {
	if !to.list {
		switch e := to.one.(type) {
		case *python.Name:
			return a.variable(e, a.w.line(e.Span.Start))
		case *python.Call:
			return a.format(e)
		}
		return isStr(to.one), nil
	}
	for _, n := range to.many {
		if name, ok := n.(*python.Name); ok {
			if safe, err := a.variable(name, a.w.line(s.Pos().Start)); !safe || err != nil {
				return false, err
			}
		} else if !isStr(n) {
			return false, nil
		}
	}
	return true, nil
}

// format reports whether a call is the method format of a string with arguments
// that are all safe.
func (a *assignments) format(c *python.Call) (bool, error) {
	if a.steps--; a.steps < 0 {
		return false, errGivenUp
	}
	f, ok := c.Func.(*python.Attribute)
	if !ok || !isStr(f.Value) || f.Attr != "format" || len(c.Keywords) > 0 {
		return false, nil
	}
	for args := c.Args; len(args) > 0; args = args[1:] {
		safe, err := true, error(nil)
		switch e := args[0].(type) {
		case *python.Name:
			safe, err = a.variable(e, a.w.line(c.Span.Start))
		case *python.Call:
			safe, err = a.format(e)
		case *python.Starred:
			var elts []python.Expr
			if elts, safe = display(e.Value); safe {
				args = append(args[:len(args):len(args)], elts...)
			}
		default:
			safe = isStr(e)
		}
		if !safe || err != nil {
			return false, err
		}
	}
	return true, nil
}

// display are the elements of a list or tuple in the text.
func display(e python.Expr) ([]python.Expr, bool) {
	switch e := e.(type) {
	case *python.List:
		return e.Elts, true
	case *python.Tuple:
		return e.Elts, true
	}
	return nil, false
}

// assigned finds what a statement assigns to the variable.
func (a *assignments) assigned(name string, s python.Node) (assigned, error) {
	if a.steps--; a.steps < 0 {
		return assigned{}, errGivenUp
	}
	switch s := s.(type) {
	case *python.FunctionDef:
		if !s.Async {
			return a.inBlocks(name, s.Body)
		}
	case *python.With:
		if !s.Async {
			return a.with(name, s)
		}
	case *python.Try:
		if !s.Star {
			return a.try(name, s)
		}
	case *python.ExceptHandler:
		return a.inBlocks(name, s.Body)
	case *python.If:
		return a.inBlocks(name, s.Body, s.Orelse)
	case *python.For:
		if !s.Async {
			return a.inBlocks(name, s.Body, s.Orelse)
		}
	case *python.While:
		return a.inBlocks(name, s.Body, s.Orelse)
	case *python.AugAssign:
		if t, ok := s.Target.(*python.Name); ok && t.ID == name {
			return assigned{one: s.Value}, nil
		}
	case *python.Assign:
		return assignedTo(name, s)
	}
	return assigned{}, nil
}

// assignedTo looks at the first target; of a tuple, all elements must be names up
// to the one that is meant.
func assignedTo(name string, s *python.Assign) (assigned, error) {
	switch t := s.Targets[0].(type) {
	case *python.Name:
		if t.ID == name {
			return assigned{one: s.Value}, nil
		}
	case *python.Tuple:
		for i, e := range t.Elts {
			n, ok := e.(*python.Name)
			if !ok {
				return assigned{}, errGivenUp
			}
			if n.ID != name {
				continue
			}
			elts, ok := display(s.Value)
			if !ok || i >= len(elts) {
				return assigned{}, errGivenUp
			}
			return assigned{one: elts[i]}, nil
		}
	}
	return assigned{}, nil
}

// inBlocks collects what the statements of blocks assign.
func (a *assignments) inBlocks(name string, blocks ...[]python.Stmt) (assigned, error) {
	all := assigned{list: true}
	for _, block := range blocks {
		for _, s := range block {
			to, err := a.assigned(name, s)
			if err != nil {
				return all, err
			}
			if to.one != nil {
				to.many = append(to.many, to.one)
			}
			all.many = append(all.many, to.many...)
		}
	}
	return all, nil
}

func (a *assignments) with(name string, s *python.With) (to assigned, err error) {
	for _, item := range s.Items {
		v, ok := item.OptionalVars.(*python.Name)
		if !ok {
			return assigned{}, errGivenUp
		}
		if v.ID == name {
			to = assigned{one: s}
		} else if to, err = a.inBlocks(name, s.Body); err != nil {
			return to, err
		}
	}
	return to, nil
}

func (a *assignments) try(name string, s *python.Try) (assigned, error) {
	all, err := a.inBlocks(name, s.Body)
	if err != nil {
		return all, err
	}
	for _, h := range s.Handlers {
		to, err := a.inBlocks(name, h.Body)
		if err != nil {
			return all, err
		}
		all.many = append(all.many, to.many...)
	}
	rest, err := a.inBlocks(name, s.Orelse, s.Finalbody)
	all.many = append(all.many, rest.many...)
	return all, err
}
