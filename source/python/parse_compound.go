package python

import (
	"fmt"

	"hone/source"
)

// compound reads a compound statement, or gives nil where none begins.
func (p *parser) compound() Stmt {
	t := p.tokens[p.i]
	switch t.sym {
	case noSym:
		switch {
		case t.Kind == NAME && p.word(t) == "match":
			return p.match()
		case t.Kind == INDENT:
			p.failHere("unexpected indent")
		}
	case kwIf:
		return p.ifStatement()
	case kwFor:
		return p.forStatement(t.Span.Start)
	case kwWhile:
		return p.while()
	case kwTry:
		return p.tryStatement()
	case kwWith:
		return p.with(t.Span.Start)
	case kwDef:
		return p.function(t.Span.Start, nil)
	case kwClass:
		return p.class(nil)
	case at:
		return p.decorated()
	case kwAsync:
		return p.async(nil)
	}
	return nil
}

// async reads a compound statement after async; only functions have decorators.
func (p *parser) async(decorators []Expr) Stmt {
	start := p.start()
	p.next()
	switch s := p.sym(); {
	case s == kwDef:
		f := p.function(start, decorators)
		f.Async = true
		return f
	case s == kwFor && decorators == nil:
		f := p.forStatement(start)
		f.Async = true
		return f
	case s == kwWith && decorators == nil:
		w := p.with(start)
		w.Async = true
		return w
	}
	p.failHere(invalidSyntax)
	return nil
}

func (p *parser) decorated() Stmt {
	mark := len(p.exprs)
	for p.accept(at) {
		p.exprs = append(p.exprs, p.namedExpression())
		if p.kind() != NEWLINE {
			p.failHere(invalidSyntax)
		}
		p.i++
	}
	decorators := p.takeExprs(mark)
	switch p.sym() {
	case kwDef:
		return p.function(p.start(), decorators)
	case kwClass:
		return p.class(decorators)
	case kwAsync:
		return p.async(decorators)
	}
	p.failHere(invalidSyntax)
	return nil
}

// block reads a colon and the statements it introduces. What and header say
// after what, for a message.
func (p *parser) block(what string, header int) []Stmt {
	p.expect(colon)
	mark := len(p.stmts)
	if p.kind() != NEWLINE {
		p.simpleLine()
		return p.takeStmts(mark)
	}
	p.i++
	p.openBlock(what, header)
	for p.kind() != DEDENT {
		p.statementOrSkip()
	}
	p.i++
	return p.takeStmts(mark)
}

// openBlock consumes the indentation of a block.
func (p *parser) openBlock(what string, header int) {
	if p.kind() != INDENT {
		p.failHere(fmt.Sprintf("expected an indented block after %s on line %d", what, p.line(header)))
	}
	p.i++
}

// ifStatement reads if or elif and all that belongs to it.
func (p *parser) ifStatement() Stmt {
	p.deeper()
	start := p.start()
	what := "'" + p.word(p.tokens[p.i]) + "' statement"
	p.next()
	test := p.condition()
	body := p.block(what, start)
	var orelse []Stmt
	switch p.sym() {
	case kwElif:
		orelse = []Stmt{p.ifStatement()}
	case kwElse:
		orelse = p.elseBlock()
	}
	p.depth--
	return p.ifs.put(If{Base: p.base(start), Test: test, Body: body, Orelse: orelse})
}

