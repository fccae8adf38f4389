package style

import (
	"bytes"
	"unicode/utf8"

	"hone/source/python"
)

// physical is a line of the program as it is.
type physical struct {
	row        int
	start      int    // byte offset of the line
	text       []byte // without its end
	ended      bool   // it has an end
	insideText bool   // it lies in a string of several lines, before the last of them
	noqa       bool
}

// physicalLines checks the lines that a token ends: its own if it is the last one there,
// and those that a string goes over.
func (c *checker) physicalLines(t *token) {
	switch {
	case t.kind == python.NEWLINE || t.kind == python.NL || t.row == t.endRow && c.beforeBackslash(t):
		c.checkLine(t.row, false, !t.virtual && c.noqa(t.row))
	case t.kind == python.STRING && t.row != t.endRow:
		for row := t.row; row <= t.endRow; row++ {
			if c.noqa(row) {
				return
			}
		}
		for row := t.row; row < t.endRow; row++ {
			c.checkLine(row, true, false)
		}
	}
}

// beforeBackslash reports whether a token is the last on a line that a backslash continues.
func (c *checker) beforeBackslash(t *token) bool {
	rest := c.text[t.end:]
	if len(rest) == 0 || !(rest[0] == '\\' || blank(rest[0])) {
		return false
	}
	rest = bytes.TrimLeftFunc(rest[:c.lines.Span(t.endRow).End-t.end], isSpace)
	return len(rest) > 1 && rest[0] == '\\' && (rest[1] == '\n' || rest[1] == '\r')
}

func (c *checker) checkLine(row int, insideText, noqa bool) {
	if row < 1 {
		return
	}
	span := c.lines.Span(row)
	p := physical{row: row, start: span.Start, text: c.lines.Text(row), insideText: insideText, noqa: noqa}
	p.ended = p.start+len(p.text) < span.End
	for _, check := range lineChecks {
		check(c, p)
	}
}

// indentCharacters checks E101 and W191.
func indentCharacters(c *checker, p physical) {
	mixed, tab := -1, -1
	indent := 0
	for ; indent < len(p.text) && (p.text[indent] == ' ' || p.text[indent] == '\t'); indent++ {
		if mixed < 0 && rune(p.text[indent]) != c.indentChar {
			mixed = indent
		}
		if tab < 0 && p.text[indent] == '\t' {
			tab = indent
		}
	}
	if tab >= 0 {
		c.report(w191, p.start+tab, p.start+indent)
	}
	if mixed >= 0 {
		c.report(e101, p.start+mixed, p.start+indent)
		c.indentChar = rune(p.text[0])
	}
}

// trailingWhitespace checks W291 and W293.
func trailingWhitespace(c *checker, p physical) {
	text := bytes.TrimRight(p.text, "\f")
	stripped := bytes.TrimRight(text, " \t\v")
	switch {
	case len(stripped) == len(text):
	case len(stripped) > 0:
		c.report(w291, p.start+len(stripped), p.start+len(text))
	default:
		c.report(w293, p.start, p.start+len(text))
	}
}

// lastLine checks W391 and W292.
func lastLine(c *checker, p physical) {
	switch {
	case p.row != c.total:
	case len(p.text) == 0 && p.ended:
		c.report(w391, p.start, p.start)
	case !p.ended:
		c.report(w292, p.start+len(p.text), p.start+len(p.text))
	}
}

// lineLength checks E501. A line that is too long because of one word that cannot be
// broken, such as an address, is let off in comments and strings of several lines.
func lineLength(c *checker, p physical) {
	if len(p.text) <= c.opts.MaxLine { // characters are no more than bytes
		return
	}
	line := bytes.TrimRightFunc(p.text, isSpace)
	length := utf8.RuneCount(line)
	if length <= c.opts.MaxLine || p.noqa || p.row == 1 && bytes.HasPrefix(line, []byte("#!")) {
		return
	}
	words := bytes.FieldsFunc(line, isSpace)
	if len(words) == 1 && p.insideText || len(words) == 2 && string(words[0]) == "#" {
		if length-utf8.RuneCount(words[len(words)-1]) < c.opts.MaxLine-7 {
			return
		}
	}
	c.report(e501, p.start+byteColumn(line, c.opts.MaxLine), p.start+len(line), length, c.opts.MaxLine)
}

// byteColumn is the byte offset of a character in a line, at most the line's length.
func byteColumn(line []byte, characters int) int {
	i := 0
	for ; characters > 0 && i < len(line); characters-- {
		_, size := utf8.DecodeRune(line[i:])
		i += size
	}
	return i
}
