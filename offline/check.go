package offline

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"hone/problem"
	"hone/source/python"
)

// Options say what of a set is used.
type Options struct {
	// Group is how many programs of one problem are compared, at least 2.
	Group int
	// MostCorrect is how many correct programs of a problem are used at most, and how many
	// incorrect ones: easy problems have hundreds, which would drown the others. 0: all.
	MostCorrect int
	// SkipContradictions leaves programs out that have two verdicts; otherwise they are errors.
	SkipContradictions bool
	// KeepOneKind keeps problems of which all programs are correct or all incorrect, for rows
	// that others are put beside; no groups can be made of such a set.
	KeepOneKind bool
	Seed        uint64 // of which programs are used where there are too many, and of groups
}

// Issue is something that is wrong with rows. What is no error is left out of the set.
type Issue struct {
	Error   bool
	Rows    []string // "file:line (task)" of the rows, at most a few
	Message string
}

// String is the issue as a line.
func (i Issue) String() string {
	kind := "warning"
	if i.Error {
		kind = "error"
	}
	if len(i.Rows) == 0 {
		return kind + ": " + i.Message
	}
	return fmt.Sprintf("%s: %s: %s", kind, strings.Join(i.Rows, ", "), i.Message)
}

// Report is what a check found.
type Report struct {
	Rows, Problems  int // that were read
	Correct, Wrong  int // programs that are used
	Usable          int // problems with at least one of each
	Duplicates      int // rows left out: their program is there already
	OnlyOneKind     int // problems without a correct or without an incorrect program
	NotScored       int // rows whose verdict is a fault of the judge's
	TooMany         int // programs above Options.MostCorrect
	Contradictions  int // programs with two verdicts
	Inconsistencies int // problems in which an incorrect program has more reward than a correct one
	Issues          []Issue
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) {
	for _, l := range []struct {
		name string
		n    int
	}{
		{"rows", r.Rows},
		{"problems", r.Problems},
		{"problems used", r.Usable},
		{"correct programs used", r.Correct},
		{"incorrect programs used", r.Wrong},
		{"duplicates left out", r.Duplicates},
		{"not scored, left out", r.NotScored},
		{"problems of one kind only, left out", r.OnlyOneKind},
		{"programs above the most of a kind, left out", r.TooMany},
		{"programs with two verdicts", r.Contradictions},
		{"problems that reward an incorrect program more", r.Inconsistencies},
	} {
		fmt.Fprintf(w, "%8d  %s\n", l.n, l.name)
	}
	for _, i := range r.Issues {
		fmt.Fprintln(w, i)
	}
}

