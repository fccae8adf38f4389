package python

import "hone/source"

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
