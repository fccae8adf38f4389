package source

import (
	"sort"
	"unicode/utf8"
)

// Lines maps byte offsets of a text to lines and columns. A line ends with "\n", "\r\n"
// or "\r", as Python reads source; a form feed ends none. Lines is immutable.
type Lines struct {
	src    []byte
	starts []int // byte offset of each line's first byte; starts[0] is 0
}

// Position is a place in a text as people and tools write it.
type Position struct {
	Line   int // from 1
	Column int // bytes of UTF-8 before it on its line
	Rune   int // code points before it on its line; a byte that is no UTF-8 counts as one
}

// NewLines finds the lines of src, which must not change afterwards. An empty text has
// one empty line, and so has what follows a final line end.
func NewLines(src []byte) *Lines {
	starts := []int{0}
	for i, c := range src {
		if c == '\n' || c == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
			starts = append(starts, i+1)
		}
	}
	return &Lines{src, starts}
}

// Count is the number of lines, counting the empty one after a final line end.
func (l *Lines) Count() int { return len(l.starts) }

// Line is the number of the line, from 1, that holds the byte at offset. Offsets outside
// the text count as its first or last line.
func (l *Lines) Line(offset int) int {
	return max(1, sort.SearchInts(l.starts, offset+1))
}

// Position is where offset lies. Offsets outside the text are taken to its nearest end.
func (l *Lines) Position(offset int) Position {
	offset = min(max(offset, 0), len(l.src))
	line := l.Line(offset)
	start := l.starts[line-1]
	return Position{line, offset - start, utf8.RuneCount(l.src[start:offset])}
}

// Span is the range of a line, given from 1, with its line end; an empty one at an end
// of the text when there is no such line.
func (l *Lines) Span(line int) Span {
	switch {
	case line < 1:
		return Span{}
	case line > len(l.starts):
		return Span{len(l.src), len(l.src)}
	case line == len(l.starts):
		return Span{l.starts[line-1], len(l.src)}
	}
	return Span{l.starts[line-1], l.starts[line]}
}

// Text is the line, given from 1, without its line end.
func (l *Lines) Text(line int) []byte {
	span := l.Span(line)
	end := span.End
	if end > span.Start && l.src[end-1] == '\n' {
		end--
	}
	if end > span.Start && l.src[end-1] == '\r' {
		end--
	}
	return l.src[span.Start:end]
}

// Offset is the byte offset of a line, given from 1, and a column in bytes; past the end
// of the line it is the line's end.
func (l *Lines) Offset(line, column int) int {
	span := l.Span(line)
	return min(span.Start+max(column, 0), span.End)
}
