package style

import (
	"bytes"

	"hone/source/python"
)

// spacesAroundOperators checks E221 to E224.
func spacesAroundOperators(c *checker, l *logical) {
	s := l.text
	for i := 0; i < len(s); {
		if s[i] == ',' || blank(s[i]) {
			i++
			continue
		}
		before := i + 1
		start := skipBlank(s, before)
		end := operatorEnd(s, start)
		if end == start {
			i = max(i+1, start)
			continue
		}
		after := skipBlank(s, end)
		reportBlanks(c, l, before, start, e221, e223)
		reportBlanks(c, l, end, after, e222, e224)
		i = after
	}
}

// operatorEnd is the end of the run of operator characters, or of the :=, at i.
func operatorEnd(s []byte, i int) int {
	if bytes.HasPrefix(s[i:], []byte(":=")) {
		return i + 2
	}
	for i < len(s) && bytes.IndexByte([]byte("-+*/|!<=>%&^"), s[i]) >= 0 {
		i++
	}
	return i
}

// spaceNeed says how an operator wants the space around it.
type spaceNeed uint8

const (
	spaceFree  spaceNeed = iota // not an operator, or any will do
	spaceUnary                  // as spaceEqual, if there is an operand before it
	spaceEqual                  // the same on both sides
	spaceBoth                   // on both sides
)

func needOf(t *token) spaceNeed {
	switch string(t.text) {
	case "**=", "*=", "/=", "//=", "+=", "-=", "!=", "<>", "<", ">", "%=", "^=", "&=", "|=", "==", "<=", ">=", "<<=", ">>=",
		"=", "and", "in", "is", "or", "->", ":=":
		return spaceBoth
	case ">>", "**", "*", "+", "-":
		return spaceUnary
	case "/", "//", "@", "^", "&", "|", "<<", "%":
		return spaceEqual
	}
	return spaceFree
}

// operatorSpacing checks E225 to E228.
func operatorSpacing(c *checker, l *logical) {
	depth := 0        // brackets and lambdas
	var before *token // the last token that is not a comment or structure
	need := spaceFree // of the operator before, which is the token before
	var opStart int   // where that operator's space begins
	var spaced bool   // it has space before it
	for i := range l.tokens {
		t := &l.tokens[i]
		if structure(t.kind) || t.kind == python.COMMENT || t.kind == python.ERRORTOKEN {
			continue
		}
		switch {
		case t.is("("), t.is("lambda"):
			depth++
		case t.is(")"):
			depth--
		}
		switch {
		case need != spaceFree && t.start != before.end:
			if need == spaceEqual && !spaced {
				c.report(e225, opStart, before.end)
			}
			need = spaceFree
		case need != spaceFree:
			if !toleratesNoSpace(before, t) {
				reportOperator(c, before, t, opStart, need == spaceBoth || spaced)
				need = spaceFree
			}
		case (t.kind == python.OP || t.kind == python.NAME) && before != nil:
			need = needOf(t)
			if need == spaceBoth && t.is("=") && depth > 0 || need == spaceUnary && !operand(before) {
				need = spaceFree
			}
			if need == spaceUnary {
				need = spaceEqual
			}
			opStart, spaced = before.end, t.start != before.end
			if need == spaceBoth && !spaced {
				c.report(e225, before.end, t.end)
				need = spaceFree
			}
		}
		before = t
	}
}

// operand reports whether an operator after t has it as its left operand.
func operand(t *token) bool {
	if t.kind == python.OP {
		return closing(t.one())
	}
	return !isKeyword(t.text) && !softKeyword(t)
}

// toleratesNoSpace reports whether an operator may be followed by t at once: <>, -> in two
// tokens, and the / of positional-only parameters.
func toleratesNoSpace(operator, t *token) bool {
	switch {
	case t.is(">") && (operator.is("<") || operator.is("-")):
	case operator.is("/") && (t.is(",") || t.is(")") || t.is(":")):
	case operator.is(")") && t.is(":"):
	default:
		return false
	}
	return true
}

// reportOperator reports an operator that t follows at once. Uneven is whether it should
// not, or has space before it; otherwise there is none on either side.
func reportOperator(c *checker, operator, t *token, opStart int, uneven bool) {
	switch {
	case uneven:
		c.report(e225, operator.end, t.end)
	case operator.is("**"):
	case operator.is("%"):
		c.report(e228, opStart, operator.end)
	case operator.is("*"), operator.is("/"), operator.is("//"), operator.is("+"), operator.is("-"), operator.is("@"):
		c.report(e226, opStart, operator.end)
	default:
		c.report(e227, opStart, operator.end)
	}
}

// parameterEquals checks E251 and E252.
func parameterEquals(c *checker, l *logical) {
	depth, annotated := 0, false // brackets; whether the parameter has a type
	wantsNone, wantsSpace := false, false
	inDef := startsWithDef(l.text)
	before := &token{}
	for i := range l.tokens {
		t := &l.tokens[i]
		if t.kind == python.NL {
			continue
		}
		if wantsNone && t.start != before.end {
			c.report(e251, before.end, t.start)
		}
		if wantsSpace && t.start == before.end {
			c.report(e252, before.end, t.end)
		}
		wantsNone, wantsSpace = false, false
		if t.kind == python.OP {
			switch b := t.one(); {
			case b == '(' || b == '[':
				depth++
			case b == ')' || b == ']':
				depth--
			case inDef && b == ':' && depth == 1:
				annotated = true
			case b == ',' && depth == 1:
				annotated = false
			case b == '=' && depth != 0 && annotated && depth == 1:
				wantsSpace = true
				if t.start == before.end {
					c.report(e252, before.end, t.end)
				}
			case b == '=' && depth != 0:
				wantsNone = true
				if t.start != before.end {
					c.report(e251, before.end, t.start)
				}
			}
			if depth == 0 {
				annotated = false
			}
		}
		before = t
	}
}

// breaksAroundOperators checks W503 and W504.
func breaksAroundOperators(c *checker, l *logical) {
	if l.tokens[0].row == l.tokens[len(l.tokens)-1].row {
		return
	}
	broken, unary := false, true // a line break before; what comes is a unary operator
	before := &token{}
	for i := range l.tokens {
		t := &l.tokens[i]
		if t.kind == python.COMMENT {
			continue
		}
		if t.kind != python.STRING && bytes.ContainsAny(t.text, "\r\n") {
			broken = true
			continue
		}
		if broken && !unary && binary(t) != binary(before) {
			if binary(t) {
				c.report(w503, t.start, t.end)
			} else {
				c.report(w504, before.start, before.end)
			}
		}
		b := t.one()
		unary, broken, before = len(t.text) == 0 || opening(b) || b == ',' || b == ';', false, t
	}
}

// binary reports whether a token is an operator that a line should not break at.
func binary(t *token) bool {
	switch string(t.text) {
	case "and", "or":
		return true
	case "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "@", "=", "%", "~", "...":
		return false
	}
	return t.kind == python.OP
}
