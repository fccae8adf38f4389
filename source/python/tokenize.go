package python

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"hone/source"
)

// CPython's limits, which also keep the parser's recursion shallow.
const (
	maxIndents  = 100
	maxBrackets = 200
	maxFStrings = 150
)

// Tokenize divides text, which must be what [Decode] gives, into tokens. They
// are those of CPython's tokenize without ENCODING; f-strings are in parts, and
// an FSTRING_MIDDLE is as written, with doubled braces. All tokens are there
// also when the error, a *[SyntaxError] for the first fault, is not nil; what is
// no token is an ERRORTOKEN then.
func Tokenize(text []byte) ([]Token, error) {
	t := newTokenizer(text)
	t.run()
	if len(t.errs) > 0 {
		locate(text, t.errs[:1])
		return t.tokens, t.errs[0]
	}
	return t.tokens, nil
}

// JoinFStrings makes one STRING of all tokens of an f-string, as Python before
// 3.12 sees it. Where there are none it returns the tokens themselves.
func JoinFStrings(tokens []Token) []Token {
	first := slices.IndexFunc(tokens, func(t Token) bool { return t.Kind == FSTRING_START })
	if first < 0 {
		return tokens
	}
	joined := append(make([]Token, 0, len(tokens)), tokens[:first]...)
	depth := 0
	for _, t := range tokens[first:] {
		switch {
		case t.Kind == FSTRING_START:
			if depth == 0 {
				joined = append(joined, Token{Kind: STRING, Span: t.Span})
			}
			depth++
		case t.Kind == FSTRING_END:
			depth--
			joined[len(joined)-1].Span.End = t.Span.End
		case depth == 0:
			joined = append(joined, t)
		}
	}
	return joined
}

// bracket is an open bracket; the brace of a replacement field is one, too.
type bracket struct {
	char byte
	pos  int
}

type tokenizer struct {
	lineCounter
	pos    int
	tokens []Token
	errs   []*SyntaxError
	faults int // how many there were, also beyond maxErrors

	// Columns of the open blocks with tabs to multiples of 8, and with tabs as one
	// column: where the two do not order lines alike, tabs and spaces are mixed.
	indents, altIndents []int
	open                []bracket
	fstrings            int  // how many f-strings pos is in
	newLine             bool // pos begins a logical line
	blankTail           int  // how many blanks a last line has that has nothing else

	// salvage closes all brackets at a line that begins like a statement.
	salvage bool
}

func newTokenizer(text []byte) *tokenizer {
	return &tokenizer{
		lineCounter: lineCounter{text: text}, newLine: true,
		tokens:  make([]Token, 0, len(text)/3+16),
		indents: []int{0}, altIndents: []int{0},
	}
}

func (t *tokenizer) emit(kind TokenKind, start, end int) {
	t.tokens = append(t.tokens, Token{Kind: kind, Span: source.Span{Start: start, End: end}})
	t.pos = end
}

func (t *tokenizer) emitOp(s sym, size int) {
	t.tokens = append(t.tokens, Token{OP, s, source.Span{Start: t.pos, End: t.pos + size}})
	t.pos += size
}

func (t *tokenizer) fail(start, end int, format string, args ...any) {
	t.faults++
	if len(t.errs) == maxErrors {
		return
	}
	t.errs = append(t.errs, &SyntaxError{
		Span: source.Span{Start: start, End: end}, Message: fmt.Sprintf(format, args...),
	})
}

// muted notes a fault that nobody will be told of, so that no message is made.
func (t *tokenizer) muted() bool {
	if len(t.errs) < maxErrors {
		return false
	}
	t.faults++
	return true
}

// at is the byte at i, 0 beyond the text (which holds no 0 where it is valid).
func (t *tokenizer) at(i int) byte {
	if i < len(t.text) {
		return t.text[i]
	}
	return 0
}

func (t *tokenizer) run() {
	for t.pos < len(t.text) {
		if t.newLine {
			if t.beginLine() {
				continue
			}
			t.newLine = false
		}
		t.token()
	}
	t.finish()
}

// finish ends the last line and all blocks.
func (t *tokenizer) finish() {
	end := len(t.text) - t.blankTail
	if len(t.open) > 0 {
		b := t.open[len(t.open)-1]
		t.fail(b.pos, b.pos+1, "'%c' was never closed", b.char)
	}
	if n := len(t.tokens); end > 0 && !isNewline(t.text[end-1]) {
		commentLine := n >= 2 && t.tokens[n-2].Kind == COMMENT && t.tokens[n-1].Kind == NL
		if !commentLine {
			t.emit(NEWLINE, end, end)
		}
	}
	for range t.indents[1:] {
		t.emit(DEDENT, end, end)
	}
	t.emit(ENDMARKER, end, end)
}

