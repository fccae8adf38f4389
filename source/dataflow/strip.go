package dataflow

import (
	"bytes"
	"regexp"
	"sort"

	"hone/source"
	"hone/source/python"
)

// Stripped is a program without comments and docstrings.
type Stripped struct {
	Text []byte
	// pieces say where the text is from, in its order.
	pieces []piece
}

// piece is text that begins at offset at and was at offset from before.
type piece struct{ at, from int }

// Original is the place before stripping of a place in Text.
func (s Stripped) Original(span source.Span) source.Span {
	return source.Span{Start: s.original(span.Start), End: s.original(span.End-1) + 1}
}

func (s Stripped) original(offset int) int {
	i := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].at > offset }) - 1
	if i < 0 {
		return offset
	}
	return s.pieces[i].from + offset - s.pieces[i].at
}

// add appends text that stood at offset from.
func (s *Stripped) add(text []byte, from int) {
	s.pieces = append(s.pieces, piece{len(s.Text), from})
	s.Text = append(s.Text, text...)
}

// Strip removes comments, docstrings and empty lines as GraphCodeBERT and CodeBLEU do before
// they parse. A program that is not Python to the tokenizer stays as it is. Also kept: any
// string that begins a statement or a line counts as a docstring, and lines that a backslash
// continues are joined.
func Strip(lang source.Language, src []byte) Stripped {
	var s Stripped
	if lang == source.Python {
		text, _, err := python.Decode(src)
		if err != nil {
			return Stripped{Text: src}
		}
		tokens, err := python.Tokenize(text)
		if err != nil {
			return Stripped{Text: src}
		}
		s = withoutDocstrings(text, python.JoinFStrings(tokens))
	} else {
		s = withoutComments(src)
	}
	return s.withoutEmptyLines()
}

func withoutDocstrings(text []byte, tokens []python.Token) Stripped {
	var s Stripped
	lines := source.NewLines(text)
	before, line, column := python.INDENT, 0, 0
	for _, t := range tokens {
		start, end := lines.Position(t.Span.Start), lines.Position(t.Span.End)
		if start.Line > line {
			column = 0
		}
		if start.Rune > column {
			s.add(bytes.Repeat([]byte{' '}, start.Rune-column), t.Span.Start)
		}
		docstring := t.Kind == python.STRING &&
			(before == python.INDENT || before == python.NEWLINE || start.Rune == 0)
		if t.Kind != python.COMMENT && !docstring {
			s.add(text[t.Span.Start:t.Span.End], t.Span.Start)
		}
		before, line, column = t.Kind, end.Line, end.Rune
		if t.Kind == python.NEWLINE || t.Kind == python.NL {
			line, column = start.Line, start.Rune+1 // tokenize ends a line on that line
		}
	}
	return s
}

// comments are those of C and Java, beside strings and characters, in which none begins.
var comments = regexp.MustCompile(`(?sm)//.*?$|/\*.*?\*/|'(?:\\.|[^\\'])*'|"(?:\\.|[^\\"])*"`)

func withoutComments(src []byte) Stripped {
	var s Stripped
	at := 0
	for _, m := range comments.FindAllIndex(src, -1) {
		if src[m[0]] != '/' {
			continue
		}
		s.add(src[at:m[0]], at)
		s.add([]byte{' '}, m[0])
		at = m[1]
	}
	s.add(src[at:], at)
	return s
}

// withoutEmptyLines drops lines of white space, also in strings, and the last line's end.
func (s Stripped) withoutEmptyLines() Stripped {
	var kept Stripped
	for start := 0; start <= len(s.Text); {
		end := start
		for end < len(s.Text) && s.Text[end] != '\n' {
			end++
		}
		if len(bytes.TrimSpace(s.Text[start:end])) > 0 {
			if len(kept.Text) > 0 {
				kept.add([]byte{'\n'}, s.original(start)-1)
			}
			kept.copyFrom(s, start, end)
		}
		start = end + 1
	}
	return kept
}

// copyFrom adds s.Text[start:end] with its pieces.
func (s *Stripped) copyFrom(from Stripped, start, end int) {
	for start < end {
		i := sort.Search(len(from.pieces), func(i int) bool { return from.pieces[i].at > start })
		stop := end
		if i < len(from.pieces) {
			stop = min(stop, from.pieces[i].at)
		}
		s.add(from.Text[start:stop], from.original(start))
		start = stop
	}
}
