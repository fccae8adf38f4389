package style

import (
	"bytes"

	"hone/source/python"
)

// importsOnSeparateLines checks E401.
func importsOnSeparateLines(c *checker, l *logical) {
	if !bytes.HasPrefix(l.text, []byte("import ")) {
		return
	}
	if i := bytes.IndexByte(l.text, ','); i >= 0 && bytes.IndexByte(l.text[:i], ';') < 0 {
		start, end := l.span(i, i+1)
		c.report(e401, start, end)
	}
}

// importState is what has come before an import at the top level.
type importState struct{ docstring, code bool }

// besideImports begin statements that may stand before imports; the tool looks at the
// letters alone, so that iffy = 1 may too.
var besideImports = [...]string{"try", "except", "else", "finally", "with", "if", "elif"}

// importsOnTop checks E402.
func importsOnTop(c *checker, l *logical) {
	if l.level > 0 || len(l.text) == 0 || l.noqa {
		return
	}
	switch {
	case bytes.HasPrefix(l.text, []byte("import ")) || bytes.HasPrefix(l.text, []byte("from ")):
		if c.imports.code {
			start, end := l.head()
			c.report(e402, start, end)
		}
		return
	case c.imports.code || dunder(l.text):
		return
	}
	for _, word := range besideImports {
		if bytes.HasPrefix(l.text, []byte(word)) {
			return
		}
	}
	if stringLiteral(l.text) && !c.imports.docstring {
		c.imports.docstring = true
		return
	}
	c.imports.code = true
}

// stringLiteral reports whether a line begins with a string.
func stringLiteral(text []byte) bool {
	if bytes.IndexByte([]byte("uUbB"), text[0]) >= 0 {
		text = text[1:]
	}
	if len(text) > 0 && (text[0] == 'r' || text[0] == 'R') {
		text = text[1:]
	}
	return len(text) > 0 && (text[0] == '"' || text[0] == '\'')
}

// dunder reports whether a line assigns a name like __all__, perhaps with a type.
func dunder(text []byte) bool {
	if !bytes.HasPrefix(text, []byte("__")) {
		return false
	}
	for i := 3; i+1 < len(text) && !blank(text[i-1]); i++ {
		if text[i] != '_' || text[i+1] != '_' {
			continue
		}
		rest := text[i+2:]
		if bytes.HasPrefix(rest, []byte(" = ")) {
			return true
		}
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		j := skipBlank(rest, 1)
		end := j
		for end < len(rest) && (wordByte(rest[end]) && rest[end] < 0x80 || bytes.IndexByte([]byte(`.[]"`), rest[end]) >= 0) {
			end++
		}
		if end > j && bytes.HasPrefix(rest[end:], []byte(" = ")) {
			return true
		}
	}
	return false
}

// compoundStatements checks E701 to E704 and E731.
func compoundStatements(c *checker, l *logical) {
	s := l.text
	last := len(s) - 1
	var braces, squares, parens int
	lambda := findWord(s, "lambda")
colons:
	for i := range s {
		switch s[i] {
		case '{':
			braces++
		case '}':
			braces--
		case '[':
			squares++
		case ']':
			squares--
		case '(':
			parens++
		case ')':
			parens--
		case ':':
			if i == last || braces > 0 || squares > 0 || parens > 0 || s[i+1] == '=' {
				continue
			}
			if lambda >= 0 && lambda < i {
				if assignsName(s[:lambda]) {
					start, _ := l.head()
					c.report(e731, start, l.at(i))
				}
				break colons
			}
			if startsWithDef(s) {
				start, end := l.head()
				c.report(e704, start, end)
			} else if startsBlock(s) {
				start, end := l.span(i, i+1)
				c.report(e701, start, end)
			}
		}
	}
	for i := range s {
		if s[i] != ';' {
			continue
		}
		start, end := l.span(i, i+1)
		if i < last {
			c.report(e702, start, end)
		} else {
			c.report(e703, start, end)
		}
	}
}

// findWord is where a word first stands by itself, or -1.
func findWord(s []byte, w string) int {
	for i := 0; ; {
		j := bytes.Index(s[i:], []byte(w))
		if j < 0 {
			return -1
		}
		i += j
		if (i == 0 || !wordByte(s[i-1])) && word(s, i, w) {
			return i
		}
		i += len(w)
	}
}

// assignsName reports whether s is a name and "=".
func assignsName(s []byte) bool {
	s = bytes.TrimSpace(s)
	return len(s) > 0 && s[len(s)-1] == '=' && identifier(bytes.TrimSpace(s[:len(s)-1]))
}

// startsBlock reports whether a line begins with a keyword that a block follows.
func startsBlock(s []byte) bool {
	i := skipBlank(s, 0)
	end := wordEnd(s, i)
	switch string(s[i:end]) {
	case "def", "for", "if", "elif", "else", "try", "except", "finally", "with", "class", "while":
		return true
	case "async":
		i = skipBlank(s, end)
		return word(s, i, "def") || word(s, i, "for") || word(s, i, "with")
	}
	return false
}

// explicitLineJoin checks E502.
func explicitLineJoin(c *checker, l *logical) {
	if l.tokens[0].row == l.tokens[len(l.tokens)-1].row {
		return
	}
	startRow, endRow, depth := 0, 0, 0
	comment := false
	backslash := -1 // byte offset of the one that continues the last line
	for i := range l.tokens {
		t := &l.tokens[i]
		comment = comment || t.kind == python.COMMENT
		if t.row != startRow && depth != 0 && backslash >= 0 && !comment {
			c.report(e502, backslash, backslash+1)
		}
		startRow = t.row
		if t.endRow != endRow {
			backslash = -1
			if line := c.lines.Text(t.endRow); bytes.HasSuffix(line, []byte(`\`)) {
				backslash = c.lines.Span(t.endRow).Start + len(line) - 1
			}
			startRow, endRow = t.endRow, t.endRow
		}
		switch b := t.one(); {
		case opening(b):
			depth++
		case closing(b):
			depth--
		}
	}
}

// bareExcept checks E722.
func bareExcept(c *checker, l *logical) {
	if l.noqa || !bytes.HasPrefix(l.text, []byte("except")) {
		return
	}
	if i := skipBlank(l.text, len("except")); i < len(l.text) && l.text[i] == ':' {
		start, end := l.head()
		c.report(e722, start, end)
	}
}