// beginLine reads the start of a logical line. It reports whether that was all:
// blank lines and lines of comment alone do not count for indentation.
func (t *tokenizer) beginLine() bool {
	start, i := t.pos, t.pos
	column, alt := 0, 0
	for ; i < len(t.text); i++ {
		switch t.text[i] {
		case ' ':
			column++
			alt++
			continue
		case '\t':
			column = (column/8 + 1) * 8
			alt++
			continue
		case '\f':
			column, alt = 0, 0
			continue
		}
		break
	}
	if i == len(t.text) {
		t.pos, t.blankTail = i, i-start
		return true
	}
	switch c := t.text[i]; {
	case c == '#':
		t.comment(i)
		t.emit(NL, t.pos, t.pos+t.newlineSize(t.pos))
		return true
	case isNewline(c):
		t.emit(NL, i, i+t.newlineSize(i))
		return true
	case c == '\\' && t.newlineSize(i+1) > 0:
		// The column of what follows counts as if it stood here.
		t.pos = i
		t.continuation()
		t.blanks()
		if t.pos == len(t.text) || isNewline(t.text[t.pos]) || t.text[t.pos] == '#' {
			return false
		}
		i = t.pos
	}
	t.pos = i
	t.indent(start, column, alt)
	return false
}

// indent compares a line's columns with those of the open blocks.
func (t *tokenizer) indent(start, column, alt int) {
	top := len(t.indents) - 1
	const mixed = "inconsistent use of tabs and spaces in indentation"
	switch {
	case column == t.indents[top]:
		if alt != t.altIndents[top] {
			t.fail(start, t.pos, mixed)
		}
	case column > t.indents[top]:
		if alt <= t.altIndents[top] {
			t.fail(start, t.pos, mixed)
		}
		if top+1 >= maxIndents {
			t.fail(start, t.pos, "too many levels of indentation")
		}
		t.indents = append(t.indents, column)
		t.altIndents = append(t.altIndents, alt)
		t.emit(INDENT, start, t.pos)
	default:
		for top > 0 && column < t.indents[top] {
			t.emit(DEDENT, t.pos, t.pos)
			top--
		}
		t.indents, t.altIndents = t.indents[:top+1], t.altIndents[:top+1]
		if column != t.indents[top] {
			t.fail(start, t.pos, "unindent does not match any outer indentation level")
		} else if alt != t.altIndents[top] {
			t.fail(start, t.pos, mixed)
		}
	}
}

func isNewline(c byte) bool { return c == '\n' || c == '\r' }

// newlineSize is the length of the line end at i: 0 where there is none.
func (t *tokenizer) newlineSize(i int) int {
	switch t.at(i) {
	case '\n':
		return 1
	case '\r':
		if t.at(i+1) == '\n' {
			return 2
		}
		return 1
	}
	return 0
}

func (t *tokenizer) comment(start int) {
	i := start
	for i < len(t.text) && !isNewline(t.text[i]) {
		i++
	}
	t.emit(COMMENT, start, i)
}

// blanks skips blanks within a line.
func (t *tokenizer) blanks() {
	for t.pos < len(t.text) {
		if c := t.text[t.pos]; c != ' ' && c != '\t' && c != '\f' {
			return
		}
		t.pos++
	}
}

// token reads one token, or blanks at the end of the text.
func (t *tokenizer) token() {
	t.blanks()
	if t.pos == len(t.text) {
		return
	}
	c := t.text[t.pos]
	switch {
	case class[c]&idStart != 0:
		t.name()
	case isNewline(c):
		t.endLine()
	case c == '#':
		t.comment(t.pos)
	case class[c]&digit != 0, c == '.' && class[t.at(t.pos+1)]&digit != 0:
		t.number()
	case c == '"' || c == '\'':
		t.str(t.pos, t.pos)
	case c == '\\':
		t.continuation()
	default:
		t.operator(c)
	}
}

func (t *tokenizer) endLine() {
	size := t.newlineSize(t.pos)
	if len(t.open) == 0 {
		t.newLine = true
		t.emit(NEWLINE, t.pos, t.pos+size)
		return
	}
	t.emit(NL, t.pos, t.pos+size)
	if t.salvage && t.fstrings == 0 && t.beginsStatement() {
		t.tokens[len(t.tokens)-1].Kind = NEWLINE
		t.open = t.open[:0]
		t.newLine = true
	}
}

// beginsStatement reports whether the line at pos begins with a keyword that no
// expression holds.
func (t *tokenizer) beginsStatement() bool {
	i := t.pos
	for i < len(t.text) && (t.text[i] == ' ' || t.text[i] == '\t') {
		i++
	}
	start := i
	for i < len(t.text) && class[t.text[i]]&idContinue != 0 {
		i++
	}
	switch keyword(t.text[start:i]) {
	case kwAssert, kwBreak, kwClass, kwContinue, kwDef, kwDel, kwExcept, kwFinally, kwGlobal,
		kwImport, kwNonlocal, kwPass, kwRaise, kwReturn, kwTry, kwWhile, kwWith:
		return true
	}
	return t.at(start) == '@' && start == t.pos
}

