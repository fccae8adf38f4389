package python

import (
	"cmp"
	"fmt"
	"slices"

	"hone/source"
)

// SyntaxError says where a program is not Python, in CPython's words where they
// are known.
type SyntaxError struct {
	Span    source.Span
	Message string
	// Line and Column are those of Span.Start: from 1, and in bytes from 0.
	Line, Column int
}

// Error is the message after its place, both counted from 1.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column+1, e.Message)
}

// maxErrors is how many faults are told of a program at most.
const maxErrors = 100

const (
	invalidSyntax = "invalid syntax"
	// faultyToken stands for what the tokenizer says of a token.
	faultyToken = ""
)

// lineCounter knows the lines of a text once they are asked for.
type lineCounter struct {
	text  []byte
	lines *source.Lines
}

// line is the line, from 1, of a place in the text.
func (l *lineCounter) line(offset int) int {
	if l.lines == nil {
		l.lines = source.NewLines(l.text)
	}
	return l.lines.Line(offset)
}

// locate gives errors their lines and columns.
func locate(text []byte, errs []*SyntaxError) {
	if len(errs) == 0 {
		return
	}
	lines := source.NewLines(text)
	for _, e := range errs {
		p := lines.Position(e.Span.Start)
		e.Line, e.Column = p.Line, p.Column
	}
}

// worse is the fault that CPython would report: it reads on after a syntax error
// without explanation in search of a faulty token.
func worse(failed *SyntaxError, tokenErrs []*SyntaxError) *SyntaxError {
	switch {
	case failed == nil:
		return tokenErrs[0]
	case len(tokenErrs) == 0:
		return failed
	case tokenErrs[0].Span.Start <= failed.Span.Start || failed.Message == invalidSyntax || failed.Message == faultyToken:
		return tokenErrs[0]
	}
	return failed
}

// mergeErrors leaves out what a parser says of a place that the tokenizer has
// complained of already.
func mergeErrors(parser, tokenizer []*SyntaxError) []*SyntaxError {
	byStart := func(a, b *SyntaxError) int { return cmp.Compare(a.Span.Start, b.Span.Start) }
	slices.SortStableFunc(parser, byStart)
	slices.SortStableFunc(tokenizer, byStart)
	var merged []*SyntaxError
	for _, e := range parser {
		for len(tokenizer) > 0 && tokenizer[0].Span.Start <= e.Span.Start {
			merged = append(merged, tokenizer[0])
			tokenizer = tokenizer[1:]
		}
		n := len(merged)
		if e.Message != faultyToken && (n == 0 || e.Span.Start > merged[n-1].Span.End) {
			merged = append(merged, e)
		}
	}
	merged = append(merged, tokenizer...)
	return merged[:min(len(merged), maxErrors)]
}
