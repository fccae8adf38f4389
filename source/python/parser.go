package python

import (
	"errors"
	"slices"
	"sync"

	"hone/source"
)

// maxDepth bounds how deep a tree can be, so that no recursion over one ends
// the process. CPython 3.11 refuses deeper trees as well.
const maxDepth = 3000

// Parse reads a whole program. The error is a *[SyntaxError].
func Parse(src []byte) (*Module, error) {
	text, _, err := Decode(src)
	if err != nil {
		return nil, err
	}
	t := newTokenizer(text)
	t.run()
	p := newParser(text, t.tokens)
	defer p.release()
	var module *Module
	failed := p.try(func() { module = p.module() })
	if failed == nil && len(t.errs) == 0 {
		return module, nil
	}
	first := worse(failed, t.errs)
	locate(text, []*SyntaxError{first})
	return nil, first
}

// ParseTolerant reads what it can of a program: a broken statement is left out
// with all that belongs to it, and reading goes on at the next line that can
// begin one. The module is never nil; the errors, a hundred at most, are in the order of the text.
func ParseTolerant(src []byte) (*Module, []*SyntaxError) {
	text, _, err := Decode(src)
	t := newTokenizer(text)
	t.run()
	if len(t.errs) > 0 {
		t = newTokenizer(text)
		t.salvage = true
		t.run()
	}
	p := newParser(text, t.tokens)
	defer p.release()
	p.tolerant = true
	module := p.module()
	errs := mergeErrors(p.errs, t.errs)
	locate(text, errs)
	var undecoded *SyntaxError
	if errors.As(err, &undecoded) {
		errs = append([]*SyntaxError{undecoded}, errs...)
	}
	return module, errs
}

// parser reads statements by recursive descent over tokens without comments.
// Faults are panics with a *SyntaxError, which try catches.
type parser struct {
	lineCounter
	str    string   // text again, so that names are parts of it
	kept   *[]Token // from filtered
	tokens []Token
	all    []Token // with comments and NL
	i      int     // the current token
	end    int     // where the last token that is not layout ended
	depth  int

	tolerant bool
	errs     []*SyntaxError

	arena
}

// filtered keeps the memory of tokens without comments between programs; trees do not refer to them.
var filtered = sync.Pool{New: func() any { return new([]Token) }}

func newParser(text []byte, all []Token) *parser {
	kept := filtered.Get().(*[]Token)
	tokens := slices.Grow((*kept)[:0], len(all))
	for _, t := range all {
		if t.Kind != COMMENT && t.Kind != NL {
			tokens = append(tokens, t)
		}
	}
	*kept = tokens
	return &parser{lineCounter: lineCounter{text: text}, str: string(text), kept: kept, tokens: tokens, all: all}
}

func (p *parser) release() {
	filtered.Put(p.kept)
	p.kept, p.tokens = nil, nil
}

// try runs f; where f fails, the parser is where it was before.
func (p *parser) try(f func()) (failed *SyntaxError) {
	i, end, depth, stacks := p.i, p.end, p.depth, p.arena.mark()
	defer func() {
		if r := recover(); r != nil {
			err, ok := r.(*SyntaxError)
			if !ok {
				panic(r)
			}
			p.i, p.end, p.depth = i, end, depth
			p.arena.reset(stacks)
			failed = err
		}
	}()
	f()
	return nil
}

func (p *parser) fail(start, end int, message string) {
	panic(&SyntaxError{Span: source.Span{Start: start, End: end}, Message: message})
}

func (p *parser) failNode(n Node, message string) { p.fail(n.Pos().Start, n.Pos().End, message) }

// failHere fails at the current token.
func (p *parser) failHere(message string) {
	t := p.tokens[p.i]
	if t.Kind == ERRORTOKEN {
		message = faultyToken
	}
	p.fail(t.Span.Start, t.Span.End, message)
}

// deeper counts a level of the tree; the caller counts it back.
func (p *parser) deeper() {
	p.depth++
	if p.depth > maxDepth {
		p.failHere("too many nested constructs")
	}
}

// chain checks the depth of a tree that grows to the left by n levels.
func (p *parser) chain(n int) {
	if p.depth+n > maxDepth {
		p.failHere("too many nested constructs")
	}
}

func (p *parser) sym() sym        { return p.tokens[p.i].sym }
func (p *parser) kind() TokenKind { return p.tokens[p.i].Kind }
func (p *parser) start() int      { return p.tokens[p.i].Span.Start }
func (p *parser) base(start int) Base {
	return Base{source.Span{Start: start, End: p.end}}
}

// peek is the token after the current one.
func (p *parser) peek() Token { return p.tokens[min(p.i+1, len(p.tokens)-1)] }

func (p *parser) word(t Token) string { return p.str[t.Span.Start:t.Span.End] }

// next consumes the current token, which is not layout.
func (p *parser) next() {
	p.end = p.tokens[p.i].Span.End
	p.i++
}

// accept consumes the current token if it is s.
func (p *parser) accept(s sym) bool {
	if p.tokens[p.i].sym != s {
		return false
	}
	p.next()
	return true
}

// expect consumes s, which must come.
func (p *parser) expect(s sym) {
	if p.accept(s) {
		return
	}
	switch s {
	case colon:
		p.failHere("expected ':'")
	case lpar:
		p.failHere("expected '('")
	}
	p.failHere(invalidSyntax)
}

// isName reports whether the current token is a name and no keyword.
func (p *parser) isName() bool { return p.tokens[p.i].Kind == NAME && p.tokens[p.i].sym == noSym }

// name consumes a name.
func (p *parser) name() string {
	if !p.isName() {
		p.failHere(invalidSyntax)
	}
	t := p.tokens[p.i]
	p.next()
	return normalize(p.word(t))
}

// module reads all statements.
func (p *parser) module() *Module {
	mark := len(p.stmts)
	for p.kind() != ENDMARKER {
		p.statementOrSkip()
	}
	return &Module{
		Base: Base{source.Span{Start: 0, End: len(p.text)}},
		Body: p.takeStmts(mark), Text: p.text, Tokens: p.all,
	}
}

// statementOrSkip reads one line of statements, or one compound statement. A
// tolerant parser notes a fault and goes on after the statement.
func (p *parser) statementOrSkip() {
	if !p.tolerant {
		p.statement()
		return
	}
	start := p.i
	if failed := p.try(p.statement); failed != nil {
		if len(p.errs) < maxErrors {
			p.errs = append(p.errs, failed)
		}
		p.skipStatement(start, failed.Span.Start)
	}
}

// skipStatement moves behind the statement that begins at token start and has a
// fault at the given place: behind its last line and the block that follows.
func (p *parser) skipStatement(start, fault int) {
	level := 0
	for p.i = start; ; p.i++ {
		switch p.kind() {
		case ENDMARKER:
			return
		case INDENT:
			level++
		case DEDENT:
			if level == 0 {
				if p.i == start {
					p.i++
				}
				return
			}
			level--
			if level == 0 && p.start() >= fault {
				p.i++
				return
			}
		case NEWLINE:
			if level == 0 && p.start() >= fault && p.tokens[p.i+1].Kind != INDENT {
				p.i++
				return
			}
		}
	}
}
