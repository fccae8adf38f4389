package python

import (
	"fmt"

	"hone/source"
)

// TokenKind is the kind of a token, named as in CPython's tokenize.
type TokenKind uint8

// The kinds of tokens. A NEWLINE ends a logical line, an NL is any other end of
// a line. NEWLINE at the end of a text without one, DEDENT and ENDMARKER are
// empty.
const (
	ENDMARKER TokenKind = iota
	NAME
	NUMBER
	STRING
	OP
	NEWLINE
	NL
	INDENT
	DEDENT
	COMMENT
	FSTRING_START
	FSTRING_MIDDLE
	FSTRING_END
	ERRORTOKEN
)

// String is CPython's name of the kind.
func (k TokenKind) String() string {
	return [...]string{
		"ENDMARKER", "NAME", "NUMBER", "STRING", "OP", "NEWLINE", "NL", "INDENT", "DEDENT",
		"COMMENT", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END", "ERRORTOKEN",
	}[k]
}

// Token is one token; its text is text[Span.Start:Span.End].
type Token struct {
	Kind TokenKind
	sym  sym
	Span source.Span
}

// IsKeyword reports whether the token is a keyword (not match, case, type, _).
func (t Token) IsKeyword() bool { return t.sym >= kwFalse }

// SyntaxError says where a program is not Python, in CPython's words where they
// are known.
type SyntaxError struct {
	Span    source.Span
	Message string
	// Line and Column are those of Span.Start: from 1, and in bytes from 0.
	Line, Column int
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column+1, e.Message)
}
