package python

// statement reads a compound statement, or a line of simple ones, onto the
// stack of statements.
func (p *parser) statement() {
	p.deeper()
	if s := p.compound(); s != nil {
		p.stmts = append(p.stmts, s)
	} else {
		p.simpleLine()
	}
	p.depth--
}

// simpleLine reads simple statements up to the end of the line.
func (p *parser) simpleLine() {
	for {
		p.stmts = append(p.stmts, p.simple())
		if !p.accept(semi) {
			break
		}
		if p.kind() == NEWLINE {
			break
		}
	}
	if p.kind() != NEWLINE {
		p.failAfterStatement()
	}
	p.i++
}

// failAfterStatement explains what follows a statement on its line.
func (p *parser) failAfterStatement() {
	t := p.tokens[p.i]
	if e, ok := p.stmts[len(p.stmts)-1].(*ExprStmt); ok && startsExpression(t) {
		if n, ok := e.Value.(*Name); ok && (n.ID == "print" || n.ID == "exec") {
			p.fail(n.Span.Start, t.Span.End,
				"Missing parentheses in call to '"+n.ID+"'. Did you mean "+n.ID+"(...)?")
		}
	}
	p.failHere(invalidSyntax)
}

// simple reads one simple statement.
func (p *parser) simple() Stmt {
	start := p.start()
	switch p.sym() {
	case kwPass:
		p.next()
		return &Pass{p.base(start)}
	case kwBreak:
		p.next()
		return &Break{p.base(start)}
	case kwContinue:
		p.next()
		return &Continue{p.base(start)}
	case kwReturn:
		p.next()
		var value Expr
		if startsExpression(p.tokens[p.i]) {
			value = p.starExpressions()
		}
		return p.returns.put(Return{Base: p.base(start), Value: value})
	case kwImport:
		return p.importNames()
	case kwFrom:
		return p.importFrom()
	case kwRaise:
		return p.raise()
	case kwGlobal:
		names := p.nameList()
		return &Global{Base: p.base(start), Names: names}
	case kwNonlocal:
		names := p.nameList()
		return &Nonlocal{Base: p.base(start), Names: names}
	case kwDel:
		return p.delete()
	case kwAssert:
		p.next()
		test := p.expression()
		var msg Expr
		if p.accept(comma) {
			msg = p.expression()
		}
		return &Assert{Base: p.base(start), Test: test, Msg: msg}
	case kwYield:
		e := p.yield()
		if p.sym() == assign {
			p.failNode(e, "assignment to yield expression not possible")
		}
		return p.exprStmts.put(ExprStmt{Base: p.base(start), Value: e})
	}
	if p.isName() && p.word(p.tokens[p.i]) == "type" {
		if t := p.peek(); t.Kind == NAME && t.sym == noSym {
			return p.typeAlias()
		}
	}
	return p.expressionStatement()
}

// expressionStatement reads an expression, or an assignment of any kind.
func (p *parser) expressionStatement() Stmt {
	start, first := p.start(), p.i
	e := p.starExpressions()
	switch s := p.sym(); {
	case s == assign:
		return p.assign(start, e)
	case s == colon:
		return p.annotated(start, first, e)
	case plusAssign <= s && s <= doubleslashAssign:
		switch e := e.(type) {
		case *Name, *Attribute, *Subscript:
			p.store(e, "")
		default:
			p.failNode(e, "'"+exprName(e)+"' is an illegal expression for augmented assignment")
		}
		p.next()
		value := p.yieldOrStar()
		op := augmentedOperator[s-plusAssign]
		return &AugAssign{Base: p.base(start), Target: e, Op: op, Value: value}
	}
	return p.exprStmts.put(ExprStmt{Base: p.base(start), Value: e})
}

// augmentedOperator is in the order of the augmented assignments' symbols.
var augmentedOperator = [...]Operator{
	Add, Sub, Mult, MatMult, Div, Mod, Pow, LShift, RShift, BitOr, BitXor, BitAnd, FloorDiv,
}

func (p *parser) assign(start int, e Expr) Stmt {
	mark := len(p.exprs)
	for p.sym() == assign {
		switch e.(type) {
		case *Yield, *YieldFrom:
			p.failNode(e, "assignment to yield expression not possible")
		}
		p.store(e, maybeEqual)
		p.exprs = append(p.exprs, e)
		p.next()
		e = p.yieldOrStar()
	}
	return p.assigns.put(Assign{Base: p.base(start), Targets: p.takeExprs(mark), Value: e})
}