// condition reads the condition of if or while.
func (p *parser) condition() Expr {
	test := p.namedExpression()
	if p.sym() == assign {
		if _, ok := test.(*Name); ok {
			p.failNode(test, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
		}
		p.failNode(test, assignMessage(test))
	}
	return test
}

// elseBlock reads an else, if there is one.
func (p *parser) elseBlock() []Stmt {
	start := p.start()
	if !p.accept(kwElse) {
		return nil
	}
	return p.block("'else' statement", start)
}

func (p *parser) while() Stmt {
	start := p.start()
	p.next()
	test := p.condition()
	body := p.block("'while' statement", start)
	orelse := p.elseBlock()
	return &While{Base: p.base(start), Test: test, Body: body, Orelse: orelse}
}

func (p *parser) forStatement(start int) *For {
	header := p.start()
	p.next()
	target := p.targets()
	p.expect(kwIn)
	iter := p.starExpressions()
	body := p.block("'for' statement", header)
	orelse := p.elseBlock()
	return &For{Base: p.base(start), Target: target, Iter: iter, Body: body, Orelse: orelse}
}

func (p *parser) tryStatement() Stmt {
	start := p.start()
	p.next()
	t := &Try{Body: p.block("'try' statement", start)}
	for p.sym() == kwExcept {
		starred := p.peek().sym == star
		if len(t.Handlers) > 0 && starred != t.Star {
			p.failHere("cannot have both 'except' and 'except*' on the same 'try'")
		}
		t.Star = starred
		t.Handlers = append(t.Handlers, p.handler())
	}
	if len(t.Handlers) > 0 {
		t.Orelse = p.elseBlock()
	}
	if at := p.start(); p.accept(kwFinally) {
		t.Finalbody = p.block("'finally' statement", at)
	} else if len(t.Handlers) == 0 {
		p.failHere("expected 'except' or 'finally' block")
	}
	t.Base = p.base(start)
	return t
}

func (p *parser) handler() *ExceptHandler {
	start := p.start()
	what := "'except' statement"
	p.next()
	h := &ExceptHandler{}
	starred := p.accept(star)
	if starred {
		what = "'except*' statement"
	}
	if starred && p.sym() == colon {
		p.failHere("expected one or more exception types")
	}
	if starred || p.sym() != colon {
		at := p.start()
		h.Type = p.expression()
		if p.sym() == comma {
			p.fail(at, p.end, "multiple exception types must be parenthesized")
		}
		if p.accept(kwAs) {
			h.Name = p.name()
		}
	}
	h.Body = p.block(what, start)
	h.Base = p.base(start)
	return h
}

func (p *parser) with(start int) *With {
	header := p.start()
	p.next()
	w := &With{}
	if p.sym() == lpar && p.colonAfterBracket() {
		p.try(func() {
			p.next()
			w.Items = p.withItems(rpar)
			p.expect(rpar)
			if p.sym() != colon {
				p.failHere(invalidSyntax)
			}
		})
	}
	if p.sym() != colon {
		w.Items = p.withItems(colon)
	}
	w.Body = p.block("'with' statement", header)
	w.Base = p.base(start)
	return w
}

// colonAfterBracket reports whether the bracket at the current token closes
// right before a colon.
func (p *parser) colonAfterBracket() bool {
	level := 0
	for i := p.i; p.tokens[i].Kind != NEWLINE && p.tokens[i].Kind != ENDMARKER; i++ {
		switch p.tokens[i].sym {
		case lpar, lsqb, lbrace:
			level++
		case rpar, rsqb, rbrace:
			if level--; level == 0 {
				return p.tokens[i+1].sym == colon
			}
		}
	}
	return false
}

// withItems reads the items of with; those in parentheses, which closing says,
// may end with a comma.
func (p *parser) withItems(closing sym) []*WithItem {
	var items []*WithItem
	for {
		start := p.start()
		item := &WithItem{ContextExpr: p.expression()}
		if p.accept(kwAs) {
			item.OptionalVars = p.target()
			p.store(item.OptionalVars, "cannot assign to ")
		}
		item.Base = p.base(start)
		items = append(items, item)
		if !p.accept(comma) || closing == rpar && p.sym() == rpar {
			return items
		}
	}
}

func (p *parser) function(start int, decorators []Expr) *FunctionDef {
	header := p.start()
	p.next()
	f := &FunctionDef{DecoratorList: decorators, NameSpan: p.tokens[p.i].Span}
	f.Name = p.name() // apart: it moves on, and Go may call it before it reads the span
	f.TypeParams = p.typeParams()
	p.expect(lpar)
	f.Args = p.parameters(rpar, true)
	p.closeBracket(rpar)
	if p.accept(arrow) {
		f.Returns = p.expression()
	}
	f.Body = p.block("function definition", header)
	f.Base = p.base(start)
	return f
}

func (p *parser) class(decorators []Expr) Stmt {
	start := p.start()
	p.next()
	c := &ClassDef{DecoratorList: decorators, NameSpan: p.tokens[p.i].Span}
	c.Name = p.name() // apart: it moves on, and Go may call it before it reads the span
	c.TypeParams = p.typeParams()
	if p.accept(lpar) {
		a := p.arguments()
		if a.generator != nil {
			p.failHere(invalidSyntax)
		}
		c.Bases, c.Keywords = a.exprs, a.keywords
		p.closeBracket(rpar)
	}
	c.Body = p.block("class definition", start)
	c.Base = p.base(start)
	return c
}

// parameters reads the parameters of a function, with annotations, or of a
// lambda, up to the closing symbol.
func (p *parser) parameters(closing sym, annotated bool) *Arguments {
	a := &Arguments{Base: Base{source.Span{Start: p.start(), End: p.start()}}}
	starred := false // after * or *args
	for p.sym() != closing {
		switch {
		case a.Kwarg != nil:
			p.failHere("arguments cannot follow var-keyword argument")
		case p.sym() == slash:
			p.positionalOnly(a, starred)
		case p.sym() == star:
			if starred {
				p.failHere("* argument may appear only once")
			}
			starred = true
			p.next()
			switch {
			case p.sym() == comma:
				if s := p.peek().sym; s == closing || s == doublestar {
					p.failHere("named arguments must follow bare *")
				}
			case p.sym() == closing:
				p.failHere("named arguments must follow bare *")
			default:
				a.Vararg = p.parameter(annotated, annotated)
				if p.sym() == assign {
					p.failHere("var-positional argument cannot have default value")
				}
			}
		case p.accept(doublestar):
			a.Kwarg = p.parameter(annotated, false)
			if p.sym() == assign {
				p.failHere("var-keyword argument cannot have default value")
			}
		default:
			p.plainParameter(a, starred, annotated)
		}
		a.Span.End = p.end
		if !p.accept(comma) {
			break
		}
	}
	return a
}

// positionalOnly makes the parameters so far positional-only.
func (p *parser) positionalOnly(a *Arguments, starred bool) {
	switch {
	case a.Posonlyargs != nil:
		p.failHere("/ may appear only once")
	case starred:
		p.failHere("/ must be ahead of *")
	case a.Args == nil:
		p.failHere("at least one argument must precede /")
	}
	p.next()
	a.Posonlyargs, a.Args = a.Args, nil
}

// plainParameter reads a parameter with its default.
func (p *parser) plainParameter(a *Arguments, keywordOnly, annotated bool) {
	arg := p.parameter(annotated, false)
	var value Expr
	if p.accept(assign) {
		if s := p.sym(); s == comma || s == rpar {
			p.failHere("expected default value expression")
		}
		value = p.expression()
	}
	switch {
	case keywordOnly:
		a.Kwonlyargs = append(a.Kwonlyargs, arg)
		a.KwDefaults = append(a.KwDefaults, value)
		return
	case value != nil:
		a.Defaults = append(a.Defaults, value)
	case len(a.Defaults) > 0:
		p.failNode(arg, "non-default argument follows default argument")
	}
	a.Args = append(a.Args, arg)
}

// parameter reads a name and its annotation, which may be starred for *args.
func (p *parser) parameter(annotated, starred bool) *Arg {
	start := p.start()
	arg := p.args.put(Arg{Arg: p.name()})
	if annotated && p.accept(colon) {
		if starred {
			arg.Annotation = p.starExpression()
		} else {
			arg.Annotation = p.expression()
		}
	}
	arg.Base = p.base(start)
	return arg
}
