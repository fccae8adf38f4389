package python

// match reads a match statement; nil where the name match is just a name, which
// only shows once a case follows.
func (p *parser) match() Stmt {
	if next := p.peek(); !startsExpression(next) {
		return nil
	}
	start := p.start()
	var subject Expr
	failed := p.try(func() {
		p.next()
		subject = p.subject()
		if p.sym() != colon || p.tokens[p.i+1].Kind != NEWLINE {
			p.failHere(invalidSyntax)
		}
	})
	if failed != nil {
		return nil
	}
	p.next()
	p.i++
	p.openBlock("'match' statement", start)
	m := &Match{Subject: subject}
	for p.kind() != DEDENT {
		if !p.isCase() {
			p.failHere(invalidSyntax)
		}
		m.Cases = append(m.Cases, p.matchCase())
	}
	p.i++
	m.Base = p.base(start)
	return m
}

func (p *parser) isCase() bool { return p.isName() && p.word(p.tokens[p.i]) == "case" }

func (p *parser) subject() Expr {
	start := p.start()
	e := p.starNamedExpression()
	if p.sym() == comma {
		return p.tuple(start, e, p.starNamedExpression)
	}
	if _, ok := e.(*Starred); ok {
		p.failHere(invalidSyntax)
	}
	return e
}

func (p *parser) matchCase() *MatchCase {
	start := p.start()
	p.next()
	c := &MatchCase{}
	at := p.start()
	c.Pattern = p.starPattern()
	if _, ok := c.Pattern.(*MatchStar); ok || p.sym() == comma {
		if p.sym() != comma {
			p.failHere(invalidSyntax)
		}
		patterns := p.patterns(c.Pattern, colon, kwIf)
		c.Pattern = &MatchSequence{Base: p.base(at), Patterns: patterns}
	}
	if p.accept(kwIf) {
		c.Guard = p.namedExpression()
	}
	c.Body = p.block("'case' statement", start)
	c.Base = p.base(start)
	return c
}

// patterns reads the rest of a sequence of patterns, up to one of two symbols.
func (p *parser) patterns(first Pattern, end, otherEnd sym) []Pattern {
	list := []Pattern{first}
	for p.accept(comma) && p.sym() != end && p.sym() != otherEnd {
		list = append(list, p.starPattern())
	}
	return list
}

func (p *parser) starPattern() Pattern {
	start := p.start()
	if !p.accept(star) {
		return p.pattern()
	}
	name := p.name()
	if name == "_" {
		name = ""
	}
	return &MatchStar{Base: p.base(start), Name: name}
}

// pattern reads alternatives with the name they are captured as.
func (p *parser) pattern() Pattern {
	p.deeper()
	start := p.start()
	pattern := p.closedPattern()
	if p.sym() == vbar {
		list := []Pattern{pattern}
		for p.accept(vbar) {
			list = append(list, p.closedPattern())
		}
		pattern = &MatchOr{Base: p.base(start), Patterns: list}
	}
	if p.accept(kwAs) {
		if p.isName() && p.word(p.tokens[p.i]) == "_" {
			p.failHere("cannot use '_' as a target")
		}
		if !p.isName() {
			p.failHere("invalid pattern target")
		}
		name := p.name()
		if s := p.sym(); s == dot || s == lpar || s == assign {
			p.failHere("invalid pattern target")
		}
		pattern = &MatchAs{Base: p.base(start), Pattern: pattern, Name: name}
	}
	p.depth--
	return pattern
}

func (p *parser) closedPattern() Pattern {
	t := p.tokens[p.i]
	start := t.Span.Start
	switch t.Kind {
	case NUMBER, STRING, FSTRING_START:
		value := p.literal()
		return &MatchValue{p.base(start), value}
	case NAME:
		switch t.sym {
		case noSym:
			return p.namePattern()
		case kwNone, kwTrue, kwFalse:
			p.next()
			kind := map[sym]ConstantKind{kwNone: NoneConstant, kwTrue: TrueConstant, kwFalse: FalseConstant}[t.sym]
			return &MatchSingleton{p.base(start), kind}
		}
	case OP:
		switch t.sym {
		case minus:
			value := p.literal()
			return &MatchValue{p.base(start), value}
		case lpar:
			return p.groupPattern()
		case lsqb:
			p.next()
			var list []Pattern
			if p.sym() != rsqb {
				list = p.patterns(p.starPattern(), rsqb, rsqb)
			}
			p.closeBracket(rsqb)
			return &MatchSequence{p.base(start), list}
		case lbrace:
			return p.mappingPattern()
		}
	}
	p.failHere(invalidSyntax)
	return nil
}

