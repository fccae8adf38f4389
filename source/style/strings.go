package style

import (
	"bytes"
	"unicode/utf8"

	"hone/source/python"
)

// escapeSequences checks W605.
func escapeSequences(c *checker, l *logical) {
	if l.noqa {
		return
	}
	for i := range l.tokens {
		t := &l.tokens[i]
		if t.kind != python.STRING || bytes.IndexByte(t.text, '\\') < 0 {
			continue
		}
		quote := bytes.IndexByte(t.text, t.text[len(t.text)-1])
		if quote < 0 || bytes.ContainsAny(t.text[:quote], "rR") {
			continue
		}
		for j := quote; j+1 < len(t.text); j++ {
			if t.text[j] != '\\' {
				continue
			}
			if r, size := utf8.DecodeRune(t.text[j+1:]); !escape(r) {
				c.report(w605, t.start+j, t.start+j+1+size, string(r))
			}
			j++
		}
	}
}

// escape reports whether a backslash before r means something.
func escape(r rune) bool {
	switch r {
	case '\n', '\r', '\\', '\'', '"', 'a', 'b', 'f', 'n', 'r', 't', 'v', '0', '1', '2', '3', '4', '5', '6', '7', 'x', 'N', 'u', 'U':
		return true
	}
	return false
}

// docLength checks W505: the lines of comments, and of strings that stand by themselves.
func docLength(c *checker, l *logical) {
	if c.opts.MaxDoc == 0 || l.noqa {
		return
	}
	code := false
	for i := range l.tokens {
		k := l.tokens[i].kind
		code = code || !structure(k) && k != python.COMMENT && k != python.ERRORTOKEN && k != python.STRING
	}
	for i := range l.tokens {
		t := &l.tokens[i]
		text := t.kind == python.COMMENT || t.kind == python.STRING && !code
		if !text || i > 0 && !structure(l.tokens[i-1].kind) {
			continue
		}
		for row := t.row; row <= t.endRow; row++ {
			docLine(c, t, row)
		}
	}
}

func docLine(c *checker, t *token, row int) {
	line := c.lines.Text(row)
	if row == 1 && bytes.HasPrefix(line, []byte("#!")) {
		return
	}
	words := bytes.FieldsFunc(line, isSpace)
	length := utf8.RuneCount(line)
	if len(words) == 2 && t.kind == python.COMMENT || len(words) == 1 && row < t.endRow {
		if length-utf8.RuneCount(words[len(words)-1]) < 72 {
			return
		}
	}
	if length > c.opts.MaxDoc {
		start := c.lines.Span(row).Start
		c.report(w505, start+byteColumn(line, c.opts.MaxDoc), start+len(line), length, c.opts.MaxDoc)
	}
}