// Err is the errors of the report, nil if there are none.
func (r *Report) Err() error {
	var lines []string
	more := 0
	for _, i := range r.Issues {
		if i.Error && len(lines) < maxIssues {
			lines = append(lines, i.String())
		} else if i.Error {
			more++
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	if lines == nil {
		return nil
	}
	return fmt.Errorf("the offline rows cannot be used:\n  %s", strings.Join(lines, "\n  "))
}

// maxIssues bounds how many errors a message has, maxNamed how many rows an issue names.
const (
	maxIssues = 20
	maxNamed  = 4
)

func (r *Report) add(err bool, rows []Row, at []int, format string, args ...any) {
	i := Issue{Error: err, Message: fmt.Sprintf(format, args...)}
	for k, row := range at {
		if k == maxNamed {
			i.Rows = append(i.Rows, fmt.Sprintf("%d more", len(at)-k))
			break
		}
		i.Rows = append(i.Rows, rows[row].name())
	}
	r.Issues = append(r.Issues, i)
}

// Set is what of the rows is used.
type Set struct {
	Rows     []Row
	Problems []Problem
	o        Options
}

// Problem is the programs of one problem: numbers of rows, in their order.
type Problem struct {
	Correct, Wrong []int
}

// Check sorts rows by problem, leaves out what cannot be compared or is there twice, and
// reports it. The set is usable if the report's Err is nil.
func Check(rows []Row, o Options) (*Set, *Report) {
	s, r := &Set{Rows: rows, o: o}, &Report{Rows: len(rows)}
	if o.Group < 2 {
		r.add(true, rows, nil, "groups of %d: at least 2 programs are compared", o.Group)
		return s, r
	}
	type key struct{ benchmark, task string }
	byProblem := map[key][]int{}
	var order []key
	for i := range rows {
		k := key{rows[i].Benchmark, rows[i].TaskID}
		if byProblem[k] == nil {
			order = append(order, k)
		}
		byProblem[k] = append(byProblem[k], i)
	}
	var missing []int
	for i := range rows {
		if rows[i].Verdict == problem.MissingModule {
			missing = append(missing, i)
		}
	}
	if len(missing) > 0 {
		r.add(false, rows, missing, "imports a module that the judge's interpreter did not have, which counts as incorrect (hone judge --python names an interpreter that has it)")
	}
	r.Problems = len(order)
	for _, k := range order {
		if p, ok := s.problem(byProblem[k], r); ok {
			s.Problems = append(s.Problems, p)
			r.Correct += len(p.Correct)
			r.Wrong += len(p.Wrong)
			if len(p.Correct) > 0 && len(p.Wrong) > 0 {
				r.Usable++
			}
		}
	}
	if r.Usable == 0 && !o.KeepOneKind {
		r.add(true, rows, nil, "none of %d problems has both a correct and an incorrect program, so that there is nothing to compare (rows: %d)", r.Problems, r.Rows)
	}
	return s, r
}

// problem sorts the rows of one problem.
func (s *Set) problem(at []int, r *Report) (p Problem, ok bool) {
	rows := s.Rows
	for _, i := range at[1:] {
		if rows[i].Prompt != rows[at[0]].Prompt {
			r.add(true, rows, []int{at[0], i}, "one problem has two prompts: programs for different prompts cannot be compared (give each its own task_id)")
			return p, false
		}
	}
	scored := slices.DeleteFunc(slices.Clone(at), func(i int) bool { return rows[i].Verdict == problem.Infrastructure })
	r.NotScored += len(at) - len(scored)
	for _, i := range s.distinct(scored, r) {
		if rows[i].Correct() {
			p.Correct = append(p.Correct, i)
		} else {
			p.Wrong = append(p.Wrong, i)
		}
	}
	if len(p.Correct) == 0 || len(p.Wrong) == 0 {
		r.OnlyOneKind++
		what := "no program is correct"
		switch {
		case len(p.Correct)+len(p.Wrong) == 0:
			what = "no program is left"
		case len(p.Wrong) == 0:
			what = "no program is incorrect"
		}
		r.add(false, rows, at, "%s: there is nothing to compare", what)
		if !s.o.KeepOneKind {
			return p, false
		}
	} else {
		s.consistent(p, r)
	}
	p.Correct = s.some(p.Correct, r)
	p.Wrong = s.some(p.Wrong, r)
	return p, true
}

// distinct are the rows with different programs, the first of each.
func (s *Set) distinct(at []int, r *Report) []int {
	same := map[[sha256.Size]byte][]int{}
	var order [][sha256.Size]byte
	for _, i := range at {
		h := Hash(s.Rows[i].Prompt, s.Rows[i].Program)
		if same[h] == nil {
			order = append(order, h)
		}
		same[h] = append(same[h], i)
	}
	var out []int
	for _, h := range order {
		group := same[h]
		first := group[0]
		other := slices.IndexFunc(group, func(i int) bool { return s.Rows[i].Correct() != s.Rows[first].Correct() })
		if other >= 0 {
			r.Contradictions++
			r.add(!s.o.SkipContradictions, s.Rows, []int{first, group[other]},
				"the same program is %s and %s: its verdict cannot be trusted", s.Rows[first].Verdict, s.Rows[group[other]].Verdict)
			continue
		}
		r.Duplicates += len(group) - 1
		out = append(out, first)
	}
	return out
}

// Kept are the rows that are used, in their order.
func (s *Set) Kept() []Row {
	var at []int
	for _, p := range s.Problems {
		at = append(append(at, p.Correct...), p.Wrong...)
	}
	slices.Sort(at)
	out := make([]Row, len(at))
	for k, i := range at {
		out[k] = s.Rows[i]
	}
	return out
}

// Hash identifies a program by its syntax tree, alone or behind the prompt it continues;
// one that has none by its text.
func Hash(prompt, program string) [sha256.Size]byte {
	for _, text := range []string{program, prompt + program} {
		if m, err := python.Parse([]byte(text)); err == nil {
			return python.Hash(m, false)
		}
	}
	return sha256.Sum256([]byte(strings.TrimSpace(program)))
}

// consistent warns of rewards that contradict the verdicts.
func (s *Set) consistent(p Problem, r *Report) {
	reward := func(a, b int) int {
		switch d := s.Rows[a].Reward - s.Rows[b].Reward; {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	}
	worst, best := slices.MinFunc(p.Correct, reward), slices.MaxFunc(p.Wrong, reward)
	if reward(worst, best) <= 0 {
		r.Inconsistencies++
		r.add(false, s.Rows, []int{worst, best}, "a correct program has the reward %v, an incorrect one %v (both are used)", s.Rows[worst].Reward, s.Rows[best].Reward)
	}
}

// some draws MostCorrect of the rows, in their order.
func (s *Set) some(at []int, r *Report) []int {
	if s.o.MostCorrect <= 0 || len(at) <= s.o.MostCorrect {
		return at
	}
	r.TooMany += len(at) - s.o.MostCorrect
	rng := s.rng(0, uint64(at[0]))
	drawn := slices.Clone(at)
	rng.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	drawn = drawn[:s.o.MostCorrect]
	slices.Sort(drawn)
	return drawn
}