// literal reads strings, or a number that may have a sign and an imaginary part.
func (p *parser) literal() Expr {
	start := p.start()
	if k := p.kind(); k == STRING || k == FSTRING_START {
		return p.strings()
	}
	e := p.signedNumber()
	s := p.sym()
	if s != plus && s != minus {
		return e
	}
	if numberKind(e) == ComplexConstant {
		p.failNode(e, "real number required in complex literal")
	}
	p.next()
	if p.kind() != NUMBER {
		p.failHere(invalidSyntax)
	}
	imaginary := p.atom()
	if numberKind(imaginary) != ComplexConstant {
		p.failNode(imaginary, "imaginary number required in complex literal")
	}
	return p.binOps.put(BinOp{Base: p.base(start), Left: e, Op: binaryOperator[s], Right: imaginary})
}

func numberKind(e Expr) ConstantKind {
	if u, ok := e.(*UnaryOp); ok {
		e = u.Operand
	}
	return e.(*Constant).Kind
}

func (p *parser) signedNumber() Expr {
	start := p.start()
	negative := p.accept(minus)
	if p.kind() != NUMBER {
		p.failHere(invalidSyntax)
	}
	e := p.atom()
	if negative {
		return &UnaryOp{Base: p.base(start), Op: USub, Operand: e}
	}
	return e
}

// namePattern reads a capture, the wildcard, a dotted name or a class pattern.
func (p *parser) namePattern() Pattern {
	start := p.start()
	name := p.name()
	if name == "_" {
		return &MatchAs{Base: p.base(start)}
	}
	if s := p.sym(); s != dot && s != lpar {
		if s == assign {
			p.failHere(invalidSyntax)
		}
		return &MatchAs{Base: p.base(start), Name: name}
	}
	value := p.dotted(p.names.put(Name{Base: p.base(start), ID: name}))
	if p.sym() == lpar {
		return p.classPattern(start, value)
	}
	return &MatchValue{p.base(start), value}
}

// dotted reads the attributes after a name.
func (p *parser) dotted(e Expr) Expr {
	start := e.Pos().Start
	for n := 1; p.accept(dot); n++ {
		p.chain(n)
		attr := p.name()
		e = p.attributes.put(Attribute{Base: p.base(start), Value: e, Attr: attr})
	}
	return e
}

// groupPattern reads a pattern in parentheses, or a sequence.
func (p *parser) groupPattern() Pattern {
	start := p.start()
	p.next()
	if p.accept(rpar) {
		return &MatchSequence{Base: p.base(start)}
	}
	pattern := p.starPattern()
	_, starred := pattern.(*MatchStar)
	if p.sym() != comma {
		if starred {
			p.failHere(invalidSyntax)
		}
		p.closeBracket(rpar)
		return pattern
	}
	list := p.patterns(pattern, rpar, rpar)
	p.closeBracket(rpar)
	return &MatchSequence{p.base(start), list}
}

func (p *parser) mappingPattern() Pattern {
	start := p.start()
	p.next()
	m := &MatchMapping{}
	for p.sym() != rbrace {
		if m.Rest != "" {
			p.failHere(invalidSyntax)
		}
		if p.accept(doublestar) {
			if p.isName() && p.word(p.tokens[p.i]) == "_" {
				p.failHere(invalidSyntax)
			}
			m.Rest = p.name()
		} else {
			m.Keys = append(m.Keys, p.mappingKey())
			p.expect(colon)
			m.Patterns = append(m.Patterns, p.pattern())
		}
		if !p.accept(comma) {
			break
		}
	}
	p.closeBracket(rbrace)
	m.Base = p.base(start)
	return m
}

func (p *parser) mappingKey() Expr {
	switch t := p.tokens[p.i]; {
	case t.sym == kwNone || t.sym == kwTrue || t.sym == kwFalse:
		return p.atom()
	case p.isName():
		e := p.dotted(p.atom())
		if _, ok := e.(*Name); ok {
			p.failHere(invalidSyntax)
		}
		return e
	case t.Kind == NUMBER || t.Kind == STRING || t.Kind == FSTRING_START || t.sym == minus:
		return p.literal()
	}
	p.failHere(invalidSyntax)
	return nil
}

func (p *parser) classPattern(start int, cls Expr) Pattern {
	p.next()
	m := &MatchClass{Cls: cls}
	for p.sym() != rpar {
		if p.isName() && p.peek().sym == assign {
			m.KwdAttrs = append(m.KwdAttrs, p.name())
			p.next()
			m.KwdPatterns = append(m.KwdPatterns, p.pattern())
		} else {
			pattern := p.pattern()
			if len(m.KwdAttrs) > 0 {
				p.failNode(pattern, "positional patterns follow keyword patterns")
			}
			m.Patterns = append(m.Patterns, pattern)
		}
		if !p.accept(comma) {
			break
		}
	}
	p.closeBracket(rpar)
	m.Base = p.base(start)
	return m
}