// continuation reads a backslash and the line end after it.
func (t *tokenizer) continuation() {
	size := t.newlineSize(t.pos + 1)
	switch {
	case size == 0 && t.pos+1 < len(t.text):
		t.fail(t.pos, t.pos+1, "unexpected character after line continuation character")
		t.emit(ERRORTOKEN, t.pos, t.pos+1)
	case t.pos+1+size >= len(t.text):
		t.fail(t.pos, t.pos+1, "unexpected EOF while parsing")
		t.pos = len(t.text)
	default:
		t.pos += 1 + size
	}
}

// name reads an identifier, a keyword, or a string with a prefix.
func (t *tokenizer) name() {
	i := t.pos
	for i < len(t.text) && class[t.text[i]]&idContinue != 0 {
		i++
	}
	if c := t.at(i); (c == '"' || c == '\'') && isStringPrefix(t.text[t.pos:i]) {
		t.str(t.pos, i)
		return
	}
	name := t.text[t.pos:i]
	if n := t.identifierSize(name); n < len(name) {
		if n > 0 {
			t.emit(NAME, t.pos, t.pos+n)
		}
		if !t.muted() {
			r, size := utf8.DecodeRune(name[n:])
			t.fail(t.pos, t.pos+size, "%s", invalidCharacter(r))
		}
		t.emit(ERRORTOKEN, t.pos, i)
		return
	}
	t.tokens = append(t.tokens, Token{NAME, keyword(name), source.Span{Start: t.pos, End: i}})
	t.pos = i
}

// identifierSize is how much of name is an identifier.
func (t *tokenizer) identifierSize(name []byte) int {
	for i := 0; i < len(name); {
		if name[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(name[i:])
		if i == 0 && !isIDStart(r) || !isIDContinue(r) {
			return i
		}
		i += size
	}
	return len(name)
}

// isStringPrefix reports whether name may stand before a quote.
func isStringPrefix(name []byte) bool {
	if len(name) > 2 {
		return false
	}
	var set [4]bool // r, b, u, f
	for _, c := range name {
		switch c {
		case 'r', 'R':
			set[0] = true
		case 'b', 'B':
			set[1] = true
		case 'u', 'U':
			set[2] = true
		case 'f', 'F':
			set[3] = true
		default:
			return false
		}
	}
	if len(name) == 1 {
		return true
	}
	return set[0] && (set[1] || set[3])
}

// operator reads an operator or a bracket, or something that is no token.
func (t *tokenizer) operator(c byte) {
	switch c {
	case '(', '[', '{':
		t.openBracket(c)
		return
	case ')', ']', '}':
		t.closeBracket(c)
		return
	}
	if s, size := operatorAt(c, t.at(t.pos+1), t.at(t.pos+2)); s != noSym {
		t.emitOp(s, size)
		return
	}
	r, size := utf8.DecodeRune(t.text[t.pos:])
	if t.muted() {
		t.emit(ERRORTOKEN, t.pos, t.pos+size)
		return
	}
	message := "invalid syntax"
	if r < ' ' || r >= 127 {
		message = invalidCharacter(r)
	}
	t.fail(t.pos, t.pos+size, "%s", message)
	t.emit(ERRORTOKEN, t.pos, t.pos+size)
}

func (t *tokenizer) openBracket(c byte) {
	if len(t.open) >= maxBrackets {
		t.fail(t.pos, t.pos+1, "too many nested parentheses")
	}
	t.open = append(t.open, bracket{c, t.pos})
	switch c {
	case '(':
		t.emitOp(lpar, 1)
	case '[':
		t.emitOp(lsqb, 1)
	default:
		t.emitOp(lbrace, 1)
	}
}

func (t *tokenizer) closeBracket(c byte) {
	closing, opening := rpar, byte('(')
	switch c {
	case ']':
		closing, opening = rsqb, '['
	case '}':
		closing, opening = rbrace, '{'
	}
	if len(t.open) == 0 {
		t.fail(t.pos, t.pos+1, "unmatched '%c'", c)
		t.emitOp(closing, 1)
		return
	}
	b := t.open[len(t.open)-1]
	if b.char != opening {
		t.fail(t.pos, t.pos+1, "closing parenthesis '%c' does not match opening parenthesis '%c'%s",
			c, b.char, t.onLine(b.pos))
	}
	t.open = t.open[:len(t.open)-1]
	t.emitOp(closing, 1)
}

// onLine names the line of an earlier place where pos is on another.
func (t *tokenizer) onLine(earlier int) string {
	if line := t.line(earlier); line != t.line(t.pos) {
		return fmt.Sprintf(" on line %d", line)
	}
	return ""
}
