package style

import "bytes"

// blankLines checks E301 to E306.
func blankLines(c *checker, l *logical) {
	if len(c.previous.text) == 0 && c.blankBefore < 2 {
		return // nothing is expected before the first line
	}
	start, end := l.head()
	switch {
	case bytes.HasPrefix(c.previous.text, []byte("@")):
		if c.blankLines > 0 {
			c.report(e304, start, end)
		}
	case c.blankLines > 2 || l.level > 0 && c.blankLines == 2:
		c.report(e303, start, end, c.blankLines)
	case startsDefinition(l.text):
		if c.blankBefore == 0 && c.inGroup(l) {
			return
		}
		switch {
		case l.level == 0 && c.blankBefore != 2:
			c.report(e302, start, end, c.blankBefore)
		case l.level == 0 || c.blankBefore == 1 || c.previous.level < l.level || docstring(c.previous.text):
		case c.insideFunction(l):
			c.report(e306, start, end)
		default:
			c.report(e301, start, end)
		}
	case len(l.text) > 0 && l.level == 0 && c.blankBefore != 2 && (bytes.HasPrefix(c.previous.unindented, []byte("def ")) || bytes.HasPrefix(c.previous.unindented, []byte("class "))):
		c.report(e305, start, end, c.blankBefore)
	}
}

// docstring reports whether a logical line begins with a string, which may be raw.
func docstring(text []byte) bool {
	i := 0
	for _, prefix := range []byte("ur") {
		if i < len(text) && text[i] == prefix {
			i++
		}
	}
	return i < len(text) && (text[i] == '"' || text[i] == '\'')
}

// inGroup reports whether a definition is a one-liner: such may stand together without
// blank lines.
func (c *checker) inGroup(l *logical) bool {
	row := c.row
	if row > 1 && expandIndent(c.lines.Text(row-1)) > l.level {
		return false
	}
	for ; row <= c.total; row++ {
		line := bytes.TrimFunc(c.lines.Text(row), isSpace)
		if startsDefinition(line) && line[0] != '@' {
			break
		}
	}
	if row > c.total {
		return false
	}
	for row++; row <= c.total; row++ {
		if line := c.lines.Text(row); len(bytes.TrimFunc(line, isSpace)) > 0 {
			return expandIndent(line) <= l.level
		}
	}
	return true
}

// insideFunction reports whether the first line above that is indented less than a
// definition, or less than such a line in turn, and is a def comes before one at the top
// level that is none.
func (c *checker) insideFunction(l *logical) bool {
	c.nesting.extend(c, c.row)
	level := l.level
	for row := c.row - 1; row > 0; row = c.nesting.outer[row] {
		width := c.nesting.width[row]
		if width < 0 || width >= level {
			continue
		}
		level = width
		if startsWithDef(bytes.TrimLeftFunc(c.lines.Text(row), isSpace)) {
			return true
		}
		if level == 0 {
			return false
		}
	}
	return false
}

// nesting says for each row, from 1, how far it is indented (-1 for a blank one), and
// which the nearest row above is that is indented less (for a blank one: the row above).
type nesting struct{ width, outer []int }

func (n *nesting) extend(c *checker, row int) {
	if len(n.width) == 0 {
		n.width, n.outer = append(n.width, -1), append(n.outer, 0)
	}
	for r := len(n.width); r <= row; r++ {
		line := c.lines.Text(r)
		if len(bytes.TrimFunc(line, isSpace)) == 0 {
			n.width, n.outer = append(n.width, -1), append(n.outer, r-1)
			continue
		}
		width := expandIndent(line)
		outer := r - 1
		for outer > 0 && (n.width[outer] < 0 || n.width[outer] >= width) {
			outer = n.outer[outer]
		}
		n.width, n.outer = append(n.width, width), append(n.outer, outer)
	}
}
