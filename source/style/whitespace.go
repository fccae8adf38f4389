package style

import (
	"bytes"

	"hone/source/python"
)

// spaceInsideBrackets checks E201, E202 and E203.
func spaceInsideBrackets(c *checker, l *logical) {
	s := l.text
	for i := 0; i+1 < len(s); i++ {
		here, next := s[i], s[i+1]
		switch {
		case opening(here) && (next == ' ' || next == '\t'):
			start, _ := l.span(i+1, i+1)
			c.report(e201, start, skipBlank(c.text, start), string(here))
			i++
		case (here == ' ' || here == '\t') && (closing(next) || next == ',' || next == ';' || next == ':') && (i+2 == len(s) || s[i+2] != '='):
			if i == 0 || s[i-1] != ',' {
				r := e203
				if closing(next) {
					r = e202
				}
				start, end := l.span(i, i+1)
				c.report(r, start, end, string(next))
			}
			i++
		}
	}
}

// isKeyword reports whether a word counts as a keyword for spaces: print does, for the
// sake of Python 2, the constants do not.
func isKeyword(w []byte) bool {
	if len(w) < 2 || len(w) > 8 {
		return false
	}
	switch string(w) {
	case "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
		"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass",
		"print", "raise", "return", "try", "while", "with", "yield":
		return true
	}
	return false
}

// softKeyword reports whether a name is a keyword in some places (Python 3.11).
func softKeyword(t *token) bool {
	switch string(t.text) {
	case "_", "case", "match":
		return true
	}
	return false
}

// singleton reports whether a name is None, True or False.
func singleton(w []byte) bool {
	switch string(w) {
	case "None", "True", "False":
		return true
	}
	return false
}

// spacesAroundKeywords checks E271 to E274.
func spacesAroundKeywords(c *checker, l *logical) {
	s := l.text
	blanks := 0 // where the white space before the current place begins
	for i := 0; i < len(s); {
		if blank(s[i]) {
			i++
			continue
		}
		if !wordByte(s[i]) {
			i++
			blanks = i
			continue
		}
		start, end := i, wordEnd(s, i)
		i = end
		if !isKeyword(s[start:end]) {
			blanks = i
			continue
		}
		i = skipBlank(s, end)
		reportBlanks(c, l, blanks, start, e272, e274)
		reportBlanks(c, l, end, i, e271, e273)
		blanks = i
	}
}

// reportBlanks reports white space with a tab, or of more than one character.
func reportBlanks(c *checker, l *logical, start, end int, spaces, tab rule) {
	switch {
	case bytes.IndexByte(l.text[start:end], '\t') >= 0:
		from, to := l.span(start, end)
		c.report(tab, from, to)
	case end-start > 1:
		from, to := l.span(start, end)
		c.report(spaces, from, to)
	}
}

// spaceAfterKeyword checks E275.
func spaceAfterKeyword(c *checker, l *logical) {
	for i := range l.tokens[:len(l.tokens)-1] {
		t, next := &l.tokens[i], &l.tokens[i+1]
		if !t.keyword || t.end != next.start || singleton(t.text) || t.is("async") || t.is("await") {
			continue
		}
		switch {
		case len(next.text) == 0, next.is(":"), next.kind == python.NEWLINE, next.kind == python.NL:
		case t.is("except") && next.is("*"), t.is("yield") && next.is(")"):
		default:
			c.report(e275, t.end, next.end)
		}
	}
}

// separators checks E231, E241 and E242.
func separators(c *checker, l *logical) {
	s := l.text
	brackets := 0                   // [ less ]
	lastSquare, lastBrace := -1, -1 // where the last [ and { are
	for i := 0; i+1 < len(s); i++ {
		switch s[i] {
		case '[':
			brackets++
			lastSquare = i
		case ']':
			brackets--
		case '{':
			lastBrace = i
		case ',', ';', ':':
			inSlice := s[i] == ':' && brackets > 0 && lastBrace < lastSquare
			missingSpace(c, l, i, inSlice)
			spacesAfterSeparator(c, l, i)
		}
	}
}

func missingSpace(c *checker, l *logical, i int, inSlice bool) {
	here, next := l.text[i], l.text[i+1]
	switch {
	case next == ' ' || next == '\t' || bytes.HasPrefix(l.text[i+1:], []byte("\u00a0")), inSlice:
	case here == ',' && (next == ')' || next == ']'): // a tuple of one element
	case here == ':' && next == '=':
	default:
		start, end := l.span(i, i+1)
		c.report(e231, start, end, string(here))
	}
}

func spacesAfterSeparator(c *checker, l *logical, i int) {
	s := l.text
	end := skipBlank(s, i+1)
	for ; end > i+1; end-- { // as far as a tab or two spaces
		if s[end-1] == '\t' || end > i+2 && s[end-1] == ' ' && s[end-2] == ' ' {
			break
		}
	}
	if end == i+1 {
		return
	}
	r := e241
	if bytes.IndexByte(s[i:end], '\t') >= 0 {
		r = e242
	}
	from, to := l.span(i+1, end)
	c.report(r, from, to, string(s[i]))
}

// spaceBeforeBrackets checks E211.
func spaceBeforeBrackets(c *checker, l *logical) {
	for i := 1; i < len(l.tokens); i++ {
		t, before := &l.tokens[i], &l.tokens[i-1]
		if b := t.one(); b != '(' && b != '[' || t.start == before.end {
			continue
		}
		callable := before.kind == python.NAME && !before.keyword && !softKeyword(before)
		if !callable && !closing(before.one()) || i >= 2 && l.tokens[i-2].is("class") {
			continue
		}
		c.report(e211, before.end, t.start, string(t.text))
	}
}

// comments checks E261 to E266.
func comments(c *checker, l *logical) {
	before := &token{}
	for i := range l.tokens {
		t := &l.tokens[i]
		if t.kind != python.COMMENT {
			if t.kind != python.NL {
				before = t
			}
			continue
		}
		line := c.lines.Span(t.row)
		inline := len(bytes.TrimFunc(c.text[line.Start:t.start], isSpace)) > 0
		if inline && before.endRow == t.row && t.col < before.endCol+2 {
			c.report(e261, before.end, t.start)
		}
		commentStart(c, t, inline)
	}
}

// commentStart checks how a comment begins: E262, E265 and E266.
func commentStart(c *checker, t *token, inline bool) {
	symbol, comment, _ := bytes.Cut(t.text, space)
	bad := byte(0) // the first character that is not as it should be
	if s := string(symbol); s != "#" && s != "#:" {
		bad = '#'
		if rest := bytes.TrimLeft(symbol, "#"); len(rest) > 0 {
			bad = rest[0]
		}
	}
	end := t.start + len(symbol)
	switch {
	case inline:
		if bad != 0 || len(comment) > 0 && (comment[0] == ' ' || comment[0] == '\t') || bytes.HasPrefix(comment, []byte("\u00a0")) {
			c.report(e262, t.start, end)
		}
	case bad == 0 || bad == '!' && t.row == 1:
	case bad != '#':
		c.report(e265, t.start, end)
	case len(comment) > 0:
		c.report(e266, t.start, end)
	}
}
