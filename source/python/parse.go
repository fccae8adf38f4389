package python

// Tokenize divides text, which must be what [Decode] gives, into tokens. The
// tokens are all there is also when the error, a *[SyntaxError] for the first
// fault, is not nil; what is no token is an ERRORTOKEN then.
func Tokenize(text []byte) ([]Token, error) {
	return nil, &SyntaxError{Message: "the tokenizer is not written yet"}
}

// JoinFStrings makes one STRING of all tokens of an f-string, as Python before
// 3.12 sees it.
func JoinFStrings(tokens []Token) []Token { return tokens }

// Decode gives a program's text in UTF-8 without a byte order mark, and the
// name of the encoding that its mark or its coding line (PEP 263) declares.
func Decode(src []byte) (text []byte, encoding string, err error) { return src, "utf-8", nil }

// Parse reads a whole program. The error is a *[SyntaxError].
func Parse(src []byte) (*Module, error) {
	return nil, &SyntaxError{Message: "the parser is not written yet"}
}

// ParseTolerant reads what it can of a program: a broken statement is left out,
// and reading goes on at the next line that can begin one. The module is never
// nil.
func ParseTolerant(src []byte) (*Module, []*SyntaxError) {
	return &Module{Text: src}, []*SyntaxError{{Message: "the parser is not written yet"}}
}
