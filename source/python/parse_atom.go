package python

// atom reads a name, a literal, or anything in brackets.
func (p *parser) atom() Expr {
	t := p.tokens[p.i]
	start := t.Span.Start
	switch t.Kind {
	case NAME:
		switch t.sym {
		case noSym:
			p.next()
			return p.names.put(Name{Base: Base{t.Span}, ID: normalize(p.word(t))})
		case kwNone:
			return p.constant(NoneConstant)
		case kwTrue:
			return p.constant(TrueConstant)
		case kwFalse:
			return p.constant(FalseConstant)
		}
	case NUMBER:
		p.next()
		kind, value, problem := numberValue(p.word(t))
		if problem != "" {
			p.fail(start, t.Span.End, problem)
		}
		return p.constants.put(Constant{Base: Base{t.Span}, Kind: kind, Value: value})
	case STRING, FSTRING_START:
		return p.strings()
	case OP:
		switch t.sym {
		case lpar:
			return p.parenthesized()
		case lsqb:
			return p.list()
		case lbrace:
			return p.braces()
		case ellipsis:
			return p.constant(EllipsisConstant)
		}
	case INDENT:
		p.failHere("unexpected indent")
	}
	p.failHere(invalidSyntax)
	return nil
}

func (p *parser) constant(kind ConstantKind) Expr {
	start := p.start()
	p.next()
	return p.constants.put(Constant{Base: p.base(start), Kind: kind})
}

// closeBracket consumes a closing bracket and explains what stands there
// instead, as far as can be seen from the next token.
func (p *parser) closeBracket(s sym) {
	if p.accept(s) {
		return
	}
	switch t := p.tokens[p.i]; {
	case t.sym == assign:
		p.failHere("invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
	case startsExpression(t) && t.sym != star:
		p.failHere("invalid syntax. Perhaps you forgot a comma?")
	}
	p.failHere(invalidSyntax)
}

// elements reads the rest of a display up to its closing bracket, the first
// element of which is e.
func (p *parser) elements(e Expr, closing sym) []Expr {
	mark := len(p.exprs)
	p.exprs = append(p.exprs, e)
	for p.accept(comma) && p.sym() != closing {
		p.exprs = append(p.exprs, p.starNamedExpression())
	}
	p.closeBracket(closing)
	return p.takeExprs(mark)
}

// parenthesized reads a tuple, a generator expression or an expression in
// parentheses.
func (p *parser) parenthesized() Expr {
	start := p.start()
	p.next()
	if p.accept(rpar) {
		return p.tuples.put(Tuple{Base: p.base(start)})
	}
	if p.sym() == kwYield {
		e := p.yield()
		p.closeBracket(rpar)
		return e
	}
	e := p.starNamedExpression()
	switch p.sym() {
	case kwFor, kwAsync:
		p.noStar(e)
		generators := p.comprehensions()
		p.closeBracket(rpar)
		return &GeneratorExp{Base: p.base(start), Elt: e, Generators: generators}
	case comma:
		elts := p.elements(e, rpar)
		return p.tuples.put(Tuple{Base: p.base(start), Elts: elts})
	}
	p.closeBracket(rpar)
	if _, ok := e.(*Starred); ok {
		p.failNode(e, "cannot use starred expression here")
	}
	return e
}

func (p *parser) list() Expr {
	start := p.start()
	p.next()
	if p.accept(rsqb) {
		return &List{Base: p.base(start)}
	}
	e := p.starNamedExpression()
	if s := p.sym(); s == kwFor || s == kwAsync {
		p.noStar(e)
		generators := p.comprehensions()
		p.closeBracket(rsqb)
		return &ListComp{Base: p.base(start), Elt: e, Generators: generators}
	}
	elts := p.elements(e, rsqb)
	return &List{Base: p.base(start), Elts: elts}
}

// braces reads a dictionary, a set or a comprehension of one.
func (p *parser) braces() Expr {
	start := p.start()
	p.next()
	if p.accept(rbrace) {
		return &Dict{Base: p.base(start)}
	}
	if p.sym() == doublestar {
		return p.dict(start, nil)
	}
	e := p.starNamedExpression()
	switch p.sym() {
	case colon:
		return p.dict(start, e)
	case kwFor, kwAsync:
		p.noStar(e)
		generators := p.comprehensions()
		p.closeBracket(rbrace)
		return &SetComp{Base: p.base(start), Elt: e, Generators: generators}
	}
	elts := p.elements(e, rbrace)
	return &Set{Base: p.base(start), Elts: elts}
}

// dict reads the rest of a dictionary, whose first key is given, or one that
// begins with **.
func (p *parser) dict(start int, key Expr) Expr {
	var keys, values []Expr
	for {
		if key == nil {
			p.expect(doublestar)
			values = append(values, p.binary(1))
			if s := p.sym(); s == kwFor || s == kwAsync {
				p.failHere("dict unpacking cannot be used in dict comprehension")
			}
		} else {
			switch key.(type) {
			case *Starred, *NamedExpr:
				if p.end == key.Pos().End { // not in parentheses
					p.failHere(invalidSyntax)
				}
			}
			p.dictColon()
			value := p.expression()
			if s := p.sym(); len(keys) == 0 && (s == kwFor || s == kwAsync) {
				generators := p.comprehensions()
				p.closeBracket(rbrace)
				return &DictComp{Base: p.base(start), Key: key, Value: value, Generators: generators}
			}
			values = append(values, value)
		}
		keys = append(keys, key)
		if !p.accept(comma) || p.sym() == rbrace {
			break
		}
		if key = nil; p.sym() != doublestar {
			key = p.expression()
		}
	}
	p.closeBracket(rbrace)
	return &Dict{Base: p.base(start), Keys: keys, Values: values}
}

// dictColon consumes the colon after a key.
func (p *parser) dictColon() {
	if p.sym() != colon {
		p.failHere("':' expected after dictionary key")
	}
	p.next()
	switch p.sym() {
	case rbrace, comma:
		p.failHere("expression expected after dictionary key and ':'")
	case star:
		p.failHere("cannot use a starred expression in a dictionary value")
	}
}

func (p *parser) noStar(e Expr) {
	if _, ok := e.(*Starred); ok {
		p.failNode(e, "iterable unpacking cannot be used in comprehension")
	}
}

// comprehensions reads the for and if clauses of a comprehension.
func (p *parser) comprehensions() []*Comprehension {
	var list []*Comprehension
	for p.sym() == kwFor || p.sym() == kwAsync {
		start := p.start()
		c := &Comprehension{Async: p.accept(kwAsync)}
		p.expect(kwFor)
		c.Target = p.targets()
		if p.sym() != kwIn {
			p.failHere("'in' expected after for-loop variables")
		}
		p.next()
		c.Iter = p.disjunction()
		mark := len(p.exprs)
		for p.accept(kwIf) {
			p.exprs = append(p.exprs, p.disjunction())
		}
		c.Ifs = p.takeExprs(mark)
		c.Base = p.base(start)
		list = append(list, c)
	}
	return list
}

// yield reads yield or yield from.
func (p *parser) yield() Expr {
	start := p.start()
	p.next()
	if p.accept(kwFrom) {
		value := p.expression()
		return &YieldFrom{Base: p.base(start), Value: value}
	}
	var value Expr
	if startsExpression(p.tokens[p.i]) {
		value = p.starExpressions()
	}
	return &Yield{Base: p.base(start), Value: value}
}

// yieldOrStar reads what may stand on the right of an assignment.
func (p *parser) yieldOrStar() Expr {
	if p.sym() == kwYield {
		return p.yield()
	}
	return p.starExpressions()
}
