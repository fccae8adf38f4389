package python

// targets reads what for assigns to; several are a tuple.
func (p *parser) targets() Expr {
	start := p.start()
	e := p.target()
	if p.sym() == comma {
		e = p.tuple(start, e, p.target)
	}
	p.store(e, "cannot assign to ")
	return e
}

// target reads something that may be assigned to; operators are read as well,
// for a better message. It ends before in.
func (p *parser) target() Expr {
	if p.sym() == star {
		return p.starred()
	}
	return p.binary(1)
}

// store makes e the target of an assignment.
func (p *parser) store(e Expr, message string) {
	switch e := e.(type) {
	case *Name:
		e.Ctx = Store
	case *Attribute:
		e.Ctx = Store
	case *Subscript:
		e.Ctx = Store
	case *Starred:
		if _, double := e.Value.(*Starred); double {
			p.failNode(e, message+exprName(e))
		}
		e.Ctx = Store
		p.store(e.Value, message)
	case *Tuple:
		e.Ctx = Store
		for _, x := range e.Elts {
			p.store(x, "cannot assign to ")
		}
	case *List:
		e.Ctx = Store
		for _, x := range e.Elts {
			p.store(x, "cannot assign to ")
		}
	default:
		if message == maybeEqual {
			p.failNode(e, assignMessage(e))
		}
		p.failNode(e, message+exprName(e))
	}
}

// maybeEqual stands for the message of an assignment statement.
const maybeEqual = "cannot assign to … here"

func assignMessage(e Expr) string {
	message := "cannot assign to " + exprName(e)
	switch e := e.(type) {
	case *GeneratorExp, *Yield, *YieldFrom:
		return message
	case *Constant:
		if e.Kind <= FalseConstant {
			return message
		}
	case *Lambda, *IfExp, *BoolOp, *NamedExpr:
		return message
	case *UnaryOp:
		if e.Op == Not {
			return message
		}
	case *Compare:
		return message
	}
	return message + " here. Maybe you meant '==' instead of '='?"
}

// del makes e the target of del.
func (p *parser) del(e Expr) {
	switch e := e.(type) {
	case *Name:
		e.Ctx = Del
	case *Attribute:
		e.Ctx = Del
	case *Subscript:
		e.Ctx = Del
	case *Tuple:
		e.Ctx = Del
		for _, x := range e.Elts {
			p.del(x)
		}
	case *List:
		e.Ctx = Del
		for _, x := range e.Elts {
			p.del(x)
		}
	default:
		p.failNode(e, "cannot delete "+exprName(e))
	}
}

// exprName is what CPython's messages call e.
func exprName(e Expr) string {
	switch e := e.(type) {
	case *Attribute:
		return "attribute"
	case *Subscript:
		return "subscript"
	case *Starred:
		return "starred"
	case *Name:
		return "name"
	case *List:
		return "list"
	case *Tuple:
		return "tuple"
	case *Lambda:
		return "lambda"
	case *Call:
		return "function call"
	case *BoolOp, *BinOp, *UnaryOp:
		return "expression"
	case *GeneratorExp:
		return "generator expression"
	case *Yield, *YieldFrom:
		return "yield expression"
	case *Await:
		return "await expression"
	case *ListComp:
		return "list comprehension"
	case *SetComp:
		return "set comprehension"
	case *DictComp:
		return "dict comprehension"
	case *Dict:
		return "dict literal"
	case *Set:
		return "set display"
	case *JoinedStr, *FormattedValue:
		return "f-string expression"
	case *Compare:
		return "comparison"
	case *IfExp:
		return "conditional expression"
	case *NamedExpr:
		return "named expression"
	case *Constant:
		if e.Kind <= EllipsisConstant {
			return [...]string{"None", "True", "False", "ellipsis"}[e.Kind]
		}
		return "literal"
	}
	return "expression"
}
