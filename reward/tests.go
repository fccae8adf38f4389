package reward

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hone/problem"
	"hone/source"
	"hone/source/python"
)

// Values of a program by what its tests gave. The scale of the first three is that of
// CodeRL (Le et al. 2022, eq. 3); with the last one it is monotone by construction: more
// passing tests are always worth more, whatever the others did.
const (
	doesNotCompile = -1.0
	allEnded       = -0.6 // every test ended in an exception, a time-out or the like
	nonePassed     = -0.3
	allPassed      = 1.0
)

// tally is what the verdict says of all tests together.
type tally struct {
	total, passed int
	// credit is passed, or 0 if a mandatory test failed.
	credit int
	// ended are the tests that ended before they had a result.
	ended int
	// broken says that the program does not compile.
	broken bool
	// robot are the rows whose tests run in a simulator.
	robot []bool
}

func count(p *problem.Problem, v *problem.Verdict) (tally, error) {
	t := tally{total: len(v.Tests)}
	find := testsByName(p)
	worthless := false
	for i, row := range v.Tests {
		switch row.Verdict {
		case problem.Pass:
			t.passed++
		case problem.WrongAnswer:
		case problem.Infrastructure, "":
			return t, fmt.Errorf("%w: test %q was not judged: %s", ErrNotScored, row.Name, row.Error)
		case problem.SyntaxError:
			t.broken = true
			t.ended++
		default:
			t.ended++
		}
		test := find(row.Name)
		if test == nil {
			continue
		}
		worthless = worthless || test.Visibility == problem.Mandatory && row.Verdict != problem.Pass
		if test.Kind == problem.KindRobot {
			if t.robot == nil {
				t.robot = make([]bool, len(v.Tests))
			}
			t.robot[i] = true
		}
	}
	if !worthless {
		t.credit = t.passed
	}
	return t, nil
}

// testsByName finds the test that a row of a verdict is of: rows have the test's name, with
// "[0]" or ":12" behind it for the parts of one; those of a unittest module have the names
// of its methods.
func testsByName(p *problem.Problem) func(string) *problem.Test {
	named := map[string]*problem.Test{}
	var module *problem.Test
	special := false
	for i := range p.Tests {
		t := &p.Tests[i]
		named[t.Name] = t
		special = special || t.Visibility == problem.Mandatory || t.Kind == problem.KindRobot
		if t.Kind == problem.KindUnittest && (module == nil || t.Visibility == problem.Mandatory) {
			module = t
		}
	}
	if !special {
		return func(string) *problem.Test { return nil }
	}
	return func(name string) *problem.Test {
		if t := named[name]; t != nil {
			return t
		}
		if i := strings.LastIndexAny(name, "[:"); i > 0 && named[name[:i]] != nil {
			return named[name[:i]]
		}
		return module
	}
}

// scoreSyntax is 1 for a program that compiles and 0 for one that does not.
func scoreSyntax(_ context.Context, s *Subject) (Score, error) {
	if !s.tally.broken {
		return Score{Value: 1}, nil
	}
	m := s.broken()
	return Score{Marks: []Mark{m}, Note: m.Why}, nil
}

// broken marks a syntax error, with amount −1.
func (s *Subject) broken() Mark {
	row := s.Verdict.Tests[slices.IndexFunc(s.Verdict.Tests, func(t problem.TestResult) bool { return t.Verdict == problem.SyntaxError })]
	why := "does not compile"
	if row.Error != "" {
		why += ": " + brief(row.Error)
	}
	return Mark{s.place(row), doesNotCompile, why}
}

// scoreTests is the functional correctness of a program. Each failing test has an equal
// part of what is lost.
func scoreTests(_ context.Context, s *Subject) (Score, error) {
	t := s.tally
	v := Score{Note: fmt.Sprintf("%d of %d tests passed", t.passed, t.total)}
	lost := 0.0 // by each failing test
	switch failed := float64(t.total - t.passed); {
	case t.broken:
		m := s.broken()
		return Score{Value: doesNotCompile, Marks: []Mark{m}, Note: m.Why}, nil
	case t.credit > 0:
		v.Value = nonePassed + (allPassed-nonePassed)*(float64(t.credit)/float64(t.total)) // in this order: exactly allPassed for all
		lost = nonePassed / float64(t.total)
	case t.ended == t.total:
		v.Value = allEnded
		lost = allEnded / failed
	default:
		v.Value = nonePassed
		lost = nonePassed / failed
	}
	if t.credit < t.passed {
		v.Note += ", but not one that is mandatory"
	}
	v.Marks = s.failures(s.failing(), lost)
	return v, nil
}

