package python

// call reads the arguments of a call of fn. A generator expression that is the
// only argument takes the parentheses of the call as its own.
func (p *parser) call(start int, fn Expr) Expr {
	bracket := p.start()
	p.next()
	a := p.arguments()
	p.closeBracket(rpar)
	if a.generator != nil {
		a.generator.Base = p.base(bracket)
	}
	return p.calls.put(Call{Base: p.base(start), Func: fn, Args: a.exprs, Keywords: a.keywords})
}

// callArguments are the arguments of a call or a class.
type callArguments struct {
	exprs     []Expr
	keywords  []*Keyword
	generator *GeneratorExp // the only argument, without parentheses of its own
}

// arguments reads arguments up to their closing parenthesis.
func (p *parser) arguments() callArguments {
	exprs, keywords := len(p.exprs), len(p.keywords)
	var a callArguments
	unpacked := false // after **
	for p.sym() != rpar {
		switch {
		case p.sym() == doublestar:
			start := p.start()
			p.next()
			value := p.expression()
			p.keywords = append(p.keywords, p.keywordsOf.put(Keyword{Base: p.base(start), Value: value}))
			unpacked = true
		case p.sym() == star:
			start := p.start()
			p.next()
			value := p.expression()
			if unpacked {
				p.fail(start, p.end, "iterable argument unpacking follows keyword argument unpacking")
			}
			p.exprs = append(p.exprs, &Starred{Base: p.base(start), Value: value})
		case p.isName() && p.peek().sym == assign:
			p.keywords = append(p.keywords, p.keywordArgument())
		default:
			e := p.positional(unpacked, len(p.keywords) > keywords)
			if s := p.sym(); s == kwFor || s == kwAsync {
				a.generator = &GeneratorExp{Elt: e, Generators: p.comprehensions()}
				if p.sym() != rpar || len(p.exprs) > exprs || len(p.keywords) > keywords {
					p.failNode(e, "Generator expression must be parenthesized")
				}
				e = a.generator
			}
			p.exprs = append(p.exprs, e)
		}
		if !p.accept(comma) {
			break
		}
	}
	if len(p.keywords) > keywords {
		a.keywords = append(a.keywords, p.keywords[keywords:]...)
		p.keywords = p.keywords[:keywords]
	}
	a.exprs = p.takeExprs(exprs)
	return a
}

func (p *parser) keywordArgument() *Keyword {
	start := p.start()
	name := p.name()
	p.next()
	if s := p.sym(); s == comma || s == rpar {
		p.fail(start, p.end, "expected argument value expression")
	}
	value := p.expression()
	if s := p.sym(); s == kwFor || s == kwAsync || s == assign {
		p.fail(start, p.end, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
	}
	return p.keywordsOf.put(Keyword{Base: p.base(start), Arg: name, Value: value})
}

// positional reads an argument without a star or a name.
func (p *parser) positional(unpacked, keywords bool) Expr {
	start := p.start()
	e := p.namedExpression()
	switch s := p.sym(); {
	case s == assign:
		if c, ok := e.(*Constant); ok && c.Kind <= FalseConstant {
			p.failNode(e, "cannot assign to "+exprName(e))
		}
		p.fail(start, p.start()+1, `expression cannot contain assignment, perhaps you meant "=="?`)
	case (s == comma || s == rpar) && unpacked:
		p.fail(start, p.end, "positional argument follows keyword argument unpacking")
	case (s == comma || s == rpar) && keywords:
		p.fail(start, p.end, "positional argument follows keyword argument")
	}
	return e
}