// annotated reads the rest of an assignment with an annotation; first is the
// token that its target begins with.
func (p *parser) annotated(start, first int, e Expr) Stmt {
	simple := false
	switch e.(type) {
	case *Name:
		simple = p.tokens[first].sym != lpar
	case *Attribute, *Subscript:
	case *List, *Tuple:
		p.failNode(e, "only single target (not "+exprName(e)+") can be annotated")
	default:
		p.failNode(e, "illegal target for annotation")
	}
	p.store(e, "")
	p.next()
	annotation := p.expression()
	var value Expr
	if p.accept(assign) {
		value = p.yieldOrStar()
	}
	return &AnnAssign{Base: p.base(start), Target: e, Annotation: annotation, Value: value, Simple: simple}
}

func (p *parser) delete() Stmt {
	start := p.start()
	p.next()
	mark := len(p.exprs)
	for {
		e := p.starExpression()
		p.del(e)
		p.exprs = append(p.exprs, e)
		if !p.accept(comma) || !startsExpression(p.tokens[p.i]) {
			break
		}
	}
	return &Delete{Base: p.base(start), Targets: p.takeExprs(mark)}
}

func (p *parser) raise() Stmt {
	start := p.start()
	p.next()
	var exc, cause Expr
	if startsExpression(p.tokens[p.i]) {
		exc = p.expression()
		if p.accept(kwFrom) {
			cause = p.expression()
		}
	}
	return &Raise{Base: p.base(start), Exc: exc, Cause: cause}
}

// nameList reads the names after global or nonlocal.
func (p *parser) nameList() []string {
	p.next()
	names := []string{p.name()}
	for p.accept(comma) {
		names = append(names, p.name())
	}
	return names
}

func (p *parser) typeAlias() Stmt {
	start := p.start()
	p.next()
	at := p.start()
	name := p.names.put(Name{ID: p.name(), Base: p.base(at), Ctx: Store})
	params := p.typeParams()
	p.expect(assign)
	value := p.expression()
	return &TypeAlias{Base: p.base(start), Name: name, TypeParams: params, Value: value}
}

func (p *parser) importNames() Stmt {
	start := p.start()
	p.next()
	var names []*Alias
	for {
		at := p.start()
		a := &Alias{Name: p.dottedName()}
		if p.accept(kwAs) {
			a.Asname = p.name()
		}
		a.Base = p.base(at)
		names = append(names, a)
		if !p.accept(comma) {
			break
		}
	}
	return &Import{Base: p.base(start), Names: names}
}

func (p *parser) dottedName() string {
	name := p.name()
	for p.accept(dot) {
		name += "." + p.name()
	}
	return name
}

func (p *parser) importFrom() Stmt {
	start := p.start()
	p.next()
	s := &ImportFrom{}
	for {
		if p.accept(dot) {
			s.Level++
		} else if p.accept(ellipsis) {
			s.Level += 3
		} else {
			break
		}
	}
	if s.Level == 0 || p.sym() != kwImport {
		s.Module = p.dottedName()
	}
	p.expect(kwImport)
	switch p.sym() {
	case star:
		p.next()
		a := &Alias{Base: p.base(p.end - 1), Name: "*"}
		s.Names = append(s.Names, a)
	case lpar:
		p.next()
		s.Names = p.importAliases(true)
		p.closeBracket(rpar)
	default:
		s.Names = p.importAliases(false)
	}
	s.Base = p.base(start)
	return s
}

func (p *parser) importAliases(parenthesized bool) []*Alias {
	var names []*Alias
	for {
		at := p.start()
		a := &Alias{Name: p.name()}
		if p.accept(kwAs) {
			a.Asname = p.name()
		}
		a.Base = p.base(at)
		names = append(names, a)
		if !p.accept(comma) || parenthesized && p.sym() == rpar {
			return names
		}
		if p.kind() == NEWLINE {
			p.failHere("trailing comma not allowed without surrounding parentheses")
		}
	}
}

// typeParams reads type parameters in brackets, if there are any.
func (p *parser) typeParams() []TypeParam {
	if !p.accept(lsqb) {
		return nil
	}
	var params []TypeParam
	for {
		params = append(params, p.typeParam())
		if !p.accept(comma) || p.sym() == rsqb {
			break
		}
	}
	p.closeBracket(rsqb)
	return params
}

func (p *parser) typeParam() TypeParam {
	start := p.start()
	kind := p.sym()
	if kind == star || kind == doublestar {
		p.next()
	}
	name := p.name()
	var bound, value Expr
	if kind == noSym && p.accept(colon) {
		bound = p.expression()
	}
	if p.accept(assign) {
		if kind == star {
			value = p.starExpression()
		} else {
			value = p.expression()
		}
	}
	switch base := p.base(start); kind {
	case star:
		return &TypeVarTuple{base, name, value}
	case doublestar:
		return &ParamSpec{base, name, value}
	default:
		return &TypeVar{base, name, bound, value}
	}
}
