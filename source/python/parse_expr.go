package python

// precedence orders the operators of two operands, from 1; 0 is none.
var precedence = [256]uint8{
	vbar: 1, circumflex: 2, amper: 3, lshift: 4, rshift: 4, plus: 5, minus: 5,
	star: 6, slash: 6, doubleslash: 6, percent: 6, at: 6,
}

var binaryOperator = [256]Operator{
	vbar: BitOr, circumflex: BitXor, amper: BitAnd, lshift: LShift, rshift: RShift, plus: Add,
	minus: Sub, star: Mult, slash: Div, doubleslash: FloorDiv, percent: Mod, at: MatMult,
}

// startsExpression reports whether an expression, or one with a star, can begin
// with t.
func startsExpression(t Token) bool {
	switch t.Kind {
	case NUMBER, STRING, FSTRING_START:
		return true
	case NAME:
		switch t.sym {
		case noSym, kwNone, kwTrue, kwFalse, kwNot, kwLambda, kwAwait:
			return true
		}
	case OP:
		switch t.sym {
		case lpar, lsqb, lbrace, minus, plus, tilde, ellipsis, star:
			return true
		}
	}
	return false
}

// starExpressions reads expressions, stars allowed; several are a tuple.
func (p *parser) starExpressions() Expr {
	start := p.start()
	e := p.starExpression()
	if p.sym() != comma {
		return e
	}
	return p.tuple(start, e, p.starExpression)
}

// tuple reads the rest of a tuple without parentheses, whose first element is e.
func (p *parser) tuple(start int, e Expr, element func() Expr) Expr {
	mark := len(p.exprs)
	p.exprs = append(p.exprs, e)
	for p.accept(comma) && startsExpression(p.tokens[p.i]) {
		p.exprs = append(p.exprs, element())
	}
	return p.tuples.put(Tuple{Base: p.base(start), Elts: p.takeExprs(mark)})
}

func (p *parser) starExpression() Expr {
	if p.sym() == star {
		return p.starred()
	}
	return p.expression()
}

func (p *parser) starNamedExpression() Expr {
	if p.sym() == star {
		return p.starred()
	}
	return p.namedExpression()
}

func (p *parser) starred() Expr {
	start := p.start()
	p.next()
	value := p.binary(1)
	return &Starred{Base: p.base(start), Value: value}
}

// namedExpression reads an expression or name := expression.
func (p *parser) namedExpression() Expr {
	if p.isName() && p.peek().sym == walrus {
		start := p.start()
		target := p.names.put(Name{ID: p.name(), Base: p.base(start), Ctx: Store})
		p.next()
		value := p.expression()
		return &NamedExpr{Base: p.base(start), Target: target, Value: value}
	}
	e := p.expression()
	if p.sym() == walrus {
		p.failNode(e, "cannot use assignment expressions with "+exprName(e))
	}
	return e
}

// expression reads a conditional expression, a lambda or what binds tighter.
func (p *parser) expression() Expr {
	p.deeper()
	start := p.start()
	if p.sym() == kwLambda {
		e := p.lambda()
		p.depth--
		return e
	}
	e := p.disjunction()
	if p.sym() == kwIf {
		p.next()
		test := p.disjunction()
		if p.sym() != kwElse {
			p.fail(start, p.end, "expected 'else' after 'if' expression")
		}
		p.next()
		orelse := p.expression()
		e = &IfExp{Base: p.base(start), Test: test, Body: e, Orelse: orelse}
	}
	p.depth--
	return e
}

func (p *parser) lambda() Expr {
	start := p.start()
	p.next()
	args := p.parameters(colon, false)
	p.expect(colon)
	body := p.expression()
	return &Lambda{Base: p.base(start), Args: args, Body: body}
}

func (p *parser) disjunction() Expr {
	start := p.start()
	e := p.conjunction()
	if p.sym() != kwOr {
		return e
	}
	mark := len(p.exprs)
	p.exprs = append(p.exprs, e)
	for p.accept(kwOr) {
		p.exprs = append(p.exprs, p.conjunction())
	}
	return &BoolOp{Base: p.base(start), Op: Or, Values: p.takeExprs(mark)}
}

func (p *parser) conjunction() Expr {
	start := p.start()
	e := p.inversion()
	if p.sym() != kwAnd {
		return e
	}
	mark := len(p.exprs)
	p.exprs = append(p.exprs, e)
	for p.accept(kwAnd) {
		p.exprs = append(p.exprs, p.inversion())
	}
	return &BoolOp{Base: p.base(start), Op: And, Values: p.takeExprs(mark)}
}

func (p *parser) inversion() Expr {
	if p.sym() != kwNot {
		return p.comparison()
	}
	p.deeper()
	start := p.start()
	p.next()
	operand := p.inversion()
	p.depth--
	return &UnaryOp{Base: p.base(start), Op: Not, Operand: operand}
}