// scoreSolved is 1 for a program that passes all tests and 0 for every other: what pass@1 counts.
// Each failing test has an equal part of what is lost.
func scoreSolved(_ context.Context, s *Subject) (Score, error) {
	failing := s.failing()
	v := Score{Note: fmt.Sprintf("%d of %d tests passed", s.tally.passed, s.tally.total)}
	switch {
	case s.tally.broken:
		v.Marks = []Mark{s.broken()}
	case len(failing) > 0:
		v.Marks = s.failures(failing, -1/float64(len(failing)))
	default:
		v.Value = 1
	}
	return v, nil
}

// scoreSimulator is the share of a robot program's runs that came to their end without an
// error of Python or of the robot, whatever came of them.
func scoreSimulator(_ context.Context, s *Subject) (Score, error) {
	var failed []problem.TestResult
	runs := 0
	for i, row := range s.Verdict.Tests {
		if s.tally.robot == nil || !s.tally.robot[i] {
			continue
		}
		runs++
		if row.Verdict != problem.Pass && row.Verdict != problem.WrongAnswer {
			failed = append(failed, row)
		}
	}
	if runs == 0 {
		return Score{Absent: true, Note: "no test runs in a simulator"}, nil
	}
	return Score{
		Value: 1 - float64(len(failed))/float64(runs),
		Marks: s.failures(failed, -1/float64(runs)),
		Note:  fmt.Sprintf("%d of %d runs came to their end", runs-len(failed), runs),
	}, nil
}

// failing are the rows that did not pass.
func (s *Subject) failing() []problem.TestResult {
	return slices.DeleteFunc(slices.Clone(s.Verdict.Tests), func(t problem.TestResult) bool { return t.Verdict == problem.Pass })
}

// failures marks failed tests, those of one cause and place together; each loses lost.
func (s *Subject) failures(rows []problem.TestResult, lost float64) []Mark {
	type cause struct {
		outcome problem.Outcome
		place   string
	}
	type group struct {
		first problem.TestResult
		n     int
	}
	var order []*group
	groups := map[cause]*group{}
	for _, row := range rows {
		c := cause{row.Verdict, fmt.Sprint(row.Line, row.Lines)}
		g := groups[c]
		if g == nil {
			g = &group{first: row}
			groups[c] = g
			order = append(order, g)
		}
		g.n++
	}
	var marks []Mark
	for _, g := range order {
		marks = append(marks, Mark{s.place(g.first), lost * float64(g.n), explain(g.first, g.n)})
	}
	return marks
}

// explain says in a line what happened in n tests of which row is the first.
func explain(row problem.TestResult, n int) string {
	why := strings.ReplaceAll(string(row.Verdict), "_", " ")
	switch {
	case row.Verdict == problem.WrongAnswer && row.Expected != "":
		why += fmt.Sprintf(": got %s, expected %s", brief(row.Got), brief(row.Expected))
	case row.Error != "":
		why += ": " + brief(row.Error)
	}
	if n > 1 {
		return fmt.Sprintf("%d tests, first %q: %s", n, row.Name, why)
	}
	return fmt.Sprintf("test %q: %s", row.Name, why)
}

// brief is the beginning of a text on one line.
func brief(text string) string {
	const most = 120
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// place is where in the program a test failed: what cannot be compiled and all that
// follows; the lines that ran to a wrong answer; the line that raised, or called what
// failed. It is empty where the verdict does not say.
func (s *Subject) place(row problem.TestResult) []source.Span {
	switch {
	case row.Verdict == problem.SyntaxError:
		return s.brokenFrom(row.Line)
	case len(row.Lines) > 0:
		var spans []source.Span
		for _, l := range row.Lines {
			if span, ok := s.LineSpan(l); ok {
				spans = append(spans, span)
			}
		}
		return spans
	}
	if span, ok := s.LineSpan(row.Line); ok {
		return []source.Span{span}
	}
	return nil
}

// brokenFrom is the rest of a program from a syntax error on. CPython said in which line
// that is; where in the line, our parser says if it agrees.
func (s *Subject) brokenFrom(line int) []source.Span {
	start := -1
	if line > 0 && line <= s.Lines().Count() {
		start = s.Lines().Span(line).Start
	}
	_, err := python.Parse([]byte(s.Program))
	var e *python.SyntaxError
	if errors.As(err, &e) && (line <= 0 || e.Line == line) {
		const mark = "\ufeff" // which the parser leaves out
		start = min(e.Span.Start+len(s.Program)-len(strings.TrimPrefix(s.Program, mark)), len(s.Program))
	}
	if start < 0 {
		return nil
	}
	return []source.Span{{Start: start, End: len(s.Program)}}
}
