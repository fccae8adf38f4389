package reward

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"sync"

	"hone/problem"
	"hone/source"
	"hone/source/check"
)

// Subject is a program that components look at.
type Subject struct {
	Problem *problem.Problem
	Verdict *problem.Verdict
	// Program is the whole program as the judge ran it: the code in the emitted text, with the
	// problem's prefix before it where the text was a completion.
	Program string
	// Text is what the model emitted, prose and fences included.
	Text string

	pieces []problem.Piece // where Program stands in Text
	tally  tally
	lines  func() *source.Lines
}

func newSubject(in Input) (*Subject, error) {
	switch {
	case in.Problem == nil || in.Verdict == nil:
		return nil, fmt.Errorf("%w: a problem and a verdict are needed", ErrNotScored)
	case in.Verdict.Passed == nil && in.Verdict.Verdict == problem.Infrastructure:
		return nil, fmt.Errorf("%s: %w: the judge had a fault of its own%s", in.Problem.TaskID, ErrNotScored, firstError(in.Verdict))
	case len(in.Verdict.Tests) == 0:
		return nil, fmt.Errorf("%s: %w: the verdict has no tests", in.Problem.TaskID, ErrNotScored)
	}
	l := in.Problem.Assemble(in.Form, in.Text)
	s := &Subject{Problem: in.Problem, Verdict: in.Verdict, Program: l.Code, Text: in.Text, pieces: l.Pieces}
	s.lines = sync.OnceValue(func() *source.Lines { return source.NewLines([]byte(s.Program)) })
	var err error
	s.tally, err = count(in.Problem, in.Verdict)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Problem.TaskID, err)
	}
	return s, nil
}

// firstError is what the judge said of its fault, behind a colon.
func firstError(v *problem.Verdict) string {
	for _, t := range v.Tests {
		if t.Error != "" {
			return ": " + t.Error
		}
	}
	return ""
}

// name is the subject's in messages.
func (s *Subject) name() string {
	return fmt.Sprintf("%s, sample %d", s.Problem.TaskID, s.Verdict.Sample)
}

// Lines maps places in Program to lines.
func (s *Subject) Lines() *source.Lines { return s.lines() }

// LineSpan is a line of Program, given from 1, from its first character that is no white
// space to its last; ok is false where there is no such line or nothing on it.
func (s *Subject) LineSpan(line int) (span source.Span, ok bool) {
	if line < 1 || line > s.Lines().Count() {
		return span, false
	}
	text := s.Lines().Text(line)
	start := s.Lines().Span(line).Start + len(text) - len(bytes.TrimLeft(text, " \t\f"))
	span = source.Span{Start: start, End: start + len(bytes.TrimSpace(text))}
	return span, span.Len() > 0
}

// Emitted reports whether the model wrote any byte of a span of Program. What stands in
// the prefix alone is none of its doing.
func (s *Subject) Emitted(span source.Span) bool { return len(s.marked([]source.Span{span})) > 0 }

// marked turns places in Program into places in Text.
func (s *Subject) marked(spans []source.Span) []source.Span {
	var out []source.Span
	for _, span := range spans {
		if span.Len() == 0 {
			out = append(out, s.between(span.Start)...)
			continue
		}
		out = append(out, s.written(span)...)
	}
	return out
}

// written are the ranges of Text that hold the bytes of a span of Program.
func (s *Subject) written(span source.Span) []source.Span {
	var out []source.Span
	for _, p := range s.pieces[s.piece(span.Start):] {
		if p.Code >= span.End {
			break
		}
		from, to := max(p.Code, span.Start), min(p.Code+p.Len, span.End)
		out = append(out, source.Span{Start: p.Text + from - p.Code, End: p.Text + to - p.Code})
	}
	return out
}

// between is the place in Text between two bytes of Program, one of which is in Text;
// behind the last byte that is, it is the end of that.
func (s *Subject) between(offset int) []source.Span {
	i := s.piece(offset - 1)
	if i == len(s.pieces) && i > 0 {
		i--
	}
	if i == len(s.pieces) || offset < s.pieces[i].Code {
		return nil
	}
	p := s.pieces[i]
	at := p.Text + min(offset-p.Code, p.Len)
	return []source.Span{{Start: at, End: at}}
}

// piece is the first piece that ends behind an offset of Program.
func (s *Subject) piece(offset int) int {
	return sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].Code+s.pieces[i].Len > offset })
}

// report is what package check says of the program by some rules, with the comments that
// would silence rules taken for plain ones: nobody silences his own judge.
func (s *Subject) report(selected, ignored []string) (*check.Report, error) {
	program := s.Program
	if strings.Contains(program, "nosec") {
		program = strings.ReplaceAll(program, "nosec", "nosek") // as long, so that places stay
	}
	r := check.File("program.py", []byte(program), check.Options{Select: selected, Ignore: ignored, Strict: true})
	if len(r.Faults) > 0 {
		return nil, fmt.Errorf("an analysis broke down, please report this: %s", r.Faults[0])
	}
	return &r, nil
}