func (p *parser) comparison() Expr {
	start := p.start()
	left := p.binary(1)
	op, size := p.compareOperator()
	if size == 0 {
		return left
	}
	mark := len(p.exprs)
	var few [4]CompareOperator
	ops := few[:0]
	for ; size > 0; op, size = p.compareOperator() {
		for range size {
			p.next()
		}
		ops = append(ops, op)
		p.exprs = append(p.exprs, p.binary(1))
	}
	return p.compares.put(Compare{
		Base: p.base(start), Left: left,
		Ops: append([]CompareOperator(nil), ops...), Comparators: p.takeExprs(mark),
	})
}

// compareOperator is the comparison at the current token and how many tokens it
// has, 0 where there is none.
func (p *parser) compareOperator() (op CompareOperator, size int) {
	switch p.sym() {
	case eqequal:
		return Eq, 1
	case notequal:
		return NotEq, 1
	case less:
		return Lt, 1
	case lessequal:
		return LtE, 1
	case greater:
		return Gt, 1
	case greaterequal:
		return GtE, 1
	case kwIn:
		return In, 1
	case kwIs:
		if p.peek().sym == kwNot {
			return IsNot, 2
		}
		return Is, 1
	case kwNot:
		if p.peek().sym == kwIn {
			return NotIn, 2
		}
	}
	return 0, 0
}

// binary reads operations whose operators bind at least as tightly as lowest.
func (p *parser) binary(lowest uint8) Expr {
	start := p.start()
	left := p.unary()
	for n := 1; ; n++ {
		s := p.sym()
		level := precedence[s]
		if level < lowest || level == 0 {
			return left
		}
		p.chain(n)
		p.next()
		right := p.binary(level + 1)
		left = p.binOps.put(BinOp{Base: p.base(start), Left: left, Op: binaryOperator[s], Right: right})
	}
}

func (p *parser) unary() Expr {
	var op UnaryOperator
	switch p.sym() {
	case minus:
		op = USub
	case plus:
		op = UAdd
	case tilde:
		op = Invert
	default:
		return p.power()
	}
	p.deeper()
	start := p.start()
	p.next()
	operand := p.unary()
	p.depth--
	return &UnaryOp{Base: p.base(start), Op: op, Operand: operand}
}

func (p *parser) power() Expr {
	start := p.start()
	e := p.await()
	if p.sym() != doublestar {
		return e
	}
	p.deeper()
	p.next()
	right := p.unary()
	p.depth--
	return p.binOps.put(BinOp{Base: p.base(start), Left: e, Op: Pow, Right: right})
}

func (p *parser) await() Expr {
	if p.sym() != kwAwait {
		return p.primary()
	}
	start := p.start()
	p.next()
	value := p.primary()
	return &Await{Base: p.base(start), Value: value}
}

// primary reads an atom with the attributes, calls and subscripts after it.
func (p *parser) primary() Expr {
	start := p.start()
	e := p.atom()
	for n := 1; ; n++ {
		switch p.sym() {
		case dot:
			p.next()
			attr := p.name()
			e = p.attributes.put(Attribute{Base: p.base(start), Value: e, Attr: attr})
		case lpar:
			e = p.call(start, e)
		case lsqb:
			p.next()
			index := p.slices()
			p.closeBracket(rsqb)
			e = p.subscripts.put(Subscript{Base: p.base(start), Value: e, Slice: index})
		default:
			return e
		}
		p.chain(n)
	}
}

// slices reads what stands between the brackets of a subscript.
func (p *parser) slices() Expr {
	start := p.start()
	e := p.slice()
	if _, star := e.(*Starred); !star && p.sym() != comma {
		return e
	}
	mark := len(p.exprs)
	p.exprs = append(p.exprs, e)
	for p.accept(comma) && p.sym() != rsqb {
		p.exprs = append(p.exprs, p.slice())
	}
	return p.tuples.put(Tuple{Base: p.base(start), Elts: p.takeExprs(mark)})
}

func (p *parser) slice() Expr {
	start := p.start()
	var lower, upper, step Expr
	if p.sym() != colon {
		lower = p.starNamedExpression()
		if p.sym() != colon {
			return lower
		}
		switch lower.(type) {
		case *Starred, *NamedExpr:
			if lower.Pos().Start == start {
				p.failHere(invalidSyntax)
			}
		}
	}
	bound := func() Expr {
		if s := p.sym(); s == colon || s == comma || s == rsqb {
			return nil
		}
		return p.expression()
	}
	p.next()
	upper = bound()
	if p.accept(colon) {
		step = bound()
	}
	return &Slice{Base: p.base(start), Lower: lower, Upper: upper, Step: step}
}
