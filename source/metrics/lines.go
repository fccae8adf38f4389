package metrics

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"hone/source"
	"hone/source/python"
)

// Lines counts lines as radon 5.1 does. A line is what Python's str.splitlines
// gives, so a form feed or a line separator (U+2028) ends one.
type Lines struct {
	// LOC is all lines: SLOC + Blank + Multi + SingleComments.
	LOC int `json:"loc"`
	// LLOC counts logical lines: statements, and one more for each that has a colon
	// before its end, be it of a block on one line, a dictionary, a slice or an
	// annotation.
	LLOC int `json:"lloc"`
	// SLOC counts lines of code, comments beside code included.
	SLOC int `json:"sloc"`
	// Comments counts comments, also those beside code.
	Comments int `json:"comments"`
	// SingleComments counts lines that only have a comment, or a statement that is
	// one string on one line.
	SingleComments int `json:"single_comments"`
	// Multi counts lines, not the blank ones, of statements that are one string over
	// several lines.
	Multi int `json:"multi"`
	// Blank counts blank lines, also those within statements and strings.
	Blank int `json:"blank"`
}

// textLines are lines of a text as Python's str.splitlines divides it, without their
// ends, and which of them are blank. A last line of no length is none.
type textLines struct {
	text   []byte
	spans  []source.Span
	blanks []bool
}

// linesOf are the lines of a whole text.
func linesOf(text []byte) textLines {
	n := bytes.Count(text, []byte{'\n'}) + 1
	l := textLines{text: text, spans: make([]source.Span, 0, n), blanks: make([]bool, 0, n)}
	start := 0
	add := func(end int) {
		l.spans = append(l.spans, source.Span{Start: start, End: end})
		l.blanks = append(l.blanks, blank(text[start:end]))
	}
	for i := 0; i < len(text); {
		width := lineEnd(text[i:])
		if width == 0 {
			i++
			continue
		}
		add(i)
		i += width
		start = i
	}
	if start < len(text) {
		add(len(text))
	}
	return l
}

// within are the lines that a span is on, which begins and ends with code; they are not cut.
func (l textLines) within(span source.Span) textLines {
	from := sort.Search(len(l.spans), func(i int) bool { return l.spans[i].End > span.Start })
	to := sort.Search(len(l.spans), func(i int) bool { return l.spans[i].Start >= span.End })
	return textLines{l.text, l.spans[from:to], l.blanks[from:to]}
}

// filled is how many lines are not blank.
func (l textLines) filled() int {
	n := 0
	for _, blank := range l.blanks {
		if !blank {
			n++
		}
	}
	return n
}

// count counts the lines of a span, which begins and ends with whole statements. Tokens
// are those of the text, f-strings joined.
func (l textLines) count(span source.Span, tokens []python.Token) Lines {
	c := lineCounter{textLines: l, end: span.End}
	c.out.Blank = len(l.spans) - l.filled()
	first := sort.Search(len(tokens), func(i int) bool { return tokens[i].Span.Start >= span.Start })
	var logical []python.Token // of one logical line
	for _, t := range tokens[first:] {
		if t.Span.Start >= span.End {
			break
		}
		switch t.Kind {
		case python.INDENT, python.DEDENT, python.ENDMARKER:
		case python.COMMENT:
			c.out.Comments++
			if len(logical) == 0 {
				c.out.SingleComments++
			}
		case python.NL:
		case python.NEWLINE:
			c.statement(logical)
			logical = logical[:0]
		default:
			logical = append(logical, t)
		}
	}
	c.statement(logical)
	c.out.LOC = c.out.SLOC + c.out.Blank + c.out.Multi + c.out.SingleComments
	return c.out
}

type lineCounter struct {
	textLines
	end  int // of what is counted; its last line may go on
	next int // the first line after the last statement
	out  Lines
}

// statement counts one logical line, given without comments and line ends.
func (c *lineCounter) statement(tokens []python.Token) {
	if len(tokens) == 0 {
		return
	}
	c.out.LLOC += c.logicalLines(tokens)
	begin, end := tokens[0].Span.Start, tokens[len(tokens)-1].Span.End
	for c.next < len(c.spans) && c.spans[c.next].End <= begin {
		c.next++
	}
	first, filled := c.next, 0
	for ; c.next < len(c.spans) && c.spans[c.next].Start < end; c.next++ {
		if !c.blanks[c.next] {
			filled++
		}
	}
	switch {
	case len(tokens) > 1 || tokens[0].Kind != python.STRING || c.commentOn(c.next-1, end):
		c.out.SLOC += filled
	case c.next == first+1:
		c.out.SingleComments++
	default:
		c.out.Multi += filled
	}
}

// commentOn reports whether something follows offset on line i; after the last
// token of a statement that can only be a comment.
func (c *lineCounter) commentOn(i, offset int) bool {
	if i < 0 {
		return false
	}
	end := min(c.spans[i].End, c.end)
	return offset < end && !blank(c.text[offset:end])
}

// logicalLines divides a logical line at its semicolons. A part counts twice if
// its last colon is not its end, for which radon takes the last place but one:
// the end of the last part is an end marker, other parts have none.
func (c *lineCounter) logicalLines(tokens []python.Token) int {
	n, length, colon := 0, 0, -1
	part := func(size int) {
		if colon >= 0 && colon != size-2 {
			n++
		}
		n++
	}
	for _, t := range tokens {
		if t.Kind == python.OP && t.Span.Len() == 1 {
			switch c.text[t.Span.Start] {
			case ';':
				part(length)
				length, colon = 0, -1
				continue
			case ':':
				colon = length
			}
		}
		length++
	}
	if length > 0 {
		part(length + 1)
	}
	return n
}

// lineEnd is the number of bytes of the line end that text begins with, or 0.
func lineEnd(text []byte) int {
	switch text[0] {
	case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e:
		return 1
	case '\r':
		if len(text) > 1 && text[1] == '\n' {
			return 2
		}
		return 1
	case 0xc2, 0xe2:
		switch r, width := utf8.DecodeRune(text); r {
		case 0x85, 0x2028, 0x2029:
			return width
		}
	}
	return 0
}

// blank reports whether Python's str.strip leaves nothing of the line.
func blank(line []byte) bool {
	for i := 0; i < len(line); {
		if c := line[i]; c < utf8.RuneSelf {
			if c != ' ' && (c < '\t' || c > '\r') && (c < 0x1c || c > 0x1f) {
				return false
			}
			i++
			continue
		}
		r, width := utf8.DecodeRune(line[i:])
		switch r {
		case 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000:
		default:
			if r < 0x2000 || r > 0x200a {
				return false
			}
		}
		i += width
	}
	return true
}
