package style

import (
	"bytes"
	"sort"

	"hone/source/python"
)

// logical is a statement's tokens on one line.
type logical struct {
	tokens []token
	// text is the tokens without comments, the contents of strings replaced by x. A line
	// break is a space, except beside brackets. Empty if there are only comments.
	text    []byte
	mapping []mapPoint
	level   int  // indentation in columns, tabs going to multiples of 8
	noqa    bool // a comment of the statement asks for silence
}

// mapPoint ties a place in a logical line to one in the program.
type mapPoint struct{ text, source int }

// at is the place in the program of a place in the logical line: counted back from the
// end of the token that it is in.
func (l *logical) at(offset int) int {
	i := sort.Search(len(l.mapping), func(i int) bool { return l.mapping[i].text >= offset })
	if i == len(l.mapping) {
		i--
	}
	return max(0, l.mapping[i].source+offset-l.mapping[i].text)
}

// span is the place in the program of a range of the logical line.
func (l *logical) span(start, end int) (int, int) {
	at := l.at(start)
	return at, at + end - start
}

// head is the place of the first token: what a finding about the whole line shows.
func (l *logical) head() (start, end int) {
	for i := range l.tokens {
		if t := &l.tokens[i]; !structure(t.kind) {
			if t.row != t.endRow {
				return t.start, t.start + 3
			}
			return t.start, t.end
		}
	}
	return 0, 0
}

// structure reports whether a token is a line end or indentation.
func structure(k python.TokenKind) bool {
	return k == python.NEWLINE || k == python.NL || k == python.INDENT || k == python.DEDENT
}

// logical makes the logical line of some tokens; ok is false if none is more than
// structure.
func (c *checker) logical(tokens []token) (*logical, bool) {
	l := &logical{tokens: tokens, mapping: c.mapping[:0]}
	begin := len(c.logicalText)
	text := c.logicalText
	var before *token
	for i := range tokens {
		t := &tokens[i]
		if structure(t.kind) {
			continue
		}
		if len(l.mapping) == 0 {
			l.mapping = append(l.mapping, mapPoint{0, t.start})
			line := c.lines.Span(t.row)
			l.level = expandIndent(c.text[line.Start:t.start])
		}
		if t.kind == python.COMMENT {
			l.noqa = l.noqa || !c.opts.Strict && noqa(t.text)
			continue
		}
		if before != nil {
			text = append(text, c.between(before, t)...)
		}
		text = append(text, t.text...)
		if t.kind == python.STRING {
			mute(text[len(text)-len(t.text):])
		}
		l.mapping = append(l.mapping, mapPoint{len(text) - begin, t.end})
		before = t
	}
	c.mapping, c.logicalText = l.mapping, text
	l.text = text[begin:len(text):len(text)]
	return l, len(l.mapping) > 0
}

var space = []byte(" ")

// between is what stands between two tokens in a logical line.
func (c *checker) between(a, b *token) []byte {
	if a.endRow == b.row {
		return c.text[a.end:b.start]
	}
	last := c.text[a.end-1]
	if a.end > a.start && last != ',' && (opening(last) || len(b.text) == 1 && closing(b.text[0])) {
		return nil
	}
	return space
}

// mute replaces the contents of a string by x, so that nothing in it looks like code.
func mute(s []byte) {
	quote := s[len(s)-1]
	start, end := bytes.IndexByte(s, quote)+1, len(s)-1
	if n := len(s); n >= 3 && s[n-2] == quote && s[n-3] == quote {
		start, end = start+2, end-2
	}
	for i := start; i < end; i++ {
		s[i] = 'x'
	}
}
